"""Does one factor go with an outcome more than another? Every pair of factors within an outcome (comparisons.csv)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pandas as pd

from cxlib.drivers.adjusting import NEARLY_COMPLETE, Resampled, Together
from cxlib.drivers.pairs import Pairs
from cxlib.drivers.survey import Survey
from cxlib.drivers.table import significant
from cxlib.stats.comparing import Comparison, compare_overlapping, compare_resampled
from cxlib.stats.dominance import rank_chances
from cxlib.stats.multiplicity import false_discovery

COMPARISON_COLUMNS = (
    "outcome", "first", "second", "n", "difference", "low", "high", "p", "q", "chance", "clear", "method", "reason",
)  # fmt: skip


def comparisons(survey: Survey, whole: Pairs, together: Sequence[Together]) -> pd.DataFrame:
    """Compare the associations of every two factors with the same outcome.

    Parameters
    ----------
    survey : Survey
    whole : Pairs
        Associations of the survey.
    together : sequence of Together
        One an outcome, with the shares of R2 in the survey's resamples.

    Returns
    -------
    DataFrame
        One row a pair, in the order of the questionnaire and never by size: `n` people who answered all three
        questions; `difference` of the two rank correlations (first less second) with its interval; `p` of no
        difference; `q` by Benjamini-Hochberg over all pairs of the run; `chance`, the part of the resamples in which
        the first has the larger share of importance (ties count half; a description, no test); `clear`, q below the
        limit: only then may one be said to go with the outcome more than the other. `method` is 'steiger' or
        'bootstrap'; `reason` says why there is no p.

    Notes
    -----
    People who answered for themselves alone: Steiger's z and Zou's interval for dependent correlations, with Fisher
    z's variance raised by 1 + r^2/2, as rank correlations need. With weights, stores or many missing answers: the
    difference in the same resamples, t with groups - 1 degrees of freedom.
    """
    size = len(survey.factors)
    there = survey.answers.notna().to_numpy()
    frames = []
    for o, outcome in enumerate(survey.outcomes):
        first, second = np.triu_indices(size, 1)
        answered = there[there[:, size + o], :size].astype(float)
        n = np.rint(answered.T @ answered).astype(int)[first, second]
        estimate = np.where(whole.reason[:, o] == "", whole.estimate[:, o], np.nan)
        few = n < survey.settings.min_pairs
        r, s, between = estimate[first], estimate[second], np.where(few, np.nan, survey.matrix[first, second])
        most = np.maximum(whole.n[first, o], whole.n[second, o])
        by_resamples = survey.drawn | (n < NEARLY_COMPLETE * most)
        # a rank correlation varies as one of fewer people would
        people = 3 + np.maximum(n - 3, 0) / (1 + (np.nan_to_num(r) ** 2 + np.nan_to_num(s) ** 2) / 4)
        found = compare_overlapping(r, s, between, people, confidence=survey.settings.confidence)
        drawn = _resampled(survey, r, s, first, second, o)
        chance = _chances(together[o].resampled, size)[first, second]
        reason = np.where(by_resamples, drawn.reason, found.reason)
        reason = np.where(few, "too_few", reason)
        unknown = [whole.reason[first, o], whole.reason[second, o]]
        reason = np.where(unknown[0] != "", unknown[0], np.where(unknown[1] != "", unknown[1], reason))
        values = {
            name: np.where(reason == "", np.where(by_resamples, getattr(drawn, name), getattr(found, name)), np.nan)
            for name in ("low", "high", "p")
        }
        frames.append(
            pd.DataFrame(
                {
                    "outcome": outcome,
                    "first": [survey.factors[place] for place in first],
                    "second": [survey.factors[place] for place in second],
                    "n": n,
                    "difference": np.where(few, np.nan, r - s),
                    **values,
                    "chance": chance,
                    "method": np.where(reason != "", "", np.where(by_resamples, "bootstrap", "steiger")),
                    "reason": reason,
                }
            )
        )
    table = pd.concat(frames, ignore_index=True)
    table["q"] = false_discovery(table["p"].to_numpy(dtype=float))
    table["clear"] = (table["q"] < survey.settings.q).to_numpy(dtype=bool)
    for column in ("difference", "low", "high", "p", "q", "chance"):
        table[column] = significant(table[column].to_numpy(dtype=float))
    for column in ("outcome", "first", "second", "method", "reason"):
        table[column] = table[column].astype(object)
    return table[list(COMPARISON_COLUMNS)]


def not_told_apart(table: pd.DataFrame, outcome: str, order: Sequence[str]) -> list[tuple[str, str]]:
    """Which neighbours of a list of factors do not clearly differ in how far they go with the outcome.

    Parameters
    ----------
    table : DataFrame
        comparisons.csv.
    outcome : str
    order : sequence of str
        Factors in the order in which a page shows them.

    Returns
    -------
    list of (factor, factor)
        Neighbours whose order says nothing: not clear, or never compared.
    """
    rows = table[table["outcome"] == outcome]
    clear = {frozenset((a, b)) for a, b, sure in zip(rows["first"], rows["second"], rows["clear"], strict=True) if sure}
    return [two for two in pairwise(order) if frozenset(two) not in clear]


def _resampled(
    survey: Survey,
    r: np.ndarray,
    s: np.ndarray,
    first: np.ndarray,
    second: np.ndarray,
    outcome: int,
) -> Comparison:
    """The difference in the same resamples, with as many groups as both associations have answers from."""
    size = len(survey.factors)
    resamples = survey.resamples[:, :size, size + outcome]
    groups = survey.group_tables.groups_with()[:size, size + outcome]
    least = np.minimum(groups[first], groups[second])
    confidence = survey.settings.confidence
    empty = {name: np.full(len(first), np.nan) for name in ("difference", "statistic", "df", "p", "low", "high")}
    reason = np.full(len(first), "", dtype=object)
    for count in np.unique(least):
        at = np.flatnonzero(least == count)
        found, _ = compare_resampled(
            r[at], s[at], resamples[:, first[at]], resamples[:, second[at]], groups=int(count), confidence=confidence
        )
        for name, values in empty.items():
            values[at] = getattr(found, name)
        reason[at] = found.reason
    return Comparison("bootstrap", **empty, reason=reason)


def _chances(drawn: Resampled, size: int) -> np.ndarray:
    """Part of the resamples in which the row's factor has the larger share; NaN for factors without shares."""
    result = np.full((size, size), np.nan)
    if len(drawn.shares):
        result[np.ix_(drawn.used, drawn.used)] = rank_chances(drawn.shares).outranks
    return result
