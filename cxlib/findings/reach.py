"""Which places and waves lie in the groups of which actions: the privacy door keeps single places apart by it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cxlib.actions import ActionLog
from cxlib.change.scope import groups_of
from cxlib.change.survey import read_survey
from cxlib.params.model import Params
from cxlib.privacy.places import Cell


def reach_of(log: ActionLog, params: Params, answers: pd.DataFrame) -> tuple[Cell, ...]:
    """Every wave and place with the groups that its answers lie in; empty where no unit is declared.

    Parameters
    ----------
    log : ActionLog
    params : Params
    answers : DataFrame
    """
    if params.unit is None or "unit" not in answers or not log.records:
        return ()
    survey = read_survey(answers, params)
    units = survey.groupings["unit"]
    names: list[tuple[str, str]] = []
    members = []
    for record, _ in log.latest().values():
        groups = groups_of(record, survey)
        for side, chosen in (("acted", groups.acted), ("others", groups.others)):
            names.append((record.id, side))
            members.append(chosen)
    table = np.column_stack([survey.wave, units.codes, *members]).astype(int)
    found = np.unique(table, axis=0)
    return tuple(
        Cell(
            wave="" if row[0] < 0 else survey.waves[row[0]],
            unit="" if row[1] < 0 else units.levels[row[1]],
            groups=frozenset(name for name, inside in zip(names, row[2:], strict=True) if inside),
        )
        for row in found
    )
