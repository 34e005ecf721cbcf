"""The change of one question after one action, by the method that the shape of its answers asks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from cxlib.change.case import Case, Shape
from cxlib.change.cells import cell_means
from cxlib.stats.effects import Effect
from cxlib.stats.paired import paired_change
from cxlib.stats.resampling import MIN_CLUSTERS
from cxlib.stats.two_waves import wave_difference
from cxlib.stats.unit_changes import (
    cell_difference_in_differences,
    difference_in_differences,
    lasting_error,
    unit_changes,
    unit_weights,
)

SIDES = ("others_before", "others_after", "before", "after")  # in the order of `Case.cells`
EVENT_COLUMNS = ("period", "n", "units", "estimate", "low", "high")


@dataclass(frozen=True)
class Estimated:
    """An estimate with what belongs to it.

    Attributes
    ----------
    effect : Effect
    sides : mapping of str to mapping
        Of each of `SIDES` that there is: n, units, mean, low, high.
    lasting : float
        Part of the error that more answers from the same units would not remove.
    changes : DataFrame or None
        `unit_changes` of all units, acted on first, with `acted` and the `weight` of each in the estimate.
    pretrend : Effect or None
        Where the method tells it itself.
    events : DataFrame or None
        Where the method tells them itself.
    """

    effect: Effect
    sides: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    lasting: float = 0.0
    changes: pd.DataFrame | None = None
    pretrend: Effect | None = None
    events: pd.DataFrame | None = None


@dataclass(frozen=True)
class Order:
    """A roll-out one after another: the first period of every unit (None: not in these waves), and whether drawn."""

    starts: Mapping[int, int | None]
    eligible: frozenset[int] | None = None


def estimate(shape: Shape, *, confidence: float, seed: int, drawn: bool, order: Order | None, waves: int) -> Estimated:
    """The estimate of one question after one action.

    Parameters
    ----------
    shape : Shape
        The method and the answers it uses.
    confidence : float in (0, 1)
    seed : int
    drawn : bool
        The places (or their order) were drawn, and the comparison is what the draw left.
    order : Order or None
        Needed by 'staggered'.
    waves : int
        How many waves the survey has.
    """
    case = shape.case
    if shape.method in ("did", "paired_did"):
        return _compared(case, shape.method, confidence, seed, drawn)
    if shape.method == "staggered" and order is not None:
        return _staggered(case, order, confidence, seed, drawn, waves)
    sides = pooled_sides(case, confidence)
    if shape.method == "paired":
        return Estimated(_paired(case, confidence), sides)
    if shape.method == "series":
        return Estimated(_series(case, confidence), sides)
    if shape.method == "difference":
        return Estimated(_difference(case, confidence), sides)
    return Estimated(Effect.none(shape.method, shape.reason, n=len(case.values)), sides)


def pooled_sides(case: Case, confidence: float) -> dict[str, dict[str, float]]:
    """Mean of each side over all its answers, robust to units answering alike."""
    told = cell_means(
        case.values, case.cells(), len(SIDES), weights=case.weight, units=case.unit, confidence=confidence
    )
    return {
        side: {name: float(column[place]) for name, column in told.items()}
        for place, side in enumerate(SIDES)
        if told["n"][place]
    }


def _by_units(case: Case) -> bool:
    return case.unit is not None and not len(case.straddling())


def _compared(case: Case, method: str, confidence: float, seed: int, drawn: bool) -> Estimated:
    if not _by_units(case):
        return Estimated(_of_people(case, method, confidence), pooled_sides(case, confidence))
    changes = changes_of(case)
    acted, others = _in_two(changes)
    effect = difference_in_differences(acted, others, confidence=confidence, seed=seed, drawn=drawn)
    effect = replace(effect, method=method)
    return Estimated(effect, _unit_sides(changes, confidence), lasting_error(acted, others), changes)


def changes_of(case: Case) -> pd.DataFrame:
    """`unit_changes` of all units with `acted` and `weight`, those acted on first."""
    if case.unit is None:
        raise ValueError("no unit is declared")
    changes = unit_changes(case.values, case.unit, case.late, case.weight, _twice(case))
    reached = np.unique(case.unit[case.acted])
    acted = np.isin(changes["unit"].to_numpy(dtype=int), reached)
    order = np.argsort(~acted, kind="stable")
    columns = {name: changes[name].to_numpy()[order] for name in changes}
    weight = unit_weights(columns["change"], columns["noise"]) if len(changes) > 1 else 1.0
    return pd.DataFrame({**columns, "acted": acted[order], "weight": weight})


def _in_two(changes: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The units acted on, which stand first, and the others."""
    reached = int(changes["acted"].sum())
    return changes.iloc[:reached], changes.iloc[reached:]


def _twice(case: Case) -> np.ndarray | None:
    """Numbers of the respondents, where any of them answered more than once."""
    if case.person is None:
        return None
    known = case.person[case.person >= 0]
    if not known.size or np.bincount(known).max() < 2:
        return None
    return np.where(case.person >= 0, case.person.astype(float), np.nan)


def _unit_sides(changes: pd.DataFrame, confidence: float) -> dict[str, dict[str, float]]:
    """Mean of each side over units, each with its weight in the estimate, so that the four add up to it."""
    acted = changes["acted"].to_numpy()
    values = np.concatenate([changes["before"].to_numpy(), changes["after"].to_numpy()])
    cells = np.concatenate([2 * acted, 2 * acted + 1]).astype(int)
    answers = np.concatenate([changes["n_before"].to_numpy(), changes["n_after"].to_numpy()])
    weights = np.tile(changes["weight"].to_numpy(), 2)
    told = cell_means(values, cells, len(SIDES), weights=weights, confidence=confidence)
    told["units"], told["n"] = told["n"], np.bincount(cells, answers, len(SIDES))
    return {side: {name: float(part[place]) for name, part in told.items()} for place, side in enumerate(SIDES)}


def _of_people(case: Case, method: str, confidence: float) -> Effect:
    """People, not places, were acted on: the same place has customers of both groups, or no place is declared."""
    clusters = case.unit if case.unit is not None and min(case.units()) >= MIN_CLUSTERS else None
    if method == "paired_did":
        before, after, acted = case.values[0::2], case.values[1::2], case.acted[1::2]
        changes = after - before
        effect = difference_in_differences(changes[acted], changes[~acted], inference="cluster", confidence=confidence)
        return replace(effect, method=method, inference="welch", n=len(case.values), units=case.units())
    if clusters is None and case.person is not None:
        clusters = _twice(case)
    if clusters is not None:
        clusters = np.where(clusters >= 0, clusters.astype(float), np.nan)
    return cell_difference_in_differences(
        case.values, case.acted, case.late, units=clusters, weights=case.weight, confidence=confidence
    )


def _split(part: np.ndarray | None, late: np.ndarray) -> tuple[np.ndarray | None, np.ndarray | None]:
    if part is None:
        return None, None
    if part.dtype.kind == "i":
        part = np.where(part >= 0, part.astype(float), np.nan)
    return part[~late], part[late]


def _difference(case: Case, confidence: float) -> Effect:
    before, after = _split(case.values, case.late)
    return wave_difference(
        before,
        after,
        weights=_split(case.weight, case.late),
        units=_split(case.unit, case.late),
        people=_split(case.person, case.late),
        confidence=confidence,
    )


def _paired(case: Case, confidence: float) -> Effect:
    """One row before and one after of each person, in turn."""
    units = None if case.unit is None else np.where(case.unit[1::2] >= 0, case.unit[1::2].astype(float), np.nan)
    weights = None if case.weight is None else case.weight[1::2]
    return paired_change(case.values[0::2], case.values[1::2], units=units, weights=weights, confidence=confidence)


def _series(case: Case, confidence: float) -> Effect:
    """Mean distance of the line after the start from the line before it, drawn on."""
    from cxlib.stats.series import interrupted_series

    first, count = int(case.wave.min()), int(np.ptp(case.wave)) + 1
    told = cell_means(
        case.values, case.wave - first, count, weights=case.weight, units=case.unit, confidence=confidence
    )
    start = int(case.wave[case.late].min()) - first
    series = interrupted_series(
        np.where(told["n"] > 0, told["mean"], np.nan),
        start,
        errors=np.where(told["n"] > 0, 1 / np.sqrt(np.maximum(told["n"], 1)), np.nan),
        n=len(case.values),
        confidence=confidence,
    )
    return replace(series.average, units=(case.units()[0], 0))


def _staggered(case: Case, order: Order, confidence: float, seed: int, drawn: bool, waves: int) -> Estimated:
    from cxlib.stats.orders import redrawn_orders
    from cxlib.stats.staggered import group_time

    if case.unit is None:
        return Estimated(Effect.none("staggered", "no_overlap"))
    known = (case.unit >= 0) & ~_early_in_the_wave_of_its_start(case, order, waves)
    weight = np.ones(len(case.values)) if case.weight is None else case.weight
    slot = case.unit[known] * waves + case.wave[known]
    count, total = np.bincount(slot), np.bincount(slot, weight[known])
    there = np.flatnonzero(count)
    mean = np.bincount(slot, (weight * case.values)[known])[there] / total[there]
    table = pd.DataFrame({"unit": there // waves, "period": there % waves, "mean": mean, "n": count[there]})
    units = sorted(set(table["unit"]))
    starts = {unit: order.starts.get(unit) for unit in units}
    redraws = None
    if drawn:
        values = [np.nan if start is None else start for start in starts.values()]
        able = None if order.eligible is None else [unit in order.eligible for unit in units]
        redraws = redrawn_orders(values, eligible=able, seed=seed)
    found = group_time(table, starts, confidence=confidence, drawn=drawn, redraws=redraws, seed=seed)
    return Estimated(
        replace(found.overall, n=len(case.values)),
        pooled_sides(case, confidence),
        pretrend=found.pretrend,
        events=found.events.reindex(columns=list(EVENT_COLUMNS)),
    )


def _early_in_the_wave_of_its_start(case: Case, order: Order, waves: int) -> np.ndarray:
    """Answers from the days of a wave before the unit's own start in it: they belong to neither side of the start."""
    if case.unit is None:
        return np.zeros(len(case.values), dtype=bool)
    first = np.full(max(int(case.unit.max(initial=0)), max(order.starts, default=0)) + 1, waves)
    for unit, start in order.starts.items():
        if start is not None:
            first[unit] = start
    return case.acted & ~case.late & (case.wave >= first[case.unit])


def pretrend(case: Case, method: str, confidence: float, min_answers: int) -> Effect | None:
    """Change from the earlier waves before the action to the last one, in the same comparison.

    None with fewer than two such waves. A wave that gives fewer than `min_answers` on a side of the comparison (a few
    days of it lay before the start) is left out.
    """
    before = case.take(~case.late)
    compared = method in ("did", "paired_did")
    sides = [before.wave[before.acted]] + ([before.wave[~before.acted]] if compared else [])
    counts = [np.bincount(side, minlength=int(case.wave.max()) + 1) for side in sides]
    waves = np.flatnonzero(np.min(counts, axis=0) >= min_answers)
    if len(waves) < 2:
        return None
    before = before.take(np.isin(before.wave, waves))
    again = replace(before, late=before.wave == waves[-1])
    if compared:
        if not _by_units(again):
            return _of_people(again, "did", confidence)
        again = again.in_both_times()
        if min(again.units()) < 2:
            return None
        return difference_in_differences(*_in_two(changes_of(again)), inference="cluster", confidence=confidence)
    return _difference(again, confidence)
