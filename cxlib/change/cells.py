"""Means of many cells at once, each with its interval."""

from __future__ import annotations

import numpy as np

from cxlib.stats.resampling import MIN_CLUSTERS
from cxlib.stats.student import t_limit


def cell_means(
    values: np.ndarray,
    cells: np.ndarray,
    count: int,
    *,
    weights: np.ndarray | None = None,
    units: np.ndarray | None = None,
    confidence: float = 0.95,
) -> dict[str, np.ndarray]:
    """Mean of every cell with its interval.

    Parameters
    ----------
    values : array of shape (n,)
        None missing.
    cells : int array of shape (n,)
        Cell of each value, 0 to count - 1.
    count : int
        How many cells.
    weights : array of shape (n,), optional
        Design weights, all positive.
    units : int array of shape (n,), optional
        Unit of each value; a negative one stands for itself.
    confidence : float in (0, 1)

    Returns
    -------
    dict of str to array of shape (count,)
        n : values; units : units among them; mean, error, low, high : NaN where there are too few to tell.

    Notes
    -----
    The same as `cxlib.change.trends.mean_interval` cell by cell (a test holds them equal), without its loop: robust to
    units answering alike from eight units on.
    """
    w = np.ones(len(values)) if weights is None else weights
    n = np.bincount(cells, minlength=count)
    total = np.bincount(cells, w, count)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.bincount(cells, w * values, count) / total
        scores = w * (values - mean[cells])
        plain = np.bincount(cells, scores**2, count) * n / (n - 1)
        scatter, df = plain, n - 1.0
        seen = np.zeros(count, dtype=int)
        if units is not None and len(values):
            known = units >= 0
            width = int(units.max(initial=0)) + 1
            code = cells[known] * width + units[known]
            sums = np.bincount(code, scores[known], count * width).reshape(count, width)
            seen = (np.bincount(code, minlength=count * width).reshape(count, width) > 0).sum(axis=1)
            alone = np.bincount(cells[~known], minlength=count)
            groups = seen + alone
            clustered = ((sums**2).sum(axis=1) + np.bincount(cells[~known], scores[~known] ** 2, count)) * (
                groups / (groups - 1)
            )
            many = seen >= MIN_CLUSTERS
            scatter, df = np.where(many, clustered, plain), np.where(many, groups - 1.0, df)
        error = np.sqrt(scatter) / total
        reach = t_limit(confidence, np.maximum(df, 1)) * error
        reach = np.where(df >= 1, reach, np.nan)
    return {"n": n, "units": seen, "mean": mean, "error": error, "low": mean - reach, "high": mean + reach}
