"""All factors of one outcome together: adjusted association and importance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cxlib.drivers.mood import kept_by_mood
from cxlib.drivers.pairs import Pairs
from cxlib.drivers.survey import Survey
from cxlib.stats.adjusted import partial_correlations, partial_p
from cxlib.stats.association import fisher_interval, fisher_p, method_code, resampled_error
from cxlib.stats.importance import (
    EXACT_UP_TO,
    importance_shares,
    random_factor,
    relative_weights,
    shapley_shares,
    shares_beside_first,
)
from cxlib.stats.matrices import nearest_correlation, repeated
from cxlib.stats.resampling import expanded_confidence

SPARE_PEOPLE = 10  # more people than factors needed before factors are held against each other
NEARLY_COMPLETE = 0.9  # below this part of the pairs, a formula with one n is no longer true: people are resampled
RESAMPLE_WORK = 1 << 26  # subset R2 computed per outcome: half a second; from 16 factors on it limits the resamples
FEWEST_RESAMPLES = 200
ENOUGH = 0.9  # part of the resamples that must have a correlation matrix
TOP = 3
SAME = 10  # decimals; shares that differ beyond tie
NOTHING = 1e-12  # R2 below which there is nothing to share


@dataclass(frozen=True)
class Resampled:
    """Shares of R2 of the factors of one outcome in bootstrap resamples: LMG, or relative weights of too many factors.

    Parameters
    ----------
    used : integer array
        Positions of the factors that were held against each other.
    matrix : array of shape (used + 1, used + 1)
        Their rank correlations, the outcome last, fit for use together.
    stack : array of shape (resamples, used + 1, used + 1)
        The same in resamples; empty when too few resamples have all correlations.
    shares : array of shape (resamples, used)
        Parts of R2, each row summing to 1; equal ones are exactly equal.
    """

    used: np.ndarray
    matrix: np.ndarray
    stack: np.ndarray
    shares: np.ndarray


@dataclass(frozen=True)
class Together:
    """Adjusted association and importance of the factors of one outcome; every array has shape (factors,).

    Parameters
    ----------
    used : boolean array
        Factors that could be held against each other.
    reason : array of str
        '' or why a factor has no adjusted association.
    method, estimate, low, high, p
        Partial rank correlation given all the other used factors.
    error, df : arrays
        Standard error of its atanh, and the degrees of freedom that the error has; infinite where it is a formula's.
    importance_method, share, share_low, share_high, top3
        Share of R2 (0-1, they sum to 1), its percentile interval, part of the resamples in which it is among the first
        three.
    noise_high : float
        Upper end of the interval of an added random factor's share.
    halo_high : array
        Upper end of the interval of the adjusted association (its size) that a rating with the factor's share in the
        common mood would keep if it had nothing else; NaN where the ratings share no common mood that could be told.
    r2 : float
    repaired : bool
        True when pairwise answers fitted no common correlation matrix and the nearest one was taken.
    resampled : Resampled
        What the intervals rest on; other tables describe it too.
    """

    used: np.ndarray
    reason: np.ndarray
    method: str
    estimate: np.ndarray
    low: np.ndarray
    high: np.ndarray
    p: np.ndarray
    error: np.ndarray
    df: np.ndarray
    importance_method: str
    share: np.ndarray
    share_low: np.ndarray
    share_high: np.ndarray
    top3: np.ndarray
    noise_high: float
    halo_high: np.ndarray
    r2: float
    repaired: bool
    resampled: Resampled


def hold_together(survey: Survey, pairs: Pairs, outcome: int) -> Together:
    """Adjusted association and importance for one outcome.

    Parameters
    ----------
    survey : Survey
    pairs : Pairs
        Of the same survey.
    outcome : int
        Position among the outcomes.

    Returns
    -------
    Together
    """
    size = len(survey.factors)
    matrix, resamples = survey.matrix, survey.resamples
    used, reason = usable_factors(survey.tables.pairs, matrix, pairs, outcome, survey.settings.min_pairs)
    nothing = np.full(size, np.nan)
    at = np.append(np.flatnonzero(used), size + outcome)
    people = survey.tables.effective_n()[np.ix_(at, at)]
    effective = people[:-1, -1] / pairs.inflation[used, outcome] if survey.weights is None else people[:-1, -1]
    factors = int(used.sum())
    if factors and float(effective.min()) < factors + 2 + SPARE_PEOPLE:
        reason[used], used = "too_few", np.zeros(size, dtype=bool)
        factors = 0
    method = method_code(
        "partial_spearman", survey.weights is not None, survey.groups.clustered, stratified=survey.stratified
    )
    if not factors:
        return Together(
            used=used, reason=reason, method=method, estimate=nothing, low=nothing, high=nothing, p=nothing,
            error=nothing, df=nothing,
            importance_method="", share=nothing, share_low=nothing, share_high=nothing, top3=nothing,
            noise_high=np.nan, halo_high=nothing, r2=np.nan, repaired=False,
            resampled=Resampled(np.flatnonzero(used), np.ones((1, 1)), np.empty((0, 1, 1)), np.empty((0, 0))),
        )  # fmt: skip
    whole, repaired = nearest_correlation(matrix[np.ix_(at, at)])
    stack = resamples[:, at[:, None], at]
    stack = nearest_correlation(stack[~np.isnan(stack).any(axis=(1, 2))])[0]

    estimate = partial_correlations(whole)
    collinear, spare = repeated(whole[:-1, :-1])
    kept = np.flatnonzero(~spare)
    given = len(kept) - 1
    n = pairs.n[used, outcome].astype(float)
    counts = survey.tables.pairs[np.ix_(at, at)]
    incomplete = counts.min() < NEARLY_COMPLETE * n.min()
    if survey.drawn or incomplete:
        method += "_resampled" * (not survey.drawn)
        groups = survey.group_tables.groups_with()[np.ix_(at, at)][:-1, -1]
        error = np.full(factors, np.nan)
        inside = stack[:, np.append(kept, -1)[:, None], np.append(kept, -1)]
        if len(stack) >= ENOUGH * len(resamples):
            error[kept] = resampled_error(partial_correlations(inside), groups[kept])
        df = np.maximum(groups - float(survey.tied), 1)
        low, high = fisher_interval(estimate, error, survey.settings.confidence, df)
        p = fisher_p(estimate, error, df)
    else:
        error = np.sqrt((1 + estimate**2 / 2) / np.maximum(n - given - 3, 1))
        df = np.full(factors, np.inf)
        low, high = fisher_interval(estimate, error, survey.settings.confidence)
        p = partial_p(estimate, n, given)
    places = np.flatnonzero(used)
    reason[places[collinear]] = "collinear"

    shares = importance_shares(whole)
    confidence = expanded_confidence(survey.settings.confidence, survey.groups.count)
    drawn = stack if len(stack) >= ENOUGH * len(resamples) else stack[:0]
    alone, beside = _resampled_shares(drawn, people, survey.settings.seed)
    share_low, share_high, top3, noise_high = _spread_of_shares(beside, confidence)
    mood = np.full(factors, np.nan)
    mood[kept] = kept_by_mood(
        whole[np.ix_([*kept, -1], [*kept, -1])],
        stack[:, np.append(kept, -1)[:, None], np.append(kept, -1)],
    )
    return Together(
        used=used,
        reason=reason,
        method=method,
        estimate=_placed(estimate, places, size),
        low=_placed(low, places, size),
        high=_placed(high, places, size),
        p=_placed(p, places, size),
        error=_placed(error, places, size),
        df=_placed(df, places, size),
        importance_method=shares.method,
        share=_placed(shares.relative, places, size),
        share_low=_placed(share_low, places, size),
        share_high=_placed(share_high, places, size),
        top3=_placed(top3, places, size),
        noise_high=noise_high,
        halo_high=_placed(mood, places, size),
        r2=float(shares.r2),
        repaired=bool(repaired),
        resampled=Resampled(places, whole, drawn[: len(alone)], alone[~np.isnan(alone).any(axis=1)]),
    )


def usable_factors(
    counts: np.ndarray, matrix: np.ndarray, pairs: Pairs, outcome: int, min_pairs: int
) -> tuple[np.ndarray, np.ndarray]:
    """Factors that can be held against each other: each two of them, and each with the outcome, answered by enough.

    The factor that spoils most pairs is left out first, until none is spoiled.

    Returns
    -------
    used : boolean array
    reason : array of str
        '' for used ones; otherwise as in `Pairs`, 'not_asked' also for a factor never asked of the same people as
        another.
    """
    size = len(pairs.n)
    reason = pairs.reason[:, outcome].copy()
    used = reason == ""
    counts, matrix = counts[:size, :size], matrix[:size, :size]
    spoiled = (counts < min_pairs) | np.isnan(matrix)
    np.fill_diagonal(spoiled, False)
    while True:
        bad = (spoiled & used & used[:, None]).sum(axis=0)
        if not bad.any():
            return used, reason
        # of those that spoil most, the one with fewest answers goes, the later one of equals
        worst = max(np.flatnonzero(bad == bad.max()), key=lambda factor: (-pairs.n[factor, outcome], factor))
        others = spoiled[worst] & used
        used[worst] = False
        never = (counts[worst, others] == 0).any()
        reason[worst] = "not_asked" if never else "constant" if np.isnan(matrix[worst, others]).any() else "too_few"


def parted(shares: np.ndarray) -> np.ndarray:
    """Shares that sum to 1, rounded so that equal factors tie on every machine; NaN where R2 is 0."""
    total = shares.sum(axis=-1, keepdims=True)
    there = total > NOTHING
    return np.round(np.where(there, shares / np.where(there, total, 1.0), np.nan), SAME)


def _resampled_shares(stack: np.ndarray, people: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Parts of R2 of the factors in resamples, and beside a random factor, which is first and not part of the R2.

    Of many factors in fewer resamples, of the latter in half as many.
    """
    factors = len(people) - 1
    if factors > EXACT_UP_TO:
        added = random_factor(stack, people, seed=seed)
        return parted(relative_weights(stack).shares), _beside(relative_weights(added).shares)
    many, some = (max(FEWEST_RESAMPLES, RESAMPLE_WORK >> size) for size in (factors, factors + 1))
    alone, beside = shares_beside_first(random_factor(stack[:some], people, seed=seed))
    further = shapley_shares(stack[some:many])
    return parted(np.concatenate([alone.shares, further.shares])), _beside(beside.shares)


def _beside(shares: np.ndarray) -> np.ndarray:
    total = shares[:, 1:].sum(axis=1)
    return shares[total > NOTHING] / total[total > NOTHING, None]


def _spread_of_shares(relative: np.ndarray, confidence: float) -> tuple[np.ndarray, np.ndarray, np.ndarray, float]:
    """Low and high ends of the shares, top-three shares of resamples, and the upper end of a random factor's share.

    Parameters
    ----------
    relative : array of shape (resamples, 1 + factors)
        The random factor first.
    confidence : float
    """
    factors = relative.shape[1] - 1
    if not len(relative):
        nothing = np.full(factors, np.nan)
        return nothing, nothing, nothing, np.nan
    tail = (1 - confidence) / 2
    low, high = np.quantile(relative[:, 1:], [tail, 1 - tail], axis=0)
    # equal factors share a rank; rounding keeps them equal on every machine
    rounded = np.round(relative[:, 1:], SAME)
    third = np.sort(rounded, axis=1)[:, -min(TOP, factors)]
    top = (rounded >= third[:, None]).mean(axis=0)
    return low, high, top, float(np.quantile(relative[:, 0], 1 - tail))


def _placed(values: np.ndarray, places: np.ndarray, size: int) -> np.ndarray:
    result = np.full(size, np.nan)
    result[places] = values
    return result
