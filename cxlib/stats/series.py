"""Many waves, nobody left to compare: did the line jump or bend when the action began?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from cxlib.stats.effects import Effect, t_effect

MIN_WAVES = 8  # before and after: with fewer a line's own wiggle and its bend cannot be told apart
LIKENESS = np.linspace(-0.3, 0.95, 26)  # of neighbouring waves: every value that survey series are known to have
FITTED_COLUMNS = ["mean", "fitted", "without"]


@dataclass(frozen=True)
class Series:
    """A line before, a line after.

    Parameters
    ----------
    level : Effect
        Jump at the first wave after the start.
    slope : Effect
        Change of the slope, points a wave.
    average : Effect
        Mean distance of the line after the start from the line before it, drawn on.
    at_end : Effect
        That distance at the last wave.
    fitted : DataFrame
        One row a wave: mean (as given), fitted (the two lines), without (the first line, drawn on).
    """

    level: Effect
    slope: Effect
    average: Effect
    at_end: Effect
    fitted: pd.DataFrame


def interrupted_series(
    means: ArrayLike,
    start: int,
    *,
    errors: ArrayLike | None = None,
    n: int = 0,
    confidence: float = 0.95,
    newey_west_lag: int | None = None,
) -> Series:
    """Interrupted time series with errors that allow for waves being like their neighbours.

    Parameters
    ----------
    means : array of shape (waves,)
        One mean a wave, equally spaced in time, in order, points of the scale; NaN is a missing wave.
    start : int
        Position of the first wave after the start.
    errors : array of shape (waves,), optional
        Sampling error of every mean: waves with few answers count less. None: all alike.
    n : int
        Answers behind the series, only handed on.
    confidence : float in (0, 1)
    newey_west_lag : int, optional
        Use ordinary least squares with Newey and West's errors and this lag, as published tables do; only to compare
        with them (see Notes).

    Returns
    -------
    Series
        Effects have reason 'few' with fewer than 8 waves on a side.

    Notes
    -----
    Mean = a + b t + c after + d after (t - start) + error. Errors follow a first-order autoregression; since so few
    waves do not tell its size, generalised least squares is done for every likeness of neighbours from -.3 to .95 and
    the fits are averaged by their restricted likelihood, the spread between them being added to the variance (total
    variance; t with waves - 5 degrees of freedom). With 8 waves before and 8 after Newey and West's 95 % interval holds
    the truth about 80 % of the time when waves are independent and 60 % when neighbours correlate .6; this one 98 % and
    93 % (docs/change_libraries.md).

    References
    ----------
    Linden (2015), Stata Journal 15, 480-500. doi:10.1177/1536867X1501500208
    Turner et al. (2021), BMC Medical Research Methodology 21, 181. doi:10.1186/s12874-021-01364-0
    Newey & West (1987), Econometrica 55, 703-708. doi:10.2307/1913610

    Examples
    --------
    >>> wiggle = [0.02, -0.03, 0.01, 0.02, -0.02, 0.0, 0.03, -0.03]
    >>> found = interrupted_series([3 + e for e in wiggle] + [3.5 + e for e in wiggle[::-1]], 8)
    >>> round(found.average.estimate, 1), found.average.low > 0.3
    (0.5, True)
    """
    means = np.asarray(means, dtype=float)
    weights = np.ones(means.size) if errors is None else np.asarray(errors, dtype=float)
    known = np.isfinite(means) & np.isfinite(weights) & (weights > 0)
    after = np.arange(means.size) >= start
    fitted = pd.DataFrame({"mean": means, "fitted": np.nan, "without": np.nan}, columns=FITTED_COLUMNS)
    if min((known & ~after).sum(), (known & after).sum()) < MIN_WAVES:
        nothing = Effect.none("series", "few", n=n)
        return Series(nothing, nothing, nothing, nothing, fitted)
    since = np.arange(means.size) - start
    design = np.column_stack([np.ones(means.size), since, after, after * since]).astype(float)
    wanted = np.array([[0, 0, 1, 0], [0, 0, 0, 1], [0, 0, 1, since[known & after].mean()], [0, 0, 1, since[-1]]], float)
    if newey_west_lag is None:
        lines, covariance, df = _averaged(means[known], design[known], weights[known], np.flatnonzero(known))
    else:
        lines, covariance, df = _newey_west(means[known], design[known], newey_west_lag)
    fitted["fitted"], fitted["without"] = design @ lines, design[:, :2] @ lines[:2]
    variances = np.einsum("ij,jk,ik->i", wanted, covariance, wanted)
    left = means[known] - (design @ lines)[known]
    sure = np.abs(left).max() <= 1e-9 * max(1.0, np.abs(means[known]).max())  # two perfect lines: no error to tell
    found = [
        t_effect("series", "hac", value, 0.0 if sure else np.sqrt(max(variance, 0.0)), df, n=n, confidence=confidence)
        for value, variance in zip(wanted @ lines, variances, strict=True)
    ]
    return Series(*found, fitted)


def alike_fit(
    means: np.ndarray, design: np.ndarray, weights: np.ndarray, waves: np.ndarray, likeness: float
) -> tuple[np.ndarray, np.ndarray, float]:
    """Generalised least squares with neighbouring errors that correlate by a known amount.

    Parameters
    ----------
    means : array of shape (waves,)
    design : array of shape (waves, columns)
    weights : array of shape (waves,)
        Errors' standard deviations up to a factor.
    waves : array of shape (waves,)
        Positions in time; errors of waves k apart correlate likeness^k.
    likeness : float in (-1, 1)

    Returns
    -------
    coefficients, covariance, likelihood
        The likelihood is the restricted log-likelihood up to a constant.
    """
    apart = np.abs(np.subtract.outer(waves, waves))
    inverse = np.linalg.inv(np.sign(likeness) ** apart * np.abs(likeness) ** apart * np.outer(weights, weights))
    bread = np.linalg.inv(design.T @ inverse @ design)
    line = bread @ design.T @ inverse @ means
    left = means - design @ line
    free = means.size - design.shape[1]
    spread = max(float(left @ inverse @ left), np.finfo(float).tiny) / free
    volume = np.linalg.slogdet(bread)[1] + np.linalg.slogdet(inverse)[1]
    return line, spread * bread, float(0.5 * (volume - free * np.log(spread)))


def _averaged(
    means: np.ndarray, design: np.ndarray, weights: np.ndarray, waves: np.ndarray
) -> tuple[np.ndarray, np.ndarray, float]:
    """Lines, their covariance and degrees of freedom, averaged over how alike neighbours could be."""
    scale = weights / np.exp(np.log(weights).mean())
    fits = [alike_fit(means, design, scale, waves, likeness) for likeness in LIKENESS]
    lines, covariances, likelihoods = (np.array(part) for part in zip(*fits, strict=True))
    share = np.exp(likelihoods - likelihoods.max())
    share /= share.sum()
    line = share @ lines
    between = (lines - line).T @ ((lines - line) * share[:, None])
    covariance = np.tensordot(share, covariances, axes=1) + between
    return line, covariance, float(means.size - design.shape[1] - 1)


def _newey_west(means: np.ndarray, design: np.ndarray, lag: int) -> tuple[np.ndarray, np.ndarray, float]:
    """Ordinary least squares with Newey and West's errors, small-sample factor n / (n - 4) as Stata's `newey`."""
    from statsmodels.regression.linear_model import OLS  # two seconds to import, and no run needs it

    fit = OLS(means, design).fit(cov_type="HAC", cov_kwds={"maxlags": lag, "use_correction": True}, use_t=True)
    return np.asarray(fit.params), np.asarray(fit.cov_params()), float(means.size - design.shape[1])
