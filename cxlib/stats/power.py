"""What could be found with so many answers, and when "as good as nothing" may be said."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special
from scipy import stats as distributions

from cxlib.stats.association import PERFECT

MIN_PEOPLE = 5  # a correlation of fewer has no power worth the name
HALVINGS = 60  # of the bracket of a correlation or of log n: exact to rounding
MOST_PEOPLE = 1e9


@dataclass(frozen=True)
class Equivalence:
    """Is a correlation too small to be worth anything?

    Parameters
    ----------
    equivalent : boolean array
        True when the whole interval lies within the smallest worthwhile correlation on either side of 0.
    p : array
        The larger p value of the two one-sided tests.
    low, high : array
        Interval of the correlation with coverage 1 - 2 alpha (90 % for alpha = .05), the one that fits the test.
    reason : array of str
        '' or 'missing' (no estimate or standard error), 'perfect' (a correlation of -1 or 1: not equivalent).
    """

    equivalent: np.ndarray
    p: np.ndarray
    low: np.ndarray
    high: np.ndarray
    reason: np.ndarray


def power_of_correlation(r: ArrayLike, n: ArrayLike, *, alpha: float = 0.05) -> np.ndarray:
    """Chance that the two-sided test finds a true correlation.

    Parameters
    ----------
    r : array
        True correlation, between -1 and 1.
    n : array
        People, or the effective number of people.
    alpha : float in (0, 1)

    Returns
    -------
    array
        Between alpha and 1; NaN with fewer than 5 people.

    Notes
    -----
    The approximation of `pingouin.power_corr` and R's `pwr.r.test`. pingouin takes one correlation at a time, a run
    asks for hundreds (benchmarks/ordinal_coverage.py prints the ratio of times; tests hold the two equal).

    Examples
    --------
    >>> power_of_correlation(0.28, 100).round(2)
    np.float64(0.81)
    """
    r, n = np.broadcast_arrays(np.abs(np.asarray(r, dtype=float)), np.asarray(n, dtype=float))
    fine = (n >= MIN_PEOPLE) & (r <= 1)
    people = np.where(fine, n, MIN_PEOPLE)
    power = _power(np.where(fine, r, 0.0), people, _limit(people, alpha))
    return np.where(fine, power, np.nan)[()]


def detectable_correlation(n: ArrayLike, *, power: float = 0.8, alpha: float = 0.05) -> np.ndarray:
    """The smallest correlation that n people show with the given chance.

    Parameters
    ----------
    n : array
        People, or the effective number of people.
    power, alpha : float in (0, 1)

    Returns
    -------
    array
        Above 0; NaN with fewer than 5 people.

    Examples
    --------
    >>> detectable_correlation([100, 200, 400]).round(2).tolist()
    [0.28, 0.2, 0.14]
    """
    n = np.asarray(n, dtype=float)
    people = np.where(n >= MIN_PEOPLE, n, MIN_PEOPLE)
    limit = _limit(people, alpha)
    low, high = np.zeros(n.shape), np.ones(n.shape)
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        enough = _power(middle, people, limit) >= power
        low, high = np.where(enough, low, middle), np.where(enough, middle, high)
    return np.where(n >= MIN_PEOPLE, high, np.nan)[()]


def people_needed(r: ArrayLike, *, power: float = 0.8, alpha: float = 0.05) -> np.ndarray:
    """How many people show a true correlation with the given chance.

    Parameters
    ----------
    r : array
        True correlation, not 0.
    power, alpha : float in (0, 1)

    Returns
    -------
    array
        Whole numbers, as floats; NaN for a correlation of 0, for NaN, and where more than 10^9 people would be needed.

    Examples
    --------
    >>> people_needed([0.1, 0.3]).tolist()
    [782.0, 85.0]
    """
    r = np.asarray(r, dtype=float)
    low, high = np.full(r.shape, np.log(MIN_PEOPLE)), np.full(r.shape, np.log(MOST_PEOPLE))
    possible = power_of_correlation(r, MOST_PEOPLE, alpha=alpha) >= power
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        enough = power_of_correlation(r, np.exp(middle), alpha=alpha) >= power
        low, high = np.where(enough, low, middle), np.where(enough, middle, high)
    people = np.ceil(np.exp(high) * (1 - 1e-12))  # exp(log 5) must not become 6
    return np.where(possible, people, np.nan)[()]


def equivalence_test(
    r: ArrayLike, error: ArrayLike, worthwhile: ArrayLike, *, df: ArrayLike | None = None, alpha: float = 0.05
) -> Equivalence:
    """Test whether a correlation is smaller than the smallest one worth anything.

    Parameters
    ----------
    r : array
        Estimated correlation.
    error : array
        Standard error of atanh(r).
    worthwhile : array
        Smallest correlation of interest, above 0 and below 1; -worthwhile to worthwhile counts as none.
    df : array, optional
        Degrees of freedom where the standard error comes from few resampled units; None takes the normal distribution.
    alpha : float in (0, 0.5)

    Returns
    -------
    Equivalence

    Raises
    ------
    ValueError
        `worthwhile` is not between 0 and 1.

    Notes
    -----
    Two one-sided tests on Fisher's z. Not equivalent does not mean associated: both "not found" and "not ruled out" can
    hold at once.

    References
    ----------
    Schuirmann (1987), Journal of Pharmacokinetics and Biopharmaceutics 15, 657-680. doi:10.1007/BF01068419
    Counsell & Cribbie (2015), British Journal of Mathematical and Statistical Psychology 68, 292-309.
    doi:10.1111/bmsp.12045

    Examples
    --------
    >>> result = equivalence_test(0.02, 1 / np.sqrt(997), 0.1)
    >>> bool(result.equivalent), result.low.round(3), result.high.round(3)
    (True, np.float64(-0.032), np.float64(0.072))
    """
    r, error, worthwhile = np.broadcast_arrays(*(np.asarray(value, dtype=float) for value in (r, error, worthwhile)))
    if not ((worthwhile > 0) & (worthwhile < 1)).all():
        raise ValueError("the smallest worthwhile correlation lies between 0 and 1")
    missing = ~(np.isfinite(r) & np.isfinite(error) & (error > 0))
    perfect = np.abs(np.where(np.isnan(r), 0.0, r)) >= PERFECT
    reason = np.select([perfect, missing], ["perfect", "missing"], default="").astype(object)
    fine = reason == ""
    z, scale, bound = np.arctanh(np.where(fine, r, 0.0)), np.where(fine, error, 1.0), np.arctanh(worthwhile)
    degrees = np.inf if df is None else np.asarray(df, dtype=float)
    p = distributions.t.sf((bound - np.abs(z)) / scale, degrees)
    reach = distributions.t.isf(alpha, degrees) * scale
    shown = (np.where(fine, value, np.nan)[()] for value in (p, np.tanh(z - reach), np.tanh(z + reach)))
    return Equivalence((fine & (p < alpha))[()], *shown, reason[()])


def _limit(people: np.ndarray, alpha: float) -> np.ndarray:
    """Fisher's z of the smallest correlation that the two-sided test finds."""
    t = -special.stdtrit(people - 2, alpha / 2)
    return np.arctanh(t / np.sqrt(t**2 + people - 2))


def _power(size: np.ndarray, people: np.ndarray, limit: np.ndarray) -> np.ndarray:
    """Chance that correlations of this size pass the limit (scipy.special: asked for often)."""
    size = np.minimum(size, PERFECT)
    true, root = np.arctanh(size) + size / (2 * (people - 1)), np.sqrt(people - 3)
    return special.ndtr((true - limit) * root) + special.ndtr((-true - limit) * root)
