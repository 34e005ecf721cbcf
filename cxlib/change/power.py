"""What these answers could have shown, and how many more it would take."""

from __future__ import annotations

from math import isfinite, nan

from cxlib.change.case import Shape
from cxlib.change.estimates import Estimated
from cxlib.stats.effects import Effect
from cxlib.stats.needed import answers_needed, detectable_change, equivalence_p, units_needed

MOST_TIMES = 20  # the answers at hand: no survey grows by more, and beyond it is places that lack


def what_it_takes(
    effect: Effect, worthwhile: float, told: Estimated, shape: Shape, confidence: float, *, unsure: bool
) -> dict[str, float]:
    """The smallest change that could be seen, whether a worthwhile one is ruled out, and what it takes to tell.

    Parameters
    ----------
    effect : Effect
        Net of drift, where there is one to take off.
    worthwhile : float
        Points of the scale.
    told : Estimated
    shape : Shape
    confidence : float in (0, 1)
    unsure : bool
        The grade is EX: only then is told how many answers a wave (or, where no number would do, places) are needed.

    Returns
    -------
    dict
        equivalence_p, detectable, needed, needed_units.
    """
    found = {
        "equivalence_p": equivalence_p(effect.estimate, effect.error, effect.df, worthwhile),
        "detectable": detectable_change(effect.error, effect.df, confidence, smallest_p=effect.smallest_p),
    }
    if not unsure:
        return found
    case = shape.case
    sides = case.counts().reshape(2, 2)
    smaller = sides.min(axis=0) if sides.all() else sides[1]
    waves = (max(len(case.waves(late=late)), 1) for late in (False, True))
    before, after = (max(float(side) / wave, 1.0) for side, wave in zip(smaller, waves, strict=True))
    lasting = min(told.lasting, effect.error) if isfinite(effect.error) else 0.0
    needed = nan
    if effect.smallest_p <= 1 - confidence:
        needed = answers_needed(
            worthwhile,
            effect.error,
            (before, after),
            lasting=lasting,
            df=effect.df if lasting else float("inf"),
            confidence=confidence,
        )
    units = case.units()
    if not (shape.compared and min(units)):
        return found | ({"needed": needed} if isfinite(needed) else {})
    if needed <= MOST_TIMES * max(before, after):
        return found | {"needed": needed}
    more = units_needed(worthwhile, effect.error, units, confidence=confidence)
    return found | ({"needed_units": more} if isfinite(more) else {})
