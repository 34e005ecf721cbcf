"""Shape of a factor: does it hurt when it fails, delight when it excels, or pay at every step?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import stats as distributions

from cxlib.stats.regression import least_squares
from cxlib.stats.sampling import Strata

MIN_CELL = 10  # low (or high) ratings needed for a contrast; robust errors of fewer are too small
FLAT = 0.2  # standard deviations of the outcome; contrasts surely smaller than this small effect are flat
DRAWS = 4000  # behind the certainty of a class: its own error stays below one hundredth
KINDS = ("unclear", "flat", "every_step", "hurts_when_fails", "delights")


@dataclass(frozen=True)
class Shape:
    """Low and high ratings of one factor against its middle ones, the other factors held.

    Parameters
    ----------
    kind : str
        'hurts_when_fails', 'delights', 'every_step', 'flat' or 'unclear'.
    penalty, penalty_low, penalty_high : float
        How the outcome of low raters differs from that of middle raters, in points of the outcome's scale; usually
        negative.
    reward, reward_low, reward_high : float
        The same for high raters; usually positive.
    sure : float
        How often the class comes out again, 0-1, when penalty and reward vary together as surveys like this one make
        them vary; NaN where there is no contrast to vary.
    """

    kind: str
    penalty: float
    penalty_low: float
    penalty_high: float
    reward: float
    reward_low: float
    reward_high: float
    sure: float = float("nan")


UNCLEAR = Shape("unclear", *[float("nan")] * 6)


def rating_thirds(ratings: np.ndarray, scale: tuple[float, float]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Which ratings are low, which high, which missing; the rest are middle.

    Parameters
    ----------
    ratings : array
        NaN is missing.
    scale : (lowest, highest)

    Returns
    -------
    low, high, missing : boolean arrays

    Notes
    -----
    The middle is the middle answer, the two middle ones of an even scale, and on long scales the central third
    (3 of 1-5, 2-3 of 1-4, 4-6 of 0-10): a single answer out of eleven is too rare to compare with.

    Examples
    --------
    >>> low, high, missing = rating_thirds(np.array([1, 2, 3, 4, 5, np.nan]), (1, 5))
    >>> low.sum(), high.sum(), missing.sum()
    (np.int64(2), np.int64(2), np.int64(1))
    """
    middle = (scale[0] + scale[1]) / 2
    reach = max(0.5, (scale[1] - scale[0]) / 6) + 1e-9
    return ratings < middle - reach, ratings > middle + reach, np.isnan(ratings)


def penalty_reward(
    outcome: np.ndarray,
    ratings: np.ndarray,
    scales: Sequence[tuple[float, float]],
    *,
    weights: np.ndarray | None = None,
    clusters: np.ndarray | None = None,
    strata: Strata | None = None,
    confidence: float = 0.95,
    seed: int = 1,
) -> list[Shape]:
    """Penalty-reward contrasts of all factors at once.

    Parameters
    ----------
    outcome : array of shape (people,)
        NaN is missing; those people are left out.
    ratings : array of shape (people, factors)
        NaN is missing: that person is neither low nor high on this factor and gets a mark of their own for it.
    scales : sequence of (lowest, highest)
        Of each factor.
    weights : array of shape (people,), optional
    clusters : integer array of shape (people,), optional
        Unit of each person; covariance is then robust to units.
    strata : Strata, optional
        Part of the population that each person (or unit) was drawn from.
    confidence : float
        Coverage of the intervals and level of the classification.
    seed : int
        Of the draws behind `Shape.sure`.

    Returns
    -------
    list of Shape
        One a factor. NaN where fewer than 10 people rated low (high), and 'unclear' where the intervals decide nothing.

    Notes
    -----
    Least squares of the outcome on a low, a high and a missing mark of every factor. hurts_when_fails: the penalty's
    interval excludes 0, the reward's does not, and the two sizes differ by their own test; delights: the mirror image;
    every_step: both intervals exclude 0; flat: both lie within a fifth of the outcome's standard deviation. `sure` is
    the part of 4000 draws from the joint normal distribution of penalty and reward, about their estimates, that get the
    reported class.

    References
    ----------
    Brandt (1988), How service marketers can identify value-enhancing service elements, Journal of Services Marketing
    2(3), 35-41. doi:10.1108/eb024732
    """
    answered = np.isfinite(outcome)
    y, x = outcome[answered], ratings[answered]
    factors = x.shape[1]
    weights = None if weights is None else weights[answered]
    strata = None if strata is None else strata.part(answered)
    if clusters is not None:
        clusters = np.unique(clusters[answered], return_inverse=True)[1]
        if clusters.size == 0 or clusters.max() < 1:
            clusters = None
    marks = [rating_thirds(x[:, j], scales[j]) for j in range(factors)]
    design = np.column_stack([np.ones(len(y)), *[mark for three in marks for mark in three]]).astype(float)
    fit = least_squares(design, y, weights=weights, clusters=clusters, strata=strata) if len(y) else None
    if fit is None:
        return [UNCLEAR] * factors
    spread = float(np.sqrt(np.average((y - np.average(y, weights=weights)) ** 2, weights=weights)))
    reach = float(distributions.t.ppf(1 - (1 - confidence) / 2, fit.df))
    normal = np.random.default_rng([seed, 17]).standard_normal((DRAWS, 2))
    shapes = []
    for j, (low, high, missing) in enumerate(marks):
        middle = int((~low & ~high & ~missing).sum())
        at = 1 + 3 * j
        shapes.append(
            _shape(
                fit.coefficients[at : at + 2],
                fit.covariance[at : at + 2, at : at + 2],
                (low.sum() >= MIN_CELL and middle >= MIN_CELL, high.sum() >= MIN_CELL and middle >= MIN_CELL),
                reach,
                FLAT * spread,
                normal,
            )
        )
    return shapes


def _shape(
    effect: np.ndarray,
    covariance: np.ndarray,
    enough: tuple[bool, bool],
    reach: float,
    flat: float,
    normal: np.ndarray,
) -> Shape:
    variance = np.diag(covariance)
    usable = np.array(enough) & np.isfinite(effect) & (variance > 0)
    effect = np.where(usable, effect, np.nan)
    half = reach * np.sqrt(np.where(usable, variance, np.nan))
    numbers = [float(value) for pair in zip(effect, effect - half, effect + half, strict=True) for value in pair]
    if not usable.all():
        return Shape("unclear", *numbers)
    tilted = reach * np.sqrt(max(covariance.sum(), 0.0))
    kind = int(_classes(effect[None], half, tilted, flat)[0])
    values, vectors = np.linalg.eigh(covariance)
    drawn = effect + normal @ (vectors * np.sqrt(np.maximum(values, 0.0))).T
    sure = float((_classes(drawn, half, tilted, flat) == kind).mean())
    return replace(Shape(KINDS[kind], *numbers), sure=sure)


def _classes(effects: np.ndarray, half: np.ndarray, tilted: float, flat: float) -> np.ndarray:
    """Place in `KINDS` of penalty and reward, shape (draws, 2); `half` their intervals' half widths, `tilted` that of
    their sum."""
    low, high = effects - half, effects + half
    # penalty + reward is 0 when a low rating costs as much as a high one gains
    tilt = effects.sum(axis=1)
    hurts, pays = high[:, 0] < 0, low[:, 1] > 0
    fails = hurts & (low[:, 1] <= 0) & (high[:, 1] >= 0) & (tilt < -tilted)
    delights = pays & (low[:, 0] <= 0) & (high[:, 0] >= 0) & (tilt > tilted)
    small = (low.min(axis=1) > -flat) & (high.max(axis=1) < flat)
    return np.select([small, hurts & pays, fails, delights], [1, 2, 3, 4], 0)
