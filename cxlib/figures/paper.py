"""The sheet that figures are drawn on: units from the top left, seaborn's style, the same bytes each time."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from functools import cache

import matplotlib
import seaborn as sns
from matplotlib.artist import Artist
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.transforms import Affine2D

from cxlib.figures.lean import LeanSvg, Letters

# The svg is 360 units wide: on a phone 390 px wide it is shown at about 350 px, so 13 units stay above 12 px.
WIDTH = 5.0  # inches of 72 units
UNITS = WIDTH * 72  # across
TEXT = 13.0
LINE = 17.0  # units of one line of text
ACCENT = "#9a3412"  # the one colour of the pages: what this card is about
ACCENT_BAND = "#eab99f"  # the same, light: the likely range
INK = "#1f1d1a"
QUIET = "#5f5a52"
QUIET_BAND = "#cfc9be"

# From the middle of a line of letters down to the line they stand on, as a share of their size; somewhat less than half
# a capital. The same for all texts: by a measure of each one, neighbours would stand on different lines.
RISE = 0.3
DASHES = (0, (3, 3))
MARKS = {"bands": 1, "lines": 2, "dots": 3, "letters": 4}  # what lies on what, where nothing else is said

Segment = tuple[float, float, float, float]


@cache
def _white() -> dict:
    return {**sns.axes_style("white"), "path.effects": [], "path.sketch": None}  # a notebook may have asked for xkcd


def style() -> AbstractContextManager[None]:
    """Seaborn's white style for what is drawn inside the block, whatever a notebook has set before."""
    return matplotlib.rc_context(_white())


class Sheet:
    """A sheet of `UNITS` by `height` units, without frame or ticks; down is further from the top.

    The marks are matplotlib's own, put on the figure itself, and made and drawn inside `style()`. Axes, and seaborn's
    plots that need them, search for limits, ticks and groups that these figures do not have: docs/speed.md.

    Parameters
    ----------
    height : float
        In units.
    """

    def __init__(self, height: float) -> None:
        self.height = height
        self._figure = Figure(figsize=(WIDTH, height / 72), dpi=72)
        self._figure.patch.set_visible(False)
        self._down = Affine2D().scale(1, -1).translate(0, height)

    def lines(
        self, segments: Sequence[Segment], *, color: str, width: float, cap: str = "butt", dashed: bool = False,
        zorder: float = MARKS["lines"],
    ) -> None:  # fmt: skip
        """Straight lines as one shape, each from (x, y) to (x, y)."""
        if len(segments):
            ends = [point for x, y, to_x, to_y in segments for point in ((x, y), (to_x, to_y))]
            self._add(PathPatch(
                Path(ends, [Path.MOVETO, Path.LINETO] * len(segments)), fill=False, edgecolor=color, linewidth=width,
                linestyle=DASHES if dashed else "solid", capstyle=cap, zorder=zorder,
            ))  # fmt: skip

    def bands(self, segments: Sequence[Segment], *, color: str, width: float) -> None:
        """Likely ranges: broad lines below all other marks."""
        self.lines(segments, color=color, width=width, zorder=MARKS["bands"])

    def line(self, across: Sequence[float], down: Sequence[float], *, color: str, width: float) -> None:
        """One line that joins the points in their order; none where there is but one."""
        if len(across) > 1:
            self._add(Line2D(across, down, color=color, linewidth=width, zorder=MARKS["lines"]))

    def dots(
        self, across: Sequence[float], down: Sequence[float], *, size: float, fill: str, edge: str, width: float,
        shape: str = "o", zorder: float = MARKS["dots"],
    ) -> None:  # fmt: skip
        """Dots of one kind; `size` is the side of the square around them, squared, as in a scatter plot."""
        if len(across):
            self._add(Line2D(
                across, down, linestyle="none", marker=shape, markersize=size**0.5, markerfacecolor=fill,
                markeredgecolor=edge, markeredgewidth=width, zorder=zorder,
            ))  # fmt: skip

    def text(
        self, x: float, y: float, lines: str | Sequence[str], *, color: str, va: str = "top", ha: str = "left",
        weight: str = "normal", style: str = "normal", spacing: float = 1.0, zorder: float = MARKS["letters"],
    ) -> None:  # fmt: skip
        """Letters on one line, or on several `spacing` sizes apart; `y` is the top, center or bottom of them all."""
        told = (lines,) if isinstance(lines, str) else lines
        pitch = spacing * TEXT
        top = y - len(told) * pitch * {"top": 0.0, "center": 0.5, "bottom": 1.0}[va]
        for place, line in enumerate(told):
            base = top + (place + 0.5) * pitch + RISE * TEXT
            if line:
                self._add(Letters(
                    x, base, line, size=TEXT, color=color, ha=ha, weight=weight, style=style, zorder=zorder,
                ))  # fmt: skip

    def _add(self, artist: Artist) -> None:
        artist.set_transform(self._down)
        self._figure.add_artist(artist)

    @property
    def svg(self) -> str:
        """What has been drawn so far."""
        renderer = LeanSvg(UNITS, self.height)
        self._figure.draw(renderer)
        return renderer.svg()


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
