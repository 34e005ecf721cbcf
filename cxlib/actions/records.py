"""One line of the action log, and the log as a whole."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from cxlib.actions.draw import Draw, drawn_starts, repeat_draw

Status = Literal["planned", "doing", "done", "stopped", "none"]
STATUSES: tuple[Status, ...] = ("planned", "doing", "done", "stopped", "none")
Direction = Literal["up", "down"]
DIRECTIONS: tuple[Direction, ...] = ("up", "down")


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
        Everywhere, for all customers; also when nothing but a step of the journey is named.
    chosen : tuple of (str, tuple of str)
        Column key ('unit' or a segment's key) and the values it applies to. An answer is in scope when it has one of
        the values of every column named.
    steps : tuple of str
        Keys of the journey's steps it happens in. A step meets every customer, so it leaves nobody to compare with.
    """

    everyone: bool
    chosen: tuple[tuple[str, tuple[str, ...]], ...] = ()
    steps: tuple[str, ...] = ()

    def values(self, column: str) -> tuple[str, ...]:
        """The values named for one column ('unit', a segment's key, 'step'); empty when it is not named."""
        return self.steps if column == "step" else dict(self.chosen).get(column, ())


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
    comparison : ScopeRule or None
        Where it is not done, to compare with; None is everywhere else.
    no_comparison : bool
        Nowhere is left to compare with, as the log says itself.
    comparison_because : TwoTexts or None
        Why those are not acted on.
    full_effect : date or None
        From this day on the action works in full; None: from `start`.
    direction : str
        'up' or 'down': where the factor is expected to move.
    look_on : tuple of date
        When the change is to be looked at, in order of time.
    also, decided_by : TwoTexts or None
        What else happened then; which role decided (never a person).
    starts : tuple of (str, date)
        A roll-out one after another: unit and its first day. Then `start` is the first of these days, and `scope`
        names exactly these units.
    drawn : Draw or None
        The random draw of `scope` or `starts`.
    unsaid : tuple of str
        Columns that are left empty though an action should state them.
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
    comparison: ScopeRule | None = None
    no_comparison: bool = False
    comparison_because: TwoTexts | None = None
    full_effect: date | None = None
    direction: Direction = "up"
    look_on: tuple[date, ...] = ()
    also: TwoTexts | None = None
    decided_by: TwoTexts | None = None
    starts: tuple[tuple[str, date], ...] = ()
    drawn: Draw | None = None
    unsaid: tuple[str, ...] = ()

    @property
    def is_drawn(self) -> bool:
        """Whether chance chose where, or in which order, as documented: drawn before the start, and the same again."""
        if self.drawn is None or self.scope_chosen_by != "random":
            return False
        if self.start is None or self.drawn.at[:10] > self.start.isoformat():
            return False
        if [key for key, _ in self.scope.chosen] != ["unit"]:
            return False
        if set(self.scope.values("unit")) != set(repeat_draw(self.drawn)):
            return False
        return dict(self.starts) == dict(drawn_starts(self.drawn))


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

    def of(self, action: str) -> tuple[ActionRecord, ...]:
        """All records of one action, in the order of the file."""
        return tuple(record for record in self.records if record.id == action)

    def first(self, action: str) -> ActionRecord:
        """The record with which an action entered the log.

        Raises
        ------
        KeyError
            No action has that id.
        """
        for record in self.records:
            if record.id == action:
                return record
        raise KeyError(action)

    def draws(self, action: str) -> tuple[Draw, ...]:
        """Every draw that was made for an action, the last one last; more than one means that it was drawn again."""
        found = [record.drawn for record in self.of(action) if record.drawn is not None]
        return tuple(dict.fromkeys(found))
