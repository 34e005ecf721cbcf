"""Figures in few bytes: the same marks at the same places, and nothing that a reader's machine has not."""

from __future__ import annotations

import random
from xml.etree import ElementTree

import pytest
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Circle, PathPatch
from matplotlib.path import Path
from matplotlib.text import Text

from cxlib.figures.lean import LeanSvg, Letters

SVG = "{http://www.w3.org/2000/svg}"
SIDE = 100.0


def written(*artists) -> ElementTree.Element:
    """The svg of a sheet of 100 by 100 points; artists stand in points from the bottom left, as matplotlib's do."""
    figure = Figure(figsize=(SIDE / 72, SIDE / 72), dpi=72)
    figure.patch.set_visible(False)
    for artist in artists:
        artist.set_transform(None)
        figure.add_artist(artist)
    renderer = LeanSvg(SIDE, SIDE)
    figure.draw(renderer)
    return ElementTree.fromstring(renderer.svg())


def line(points, **more):
    codes = [Path.MOVETO if place % 3 == 0 else Path.LINETO for place in range(len(points))]
    return PathPatch(Path(points, codes), **{"fill": False, "edgecolor": "#111111", "linewidth": 1, **more})


def letters(told, **more):
    return Letters(52.84, 96, told, **{"size": 13, "color": "#112233", **more})


def test_lines_begin_and_end_where_they_did(ends):
    draw = random.Random(1)
    for _ in range(50):
        points = [(draw.choice([0, 1.04, 99.96, -3.5, 60, 0.31]), draw.choice([7, 7, 0.05, 12.34])) for _ in range(30)]
        path = written(line(points)).find(f"{SVG}path").get("d")
        assert ends(path) == [(pytest.approx(round(x, 1)), pytest.approx(round(SIDE - y, 1))) for x, y in points]
        told = " ".join(f"{'M' if place % 3 == 0 else 'L'} {x} {SIDE - y}" for place, (x, y) in enumerate(points))
        assert len(path) < len(told)


def test_a_closed_shape_goes_on_from_where_it_began(ends):
    codes = [Path.MOVETO, Path.LINETO, Path.LINETO, Path.CLOSEPOLY, Path.LINETO]
    path = Path([(1, 2), (5, 2), (5, 90), (0, 0), (1, 3)], codes)
    assert ends(written(PathPatch(path, linewidth=1)).find(f"{SVG}path").get("d"))[-1] == (1, 97)


def test_neighbours_of_one_style_tell_it_once():
    tree = written(line([(0, 0), (9, 9)]), line([(0, 5), (9, 5)]), line([(1, 0), (1, 9)], edgecolor="#222222"))
    group, alone = tree
    assert [node.tag for node in (group, alone)] == [f"{SVG}g", f"{SVG}path"]
    assert group.get("style") == "fill:none;stroke:#111111"
    assert [path.get("style") for path in group] == [None, None]
    assert alone.get("style") == "fill:none;stroke:#222222"


def test_width_dashes_and_ends_of_a_line_are_told():
    (path,) = written(line([(0, 0), (9, 9)], linewidth=2.5, linestyle=(0, (3, 1)), capstyle="round"))
    told = dict(part.split(":") for part in path.get("style").split(";"))
    assert (told["stroke-width"], told["stroke-dasharray"], told["stroke-linecap"]) == ("2.5", "7.5,2.5", "round")


def test_round_marks_are_circles():
    dots = Line2D([3, 40], [4, 50.06], linestyle="none", marker="o", markersize=5, markerfacecolor="red", mew=0)
    group = written(dots)[0]
    assert [(dot.get("cx"), dot.get("cy"), dot.get("r")) for dot in group] == [
        ("3", "96", "2.5"),
        ("40", "49.9", "2.5"),
    ]
    assert group.get("style") == "fill:#ff0000"


def test_other_marks_stand_around_their_places(ends):
    dots = Line2D([30], [40], linestyle="none", marker="D", markersize=6, markerfacecolor="white", mec="#111111", mew=2)
    path = written(dots).find(f"{SVG}path")
    corners = ends(path.get("d"))
    assert path.get("d").endswith("z")
    assert [sum(values) / 4 for values in zip(*corners, strict=True)] == [pytest.approx(30), pytest.approx(60)]
    assert {round(abs(x - 30) + abs(y - 60), 1) for x, y in corners} == {4.2}
    assert path.get("style") == "fill:#ffffff;stroke:#111111;stroke-width:2"


def test_letters_keep_their_place_their_side_and_their_weight():
    text = written(letters("giá < 5 & hơn", ha="right", weight="bold")).find(f"{SVG}text")
    assert text.text == "giá < 5 & hơn"
    assert (text.get("x"), text.get("y")) == ("52.8", "4")
    assert text.get("style") == "font-weight:700;font-size:13px;text-anchor:end;fill:#112233"
    italic = written(letters("x", style="italic", ha="center")).find(f"{SVG}text")
    assert italic.get("style") == "font-style:italic;font-size:13px;text-anchor:middle;fill:#112233"


def test_a_sign_that_no_file_may_hold_is_left_out():
    hostile = "giá\x00\x0b $x_1$ <script>alert(1)</script> ]]> \ud800\uffff\U0001f600"
    text = written(letters(hostile)).find(f"{SVG}text")
    assert text.text == "giá $x_1$ <script>alert(1)</script> ]]> \U0001f600"
    assert list(text) == []


def test_only_a_file_with_letters_names_their_family():
    assert "sans-serif" in written(letters("x")).get("font-family")
    assert written(line([(0, 0), (1, 1)])).get("font-family") is None


@pytest.mark.parametrize("other", [Circle((5, 5), 3), Text(5, 5, "measured")], ids=["curve", "text"])
def test_what_it_cannot_write_is_refused(other):
    with pytest.raises(NotImplementedError):
        written(other)
