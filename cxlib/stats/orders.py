"""What the same estimate would have been under the other orders in which units could have been acted on."""

from __future__ import annotations

from collections.abc import Iterator
from math import factorial, inf, prod

import numpy as np
from numpy.typing import ArrayLike

MOST_ORDERS = 20_000  # all of them up to here, else so many drawn: p is then good to .003 at .05
SAME = 1e-9  # of the share of the action that another order would have called acted on


def redrawn_orders(starts: ArrayLike, *, eligible: ArrayLike | None = None, seed: int = 1) -> np.ndarray:
    """The starts dealt anew among the units that could have had them.

    Parameters
    ----------
    starts : array of shape (units,)
        First period in which each unit was acted on; NaN for a unit not acted on.
    eligible : boolean array of shape (units,), optional
        Units that took part in the draw; the others keep their start. None: all.
    seed : int
        Of the draws, when there are more than 20,000 different orders.

    Returns
    -------
    array of shape (orders, units)
        Every different order (the true one among them) when there are at most 20,000, else 20,000 drawn ones.

    Examples
    --------
    >>> redrawn_orders([2, 3, np.nan]).shape
    (6, 3)
    """
    starts = np.asarray(starts, dtype=float)
    able = np.ones(starts.size, dtype=bool) if eligible is None else np.asarray(eligible, dtype=bool)
    dealt = np.where(np.isnan(starts[able]), inf, starts[able])
    kinds, counts = np.unique(dealt, return_counts=True)
    different = factorial(dealt.size) // prod(factorial(int(count)) for count in counts)
    if different <= MOST_ORDERS:
        orders = np.array(list(_arrangements(list(counts), dealt.size)), dtype=int)
    else:
        rng = np.random.default_rng(seed)
        orders = rng.permuted(np.tile(np.repeat(np.arange(kinds.size), counts), (MOST_ORDERS, 1)), axis=1)
    redrawn = np.tile(starts, (len(orders), 1))
    redrawn[:, able] = np.where(np.isinf(kinds), np.nan, kinds)[orders]
    return redrawn


def _arrangements(counts: list[int], length: int) -> Iterator[tuple[int, ...]]:
    """Every different sequence with so many of each kind."""
    if length == 0:
        yield ()
        return
    for kind, count in enumerate(counts):
        if count:
            rest = [*counts[:kind], count - 1, *counts[kind + 1 :]]
            for tail in _arrangements(rest, length - 1):
                yield (kind, *tail)


def estimates_by_order(means: np.ndarray, treated: np.ndarray, orders: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The overall group-time estimate under each order, of the answers and of the action itself.

    Parameters
    ----------
    means : array of shape (units, periods)
        Unit means; NaN is missing.
    treated : array of shape (units, periods)
        1 where the unit had truly been acted on.
    orders : array of shape (orders, units)
        Position of the first period acted on; infinite: none.

    Returns
    -------
    estimates : array of shape (orders,)
        NaN for an order that leaves nobody to compare.
    shares : array of shape (orders,)
        How much of one point added by the true action each order would find.
    """
    known = np.isfinite(means)
    filled = np.where(known, means, 0.0)
    later = {period: (orders > period).astype(float) for period in range(means.shape[1])}
    sums = np.zeros((len(orders), 2))
    weights = np.zeros(len(orders))
    groups = np.unique(orders[np.isfinite(orders)]).astype(int)
    for group in groups[groups > 0]:
        acted = (orders == group).astype(float)
        for period in range(group, means.shape[1]):
            both = (known[:, period] & known[:, group - 1]).astype(float)
            change = (filled[:, period] - filled[:, group - 1]) * both
            share = (treated[:, period] - treated[:, group - 1]) * both
            columns = np.column_stack([both, change, share])
            first, second = acted @ columns, later[period] @ columns
            usable = (first[:, 0] > 0) & (second[:, 0] > 0)
            with np.errstate(divide="ignore", invalid="ignore"):
                gap = first[:, 1:] / first[:, :1] - second[:, 1:] / second[:, :1]
            sums[usable] += (gap * first[:, :1])[usable]
            weights[usable] += first[usable, 0]
    with np.errstate(divide="ignore", invalid="ignore"):
        found = np.where(weights[:, None] > 0, sums / weights[:, None], np.nan)
    return found[:, 0], found[:, 1]


def inverted_interval(
    estimates: np.ndarray, shares: np.ndarray, confidence: float
) -> tuple[float, float, float, float]:
    """Interval and p of an effect that is the same everywhere, from what other draws would have given.

    Parameters
    ----------
    estimates, shares : array of shape (1 + draws,)
        As from `estimates_by_order`, the true order first; draws without an estimate are left out.
    confidence : float in (0, 1)

    Returns
    -------
    low, high : float
        Every effect that the draws do not reject at 1 - confidence; infinite where so few draws reject nothing.
    p : float
        Two-sided, of no effect.
    smallest : float
        Smallest p that these draws can give.

    Notes
    -----
    If the effect were e, the answers without the action would give the draw r the estimate a_r - b_r e, where a_r is
    its estimate and b_r its share of the action. The draw is as far from nothing as the true one when
    |a_r - b_r e| >= |a - e|, which holds between (a - a_r) / (1 - b_r) and (a + a_r) / (1 + b_r): each draw covers one
    stretch around a, and the interval holds what more than 1 - confidence of the draws cover. No search is needed.
    """
    true, usable = estimates[0], np.isfinite(estimates)
    usable[0] = False
    others, parts = estimates[usable], shares[usable]
    same = (np.abs(1 - parts) < SAME) | (np.abs(1 + parts) < SAME)
    with np.errstate(divide="ignore", invalid="ignore"):
        first = np.where(same, -inf, (true - others) / (1 - parts))
        second = np.where(same, inf, (true + others) / (1 + parts))
    lows, highs = np.minimum(first, second), np.maximum(first, second)
    alpha, number = 1 - confidence, lows.size
    if not number:
        return -inf, inf, 1.0, 1.0
    allowed = int(np.floor(alpha * number + 1e-9))  # draws that may fail to reach an end and still reject it
    low, high = float(np.sort(lows)[allowed]), float(np.sort(highs)[::-1][allowed])
    room = SAME * max(1.0, abs(true))
    p = float(np.mean((lows <= room) & (highs >= -room)))
    return low, high, p, float(max(np.mean(same), 1 / number))
