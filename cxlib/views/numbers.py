"""The numbers of a finding, one click below its card."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from cxlib.findings.schema import Difference, Finding, Measure, Slice
from cxlib.views.method_words import method_in_words
from cxlib.views.say import Said, count, joined, number, ranged, said, say, share, shares


@dataclass(frozen=True)
class Table:
    """Rows of texts under column names; the first of a row names it. `foot` is read below it."""

    caption: Said
    columns: tuple[Said, ...]
    rows: tuple[tuple[Said, ...], ...]
    foot: Said | None = None


def the_numbers(finding: Finding) -> list[tuple[Said, Said]]:
    """Names and values of what is known of a finding; what is not shown is left out."""
    together, given, weight = finding.association, finding.adjusted, finding.importance
    rating, shape, mood, weighted = finding.performance, finding.shape, finding.without_mood, finding.weighted
    low, high = rating.scale
    lines = [
        (say("page_no_association"), ranged(together.estimate, together.low, together.high)),
        (say("page_no_adjusted"), ranged(given.estimate, given.low, given.high)),
    ]
    if mood is not None:
        lines.append((say("page_no_mood"), ranged(mood.estimate, mood.low, mood.high)))
    if weighted is not None:
        lines.append((say("page_no_unweighted"), number(weighted.unweighted)))
    lines += [
        (say("page_no_share"), shares(weight.share, weight.low, weight.high)),
        (say("page_no_noise"), share(weight.noise_high, 1)),
        (say("page_no_top3"), share(weight.top3)),
        (say("page_no_first"), share(weight.first)),
        (say("page_no_mean", low=count(low), high=count(high)), number(rating.mean, 1)),
        (say("page_no_low"), share(rating.low_share)),
        (say("page_no_penalty"), ranged(shape.penalty, shape.penalty_low, shape.penalty_high, 1)),
        (say("page_no_reward"), ranged(shape.reward, shape.reward_low, shape.reward_high, 1)),
        (say("page_no_q"), small(together.q)),
    ]
    nothing = number(None)
    return [(name, value) for name, value in lines if value != nothing]


def small(value: float | None) -> Said:
    """A probability; below a thousandth it is only said to be so."""
    if value is not None and value < 0.001:
        return say("page_less_than", value=number(0.001, 3))
    return number(value, 3)


def the_tables(finding: Finding) -> list[Table]:
    """By group, by wave, by further methods."""
    return [*_by_group(finding), *_by_method(finding)]


def _by_group(finding: Finding) -> Iterator[Table]:
    where = finding.holds
    columns = (say("page_col_answers"), say("page_col_together"))
    tested = {item.key: item for item in where.differences}
    for key in dict.fromkeys(item.key for item in where.segments):
        slices = tuple(item for item in where.segments if item.key == key)
        name = said(tested[key].label) if key in tested else said(key)
        caption = say("page_by_group", group=name)
        yield Table(caption, (say("page_col_group"), *columns), _rows(slices), _foot(tested.get(key), "group"))
    if where.waves:
        first = say("page_col_wave")
        yield Table(say("page_by_wave"), (first, *columns), _rows(where.waves), _foot(where.over_waves, "wave"))


def _rows(slices: tuple[Slice, ...]) -> tuple[tuple[Said, ...], ...]:
    return tuple((said(item.label), count(item.n), ranged(item.estimate, item.low, item.high)) for item in slices)


def _foot(item: Difference | None, kind: str) -> Said | None:
    """The test whether they differ, and what the groups taken together let expect of a further one."""
    if item is None or item.q is None:
        return None
    told = [say("page_differ_test", q=small(item.q), verdict=say(f"page_differ_{'yes' if item.differs else 'no'}"))]
    pooled = item.pooled
    if pooled is not None and pooled.predict_low is not None and pooled.predict_high is not None:
        low, high = number(pooled.predict_low), number(pooled.predict_high)
        told.append(say(f"page_pooled_{kind}", low=low, high=high))
    if pooled is not None and pooled.beyond_chance is not None:
        told.append(say("page_pooled_spread", share=share(pooled.beyond_chance)))
    return joined(told, " ")


def _by_method(finding: Finding) -> Iterator[Table]:
    columns = (say("page_col_method"), say("page_col_together"))
    alone = [item for item in finding.by_other_methods if not item.given]
    given = [item for item in finding.by_other_methods if item.given]
    for caption, items in (("page_by_method", alone), ("page_by_method_given", given)):
        if items:
            yield Table(say(caption), columns, tuple(_method_row(item) for item in items))
    others = finding.importance.others
    if others:
        rows = tuple((method_in_words(item.method), shares(item.share, item.low, item.high)) for item in others)
        yield Table(say("page_by_weight"), (say("page_col_method"), say("page_col_share")), rows)


def _method_row(item: Measure) -> tuple[Said, ...]:
    return method_in_words(item.method, brief=True), ranged(item.estimate, item.low, item.high)
