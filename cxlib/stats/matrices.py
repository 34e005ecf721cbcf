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
    repaired = ~eigenvalues_above(matrices, NEGATIVE)
    if not repaired.any():
        return matrices, repaired
    values, vectors = np.linalg.eigh(matrices[repaired])
    raised = np.maximum(values, FLOOR)
    fixed = np.matmul(vectors * raised[..., None, :], np.swapaxes(vectors, -1, -2))
    scale = np.sqrt(np.diagonal(fixed, axis1=-2, axis2=-1))
    result = matrices.copy()
    result[repaired] = fixed / (scale[..., :, None] * scale[..., None, :])
    return result, repaired


def eigenvalues_above(matrices: np.ndarray, limit: float) -> np.ndarray:
    """Whether all eigenvalues of symmetric matrices lie above a limit.

    Parameters
    ----------
    matrices : array of shape (..., p, p)
    limit : float

    Returns
    -------
    boolean array of shape (...)

    Notes
    -----
    Cholesky's factorisation, which exists for positive definite matrices alone, answers for the whole stack in a tenth
    of the time of eigenvalues; these are asked for only where it fails.

    Examples
    --------
    >>> eigenvalues_above(np.array([np.eye(2), np.ones((2, 2))]), 0.5).tolist()
    [True, False]
    """
    matrices = np.asarray(matrices, dtype=float)
    try:
        np.linalg.cholesky(matrices - limit * np.eye(matrices.shape[-1]))
    except np.linalg.LinAlgError:
        return np.linalg.eigvalsh(matrices)[..., 0] > limit
    return np.ones(matrices.shape[:-2], dtype=bool)


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
    # what is left of a variable given others is never less than the smallest eigenvalue
    if eigenvalues_above(matrix, 2 * SAME):
        return np.zeros(size, dtype=bool), np.zeros(size, dtype=bool)
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
