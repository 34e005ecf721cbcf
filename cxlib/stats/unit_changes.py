"""Units acted on against units not acted on: the change of each unit, and the difference of the two groups."""

from __future__ import annotations

from dataclasses import replace
from math import inf, sqrt

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from cxlib.stats.clustered import Contrast, cell_contrast, numbered
from cxlib.stats.effects import Effect, t_effect
from cxlib.stats.permutation import choices, permutation_interval
from cxlib.stats.wild import wild_cluster_interval

COLUMNS = ("unit", "n_before", "n_after", "before", "after", "change", "noise")
FEW_UNITS = 5  # in the smaller group: below, the spread of so few is too unsteady for t, and choices are counted
FOUR_CELLS = np.array([1.0, -1.0, -1.0, 1.0])  # others before, others after, acted on before, acted on after


def unit_changes(
    values: ArrayLike,
    units: ArrayLike,
    late: ArrayLike,
    weights: ArrayLike | None = None,
    people: ArrayLike | None = None,
) -> pd.DataFrame:
    """Change of every unit that has answers both before and after.

    Parameters
    ----------
    values : array of shape (answers,)
        Points of the question's own scale; NaN is missing.
    units : array of shape (answers,)
        Unit of each answer; an answer without one is left out.
    late : boolean array of shape (answers,)
        True after the action, False before.
    weights : array of shape (answers,), optional
        Design weights; an answer without a positive one counts for nothing.
    people : array of shape (answers,), optional
        Number of the respondent: answers of one person before and after vary together, which lowers the noise.

    Returns
    -------
    DataFrame
        One row a unit, in the order of their names. unit; n_before, n_after : answers; before, after : (weighted)
        means; change : after less before, points of the scale; noise : variance of the change that comes from asking
        some customers and not all, from the spread within units (of all units together); 0 where no unit has two
        answers in one of the waves.
    """
    value = np.asarray(values, dtype=float)
    weight = np.ones(len(value)) if weights is None else np.asarray(weights, dtype=float)
    codes, names = numbered(units, sort=True)
    kept = np.isfinite(value) & (weight > 0) & (codes >= 0)
    value, weight, codes = value[kept], weight[kept], codes[kept]
    after = pd.Series(late).to_numpy(dtype=bool, na_value=False)[kept]
    cell = codes * 2 + after
    count = 2 * len(names)
    n, total = np.bincount(cell, minlength=count), np.bincount(cell, weight, count)
    with np.errstate(invalid="ignore", divide="ignore"):
        means = np.bincount(cell, weight * value, count) / total
        part = np.bincount(cell, weight**2, count) / total**2  # 1 / answers where all weigh alike
    away = value - means[cell]
    squares = (weight * away**2 * (n / np.where(total > 0, total, 1.0))[cell]).sum()
    degrees = (n - 1).clip(min=0).sum()
    within = squares / degrees if degrees else 0.0
    noise = (part * within).reshape(-1, 2).sum(axis=1)
    if people is not None:
        noise = noise - 2 * _shared(numbered(people)[0][kept], codes, after, away, weight / total[cell], len(names))
    both = np.flatnonzero((n.reshape(-1, 2) > 0).all(axis=1))
    first, last = 2 * both, 2 * both + 1
    found = (names[both].astype(object), n[first], n[last], means[first], means[last], means[last] - means[first],
             noise[both].clip(min=0.0))  # fmt: skip
    return pd.DataFrame(dict(zip(COLUMNS, found, strict=True)))


def difference_in_differences(
    acted: pd.DataFrame | ArrayLike,
    others: pd.DataFrame | ArrayLike,
    *,
    inference: str = "auto",
    confidence: float = 0.95,
    seed: int = 1,
    redraws: np.ndarray | None = None,
    drawn: bool = False,
) -> Effect:
    """Change of the units acted on less the change of the others.

    Parameters
    ----------
    acted, others : DataFrame of `unit_changes`, or array of shape (units,)
        Frames weigh units by how well their change is known; in arrays all units weigh alike.
    inference : {'auto', 'cluster', 'wild', 'permutation', 'randomisation'}
        'auto' goes by the units of the smaller group: `drawn` randomisation; 5 and more cluster; 2-4 permutation.
    confidence : float in (0, 1)
    seed : int
        Of the draws of the wild bootstrap, and of permutations where there are more than 20,000.
    redraws : boolean array of shape (draws, units), optional
        Who could have been drawn, one row a draw, columns the units of `acted` and then of `others` in their order.
        None: as many as were acted on, from all units alike.
    drawn : bool
        The units acted on were drawn at random.

    Returns
    -------
    Effect
        Method 'did'; `units` (acted, others). Reason 'no_overlap' without units in a group, 'one_unit' with a single
        one, 'constant' where no unit differs from another in its group, 'few_units' where so few ways to choose the
        units exist that no difference could be told from chance (the estimate is given, the interval is infinite).

    Notes
    -----
    A unit's weight is 1 / (between + noise): `between` is the variance of changes of all units beyond their noise, so
    units with few answers count less, and units with like numbers of answers count alike. It is told without looking at
    who was acted on, so weights stay when the groups are chosen anew. 'cluster' is the CR2 error (with equal weights
    exactly Welch's) with the fewer of Welch's and Satterthwaite's degrees of freedom: each alone rejects up to 6 % of
    useless actions with 5 units against 25, Welch's where all units vary alike, the other where the few vary more.
    'wild' weighs all units alike.
    Which inference keeps its level with how many units: docs/statistics.md.

    Examples
    --------
    >>> effect = difference_in_differences([0.5, 0.7, 0.4, 0.6, 0.8], [0.1, -0.2, 0.0, 0.2, -0.1, 0.0])
    >>> round(effect.estimate, 2), effect.inference, effect.units
    (0.6, 'cluster', (5, 6))
    """
    (first, noise1, n1), (second, noise2, n2) = _sides(acted), _sides(others)
    n, units = n1 + n2, (len(first), len(second))
    if min(units) < 2:
        return Effect.none("did", "one_unit" if min(units) else "no_overlap", n=n, units=units)
    changes, groups = np.concatenate([first, second]), np.repeat([1, 0], units)
    weights = unit_weights(changes, np.concatenate([noise1, noise2]))
    if inference == "auto":
        inference = _by_number(min(units), drawn)
    if inference == "wild":
        return wild_cluster_interval(first, second, n=n, confidence=confidence, seed=seed)
    part = _contrast(changes, groups, weights)
    spread = max(float(np.ptp(first)), float(np.ptp(second)))
    error = part.error if spread > 1e-12 * max(1.0, float(np.abs(changes).max())) else 0.0
    effect = t_effect("did", "cluster", part.estimate, error, part.df, n=n, units=units, confidence=confidence)
    if inference == "cluster" or effect.reason:
        return effect
    ways = choices(sum(units), units[0], seed=seed) if redraws is None else np.asarray(redraws, dtype=bool)
    told = permutation_interval(changes, groups == 1, ways, weights=weights, confidence=confidence)
    return replace(
        effect,
        inference=inference,
        p=told.p,
        low=told.low,
        high=told.high,
        smallest_p=told.smallest_p,
        reason="few_units" if told.low == -inf or told.high == inf else "",
    )


def cell_difference_in_differences(
    values: ArrayLike,
    acted: ArrayLike,
    late: ArrayLike,
    *,
    units: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    confidence: float = 0.95,
) -> Effect:
    """Difference in differences from answers, where people and not units were acted on.

    Parameters
    ----------
    values : array of shape (answers,)
        Points of the question's own scale; NaN is missing.
    acted, late : boolean array of shape (answers,)
        Belongs to those acted on; answered after the action.
    units : array of shape (answers,), optional
        What answers alike: stores that hold people of both groups, or people who answered twice. None: independent.
    weights : array of shape (answers,), optional
    confidence : float in (0, 1)

    Returns
    -------
    Effect
        Method 'did'; inference 'welch' (independent answers) or 'cluster' (CR2 with Satterthwaite's degrees of
        freedom); `units` those with answers of either group. Reason 'few' with fewer than two answers in one of the
        four cells.
    """
    value = np.asarray(values, dtype=float)
    weight = np.ones(len(value)) if weights is None else np.asarray(weights, dtype=float)
    kept = np.isfinite(value) & (weight > 0)
    value, weight = value[kept], weight[kept]
    on, late = np.asarray(acted, dtype=bool)[kept], np.asarray(late, dtype=bool)[kept]
    cells = 2 * on.astype(np.int64) + late
    clusters = None if units is None else pd.Series(units).astype(object).to_numpy()[kept]
    shown = (0, 0)
    if clusters is not None:
        shown = (int(pd.Series(clusters[on]).nunique()), int(pd.Series(clusters[~on]).nunique()))
    if np.bincount(cells, minlength=4).min() < 2:
        return Effect.none("did", "few", n=len(value), units=shown)
    part = cell_contrast(value, cells, FOUR_CELLS, clusters=clusters, weights=weight)
    inference = "welch" if clusters is None else "cluster"
    error = 0.0 if np.ptp(value) == 0 else part.error
    return t_effect("did", inference, part.estimate, error, part.df, n=len(value), units=shown, confidence=confidence)


def unit_weights(changes: np.ndarray, noise: np.ndarray) -> np.ndarray:
    """Weight of each unit's change, 1 on average: less for units whose change is known less well.

    Parameters
    ----------
    changes : array of shape (units,)
    noise : array of shape (units,)
        Variance of each change from asking some customers and not all.

    Notes
    -----
    The variance between units is that of the changes less the mean noise (Hedges' estimator), never below a tenth of
    the mean noise, so that no unit decides alone.
    """
    if not (noise > 0).all():
        return np.ones(len(changes))
    between = max(float(changes.var(ddof=1)) - float(noise.mean()), 0.1 * float(noise.mean()))
    weights = 1 / (between + noise)
    return weights / weights.mean()


def lasting_error(acted: pd.DataFrame, others: pd.DataFrame) -> float:
    """Part of the standard error that more answers from the same units would not remove.

    Parameters
    ----------
    acted, others : DataFrame of `unit_changes`

    Returns
    -------
    float
        Points of the scale; 0 where the units' changes vary no more than their noise.
    """
    (first, noise1, _), (second, noise2, _) = _sides(acted), _sides(others)
    if min(len(first), len(second)) < 2:
        return 0.0
    weights = unit_weights(np.concatenate([first, second]), np.concatenate([noise1, noise2]))
    groups = np.repeat([1, 0], [len(first), len(second)])
    part = _contrast(np.concatenate([first, second]), groups, weights)
    shares = weights / np.bincount(groups, weights)[groups]
    asked = float((shares**2 * np.concatenate([noise1, noise2])).sum())
    return sqrt(max(part.error**2 - asked, 0.0))


def _contrast(changes: np.ndarray, groups: np.ndarray, weights: np.ndarray) -> Contrast:
    """Weighted difference of two groups, with the fewer degrees of freedom of two formulas."""
    sides = np.array([-1.0, 1.0])
    observed = cell_contrast(changes, groups, sides, weights=weights)
    assumed = cell_contrast(changes, groups, sides, weights=weights, clusters=np.arange(len(changes)))
    return replace(observed, df=float(np.nanmin([observed.df, assumed.df])))


def _by_number(units: int, drawn: bool) -> str:
    if drawn:
        return "randomisation"
    return "cluster" if units >= FEW_UNITS else "permutation"


def _sides(side: pd.DataFrame | ArrayLike) -> tuple[np.ndarray, np.ndarray, int]:
    """Changes, their noise and the answers behind them."""
    if isinstance(side, pd.DataFrame):
        columns = ("change", "noise", "n_before", "n_after")
        changes, noise, before, after = (side[name].to_numpy(dtype=float) for name in columns)
        known = np.isfinite(changes)
        return changes[known], noise[known], int((before + after)[known].sum())
    changes = np.asarray(side, dtype=float)
    changes = changes[np.isfinite(changes)]
    return changes, np.zeros(len(changes)), 0


def _shared(
    people: np.ndarray, units: np.ndarray, late: np.ndarray, away: np.ndarray, share: np.ndarray, count: int
) -> np.ndarray:
    """Covariance of each unit's two means from people who answered in both waves in the same unit.

    Of somebody who answered twice in a wave the last answer counts; people of negative number are not known.
    """
    key = units * (people.max(initial=-1) + 1) + people
    early, after = (_last_of_each(key, (people >= 0) & (late == wave)) for wave in (False, True))
    _, one, other = np.intersect1d(key[early], key[after], assume_unique=True, return_indices=True)
    in_turn = np.argsort(early[one])  # sums in the order of the answers
    first, second = early[one][in_turn], after[other][in_turn]
    found = np.zeros(count)
    freedom = len(first) - len(np.unique(units[first]))
    if freedom < 1:
        return found
    together = float((away[first] * away[second]).sum()) / freedom
    np.add.at(found, units[first], share[first] * share[second] * together)
    return found


def _last_of_each(key: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """Place of the last of the chosen rows of each key."""
    rows = np.flatnonzero(chosen)[::-1]
    return rows[np.unique(key[rows], return_index=True)[1]]
