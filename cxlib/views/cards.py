"""A finding as its card tells it: every sentence ready, in both languages, nothing left to work out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from cxlib.findings.schema import Action, Document, Finding
from cxlib.views.evidence import GRADE_WORDS, Evidence, explained, tell_evidence
from cxlib.views.filters import Filters
from cxlib.views.material import Material, Picture
from cxlib.views.numbers import Table, the_numbers, the_tables
from cxlib.views.say import Said, count, counted, day, joined, number, ranged, said, say

# A sentence as findings writes it: what goes together, its numbers in brackets, what it does not show.
IN_BRACKETS = re.compile(r"(?P<head>.+?)(?P<numbers> \([^()]*\d[^()]*\))(?P<rest>\..*)", re.DOTALL)


@dataclass(frozen=True)
class Sentence:
    """A sentence in three parts, so that a page can set the numbers small; together they are the whole text."""

    head: str
    numbers: str
    rest: str


@dataclass(frozen=True)
class Told:
    """An action in words. `link` is a web address or None; `facts` are short, in the order they are read."""

    what: Said
    status: Said
    facts: tuple[Said, ...]
    document: Said | None
    link: str | None
    more: tuple[Said, ...]


@dataclass(frozen=True)
class Card:
    """One pair of finding and action."""

    id: str
    anchor: str
    classes: str
    step: Said | None
    outcome: Said
    sentence: dict[str, Sentence]
    shape: Said | None
    whom: Said | None
    picture: Picture | None
    meaning: tuple[Said, ...]
    picture_rows: tuple[tuple[Said, ...], ...]
    sure: Said
    basis: Said
    notes: tuple[Said, ...]
    quotes: tuple[tuple[str, str], ...]
    actions: tuple[Told, ...]
    no_action: tuple[Said, ...]
    changes: tuple[Evidence, ...]
    numbers: tuple[tuple[Said, Said], ...]
    tables: tuple[Table, ...]
    other: tuple[Said, ...]


def sentence_parts(text: str) -> Sentence:
    """A sentence cut before and after its numbers in brackets; uncut when it has none.

    Examples
    --------
    >>> sentence_parts("They went together (412 answers). No proof.")
    Sentence(head='They went together', numbers=' (412 answers)', rest='. No proof.')
    """
    found = IN_BRACKETS.fullmatch(text)
    return Sentence(found["head"], found["numbers"], found["rest"]) if found else Sentence(text, "", "")


def web_address(text: str | None) -> str | None:
    """The text when it is an address that a page may link to; nothing but http and https is."""
    if not text:
        return None
    try:
        parts = urlsplit(text)
    except ValueError:
        return None
    return text if parts.scheme in ("http", "https") and parts.netloc else None


def tell_scope(action: Action) -> Said:
    """Where an action happens: counted, never listed."""
    scope = action.scope
    if scope.everyone:
        return say("page_scope_everyone")
    parts = []
    if scope.units is not None:
        key = "page_scope_units" if scope.of is not None else "page_scope_units_only"
        parts.append(say(key, units=count(scope.units), of=count(scope.of)))
    if scope.groups:
        parts.append(say("page_scope_groups", groups=joined(scope.groups)))
    if not parts:
        return say("page_scope_unknown")
    return joined([*parts, *_chosen_by(action)])


def _chosen_by(action: Action) -> list[Said]:
    how = action.scope_chosen_by
    if how in ("random", "worst", "volunteers"):
        return [say(f"page_chosen_{how}")]
    if how.startswith("worst in "):
        return [say("page_chosen_worst_in", wave=how.removeprefix("worst in "))]
    return []


def tell_action(action: Action) -> Told:
    """An action as the page tells it."""
    facts = []
    if action.start:
        key = "page_since" if action.status in ("doing", "done", "stopped") else "page_from"
        facts.append(say(key, day=day(action.start)))
    facts += [tell_scope(action), said(action.owner_role)]
    if action.due and action.status in ("planned", "doing"):
        facts.append(say("page_due", day=day(action.due)))
    more = []
    if action.stopped_because and action.status == "stopped":
        more.append(say("page_stopped_because", text=action.stopped_because))
    if action.expected:
        more.append(say("page_expected", text=action.expected))
    link = web_address(action.document)
    named = say("page_document_named", name=action.document) if action.document else None
    document = say("page_document") if link else named
    return Told(
        what=said(action.what),
        status=say(f"page_state_{action.status}"),
        facts=tuple(facts),
        document=document,
        link=link,
        more=tuple(more),
    )


def make_card(material: Material, filters: Filters, finding: Finding, place: int) -> Card:
    """One finding's card.

    Parameters
    ----------
    material : Material
    filters : Filters
    finding : Finding
    place : int
        Its place on the page, from 1; used in the ids of elements only.
    """
    document = material.document
    step = next((item.label for item in document.steps if item.key == finding.factor.step), None)
    outcome = next((item for item in document.outcomes if item.key == finding.outcome), None)
    label = said(outcome.label if outcome else finding.outcome)
    known = {action.id: action for action in document.actions}
    actions = [known[name] for name in finding.actions if name in known and known[name].status != "none"]
    picture = material.pictures.get(finding.id)
    parts = [say("page_answers", count=count(finding.n))] if finding.n is not None else []
    if document.waves:
        parts.append(counted("page_waves_count", len(document.waves)))
    tried = finding.holds.specifications
    if tried.of:
        parts.append(say("page_holds", stand=count(tried.stand), of=count(tried.of)))
    return Card(
        id=finding.id,
        anchor=f"finding-{place}",
        classes=" ".join(sorted(filters.cards[finding.id])),
        step=said(step) if step else None,
        outcome=label,
        sentence={language: sentence_parts(getattr(finding.sentence, language)) for language in ("vi", "en")},
        shape=_shape(finding),
        whom=joined(finding.whom, " ") if finding.whom else None,
        picture=picture,
        picture_rows=picture_rows(picture) if picture else (),
        sure=say(GRADE_WORDS[finding.grade]),
        meaning=tuple(_meaning(finding)),
        basis=joined(parts, " · "),
        notes=tuple(_notes(finding)),
        quotes=tuple((quote.text, quote.wave) for quote in finding.heard),
        actions=tuple(tell_action(action) for action in actions),
        no_action=() if actions else tuple(_no_action(finding)),
        changes=tuple(_changes(material, actions, finding)),
        numbers=tuple(the_numbers(finding)),
        tables=tuple(the_tables(finding)),
        other=(*(said(caveat) for caveat in finding.caveats), say("correlation_note"), *_unasked(finding)),
    )


def _changes(material: Material, actions: list[Action], finding: Finding) -> Iterator[Evidence]:
    """What changed after each action of the card, also where nothing was measured."""
    for action in actions:
        found = [change for change in finding.change if change.action == action.id]
        yield tell_evidence(material, action, found, finding.factor.key)


def _shape(finding: Finding) -> Said | None:
    """Whether low or high marks show more; of an association that goes the other way round nothing is said."""
    shape = finding.shape
    if shape.penalty is None or shape.reward is None or (finding.association.estimate or 0) < 0:
        return None
    said_so = say(
        f"page_shape_{shape.kind}",
        penalty=number(abs(shape.penalty), 1),
        reward=number(abs(shape.reward), 1),
    )
    if shape.chance is None or shape.kind == "unclear":
        return said_so
    return joined([said_so, say("page_shape_sure", chance=count(int(100 * shape.chance)))], " ")


def _meaning(finding: Finding) -> list[Said]:
    """What the lines above it mean: how sure, low or high marks, ways of looking."""
    told, tried, shape = [explained(finding.grade)], finding.holds.specifications, finding.shape
    if _shape(finding) is not None:
        low = ranged(shape.penalty, shape.penalty_low, shape.penalty_high, 1)
        high = ranged(shape.reward, shape.reward_low, shape.reward_high, 1)
        marks = say("page_marks", penalty=low, reward=high)
        sure = shape.chance is not None and shape.kind != "unclear"
        told.append(joined([marks, say("page_marks_sure")], " ") if sure else marks)
    if tried.of:
        told.append(say("page_ways", stand=count(tried.stand), of=count(tried.of)))
    return told


def _notes(finding: Finding) -> list[Said]:
    """Documents of earlier runs do not say for whom; they name the segments whose groups differ."""
    groups = [said(item.label) for item in finding.holds.differences if item.differs]
    return [say("page_differs", groups=joined(groups))] if groups and not finding.whom else []


def _unasked(finding: Finding) -> list[Said]:
    told = [say("page_other_always")]
    need = finding.unasked
    if need is not None and need.ratio is not None:
        key = "page_unasked_less" if (finding.association.estimate or 0) < 0 else "page_unasked"
        told.append(say(key, ratio=number(need.ratio, 1)))
        if need.ratio_low is not None and need.ratio_low > 1:
            told[-1] = joined([told[-1], say("page_unasked_low", ratio=number(need.ratio_low, 1))], " ")
    return [joined(told, " ")]


def _no_action(finding: Finding) -> list[Said]:
    told = [say("page_no_action")]
    plan = finding.no_action
    if plan is not None and plan.reason is not None:
        told.append(say("page_no_action_reason", reason=_without_stop(plan.reason)))
    if plan is not None and plan.decide_by is not None:
        told.append(say("page_no_action_decide", day=day(plan.decide_by)))
    return told if len(told) > 1 else [*told, say("page_no_action_unwritten")]


def _without_stop(text) -> Said:
    return Said(text.vi.rstrip(" ."), text.en.rstrip(" ."))


def picture_rows(picture: Picture) -> tuple[tuple[Said, ...], ...]:
    """The figure's numbers for the table below it, in the reader's form."""
    rows = []
    for row in picture.rows:
        name = Said(row["label_vi"], row["label_en"])
        if row["this_finding"] == "1":
            name = joined([name, say("page_figure_alone")], " ")
        estimate, low, high = (float(row[key]) if row[key] else None for key in ("estimate", "low", "high"))
        answers = count(float(row["n"])) if row["n"] and estimate is not None else number(None)
        rows.append((name, answers, ranged(estimate, low, high)))
    return tuple(rows)


def next_questions(document: Document) -> list[Said]:
    """What to ask next: findings without an action, actions without a measured change, groups that differ."""
    asked: dict[str, Said] = {}
    known = {action.id: action for action in document.actions}
    for finding in document.findings:
        factor = said(finding.factor.label)
        acted = [known[name] for name in finding.actions if name in known and known[name].status in ("doing", "done")]
        if not finding.actions:
            asked.setdefault(f"act {finding.factor.key}", say("page_next_no_action", factor=factor))
        measured = {change.action for change in finding.change if change.grade is not None}
        for action in acted:
            if action.id not in measured:
                asked.setdefault(f"measure {action.id}", say("page_next_measure", action=action.what))
        groups = [item.label for item in finding.holds.differences if item.differs]
        if groups:
            line = say("page_next_differs", factor=factor, groups=joined(groups))
            asked.setdefault(f"differs {finding.factor.key}", line)
    return list(asked.values())
