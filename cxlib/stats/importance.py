"""How the explained variation of an outcome is shared among the factors."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import comb

import numpy as np

from cxlib.stats.matrices import eigenvalues_above

EXACT_UP_TO = 20  # factors; every further one doubles time and memory, so relative weights take over
SINGULAR = 1e-10  # a factor with less variance left, given those before it, adds nothing
BYTES_AT_ONCE = 4 << 20  # of subset R2 held at a time; more falls out of the processor's cache


@dataclass(frozen=True)
class Shares:
    """Shares of R2.

    Parameters
    ----------
    method : str
        'lmg' (Shapley values, exact) or 'relative_weights' (Johnson).
    shares : array of shape (..., p)
        Parts of R2; they sum to it.
    r2 : array of shape (...)
        Explained part of the outcome's variance, 0-1.
    """

    method: str
    shares: np.ndarray
    r2: np.ndarray

    @property
    def relative(self) -> np.ndarray:
        """Shares that sum to 1; NaN where nothing is explained."""
        return np.divide(
            self.shares, self.r2[..., None], out=np.full_like(self.shares, np.nan), where=self.r2[..., None] > 1e-12
        )


def importance_shares(matrices: np.ndarray, *, exact_up_to: int = EXACT_UP_TO) -> Shares:
    """Shares of R2 by the exact method where it is feasible, by relative weights beyond.

    Parameters
    ----------
    matrices : array of shape (..., p + 1, p + 1)
        Correlation matrices, the outcome last.
    exact_up_to : int
        Largest number of factors for the exact method.

    Returns
    -------
    Shares
    """
    if np.shape(matrices)[-1] - 1 <= exact_up_to:
        return shapley_shares(matrices)
    return relative_weights(matrices)


def shapley_shares(matrices: np.ndarray) -> Shares:
    """Shapley values of R2 (LMG, general dominance), exact.

    Parameters
    ----------
    matrices : array of shape (..., p + 1, p + 1)
        Correlation (or covariance) matrices, the outcome last; up to about 20 factors.

    Returns
    -------
    Shares
        Each factor's mean gain of R2 over all orders of entering; never negative; they sum to R2.

    Notes
    -----
    R2 of all 2^p subsets comes from `subset_r2`; each factor's value is the sum over subsets S that hold it of
    (w(|S| - 1) + w(|S|)) R2(S) minus the sum of w(|S|) R2(S) over all, with w(s) = 1 / (p C(p - 1, s)). The first sums
    are had for all factors by halving the subsets p times. Factors that repeat each other share alike.

    References
    ----------
    Lindeman, Merenda & Gold (1980), Introduction to Bivariate and Multivariate Analysis. Groemping (2006), Journal of
    Statistical Software 17(1). doi:10.18637/jss.v017.i01

    Examples
    --------
    >>> r = np.array([[1, 0.5, 0.6], [0.5, 1, 0.3], [0.6, 0.3, 1]])
    >>> found = shapley_shares(r)
    >>> found.shares.round(3).tolist(), float(found.r2.round(3))
    ([0.315, 0.045], 0.36)
    """
    matrices = np.asarray(matrices, dtype=float)
    stack = matrices.reshape(-1, *matrices.shape[-2:])
    p = stack.shape[-1] - 1
    shares, r2 = np.zeros((len(stack), p)), np.zeros(len(stack))
    if p:
        coefficients = _coefficients(p)
        for chosen, explained in _r2_by_parts(stack):
            r2[chosen] = explained[-1]
            shares[chosen] = _shapley(explained, *coefficients)
    return Shares("lmg", _cleared(shares).reshape(*matrices.shape[:-2], p), r2.reshape(matrices.shape[:-2]))


def shares_beside_first(matrices: np.ndarray) -> tuple[Shares, Shares]:
    """LMG shares of the other factors alone, and of all of them beside the first.

    Parameters
    ----------
    matrices : array of shape (stack, p + 1, p + 1)
        Correlation matrices of at least two factors, such as `random_factor` gives them; the outcome last.

    Returns
    -------
    alone, beside : Shares
        Of p - 1 factors, and of p.

    Notes
    -----
    Both as `shapley_shares`. Half of the subsets of all factors are the subsets without the first: R2 is computed once.
    """
    stack = np.asarray(matrices, dtype=float)
    p = stack.shape[-1] - 1
    sizes = (p - 1, p)
    coefficients = [_coefficients(size) for size in sizes]
    shares, r2 = [np.zeros((len(stack), size)) for size in sizes], [np.zeros(len(stack)) for _ in sizes]
    for chosen, explained in _r2_by_parts(stack):
        for number, part in enumerate((explained[::2], explained)):
            r2[number][chosen] = part[-1]
            shares[number][chosen] = _shapley(part, *coefficients[number])
    alone, beside = (Shares("lmg", _cleared(one), whole) for one, whole in zip(shares, r2, strict=True))
    return alone, beside


def subset_r2(matrices: np.ndarray, groups: Sequence[Sequence[int]] | None = None) -> np.ndarray:
    """R2 of the outcome on every subset of the factors, or of groups of factors.

    Parameters
    ----------
    matrices : array of shape (stack, p + 1, p + 1)
        Correlation (or covariance) matrices, the outcome last.
    groups : sequence of sequences of int, optional
        Factors that enter and leave together; every factor is in one group. None takes each alone.

    Returns
    -------
    array of shape (2**p, stack), or (2**groups, stack)
        Subset number s holds factor (or group) j when bit j of s is set (the last one is the highest bit).

    Notes
    -----
    For every subset of the first k factors the covariance of the remaining ones given that subset is kept. Taking
    factor k in is one sweep, leaving it out drops its row: so p doublings give all subsets. What factor k adds to each
    of these subsets is its covariance with the outcome, squared, over its variance, both given the subset. A group is
    taken in by one sweep a member.
    """
    stack = np.asarray(matrices, dtype=float)
    sizes = None
    if groups is not None:
        sizes = [len(group) for group in groups]
        order = [*(factor for group in groups for factor in group), -1]
        stack = stack[:, order][:, :, order]
    result = np.empty((1 << (stack.shape[-1] - 1 if sizes is None else len(sizes)), len(stack)))
    for chosen, explained in _r2_by_parts(stack, sizes):
        result[:, chosen] = explained
    return result


def relative_weights(matrices: np.ndarray) -> Shares:
    """Johnson's relative weights, for any number of factors.

    Parameters
    ----------
    matrices : array of shape (..., p + 1, p + 1)
        Correlation matrices, the outcome last.

    Returns
    -------
    Shares

    Notes
    -----
    With R = square root of the factors' correlation matrix and b = R^-1 r, the weights are R^2 b^2 elementwise. A
    direction without variance carries nothing.

    References
    ----------
    Johnson (2000), A heuristic method for estimating the relative weight of predictor variables in multiple regression,
    Multivariate Behavioral Research 35, 1-19. doi:10.1207/S15327906MBR3501_1

    Examples
    --------
    >>> r = np.array([[1, 0.5, 0.6], [0.5, 1, 0.3], [0.6, 0.3, 1]])
    >>> relative_weights(r).shares.round(3).tolist()
    [0.315, 0.045]
    """
    matrices = np.asarray(matrices, dtype=float)
    values, vectors = np.linalg.eigh(matrices[..., :-1, :-1])
    usable = values > SINGULAR
    root = np.sqrt(np.where(usable, values, 0.0))
    inverse = np.where(usable, 1.0 / np.where(usable, root, 1.0), 0.0)
    turned = np.swapaxes(vectors, -1, -2)
    half = np.matmul(vectors * root[..., None, :], turned)
    loads = np.matmul(np.matmul(vectors * inverse[..., None, :], turned), matrices[..., :-1, -1:])
    shares = np.matmul(half**2, loads**2)[..., 0]
    r2 = shares.sum(axis=-1)
    over = np.maximum(r2, 1.0)  # rounding can carry a perfect fit a hair above one
    return Shares("relative_weights", shares / over[..., None], r2 / over)


def random_factor(matrices: np.ndarray, pairs: np.ndarray, *, seed: int) -> np.ndarray:
    """Add to each resampled matrix a factor that has nothing to do with anything.

    Parameters
    ----------
    matrices : array of shape (stack, p + 1, p + 1)
        Correlation matrices of bootstrap resamples, the outcome last.
    pairs : array of shape (p + 1, p + 1)
        Number of people (effective number with weights) behind each correlation.
    seed : int

    Returns
    -------
    array of shape (stack, p + 2, p + 2)
        The random factor is first, the outcome last.

    Notes
    -----
    Correlations of an independent variable with the others, in a sample of n, have mean 0, variance 1/(n - 1) and the
    others' own correlations. A column added to the survey and then resampled bears this chance twice, once in the
    survey and once in the resample; its interval is what the factors' intervals must lie above, so the variance is
    2/(n - 1).
    """
    stack = np.asarray(matrices, dtype=float)
    count, size = stack.shape[:2]
    people = np.maximum(np.diag(pairs).astype(float), 2.0)
    overlap = pairs / np.sqrt(np.outer(people, people))
    values, vectors = np.linalg.eigh(stack * overlap)
    root = vectors * np.sqrt(np.maximum(values, 0.0))[:, None, :]
    normal = np.random.default_rng([seed, 13]).standard_normal((count, size, 1))
    chance = np.matmul(root, normal)[..., 0] * np.sqrt(2.0 / (people - 1))
    result = np.empty((count, size + 1, size + 1))
    result[:, 0, 0] = 1.0
    result[:, 0, 1:] = result[:, 1:, 0] = np.clip(chance, -0.95, 0.95)
    result[:, 1:, 1:] = stack
    return result


def _coefficients(p: int) -> tuple[np.ndarray, np.ndarray]:
    """For each subset: w(|S| - 1) + w(|S|) and w(|S|)."""
    weight = np.array([1.0 / (p * comb(p - 1, s)) for s in range(p)])
    held = np.zeros(1, dtype=np.int64)
    for _ in range(p):
        held = np.concatenate([held, held + 1])
    plain = np.append(weight, 0.0)[held]
    before = np.append(0.0, weight)[held]
    return plain + before, plain


def _shapley(explained: np.ndarray, with_it: np.ndarray, plain: np.ndarray) -> np.ndarray:
    """Shapley values from R2 of all subsets (first axis) and the coefficients; shape (stack, p)."""
    baseline = plain @ explained
    values = explained * with_it[:, None]
    factors = len(values).bit_length() - 1
    result = np.empty((values.shape[1], factors))
    for factor in reversed(range(factors)):  # the sum over the subsets that hold it
        half = len(values) // 2
        result[:, factor] = values[half:].sum(axis=0) - baseline
        values = np.add(values[:half], values[half:], out=values[:half])
    return result


def _cleared(shares: np.ndarray) -> np.ndarray:
    """Rounding dust becomes nothing."""
    return np.where(np.abs(shares) < 1e-14, 0.0, shares)


def _r2_by_parts(stack: np.ndarray, sizes: Sequence[int] | None = None) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """R2 of all subsets of some matrices at a time: which ones, and an array that the next part overwrites.

    With `sizes`, subsets of groups: so many factors in a row are one.
    """
    p = stack.shape[-1] - 1
    sizes = [1] * p if sizes is None else sizes
    step = max(1, min(BYTES_AT_ONCE // (8 << len(sizes)), len(stack)))
    # with r factors left: their covariances, and with the outcome, of each subset of those before
    left = p - np.cumsum([0, *sizes])
    most = max(int(r * (r + 3) // 2) << taken for taken, r in enumerate(left))
    room = np.empty((3, most * step))
    found = np.empty(step << len(sizes))
    regular = eigenvalues_above(stack, SINGULAR)
    for kind in (True, False):
        places = np.flatnonzero(regular == kind)
        for begin in range(0, len(places), step):
            some = places[begin : begin + step]
            explained = found[: len(some) << len(sizes)].reshape(1 << len(sizes), len(some))
            _fill_r2(stack[some], sizes, explained, room, kind)
            yield some, explained


def _fill_r2(stack: np.ndarray, sizes: Sequence[int], explained: np.ndarray, room: np.ndarray, regular: bool) -> None:
    """Put R2 of all subsets into `explained`; see `subset_r2`.

    In regular matrices no factor follows from others, and none explains more than everything.
    """
    given = np.ascontiguousarray(np.moveaxis(stack, 0, -1))
    given[:-1, -1] /= np.sqrt(given[-1, -1])
    rows = [
        given[factor, factor:] for factor in range(len(given) - 1)
    ]  # with itself, with later ones, with the outcome
    explained[0] = 0.0
    for number, size in enumerate(sizes):
        before, after = explained[: 1 << number].reshape(-1), explained[1 << number : 2 << number].reshape(-1)
        swept = rows
        for member in range(size):
            pivot, column = swept[0][0], swept[0][1:]
            scaled = room[2, : column.size].reshape(column.shape)
            if regular:
                np.divide(column, pivot, out=scaled)
            else:
                usable = pivot > SINGULAR
                np.multiply(column, usable / np.where(usable, pivot, 1.0), out=scaled)
            if member == 0:
                np.multiply(scaled[-1], column[-1], out=after)
            else:
                after += scaled[-1] * column[-1]
            last, begin, further = member == size - 1, 0, []
            for place, row in enumerate(swept[1:]):
                if last:  # beside it the same row where the group is left out
                    both = room[number % 2, begin : begin + 2 * row.size].reshape(len(row), 2, -1)
                    begin += 2 * row.size
                    both[:, 0] = rows[size + place]
                    target = both[:, 1]
                else:
                    target = np.empty_like(row)
                np.multiply(scaled[place], column[place:], out=target)
                np.subtract(row, target, out=target)
                further.append(both.reshape(len(row), -1) if last else target)
            swept = further
        after += before
        rows = swept
    if not regular:
        np.minimum(explained, 1.0, out=explained)
