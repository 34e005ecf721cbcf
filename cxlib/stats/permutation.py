"""Exact inference for few units: which other units could have been the ones acted on?"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from math import comb, floor, inf

import numpy as np

MOST_DRAWS = 20_000  # ways to choose the units that are all gone through; of more, so many are drawn
TIE = 1e-9  # relative to the spread: sums in another order differ in their last digits


@dataclass(frozen=True)
class Permuted:
    """What re-choosing the acted units says of a difference.

    Parameters
    ----------
    estimate : float
        Mean change of the units acted on less that of the others.
    p : float
        Two-sided: twice the smaller one-sided p, at most 1.
    low, high : float
        Ends of the interval; infinite where there are too few ways to choose.
    smallest_p : float
        Smallest p that so many ways to choose can give.
    draws : int
        Ways to choose that were gone through, the one that happened among them.
    """

    estimate: float
    p: float
    low: float
    high: float
    smallest_p: float
    draws: int


def choices(units: int, size: int, *, seed: int = 1, most: int = MOST_DRAWS) -> np.ndarray:
    """Ways to choose `size` of so many units: all of them, or `most` drawn at random where there are more.

    Parameters
    ----------
    units, size : int
    seed : int
        Of the drawn ones.
    most : int

    Returns
    -------
    boolean array of shape (ways, units)
        The first row chooses the first units.

    Examples
    --------
    >>> choices(4, 2).shape, choices(6, 3)[0].tolist()
    ((6, 4), [True, True, True, False, False, False])
    """
    if comb(units, size) <= most:
        return _all_choices(units, size)
    return _drawn_choices(units, size, seed, most)


@lru_cache(maxsize=8)
def _all_choices(units: int, size: int) -> np.ndarray:
    index = np.array(list(combinations(range(units), size)), dtype=np.int64).reshape(-1, size)
    ways = np.zeros((len(index), units), dtype=bool)
    np.put_along_axis(ways, index, True, axis=1)
    ways.flags.writeable = False
    return ways


@lru_cache(maxsize=8)
def _drawn_choices(units: int, size: int, seed: int, most: int) -> np.ndarray:
    rng = np.random.default_rng([seed, 22])
    order = rng.random((most, units)).argsort(axis=1)
    ways = order < size
    ways[0] = np.arange(units) < size
    ways.flags.writeable = False
    return ways


def permutation_interval(
    changes: np.ndarray,
    acted: np.ndarray,
    ways: np.ndarray,
    *,
    weights: np.ndarray | None = None,
    confidence: float = 0.95,
) -> Permuted:
    """Difference of two groups of units, its p and its interval from re-choosing who was acted on.

    Parameters
    ----------
    changes : array of shape (units,)
        Change of each unit.
    acted : boolean array of shape (units,)
        Units acted on.
    ways : boolean array of shape (ways, units)
        Who could have been acted on; the way that happened is added where it is not among them.
    weights : array of shape (units,), optional
        Positive weight of each unit, whichever group it is chosen into.
    confidence : float in (0, 1)

    Returns
    -------
    Permuted

    Notes
    -----
    The difference d is tried by taking d from the units acted on and choosing anew. With D the difference of a way to
    choose and K the same difference of the indicator of being acted on, the way gives at least as much as what
    happened when D - d K >= D0 - d, that is when d >= (D0 - D) / (1 - K). So each way has one number, the one-sided
    p of every d is a count of these numbers, and the interval's ends are two of them in order: exact, without a search.
    Weights stay with their unit, so that under "no change at all" every way is as likely as another.

    References
    ----------
    Ernst (2004), Statistical Science 19, 676-685. doi:10.1214/088342304000000396
    Rosenbaum (2002), Statistical Science 17, 286-327. doi:10.1214/ss/1042727942

    Examples
    --------
    >>> effect = permutation_interval(np.array([4.0, 5, 6, 1, 2, 3]), np.arange(6) < 3, choices(6, 3))
    >>> effect.estimate, round(effect.p, 3), round(effect.smallest_p, 3), effect.low
    (3.0, 0.1, 0.1, -inf)
    """
    acted = np.asarray(acted, dtype=bool)
    weight = np.ones(len(changes)) if weights is None else np.asarray(weights, dtype=float)
    centred = changes - changes.mean()
    same = (ways == acted).all(axis=1)
    happened = max(int(same.sum()), 1)
    others = ways[~same]
    count = len(others) + happened
    estimate = float(_gap(acted[None, :], weight, centred)[0])
    held = others @ weight
    rest = weight.sum() - held
    value = weight * centred
    gaps = (others @ value) / held - (value.sum() - others @ value) / rest
    on = weight * acted
    kept = (others @ on) / held - (on.sum() - others @ on) / rest
    turning = np.sort((estimate - gaps) / (1 - kept))
    near = TIE * max(float(np.ptp(changes)), np.finfo(float).tiny)
    above = (happened + np.searchsorted(turning, near, side="right")) / count
    below = (happened + len(turning) - np.searchsorted(turning, -near, side="left")) / count
    p = min(1.0, 2 * min(above, below))
    allowed = floor((1 - confidence) / 2 * count + TIE) - happened  # ways that may be as extreme, besides
    low = float(turning[allowed]) if 0 <= allowed < len(turning) else -inf
    high = float(turning[-1 - allowed]) if 0 <= allowed < len(turning) else inf
    return Permuted(estimate, float(p), low, high, min(1.0, 2 * happened / count), count)


def _gap(ways: np.ndarray, weight: np.ndarray, values: np.ndarray) -> np.ndarray:
    held = ways @ weight
    rest = weight.sum() - held
    inside = ways @ (weight * values)
    return inside / held - ((weight * values).sum() - inside) / rest
