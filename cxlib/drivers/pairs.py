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
    unweighted_rank_correlation,
)
from cxlib.stats.rank import correlations, resampled_correlations


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
        Variance of atanh(estimate) against that of as many independent people of equal weight; at least 1.
    method : str
        As in `stats.association.Association`.
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
    weighted = survey.weights is not None
    method = method_code("spearman", weighted, survey.groups.clustered, survey.groups.few_units)
    plain = bonett_wright_error(estimate, n)
    if weighted or survey.groups.clustered:
        groups = np.minimum(survey.group_tables.groups_with()[:factors, factors:], survey.groups.count)
        pairs = [(f, factors + o) for f, o in zip(*np.nonzero(there), strict=True)]
        resamples = resampled_correlations(survey.group_tables, survey.draws, pairs=pairs)[:, :factors, factors:]
        error = resampled_error(resamples, groups)
        lost = np.isnan(error)  # hardly any resample has a correlation: fall back on the effective number of people
        effective = survey.tables.effective_n()[:factors, factors:]
        error = np.where(lost, bonett_wright_error(estimate, effective), error)
        df = np.maximum(groups - 1, 1)
        low, high = fisher_interval(estimate, error, survey.settings.confidence, df)
        p = fisher_p(estimate, error, df)
    else:
        df = None
        known = np.ones_like(plain) if inflation is None else np.maximum(inflation, 1.0)
        error = plain * np.sqrt(known)
        low, high = fisher_interval(estimate, error, survey.settings.confidence)
        p = np.full((factors, outcomes), np.nan)
        for f, o in zip(*np.nonzero(there), strict=True):
            if known[f, o] > 1:
                p[f, o] = fisher_p(estimate[f, o], error[f, o])
                continue
            x = survey.answers[survey.factors[f]].to_numpy()
            y = survey.answers[survey.outcomes[o]].to_numpy()
            both = ~(np.isnan(x) | np.isnan(y))
            p[f, o] = unweighted_rank_correlation(x[both], y[both])[1]
    ratio = np.divide(error, plain, out=np.ones_like(error), where=plain > 0)
    ratio = np.where(np.isfinite(ratio), ratio, 1.0)
    return Pairs(n, reason, estimate, low, high, p, error, np.maximum(ratio**2, 1.0), method)
