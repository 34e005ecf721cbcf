"""Who answered: did other people answer afterwards, and what would the change be with the same mix of people?"""

from __future__ import annotations

import numpy as np
from scipy import stats as distributions

Segments = list[tuple[np.ndarray, int]]  # level of each answer (-1 missing), and how many levels there are
ROUNDS = 12  # of fitting the weights to one segment after another; they settle within a few


def mix_change(late: np.ndarray, acted: np.ndarray, segments: Segments) -> float:
    """Chance of so different a mix of people after as before, if nothing had changed.

    Parameters
    ----------
    late, acted : bool array of shape (n,)
        Answered after; belongs to those acted on.
    segments : list of (int array of shape (n,), int)
        Level of each answer (-1 missing), and how many levels there are.

    Returns
    -------
    float
        Smallest p of the chi-squared tests, one for each group and segment, times their number; NaN without a segment
        that has two levels.

    Examples
    --------
    >>> late, level = np.repeat([False, True], 100), np.tile([0, 1], 100)
    >>> mix_change(late, late | True, [(level, 2)])
    1.0
    """
    chances = []
    for side in (acted, ~acted):
        for codes, count in segments:
            chance = _chance(late[side], codes[side], count)
            if chance is not None:
                chances.append(chance)
    return min(1.0, min(chances) * len(chances)) if chances else float("nan")


def _chance(late: np.ndarray, codes: np.ndarray, count: int) -> float | None:
    known = codes >= 0
    table = np.bincount(codes[known] + count * late[known], minlength=2 * count).reshape(2, count).astype(float)
    table = table[:, table.sum(axis=0) > 0]
    if table.shape[1] < 2 or not table.sum(axis=1).all():
        return None
    expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / table.sum()
    statistic = float(((table - expected) ** 2 / expected).sum())
    return float(distributions.chi2.sf(statistic, table.shape[1] - 1))


def same_mix_weights(late: np.ndarray, segments: Segments, weights: np.ndarray | None = None) -> np.ndarray:
    """Weights that give the answers before and the answers after the same mix of every segment.

    Parameters
    ----------
    late : bool array of shape (n,)
    segments : list of (int array of shape (n,), int)
        As in `mix_change`; a missing level counts as one of its own.
    weights : array of shape (n,), optional
        Design weights to begin from.

    Returns
    -------
    array of shape (n,)
        Each side fitted to the mix of both together, one segment after another (raking). A level that one side lacks
        cannot be made up for and keeps its weight.

    References
    ----------
    Deming & Stephan (1940), Annals of Mathematical Statistics 11, 427-444. doi:10.1214/aoms/1177731829
    """
    begun = np.ones(late.size) if weights is None else weights.astype(float)
    fitted = begun.copy()
    side = late.astype(int)
    for _ in range(ROUNDS if len(segments) > 1 else 1):
        for codes, count in segments:
            width = count + 1
            cell = side * width + np.where(codes < 0, count, codes)
            wanted = np.bincount(cell, begun, 2 * width).reshape(2, width)
            wanted = wanted.sum(axis=0) / wanted.sum()
            now = np.bincount(cell, fitted, 2 * width).reshape(2, width)
            with np.errstate(invalid="ignore", divide="ignore"):
                factor = wanted / (now / now.sum(axis=1, keepdims=True))
            factor[~np.isfinite(factor)] = 1.0
            fitted = fitted * factor.ravel()[cell]
    return fitted
