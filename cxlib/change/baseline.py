"""Which waves may be compared: not across a break, and not with the wave that the places were chosen by."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cxlib.change.acted import Acted
from cxlib.change.breaks import breaks_of, parts_of
from cxlib.change.guards import worst_wave
from cxlib.change.survey import Survey
from cxlib.change.timing import AFTER, BEFORE
from cxlib.params import Params


@dataclass(frozen=True)
class Baseline:
    """Which waves are left out, and what stays to be told.

    Attributes
    ----------
    out : tuple of int
        Waves left out.
    worst : bool
        The places are compared with the very answers they were chosen by.
    broken : bool
        The question or the way of asking changed between the waves that are left.
    forbidden : bool
        It changed in its scale: points before and after are not the same points.
    """

    out: tuple[int, ...]
    worst: bool
    broken: bool
    forbidden: bool


def choose_baseline(state: Acted, measure: str, values: np.ndarray, survey: Survey, params: Params) -> Baseline:
    """Which waves of one question may be compared for one action.

    Notes
    -----
    Where the line is broken, the part that holds answers from before and after is used; when the break lies between,
    the last part before and the first one after. Of places chosen as the worst in a wave, that wave is left out when
    the other ones before hold at least the smallest number of answers for a test; else it is the only one used, so
    that the drift of that choice can be told.
    """
    count = len(survey.waves)
    early, late = _answers_by_wave(state, values, survey)
    allowed, broken, forbidden = _unbroken(state, measure, early, late, survey, params)
    chosen, named = worst_wave(state.record, survey.waves)
    worst = chosen and (named is None or not early[named])
    if chosen and named is not None and early[named] and allowed[named]:
        others = early.copy()
        others[named] = 0
        worst = others[allowed].sum() < params.privacy.min_factor_pairs
        waves = np.arange(count)
        allowed = allowed & ((early == 0) | (waves == named) if worst else waves != named)
    return Baseline(tuple(int(place) for place in np.flatnonzero(~allowed)), bool(worst), broken, forbidden)


def _answers_by_wave(state: Acted, values: np.ndarray, survey: Survey) -> tuple[np.ndarray, np.ndarray]:
    """Answers of those acted on, before and after, in each wave."""
    if state.timing is None:
        raise ValueError("an action that has not begun has no baseline")
    mine = np.isfinite(values) & state.groups.acted & (survey.wave >= 0)
    early, late = (
        np.bincount(survey.wave[mine & (state.timing.phase == phase)], minlength=len(survey.waves))
        for phase in (BEFORE, AFTER)
    )
    return early, late


def _unbroken(
    state: Acted, measure: str, early: np.ndarray, late: np.ndarray, survey: Survey, params: Params
) -> tuple[np.ndarray, bool, bool]:
    """Waves that no break parts; whether one is left between them; whether it is one of the scale."""
    count = len(survey.waves)
    allowed = np.ones(count, dtype=bool)
    breaks = breaks_of(measure, survey.waves, params)
    if not breaks or not early.any() or not late.any():
        return allowed, False, False
    parts = np.array(parts_of(breaks, count), dtype=int)
    names = [int(part) for part in np.unique(parts)]
    sides = {part: (int(early[parts == part].sum()), int(late[parts == part].sum())) for part in names}
    whole = [part for part in names if min(sides[part]) > 0]
    one_start = len(set(state.start_waves.values())) < 2
    if whole and one_start:
        best = max(whole, key=lambda part: (min(sides[part]), -part))
        return parts == best, False, False
    if one_start:
        first = max(part for part in names if sides[part][0])
        last = min((part for part in names if sides[part][1] and part > first), default=first)
        allowed = (parts == first) | (parts == last)
    used = np.flatnonzero(allowed & (early + late > 0))
    crossed = [why for place, why in breaks if used.min() < place <= used.max()]
    return allowed, bool(crossed), "scale" in crossed
