"""The drift to expect when the places were chosen by the very answers they are compared with."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cxlib.change.case import Case
from cxlib.change.survey import Survey
from cxlib.stats.drift import NOTHING, Drift, expected_drift


def drift_of(
    case: Case,
    survey: Survey,
    columns: tuple[str, ...],
    changes: pd.DataFrame | None,
    *,
    compared: bool,
    everyone: Case,
    confidence: float,
) -> Drift:
    """Expected change of the places acted on, without any action.

    Parameters
    ----------
    case : Case
        The answers that the estimate uses.
    survey : Survey
    columns : tuple of str
        Columns that the scope names: places are units where it names units, else levels of the first of them.
    changes : DataFrame or None
        Units with their weight in the estimate, where there is one.
    compared : bool
        The drift of the others, which goes the other way, is taken off.
    everyone : Case
        Answers before of all units, whether they are used or not: they tell how much lasts.
    confidence : float in (0, 1)
    """
    by = "unit" if "unit" in columns or not columns else columns[0]
    grouping = survey.groupings.get(by)
    if grouping is None:
        return NOTHING
    before = everyone.take(~everyone.late)
    code = grouping.codes[before.place]
    known = code >= 0
    if not known.any():
        return NOTHING
    count = len(grouping.levels)
    weight = np.ones(len(code)) if before.weight is None else before.weight
    values, weight, code, acted = before.values[known], weight[known], code[known], before.acted[known]
    total = np.bincount(code, weight, count)
    squares = np.bincount(code, weight**2, count)
    n = np.bincount(code, minlength=count)
    with np.errstate(invalid="ignore", divide="ignore"):
        means = np.bincount(code, weight * values, count) / total
        effective = np.where(squares > 0, total**2 / squares, 0.0)
    degrees = int((n - 1).clip(min=0).sum())
    if not degrees:
        return NOTHING
    within = float(((values - means[code]) ** 2).sum()) / degrees
    passing = _passing(changes, by, compared)
    if passing > 0:
        with np.errstate(divide="ignore"):
            effective = within / (within / effective + passing)
    chosen = np.zeros(count, dtype=bool)
    chosen[np.unique(code[acted])] = True
    against = (n > 0) & ~chosen if compared else None
    shares = _shares(case, grouping.codes, changes, by, count)
    if shares is not None:
        chosen &= shares > 0
        against = against & (shares > 0) if against is not None else None
    return expected_drift(means, effective, within, chosen, confidence, compared=against, weights=shares)


def _passing(changes: pd.DataFrame | None, by: str, compared: bool) -> float:
    """Variance of a unit's level that comes and goes with a wave, as the units not acted on show it.

    Their changes vary by what comes from asking some customers and not all (`noise`), and by twice what passes. What
    does not last drifts back like chance, and one wave alone cannot tell it from what lasts.
    """
    if changes is None or not compared or by != "unit":
        return 0.0
    others = changes[~changes["acted"]]
    if len(others) < 2:
        return 0.0
    return max(0.0, float(others["change"].var(ddof=1)) - float(others["noise"].mean())) / 2


def _shares(case: Case, codes: np.ndarray, changes: pd.DataFrame | None, by: str, count: int) -> np.ndarray | None:
    """Weight of each place in the estimate: as in the comparison of units, else by its answers before."""
    if changes is not None and by == "unit":
        shares = np.zeros(count)
        shares[changes["unit"].to_numpy(dtype=int)] = changes["weight"].to_numpy(dtype=float)
        return shares
    early = case.take(~case.late)
    code = codes[early.place]
    return np.bincount(code[code >= 0], minlength=count).astype(float)
