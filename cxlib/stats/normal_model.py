"""Missing answers: means and correlations by maximum likelihood (EM)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

EM_STEPS = 1000
EM_TOLERANCE = 1e-9  # largest change of a standardised mean or covariance in a step


@dataclass(frozen=True)
class NormalModel:
    """Means and covariances of answers, some of them missing, by maximum likelihood.

    Parameters
    ----------
    n : int
        Rows with at least one answer (the sum of their weights, when given).
    mean : array of shape (questions,)
    covariance, correlation : arrays of shape (questions, questions)
        NaN in the rows and columns of questions with a reason.
    steps : int
        EM steps taken.
    reasons : tuple of str
        Of each question '' or 'all_missing', 'constant'.
    reason : str
        '' or 'not_converged', 'too_few'.
    """

    n: float
    mean: np.ndarray
    covariance: np.ndarray
    correlation: np.ndarray
    steps: int
    reasons: tuple[str, ...]
    reason: str


def em_correlation(answers: pd.DataFrame, *, weights: ArrayLike | None = None) -> NormalModel:
    """Maximum likelihood means and covariances of incomplete answers (what structural equation programs call FIML).

    Parameters
    ----------
    answers : DataFrame
        One numeric column a question, NaN missing.
    weights : array of shape (rows,), optional
        Design weights.

    Returns
    -------
    NormalModel

    Notes
    -----
    EM on sums over the patterns of missing answers, all patterns in one step; the cost does not grow with the people.
    Under answers missing at random it is consistent where pairwise and listwise correlations are not.

    References
    ----------
    Little & Rubin (2019), Statistical Analysis with Missing Data, chapter 11. doi:10.1002/9781119482260

    Examples
    --------
    >>> holes = pd.DataFrame({"x": [1, 2, 3, 4, 5, 3, np.nan, 2], "y": [1, 3, 3, 4, 4, 2, 4, 2.0]})
    >>> float(em_correlation(holes).correlation[0, 1].round(2))
    0.86
    """
    values = answers.to_numpy(dtype=float, na_value=np.nan)
    weight = np.ones(len(values)) if weights is None else np.asarray(weights, dtype=float)
    given = np.isfinite(values)
    sums = weight @ given
    centre = weight @ np.where(given, values, 0.0) / np.where(sums > 0, sums, 1.0)
    moved = np.where(given, values - centre, 0.0)
    spread = np.sqrt(weight @ moved**2 / np.where(sums > 0, sums, 1.0))
    constant = spread <= 1e-9 * np.maximum(np.abs(centre), 1e-300)
    reasons = tuple(np.where(sums == 0, "all_missing", np.where(constant, "constant", "")).tolist())
    usable = np.flatnonzero([reason == "" for reason in reasons])
    size = len(reasons)
    mean, covariance = np.full(size, np.nan), np.full((size, size), np.nan)
    correlation, steps = covariance.copy(), 0
    patterns = _patterns(moved[:, usable] / np.where(constant, 1.0, spread)[usable], given[:, usable], weight)
    reason = "" if len(usable) and len(values) > len(usable) else "too_few"
    if not reason:
        middle, scatter, steps = _em(*patterns)
        reason = "" if steps < EM_STEPS else "not_converged"
        mean[usable] = centre[usable] + middle * spread[usable]
        inside = np.ix_(usable, usable)
        covariance[inside] = scatter * np.outer(spread[usable], spread[usable])
        root = np.sqrt(np.diag(scatter))
        correlation[inside] = scatter / np.outer(root, root)
        correlation[usable, usable] = 1.0
    return NormalModel(float(patterns[1].sum()), mean, covariance, correlation, steps, reasons, reason)


def _patterns(
    values: np.ndarray, given: np.ndarray, weight: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Of each pattern of given answers: which, weight of its people, their sums and their cross products."""
    some = given.any(axis=1) & (weight > 0)
    values, given, weight = values[some], given[some], weight[some]
    which, pattern = np.unique(given, axis=0, return_inverse=True)
    order = np.argsort(pattern, kind="stable")
    edges = np.searchsorted(pattern[order], np.arange(len(which) + 1))
    sums, squares = np.zeros(which.shape), np.zeros((*which.shape, which.shape[1]))
    for number in range(len(which)):
        rows = order[edges[number] : edges[number + 1]]
        weighed = values[rows] * weight[rows, None]
        sums[number], squares[number] = weighed.sum(axis=0), weighed.T @ values[rows]
    return which, np.bincount(pattern, weight, len(which)), sums, squares


def _em(
    which: np.ndarray, people: np.ndarray, sums: np.ndarray, squares: np.ndarray
) -> tuple[np.ndarray, np.ndarray, int]:
    """Means and covariances by EM from the sums of each pattern of standardised answers."""
    size, total = which.shape[1], people.sum()
    both = which[:, :, None] & which[:, None, :]
    missing = np.eye(size) * ~which[:, None, :]
    mean, scatter = np.zeros(size), np.eye(size)
    for step in range(1, EM_STEPS + 1):
        inverse = np.where(both, np.linalg.inv(np.where(both, scatter, missing) + 1e-12 * np.eye(size)), 0.0)
        predict = scatter @ inverse  # a person's answers, given the ones there are
        known = np.where(which, mean, 0.0)
        cross = sums[:, :, None] * known[:, None, :]
        centred = squares - cross - np.swapaxes(cross, 1, 2)
        centred = centred + people[:, None, None] * known[:, :, None] * known[:, None, :]
        shift = (predict @ (sums - people[:, None] * known)[..., None])[..., 0].sum(axis=0) / total
        spread = (predict @ centred @ np.swapaxes(predict, 1, 2)).sum(axis=0)
        spread += np.tensordot(people, scatter - predict @ scatter, axes=1)
        new = spread / total - np.outer(shift, shift)
        new = (new + new.T) / 2
        change = max(np.abs(shift).max(), np.abs(new - scatter).max())
        mean, scatter = mean + shift, new
        if change < EM_TOLERANCE:
            return mean, scatter, step
    return mean, scatter, EM_STEPS
