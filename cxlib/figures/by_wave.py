"""A row of dots with likely ranges: wave by wave with the day of the action, or by waves since the start."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from cxlib.figures.before_after import INKS, height_of, ranges, scale_in_words
from cxlib.figures.paper import ACCENT, INK, LINE, QUIET, UNITS, Sheet, apart
from cxlib.words import decimal, word

if TYPE_CHECKING:
    from cxlib.figures.change import Mark, Shown

TOP, BODY = 44.0, 92.0  # units; above the marks two lines of words
LEFT = 24.0
NAMED, ALONE = 160.0, 50.0  # kept on the right: a value with the name of its group, or a value
BESIDE = 5.0  # each group to its side
BAND, BESIDE_BAND, THIN = 12.0, 9.0, 5.0  # wider than the dot: a range narrower than it must still be seen
MANY = 10  # waves from which on the bands are thinner
LETTER = 8.0  # units of a letter of the widest family


def draw_waves(shown: Shown, language: str) -> str:
    """The svg of a change over time.

    Parameters
    ----------
    shown : Shown
    language : {'vi', 'en'}
    """
    waves = list(dict.fromkeys(mark.at for mark in shown.marks))
    if shown.kind == "event":
        waves.sort(key=int)
    right = UNITS - (NAMED if shown.compared else ALONE)
    step = (right - LEFT - 16) / max(len(waves) - 1, 1)
    across = {wave: LEFT + 8 + place * step for place, wave in enumerate(waves)}
    from_zero = shown.kind == "event" or shown.change.relative
    low, high = height_of(shown.marks, None if shown.kind == "event" else shown.scale)
    ends = (min(low, 0.0), max(high, 0.0)) if from_zero else (low, high)

    def down(value: float) -> float:
        return TOP + (ends[1] - value) / (ends[1] - ends[0]) * BODY

    names = _names(waves, list(across.values())) if shown.kind == "waves" else []
    lines = 2 if shown.kind == "event" else 1 + max(line for _, _, _, line in names)
    made = Sheet(TOP + BODY + 8 + LINE * lines)
    made.text(4, 2, _above(shown, language), color=QUIET)
    if from_zero:
        made.lines([(LEFT, down(0.0), right, down(0.0))], color=QUIET, width=0.8)
    _start(made, shown, waves, across, language)
    lasts: list[tuple[float, Mark]] = []
    for group in ("others", "acted", "event"):
        marks = sorted(shown.of(group), key=lambda mark: across[mark.at])
        if marks:
            aside = 0.0 if not shown.compared else -BESIDE if group == "acted" else BESIDE
            band = THIN if len(waves) >= MANY else BESIDE_BAND if shown.compared else BAND
            _row(made, marks, [across[mark.at] + aside for mark in marks], down, band)
            lasts.append((down(marks[-1].estimate), marks[-1]))
    for place, (_, mark) in zip(apart([place for place, _ in lasts], LINE), lasts, strict=True):
        _value(made, right, place, mark, language, named=shown.compared)
    _below(made, names, waves if shown.kind == "event" else [], across, language)
    return made.svg


def _above(shown: Shown, language: str) -> str:
    if shown.kind == "event":
        return word("change_more_than_waiting", language)
    return word("change_from_before", language) if shown.change.relative else scale_in_words(shown, language)


def _row(made: Sheet, marks: list[Mark], across: list[float], down: Callable[[float], float], width: float) -> None:
    others = marks[0].group == "others"
    colour, band = INKS["others" if others else "acted"]
    places = [down(mark.estimate) for mark in marks]
    made.bands(ranges(marks, across, down), color=band, width=width)
    made.line(across, places, color=colour, width=1.4)
    for after in (False, True):
        some = [number for number, mark in enumerate(marks) if (mark.phase == "after") == after]
        fill = colour if after and not others else "white"  # an open dot: not yet, or not there
        made.dots(
            [across[number] for number in some], [places[number] for number in some],
            size=14 if width == THIN else 30, fill=fill, edge=colour, width=1.2,
        )  # fmt: skip


def _start(made: Sheet, shown: Shown, waves: list[str], across: dict[str, float], language: str) -> None:
    """A line between the last wave before the action and the first one that is not."""
    phase = {mark.at: mark.phase for mark in shown.marks}
    later = [place for place, wave in enumerate(waves) if phase[wave] != "before"]
    if not later or later[0] == 0:
        return
    x = (across[waves[later[0] - 1]] + across[waves[later[0]]]) / 2
    made.lines([(x, TOP - 6, x, TOP + BODY + 2)], color=INK, width=1, dashed=True)
    made.text(x, TOP - 8, word("change_start", language), va="bottom", ha="center", color=INK)


def _value(made: Sheet, right: float, place: float, mark: Mark, language: str, *, named: bool) -> None:
    weight, colour = ("normal", INK) if mark.group == "others" else ("bold", ACCENT)
    value = decimal(mark.estimate, language, 2 if mark.group == "event" else 1)
    name = f"  {word(f'change_{mark.group}', language)}" if named else ""
    made.text(right + 4, place, value + name, va="center", color=colour, weight=weight)


def _names(waves: list[str], places: list[float]) -> list[tuple[float, str, str, int]]:
    """Names of waves below the marks, each with its place, side and line: all, or the first and the last."""
    widest = max(map(len, waves)) * LETTER
    if len(waves) > 1 and widest + 4 <= places[1] - places[0]:
        return [(place, wave, "center", 0) for place, wave in zip(places, waves, strict=True)]
    if widest / 2 <= places[0] and widest + 8 <= places[-1] - places[0]:
        return [(places[0], waves[0], "center", 0), (places[-1], waves[-1], "center", 0)]
    apart = (len(waves[0]) + len(waves[-1])) * LETTER <= places[-1]
    return [(4.0, waves[0], "left", 0), (places[-1] + 10, waves[-1], "right", 0 if apart else 1)]


def _below(
    made: Sheet, names: list[tuple[float, str, str, int]], periods: list[str], across: dict[str, float], language: str
) -> None:
    top = TOP + BODY + 6
    for x, name, side, line in names:
        made.text(x, top + LINE * line, name, ha=side, color=INK)
    for period in periods:
        made.text(across[period], top, period.replace("-", "−"), ha="center", color=INK)
    if periods:
        made.text(LEFT, top + LINE, word("change_since_start", language), color=QUIET)
