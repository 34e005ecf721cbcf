"""The latest state of every documented action, its scope counted and never listed."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from cxlib.actions import ActionLog, ActionRecord, Draw, ScopeRule, TwoTexts
from cxlib.findings.groups import level_label, segment_label
from cxlib.findings.numbers import number
from cxlib.findings.schema import Action, Both, NoAction, Scope
from cxlib.params.model import Params
from cxlib.privacy.say import say


def both(text: TwoTexts | None) -> Both | None:
    """A text of the log as a text of the document."""
    return None if text is None else Both(vi=text.vi, en=text.en)


@dataclass(frozen=True)
class Documented:
    """The action log as the document needs it.

    Attributes
    ----------
    actions : tuple of Action
        Latest states, in the order in which actions were first recorded.
    log : ActionLog
    nowhere : tuple of str
        Ids of actions whose scope names a place or group of which there is no answer.
    """

    actions: tuple[Action, ...]
    log: ActionLog
    nowhere: tuple[str, ...]

    def for_factor(self, factor: str) -> tuple[str, ...]:
        """Ids of the actions that answer a factor; a decision not to act is none."""
        return tuple(item.id for item in self.actions if item.status != "none" and factor in item.factors)

    def no_action(self, factor: str) -> NoAction | None:
        """Why nothing is done about a factor yet; None when something is."""
        if self.for_factor(factor):
            return None
        decisions = [item for item in self.actions if item.status == "none" and factor in item.factors]
        if not decisions:
            return NoAction(reason=None, decide_by=None)
        latest = max(decisions, key=lambda item: item.recorded_on)
        return NoAction(reason=latest.stopped_because, decide_by=latest.due)


def document_actions(log: ActionLog, params: Params, answers: pd.DataFrame) -> Documented:
    """The latest state of every action."""
    places = Places(params, answers)
    actions, nowhere = [], []
    for record, records in log.latest().values():
        scope, missing = places.scope(record.scope)
        if missing:
            nowhere.append(record.id)
        actions.append(_action(record, records, scope, places))
    return Documented(tuple(actions), log, tuple(nowhere))


def _action(record: ActionRecord, records: int, scope: Scope, places: Places) -> Action:
    compared = None
    if record.no_comparison:
        compared = Scope(everyone=False, units=0, of=scope.of, groups=())
    elif record.comparison is not None:
        compared = places.scope(record.comparison)[0]
    drawn = record.drawn if record.is_drawn else None
    return Action(
        id=record.id,
        factors=record.factors,
        what=Both(vi=record.what.vi, en=record.what.en),
        owner_role=Both(vi=record.owner_role.vi, en=record.owner_role.en),
        scope=scope,
        scope_chosen_by=record.scope_chosen_by,
        start=record.start.isoformat() if record.start else None,
        due=record.due.isoformat() if record.due else None,
        status=record.status,
        expected=both(record.expected),
        smallest_worthwhile=number(record.smallest_worthwhile),
        document=record.document,
        decided_on=record.decided_on.isoformat() if record.decided_on else None,
        stopped_because=both(record.stopped_because),
        recorded_on=record.recorded_on.isoformat(),
        records=records,
        comparison=compared,
        comparison_because=both(record.comparison_because),
        full_effect=record.full_effect.isoformat() if record.full_effect else None,
        direction=record.direction,
        look_on=tuple(day.isoformat() for day in record.look_on),
        also=both(record.also),
        decided_by=both(record.decided_by),
        drawn_on=None if drawn is None else _day_of(drawn),
        unsaid=record.unsaid,
    )


def _day_of(draw: Draw) -> str:
    return draw.at.partition("T")[0]


def flat(text: object) -> str:
    """A value as it is compared: composed letters, small, single blanks."""
    return " ".join(unicodedata.normalize("NFC", str(text)).casefold().split())


class Places:
    """The units and groups of which there are answers, by every name that they go by."""

    def __init__(self, params: Params, answers: pd.DataFrame) -> None:
        self.params = params
        self.present = _present(params, answers)

    def scope(self, rule: ScopeRule) -> tuple[Scope, bool]:
        """The scope as counts and names of groups, and whether it names something of which there is no answer."""
        steps = tuple(self._step(key) for key in rule.steps)
        if rule.everyone and not steps:
            return Scope(everyone=True, units=None, of=None, groups=()), False
        missing, groups, units = False, list(steps), None
        for column, values in rule.chosen:
            names = self.present.get(column, {})
            known = list(dict.fromkeys(names[flat(value)] for value in values if flat(value) in names))
            missing |= any(flat(value) not in names for value in values)
            if column == "unit":
                units = len(known)
                continue
            groups += [self.group(column, value) for value in dict.fromkeys(names.get(flat(v), v) for v in values)]
        of = None if units is None else len(set(self.present.get("unit", {}).values()))
        return Scope(everyone=False, units=units, of=of, groups=tuple(groups)), missing

    def group(self, column: str, value: str) -> Both:
        """A group of customers, such as 'Region: South'."""
        segment, level = segment_label(self.params, column), level_label(self.params, column, value)
        return Both(vi=f"{segment.vi}: {level.vi}", en=f"{segment.en}: {level.en}")

    def _step(self, key: str) -> Both:
        label = self.params.steps.get(key)
        return say("history_step", step=label if label is not None else key)


def _present(params: Params, answers: pd.DataFrame) -> Mapping[str, Mapping[str, str]]:
    """For the unit and each segment: every name a value goes by -> the value, of those that answers have."""
    present: dict[str, dict[str, str]] = {}
    for column in ("unit", *params.segments):
        if column not in answers:
            continue
        values = sorted(str(value) for value in answers[column].dropna().unique())
        names = {flat(value): value for value in values}
        if column in params.segments:
            for value, label in params.segments[column].values.items():
                if value in values:
                    names |= {flat(label.vi): value, flat(label.en): value, flat(value): value}
        present[column] = names
    return present
