"""The sheet: where marks and letters stand, what lies on what, and that nothing else changes it."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import matplotlib
import matplotlib.pyplot as plt
import pytest
import seaborn as sns

from cxlib.figures import drawing
from cxlib.figures.paper import LINE, TEXT, UNITS, Sheet, style
from cxlib.figures.together import draw
from cxlib.findings.schema import Document

SVG = "{http://www.w3.org/2000/svg}"
ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "tests" / "findings" / "sample_findings.json"


@pytest.fixture(scope="module")
def document():
    return Document.model_validate_json(SAMPLE.read_bytes())


@pytest.fixture
def made():
    with style():
        yield Sheet(100)


def nodes(made):
    return [node for node in ElementTree.fromstring(made.svg).iter() if node.tag != f"{SVG}g"][1:]


def kinds(made):
    return [node.tag.removeprefix(SVG) for node in nodes(made)]


def test_down_is_further_from_the_top_and_the_sheet_is_as_wide_as_all_others(made, ends):
    made.lines([(0, 10, UNITS, 10), (5, 20, 5, 90)], color="#111111", width=1)
    root = ElementTree.fromstring(made.svg)
    assert root.get("viewBox") == f"0 0 {UNITS:g} 100"
    (path,) = nodes(made)
    assert ends(path.get("d")) == [(0, 10), (UNITS, 10), (5, 20), (5, 90)]


def test_all_letters_of_a_line_stand_on_the_same_line(made):
    told = ["6,6", "6,7", "x", "Ắp", "(g)"]
    for va in ("top", "center", "bottom"):
        for text in told:
            made.text(10, 50, text, color="#111111", va=va)
    places = [float(node.get("y")) for node in nodes(made)]
    top, center, bottom = places[0], places[len(told)], places[-1]
    assert places == [top] * len(told) + [center] * len(told) + [bottom] * len(told)
    assert 50 < bottom + TEXT / 2 < center + 1 < top < 50 + TEXT
    assert top - bottom == pytest.approx(TEXT, abs=0.11)


def test_several_lines_are_held_together(made):
    made.text(10, 50, ["one", "two", "three"], color="#111111", va="center", ha="right", spacing=LINE / TEXT)
    made.text(10, 50, "two", color="#111111", va="center", ha="right")
    *three, alone = [float(node.get("y")) for node in nodes(made)]
    assert three == [pytest.approx(alone - LINE), alone, pytest.approx(alone + LINE)]


def test_bands_lie_below_lines_lines_below_dots_and_letters_on_top(made):
    made.text(10, 50, "words", color="#111111")
    made.dots([10, 20], [50, 50], size=20, fill="white", edge="#111111", width=1)
    made.line([10, 20], [50, 50], color="#222222", width=1)
    made.bands([(10, 40, 10, 60)], color="#333333", width=9)
    assert kinds(made) == ["path", "path", "circle", "circle", "text"]
    assert "#333333" in nodes(made)[0].get("style")


def test_what_has_no_ink_is_not_there(made):
    made.lines([], color="#111111", width=1)
    made.bands([], color="#111111", width=1)
    made.line([10], [50], color="#111111", width=1)
    made.dots([], [], size=20, fill="white", edge="#111111", width=1)
    made.text(10, 50, [], color="#111111")
    made.text(10, 50, "", color="#111111")
    assert kinds(made) == []


def svgs(document) -> dict:
    figures = draw(document)
    drawn = (*figures.drawings, *figures.curves, *figures.changes, *figures.trends)
    assert len(drawn) > 3
    return {item.finding: item.svg for item in drawn}


def test_what_a_notebook_has_set_changes_nothing(document):
    plain = svgs(document)
    with matplotlib.rc_context():
        sns.set_theme(style="darkgrid", font_scale=3, palette="bright", rc={"lines.solid_capstyle": "butt"})
        plt.xkcd()
        assert svgs(document) == plain


def test_the_language_that_is_drawn_first_changes_nothing(document, monkeypatch):
    plain = svgs(document)
    monkeypatch.setattr(drawing, "LANGUAGES", ("en", "vi"))
    turned = svgs(document)
    assert turned == plain
    assert list(next(iter(turned.values()))) == ["en", "vi"]


def test_another_process_draws_the_same_bytes(document):
    told = (
        "import sys, hashlib; from cxlib.findings.schema import Document; from cxlib.figures.together import draw;"
        "figures = draw(Document.model_validate_json(open(sys.argv[1], 'rb').read()));"
        "print(hashlib.sha256(repr(figures).encode()).hexdigest())"
    )
    run = subprocess.run(
        [sys.executable, "-c", told, str(SAMPLE)], env={**os.environ, "PYTHONHASHSEED": "20261122"}, cwd=ROOT,
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert run.stdout.strip() == hashlib.sha256(repr(draw(document)).encode()).hexdigest()
