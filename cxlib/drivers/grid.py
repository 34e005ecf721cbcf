"""Would another reasonable analyst find the same? Each association over a grid of choices (specifications.csv)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy import stats as distributions

from cxlib.drivers.adjusting import SPARE_PEOPLE
from cxlib.drivers.pairs import Pairs
from cxlib.drivers.survey import Survey
from cxlib.drivers.table import significant
from cxlib.stats.adjusted import partial_correlations
from cxlib.stats.association import PERFECT
from cxlib.stats.imputation import impute, pool
from cxlib.stats.matrices import nearest_correlation
from cxlib.stats.ordinal import stack_pairs
from cxlib.stats.polychoric import polychoric
from cxlib.stats.rank import METHODS as RANK_METHODS
from cxlib.stats.rank import kendall_null_error
from cxlib.stats.tables import Tables, cross_tables

ROWS = ("cleaned", "careless_back", "most_answered", "varied")
MISSING = ("pairwise", "listwise", "imputed")
CODINGS = ("as_answered", "top_box", "top_two", "three_groups")
METHODS = ("spearman", "pearson", "kendall", "polychoric")
WEIGHTS = ("on", "off")
GIVEN = ("", "others")
SPECIFICATION = ("rows", "missing", "coding", "method", "weights", "given")
GRID_COLUMNS = ("outcome", "factor", *SPECIFICATION, "n", "estimate", "p", "stands", "reason")

TOP_BOX = 1 / 8  # of the scale's length: 9-10 of 0-10, 5 of 1-5
MIDDLE_BOX = 3 / 8  # 7-8 of 0-10, 4 of 1-5
MIN_BOX = 10  # people in each group of a coding; fewer say nothing
MOST = 0.8  # part of the factors that a person answered, to have answered most of them
FEWEST_FACTORS = 5  # for telling whether somebody gave nearly the same answer to everything
KEPT = 2 / 3  # of the people that a stricter choice of rows must keep, to be one of cleaning
COPIES = 5  # imputations; Rubin's rules with five lose 2 % of the efficiency at a tenth of information missing
FEW_LEVELS = 12  # polychoric correlations of longer scales take long and say what Pearson's does


@dataclass(frozen=True)
class Grid:
    """Every association in every way of looking; arrays have shape (factors, outcomes).

    Parameters
    ----------
    table : DataFrame
        specifications.csv, see `specification_grid`.
    stands, of : integer arrays
        In how many of the ways that could be computed the association stands, raw and adjusted together.
    raw_stands, raw_of : integer arrays
        Those that look at the factor alone.
    adjusted_stands, adjusted_of : integer arrays
        Those that hold the other factors.
    """

    table: pd.DataFrame
    stands: np.ndarray
    of: np.ndarray
    raw_stands: np.ndarray
    raw_of: np.ndarray
    adjusted_stands: np.ndarray
    adjusted_of: np.ndarray


def specification_grid(
    survey: Survey,
    whole: Pairs,
    used: np.ndarray,
    *,
    put_back: Survey | None = None,
    copies: int = COPIES,
    tick: Callable[[float], None] | None = None,
) -> Grid:
    """Each association in every combination of reasonable choices.

    Parameters
    ----------
    survey : Survey
    whole : Pairs
        The associations reported.
    used : boolean array of shape (factors, outcomes)
        Which factors are held against each other for each outcome; the others are not followed.
    put_back : Survey, optional
        The survey with the rows that careless-response rules set aside.
    copies : int
        Imputations pooled by Rubin's rules; below 2, missing answers are not imputed.
    tick : function, optional
        Called with the part done, 0-1.

    Returns
    -------
    Grid
        Its table has one row a specification that could be computed: `estimate`, two-sided `p`, people `n`, and
        `stands` (the sign of the reported association, and p < 1 - confidence). The choices:

        - rows: as `cleaned`; `careless_back`; `most_answered` (only people who answered four fifths of the factors);
          `varied` (also without people who gave all factors but one the same answer).
        - missing: `pairwise`; `listwise`; `imputed` (the outcome helps to impute factors; people without the outcome
          are then left out).
        - coding of the outcome: `as_answered`; `top_box`; `top_two` boxes; `three_groups`.
        - method: `spearman`, `pearson`, `kendall`, `polychoric` (short scales, not imputed).
        - weights: `on`, `off`.
        - given: '' or the `others` (partial correlation of the same kind).

        A choice that would change nothing (no weights, nothing missing, two codings that coincide) is left out, not
        counted twice. A factor that is not used has one row, with `reason`.

    Notes
    -----
    Stores and weights widen each error as they do in the reported association (`Pairs.inflation`). Partial tau's error
    is that of tau with ties and n less the number of other factors; a partial polychoric correlation's is that of the
    raw one, likewise.

    References
    ----------
    Simonsohn, Simmons & Nelson (2020), Specification curve analysis, Nature Human Behaviour 4, 1208-1214.
    doi:10.1038/s41562-020-0912-z. von Hippel (2007), Regression with missing Ys, Sociological Methodology 37, 83-117.
    doi:10.1111/j.1467-9531.2007.00180.x
    """
    tell = tick or (lambda part: None)
    versions = _versions(survey, used, put_back)
    found: list[_Found] = []
    drawn = survey.groups.clustered or survey.weights is not None  # errors rest on so many groups
    df = float(survey.groups.count - 1) if drawn else np.inf
    for number, (rows, version) in enumerate(versions):
        filled = _filled(version, used, copies)
        for o in range(len(survey.outcomes)):
            chosen = np.flatnonzero(used[:, o])
            for weights in WEIGHTS if version.weights is not None else WEIGHTS[1:]:
                if not len(chosen):
                    continue
                data = version if weights == "on" else version.unweighted()
                inflation = _inflation(survey, whole, weights)[chosen, o]
                for missing, here in _treatments(data, filled, chosen, o):
                    for coding, method, given, n, estimate, p in _ways(here, inflation, df, data.settings.min_pairs):
                        way = (rows, missing, coding, method, weights, given)
                        found.append(_Found(o, chosen, way, n, estimate, p))
            tell((number * len(survey.outcomes) + o + 1) / (len(versions) * len(survey.outcomes)))
    return _grid(survey, whole, used, found)


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


@dataclass(frozen=True)
class _Found:
    """One specification of one outcome: numbers of the `chosen` factors."""

    outcome: int
    chosen: np.ndarray
    way: tuple[str, ...]
    n: np.ndarray
    estimate: np.ndarray
    p: np.ndarray


@dataclass(frozen=True)
class _Copies:
    """Contingency tables under one treatment of missing answers, the outcome last; several where they are imputed."""

    tables: list[Tables]
    scale: tuple[float, float]


def _versions(survey: Survey, used: np.ndarray, put_back: Survey | None) -> list[tuple[str, Survey]]:
    """The survey under each choice of rows that changes something."""
    versions = [("cleaned", survey)]
    if put_back is not None and put_back.rows > survey.rows:
        versions.append(("careless_back", put_back))
    factors = [name for name, use in zip(survey.factors, used.any(axis=1), strict=True) if use]
    answers = survey.answers[factors].to_numpy()
    given = np.isfinite(answers)
    asked = given.any(axis=0)
    most = given[:, asked].mean(axis=1) >= MOST if asked.any() else np.ones(len(answers), dtype=bool)
    choices = {"most_answered": most}
    if len(factors) >= FEWEST_FACTORS:
        same = np.zeros(len(answers), dtype=int)
        for level in np.unique(answers[given]):
            same = np.maximum(same, (answers == level).sum(axis=1))
        choices["varied"] = same < given.sum(axis=1) - 1
    for rows, kept in choices.items():
        if KEPT * len(kept) <= kept.sum() < len(kept):
            versions.append((rows, survey.part(kept)))
    return versions


def _inflation(survey: Survey, whole: Pairs, weights: str) -> np.ndarray:
    """Of the variance, by stores and, when they are on, by weights."""
    if weights == "on" or survey.weights is None:
        return whole.inflation
    size = len(survey.factors)
    effective = survey.tables.effective_n()[:size, size:]
    kish = np.divide(whole.n, effective, out=np.ones(effective.shape), where=effective > 0)
    return np.maximum(whole.inflation / np.maximum(kish, 1.0), 1.0)


def _filled(version: Survey, used: np.ndarray, copies: int) -> list[pd.DataFrame]:
    """Imputed copies of the answers; the same whatever the order of people and of questions."""
    names = sorted(name for name, use in zip(version.factors, used.any(axis=1), strict=True) if use)
    answers = version.answers[[*names, *sorted(version.outcomes)]]
    if copies < 2 or not names or version.rows == 0 or answers[names].notna().all(axis=None):
        return []
    order = np.lexsort(np.nan_to_num(answers.to_numpy(), nan=-np.inf).T)
    back = np.argsort(order, kind="stable")
    found = impute(answers.iloc[order], m=copies, seed=version.settings.seed)
    return [found.frame(copy).iloc[back].set_axis(answers.index) for copy in range(copies)]


def _treatments(
    data: Survey, filled: list[pd.DataFrame], chosen: np.ndarray, outcome: int
) -> Iterator[tuple[str, _Copies]]:
    """The answers under each treatment of missing ones that changes something."""
    name = data.outcomes[outcome]
    part = data.of([*(data.factors[place] for place in chosen), name])
    part = part.part(part.answers[name].notna().to_numpy())
    scale = data.scales[name]
    yield "pairwise", _Copies([part.tables], scale)
    whole = part.answers.notna().all(axis=1).to_numpy()
    if whole.all():
        return
    yield "listwise", _Copies([part.part(whole).tables], scale)
    if filled:
        copies = [copy.loc[part.answers.index, list(part.answers)] for copy in filled]
        if not any(copy.isna().any(axis=None) for copy in copies):
            yield "imputed", _Copies([cross_tables(copy, weights=part.weights) for copy in copies], scale)


def _ways(
    copies: _Copies, inflation: np.ndarray, df: float, min_pairs: int
) -> Iterator[tuple[str, str, str, np.ndarray, np.ndarray, np.ndarray]]:
    """Coding, method, given, n, estimate and p of the factors."""
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
            partial = np.array([partial_correlations(one) for one in nearest_correlation(matrix)[0]])
            errors = _errors(blocks, method, partial, error, least, given, inflation)
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
    return np.sqrt((1 + extra) / people * inflation)


def _tested(value: np.ndarray, error: np.ndarray, df: np.ndarray, method: str) -> tuple[np.ndarray, np.ndarray]:
    """Estimate and two-sided p; copies are pooled by Rubin's rules."""
    scaled = value if method == "kendall" else np.arctanh(np.clip(value, -PERFECT, PERFECT))
    error = np.where(error > 0, error, np.nan)
    df = np.maximum(df, 1)
    if len(value) == 1:
        return value[0], 2 * distributions.t.sf(np.abs(scaled[0] / error[0]), df)
    found = pool(scaled, error**2, complete_df=df)
    return found.estimate if method == "kendall" else np.tanh(found.estimate), found.p


def _grid(survey: Survey, whole: Pairs, used: np.ndarray, found: list[_Found]) -> Grid:
    """The table, and how often each association stands."""
    sign, alpha = np.sign(whole.estimate), 1 - survey.settings.confidence
    shape = (2, *used.shape)  # raw, adjusted
    stands, of = np.zeros(shape, dtype=int), np.zeros(shape, dtype=int)
    parts = []
    for one in found:
        made = np.isfinite(one.estimate) & np.isfinite(one.p)
        right = made & (np.sign(one.estimate) == sign[one.chosen, one.outcome]) & (np.where(made, one.p, 1.0) < alpha)
        kind = int(one.way[-1] != "")
        of[kind, one.chosen, one.outcome] += made
        stands[kind, one.chosen, one.outcome] += right
        columns = {"outcome": one.outcome, "factor": one.chosen, **dict(zip(SPECIFICATION, one.way, strict=True))}
        columns |= {"n": one.n, "estimate": one.estimate, "p": one.p, "stands": right, "reason": ""}
        parts.append(pd.DataFrame(columns)[made])
    factor, outcome = np.nonzero(of.sum(axis=0) == 0)
    reason = [whole.reason[f, o] or "too_few" for f, o in zip(factor, outcome, strict=True)]
    nothing = {"outcome": outcome, "factor": factor, **dict.fromkeys(SPECIFICATION, ""), "n": whole.n[factor, outcome]}
    nothing |= {"estimate": np.nan, "p": np.nan, "stands": False, "reason": reason}
    parts.append(pd.DataFrame(nothing, index=range(len(factor))))
    table = pd.concat([part for part in parts if len(part)], ignore_index=True) if any(map(len, parts)) else parts[-1]
    table = table.sort_values(["outcome", "factor"], kind="stable", ignore_index=True)
    table["outcome"] = [survey.outcomes[number] for number in table["outcome"]]
    table["factor"] = [survey.factors[number] for number in table["factor"]]
    for column in ("estimate", "p"):
        table[column] = significant(table[column].to_numpy(dtype=float))
    table = table.astype(dict.fromkeys(("outcome", "factor", *SPECIFICATION, "reason"), object))
    table = table.astype({"stands": bool, "n": "Int64"})
    return Grid(table[list(GRID_COLUMNS)], stands.sum(axis=0), of.sum(axis=0), stands[0], of[0], stands[1], of[1])
