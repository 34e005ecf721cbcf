"""When: which answers were given before the action, after it, or in between."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from cxlib.actions import ActionRecord
from cxlib.change.survey import UNKNOWN, Survey, day_number

BEFORE, DURING, AFTER, NEVER = 0, 1, 2, -1
PHASES = ("before", "during", "after")


@dataclass(frozen=True)
class Timing:
    """When each answer was given, seen from one action.

    Attributes
    ----------
    phase : int array of shape (answers,)
        BEFORE the start; AFTER the full effect and before a stop; DURING: neither, left out of the comparison; NEVER:
        nobody knows when it was given.
    start, stop : int
        Days since 1970; `stop` is None for an action that was not stopped.
    starts : dict of int to int
        Of a roll-out one after another: place of each unit -> its first day.
    """

    phase: np.ndarray
    start: int
    stop: int | None
    starts: dict[int, int]


def stopped_on(records: tuple[ActionRecord, ...]) -> date | None:
    """The day on which it was recorded that the action was stopped, if that is how it stands.

    Examples
    --------
    >>> stopped_on(()) is None
    True
    """
    stopped = None
    for record in records:
        if record.status != "stopped":
            stopped = None
        elif stopped is None:
            stopped = record.recorded_on
    return stopped


def timing_of(
    record: ActionRecord, stop: date | None, starts: dict[int, int], acted: np.ndarray, survey: Survey
) -> Timing:
    """When each answer was given, seen from one action.

    Parameters
    ----------
    record : ActionRecord
        Has a start.
    stop : date or None
        When it was stopped.
    starts : dict
        Place of each unit -> its first day, days since 1970; empty when all begin on one day.
    acted : bool array
        Answers in scope; only they follow the start of their own unit.
    survey : Survey
    """
    if record.start is None:
        raise ValueError("an action without a first day has no before and after")
    start = day_number(record.start)
    begins = np.full(survey.size, start, dtype=np.int64)
    if starts and survey.unit is not None:
        own = np.full(len(survey.groupings["unit"].levels) + 1, start, dtype=np.int64)
        own[list(starts)] = list(starts.values())
        begins[acted] = own[survey.unit[acted]]
    full = np.maximum(begins, begins if record.full_effect is None else day_number(record.full_effect))
    end = None if stop is None else day_number(stop)
    phase = np.full(survey.size, DURING, dtype=np.int8)
    phase[survey.last < begins] = BEFORE
    after = survey.first >= full
    if end is not None:
        after &= survey.last < end
    phase[after] = AFTER
    phase[(survey.first == UNKNOWN) | (survey.wave < 0)] = NEVER
    return Timing(phase, start, end, starts)
