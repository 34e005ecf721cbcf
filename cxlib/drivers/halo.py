"""Halo: how much the ratings share, and what is left of each association within a respondent's own level of rating."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from cxlib.drivers.adjusting import Together
from cxlib.drivers.pairs import Pairs
from cxlib.drivers.survey import Survey
from cxlib.drivers.table import typed
from cxlib.stats.association import fisher_interval, resampled_error
from cxlib.stats.collinearity import collinearity, name_turned_signs
from cxlib.stats.matrices import nearest_correlation, repeated

COLUMNS = {
    "outcome": "text", "factor": "text", "first_factor_share": "number", "estimate": "number",
    "within_estimate": "number", "within_low": "number", "within_high": "number", "rank": "whole",
    "within_rank": "whole", "changes": "yes", "sign": "text", "turned_by": "text", "inflation": "number",
    "reason": "text",
}  # fmt: skip
ENOUGH = 0.9  # of the resamples must have correlations


def halo_table(survey: Survey, whole: Pairs, together: Sequence[Together]) -> pd.DataFrame:
    """Each factor's association with and without the respondent's own level of rating.

    Parameters
    ----------
    survey : Survey
    whole : Pairs
        Associations of the survey.
    together : sequence of Together
        One an outcome.

    Returns
    -------
    DataFrame
        One row an outcome and factor; the columns stand in docs/statistics.md.

    Notes
    -----
    The level of a respondent is the mean rank of the other factors, so that no rating is held against itself: within is
    the partial rank correlation given it. `changes` is true where a reader of the plain associations would put the
    factor before (or behind) another, and within the order is the other way round in all but (1 - confidence) / 2 of
    the resamples.
    """
    size = len(survey.factors)
    rows = []
    for o, (outcome, one) in enumerate(zip(survey.outcomes, together, strict=True)):
        used = np.flatnonzero(one.used)
        found = _of_outcome(survey, whole, one, used, o) if len(used) else {}
        for f in range(size):
            place = np.flatnonzero(used == f)
            row = {"outcome": outcome, "factor": survey.factors[f], "estimate": whole.estimate[f, o]}
            row["reason"] = whole.reason[f, o] or one.reason[f] or ("too_few" if len(used) < 2 else "")
            rows.append(row | ({name: values[place[0]] for name, values in found.items()} if len(place) else {}))
    return typed(rows, COLUMNS)


def _of_outcome(survey: Survey, whole: Pairs, one: Together, used: np.ndarray, o: int) -> dict[str, np.ndarray | list]:
    at, several = np.append(used, len(survey.factors) + o), len(used) > 1
    matrix = nearest_correlation(survey.matrix[np.ix_(at, at)])[0]
    confidence = survey.settings.confidence
    found: dict[str, np.ndarray | list] = {"rank": _ranks(matrix[:-1, -1])}
    spare = repeated(matrix[:-1, :-1])[1]
    found["inflation"] = collinearity(matrix[:-1, :-1]).inflation
    signs = name_turned_signs(
        matrix, whole.low[used, o], whole.high[used, o], one.low[used], one.high[used]
    )  # repeated factors have no adjusted interval, and so no name
    names = [survey.factors[f] for f in used]
    found["sign"] = [sign.code for sign in signs]
    found["turned_by"] = [names[sign.turned_by] if sign.turned_by >= 0 and not spare.any() else "" for sign in signs]
    if not several:
        return found
    found["first_factor_share"] = np.full(len(used), np.linalg.eigvalsh(matrix[:-1, :-1])[-1] / len(used))
    within = _within(matrix[None])[0]
    found["within_estimate"], found["within_rank"] = within, _ranks(within)
    stack = survey.resamples[:, at[:, None], at]
    stack = stack[~np.isnan(stack).any(axis=(1, 2))]
    if len(stack) < ENOUGH * len(survey.resamples):
        return found
    drawn = _within(nearest_correlation(stack)[0])
    groups = survey.group_tables.groups_with()[at[:-1], at[-1]].astype(float)
    found["within_low"], found["within_high"] = fisher_interval(
        within, resampled_error(drawn, groups), confidence, np.maximum(groups - survey.tied, 1)
    )
    found["changes"] = _turns(matrix[:-1, -1], drawn, confidence)
    return found


def _within(matrices: np.ndarray) -> np.ndarray:
    """Correlation with the outcome (last) given the mean of the other factors; shape (matrices, factors)."""
    factors, outcome = matrices[:, :-1, :-1], matrices[:, :-1, -1]
    whole = factors.sum(axis=2)
    others = whole - 1  # covariance of each factor with the sum of the others
    spread = np.sqrt(np.maximum(whole.sum(axis=1, keepdims=True) - 2 * whole + 1, 1e-12))
    own, with_outcome = others / spread, (outcome.sum(axis=1, keepdims=True) - outcome) / spread
    left = np.maximum((1 - own**2) * (1 - with_outcome**2), 1e-12)
    return np.clip((outcome - own * with_outcome) / np.sqrt(left), -1.0, 1.0)


def _ranks(values: np.ndarray) -> np.ndarray:
    """1 for the strongest; equal ones share the better rank."""
    size = np.round(np.abs(values), 10)
    return 1 + (size[None, :] > size[:, None]).sum(axis=1)


def _turns(plain: np.ndarray, drawn: np.ndarray, confidence: float) -> np.ndarray:
    size = np.abs(drawn)
    above = (size[:, :, None] > size[:, None, :]).mean(axis=0)
    behind = np.abs(plain)[:, None] < np.abs(plain)[None, :]
    turned = behind & (above >= 0.5 + confidence / 2)
    return turned.any(axis=1) | turned.any(axis=0)
