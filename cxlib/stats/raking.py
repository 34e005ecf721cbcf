"""The mean that a sample would have with another mix of people: raking, with an interval that knows the weights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cxlib.stats.sampling import Strata, degrees_of_freedom, linearised_covariance
from cxlib.stats.student import t_limit

ROUNDS = 200  # of fitting one margin after another; two margins that overlap as customers' do settle in about ten
CLOSE = 1e-10  # largest miss of a share that counts as met
FEWEST = 10  # answers of a level, below which its people would be weighed up on the word of a handful


@dataclass(frozen=True)
class Margin:
    """One grouping of people, and the mix that is wanted.

    Parameters
    ----------
    codes : int array of shape (n,)
        Level of each person, 0 to levels - 1.
    shares : array of shape (levels,)
        Wanted share of each level; they add up to 1.
    """

    codes: np.ndarray
    shares: np.ndarray


def rake(margins: Sequence[Margin], weights: np.ndarray | None = None, size: int | None = None) -> np.ndarray | None:
    """Weights under which every margin has its wanted mix, as near to the given ones as can be.

    Parameters
    ----------
    margins : sequence of Margin
    weights : array of shape (n,), optional
        Design weights, all positive. None weighs everyone alike.
    size : int, optional
        People, where there is no margin to tell.

    Returns
    -------
    array of shape (n,) or None
        Their sum is that of the given weights. None where a wanted level has nobody, or the margins contradict each
        other, so that no weights meet them.

    Notes
    -----
    Iterative proportional fitting; with one margin this is post-stratification. Own code: the libraries that do it
    (balance, ipfn) bring frameworks or arrays of whole tables, and no interval; a test holds it equal to R's
    `survey::rake`.

    References
    ----------
    Deming & Stephan (1940), Annals of Mathematical Statistics 11, 427-444. doi:10.1214/aoms/1177731829

    Examples
    --------
    >>> rake([Margin(np.array([0, 0, 0, 1]), np.array([0.5, 0.5]))]).round(3).tolist()
    [0.667, 0.667, 0.667, 2.0]
    """
    n = len(margins[0].codes) if margins else size or 0
    fitted = np.ones(n) if weights is None else weights.astype(float)
    total = fitted.sum()
    for _ in range(ROUNDS):
        missed = 0.0
        for margin in margins:
            now = np.bincount(margin.codes, fitted, len(margin.shares))
            if ((now <= 0) & (margin.shares > 0)).any():
                return None
            missed = max(missed, float(np.abs(now / total - margin.shares).max()))
            fitted = fitted * np.divide(margin.shares * total, now, out=np.zeros_like(now), where=now > 0)[margin.codes]
        if missed < CLOSE:
            return fitted
    return None


def raked_mean(
    values: np.ndarray,
    margins: Sequence[Margin],
    *,
    weights: np.ndarray | None = None,
    clusters: np.ndarray | None = None,
    strata: Strata | None = None,
    confidence: float = 0.95,
) -> tuple[float, float, float] | None:
    """Mean at the wanted mix, and its interval.

    Parameters
    ----------
    values : array of shape (n,)
        None missing.
    margins : sequence of Margin
    weights : array of shape (n,), optional
        Design weights, all positive.
    clusters : int array of shape (n,), optional
        Unit of each value, where units answer alike; at least two units.
    strata : Strata, optional
        Where values were drawn within parts of a population.
    confidence : float in (0, 1)

    Returns
    -------
    mean, low, high : float, or None
        None where `rake` finds no weights, or no more values than levels are there.

    Notes
    -----
    The interval counts the wanted mix as known, and what the weights cost as cost: where a few people stand for many,
    their own spread decides. See `raked_error` for the variance. Degrees of freedom without units and strata are those
    of people with fitted weights w and equal spread, (sum w^2)^2 / sum w^4, less the levels fitted.
    """
    found = raked_error(values, margins, weights=weights, clusters=clusters, strata=strata)
    if found is None:
        return None
    mean, error, df = found
    reach = float(t_limit(confidence, df)) * error
    return mean, mean - reach, mean + reach


def raked_error(
    values: np.ndarray,
    margins: Sequence[Margin],
    *,
    weights: np.ndarray | None = None,
    clusters: np.ndarray | None = None,
    strata: Strata | None = None,
    few: bool = True,
) -> tuple[float, float, float] | None:
    """Mean at the wanted mix, its standard error, and the degrees of freedom of that.

    Parameters
    ----------
    values, margins, weights, clusters, strata
        As in `raked_mean`.
    few : bool
        Whether residuals are raised for the levels that were fitted to them (by their leverage, as HC2 does): in a
        level of ten people they are too small by a twentieth.

    Returns
    -------
    mean, error, df : float, or None

    Notes
    -----
    Linearised: scores are fitted weight times residual of the regression of the values on the levels of all margins (by
    design weight), so that what the margins explain is no error. With `few` false this is the error of R's `survey`:
    `postStratify` with one margin, `calibrate(calfun = "raking")` with more.

    References
    ----------
    Deville & Särndal (1992), Journal of the American Statistical Association 87, 376-382. doi:10.2307/2290268
    """
    fitted = rake(margins, weights, len(values))
    if fitted is None:
        return None
    n, share = len(values), fitted / fitted.sum()
    levels = [(margin.codes[:, None] == np.arange(len(margin.shares))).astype(float) for margin in margins]
    root = np.ones(n) if weights is None else np.sqrt(weights)
    design = (np.column_stack(levels) if levels else np.ones((n, 1))) * root[:, None]
    base, spread, _ = np.linalg.svd(design, full_matrices=False)
    base = base[:, spread > 1e-9 * max(spread.max(initial=0.0), 1.0)]
    rank = base.shape[1]
    if n <= rank:
        return None
    residual = values - base @ (base.T @ (values * root)) / root
    if few:
        residual = residual / np.sqrt(np.maximum(1 - (base**2).sum(axis=1), 1e-9)) * np.sqrt((n - 1) / n)
    scores = (share * residual)[:, None]
    whole = Strata(np.zeros(n, dtype=np.int64), np.zeros(1))
    variance = linearised_covariance(scores, whole if strata is None else strata, clusters)[0, 0]
    if strata is None and clusters is None:
        df = (share**2).sum() ** 2 / (share**4).sum() * (n - rank) / n
    else:
        df = degrees_of_freedom(whole if strata is None else strata, clusters)
    return float(share @ values), float(np.sqrt(variance)), max(float(df), 1.0)


def merge_levels(codes: np.ndarray, groups: np.ndarray, fewest: int = FEWEST) -> np.ndarray | None:
    """Put small levels together until every group has enough people in each.

    Parameters
    ----------
    codes : int array of shape (n,)
        Level of each person; -1 missing, which is a level of its own.
    groups : int array of shape (n,)
        Group (wave) of each person, 0 upwards.
    fewest : int
        People needed in every level of every group.

    Returns
    -------
    int array of shape (n,), or None
        Levels from 0 on; the levels with the fewest people of the neediest group have become one. None where a single
        level is left: there is no mix to hold.

    Examples
    --------
    >>> codes, groups = np.array([0] * 30 + [1] * 30 + [2] * 3 + [-1] * 8), np.zeros(71, dtype=int)
    >>> np.bincount(merge_levels(codes, groups)).tolist()
    [11, 30, 30]
    """
    codes = np.unique(codes, return_inverse=True)[1]
    if not codes.size:
        return None
    while codes.max(initial=0):
        table = np.zeros((groups.max() + 1, codes.max() + 1), dtype=int)
        np.add.at(table, (groups, codes), 1)
        least = table[table.sum(axis=1) > 0].min(axis=0)
        if least.min() >= fewest:
            break
        first = int(least.argmin())
        others = np.delete(np.arange(len(least)), first)
        second = int(others[np.lexsort((table.sum(axis=0)[others], least[others]))[0]])
        codes = np.where(codes == first, second, codes)
        codes = np.unique(codes, return_inverse=True)[1]
    return codes if codes.max(initial=0) else None
