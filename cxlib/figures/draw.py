"""Draw the comparisons: associations with their likely ranges, one below the other."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass

from cxlib.figures.compare import Comparison, Line, compare, limits
from cxlib.figures.drawing import Drawing, drawing, table
from cxlib.figures.paper import ACCENT, ACCENT_BAND, INK, LINE, MARKS, QUIET, QUIET_BAND, UNITS, Sheet
from cxlib.findings.schema import Document
from cxlib.words import decimal, interval, word

EDGE = 7.2  # units beside the letters and the marks
LABEL_WIDTH = 44  # letters before a label is broken
MARK = 19.0  # units kept for the dot and its line
MARKS_SHARE = 0.56  # of the width; the numbers stand in the rest
FOOT = 48.0  # units below the last row: the zero mark and the direction


def draw_comparisons(document: Document) -> tuple[Drawing, ...]:
    """Draw every finding's comparison in both languages.

    Parameters
    ----------
    document : Document
        After the privacy door.

    Returns
    -------
    tuple of Drawing
        In the order of the findings; a finding whose numbers are hidden has none.
    """
    comparisons = [found for finding in document.findings if (found := compare(document, finding))]
    span = limits(comparisons)
    return tuple(
        drawing(
            comparison.finding,
            comparison,
            title=Comparison.title,
            alt=Comparison.alt,
            svg=lambda shown, language: _svg(shown, span, language),
            numbers=_numbers(comparison.lines),
        )
        for comparison in comparisons
    )


def _numbers(lines: tuple[Line, ...]) -> str:
    columns = ("factor", "label_vi", "label_en", "n", "estimate", "low", "high", "this_finding")
    rows = []
    for line in lines:
        shown = [None] * 3 if line.hidden else [line.estimate, line.low, line.high]
        rows.append([line.key, line.label["vi"], line.label["en"], line.n, *shown, int(line.this)])
    return table(columns, rows)


@dataclass(frozen=True)
class _Row:
    """A line of the comparison with its broken label and its place, in units from the top."""

    line: Line
    label: list[str]
    top: float

    @property
    def mark(self) -> float:
        return self.top + len(self.label) * LINE + MARK / 2


def _rows(comparison: Comparison, language: str) -> list[_Row]:
    rows, top = [], 3.0
    for line in comparison.lines:
        rows.append(_Row(line, textwrap.wrap(line.label[language], LABEL_WIDTH) or [""], top))
        top = rows[-1].mark + MARK / 2 + 10
    return rows


def _svg(comparison: Comparison, span: tuple[float, float], language: str) -> str:
    rows = _rows(comparison, language)
    body = rows[-1].mark + MARK / 2 + 4
    made = Sheet(body + FOOT)
    _marks(made, [row for row in rows if not row.line.hidden], span)
    for row in rows:
        _letters(made, row, language)
    _foot(made, span, language, body)
    return made.svg


def _across(value: float, span: tuple[float, float]) -> float:
    """Where a value stands: the marks keep to the left part, the numbers have the right one to themselves."""
    width = span[1] - span[0]
    low, high = span[0] - width * 0.03, span[0] + width / MARKS_SHARE
    return EDGE + (value - low) / (high - low) * (UNITS - 2 * EDGE)


def _marks(made: Sheet, rows: list[_Row], span: tuple[float, float]) -> None:
    # Zero is marked row by row: a line from top to bottom would strike through the labels.
    zero = _across(0.0, span)
    made.lines(
        [(zero, row.mark - MARK / 2, zero, row.mark + MARK / 2) for row in rows], color=QUIET, width=1,
        zorder=MARKS["bands"],
    )  # fmt: skip
    for this, colour, band, height in ((False, QUIET, QUIET_BAND, 8.0), (True, ACCENT, ACCENT_BAND, 12.0)):
        some = [row for row in rows if row.line.this == this]
        # A band, not a line: with thousands of answers the range is narrower than a dot, and must still be seen.
        ranges = [(_across(row.line.low, span), row.mark, _across(row.line.high, span), row.mark) for row in some]
        made.bands(ranges, color=band, width=height)
        # Shape as well as colour tells which is which: a filled dot here, an open one elsewhere.
        made.dots(
            [_across(row.line.estimate, span) for row in some], [row.mark for row in some],
            size=46 if this else 26, fill=colour if this else "white", edge=colour, width=1.2,
        )  # fmt: skip


def _letters(made: Sheet, row: _Row, language: str) -> None:
    line = row.line
    weight, colour = ("bold", ACCENT) if line.this else ("normal", INK)
    made.text(EDGE, row.top, row.label, color=colour, weight=weight, spacing=1.15)
    if line.hidden:
        made.text(EDGE, row.mark, word("figure_hidden", language), va="center", color=QUIET, style="italic")
    else:
        value = f"{decimal(line.estimate, language)}  ({interval(line.low, line.high, language)})"
        made.text(UNITS - EDGE, row.mark, value, va="center", ha="right", color=colour, weight=weight)


def _foot(made: Sheet, span: tuple[float, float], language: str, body: float) -> None:
    zero, end = _across(0.0, span), _across(span[1], span)
    made.text(zero, body + 6, word("figure_zero", language), color=QUIET)
    made.text(end, body + 6 + LINE, word("figure_more", language), ha="right", color=QUIET)
