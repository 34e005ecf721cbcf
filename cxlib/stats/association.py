"""Rank association of two ordinal answers, with an interval that holds its promise on five-point scales."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from cxlib.errors import DataError
from cxlib.stats.rank import correlations, resampled_correlations
from cxlib.stats.resampling import bootstrap_draws, resampling_groups
from cxlib.stats.tables import code_answers, cross_tables

MIN_PAIRS = 4  # Fisher's z has no standard error with fewer
PERFECT = 1 - 1e-12  # from here on Fisher's z is infinite for practical purposes


class TooFewAnswers(DataError):
    """Fewer than four people answered both questions: no interval exists."""


@dataclass(frozen=True)
class Association:
    """Association of two answers.

    Parameters
    ----------
    n : int
        People who answered both.
    estimate : float
        Rank correlation in [-1, 1]; NaN when one of the two is constant.
    low, high : float
        Ends of the confidence interval.
    p : float
        Two-sided p value.
    method : str
        'spearman', with '_weighted' and '_clustered' added when weights were used and units resampled, and '_few_units'
        when units were given but are too few to be resampled.
    """

    n: int
    estimate: float
    low: float
    high: float
    p: float
    method: str


def rank_association(
    x: ArrayLike,
    y: ArrayLike,
    *,
    weights: ArrayLike | None = None,
    clusters: ArrayLike | None = None,
    confidence: float = 0.95,
    bootstrap: int = 2000,
    seed: int = 1,
) -> Association:
    """Spearman's rank correlation of two ordinal answers, with ties.

    Parameters
    ----------
    x, y : array of shape (n,)
        Integer-coded answers, each on its own scale (1-5, 0-10); NaN is missing.
    weights : array of shape (n,), optional
        Design weights, mean 1. None weighs everyone alike.
    clusters : array of shape (n,), optional
        Unit (store) of each answer. From 8 units on, the interval and p rest on resampled units.
    confidence : float in (0, 1)
        Coverage of the interval.
    bootstrap : int
        Resamples; used with weights or clusters only.
    seed : int
        Same seed, same numbers.

    Returns
    -------
    Association
        n : people with both answers; estimate : in [-1, 1]; low, high : the interval; p : two-sided; method.

    Raises
    ------
    TooFewAnswers
        Fewer than 4 pairs: no interval exists.

    Notes
    -----
    Missing answers are left out pair by pair. Estimate and p are pingouin's where everyone weighs alike. The interval
    is Bonett and Wright's, tanh(atanh(r) -+ z sqrt((1 + r^2/2) / (n - 3))): pingouin's, without the r^2/2, covers less
    than it says when the correlation is strong (docs/calibration.md). With weights or clusters the standard error of
    atanh(r) is that of a bootstrap of people or units, with a t distribution of units - 1 degrees of freedom.

    References
    ----------
    Bonett & Wright (2000), Sample size requirements for estimating Pearson, Kendall and Spearman correlations,
    Psychometrika 65, 23-28. doi:10.1007/BF02294183

    Examples
    --------
    >>> rank_association([1, 2, 2, 4, 5], [0, 3, 4, 8, 9]).estimate.round(2)
    np.float64(0.97)
    """
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    both = np.isfinite(x) & np.isfinite(y)
    n = int(both.sum())
    if n < MIN_PAIRS:
        raise TooFewAnswers(
            f"{n} people answered both questions; a rank correlation needs {MIN_PAIRS}",
            how="ask more people, or leave this pair of questions out",
        )
    x, y = x[both], y[both]
    weights = None if weights is None else np.asarray(weights, dtype=float)[both]
    clusters = None if clusters is None else np.asarray(clusters, dtype=object)[both]
    groups = resampling_groups(n, clusters, seed=seed)
    method = method_code("spearman", weights is not None, groups.clustered, groups.few_units)
    if np.ptp(x) == 0 or np.ptp(y) == 0:
        return Association(n, np.nan, np.nan, np.nan, np.nan, method)
    if weights is None and not groups.clustered:
        estimate, p = unweighted_rank_correlation(x, y)
        low, high = fisher_interval(estimate, bonett_wright_error(estimate, n), confidence)
        return Association(n, estimate, np.float64(low), np.float64(high), p, method)
    coded = code_answers({"x": x, "y": y})
    tables = cross_tables(coded, weights=weights, groups=groups.index, n_groups=groups.count)
    estimate = correlations(tables)[0, 1]
    draws = bootstrap_draws(groups.count, bootstrap, seed=seed)
    error = resampled_error(resampled_correlations(tables, draws, pairs=[(0, 1)])[:, 0, 1], groups.count)
    low, high = fisher_interval(estimate, error, confidence, groups.count - 1)
    p = fisher_p(estimate, error, groups.count - 1)
    return Association(n, estimate, np.float64(low), np.float64(high), np.float64(p), method)


def unweighted_rank_correlation(x: np.ndarray, y: np.ndarray) -> tuple[np.float64, np.float64]:
    """Spearman's r and its two-sided p from pingouin, for answers without missing ones that both vary."""
    import pingouin  # heavy: loaded when a statistic is asked for

    row = pingouin.corr(x, y, method="spearman").iloc[0]
    return np.float64(row["r"]), np.float64(row["p_val"])


def method_code(name: str, weighted: bool, clustered: bool, few_units: bool = False, stratified: bool = False) -> str:
    """Short code of how a statistic was computed, as in `Association.method`; '_stratified' where strata were used."""
    parts = [name, "weighted" * weighted, "clustered" * clustered, "stratified" * stratified, "few_units" * few_units]
    return "_".join(part for part in parts if part)


def bonett_wright_error(r: ArrayLike, n: ArrayLike) -> np.ndarray:
    """Standard error of atanh(r) of a rank correlation from n people; NaN with fewer than four."""
    r, n = np.asarray(r, dtype=float), np.asarray(n, dtype=float)
    return np.sqrt((1 + r**2 / 2) / np.where(n > 3, n - 3, np.nan))


def resampled_error(resamples: np.ndarray, groups: int | np.ndarray) -> np.ndarray:
    """Standard error of atanh(r) from resampled correlations (first axis), for `groups` drawn units.

    Resamples without a correlation are left out; NaN when more than a tenth are. Drawing G units of G leaves the
    variance short by (G - 1) / G, which is put right.
    """
    groups = np.asarray(groups, dtype=float)
    missing = np.isnan(resamples)
    z = np.arctanh(np.clip(np.where(missing, 0.0, resamples), -PERFECT, PERFECT))
    kept = (~missing).sum(axis=0)
    mean = np.where(missing, 0.0, z).sum(axis=0) / np.maximum(kept, 1)
    variance = np.where(missing, 0.0, (z - mean) ** 2).sum(axis=0) / np.maximum(kept - 1, 1)
    enough = (kept >= 0.9 * len(resamples)) & (groups > 1)
    return np.sqrt(np.where(enough, variance * groups / np.where(groups > 1, groups - 1, 1.0), np.nan))


def fisher_interval(
    r: ArrayLike, error: ArrayLike, confidence: float = 0.95, df: ArrayLike | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Interval of a correlation from the standard error of its atanh; normal, or t with `df` degrees of freedom.

    A correlation of exactly -1 or 1 is its own interval.
    """
    r, error = np.asarray(r, dtype=float), np.asarray(error, dtype=float)
    perfect = np.abs(r) >= PERFECT
    z = np.arctanh(np.clip(np.where(perfect, 0.0, r), -PERFECT, PERFECT))
    reach = _quantile(1 - (1 - confidence) / 2, df) * error
    return np.where(perfect, r, np.tanh(z - reach)), np.where(perfect, r, np.tanh(z + reach))


def fisher_p(r: ArrayLike, error: ArrayLike, df: ArrayLike | None = None) -> np.ndarray:
    """Two-sided p of no correlation from the standard error of atanh(r); 0 for a perfect one."""
    r, error = np.asarray(r, dtype=float), np.asarray(error, dtype=float)
    perfect = np.abs(r) >= PERFECT
    usable = np.where(error > 0, error, np.nan)
    ratio = np.abs(np.arctanh(np.clip(np.where(perfect, 0.0, r), -PERFECT, PERFECT))) / usable
    tail = special.ndtr(-ratio) if df is None else special.stdtr(np.maximum(df, 1), -ratio)
    return np.where(perfect, 0.0, 2 * tail)


def _quantile(level: float, df: ArrayLike | None) -> np.ndarray:
    if df is None:
        return np.asarray(special.ndtri(level))
    return np.asarray(special.stdtrit(np.maximum(np.asarray(df, dtype=float), 1), level))
