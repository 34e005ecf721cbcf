"""`cx batch` and `cx grid`: many runs at once, on this machine or on a cluster."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cxlib.cli.console import Answer, Told, answering, say_json
from cxlib.errors import CxError, ParamsError

if TYPE_CHECKING:
    from cxlib.batch.batch import Event
    from cxlib.batch.grid import Cell
    from cxlib.batch.record import BatchRecord, Line

Outputs = Annotated[
    str, typer.Option("--outputs", metavar="DIR", help="Where runs go: a folder, or an address such as s3://...")
]
Scheduler = Annotated[
    str | None,
    typer.Option("--scheduler", metavar="ADDRESS", help="tcp://host:port or tls://host:port of a dask scheduler."),
]
Workers = Annotated[
    int | None, typer.Option("--workers", metavar="N", help="Processes on this machine, without --scheduler.", min=1)
]
Json = Annotated[bool, typer.Option("--json", help="One JSON object on stdout, for scripts.")]
Language = Annotated[str, typer.Option("--language", help="Language of the summary page shown first: en or vi.")]
OUTPUTS = "outputs"


def batch(
    clients: Annotated[
        list[str] | None,
        typer.Argument(metavar="[CLIENT ...]", help="Names below ./params, folders, or addresses such as s3://..."),
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Every client below ./params.")] = False,
    resume: Annotated[
        str | None, typer.Option("--resume", metavar="ID", help="Take up a batch again; what is done is kept.")
    ] = None,
    changes: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="One setting for all of them, for this batch only."),
    ] = None,
    scheduler: Scheduler = None,
    workers: Workers = None,
    outputs: Outputs = OUTPUTS,
    language: Language = "vi",
    as_json: Json = False,
) -> None:
    """Run many clients; one that fails leaves the others as they are."""
    with answering("batch", as_json=as_json, outputs=_faults(outputs)) as answer:
        _one_of_two(language)
        from cxlib.batch.batch import lines_of
        from cxlib.batch.record import BatchRecord

        if resume is not None:
            if clients or every or changes:
                raise ParamsError(
                    "A batch is taken up again as it was asked for.", "--resume", "leave out clients, --all and --set"
                )
            record = BatchRecord.read(outputs, resume)
        else:
            lines = lines_of(_sources(clients or [], every), _one_each(changes or []))
            record = BatchRecord.begin("batch", outputs, lines)
        _run(answer, record, scheduler, workers, language, as_json)


def grid(
    client: Annotated[str, typer.Argument(metavar="CLIENT", help="A name below ./params, a folder, or an address.")],
    varied: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=A,B", help="A setting and its values, such as analysis.q=0.05,0.1."),
    ] = None,
    made_latest: Annotated[
        list[str] | None,
        typer.Option("--latest", metavar="KEY=A", help="Make the combination with this value the client's latest run."),
    ] = None,
    scheduler: Scheduler = None,
    workers: Workers = None,
    outputs: Outputs = OUTPUTS,
    language: Language = "vi",
    as_json: Json = False,
) -> None:
    """Run a client with every combination of some settings, and show what that changes in the findings."""
    with answering("grid", as_json=as_json, outputs=_faults(outputs)) as answer:
        _one_of_two(language)
        from cxlib.batch.batch import lines_of
        from cxlib.batch.grid import combinations, lines_of_grid, read_settings
        from cxlib.batch.record import BatchRecord

        wanted = combinations(read_settings(varied or []))
        chosen = _one_each(made_latest, "--latest") if made_latest else None
        (only,) = lines_of(_sources([client], False), {})
        record = BatchRecord.begin("grid", outputs, lines_of_grid(only.client, only.source, wanted, chosen))
        _run(answer, record, scheduler, workers, language, as_json)


def _run(
    answer: Answer, record: BatchRecord, scheduler: str | None, workers: int | None, language: str, as_json: bool
) -> None:
    from cxlib.batch.batch import run_batch
    from cxlib.batch.stores import is_address

    home = None if is_address(record.outputs) else Path(record.outputs)
    pages: dict[str, str] = {}

    def publish(line: Line, run: Path | None) -> None:
        """The pages of a done run, beside the summary that links to them."""
        if home is None or run is None or record.kind == "grid" or not (run / "findings.json").is_file():
            return
        from cxlib.views import publish as write_pages

        folder = home / ".batches" / record.batch / line.client
        try:
            write_pages(run, folder)
        except (CxError, OSError):  # the run itself is whole; its pages are seen with cx view
            return
        pages[line.key] = line.client

    with Progress(record, scheduler) as progress:
        try:
            run_batch(record, scheduler=scheduler, workers=workers, tell=progress, ended=publish)
        except KeyboardInterrupt:
            print(f"What is done is kept; take it up again: {_again(record)}", file=sys.stderr)
            raise
        finally:
            page = _write_page(record, pages, language, home)
    rows = _table(record) if record.kind == "grid" else None
    fields = _fields(record, page, rows)
    lines = [*(rows[1] if rows else []), *_told(record, page)]
    code = next((line.exit_code or 1 for line in record.lines if line.state == "failed"), 0)
    if code == 0:
        answer.fields, answer.lines = fields, lines
        return
    answer.said = True
    if as_json:
        say_json(record.kind, {"ok": False, "exit_code": code, **fields})
    else:
        print(*lines, sep="\n")
    raise Told(code)


def _write_page(record: BatchRecord, pages: Mapping[str, str], language: str, home: Path | None) -> str:
    """The summary page; where it is."""
    from cxlib.batch.summary import render_summary, write_summary

    text = render_summary(record, pages, language=language, again=_again(record))
    if home is None:
        from cxlib.batch.stores import Store, shown

        where = f"{shown(record.outputs)}/.batches/{record.batch}/index.html"
        try:
            Store(record.outputs).write(f".batches/{record.batch}/index.html", text.encode())
        except (CxError, OSError):  # what went wrong with the batch is told, and not hidden by this
            return f"no page: {where} cannot be written"
        return where
    path = home / ".batches" / record.batch / "index.html"
    try:
        write_summary(path, text)
    except OSError as error:
        return f"no page: {path} cannot be written ({error.strerror})"
    return str(path)


def _again(record: BatchRecord) -> str:
    if record.status == "done":
        return ""
    elsewhere = "" if record.outputs == OUTPUTS else f" --outputs {record.outputs}"
    return f"cx batch --resume {record.batch}{elsewhere}"


def _table(record: BatchRecord) -> tuple[dict[str, Any], list[str]]:
    """What changed in the findings between the runs of a grid, for scripts and for a terminal."""
    from cxlib.batch.grid import as_fields, compare_runs, told_settings

    done = [line for line in record.lines if line.state == "done"]
    rows, same = compare_runs(done)
    number = {line.key: line.key.rsplit("#", 1)[-1] for line in done}
    told = [f"{number[line.key]:>3}  {line.run}  {told_settings(line.changes)}" for line in done]
    if not rows:
        found = f"All findings ({same}) are the same in all {len(done)} runs." if same else "No run has a finding."
        told.append(found if len(done) > 1 else "Findings can be compared once two runs are done.")
        return as_fields(rows, same), told
    width = max(len(row.finding) for row in rows)
    told += ["", f"{'':<{width}}  " + "  ".join(f"{number[line.key]:>14}" for line in done) + "  differs in"]
    for row in rows:
        cells = [_cell(cell) for cell in row.cells]
        told.append(
            f"{row.finding:<{width}}  " + "  ".join(f"{cell:>14}" for cell in cells) + f"  {', '.join(row.what)}"
        )
    told.append("* a finding; then its grade, the sign of the association (0: its interval holds zero), its estimate.")
    told.append(f"{same} further findings are the same in all runs.")
    return as_fields(rows, same), told


def _cell(cell: Cell | None) -> str:
    if cell is None:
        return "-"
    estimate = "" if cell.estimate is None else f"{cell.estimate:.2f}"
    return f"{'*' if cell.found else ' '} {cell.grade or '-'} {cell.sign} {estimate}"


def _fields(record: BatchRecord, page: str, table: tuple[dict[str, Any], list[str]] | None) -> dict[str, Any]:
    told = record.as_dict()
    for line in told["lines"]:
        line.pop("facts")
    return told | {"page": page} | ({"table": table[0]} if table else {})


def _told(record: BatchRecord, page: str) -> list[str]:
    counts = record.count()
    left = counts["waiting"] + counts["running"]
    said = [
        f"{counts['done']} of {len(record.lines)} done" + (f", {counts['failed']} failed" if counts["failed"] else "")
    ]
    said[0] += f", {left} not run." if left else "."
    said.append(f"Summary: {page}")
    if record.status != "done":
        said.append(f"Take it up again: {_again(record)}")
    return ["", *said]


def mount(app: typer.Typer) -> None:
    """Give `cx` these commands."""
    app.command("batch")(batch)
    app.command("grid")(grid)


class Progress:
    """All runs of a batch: a bar and a line for each that is going on; plain lines where nobody watches."""

    def __init__(self, record: BatchRecord, scheduler: str | None = None) -> None:
        from rich.console import Console

        self._scheduler = scheduler
        self._console = Console(stderr=True, highlight=False, soft_wrap=True)
        self._record, self._ended, self._live = record, 0, None
        self._tasks: dict[str, Any] = {}

    def __enter__(self) -> Progress:
        if self._scheduler is not None:  # one that is not there is waited for half a minute
            self._say(f"Looking for the workers of {self._scheduler} ...")
        if self._console.is_terminal:
            from rich import progress as shown

            self._live = shown.Progress(
                shown.TextColumn("{task.description}", markup=False),
                shown.BarColumn(bar_width=24),
                shown.TextColumn("{task.fields[note]}", markup=False),
                shown.TimeElapsedColumn(),
                console=self._console,
                transient=True,
            )
            self._all = self._live.add_task("all", total=len(self._record.lines), note="")
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._live is not None:
            self._live.stop()

    def __call__(self, event: Event) -> None:
        line = event.line
        if event.state in ("done", "failed", "kept"):
            self._ended += 1
            place = f"{self._ended}/{len(self._record.lines)}"
            word = {"kept": "done before, nothing has changed"}.get(event.state, event.state)
            seconds = f"{line.seconds:7.1f} s" if line.seconds and event.state != "kept" else ""
            self._say(f"{place:<8} {line.key:<24} {word} {seconds}".rstrip())
            for problem in line.problems if event.state == "failed" else []:
                self._say("\n".join(f"         {text}" for text in _problem_lines(problem)))
        elif event.state == "again":
            self._say(f"{'':<8} {line.key:<24} its worker died; begun again ({line.begun})")
        if self._live is not None:
            self._show(event)

    def _say(self, text: str) -> None:
        self._console.print(text, markup=False)

    def _show(self, event: Event) -> None:
        live, key = self._live, event.line.key
        assert live is not None
        live.update(self._all, completed=self._ended)
        if event.state in ("begun", "again") and key not in self._tasks:
            self._tasks[key] = live.add_task(key, total=None, note="")
        elif event.state == "stage" and key in self._tasks:
            number, _, of = event.stage.split(" ")[0].partition("/")
            live.update(self._tasks[key], total=int(of), completed=int(number) - 1, note=event.stage)
        elif event.state in ("done", "failed") and key in self._tasks:
            live.remove_task(self._tasks.pop(key))


def _problem_lines(problem: Mapping[str, str]) -> list[str]:
    lines = [problem["what"]]
    lines += [f"where: {problem['where']}"] if problem.get("where") else []
    return lines + ([f"mend:  {problem['how']}"] if problem.get("how") else [])


def _sources(names: Sequence[str], every: bool) -> list[str]:
    """The folders or addresses of the named clients; all unknown names are told at once."""
    from cxlib.batch.stores import is_address
    from cxlib.runs.clients import find_client, known_clients

    if every and names:
        raise ParamsError("Either --all or names of clients, not both.", "cx batch", "leave one of the two out")
    if every:
        names = known_clients()
        if not names:
            raise ParamsError("There is no client below ./params.", "--all", "run cx in the project's folder")
    found, problems = [], []
    for name in names:
        try:
            found.append(name if is_address(name) else str(find_client(name)))
        except ParamsError as error:
            problems += error.problems
    if problems:
        raise ParamsError(problems)
    return found


def _one_each(words: Sequence[str], option: str = "--set") -> dict[str, Any]:
    """KEY=VALUE words with one value each."""
    from cxlib.batch.grid import read_settings

    settings = read_settings(words, option)
    for key, values in settings.items():
        if len(values) != 1:
            raise ParamsError(
                f"'{key}' has {len(values)} values.", option, "give one; several are tried with: cx grid CLIENT"
            )
    return {key: values[0] for key, values in settings.items()}


def _faults(outputs: str) -> Path:
    """Where the trace of a fault of the workbench goes: beside the runs, or here when these are in a store."""
    return Path(OUTPUTS if "://" in outputs else outputs)


def _one_of_two(language: str) -> None:
    if language not in ("en", "vi"):
        raise ParamsError(f"There is no language '{language}' here.", "--language", "write en or vi")
