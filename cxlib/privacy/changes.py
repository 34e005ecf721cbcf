"""What changed, and the trends, as they leave the door: nothing of too few people, no level of a single place.

All customers of a wave less the others of that wave are those acted on. So where one of the two groups is hidden the
other goes, too: their means stand beside the trend of all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from cxlib.findings.schema import Change, ChangePoint, Side, Trend
from cxlib.privacy.limits import Limits
from cxlib.privacy.say import say
from cxlib.privacy.suppression import Sum, is_small, suppress

NUMBERS = ("estimate", "low", "high", "p", "detectable", "error", "df", "smallest_p", "equivalence_p", "same_mix")
SINGLE = 1  # place: its mean is the score of that place


@dataclass(frozen=True)
class Guarded:
    """A change or trend as it may be shown, and what was hidden of it: '', 'sides' or 'all'."""

    change: Change
    hidden: str


@dataclass(frozen=True)
class Around:
    """What stands beside a change.

    Attributes
    ----------
    places : mapping of (str, str) to int
        Group and wave of its points -> places behind each.
    everyone : mapping of str to int
        Wave -> all who answered the question, as the trend shows them.
    telling : bool
        Beside the groups of other actions, its own would give away a single place.
    """

    places: Mapping[tuple[str, str], int] = field(default_factory=dict)
    everyone: Mapping[str, int] = field(default_factory=dict)
    telling: bool = False


def guard_change(change: Change, limits: Limits, around: Around) -> Guarded:
    """A change without what may not be shown.

    Parameters
    ----------
    change : Change
    limits : Limits
    around : Around

    Returns
    -------
    Guarded
        With fewer answers than the smallest number of pairs before or after, in either group: grade E0 and no number.
    """
    sides = [side for side in _sides(change) if side is not None]
    too_few = any(side.n is None or side.n < limits.min_factor_pairs for side in sides)
    if change.grade == "E0" or (too_few and change.grade is not None):
        return Guarded(_without_numbers(change), "" if change.grade == "E0" else "all")
    sides_kept = _guard_sides(change, limits, around)
    points = _guard_points(change, limits, around)
    numbers = {} if change.grade is not None else dict.fromkeys(NUMBERS)  # no grade: nothing was measured
    shown = change.model_copy(update={**sides_kept, **numbers, "points": points})
    if change.relative and change.points and not points:
        shown = shown.model_copy(update={"sentence": say("change_reason_one_unit", measure=change.label)})
    if change.figure and not _drawable(shown):
        shown = shown.model_copy(update={"figure": None})
    hidden = any(getattr(shown, name) != getattr(change, name) for name in (*sides_kept, "points"))
    return Guarded(shown, "sides" if hidden else "")


def _sides(change: Change) -> tuple[Side | None, ...]:
    return change.before, change.after, change.others_before, change.others_after


def _without_numbers(change: Change) -> Change:
    """A change of which too few people speak: its place and nothing else."""
    empty = dict.fromkeys(
        (*NUMBERS, "before", "after", "others_before", "others_after", "needed", "needed_units", "paired_n", "drift",
         "pretrend", "could_see", "figure")
    )  # fmt: skip
    told = {"grade": "E0", "sentence": say("change_few", measure=change.label), "caveats": (), "points": (), "caps": ()}
    return change.model_copy(update=empty | told)


def _guard_sides(change: Change, limits: Limits, around: Around) -> dict[str, Side | None]:
    kept: dict[str, Side | None] = {}
    for one, two in (("before", "others_before"), ("after", "others_after")):
        both = [(name, getattr(change, name)) for name in (one, two)]
        few = any(side is not None and is_small(side.n or 0, limits.min_group) for _, side in both)
        alone = around.telling or any(side is not None and side.units == SINGLE for _, side in both)
        for name, side in both:
            if side is None or few:
                kept[name] = None
            elif alone:
                kept[name] = side.model_copy(update={"mean": None, "low": None, "high": None})
            else:
                kept[name] = side
    return kept


def _guard_points(change: Change, limits: Limits, around: Around) -> tuple[ChangePoint, ...]:
    """The points of a figure.

    Notes
    -----
    A run chart of one place shows how far it moved, without its level and without the others, from which its level
    could be worked out; and only where every wave has enough answers. Of other actions both groups of a wave go
    together, and they go where all who answered are but a few more than the two.
    """
    if change.relative:
        enough = all((point.n or 0) >= limits.min_factor_pairs for point in change.points)
        return tuple(point for point in change.points if point.group == "acted") if enough else ()
    levels = [point for point in change.points if point.group != "event"]
    if around.telling and levels:
        return ()
    shown: dict[str, int] = {}
    for point in levels:
        shown[point.at] = shown.get(point.at, 0) + (point.n or 0)

    def unfit(point: ChangePoint) -> bool:
        if point.n is None or is_small(point.n, limits.min_group):
            return True
        if point.group == "event":
            return False
        rest = around.everyone.get(point.at, 0) - shown[point.at]
        return around.places.get((point.group, point.at)) == SINGLE or is_small(rest, limits.min_group)

    gone = {point.at for point in change.points if unfit(point)}
    empty = {"n": None, "estimate": None, "low": None, "high": None}
    return tuple(point.model_copy(update=empty) if point.at in gone else point for point in change.points)


def _drawable(change: Change) -> bool:
    if any(point.estimate is not None for point in change.points):
        return True
    return all(side is not None and side.mean is not None for side in (change.before, change.after))


def guard_trend(trend: Trend, limits: Limits) -> Trend:
    """A trend without the waves of too few people, and without one more where a total would give them away."""
    counts = {point.wave: point.n or 0 for point in trend.points}
    gone = set(suppress(counts | {"": sum(counts.values())}, [Sum("", tuple(counts))], limits.min_group))
    if not gone:
        return trend
    empty = dict.fromkeys(("n", "mean", "low", "high", "same_mix", "same_mix_low", "same_mix_high"))
    points = tuple(point.model_copy(update=empty) if point.wave in gone else point for point in trend.points)
    drawable = sum(point.mean is not None for point in points) > 1
    return trend.model_copy(update={"points": points, "figure": trend.figure if drawable else None})


def guard_steps(trends: tuple[Trend, ...], factors_of: Mapping[str, tuple[str, ...]]) -> tuple[Trend, ...]:
    """A step's wave goes with that of a factor in it: the others of the step would give it away."""
    hidden = {(trend.measure, point.wave) for trend in trends for point in trend.points if point.n is None}
    empty = dict.fromkeys(("n", "mean", "low", "high", "same_mix", "same_mix_low", "same_mix_high"))
    kept = []
    for trend in trends:
        if trend.kind == "step":
            gone = {wave for factor, wave in hidden if factor in factors_of.get(trend.measure, ())}
            points = tuple(point.model_copy(update=empty) if point.wave in gone else point for point in trend.points)
            trend = trend.model_copy(update={"points": points})
        kept.append(trend)
    return tuple(kept)
