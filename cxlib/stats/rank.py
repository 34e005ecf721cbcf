"""Correlation matrices from contingency tables: Spearman, Pearson and Kendall, exact, for many resamples at once."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import ArrayLike

from cxlib.stats.tables import Tables

CELLS_AT_ONCE = 1 << 22  # of tables whose correlations are computed together
TINY = 1e-12  # variances relatively smaller are rounding dust of weights; the question is constant


def correlations(tables: Tables, method: str = "spearman") -> np.ndarray:
    """Correlations of every pair of questions, each from the people who answered both.

    Parameters
    ----------
    tables : Tables
        Contingency tables; groups are added up.
    method : {'spearman', 'pearson', 'kendall'}
        Spearman with midranks for ties, Pearson on the answers as numbers, Kendall's tau-b.

    Returns
    -------
    array of shape (questions, questions)
        1 on the diagonal; NaN where a question is constant among those who answered both, or nobody did.

    Notes
    -----
    With weights, ranks are midpoints of cumulated weight; weights of one give the usual midranks.

    Examples
    --------
    >>> from cxlib.stats.tables import cross_tables
    >>> tables = cross_tables({"x": [1, 2, 2, 4, 5], "y": [0, 3, 4, 8, 9]})
    >>> correlations(tables).round(3).tolist()
    [[1.0, 0.975], [0.975, 1.0]]
    """
    size, longest = len(tables.names), max((len(level) for level in tables.levels), default=0)
    first, second = np.triu_indices(size)
    result = np.full((size, size), np.nan)
    if longest == 0:
        return result
    whole = tables.total()
    step = max(1, CELLS_AT_ONCE // longest**2)
    for begin in range(0, len(first), step):
        x, y = first[begin : begin + step], second[begin : begin + step]
        found = METHODS[method](*whole.blocks(x, y))[0]
        result[x, y] = result[y, x] = np.where((x == y) & ~np.isnan(found), 1.0, found)
    return result


def resampled_correlations(
    tables: Tables, draws: np.ndarray, method: str = "spearman", pairs: Iterable[tuple[int, int]] | None = None
) -> np.ndarray:
    """Correlation matrices of bootstrap resamples.

    Parameters
    ----------
    tables : Tables
        One group for each unit that is drawn.
    draws : array of shape (resamples, groups)
        How often each group is in each resample.
    method : {'spearman', 'pearson', 'kendall'}
        As in `correlations`.
    pairs : iterable of (int, int), optional
        Only these pairs of questions; the others are NaN. All pairs when not given.

    Returns
    -------
    array of shape (resamples, questions, questions)
        NaN where a resample leaves a question constant.

    Notes
    -----
    The table of a resample is the sum of its groups' tables, so all resamples of a pair are one matrix product.
    """
    one, starts, size = METHODS[method], tables.starts, len(tables.names)
    result = np.full((len(draws), size, size), np.nan)
    weights = np.ascontiguousarray(np.asarray(draws, dtype=float).T)
    wanted = [(i, j) for i in range(size) for j in range(i, size)] if pairs is None else pairs
    for i, j in wanted:
        block = tables.counts[:, starts[i] : starts[i + 1], starts[j] : starts[j + 1]]
        if 0 in block.shape:
            continue
        # resamples last: all steps then run along them, and not along scales of five
        cells = block.reshape(tables.groups, -1).astype(float).T @ weights
        values = one(cells.reshape(*block.shape[1:], -1), tables.levels[i][:, None], tables.levels[j][:, None])
        result[:, i, j] = result[:, j, i] = np.where(np.isnan(values), np.nan, 1.0) if i == j else values
    return result


def _product_moment(
    block: np.ndarray, margins: tuple[np.ndarray, np.ndarray], x: np.ndarray, y: np.ndarray
) -> np.ndarray:
    """Correlation of centred scores x (a, ...) and y (b, ...) under the tables (a, b, ...)."""
    covariance = np.einsum("a...,a...->...", x, np.einsum("ab...,b...->a...", block, y))
    variance_x, variance_y = (np.einsum("a...,a...,a...->...", m, s, s) for m, s in zip(margins, (x, y), strict=True))
    total = margins[0].sum(axis=0)
    # a scale-free test whether a question is constant: its spread against the range of its scores
    span_x, span_y = (total * np.abs(score).max(axis=0) ** 2 for score in (x, y))
    varies = (variance_x > TINY * span_x) & (variance_y > TINY * span_y) & (total > 0)
    scale = np.sqrt(np.where(varies, variance_x * variance_y, 1.0))
    return np.where(varies, np.clip(covariance / scale, -1.0, 1.0), np.nan)


def _spearman(block: np.ndarray, levels_x: np.ndarray, levels_y: np.ndarray) -> np.ndarray:
    margins, scores = (block.sum(axis=1), block.sum(axis=0)), []
    for margin in margins:
        half = margin.sum(axis=0) / 2
        score = (_upto(margin, 0) - margin / 2 - half) / np.where(half > 0, half, 1.0)
        scores.append(np.where(margin > 0, score, 0.0))
    return _product_moment(block, margins, *scores)


def _pearson(block: np.ndarray, levels_x: np.ndarray, levels_y: np.ndarray) -> np.ndarray:
    margins, scores = (block.sum(axis=1), block.sum(axis=0)), []
    for margin, levels in zip(margins, (levels_x, levels_y), strict=True):
        total = margin.sum(axis=0)
        span = np.ptp(levels, axis=0)
        centred = levels - (margin * levels).sum(axis=0) / np.where(total > 0, total, 1.0)
        scores.append(np.where(margin > 0, centred, 0.0) / np.where(span > 0, span, 1.0))
    return _product_moment(block, margins, *scores)


def _kendall(block: np.ndarray, levels_x: np.ndarray, levels_y: np.ndarray) -> np.ndarray:
    """Tau-b."""
    agree = (block * _surplus(_surplus(block, 0), 1)).sum(axis=(0, 1)) / 2  # less those who disagree
    total = block.sum(axis=(0, 1))
    untied_x = (total**2 - (block.sum(axis=1) ** 2).sum(axis=0)) / 2
    untied_y = (total**2 - (block.sum(axis=0) ** 2).sum(axis=0)) / 2
    varies = (untied_x > TINY * total**2) & (untied_y > TINY * total**2)
    scale = np.sqrt(np.where(varies, untied_x * untied_y, 1.0))
    return np.where(varies, np.clip(agree / scale, -1.0, 1.0), np.nan)


def _upto(values: np.ndarray, axis: int) -> np.ndarray:
    """Cumulated sums along a short axis; `cumsum` goes along it table by table, which takes four times as long."""
    result = values.copy()
    steps = np.moveaxis(result, axis, 0)
    for level in range(1, len(steps)):
        steps[level] += steps[level - 1]
    return result


def _surplus(values: np.ndarray, axis: int) -> np.ndarray:
    """At each level the sum over lower levels less the sum over higher ones."""
    return 2 * _upto(values, axis) - values - values.sum(axis=axis, keepdims=True)


def kendall_null_error(tables: np.ndarray, n: ArrayLike | None = None) -> np.ndarray:
    """Standard error of Kendall's tau-b when there is no association, ties included.

    Parameters
    ----------
    tables : array of shape (a, b, ...)
        Contingency tables; weights are scaled to `n` people.
    n : array of shape (...), optional
        People; the sums of the tables when not given.

    Returns
    -------
    array of shape (...)
        NaN with fewer than three people or a constant margin.

    References
    ----------
    Kendall (1970), Rank Correlation Methods, 4th edition, chapter 4.
    """
    tables = np.asarray(tables, dtype=float)
    total = tables.sum(axis=(0, 1))
    people = total if n is None else np.broadcast_to(np.asarray(n, dtype=float), total.shape)
    known = (people >= 3) & (total > 0)
    people = np.where(known, people, 3.0)
    share = people / np.where(known, total, 1.0)
    margins = [tables.sum(axis=other) * share for other in (1, 0)]
    ties = [(m * (m - 1)).sum(axis=0) for m in margins]
    triples = [(m * (m - 1) * (m - 2)).sum(axis=0) for m in margins]
    spread = [(m * (m - 1) * (2 * m + 5)).sum(axis=0) for m in margins]
    pairs = people * (people - 1)
    variance = (pairs * (2 * people + 5) - spread[0] - spread[1]) / 18
    variance += ties[0] * ties[1] / (2 * pairs)
    variance += triples[0] * triples[1] / (9 * pairs * (people - 2))
    known &= np.minimum(pairs - ties[0], pairs - ties[1]) > 0
    scale = np.sqrt(np.where(known, (pairs - ties[0]) * (pairs - ties[1]), 1.0)) / 2
    return np.where(known, np.sqrt(np.maximum(variance, 0.0)) / scale, np.nan)[()]


# each takes tables (levels of x, levels of y, ...), resamples or pairs last, and the levels (levels, ...)
METHODS = {"spearman": _spearman, "pearson": _pearson, "kendall": _kendall}
