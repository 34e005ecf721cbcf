"""One row of the action log, read and checked; what is wrong is kept with its line and column."""

from __future__ import annotations

import re
from datetime import date
from typing import cast

from cxlib.actions.cells import LONGEST, holds_contact, near, parted, read_day, read_number, two_texts
from cxlib.actions.draw import Draw, read_draw
from cxlib.actions.links import is_link, wrong_with_document
from cxlib.actions.records import DIRECTIONS, STATUSES, ActionRecord, Direction, ScopeRule, Status, TwoTexts
from cxlib.actions.roles import names_person
from cxlib.actions.scope import EVERYWHERE, ScopeReader
from cxlib.actions.table import KNOWN, Row
from cxlib.errors import Problem
from cxlib.params.model import Params

CHOSEN_BY = ("random", "worst", "volunteers", "everyone", "other")
# What an action should state beside what it must; the page says what is missing.
SHOULD_SAY = (
    "comparison_because", "full_effect", "direction", "smallest_worthwhile", "look_on", "decided_by", "document",
    "expected", "also",
)  # fmt: skip
_UNDECIDED = {"document", "decided_by"}  # all that is asked of a decision not to act yet
_WRITE_DAY = "write year-month-day, as 2026-03-31 (Excel changes days when it saves csv; saving as xlsx keeps them)"


class RowReader:
    """Turns rows into records and remembers what is wrong.

    Parameters
    ----------
    name : str
        Of the file, as messages say it.
    params : Params
        Whose factors, unit, segments and steps the log may name.
    """

    def __init__(self, name: str, params: Params) -> None:
        self.name, self.params = name, params
        self.problems: list[Problem] = []
        self._scopes = ScopeReader(params)

    def record(self, row: Row) -> ActionRecord | None:
        """The record of one row; None when something in it is wrong."""
        before = len(self.problems)
        row = Row(row.line, dict.fromkeys(KNOWN, "") | row.cells, row.extra)
        if row.extra:
            self._wrong(row, "", "The line has more cells than the header.", "put a text that holds a comma in quotes")
        status = self._status(row)
        scope = self._scope(row, status)
        starts = self._scopes.starts(row.cells["starts"], scope, self._teller(row))
        comparison, nowhere = self._scopes.comparison(row.cells["comparison"], scope, self._teller(row))
        record = ActionRecord(
            id=self._id(row),
            factors=self._factors(row),
            what=self._texts(row, "what", needed=True) or TwoTexts("", ""),
            owner_role=self._role(row, "owner_role", needed=True) or TwoTexts("", ""),
            scope=scope,
            scope_chosen_by=self._chosen_by(row, status),
            start=self._day(row, "start") or min((day for _, day in starts), default=None),
            due=self._day(row, "due"),
            status=status,
            expected=self._texts(row, "expected"),
            smallest_worthwhile=self._number(row),
            document=self._document(row),
            decided_on=self._day(row, "decided_on"),
            stopped_because=self._texts(row, "stopped_because"),
            recorded_on=self._day(row, "recorded_on", needed=True) or date.min,
            line=row.line,
            comparison=comparison,
            no_comparison=nowhere,
            comparison_because=self._texts(row, "comparison_because"),
            full_effect=self._day(row, "full_effect"),
            direction=self._direction(row),
            look_on=self._look_on(row),
            also=self._texts(row, "also"),
            decided_by=self._role(row, "decided_by"),
            starts=starts,
            drawn=self._drawn(row),
            unsaid=_unsaid(row, status, everyone=scope.everyone or nowhere),
        )
        self._agree(row, record)
        return record if len(self.problems) == before else None

    def _wrong(self, row: Row, column: str, what: str, how: str) -> None:
        where = f"{self.name}:{row.line}" + (f" ({column})" if column else "")
        self.problems.append(Problem(what, where, how))

    def _teller(self, row: Row):
        return lambda column, what, how: self._wrong(row, column, what, how)

    def _id(self, row: Row) -> str:
        text = row.cells["id"]
        if not re.fullmatch(r"[\w.-]{1,40}", text):
            self._wrong(row, "id", "The action has no plain id.", "letters, digits, '-' and '_', such as A7")
        return text

    def _factors(self, row: Row) -> tuple[str, ...]:
        keys = tuple(dict.fromkeys(parted(row.cells["factors"], ";,")))
        if not keys:
            self._wrong(row, "factors", "No factor is named.", "name the factors it answers, parted by ';'")
        for key in keys:
            if key not in self.params.factors:
                self._wrong(row, "factors", f"The factor '{key}' is not known.", near(key, list(self.params.factors)))
        return keys

    def _status(self, row: Row) -> Status:
        text = row.cells["status"].casefold()
        if text not in STATUSES:
            said = f"The status '{text}' is not known." if text else "The status is missing."
            self._wrong(row, "status", said, near(text, STATUSES))
            return "planned"
        return cast(Status, text)

    def _direction(self, row: Row) -> Direction:
        text = row.cells["direction"].casefold()
        if text and text not in DIRECTIONS:
            how = "write up or down: where the rating of the factor is expected to move"
            self._wrong(row, "direction", f"'{text}' is no direction.", how)
            return "up"
        return cast(Direction, text or "up")

    def _texts(self, row: Row, column: str, *, needed: bool = False) -> TwoTexts | None:
        return two_texts(row.cells, column, self._teller(row), needed=needed, instead="name the role instead")

    def _role(self, row: Row, column: str, *, needed: bool = False) -> TwoTexts | None:
        """Who answers or who decided: a role, never a person."""
        who, does = ("owner", "answers for") if column == "owner_role" else ("one who decided", "decides on")
        for name in (column, f"{column}_vi", f"{column}_en"):
            if names_person(row.cells[name]):
                self._wrong(
                    row,
                    name,
                    f"The {who} seems to be a person's name or number; a role {does} an action, not a person.",
                    "write the role, such as 'Trưởng phòng bán lẻ' or 'Head of stores'; if this is a role, write it in "
                    "small letters",
                )
        texts = self._texts(row, column)
        if texts is None and needed:
            self._wrong(row, column, "No role answers for this action.", "write a role, such as 'Head of stores'")
        return texts

    def _scope(self, row: Row, status: Status) -> ScopeRule:
        text = row.cells["scope"]
        if not text and status == "none":
            return EVERYWHERE
        if not text:
            self._wrong(row, "scope", "The scope is missing.", "write 'all', or column=value pairs parted by ';'")
        return self._scopes.rule("scope", text, self._teller(row))

    def _chosen_by(self, row: Row, status: Status) -> str:
        text = " ".join(row.cells["scope_chosen_by"].split())
        low = text.casefold()
        if low.startswith("worst in ") and len(text) > len("worst in "):
            return "worst in " + text[len("worst in ") :]
        if low in CHOSEN_BY:
            return low
        if not low and status == "none":
            return "other"
        self._wrong(
            row,
            "scope_chosen_by",
            f"'{text}' is no way of choosing the scope." if text else "It is not said how the scope was chosen.",
            "write random, worst in WAVE (such as 'worst in 2025-Q4'), worst, volunteers, everyone or other",
        )
        return "other"

    def _day(self, row: Row, column: str, *, needed: bool = False) -> date | None:
        text = row.cells[column]
        day = read_day(text)
        if day is None and text:
            self._wrong(row, column, f"'{column}' is no day that can be read.", _WRITE_DAY)
        elif day is None and needed:
            self._wrong(row, column, f"'{column}' is missing.", "write the day, as 2026-03-31")
        return day

    def _look_on(self, row: Row) -> tuple[date, ...]:
        days = {text: read_day(text) for text in parted(row.cells["look_on"], ";,")}
        if None in days.values():
            self._wrong(row, "look_on", "'look_on' holds what is no day.", f"{_WRITE_DAY}; several are parted by ';'")
        return tuple(sorted(day for day in set(days.values()) if day is not None))

    def _number(self, row: Row) -> float | None:
        text = row.cells["smallest_worthwhile"]
        if not text:
            return None
        value = read_number(text)
        if not 0 < value < 1000:
            what = "The smallest change worth the effort is no number above 0."
            self._wrong(row, "smallest_worthwhile", what, "write points of the factor's scale, such as 0.2")
            return None
        return value

    def _document(self, row: Row) -> str | None:
        text = row.cells["document"]
        wrong = wrong_with_document(text) if text else None
        if wrong is None and len(text) > LONGEST:
            wrong = f"it is longer than {LONGEST} signs"
        if wrong is None and not is_link(text) and holds_contact(text):
            wrong = "it holds an e-mail address or a phone number"
        if wrong:
            how = "write a web link (https://...), a file's name relative to the client's folder, or plain words"
            self._wrong(row, "document", f"The document cannot be shown: {wrong}.", how)
        return text or None

    def _drawn(self, row: Row) -> Draw | None:
        text = row.cells["drawn"]
        if not text:
            return None
        how = "leave this cell to cx draw; a later line takes it over as it is"
        try:
            draw = read_draw(text)
        except ValueError as error:
            self._wrong(row, "drawn", f"The record of the draw cannot be read: {error}.", how)
            return None
        if holds_contact(draw.because) or len(draw.because) > LONGEST:
            self._wrong(
                row, "drawn", "The reason of the draw holds a contact or is too long.", "say it in one sentence"
            )
        return draw

    def _agree(self, row: Row, record: ActionRecord) -> None:
        """Do the cells of one row agree with each other?"""
        begins = record.start
        if begins and record.due and record.due < begins:
            self._wrong(row, "due", "The action is due before it starts.", "mend one of the two days")
        if begins and record.full_effect and record.full_effect < begins:
            self._wrong(row, "full_effect", "It works in full before it starts.", "mend one of the two days")
        if begins and record.look_on and record.look_on[0] < begins:
            self._wrong(row, "look_on", "The change is looked at before the action starts.", "mend one of the two days")
        if begins and record.starts and begins != min(day for _, day in record.starts):
            self._wrong(row, "start", "'start' is not the first day of 'starts'.", "mend one of the two")
        if record.decided_on and record.recorded_on != date.min and record.decided_on > record.recorded_on:
            self._wrong(row, "decided_on", "It was decided after it was recorded.", "mend one of the two days")
        if record.status in ("doing", "done") and not (begins or row.cells["start"]):
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


def _unsaid(row: Row, status: Status, *, everyone: bool) -> tuple[str, ...]:
    """The columns of what an action should say that are empty, twins included."""
    asked = [column for column in SHOULD_SAY if column in _UNDECIDED or status != "none"]
    if everyone:  # nobody is left out
        asked = [column for column in asked if column != "comparison_because"]
    said = {column: any(row.cells.get(column + twin, "") for twin in ("", "_vi", "_en")) for column in asked}
    return tuple(column for column in asked if not said[column])
