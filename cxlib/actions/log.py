"""Read and check the action log; every mistake is named at once, with its line and how to mend it."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import cast

from cxlib.actions.links import wrong_with_document
from cxlib.actions.records import STATUSES, ActionLog, ActionRecord, ScopeRule, Status, TwoTexts
from cxlib.actions.roles import names_person
from cxlib.actions.table import CORE, KNOWN, Row, Table, read_table
from cxlib.errors import ParamsError, Problem
from cxlib.params.model import Params, project_file

LONGEST = 600  # signs of a text; a page shows it as one sentence
CHOSEN_BY = ("random", "worst", "volunteers", "everyone", "other")
EVERYONE = {"all", "everyone", "tất cả"}
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}")
_CONTACT = re.compile(r"[\w.+-]+@[\w-]+\.\w|(?<![\w./-])(?:\+?84|0)(?:[\s.-]?\d){9}(?!\d)")


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
    table = read_table(project_file(Path(folder), params.actions))
    problems = list(_header_problems(table))
    if any(column not in table.header for column in CORE):
        raise ParamsError(problems)
    reader = _Reader(table.name, params)
    records = [reader.record(row) for row in table.rows]
    problems += reader.problems
    problems += _history_problems(table, [record for record in records if record is not None])
    if problems:
        raise ParamsError(sorted(problems, key=_line))
    return ActionLog(tuple(record for record in records if record is not None))


def _line(problem: Problem) -> int:
    number = re.search(r":(\d+)", problem.where)
    return int(number.group(1)) if number else 0


def _near(name: str, known: Sequence[str]) -> str:
    """'did you mean ...?', or what there is to choose from."""
    by_fold = {item.casefold(): item for item in known}
    close = get_close_matches(name.casefold(), list(by_fold), n=1, cutoff=0.6)
    return f"did you mean '{by_fold[close[0]]}'?" if close else f"known here: {', '.join(known)}"


def _header_problems(table: Table) -> Iterator[Problem]:
    where = f"{table.name}:1"
    for column in CORE:
        if column not in table.header:
            yield Problem(f"The column '{column}' is missing.", where, f"the first line is {','.join(CORE)}")
    for column in dict.fromkeys(table.header):
        if column and column not in KNOWN:
            yield Problem(f"The column '{column}' is not known.", where, _near(column, KNOWN))
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


class _Reader:
    """Turns rows into records and remembers what is wrong."""

    def __init__(self, name: str, params: Params) -> None:
        self.name, self.params = name, params
        self.problems: list[Problem] = []
        columns = {key: segment.column for key, segment in params.segments.items()}
        if params.unit is not None:
            columns["unit"] = params.unit
        self.scope_columns = {**{column: key for key, column in columns.items()}, **{key: key for key in columns}}

    def record(self, row: Row) -> ActionRecord | None:
        """The record of one row; None when something in it is wrong."""
        before = len(self.problems)
        if row.extra:
            self._wrong(row, "", "The line has more cells than the header.", "put a text that holds a comma in quotes")
        status = self._status(row)
        record = ActionRecord(
            id=self._id(row),
            factors=self._factors(row),
            what=self._texts(row, "what", needed=True) or TwoTexts("", ""),
            owner_role=self._owner(row),
            scope=self._scope(row, status),
            scope_chosen_by=self._chosen_by(row, status),
            start=self._day(row, "start"),
            due=self._day(row, "due"),
            status=status,
            expected=self._texts(row, "expected"),
            smallest_worthwhile=self._number(row),
            document=self._document(row),
            decided_on=self._day(row, "decided_on"),
            stopped_because=self._texts(row, "stopped_because"),
            recorded_on=self._day(row, "recorded_on", needed=True) or date.min,
            line=row.line,
        )
        self._agree(row, record)
        return record if len(self.problems) == before else None

    def _wrong(self, row: Row, column: str, what: str, how: str) -> None:
        where = f"{self.name}:{row.line}" + (f" ({column})" if column else "")
        self.problems.append(Problem(what, where, how))

    def _id(self, row: Row) -> str:
        text = row.cells["id"]
        if not re.fullmatch(r"[\w.-]{1,40}", text):
            self._wrong(row, "id", "The action has no plain id.", "letters, digits, '-' and '_', such as A7")
        return text

    def _factors(self, row: Row) -> tuple[str, ...]:
        keys = tuple(dict.fromkeys(key.strip() for key in re.split(r"[;,]", row.cells["factors"]) if key.strip()))
        if not keys:
            self._wrong(row, "factors", "No factor is named.", "name the factors it answers, parted by ';'")
        for key in keys:
            if key not in self.params.factors:
                self._wrong(row, "factors", f"The factor '{key}' is not known.", _near(key, list(self.params.factors)))
        return keys

    def _status(self, row: Row) -> Status:
        text = row.cells["status"].casefold()
        if text not in STATUSES:
            said = f"The status '{text}' is not known." if text else "The status is missing."
            self._wrong(row, "status", said, _near(text, STATUSES))
            return "planned"
        return cast(Status, text)

    def _texts(self, row: Row, column: str, *, needed: bool = False) -> TwoTexts | None:
        base = row.cells[column]
        vi, en = (row.cells.get(f"{column}_{language}", "") for language in ("vi", "en"))
        if needed and not (base or (vi and en)):
            self._wrong(row, column, f"'{column}' is missing.", "write it in one sentence")
        for name in (column, f"{column}_vi", f"{column}_en"):
            text = row.cells.get(name, "")
            if len(text) > LONGEST:
                self._wrong(row, name, f"'{name}' is longer than {LONGEST} signs.", "say it in one sentence")
            if column != "owner_role" and _CONTACT.search(text):
                self._wrong(row, name, f"'{name}' holds an e-mail address or a phone number.", "name the role instead")
        if not (base or vi or en):
            return None
        return TwoTexts(vi=vi or base or en, en=en or base or vi)

    def _owner(self, row: Row) -> TwoTexts:
        for name in ("owner_role", "owner_role_vi", "owner_role_en"):
            if names_person(row.cells.get(name, "")):
                self._wrong(
                    row,
                    name,
                    "The owner seems to be a person's name or number; a role answers for an action, not a person.",
                    "write the role, such as 'Trưởng phòng bán lẻ' or 'Head of stores'; if this is a role, write it in "
                    "small letters",
                )
        texts = self._texts(row, "owner_role")
        if texts is None:
            self._wrong(row, "owner_role", "No role answers for this action.", "write a role, such as 'Head of stores'")
        return texts or TwoTexts("", "")

    def _scope(self, row: Row, status: Status) -> ScopeRule:
        text = row.cells["scope"]
        if text.casefold() in EVERYONE or (not text and status == "none"):
            return ScopeRule(everyone=True)
        if not text:
            self._wrong(row, "scope", "The scope is missing.", "write 'all', or column=value pairs parted by ';'")
        chosen: dict[str, list[str]] = {}
        for pair in (part.strip() for part in text.split(";")):
            if not pair:
                continue
            column, sign, value = (part.strip() for part in pair.partition("="))
            if not sign:
                self._wrong(row, "scope", f"'{pair}' is no column=value pair.", "write it as store=S07, or write 'all'")
                continue
            key = self.scope_columns.get(column) or self.scope_columns.get(column.casefold())
            if key is None:
                known = list(dict.fromkeys(self.scope_columns))
                how = _near(column, known) if known else "name the column first, as unit or among the segments"
                self._wrong(row, "scope", f"The column '{column}' is neither the unit nor a segment.", how)
            elif not value:
                self._wrong(row, "scope", f"'{column}=' names no value.", f"write which one: {column}=...")
            else:
                chosen.setdefault(key, [])
                if value not in chosen[key]:
                    chosen[key].append(value)
        return ScopeRule(everyone=False, chosen=tuple((key, tuple(values)) for key, values in chosen.items()))

    def _chosen_by(self, row: Row, status: Status) -> str:
        text = " ".join(row.cells["scope_chosen_by"].split())
        low = text.casefold()
        if low.startswith("worst in ") and len(text) > len("worst in "):
            return "worst in " + text[len("worst in ") :]
        if low in CHOSEN_BY:
            return low
        if not low and status == "none":
            return "other"
        said = f"'{text}' is no way of choosing the scope." if text else "It is not said how the scope was chosen."
        self._wrong(
            row,
            "scope_chosen_by",
            said,
            "write random, worst in WAVE (such as 'worst in 2025-Q4'), worst, volunteers, everyone or other",
        )
        return "other"

    def _day(self, row: Row, column: str, *, needed: bool = False) -> date | None:
        text = row.cells[column]
        if not text:
            if needed:
                self._wrong(row, column, f"'{column}' is missing.", "write the day, as 2026-03-31")
            return None
        try:
            if not _ISO.fullmatch(text):
                raise ValueError
            day = date.fromisoformat(text)
        except ValueError:
            day = None
        if day is None or not 1990 <= day.year <= 2100:
            self._wrong(
                row,
                column,
                f"'{column}' is no day that can be read.",
                "write year-month-day, as 2026-03-31 (Excel changes days when it saves csv; saving as xlsx keeps them)",
            )
            return None
        return day

    def _number(self, row: Row) -> float | None:
        text = row.cells["smallest_worthwhile"]
        if not text:
            return None
        try:
            value = float(text.replace(",", "."))
        except ValueError:
            value = math.nan
        if not 0 < value < 1000:
            self._wrong(
                row,
                "smallest_worthwhile",
                "The smallest change worth the effort is no number above 0.",
                "write points of the factor's scale, such as 0.2",
            )
            return None
        return value

    def _document(self, row: Row) -> str | None:
        text = row.cells["document"]
        wrong = wrong_with_document(text) if text else None
        if wrong:
            self._wrong(
                row,
                "document",
                f"The document cannot be shown: {wrong}.",
                "write a web link (https://...), a file's name relative to the client's folder, or plain words",
            )
        return text or None

    def _agree(self, row: Row, record: ActionRecord) -> None:
        """Do the cells of one row agree with each other?"""
        if record.start and record.due and record.due < record.start:
            self._wrong(row, "due", "The action is due before it starts.", "mend one of the two days")
        if record.decided_on and record.recorded_on != date.min and record.decided_on > record.recorded_on:
            self._wrong(row, "decided_on", "It was decided after it was recorded.", "mend one of the two days")
        if record.status in ("doing", "done") and not row.cells["start"]:
            self._wrong(row, "start", f"An action with status '{record.status}' has a first day.", "write it")
        if record.status == "stopped" and record.stopped_because is None:
            self._wrong(row, "stopped_because", "The action was stopped and no reason is written.", "write the reason")
        if record.status == "none":
            if record.stopped_because is None:
                how = "write in stopped_because why nothing is done yet"
                self._wrong(row, "stopped_because", "A decision not to act needs its reason.", how)
            if not row.cells["due"]:
                how = "write in due the day by which it will be decided"
                self._wrong(row, "due", "A decision not to act needs a day to decide again.", how)
