"""Do two correlations differ? No factor is said to go with an outcome more than another without one of these tests."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats as distributions

from cxlib.stats.association import PERFECT, fisher_interval

TESTS = ("steiger", "meng", "williams")
MIN_PEOPLE = 4  # Fisher's z has no standard error with fewer
MIN_RESAMPLES = 20  # fewer say nothing about the spread of a difference


@dataclass(frozen=True)
class Comparison:
    """The difference of two correlations.

    Parameters
    ----------
    method : str
    difference : array
        First correlation less the second.
    statistic : array
        z, or t where `df` is finite.
    df : array
        Degrees of freedom of t; infinite for z.
    p : array
        Two-sided p value of no difference.
    low, high : array
        Ends of the confidence interval of the difference.
    reason : array of str
        '' or why p is NaN: 'missing' (a value is NaN), 'too_few', 'perfect' (a correlation of -1 or 1), 'impossible'
        (no answers can have these three correlations), 'same' (the two answers compared repeat each other).
    """

    method: str
    difference: np.ndarray
    statistic: np.ndarray
    df: np.ndarray
    p: np.ndarray
    low: np.ndarray
    high: np.ndarray
    reason: np.ndarray


def compare_overlapping(
    first: ArrayLike,
    second: ArrayLike,
    between: ArrayLike,
    n: ArrayLike,
    *,
    test: str = "steiger",
    confidence: float = 0.95,
) -> Comparison:
    """Compare the correlations of two factors with one outcome, from the same people.

    Parameters
    ----------
    first, second : array
        Correlation of each factor with the outcome.
    between : array
        Correlation of the two factors.
    n : array
        People who answered all three (the effective number with weights). All four broadcast.
    test : {'steiger', 'meng', 'williams'}
        Steiger's z (1980) with pooled correlations; Meng, Rosenthal and Rubin's z (1992); Williams' t (1959).
    confidence : float in (0, 1)

    Returns
    -------
    Comparison
        The interval is Zou's, whatever the test.

    Notes
    -----
    The tests are made for Pearson's correlation. For rank correlations they are approximate; `compare_resampled` makes
    no such assumption and serves clusters and weights.

    References
    ----------
    Steiger (1980), Psychological Bulletin 87, 245-251. doi:10.1037/0033-2909.87.2.245
    Meng, Rosenthal & Rubin (1992), Psychological Bulletin 111, 172-175. doi:10.1037/0033-2909.111.1.172
    Williams (1959), Journal of the Royal Statistical Society B 21, 396-399. doi:10.1111/j.2517-6161.1959.tb00346.x
    Zou (2007), Psychological Methods 12, 399-413. doi:10.1037/1082-989X.12.4.399

    Examples
    --------
    >>> result = compare_overlapping(0.2, 0.5, 0.1, 315)
    >>> result.statistic.round(3), result.low.round(3), result.high.round(3)
    (np.float64(-4.415), np.float64(-0.431), np.float64(-0.167))
    """
    if test not in TESTS:
        raise ValueError(f"test is one of {', '.join(TESTS)}")
    first, second, between, n = _together(first, second, between, n)
    determinant = 1 - first**2 - second**2 - between**2 + 2 * first * second * between
    reason = _reason(
        (_missing(first, second, between, n), "missing"),
        (n < MIN_PEOPLE, "too_few"),
        ((np.abs(first) >= PERFECT) | (np.abs(second) >= PERFECT), "perfect"),
        (determinant < -1e-9, "impossible"),
        (between >= PERFECT, "same"),
    )
    fine = reason == ""
    first, second, between = (
        np.where(fine, value, fill) for value, fill in ((first, 0.0), (second, 0.0), (between, 0.0))
    )
    people = np.where(fine, n, 10.0)
    df = np.full(first.shape, np.inf)
    z = np.arctanh(first) - np.arctanh(second)
    if test == "steiger":
        pooled = (first + second) / 2
        shared = _covariance(pooled, pooled, between) / (1 - pooled**2) ** 2
        statistic = z * np.sqrt((people - 3) / np.maximum(2 - 2 * shared, 1e-12))
    elif test == "meng":
        mean = (first**2 + second**2) / 2
        f = np.minimum((1 - between) / (2 * (1 - mean)), 1.0)
        h = (1 - f * mean) / (1 - mean)
        statistic = z * np.sqrt((people - 3) / (2 * (1 - between) * h))
    else:
        df = people - 3
        mean = (first + second) / 2
        room = np.maximum(1 - first**2 - second**2 - between**2 + 2 * first * second * between, 0.0)
        spread = 2 * (people - 1) / (people - 3) * room + mean**2 * (1 - between) ** 3
        statistic = (first - second) * np.sqrt((people - 1) * (1 + between) / np.maximum(spread, 1e-300))
    error = 1 / np.sqrt(people - 3)
    ends = [end for r in (first, second) for end in fisher_interval(r, error, confidence)]
    together = _covariance(first, second, between) / ((1 - first**2) * (1 - second**2))
    low, high = difference_interval(first, *ends[:2], second, *ends[2:], together)
    return _comparison(f"{test}_overlapping", first - second, statistic, df, low, high, reason)


def compare_independent(
    first: ArrayLike,
    second: ArrayLike,
    n_first: ArrayLike,
    n_second: ArrayLike,
    *,
    rank: bool = False,
    confidence: float = 0.95,
) -> Comparison:
    """Compare one correlation in two groups of different people (two segments, two waves).

    Parameters
    ----------
    first, second : array
        The correlation in each group.
    n_first, n_second : array
        People in each (the effective number with weights).
    rank : bool
        True for Spearman's: the variance of Fisher's z is then (1 + r^2 / 2) / (n - 3), as Bonett and Wright's.
    confidence : float in (0, 1)

    Returns
    -------
    Comparison
        Fisher's z test and Zou's interval.

    Examples
    --------
    >>> result = compare_independent(0.8, 0.42, 75, 63)
    >>> result.statistic.round(3), result.low.round(3), result.high.round(3)
    (np.float64(3.724), np.float64(0.17), np.float64(0.618))
    """
    first, second, n_first, n_second = _together(first, second, n_first, n_second)
    reason = _reason(
        (_missing(first, second, n_first, n_second), "missing"),
        ((n_first < MIN_PEOPLE) | (n_second < MIN_PEOPLE), "too_few"),
        ((np.abs(first) >= PERFECT) | (np.abs(second) >= PERFECT), "perfect"),
    )
    fine = reason == ""
    first, second = np.where(fine, first, 0.0), np.where(fine, second, 0.0)
    errors = [
        np.sqrt((1 + rank * r**2 / 2) / (np.where(fine, n, 10.0) - 3))
        for r, n in ((first, n_first), (second, n_second))
    ]
    statistic = (np.arctanh(first) - np.arctanh(second)) / np.hypot(*errors)
    ends = [
        end for r, error in zip((first, second), errors, strict=True) for end in fisher_interval(r, error, confidence)
    ]
    low, high = difference_interval(first, *ends[:2], second, *ends[2:])
    return _comparison("fisher_independent", first - second, statistic, np.full(first.shape, np.inf), low, high, reason)


def difference_interval(
    first: ArrayLike,
    first_low: ArrayLike,
    first_high: ArrayLike,
    second: ArrayLike,
    second_low: ArrayLike,
    second_high: ArrayLike,
    together: ArrayLike = 0.0,
) -> tuple[np.ndarray, np.ndarray]:
    """Zou's interval of a difference, from the interval of each correlation.

    Parameters
    ----------
    first, first_low, first_high, second, second_low, second_high : array
        Each correlation and its interval, of any kind that covers (Fisher, Bonett and Wright, bootstrap).
    together : array
        Correlation of the two estimates; 0 for different people.

    Returns
    -------
    low, high : array
        Ends of the interval of first - second.
    """
    values = (first, first_low, first_high, second, second_low, second_high, together)
    first, first_low, first_high, second, second_low, second_high, together = _together(*values)
    down = (first - first_low) ** 2 + (second_high - second) ** 2
    down = down - 2 * together * (first - first_low) * (second_high - second)
    up = (first_high - first) ** 2 + (second - second_low) ** 2
    up = up - 2 * together * (first_high - first) * (second - second_low)
    return first - second - np.sqrt(np.maximum(down, 0.0)), first - second + np.sqrt(np.maximum(up, 0.0))


def compare_resampled(
    first: ArrayLike,
    second: ArrayLike,
    first_resamples: ArrayLike,
    second_resamples: ArrayLike,
    *,
    groups: int | None = None,
    confidence: float = 0.95,
) -> tuple[Comparison, np.ndarray]:
    """Compare two correlations from their values in the same bootstrap resamples.

    Parameters
    ----------
    first, second : array of shape (...)
        The two estimates: correlations, partial correlations, shares of importance.
    first_resamples, second_resamples : array of shape (resamples, ...)
        Their values in the same resamples; NaN where a resample has none.
    groups : int, optional
        Number of units or people drawn in each resample: t with groups - 1 degrees of freedom, and the variance is
        raised by groups / (groups - 1). None takes the normal distribution.
    confidence : float in (0, 1)

    Returns
    -------
    Comparison
        Reason 'too_few' where more than a tenth of the resamples or all but `MIN_RESAMPLES` are NaN, or fewer than two
        groups were drawn.
    first_above : array of shape (...)
        Share of resamples in which the first is above the second, ties counted half.
    """
    first, second = _together(first, second)
    differences = np.asarray(first_resamples, dtype=float) - np.asarray(second_resamples, dtype=float)
    there = np.isfinite(differences)
    kept = there.sum(axis=0)
    least = max(MIN_RESAMPLES, 0.9 * len(differences))
    drawn = np.inf if groups is None else float(groups)
    error = _spread(differences, there, kept) * np.sqrt(1.0 if groups is None or groups < 2 else drawn / (drawn - 1))
    reason = _reason(
        (_missing(first, second), "missing"),
        ((kept < least) | (drawn < 2), "too_few"),
        (error <= 1e-14, "same"),
    )
    difference = first - second
    fine = reason == ""
    safe = np.where(fine, error, 1.0)
    df = np.full(difference.shape, max(drawn - 1, 1.0))
    reach = distributions.t.ppf(0.5 + confidence / 2, df) * safe
    above = np.where(there, (differences > 0) + (differences == 0) / 2, 0.0).sum(axis=0) / np.maximum(kept, 1)
    comparison = _comparison(
        "bootstrap", difference, difference / safe, df, difference - reach, difference + reach, reason
    )
    return comparison, np.where(kept >= least, above, np.nan)[()]


def _spread(differences: np.ndarray, there: np.ndarray, kept: np.ndarray) -> np.ndarray:
    values = np.where(there, differences, 0.0)
    mean = values.sum(axis=0) / np.maximum(kept, 1)
    return np.sqrt(np.where(there, (values - mean) ** 2, 0.0).sum(axis=0) / np.maximum(kept - 1, 1))


def _covariance(first: np.ndarray, second: np.ndarray, between: np.ndarray) -> np.ndarray:
    """Covariance of two correlations that share a variable, times n (Pearson and Filon)."""
    own = between * (1 - first**2 - second**2)
    return own - first * second * (1 - first**2 - second**2 - between**2) / 2


def _comparison(
    method: str,
    difference: np.ndarray,
    statistic: np.ndarray,
    df: np.ndarray,
    low: np.ndarray,
    high: np.ndarray,
    reason: np.ndarray,
) -> Comparison:
    fine = reason == ""
    p = 2 * distributions.t.sf(np.abs(statistic), df)
    shown = (np.where(fine, value, np.nan)[()] for value in (difference, statistic, df, p, low, high))
    return Comparison(method, *shown, reason[()])


def _together(*values: ArrayLike) -> list[np.ndarray]:
    return list(np.broadcast_arrays(*(np.asarray(value, dtype=float) for value in values)))


def _missing(*values: np.ndarray) -> np.ndarray:
    return np.isnan(values).any(axis=0)


def _reason(*rules: tuple[np.ndarray, str]) -> np.ndarray:
    return np.select([rule for rule, _ in rules], [name for _, name in rules], default="").astype(object)
