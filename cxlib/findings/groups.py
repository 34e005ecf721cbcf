"""The association among groups of customers and in each wave, with the people behind it."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations

import numpy as np
import pandas as pd

from cxlib.findings.numbers import DriversTable, Pair, count, number, text
from cxlib.findings.schema import Both, Difference, Holds, Slice, Specifications
from cxlib.params.model import Params
from cxlib.privacy.draft import CrossCounts, GroupCounts, Table


def level_label(params: Params, segment: str, level: str) -> Both:
    """A group's name: as the parameters give it, or the value as text."""
    label = params.segments[segment].values.get(level) if segment else None
    return Both(vi=label.vi, en=label.en) if label else Both(vi=level, en=level)


def segment_label(params: Params, segment: str) -> Both:
    """A segment's name: as the parameters give it, or its key."""
    label = params.segments[segment].label
    return Both(vi=label.vi, en=label.en) if label else Both(vi=segment, en=segment)


def slices(drivers: DriversTable, pair: Pair, segment: str, params: Params) -> tuple[Slice, ...]:
    """The association in each level of a segment, or with segment '' in each wave; never in the order of its size."""
    whole = pair.get("estimate") or 0.0
    found = []
    for row in drivers.parts(pair, segment):
        level = text(row["level"]) if segment else text(row["wave"])
        estimate, low, high = (number(row[name]) for name in ("estimate", "low", "high"))
        stands = None
        if estimate is not None and low is not None and high is not None:
            stands = estimate * whole > 0 and not low <= 0 <= high
        found.append(
            Slice(
                key=segment,
                level=level,
                label=level_label(params, segment, level),
                n=count(row["n"]),
                estimate=estimate,
                low=low,
                high=high,
                stands=stands,
            )
        )
    order = list(params.segments[segment].values) if segment else []
    return tuple(sorted(found, key=lambda item: order.index(item.level) if item.level in order else len(order)))


def differences(drivers: DriversTable, pair: Pair, params: Params) -> tuple[Difference, ...]:
    """For each segment, whether the association differs between its groups."""
    found = []
    for segment in params.segments:
        row = drivers.difference(pair, segment)
        if row is None:
            continue
        q = number(row["differs_q"])
        found.append(
            Difference(
                key=segment,
                label=segment_label(params, segment),
                p=number(row["differs_p"]),
                q=q,
                differs=q is not None and q < params.analysis.q,
            )
        )
    return tuple(found)


def holds(drivers: DriversTable, pair: Pair, params: Params) -> Holds:
    """Where the finding stands: by group, by wave, by way of looking."""
    return Holds(
        segments=tuple(item for segment in params.segments for item in slices(drivers, pair, segment, params)),
        differences=differences(drivers, pair, params),
        waves=slices(drivers, pair, "", params),
        specifications=Specifications(stand=count(pair.row["specs_stand"]), of=count(pair.row["specs_of"])),
    )


def people(drivers: DriversTable, pair: Pair, params: Params) -> dict[Table, GroupCounts]:
    """How many people stand behind each slice."""
    counts = {}
    for segment in ("", *params.segments):
        levels = {
            text(row["level"]) if segment else text(row["wave"]): count(row["n"])
            for row in drivers.parts(pair, segment)
        }
        if levels:
            counts[pair.factor, pair.outcome, segment] = GroupCounts(pair.n, levels)
    return counts


def people_crossed(
    answers: pd.DataFrame, pairs: Iterable[Pair], params: Params
) -> dict[tuple[str, str], tuple[CrossCounts, ...]]:
    """The people of each association by each two of wave and segments, by factor and outcome."""
    columns = {"": "wave"} | {segment: segment for segment in params.segments if segment in answers}
    # Levels are told apart once for all associations: they are texts, and of a large survey many.
    levels = {key: _levels(answers[column]) for key, column in columns.items()}
    weighed = (answers["weight"].fillna(0) > 0).to_numpy() if "weight" in answers else True
    crossed = {}
    for pair in pairs:
        there = answers[pair.factor].notna().to_numpy() & answers[pair.outcome].notna().to_numpy() & weighed
        crossed[pair.factor, pair.outcome] = tuple(
            CrossCounts(first, second, _cells(there, levels[first], levels[second]))
            for first, second in combinations(levels, 2)
        )
    return crossed


def _levels(column: pd.Series) -> tuple[np.ndarray, list[str]]:
    """Place of each answer's level among the levels, and these in their order; "" holds the answers without one."""
    codes, names = pd.factorize(column.fillna("").astype(str), sort=True)
    return codes, [str(name) for name in names]


def _cells(
    there: np.ndarray, first: tuple[np.ndarray, list[str]], second: tuple[np.ndarray, list[str]]
) -> dict[tuple[str, str], int]:
    """Of those there, how many have each level of the first with each of the second, where anybody has."""
    (one, names), (two, others) = first, second
    sizes = np.bincount(one[there] * len(others) + two[there], minlength=len(names) * len(others))
    return {
        (names[place // len(others)], others[place % len(others)]): int(sizes[place]) for place in np.flatnonzero(sizes)
    }
