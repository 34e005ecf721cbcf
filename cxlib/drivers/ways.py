"""The numbers behind the grid of specifications: every coding and measure of one set of answers, alone and adjusted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from scipy import stats as distributions

from cxlib.drivers.adjusting import SPARE_PEOPLE
from cxlib.stats.adjusted import partial_correlations
from cxlib.stats.association import PERFECT
from cxlib.stats.imputation import pool
from cxlib.stats.matrices import nearest_correlation
from cxlib.stats.ordinal import stack_pairs
from cxlib.stats.polychoric import polychoric
from cxlib.stats.rank import METHODS as RANK_METHODS
from cxlib.stats.rank import kendall_null_error
from cxlib.stats.tables import Tables

CODINGS = ("as_answered", "top_box", "top_two", "three_groups")
METHODS = ("spearman", "pearson", "kendall", "polychoric")
GIVEN = ("", "others")
TOP_BOX = 1 / 8  # of the scale's length: 9-10 of 0-10, 5 of 1-5
MIDDLE_BOX = 3 / 8  # 7-8 of 0-10, 4 of 1-5
MIN_BOX = 10  # people in each group of a coding; fewer say nothing
FEW_LEVELS = 12  # polychoric correlations of longer scales take long and say what Pearson's does


@dataclass(frozen=True)
class Copies:
    """Contingency tables under one treatment of missing answers, the outcome last; several where they are imputed."""

    tables: list[Tables]
    scale: tuple[float, float]


def box_codings(levels: np.ndarray, scale: tuple[float, float]) -> dict[str, np.ndarray]:
    """Number of the group of each answer, under each coding of an outcome.

    Parameters
    ----------
    levels : array
        Answers that occur, ascending.
    scale : (float, float)
        Lowest and highest answer.

    Returns
    -------
    dict
        Coding -> group of each level, 0 the lowest.

    Examples
    --------
    >>> box_codings(np.arange(11.0), (0, 10))["three_groups"].tolist()
    [0, 0, 0, 0, 0, 0, 0, 1, 1, 2, 2]
    """
    length = scale[1] - scale[0]
    top = (levels >= scale[1] - TOP_BOX * length).astype(int)
    middle = (levels >= scale[1] - MIDDLE_BOX * length).astype(int)
    return {"as_answered": np.arange(len(levels)), "top_box": top, "top_two": middle, "three_groups": top + middle}


def ways(
    copies: Copies, inflation: np.ndarray, df: float, min_pairs: int
) -> Iterator[tuple[str, str, str, np.ndarray, np.ndarray, np.ndarray]]:
    """Every coding and method, the factors alone and given each other.

    Parameters
    ----------
    copies : Copies
    inflation : array of shape (factors,)
        Of the variance, by stores and weights.
    df : float
        Degrees of freedom behind the errors; infinite for people who answered for themselves.
    min_pairs : int
        People needed for a number.

    Yields
    ------
    coding, method, given : str
        Of `CODINGS`, `METHODS` and `GIVEN`.
    n, estimate, p : arrays of shape (factors,)
        NaN where there is none.
    """
    tables = copies.tables
    size, outcome = len(tables[0].names) - 1, tables[0].names[-1]
    n = tables[0].pairs[:-1, -1]
    enough = n >= min_pairs
    together = tables[0].pairs.min() >= min_pairs and n.min() >= size + 2 + SPARE_PEOPLE
    least = np.full(size, tables[0].pairs.min())  # a partial correlation knows no more than its thinnest pair
    pairs = [(a, b) for place, a in enumerate(tables[0].names[:-1]) for b in tables[0].names[place + 1 : -1]]
    among = _Blocks.of(tables, pairs)
    with_outcome = _Blocks.of(tables, [(a, outcome) for a in tables[0].names[:-1]])
    codings = _codings(tables, copies.scale)
    ranks = _matrix(among, size, "spearman")[:, :-1, :-1] if together else None
    for method in METHODS:
        if method == "polychoric" and (len(tables) > 1 or max(len(level) for level in tables[0].levels) > FEW_LEVELS):
            continue
        matrix = _matrix(among, size, method) if together else None
        for coding, groups in codings.items():
            blocks = with_outcome.put_together(groups)
            value, error = _correlated(blocks, method)
            there = enough & np.isfinite(value).all(axis=0)
            errors = _errors(blocks, method, value, error, n, 0, inflation)
            estimate, p = _tested(value, errors, np.minimum(df, n - 2), method)
            yield coding, method, "", n, np.where(there, estimate, np.nan), p
            if matrix is None or not there.all() or np.isnan(matrix).any():
                continue
            given = size - 1
            matrix[:, -1, :-1] = matrix[:, :-1, -1] = value
            fit = nearest_correlation(matrix)[0]
            partial = np.array([partial_correlations(one) for one in fit])
            errors = _errors(blocks, method, partial, error, least, given, inflation)
            if method in ("kendall", "polychoric") and ranks is not None and np.isfinite(ranks).all():
                errors = errors * _misfit(fit[:, :-1, :-1], ranks)
            yield coding, method, "others", least, *_tested(partial, errors, np.minimum(df, least - 2 - given), method)


@dataclass(frozen=True)
class _Blocks:
    """Contingency tables of pairs of questions, (copies, pairs, levels, levels), and the levels' answers."""

    counts: np.ndarray
    first: np.ndarray
    second: np.ndarray
    effective: np.ndarray

    @classmethod
    def of(cls, tables: list[Tables], pairs: list[tuple[str, str]]) -> _Blocks:
        names = tables[0].names
        stacks = [stack_pairs(one, pairs) for one in tables]
        # imputed copies may lack an answer that hardly anybody gave
        shape = [max(stack[1].shape[axis] for stack in stacks) for axis in (1, 2)]
        counts = np.zeros((len(tables), len(pairs), *shape))
        levels = [np.zeros((len(tables), len(pairs), length)) for length in shape]
        for copy, (_, stack, _, _) in enumerate(stacks):
            counts[copy, :, : stack.shape[1], : stack.shape[2]] = stack
            for number, pair in enumerate(pairs):
                for side, name in enumerate(pair):
                    known = tables[copy].levels[names.index(name)]
                    levels[side][copy, number, : len(known)] = known
                    levels[side][copy, number, len(known) :] = known[-1] if len(known) else 0.0
        return cls(counts, *levels, np.array([stack[3] for stack in stacks]))

    def put_together(self, groups: np.ndarray) -> _Blocks:
        """The second question's answers put into groups."""
        if len(groups) == self.counts.shape[3] and len(np.unique(groups)) == len(groups):
            return self
        into = np.eye(groups.max() + 1)[groups]
        into = np.pad(into, ((0, self.counts.shape[3] - len(into)), (0, 0)))
        second = np.broadcast_to(np.arange(into.shape[1], dtype=float), (*self.counts.shape[:2], into.shape[1]))
        return replace(self, counts=self.counts @ into, second=second)


def _codings(tables: list[Tables], scale: tuple[float, float]) -> dict[str, np.ndarray]:
    """The codings that differ from each other and leave enough people in every group."""
    levels = tables[0].levels[-1]  # the outcome is never imputed
    starts = tables[0].starts
    people = np.diag(tables[0].counts[:, starts[-2] :, starts[-2] :].sum(axis=0))
    known: dict[tuple[int, ...], str] = {}
    for coding, groups in box_codings(levels, scale).items():
        number = np.unique(groups, return_inverse=True)[1]
        large = coding == "as_answered" or np.bincount(number, people).min(initial=np.inf) >= MIN_BOX
        if large and number.max(initial=0) > 0:
            known.setdefault(tuple(number.tolist()), coding)
    return {coding: np.array(groups) for groups, coding in known.items()}


def _correlated(blocks: _Blocks, method: str) -> tuple[np.ndarray, np.ndarray]:
    """Correlation of every block, and the standard error of its atanh where the method has its own (NaN otherwise)."""
    shape = blocks.counts.shape[:2]
    if method == "polychoric":
        found = polychoric(blocks.counts, n_effective=blocks.effective)
        sure = np.isfinite(found.error)
        value = np.where(sure, found.estimate, np.nan)
        return value, np.where(sure, found.error, np.nan) / (1 - np.where(sure, value, 0.0) ** 2)
    flat = blocks.counts.reshape(-1, *blocks.counts.shape[2:])
    levels = [side.reshape(len(flat), -1) for side in (blocks.first, blocks.second)]
    return RANK_METHODS[method](flat, *levels).reshape(shape), np.full(shape, np.nan)


def _matrix(among: _Blocks, size: int, method: str) -> np.ndarray:
    """Correlation matrices of the factors, with room for the outcome."""
    result = np.tile(np.eye(size + 1), (len(among.counts), 1, 1))
    if among.counts.shape[1]:
        first, second = np.triu_indices(size, 1)
        result[:, first, second] = result[:, second, first] = _correlated(among, method)[0]
    return result


def _errors(
    blocks: _Blocks,
    method: str,
    value: np.ndarray,
    own: np.ndarray,
    n: np.ndarray,
    given: int,
    inflation: np.ndarray,
) -> np.ndarray:
    """Standard error of tau, or of atanh of the other correlations."""
    people = np.maximum(n - given - 3, 1).astype(float)
    if method == "kendall":
        # with several copies the margins of the first say enough: they differ by a few filled answers
        left = np.maximum(n - given, 3)
        error = np.array([kendall_null_error(table, m) for table, m in zip(blocks.counts[0], left, strict=True)])
        return np.broadcast_to(error * np.sqrt(inflation), value.shape)
    if method == "polychoric":
        return own * np.sqrt(np.maximum(n - 3, 1) / people * inflation)
    extra = value**2 / 2 if method == "spearman" else 0.0
    return np.broadcast_to(np.sqrt((1 + extra) / people * inflation), value.shape)


def _misfit(matrices: np.ndarray, ranks: np.ndarray) -> np.ndarray:
    """How much more a partial correlation varies because its matrix is not that of the answers' own covariation.

    Without association, correlations with the outcome covary as the factors' ranks do (R). A partial correlation weighs
    them by the inverse P of the factors' matrix, which is R's for Spearman and Pearson, but smaller for tau and larger
    for polychoric correlations: sqrt((P R P)_jj / P_jj).
    """
    inverse = np.linalg.pinv(matrices, hermitian=True)
    wide = np.diagonal(inverse @ ranks @ inverse, axis1=1, axis2=2)
    own = np.diagonal(inverse, axis1=1, axis2=2)
    return np.sqrt(np.maximum(wide, 0.0) / np.where(own > 0, own, 1.0))


def _tested(value: np.ndarray, error: np.ndarray, df: np.ndarray, method: str) -> tuple[np.ndarray, np.ndarray]:
    """Estimate and two-sided p; copies are pooled by Rubin's rules."""
    scaled = value if method == "kendall" else np.arctanh(np.clip(value, -PERFECT, PERFECT))
    error = np.where(error > 0, error, np.nan)
    df = np.maximum(df, 1)
    if len(value) == 1:
        return value[0], 2 * distributions.t.sf(np.abs(scaled[0] / error[0]), df)
    found = pool(scaled, error**2, complete_df=df)
    return found.estimate if method == "kendall" else np.tanh(found.estimate), found.p
