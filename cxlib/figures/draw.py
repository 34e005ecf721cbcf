"""Draw the comparisons with seaborn, as svg files whose bytes depend on the numbers alone."""

from __future__ import annotations

import csv
import io
import math
import textwrap
import warnings
from dataclasses import dataclass

import matplotlib
import pandas as pd
import seaborn as sns
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from pandas.errors import Pandas4Warning

from cxlib.figures.compare import Comparison, Line, compare, limits
from cxlib.findings.schema import Document
from cxlib.words import LANGUAGES, decimal, interval, word

# The svg is 360 units wide: on a phone 390 px wide it is shown at about 350 px, so 13 units stay above 12 px.
WIDTH = 5.0  # inches of 72 units
TEXT = 13.0
ACCENT = "#9a3412"  # the one colour of the pages: what this card is about
ACCENT_BAND = "#eab99f"  # the same, light: the likely range
INK = "#1f1d1a"
QUIET = "#5f5a52"
QUIET_BAND = "#cfc9be"
LABEL_WIDTH = 44  # letters before a label is broken
LINE = 17.0  # units of one line of text
MARK = 19.0  # units kept for the dot and its line
MARKS_SHARE = 0.56  # of the width; the numbers stand in the rest
FOOT = 48.0  # units below the last row: the zero mark and the direction

STYLE: dict = {
    "svg.fonttype": "none",  # letters as text: as shapes they were nine tenths of a page's bytes
    "svg.hashsalt": "cx",
    "font.family": "DejaVu Sans",  # comes with matplotlib; the widest of the families that a reader may have
    "font.size": TEXT,
    "text.parse_math": False,  # a $ in a label is a dollar
    "axes.unicode_minus": True,
}


@dataclass(frozen=True)
class Drawing:
    """One finding's figure: svg text by language, its words, and its numbers as csv text."""

    finding: str
    title: dict[str, str]
    alt: dict[str, str]
    svg: dict[str, str]
    csv: str


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
        Drawing(
            comparison.finding,
            comparison.title(),
            comparison.alt(),
            {language: _svg(comparison, span, language) for language in LANGUAGES},
            _numbers(comparison.lines),
        )
        for comparison in comparisons
    )


def _numbers(lines: tuple[Line, ...]) -> str:
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\n")
    rows.writerow(["factor", "label_vi", "label_en", "n", "estimate", "low", "high", "this_finding"])
    for line in lines:
        shown = [None] * 3 if line.hidden else [line.estimate, line.low, line.high]
        rows.writerow([line.key, line.label["vi"], line.label["en"], line.n, *shown, int(line.this)])
    return out.getvalue()


def _rows(comparison: Comparison, language: str) -> pd.DataFrame:
    """Each line with its broken label and its place, in units from the top."""
    rows, top = [], 3.0
    for line in comparison.lines:
        label = textwrap.wrap(line.label[language], LABEL_WIDTH) or [""]
        if line.hidden:
            value = word("figure_hidden", language)
        else:
            value = f"{decimal(line.estimate, language)}  ({interval(line.low, line.high, language)})"
        mark = top + len(label) * LINE + MARK / 2
        rows.append(
            {
                "label": "\n".join(label),
                "value": value,
                "top": top,
                "mark": mark,
                "estimate": math.nan if line.hidden else line.estimate,
                "low": math.nan if line.hidden else line.low,
                "high": math.nan if line.hidden else line.high,
                "this": line.this,
                "hidden": line.hidden,
            }
        )
        top += len(label) * LINE + MARK + 10
    return pd.DataFrame(rows)


def _svg(comparison: Comparison, span: tuple[float, float], language: str) -> str:
    rows = _rows(comparison, language)
    body = float(rows["mark"].iloc[-1]) + MARK / 2 + 4
    height = body + FOOT
    with matplotlib.rc_context(STYLE), sns.axes_style("white", rc=STYLE), warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=Pandas4Warning)
        figure = Figure(figsize=(WIDTH, height / 72))
        FigureCanvasSVG(figure)
        figure.patch.set_alpha(0)
        axes = figure.add_axes((0.02, FOOT / height, 0.96, body / height))
        axes.patch.set_alpha(0)
        axes.set(xlim=_padded(span), ylim=(body, 0), xticks=[], yticks=[], autoscale_on=False)
        _marks(axes, rows)
        _letters(axes, rows)
        _foot(axes, span, language, body)
        axes.set(xlim=_padded(span), ylim=(body, 0), xticks=[], yticks=[], xlabel="", ylabel="")
        sns.despine(ax=axes, left=True, bottom=True)
        out = io.StringIO()
        # No date and no version of the drawing library: the same numbers give the same bytes.
        figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None}, transparent=True)
    return out.getvalue()


def _padded(span: tuple[float, float]) -> tuple[float, float]:
    """The range of the axis: the marks keep to the left part, the numbers have the right one to themselves."""
    width = span[1] - span[0]
    return span[0] - width * 0.03, span[0] + width / MARKS_SHARE


def _marks(axes, rows: pd.DataFrame) -> None:
    shown = rows[~rows["hidden"]]
    # Zero is marked row by row: a line from top to bottom would strike through the labels.
    axes.vlines([0] * len(shown), shown["mark"] - MARK / 2, shown["mark"] + MARK / 2, colors=QUIET, linewidth=1)
    for this, group in shown.groupby("this"):
        colour, band, height = (ACCENT, ACCENT_BAND, 12.0) if this else (QUIET, QUIET_BAND, 8.0)
        # A band, not a line: with thousands of answers the range is narrower than a dot, and must still be seen.
        axes.hlines(group["mark"], group["low"], group["high"], colors=band, linewidth=height, capstyle="butt")
        # Shape as well as colour tells which is which: a filled dot here, an open one elsewhere.
        sns.scatterplot(
            data=group,
            x="estimate",
            y="mark",
            s=46 if this else 26,
            color=colour if this else "white",
            edgecolor=colour,
            linewidth=1.2,
            legend=False,
            ax=axes,
            zorder=3,
        )


def _letters(axes, rows: pd.DataFrame) -> None:
    place = axes.get_yaxis_transform()  # across: share of the width; down: units
    for row in rows.itertuples():
        weight = "bold" if row.this else "normal"
        colour = ACCENT if row.this else INK
        axes.text(0, row.top, row.label, transform=place, va="top", color=colour, weight=weight, linespacing=1.15)
        if row.hidden:
            axes.text(0, row.mark, row.value, transform=place, va="center", color=QUIET, style="italic")
        else:
            axes.text(1, row.mark, row.value, transform=place, va="center", ha="right", color=colour, weight=weight)


def _foot(axes, span: tuple[float, float], language: str, body: float) -> None:
    axes.text(0, body + 6, word("figure_zero", language), va="top", ha="left", color=QUIET, clip_on=False)
    more = word("figure_more", language)
    axes.text(span[1], body + 6 + LINE, more, va="top", ha="right", color=QUIET, clip_on=False)
