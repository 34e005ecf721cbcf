"""One line of the action log, and the log as a whole."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

Status = Literal["planned", "doing", "done", "stopped", "none"]
STATUSES: tuple[Status, ...] = ("planned", "doing", "done", "stopped", "none")


@dataclass(frozen=True)
class TwoTexts:
    """A text in both languages of the pages; the same twice when it was written once."""

    vi: str
    en: str


@dataclass(frozen=True)
class ScopeRule:
    """Where an action happens.

    Attributes
    ----------
    everyone : bool
        Everywhere, for all customers.
    chosen : tuple of (str, tuple of str)
        Column key ('unit' or a segment's key) and the values it applies to. An answer is in scope when it has one of
        the values of every column named.
    """

    everyone: bool
    chosen: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def values(self, column: str) -> tuple[str, ...]:
        """The values named for one column; empty when it is not named."""
        return dict(self.chosen).get(column, ())


@dataclass(frozen=True)
class ActionRecord:
    """One line of the action log: the state of an action on the day it was recorded.

    Attributes
    ----------
    id : str
        The same for all records of one action.
    factors : tuple of str
        Keys of the factors it answers.
    what, owner_role : TwoTexts
        What is done, in one sentence; which role answers for it (never a person).
    scope : ScopeRule
    scope_chosen_by : str
        'random', 'worst', 'worst in WAVE', 'volunteers', 'everyone' or 'other'.
    start, due, decided_on : date or None
        For status 'none', `due` is the day by which it will be decided.
    status : str
        'planned', 'doing', 'done', 'stopped', or 'none': a written decision not to act yet.
    expected, stopped_because : TwoTexts or None
        `stopped_because` holds the reason of 'stopped' and of 'none'.
    smallest_worthwhile : float or None
        Smallest change worth the effort, in points of the factor's scale.
    document : str or None
        A link, a file's name, or plain words such as a minute's title.
    recorded_on : date
    line : int
        Line of the csv file, or row of the sheet.
    """

    id: str
    factors: tuple[str, ...]
    what: TwoTexts
    owner_role: TwoTexts
    scope: ScopeRule
    scope_chosen_by: str
    start: date | None
    due: date | None
    status: Status
    expected: TwoTexts | None
    smallest_worthwhile: float | None
    document: str | None
    decided_on: date | None
    stopped_because: TwoTexts | None
    recorded_on: date
    line: int


@dataclass(frozen=True)
class ActionLog:
    """The documented actions; `records` stand in the order of the file."""

    records: tuple[ActionRecord, ...] = ()

    def latest(self) -> dict[str, tuple[ActionRecord, int]]:
        """The state of each action and the number of its records, in the order in which they first appear.

        Examples
        --------
        >>> ActionLog().latest()
        {}
        """
        state: dict[str, tuple[ActionRecord, int]] = {}
        for record in self.records:
            before = state.get(record.id)
            newest = record if before is None or record.recorded_on >= before[0].recorded_on else before[0]
            state[record.id] = (newest, 1 if before is None else before[1] + 1)
        return state
