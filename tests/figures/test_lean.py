"""Figures in fewer bytes: the same marks at the same places."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from cxlib.figures.lean import lean

MARKS = """<svg xmlns:xlink="http://www.w3.org/1999/xlink"><g clip-path="url(#p)">
     <use xlink:href="#m1" x="1.123456" y="2" style="fill: #fff"/>
     <use xlink:href="#m1" x="-3.5" y="4.555555" style="fill: #fff"/>
     <use xlink:href="#m1" x="5" y="6" style="fill: #000"/>
</g></svg>"""


def test_marks_keep_their_places_and_styles():
    tree = ElementTree.fromstring(lean(MARKS))
    found = []
    for group in tree.iter("g"):
        for use in group.findall("use"):
            found.append((use.get("x"), use.get("y"), use.get("style") or group.get("style")))
    assert found == [("5", "6", "fill: #000"), ("1.12", "2", "fill: #fff"), ("-3.5", "4.56", "fill: #fff")]


def test_only_true_rectangles_are_shortened():
    assert lean('<path d="M 1 2\nL 3 2\nL 3 5\nL 1 5\nz\n"/>') == '<path d="M1 2H3V5H1z\n"/>\n'
    slanted = '<path d="M 1 2\nL 3 2\nL 4 5\nL 1 5\nz\n"/>\n'
    assert lean(slanted) == slanted


def test_letters_are_placed_and_scales_are_left_alone():
    use = '<use xlink:href="#a" {}/>'
    letter = '<g transform="translate(4 5.123) scale(0.015625 -0.13)">'
    long = letter + use.format('transform="translate(63.378906 0)"')
    assert lean(long) == letter.replace("5.123", "5.12") + use.format('x="63.38"') + "\n"


def test_twice_is_once():
    assert lean(lean(MARKS)) == lean(MARKS)
    assert not re.search(r"\n\s", lean(MARKS).strip())
