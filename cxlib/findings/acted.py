"""What was done, as findings.json writes it; `schema` holds the whole and is what others import."""

from __future__ import annotations

from typing import Literal

from cxlib.findings.evidence import Change
from cxlib.findings.measured import Both, Part

Status = Literal["planned", "doing", "done", "stopped", "none"]


class NoAction(Part):
    """Why nothing is done yet; both empty when nobody has written it down."""

    reason: Both | None
    decide_by: str | None


class Scope(Part):
    """Where an action happens, counted and never listed. `units` of `of` units; `groups` names customer groups."""

    everyone: bool
    units: int | None
    of: int | None
    groups: tuple[Both, ...]


class Action(Part):
    """The latest state of a documented action; dates are ISO, `records` counts the lines of its history."""

    id: str
    factors: tuple[str, ...]
    what: Both
    owner_role: Both
    scope: Scope
    scope_chosen_by: str
    start: str | None
    due: str | None
    status: Status
    expected: Both | None
    smallest_worthwhile: float | None
    document: str | None
    decided_on: str | None
    stopped_because: Both | None
    recorded_on: str
    records: int
    comparison: Scope | None = None  # where it is not done, to compare with; None: everywhere else
    comparison_because: Both | None = None
    full_effect: str | None = None
    direction: Literal["up", "down"] = "up"
    look_on: tuple[str, ...] = ()
    also: Both | None = None
    decided_by: Both | None = None
    drawn_on: str | None = None  # the day of a draw that can be repeated from its seed
    unsaid: tuple[str, ...] = ()  # what the log does not say of it, by column
    change: tuple[Change, ...] = ()  # of every factor acted on, then loyalty, then referral


class Altered(Part):
    """A field of an action that a later record states otherwise; long texts whole, units counted and never listed."""

    field: Both
    before: Both | None
    after: Both | None


class Entry(Part):
    """One line of the action log, in the order in which it was recorded.

    `sealed` is 'edited', 'removed' or 'inserted' where the line is no more as an earlier run found it, and `seen_on`
    the day on which a run saw that.
    """

    action: str
    recorded_on: str
    status: Status
    what: Both
    altered: tuple[Altered, ...]
    sealed: Literal["", "edited", "removed", "inserted"] = ""
    seen_on: str | None = None


class Promise(Part):
    """What the company promised its customers."""

    id: str
    promise: Both
    written: bool
    channel: Both | None
    step: str | None
    factors: tuple[str, ...]


class Orphan(Part):
    """An action that answers no finding, and why not."""

    action: str
    why: Both


class Loop(Part):
    """The only headline: how much of what matters was acted on. Counted over factors, not findings."""

    matter: int
    with_action: int
    with_change_measured: int
