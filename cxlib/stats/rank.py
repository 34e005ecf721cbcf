"""Correlation matrices from contingency tables: Spearman, Pearson and Kendall, exact, for many resamples at once."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

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
    counts, starts, size = tables.total().counts[0], tables.starts, len(tables.names)
    first, second = np.triu_indices(size)
    result = np.full((size, size), np.nan)
    longest = max((len(level) for level in tables.levels), default=0)
    if longest == 0:
        return result
    # all blocks at once, short scales filled up with answers that nobody gave
    places = np.full((size, longest), -1)
    values = np.zeros((size, longest))
    for i, level in enumerate(tables.levels):
        places[i, : len(level)] = np.arange(starts[i], starts[i + 1])
        values[i, : len(level)] = level
        values[i, len(level) :] = level[-1] if len(level) else 0.0
    padded = np.pad(counts, (0, 1))  # place -1 is the empty row and column
    step = max(1, CELLS_AT_ONCE // longest**2)
    for begin in range(0, len(first), step):
        x, y = first[begin : begin + step], second[begin : begin + step]
        blocks = padded[places[x][:, :, None], places[y][:, None, :]]
        found = METHODS[method](blocks, values[x], values[y])
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
    weights = draws.astype(tables.counts.dtype)
    wanted = [(i, j) for i in range(size) for j in range(i, size)] if pairs is None else pairs
    for i, j in wanted:
        block = tables.counts[:, starts[i] : starts[i + 1], starts[j] : starts[j + 1]]
        if 0 in block.shape:
            continue
        stack = (weights @ block.reshape(tables.groups, -1)).reshape(-1, *block.shape[1:]).astype(float)
        values = one(stack, tables.levels[i], tables.levels[j])
        result[:, i, j] = result[:, j, i] = np.where(np.isnan(values), np.nan, 1.0) if i == j else values
    return result


def _margins(block: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Sums over the columns and over the rows of each table; as products, which are faster than sums of short axes."""
    rows = (block.reshape(-1, block.shape[2]) @ np.ones(block.shape[2])).reshape(block.shape[:2])
    return rows, np.einsum("sab->sb", block)


def _product_moment(
    block: np.ndarray, margins: tuple[np.ndarray, np.ndarray], x: np.ndarray, y: np.ndarray
) -> np.ndarray:
    """Correlation of centred scores x (stack, a) and y (stack, b) under the tables (stack, a, b)."""
    covariance = np.einsum("sb,sb->s", np.einsum("sa,sab->sb", x, block), y)
    variance_x = np.einsum("sa,sa,sa->s", margins[0], x, x)
    variance_y = np.einsum("sb,sb,sb->s", margins[1], y, y)
    total = margins[0].sum(axis=1)
    # a scale-free test whether a question is constant: its spread against the range of its scores
    span_x = total * np.abs(x).max(axis=1) ** 2
    span_y = total * np.abs(y).max(axis=1) ** 2
    varies = (variance_x > TINY * span_x) & (variance_y > TINY * span_y) & (total > 0)
    scale = np.sqrt(np.where(varies, variance_x * variance_y, 1.0))
    return np.where(varies, np.clip(covariance / scale, -1.0, 1.0), np.nan)


def _spearman(block: np.ndarray, levels_x: np.ndarray, levels_y: np.ndarray) -> np.ndarray:
    margins, scores = _margins(block), []
    for margin in margins:
        half = margin.sum(axis=1, keepdims=True) / 2
        score = (np.cumsum(margin, axis=1) - margin / 2 - half) / np.where(half > 0, half, 1.0)
        scores.append(np.where(margin > 0, score, 0.0))
    return _product_moment(block, margins, *scores)


def _pearson(block: np.ndarray, levels_x: np.ndarray, levels_y: np.ndarray) -> np.ndarray:
    margins, scores = _margins(block), []
    for margin, levels in zip(margins, (levels_x, levels_y), strict=True):
        total = margin.sum(axis=1, keepdims=True)
        span = np.ptp(levels, axis=-1, keepdims=True)
        centred = levels - (margin * levels).sum(axis=1, keepdims=True) / np.where(total > 0, total, 1.0)
        scores.append(np.where(margin > 0, centred, 0.0) / np.where(span > 0, span, 1.0))
    return _product_moment(block, margins, *scores)


def kendall_tau_b(
    block: np.ndarray, levels_x: np.ndarray | None = None, levels_y: np.ndarray | None = None
) -> np.ndarray:
    """Kendall's tau-b of a stack of contingency tables (stack, a, b); NaN where a margin is constant."""
    above_left = np.zeros_like(block)
    above_left[:, 1:, 1:] = block.cumsum(axis=1).cumsum(axis=2)[:, :-1, :-1]
    mirrored = block[:, :, ::-1]
    above_right = np.zeros_like(block)
    above_right[:, 1:, 1:] = mirrored.cumsum(axis=1).cumsum(axis=2)[:, :-1, :-1]
    agree = (block * above_left).sum(axis=(1, 2))
    disagree = (mirrored * above_right).sum(axis=(1, 2))
    total = block.sum(axis=(1, 2))
    untied_x = (total**2 - (block.sum(axis=2) ** 2).sum(axis=1)) / 2
    untied_y = (total**2 - (block.sum(axis=1) ** 2).sum(axis=1)) / 2
    varies = (untied_x > TINY * total**2) & (untied_y > TINY * total**2)
    scale = np.sqrt(np.where(varies, untied_x * untied_y, 1.0))
    return np.where(varies, np.clip((agree - disagree) / scale, -1.0, 1.0), np.nan)


def kendall_null_error(table: np.ndarray, n: int | None = None) -> float:
    """Standard error of Kendall's tau-b when there is no association, ties included.

    Parameters
    ----------
    table : array of shape (a, b)
        Contingency table; weights are scaled to `n` people.
    n : int, optional
        People; the sum of the table when not given.

    Returns
    -------
    float
        NaN with fewer than three people or a constant margin.

    References
    ----------
    Kendall (1970), Rank Correlation Methods, 4th edition, chapter 4.
    """
    total = float(table.sum())
    people = total if n is None else float(n)
    if people < 3 or total <= 0:
        return float("nan")
    x, y = table.sum(axis=1) * people / total, table.sum(axis=0) * people / total
    ties = [(m * (m - 1)).sum() for m in (x, y)]
    triples = [(m * (m - 1) * (m - 2)).sum() for m in (x, y)]
    spread = [(m * (m - 1) * (2 * m + 5)).sum() for m in (x, y)]
    pairs = people * (people - 1)
    if min(pairs - ties[0], pairs - ties[1]) <= 0:
        return float("nan")
    variance = (pairs * (2 * people + 5) - spread[0] - spread[1]) / 18
    variance += ties[0] * ties[1] / (2 * pairs) + triples[0] * triples[1] / (9 * pairs * (people - 2))
    return float(np.sqrt(max(variance, 0.0)) / (np.sqrt((pairs - ties[0]) * (pairs - ties[1])) / 2))


METHODS = {"spearman": _spearman, "pearson": _pearson, "kendall": kendall_tau_b}
