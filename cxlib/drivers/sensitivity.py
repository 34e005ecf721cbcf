"""What could have been found, what can be ruled out, and what an unmeasured cause would have to be like."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from cxlib.drivers.adjusting import Together
from cxlib.drivers.pairs import Pairs
from cxlib.drivers.survey import Survey
from cxlib.drivers.table import typed
from cxlib.stats.evalue import correlation_e_value
from cxlib.stats.families import adjust, selected_intervals
from cxlib.stats.power import detectable_correlation, equivalence_test, power_of_correlation

COLUMNS = {
    "factor": "text", "outcome": "text", "given": "text", "effective_n": "number", "detectable": "number",
    "power_at_small": "number", "equivalent": "yes", "equivalence_p": "number", "equivalence_low": "number",
    "equivalence_high": "number", "evalue": "number", "evalue_low": "number", "q_by": "number", "holm": "number",
    "selected_low": "number", "selected_high": "number", "wording": "text", "reason": "text",
}  # fmt: skip
ENOUGH_POWER = 0.8


def sensitivity_table(
    survey: Survey, whole: Pairs, together: Sequence[Together], q: np.ndarray, adjusted_q: np.ndarray, *, small: float
) -> pd.DataFrame:
    """Power, equivalence, E-values and stricter corrections of every association, alone and given the others.

    Parameters
    ----------
    survey : Survey
    whole : Pairs
        Associations of the survey.
    together : sequence of Together
        One an outcome.
    q, adjusted_q : arrays of shape (factors, outcomes)
        False discovery rates.
    small : float
        Smallest correlation worth anything, above 0.

    Returns
    -------
    DataFrame
        One row a factor, outcome and `given` ('' or 'others'). `wording` is what may be said: 'found'; 'found_small'
        (found, and surely smaller than `small`); 'none' (not found, and surely smaller than `small`); 'not_found' (it
        would have been found with at least 80 % power if it were as large as `small`, but the interval does not rule
        that out); 'cannot_tell' (too few answers for that); '' where `reason` says why. Only 'none' may be put as "no
        association". Further columns stand in docs/statistics.md.
    """
    degrees = whole.df if survey.drawn else None
    effective = np.where(whole.reason == "", whole.n / whole.inflation, np.nan)
    alone = (whole.estimate, whole.error, whole.low, whole.high, whole.p)
    plain = _judged(*alone, degrees, effective, q, survey, small)
    held = {
        name: np.column_stack([getattr(one, name) for one in together])
        for name in ("estimate", "error", "low", "high", "p", "df", "reason", "used")
    }
    left = np.where(np.isfinite(held["estimate"]), effective - (held["used"].sum(axis=0) - 1), np.nan)
    df = np.where(np.isfinite(held["df"].astype(float)), held["df"].astype(float), np.inf)
    estimate, error, low, high, p = (held[name].astype(float) for name in ("estimate", "error", "low", "high", "p"))
    adjusted = _judged(estimate, error, low, high, p, df, left, adjusted_q, survey, small)
    rows = []
    for f, factor in enumerate(survey.factors):
        for o, outcome in enumerate(survey.outcomes):
            for others, found, reason in (
                ("", plain, whole.reason[f, o]),
                ("others", adjusted, whole.reason[f, o] or held["reason"][f, o]),
            ):
                row = {name: values[f, o] for name, values in found.items()}
                reason = reason or ("" if row["wording"] else "perfect")
                rows.append({"factor": factor, "outcome": outcome, "given": others, **row, "reason": reason})
    return typed(rows, COLUMNS)


def _judged(
    estimate: np.ndarray,
    error: np.ndarray,
    low: np.ndarray,
    high: np.ndarray,
    p: np.ndarray,
    df: np.ndarray | None,
    effective: np.ndarray,
    q: np.ndarray,
    survey: Survey,
    small: float,
) -> dict[str, np.ndarray]:
    alpha, limit = 1 - survey.settings.confidence, survey.settings.q
    test = equivalence_test(estimate, error, small, df=df, alpha=alpha)
    power = power_of_correlation(small, effective, alpha=alpha)
    value = correlation_e_value(estimate, low, high)
    selected = selected_intervals(estimate, error, p, df=df, q=limit, confidence=survey.settings.confidence)
    found = q < limit
    wording = np.select(
        [found & test.equivalent, found, test.equivalent, power >= ENOUGH_POWER],
        ["found_small", "found", "none", "not_found"],
        default="cannot_tell",
    ).astype(object)
    wording[~np.isfinite(estimate) | ~np.isfinite(q)] = ""
    return {
        "effective_n": effective,
        "detectable": detectable_correlation(effective, alpha=alpha),
        "power_at_small": power,
        "equivalent": test.equivalent,
        "equivalence_p": test.p,
        "equivalence_low": test.low,
        "equivalence_high": test.high,
        "evalue": value.estimate,
        "evalue_low": value.interval,
        "q_by": adjust(p, "by"),
        "holm": adjust(p, "holm"),
        "selected_low": selected[0],
        "selected_high": selected[1],
        "wording": wording,
    }
