"""The interval of a difference in differences from some five to twenty units: a restricted wild bootstrap."""

from __future__ import annotations

from math import inf

import numpy as np
from numpy.typing import ArrayLike

from cxlib.stats.effects import Effect

DRAWS = 1999  # alpha (draws + 1) is a whole number for 5 %, 2.5 %, 1 %: the p value is then exact, not only nearly so
MIN_UNITS = 3  # in each arm: with two, a drawn arm has no spread in one draw of six
WEBB = np.sqrt(np.array([0.5, 1.0, 1.5]))  # six points, mean 0 and variance 1: enough different draws from five units
HALVINGS = 40  # of the bracket of an end: exact to rounding
DOUBLINGS = 12  # an end farther away than 2^12 standard errors is no end


def wild_cluster_interval(
    acted: ArrayLike, others: ArrayLike, *, n: int = 0, confidence: float = 0.95, seed: int = 1, draws: int = DRAWS
) -> Effect:
    """Difference of two groups of unit changes, its interval by a restricted wild cluster bootstrap.

    Parameters
    ----------
    acted, others : array of shape (units,)
        Change of every unit, in points of the scale; NaN units are left out.
    n : int
        Answers behind the changes, only handed on.
    confidence : float in (0, 1)
    seed : int
        Of the bootstrap's draws.
    draws : int
        How many.

    Returns
    -------
    Effect
        Method 'did', inference 'wild'; `error` and `df` are Welch's (those of cluster-robust CR2 errors with
        Satterthwaite's degrees of freedom), `p` and the interval the bootstrap's. Reason 'few_units' with fewer than 3
        units in an arm, 'constant' where the units of both arms do not differ at all.

    Notes
    -----
    A unit's change is one number, so its cluster is one row, and the regression is the difference of two means. For
    every difference d on trial the residuals under "the difference is d" are multiplied by Webb's six-point weights,
    and the t statistic (Welch's) of each draw is compared with the observed one; the interval holds each d with
    p >= alpha.     Why not `wildboottest`: docs/change_libraries.md.

    References
    ----------
    Cameron, Gelbach & Miller (2008), Review of Economics and Statistics 90, 414-427. doi:10.1162/rest.90.3.414
    Webb (2023), Canadian Journal of Economics 56, 839-858. doi:10.1111/caje.12661
    MacKinnon & Webb (2018), Econometrics Journal 21, 114-135. doi:10.1111/ectj.12107 (few acted units: the test is then
    cautious)

    Examples
    --------
    >>> effect = wild_cluster_interval([0.5, 0.7, 0.4, 0.6, 0.8], [0.1, -0.2, 0.0, 0.2, -0.1, 0.0])
    >>> round(effect.estimate, 2), effect.low > 0.3, effect.high < 0.9
    (0.6, True, True)
    """
    acted, others = (_known(side) for side in (acted, others))
    units = (acted.size, others.size)
    if min(units) < MIN_UNITS:
        return Effect.none("did", "few_units", n=n, units=units)
    estimate = float(acted.mean() - others.mean())
    parts = np.array([acted.var(ddof=1) / acted.size, others.var(ddof=1) / others.size])
    error = float(np.sqrt(parts.sum()))
    if not error > 1e-12 * max(1.0, abs(estimate)):
        return Effect("did", "", estimate, np.nan, np.nan, np.nan, np.nan, np.nan, n, units, 0.0, "constant")
    df = float(parts.sum() ** 2 / (parts**2 / (np.array(units) - 1)).sum())
    trial = _Trial(acted, others, estimate, error, _webb(draws, sum(units), seed))
    alpha = 1 - confidence
    low, high = (_end(trial, sign, alpha) for sign in (-1.0, 1.0))
    return Effect("did", "wild", estimate, error, df, low, high, trial.p(0.0), n, units, 1 / (draws + 1), "")


def _known(values: ArrayLike) -> np.ndarray:
    values = np.asarray(values, dtype=float)
    return values[np.isfinite(values)]


def _webb(draws: int, units: int, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.choice(np.concatenate([-WEBB, WEBB]), size=(draws, units))


class _Trial:
    """p of every difference one cares to try, always with the same draws, so that p moves smoothly with it."""

    def __init__(
        self, acted: np.ndarray, others: np.ndarray, estimate: float, error: float, weights: np.ndarray
    ) -> None:
        self.estimate, self.error = estimate, error
        self._values = np.concatenate([acted, others])
        self._acted = np.arange(self._values.size) < acted.size
        self._weights = weights

    def p(self, difference: float) -> float:
        """Two-sided p of "the difference is this"."""
        left = self._values - difference * self._acted
        drawn = self._weights * (left - left.mean())
        first, second = drawn[:, self._acted], drawn[:, ~self._acted]
        spread = first.var(axis=1, ddof=1) / first.shape[1] + second.var(axis=1, ddof=1) / second.shape[1]
        gap = np.abs(first.mean(axis=1) - second.mean(axis=1))
        seen = abs(self.estimate - difference) / self.error
        as_far = gap >= seen * np.sqrt(spread) * (1 - 1e-12)
        return float((1 + as_far.sum()) / (1 + as_far.size))


def _end(trial: _Trial, sign: float, alpha: float) -> float:
    """The difference farthest to one side that is not rejected."""
    inside, step = trial.estimate, 2 * trial.error
    for _ in range(DOUBLINGS):
        outside = inside + sign * step
        if trial.p(outside) < alpha:
            break
        inside, step = outside, 2 * step
    else:
        return sign * inf
    for _ in range(HALVINGS):
        middle = (inside + outside) / 2
        if trial.p(middle) < alpha:
            outside = middle
        else:
            inside = middle
    return float(outside)
