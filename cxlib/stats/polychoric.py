"""Polychoric correlation: the correlation of the leanings behind answers on few levels.

Each answer is read as the band in which a normally distributed leaning falls; with two levels each it is also called
tetrachoric. All tables of a stack take their steps together.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from cxlib.stats.association import MIN_PAIRS, fisher_interval, fisher_p
from cxlib.stats.binormal import binormal, normal_density

LIMIT = 0.9999  # a likelihood that still rises here rises to 1: the answers fit a perfect correlation
STEPS = 100  # scoring converges in about eight; halving the bracket alone needs about forty
CONVERGED = 1e-10
FOUND = 1e-6
STEEP = 1e6  # in place of an infinite slope or likelihood
HALVINGS = 40
SLACK = 1e-14  # the likelihood is not exact beyond
LEAST_SHARE = 1e-14  # differences of probabilities are exact to about 1e-16


@dataclass(frozen=True)
class LatentCorrelation:
    """Polychoric or polyserial correlation, for a stack of tables or one pair of answers.

    Parameters
    ----------
    method : {'polychoric', 'polychoric_ml', 'polyserial', 'polyserial_ml'}
    n : array
        People, or the effective number of people with weights.
    estimate : array
        In [-1, 1].
    error : array
        Standard error, that of the thresholds included.
    low, high : array
        Ends of the confidence interval.
    p : array
        Two-sided p value of no correlation.
    misfit_p : array
        p value of the test that two normal leanings explain the table (likelihood ratio, chi-square); small: they do
        not, and a rank correlation is the better description. NaN for a table of two by two, and for polyserial.
    reason : array of str
        '' or why something is NaN: 'all_missing', 'too_few' (fewer than 4 people), 'constant' (one answer only),
        'perfect' (the likelihood rises all the way to -1 or 1, as with an empty cell in a table of two by two: there is
        an estimate and no error), 'not_converged' (as when all but one person lie on the diagonal).
    """

    method: str
    n: np.ndarray
    estimate: np.ndarray
    error: np.ndarray
    low: np.ndarray
    high: np.ndarray
    p: np.ndarray
    misfit_p: np.ndarray
    reason: np.ndarray


def polychoric(
    counts: ArrayLike,
    *,
    maximum_likelihood: bool = False,
    n_effective: ArrayLike | None = None,
    confidence: float = 0.95,
) -> LatentCorrelation:
    """Polychoric correlation of each contingency table.

    Parameters
    ----------
    counts : array of shape (..., levels of x, levels of y)
        People, or sums of weights, in each cell; levels ascending. Empty levels change nothing.
    maximum_likelihood : bool
        False takes the thresholds from the margins and then finds the correlation (two-step); True finds all together.
    n_effective : array of shape (...), optional
        Kish's effective number of people where `counts` are sums of weights. None takes the sum of `counts`.
    confidence : float in (0, 1)

    Returns
    -------
    LatentCorrelation
        Arrays of shape (...); for a single table, numbers.

    Notes
    -----
    No count is added to empty cells. The standard error of two-step is that of the cells' influences, the thresholds'
    own error included (polycor's leaves it out); it stays right where the leanings are not normal. That of maximum
    likelihood is the textbook's, from the expected information, and is too small then: by an eighth for the items A2
    and A3 of psych's `bfi`. Interval and p rest on Fisher's z.

    References
    ----------
    Olsson (1979), Maximum likelihood estimation of the polychoric correlation coefficient, Psychometrika 44, 443-460.
    doi:10.1007/BF02296207

    Examples
    --------
    >>> result = polychoric([[20, 10, 5], [10, 20, 10], [5, 10, 20]])
    >>> result.estimate.round(3), result.error.round(3)
    (np.float64(0.529), np.float64(0.096))
    """
    counts = np.asarray(counts, dtype=float)
    stack = counts.shape[:-2]
    counts = counts.reshape(-1, *counts.shape[-2:])
    total = counts.sum(axis=(1, 2))
    n = total if n_effective is None else np.broadcast_to(np.asarray(n_effective, dtype=float), stack).reshape(-1)
    few_levels = ((counts.sum(axis=2) > 0).sum(axis=1) < 2) | ((counts.sum(axis=1) > 0).sum(axis=1) < 2)
    reason = np.select(
        [~(total > 0), ~(n >= MIN_PAIRS), few_levels], ["all_missing", "too_few", "constant"], default=""
    ).astype(object)
    result = {name: np.full(len(counts), np.nan) for name in ("estimate", "error", "misfit_p")}
    known, inner = np.flatnonzero(reason == ""), np.array([], dtype=int)
    if len(known):
        shares = _without_gaps(counts[known] / total[known, None, None])
        model = _Model(shares, *(_cuts(shares.sum(axis=axis)) for axis in (2, 1)))
        point, perfect, converged = _two_step(model)
        result["estimate"][known] = np.where(perfect != 0, perfect, point.rho)
        reason[known[~converged]] = "not_converged"
        reason[known[perfect != 0]] = "perfect"
        inner = np.flatnonzero((perfect == 0) & converged)
        result["estimate"][known[(perfect == 0) & ~converged]] = np.nan
    if len(inner):
        known, point = known[inner], point.only(inner)
        if maximum_likelihood:
            model, rho, converged = _all_together(point.model, point.rho)
            point = model.at(rho)
            reason[known[~converged]] = "not_converged"
        error = _joint_error(point) if maximum_likelihood else _two_step_error(point)
        fine = reason[known] == ""
        result["estimate"][known] = np.where(fine, point.rho, np.nan)
        result["error"][known] = np.where(fine, error / np.sqrt(n[known]), np.nan)
        result["misfit_p"][known] = np.where(fine, _misfit(point, n[known]), np.nan)
    return latent_correlation("polychoric" + "_ml" * maximum_likelihood, n, reason, confidence, stack, **result)


@dataclass(frozen=True)
class _Model:
    """Shares of a stack of tables and the thresholds, outer ones (-inf, inf) included."""

    shares: np.ndarray
    x: np.ndarray
    y: np.ndarray

    def only(self, which: np.ndarray) -> _Model:
        return _Model(self.shares[which], self.x[which], self.y[which])

    def cells(self, rho: np.ndarray) -> np.ndarray:
        """Probability of each cell."""
        below = binormal(self.x[:, :, None], self.y[:, None, :], rho[:, None, None])
        return np.maximum(np.diff(np.diff(below, axis=1), axis=2), LEAST_SHARE)

    def by_rho(self, rho: np.ndarray) -> np.ndarray:
        """Derivative of each cell's probability by the correlation."""
        x, y, rho = _finite(self.x)[:, :, None], _finite(self.y)[:, None, :], rho[:, None, None]
        rest = (1 - rho) * (1 + rho)
        density = np.exp(-(x**2 - 2 * rho * x * y + y**2) / (2 * rest)) / (2 * np.pi * np.sqrt(rest))
        inside = np.isfinite(self.x)[:, :, None] & np.isfinite(self.y)[:, None, :]
        return np.diff(np.diff(np.where(inside, density, 0.0), axis=1), axis=2)

    def by_cuts(self, rho: np.ndarray) -> np.ndarray:
        """Derivatives by the inner thresholds of x, then of y, (tables, thresholds, a, b); 0 for infinite ones."""
        return np.concatenate([_by_cuts(self.x, self.y, rho), np.swapaxes(_by_cuts(self.y, self.x, rho), 2, 3)], axis=1)

    def at(self, rho: np.ndarray) -> _Point:
        return _Point(self, rho, self.cells(rho), self.by_rho(rho))

    def likelihood(self, rho: np.ndarray) -> np.ndarray:
        cells = self.cells(rho)
        return np.where(self.impossible(cells), -STEEP, (self.shares * np.log(cells)).sum(axis=(1, 2)))

    def impossible(self, cells: np.ndarray) -> np.ndarray:
        """Whether people are in a cell whose probability is too small to be told from 0."""
        return ((cells <= LEAST_SHARE) & (self.shares > 0)).any(axis=(1, 2))


@dataclass(frozen=True)
class _Point:
    """A model at some correlations: the cells' probabilities and how the correlation changes them."""

    model: _Model
    rho: np.ndarray
    cells: np.ndarray
    change: np.ndarray

    def only(self, which: np.ndarray) -> _Point:
        return _Point(self.model.only(which), self.rho[which], self.cells[which], self.change[which])

    def slope(self) -> tuple[np.ndarray, np.ndarray]:
        """Slope of the likelihood by the correlation, and its expected information."""
        slope = (self.model.shares * self.change / self.cells).sum(axis=(1, 2))
        # where people are in such a cell the density is rounded to 0 too, but the way back is known
        slope = np.where(self.model.impossible(self.cells), -np.sign(self.rho) * STEEP, slope)
        return slope, np.maximum((self.change**2 / self.cells).sum(axis=(1, 2)), 1e-12)


def _by_cuts(own: np.ndarray, other: np.ndarray, rho: np.ndarray) -> np.ndarray:
    inner = own[:, 1:-1]
    safe = _finite(inner)
    root = np.sqrt((1 - rho) * (1 + rho))[:, None, None]
    upto = special.ndtr((other[:, None, :] - rho[:, None, None] * safe[:, :, None]) / root)
    density = np.where(np.isfinite(inner), normal_density(safe), 0.0)
    band = density[:, :, None] * np.diff(upto, axis=2)
    count = inner.shape[1]
    result = np.zeros((len(own), count, count + 1, other.shape[1] - 1))
    for cut in range(count):  # a threshold that rises widens the level below it and narrows the one above
        result[:, cut, cut], result[:, cut, cut + 1] = band[:, cut], -band[:, cut]
    return result


def _without_gaps(shares: np.ndarray) -> np.ndarray:
    """Move empty levels behind the others, so that they only leave infinite thresholds at the end."""
    for axis in (1, 2):
        empty = shares.sum(axis=3 - axis) == 0
        if empty.any():
            order = np.expand_dims(np.argsort(empty, axis=1, kind="stable"), 3 - axis)
            shares = np.take_along_axis(shares, order, axis=axis)
    return shares


def _cuts(margin: np.ndarray) -> np.ndarray:
    below = np.cumsum(margin, axis=1)
    last = margin[:, ::-1].cumsum(axis=1)[:, ::-1]  # what is left from here on: exactly 0 behind the last used level
    inner = np.where(last[:, 1:] > 0, special.ndtri(np.clip(below[:, :-1], 0.0, 1.0)), np.inf)
    edge = np.full((len(margin), 1), np.inf)
    return np.concatenate([-edge, inner, edge], axis=1)


def _two_step(model: _Model) -> tuple[_Point, np.ndarray, np.ndarray]:
    """The correlation that makes the table likeliest at fixed thresholds, whether it is perfect (-1 or 1, else 0),
    whether it was found.

    Scoring steps within a bracket that the sign of the slope narrows; a step out of it is replaced by its middle.
    """
    size = len(model.shares)
    low, high = np.full(size, -LIMIT), np.full(size, LIMIT)
    perfect = np.zeros(size)
    for side in (-1.0, 1.0):
        near = np.flatnonzero(~_far_from_perfect(model, side))
        if len(near):
            slope, _ = model.only(near).at(np.full(len(near), side * LIMIT)).slope()
            perfect[near[side * slope > 0]] = side
    rho = np.clip(_start(model), -0.9, 0.9)
    active = np.flatnonzero(perfect == 0)
    for _ in range(STEPS):
        if not len(active):
            break
        now = rho[active]
        slope, information = model.only(active).at(now).slope()
        low[active], high[active] = np.where(slope > 0, now, low[active]), np.where(slope > 0, high[active], now)
        step = now + slope / information
        inside = (step > low[active]) & (step < high[active])
        rho[active] = np.where(inside, step, (low[active] + high[active]) / 2)
        active = active[np.abs(rho[active] - now) > CONVERGED]
    point = model.at(rho)
    slope, information = point.slope()
    # a bracket that closes on a correlation at which a cell becomes impossible has not found the likeliest one
    return point, perfect, np.abs(slope / information) < FOUND


def _far_from_perfect(model: _Model, side: float) -> np.ndarray:
    """Whether people are in a cell that a correlation at the limit makes impossible, seen without its probability.

    Both leanings (one of them turned, where `side` is -1) then lie within ten of their difference's standard deviations
    of each other, and the cell's bands do not. So it is in nearly all tables.
    """
    y = model.y if side > 0 else -model.y[:, ::-1]
    shares = model.shares if side > 0 else model.shares[:, :, ::-1]
    with np.errstate(invalid="ignore"):  # inf - inf, in levels that nobody is in
        above = model.x[:, :-1, None] - y[:, None, 1:]
        below = y[:, None, :-1] - model.x[:, 1:, None]
    apart = np.fmax(above, below) > 10 * np.sqrt(2 * (1 - LIMIT))
    return (apart & (shares > 0)).any(axis=(1, 2))


def _start(model: _Model) -> np.ndarray:
    """Correlation of normal scores: the slope at 0 over its information, near the answer for weak correlations."""
    none = np.zeros(len(model.shares))
    x, y = (np.diff(special.ndtr(cuts), axis=1) for cuts in (model.x, model.y))
    cells = np.maximum(x[:, :, None] * y[:, None, :], LEAST_SHARE)
    slope, information = _Point(model, none, cells, model.by_rho(none)).slope()
    return slope / information


def _scores(point: _Point) -> tuple[np.ndarray, np.ndarray]:
    """Slopes by correlation and thresholds, and the expected information (1 for thresholds that do not exist)."""
    model, cells = point.model, point.cells
    change = np.concatenate([point.change[:, None], model.by_cuts(point.rho)], axis=1)
    flat = change.reshape(*change.shape[:2], -1)
    weight = 1 / cells.reshape(len(cells), 1, -1)
    information = np.matmul(flat * weight, np.swapaxes(flat, 1, 2))
    places = np.arange(information.shape[1])
    information[:, places, places] += np.where(information[:, places, places] == 0, 1.0, 0.0)
    return (flat * weight * model.shares.reshape(len(cells), 1, -1)).sum(axis=2), information


def _all_together(model: _Model, rho: np.ndarray) -> tuple[_Model, np.ndarray, np.ndarray]:
    """Maximum likelihood by scoring from the two-step values; steps that lower the likelihood are halved."""
    converged = np.zeros(len(rho), dtype=bool)
    rho, x, y = rho.copy(), model.x.copy(), model.y.copy()
    inner_x = x.shape[1] - 2
    active = np.arange(len(rho))
    for _ in range(STEPS):
        if not len(active):
            break
        part, now = _Model(model.shares[active], x[active], y[active]), rho[active]
        slopes, information = _scores(part.at(now))
        steps = np.linalg.solve(information, slopes[:, :, None])[:, :, 0]
        settled = np.abs(steps).max(axis=1) <= CONVERGED
        converged[active[settled]] = True
        before, scale = part.likelihood(now), np.ones(len(active))
        for _ in range(HALVINGS):
            moved = steps * scale[:, None]
            new = _Model(part.shares, part.x.copy(), part.y.copy())
            new.x[:, 1:-1] += moved[:, 1 : 1 + inner_x]
            new.y[:, 1:-1] += moved[:, 1 + inner_x :]
            inside = (np.abs(now + moved[:, 0]) < LIMIT) & _ordered(new.x) & _ordered(new.y)
            after = new.likelihood(np.clip(now + moved[:, 0], -LIMIT, LIMIT))
            fine = inside & (after >= before - SLACK)
            if fine.all():
                break
            scale = np.where(fine, scale, scale / 2)
        going = fine & ~settled
        rho[active[going]], x[active[going]], y[active[going]] = (now + moved[:, 0])[going], new.x[going], new.y[going]
        active = active[going]
    return _Model(model.shares, x, y), rho, converged


def _joint_error(point: _Point) -> np.ndarray:
    """Standard error times sqrt(n), from the expected information."""
    return np.sqrt(np.linalg.inv(_scores(point)[1])[:, 0, 0])


def _ordered(cuts: np.ndarray) -> np.ndarray:
    inner = _finite(cuts[:, 1:-1])
    gap = np.where(np.isfinite(cuts[:, 2:-1]), np.diff(inner, axis=1), 1.0)
    return (gap > 0).all(axis=1)


def _two_step_error(point: _Point) -> np.ndarray:
    """Standard error times sqrt(n): how each cell moves the correlation, directly and through the thresholds."""
    model, cells, change = point.model, point.cells, point.change
    cross = (model.by_cuts(point.rho) * (change / cells)[:, None]).sum(axis=(2, 3))
    influence = change / cells
    number = model.x.shape[1] - 2
    for cuts, part, side in ((model.x, cross[:, :number], 2), (model.y, cross[:, number:], 1)):
        inner = cuts[:, 1:-1]
        density = np.where(np.isfinite(inner), normal_density(_finite(inner)), 1.0)
        rate = np.where(np.isfinite(inner), part / density, 0.0)
        levels = np.arange(cuts.shape[1] - 1)
        below = levels[None, :] <= np.arange(inner.shape[1])[:, None]  # (thresholds, levels)
        moved = np.matmul(rate[:, None, :], below - special.ndtr(inner)[:, :, None])[:, 0, :]
        influence = influence - np.expand_dims(moved, side)
    mean = (model.shares * influence).sum(axis=(1, 2), keepdims=True)
    variance = (model.shares * (influence - mean) ** 2).sum(axis=(1, 2))
    return np.sqrt(variance) / (change**2 / cells).sum(axis=(1, 2))


def _misfit(point: _Point, n: np.ndarray) -> np.ndarray:
    shares, cells = point.model.shares, point.cells
    ratio = np.where(shares > 0, shares * np.log(np.where(shares > 0, shares, 1.0) / cells), 0.0).sum(axis=(1, 2))
    used = [(shares.sum(axis=axis) > 0).sum(axis=1) - 1 for axis in (1, 2)]
    df = used[0] * used[1] - 1
    p = special.chdtrc(np.maximum(df, 1), np.maximum(2 * n * ratio, 0.0))
    return np.where(df > 0, p, np.nan)


def latent_correlation(
    method: str, n: np.ndarray, reason: np.ndarray, confidence: float, stack: tuple[int, ...], **values: np.ndarray
) -> LatentCorrelation:
    inner = reason == ""
    r = np.where(inner, values["estimate"], 0.0)
    error = np.where(inner, values["error"], 1.0) / (1 - r**2)
    low, high = fisher_interval(r, error, confidence)
    shown = {"low": low, "high": high, "p": fisher_p(r, error)}
    values |= {name: np.where(inner, value, np.nan) for name, value in shown.items()}
    shaped = {name: value.reshape(stack)[()] for name, value in {**values, "n": n, "reason": reason}.items()}
    return LatentCorrelation(method, **shaped)


def _finite(cuts: np.ndarray) -> np.ndarray:
    return np.where(np.isfinite(cuts), cuts, 0.0)
