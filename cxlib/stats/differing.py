"""Do associations differ between groups of customers, when customers come in units (stores)?

Cochran's Q against chi-square takes the standard errors for known. From few units they are not, and q values over many
tests look at the far tail, where that matters most. Here the spread between the units themselves is the yardstick, with
as many degrees of freedom as the units give.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from cxlib.stats.association import PERFECT
from cxlib.stats.resampling import MIN_CLUSTERS

LEAST_ROOM = 3  # degrees of freedom of the denominator below which an F says next to nothing


@dataclass(frozen=True)
class Difference:
    """Test whether correlations of several groups are the same.

    Parameters
    ----------
    test : str
        'welch' (units belong to one group each), 'hotelling' (units have people in several groups), 'pooled' (too few
        units a group for either; one yardstick for all groups), '' where there is none.
    levels : int
        Groups compared.
    statistic : float
        F.
    df, room : float
        Degrees of freedom of its numerator and denominator.
    p : float
        NaN where `reason` is given.
    reason : str
        '' or 'too_few' (groups or units).
    """

    test: str
    levels: int
    statistic: float
    df: float
    room: float
    p: float
    reason: str


NO_TEST = Difference("", 0, np.nan, np.nan, np.nan, np.nan, "too_few")


def unit_difference(estimates: np.ndarray, without: np.ndarray, people: np.ndarray, errors: np.ndarray) -> Difference:
    """Test whether correlations of groups are the same, from what each unit changes.

    Parameters
    ----------
    estimates : array of shape (groups,)
        Correlation in each group; NaN groups are left out.
    without : array of shape (units, groups)
        The same with one unit left out.
    people : array of shape (units, groups)
        How many of the unit belong to the group.
    errors : array of shape (groups,)
        Standard error of atanh(r) if people answered alone; only their ratios count, and only in 'pooled'.

    Returns
    -------
    Difference

    Notes
    -----
    The jackknife over units gives each group's variance (and, for units with people in several groups, their
    covariance: people of a store answer alike whichever group they belong to). Welch's F has, for each group, its units
    - 1 degrees of freedom; Hotelling's the units of the smallest group - 1; the pooled F all units less the groups.
    Units of unequal size tell less: the units of a group are counted as (sum of people)^2 / sum of squared people.

    References
    ----------
    Welch (1951), On the comparison of several mean values: an alternative approach, Biometrika 38, 330-336.
    doi:10.1093/biomet/38.3-4.330

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> people = np.repeat([[30, 0], [0, 30]], 10, axis=0)
    >>> r = np.array([0.5, 0.3])
    >>> without = np.where(people > 0, r + 0.01 * rng.standard_normal((20, 2)), r)
    >>> found = unit_difference(r, without, people, np.full(2, 0.1))
    >>> found.test, found.levels, found.df
    ('welch', 2, 1.0)
    """
    usable = np.isfinite(estimates) & (np.abs(estimates) < PERFECT) & np.isfinite(errors) & (errors > 0)
    usable &= np.isfinite(without).all(axis=0) & (people > 0).any(axis=0)
    k = int(usable.sum())
    if k < 2:
        return NO_TEST
    z = np.arctanh(estimates[usable])
    people, errors = people[:, usable].astype(float), errors[usable]
    there = people > 0
    moved = np.where(there, np.arctanh(np.clip(without[:, usable], -PERFECT, PERFECT)), z)
    units = there.sum(axis=0)
    centre = (moved * there).sum(axis=0) / units
    moved = np.where(there, moved - centre, 0.0)
    own = (units - 1) / units * (moved**2).sum(axis=0)
    nested = there.sum(axis=1).max() < 2
    df = people.sum(axis=0) ** 2 / (people**2).sum(axis=0) - 1
    if nested and units.min() >= MIN_CLUSTERS and own.min() > 0:
        return _welch(z, own, df)
    room = float(df.min() - (k - 1) + 1)
    if not nested and units.min() >= MIN_CLUSTERS and room >= LEAST_ROOM:
        scale = np.sqrt((units - 1) / units)
        found = _hotelling(z, (moved * scale).T @ (moved * scale), float(df.min()), room)
        if found is not None:
            return found
    whole = people.sum(axis=1)
    return _pooled(z, own, errors, df, df.sum() if nested else min(df.sum(), whole.sum() ** 2 / (whole**2).sum() - 1))


def _welch(z: np.ndarray, variances: np.ndarray, df: np.ndarray) -> Difference:
    k, weights = len(z), 1 / variances
    mean = np.average(z, weights=weights)
    unsure = float(((1 - weights / weights.sum()) ** 2 / df).sum())
    statistic = float((weights * (z - mean) ** 2).sum()) / (k - 1)
    statistic /= 1 + 2 * (k - 2) / (k**2 - 1) * unsure
    room = (k**2 - 1) / (3 * unsure)
    return Difference("welch", k, statistic, k - 1.0, room, float(special.fdtrc(k - 1, room, statistic)), "")


def _hotelling(z: np.ndarray, covariance: np.ndarray, df: float, room: float) -> Difference | None:
    contrast = np.column_stack([-np.ones(len(z) - 1), np.eye(len(z) - 1)])
    spread = contrast @ covariance @ contrast.T
    values = np.linalg.eigvalsh(spread)
    if values[0] <= 1e-9 * values[-1]:
        return None
    apart = contrast @ z
    ratio = float(apart @ np.linalg.solve(spread, apart)) * room / (df * (len(z) - 1))
    p = float(special.fdtrc(len(z) - 1, room, ratio))
    return Difference("hotelling", len(z), ratio, len(z) - 1.0, room, p, "")


def _pooled(z: np.ndarray, own: np.ndarray, errors: np.ndarray, df: np.ndarray, room: float) -> Difference:
    k = len(z)
    inflation = float((df * own / errors**2).sum() / max(df.sum(), 1e-9))
    if room < LEAST_ROOM or inflation <= 0:
        return NO_TEST
    weights = 1 / (inflation * errors**2)
    mean = np.average(z, weights=weights)
    statistic = float((weights * (z - mean) ** 2).sum()) / (k - 1)
    p = float(special.fdtrc(k - 1, room, statistic))
    return Difference("pooled", k, statistic, k - 1.0, float(room), p, "")
