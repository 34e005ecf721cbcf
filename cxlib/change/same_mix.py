"""The same estimate with the same mix of people before and after."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cxlib.change.case import Case, Shape
from cxlib.change.mix import Segments, same_mix_weights
from cxlib.change.survey import Survey


def segments_of(case: Case, survey: Survey, scope: tuple[str, ...]) -> Segments:
    """The declared segments by which people are told apart; not those that the scope itself names.

    Returns
    -------
    list of (int array, int)
        Level of each answer, -1 missing, and how many levels there are.
    """
    return [
        (grouping.codes[case.place], len(grouping.levels))
        for name, grouping in survey.groupings.items()
        if name != "unit" and name not in scope and len(grouping.levels) > 1
    ]


def same_mix_estimate(shape: Shape, changes: pd.DataFrame | None, segments: Segments) -> float:
    """The estimate when each group had the same mix of people before as after.

    Parameters
    ----------
    shape : Shape
    changes : DataFrame or None
        Units with their weight in the estimate, where units are compared.
    segments : list of (int array, int)

    Returns
    -------
    float
        NaN where there is no mix to hold, and for a roll-out one after another.
    """
    case = shape.case
    if not segments or shape.method == "staggered":
        return float("nan")
    weight = np.ones(len(case.values)) if case.weight is None else case.weight.astype(float)
    for acted in (True, False):
        side = case.acted == acted
        if side.any():
            mine = [(codes[side], count) for codes, count in segments]
            fitted = same_mix_weights(case.late[side], mine, weight[side])
            if fitted is None:
                return float("nan")
            weight[side] = fitted
    if changes is None:
        cells = case.cells()
        with np.errstate(invalid="ignore", divide="ignore"):
            means = np.bincount(cells, weight * case.values, 4) / np.bincount(cells, weight, 4)
        moved = float(means[3] - means[2])
        return moved - float(means[1] - means[0]) if shape.compared else moved
    units = changes["unit"].to_numpy(dtype=int)
    slot = 2 * np.searchsorted(np.sort(units), case.unit) + case.late
    means = np.bincount(slot, weight * case.values, 2 * len(units)) / np.bincount(slot, weight, 2 * len(units))
    moved_by_unit = (means[1::2] - means[0::2])[np.searchsorted(np.sort(units), units)]
    reached, share = changes["acted"].to_numpy(dtype=bool), changes["weight"].to_numpy(dtype=float)
    sides = [np.average(moved_by_unit[side], weights=share[side]) for side in (reached, ~reached)]
    return float(sides[0] - sides[1])
