"""Each factor with each outcome: rank association, its interval and p, or the reason why there is none."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cxlib.drivers.survey import Survey
from cxlib.stats.association import (
    bonett_wright_error,
    fisher_interval,
    fisher_p,
    method_code,
    resampled_error,
)
from cxlib.stats.rank import correlations, resampled_correlations

LEAST_INFLATION = 0.01  # strata can spare that much; a smaller ratio is a resample without any spread


@dataclass(frozen=True)
class Pairs:
    """Associations of some respondents; every array has shape (factors, outcomes).

    Parameters
    ----------
    n : integer array
        People who answered both.
    reason : array of str
        '' or why there is no estimate: 'not_asked', 'all_missing', 'too_few', 'constant'.
    estimate, low, high, p : arrays
        NaN where there is a reason.
    error : array
        Standard error of atanh(estimate).
    inflation : array
        Variance of atanh(estimate) against that of as many independent people of equal weight; at least 1, unless
        people are drawn within strata.
    method : str
        As in `stats.association.Association`.
    df : array
        Degrees of freedom that the error has; infinite where it is a formula's.
    """

    n: np.ndarray
    reason: np.ndarray
    estimate: np.ndarray
    low: np.ndarray
    high: np.ndarray
    p: np.ndarray
    error: np.ndarray
    inflation: np.ndarray
    method: str
    df: np.ndarray


def associate(survey: Survey, *, inflation: np.ndarray | None = None) -> Pairs:
    """Association of every factor with every outcome.

    Parameters
    ----------
    survey : Survey
    inflation : array of shape (factors, outcomes), optional
        Known for the whole survey; used for a part of it that has too few units of its own to be resampled.

    Returns
    -------
    Pairs
    """
    factors, outcomes = len(survey.factors), len(survey.outcomes)
    n = survey.tables.pairs[:factors, factors:]
    counts = np.diag(survey.tables.pairs)
    estimate = correlations(survey.tables)[:factors, factors:]
    reason = np.full((factors, outcomes), "", dtype=object)
    reason[np.isnan(estimate)] = "constant"
    reason[n < survey.settings.min_pairs] = "too_few"
    reason[n == 0] = "not_asked"
    reason[counts[:factors] == 0, :] = "all_missing"
    reason[:, counts[factors:] == 0] = "all_missing"
    reason[[name in survey.absent for name in survey.factors], :] = "not_asked"
    reason[:, [name in survey.absent for name in survey.outcomes]] = "not_asked"
    there = reason == ""
    estimate = np.where(there, estimate, np.nan)
    weighted, grouped = survey.weights is not None, survey.groups
    method = method_code("spearman", weighted, grouped.clustered, grouped.few_units, survey.stratified)
    plain = bonett_wright_error(estimate, n)
    if survey.drawn:
        groups = np.minimum(survey.group_tables.groups_with()[:factors, factors:], survey.groups.count)
        if inflation is None:  # what follows for the whole survey needs its resamples of all pairs
            resamples = np.where(there, survey.resamples[:, :factors, factors:], np.nan)
        else:
            pairs = [(f, factors + o) for f, o in zip(*np.nonzero(there), strict=True)]
            resamples = resampled_correlations(survey.group_tables, survey.draws, pairs=pairs)[:, :factors, factors:]
        error = resampled_error(resamples, groups)
        lost = np.isnan(error)  # hardly any resample has a correlation: fall back on the effective number of people
        effective = survey.tables.effective_n()[:factors, factors:]
        error = np.where(lost, bonett_wright_error(estimate, effective), error)
        df = np.maximum(groups - survey.tied, 1)
        low, high = fisher_interval(estimate, error, survey.settings.confidence, df)
        p = fisher_p(estimate, error, df)
    else:
        df = np.full((factors, outcomes), np.inf)
        known = np.ones_like(plain) if inflation is None else np.maximum(inflation, 1.0)
        error = plain * np.sqrt(known)
        low, high = fisher_interval(estimate, error, survey.settings.confidence)
        p = np.full((factors, outcomes), np.nan)
        for f, o in zip(*np.nonzero(there), strict=True):
            if known[f, o] > 1:
                p[f, o] = fisher_p(estimate[f, o], error[f, o])
                continue
            p[f, o] = survey.plain_p(survey.factors[f], survey.outcomes[o])
    ratio = np.divide(error, plain, out=np.ones_like(error), where=plain > 0)
    ratio = np.where(np.isfinite(ratio), ratio, 1.0)
    least = LEAST_INFLATION if survey.stratified else 1.0
    return Pairs(n, reason, estimate, low, high, p, error, np.maximum(ratio**2, least), method, df)
