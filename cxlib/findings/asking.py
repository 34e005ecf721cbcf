"""What to ask next, and what to stop asking: promises, choices, factors and actions held against each other."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from cxlib.actions.promises import PromiseRecord
from cxlib.actions.strategy import ChoiceRecord
from cxlib.findings.acting import Documented, both
from cxlib.findings.schema import Both, Promise
from cxlib.params.model import Params
from cxlib.privacy.say import quoted, say

LONG_ENOUGH = 2  # waves; a question asked once may still be waiting for its first action


@dataclass(frozen=True)
class Purpose:
    """What a survey is for, as far as it is written down.

    Attributes
    ----------
    params : Params
        `params.promises` and `params.strategy` tell whether there is such a list at all.
    documented : Documented
    matter : collection of str
        Factors that matter.
    promises : sequence of PromiseRecord
    choices : sequence of ChoiceRecord
    asked : mapping of str to set of str
        Question -> waves in which it was asked.
    """

    params: Params
    documented: Documented
    matter: Collection[str]
    promises: Sequence[PromiseRecord] = ()
    choices: Sequence[ChoiceRecord] = ()
    asked: Mapping[str, set[str]] = field(default_factory=dict)


def promises_of(promises: Sequence[PromiseRecord]) -> tuple[Promise, ...]:
    """The promises as the document tells them, in the order of the list."""
    return tuple(
        Promise(
            id=item.id,
            promise=Both(vi=item.promise.vi, en=item.promise.en),
            written=item.written,
            channel=both(item.channel),
            step=item.step,
            factors=item.factors,
        )
        for item in promises
    )


def ask_next(purpose: Purpose) -> tuple[Both, ...]:
    """Promises, factors and actions that do not meet, each as a question."""
    return tuple(_questions(purpose))


def _questions(purpose: Purpose) -> Iterator[Both]:
    params = purpose.params
    promised = {factor for item in purpose.promises for factor in item.factors}
    if params.promises is None:
        yield say("ask_no_promises")
    for item in purpose.promises:
        if not item.factors:
            yield say("ask_promise_without_factor", promise=Both(vi=item.promise.vi, en=item.promise.en))
    bare = [key for key in params.factors if key not in promised]
    if params.promises is not None and bare:
        yield say("ask_factor_without_promise", factors=quoted(params.factors[key].label for key in bare))
    for action in purpose.documented.actions:
        if action.status not in ("none", "stopped") and not set(action.factors) & (promised | set(purpose.matter)):
            yield say("ask_action_alone", action=action.what)
    if params.strategy is None:
        yield say("ask_no_strategy")


def retire(purpose: Purpose) -> tuple[Both, ...]:
    """Measures that nobody uses.

    Notes
    -----
    A question counts as acted on when any action, past or planned, answers it, or a decision not to act yet is
    written down. Outcomes are acted on through factors: of them only the strategic choice is asked.
    """
    return tuple(_idle(purpose))


def _idle(purpose: Purpose) -> Iterator[Both]:
    params = purpose.params
    if params.strategy is not None:
        served = {measure for choice in purpose.choices for measure in choice.measures}
        without = [question.label for key, question in params.questions.items() if key not in served]
        if without:
            yield say("retire_no_choice", measures=quoted(without))
    answered = {factor for action in purpose.documented.actions for factor in action.factors}
    for key in ("retire_unanswered", "retire_idle"):
        by_waves: dict[int, list[str]] = {}
        for factor in params.factors:
            waves = len(purpose.asked.get(factor, ()))
            fits = (factor in purpose.matter) == (key == "retire_unanswered")
            if factor not in answered and waves >= LONG_ENOUGH and fits:
                by_waves.setdefault(waves, []).append(factor)
        for waves, factors in sorted(by_waves.items(), reverse=True):
            yield say(key, waves=waves, measures=quoted(params.factors[factor].label for factor in factors))
