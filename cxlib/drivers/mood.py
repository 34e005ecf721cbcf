"""What a common mood that nobody asked about leaves behind: the bar for ratings that merely share the halo."""

from __future__ import annotations

import numpy as np

from cxlib.stats.reliability import one_factor

LOADED = 0.3  # a rating that shares less with the others tells nothing about their mood
FEWEST = 4  # such ratings; with fewer, what all have in common cannot be told from what each has of its own
LOWER = 0.15  # the second least telling of 8 to 13 ratings, the least of fewer; see the notes of `kept_by_mood`
REACH = 0.9  # one-sided confidence of both ends; more loses true factors for little (calibration_drivers.md)


def kept_by_mood(matrix: np.ndarray, resamples: np.ndarray) -> np.ndarray:
    """Adjusted association that a rating would keep if it shared the common mood and nothing else.

    Parameters
    ----------
    matrix : array of shape (p + 1, p + 1)
        Rank correlations, the outcome last; no factor repeats others.
    resamples : array of shape (resamples, p + 1, p + 1)
        The same of bootstrap resamples.

    Returns
    -------
    array of shape (p,)
        Upper end of its size, 0-1; 0 where no such mood is told from none; NaN where fewer than four ratings share one.

    Notes
    -----
    A mood that lifts all ratings and, by a path of its own, the outcome too cannot be held constant by ratings that
    measure it imperfectly: each keeps a small adjusted association, and with thousands of answers it is told from zero.
    With loadings L on the first common factor, outcome = c mood + sum of b rating gives the standardised regression
    coefficients c R^-1 L + b, so that each rating says how large c would be if it had no b. The size of c is a low
    quantile of that: in most surveys a few ratings have hardly a b. Where every factor counts alike, that cannot be
    told from a mood, and none stands out. A low quantile is drawn lower still by the noise of resamples; intervals are
    therefore reflected about the estimate (basic bootstrap). How often it errs: docs/calibration_drivers.md.
    """
    p = len(matrix) - 1
    nothing = np.full(p, np.nan)
    if p < FEWEST or not len(resamples):
        return nothing
    fit = one_factor(matrix[:-1, :-1])
    loaded = np.abs(fit.loadings) >= LOADED
    if not fit.converged or loaded.sum() < FEWEST:
        return nothing
    towards = np.sign(fit.loadings @ matrix[:-1, -1]) or 1.0
    strength, kept = _kept(matrix[None], fit.loadings, loaded, towards)
    drawn_strength, drawn = _kept(resamples, fit.loadings, loaded, towards)
    if 2 * strength[0] <= np.quantile(drawn_strength, REACH):
        return np.zeros(p)
    return np.maximum(2 * kept[0] - np.quantile(drawn, 1 - REACH, axis=0), 0.0)


def _kept(
    matrices: np.ndarray, loadings: np.ndarray, loaded: np.ndarray, towards: float
) -> tuple[np.ndarray, np.ndarray]:
    """Size of the mood's own path, and the adjusted association it leaves to each rating, shape (matrices, p)."""
    size = matrices.shape[-1]
    inverse = np.linalg.inv(matrices + 1e-10 * np.eye(size))
    own, outcome = np.diagonal(inverse, axis1=1, axis2=2)[:, :-1], inverse[:, -1:, -1]
    coefficients = -towards * inverse[:, :-1, -1] / outcome
    # the inverse of the factors alone, from that of all
    alone = inverse[:, :-1, :-1] - inverse[:, :-1, -1:] * inverse[:, -1:, :-1] / outcome[:, :, None]
    spread = alone @ loadings
    ratio = np.divide(coefficients, spread, out=np.zeros_like(spread), where=np.abs(spread) > 1e-6)
    strength = np.quantile(ratio[:, loaded], LOWER, axis=1, method="lower")
    return strength, strength[:, None] * np.abs(spread) * np.sqrt(outcome / own)
