"""What has to be decided next, the most pressing first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from cxlib.findings.acting import Documented
from cxlib.findings.change_words import needed
from cxlib.findings.changes import Changes
from cxlib.findings.schema import Action, Both, Change
from cxlib.params.model import Params
from cxlib.privacy.say import day, quoted, say

UNDER_WAY = ("planned", "doing")


@dataclass(frozen=True)
class Open:
    """What decisions hang on.

    Attributes
    ----------
    params : Params
    documented : Documented
    changes : Changes
    matter : tuple of str
        Factors that matter, in the order of the findings.
    today : str
        The latest day that the inputs know; never the clock.
    answered : str
        The day of the latest answer; "" when not known.
    """

    params: Params
    documented: Documented
    changes: Changes
    matter: tuple[str, ...]
    today: str
    answered: str


@dataclass(frozen=True)
class Decision:
    """One thing to decide; `about` is the change that it hangs on, as (action, measure), if it hangs on one."""

    text: Both
    about: tuple[str, str] | None = None


def decide_next(state: Open) -> tuple[Decision, ...]:
    """Everything that waits for a decision.

    Notes
    -----
    First the findings that nobody has answered, in their own order; then results that went the wrong way; days that
    have come or come next, of decisions, actions and looks; then results that rule a worthwhile change out, and those
    that cannot be told yet. Never in the order of a score.
    """
    found = [
        *_unanswered(state),
        *_worse(state),
        *_decisions(state),
        *_overdue(state),
        *_looks(state),
        *_ruled_out(state),
        *_unclear(state),
    ]
    return tuple(dict.fromkeys(found))


def _unanswered(state: Open) -> Iterator[Decision]:
    for factor in state.matter:
        none = state.documented.no_action(factor)
        if none is not None and none.reason is None:
            yield Decision(say("decide_unanswered", factor=state.params.factors[factor].label))


def _changes(state: Open, grade: str) -> Iterator[tuple[Action, Change]]:
    for action in state.documented.actions:
        for change in state.changes.of.get(action.id, ()):
            if change.grade == grade:
                yield action, change


def _worse(state: Open) -> Iterator[Decision]:
    for action, change in _changes(state, "E-"):
        meant = action.direction == "down" and change.role == "factor"
        key = "decide_other_way" if meant else "decide_worse"
        yield Decision(say(key, action=action.what, measure=change.label), (action.id, change.measure))


def _decisions(state: Open) -> Iterator[Decision]:
    waiting = [item for item in state.documented.actions if item.status == "none" and item.due is not None]
    for item in sorted(waiting, key=lambda item: (item.due, item.id)):
        factors = [
            factor
            for factor in item.factors
            if (none := state.documented.no_action(factor)) is not None and none.decide_by == item.due
        ]
        if not factors or item.due is None:
            continue
        yield Decision(
            say(
                "decide_by_past" if item.due < state.today else "decide_by",
                factors=quoted(state.params.factors[factor].label for factor in factors),
                date=day(item.due),
                reason=item.stopped_because or "",
            )
        )


def _overdue(state: Open) -> Iterator[Decision]:
    for item in state.documented.actions:
        if item.status not in UNDER_WAY:
            continue
        if item.due is not None and item.due < state.today:
            yield Decision(say("decide_overdue", action=item.what, date=day(item.due)))
        elif item.status == "planned" and item.start is not None and item.start < state.today:
            yield Decision(say("decide_not_begun", action=item.what, date=day(item.start)))


def _looks(state: Open) -> Iterator[Decision]:
    """The latest look whose day has come, where nobody was asked since the look before it, or since the start."""
    for item in state.documented.actions:
        come = sorted(look for look in item.look_on if look <= state.today)
        if item.status not in ("doing", "done") or not come or item.start is None:
            continue
        since = come[-2] if len(come) > 1 else item.full_effect or item.start
        if state.answered < since:
            yield Decision(say("decide_look", action=item.what, date=day(come[-1]), since=day(since)))


def _ruled_out(state: Open) -> Iterator[Decision]:
    for action, change in _changes(state, "EN"):
        if action.status == "doing" and change.role == "factor":
            text = say("decide_none", action=action.what, measure=change.label)
            yield Decision(text, (action.id, change.measure))


def _unclear(state: Open) -> Iterator[Decision]:
    for action, change in _changes(state, "EX"):
        if change.role == "factor" and action.status in ("doing", "done"):
            much = needed(change.needed, change.needed_units, change.compared)
            text = say("decide_unclear", action=action.what, measure=change.label, needed=much)
            yield Decision(text, (action.id, change.measure))
