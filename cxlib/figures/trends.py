"""Every question and step from wave to wave: small figures in which no line crosses a break."""

from __future__ import annotations

import datetime as dt
import textwrap
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from cxlib.figures.drawing import Drawing, drawing, table
from cxlib.figures.paper import INK, LINE, QUIET, QUIET_BAND, UNITS, Sheet
from cxlib.findings.schema import Action, Document, Trend, TrendPoint
from cxlib.params.spans import span_of_name
from cxlib.words import decimal, interval, whole, word

TOP, BODY = 30.0, 76.0  # units; above the marks one line of words, and the values on the marks
EDGE = 5.0
NEAR = 17.0  # units; an upright mark nearer to a value than that would strike through it
LEAST = 0.25  # of the question's scale that the height shows at least: a small move must look small
LETTER = 8.4  # units, of the widest family that a reader may have
EVERY_VALUE = 6  # waves up to which each dot has its value beside it; beyond, the ends of each part
FINE = 0.1  # half a likely range below which values have two decimals
BELOW = 44  # letters of a line below the marks
NAMED_ACTIONS = 3  # told one by one; of more only how many
TOLD_MIX = 0.5  # of half a likely range, by which the mix of customers must move a mean to be drawn
BEGAN = ("doing", "done", "stopped")


@dataclass(frozen=True)
class Start:
    """Where an action on the question began: `place` counts waves from 0, halves lie between two of them."""

    place: float
    what: dict[str, str]


@dataclass(frozen=True)
class Course:
    """A trend as its figure shows it."""

    trend: Trend
    starts: tuple[Start, ...]

    @property
    def shown(self) -> list[tuple[int, TrendPoint]]:
        """The points that may be shown, with their places."""
        return [(place, point) for place, point in enumerate(self.trend.points) if point.mean is not None]

    @property
    def digits(self) -> int:
        """Decimals that the likely ranges bear."""
        halves = [(point.high - point.low) / 2 for _, point in self.shown if None not in (point.low, point.high)]
        return 2 if halves and median(halves) < FINE else 1

    @property
    def breaks(self) -> list[int]:
        """Places of the first waves behind each break."""
        points = self.trend.points
        return [place for place in range(1, len(points)) if points[place].part != points[place - 1].part]

    @property
    def mixed(self) -> list[tuple[int, TrendPoint]]:
        """The points at the same mix of customers, where that mix makes a difference; none otherwise."""
        told = [(place, point) for place, point in self.shown if point.same_mix is not None]
        moved = any(
            abs(point.same_mix - point.mean) > TOLD_MIX * (point.high - point.low) / 2
            for _, point in told
            if None not in (point.low, point.high)
        )
        return told if moved else []


def draw_trends(document: Document) -> tuple[Drawing, ...]:
    """Draw the figure of every trend that has one, in both languages.

    Parameters
    ----------
    document : Document
        After the privacy door: what it hid is not drawn.

    Returns
    -------
    tuple of Drawing
        Named as `Trend.figure`, in the order of the document; a trend with fewer than two points has none.
    """
    courses = [Course(trend, _starts(trend, document)) for trend in document.trends if trend.figure]
    return tuple(
        drawing(str(course.trend.figure), course, title=_title, alt=_alt, svg=_svg, numbers=_numbers(course.trend))
        for course in courses
        if len(course.shown) > 1
    )


def _title(course: Course, language: str) -> str:
    return word("trend_title", language, label=_label(course, language))


def _label(course: Course, language: str) -> str:
    return getattr(course.trend.label, language)


def _starts(trend: Trend, document: Document) -> tuple[Start, ...]:
    """Where actions on this question, or on one of this step, began; none on an outcome, which all of them serve."""
    if trend.kind == "outcome":
        return ()
    of_step = {item.key for item in document.factors if trend.kind == "step" and item.step == trend.measure}
    measures = of_step if trend.kind == "step" else {trend.measure}
    waves = [point.wave for point in trend.points]
    found = []
    for action in document.actions:
        place = _place(action, measures, waves) if measures & set(action.factors) and action.status in BEGAN else None
        if place is not None:
            found.append(Start(place, {"vi": action.what.vi, "en": action.what.en}))
    return tuple(sorted(found, key=lambda start: start.place))


def _place(action: Action, measures: set[str], waves: list[str]) -> float | None:
    """Where an action began: between the waves that its evidence calls before and after; else as its date tells."""
    dated = _by_date(action.start, waves)
    for change in action.change:
        before = [waves.index(wave) for wave in change.waves_before if wave in waves]
        after = [waves.index(wave) for wave in change.waves_after if wave in waves]
        if change.measure in measures and before and after:
            low, high = max(before), min(after)
            within = dated is not None and low < dated < high and high - low > 1
            return dated if within else (low + high) / 2
    return dated


def _by_date(start: str | None, waves: list[str]) -> float | None:
    """Place of a day among waves that are named after their time; None where one is not."""
    if start is None:
        return None
    day = dt.date.fromisoformat(start)
    for place, span in enumerate(map(span_of_name, waves)):
        if span is None:
            return None
        if day < span[0]:
            return place - 0.5
        if day <= span[1]:
            return place - 0.5 + (day - span[0]).days / ((span[1] - span[0]).days + 1)
    return len(waves) - 0.5


def _numbers(trend: Trend) -> str:
    columns = ("wave", "part", "n", "mean", "low", "high", "same_mix", "same_mix_low", "same_mix_high")
    return table(columns, [[getattr(point, column) for column in columns] for point in trend.points])


def _value(course: Course, value: float | None, language: str) -> str:
    return decimal(value, language, course.digits)


def _alt(course: Course, language: str) -> str:
    trend, digits = course.trend, course.digits
    key = "trend_alt_step" if trend.kind == "step" else "trend_alt"
    parts = [word(key, language, label=_label(course, language), low=trend.scale[0], high=trend.scale[1])]
    told = []
    for point in trend.points:
        if point.mean is None:
            told.append(word("trend_alt_hidden", language, wave=point.wave))
            continue
        limits = f" ({interval(point.low, point.high, language, digits)})" if point.low is not None else ""
        told.append(f"{point.wave}: {_value(course, point.mean, language)}{limits}")
    parts.append("; ".join(told) + ".")
    if course.mixed:
        values = "; ".join(f"{point.wave}: {_value(course, point.same_mix, language)}" for _, point in course.mixed)
        parts.append(word("trend_alt_same_mix", language, values=values))
    for place in course.breaks:
        waves = {"before": trend.points[place - 1].wave, "after": trend.points[place].wave}
        parts.append(word("trend_alt_break", language, **waves))
    parts += [getattr(line, language) for line in trend.breaks]
    parts += [_began(course, start, language) for start in course.starts]
    return " ".join(part if part.endswith((".", "”")) else f"{part}." for part in parts)


def _began(course: Course, start: Start, language: str) -> str:
    points = course.trend.points
    if start.place >= len(points) - 0.5:
        return word("trend_alt_began_after", language, wave=points[-1].wave, what=start.what[language])
    between = start.place % 1 == 0.5
    wave = points[int(start.place + 0.5)].wave
    return word("trend_alt_began" if between else "trend_alt_began_in", language, wave=wave, what=start.what[language])


@dataclass(frozen=True)
class _Frame:
    """Where things stand, in units."""

    left: float
    step: float
    top: float
    low: float
    high: float

    def x(self, place: float) -> float:
        return max(self.left + place * self.step, EDGE)  # what began before the first wave stands at the edge

    def y(self, value: float) -> float:
        return self.top + (self.high - value) / (self.high - self.low) * BODY


def _frame(course: Course) -> _Frame:
    points = [point for _, point in course.shown]
    ends = [end for point in points for end in (point.mean, point.low, point.high) if end is not None]
    ends += [point.same_mix for _, point in course.mixed if point.same_mix is not None]
    wanted = max(max(ends) - min(ends), LEAST * (course.trend.scale[1] - course.trend.scale[0]), 1e-6)
    middle = (max(ends) + min(ends)) / 2
    count = len(course.trend.points)
    edge = max(24.0, min(LETTER * max(len(point.wave) for point in course.trend.points) / 2 + 3, 48.0))
    late = any(start.place > count - 1 for start in course.starts)
    step = (UNITS - 2 * edge) / (count - 1 + (0.5 if late else 0.0))
    top = TOP + (LINE if course.starts else 0.0)
    return _Frame(edge, step, top, middle - wanted * 0.54, middle + wanted * 0.54)


def _svg(course: Course, language: str) -> str:
    frame = _frame(course)
    notes = _notes(course, language)
    foot = frame.top + BODY + 8
    names = _names(course, frame)
    below = foot + 8 + LINE * max((len(name) for _, name, _ in names), default=1)
    made = Sheet(below + sum(LINE * len(text) + 5 for _, _, text in notes) + 2)
    made.text(4, 2, _scale(course, language), color=QUIET)
    _marks(made, course, frame)
    _values(made, course, frame, language)
    for place in course.breaks:
        _break_mark(made, frame.x(place - 0.5), frame.top - 8, foot)
    for number, start in enumerate(course.starts, start=1):
        told = word("trend_start", language) if len(course.starts) == 1 else str(number)
        _start_mark(made, frame.x(start.place), frame.top - 8, foot, told if number <= NAMED_ACTIONS else "")
    made.lines([(frame.x(0) - 8, foot, frame.x(len(course.trend.points) - 1) + 8, foot)], color=QUIET, width=0.8)
    for x, name, side in names:
        made.text(x, foot + 4, name, ha=side, color=INK, spacing=1.2)
    _notes_below(made, notes, below)
    return made.svg


def _scale(course: Course, language: str) -> str:
    return word("trend_scale", language, low=course.trend.scale[0], high=course.trend.scale[1])


def _marks(made: Sheet, course: Course, frame: _Frame) -> None:
    shown = course.shown
    # a band, not a line: with thousands of answers the range is narrower than a dot, and must still be seen
    ranges = [(frame.x(place), frame.y(point.high), frame.x(place), frame.y(point.low)) for place, point in shown
              if point.low is not None and point.high is not None]  # fmt: skip
    made.bands(ranges, color=QUIET_BAND, width=14)
    across = [frame.x(place) for place, _ in shown]
    down = [frame.y(point.mean or 0.0) for _, point in shown]
    runs = _runs(shown)
    for run in range(runs[-1] + 1):
        some = [number for number, one in enumerate(runs) if one == run]
        made.line([across[number] for number in some], [down[number] for number in some], color=INK, width=1.2)
    made.dots(across, down, size=20, fill=INK, edge=INK, width=0)
    mixed = [(frame.x(place) + 14, frame.y(point.same_mix or 0.0)) for place, point in course.mixed]
    for x, y in mixed:
        _mix_mark(made, x, y)


def _runs(shown: list[tuple[int, TrendPoint]]) -> list[int]:
    """Points that one line joins: next to each other, and no break between."""
    runs = [0]
    for (before, one), (place, other) in pairwise(shown):
        runs.append(runs[-1] + int(place != before + 1 or one.part != other.part))
    return runs


def _values(made: Sheet, course: Course, frame: _Frame, language: str) -> None:
    shown = course.shown
    runs = _runs(shown)
    upright = [frame.x(place - 0.5) for place in course.breaks] + [frame.x(start.place) for start in course.starts]
    for number, (place, point) in enumerate(shown):
        first = number == 0 or runs[number] != runs[number - 1]
        last = number == len(shown) - 1 or runs[number] != runs[number + 1]
        if len(course.trend.points) <= EVERY_VALUE or first or last:
            top = frame.y(point.high if point.high is not None else point.mean or 0.0)
            weight = "bold" if number == len(shown) - 1 else "normal"
            text = _value(course, point.mean, language)
            x, side = _beside(frame.x(place), upright)
            y = min(top, frame.y(point.mean or 0.0) - 5) - 3
            made.text(x, y, text, va="bottom", ha=side, color=INK, weight=weight)


def _beside(x: float, upright: list[float]) -> tuple[float, str]:
    """Where a value stands, so that no upright mark goes through it."""
    near = min(upright, key=lambda mark: abs(mark - x), default=x + 2 * NEAR)
    if abs(near - x) >= NEAR:
        return x, "center"
    return (near + 5, "left") if near <= x else (near - 5, "right")


def _names(course: Course, frame: _Frame) -> list[tuple[float, list[str], str]]:
    """Names of waves below the marks: all of them where there is room, else the first and the last."""
    waves = [point.wave for point in course.trend.points]
    if max(map(len, waves)) * LETTER + 6 <= frame.step:
        return [(frame.x(place), [wave], "center") for place, wave in enumerate(waves)]
    first, last = (textwrap.wrap(wave, 20)[:2] for wave in (waves[0], waves[-1]))
    return [(4.0, first, "left"), (frame.x(len(waves) - 1) + 8, last, "right")]


def _break_mark(made: Sheet, x: float, top: float, bottom: float) -> None:
    made.lines([(x - 2.5, top, x - 2.5, bottom), (x + 2.5, top, x + 2.5, bottom)], color=QUIET, width=1)


def _start_mark(made: Sheet, x: float, top: float, bottom: float, told: str) -> None:
    made.lines([(x, top, x, bottom)], color=INK, width=1, dashed=True)
    if told:
        half = LETTER * len(told) / 2  # the word stays inside, also where the mark stands at the edge
        made.text(min(max(x, half), UNITS - half), top - 1, told, va="bottom", ha="center", color=INK)


def _mix_mark(made: Sheet, x: float, y: float) -> None:
    made.dots([x], [y], size=24, shape="D", fill="white", edge=QUIET, width=1.2)


def _notes(course: Course, language: str) -> list[tuple[str, str, list[str]]]:
    """Lines of words below the marks: the kind of their mark, what stands in it, and the words."""
    notes = []
    said = [getattr(line, language) for line in course.trend.breaks]
    for wave in (course.trend.points[place].wave for place in course.breaks):
        if not any(wave in text for text in said):  # a step that holds other questions from there on
            said.append(word("trend_broken", language, wave=wave))
    notes += [("break", "", text) for text in said]
    for number, start in enumerate(course.starts[:NAMED_ACTIONS], start=1):
        sign = "" if len(course.starts) == 1 else str(number)
        notes.append(("start", sign, word("trend_began", language, what=start.what[language])))
    more = len(course.starts) - NAMED_ACTIONS
    if more > 0:
        notes.append(("start", "", word("trend_more", language, count=whole(more, language))))
    if course.mixed:
        notes.append(("mix", "", word("trend_same_mix", language)))
    return [(kind, sign, textwrap.wrap(text, BELOW)) for kind, sign, text in notes]


def _notes_below(made: Sheet, notes: list[tuple[str, str, list[str]]], top: float) -> None:
    for kind, sign, text in notes:
        if kind == "break":
            _break_mark(made, 9, top + 1, top + LINE - 2)
        elif kind == "mix":
            _mix_mark(made, 9, top + LINE / 2)
        elif sign:
            made.text(9, top, sign, ha="center", color=INK)
        else:
            _start_mark(made, 9, top + 1, top + LINE - 2, "")
        made.text(20, top, text, color=QUIET, spacing=1.25)
        top += LINE * len(text) + 5
