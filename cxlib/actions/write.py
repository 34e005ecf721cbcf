"""Write to the action log: always one record more, never a change of an older one, and only when the whole is right."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from cxlib.actions import csv_file, sheet_file
from cxlib.actions.cells import near
from cxlib.actions.log import read_log
from cxlib.actions.matching import canonical
from cxlib.actions.records import ActionLog, ActionRecord
from cxlib.actions.safe_files import one_writer, replace_file
from cxlib.actions.table import CORE, IN_BOTH, KNOWN, OPTIONAL, Row, Table, read_table
from cxlib.errors import ParamsError, Problem
from cxlib.params.model import Params, project_file

Cells = dict[str, str]
NEEDED = (
    "factors", "what", "owner_role", "scope", "comparison_because", "scope_chosen_by", "start", "full_effect",
    "direction", "smallest_worthwhile", "look_on", "document", "decided_by",
)  # fmt: skip
NEEDED_UNDECIDED = ("factors", "what", "owner_role", "due", "document", "decided_by", "stopped_because")
BY_THE_WORKBENCH = ("recorded_on", "drawn")  # nobody types these
_SHEETS = (".xlsx", ".xlsm")
_NEW = "the new record"


def add_action(params: Params, folder: Path, fields: Mapping[str, Any], today: date) -> ActionRecord:
    """Put a new action into the log.

    Parameters
    ----------
    params : Params
        `params.actions` names the log; one that is not there yet is begun.
    folder : Path
        The client's folder.
    fields : mapping
        Column of the log -> text; also a list where a cell joins several, and {vi: ..., en: ...} for a text in both
        languages. Without `id` the next free one is taken, without `status` it is 'planned'.
    today : date
        Its `recorded_on`.

    Returns
    -------
    ActionRecord
        As it was written.

    Raises
    ------
    ParamsError
        Everything that is missing or wrong, in the record and in the log as it stands; then nothing is written. Also
        when the log is open in a spreadsheet, or someone else has been writing for too long.
    """
    cells, problems = as_cells(fields)

    def make(log: ActionLog, table: Table) -> Cells:
        taken = {row.cells["id"].casefold() for row in table.rows}
        new = {"id": _next_id(taken), "status": "planned"} | {name: text for name, text in cells.items() if text}
        if new["id"].casefold() in taken:
            how = f"cx action update {params.client} {new['id']} changes it; or choose another id"
            problems.append(Problem(f"There is an action '{new['id']}' already.", f"{_NEW} (id)", how))
        problems.extend(_missing(new))
        return new

    return _append(params, folder, make, problems, today)


def update_action(
    params: Params,
    folder: Path,
    action: str,
    fields: Mapping[str, Any],
    today: date,
    *,
    drawn: str | None = None,
    still: Callable[[ActionLog], None] | None = None,
) -> ActionRecord:
    """Put a further record of an action into the log: its last one, with some cells changed.

    Parameters
    ----------
    params, folder, fields, today
        As for `add_action`; an empty text empties a cell.
    action : str
        Its id.
    drawn : str, optional
        The record of a draw, from `Draw.as_cell`.
    still : callable, optional
        Asked once nobody else can write; what it raises leaves the log as it is.

    Returns
    -------
    ActionRecord

    Raises
    ------
    ParamsError
        As for `add_action`; also when there is no such action, or nothing would change.
    """
    cells, problems = as_cells(fields)
    if drawn is not None:
        cells["drawn"] = drawn

    def make(log: ActionLog, table: Table) -> Cells:
        if still is not None:
            still(log)
        last = _last_row(table, log, action)
        before = {name: last.cells.get(name, "") for name in KNOWN}
        if cells.get("id", before["id"]) != before["id"]:
            problems.append(Problem("An id is never changed.", f"{_NEW} (id)", "stop this action and add another"))
        problems.extend(_twin_left_behind(before, cells))
        new = before | cells
        if canonical(new) == canonical(before) and not problems:
            problems.append(
                Problem(f"Nothing of '{action}' would change.", _NEW, "name what is new, as --status doing")
            )
        return new

    return _append(params, folder, make, problems, today)


def stop_action(params: Params, folder: Path, action: str, because: Any, today: date) -> ActionRecord:
    """Put into the log that an action was stopped, and why.

    Parameters
    ----------
    params, folder, action, today
        As for `update_action`.
    because : str or mapping
        The reason, in one sentence, or {vi: ..., en: ...}.
    """
    cells, _ = as_cells({"stopped_because": because})
    cleared = {"stopped_because": "", "stopped_because_vi": "", "stopped_because_en": ""}
    return update_action(params, folder, action, {**cleared, **cells, "status": "stopped"}, today)


def read_log_table(params: Params, folder: Path) -> tuple[ActionLog, Table]:
    """The log and its rows, for showing them.

    Raises
    ------
    ParamsError
        The parameters name no log, or it has mistakes.
    """
    path = log_path(params, folder)
    table = read_table(path) if path.exists() else Table(path.name, (), ())
    return (read_log(table, params) if table.header else ActionLog()), table


def log_path(params: Params, folder: Path) -> Path:
    """The file of the log.

    Raises
    ------
    ParamsError
        The parameters name none.
    """
    if params.actions is None:
        raise ParamsError("The parameters name no action log.", "params.yaml", "add the line: actions: actions.csv")
    return project_file(Path(folder), params.actions)


def as_cells(fields: Mapping[str, Any]) -> tuple[Cells, list[Problem]]:
    """Fields as cells of the log, and what is wrong with their names or kinds."""
    cells: Cells = {}
    problems = []
    for name, value in fields.items():
        where = f"{_NEW} ({name})"
        if name in BY_THE_WORKBENCH:
            how = "it is the day on which it is written" if name == "recorded_on" else "cx draw writes it"
            problems.append(Problem(f"'{name}' is not typed.", where, how))
        elif name not in KNOWN:
            problems.append(Problem(f"The field '{name}' is not known.", where, near(name, KNOWN)))
        elif isinstance(value, Mapping) and name in IN_BOTH and value.keys() <= {"vi", "en"}:
            cells |= {f"{name}_{language}": _text(text) for language, text in value.items()}
        elif isinstance(value, Mapping) and name in ("scope", "comparison", "starts"):
            cells[name] = _pairs(value)
        elif isinstance(value, list | tuple) and name in ("factors", "look_on", "scope", "comparison", "starts"):
            cells[name] = ";".join(map(_text, value))
        elif isinstance(value, str | int | float | date) or value is None:
            cells[name] = _text(value)
        else:
            problems.append(Problem(f"'{name}' is no text.", where, "write it as it stands in the log"))
    return cells, problems


def _text(value: Any) -> str:
    """One line of text; a sentence in a log has no line breaks and no signs that steer a machine."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    signs = (sign for sign in str(value) if sign.isspace() or unicodedata.category(sign) not in ("Cc", "Cs"))
    return " ".join("".join(signs).split())


def _pairs(value: Mapping[str, Any]) -> str:
    """{store: [S01, S02]} as store=S01;store=S02."""
    pairs = [(name, items if isinstance(items, list | tuple) else [items]) for name, items in value.items()]
    return ";".join(f"{_text(name)}={_text(item)}" for name, items in pairs for item in items)


def _append(
    params: Params, folder: Path, make: Callable[[ActionLog, Table], Cells], problems: list[Problem], today: date
) -> ActionRecord:
    """Write one record more, once everything about it and about the log is right."""
    path = log_path(params, folder)
    if path.suffix.lower() not in (".csv", ".tsv", ".txt", *_SHEETS):
        raise ParamsError(f"A '{path.suffix}' cannot be written.", path.name, "keep the log as csv UTF-8, or as xlsx")
    _refuse_open(path)
    try:
        with one_writer(path):
            begun = _begin(path)
            try:
                return _append_locked(params, path, make, problems, today)
            except BaseException:
                if begun:
                    path.unlink()
                raise
    except OSError as error:
        raise ParamsError(
            f"The action log cannot be written: {error.strerror or type(error).__name__}.",
            path.name,
            "close it elsewhere, or ask for the right to write in this folder",
        ) from None


def _append_locked(
    params: Params, path: Path, make: Callable[[ActionLog, Table], Cells], problems: list[Problem], today: date
) -> ActionRecord:
    table = read_table(path)
    log = read_log(table, params)
    cells = {name: text for name, text in make(log, table).items() if text} | {"recorded_on": today.isoformat()}
    if problems:
        raise ParamsError(problems)
    new = _checked(params, table, cells)
    columns = [name for name in KNOWN if name in cells and name not in table.header]
    write = sheet_file.appended if path.suffix.lower() in _SHEETS else csv_file.appended
    written: list[ActionRecord] = []

    def check(temporary: Path) -> None:
        """What was written must be what stood there, and the new record."""
        again = read_table(temporary)
        rows = [canonical(row.cells) for row in again.rows]
        if rows != [canonical(row.cells) for row in (*table.rows, new)]:
            raise ParamsError(
                "The log could not be written so that it is read back the same; nothing was changed.",
                path.name,
                "save it as csv UTF-8, or as xlsx",
            )
        written.append(read_log(again, params).records[-1])

    replace_file(path, write(path, columns, cells), check)
    return written[0]


def _checked(params: Params, table: Table, cells: Cells) -> Row:
    """The new row, once the whole log is right with it."""
    line = (table.rows[-1].line if table.rows else 1) + 1
    header = (*table.header, *(name for name in cells if name not in table.header))
    new = Row(line, dict.fromkeys(header, "") | cells)
    try:
        read_log(Table(table.name, header, (*table.rows, new)), params)
    except ParamsError as error:  # the log alone was right, so all of it is about the new row
        raise ParamsError(
            Problem(problem.what, re.sub(rf"^{re.escape(table.name)}:\d+", _NEW, problem.where), problem.how)
            for problem in error.problems
        ) from None
    return new


def _begin(path: Path) -> bool:
    """Begin a log that is not there yet."""
    if path.exists():
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    header = (*CORE, *OPTIONAL)
    replace_file(path, sheet_file.new_sheet(header) if path.suffix.lower() in _SHEETS else csv_file.new_csv(header))
    return True


def _refuse_open(path: Path) -> None:
    """A spreadsheet that has the log open would write its old content over the new."""
    for name in (f"~${path.name}", f".~lock.{path.name}#"):
        if path.with_name(name).exists():
            raise ParamsError(
                "The action log is open in a spreadsheet, which would write over what is added now.",
                path.name,
                f"close it there; if nobody has it open, delete the file {name}",
            )


def _next_id(taken: set[str]) -> str:
    numbers = [int(found.group(1)) for found in (re.fullmatch(r"a(\d{1,6})", name) for name in taken) if found]
    return f"A{max(numbers, default=0) + 1}"


def missing_fields(cells: Mapping[str, str]) -> list[str]:
    """The fields that a new action must state and does not.

    Examples
    --------
    >>> missing_fields({"status": "none", "factors": "on_time", "what": "Nothing yet", "owner_role": "Head of stores"})
    ['due', 'document', 'decided_by', 'stopped_because']
    """
    needed: Sequence[str] = NEEDED_UNDECIDED if cells.get("status", "").casefold() == "none" else NEEDED
    if cells.get("scope", "").casefold() in ("all", "everyone", "tất cả") or cells.get("comparison", "") == "none":
        needed = [name for name in needed if name != "comparison_because"]  # nobody is left out
    if cells.get("starts"):
        needed = [name for name in needed if name != "start"]
    return [name for name in needed if not any(cells.get(name + twin) for twin in ("", "_vi", "_en"))]


def _missing(cells: Mapping[str, str]) -> list[Problem]:
    return [Problem(f"'{name}' is missing.", f"{_NEW} ({name})", HOW[name]) for name in missing_fields(cells)]


HOW = {
    "factors": "the factors it answers, parted by ';'",
    "what": "what is done, in one sentence",
    "owner_role": "the role that answers for it, such as 'Head of stores'; never a person",
    "scope": "where: all, or column=value pairs such as store=S01;store=S02, or step=KEY",
    "comparison_because": "who is not acted on, and why not",
    "scope_chosen_by": "how the scope was chosen: random, worst in WAVE, worst, volunteers, everyone or other",
    "start": "the first day, as 2026-01-31",
    "full_effect": "the day from which on it works in full, as 2026-03-31",
    "direction": "up or down: where the rating of the factor is expected to move",
    "smallest_worthwhile": "the smallest change worth the effort, in points of the factor's scale, such as 0.2",
    "look_on": "when the change will be looked at: days parted by ';'",
    "document": "the file, link or minute that records the decision",
    "decided_by": "the role that decided, such as 'Management board'; never a person",
    "due": "the day by which it will be decided, as 2026-01-31",
    "stopped_because": "why nothing is done yet",
}


def _last_row(table: Table, log: ActionLog, action: str) -> Row:
    latest = log.latest()
    if action not in latest:
        how = near(action, list(latest)) if latest else "the log is empty; add the action first"
        raise ParamsError(f"There is no action '{action}'.", table.name, how)
    line = latest[action][0].line
    return next(row for row in table.rows if row.line == line)


def _twin_left_behind(before: Mapping[str, str], cells: Mapping[str, str]) -> list[Problem]:
    """A text that is changed in one language only leaves another text standing in the other."""
    problems = []
    for name in IN_BOTH:
        family = (name, f"{name}_vi", f"{name}_en")
        changed = [item for item in family if item in cells and cells[item] != before[item]]
        left = [item for item in family if before[item] and item not in cells]
        if changed and left and name in changed:
            how = f"give {', '.join(left)} anew too, or empty it"
            problems.append(Problem(f"'{left[0]}' still holds the old text.", f"{_NEW} ({left[0]})", how))
    return problems
