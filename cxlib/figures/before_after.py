"""Two dots with their likely ranges, before and after; beside them the same where nothing was done."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from cxlib.figures.paper import ACCENT, ACCENT_BAND, INK, LINE, QUIET, QUIET_BAND, Segment, Sheet, apart
from cxlib.words import decimal, word

if TYPE_CHECKING:
    from cxlib.figures.change import Mark, Shown

TOP, BODY, FOOT = 24.0, 104.0, 42.0  # units
BEFORE, AFTER = 64.0, 186.0  # where the two times stand across
LETTERS = 14  # of the names of waves below a time, before they are broken
ASIDE = 6.0  # each group to its side, so that the ranges do not cover each other
BAND = 10.0
LEAST = 0.25  # of the question's scale that the height shows at least: a small change must look small
INKS = {"acted": (ACCENT, ACCENT_BAND), "others": (QUIET, QUIET_BAND)}


def height_of(marks: tuple[Mark, ...], scale: tuple[int, int] | None) -> tuple[float, float]:
    """The part of the scale that a figure shows: every range, and never less than `LEAST` of the scale."""
    ends = [end for mark in marks for end in (mark.estimate, mark.low, mark.high) if end is not None]
    low, high = min(ends), max(ends)
    wanted = max(high - low, LEAST * (scale[1] - scale[0]) if scale else 0.0, 1e-6)
    middle = (low + high) / 2
    return middle - wanted * 0.54, middle + wanted * 0.54


def draw_sides(shown: Shown, language: str) -> str:
    """The svg of a change with two sides.

    Parameters
    ----------
    shown : Shown
    language : {'vi', 'en'}
    """
    ends = height_of(shown.marks, shown.scale)

    def down(value: float) -> float:
        return TOP + (ends[1] - value) / (ends[1] - ends[0]) * BODY

    waves = {time: textwrap.wrap(shown.waves.get(time, ""), LETTERS) for time in ("before", "after")}
    made = Sheet(TOP + BODY + FOOT + LINE * (max(map(len, waves.values())) - 1))
    made.text(4, 2, scale_in_words(shown, language), color=QUIET)
    groups = [group for group in ("others", "acted") if shown.of(group)]
    labels: dict[float, list[tuple[float, str, str]]] = {BEFORE: [], AFTER: []}
    for group in groups:
        aside = 0.0 if len(groups) == 1 else -ASIDE if group == "acted" else ASIDE
        _side(made, shown.of(group), (BEFORE + aside, AFTER + aside), down)
        for x, mark in zip((BEFORE, AFTER), shown.of(group), strict=True):
            labels[x].append((down(mark.estimate), group, decimal(mark.estimate, language, 1)))
    _values(made, labels, language, named=len(groups) > 1)
    _times(made, waves, language)
    return made.svg


def _side(made: Sheet, marks: list[Mark], across: tuple[float, float], down: Callable[[float], float]) -> None:
    """The two dots of a group, their ranges and the line between."""
    acted = marks[0].group == "acted"
    colour, band = INKS[marks[0].group]
    places = [down(mark.estimate) for mark in marks]
    made.bands(ranges(marks, across, down), color=band, width=BAND)
    made.line(across, places, color=colour, width=2 if acted else 1.2)
    # shape as well as colour
    made.dots(across, places, size=46, fill=colour if acted else "white", edge=colour, width=1.4)


def ranges(marks: list[Mark], across: Sequence[float], down: Callable[[float], float]) -> list[Segment]:
    """The likely ranges of those marks that have one, as upright lines."""
    return [
        (x, down(mark.high), x, down(mark.low))
        for mark, x in zip(marks, across, strict=True)
        if mark.low is not None and mark.high is not None
    ]


def scale_in_words(shown: Shown, language: str) -> str:
    """What stands above the marks: an average, and of which scale."""
    if shown.scale is None:
        return word("change_average", language)
    return word("change_scale", language, low=shown.scale[0], high=shown.scale[1])


def _values(made: Sheet, labels: dict[float, list[tuple[float, str, str]]], language: str, *, named: bool) -> None:
    for x, told in labels.items():
        places = apart([place for place, _, _ in told], LINE)
        for place, (_, group, value) in zip(places, told, strict=True):
            weight, colour = ("bold", ACCENT) if group == "acted" else ("normal", INK)
            if x == BEFORE:
                made.text(x - 16, place, value, va="center", ha="right", color=colour, weight=weight)
                continue
            name = f"  {word(f'change_{group}', language)}" if named else ""
            made.text(x + 16, place, value + name, va="center", color=colour, weight=weight)


def _times(made: Sheet, waves: dict[str, list[str]], language: str) -> None:
    top = TOP + BODY + 6
    made.lines([(BEFORE - 40, top - 2, AFTER + 40, top - 2)], color=QUIET, width=0.8)
    for x, time in ((BEFORE, "before"), (AFTER, "after")):
        made.text(x, top + 1, word(f"change_{time}", language), ha="center", color=INK)
        for place, line in enumerate(waves[time], start=1):
            made.text(x, top + 1 + LINE * place, line, ha="center", color=QUIET)
