"""Proportional-odds model of an ordinal outcome: coefficients, parallel-lines check, McFadden R2 and its shares."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats as distributions
from scipy.special import expit

from cxlib.stats.cumulative_logit import (
    Fit,
    Sample,
    complete_sample,
    fit_models,
    null_log_likelihood,
    score_products,
    scores,
    steady_inverse,
)
from cxlib.stats.dominance import shapley_values

SHARES_UP_TO = 12  # factors: 4,096 models
EACH_SIDE = 10  # people a factor needed above and below a cut, as usual for a logistic model
MOST_CUTS = 4  # with ten cuts and eight factors the check rejects 17 % of true models at n = 400
SEPARATED = 20.0  # standard error (log odds per standard deviation) of a coefficient that runs away


@dataclass(frozen=True)
class ProportionalOdds:
    """A fitted model: log odds of an answer above a level rise by `coefficients` per scale point of each factor.

    Parameters
    ----------
    n : int
        People with all answers.
    levels : array of shape (K,)
        Answers of the outcome that occur.
    coefficients, errors, low, high, p : arrays of shape (factors,)
        Log odds ratio per scale point, standard error, interval, two-sided p. NaN where `reasons` says why.
    standardised : array of shape (factors,)
        Log odds ratio per standard deviation of the factor.
    thresholds, threshold_errors : arrays of shape (K - 1,)
        Log odds of an answer at or below each level when every factor is 0.
    log_likelihood, null_log_likelihood, r2 : float
        Of this model and of the one without factors; r2 is McFadden's 1 - log_likelihood / null_log_likelihood.
    method : str
        'model', 'robust' (weights), 'clustered': where the standard errors come from.
    reasons : tuple of str
        Of each factor '', 'constant' or 'collinear'.
    reason : str
        '' or why there is no model: 'too_few', 'constant' (outcome), 'separation'.
    """

    n: int
    levels: np.ndarray
    coefficients: np.ndarray
    errors: np.ndarray
    low: np.ndarray
    high: np.ndarray
    p: np.ndarray
    standardised: np.ndarray
    thresholds: np.ndarray
    threshold_errors: np.ndarray
    log_likelihood: float
    null_log_likelihood: float
    r2: float
    method: str
    reasons: tuple[str, ...]
    reason: str


@dataclass(frozen=True)
class ParallelLines:
    """Brant's check whether a factor goes with the outcome alike at every level.

    Parameters
    ----------
    cuts : array
        Levels at which the outcome was split (at or below against above).
    coefficients : array of shape (cuts, factors)
        Log odds ratio per scale point, one binary logistic model a cut.
    statistic, df, p : float
        All factors together; a small p says the lines are not parallel.
    factor_statistic, factor_p : arrays of shape (factors,)
        Each factor apart, with `factor_df` degrees of freedom.
    factor_df : int
    reason : str
        '' or 'too_few_cuts', 'too_few', 'constant', 'separation', 'too_few_units' (for the check of all together).
    """

    cuts: np.ndarray
    coefficients: np.ndarray
    statistic: float
    df: int
    p: float
    factor_statistic: np.ndarray
    factor_p: np.ndarray
    factor_df: int
    reason: str


@dataclass(frozen=True)
class McFaddenShares:
    """Shares of McFadden's R2 in the proportional-odds model.

    Parameters
    ----------
    n : int
    worth : array of shape (2**p,)
        R2 of every subset of factors; bit j of the position says whether factor j is in it. `dominance.dominance`
        reads it.
    shares : array of shape (p,)
        Shapley values; they sum to `r2`.
    r2 : float
    reason : str
        '' or 'too_few', 'constant', 'too_many' (more than 12 factors), 'not_converged'.
    """

    n: int
    worth: np.ndarray
    shares: np.ndarray
    r2: float
    reason: str


def proportional_odds(
    factors: ArrayLike,
    outcome: ArrayLike,
    *,
    weights: ArrayLike | None = None,
    counts: ArrayLike | None = None,
    clusters: ArrayLike | None = None,
    confidence: float = 0.95,
) -> ProportionalOdds:
    """Proportional-odds (cumulative logit) model by maximum likelihood.

    Parameters
    ----------
    factors : array or DataFrame of shape (n, p)
        Ratings as numbers; NaN is missing. Rows with any missing answer are left out.
    outcome : array of shape (n,)
        Ordinal answers as numbers.
    weights : array of shape (n,), optional
        Design weights; standard errors are then robust.
    counts : array of shape (n,), optional
        Number of people each row stands for.
    clusters : array of shape (n,), optional
        Unit (store) of each row: standard errors allow for it, with the t distribution of units - 1.
    confidence : float in (0, 1)

    Returns
    -------
    ProportionalOdds

    Notes
    -----
    logit P(y <= k) = threshold_k - x b. With a = threshold_k - x b and b' = threshold_(k-1) - x b the probability of
    answer k is F(a) F(-b') (1 - exp(b' - a)), so the log likelihood is a sum of logistic terms and one term per level:
    Newton's method with the exact Hessian, from which the standard errors come. Clustered and robust ones are the
    sandwich with units (people) / (units - 1). Equal rows are counted once.

    References
    ----------
    McCullagh (1980), Regression models for ordinal data, Journal of the Royal Statistical Society B 42, 109-142.
    doi:10.1111/j.2517-6161.1980.tb01109.x

    Examples
    --------
    >>> found = proportional_odds([[1], [2], [3], [2], [4], [5]], [0, 0, 1, 1, 2, 1])
    >>> found.coefficients.round(2).tolist(), found.thresholds.round(2).tolist()
    ([1.49], [2.91, 7.03])
    """
    sample = complete_sample(factors, outcome, weights, counts)
    method = "clustered" if clusters is not None else "robust" if weights is not None else "model"
    if sample.reason:
        return _no_model(sample, method)
    used = sample.fitted
    fit = fit_models(sample, sample.cuts, used[None])
    k = len(sample.cuts) - 2
    active = np.flatnonzero(np.append(np.ones(k, dtype=bool), used))
    covariance = steady_inverse(fit.information[0][np.ix_(active, active)])
    if not fit.converged[0] or np.sqrt(np.diag(covariance)[k:]).max(initial=0.0) > SEPARATED:
        return _no_model(sample, method, "separation")
    df = None
    if method != "model":
        middle, units = score_products(scores(sample, fit.theta[0])[:, active], sample, clusters)
        covariance = covariance @ middle @ covariance
        df = units - 1 if clusters is not None else None
    # back from standardised factors: thresholds move by the factors' means
    turn = np.zeros((k + len(used), len(active)))
    turn[:k, :k] = np.eye(k)
    turn[np.flatnonzero(used) + k, np.arange(k, len(active))] = 1 / sample.spread[used]
    turn[:k, k:] = sample.centre[used] / sample.spread[used]
    values = turn @ fit.theta[0][active]
    errors = np.sqrt(np.einsum("ij,jk,ik->i", turn, covariance, turn))
    shown = np.array([reason == "" for reason in sample.reasons])
    beta, error = np.where(shown, values[k:], np.nan), np.where(shown, errors[k:], np.nan)
    reference = distributions.norm if df is None else distributions.t(max(df, 1))
    reach = reference.ppf(0.5 + confidence / 2) * error
    null = null_log_likelihood(sample)
    return ProportionalOdds(
        sample.n,
        sample.levels,
        beta,
        error,
        beta - reach,
        beta + reach,
        2 * reference.sf(np.abs(beta) / error),
        beta * sample.spread,
        values[:k],
        errors[:k],
        float(fit.log_likelihood[0]),
        null,
        float(1 - fit.log_likelihood[0] / null),
        method,
        sample.reasons,
        "",
    )


def parallel_lines(
    factors: ArrayLike,
    outcome: ArrayLike,
    *,
    weights: ArrayLike | None = None,
    counts: ArrayLike | None = None,
    clusters: ArrayLike | None = None,
) -> ParallelLines:
    """Brant's test of the proportional-odds assumption, for all factors and for each.

    Parameters
    ----------
    factors, outcome, weights, counts, clusters
        As in `proportional_odds`.

    Returns
    -------
    ParallelLines

    Notes
    -----
    One binary logistic model a cut, at levels that leave at least ten people a factor on both sides; of more than
    four such cuts the four that part the people most evenly. Wald tests that a factor's coefficients are equal in all
    of them. Their joint covariance is Brant's, or the sandwich with weights or clusters (then Hotelling's F stands in
    for chi-squared).

    References
    ----------
    Brant (1990), Assessing proportionality in the proportional odds model for ordinal logistic regression, Biometrics
    46, 1171-1178. doi:10.2307/2532457
    """
    sample = complete_sample(factors, outcome, weights, counts)
    p = len(sample.reasons)
    if sample.reason:
        return _no_check(sample.reason, p)
    used, shown = sample.fitted, np.array([reason == "" for reason in sample.reasons])
    people = np.add.reduceat(sample.people, sample.cuts[:-1]).cumsum()
    needed = EACH_SIDE * int(used.sum())
    inside = np.flatnonzero((people >= needed) & (people[-1] - people >= needed))
    if len(inside) > MOST_CUTS:
        goals = people[-1] * np.arange(1, MOST_CUTS + 1) / (MOST_CUTS + 1)
        inside = np.unique(inside[np.abs(people[inside, None] - goals).argmin(axis=0)])
    if len(inside) < 2 or not used.any():
        return _no_check("too_few_cuts" if used.any() else "constant", p)
    design = np.column_stack([np.ones(len(sample.x)), -sample.x[:, used]])
    fits, residuals, inverses, below = [], [], [], []  # of each cut
    for level in inside:
        cuts = np.array([0, sample.cuts[level + 1], len(sample.x)])
        fit = fit_models(sample, cuts, used[None])
        theta = fit.theta[0][np.append(True, used)]
        chance = expit(design @ theta)
        inverse = steady_inverse(design.T @ (design * (sample.weight * chance * (1 - chance))[:, None]))
        if not fit.converged[0] or np.sqrt(np.diag(inverse)[1:]).max() > SEPARATED:
            return _no_check("separation", p)
        fits.append(theta)
        below.append(chance)
        inverses.append(inverse)
        residuals.append((np.arange(len(sample.x)) < cuts[1]) - chance)
    size, count, units = design.shape[1], len(inside), np.inf
    middle = np.empty((count, size, count, size))
    if weights is None and clusters is None:
        for one in range(count):
            for two in range(one, count):
                block = design.T @ (design * (sample.weight * below[one] * (1 - below[two]))[:, None])
                middle[one, :, two] = middle[two, :, one] = block
    else:
        stacked = np.hstack([design * residual[:, None] for residual in residuals])
        products, units = score_products(stacked, sample, clusters)
        middle[:] = products.reshape(count, size, count, size)
        units = units if clusters is not None else np.inf
    covariance = np.einsum("kab,kblc,lcd->kald", np.array(inverses), middle, np.array(inverses))[:, 1:, :, 1:]
    betas = np.array(fits)[:, 1:]
    contrast = np.column_stack([-np.ones(count - 1), np.eye(count - 1)])
    apart = np.einsum("ck,kj->cj", contrast, betas)
    spread = np.einsum("ck,kald,el->caed", contrast, covariance, contrast)
    each = np.full(p, np.nan)
    for place, factor in enumerate(np.flatnonzero(used)):
        if shown[factor]:
            each[factor] = apart[:, place] @ np.linalg.solve(spread[:, place, :, place], apart[:, place])
    df = apart.size
    flat = spread.reshape(df, df)
    overall = float(apart.ravel() @ np.linalg.solve(flat, apart.ravel())) if units > df else np.nan
    coefficients = np.full((count, p), np.nan)
    coefficients[:, used] = np.where(shown[used], betas / sample.spread[used], np.nan)
    return ParallelLines(
        sample.levels[inside],
        coefficients,
        overall,
        df,
        float(_wald_p(overall, df, units)),
        each,
        _wald_p(each, count - 1, units),
        count - 1,
        "" if units > df else "too_few_units",
    )


def mcfadden_shares(
    factors: ArrayLike, outcome: ArrayLike, *, weights: ArrayLike | None = None, counts: ArrayLike | None = None
) -> McFaddenShares:
    """Shapley values of McFadden's R2 over the models of all subsets of factors, exact.

    Parameters
    ----------
    factors, outcome, weights, counts
        As in `proportional_odds`; up to 12 factors.

    Returns
    -------
    McFaddenShares

    Notes
    -----
    From the model of all factors downwards, each smaller model starts at the quadratic approximation of the nearest
    larger one and is then run to its own maximum by Newton's method, many models in one matrix product. Twelve
    factors, 2,700 people and eleven levels take 0.7 s on one core; time grows with the people.

    Examples
    --------
    >>> found = mcfadden_shares([[1, 2], [2, 1], [3, 3], [2, 5], [4, 4], [5, 1], [4, 2]], [0, 1, 1, 0, 2, 1, 2])
    >>> found.shares.round(3).tolist(), round(found.r2, 3)
    ([0.3, 0.005], 0.304)
    """
    sample = complete_sample(factors, outcome, weights, counts)
    p = len(sample.reasons)
    reason = sample.reason or ("too_many" if p > SHARES_UP_TO else "")
    if reason:
        return McFaddenShares(sample.n, np.full(1 << min(p, SHARES_UP_TO), np.nan), np.full(p, np.nan), np.nan, reason)
    k = len(sample.cuts) - 2
    subsets = np.arange(1 << p)
    masks = (subsets[:, None] >> np.arange(p)) & 1 == 1
    varies = np.array([reason != "constant" for reason in sample.reasons])  # repeated factors share alike
    sizes = masks.sum(axis=1)
    log_likelihood = np.full(1 << p, np.nan)
    converged = np.ones(1 << p, dtype=bool)
    parents: dict[int, int] = {}
    previous: Fit | None = None
    for size in range(p, -1, -1):
        now = subsets[sizes == size]
        start = None
        if previous is not None:
            inverse = steady_inverse(previous.information)
            variance = np.diagonal(inverse, axis1=1, axis2=2)[:, k:]
            loss = previous.theta[:, k:] ** 2 / variance
            start = np.empty((len(now), k + p))
            for place, subset in enumerate(now):
                # the larger model that loses least when its one further factor is taken out
                joins = [factor for factor in range(p) if not subset >> factor & 1]
                rows = [parents[subset | 1 << factor] for factor in joins]
                best = int(np.argmin(loss[rows, joins]))
                row, factor = rows[best], joins[best] + k
                start[place] = previous.theta[row] - inverse[row][:, factor] * (
                    previous.theta[row, factor] / inverse[row][factor, factor]
                )
            start[:, k:] *= masks[now]
        previous = fit_models(sample, sample.cuts, masks[now] & varies, start, tolerance=1e-6)
        log_likelihood[now], converged[now] = previous.log_likelihood, previous.converged
        parents = {int(subset): place for place, subset in enumerate(now)}
    null = null_log_likelihood(sample)
    worth = 1 - log_likelihood / null
    worth[0] = 0.0
    shares = shapley_values(worth)
    shares[np.abs(shares) < 1e-12] = 0.0
    return McFaddenShares(sample.n, worth, shares, float(worth[-1]), "" if converged.all() else "not_converged")


def _no_model(sample: Sample, method: str, reason: str | None = None) -> ProportionalOdds:
    lost, cuts = np.full(len(sample.reasons), np.nan), np.full(max(len(sample.levels) - 1, 0), np.nan)
    return ProportionalOdds(
        sample.n,
        sample.levels,
        *(lost,) * 6,
        *(cuts,) * 2,
        *(np.nan,) * 3,
        method,
        sample.reasons,
        reason or sample.reason,
    )


def _no_check(reason: str, p: int) -> ParallelLines:
    lost = np.full(p, np.nan)
    return ParallelLines(np.empty(0), np.empty((0, p)), np.nan, 0, np.nan, lost, lost, 0, reason)


def _wald_p(statistic: np.ndarray | float, df: int, units: float) -> np.ndarray:
    """Chi-squared, or Hotelling's F where the covariance comes from a limited number of units."""
    if np.isinf(units):
        return distributions.chi2.sf(statistic, df)
    room = units - df
    if room <= 0:
        return np.full(np.shape(statistic), np.nan)
    return distributions.f.sf(np.asarray(statistic) * room / (df * (units - 1)), df, room)
