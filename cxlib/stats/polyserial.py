"""Polyserial correlation: a measured quantity with the leaning behind an ordered answer."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike
from scipy import optimize, special

from cxlib.stats.association import MIN_PAIRS
from cxlib.stats.binormal import normal_density
from cxlib.stats.polychoric import LEAST_SHARE, LIMIT, STEEP, LatentCorrelation, latent_correlation

STEPS = 100  # scoring converges in about eight
HALVINGS = 40
CONVERGED = 1e-10


def polyserial(
    x: ArrayLike,
    y: ArrayLike,
    *,
    weights: ArrayLike | None = None,
    maximum_likelihood: bool = False,
    confidence: float = 0.95,
) -> LatentCorrelation:
    """Polyserial correlation of a measured quantity with an ordered answer.

    Parameters
    ----------
    x : array of shape (people,)
        Measured (seconds, amounts); taken as normally distributed. NaN is missing.
    y : array of shape (people,)
        Ordered answer; NaN is missing.
    weights : array of shape (people,), optional
        Design weights.
    maximum_likelihood : bool
        False takes the thresholds of y from its margin, then finds the correlation (two-step); True finds all together.
    confidence : float in (0, 1)

    Returns
    -------
    LatentCorrelation
        Numbers. People who lack either answer are left out. Reasons are those of `LatentCorrelation`.

    Notes
    -----
    The standard error holds that of the mean and spread of x and of the thresholds. polycor takes the former as known,
    and in two-step the latter too, so that its errors are smaller.

    References
    ----------
    Olsson, Drasgow & Dorans (1982), The polyserial correlation coefficient, Psychometrika 47, 337-347.
    doi:10.1007/BF02294164

    Examples
    --------
    >>> polyserial([1.2, 0.4, 2.2, 3.1, 2.0, 4.4, 3.5, 5.1], [1, 1, 1, 2, 2, 2, 3, 2]).estimate.round(2)
    np.float64(0.73)
    """
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    weights = np.ones(x.shape) if weights is None else np.asarray(weights, dtype=float)
    there = np.isfinite(x) & np.isfinite(y) & (weights > 0)
    x, y, weights = x[there], y[there], weights[there]
    n = weights.sum() ** 2 / (weights**2).sum() if len(x) else 0.0
    estimate = error = np.nan
    if not len(x):
        reason = "all_missing"
    elif n < MIN_PAIRS:
        reason = "too_few"
    elif np.ptp(x) == 0 or np.ptp(y) == 0:
        reason = "constant"
    else:
        estimate, error, reason = _fit(x, y, weights / weights.sum(), maximum_likelihood)
    return latent_correlation(
        "polyserial" + "_ml" * maximum_likelihood,
        np.array([n]),
        np.array([reason], dtype=object),
        confidence,
        (),
        estimate=np.array([estimate]),
        error=np.array([error / np.sqrt(n) if n else np.nan]),
        misfit_p=np.array([np.nan]),
    )


def _fit(x: np.ndarray, y: np.ndarray, shares: np.ndarray, maximum_likelihood: bool) -> tuple[float, float, str]:
    """Correlation, its standard error times sqrt(n), and what is wrong."""
    z = x - shares @ x
    z = z / np.sqrt(shares @ z**2)
    level = np.unique(y, return_inverse=True)[1]
    below = np.cumsum(np.bincount(level, shares))[:-1]
    cuts = special.ndtri(below)

    def slope(at: float) -> float:
        chances = _own_chances(z, level, cuts, at)
        # an answer next to impossible: its density is rounded to 0, the way back to 0 is sure
        impossible = (chances <= LEAST_SHARE).any()
        return -np.sign(at) * STEEP if impossible else _slopes(z, level, shares, cuts, at)[0]

    for end in (-1.0, 1.0):
        if end * slope(end * LIMIT) > 0:
            return end, np.nan, "perfect"
    rho = optimize.brentq(slope, -LIMIT, LIMIT, xtol=1e-13)
    if maximum_likelihood:
        rho, cuts, converged = _all_together(z, level, shares, cuts, rho)
        if not converged:
            return np.nan, np.nan, "not_converged"
        information = _information(z, shares, cuts, rho)
        information[[-2, -1], [-2, -1]] += [1.0, 2.0]  # what x itself tells of its mean and standard deviation
        return rho, float(np.sqrt(np.linalg.inv(information)[0, 0])), ""
    information = _information(z, shares, cuts, rho)[0]
    at_or_below = level[:, None] <= np.arange(len(cuts))
    # how each person moves the thresholds, the mean and the standard deviation of x
    moved = np.column_stack([(at_or_below - below) / normal_density(cuts), z, (z**2 - 1) / 2])
    influence = _scores(z, level, cuts, rho)[:, 0] - moved @ information[1:]
    return rho, float(np.sqrt(shares @ influence**2) / information[0]), ""


def _all_together(
    z: np.ndarray, level: np.ndarray, shares: np.ndarray, cuts: np.ndarray, rho: float
) -> tuple[float, np.ndarray, bool]:
    """Maximum likelihood by scoring from the two-step values; a step that lowers the likelihood is halved."""
    here = np.array([rho, *cuts])
    now = _likelihood(z, level, shares, here)
    for _ in range(STEPS):
        slopes = _slopes(z, level, shares, here[1:], here[0])
        step = np.linalg.solve(_information(z, shares, here[1:], here[0])[:-2, :-2], slopes)
        if np.abs(step).max() <= CONVERGED:
            return float(here[0]), here[1:], True
        for _ in range(HALVINGS):
            then = _likelihood(z, level, shares, here + step)
            if then >= now - 1e-14:
                break
            step = step / 2
        else:
            break
        here, now = here + step, then
    return float(here[0]), here[1:], False


def _likelihood(z: np.ndarray, level: np.ndarray, shares: np.ndarray, at: np.ndarray) -> float:
    if abs(at[0]) >= LIMIT or (np.diff(at[1:]) <= 0).any():
        return -np.inf
    return float(shares @ np.log(_own_chances(z, level, at[1:], at[0])))


def _own_chances(z: np.ndarray, level: np.ndarray, cuts: np.ndarray, rho: float) -> np.ndarray:
    """Everybody's chance to give the answer that they gave."""
    chances = np.empty(len(z))
    for number, (chance, _) in enumerate(_levels(z, cuts, rho)):
        chances[level == number] = chance[level == number]
    return chances


def _slopes(z: np.ndarray, level: np.ndarray, shares: np.ndarray, cuts: np.ndarray, rho: float) -> np.ndarray:
    """Slopes of the likelihood by the correlation and each threshold."""
    return shares @ _scores(z, level, cuts, rho)


def _scores(z: np.ndarray, level: np.ndarray, cuts: np.ndarray, rho: float) -> np.ndarray:
    """Each person's slopes by the correlation and each threshold."""
    scores = np.empty((len(z), 1 + len(cuts)))
    for number, (chance, change) in enumerate(_levels(z, cuts, rho)):
        own = level == number
        scores[own] = change[own, :-2] / chance[own, None]
    return scores


def _information(z: np.ndarray, shares: np.ndarray, cuts: np.ndarray, rho: float) -> np.ndarray:
    """Expected information on the correlation, the thresholds, and the mean and standard deviation of x."""
    return sum(change.T @ (change * (shares / chance)[:, None]) for chance, change in _levels(z, cuts, rho))


def _levels(z: np.ndarray, cuts: np.ndarray, rho: float) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Of each level everybody's chance to give it; its change by correlation, thresholds, mean and deviation of x."""
    root = np.sqrt(1 - rho**2)
    size = len(cuts)
    under, under_change = np.zeros(len(z)), np.zeros((len(z), size + 3))
    for number in range(size + 1):
        if number < size:
            limit = (cuts[number] - rho * z) / root
            density = normal_density(limit)
            upto, change = special.ndtr(limit), np.zeros((len(z), size + 3))
            change[:, 0] = density * (rho * cuts[number] - z) / root**3
            change[:, 1 + number] = density / root
            change[:, -2] = density * rho / root
            change[:, -1] = change[:, -2] * z
        else:
            upto, change = np.ones(len(z)), np.zeros((len(z), size + 3))
        yield np.maximum(upto - under, LEAST_SHARE), change - under_change
        under, under_change = upto, change
