"""Importance by every measure, side by side: one factor, or one step of the journey, a row (importance.csv)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from cxlib.drivers.adjusting import ENOUGH, FEWEST_RESAMPLES, RESAMPLE_WORK, TOP, Resampled, Together, parted
from cxlib.drivers.survey import Survey
from cxlib.drivers.table import typed
from cxlib.stats.dominance import bca_interval, dominance, group_shares, top_chances
from cxlib.stats.importance import EXACT_UP_TO, relative_weights, shapley_shares, subset_r2
from cxlib.stats.matrices import nearest_correlation
from cxlib.stats.ordinal_model import SHARES_UP_TO, mcfadden_shares
from cxlib.stats.rank import resampled_correlations
from cxlib.stats.resampling import expanded_confidence

IMPORTANCE_COLUMNS = (
    "outcome", "factor", "kind", "method", "share", "low", "high", "bca_low", "bca_high", "top3", "first", "r2",
    "complete", "conditional", "others", "reason",
)  # fmt: skip
KINDS = dict.fromkeys(("outcome", "factor", "kind", "method", "reason"), "text")
KINDS |= dict.fromkeys(("complete", "conditional", "others"), "whole")
DOMINANCE_UP_TO = 16  # factors; gains of every factor in every subset are held at once
MODEL_WORK = 1 << 26  # people times models (2 ** factors) of the ordinal model: about two seconds; more is on request
BCA_FROM = 1000  # people; below, BCa intervals of shares hold the truth too seldom (87 % at 200: docs/calibration.md)

Row = dict[str, Any]
Shared = Callable[[np.ndarray], np.ndarray]


def importances(
    survey: Survey,
    together: Sequence[Together],
    steps: Mapping[str, str | None],
    *,
    ordinal: bool | None = None,
) -> pd.DataFrame:
    """Importance of every factor, and of every step of the journey as one unit, by each measure.

    Parameters
    ----------
    survey : Survey
    together : sequence of Together
        One an outcome.
    steps : mapping
        Factor -> step of the journey; None for a factor that belongs to none.
    ordinal : bool, optional
        Whether the proportional-odds model is fitted on every subset of factors (up to 12). None does it where it takes
        up to about two seconds an outcome: 12 factors and 16,000 people, 8 factors and 260,000.

    Returns
    -------
    DataFrame
        One row a factor (kind 'factor') or step ('step') and method:

        - `lmg`: mean gain of R2 over all orders of entering; the share, interval and `top3` of drivers.csv. Steps: all
          factors of a step enter and leave as one.
        - `dominance`: general dominance, which equals lmg; `complete` and `conditional` count the `others` that the
          factor dominates in these stronger ways.
        - `owen`: how a step's share is parted among its factors, the other steps entering as wholes.
        - `relative_weights`: Johnson's.
        - `mcfadden`: LMG's idea on McFadden's R2 of the proportional-odds model, people with all answers only.

        `share` is a part of `r2` (0-1; the shares of a method sum to 1); `low`, `high` the percentile interval,
        `bca_low`, `bca_high` the bias-corrected and accelerated one (acceleration from leaving out each of the drawn
        groups in turn; from `BCA_FROM` people on, and for LMG where that takes at most 2^26 subset R2); `top3` and
        `first` the part of the resamples in which it is among the first three, and the first. `reason`: as in
        drivers.csv where a factor has no importance; 'too_many' factors for the method; 'nothing_explained' (R2 is 0);
        'on_request' (the ordinal model would take long); 'not_resampled' (the share is there, its interval is not: too
        costly, or too few resamples have it).
    """
    size = len(survey.factors)
    bca = survey.rows >= BCA_FROM and any(len(one.resampled.stack) for one in together)
    whole, jackknife = _left_out(survey) if bca else (None, None)
    rows: list[Row] = []
    for number, (outcome, one) in enumerate(zip(survey.outcomes, together, strict=True)):
        drawn = one.resampled
        at = np.append(drawn.used, size + number)
        spread = None
        if whole is not None and len(drawn.stack):
            base = whole[np.ix_(at, at)]
            if not np.isnan(base).any():
                spread = _Spread(nearest_correlation(base)[0], _fit(jackknife, at))
        here = [{"outcome": outcome, **row} for row in _of_outcome(survey, one, spread, steps, ordinal, outcome)]
        rows += here
    return typed(rows, {column: KINDS.get(column, "number") for column in IMPORTANCE_COLUMNS})


def lmg(matrices: np.ndarray) -> np.ndarray:
    """LMG shares that sum to 1, rounded so that equal factors tie on every machine; NaN where R2 is 0."""
    return parted(shapley_shares(matrices).shares)


def johnson(matrices: np.ndarray) -> np.ndarray:
    """Johnson's relative weights, likewise."""
    return parted(relative_weights(matrices).shares)


@dataclass(frozen=True)
class _Spread:
    """What the BCa interval needs: the matrix from the tables that are resampled, and with each group left out."""

    whole: np.ndarray
    jackknife: np.ndarray


def _left_out(survey: Survey) -> tuple[np.ndarray, np.ndarray]:
    """Rank correlations from the tables that are resampled, and with each drawn group left out in turn."""
    count = survey.groups.count
    draws = np.concatenate([np.ones((1, count)), 1 - np.eye(count)])
    both = resampled_correlations(survey.group_tables, draws)
    return both[0], both[1:]


def _fit(stack: np.ndarray, at: np.ndarray) -> np.ndarray:
    inside = stack[:, at[:, None], at]
    inside = inside[~np.isnan(inside).any(axis=(1, 2))]
    return nearest_correlation(inside)[0] if len(inside) else inside


def _of_outcome(
    survey: Survey,
    one: Together,
    spread: _Spread | None,
    steps: Mapping[str, str | None],
    ordinal: bool | None,
    outcome: str,
) -> list[Row]:
    drawn = one.resampled
    names = [survey.factors[place] for place in drawn.used]
    rows: list[Row] = []
    exact = len(names) <= EXACT_UP_TO
    confidence = expanded_confidence(survey.settings.confidence, survey.groups.count)
    if names and exact:
        found = shapley_shares(drawn.matrix)
        costly = spread is not None and len(spread.jackknife) << len(names) > RESAMPLE_WORK
        main = _measured(lmg, drawn, None if costly else spread, confidence, drawn.shares)
        # the percentile interval and the top three are those of drivers.csv, held beside a random factor
        main |= _as_reported(one)
        main["r2"] = np.full(len(names), float(found.r2))
        rows += _rows(names, "factor", "lmg", main)
        rows += _rows(names, "factor", "dominance", main | _dominated(drawn.matrix))
    elif names:
        rows += _rows(names, "factor", "lmg", {}, "too_many") + _rows(names, "factor", "dominance", {}, "too_many")
    if names:
        weights = _measured(johnson, drawn, spread, confidence, None if exact else drawn.shares)
        weights |= {} if exact else _as_reported(one)
        weights["r2"] = np.full(len(names), float(relative_weights(drawn.matrix).r2))
        rows += _rows(names, "factor", "relative_weights", weights)
        rows += _model_rows(survey, names, outcome, ordinal)
        rows += _step_rows(names, drawn, spread, steps, confidence)
    for place, factor in enumerate(survey.factors):
        if not one.used[place]:
            rows.append({"factor": factor, "kind": "factor", "method": "lmg", "reason": one.reason[place]})
    return rows


def _as_reported(one: Together) -> dict[str, np.ndarray]:
    at = one.resampled.used
    return {"low": one.share_low[at], "high": one.share_high[at], "top3": one.top3[at]}


def _measured(
    share: Shared, drawn: Resampled, spread: _Spread | None, confidence: float, shares: np.ndarray | None = None
) -> dict[str, np.ndarray]:
    """Share, intervals and ranks of one measure; `shares` where the resamples' are known already."""
    if not len(drawn.stack):
        return {"share": share(drawn.matrix)}
    shares = share(drawn.stack) if shares is None else shares
    left_out = (None, None) if spread is None else (share(spread.whole), share(spread.jackknife))
    return _intervals(share(drawn.matrix), shares, *left_out, confidence)


def _intervals(
    estimate: np.ndarray,
    shares: np.ndarray,
    whole: np.ndarray | None,
    jackknife: np.ndarray | None,
    confidence: float,
) -> dict[str, np.ndarray]:
    found = {"share": estimate}
    usable = shares[~np.isnan(shares).any(axis=1)]
    if len(usable) < ENOUGH * len(shares) or not len(usable):
        return found
    found["top3"], found["first"] = (top_chances(usable, first=places) for places in (TOP, 1))
    tail = (1 - confidence) / 2
    found["low"], found["high"] = np.quantile(usable, [tail, 1 - tail], axis=0)
    if whole is not None and jackknife is not None:
        found["bca_low"], found["bca_high"] = bca_interval(whole, usable, jackknife, confidence=confidence)
    return found


def _dominated(matrix: np.ndarray) -> dict[str, np.ndarray]:
    """How many of the others each factor dominates completely, and conditionally."""
    size = len(matrix) - 1
    if size > DOMINANCE_UP_TO:
        return {}
    found = dominance(subset_r2(matrix[None])[:, 0])
    counts = {"complete": found.complete_order, "conditional": found.conditional_order}
    return {name: (order == 1).sum(axis=1) for name, order in counts.items()} | {"others": np.full(size, size - 1)}


def _model_rows(survey: Survey, names: list[str], outcome: str, ordinal: bool | None) -> list[Row]:
    """Shares of McFadden's R2; an interval would need the 2 ** p models of every resample."""
    people = int(survey.answers[[*names, outcome]].notna().all(axis=1).sum())
    reason = ""
    if len(names) > SHARES_UP_TO:
        reason = "too_many"
    elif people < survey.settings.min_pairs:
        reason = "too_few"
    elif ordinal is False or (ordinal is None and people << len(names) > MODEL_WORK):
        reason = "on_request"
    if reason:
        return _rows(names, "factor", "mcfadden", {}, reason)
    found = mcfadden_shares(survey.answers[names], survey.answers[outcome], weights=survey.weights)
    if found.reason:
        return _rows(names, "factor", "mcfadden", {}, found.reason)
    return _rows(names, "factor", "mcfadden", {"share": parted(found.shares), "r2": np.full(len(names), found.r2)})


def _step_rows(
    names: list[str], drawn: Resampled, spread: _Spread | None, steps: Mapping[str, str | None], confidence: float
) -> list[Row]:
    """Shares of the steps, each entering as one unit, and of the factors within them."""
    units: dict[str, list[int]] = {}
    for place, name in enumerate(names):
        step = steps.get(name)
        # a factor of no step is a unit of its own; a name that no step can have keeps it apart
        units.setdefault(step if step is not None else f"\0{name}", []).append(place)
    shown = [number for number, unit in enumerate(units) if not unit.startswith("\0")]
    if not shown or len(units) < 2:
        return []
    labels = [unit for unit in units if not unit.startswith("\0")]
    groups = list(units.values())
    doublings = max((len(group) for group in groups if len(group) > 1), default=1) + len(groups) - 1
    if doublings > DOMINANCE_UP_TO:
        return _rows(labels, "step", "lmg", {}, "too_many")
    each = max(1, len(names) ** 2 // 4)  # a sweep moves as many numbers as a matrix has
    count = max(FEWEST_RESAMPLES, (RESAMPLE_WORK >> (doublings + 1)) // each)
    needed = [drawn.matrix]
    if spread is not None and len(drawn.stack):
        needed += [drawn.stack[:count], spread.whole, spread.jackknife]
    found = [group_shares(matrices, groups) for matrices in needed]
    of_steps, within = (
        _intervals(*values, confidence) if len(values) > 1 else {"share": values[0]}
        for values in ([parted(one.shares) for one in found], [parted(one.within) for one in found])
    )
    r2 = float(found[0].r2)
    of_steps = {name: values[shown] for name, values in of_steps.items()} | {"r2": np.full(len(shown), r2)}
    within["r2"] = np.full(len(names), r2)
    return _rows(labels, "step", "lmg", of_steps) + _rows(names, "factor", "owen", within)


def _rows(
    names: Sequence[str], kind: str, method: str, values: Mapping[str, np.ndarray], reason: str = ""
) -> list[Row]:
    rows = []
    for place, name in enumerate(names):
        row: Row = {"factor": name, "kind": kind, "method": method}
        row |= {column: held[place] for column, held in values.items()}
        if not reason and not np.isfinite(row.get("share", np.nan)):
            row["reason"] = "nothing_explained"
        elif not reason and not np.isfinite(row.get("low", np.nan)):
            row["reason"] = "not_resampled"
        else:
            row["reason"] = reason
        rows.append(row)
    return rows
