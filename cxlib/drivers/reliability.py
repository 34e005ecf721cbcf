"""Do the factors of a step of the journey measure one thing?"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from cxlib.drivers.survey import Survey
from cxlib.drivers.table import typed
from cxlib.stats.reliability import reliability

COLUMNS = {
    "group": "text", "items": "whole", "n": "whole", "alpha": "number", "alpha_low": "number", "alpha_high": "number",
    "omega": "number", "omega_low": "number", "omega_high": "number", "odd_items": "text", "reason": "text",
    "omega_reason": "text",
}  # fmt: skip
RESAMPLES = 500  # for standard errors alone: their own relative error is 3 %


def reliability_table(survey: Survey, steps: Mapping[str, str | None]) -> pd.DataFrame:
    """Cronbach's alpha and McDonald's omega of the factors of each step.

    Parameters
    ----------
    survey : Survey
    steps : mapping
        Factor -> step of the journey; None for a factor that belongs to none.

    Returns
    -------
    DataFrame
        One row a step, in the order of the questionnaire; the columns stand in docs/statistics.md. `odd_items` joins by
        ';' the factors that do not belong, each with ':' and why: reversed, weak, raises_alpha, constant, all_missing.
    """
    rows = []
    for step in dict.fromkeys(steps[factor] for factor in survey.factors if steps.get(factor)):
        names = [factor for factor in survey.factors if steps.get(factor) == step]
        asked = [name for name in names if name not in survey.absent]
        found = reliability(
            survey.answers[asked],
            weights=survey.weights,
            clusters=survey.units,
            confidence=survey.settings.confidence,
            bootstrap=min(survey.settings.bootstrap, RESAMPLES),
            seed=survey.settings.seed,
        )
        few = found.n < survey.settings.min_pairs
        reason = found.reason or ("too_few" if few else "")
        odd = found.items[found.items["reason"] != ""]
        row = {"group": step, "items": len(names), "n": found.n, "reason": reason}
        if not reason:
            row |= {name: getattr(found, name) for name in COLUMNS if name.startswith(("alpha", "omega"))}
            row["odd_items"] = ";".join(f"{item}:{why}" for item, why in zip(odd["item"], odd["reason"], strict=True))
        rows.append(row)
    return typed(rows, COLUMNS)
