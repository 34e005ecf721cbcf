"""One correlation in several segments or waves: what they share, and whether they differ."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from cxlib.stats.association import PERFECT

METHODS = ("reml", "dl")
ADJUSTMENTS = ("none", "knapp_hartung", "floored")
STEPS = 200  # REML takes fewer than ten as a rule
CONVERGED = 1e-13
SLACK = 1e-12  # the likelihood is not exact beyond: smaller losses near its top are rounding


@dataclass(frozen=True)
class Pooled:
    """Random-effects mean of correlations.

    Parameters
    ----------
    k : int
        Segments with a correlation and a standard error.
    estimate, low, high : float
        Pooled correlation and its interval.
    p : float
        Two-sided p value of a pooled correlation of 0.
    z, error : float
        The pooled Fisher z and its standard error.
    tau2 : float
        Variance between segments, of Fisher z.
    i2 : float
        Share of the variation between estimates that is more than chance, 0 to 1.
    q, q_p : float
        Cochran's Q and its p value: do the segments differ at all? Degrees of freedom are k - 1.
    predict_low, predict_high : float
        Where the correlation of a further segment would lie.
    reason : str
        '' or 'too_few' (fewer than two segments: the mean is that segment's, nothing else exists), 'all_missing'.
    """

    k: int
    estimate: float
    low: float
    high: float
    p: float
    z: float
    error: float
    tau2: float
    i2: float
    q: float
    q_p: float
    predict_low: float
    predict_high: float
    reason: str


def pool_correlations(
    r: ArrayLike,
    errors: ArrayLike,
    *,
    method: str = "reml",
    adjustment: str = "floored",
    confidence: float = 0.95,
) -> Pooled:
    """Random-effects pooling of the correlations of segments or waves.

    Parameters
    ----------
    r : array of shape (segments,)
        Correlations from different people; NaN, -1 and 1 are left out.
    errors : array of shape (segments,)
        Standard error of atanh(r): 1 / sqrt(n - 3) for Pearson, `bonett_wright_error` for Spearman, or from a
        bootstrap. NaN is left out.
    method : {'reml', 'dl'}
        Variance between segments by restricted maximum likelihood, or by DerSimonian and Laird.
    adjustment : {'floored', 'knapp_hartung', 'none'}
        Knapp and Hartung's standard error with a t distribution; 'floored' never lets it fall below the plain one, so
        that segments which happen to agree do not make an interval too short; 'none' is the normal distribution.
    confidence : float in (0, 1)

    Returns
    -------
    Pooled

    Notes
    -----
    I2 is tau2 against tau2 and the typical sampling variance. The prediction interval takes the same distribution as
    the interval of the mean, with tau2 added to the squared error. As metafor's `rma` with test "adhoc", "knha" or "z".

    References
    ----------
    Viechtbauer (2005), Journal of Educational and Behavioral Statistics 30, 261-293. doi:10.3102/10769986030003261
    Knapp & Hartung (2003), Statistics in Medicine 22, 2693-2710. doi:10.1002/sim.1482

    Examples
    --------
    >>> n = np.array([120, 80, 150, 60, 95])
    >>> pooled = pool_correlations([0.55, 0.42, 0.61, 0.38, 0.5], 1 / np.sqrt(n - 3), adjustment="none")
    >>> round(pooled.estimate, 3), round(pooled.tau2, 4), round(pooled.q_p, 3)
    (0.514, 0.0052, 0.207)
    """
    if method not in METHODS or adjustment not in ADJUSTMENTS:
        raise ValueError(f"method is one of {', '.join(METHODS)}, adjustment one of {', '.join(ADJUSTMENTS)}")
    r, errors = np.broadcast_arrays(np.asarray(r, dtype=float), np.asarray(errors, dtype=float))
    usable = np.isfinite(r) & np.isfinite(errors) & (errors > 0) & (np.abs(r) < PERFECT)
    z, variances = np.arctanh(r[usable]), errors[usable] ** 2
    k = len(z)
    if k < 2:
        only = float(np.tanh(z[0])) if k else np.nan
        return Pooled(k, only, *[np.nan] * 11, "too_few" if k else "all_missing")
    weights = 1 / variances
    q = float((weights * (z - np.average(z, weights=weights)) ** 2).sum())
    surplus = weights.sum() - (weights**2).sum() / weights.sum()
    tau2 = max(0.0, (q - (k - 1)) / surplus)
    if method == "reml":
        tau2 = _restricted_likelihood(z, variances, tau2)
    weights = 1 / (variances + tau2)
    mean = float(np.average(z, weights=weights))
    error = float(1 / np.sqrt(weights.sum()))
    if adjustment != "none":
        scale = float((weights * (z - mean) ** 2).sum()) / (k - 1)
        error *= np.sqrt(max(scale, 1.0) if adjustment == "floored" else scale)
    df = np.inf if adjustment == "none" else k - 1.0
    reach = float(special.stdtrit(df, 0.5 + confidence / 2))
    spread = reach * np.hypot(error, np.sqrt(tau2))
    ends = [float(np.tanh(mean + side)) for side in (-reach * error, reach * error, -spread, spread)]
    p = float(2 * special.stdtr(df, -abs(mean) / error)) if error > 0 else np.nan
    return Pooled(
        k=k,
        estimate=float(np.tanh(mean)),
        low=ends[0],
        high=ends[1],
        p=p,
        z=mean,
        error=float(error),
        tau2=float(tau2),
        i2=float(tau2 / (tau2 + (k - 1) / surplus)),
        q=q,
        q_p=float(special.chdtrc(k - 1, q)),
        predict_low=ends[2],
        predict_high=ends[3],
        reason="",
    )


def _restricted_likelihood(z: np.ndarray, variances: np.ndarray, tau2: float) -> float:
    """REML by Fisher scoring, never below 0; a step that lowers the likelihood is halved."""

    def likelihood(at: float) -> float:
        weights = 1 / (variances + at)
        mean = weights @ z / weights.sum()
        return 0.5 * (np.log(weights).sum() - np.log(weights.sum()) - weights @ (z - mean) ** 2)

    now = likelihood(tau2)
    for _ in range(STEPS):
        weights = 1 / (variances + tau2)
        squared = weights * weights
        total, squares, cubes = weights.sum(), squared.sum(), squared @ weights
        mean = weights @ z / total
        score = squared @ (z - mean) ** 2 - total + squares / total
        information = squares - 2 * cubes / total + (squares / total) ** 2
        step = score / information
        while True:
            proposed = max(0.0, tau2 + step)
            then = likelihood(proposed)
            if then >= now - SLACK or abs(step) < CONVERGED:
                break
            step /= 2
        moved, tau2, now = abs(proposed - tau2), proposed, then
        if moved < CONVERGED:
            break
    return tau2
