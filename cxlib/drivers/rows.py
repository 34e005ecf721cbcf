"""The rows of the factor test: association, adjusted association and importance of every factor and outcome."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from cxlib.drivers.adjusting import Together
from cxlib.drivers.pairs import Pairs
from cxlib.drivers.parts import Row
from cxlib.drivers.survey import Survey
from cxlib.stats.families import adjust, selected_intervals
from cxlib.stats.multiplicity import false_discovery
from cxlib.stats.power import detectable_correlation


def families(whole: Pairs, together: Sequence[Together]) -> dict[str, np.ndarray]:
    """Corrected p values by column; all associations are one family of tests, all adjusted ones another.

    Returns
    -------
    dict of arrays of shape (factors, outcomes)
        `q` (Benjamini-Hochberg), `q_by` (Benjamini-Yekutieli), `p_holm`, and the same of the adjusted ones.
    """
    held = np.column_stack([one.p for one in together])
    return {
        "q": false_discovery(whole.p),
        "q_by": adjust(whole.p, "by"),
        "p_holm": adjust(whole.p, "holm"),
        "adjusted_q": false_discovery(held),
        "adjusted_q_by": adjust(held, "by"),
        "adjusted_p_holm": adjust(held, "holm"),
    }


def whole_rows(
    survey: Survey, whole: Pairs, together: Sequence[Together], corrected: Mapping[str, np.ndarray]
) -> list[Row]:
    """One row a factor and outcome, each factor's outcomes together.

    Parameters
    ----------
    survey : Survey
    whole : Pairs
    together : sequence of Together
        One an outcome.
    corrected : mapping
        From `families`.

    Returns
    -------
    list of dict
        Columns of drivers.csv from `factor` to `r2`, `detectable`, `grade` and `matters`.

    Notes
    -----
    `fcr_low` and `fcr_high` are drawn at the
    confidence that keeps the false coverage rate among what was selected: of the factors that matter, as many as those;
    of the others graded E1, as many as are graded so.
    """
    limit = survey.settings.q
    effective = np.where(whole.reason == "", np.floor(whole.n / whole.inflation), np.nan)
    detectable = detectable_correlation(effective)
    grid = [
        [_row(f, o, whole, one, detectable[f, o]) for o, one in enumerate(together)] for f in range(len(survey.factors))
    ]
    graded, mattering = np.zeros(whole.p.shape, dtype=bool), np.zeros(whole.p.shape, dtype=bool)
    for f, factor in enumerate(survey.factors):
        for o, outcome in enumerate(survey.outcomes):
            row = grid[f][o]
            row |= {"factor": factor, "outcome": outcome}
            row |= {name: values[f, o] for name, values in corrected.items()}
            row["grade"] = _grade(row, whole.n[f, o] < survey.settings.min_pairs, limit)
            row["matters"] = row["grade"] == "E1" and _stands_out(row)
            graded[f, o], mattering[f, o] = row["grade"] == "E1", row["matters"]
    for chosen in (graded, mattering):
        low, high = selected_intervals(
            whole.estimate, whole.error, whole.p, df=whole.df, confidence=survey.settings.confidence, chosen=chosen
        )
        for f, o in zip(*np.nonzero(chosen), strict=True):
            grid[f][o] |= {"fcr_low": low[f, o], "fcr_high": high[f, o]}
    return [row for rows in grid for row in rows]


def _row(f: int, o: int, whole: Pairs, one: Together, detectable: float) -> Row:
    there = whole.reason[f, o] == ""
    used = bool(one.used[f])
    return {
        "n": whole.n[f, o],
        "reason": whole.reason[f, o] or one.reason[f],
        "method": whole.method if there else "",
        "estimate": whole.estimate[f, o],
        "low": whole.low[f, o],
        "high": whole.high[f, o],
        "p": whole.p[f, o],
        "adjusted_method": one.method if np.isfinite(one.estimate[f]) else "",
        "adjusted": one.estimate[f],
        "adjusted_low": one.low[f],
        "adjusted_high": one.high[f],
        "adjusted_p": one.p[f],
        "importance_method": one.importance_method if used else "",
        "share": one.share[f],
        "share_low": one.share_low[f],
        "share_high": one.share_high[f],
        "top3": one.top3[f],
        "noise_high": one.noise_high if used else None,
        "halo_noise_high": one.halo_high[f],
        "r2": one.r2 if used else None,
        "detectable": detectable if there else None,
    }


def _grade(row: Row, too_few: bool, limit: float) -> str:
    """E0 too few answers; E1 associated, the sign established with the other factors held too; '' neither."""
    if too_few:
        return "E0"
    sure = row["q"] < limit and row["adjusted_q"] < limit
    return "E1" if sure and np.sign(row["estimate"]) == np.sign(row["adjusted"]) else ""


def _stands_out(row: Row) -> bool:
    """More important than pure chance, and more than a rating that only shares the common mood."""
    beyond = min(abs(row["adjusted_low"]), abs(row["adjusted_high"]))
    return bool(row["share_low"] > row["noise_high"]) and not beyond <= row["halo_noise_high"]
