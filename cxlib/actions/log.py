"""Read and check the action log; every mistake is named at once, with its line and how to mend it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from cxlib.actions.cells import line_of, near
from cxlib.actions.reader import RowReader
from cxlib.actions.records import ActionLog, ActionRecord
from cxlib.actions.table import CORE, KNOWN, Table, read_table
from cxlib.errors import ParamsError, Problem
from cxlib.params.model import Params, project_file


def read_actions(params: Params, folder: Path) -> ActionLog:
    """Read the documented actions of a client.

    Parameters
    ----------
    params : Params
        `params.actions` names the file (csv or xlsx), relative to the client's folder.
    folder : Path
        The client's folder.

    Returns
    -------
    ActionLog
        Empty when the parameters name no log, or when it has a header only.

    Raises
    ------
    ParamsError
        Every problem of the log at once, each with file:line.
    """
    if params.actions is None:
        return ActionLog()
    return read_log(read_table(project_file(Path(folder), params.actions)), params)


def read_log(table: Table, params: Params) -> ActionLog:
    """The records of a table.

    Raises
    ------
    ParamsError
        Every problem of the log at once, each with file:line and, where one is meant, its column.
    """
    problems = list(_header_problems(table))
    if any(column not in table.header for column in CORE):
        raise ParamsError(problems)
    reader = RowReader(table.name, params)
    records = [reader.record(row) for row in table.rows]
    problems += reader.problems
    problems += _history_problems(table, [record for record in records if record is not None])
    if problems:
        raise ParamsError(sorted(problems, key=line_of))
    return ActionLog(tuple(record for record in records if record is not None))


def _header_problems(table: Table) -> Iterator[Problem]:
    where = f"{table.name}:1"
    for column in CORE:
        if column not in table.header:
            yield Problem(f"The column '{column}' is missing.", where, f"the first line is {','.join(CORE)}")
    for column in dict.fromkeys(table.header):
        if column and column not in KNOWN:
            yield Problem(f"The column '{column}' is not known.", where, near(column, KNOWN))
        if column and table.header.count(column) > 1:
            yield Problem(f"The column '{column}' stands twice.", where, "keep one of the two")


def _history_problems(table: Table, records: list[ActionRecord]) -> Iterator[Problem]:
    """The log is append-only (R9): a change is a new line below with a later day."""
    cells = {row.line: row.cells for row in table.rows}
    newest: dict[str, ActionRecord] = {}
    for record in records:
        where = f"{table.name}:{record.line}"
        before = newest.get(record.id)
        if before is not None and cells[before.line] == cells[record.line]:
            yield Problem(f"This line is the same as line {before.line}.", where, "take one of the two out")
        elif before is not None and record.recorded_on < before.recorded_on:
            yield Problem(
                f"Action '{record.id}' has a record of an earlier day below a later one (line {before.line}).",
                where,
                "put records in the order in which they were made; a change is a new line with a later recorded_on",
            )
        if before is None or record.recorded_on >= before.recorded_on:
            newest[record.id] = record
