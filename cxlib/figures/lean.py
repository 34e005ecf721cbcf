"""Figures as svg in few bytes: pages hold their figures, and a phone must load them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache, lru_cache
from itertools import groupby
from xml.sax.saxutils import escape, quoteattr

import numpy as np
from matplotlib.artist import Artist
from matplotlib.backend_bases import GraphicsContextBase, RendererBase
from matplotlib.colors import rgb2hex
from matplotlib.font_manager import FontProperties, weight_dict
from matplotlib.path import Path
from matplotlib.transforms import Transform

# What a reader's machine has; each has every Vietnamese letter, and none is wider than the one measured with. Arial
# comes late: a Linux machine without it takes Liberation Sans, which has not.
FAMILIES = "Noto Sans,Segoe UI,Roboto,DejaVu Sans,Helvetica Neue,Arial,sans-serif"
ANCHORS = {"left": "", "center": "middle", "right": "end"}
CAPS = {"butt": "", "round": "round", "projecting": "square"}
CIRCLE = Path.unit_circle()
NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # a file that holds one is no picture


class Letters(Artist):
    """One line of letters, held at one end or the middle of the line it stands on.

    matplotlib's own Text measures letters to place them, which took most of a figure's time; svg places them by
    themselves, in whatever family the reader's machine has.

    Parameters
    ----------
    x, y : float
        Where the letters are held, and the line they stand on.
    told : str
    size : float
        In points.
    color, weight, style : str
        As of matplotlib's Text.
    ha : {'left', 'center', 'right'}
    zorder : float
    """

    def __init__(
        self, x: float, y: float, told: str, *, size: float, color: str, ha: str = "left", weight: str = "normal",
        style: str = "normal", zorder: float = 3,
    ) -> None:  # fmt: skip
        super().__init__()
        self.place, self.told, self.color, self.ha = (x, y), told, color, ha
        self.font = _font(size, weight, style)
        self.zorder = zorder

    def draw(self, renderer: RendererBase) -> None:
        """Part of matplotlib's interface."""
        gc = renderer.new_gc()
        gc.set_foreground(self.color)
        x, y = self.get_transform().transform(self.place)
        _, height = renderer.get_canvas_width_height()
        renderer.draw_text(gc, x, height - y, self.told, self.font, 0.0, mtext=self)


@cache
def _font(size: float, weight: str, style: str) -> FontProperties:
    return FontProperties(size=size, weight=weight, style=style)


class LeanSvg(RendererBase):
    """What matplotlib's artists are drawn with; its own svg renderer takes ten times the bytes and more time.

    Places are rounded to a tenth of a unit, which is not seen. Letters are text in a family of the reader's machine,
    round marks are circles, and neighbours of one style tell it once. Nothing in the file depends on the day, the
    library's version or an identifier. Nothing is clipped or seen through; curves, pictures and matplotlib's own text
    are refused.

    Parameters
    ----------
    width, height : float
        In units; one unit is one point.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> from matplotlib.lines import Line2D
    >>> figure = Figure(figsize=(0.125, 0.125), dpi=72)
    >>> figure.patch.set_visible(False)
    >>> line = Line2D([1, 3, 3], [6.5, 6.496, 5], color="red", linewidth=1, solid_capstyle="butt", transform=None)
    >>> line = figure.add_artist(line)
    >>> renderer = LeanSvg(9, 9)
    >>> figure.draw(renderer)
    >>> renderer.svg().split(">")[1]
    '<path d="M1 2.5h2V4" style="fill:none;stroke:#ff0000"/'
    """

    def __init__(self, width: float, height: float) -> None:
        super().__init__()
        self.width, self.height = width, height
        self._shapes: list[tuple[str, str, str]] = []  # its style, and what stands before and behind it

    def svg(self) -> str:
        """The file: what was drawn, in that order."""
        size = f'width="{self.width:g}pt" height="{self.height:g}pt" viewBox="0 0 {self.width:g} {self.height:g}"'
        letters = any(shape[1].startswith("<text") for shape in self._shapes)
        head = f'<svg xmlns="http://www.w3.org/2000/svg" {size}' + (f' font-family="{FAMILIES}"' if letters else "")
        return f"{head}>{''.join(_gathered(self._shapes))}</svg>\n"

    def draw_path(self, gc: GraphicsContextBase, path: Path, transform: Transform, rgbFace=None) -> None:
        """Straight lines; part of matplotlib's interface, as all that follow."""
        self._path(self._points(path, transform), path.codes, _ink(gc, rgbFace))

    def draw_markers(
        self, gc: GraphicsContextBase, marker_path: Path, marker_trans: Transform, path: Path, trans: Transform,
        rgbFace=None,
    ) -> None:  # fmt: skip
        """One mark at each point."""
        ink = _ink(gc, rgbFace)
        points = self._points(path, trans)
        if marker_path is CIRCLE:
            radius = round(float(marker_trans.transform((1.0, 0.0))[0]), 2)
            for x, y in (points * 10).round().astype(np.int64).tolist():
                self._shapes.append((ink, f'<circle cx="{_tenths(x)}" cy="{_tenths(y)}" r="{radius:g}"', "/>"))
            return
        mark = marker_trans.transform(marker_path.vertices) * (1, -1)
        for point in points:
            self._path(point + mark, marker_path.codes, ink)

    def draw_text(
        self, gc: GraphicsContextBase, x: float, y: float, s: str, prop: FontProperties, angle: float, ismath=False,
        mtext: Artist | None = None,
    ) -> None:  # fmt: skip
        """One line of letters."""
        if not isinstance(mtext, Letters):
            raise NotImplementedError("of letters only Letters are written")
        weight = weight_dict[prop.get_weight()]
        ink = {
            "font-weight": "" if weight == 400 else str(weight),
            "font-style": "" if prop.get_style() == "normal" else prop.get_style(),
            "font-size": f"{prop.get_size():g}px",
            "text-anchor": ANCHORS[mtext.ha],
            "fill": rgb2hex(gc.get_rgb()),
        }
        place = f'<text x="{_tenths(round(x * 10))}" y="{_tenths(round(y * 10))}"'
        self._shapes.append((_told(ink), place, f">{escape(NOT_XML.sub('', s))}</text>"))

    def flipy(self) -> bool:
        """Down is further, in svg."""
        return True

    def get_canvas_width_height(self) -> tuple[float, float]:
        """In units."""
        return self.width, self.height

    def _points(self, path: Path, transform: Transform) -> np.ndarray:
        return transform.transform(path.vertices) * (1, -1) + (0, self.height)

    def _path(self, points: np.ndarray, codes: np.ndarray | None, ink: str) -> None:
        tenths = (points * 10).round().astype(np.int64)
        told = _written(tenths.tobytes(), None if codes is None else codes.tobytes())
        self._shapes.append((ink, f'<path d="{told}"', "/>"))


def _ink(gc: GraphicsContextBase, face) -> str:
    """The style of a mark."""
    ink = {"fill": "none" if face is None else rgb2hex(face)}
    dashes = gc.get_dashes()[1]
    if gc.get_linewidth():
        ink |= {
            "stroke-dasharray": ",".join(f"{dash:g}" for dash in dashes or ()),
            "stroke": rgb2hex(gc.get_rgb()),
            "stroke-width": "" if gc.get_linewidth() == 1 else f"{round(gc.get_linewidth(), 2):g}",
            "stroke-linecap": CAPS[gc.get_capstyle()],
        }
    return _told(ink)


def _told(style: dict[str, str]) -> str:
    return f" style={quoteattr(';'.join(f'{name}:{value}' for name, value in style.items() if value))}"


def _gathered(shapes: Iterable[tuple[str, str, str]]) -> Iterable[str]:
    """Neighbours of one style under one group, so that the style is told once."""
    for style, some in groupby(shapes, key=lambda shape: shape[0]):
        alike = [(before, behind) for _, before, behind in some]
        if len(alike) == 1:
            yield f"{alike[0][0]}{style}{alike[0][1]}"
        else:
            yield f"<g{style}>{''.join(before + behind for before, behind in alike)}</g>"


@cache
def _tenths(count: int) -> str:
    """Tenths of a unit as svg reads them: no zero that says nothing.

    Examples
    --------
    >>> [_tenths(count) for count in (30, 25, 5, -5, 0)]
    ['3', '2.5', '.5', '-.5', '0']
    """
    sign, (units, rest) = "-" if count < 0 else "", divmod(abs(count), 10)
    return sign + (str(units) if units or not rest else "") + (f".{rest}" if rest else "")


@lru_cache(maxsize=128)
def _written(points: bytes, codes: bytes | None) -> str:
    """A path, each line told from where it begins or from the edge, whichever is shorter.

    Remembered, since the two languages of a figure share most of their marks.
    """
    out: list[str] = []
    at_x = at_y = 0
    start = (0, 0)
    places = np.frombuffer(points, dtype=np.int64).reshape(-1, 2).tolist()
    kinds = [Path.MOVETO, *[Path.LINETO] * (len(places) - 1)] if codes is None else list(codes)
    for (x, y), kind in zip(places, kinds, strict=True):
        if kind == Path.CLOSEPOLY:
            out.append("z")
            at_x, at_y = start
            continue
        if kind not in (Path.MOVETO, Path.LINETO):
            raise NotImplementedError("of curves only whole circles as marks are written")
        letter = "M" if kind == Path.MOVETO else "L"
        across, down = x - at_x, y - at_y
        if letter == "L" and not down:
            ways = (f"h{_tenths(across)}", f"H{_tenths(x)}")
        elif letter == "L" and not across:
            ways = (f"v{_tenths(down)}", f"V{_tenths(y)}")
        else:
            ways = (f"{letter}{_pair(x, y)}", f"{letter.lower()}{_pair(across, down)}")
        # the first move is from the edge either way, and its capital letter says so
        out.append(ways[0] if not out else min(ways, key=len))
        at_x, at_y = x, y
        start = (x, y) if letter == "M" else start
    return "".join(out)


def _pair(x: int, y: int) -> str:
    return _tenths(x) + ("" if y < 0 else " ") + _tenths(y)
