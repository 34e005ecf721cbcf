"""What a reader can choose to see, by journey step, outcome and state of the action.

Cards carry classes made of positions (`step-2`), never of keys or labels, so that a choice that reaches a style
rule can hold nothing but a whole number of a known range.
"""

from __future__ import annotations

from dataclasses import dataclass

from cxlib.findings.schema import Document, Finding
from cxlib.views.say import Said, said, say

STATES = ("doing", "done", "planned", "stopped", "none")


@dataclass(frozen=True)
class Filter:
    """One way of choosing; `options` are all labels that occur, the first is `everything`."""

    name: str
    label: Said
    options: tuple[tuple[int, Said], ...]


@dataclass(frozen=True)
class Filters:
    """The three ways of choosing, and the classes of every card."""

    filters: tuple[Filter, ...]
    cards: dict[str, frozenset[str]]

    def shown(self, choice: dict[str, int]) -> list[str]:
        """Ids of the findings that a choice leaves on the page.

        Parameters
        ----------
        choice : dict
            Filter name -> position of the option; -1 shows everything. What is not known counts as everything.
        """
        wanted = {f"{item.name}-{choice[item.name]}" for item in self._chosen(choice)}
        return [card for card, classes in self.cards.items() if wanted <= classes]

    def style(self, choice: dict[str, int]) -> str:
        """The style rules that hide the other cards."""
        return "\n".join(
            f".cx-card:not(.{item.name}-{choice[item.name]}) {{ display: none; }}" for item in self._chosen(choice)
        )

    def _chosen(self, choice: dict[str, int]) -> list[Filter]:
        return [
            item
            for item in self.filters
            if type(choice.get(item.name)) is int
            and choice[item.name] >= 0
            and choice[item.name] in [position for position, _ in item.options]
        ]


def action_states(document: Document, finding: Finding) -> list[str]:
    """The states of a finding's actions, each once; `none` when there is no action."""
    status = {action.id: action.status for action in document.actions}
    states = {status[action] for action in finding.actions if action in status}
    return [state for state in STATES if state in states] or ["none"]


def make_filters(document: Document) -> Filters:
    """The choices that a document's findings allow.

    Parameters
    ----------
    document : Document

    Returns
    -------
    Filters
        Options keep the order of the journey and of the questionnaire; those without a card are left out.
    """
    steps = [step.key for step in document.steps]
    outcomes = [outcome.key for outcome in document.outcomes]
    cards: dict[str, frozenset[str]] = {}
    for finding in document.findings:
        step = steps.index(finding.factor.step) if finding.factor.step in steps else len(steps)
        classes = {f"step-{step}"}
        if finding.outcome in outcomes:
            classes.add(f"outcome-{outcomes.index(finding.outcome)}")
        classes |= {f"state-{STATES.index(state)}" for state in action_states(document, finding)}
        cards[finding.id] = frozenset(classes)
    used = frozenset().union(*cards.values())

    def options(name: str, labels: list) -> tuple[tuple[int, Said], ...]:
        present = [(place, said(label)) for place, label in enumerate(labels) if f"{name}-{place}" in used]
        return ((-1, say("page_filter_all")), *present)

    labels: dict[str, list] = {
        "step": [*(step.label for step in document.steps), say("page_other_step")],
        "outcome": [outcome.label for outcome in document.outcomes],
        "state": [say(f"page_state_{state}") for state in STATES],
    }
    filters = tuple(Filter(name, say(f"page_filter_{name}"), options(name, given)) for name, given in labels.items())
    return Filters(filters, cards)
