"""The commands of `cx`. What takes time to import is imported inside the command that needs it."""

from __future__ import annotations

import gc
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

import typer

from cxlib.cli import actions, batch, compare, doctor, keeping, new
from cxlib.cli.console import StageLines, Told, answering, say_json, say_wrong
from cxlib.errors import WRONG_PARAMETERS, ParamsError, Problem, SeveralErrors

app = typer.Typer(
    name="cx",
    help="Which factors go with customers' referral and loyalty, and what was done about them.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

app.add_typer(actions.app, name="action")
app.command()(doctor.doctor)
app.command("draw")(actions.draw)
app.command("compare")(compare.compare)
batch.mount(app)
keeping.mount(app)
new.mount(app)

Client = Annotated[str, typer.Argument(metavar="CLIENT", help="A name below ./params, or a path to a client's folder.")]
Outputs = Annotated[Path, typer.Option("--outputs", help="Where runs are.", file_okay=False)]
Json = Annotated[bool, typer.Option("--json", help="One JSON object on stdout, for scripts.")]
Language = Annotated[str, typer.Option("--language", help="Language of what was found: en or vi.")]
OUTPUTS = Path("outputs")


@app.command()
def check(client: Client, outputs: Outputs = OUTPUTS, as_json: Json = False) -> None:
    """Name every problem of parameters, data and actions at once; nothing is run."""
    with answering("check", as_json=as_json, outputs=outputs) as answer:
        folder = _checked(client)
        name = folder.resolve().name

        from cxlib.check import check_history
        from cxlib.cli.action_lines import note_lines
        from cxlib.runs.run import seen_history

        changed = note_lines(check_history(folder, seen_history(outputs / name)).notes)
        open_lines, open_guesses = new.to_confirm(folder)
        answer.fields = {"client": name, "problems": [], "history_changed": changed, "to_confirm": open_guesses}
        answer.lines = [f"{name}: parameters, data and actions are all right.", *changed, *open_lines]


@app.command()
def run(
    client: Client,
    from_stage: Annotated[
        str | None,
        typer.Option("--from", metavar="STAGE", help="Run clean, drivers, change or findings anew, and all after it."),
    ] = None,
    only: Annotated[
        str | None,
        typer.Option(
            "--only", metavar="STAGE", help="Run this stage anew and no other; pages keep the last whole run."
        ),
    ] = None,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Run every stage anew, also where nothing has changed.")
    ] = False,
    changes: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="One setting for this run only, such as analysis.q=0.1."),
    ] = None,
    outputs: Outputs = OUTPUTS,
    language: Language = "en",
    as_json: Json = False,
) -> None:
    """Run a client from its survey to its pages, and say what was found."""
    with answering("run", as_json=as_json, outputs=outputs) as answer:
        _one_of_two(language)
        wanted = _changes(changes or [])
        began = time.monotonic()

        from cxlib.runs.ahead import warm_up_for_the_first_run
        from cxlib.runs.clients import find_client

        folder = find_client(client)
        warm_up_for_the_first_run(folder, outputs)

        from cxlib.runs.run import run_client
        from cxlib.runs.telling import stage_lines, what_happened

        lines = StageLines()
        try:
            done = run_client(
                folder,
                outputs=outputs,
                changes=wanted,
                from_stage=from_stage,
                only=only,
                fresh=fresh,
                check=lambda survey: _check_apart(folder, survey=survey),
                progress=lines,
            )
        finally:
            lines.close()
        changed, unsealed = _history(done.folder)
        name = done.params.client
        happened = what_happened(done.folder, made=lines.made, seconds=time.monotonic() - began)
        fields = {
            "client": name,
            "run": done.folder.name,
            "folder": str(done.folder),
            "fingerprint": done.fingerprint,
            "new": lines.made,
            "stages": stage_lines(done.folder),
            "seconds": round(time.monotonic() - began, 2),
            "happened": happened,
            "history_changed": changed,
            "not_sealed": unsealed,
        }
        if done.partial:
            answer.lines, answer.fields = ["", happened, *changed, *unsealed], fields
            return

        from cxlib.runs.summary import plain_words

        document = done.findings()
        found = plain_words(document, language)
        answer.lines = ["", *found, "", *changed, *unsealed, happened, _how_to_see(name, client, outputs)]
        answer.fields = fields | {
            "findings": len(document.findings),
            "loop": document.loop.model_dump(mode="json"),
            "found": found,
        }


@app.command()
def view(
    client: Client,
    outputs: Outputs = OUTPUTS,
    port: Annotated[int, typer.Option("--port", help="0 takes a free one.", min=0, max=65535)] = 0,
    open_browser: Annotated[bool, typer.Option("--open", help="Open the page in the browser.")] = False,
    as_json: Json = False,
) -> None:
    """Show the pages of the client's latest run on this machine alone; Ctrl+C ends it."""
    with answering("view", as_json=as_json, outputs=outputs) as answer:
        from cxlib.runs.listing import shown_run

        folder = shown_run(outputs, client)

        from cxlib.views import serve

        def announce(address: str) -> None:
            if as_json:
                say_json("view", {"run": folder.name, "address": address})
            else:
                print(f"{address}\nOpen this address on this machine. Ctrl+C ends it.", flush=True)

        with suppress(KeyboardInterrupt):  # the way to end it
            serve(folder, port=port, open_browser=open_browser, announce=announce)
        answer.said = True


@app.command()
def publish(
    client: Client,
    to: Annotated[Path, typer.Option("--to", metavar="DIR", help="Where the files go.", file_okay=False)],
    outputs: Outputs = OUTPUTS,
    as_json: Json = False,
) -> None:
    """Write the pages of the client's latest run as files that need no server."""
    with answering("publish", as_json=as_json, outputs=outputs) as answer:
        from cxlib.runs.listing import shown_run

        folder = shown_run(outputs, client)

        import cxlib.views

        files = [str(path) for path in cxlib.views.publish(folder, to)]
        live = [page.file for page in cxlib.views.live_pages(folder)]
        left = [f"Not published, since they need a kernel (cx view shows them): {', '.join(live)}"] if live else []
        answer.lines = [*files, f"{len(files)} files in {to}", *left]
        answer.fields = {"run": folder.name, "to": str(to), "files": files, "live": live}


def _checked(client: str) -> Path:
    """The client's folder, once nothing in it is wrong."""
    from cxlib.runs.clients import find_client

    folder = find_client(client)

    from cxlib.check import check_client

    errors = check_client(folder)
    if errors:
        raise SeveralErrors(errors)
    return folder


def _check_apart(folder: Path, *, survey: bool) -> None:
    from cxlib.runs.checking import check_apart

    errors = check_apart(folder, survey=survey)
    if errors:
        raise SeveralErrors(errors)


def _history(run: Path) -> tuple[list[str], list[str]]:
    """What a run noticed of the log's past, and why it could not write that down."""
    from cxlib.actions.chain import RUN_FILE, HistoryNotes
    from cxlib.cli.action_lines import note_lines
    from cxlib.runs.places import read_json

    history = HistoryNotes.from_dict(read_json(run / RUN_FILE))
    return note_lines(history.notes), [history.unsealed] if history.unsealed else []


def _changes(words: list[str]) -> dict[str, Any]:
    """KEY=VALUE words as values, read as YAML would."""
    import yaml

    changes, problems = {}, []
    for word in words:
        key, equals, text = word.partition("=")
        if not equals or not key.strip():
            problems.append(Problem(f"'{word}' is no KEY=VALUE.", "--set", "write for instance --set analysis.q=0.1"))
            continue
        try:
            changes[key.strip()] = yaml.safe_load(text)
        except yaml.YAMLError:
            problems.append(Problem("The value is not YAML.", f"--set {key}", "quote it if it is a text"))
    if problems:
        raise ParamsError(problems)
    return changes


def _one_of_two(language: str) -> None:
    if language not in ("en", "vi"):
        raise ParamsError(f"There is no language '{language}' here.", "--language", "write en or vi")


def _how_to_see(name: str, client: str, outputs: Path) -> str:
    elsewhere = "" if outputs == OUTPUTS else f" --outputs {outputs}"
    typed = f"cx view {name}{elsewhere}"
    if elsewhere or client != name or not Path("Makefile").is_file():
        return f"See the pages: {typed}"
    return f"See the pages: make view{'' if name == 'demo' else f' CLIENT={name}'}   (or: {typed})"


def main() -> None:
    """The entry point of `cx`."""
    # A command imports for a good part of its time, and what is imported stays: looking through it every 700 objects
    # takes a tenth of that time and finds nothing.
    gc.set_threshold(50_000, 20, 50)
    try:
        app()
    except Told:
        raise
    except SystemExit as end:
        if end.code == WRONG_PARAMETERS and "--json" in sys.argv:  # the command line itself was not understood
            say_wrong(None, [Problem("The command is not understood.", "see stderr", "cx --help")], WRONG_PARAMETERS)
        raise
    finally:
        gc.freeze()  # the process ends: everything is given back at once, and need not be looked through first
