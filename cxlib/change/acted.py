"""One action as the analysis sees it: how it stands, whom it reached, when, and why nothing can be said yet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from cxlib.actions import ActionRecord
from cxlib.change.guards import Running, drawn_as_documented, running, wave_of
from cxlib.change.scope import Groups, groups_of, starts_of_units
from cxlib.change.survey import Survey
from cxlib.change.timing import NEVER, Timing, stopped_on, timing_of


@dataclass(frozen=True)
class Acted:
    """One action as the analysis sees it.

    Attributes
    ----------
    records : tuple of ActionRecord
        Its history; the last one is its state.
    groups : Groups
    timing : Timing or None
        None where it has not begun.
    reason : str
        Why nothing can be said of any question; '' when something can.
    drawn : bool
        Chance chose, as documented.
    began : int
        Wave in which it began.
    start_waves : dict of int to int
        Of a roll-out one after another: place of each unit -> the wave in which it began.
    seen : Running or None
        As other actions see it; None where it never ran.
    restated : date or None
        The last day on which an old record of it was found changed; None where none was.
    """

    records: tuple[ActionRecord, ...]
    groups: Groups
    timing: Timing | None
    reason: str
    drawn: bool
    began: int
    start_waves: dict[int, int]
    seen: Running | None
    restated: date | None = None

    @property
    def record(self) -> ActionRecord:
        """Its state."""
        return self.records[-1]


def acted_of(records: tuple[ActionRecord, ...], survey: Survey, restated: date | None = None) -> Acted:
    """One action as the analysis sees it.

    Parameters
    ----------
    records : tuple of ActionRecord
        In the order of the log.
    survey : Survey
    restated : date or None
        When an old record of it was found changed.
    """
    records = tuple(sorted(records, key=lambda item: item.recorded_on))  # stable: the later line of a day stands
    record = records[-1]
    groups = groups_of(record, survey)
    drawn = drawn_as_documented(record)
    reason = _not_begun(records)
    if reason or record.start is None:
        return Acted(records, groups, None, reason or "no_dates", drawn, 0, {}, None, restated)
    starts = starts_of_units(record, survey)
    timing = timing_of(record, stopped_on(records), starts, groups.acted, survey)
    start_waves = {unit: wave_of(day, survey) for unit, day in starts.items()}
    seen = running(record, groups, timing)
    if not groups.acted.any():
        reason = "nowhere"
    elif (timing.phase == NEVER).all() or not np.isin(timing.phase[groups.acted], (0, 1, 2)).any():
        reason = "no_dates"
    return Acted(records, groups, timing, reason, drawn, wave_of(timing.start, survey), start_waves, seen, restated)


def _not_begun(records: tuple[ActionRecord, ...]) -> str:
    record = records[-1]
    if record.status == "none":
        return "none_status"
    if record.status == "planned":
        return "planned"
    stop = stopped_on(records)
    if stop is not None and (record.start is None or stop <= record.start):
        return "not_begun"
    return ""
