"""Finite strata: samples drawn apart within parts of a population, some of them a good part of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from cxlib.errors import DataError, Problem
from cxlib.stats.resampling import MAX_GROUPS, Groups, drawn_units

FEW_GROUPS = 20  # of a stratum, when more than `MAX_GROUPS` are drawn: fewer make its part of the spread unsteady


@dataclass(frozen=True)
class Strata:
    """From which part of the population each row was drawn.

    Parameters
    ----------
    index : integer array of shape (rows,)
        Stratum of each row; the same for all rows of a unit where units are drawn.
    fractions : array of shape (strata,)
        Drawn part of each stratum, 0-1; 0 where its size is not known or without bounds.
    """

    index: np.ndarray
    fractions: np.ndarray

    def part(self, chosen: np.ndarray) -> Strata:
        """Some of the rows; the fractions stay those of the whole sample."""
        return Strata(self.index[chosen], self.fractions)


def declare_strata(
    labels: pd.Series | np.ndarray,
    *,
    sizes: Mapping[str, float] | None = None,
    units: pd.Series | np.ndarray | None = None,
    waves: pd.Series | np.ndarray | None = None,
) -> Strata:
    """Strata from the names of the parts that rows were drawn from.

    Parameters
    ----------
    labels : array of shape (rows,)
        Name of the stratum of each row; those without one form a stratum of their own, of unknown size.
    sizes : mapping, optional
        Name -> how many the population has of what was drawn: units where `units` are given, people otherwise.
    units : array of shape (rows,), optional
        Unit that was drawn whole; one whose people lie in several strata belongs to that of most of them.
    waves : array of shape (rows,), optional
        Samples drawn one after another; each draws anew from every stratum. Not used with units.

    Returns
    -------
    Strata
        Strata with a single person (unit) tell nothing of their spread and are put together, of unknown size; one that
        is alone joins the smallest of the others.

    Raises
    ------
    DataError
        More people (units) answered in a stratum than it has, for every such stratum.

    Examples
    --------
    >>> declare_strata(["north", "north", "south", "south"], sizes={"north": 8}).fractions.tolist()
    [0.25, 0.0]
    """
    places, names = pd.factorize(pd.Series(np.asarray(labels, dtype=object)), sort=True)
    places = np.where(places < 0, len(names), places).astype(np.int64)
    known = np.array([(sizes or {}).get(str(name), np.inf) for name in names] + [np.inf], dtype=float)
    drawn = np.arange(len(places)) if units is None else drawn_units(len(places), units, fewest=1).index
    if units is not None:
        votes = np.zeros((drawn.max(initial=-1) + 1, len(names) + 1))
        np.add.at(votes, (drawn, places), 1.0)
        places = votes.argmax(axis=1)[drawn]
    elif waves is not None:
        times, seen = pd.factorize(pd.Series(np.asarray(waves, dtype=object)), use_na_sentinel=False)
        places, known = places * len(seen) + times, np.repeat(known, len(seen))
    found, index = np.unique(places, return_inverse=True)
    first = np.unique(drawn, return_index=True)[1]
    counts = np.bincount(index[first], minlength=len(found))
    population = known[found]
    _refuse_more_than_all(counts, population, found, names, len(known) // (len(names) + 1))
    fractions = counts / population
    return _joined(index, counts, fractions)


def stratified_groups(strata: Strata, units: pd.Series | np.ndarray | None, *, seed: int) -> tuple[Groups, Strata]:
    """Groups of rows for a bootstrap within strata.

    Parameters
    ----------
    strata : Strata
    units : array of shape (rows,), optional
        As in `resampling_groups`; each within one stratum.
    seed : int
        Of the dealing where there are more than `MAX_GROUPS` people or units: into groups of people or units of one
        stratum, as many as its part of all, at least 20 (or its size).

    Returns
    -------
    groups : Groups
    of_groups : Strata
        Stratum of each group.
    """
    drawn = drawn_units(len(strata.index), units)
    home = np.zeros(drawn.count, dtype=np.int64)
    home[drawn.index] = strata.index
    if drawn.count <= MAX_GROUPS:
        return drawn, Strata(home, strata.fractions)
    rng = np.random.default_rng([seed, 15])
    dealt, of_groups, begin = np.empty(drawn.count, dtype=np.int64), [], 0
    members = np.bincount(home, minlength=len(strata.fractions))
    fewest = max(2, min(FEW_GROUPS, MAX_GROUPS // max(int((members > 0).sum()), 1)))
    for stratum in np.flatnonzero(members):
        here = np.flatnonzero(home == stratum)
        count = min(len(here), max(fewest, round(MAX_GROUPS * len(here) / drawn.count)))
        dealt[here] = begin + rng.permutation(np.arange(len(here)) % count)
        of_groups += [stratum] * count
        begin += count
    groups = Groups(dealt[drawn.index], begin, drawn.clustered, drawn.few_units)
    return groups, Strata(np.array(of_groups, dtype=np.int64), strata.fractions)


def rescaled_draws(strata: Strata, resamples: int, *, seed: int) -> np.ndarray:
    """Weight of each group in each resample of a stratified sample from a finite population.

    Parameters
    ----------
    strata : Strata
        Stratum of each group.
    resamples : int
    seed : int

    Returns
    -------
    array of shape (resamples, groups)
        Never negative; 1 on average.

    Notes
    -----
    Rao and Wu's rescaling: of the n groups of a stratum n - 1 are drawn with replacement, and a group drawn r times
    weighs 1 + sqrt(1 - f) (r n / (n - 1) - 1), f the drawn fraction. Such draws need no correction for few groups. Ours
    take the place of `bootstrap_draws`, whose users raise variances by G / (G - 1) for G groups in all: the root is
    therefore of (1 - f) (G - 1) / G.

    References
    ----------
    Rao & Wu (1988), Resampling inference with complex survey data, Journal of the American Statistical Association 83,
    231-241. doi:10.1080/01621459.1988.10478591. Rao, Wu & Yue (1992), Some recent work on resampling methods for
    complex surveys, Survey Methodology 18, 209-217.
    """
    rng = np.random.default_rng([seed, 16])
    total = len(strata.index)
    draws = np.ones((resamples, total))
    for stratum in np.unique(strata.index):
        here = np.flatnonzero(strata.index == stratum)
        n = len(here)
        if n < 2:
            continue
        times = rng.multinomial(n - 1, np.full(n, 1 / n), size=resamples)
        root = np.sqrt(max(1 - strata.fractions[stratum], 0.0) * (total - 1) / total)
        draws[:, here] = 1 + root * (times * (n / (n - 1)) - 1)
    return draws


def linearised_covariance(scores: np.ndarray, strata: Strata, clusters: np.ndarray | None = None) -> np.ndarray:
    """Covariance of the sum of scores under the design: Taylor linearisation.

    Parameters
    ----------
    scores : array of shape (rows, columns)
        What each row adds to the estimating equations, weight included.
    strata : Strata
    clusters : integer array of shape (rows,), optional
        Unit of each row, drawn whole within its stratum; rows are drawn one by one when not given.

    Returns
    -------
    array of shape (columns, columns)

    Notes
    -----
    Sum over strata of (1 - f) n / (n - 1) times the scatter of the units' totals about their mean; as in R's survey
    package, a stratum left with one unit is compared with the mean of all (its option 'adjust').

    References
    ----------
    Binder (1983), On the variances of asymptotically normal estimators from complex surveys, International Statistical
    Review 51, 279-292. doi:10.2307/1402588
    """
    home, totals = strata.index, scores
    if clusters is not None:
        units = np.unique(clusters, return_inverse=True)[1]
        totals = np.zeros((units.max(initial=-1) + 1, scores.shape[1]))
        np.add.at(totals, units, scores)
        home = np.zeros(len(totals), dtype=np.int64)
        home[units] = strata.index
    count = len(strata.fractions)
    n = np.bincount(home, minlength=count).astype(float)
    sums = np.zeros((count, scores.shape[1]))
    np.add.at(sums, home, totals)
    means = np.where(n[:, None] > 1, sums / np.maximum(n, 1)[:, None], totals.mean(axis=0))
    factor = np.where(n > 1, n / np.maximum(n - 1, 1), 1.0) * (1 - strata.fractions)
    away = (totals - means[home]) * np.sqrt(factor)[home][:, None]
    return away.T @ away


def degrees_of_freedom(strata: Strata, clusters: np.ndarray | None = None) -> int:
    """Units (or people) less strata: what is known of the spread."""
    units = len(strata.index) if clusters is None else len(np.unique(clusters))
    return units - len(np.unique(strata.index))


def _refuse_more_than_all(
    counts: np.ndarray, population: np.ndarray, found: np.ndarray, names: pd.Index, waves: int
) -> None:
    wrong = dict.fromkeys(str(names[found[place] // waves]) for place in np.flatnonzero(counts > population))
    if wrong:
        how = "give the size of the whole stratum, or leave it out"
        raise DataError(
            [Problem("More answered in this stratum than it is said to have.", f"strata.sizes.{n}", how) for n in wrong]
        )


def _joined(index: np.ndarray, counts: np.ndarray, fractions: np.ndarray) -> Strata:
    """Strata with a single person or unit put together."""
    alone = np.flatnonzero(counts == 1)
    others = np.flatnonzero(counts > 1)
    if not len(alone) or (len(alone) == 1 and not len(others)):
        return Strata(index, fractions)
    to = np.arange(len(counts))
    to[alone] = alone[0] if len(alone) > 1 else others[np.argmin(counts[others])]
    fractions = fractions.copy()
    fractions[to[alone[0]]] = 0.0
    kept, index = np.unique(to[index], return_inverse=True)
    return Strata(index, fractions[kept])
