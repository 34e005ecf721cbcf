"""The association in parts of the survey: by segment and by wave, and whether it differs among the levels."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from cxlib.drivers.pairs import Pairs, associate
from cxlib.drivers.survey import Survey
from cxlib.stats.heterogeneity import heterogeneity

Row = dict[str, Any]


def by_segment(
    survey: Survey, whole: Pairs, segments: pd.DataFrame, tick: Callable[[float], None]
) -> tuple[list[Row], list[Row]]:
    """Rows of each segment's levels, and of the test whether its levels differ.

    Parameters
    ----------
    survey : Survey
    whole : Pairs
        Associations of the whole survey.
    segments : DataFrame
        One text column a segment, missing where a respondent belongs to none; rows as in `survey`.
    tick : function
        Called with the part done, 0-1.

    Returns
    -------
    levels : list of rows
    differences : list of rows
        With `differs_p`; `differs_q` is left to the whole run.
    """
    levels, differences = [], []
    wanted = [(name, level) for name in segments for level in sorted(segments[name].dropna().astype(str).unique())]
    found: dict[str, list[Pairs]] = {name: [] for name in segments}
    for number, (name, level) in enumerate(wanted):
        chosen = (segments[name].astype(object) == level).to_numpy(dtype=bool, na_value=False)
        part = associate(survey.part(chosen), inflation=whole.inflation)
        found[name].append(part)
        levels += _rows(survey, whole, part, {"segment": name, "level": level})
        tick((number + 1) / len(wanted))
    for name, parts in found.items():
        for f, factor in enumerate(survey.factors):
            for o, outcome in enumerate(survey.outcomes):
                test = heterogeneity(
                    [part.estimate[f, o] for part in parts], errors=[part.error[f, o] for part in parts]
                )
                differences.append(
                    {
                        "factor": factor,
                        "outcome": outcome,
                        "segment": name,
                        "n": sum(int(part.n[f, o]) for part in parts),
                        "reason": "" if np.isfinite(test.p) else whole.reason[f, o] or "too_few",
                        "differs_p": test.p,
                    }
                )
    return levels, differences


def by_wave(survey: Survey, whole: Pairs, waves: pd.Series, tick: Callable[[float], None]) -> list[Row]:
    """Rows of each wave; a question that nobody answered in a wave was not asked in it."""
    rows: list[Row] = []
    names = sorted(waves.dropna().astype(str).unique())
    for number, name in enumerate(names):
        part = associate(
            survey.part((waves.astype(object) == name).to_numpy(dtype=bool, na_value=False)), inflation=whole.inflation
        )
        part.reason[part.reason == "all_missing"] = "not_asked"
        rows += _rows(survey, whole, part, {"wave": name})
        tick((number + 1) / len(names))
    return rows


def _rows(survey: Survey, whole: Pairs, part: Pairs, which: Row) -> list[Row]:
    rows = []
    for f, factor in enumerate(survey.factors):
        for o, outcome in enumerate(survey.outcomes):
            there = part.reason[f, o] == ""
            rows.append(
                {
                    "factor": factor,
                    "outcome": outcome,
                    **which,
                    "n": part.n[f, o],
                    "reason": part.reason[f, o],
                    "method": part.method if there else "",
                    "estimate": part.estimate[f, o],
                    "low": part.low[f, o],
                    "high": part.high[f, o],
                    "p": part.p[f, o],
                }
            )
    return rows
