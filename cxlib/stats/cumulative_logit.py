"""Cumulative logit models by Newton's method, many at a time: what `ordinal_model` computes with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse
from scipy.special import expit

from cxlib.stats.matrices import repeated

ROWS_AT_ONCE = 512
CELLS_AT_ONCE = 1 << 14  # rows times models held at a time: what stays in the processor's cache
FEW_MODELS = 8  # for fewer, products of the ratings are not worth making
ITERATIONS = 60
RIDGE = 1e-10  # of the mean information, in steps only: repeated factors share a coefficient, the fit is unchanged
SEPARATED = 20.0  # standard error (log odds per standard deviation) of a coefficient that has no finite maximum
FARTHEST = 340.0  # log odds beyond which a probability is as good as 0 or 1 and e^x would overflow


@dataclass(frozen=True)
class Sample:
    """Complete answers, equal rows once, ordered by outcome, factors standardised.

    Parameters
    ----------
    n : int
        People.
    x : array of shape (rows, p)
    weight, people : arrays of shape (rows,)
        Sum of the weights, and number of people, of each distinct row.
    levels : array of shape (K,)
        Answers of the outcome.
    cuts : integer array of shape (K + 1,)
        Row at which each level begins, and the end.
    centre, spread : arrays of shape (p,)
        Mean and standard deviation of the factors.
    kept : integer array
        Positions of the complete rows in the input.
    row, row_weight : arrays
        Distinct row and weight of each of those.
    fitted : boolean array of shape (p,)
        Factors that neither are constant nor repeat earlier ones.
    reasons : tuple of str
        Of each factor '', 'constant' or 'collinear'.
    reason : str
        '' or 'constant' (outcome), 'too_few'.
    """

    n: int
    x: np.ndarray
    weight: np.ndarray
    people: np.ndarray
    levels: np.ndarray
    cuts: np.ndarray
    centre: np.ndarray
    spread: np.ndarray
    kept: np.ndarray
    row: np.ndarray
    row_weight: np.ndarray
    fitted: np.ndarray
    reasons: tuple[str, ...]
    reason: str


@dataclass(frozen=True)
class Fit:
    """Models at their maximum: parameters are the thresholds, then the coefficients of the standardised factors.

    Parameters
    ----------
    theta : array of shape (models, K - 1 + p)
        0 for factors a model leaves out.
    log_likelihood : array of shape (models,)
    covariance : array of shape (models, K - 1 + p, K - 1 + p)
        Inverse of the negative Hessian; 0 for factors left out.
    converged : boolean array of shape (models,)
    """

    theta: np.ndarray
    log_likelihood: np.ndarray
    covariance: np.ndarray
    converged: np.ndarray


def complete_sample(
    factors: ArrayLike, outcome: ArrayLike, weights: ArrayLike | None, counts: ArrayLike | None
) -> Sample:
    """Rows without missing answers, put together for fitting; parameters as in `ordinal_model.proportional_odds`."""
    x, y = np.asarray(factors, dtype=float), np.asarray(outcome, dtype=float)
    every = np.ones(len(y)) if counts is None else np.asarray(counts, dtype=float)
    weight = every if weights is None else every * np.asarray(weights, dtype=float)
    kept = np.flatnonzero(np.isfinite(x).all(axis=1) & np.isfinite(y) & (weight > 0))
    x, y, weight, every = x[kept], y[kept], weight[kept], every[kept]
    levels, code = np.unique(y, return_inverse=True)
    distinct, row = _distinct(x, code)
    total = np.bincount(row, weight, len(distinct))
    people = np.bincount(row, every, len(distinct))
    x, cuts = x[distinct], np.searchsorted(code[distinct], np.arange(len(levels) + 1))
    p, n = x.shape[1], round(float(every.sum()))
    share = total / total.sum() if len(total) else total
    centre = share @ x
    spread = np.sqrt(share @ (x - centre) ** 2)
    constant = spread <= 1e-9 * np.maximum(np.abs(centre), 1e-300)
    x = np.where(constant, 0.0, (x - centre) / np.where(constant, 1.0, spread))
    reasons = np.where(constant, "constant", "").astype(object)
    fitted, moving = ~constant, np.flatnonzero(~constant)
    collinear, spare = repeated((x[:, moving] * share[:, None]).T @ x[:, moving])
    reasons[moving[collinear]] = "collinear"
    fitted[moving[spare]] = False
    reason = "too_few" if n <= p + max(len(levels), 2) else "constant" if len(levels) < 2 else ""
    return Sample(
        n, x, total, people, levels, cuts, centre, spread, kept, row, weight, fitted, tuple(map(str, reasons)), reason
    )


def null_log_likelihood(sample: Sample) -> float:
    """Log likelihood of the model without factors."""
    held = np.add.reduceat(sample.weight, sample.cuts[:-1])
    return float(held @ np.log(held / held.sum()))


def fit_models(
    sample: Sample,
    cuts: np.ndarray,
    masks: np.ndarray,
    start: np.ndarray | None = None,
    *,
    tolerance: float = 1e-14,
    rough: bool = False,
) -> Fit:
    """Maximum likelihood of models that hold different factors.

    Parameters
    ----------
    sample : Sample
    cuts : integer array
        `sample.cuts`, or fewer of them to put neighbouring answers together.
    masks : boolean array of shape (models, p)
        Factors of each model.
    start : array of shape (models, thresholds + p), optional
    tolerance : float
        A model is at its maximum when the next step promises less than half of this in log likelihood; that step is
        still taken and its promise added, so what is left is of the order of its 1.5th power.
    rough : bool
        Sum the Hessian in single precision: half the time. Steps lead to the same maximum; standard errors would have
        six digits.

    Returns
    -------
    Fit
    """
    k, p, models = len(cuts) - 2, sample.x.shape[1], len(masks)
    free = np.concatenate([np.ones((models, k), dtype=bool), masks], axis=1)
    below = np.add.reduceat(sample.weight, cuts[:-1])[:-1].cumsum() / sample.weight.sum()
    plain = np.append(np.log(below / (1 - below)), np.zeros(p))
    start = plain if start is None else start
    # a guess from far away may cross thresholds: such a model starts without factors
    ordered = np.isfinite(start).all(axis=-1) & (np.diff(start[..., :k], axis=-1) > 0).all(axis=-1)
    start = np.where(ordered[..., None], start, plain)
    theta, before = np.where(free, start, 0.0), np.where(free, start, 0.0)
    best = np.full(models, -np.inf)
    # only the rows and columns that some model of this size holds; a smaller model is filled up with zeros
    held = np.argsort(~free, axis=1, kind="stable")[:, : free.sum(axis=1).max(initial=0)]
    inside = np.take_along_axis(free, held, axis=1)
    inverse = np.zeros((models, *held.shape[1:] * 2))
    converged = np.zeros(models, dtype=bool)
    for _ in range(ITERATIONS):
        active = np.flatnonzero(~converged)
        if not len(active):
            break
        value, slope, curve = _derivatives(sample, cuts, theta[active], np.float32 if rough else np.float64)
        worse = value < best[active] - 1e-10 * np.abs(value)
        theta[active[worse]] = (theta[active[worse]] + before[active[worse]]) / 2
        active, value, slope, curve = active[~worse], value[~worse], slope[~worse], curve[~worse]
        at, open_ = held[active], inside[active]
        slope = np.where(open_, np.take_along_axis(slope, at, axis=1), 0.0)
        curve = curve[np.arange(len(active))[:, None, None], at[:, :, None], at[:, None, :]]
        curve = np.where(open_[:, :, None] & open_[:, None, :], curve, np.eye(at.shape[1]))
        inverse[active] = steady_inverse(curve)
        short = np.matmul(inverse[active], slope[..., None])[..., 0]
        step = np.zeros((len(active), k + p))
        np.put_along_axis(step, at, short, axis=1)
        promise = (slope * short).sum(axis=1)
        # where a coefficient runs away, each step leaves a part of the way: more steps are needed for the same digits
        runs = np.diagonal(inverse[active], axis1=1, axis2=2).max(axis=1) > SEPARATED**2
        done = promise < np.where(runs, tolerance / 100, tolerance)
        before[active] = theta[active]
        best[active] = value + np.where(done, promise / 2, 0.0)
        theta[active] += step * _reach(theta[active, :k], step[:, :k])[:, None]
        converged[active] = done
    covariance = np.zeros((models, k + p, k + p))
    inverse *= inside[:, :, None] & inside[:, None, :]
    covariance[np.arange(models)[:, None, None], held[:, :, None], held[:, None, :]] = inverse
    return Fit(theta, best, covariance, converged)


def steady_inverse(matrices: np.ndarray) -> np.ndarray:
    """Inverse of information matrices, finite also where a coefficient runs away."""
    return np.linalg.inv(_ridged(matrices))


def scores(sample: Sample, theta: np.ndarray) -> np.ndarray:
    """Slope of the log likelihood of one person in each distinct row, shape (rows, thresholds + p)."""
    k, p = len(sample.cuts) - 2, sample.x.shape[1]
    padded = np.concatenate([[-np.inf], theta[:k], [np.inf]])
    gap = np.concatenate([[0.0], _gap_slope(np.diff(theta[:k])), [0.0]])
    level = np.repeat(np.arange(k + 1), np.diff(sample.cuts))
    eta = sample.x @ theta[k:]
    upper, lower = expit(padded[level + 1] - eta), expit(padded[level] - eta)
    result = np.zeros((len(eta), k + p))
    rows = np.arange(len(eta))
    high, low = level < k, level > 0
    result[rows[high], level[high]] = (1 - upper + gap[level])[high]
    result[rows[low], level[low] - 1] = -(lower + gap[level])[low]
    result[:, k:] = sample.x * (upper + lower - 1)[:, None]
    return result


def score_products(each: np.ndarray, sample: Sample, clusters: ArrayLike | None) -> tuple[np.ndarray, int]:
    """Sum over units of the outer products of their summed scores, and the number of units.

    Parameters
    ----------
    each : array of shape (rows, m)
        Score of one person in each distinct row.
    sample : Sample
    clusters : array of shape (input rows,), optional
        Without it every input row is a unit of its own; a row without a unit is one as well.

    Returns
    -------
    array of shape (m, m), times units / (units - 1); int
    """
    if clusters is None:
        unit = np.arange(len(sample.kept))
    else:
        names = np.asarray(clusters, dtype=object)[sample.kept]
        alone = np.array([name is None or name != name for name in names], dtype=bool)
        known = np.unique(names[~alone].astype(str), return_inverse=True)[1]
        unit = np.empty(len(names), dtype=np.int64)
        unit[~alone] = known
        unit[alone] = known.max(initial=-1) + 1 + np.arange(alone.sum())
    units = int(unit.max()) + 1
    into = sparse.csr_array((sample.row_weight, (unit, sample.row)), shape=(units, len(each)))
    summed = into @ each
    return summed.T @ summed * (units / max(units - 1, 1)), units


def _distinct(x: np.ndarray, code: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """First positions of the distinct rows, ordered by outcome, and which of them each row is."""
    key, size = code.astype(np.int64), int(code.max(initial=0)) + 1
    for column in x.T:
        place = np.unique(column, return_inverse=True)[1]
        count = int(place.max(initial=0)) + 1
        if size * count >= 1 << 62:  # renumber before the key overflows
            key = np.unique(key, return_inverse=True)[1]
            size = int(key.max(initial=0)) + 1
        key, size = key * count + place, size * count
    _, first, row = np.unique(key, return_index=True, return_inverse=True)
    return first, row


def _ridged(matrices: np.ndarray) -> np.ndarray:
    mean = np.trace(matrices, axis1=-2, axis2=-1) / matrices.shape[-1]
    return matrices + (RIDGE * mean)[..., None, None] * np.eye(matrices.shape[-1])


def _reach(thresholds: np.ndarray, step: np.ndarray) -> np.ndarray:
    """Part of a step that keeps the thresholds in order."""
    gaps, change = np.diff(thresholds, axis=1), np.diff(step, axis=1)
    closing = change < -0.9 * gaps
    allowed = np.where(closing, -0.9 * gaps / np.where(closing, change, -1.0), 1.0)
    return allowed.min(axis=1, initial=1.0)


def _gap_slope(gaps: np.ndarray) -> np.ndarray:
    """Slope of log(1 - exp(-gap))."""
    return 1 / np.expm1(np.minimum(gaps, FARTHEST))


def _blocks(cuts: np.ndarray, models: int) -> Iterator[tuple[int, slice]]:
    """Rows of one level at a time, as many as fit the cache."""
    step = max(ROWS_AT_ONCE, CELLS_AT_ONCE // models)
    for level in range(len(cuts) - 1):
        for begin in range(cuts[level], cuts[level + 1], step):
            yield level, slice(begin, min(begin + step, cuts[level + 1]))


def _derivatives(
    sample: Sample, cuts: np.ndarray, theta: np.ndarray, kind: type[np.floating] = np.float64
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Log likelihood, its slope and negative Hessian of each model.

    With a = upper threshold - x b and c = lower threshold - x b, log P = log F(a) + log F(-c) + log(1 - exp(c - a)):
    the last term depends on the thresholds alone, so every row is two logistic terms, and all sums are matrix products
    of these with the weighted ratings and the products of two ratings; those of the Hessian in the precision `kind`.
    """
    k, p, models = len(cuts) - 2, sample.x.shape[1], len(theta)
    limits, beta = (np.ascontiguousarray(part.T) for part in (theta[:, :k], theta[:, k:]))
    farthest = np.abs(sample.x).max(axis=0, initial=0.0) @ np.abs(beta) + np.abs(limits).max(axis=0)
    one, two = np.triu_indices(p)
    value, slope = np.zeros(models), np.zeros((k + p, models))
    squares, across = np.zeros((len(one), models)), np.zeros((k, 1 + p, models))
    for level, rows in _blocks(cuts, models):
        x, weight = sample.x[rows], sample.weight[rows]
        design = np.concatenate([weight[None], x.T * weight])
        bends = design.astype(kind, copy=False)
        products = None if models < FEW_MODELS else (x.T[one] * design[1:][two]).astype(kind, copy=False)
        step = max(1, CELLS_AT_ONCE // len(x))
        room = np.empty((7, len(x) * min(step, models)))
        for first in range(0, models, step):
            some = slice(first, min(first + step, models))
            sides = _sides(level, x, beta[:, some], limits[:, some], farthest[some], room)
            bend = 0.0
            for number, sign, _, missed, spread in sides:
                spread = spread.astype(kind, copy=False)
                slope[number, some] += sign * (weight @ missed)
                across[number, :, some] += bends @ spread
                bend = bend + spread
            _, sign, chance, pull, _ = sides[0]
            if len(sides) == 2:
                chance *= sides[1][2]
                pull -= sides[1][3]
            value[some] += weight @ np.log(chance, out=chance)
            slope[k:, some] -= sign * (design[1:] @ pull)
            if products is not None:
                squares[:, some] += products @ bend
            else:
                for number, each in enumerate(bend.T, first):
                    squares[:, number] += ((design[1:] * each) @ x)[one, two]
    curve = np.empty((models, k + p, k + p))
    curve[:, :k, :k] = across[:, 0].T[:, :, None] * np.eye(k)
    curve[:, :k, k:] = -across[:, 1:].transpose(2, 0, 1)
    curve[:, k:, :k] = -across[:, 1:].transpose(2, 1, 0)
    curve[:, k + one, k + two] = curve[:, k + two, k + one] = squares.T
    slope = slope.T
    held = np.add.reduceat(sample.weight, cuts[:-1])[1:-1]
    gaps = np.diff(theta[:, :k], axis=1)
    value += np.log(-np.expm1(-gaps)) @ held
    push = held * _gap_slope(gaps)
    bend = push * (1 + _gap_slope(gaps))
    inner = np.arange(k - 1)
    slope[:, inner + 1] += push
    slope[:, inner] -= push
    curve[:, inner, inner] += bend
    curve[:, inner + 1, inner + 1] += bend
    curve[:, inner, inner + 1] -= bend
    curve[:, inner + 1, inner] -= bend
    return value, slope, curve


Side = tuple[int, float, np.ndarray, np.ndarray, np.ndarray]


def _sides(
    level: int, x: np.ndarray, beta: np.ndarray, limits: np.ndarray, farthest: np.ndarray, room: np.ndarray
) -> list[Side]:
    """For the upper and the lower threshold of an answer, where it has them, and for rows x models.

    Number and sign of the threshold, chance of lying on the answer's side of it, of lying on the other (chances too
    small to be told from 0 keep their digits), and the product of the two. The arrays are parts of `room`.
    """
    numbers = [number for number in (level, level - 1) if 0 <= number < len(limits)]
    shape = (len(x), beta.shape[1])
    eta, *rest = room[:, : shape[0] * shape[1]].reshape(7, *shape)
    np.matmul(x, beta, out=eta)
    near = farthest.max(initial=0.0) <= FARTHEST
    for above, number in zip(rest, numbers, strict=False):
        if near and number < numbers[0]:  # the odds of lying above it follow from those of the upper threshold
            np.multiply(rest[0], np.exp(limits[numbers[0]] - limits[number]), out=above)
            continue
        np.subtract(eta, limits[number], out=above)
        np.exp(above if near else np.clip(above, -FARTHEST, FARTHEST, out=above), out=above)
    sides: list[Side] = []
    for above, below, both, number in zip(rest[:2], rest[2:4], rest[4:], numbers, strict=False):
        np.divide(1.0, np.add(above, 1.0, out=below), out=below)
        above *= below
        np.multiply(above, below, out=both)
        sides.append((number, 1.0, below, above, both) if number == level else (number, -1.0, above, below, both))
    return sides
