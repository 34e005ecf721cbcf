"""Kendall's tau-b, Somers' D, Goodman and Kruskal's gamma and Spearman's r of contingency tables, with their errors.

All four are smooth functions of the shares of people in the cells, so one delta method serves them all: the influence
of a cell is the change of the statistic when a little weight moves there, and the variance is that of the influences.
Everything takes stacks of tables; a table of L levels costs L^2 steps, however many people it holds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import stats as distributions

from cxlib.stats.association import MIN_PAIRS, PERFECT, fisher_interval
from cxlib.stats.tables import Tables

METHODS = ("kendall", "somers", "somers_reversed", "gamma", "spearman")
COLUMNS = ("x", "y", "method", "people", "n", "estimate", "error", "null_error", "low", "high", "p", "reason")
NO_SPREAD = 1e-10  # shares of people: below this a margin has one level but for rounding dust of weights


@dataclass(frozen=True)
class OrdinalAssociation:
    """Association of two ordered answers in each of a stack of tables.

    Parameters
    ----------
    method : {'kendall', 'somers', 'somers_reversed', 'gamma', 'spearman'}
    n : array
        People, or the effective number of people with weights.
    estimate : array
        In [-1, 1].
    error : array
        Asymptotic standard error (ASE1 of SAS PROC FREQ).
    null_error : array
        Standard error were the answers independent, given the margins; p rests on it.
    low, high : array
        Ends of the confidence interval.
    p : array
        Two-sided p value of no association.
    reason : array of str
        '' or why something is NaN: 'all_missing', 'too_few' (fewer than 4 people), 'constant' (one answer only),
        'perfect' (estimate -1 or 1: p exists, an interval does not).
    """

    method: str
    n: np.ndarray
    estimate: np.ndarray
    error: np.ndarray
    null_error: np.ndarray
    low: np.ndarray
    high: np.ndarray
    p: np.ndarray
    reason: np.ndarray


def ordinal_association(
    counts: ArrayLike, method: str = "kendall", *, n_effective: ArrayLike | None = None, confidence: float = 0.95
) -> OrdinalAssociation:
    """Association of the two questions of each contingency table.

    Parameters
    ----------
    counts : array of shape (..., levels of x, levels of y)
        People, or sums of weights, in each cell; levels ascending. Empty levels change nothing.
    method : {'kendall', 'somers', 'somers_reversed', 'gamma', 'spearman'}
        Tau-b; Somers' D of y given x; Somers' D of x given y; gamma; Spearman with midranks for ties.
    n_effective : array of shape (...), optional
        Kish's effective number of people where `counts` are sums of weights. None takes the sum of `counts`.
    confidence : float in (0, 1)
        Coverage of the interval.

    Returns
    -------
    OrdinalAssociation
        Arrays of shape (...); for a single table, numbers.

    Notes
    -----
    With S the doubled surplus of concordant over discordant pairs, w_x and w_y the doubled pairs not tied on x, on y:
    tau-b = S / sqrt(w_x w_y), D(y|x) = S / w_x, gamma = S / (concordant + discordant). The three share one numerator
    and so one test: S against its permutation variance, as R's `cor.test(method="kendall", exact=FALSE)` and
    `pingouin.corr`. Spearman's p is that of t with n - 2 degrees of freedom, as pingouin's.

    The interval is tanh(atanh(estimate) -+ z error / (1 - estimate^2)). At strong associations it covers better than
    estimate -+ z error, which also leaves [-1, 1] (docs/calibration_ordinal.md).

    pingouin has no standard error and no table form of any of these.

    References
    ----------
    Brown & Benedetti (1977), Sampling behavior of tests for correlation in two-way contingency tables, Journal of the
    American Statistical Association 72, 309-315. doi:10.1080/01621459.1977.10480995

    Examples
    --------
    >>> result = ordinal_association([[20, 10, 5], [10, 20, 10], [5, 10, 20]])
    >>> result.estimate.round(3), result.error.round(3)
    (np.float64(0.391), np.float64(0.079))
    """
    if method not in METHODS:
        raise ValueError(f"method is one of {', '.join(METHODS)}")
    counts = np.asarray(counts, dtype=float)
    total = counts.sum(axis=(-2, -1))
    n = total if n_effective is None else np.broadcast_to(np.asarray(n_effective, dtype=float), total.shape)
    shares = counts / np.where(total > 0, total, 1.0)[..., None, None]
    margins = shares.sum(axis=-1), shares.sum(axis=-2)
    constant = np.logical_or(*(1 - (margin**2).sum(axis=-1) < NO_SPREAD for margin in margins))
    reason = np.select(
        [~(total > 0), ~(n >= MIN_PAIRS), constant], ["all_missing", "too_few", "constant"], default=""
    ).astype(object)
    known = reason == ""
    top, bottom, top_influence, bottom_influence = _parts(shares, margins, method)
    bottom = np.where(known, bottom, 1.0)
    estimate = np.clip(top / bottom, -1.0, 1.0)
    influence = top_influence - estimate[..., None, None] * bottom_influence
    people = np.where(known, n, 1.0)
    error = np.sqrt(_variance(shares, influence) / people) / np.abs(bottom)
    null_error = (
        1 / np.sqrt(np.maximum(people - 1, 1.0))
        if method == "spearman"
        else _permutation_error(margins, people) / np.abs(bottom)
    )
    perfect = known & (np.abs(estimate) >= PERFECT)
    reason[perfect] = "perfect"
    inner = known & ~perfect
    safe = np.where(inner, estimate, 0.0)
    low, high = fisher_interval(safe, error / (1 - safe**2), confidence)
    p = (
        _spearman_p(safe, people)
        if method == "spearman"
        else 2 * distributions.norm.sf(np.abs(top / bottom) / null_error)
    )
    p = np.where(perfect & (method == "spearman"), 0.0, p)
    shown = [(estimate, known), (error, known), (null_error, known), (low, inner), (high, inner), (p, known)]
    return OrdinalAssociation(
        method, n[()], *(np.where(where, value, np.nan)[()] for value, where in shown), reason[()]
    )


def ordinal_table(
    tables: Tables,
    method: str = "kendall",
    pairs: Sequence[tuple[str, str]] | None = None,
    *,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Association of pairs of questions, one row a pair.

    Parameters
    ----------
    tables : Tables
        Contingency tables; groups are added up.
    method, confidence
        As in `ordinal_association`.
    pairs : sequence of (x, y), optional
        Names of questions; every pair once when not given.

    Returns
    -------
    DataFrame
        Columns x, y, method, people (who answered both), n (the effective number), estimate, error, null_error, low,
        high, p, reason.

    Examples
    --------
    >>> from cxlib.stats.tables import cross_tables
    >>> tables = cross_tables({"wait": [1, 2, 2, 3, 4, 5], "return": [2, 1, 3, 4, 3, 5]})
    >>> ordinal_table(tables)[["x", "y", "people", "estimate"]].round(3).values.tolist()
    [['wait', 'return', 6, 0.643]]
    """
    pairs, counts, people, n = stack_pairs(tables, pairs)
    result = ordinal_association(counts, method, n_effective=n, confidence=confidence)
    columns = [result.estimate, result.error, result.null_error, result.low, result.high, result.p, result.reason]
    names = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    return pd.DataFrame(dict(zip(COLUMNS, [*names, method, people, n, *columns], strict=True)), columns=list(COLUMNS))


def stack_pairs(
    tables: Tables, pairs: Sequence[tuple[str, str]] | None = None
) -> tuple[list[tuple[str, str]], np.ndarray, np.ndarray, np.ndarray]:
    """The contingency tables of pairs of questions as one stack, filled up with empty levels to the same size.

    Returns
    -------
    pairs : list of (x, y)
    counts : array of shape (pairs, most levels of an x, most levels of a y)
    people : integer array of shape (pairs,)
        Who answered both.
    n : array of shape (pairs,)
        Their effective number.
    """
    names = tables.names
    if pairs is None:
        pairs = [(x, y) for place, x in enumerate(names) for y in names[place + 1 :]]
    pairs = list(pairs)
    places = np.array([[names.index(x), names.index(y)] for x, y in pairs], dtype=int).reshape(-1, 2)
    lengths = np.array([len(level) for level in tables.levels], dtype=int)
    most = [max(1, int(lengths[places[:, side]].max(initial=1))) for side in (0, 1)]
    counts = np.zeros((len(pairs), *most))
    whole, starts = tables.total().counts[0], tables.starts
    for number, (i, j) in enumerate(places):
        block = whole[starts[i] : starts[i + 1], starts[j] : starts[j + 1]]
        counts[number, : block.shape[0], : block.shape[1]] = block
    return pairs, counts, tables.pairs[tuple(places.T)], tables.effective_n()[tuple(places.T)]


def _parts(
    shares: np.ndarray, margins: tuple[np.ndarray, np.ndarray], method: str
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Numerator and denominator of the statistic, and of each the influence of every cell (up to a constant)."""
    if method == "spearman":
        return _spearman_parts(shares, margins)
    surplus = _surplus(_surplus(shares, -2), -1)  # of each cell: share of people concordant with it, less discordant
    top = (shares * surplus).sum(axis=(-2, -1))
    if method == "gamma":
        untied = _others(_others(shares, -2), -1)
        return top, (shares * untied).sum(axis=(-2, -1)), 2 * surplus, 2 * untied
    x, y = (1 - (margin**2).sum(axis=-1) for margin in margins)
    to_x, to_y = -2 * margins[0][..., :, None], -2 * margins[1][..., None, :]
    if method == "somers":
        return top, x, 2 * surplus, np.broadcast_to(to_x, shares.shape)
    if method == "somers_reversed":
        return top, y, 2 * surplus, np.broadcast_to(to_y, shares.shape)
    return top, *_root(x, y, 2 * surplus, to_x, to_y)


def _spearman_parts(
    shares: np.ndarray, margins: tuple[np.ndarray, np.ndarray]
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    x, y = (_surplus(margin, -1) / 2 for margin in margins)  # midranks as shares, centred
    row, column = (shares * y[..., None, :]).sum(axis=-1), (shares * x[..., :, None]).sum(axis=-2)
    # moving weight to a cell also moves the midranks of everybody above it
    moved_x, moved_y = -_surplus(row, -1) / 2, -_surplus(column, -1) / 2
    influence = x[..., :, None] * y[..., None, :] + moved_x[..., :, None] + moved_y[..., None, :]
    spread_x, spread_y = ((1 - (margin**3).sum(axis=-1)) / 12 for margin in margins)
    to_x, to_y = -(margins[0][..., :, None] ** 2) / 4, -(margins[1][..., None, :] ** 2) / 4
    return (shares * x[..., :, None] * y[..., None, :]).sum(axis=(-2, -1)), *_root(
        spread_x, spread_y, influence, to_x, to_y
    )


def _root(
    x: np.ndarray, y: np.ndarray, influence: np.ndarray, to_x: np.ndarray, to_y: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Denominator sqrt(x y), the numerator's influence, and the denominator's."""
    root = np.sqrt(x * y)
    x, y, safe = (np.where(root > 0, part, 1.0)[..., None, None] for part in (x, y, root))
    return root, influence, safe / 2 * (to_x / x + to_y / y)


def _surplus(values: np.ndarray, axis: int) -> np.ndarray:
    """At each level the sum over lower levels less the sum over higher ones."""
    return 2 * values.cumsum(axis=axis) - values - values.sum(axis=axis, keepdims=True)


def _others(values: np.ndarray, axis: int) -> np.ndarray:
    """At each level the sum over all other levels."""
    return values.sum(axis=axis, keepdims=True) - values


def _variance(shares: np.ndarray, influence: np.ndarray) -> np.ndarray:
    mean = (shares * influence).sum(axis=(-2, -1), keepdims=True)
    return (shares * (influence - mean) ** 2).sum(axis=(-2, -1))


def _permutation_error(margins: tuple[np.ndarray, np.ndarray], n: np.ndarray) -> np.ndarray:
    """Standard error of S / n^2 (S counts each pair twice) when the answers of x are dealt to those of y at random."""
    ties = [margin * n[..., None] for margin in margins]
    full = n * (n - 1) * (2 * n + 5) - sum((t * (t - 1) * (2 * t + 5)).sum(axis=-1) for t in ties)
    two = np.prod([(t * (t - 1)).sum(axis=-1) for t in ties], axis=0)
    three = np.prod([(t * (t - 1) * (t - 2)).sum(axis=-1) for t in ties], axis=0)
    below_two, below_three = np.maximum(n * (n - 1), 1.0), np.maximum(n * (n - 1) * (n - 2), 1.0)
    variance = full / 18 + two / (2 * below_two) + three / (9 * below_three)
    return 2 * np.sqrt(np.maximum(variance, 1e-300)) / n**2


def _spearman_p(r: np.ndarray, n: np.ndarray) -> np.ndarray:
    df = np.maximum(n - 2, 1.0)
    return 2 * distributions.t.sf(np.abs(r) * np.sqrt(df / (1 - r**2)), df)
