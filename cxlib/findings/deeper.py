"""What stands one click below a finding: other methods, no mood, what was not asked, each way of looking."""

from __future__ import annotations

from cxlib.findings.further import FurtherTables, Row, cell, value, yes
from cxlib.findings.numbers import Pair, count
from cxlib.findings.schema import (
    Both,
    Curve,
    Difference,
    Measure,
    Pooled,
    Unasked,
    Weight,
    Weighted,
    WithoutMood,
)
from cxlib.params.model import Params

CHOICES = ("rows", "missing", "coding", "method", "weights", "given")
TOLD_APART = 0.005  # of an association; a smaller difference is gone when two decimals are shown
ON_OWN_SCALE = ("proportional_odds",)  # no association from -1 to 1; it stands in associations.csv


def other_methods(further: FurtherTables, pair: Pair) -> tuple[Measure, ...]:
    """The association by every further method, the other factors held or not."""
    shown = {text for text in (pair.row["method"], pair.row["adjusted_method"]) if isinstance(text, str)}
    return tuple(
        Measure(
            method=cell(row, "method"),
            given="others" if cell(row, "given") == "others" else "",
            estimate=value(row, "estimate"),
            low=value(row, "low"),
            high=value(row, "high"),
        )
        for row in further.of("associations", pair.factor, pair.outcome)
        if value(row, "estimate") is not None
        and cell(row, "method") not in shown
        and not cell(row, "method").startswith(ON_OWN_SCALE)
    )


def importance_rows(further: FurtherTables, pair: Pair) -> dict[str, Row]:
    """The rows of importance.csv of a factor, by method."""
    rows = further.of("importance", pair.factor, pair.outcome)
    return {cell(row, "method"): row for row in rows if cell(row, "kind") == "factor"}


def other_weights(rows: dict[str, Row], shown: str) -> tuple[Weight, ...]:
    """Its share by every method but the one that is shown first."""
    return tuple(
        Weight(method=method, share=value(row, "share"), low=value(row, "low"), high=value(row, "high"))
        for method, row in rows.items()
        if method != shown and value(row, "share") is not None
    )


def chance_first(rows: dict[str, Row], shown: str) -> float | None:
    """The part of the resamples in which it is the largest."""
    return value(rows[shown], "first") if shown in rows else None


def without_mood(further: FurtherTables, pair: Pair) -> WithoutMood | None:
    """The association net of the customer's own level of marks."""
    row = further.one("halo", pair.factor, pair.outcome)
    if row is None or value(row, "within_estimate") is None:
        return None
    place, inside = value(row, "rank"), value(row, "within_rank")
    return WithoutMood(
        estimate=value(row, "within_estimate"),
        low=value(row, "within_low"),
        high=value(row, "within_high"),
        place=None if place is None else count(place),
        place_without=None if inside is None else count(inside),
        changes=yes(row, "changes"),
    )


def unasked(further: FurtherTables, pair: Pair) -> Unasked | None:
    """How strong an unasked reason would have to be, beside all that was asked."""
    row = sensitivity(further, pair)
    ratio = None if row is None else value(row, "evalue")
    return None if row is None or ratio is None else Unasked(ratio=ratio, ratio_low=value(row, "evalue_low"))


def sensitivity(further: FurtherTables, pair: Pair) -> Row | None:
    """What the association given the other factors could show; findings stand on it, so it is judged, not the plain."""
    rows = further.of("sensitivity", pair.factor, pair.outcome)
    held = [row for row in rows if cell(row, "given") == "others"]
    return held[0] if held else None


def weighted(further: FurtherTables, pair: Pair) -> Weighted | None:
    """With and without weights, where two decimals tell them apart."""
    row = further.one("design", pair.factor, pair.outcome)
    if row is None:
        return None
    one, other = value(row, "weighted_estimate"), value(row, "unweighted_estimate")
    if one is None or other is None or abs(one - other) < TOLD_APART:
        return None
    return Weighted(weighted=one, unweighted=other)


def pooled(further: FurtherTables, pair: Pair, segment: str) -> Pooled | None:
    """The association over the groups of a segment, or with segment '' over the waves."""
    rows = [row for row in further.of("groups", pair.factor, pair.outcome) if cell(row, "segment") == segment]
    if not rows or value(rows[0], "estimate") is None:
        return None
    names = ("estimate", "low", "high", "predict_low", "predict_high")
    return Pooled(**{name: value(rows[0], name) for name in names}, beyond_chance=value(rows[0], "i2"))


def over_waves(further: FurtherTables, pair: Pair, params: Params) -> Difference | None:
    """Whether the association differs between the waves, and what it is over them."""
    rows = [row for row in further.of("groups", pair.factor, pair.outcome) if cell(row, "segment") == ""]
    q = value(rows[0], "q") if rows else None
    if not rows or q is None:
        return None
    return Difference(
        key="",
        label=Both(vi="", en=""),
        p=value(rows[0], "p"),
        q=q,
        differs=q < params.analysis.q,
        pooled=pooled(further, pair, ""),
    )


def with_pooled(differences: tuple[Difference, ...], further: FurtherTables, pair: Pair) -> tuple[Difference, ...]:
    """The tests of the segments, each with the association over its groups."""
    return tuple(item.model_copy(update={"pooled": pooled(further, pair, item.key)}) for item in differences)


def curve(further: FurtherTables, pair: Pair) -> Curve | None:
    """Every way of looking, from the lowest association to the highest; which people it counts is told by no number."""
    ways = [
        ("|".join([cell(row, name) for name in CHOICES]), estimate, row)
        for row in further.of("specifications", pair.factor, pair.outcome)
        if (estimate := value(row, "estimate")) is not None and not cell(row, "reason")
    ]
    if not ways:
        return None
    ways.sort(key=lambda way: (way[1], way[0]))
    return Curve(
        columns=CHOICES,
        ways=tuple(name for name, _, _ in ways),
        estimates=tuple(estimate for _, estimate, _ in ways),
        stands=tuple(yes(row, "stands") for _, _, row in ways),
    )
