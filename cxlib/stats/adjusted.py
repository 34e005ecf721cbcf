"""Adjusted association: each factor with the outcome, given all the other factors."""

from __future__ import annotations

import numpy as np
from scipy import special

from cxlib.stats.association import PERFECT
from cxlib.stats.matrices import eigenvalues_above, repeated


def partial_correlations(matrices: np.ndarray) -> np.ndarray:
    """Partial correlation of every factor with the outcome given all other factors.

    Parameters
    ----------
    matrices : array of shape (..., p + 1, p + 1)
        Correlation matrices (rank correlations for the partial rank correlation); the outcome is last. Fit for use
        together, as `nearest_correlation` leaves them.

    Returns
    -------
    array of shape (..., p)
        In [-1, 1]. For a single matrix, NaN for factors that repeat others exactly; the others are given all but those.

    Notes
    -----
    -P_jy / sqrt(P_jj P_yy) with P the inverse matrix. Of complete answers this is pingouin's `partial_corr` with method
    'spearman', with every factor's interval and all factors in one step.

    Examples
    --------
    >>> r = np.array([[1, 0.5, 0.6], [0.5, 1, 0.4], [0.6, 0.4, 1]])
    >>> partial_correlations(r).round(3).tolist()
    [0.504, 0.144]
    """
    matrices = np.asarray(matrices, dtype=float)
    if matrices.ndim == 2:
        collinear, spare = repeated(matrices[:-1, :-1])
        if spare.any():
            kept = np.flatnonzero(~spare)
            result = np.full(len(matrices) - 1, np.nan)
            result[kept] = partial_correlations(matrices[np.ix_([*kept, -1], [*kept, -1])])
            result[collinear] = np.nan
            return result
    inverse = _inverse(matrices)
    diagonal = np.diagonal(inverse, axis1=-2, axis2=-1)
    return np.clip(-inverse[..., :-1, -1] / np.sqrt(diagonal[..., :-1] * diagonal[..., -1:]), -1.0, 1.0)


def standardised_coefficients(matrix: np.ndarray) -> np.ndarray:
    """Regression coefficients in standard deviations, from a correlation matrix with the outcome last.

    NaN for factors that repeat others exactly.
    """
    collinear, spare = repeated(matrix[:-1, :-1])
    kept = np.flatnonzero(~spare)
    result = np.full(len(matrix) - 1, np.nan)
    result[kept] = np.linalg.solve(matrix[np.ix_(kept, kept)], matrix[kept, -1])
    result[collinear] = np.nan
    return result


def partial_p(r: np.ndarray, n: np.ndarray, given: int) -> np.ndarray:
    """Two-sided p of partial correlations from n people with `given` other factors (t with n - 2 - given df)."""
    r = np.asarray(r, dtype=float)
    df = np.asarray(n, dtype=float) - 2 - given
    usable = np.where(df > 0, df, np.nan)
    perfect = np.abs(r) >= PERFECT
    t = r * np.sqrt(usable / (1 - np.where(perfect, 0.0, r) ** 2))
    return np.where(perfect & (df > 0), 0.0, 2 * special.stdtr(usable, -np.abs(t)))


def _inverse(matrices: np.ndarray) -> np.ndarray:
    """Inverse of each matrix; a resample that happens to be singular gets the smallest ridge that lets it through."""
    size = matrices.shape[-1]
    if eigenvalues_above(matrices, 1e-10).all():
        return np.linalg.inv(matrices)
    smallest = np.linalg.eigvalsh(matrices)[..., 0]
    ridge = np.where(smallest < 1e-10, 1e-10 - np.minimum(smallest, 0.0), 0.0)
    return np.linalg.inv(matrices + ridge[..., None, None] * np.eye(size))
