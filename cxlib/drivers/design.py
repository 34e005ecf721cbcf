"""What weights and units do to the number of answers that count, and to the associations."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cxlib.drivers.pairs import Pairs
from cxlib.drivers.survey import Survey
from cxlib.drivers.table import typed
from cxlib.stats.rank import correlations

COLUMNS = {
    "factor": "text", "outcome": "text", "n": "whole", "effective_n": "number", "design_effect": "number",
    "kish_n": "number", "unweighted_estimate": "number", "weighted_estimate": "number", "clusters": "whole",
    "strata": "whole", "drawn_part": "number", "differ": "yes", "reason": "text",
}  # fmt: skip


def design_table(survey: Survey, whole: Pairs) -> pd.DataFrame:
    """Effective number of people, design effect, and the unweighted association beside the weighted one.

    Parameters
    ----------
    survey : Survey
    whole : Pairs
        Associations of the survey, weighted where weights are declared.

    Returns
    -------
    DataFrame
        One row a factor and outcome; the columns stand in docs/statistics.md.

    Notes
    -----
    The design effect is the variance of atanh(r) against that of as many people drawn one by one with equal weight, at
    least 1 unless strata are declared; it holds what units, weights, strata and their interplay do. `kish_n` is what
    weights alone leave. `differ` is true where the unweighted association lies outside the weighted one's interval.
    """
    size = len(survey.factors)
    weighted = survey.weights is not None
    plain = correlations(survey.unweighted().tables)[:size, size:] if weighted else whole.estimate
    kish = survey.tables.effective_n()[:size, size:]
    seen = np.zeros(whole.n.shape, dtype=int)
    if survey.units is not None:
        codes, names = pd.factorize(pd.Series(np.asarray(survey.units, dtype=object)))
        known = codes >= 0
        answered = survey.answers.notna().to_numpy()[known]
        for o in range(len(survey.outcomes)):
            both = answered[:, :size] & answered[:, size + o : size + o + 1]
            for f in range(size):
                seen[f, o] = (np.bincount(codes[known][both[:, f]], minlength=len(names)) > 0).sum()
    strata, drawn_part = _strata(survey)
    rows = []
    for f, factor in enumerate(survey.factors):
        for o, outcome in enumerate(survey.outcomes):
            row = {"factor": factor, "outcome": outcome, "n": whole.n[f, o], "reason": whole.reason[f, o]}
            if not row["reason"]:
                row |= {
                    "effective_n": whole.n[f, o] / whole.inflation[f, o],
                    "design_effect": whole.inflation[f, o],
                    "kish_n": kish[f, o],
                    "unweighted_estimate": plain[f, o],
                    "weighted_estimate": whole.estimate[f, o] if weighted else np.nan,
                    "clusters": seen[f, o] if survey.units is not None else None,
                    "strata": strata,
                    "drawn_part": drawn_part,
                    "differ": weighted and not whole.low[f, o] <= plain[f, o] <= whole.high[f, o],
                }
            rows.append(row)
    return typed(rows, COLUMNS)


def _strata(survey: Survey) -> tuple[int | None, float | None]:
    """Strata that are drawn from, and the part of the population behind the answers, where every size is known."""
    if survey.strata is None or not survey.stratified:
        return None, None
    people, fractions = np.bincount(survey.strata.index), survey.strata.fractions
    there = people > 0
    if not (fractions[there] > 0).all():
        return int(there.sum()), None
    return int(there.sum()), float(people.sum() / (people[there] / fractions[there]).sum())
