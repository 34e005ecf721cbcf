"""`cx action` and `cx draw`: the documented actions, written and shown."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cxlib.cli import fields as typed
from cxlib.cli.console import answering
from cxlib.errors import ParamsError, Problem

if TYPE_CHECKING:
    from cxlib.actions.records import ActionRecord
    from cxlib.params import Params

OUTPUTS = Path("outputs")

app = typer.Typer(
    help="The documented actions: add, update, stop, list. The log only grows; nothing in it is changed.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

Client = Annotated[str, typer.Argument(metavar="CLIENT", help="A name below ./params, or a path to a client's folder.")]
Action = Annotated[str, typer.Argument(metavar="ACTION", help="Its id, such as A1; `cx action list` shows them.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON object on stdout, for scripts.")]
FromJson = Annotated[
    Path | None,
    typer.Option(
        "--from-json",
        metavar="FILE",
        help="Fields as a JSON object; - reads stdin. What is typed as an option counts more.",
    ),
]


@app.command("add")
@typed.with_fields
def add(
    client: Client,
    fields: dict[str, Any],
    action: Annotated[str | None, typer.Option("--id", metavar="ID", help="The next free one if left out.")] = None,
    from_json: FromJson = None,
    as_json: Json = False,
) -> None:
    """Put a new action into the log; what is missing is asked for on a terminal."""
    with answering("action add", as_json=as_json, outputs=OUTPUTS) as answer:
        params, folder = _client(client)

        from cxlib.actions.write import HOW, add_action, as_cells, missing_fields

        wanted = typed.read_json_fields(from_json) | fields | ({} if action is None else {"id": action})
        if typed.on_terminal() and not as_json:
            wanted |= typed.ask(missing_fields(as_cells(wanted)[0]), HOW)
        record = _written(lambda: add_action(params, folder, wanted, date.today()))
        answer.lines = [f"{record.id} is in the log, {record.status}."]
        answer.fields = _told(params, record)


@app.command("update")
@typed.with_fields
def update(
    client: Client, action: Action, fields: dict[str, Any], from_json: FromJson = None, as_json: Json = False
) -> None:
    """Put a further record of an action into the log: its last one, with what is given here changed."""
    with answering("action update", as_json=as_json, outputs=OUTPUTS) as answer:
        params, folder = _client(client)

        from cxlib.actions.write import update_action

        wanted = typed.read_json_fields(from_json) | fields
        record = _written(lambda: update_action(params, folder, action, wanted, date.today()))
        answer.lines = [f"{record.id} is {record.status} as of {record.recorded_on}."]
        answer.fields = _told(params, record)


@app.command("stop")
def stop(
    client: Client,
    action: Action,
    because: Annotated[str | None, typer.Option("--because", metavar="TEXT", help="Why, in one sentence.")] = None,
    because_vi: Annotated[str | None, typer.Option("--because-vi", metavar="TEXT", help="In Vietnamese.")] = None,
    because_en: Annotated[str | None, typer.Option("--because-en", metavar="TEXT", help="In English.")] = None,
    as_json: Json = False,
) -> None:
    """Put into the log that an action was stopped, and why."""
    with answering("action stop", as_json=as_json, outputs=OUTPUTS) as answer:
        params, folder = _client(client)

        from cxlib.actions.write import update_action

        if not (because or because_vi or because_en) and typed.on_terminal() and not as_json:
            because = typer.prompt("Why was it stopped?", default="", show_default=False, err=True)
        if not any(text and text.strip() for text in (because, because_vi, because_en)):
            raise ParamsError("The reason is missing.", "--because", "say in one sentence why it was stopped")
        texts = {"stopped_because": because, "stopped_because_vi": because_vi, "stopped_because_en": because_en}
        wanted = {"status": "stopped"} | {name: text or "" for name, text in texts.items()}
        record = _written(lambda: update_action(params, folder, action, wanted, date.today()))
        answer.lines = [f"{record.id} is stopped as of {record.recorded_on}."]
        answer.fields = _told(params, record)


@app.command("list")
def list_actions(
    client: Client,
    action: Annotated[str | None, typer.Argument(metavar="[ACTION]", help="Only this one.")] = None,
    language: Annotated[str, typer.Option("--language", help="Language of the texts: en or vi.")] = "en",
    as_json: Json = False,
) -> None:
    """Show the state of every action, what each of its records changed, and what was done to the log itself."""
    with answering("action list", as_json=as_json, outputs=OUTPUTS) as answer:
        if language not in ("en", "vi"):
            raise ParamsError(f"There is no language '{language}' here.", "--language", "write en or vi")
        params, folder = _client(client)

        from cxlib.actions.chain import read_notes
        from cxlib.actions.write import log_path, read_log_table
        from cxlib.cli.action_lines import action_lines, note_lines, states

        log, table = read_log_table(params, folder)
        found = states(log, table, action)
        notes = read_notes(params, folder).notes if log_path(params, folder).exists() else ()
        answer.lines = [*action_lines(found, language), *note_lines(notes)]
        answer.fields = {
            "client": params.client,
            "actions": [state.as_dict() for state in found],
            "history_changed": [{"kind": note.kind, "action": note.action, "seen_on": note.seen_on} for note in notes],
        }


def draw(
    client: Client,
    action: Action,
    units: Annotated[
        int | None, typer.Option("--units", metavar="N", help="How many; half of them if left out.")
    ] = None,
    eligible: Annotated[
        list[str] | None,
        typer.Option("--eligible", metavar="COLUMN=VALUE", help="Only units that have this; may be given again."),
    ] = None,
    starts: Annotated[
        str | None,
        typer.Option("--starts", metavar="DAY,DAY,...", help="Draw an order over these first days, not the places."),
    ] = None,
    seed: Annotated[int | None, typer.Option("--seed", metavar="N", help="By default one that nobody chose.")] = None,
    again: Annotated[str, typer.Option("--again", metavar="REASON", help="Why a draw that was made is not kept.")] = "",
    as_json: Json = False,
) -> None:
    """Draw at random where an action happens, or in which order, and write the draw into the log."""
    with answering("draw", as_json=as_json, outputs=OUTPUTS) as answer:
        conditions = _conditions(eligible or [])
        days = _days(starts)
        params, folder = _client(client)

        from cxlib.actions.drawing import draw_action

        now = datetime.now().astimezone()
        drawn = _written(
            lambda: draw_action(
                params, folder, action, now=now, units=units, eligible=conditions, starts=days, seed=seed, again=again
            )
        )
        made = drawn.draw
        answer.lines = [f"Drawn {made.size} of {len(made.eligible)} eligible ({params.unit}), with seed {made.seed}:"]
        if drawn.starts:
            answer.lines += [
                f"  {day.isoformat()}  {', '.join(sorted(unit for unit, begins in drawn.starts if begins == day))}"
                for day in made.dates
            ]
        else:
            answer.lines.append(f"  {', '.join(drawn.units)}")
        answer.lines.append(f"It stands in the log as {action}, recorded on {drawn.record.recorded_on}.")
        answer.fields = _told(params, drawn.record) | {
            "units": list(drawn.units),
            "starts": {unit: day.isoformat() for unit, day in drawn.starts},
            "seed": made.seed,
            "at": made.at,
            "eligible": list(made.eligible),
        }


def _client(name: str) -> tuple[Params, Path]:
    from cxlib.params import load_params
    from cxlib.runs.clients import find_client

    folder = find_client(name)
    return load_params(folder), folder


def _written(write: Callable[[], Any]) -> Any:
    try:
        return write()
    except ParamsError as error:
        raise typed.as_options(error) from None


def _told(params: Params, record: ActionRecord) -> dict[str, Any]:
    return {
        "client": params.client,
        "action": record.id,
        "status": record.status,
        "recorded_on": record.recorded_on.isoformat(),
        "line": record.line,
        "unsaid": list(record.unsaid),
    }


def _conditions(words: list[str]) -> dict[str, list[str]]:
    """COLUMN=VALUE words; several values of one column are one of them."""
    found: dict[str, list[str]] = {}
    problems = []
    for word in words:
        for pair in filter(None, (part.strip() for part in word.split(";"))):
            column, sign, value = (part.strip() for part in pair.partition("="))
            if sign and column and value:
                found.setdefault(column, []).append(value)
            else:
                problems.append(Problem(f"'{pair}' is no COLUMN=VALUE.", "--eligible", "write region=North"))
    if problems:
        raise ParamsError(problems)
    return found


def _days(text: str | None) -> tuple[date, ...]:
    from cxlib.actions.cells import parted, read_day

    days = {part: read_day(part) for part in parted(text or "", ",;")}
    wrong = [
        Problem(f"'{part}' is no day.", "--starts", "write 2026-01-05,2026-04-06") for part in days if not days[part]
    ]
    if wrong or (text is not None and not days):
        raise ParamsError(wrong or [Problem("No day is named.", "--starts", "write 2026-01-05,2026-04-06")])
    return tuple(day for day in days.values() if day is not None)
