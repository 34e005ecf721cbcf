"""E-values: how strong an unmeasured cause would have to be to explain an association away."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

DIFFERENCE_TO_LOG_RATIO = 0.91  # VanderWeele & Ding: risk ratio of about exp(0.91 d) for an outcome cut near its middle


@dataclass(frozen=True)
class EValue:
    """E-values of an estimate and of its interval.

    Parameters
    ----------
    risk_ratio : array
        The estimate as a (perhaps approximate) risk ratio.
    estimate : array
        E-value of the estimate, 1 or more: an unmeasured cause would have to go with both the factor and the outcome by
        at least this risk ratio each to explain the association away.
    interval : array
        E-value of the interval's end nearer to no association; 1 where the interval holds no association.
    reason : array of str
        '' or 'missing' (a value is NaN), 'perfect' (a correlation of -1 or 1), 'impossible' (a risk ratio that is not
        positive, or ends that do not enclose the estimate).
    """

    risk_ratio: np.ndarray
    estimate: np.ndarray
    interval: np.ndarray
    reason: np.ndarray


def risk_ratio_e_value(ratio: ArrayLike, low: ArrayLike, high: ArrayLike) -> EValue:
    """E-value of a risk ratio.

    Parameters
    ----------
    ratio, low, high : array
        Risk ratio and the ends of its interval, all above 0; they broadcast.

    Returns
    -------
    EValue

    Notes
    -----
    RR + sqrt(RR (RR - 1)), of 1 / RR where RR is below 1.

    References
    ----------
    VanderWeele & Ding (2017), Sensitivity analysis in observational research: introducing the E-value, Annals of
    Internal Medicine 167, 268-274. doi:10.7326/M16-2607

    Examples
    --------
    >>> result = risk_ratio_e_value(3.9, 1.8, 8.7)
    >>> result.estimate.round(2), result.interval.round(2)
    (np.float64(7.26), np.float64(3.0))
    """
    ratio, low, high = np.broadcast_arrays(*(np.asarray(value, dtype=float) for value in (ratio, low, high)))
    missing = np.isnan(ratio) | np.isnan(low) | np.isnan(high)
    possible = (low > 0) & (low <= ratio) & (ratio <= high) & np.isfinite(high)
    reason = np.select([missing, ~possible], ["missing", "impossible"], default="").astype(object)
    fine = reason == ""
    ratio, low, high = (np.where(fine, value, 1.0) for value in (ratio, low, high))
    nearer = np.where(ratio >= 1, np.maximum(low, 1.0), np.minimum(high, 1.0))
    values = (np.where(fine, value, np.nan)[()] for value in (ratio, _e_value(ratio), _e_value(nearer)))
    return EValue(*values, reason[()])


def difference_e_value(difference: ArrayLike, low: ArrayLike, high: ArrayLike) -> EValue:
    """E-value of a standardised mean difference (in standard deviations) with the ends of its interval.

    Notes
    -----
    The risk ratio is approximated by exp(0.91 d).

    Examples
    --------
    >>> difference_e_value(0.5, 0.1, 0.9).estimate.round(2)
    np.float64(2.53)
    """
    ends = (np.asarray(value, dtype=float) for value in (difference, low, high))
    # a difference of 100 standard deviations stands for any larger: exp must not overflow
    return risk_ratio_e_value(*(np.exp(DIFFERENCE_TO_LOG_RATIO * np.clip(end, -100, 100)) for end in ends))


def correlation_e_value(r: ArrayLike, low: ArrayLike, high: ArrayLike) -> EValue:
    """E-value of a correlation with the ends of its interval, by way of d = 2 r / sqrt(1 - r^2).

    Notes
    -----
    The difference is that between people half of whom are high and half low on the factor, one standard deviation each
    side of the middle. Two approximations follow each other: read the result to one decimal.

    Examples
    --------
    >>> result = correlation_e_value(0.3, 0.2, 0.4)
    >>> result.estimate.round(2), result.interval.round(2)
    (np.float64(2.94), np.float64(2.26))
    """
    r, low, high = np.broadcast_arrays(*(np.asarray(value, dtype=float) for value in (r, low, high)))
    perfect = (np.abs(r) >= 1) | (np.abs(low) >= 1) | (np.abs(high) >= 1)
    values = [np.where(perfect, np.nan, value) for value in (r, low, high)]
    result = difference_e_value(*(2 * value / np.sqrt(1 - value**2) for value in values))
    return EValue(
        result.risk_ratio,
        result.estimate,
        result.interval,
        np.where(perfect, "perfect", result.reason).astype(object)[()],
    )


def _e_value(ratio: np.ndarray) -> np.ndarray:
    above = np.where(ratio >= 1, ratio, 1 / ratio)
    return above + np.sqrt(above * (above - 1))
