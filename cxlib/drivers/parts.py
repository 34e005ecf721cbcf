"""The association in parts of the survey: by segment and by wave."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from cxlib.drivers.pairs import Pairs, associate
from cxlib.drivers.survey import Survey

Row = dict[str, Any]


@dataclass(frozen=True)
class Part:
    """The respondents of one segment level or one wave.

    Parameters
    ----------
    segment : str
        '' for a wave.
    level : str
        Of the segment, or the name of the wave.
    chosen : boolean array of shape (rows,)
        Who belongs to it.
    pairs : Pairs
        Their associations.
    """

    segment: str
    level: str
    chosen: np.ndarray
    pairs: Pairs

    @property
    def where(self) -> Row:
        """The columns of drivers.csv that name the part."""
        return {"segment": self.segment, "level": self.level} if self.segment else {"wave": self.level}


def parts_of(survey: Survey, whole: Pairs, columns: pd.DataFrame, tick: Callable[[float], None]) -> list[Part]:
    """Associations in each level of each segment, and in each wave.

    Parameters
    ----------
    survey : Survey
    whole : Pairs
        Associations of the whole survey.
    columns : DataFrame
        One text column a segment, missing where a respondent belongs to none, and the column '' with the waves; rows as
        in `survey`.
    tick : function
        Called with the part done, 0-1.

    Returns
    -------
    list of Part
        A question that nobody answered in a wave was not asked in it.
    """
    wanted = [(name, level) for name in columns for level in sorted(columns[name].dropna().astype(str).unique())]
    found = []
    for number, (name, level) in enumerate(wanted):
        chosen = (columns[name].astype(object) == level).to_numpy(dtype=bool, na_value=False)
        pairs = associate(survey.part(chosen), inflation=whole.inflation)
        if not name:
            pairs.reason[pairs.reason == "all_missing"] = "not_asked"
        found.append(Part(name, level, chosen, pairs))
        tick((number + 1) / len(wanted))
    return found


def part_rows(survey: Survey, parts: list[Part]) -> list[Row]:
    """The rows of drivers.csv of these parts."""
    rows = []
    for part in parts:
        pairs = part.pairs
        for f, factor in enumerate(survey.factors):
            for o, outcome in enumerate(survey.outcomes):
                rows.append(
                    {
                        "factor": factor,
                        "outcome": outcome,
                        **part.where,
                        "n": pairs.n[f, o],
                        "reason": pairs.reason[f, o],
                        "method": pairs.method if pairs.reason[f, o] == "" else "",
                        "estimate": pairs.estimate[f, o],
                        "low": pairs.low[f, o],
                        "high": pairs.high[f, o],
                        "p": pairs.p[f, o],
                    }
                )
    return rows
