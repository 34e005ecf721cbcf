"""Figures in fewer bytes: the same marks at the same places."""

from __future__ import annotations

from xml.etree import ElementTree

from cxlib.figures.lean import lean

SVG = "{http://www.w3.org/2000/svg}"
HEAD = (
    '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="9pt" viewBox="0 0 9 9">'
)
CIRCLE = "M 0 2.5 " + "C 1 2 3 4 5 6 " * 8 + "z"


def rewritten(inside: str) -> ElementTree.Element:
    return ElementTree.fromstring(lean(f"{HEAD}{inside}</svg>"))


def test_marks_keep_their_places_and_styles():
    tree = rewritten(
        '<defs><path id="m" d="M 0 5 L 5 0 L 0 -5 z" style="stroke: #111"/></defs>'
        '<g clip-path="url(#p)"><use xlink:href="#m" x="1.16" y="2" style="fill: #fff"/>'
        '<use xlink:href="#m" x="-3.5" y="4.55" style="fill: #fff"/>'
        '<use xlink:href="#m" x="5" y="6" style="fill: #000"/></g>'
    )
    inner, alone = tree.find(f"{SVG}g"), tree.find(f"{SVG}use")
    assert [(use.get("x"), use.get("y")) for use in inner] == [("1.2", "2"), ("-3.5", "4.5")]
    assert inner.get("style") == "stroke:#111;fill:#fff"
    assert (alone.get("x"), alone.get("style")) == ("5", "stroke:#111;fill:#000")
    assert tree.find(f"{SVG}defs/{SVG}path").get("d") == "M0 5L5 0L0-5z"


def test_round_marks_become_circles():
    tree = rewritten(f'<defs><path id="m" d="{CIRCLE}"/></defs><use xlink:href="#m" x="3" y="4" style="fill: red"/>')
    circle = tree.find(f"{SVG}circle")
    assert (circle.get("cx"), circle.get("cy"), circle.get("r")) == ("3", "4", "2.5")
    assert tree.find(f"{SVG}defs") is None


def ends(path: str) -> list[tuple[float, float]]:
    """Where the lines of a path begin and end, by an interpreter of its own."""
    import re

    here, out = (0.0, 0.0), []
    for command, told in re.findall(r"([MmLlHhVvz])([^MmLlHhVvz]*)", path):
        numbers = [float(number) for number in re.findall(r"-?(?:\d+\.?\d*|\.\d+)", told)]
        x, y = here
        if command == "z":
            continue
        here = {
            "M": lambda x=x, y=y, n=numbers: (n[0], n[1]), "L": lambda x=x, y=y, n=numbers: (n[0], n[1]),
            "m": lambda x=x, y=y, n=numbers: (x + n[0], y + n[1]),
            "l": lambda x=x, y=y, n=numbers: (x + n[0], y + n[1]),
            "H": lambda x=x, y=y, n=numbers: (n[0], y), "h": lambda x=x, y=y, n=numbers: (x + n[0], y),
            "V": lambda x=x, y=y, n=numbers: (x, n[0]), "v": lambda x=x, y=y, n=numbers: (x, y + n[0]),
        }[command]()  # fmt: skip
        out.append((round(here[0], 1), round(here[1], 1)))
    return out


def test_lines_begin_and_end_where_they_did():
    import random

    draw = random.Random(1)
    for _ in range(50):
        points = [(draw.choice([0, 1.04, 99.96, -3.5, 360, 0.31]), draw.choice([7, 7, 0.05, 12.34])) for _ in range(30)]
        told = " ".join(f"{'M' if place % 3 == 0 else 'L'} {x} {y}" for place, (x, y) in enumerate(points))
        path = rewritten(f'<path d="{told}" style="fill: none"/>').find(f"{SVG}path").get("d")
        assert ends(path) == [(round(x, 1), round(y, 1)) for x, y in points]
        assert len(path) < len(told)


def test_letters_keep_their_place_their_side_and_their_weight():
    text = rewritten(
        "<g><text style=\"font-weight: 700; font-size: 13px; font-family: 'DejaVu Sans'; text-anchor: end; fill: #123\""
        ' x="352.84" y="4" transform="rotate(-0 352.84 4)">giá &lt; 5 &amp; hơn</text></g>'
    ).find(f"{SVG}text")
    assert text.text == "giá < 5 & hơn"
    assert (text.get("x"), text.get("transform")) == ("352.8", None)
    assert text.get("style") == "font-weight:700;font-size:13px;text-anchor:end;fill:#123"


def test_what_has_no_ink_is_left_out():
    tree = rewritten('<metadata>x</metadata><path d="M 0 0 L 1 1" style="fill: none; opacity: 0"/><path d=""/>')
    assert list(tree) == []
