"""Two waves, everyone acted on: the difference of a mean, a share or an index, with its interval."""

from __future__ import annotations

from math import inf, sqrt

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import stats as distributions

from cxlib.stats.clustered import cell_contrast
from cxlib.stats.effects import Effect, t_effect
from cxlib.stats.resampling import MIN_CLUSTERS, bootstrap_draws, expanded_confidence, resampling_groups

CHANGE = np.array([-1.0, 1.0])  # after less before
PROMOTER, DETRACTOR = 9, 6  # of 0-10: from here on a promoter, up to here a detractor
Pair = tuple[ArrayLike | None, ArrayLike | None]


def wave_difference(
    before: ArrayLike,
    after: ArrayLike,
    *,
    weights: Pair = (None, None),
    units: Pair = (None, None),
    people: Pair = (None, None),
    confidence: float = 0.95,
) -> Effect:
    """Difference of the means of two waves.

    Parameters
    ----------
    before, after : array of shape (answers,)
        Points of the question's own scale; NaN is missing.
    weights : pair of arrays, optional
        Design weights of before and after; an answer without a positive weight counts for nothing.
    units : pair of arrays, optional
        Unit (store) of each answer. With at least 8 units the error is robust to answers of a unit being alike, in both
        waves together; with fewer, answers are taken as independent.
    people : pair of arrays, optional
        Number of the respondent, so that those who answered in both waves are seen as the same; missing stands for
        itself. Used where units are not.
    confidence : float in (0, 1)

    Returns
    -------
    Effect
        Method 'difference'; inference 'welch' (independent answers) or 'cluster' (units, or people who answered twice);
        `units` (units, 0). Reason 'few' with fewer than two answers in a wave, 'constant' where no answer differs.

    Notes
    -----
    Welch's t test, or the CR2 error with Satterthwaite's degrees of freedom (`cell_contrast`). Own code because
    pingouin's `ttest` knows neither weights nor units, gives no standard error and rounds its interval to two
    decimals; a test holds both equal.

    Examples
    --------
    >>> effect = wave_difference([3, 4, 4, 5, 2], [4, 5, 5, 4, 5])
    >>> round(effect.estimate, 2), round(effect.p, 3), effect.inference
    (1.0, 0.13, 'welch')
    """
    table = _together(before, after, weights, units, people)
    n, late = len(table), table["late"].to_numpy(dtype=np.int64)
    known = table["unit"].nunique() if "unit" in table else 0
    shown = (int(known), 0)
    if min((late == 0).sum(), (late == 1).sum()) < 2:
        return Effect.none("difference", "few", n=n, units=shown)
    clusters = None
    if known >= MIN_CLUSTERS:
        clusters = table["unit"].to_numpy(dtype=object)
    elif "person" in table and table["person"].dropna().duplicated().any():
        clusters = table["person"].to_numpy(dtype=object)
    values, weight = table["value"].to_numpy(), table["weight"].to_numpy()
    part = cell_contrast(values, late, CHANGE, clusters=clusters, weights=weight)
    inference = "welch" if clusters is None else "cluster"
    error = 0.0 if np.ptp(values) == 0 else part.error
    return t_effect("difference", inference, part.estimate, error, part.df, n=n, units=shown, confidence=confidence)


def share_difference(k1: int, n1: int, k2: int, n2: int, confidence: float = 0.95) -> Effect:
    """Difference of two shares (second less first), with Newcombe's interval.

    Parameters
    ----------
    k1, n1 : int
        Before: how many said so, of how many.
    k2, n2 : int
        After.
    confidence : float in (0, 1)

    Returns
    -------
    Effect
        Method 'share', inference 'newcombe'; estimate, low and high from -1 to 1. `p` is that of the z test with the
        pooled share; `error` is Agresti and Caffo's, which is above zero also where nobody or everybody said so.

    Notes
    -----
    Newcombe's hybrid score interval (his method 10) from Wilson's intervals of the two shares. Own code: pingouin
    has none, and statsmodels' is held equal in a test without importing statsmodels here.

    References
    ----------
    Newcombe (1998), Statistics in Medicine 17, 873-890.
    doi:10.1002/(SICI)1097-0258(19980430)17:8<873::AID-SIM779>3.0.CO;2-I
    Agresti & Caffo (2000), The American Statistician 54, 280-288. doi:10.1080/00031305.2000.10474560

    Examples
    --------
    >>> effect = share_difference(48, 80, 56, 70)
    >>> round(effect.low, 4), round(effect.high, 4)
    (0.0524, 0.3339)
    """
    if min(n1, n2) < 1:
        return Effect.none("share", "few", n=n1 + n2)
    first, second = k1 / n1, k2 / n2
    z = float(distributions.norm.isf((1 - confidence) / 2))
    (low1, high1), (low2, high2) = _wilson(k1, n1, z), _wilson(k2, n2, z)
    gap = second - first
    low = gap - sqrt((second - low2) ** 2 + (high1 - first) ** 2)
    high = gap + sqrt((high2 - second) ** 2 + (first - low1) ** 2)
    pooled = (k1 + k2) / (n1 + n2)
    spread = pooled * (1 - pooled) * (1 / n1 + 1 / n2)
    p = float(2 * distributions.norm.sf(abs(gap) / sqrt(spread))) if spread > 0 else 1.0
    one, two = (k1 + 1) / (n1 + 2), (k2 + 1) / (n2 + 2)
    error = sqrt(one * (1 - one) / (n1 + 2) + two * (1 - two) / (n2 + 2))
    return Effect("share", "newcombe", gap, error, inf, max(low, -1.0), min(high, 1.0), p, n1 + n2)


def index_difference(
    before: ArrayLike,
    after: ArrayLike,
    *,
    promoter: float = PROMOTER,
    detractor: float = DETRACTOR,
    weights: Pair = (None, None),
    units: Pair = (None, None),
    bootstrap: int = 2000,
    seed: int = 1,
    confidence: float = 0.95,
) -> Effect:
    """Difference of an index (percent of promoters less percent of detractors), with a bootstrap interval.

    Parameters
    ----------
    before, after : array of shape (answers,)
        Recommendations, 0-10; NaN is missing.
    promoter, detractor : float
        From `promoter` on an answer counts 100, up to `detractor` it counts -100, between them 0.
    weights, units : pair of arrays, optional
        As in `wave_difference`; units are drawn whole, in both waves together.
    bootstrap, seed : int
        Resamples, and the seed of their draw.
    confidence : float in (0, 1)

    Returns
    -------
    Effect
        Method 'index', inference 'bootstrap'; -200 to 200. Reason 'constant' where no answer differs from another in
        kind: resamples would all be alike, and the interval falsely short.

    Notes
    -----
    Percentile interval, its percentiles moved outwards for few people or units (`expanded_confidence`); `p` is
    one less the coverage of the interval that just reaches zero.
    """
    kinds = [_kinds(side, promoter, detractor) for side in (before, after)]
    table = _together(*kinds, weights, units, (None, None))
    n, late = len(table), table["late"].to_numpy(dtype=np.int64)
    value, weight = table["value"].to_numpy(), table["weight"].to_numpy()
    known = int(table["unit"].nunique()) if "unit" in table else 0
    if min((late == 0).sum(), (late == 1).sum()) < 2:
        return Effect.none("index", "few", n=n, units=(known, 0))
    clusters = table["unit"] if known >= MIN_CLUSTERS else None
    estimate = float(CHANGE @ (np.bincount(late, weight * value) / np.bincount(late, weight)))
    if min(np.ptp(value[late == 0]), np.ptp(value[late == 1])) == 0:
        return Effect("index", "", estimate, np.nan, np.nan, np.nan, np.nan, np.nan, n, (known, 0), 0.0, "constant")
    if clusters is None:
        drawn, count = _drawn_people(value, late, weight, bootstrap, seed), min(np.bincount(late))
    else:
        drawn, count = _drawn_units(value, late, weight, clusters, bootstrap, seed), known
    wide = expanded_confidence(confidence, int(count))
    low, high = np.quantile(drawn, [(1 - wide) / 2, (1 + wide) / 2])
    root = sqrt(count / (count - 1))
    tail = (1 + min((drawn <= 0).sum(), (drawn >= 0).sum())) / (1 + len(drawn))
    p = float(2 * distributions.t.sf(max(distributions.norm.isf(min(tail, 0.5)), 0.0) / root, count - 1))
    error = float(drawn.std(ddof=1) * root)
    return Effect(
        "index", "bootstrap", estimate, error, float(count - 1), float(low), float(high), p, n, (known, 0), 0.0
    )


def _together(before: ArrayLike, after: ArrayLike, weights: Pair, units: Pair, people: Pair) -> pd.DataFrame:
    """Both waves below each other: value, late, weight, and unit and person where given; complete answers only."""
    sides = []
    for late, values in enumerate((before, after)):
        side = pd.DataFrame({"value": np.asarray(values, dtype=float), "late": late})
        given = weights[late]
        side["weight"] = 1.0 if given is None else np.asarray(given, dtype=float)
        for name, pair in (("unit", units), ("person", people)):
            if pair[0] is not None and pair[1] is not None:
                side[name] = pd.Series(pair[late]).astype(object).to_numpy()
        sides.append(side)
    table = pd.concat(sides, ignore_index=True)
    return table[np.isfinite(table["value"]) & (table["weight"] > 0)]


def _wilson(k: int, n: int, z: float) -> tuple[float, float]:
    middle = (k + z**2 / 2) / (n + z**2)
    reach = z / (n + z**2) * sqrt(k * (n - k) / n + z**2 / 4)
    return max(middle - reach, 0.0), min(middle + reach, 1.0)


def _kinds(values: ArrayLike, promoter: float, detractor: float) -> np.ndarray:
    values = np.asarray(values, dtype=float)
    kind = np.where(values >= promoter, 100.0, np.where(values <= detractor, -100.0, 0.0))
    return np.where(np.isfinite(values), kind, np.nan)


def _drawn_people(value: np.ndarray, late: np.ndarray, weight: np.ndarray, resamples: int, seed: int) -> np.ndarray:
    """People drawn within each wave. Those of one kind and weight are alike, so only their numbers are drawn."""
    rng = np.random.default_rng([seed, 21])
    means = []
    for wave in (0, 1):
        alike = pd.DataFrame({"value": value[late == wave], "weight": weight[late == wave]}).value_counts(sort=False)
        kind, heavy = alike.index.get_level_values(0).to_numpy(), alike.index.get_level_values(1).to_numpy()
        people = int(alike.sum())
        times = rng.multinomial(people, alike.to_numpy() / people, size=resamples)
        means.append(times @ (kind * heavy) / (times @ heavy))
    return means[1] - means[0]


def _drawn_units(
    value: np.ndarray, late: np.ndarray, weight: np.ndarray, units: pd.Series, resamples: int, seed: int
) -> np.ndarray:
    """Whole units drawn, in both waves together."""
    groups = resampling_groups(len(value), units, seed=seed)
    draws = bootstrap_draws(groups.count, resamples, seed=seed)
    sums = np.zeros((groups.count, 2, 2))
    np.add.at(sums, (groups.index, late), np.column_stack([weight * value, weight]))
    totals = np.einsum("dg,gwk->dwk", draws, sums)
    with np.errstate(invalid="ignore", divide="ignore"):
        means = totals[:, :, 0] / totals[:, :, 1]
    drawn = means[:, 1] - means[:, 0]
    return drawn[np.isfinite(drawn)]
