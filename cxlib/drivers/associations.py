"""Every factor with every outcome by every method, alone and with the other factors held."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from cxlib.drivers.adjusting import Together
from cxlib.drivers.given import GIVEN_METHODS, given_others
from cxlib.drivers.pairs import Pairs
from cxlib.drivers.survey import Survey
from cxlib.drivers.table import typed
from cxlib.stats.association import PERFECT, fisher_interval, fisher_p, method_code
from cxlib.stats.ordinal import ordinal_association, stack_pairs
from cxlib.stats.polychoric import polychoric
from cxlib.stats.polyserial import polyserial
from cxlib.stats.rank import correlations

COLUMNS = {
    "factor": "text", "outcome": "text", "method": "text", "given": "text", "n": "whole", "effective_n": "number",
    "estimate": "number", "error": "number", "low": "number", "high": "number", "p": "number", "check_p": "number",
    "reason": "text",
}  # fmt: skip
PLAIN_METHODS = ("spearman", "kendall", "somers_d", "polychoric", "polyserial", "pearson")
MEASURED = 7  # answers of an outcome from which on polyserial reads it as measured
PIECES = 400  # rows into which a contingency table is cut for polyserial; see `_polyserial`


def associations_table(survey: Survey, whole: Pairs, together: Sequence[Together]) -> pd.DataFrame:
    """Associations by every method, one row a method.

    Parameters
    ----------
    survey : Survey
    whole : Pairs
        Associations of the survey.
    together : sequence of Together
        One an outcome.

    Returns
    -------
    DataFrame
        One row a factor, outcome, method and `given` ('' nothing, 'others' all other factors); the methods and columns
        stand in docs/statistics.md.

    Notes
    -----
    Spearman as in drivers.csv. The other plain ones have the standard error of people who answer for themselves
    (Kendall, Somers' D, polychoric, polyserial: delta method; Pearson: Fisher's), widened by what units and weights do
    to the error of Spearman's, with the units' degrees of freedom.
    """
    size = len(survey.factors)
    pairs = [(factor, outcome) for factor in survey.factors for outcome in survey.outcomes]
    plain = {method: _plain(survey, whole, method, pairs) for method in PLAIN_METHODS}
    held = given_others(survey, whole, together)
    kish = survey.tables.effective_n()[:size, size:]
    effective = np.minimum(whole.n / whole.inflation, kish)
    rows = []
    for f, factor in enumerate(survey.factors):
        for o, outcome in enumerate(survey.outcomes):
            about = {"factor": factor, "outcome": outcome, "n": whole.n[f, o], "effective_n": effective[f, o]}
            for found in plain.values():
                rows.append(about | {"given": ""} | {name: values[f, o] for name, values in found.items()})
            for method in GIVEN_METHODS:
                rows.append(about | {"given": "others"} | {name: value[f] for name, value in held[o][method].items()})
    return typed(rows, COLUMNS)


def _plain(survey: Survey, whole: Pairs, method: str, pairs: list[tuple[str, str]]) -> dict[str, np.ndarray]:
    shape = whole.n.shape
    groups = survey.groups
    code = method_code(method, survey.weights is not None, groups.clustered, groups.few_units, survey.stratified)
    if method == "spearman":
        return _columns(code, whole.reason, whole.estimate, whole.error, whole.low, whole.high, whole.p)
    check, reason = np.full(shape, np.nan), np.full(shape, "", dtype=object)
    if method == "pearson":
        size = len(survey.factors)
        estimate = correlations(survey.tables, "pearson")[:size, size:]
        error = 1 / np.sqrt(np.maximum(whole.n - 3.0, 1.0))
    else:
        _, counts, people, _ = stack_pairs(survey.tables, pairs)
        counts[whole.reason.ravel() != ""] = 0.0
        if method == "polyserial":
            made = _polyserial(survey, counts, people, shape)
        elif method == "polychoric":
            latent = polychoric(counts, n_effective=people)
            made = (latent.estimate, latent.error, latent.reason)
            check = latent.misfit_p.reshape(shape)
        else:
            result = ordinal_association(counts, {"somers_d": "somers"}.get(method, method), n_effective=people)
            made = (result.estimate, result.error, result.reason)
        estimate, error, reason = (np.reshape(part, shape) for part in made)
        error = error / (1 - np.minimum(estimate**2, PERFECT))
    reason = np.where(whole.reason == "", reason, whole.reason)
    there = (whole.reason == "") & np.isfinite(estimate)
    inner = there & (np.abs(estimate) < PERFECT) & np.isfinite(error)
    safe, error = np.where(inner, estimate, 0.0), np.where(inner, error * np.sqrt(whole.inflation), np.nan)
    df = _degrees(survey)
    low, high = fisher_interval(safe, error, survey.settings.confidence, df)
    found = _columns(code, reason, np.where(there, estimate, np.nan), error, low, high, fisher_p(safe, error, df))
    return found | {"check_p": np.where(there, check, np.nan)}


def _degrees(survey: Survey) -> np.ndarray | None:
    """Of the errors: units - 1 (or less the strata); none needed where people answer for themselves."""
    if not survey.groups.clustered:
        return None
    size = len(survey.factors)
    groups = np.minimum(survey.group_tables.groups_with()[:size, size:], survey.groups.count)
    return np.maximum(groups - survey.tied, 1)


def _polyserial(
    survey: Survey, counts: np.ndarray, people: np.ndarray, shape: tuple[int, int]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The outcome as measured, the leaning behind the factor's answers.

    A table is given as some hundred rows of about equal weight: the time does not grow with the survey.
    """
    estimate, error = np.full(len(counts), np.nan), np.full(len(counts), np.nan)
    reason = np.full(len(counts), "few_levels", dtype=object)
    for number, table in enumerate(counts):
        levels = survey.tables.levels[len(survey.factors) + number % shape[1]]
        if len(levels) < MEASURED or not table.sum() > 0:
            continue
        pieces = np.ceil(table * PIECES / table.sum()).astype(int)
        row, column = np.nonzero(pieces)
        times = pieces[row, column]
        found = polyserial(
            np.repeat(levels[column], times),
            np.repeat(row.astype(float), times),
            weights=np.repeat(table[row, column] / times, times),
        )
        estimate[number], reason[number] = found.estimate, found.reason
        error[number] = found.error * np.sqrt(found.n / max(people[number], 1))
    return estimate, error, reason


def _columns(code: str, reason: np.ndarray, *values: np.ndarray) -> dict[str, np.ndarray]:
    found = dict(zip(("estimate", "error", "low", "high", "p"), values, strict=True))
    return found | {"method": np.full(reason.shape, code, dtype=object), "reason": reason}
