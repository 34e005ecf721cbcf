"""Expected drift: how far units chosen for a bad (or good) wave move back without any action."""

from __future__ import annotations

from dataclasses import replace
from math import hypot, sqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats as distributions
from scipy.special import ndtr

from cxlib.stats.effects import Effect

GRID = 400  # shrinkages tried, evenly from 0 to 1: the interval moves by less than a hundredth with twice as many
HALVINGS = 60  # of the bracket of an interval's end


class Drift(NamedTuple):
    """Expected change of chosen units without any action; points of the scale."""

    estimate: float
    error: float
    low: float
    high: float


NOTHING = Drift(float("nan"), float("nan"), float("nan"), float("nan"))


def expected_drift(
    means: ArrayLike,
    counts: ArrayLike,
    within_variance: float,
    chosen: ArrayLike,
    confidence: float = 0.95,
    *,
    compared: ArrayLike | None = None,
    weights: ArrayLike | None = None,
) -> Drift:
    """Regression to the mean of chosen units, by empirical Bayes.

    Parameters
    ----------
    means, counts : array of shape (units,)
        Mean and number of answers of every unit in the wave they were chosen by (with weights: the effective number).
    within_variance : float
        Variance of answers within units.
    chosen : boolean array of shape (units,)
        Units acted on.
    confidence : float in (0, 1)
    compared : boolean array of shape (units,), optional
        Units they are compared with: these drift the other way, and their drift is taken off. None: no comparison.
    weights : array of shape (units,), optional
        Weight of each unit in the estimate that the drift is taken from. None: all alike.

    Returns
    -------
    Drift
        estimate, error, low, high. NaN with fewer than 4 units or none chosen; zeros where answers within units do not
        differ.

    Notes
    -----
    A unit's mean m stands for its lasting level with variance within/n; its level is expected at
    m + (1 - reliability) (overall mean - m), reliability = between / (between + within/n). What is not known well is
    `between`: it is integrated out over its restricted likelihood with the uniform-shrinkage prior, so that a wave
    which hardly tells lasting differences from chance gives a long interval, not a wrong short one. Where Cochran's Q
    does not rule out that all units are alike, the interval reaches to the drift that would then follow. All units
    enter, therefore having picked the worst ones does not bias the answer. The spread of the chosen units' own levels
    about what is expected is not in the interval: it is in the error of the change already.

    A level that moves from wave to wave for reasons of its own drifts back further than this; several waves before the
    action are the better guard.

    References
    ----------
    Morris & Tang (2011), Statistical Science 26, 271-287. doi:10.1214/11-STS346
    Daniels (1999), Canadian Journal of Statistics 27, 567-578. doi:10.2307/3316112
    Efron & Morris (1977), Scientific American 236(5), 119-127. doi:10.1038/scientificamerican0577-119

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> means = 4 + rng.normal(0, 0.2, 30) + rng.normal(0, 0.2, 30)
    >>> drift = expected_drift(means, np.full(30, 25), 1.0, means <= np.sort(means)[4])
    >>> 0.1 < drift.low < drift.estimate < drift.high < 0.5
    True
    """
    means, counts, chosen = np.asarray(means, float), np.asarray(counts, float), np.asarray(chosen, bool)
    weight = np.ones(len(means)) if weights is None else np.asarray(weights, float)
    against = np.zeros(len(means), bool) if compared is None else np.asarray(compared, bool)
    known = np.isfinite(means) & (counts > 0)
    means, counts, chosen, against, weight = (part[known] for part in (means, counts, chosen, against, weight))
    if len(means) < 4 or not chosen.any() or not np.isfinite(within_variance):
        return NOTHING
    if within_variance <= 0:
        return Drift(0.0, 0.0, 0.0, 0.0)
    share = np.where(chosen, weight / weight[chosen].sum(), 0.0)
    if against.any():
        share = share - np.where(against, weight / weight[against].sum(), 0.0)
    chance, drift, variance = _posterior(means, within_variance / counts, share)
    estimate = float(chance @ drift)
    error = sqrt(float(chance @ (variance + drift**2)) - estimate**2)
    low, high = (_quantile(q, chance, drift, np.sqrt(variance)) for q in ((1 - confidence) / 2, (1 + confidence) / 2))
    whole = _whole_drift(means, within_variance / counts, share, confidence)
    return Drift(estimate, error, float(np.fmin(low, whole)), float(np.fmax(high, whole)))


def net_of_drift(effect: Effect, drift: Drift, confidence: float = 0.95) -> Effect:
    """An effect less the drift that was to be expected; its error holds both.

    Parameters
    ----------
    effect : Effect
        Measured from the wave by which the units were chosen.
    drift : Drift
        Of the same comparison.
    confidence : float in (0, 1)

    Returns
    -------
    Effect
        The effect itself where it has no interval or there is no drift to take off.

    Notes
    -----
    Zou and Donner's interval of a difference: each end goes as far as the effect's own interval and the drift's farther
    end, together as independent distances do. The drift's interval is lopsided, a normal one would be too short on the
    side that matters. `p` is that of the distance from zero in this interval.

    References
    ----------
    Zou & Donner (2008), Statistics in Medicine 27, 1693-1702. doi:10.1002/sim.3095
    """
    if effect.reason or not (np.isfinite(drift.estimate) and np.isfinite(effect.error)):
        return effect
    estimate = effect.estimate - drift.estimate
    below = hypot(effect.estimate - effect.low, drift.high - drift.estimate)
    above = hypot(effect.high - effect.estimate, drift.estimate - drift.low)
    reach = float(distributions.t.isf((1 - confidence) / 2, effect.df))
    p = float(2 * distributions.t.sf(abs(estimate) * reach / (below if estimate > 0 else above), effect.df))
    return replace(
        effect,
        estimate=estimate,
        error=hypot(effect.error, drift.error),
        low=estimate - below,
        high=estimate + above,
        p=p,
    )


def _whole_drift(means: np.ndarray, noise: np.ndarray, share: np.ndarray, confidence: float) -> float:
    """Drift if all units are alike and only chance differs; NaN where they surely are not (Cochran's Q)."""
    centre = (means / noise).sum() / (1 / noise).sum()
    test = float(((means - centre) ** 2 / noise).sum())
    if distributions.chi2.sf(test, len(means) - 1) < 1 - confidence:
        return float("nan")
    return float((share * (centre - means)).sum())


def _posterior(means: np.ndarray, noise: np.ndarray, share: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Chance of each shrinkage on a grid, with the drift it implies and that drift's variance."""
    typical = len(noise) / (1 / noise).sum()
    shrinkage = (np.arange(GRID) + 0.5) / GRID  # uniform prior on typical / (typical + between)
    between = typical * (1 - shrinkage) / shrinkage
    precision = 1 / (between[:, None] + noise)
    total = precision.sum(axis=1)
    centre = (precision @ means) / total
    squares = (precision * (means - centre[:, None]) ** 2).sum(axis=1)
    likelihood = 0.5 * np.log(precision).sum(axis=1) - 0.5 * np.log(total) - 0.5 * squares
    chance = np.exp(likelihood - likelihood.max())
    chance /= chance.sum()
    back = noise * precision * share  # 1 - reliability of each unit, times its share in the estimate
    drift = back.sum(axis=1) * centre - back @ means
    return chance, drift, back.sum(axis=1) ** 2 / total


def _quantile(q: float, chance: np.ndarray, centres: np.ndarray, spreads: np.ndarray) -> float:
    """Quantile of a mixture of normal distributions."""
    far = 10 * max(float(spreads.max()), 1e-12)
    low, high = float(centres.min()) - far, float(centres.max()) + far
    spreads = np.maximum(spreads, 1e-12)
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        if chance @ ndtr((middle - centres) / spreads) < q:
            low = middle
        else:
            high = middle
    return (low + high) / 2
