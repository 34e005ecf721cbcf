"""Wave by wave: the means of both groups, and how far apart they moved since before."""

from __future__ import annotations

from typing import Any

import numpy as np

from cxlib.change.case import Case
from cxlib.change.cells import cell_means
from cxlib.change.estimates import EVENT_COLUMNS
from cxlib.change.scope import Groups
from cxlib.change.survey import Survey
from cxlib.change.timing import AFTER, BEFORE, DURING, PHASES, Timing
from cxlib.stats.student import t_limit

PERIOD_COLUMNS = ("group", "wave", "n", "units", "mean", "low", "high", "phase")


def periods(
    survey: Survey, values: np.ndarray, groups: Groups, timing: Timing, *, confidence: float, min_group: int
) -> dict[str, Any]:
    """Mean of both groups in every wave, split where the action began within it.

    Returns
    -------
    dict of column to values
        group : acted or others; wave; n; units; mean, low, high : NaN below the smallest group that may be shown;
        phase : before, during or after.
    """
    chosen = np.isfinite(values) & (groups.acted | groups.others) & np.isin(timing.phase, (BEFORE, DURING, AFTER))
    place = np.flatnonzero(chosen)
    count = len(survey.waves) * len(PHASES)
    cell = (~groups.acted[place]).astype(int) * count + survey.wave[place] * len(PHASES) + timing.phase[place]
    told = cell_means(
        values[place],
        cell,
        2 * count,
        weights=None if survey.weight is None else survey.weight[place],
        units=None if survey.unit is None else survey.unit[place],
        confidence=confidence,
    )
    there = np.flatnonzero(told["n"])
    shown = told["n"][there] >= min_group
    table = {
        "group": np.where(there < count, "acted", "others"),
        "wave": [survey.waves[number] for number in there % count // len(PHASES)],
        "n": told["n"][there],
        "units": told["units"][there],
        **{name: np.where(shown, told[name][there], np.nan) for name in ("mean", "low", "high")},
        "phase": [PHASES[number] for number in there % len(PHASES)],
    }
    return table


def event_study(case: Case, began: int, *, confidence: float, min_group: int) -> dict[str, Any] | None:
    """How much more those acted on had changed than the others, wave by wave; None where units do not tell.

    Parameters
    ----------
    case : Case
        Units that answered before and after.
    began : int
        The wave in which the action began.
    confidence : float in (0, 1)
    min_group : int
        A wave with fewer answers of either group is left out.

    Returns
    -------
    dict of column to values, or None
        period : waves since the start; n; units; estimate, low, high. A wave after the start is held against all
        waves before it; a wave before against the other ones before, and a single one is 0 by construction. Every unit
        counts alike; Welch's interval over units.
    """
    if case.unit is None or len(case.straddling()):
        return None
    known = case.take(case.unit >= 0)
    if known.unit is None or not known.unit.size:
        return None
    units, number = np.unique(known.unit, return_inverse=True)
    acted = np.zeros(len(units), dtype=bool)
    acted[number[known.acted]] = True
    waves = np.unique(known.wave)
    weight = np.ones(len(number)) if known.weight is None else known.weight
    rows = []
    before = _sums(known, ~known.late, number, len(units), weight)
    for wave in waves:
        late = wave >= began
        inside = (known.wave == wave) & (known.late == late)
        if np.bincount(known.acted[inside], minlength=2).min() < min_group:
            continue
        own = _sums(known, inside, number, len(units), weight)
        base = before if late else before - own
        n = int(inside.sum())
        if not late and not base[1].any():
            rows.append((int(wave) - began, n, int((own[1] > 0).sum()), 0.0, 0.0, 0.0))
            continue
        with np.errstate(invalid="ignore", divide="ignore"):
            change = own[0] / own[1] - base[0] / np.where(base[1] > 1e-9, base[1], np.nan)
        rows.append((int(wave) - began, n, *_welch(change, acted, confidence)))
    return {name: [row[place] for row in rows] for place, name in enumerate(EVENT_COLUMNS)}


def _sums(case: Case, chosen: np.ndarray, number: np.ndarray, units: int, weight: np.ndarray) -> np.ndarray:
    """Sum of answers and of weights by unit."""
    w = weight[chosen]
    return np.array(
        [np.bincount(number[chosen], w * case.values[chosen], units), np.bincount(number[chosen], w, units)]
    )


def _welch(change: np.ndarray, acted: np.ndarray, confidence: float) -> tuple[int, float, float, float]:
    first, second = (side[np.isfinite(side)] for side in (change[acted], change[~acted]))
    count = len(first) + len(second)
    if not len(first) or not len(second):
        return count, np.nan, np.nan, np.nan
    estimate = float(first.mean() - second.mean())
    if min(len(first), len(second)) < 2:
        return count, estimate, np.nan, np.nan
    parts = np.array([first.var(ddof=1) / len(first), second.var(ddof=1) / len(second)])
    if not parts.sum() > 0:
        return count, estimate, np.nan, np.nan
    df = parts.sum() ** 2 / (parts**2 / (np.array([len(first), len(second)]) - 1)).sum()
    reach = float(t_limit(confidence, df) * np.sqrt(parts.sum()))
    return count, estimate, estimate - reach, estimate + reach
