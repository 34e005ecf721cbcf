"""Least squares with weights and units, and honest about what cannot be estimated."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

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
        Degrees of freedom for t intervals: units - 1 with units, rows - rank otherwise.
    """

    coefficients: np.ndarray
    covariance: np.ndarray
    df: int


def least_squares(
    design: np.ndarray, outcome: np.ndarray, *, weights: np.ndarray | None = None, clusters: np.ndarray | None = None
) -> Fit | None:
    """Weighted least squares with heteroskedasticity- or cluster-robust covariance.

    Parameters
    ----------
    design : array of shape (rows, columns)
        With the column of ones where wanted; no missing values.
    outcome : array of shape (rows,)
    weights : array of shape (rows,), optional
        Design weights; only their ratios count.
    clusters : integer array of shape (rows,), optional
        Unit of each row; at least two units.

    Returns
    -------
    Fit or None
        None when there are no more rows than independent columns.

    Notes
    -----
    HC1: n / (n - k); with units G / (G - 1) (n - 1) / (n - k), as in statsmodels and Stata. Own code because pingouin's
    `linear_regression` knows no units; a test holds it equal to statsmodels. A column that is a combination of others
    gets NaN rather than an arbitrary split.
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
    if clusters is None:
        scale, df = rows / (rows - rank), rows - rank
    else:
        units = int(clusters.max()) + 1
        hot = np.zeros((units, columns))
        np.add.at(hot, clusters, scores)
        scores = hot
        seen = len(np.unique(clusters))
        scale, df = seen / (seen - 1) * (rows - 1) / (rows - rank), seen - 1
    covariance = scale * inverse @ (scores.T @ scores) @ inverse / np.outer(length, length)
    beta = beta / length
    confused = (vectors[:, ~there] ** 2).sum(axis=1) > 1e-6
    beta[confused] = np.nan
    covariance[confused] = np.nan
    covariance[:, confused] = np.nan
    return Fit(beta, covariance, df)
