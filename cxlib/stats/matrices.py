"""Correlation matrices put together from pairs: repair, and which questions say the same thing."""

from __future__ import annotations

import numpy as np

NEGATIVE = -1e-8  # an eigenvalue below this is no rounding dust: the matrix fits no data set
FLOOR = 1e-3  # what such eigenvalues become; smaller would make partial correlations wild
SAME = 1e-8  # a question whose variance given the others is relatively smaller repeats them


def nearest_correlation(matrices: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Make correlation matrices from pairwise complete answers fit to be used together.

    Parameters
    ----------
    matrices : array of shape (..., p, p)
        Symmetric, 1 on the diagonal, no NaN.

    Returns
    -------
    matrices : array of shape (..., p, p)
        Unchanged where no eigenvalue is negative; else negative eigenvalues are raised to a small positive one and the
        diagonal is scaled back to 1.
    repaired : boolean array of shape (...)
        Which were changed.

    Examples
    --------
    >>> bad = np.array([[1, 0.9, 0.1], [0.9, 1, 0.9], [0.1, 0.9, 1]])
    >>> fixed, repaired = nearest_correlation(bad)
    >>> bool(repaired), bool(np.linalg.eigvalsh(fixed).min() > 0)
    (True, True)
    """
    matrices = np.asarray(matrices, dtype=float)
    values, vectors = np.linalg.eigh(matrices)
    repaired = values[..., 0] < NEGATIVE
    if not repaired.any():
        return matrices, repaired
    raised = np.maximum(values[repaired], FLOOR)
    fixed = np.matmul(vectors[repaired] * raised[..., None, :], np.swapaxes(vectors[repaired], -1, -2))
    scale = np.sqrt(np.diagonal(fixed, axis1=-2, axis2=-1))
    result = matrices.copy()
    result[repaired] = fixed / (scale[..., :, None] * scale[..., None, :])
    return result, repaired


def repeated(matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Which variables of a correlation matrix are linear combinations of others.

    Parameters
    ----------
    matrix : array of shape (p, p)

    Returns
    -------
    collinear : boolean array of shape (p,)
        Variables that take part in an exact linear relation.
    spare : boolean array of shape (p,)
        The fewest variables to leave out so that none remains (the later one of two that repeat each other).
    """
    size = len(matrix)
    rest = np.array(matrix, dtype=float)
    kept: list[int] = []
    spare = np.zeros(size, dtype=bool)
    collinear = np.zeros(size, dtype=bool)
    for k in range(size):
        if rest[k, k] <= SAME:
            spare[k] = True
            weights = np.linalg.solve(matrix[np.ix_(kept, kept)], matrix[:, k][kept]) if kept else np.zeros(0)
            collinear[[kept[i] for i in np.flatnonzero(np.abs(weights) > 1e-4)]] = True
            collinear[k] = True
            continue
        kept.append(k)
        rest = rest - np.outer(rest[:, k], rest[k]) / rest[k, k]
    return collinear, spare
