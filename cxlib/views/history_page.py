"""What the history tells: the log as a timeline, every action with its evidence, promises, and wave after wave."""

from __future__ import annotations

from dataclasses import dataclass

from cxlib.findings.schema import Action, Altered, Document, Entry, Promise, Scope, Trend
from cxlib.views.cards import Told, tell_action
from cxlib.views.evidence import Evidence, tell_evidence
from cxlib.views.material import Material, Picture
from cxlib.views.say import Said, count, counted, day, joined, number, ranged, said, say


@dataclass(frozen=True)
class Line:
    """One record of the log; `sealed` says in words that it was edited, removed or slipped in."""

    date: str
    day: Said
    action: str
    what: Said
    status: Said
    news: Said | None
    altered: tuple[tuple[Said, Said, Said], ...]
    sealed: Said | None


@dataclass(frozen=True)
class Deed:
    """An action with everything the log says of it, and what changed. `unsaid` is what the log leaves out."""

    id: str
    told: Told
    facts: tuple[tuple[Said, Said], ...]
    unsaid: Said | None
    evidence: Evidence | None
    records: Said


@dataclass(frozen=True)
class Kept:
    """A promise: its words, and the questions that ask about it."""

    promise: Said
    kind: Said
    where: Said | None
    asked: Said


@dataclass(frozen=True)
class Course:
    """One question from wave to wave."""

    label: Said
    picture: Picture | None
    rows: tuple[tuple[Said, ...], ...]
    breaks: tuple[Said, ...]


@dataclass(frozen=True)
class Leg:
    """A step of the journey: the step as a whole, where it has a figure, and its questions."""

    label: Said
    whole: tuple[Course, ...]
    questions: tuple[Course, ...]


@dataclass(frozen=True)
class HistoryTold:
    """Everything the history shows, ready."""

    changed: tuple[Said, ...]
    timeline: tuple[Line, ...]
    deeds: tuple[Deed, ...]
    promises: tuple[Kept, ...]
    legs: tuple[Leg, ...]


def tell_history(material: Material) -> HistoryTold:
    """The history's texts.

    Parameters
    ----------
    material : Material
    """
    document = material.document
    timeline = tuple(_line(entry) for entry in document.history)
    return HistoryTold(
        changed=tuple(_broken(entry) for entry in document.history if entry.sealed),
        timeline=timeline,
        deeds=tuple(_deed(material, action) for action in document.actions if action.status != "none"),
        promises=tuple(_promise(document, promise) for promise in document.promises),
        legs=tuple(_legs(material)),
    )


def _line(entry: Entry) -> Line:
    return Line(
        date=entry.recorded_on,
        day=day(entry.recorded_on) or said(entry.recorded_on),
        action=entry.action,
        what=said(entry.what),
        status=say(f"page_state_{entry.status}"),
        news=None if entry.altered else say("page_record_first") if not entry.sealed else None,
        altered=tuple(_altered(item) for item in entry.altered),
        sealed=_sealed(entry),
    )


def _altered(item: Altered) -> tuple[Said, Said, Said]:
    nothing = say("page_record_empty")
    return said(item.field), *(said(text) if text is not None else nothing for text in (item.before, item.after))


def _sealed(entry: Entry) -> Said | None:
    if not entry.sealed:
        return None
    seen = day(entry.seen_on)
    known = say(f"page_sealed_{entry.sealed}")
    return known if seen is None else joined([known, say("page_sealed_seen", day=seen)], " ")


def _broken(entry: Entry) -> Said:
    return say("page_sealed_line", what=entry.what, day=day(entry.recorded_on), told=_sealed(entry))


def _deed(material: Material, action: Action) -> Deed:
    evidence = tell_evidence(material, action, action.change) if action.change else None
    return Deed(
        id=action.id,
        told=tell_action(action),
        facts=tuple(_facts(action)),
        unsaid=_unsaid(action),
        evidence=evidence,
        records=counted("page_records", action.records),
    )


def _facts(action: Action) -> list[tuple[Said, Said]]:
    look_on = joined([day(date) or said(date) for date in action.look_on], "; ")
    worth = action.smallest_worthwhile
    lines: list[tuple[str, Said | None]] = [
        ("page_deed_decided", day(action.decided_on)),
        ("page_deed_decided_by", said(action.decided_by) if action.decided_by else None),
        ("page_deed_full", day(action.full_effect)),
        ("page_deed_direction", say(f"page_direction_{action.direction}")),
        ("page_deed_worth", None if worth is None else number(worth)),
        ("page_deed_compared", _scope(action.comparison) if action.comparison else None),
        ("page_deed_because", said(action.comparison_because) if action.comparison_because else None),
        ("page_deed_drawn", day(action.drawn_on)),
        ("page_deed_look", look_on if action.look_on else None),
        ("page_deed_also", said(action.also) if action.also else None),
    ]
    return [(say(key), value) for key, value in lines if value is not None]


def _scope(scope: Scope) -> Said:
    """Counted, never listed."""
    if scope.everyone:
        return say("page_scope_everyone")
    parts = []
    if scope.units is not None:
        parts.append(say("page_scope_units_only", units=count(scope.units)))
    if scope.groups:
        parts.append(say("page_scope_groups", groups=joined(scope.groups)))
    return joined(parts) if parts else say("page_scope_nowhere")


def _unsaid(action: Action) -> Said | None:
    if not action.unsaid:
        return None
    return say("page_deed_unsaid", fields=joined([_field(name) for name in action.unsaid]))


def _field(column: str) -> Said:
    try:
        return say(f"page_unsaid_{column}")
    except KeyError:  # a column of a later version: its name says enough
        return said(column)


def _promise(document: Document, promise: Promise) -> Kept:
    labels = {item.key: said(item.label) for item in document.factors}
    steps = {item.key: said(item.label) for item in document.steps}
    where = [said(promise.channel)] if promise.channel else []
    if promise.step is not None:
        where.append(steps.get(promise.step, said(promise.step)))
    asked = [labels.get(key, said(key)) for key in promise.factors]
    return Kept(
        promise=said(promise.promise),
        kind=say("page_promise_written" if promise.written else "unwritten"),
        where=joined(where, " · ") if where else None,
        asked=say("page_promise_asked", factors=joined(asked)) if asked else say("page_promise_unasked"),
    )


def _legs(material: Material) -> list[Leg]:
    """The steps in the order of the journey, then questions without a step, then loyalty and referral."""
    document = material.document
    step_of = {item.key: item.step for item in document.factors}
    known = [step.key for step in document.steps]
    by_step: dict[str | None, list[Trend]] = {}
    for trend in document.trends:
        if trend.kind == "factor":
            step = step_of.get(trend.measure)
            by_step.setdefault(step if step in known else None, []).append(trend)
    whole = {trend.measure: trend for trend in document.trends if trend.kind == "step"}
    legs = []
    for step in document.steps:
        own = tuple(_course(material, trend) for trend in by_step.get(step.key, []))
        all_of = (_course(material, whole[step.key]),) if step.key in whole else ()
        if own or all_of:
            legs.append(Leg(said(step.label), all_of, own))
    if None in by_step:
        legs.append(Leg(say("page_other_step"), (), tuple(_course(material, trend) for trend in by_step[None])))
    outcomes = tuple(_course(material, trend) for trend in document.trends if trend.kind == "outcome")
    if outcomes:
        legs.append(Leg(say("page_trend_outcomes"), outcomes, ()))
    return legs


def _course(material: Material, trend: Trend) -> Course:
    rows = tuple(
        (said(point.wave), count(point.n), ranged(point.mean, point.low, point.high)) for point in trend.points
    )
    picture = material.pictures.get(trend.figure or f"trend.{trend.measure}")
    return Course(said(trend.label), picture, rows, tuple(said(line) for line in trend.breaks))
