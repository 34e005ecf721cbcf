"""Shape of a factor: does it hurt when it fails, delight when it excels, or pay at every step?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats as distributions

from cxlib.stats.regression import least_squares

MIN_CELL = 10  # low (or high) ratings needed for a contrast; robust errors of fewer are too small
FLAT = 0.2  # standard deviations of the outcome; contrasts surely smaller than this small effect are flat


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
    """

    kind: str
    penalty: float
    penalty_low: float
    penalty_high: float
    reward: float
    reward_low: float
    reward_high: float


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
    confidence: float = 0.95,
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
    confidence : float
        Coverage of the intervals and level of the classification.

    Returns
    -------
    list of Shape
        One a factor. NaN where fewer than 10 people rated low (high), and 'unclear' where the intervals decide nothing.

    Notes
    -----
    Least squares of the outcome on a low, a high and a missing mark of every factor. hurts_when_fails: the penalty's
    interval excludes 0, the reward's does not, and the two sizes differ by their own test; delights: the mirror image;
    every_step: both intervals exclude 0; flat: both lie within a fifth of the outcome's standard deviation.

    References
    ----------
    Brandt (1988), How service marketers can identify value-enhancing service elements, Journal of Services Marketing
    2(3), 35-41. doi:10.1108/eb024732
    """
    answered = np.isfinite(outcome)
    y, x = outcome[answered], ratings[answered]
    factors = x.shape[1]
    weights = None if weights is None else weights[answered]
    if clusters is not None:
        clusters = np.unique(clusters[answered], return_inverse=True)[1]
        if clusters.size == 0 or clusters.max() < 1:
            clusters = None
    marks = [rating_thirds(x[:, j], scales[j]) for j in range(factors)]
    design = np.column_stack([np.ones(len(y)), *[mark for three in marks for mark in three]]).astype(float)
    fit = least_squares(design, y, weights=weights, clusters=clusters) if len(y) else None
    if fit is None:
        return [UNCLEAR] * factors
    spread = float(np.sqrt(np.average((y - np.average(y, weights=weights)) ** 2, weights=weights)))
    reach = float(distributions.t.ppf(1 - (1 - confidence) / 2, fit.df))
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
            )
        )
    return shapes


def _shape(effect: np.ndarray, covariance: np.ndarray, enough: tuple[bool, bool], reach: float, flat: float) -> Shape:
    variance = np.diag(covariance)
    usable = np.array(enough) & np.isfinite(effect) & (variance > 0)
    effect = np.where(usable, effect, np.nan)
    half = reach * np.sqrt(np.where(usable, variance, np.nan))
    low, high = effect - half, effect + half
    numbers = [float(value) for pair in zip(effect, low, high, strict=True) for value in pair]
    if not usable.all():
        return Shape("unclear", *numbers)
    # penalty + reward is 0 when a low rating costs as much as a high one gains
    tilt = effect.sum()
    sure = abs(tilt) > reach * np.sqrt(max(covariance.sum(), 0.0))
    hurts, pays = high[0] < 0, low[1] > 0
    if low.min() > -flat and high.max() < flat:
        kind = "flat"
    elif hurts and pays:
        kind = "every_step"
    elif hurts and low[1] <= 0 <= high[1] and sure and tilt < 0:
        kind = "hurts_when_fails"
    elif pays and low[0] <= 0 <= high[0] and sure and tilt > 0:
        kind = "delights"
    else:
        kind = "unclear"
    return Shape(kind, *numbers)
