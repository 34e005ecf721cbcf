"""One shape for every estimate of a change: what it is, how sure, from how many."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, isfinite, nan

from cxlib.stats.student import t_above, t_limit


@dataclass(frozen=True)
class Effect:
    """An estimated change with its interval.

    Parameters
    ----------
    method : str
        'difference' (two waves, everyone acted on), 'paired', 'did', 'paired_did', 'staggered', 'series', 'share' or
        'index'; '' when nothing fits.
    inference : str
        Where error, interval and p come from: 'welch', 'cluster', 'wild', 'permutation', 'randomisation', 'hac',
        'newcombe', 'bootstrap'; '' when there is none.
    estimate : float
        Points of the question's own scale (shares 0-1, an index -100 to 100); NaN when there is none.
    error : float
        Standard error of the estimate, same unit. Where the interval does not come from it (permutation, randomisation,
        wild) it is still the one that fits the design, so that a detectable change can be told.
    df : float
        Degrees of freedom of the error; infinite for the normal distribution.
    low, high : float
        Interval of the estimate; infinite where so few units exclude nothing.
    p : float
        Two-sided, of no change.
    n : int
        Answers behind the estimate.
    units : tuple of two int
        Units acted on and units compared with; zeros where people are the units.
    smallest_p : float
        Smallest p that this number of units (or draws) can give; 0 where there is no such floor.
    reason : str
        '' when fine, else why there is no estimate or no interval: 'few' (answers), 'few_units', 'one_unit', 'constant'
        (no spread to tell an error from), 'no_overlap' (nobody left to compare).
    """

    method: str
    inference: str
    estimate: float
    error: float
    df: float
    low: float
    high: float
    p: float
    n: int
    units: tuple[int, int] = (0, 0)
    smallest_p: float = 0.0
    reason: str = ""

    @classmethod
    def none(cls, method: str, reason: str, *, n: int = 0, units: tuple[int, int] = (0, 0)) -> Effect:
        """No estimate, and why."""
        return cls(method, "", nan, nan, nan, nan, nan, nan, n, units, 0.0, reason)

    @property
    def tested(self) -> bool:
        """Is there an interval to judge by?"""
        return self.reason == "" and not (self.low != self.low or self.high != self.high)


def t_effect(
    method: str,
    inference: str,
    estimate: float,
    error: float,
    df: float,
    *,
    n: int,
    units: tuple[int, int] = (0, 0),
    confidence: float = 0.95,
) -> Effect:
    """An effect whose interval and p follow from its standard error and a t distribution.

    Parameters
    ----------
    method, inference, estimate, error, df, n, units
        As in `Effect`; df may be infinite.
    confidence : float in (0, 1)
        Coverage of the interval.

    Returns
    -------
    Effect
        With `reason` 'constant', the estimate and no interval, when the error is zero; with 'few' when the error or the
        degrees of freedom cannot be told.

    Examples
    --------
    >>> effect = t_effect("difference", "welch", 0.4, 0.1, 50, n=100)
    >>> round(effect.low, 2), round(effect.high, 2)
    (0.2, 0.6)
    """
    if not isfinite(estimate):
        return Effect.none(method, "few", n=n, units=units)
    if error == 0 or not (isfinite(error) and df > 0):
        why = "constant" if error == 0 else "few"
        return Effect(method, "", float(estimate), nan, nan, nan, nan, nan, n, units, 0.0, why)
    degrees = float(df) if df < inf else inf
    reach = float(t_limit(confidence, degrees)) * error
    p = 2 * t_above(abs(estimate) / error, degrees)
    low, high = float(estimate - reach), float(estimate + reach)
    return Effect(method, inference, float(estimate), float(error), degrees, low, high, p, n, units)
