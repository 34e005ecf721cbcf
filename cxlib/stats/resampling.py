"""Which rows are drawn together in a bootstrap, and how often."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import norm, t

MIN_CLUSTERS = 8  # below, a bootstrap over clusters is too unsteady (its interval rests on a t with 6 df or fewer)
MAX_GROUPS = 500  # more units are dealt into this many random groups: the SE's own relative error stays near 3 %
DRAWN_AT_ONCE = 1 << 20  # people or units of several resamples


@dataclass(frozen=True)
class Groups:
    """What is drawn in a bootstrap.

    Parameters
    ----------
    index : integer array of shape (rows,)
        Group of each row.
    count : int
        Number of groups.
    clustered : bool
        True when units (stores) are drawn whole; False when people are.
    few_units : bool
        True when units were declared but are fewer than `MIN_CLUSTERS`, so that people are drawn.
    """

    index: np.ndarray
    count: int
    clustered: bool
    few_units: bool


def resampling_groups(rows: int, units: pd.Series | np.ndarray | None, *, seed: int) -> Groups:
    """Groups of rows for a bootstrap: units when there are enough of them, people otherwise.

    Parameters
    ----------
    rows : int
        Number of rows.
    units : array of shape (rows,), optional
        Unit (store) of each row; a row without one is a unit of its own.
    seed : int
        Of the random grouping where more than `MAX_GROUPS` are to be drawn.

    Returns
    -------
    Groups

    Notes
    -----
    More than `MAX_GROUPS` people or units are dealt at random into that many groups of equal size, which are then drawn
    whole. Means of groups vary as those of their members do, so intervals keep their width; the cost no longer grows
    with the survey.
    """
    drawn = drawn_units(rows, units)
    if drawn.count <= MAX_GROUPS:
        return drawn
    dealt = np.random.default_rng([seed, 11]).permutation(np.arange(drawn.count) % MAX_GROUPS)
    return Groups(dealt[drawn.index], MAX_GROUPS, drawn.clustered, drawn.few_units)


def drawn_units(rows: int, units: pd.Series | np.ndarray | None, *, fewest: int = MIN_CLUSTERS) -> Groups:
    """What a survey drew, before any dealing: units when there are at least `fewest`, people otherwise.

    A row without a unit is a unit of its own.
    """
    few = False
    if units is not None:
        codes, names = pd.factorize(pd.Series(np.asarray(units, dtype=object)), sort=True)
        if len(names) >= fewest:
            codes = codes.astype(np.int64)
            alone = codes < 0
            codes[alone] = len(names) + np.arange(alone.sum())
            return Groups(codes, len(names) + int(alone.sum()), True, False)
        few = True
    return Groups(np.arange(rows), rows, False, few)


def expanded_confidence(confidence: float, groups: int) -> float:
    """The coverage to ask of a percentile interval so that it has `confidence`.

    Parameters
    ----------
    confidence : float in (0, 1)
        Coverage wanted.
    groups : int
        People or units that are drawn; at least 2.

    Returns
    -------
    float
        Between `confidence` and 1.

    Notes
    -----
    A bootstrap of G groups is too narrow by sqrt((G - 1) / G), and by the normal distribution in place of t with G - 1
    degrees of freedom; the percentiles are moved outwards to make up for both.

    References
    ----------
    Hesterberg 2015, The American Statistician 69(4), section 5.3, doi:10.1080/00031305.2015.1089789

    Examples
    --------
    >>> round(expanded_confidence(0.95, 24), 4), round(expanded_confidence(0.95, 10**6), 4)
    (0.9654, 0.95)
    """
    if groups < 2:
        return confidence
    reach = np.sqrt(groups / (groups - 1)) * t.ppf((1 + confidence) / 2, groups - 1)
    return float(1 - 2 * norm.sf(reach))


def bootstrap_draws(groups: int, resamples: int, *, seed: int) -> np.ndarray:
    """How often each group is in each resample, drawn with replacement.

    Returns
    -------
    array of shape (resamples, groups)
        Whole numbers; each row sums to `groups`.
    """
    rng = np.random.default_rng([seed, 12])
    draws = np.empty((resamples, groups), dtype=np.int32)
    step = max(1, DRAWN_AT_ONCE // max(1, groups))
    for begin in range(0, resamples, step):
        some = draws[begin : begin + step]
        drawn = rng.integers(groups, size=some.shape)
        drawn += groups * np.arange(len(some))[:, None]  # each resample counts in places of its own
        some[:] = np.bincount(drawn.ravel(), minlength=some.size).reshape(some.shape)
    return draws
