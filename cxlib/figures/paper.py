"""The sheet that small figures are drawn on: units from the top left, the same bytes each time."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import matplotlib
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from pandas.errors import Pandas4Warning

from cxlib.figures.draw import STYLE, WIDTH

UNITS = WIDTH * 72  # across


@dataclass
class Sheet:
    """An open sheet; `svg` is there once it is closed."""

    axes: Axes
    svg: str = ""


@contextmanager
def sheet(height: float) -> Iterator[Sheet]:
    """A sheet of `UNITS` by `height` units, without frame or ticks; down is further from the top."""
    with matplotlib.rc_context(STYLE), sns.axes_style("white", rc=STYLE), warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=Pandas4Warning)
        figure = Figure(figsize=(WIDTH, height / 72))
        FigureCanvasSVG(figure)
        figure.patch.set_alpha(0)
        axes = figure.add_axes((0, 0, 1, 1))
        axes.patch.set_alpha(0)
        # Before the marks: limits that are searched for and ticks that nobody sees take most of the time.
        axes.set(xlim=(0, UNITS), ylim=(height, 0), xticks=[], yticks=[], autoscale_on=False)
        made = Sheet(axes)
        yield made
        axes.set(xlim=(0, UNITS), ylim=(height, 0), xticks=[], yticks=[], xlabel="", ylabel="")
        sns.despine(ax=axes, left=True, bottom=True)
        out = io.StringIO()
        # No date and no version of the drawing library: the same numbers give the same bytes.
        figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None}, transparent=True)
        made.svg = out.getvalue()


def apart(places: Sequence[float], room: float) -> list[float]:
    """The same places in the same order, moved as little as keeps them `room` from each other.

    Examples
    --------
    >>> apart([10.0, 12.0], 6.0)
    [8.0, 14.0]
    """
    if len(places) == 2 and abs(places[1] - places[0]) < room:
        middle, turned = sum(places) / 2, places[1] < places[0]
        low, high = middle - room / 2, middle + room / 2
        return [high, low] if turned else [low, high]
    return list(places)
