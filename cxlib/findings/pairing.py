"""Pair what matters with what was done: actions, decisions not to act, orphans and the loop."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pandas as pd

from cxlib.actions import ActionLog, ActionRecord, ScopeRule, TwoTexts
from cxlib.findings.groups import level_label, segment_label
from cxlib.findings.numbers import number
from cxlib.findings.schema import Action, Both, Loop, NoAction, Orphan, Scope
from cxlib.params.model import Params
from cxlib.privacy.say import quoted, say


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
    """The latest state of every action, its scope counted and never listed."""
    present = _present(params, answers)
    actions, nowhere = [], []
    for record, records in log.latest().values():
        scope, missing = _scope(record.scope, params, present)
        if missing:
            nowhere.append(record.id)
        actions.append(_action(record, records, scope))
    return Documented(tuple(actions), log, tuple(nowhere))


def _action(record: ActionRecord, records: int, scope: Scope) -> Action:
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
    )


def _flat(text: object) -> str:
    return " ".join(unicodedata.normalize("NFC", str(text)).casefold().split())


def _present(params: Params, answers: pd.DataFrame) -> dict[str, dict[str, str]]:
    """For the unit and each segment: every name a value goes by -> the value, of those that answers have."""
    present: dict[str, dict[str, str]] = {}
    for column in ("unit", *params.segments):
        if column not in answers:
            continue
        values = sorted(str(value) for value in answers[column].dropna().unique())
        names = {_flat(value): value for value in values}
        if column in params.segments:
            for value, label in params.segments[column].values.items():
                if value in values:
                    names |= {_flat(label.vi): value, _flat(label.en): value, _flat(value): value}
        present[column] = names
    return present


def _scope(rule: ScopeRule, params: Params, present: Mapping[str, Mapping[str, str]]) -> tuple[Scope, bool]:
    """The scope as counts and names of groups, and whether it names something of which there is no answer."""
    if rule.everyone:
        return Scope(everyone=True, units=None, of=None, groups=()), False
    missing, groups, units = False, [], None
    for column, values in rule.chosen:
        names = present.get(column, {})
        known = list(dict.fromkeys(names[_flat(value)] for value in values if _flat(value) in names))
        missing |= any(_flat(value) not in names for value in values)
        if column == "unit":
            units = len(known)
            continue
        segment = segment_label(params, column)
        for value in dict.fromkeys(names.get(_flat(value), value) for value in values):
            level = level_label(params, column, value)
            groups.append(Both(vi=f"{segment.vi}: {level.vi}", en=f"{segment.en}: {level.en}"))
    of = None if units is None else len(set(present.get("unit", {}).values()))
    return Scope(everyone=False, units=units, of=of, groups=tuple(groups)), missing


def orphans(documented: Documented, matter: set[str], state: Mapping[str, str], params: Params) -> tuple[Orphan, ...]:
    """Actions none of whose factors matters, and why not.

    Parameters
    ----------
    documented : Documented
    matter : set of str
        Factors that matter for an outcome.
    state : mapping of str to str
        Of each other factor: 'not_asked', 'few' or 'not_matter'.
    params : Params
    """
    found = []
    for action in documented.actions:
        if action.status == "none" or matter & set(action.factors):
            continue
        by_state: dict[str, list[str]] = {}
        for factor in action.factors:
            by_state.setdefault(state.get(factor, "not_asked"), []).append(factor)
        reasons = [
            say(f"orphan_{kind}", factors=quoted(params.factors[factor].label for factor in by_state[kind]))
            for kind in ("not_matter", "few", "not_asked")
            if kind in by_state
        ]
        why = Both(vi=" ".join(reason.vi for reason in reasons), en=" ".join(reason.en for reason in reasons))
        found.append(Orphan(action=action.id, why=why))
    return tuple(found)


def loop(documented: Documented, matter: Iterable[str], measured: set[str]) -> Loop:
    """How much of what matters was acted on, counted over factors.

    Parameters
    ----------
    documented : Documented
    matter : iterable of str
        Factors that matter.
    measured : set of str
        Ids of actions whose change was measured.
    """
    factors = sorted(set(matter))
    acted = [factor for factor in factors if documented.for_factor(factor)]
    return Loop(
        matter=len(factors),
        with_action=len(acted),
        with_change_measured=sum(bool(measured & set(documented.for_factor(factor))) for factor in acted),
    )
