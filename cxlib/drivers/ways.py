"""The numbers behind the grid of specifications: every coding and measure of one set of answers, alone and adjusted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from scipy import special

from cxlib.drivers.adjusting import SPARE_PEOPLE
from cxlib.stats.adjusted import partial_correlations
from cxlib.stats.association import PERFECT
from cxlib.stats.imputation import pool
from cxlib.stats.matrices import SAME, eigenvalues_above, nearest_correlation
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
class Treated:
    """Answers under one treatment of missing ones, with what the ways of all outcomes share.

    Parameters
    ----------
    tables : Tables
        Contingency tables of the factors, then of the outcomes, which the same people gave; one group, or one for each
        copy where missing answers are imputed.
    factors : int
        How many of the questions are factors.
    """

    tables: Tables
    factors: int
    _known: dict[str, np.ndarray] = field(default_factory=dict, repr=False)

    @cached_property
    def people(self) -> np.ndarray:
        """Who answered both of two questions."""
        return self.tables.pairs // self.tables.groups

    @cached_property
    def effective(self) -> np.ndarray:
        """Their effective number, by weights."""
        return self.tables.effective_n()

    def blocks(self, first: np.ndarray, second: np.ndarray) -> _Blocks:
        """Their contingency tables."""
        counts, *answers = self.tables.blocks(first, second)
        answers = [side[:, :, None] for side in answers]
        return _Blocks(counts[:, :, :, None], *answers, self.effective[first, second])

    def among(self, method: str) -> np.ndarray:
        """Correlation matrices of the factors, (copies, factors, factors)."""
        if method not in self._known:
            result = np.tile(np.eye(self.factors), (self.tables.groups, 1, 1))
            first, second = np.triu_indices(self.factors, 1)
            if len(first):
                found = _correlated(self.blocks(first, second), method)[0]
                result[:, first, second] = result[:, second, first] = found[:, 0]
            self._known[method] = result
        return self._known[method]


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
    treated: Treated, outcome: int, scale: tuple[float, float], inflation: np.ndarray, df: float, min_pairs: int
) -> Iterator[tuple[str, str, str, np.ndarray, np.ndarray, np.ndarray]]:
    """Every coding and method, the factors alone and given each other.

    Parameters
    ----------
    treated : Treated
    outcome : int
        Which of the outcomes.
    scale : (float, float)
        Its lowest and highest answer.
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
    tables, size, question = treated.tables, treated.factors, treated.factors + outcome
    at = np.append(np.arange(size), question)
    n, least = treated.people[:size, question], treated.people[np.ix_(at, at)].min()
    together = least >= min_pairs and n.min() >= size + 2 + SPARE_PEOPLE
    least = np.full(size, least)  # a partial correlation knows no more than its thinnest pair
    codings = _codings(tables, question, scale)
    if not codings:
        return
    answered = treated.blocks(np.arange(size), np.full(size, question))
    blocks = [answered, *([answered.put_together([*codings.values()][1:])] if len(codings) > 1 else [])]
    longest = max(len(tables.levels[one]) for one in at)
    for method in METHODS:
        if method == "polychoric" and (tables.groups > 1 or longest > FEW_LEVELS):
            continue
        found = [_correlated(one, method) for one in blocks]
        value, error = (np.concatenate(part, axis=1) for part in zip(*found, strict=True))
        there = (n >= min_pairs) & np.isfinite(value).all(axis=0)
        errors = _errors(blocks, method, value, error, n, 0, inflation)
        estimate, p = _tested(value, errors, np.minimum(df, n - 2), method)
        adjusted = {}
        whole = np.flatnonzero(there.all(axis=1)) if together else []
        if len(whole) and not np.isnan(treated.among(method)).any():
            numbers = _adjusted(treated, method, value[:, whole], error[:, whole], least, inflation, blocks, whole, df)
            adjusted = {int(place): pair for place, *pair in zip(whole, *numbers, strict=True)}
        for place, coding in enumerate(codings):
            yield coding, method, "", n, np.where(there[place], estimate[place], np.nan), p[place]
            if place in adjusted:
                yield coding, method, "others", least, *adjusted[place]


def _adjusted(
    treated: Treated,
    method: str,
    value: np.ndarray,
    own: np.ndarray,
    least: np.ndarray,
    inflation: np.ndarray,
    blocks: list[_Blocks],
    which: np.ndarray,
    df: float,
) -> tuple[np.ndarray, np.ndarray]:
    """Partial correlations of the codings `which` and their p; `value` and `own` are (copies, codings, factors)."""
    given = treated.factors - 1
    matrices = np.tile(np.eye(treated.factors + 1), (*value.shape[:2], 1, 1))
    matrices[..., :-1, :-1] = treated.among(method)[:, None]
    matrices[..., -1, :-1] = matrices[..., :-1, -1] = value
    fit = nearest_correlation(matrices)[0]
    partial = _partial(fit)
    errors = _errors(blocks, method, partial, own, least, given, inflation, which)
    if method in ("kendall", "polychoric"):
        ranks = treated.among("spearman")
        if np.isfinite(ranks).all():
            errors = errors * _misfit(fit[..., :-1, :-1], ranks[:, None])
    return _tested(partial, errors, np.minimum(df, least - 2 - given), method)


@dataclass(frozen=True)
class _Blocks:
    """Contingency tables of pairs of questions, (levels, levels, copies, codings, pairs), and the levels' answers."""

    counts: np.ndarray
    first: np.ndarray
    second: np.ndarray
    effective: np.ndarray

    def put_together(self, codings: list[np.ndarray]) -> _Blocks:
        """The second question's answers put into groups, side by side for each coding."""
        most = max(int(groups.max()) for groups in codings)
        into = np.zeros((len(codings), self.counts.shape[1], most + 1))
        for place, groups in enumerate(codings):
            into[place, np.arange(len(groups)), groups] = 1
        counts = np.einsum("abcp,kbd->adckp", self.counts[:, :, :, 0], into)
        # a coding of two groups has an empty third, which repeats the second's answer
        last = np.array([groups.max() for groups in codings])
        second = np.minimum(np.arange(most + 1.0)[:, None], last)[:, None, :, None]
        return _Blocks(counts, self.first, second, self.effective)


def _codings(tables: Tables, question: int, scale: tuple[float, float]) -> dict[str, np.ndarray]:
    """The codings that differ from each other and leave enough people in every group, the answers as given first."""
    start, end = tables.starts[question : question + 2]
    people = np.diag(tables.counts[0, start:end, start:end])  # the outcome is never imputed
    known: dict[tuple[int, ...], str] = {}
    for coding, groups in box_codings(tables.levels[question], scale).items():
        number = np.unique(groups, return_inverse=True)[1]
        large = coding == "as_answered" or np.bincount(number, people).min(initial=np.inf) >= MIN_BOX
        if large and number.max(initial=0) > 0:
            known.setdefault(tuple(number.tolist()), coding)
    return {coding: np.array(groups) for groups, coding in known.items()}


def _correlated(blocks: _Blocks, method: str) -> tuple[np.ndarray, np.ndarray]:
    """Correlation of every block, and the standard error of its atanh where the method has its own (NaN otherwise).

    Both of shape (copies, codings, pairs).
    """
    if method == "polychoric":
        found = polychoric(np.moveaxis(blocks.counts, (0, 1), (3, 4)), n_effective=blocks.effective)
        sure = np.isfinite(found.error)
        value = np.where(sure, found.estimate, np.nan)
        return value, np.where(sure, found.error, np.nan) / (1 - np.where(sure, value, 0.0) ** 2)
    value = RANK_METHODS[method](blocks.counts, blocks.first, blocks.second)
    return value, np.full(value.shape, np.nan)


def _partial(matrices: np.ndarray) -> np.ndarray:
    """Partial correlations; each matrix for itself where factors may repeat others, which then have none."""
    if eigenvalues_above(matrices, 2 * SAME).all():
        return partial_correlations(matrices)
    each = [partial_correlations(one) for one in matrices.reshape(-1, *matrices.shape[-2:])]
    return np.reshape(each, (*matrices.shape[:-2], -1))


def _errors(
    blocks: list[_Blocks],
    method: str,
    value: np.ndarray,
    own: np.ndarray,
    n: np.ndarray,
    given: int,
    inflation: np.ndarray,
    which: np.ndarray | slice = slice(None),
) -> np.ndarray:
    """Standard error of tau, or of atanh of the other correlations, of the codings `which`."""
    people = np.maximum(n - given - 3, 1).astype(float)
    if method == "kendall":
        # with several copies the margins of the first say enough: they differ by a few filled answers
        left = np.maximum(n - given, 3)
        error = np.concatenate([kendall_null_error(one.counts[:, :, 0], left) for one in blocks])[which]
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
    sound = eigenvalues_above(matrices, 2 * SAME).all()
    inverse = np.linalg.inv(matrices) if sound else np.linalg.pinv(matrices, hermitian=True)
    wide = np.diagonal(inverse @ ranks @ inverse, axis1=-2, axis2=-1)
    own = np.diagonal(inverse, axis1=-2, axis2=-1)
    return np.sqrt(np.maximum(wide, 0.0) / np.where(own > 0, own, 1.0))


def _tested(value: np.ndarray, error: np.ndarray, df: np.ndarray, method: str) -> tuple[np.ndarray, np.ndarray]:
    """Estimate and two-sided p; copies are pooled by Rubin's rules."""
    scaled = value if method == "kendall" else np.arctanh(np.clip(value, -PERFECT, PERFECT))
    error = np.where(error > 0, error, np.nan)
    df = np.maximum(df, 1)
    if len(value) == 1:
        return value[0], 2 * special.stdtr(df, -np.abs(scaled[0] / error[0]))
    found = pool(scaled, error**2, complete_df=df)
    return found.estimate if method == "kendall" else np.tanh(found.estimate), found.p
