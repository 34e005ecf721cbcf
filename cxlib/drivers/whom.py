"""For whom? What the levels of a segment, or the waves, have in common, and the test whether they differ."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cxlib.drivers.pairs import Pairs
from cxlib.drivers.parts import Part, Row
from cxlib.drivers.survey import Survey
from cxlib.drivers.table import typed
from cxlib.stats.association import bonett_wright_error
from cxlib.stats.differing import NO_TEST, Difference, unit_difference
from cxlib.stats.heterogeneity import heterogeneity
from cxlib.stats.multiplicity import false_discovery
from cxlib.stats.pooling import pool_correlations
from cxlib.stats.rank import resampled_correlations
from cxlib.stats.tables import Coded, cross_tables

COLUMNS = {
    "factor": "text", "outcome": "text", "segment": "text", "levels": "whole", "n": "whole",
    "estimate": "number", "low": "number", "high": "number", "tau2": "number", "i2": "number",
    "test": "text", "q_statistic": "number", "df": "number", "room": "number", "p": "number", "q": "number",
    "predict_low": "number", "predict_high": "number", "reason": "text",
}  # fmt: skip


def groups_table(survey: Survey, whole: Pairs, parts: list[Part]) -> pd.DataFrame:
    """Pooled association over the levels of each segment and over the waves, and whether they differ.

    Parameters
    ----------
    survey : Survey
    whole : Pairs
        Associations of the whole survey.
    parts : list of Part
        Of every segment level and wave.

    Returns
    -------
    DataFrame
        One row a factor, outcome and segment ('' for the waves); the columns stand in docs/statistics.md. q is over all
        tests of segments, and over all tests of waves.

    Notes
    -----
    Random-effects mean of Fisher z (REML, Knapp and Hartung's interval, never shorter than the plain one). The levels
    are taken as independent in it; the test of the difference is not: with units, it is `stats.differing`.
    """
    rows: list[Row] = []
    for segment in dict.fromkeys(part.segment for part in parts):
        inside = [part for part in parts if part.segment == segment]
        left_out = _left_out(survey, inside) if survey.groups.clustered else None
        for f, factor in enumerate(survey.factors):
            for o, outcome in enumerate(survey.outcomes):
                r = np.array([part.pairs.estimate[f, o] for part in inside])
                error = np.array([part.pairs.error[f, o] for part in inside])
                n = np.array([part.pairs.n[f, o] for part in inside])
                test = _difference(r, error, n, f, o, left_out)
                pooled = pool_correlations(r, error, confidence=survey.settings.confidence)
                rows.append(
                    {
                        "factor": factor,
                        "outcome": outcome,
                        "segment": segment,
                        "levels": pooled.k,
                        "n": n.sum(),
                        "estimate": pooled.estimate,
                        "low": pooled.low,
                        "high": pooled.high,
                        "tau2": pooled.tau2,
                        "i2": pooled.i2,
                        "test": test.test,
                        "q_statistic": test.statistic,
                        "df": test.df,
                        "room": test.room,
                        "p": test.p,
                        "predict_low": pooled.predict_low,
                        "predict_high": pooled.predict_high,
                        "reason": "" if np.isfinite(test.p) else whole.reason[f, o] or "too_few",
                    }
                )
    for family in (True, False):
        members = [row for row in rows if (row["segment"] == "") == family]
        for row, value in zip(members, false_discovery([row["p"] for row in members]), strict=True):
            row["q"] = value
    return typed(rows, COLUMNS)


def difference_rows(groups: pd.DataFrame) -> list[Row]:
    """The rows of drivers.csv that tell whether the levels of a segment differ."""
    shown = groups.loc[groups["segment"] != "", ["factor", "outcome", "segment", "n", "reason", "p", "q"]]
    return [
        {**dict(zip(shown.columns[:5], row[:5], strict=True)), "differs_p": row[5], "differs_q": row[6]}
        for row in shown.itertuples(index=False, name=None)
    ]


def _difference(
    r: np.ndarray,
    error: np.ndarray,
    n: np.ndarray,
    f: int,
    o: int,
    left_out: tuple[np.ndarray, np.ndarray] | None,
) -> Difference:
    if left_out is not None:
        without, people = left_out
        return unit_difference(r, without[:, :, f, o], people[:, :, f, o], bonett_wright_error(r, n))
    test = heterogeneity(r, errors=error)
    if not np.isfinite(test.p):
        return NO_TEST
    return Difference("chi_square", test.df + 1, test.q, float(test.df), np.nan, test.p, "")


def _left_out(survey: Survey, parts: list[Part]) -> tuple[np.ndarray, np.ndarray]:
    """Associations without each unit, and people of each unit; both of shape (units, levels, factors, outcomes)."""
    size, coded, units = len(survey.factors), survey.coded, survey.groups
    pairs = [(f, size + o) for f in range(size) for o in range(len(survey.outcomes))]
    without, people = [], []
    for part in parts:
        at = np.flatnonzero(part.chosen)
        tables = cross_tables(
            Coded(coded.names, coded.levels, coded.codes[at]),
            weights=None if survey.weights is None else survey.weights[at],
            groups=units.index[at],
            n_groups=units.count,
        )
        all_but_one = 1 - np.eye(units.count, dtype=np.int32)
        without.append(resampled_correlations(tables, all_but_one, pairs=pairs)[:, :size, size:])
        real = (coded.codes[at] >= 0).astype(float)
        both = np.zeros((units.count, size, len(survey.outcomes)))
        for o in range(len(survey.outcomes)):
            answered = real[:, :size] * real[:, size + o : size + o + 1]
            for f in range(size):
                both[:, f, o] = np.bincount(units.index[at], answered[:, f], units.count)
        people.append(both)
    return np.stack(without, axis=1), np.stack(people, axis=1)
