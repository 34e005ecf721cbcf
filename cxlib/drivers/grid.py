"""Would another reasonable analyst find the same? Each association over a grid of choices (specifications.csv)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from cxlib.drivers.pairs import Pairs
from cxlib.drivers.survey import Survey
from cxlib.drivers.table import significant
from cxlib.drivers.ways import Treated, ways
from cxlib.stats.imputation import impute
from cxlib.stats.tables import Coded, code_answers, cross_tables

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
    done, steps = 0, len(versions) * len(survey.outcomes)
    for rows, version in versions:
        filled = _filled(version, used, copies)
        for chosen, outcomes, there in _alike(version, used):
            for weights in WEIGHTS if version.weights is not None else WEIGHTS[1:]:
                inflation = _inflation(survey, whole, weights)
                weigh = version.weights if weights == "on" else None
                for missing, here in _treatments(version, weigh, filled, chosen, outcomes, there):
                    for place, o in enumerate(outcomes):
                        scale = survey.scales[survey.outcomes[o]]
                        for coding, method, given, n, estimate, p in ways(
                            here, place, scale, inflation[chosen, o], df, survey.settings.min_pairs
                        ):
                            way = (rows, missing, coding, method, weights, given)
                            found.append(_Found(o, chosen, way, n, estimate, p))
            done += len(outcomes)
            tell(done / steps)
    tell(1.0)
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
        for level in np.unique(np.concatenate([survey.coded.levels[survey.factors.index(name)] for name in factors])):
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


def _filled(version: Survey, used: np.ndarray, copies: int) -> Coded | None:
    """Imputed copies of the answers, one below the other; the same whatever the order of people and of questions.

    The columns are those of `version.answers`; a question without imputed answers is missing for everybody.
    """
    names = sorted(name for name, use in zip(version.factors, used.any(axis=1), strict=True) if use)
    answers = version.answers[[*names, *sorted(version.outcomes)]]
    if copies < 2 or not names or version.rows == 0 or answers[names].notna().all(axis=None):
        return None
    places = [version.answers.columns.get_loc(name) for name in answers]
    order = np.lexsort(version.coded.codes[:, places].T)  # missing is the lowest
    found = impute(answers.iloc[order], m=copies, seed=version.settings.seed)
    whole = np.full((copies, *version.answers.shape), np.nan)
    whole[:, order[:, None], places] = found.completed
    return code_answers(pd.DataFrame(whole.reshape(-1, whole.shape[2]), columns=version.answers.columns))


def _alike(version: Survey, used: np.ndarray) -> Iterator[tuple[np.ndarray, list[int], np.ndarray]]:
    """Factors, outcomes for which the same people and factors are held together, and these people (a boolean array)."""
    answered = version.answers[list(version.outcomes)].notna().to_numpy()
    groups: dict[tuple[bytes, bytes], list[int]] = {}
    for o in np.flatnonzero(used.any(axis=0)):
        groups.setdefault((used[:, o].tobytes(), answered[:, o].tobytes()), []).append(int(o))
    for outcomes in groups.values():
        yield np.flatnonzero(used[:, outcomes[0]]), outcomes, answered[:, outcomes[0]]


def _treatments(
    version: Survey,
    weights: np.ndarray | None,
    filled: Coded | None,
    chosen: np.ndarray,
    outcomes: list[int],
    there: np.ndarray,
) -> Iterator[tuple[str, Treated]]:
    """The answers of the people who are `there`, under each treatment of missing ones that changes something."""
    columns = [*chosen, *(len(version.factors) + o for o in outcomes)]
    coded = version.coded.part(there, columns)
    weigh = None if weights is None else weights[there]
    yield "pairwise", Treated(cross_tables(coded, weights=weigh), len(chosen))
    whole = (coded.codes >= 0).all(axis=1)
    if whole.all():
        return
    listwise = cross_tables(coded.part(whole), weights=None if weigh is None else weigh[whole])
    yield "listwise", Treated(listwise, len(chosen))
    if filled is None:
        return
    copies = len(filled.codes) // len(there)
    coded = filled.part(np.tile(there, copies), columns)
    if (coded.codes >= 0).all():
        number = np.repeat(np.arange(copies), there.sum())
        weigh = None if weigh is None else np.tile(weigh, copies)
        tables = cross_tables(coded, weights=weigh, groups=number, n_groups=copies)
        yield "imputed", Treated(tables, len(chosen))


def _grid(survey: Survey, whole: Pairs, used: np.ndarray, found: list[_Found]) -> Grid:
    """The table, and how often each association stands."""
    sign, alpha = np.sign(whole.estimate), 1 - survey.settings.confidence
    lengths = [len(one.chosen) for one in found]
    columns = {
        name: np.concatenate([np.empty(0, dtype=kind), *(getattr(one, name) for one in found)])
        for name, kind in (("chosen", int), ("n", int), ("estimate", float), ("p", float))
    }
    columns["factor"] = columns.pop("chosen")
    columns["outcome"] = np.repeat([one.outcome for one in found], lengths).astype(int)
    for place, column in enumerate(SPECIFICATION):
        columns[column] = np.repeat(np.array([one.way[place] for one in found], dtype=object), lengths)
    made = np.isfinite(columns["estimate"]) & np.isfinite(columns["p"])
    columns = {name: values[made] for name, values in columns.items()}
    at = columns["factor"], columns["outcome"]
    right = (np.sign(columns["estimate"]) == sign[at]) & (columns["p"] < alpha)
    columns |= {"stands": right, "reason": np.full(len(right), "", dtype=object)}
    adjusted = (columns["given"] != "").astype(int)
    shape = (2, *used.shape)  # raw, adjusted
    stands, of = np.zeros(shape, dtype=int), np.zeros(shape, dtype=int)
    np.add.at(of, (adjusted, *at), 1)
    np.add.at(stands, (adjusted, *at), right)
    factor, outcome = np.nonzero(of.sum(axis=0) == 0)
    reason = [whole.reason[f, o] or "too_few" for f, o in zip(factor, outcome, strict=True)]
    nothing = dict.fromkeys(SPECIFICATION, np.full(len(factor), "", dtype=object))
    nothing |= {"outcome": outcome, "factor": factor, "n": whole.n[factor, outcome]}
    nothing |= dict.fromkeys(("estimate", "p"), np.full(len(factor), np.nan))
    nothing |= {"stands": np.zeros(len(factor), dtype=bool), "reason": np.array(reason, dtype=object)}
    columns = {name: np.concatenate([columns[name], nothing[name]]) for name in GRID_COLUMNS}
    order = np.lexsort((columns["factor"], columns["outcome"]))
    columns = {name: values[order] for name, values in columns.items()}
    for column, names in (("outcome", survey.outcomes), ("factor", survey.factors)):
        columns[column] = np.array(names, dtype=object)[columns[column]]
    for column in ("estimate", "p"):
        columns[column] = significant(columns[column])
    columns["n"] = pd.array(columns["n"], dtype="Int64")
    # an array of objects would be searched for text and turned into another type
    table = pd.DataFrame({name: pd.Series(values, dtype=values.dtype) for name, values in columns.items()})
    return Grid(table, stands.sum(axis=0), of.sum(axis=0), stands[0], of[0], stands[1], of[1])
