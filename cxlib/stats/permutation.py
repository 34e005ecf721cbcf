"""Inference for few units and for drawn ones: which other units could have been acted on?"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from math import comb, floor, inf, sqrt

import numpy as np

MOST_DRAWS = 20_000  # ways to choose the units that are all gone through; of more, so many are drawn
TIE = 1e-9  # of a t statistic: sums in another order differ in their last digits
HALVINGS = 18  # of the bracket of an end: to a hundred-thousandth of a standard error
DOUBLINGS = 14  # an end farther away than 2^14 standard errors is no end


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
        Units acted on; at least two, and two others.
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
    The difference d is tried by taking d from the units acted on and choosing anew; the interval holds every d that
    neither one-sided test rejects at half of alpha. Compared are t statistics (Welch's with equal weights), not
    differences: where the units acted on are fewer and vary more than the others, choices of plain differences call up
    to a fifth of useless actions effective, those of t statistics about as many as they should (docs/statistics.md);
    where all vary alike both are exact. Weights stay with their unit, so that under "no change at all" every way is as
    likely as another. For each way the sums over its units are taken once; every d is then a polynomial in them.

    References
    ----------
    Janssen (1997), Statistics & Probability Letters 36, 9-21. doi:10.1016/S0167-7152(97)00043-6
    Wu & Ding (2021), Journal of the American Statistical Association 116, 1898-1913. doi:10.1080/01621459.2020.1750415
    Ernst (2004), Statistical Science 19, 676-685. doi:10.1214/088342304000000396

    Examples
    --------
    >>> effect = permutation_interval(np.array([4.0, 5, 6, 1, 2, 3]), np.arange(6) < 3, choices(6, 3))
    >>> effect.estimate, round(effect.p, 3), round(effect.smallest_p, 3), effect.low
    (3.0, 0.1, 0.1, -inf)
    """
    acted = np.asarray(acted, dtype=bool)
    weight = np.ones(len(changes)) if weights is None else np.asarray(weights, dtype=float)
    happened = int((ways == acted).all(axis=1).sum())
    trial = _Trial(np.asarray(changes, dtype=float), acted, ways, weight, missing=happened == 0)
    alpha = 1 - confidence
    smallest = max(happened, 1) / trial.count
    if floor(alpha / 2 * trial.count + TIE) < max(happened, 1):
        low, high = -inf, inf
    else:
        low, high = (trial.end(sign, alpha / 2) for sign in (-1, 1))
    return Permuted(trial.estimate, trial.p(), low, high, min(1.0, 2 * smallest), trial.count)


class _Trial:
    """One-sided p of every difference one cares to try, always with the same ways to choose."""

    def __init__(
        self, changes: np.ndarray, acted: np.ndarray, ways: np.ndarray, weight: np.ndarray, *, missing: bool
    ) -> None:
        y, a = changes - changes.mean(), acted.astype(float)
        square = weight**2
        ones = np.ones(len(y))
        plain, squared = [ones, weight, weight * y, weight * a], [ones, y, a, y**2, y * a]
        sums = np.column_stack([*plain, *(square * part for part in squared)])
        self._drawn = _Groups(ways.astype(float) @ sums, sums.sum(axis=0))
        self._seen = _Groups(a[None, :] @ sums, sums.sum(axis=0))
        self._missing = int(missing)
        self.count = len(ways) + self._missing
        gap, variance = self._seen.parts(0.0)
        self.estimate, self._error = float(gap[0]), sqrt(float(variance[0]))

    def one_sided(self, difference: float, sign: int) -> float:
        """Part of the ways that give as much as what happened (sign 1: as little), if this is the true difference."""
        (gap, variance), (own, spread) = self._drawn.parts(difference), self._seen.parts(difference)
        limit = sign * float(own[0]) / sqrt(float(spread[0]))
        as_far = sign * gap <= (limit + TIE * (1 + abs(limit))) * np.sqrt(variance)
        return (int(np.count_nonzero(as_far)) + self._missing) / self.count

    def p(self) -> float:
        return min(1.0, 2 * min(self.one_sided(0.0, 1), self.one_sided(0.0, -1)))

    def end(self, sign: int, half: float) -> float:
        """The difference farthest to one side that is not rejected."""
        inside, step = self.estimate, 2 * self._error
        for _ in range(DOUBLINGS):
            outside = inside + sign * step
            if self.one_sided(outside, sign) <= half + TIE:
                break
            inside, step = outside, 2 * step
        else:
            return sign * inf
        for _ in range(HALVINGS):
            middle = (inside + outside) / 2
            if self.one_sided(middle, sign) <= half + TIE:
                outside = middle
            else:
                inside = middle
        return float(inside)


class _Groups:
    """Difference of two groups and its variance, for many ways to choose the groups at once."""

    def __init__(self, inside: np.ndarray, total: np.ndarray) -> None:
        self._sides = []
        least = 1e-12 * max(float(total[7] / total[4]), np.finfo(float).tiny)
        for part in (inside, total - inside):
            count, held, wy, wa, square, sy, sa, syy, sya = part.T
            mean, kept = wy / held, wa / held
            scale = count / np.maximum(count - 1, 1) / held**2
            # (changes less d acted, less their mean) squared, as a polynomial in d
            zero = scale * (syy - 2 * mean * sy + mean**2 * square)
            one = scale * (-2 * sya + 2 * kept * sy + 2 * mean * sa - 2 * mean * kept * square)
            two = scale * (sa - 2 * kept * sa + kept**2 * square)
            self._sides.append((mean, kept, zero, one, two))
        (mean1, kept1, *first), (mean0, kept0, *second) = self._sides
        self._gap, self._kept = mean1 - mean0, kept1 - kept0
        self._zero, self._one, self._two = (a + b for a, b in zip(first, second, strict=True))
        self._least = least

    def parts(self, difference: float) -> tuple[np.ndarray, np.ndarray]:
        """Gap and variance once `difference` is taken from the units acted on."""
        variance = self._zero + difference * (self._one + difference * self._two)
        return self._gap - difference * self._kept, np.maximum(variance, self._least)
