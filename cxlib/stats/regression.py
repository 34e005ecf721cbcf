"""Least squares with weights and units, and honest about what cannot be estimated."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cxlib.stats.sampling import Strata, degrees_of_freedom, linearised_covariance

NEARLY_ZERO = 1e-9


@dataclass(frozen=True)
class Fit:
    """A least squares fit.

    Parameters
    ----------
    coefficients : array of shape (columns,)
        NaN where the column cannot be told from the others.
    covariance : array of shape (columns, columns)
        Sandwich covariance of the coefficients.
    df : int
        Degrees of freedom for t intervals: units - 1 with units, rows - rank otherwise; with strata, units - strata and
        rows - strata + 1 - rank.
    """

    coefficients: np.ndarray
    covariance: np.ndarray
    df: int


def least_squares(
    design: np.ndarray,
    outcome: np.ndarray,
    *,
    weights: np.ndarray | None = None,
    clusters: np.ndarray | None = None,
    strata: Strata | None = None,
) -> Fit | None:
    """Weighted least squares with heteroskedasticity- or cluster-robust covariance, or that of a stratified design.

    Parameters
    ----------
    design : array of shape (rows, columns)
        With the column of ones where wanted; no missing values.
    outcome : array of shape (rows,)
    weights : array of shape (rows,), optional
        Design weights; only their ratios count.
    clusters : integer array of shape (rows,), optional
        Unit of each row; at least two units.
    strata : Strata, optional
        Part of the population that each row (or unit) was drawn from, and how much of it was drawn.

    Returns
    -------
    Fit or None
        None when there are no more rows than independent columns.

    Notes
    -----
    HC1: n / (n - k); with units G / (G - 1) (n - 1) / (n - k), as in statsmodels and Stata; with strata the linearised
    covariance of R's `survey::svyglm`. Own code because pingouin's `linear_regression` knows neither; tests hold it
    equal to statsmodels and to R. A column that is a combination of others gets NaN rather than an arbitrary split.
    """
    rows, columns = design.shape
    root = np.ones(rows) if weights is None else np.sqrt(weights / weights.mean())
    x, y = design * root[:, None], outcome * root
    length = np.sqrt((x**2).sum(axis=0))
    length[length == 0] = 1.0
    gram = (x / length).T @ (x / length)
    values, vectors = np.linalg.eigh(gram)
    there = values > NEARLY_ZERO * max(1.0, float(values[-1]))
    rank = int(there.sum())
    if rows <= rank:
        return None
    inverse = (vectors[:, there] / values[there]) @ vectors[:, there].T
    beta = inverse @ ((x / length).T @ y)
    residual = y - (x / length) @ beta
    scores = (x / length) * residual[:, None]
    if strata is not None:
        scatter = linearised_covariance(scores, strata, clusters)
        scale, df = 1.0, degrees_of_freedom(strata, clusters)
        df = max(df + 1 - rank if clusters is None else df, 1)
    elif clusters is None:
        scale, df = rows / (rows - rank), rows - rank
        scatter = scores.T @ scores
    else:
        units = int(clusters.max()) + 1
        hot = np.zeros((units, columns))
        np.add.at(hot, clusters, scores)
        scatter = hot.T @ hot
        seen = len(np.unique(clusters))
        scale, df = seen / (seen - 1) * (rows - 1) / (rows - rank), seen - 1
    covariance = scale * inverse @ scatter @ inverse / np.outer(length, length)
    beta = beta / length
    confused = (vectors[:, ~there] ** 2).sum(axis=1) > 1e-6
    beta[confused] = np.nan
    covariance[confused] = np.nan
    covariance[:, confused] = np.nan
    return Fit(beta, covariance, df)
