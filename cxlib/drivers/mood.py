"""What a common mood that nobody asked about leaves behind: the bar for ratings that merely share the halo."""

from __future__ import annotations

import numpy as np

from cxlib.stats.reliability import one_factor

LOADED = 0.3  # a rating that shares less with the others tells nothing about their mood
FEWEST = 4  # such ratings; with fewer, what all have in common cannot be told from what each has of its own
LOWER = 0.25  # the quarter of the ratings that keep least; see `kept_by_mood`


def kept_by_mood(matrix: np.ndarray, resamples: np.ndarray, confidence: float) -> np.ndarray:
    """Adjusted association that a rating would keep if it shared the common mood and nothing else.

    Parameters
    ----------
    matrix : array of shape (p + 1, p + 1)
        Rank correlations, the outcome last; no factor repeats others.
    resamples : array of shape (resamples, p + 1, p + 1)
        The same of bootstrap resamples.
    confidence : float in (0, 1)

    Returns
    -------
    array of shape (p,)
        Upper end of the interval of its size, 0-1; NaN where fewer than four ratings share a mood.

    Notes
    -----
    A mood that lifts all ratings and, by a path of its own, the outcome too cannot be held constant by ratings that
    measure it imperfectly: each keeps a small adjusted association, and with thousands of answers it is told from zero.
    With loadings L on the first common factor, outcome = c mood + sum of b rating gives the standardised regression
    coefficients c R^-1 L + b. So each rating says how large c would be if it had no b. The size of c is taken from the
    quarter of the ratings that say least (never below 0): most real surveys hold ratings with hardly a b. Where every
    factor counts alike, that is indistinguishable from mood, and none stands out. docs/calibration_mood.md.
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
    inverse = np.linalg.inv(resamples + 1e-10 * np.eye(p + 1))
    own, outcome = np.diagonal(inverse, axis1=1, axis2=2)[:, :-1], inverse[:, -1:, -1]
    coefficients = -towards * inverse[:, :-1, -1] / outcome
    # the inverse of the factors alone, from that of all
    alone = inverse[:, :-1, :-1] - inverse[:, :-1, -1:] * inverse[:, -1:, :-1] / outcome[:, :, None]
    spread = alone @ fit.loadings
    telling = loaded & (np.abs(spread) > 1e-6).all(axis=0)
    if telling.sum() < FEWEST:
        return nothing
    strength = np.quantile(coefficients[:, telling] / spread[:, telling], LOWER, axis=1)
    kept = np.maximum(strength, 0.0)[:, None] * np.abs(spread) * np.sqrt(outcome / own)
    return np.quantile(kept, 0.5 + confidence / 2, axis=0)
