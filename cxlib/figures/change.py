"""What changed after each action, as small figures: before and after, wave by wave, or by waves since the start."""

from __future__ import annotations

from dataclasses import dataclass

from cxlib.figures.before_after import draw_sides
from cxlib.figures.by_wave import draw_waves
from cxlib.figures.drawing import Drawing, drawing, table
from cxlib.findings.schema import Change, ChangePoint, Document, Side
from cxlib.words import decimal, interval, whole, word

TOLD_ONE_BY_ONE = 8  # points of a group; the words tell the ends of each part of a longer row


@dataclass(frozen=True)
class Mark:
    """A dot with its likely range: one group at one time."""

    group: str
    at: str
    phase: str
    n: int | None
    estimate: float
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Shown:
    """A change as its figure shows it; `scale` is the question's, where it is known.

    `kind`: 'sides' (before and after), 'waves', or 'event' (by waves since the start).
    """

    change: Change
    kind: str
    marks: tuple[Mark, ...]
    scale: tuple[int, int] | None
    waves: dict[str, str]

    def of(self, group: str) -> list[Mark]:
        return [mark for mark in self.marks if mark.group == group]

    @property
    def compared(self) -> bool:
        return any(mark.group == "others" for mark in self.marks)


def draw_changes(document: Document) -> tuple[Drawing, ...]:
    """Draw the figure of every change that has one, in both languages.

    Parameters
    ----------
    document : Document
        After the privacy door: what it hid is not drawn.

    Returns
    -------
    tuple of Drawing
        Each once, although two findings and an action may show it; named as `Change.figure`.
    """
    scales = _scales(document)
    shown: dict[str, Shown] = {}
    for change in _changes(document):
        found = show_change(change, scales) if change.figure and change.figure not in shown else None
        if found is not None:
            shown[str(change.figure)] = found
    return tuple(
        drawing(name, item, title=_title, alt=_alt, svg=_svg, numbers=_numbers(item.marks))
        for name, item in shown.items()
    )


def _svg(shown: Shown, language: str) -> str:
    return (draw_sides if shown.kind == "sides" else draw_waves)(shown, language)


def _changes(document: Document) -> list[Change]:
    return [change for part in (*document.findings, *document.actions) for change in part.change]


def _scales(document: Document) -> dict[str, tuple[int, int]]:
    known = {trend.measure: trend.scale for trend in document.trends}
    return known | {finding.factor.key: finding.performance.scale for finding in document.findings}


def show_change(change: Change, scales: dict[str, tuple[int, int]]) -> Shown | None:
    """What the figure of a change shows; None when what is needed is hidden or not there."""
    scale = scales.get(change.measure)
    points = tuple(_mark(point) for point in change.points if point.estimate is not None)
    events = tuple(point for point in points if point.group == "event")
    if len(events) > 1:
        return Shown(change, "event", events, scale, {})
    if len([point for point in points if point.group == "acted"]) > 1:
        return Shown(change, "waves", points, scale, {})
    acted = _sides("acted", change.before, change.after)
    if len(acted) < 2:
        return None
    others = _sides("others", change.others_before, change.others_after)
    waves = {"before": _span(change.waves_before), "after": _span(change.waves_after)}
    return Shown(change, "sides", acted + (others if len(others) == 2 else ()), scale, waves)


def _mark(point: ChangePoint) -> Mark:
    return Mark(point.group, point.at, point.phase, point.n, point.estimate or 0.0, point.low, point.high)


def _sides(group: str, before: Side | None, after: Side | None) -> tuple[Mark, ...]:
    return tuple(
        Mark(group, phase, phase, side.n, side.mean, side.low, side.high)
        for phase, side in (("before", before), ("after", after))
        if side is not None and side.mean is not None
    )


def _span(waves: tuple[str, ...]) -> str:
    return waves[0] if len(waves) == 1 else f"{waves[0]} – {waves[-1]}" if waves else ""


def _numbers(marks: tuple[Mark, ...]) -> str:
    columns = ("group", "at", "phase", "n", "estimate", "low", "high")
    return table(columns, [[getattr(mark, column) for column in columns] for mark in marks])


def _label(shown: Shown, language: str) -> str:
    return getattr(shown.change.label, language)


def _title(shown: Shown, language: str) -> str:
    return word(f"change_title_{shown.kind}", language, label=_label(shown, language))


def _alt(shown: Shown, language: str) -> str:
    relative = shown.change.relative
    parts = [word("change_alt_relative" if relative else f"change_alt_{shown.kind}", language)]
    for group in ("acted", "others", "event"):
        marks = shown.of(group)
        if not marks:
            continue
        if group != "event" and (shown.compared or shown.kind == "waves"):
            parts.append(word(f"change_{group}", language).capitalize() + ":")
        told = [_told(mark, language) for mark in _fewer(marks)]
        parts.append("; ".join(told) + ".")
    return " ".join(parts)


def _fewer(marks: list[Mark]) -> list[Mark]:
    """The points that the words tell: all of a short row, the ends of each part of a long one."""
    if len(marks) <= TOLD_ONE_BY_ONE:
        return marks
    kept = []
    for phase in ("before", "during", "after"):
        part = [mark for mark in marks if mark.phase == phase]
        kept += part[:1] + part[-1:] if len(part) > 1 else part
    return kept


def _told(mark: Mark, language: str) -> str:
    value = decimal(mark.estimate, language, 1 if mark.group != "event" else 2)
    limits = f" ({interval(mark.low, mark.high, language)})" if mark.low is not None else ""
    if mark.group == "event":
        return f"{_since(mark.at, language)}: {value}{limits}"
    time = word(f"change_{mark.at}", language) if mark.at in ("before", "after") else mark.at
    return f"{time} {value}{limits}"


def _since(at: str, language: str) -> str:
    number = int(at)
    if number == 0:
        return word("change_wave_of_start", language)
    key = "change_waves_before" if number < 0 else "change_waves_after"
    return word(key, language, count=whole(abs(number), language))
