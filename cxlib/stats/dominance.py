"""Which factor outranks which: dominance of three strengths, groups of factors as one unit, ranks over resamples."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import comb

import numpy as np
from scipy import special

from cxlib.stats.importance import subset_r2

EQUAL = 1e-10  # gains of R2 that differ by less are the same up to rounding
BYTES_AT_ONCE = 16 << 20  # of subset worths held at a time


@dataclass(frozen=True)
class Dominance:
    """Dominance among p factors.

    Parameters
    ----------
    conditional : array of shape (p, p)
        Row s, column j: mean gain of R2 when factor j joins s other factors.
    general : array of shape (p,)
        Mean of the rows of `conditional`: the Shapley (LMG) share; they sum to R2.
    complete_order, conditional_order, general_order : arrays of shape (p, p)
        1 where the row's factor dominates the column's, 0 where it is dominated, 0.5 where neither holds. Complete:
        it adds at least as much to every set of other factors, and more to one. Conditional: the same of the mean
        gains at each number of factors. General: of the shares.
    reason : str
        '' or why there is no answer: 'not_computable' when the worths hold NaN (everything is NaN then).
    """

    conditional: np.ndarray
    general: np.ndarray
    complete_order: np.ndarray
    conditional_order: np.ndarray
    general_order: np.ndarray
    reason: str


@dataclass(frozen=True)
class GroupShares:
    """Shares of R2 of groups of factors that enter and leave as a whole.

    Parameters
    ----------
    shares : array of shape (..., groups)
        Shapley values of the groups; they sum to `r2`.
    within : array of shape (..., p)
        Owen values: how each group's share is parted among its factors, the other groups entering as wholes.
    r2 : array of shape (...)
    """

    shares: np.ndarray
    within: np.ndarray
    r2: np.ndarray


@dataclass(frozen=True)
class Ranks:
    """Order of factors over bootstrap resamples.

    Parameters
    ----------
    top : array of shape (p,)
        Part of the resamples (0-1) in which the factor is among the first k.
    outranks : array of shape (p, p)
        Part of the resamples in which the row's factor has the larger share than the column's; ties count half.
    resamples : int
        Resamples that could be used; with none of them everything is NaN.
    """

    top: np.ndarray
    outranks: np.ndarray
    resamples: int


def dominance(worth: np.ndarray) -> Dominance:
    """Complete, conditional and general dominance from the worth of every subset of factors.

    Parameters
    ----------
    worth : array of shape (2**p,)
        R2 (of any kind that grows with the factors) of each subset; bit j of the position says whether factor j is in
        it, as `importance.subset_r2` and `ordinal_model.mcfadden_shares` give it.

    Returns
    -------
    Dominance

    Notes
    -----
    Complete dominance implies conditional, conditional implies general; never the other way.

    References
    ----------
    Azen & Budescu (2003), The dominance analysis approach for comparing predictors in multiple regression,
    Psychological Methods 8, 129-148. doi:10.1037/1082-989X.8.2.129

    Examples
    --------
    >>> from cxlib.stats.importance import subset_r2
    >>> r = np.array([[1, 0.5, 0.6], [0.5, 1, 0.3], [0.6, 0.3, 1]])
    >>> found = dominance(subset_r2(r[None])[:, 0])
    >>> found.conditional.round(2).tolist(), found.complete_order.tolist()
    ([[0.36, 0.09], [0.27, 0.0]], [[0.5, 1.0], [0.0, 0.5]])
    """
    worth = np.asarray(worth, dtype=float)
    p = _factors(worth)
    if not np.isfinite(worth).all():
        square = np.full((p, p), np.nan)
        return Dominance(square, np.full(p, np.nan), square, square, square, "not_computable")
    held = _sizes(p)
    gains = np.empty((p, len(worth) // 2))
    conditional = np.empty((p, p))
    for factor in range(p):
        gains[factor] = _gains(worth[:, None], factor)[:, 0]
        sizes = held.reshape(-1, 2, 1 << factor)[:, 0].ravel()
        conditional[:, factor] = np.bincount(sizes, gains[factor], p) / [comb(p - 1, s) for s in range(p)]
    general = conditional.mean(axis=0)
    complete = np.full((p, p), 0.5)
    for first in range(p):
        for second in range(first + 1, p):
            # sets without either: both gains are looked up where the other factor is out
            one = gains[first].reshape(-1, 2, 1 << (second - 1))[:, 0].ravel()
            two = gains[second].reshape(-1, 2, 1 << first)[:, 0].ravel()
            complete[first, second] = _verdict(one - two)
            complete[second, first] = 1 - complete[first, second]
    by_level = np.array([[_verdict(conditional[:, i] - conditional[:, j]) for j in range(p)] for i in range(p)])
    overall = np.array([[_verdict(general[[i]] - general[[j]]) for j in range(p)] for i in range(p)])
    return Dominance(conditional, general, complete, by_level.reshape(p, p), overall.reshape(p, p), "")


def shapley_values(worth: np.ndarray) -> np.ndarray:
    """Shapley values of any game.

    Parameters
    ----------
    worth : array of shape (2**p, ...)
        Worth of each set of players; bit j of the position says whether player j is in it.

    Returns
    -------
    array of shape (..., p)
        They sum to the worth of all players minus that of none.

    Examples
    --------
    >>> shapley_values(np.array([0.0, 0.36, 0.09, 0.36])).round(3).tolist()
    [0.315, 0.045]
    """
    worth = np.asarray(worth, dtype=float)
    p = _factors(worth)
    flat = worth.reshape(len(worth), -1)
    weight = np.array([1.0 / (p * comb(p - 1, s)) for s in range(p)])
    held = _sizes(p)
    values = np.empty((flat.shape[1], p))
    for player in range(p):
        sizes = held.reshape(-1, 2, 1 << player)[:, 0].ravel()
        values[:, player] = weight[sizes] @ _gains(flat, player)
    return values.reshape(*worth.shape[1:], p)


def group_shares(matrices: np.ndarray, groups: Sequence[Sequence[int]]) -> GroupShares:
    """Shares of R2 of groups of factors (the steps of a journey), each group one unit.

    Parameters
    ----------
    matrices : array of shape (..., p + 1, p + 1)
        Correlation matrices, the outcome last.
    groups : sequence of sequences of int
        The factors of each group; every factor in exactly one. Up to about 20 groups, and up to about 20 of groups and
        members of the largest group together.

    Returns
    -------
    GroupShares

    Raises
    ------
    ValueError
        When the groups do not hold every factor exactly once.

    Notes
    -----
    Groups of one factor each give the LMG shares. The share of a group is not the sum of its factors' LMG shares:
    there the factors of different groups enter in mixed order.

    References
    ----------
    Owen (1977), Values of games with a priori unions, in Essays in Mathematical Economics and Game Theory, 76-88.
    doi:10.1007/978-3-642-45494-3_7

    Examples
    --------
    >>> r = np.array([[1, 0.5, 0.2, 0.6], [0.5, 1, 0.1, 0.3], [0.2, 0.1, 1, 0.3], [0.6, 0.3, 0.3, 1]])
    >>> found = group_shares(r, [[0, 1], [2]])
    >>> found.shares.round(3).tolist(), found.within.round(3).tolist()
    ([0.332, 0.062], [0.291, 0.041, 0.062])
    """
    matrices = np.asarray(matrices, dtype=float)
    stack = matrices.reshape(-1, *matrices.shape[-2:])
    p = stack.shape[-1] - 1
    members = [list(map(int, group)) for group in groups]
    if sorted(factor for group in members for factor in group) != list(range(p)):
        raise ValueError("every factor belongs to exactly one group")
    count = len(members)
    shares, within, r2 = np.zeros((len(stack), count)), np.zeros((len(stack), p)), np.zeros(len(stack))
    largest = max((len(group) for group in members if len(group) > 1), default=1) + count - 1
    step = max(1, BYTES_AT_ONCE // (8 << largest))
    for begin in range(0, len(stack), step):
        chosen = slice(begin, begin + step)
        worth = subset_r2(stack[chosen], members)
        shares[chosen], r2[chosen] = shapley_values(worth), worth[-1]
        for number, group in enumerate(members):
            if len(group) == 1:
                within[chosen, group[0]] = shares[chosen, number]
                continue
            others = members[:number] + members[number + 1 :]
            # the group's own factors are the highest bits: there a further one costs least
            split = subset_r2(stack[chosen], [*others, *([factor] for factor in group)])
            split = split.reshape(1 << len(group), 1 << (count - 1), -1)
            weight = 1.0 / (count * np.array([comb(count - 1, size) for size in _sizes(count - 1)]))
            # Owen's value is the Shapley value, among the group's own factors, of what they add to the other groups
            within[chosen, group] = shapley_values(np.einsum("o,gob->gb", weight, split - split[:1]))
    lead = matrices.shape[:-2]
    return GroupShares(shares.reshape(*lead, count), within.reshape(*lead, p), r2.reshape(lead))


def rank_chances(shares: np.ndarray, *, first: int = 3) -> Ranks:
    """How often each factor is among the first, and how often it outranks each other one.

    Parameters
    ----------
    shares : array of shape (resamples, p)
        Shares (of factors or of groups) in bootstrap resamples; a resample with a NaN is left out.
    first : int
        How many places count as the top.

    Returns
    -------
    Ranks

    Notes
    -----
    Where factors tie for the last top places, those places are parted among them equally. The chance that A outranks
    B is how firmly the data order the two; it is no test of a difference (see the tests of dependent correlations).

    Examples
    --------
    >>> found = rank_chances(np.array([[0.3, 0.2, 0.1], [0.1, 0.2, 0.1]]), first=1)
    >>> found.top.tolist(), found.outranks[0].tolist()
    ([0.5, 0.5, 0.0], [0.5, 0.5, 0.75])
    """
    shares = np.asarray(shares, dtype=float)
    usable = shares[np.isfinite(shares).all(axis=1)]
    p = shares.shape[1]
    if not len(usable):
        return Ranks(np.full(p, np.nan), np.full((p, p), np.nan), 0)
    ahead, level = usable[:, :, None] > usable[:, None], usable[:, :, None] == usable[:, None]
    outranks = ahead.mean(axis=0) + level.mean(axis=0) / 2
    return Ranks(_top(usable, first), outranks, len(usable))


def top_chances(shares: np.ndarray, *, first: int) -> np.ndarray:
    """How often each factor is among the first, as in `rank_chances`; NaN without a usable resample."""
    shares = np.asarray(shares, dtype=float)
    usable = shares[np.isfinite(shares).all(axis=1)]
    return _top(usable, first) if len(usable) else np.full(shares.shape[1], np.nan)


def bca_interval(
    estimate: np.ndarray, resamples: np.ndarray, jackknife: np.ndarray, *, confidence: float = 0.95
) -> tuple[np.ndarray, np.ndarray]:
    """Bias-corrected and accelerated bootstrap interval.

    Parameters
    ----------
    estimate : array of shape (...)
        Of the whole sample.
    resamples : array of shape (resamples, ...)
        Of the bootstrap resamples; NaN is left out.
    jackknife : array of shape (groups, ...)
        With each drawn unit (person or store) left out in turn: draws of `1 - numpy.eye(groups)`.
    confidence : float in (0, 1)

    Returns
    -------
    low, high : arrays of shape (...)
        NaN where the estimate is, where fewer than nine tenths of the resamples or no two jackknife values exist.

    Notes
    -----
    An estimate outside all resamples would need an infinite correction; it is taken as lying half a resample inside.
    Where the jackknife values do not vary the acceleration is 0.

    References
    ----------
    Efron (1987), Better bootstrap confidence intervals, Journal of the American Statistical Association 82, 171-185.
    doi:10.1080/01621459.1987.10478410

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> x = rng.exponential(size=50)
    >>> resamples = x[rng.integers(50, size=(4000, 50))].mean(axis=1)
    >>> left_out = (x.sum() - x) / 49
    >>> low, high = bca_interval(x.mean(), resamples, left_out)
    >>> bool(low < x.mean() < high), bool(high - x.mean() > x.mean() - low)
    (True, True)
    """
    estimate = np.asarray(estimate, dtype=float)
    drawn = np.asarray(resamples, dtype=float).reshape(len(resamples), -1)
    left = np.asarray(jackknife, dtype=float).reshape(len(jackknife), -1)
    value, places = estimate.ravel(), np.arange(drawn.shape[1])
    there, units = np.isfinite(drawn), np.isfinite(left)
    count, several = there.sum(axis=0), units.sum(axis=0)
    fine = np.isfinite(value) & (count >= max(2, 0.9 * len(drawn))) & (several >= 2)
    ordered = np.sort(np.where(there | ~fine, np.where(fine, drawn, 0.0), np.inf), axis=0)  # what is missing comes last
    count, several = np.maximum(count, 1), np.maximum(several, 1)
    below = ((drawn < value) & there).sum(axis=0) + ((drawn == value) & there).sum(axis=0) / 2
    bias = special.ndtri(np.clip(below, 0.5, np.maximum(count - 0.5, 0.5)) / np.maximum(count, 1))
    spread = np.where(units, np.where(units, left, 0.0).sum(axis=0) / several - left, 0.0)
    squares = (spread**2).sum(axis=0)
    varies = squares > 1e-24 * np.maximum(1.0, np.where(fine, value, 0.0) ** 2)
    acceleration = np.where(varies, (spread**3).sum(axis=0) / (6 * np.where(varies, squares, 1.0) ** 1.5), 0.0)
    tail = (1 - confidence) / 2
    z = bias + special.ndtri([tail, 1 - tail])[:, None]
    level = special.ndtr(bias + z / np.maximum(1 - acceleration * z, 1e-6))
    at = level * (count - 1)  # between two ordered resamples, as numpy's quantiles
    lower = np.minimum(at.astype(int), count - 1)
    upper = np.minimum(lower + 1, count - 1)
    first, second = ordered[lower, places], ordered[upper, places]
    ends = np.where(fine, first + (at - lower) * (second - first), np.nan)
    low, high = ends.reshape(2, *estimate.shape)
    return low, high


def _top(shares: np.ndarray, first: int) -> np.ndarray:
    """Part of the rows in which each column is among the first; the last of these places are parted among equals."""
    first = min(first, shares.shape[1])
    least = -np.partition(-shares, first - 1, axis=1)[:, [first - 1]]
    above, level = shares > least, shares == least
    places = (first - above.sum(axis=1, keepdims=True)) / level.sum(axis=1, keepdims=True)
    return (above + level * places).mean(axis=0)


def _factors(worth: np.ndarray) -> int:
    p = len(worth).bit_length() - 1
    if len(worth) != 1 << p:
        raise ValueError("the worth of every subset is needed: 2**p values")
    return p


def _sizes(p: int) -> np.ndarray:
    """Number of factors in each subset."""
    held = np.zeros(1, dtype=np.int64)
    for _ in range(p):
        held = np.concatenate([held, held + 1])
    return held


def _gains(worth: np.ndarray, factor: int) -> np.ndarray:
    """What a factor adds to each subset without it; shape (2**(p - 1), stack)."""
    halves = worth.reshape(-1, 2, 1 << factor, worth.shape[1])
    return (halves[:, 1] - halves[:, 0]).reshape(-1, worth.shape[1])


def _verdict(differences: np.ndarray) -> float:
    """1 when none is negative and one is positive, 0 the other way round, else 0.5."""
    never_less, never_more = (differences >= -EQUAL).all(), (differences <= EQUAL).all()
    return 0.5 if never_less == never_more else float(never_less)
