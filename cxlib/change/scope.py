"""Who was acted on, and who is there to compare with."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cxlib.actions import ActionRecord, ScopeRule
from cxlib.change.survey import Survey, flat


@dataclass(frozen=True)
class Groups:
    """The two groups of an action.

    Attributes
    ----------
    acted, others : bool array of shape (answers,)
        Whom the action reached; whom it is compared with. Nobody is in both, and someone whose place or group is not
        known is in neither.
    by_unit : bool
        The scope names units: whole places were acted on.
    columns : tuple of str
        The columns that the scope names.
    """

    acted: np.ndarray
    others: np.ndarray
    by_unit: bool
    columns: tuple[str, ...]


def groups_of(record: ActionRecord, survey: Survey) -> Groups:
    """The two groups of an action.

    Notes
    -----
    An action on everyone, or on a step of the journey, leaves nobody to compare with. A drawn one is compared with the
    units that could have been drawn and were not, whatever else the log calls a comparison: that is the draw.
    """
    nobody = np.zeros(survey.size, dtype=bool)
    acted, known = _within(record.scope, survey)
    columns = tuple(column for column, _ in record.scope.chosen)
    by_unit = "unit" in columns
    if record.scope.everyone or record.no_comparison:
        return Groups(acted, nobody, by_unit, columns)
    others = known & ~acted
    if record.is_drawn and record.drawn is not None:
        eligible, _ = _within(ScopeRule(False, (("unit", record.drawn.eligible),)), survey)
        others &= eligible
    elif record.comparison is not None:
        compared, _ = _within(record.comparison, survey)
        others &= compared
    return Groups(acted, others, by_unit, columns)


def _within(rule: ScopeRule, survey: Survey) -> tuple[np.ndarray, np.ndarray]:
    """Answers in scope, and those of which it is known whether they are."""
    inside = np.ones(survey.size, dtype=bool)
    known = np.ones(survey.size, dtype=bool)
    if rule.everyone:
        return inside, known
    for column, values in rule.chosen:
        grouping = survey.groupings.get(column)
        if grouping is None:
            return np.zeros(survey.size, dtype=bool), np.zeros(survey.size, dtype=bool)
        places = [grouping.names[flat(value)] for value in values if flat(value) in grouping.names]
        chosen = np.zeros(len(grouping.levels) + 1, dtype=bool)
        chosen[places] = True
        inside &= chosen[grouping.codes]
        known &= grouping.codes >= 0
    return inside & known, known


def starts_of_units(record: ActionRecord, survey: Survey) -> dict[int, int]:
    """Of a roll-out one after another: place of each unit -> its first day, as days since 1970."""
    from cxlib.change.survey import day_number

    grouping = survey.groupings.get("unit")
    if grouping is None:
        return {}
    return {grouping.names[flat(unit)]: day_number(day) for unit, day in record.starts if flat(unit) in grouping.names}
