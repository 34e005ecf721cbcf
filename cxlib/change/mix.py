"""Who answered: did other people answer afterwards, and what would the change be with the same mix of people?"""

from __future__ import annotations

import numpy as np
from scipy import special

from cxlib.stats.raking import Margin, merge_levels, rake

Segments = list[tuple[np.ndarray, int]]  # level of each answer (-1 missing), and how many levels there are


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
    return float(special.chdtrc(table.shape[1] - 1, statistic))  # scipy.stats.chi2.sf, without its checks


def same_mix_weights(late: np.ndarray, segments: Segments, weights: np.ndarray | None = None) -> np.ndarray | None:
    """Weights that give the answers before and the answers after the same mix of every segment.

    Parameters
    ----------
    late : bool array of shape (n,)
    segments : list of (int array of shape (n,), int)
        As in `mix_change`; a missing level counts as one of its own, and levels of fewer than ten answers on a side are
        put together.
    weights : array of shape (n,), optional
        Design weights to begin from, all positive.

    Returns
    -------
    array of shape (n,) or None
        Each side raked to the mix of both together (`cxlib.stats.raking`). None where there is no mix to hold, or no
        weights that would.
    """
    begun = np.ones(late.size) if weights is None else weights.astype(float)
    merged = (merge_levels(codes, late.astype(int)) for codes, _ in segments)
    levels = [codes for codes in merged if codes is not None]
    if not levels or late.all() or not late.any():
        return None
    shares = [np.bincount(codes, begun) / begun.sum() for codes in levels]
    fitted = begun.copy()
    for side in (late, ~late):
        margins = [Margin(codes[side], share) for codes, share in zip(levels, shares, strict=True)]
        raked = rake(margins, begun[side])
        if raked is None:
            return None
        fitted[side] = raked
    return fitted
