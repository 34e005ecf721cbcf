"""Would another reasonable analyst find the same? Each association over a grid of choices (specifications.csv)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from cxlib.drivers.pairs import Pairs
from cxlib.drivers.survey import Survey
from cxlib.drivers.table import significant
from cxlib.drivers.ways import Copies, ways
from cxlib.stats.imputation import impute
from cxlib.stats.tables import cross_tables

ROWS = ("cleaned", "careless_back", "most_answered", "varied")
MISSING = ("pairwise", "listwise", "imputed")
WEIGHTS = ("on", "off")
SPECIFICATION = ("rows", "missing", "coding", "method", "weights", "given")
GRID_COLUMNS = ("outcome", "factor", *SPECIFICATION, "n", "estimate", "p", "stands", "reason")

MOST = 0.8  # part of the factors that a person answered, to have answered most of them
FEWEST_FACTORS = 5  # for telling whether somebody gave nearly the same answer to everything
KEPT = 2 / 3  # of the people that a stricter choice of rows must keep, to be one of cleaning
IMPUTE_UP_TO = 20_000  # people; a few seconds a choice of rows, and the more people, the longer
COPIES = 5  # imputations; Rubin's rules with five lose 2 % of the efficiency at a tenth of information missing


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
    copies: int | None = None,
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
    copies : int, optional
        Imputations pooled by Rubin's rules; below 2, missing answers are not imputed. None takes 5 up to 20,000 people
        and none beyond.
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
    Stores and weights widen each error as they do in the reported association (`Pairs.inflation`). The error of a
    partial tau or polychoric correlation is that of the raw one with n less the number of other factors, corrected for
    the difference between its matrix and that of the ranks; under no association the 5 % tests of the grid reject 4 to
    6 % (n = 300, common mood .6, a tenth of the answers missing).

    References
    ----------
    Simonsohn, Simmons & Nelson (2020), Specification curve analysis, Nature Human Behaviour 4, 1208-1214.
    doi:10.1038/s41562-020-0912-z. von Hippel (2007), Regression with missing Ys, Sociological Methodology 37, 83-117.
    doi:10.1111/j.1467-9531.2007.00180.x
    """
    tell = tick or (lambda part: None)
    if copies is None:
        copies = COPIES if survey.rows <= IMPUTE_UP_TO else 0
    versions = _versions(survey, used, put_back)
    found: list[_Found] = []
    # errors rest on so many groups
    df = float(max(survey.groups.count - survey.tied, 1)) if survey.drawn else np.inf
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
                    for coding, method, given, n, estimate, p in ways(here, inflation, df, data.settings.min_pairs):
                        way = (rows, missing, coding, method, weights, given)
                        found.append(_Found(o, chosen, way, n, estimate, p))
            tell((number * len(survey.outcomes) + o + 1) / (len(versions) * len(survey.outcomes)))
    return _grid(survey, whole, used, found)


@dataclass(frozen=True)
class _Found:
    """One specification of one outcome: numbers of the `chosen` factors."""

    outcome: int
    chosen: np.ndarray
    way: tuple[str, ...]
    n: np.ndarray
    estimate: np.ndarray
    p: np.ndarray


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
) -> Iterator[tuple[str, Copies]]:
    """The answers under each treatment of missing ones that changes something."""
    name = data.outcomes[outcome]
    part = data.of([*(data.factors[place] for place in chosen), name])
    part = part.part(part.answers[name].notna().to_numpy())
    scale = data.scales[name]
    yield "pairwise", Copies([part.tables], scale)
    whole = part.answers.notna().all(axis=1).to_numpy()
    if whole.all():
        return
    yield "listwise", Copies([part.part(whole).tables], scale)
    if filled:
        copies = [copy.loc[part.answers.index, list(part.answers)] for copy in filled]
        if not any(copy.isna().any(axis=None) for copy in copies):
            yield "imputed", Copies([cross_tables(copy, weights=part.weights) for copy in copies], scale)


def _grid(survey: Survey, whole: Pairs, used: np.ndarray, found: list[_Found]) -> Grid:
    """The table, and how often each association stands."""
    sign, alpha = np.sign(whole.estimate), 1 - survey.settings.confidence
    shape = (2, *used.shape)  # raw, adjusted
    stands, of = np.zeros(shape, dtype=int), np.zeros(shape, dtype=int)
    columns: dict[str, list[np.ndarray]] = {column: [] for column in GRID_COLUMNS}
    for one in found:
        made = np.isfinite(one.estimate) & np.isfinite(one.p)
        right = made & (np.sign(one.estimate) == sign[one.chosen, one.outcome]) & (np.where(made, one.p, 1.0) < alpha)
        kind = int(one.way[-1] != "")
        of[kind, one.chosen, one.outcome] += made
        stands[kind, one.chosen, one.outcome] += right
        for column, value in zip(SPECIFICATION, one.way, strict=True):
            columns[column].append(np.full(made.sum(), value, dtype=object))
        columns["outcome"].append(np.full(made.sum(), one.outcome))
        for column, values in zip(
            ("factor", "n", "estimate", "p", "stands"), (one.chosen, one.n, one.estimate, one.p, right), strict=True
        ):
            columns[column].append(values[made])
        columns["reason"].append(np.full(made.sum(), "", dtype=object))
    factor, outcome = np.nonzero(of.sum(axis=0) == 0)
    reason = [whole.reason[f, o] or "too_few" for f, o in zip(factor, outcome, strict=True)]
    nothing = dict.fromkeys(SPECIFICATION, np.full(len(factor), "", dtype=object))
    nothing |= {"outcome": outcome, "factor": factor, "n": whole.n[factor, outcome]}
    nothing |= dict.fromkeys(("estimate", "p"), np.full(len(factor), np.nan))
    nothing |= {"stands": np.zeros(len(factor), dtype=bool), "reason": np.array(reason, dtype=object)}
    table = pd.DataFrame({name: np.concatenate([*parts, nothing[name]]) for name, parts in columns.items()})
    table = table.sort_values(["outcome", "factor"], kind="stable", ignore_index=True)
    table["outcome"] = [survey.outcomes[number] for number in table["outcome"]]
    table["factor"] = [survey.factors[number] for number in table["factor"]]
    for column in ("estimate", "p"):
        table[column] = significant(table[column].to_numpy(dtype=float))
    table = table.astype(dict.fromkeys(("outcome", "factor", *SPECIFICATION, "reason"), object))
    table = table.astype({"stands": bool, "n": "Int64"})
    return Grid(table[list(GRID_COLUMNS)], stands.sum(axis=0), of.sum(axis=0), stands[0], of[0], stands[1], of[1])
