"""The overall index of each outcome with its interval: a footnote of the method page, never a heading."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cxlib.change.trends import mean_interval
from cxlib.findings.numbers import number
from cxlib.findings.schema import Index, ScoreNote
from cxlib.params.model import Params
from cxlib.privacy.say import say

NET_SCALE = (0, 10)
PROMOTERS = 9  # answers from here on count +1
DETRACTORS = 6  # answers up to here count -1


def score_note(answers: pd.DataFrame, params: Params) -> ScoreNote:
    """An index for each outcome that has been asked.

    Parameters
    ----------
    answers : DataFrame
        Cleaned answers, `weight` and `unit` when declared.
    params : Params

    Returns
    -------
    ScoreNote
        On a scale 0-10 the share of 9-10 minus the share of 0-6 (-1 to 1); on other scales the mean, in points of the
        scale. Both as the mean over answers with its interval, weighted and robust to units where these are declared.
    """
    indices = (_index(key, answers, params) for key in params.outcomes if key in answers)
    return ScoreNote(text=say("score_note"), indices=tuple(index for index in indices if index is not None))


def _index(outcome: str, answers: pd.DataFrame, params: Params) -> Index | None:
    values = answers[outcome].to_numpy(dtype=float, na_value=np.nan)
    weights = answers["weight"].to_numpy(dtype=float, na_value=np.nan) if "weight" in answers else None
    there = np.isfinite(values)
    if weights is not None:
        there &= np.isfinite(weights) & (weights > 0)
    if there.sum() < 2:
        return None
    values = values[there]
    net = params.outcomes[outcome].scale == NET_SCALE
    if net:
        values = (values >= PROMOTERS).astype(float) - (values <= DETRACTORS)
    estimate, low, high = mean_interval(
        values,
        weights=None if weights is None else weights[there],
        units=answers["unit"].to_numpy(dtype=object)[there] if "unit" in answers else None,
        confidence=params.analysis.confidence,
    )
    return Index(
        outcome=outcome,
        kind="net_share" if net else "mean",
        n=int(there.sum()),
        estimate=number(estimate),
        low=number(low),
        high=number(high),
    )
