"""Figures: the finding's numbers and no others, the same bytes each time, in words as well."""

from __future__ import annotations

import csv
import importlib.util
import json
import re
import sys
import warnings
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from xml.etree import ElementTree

import pytest

import cxlib as cx
from cxlib.figures.compare import compare, limits
from cxlib.figures.lean import FAMILIES
from cxlib.figures.paper import TEXT, WIDTH
from cxlib.figures.together import draw
from cxlib.findings.schema import Document
from cxlib.words import decimal, interval

RICH = Path(__file__).resolve().parents[1] / "views" / "rich.py"


def _rich():
    name = "cx_tests_views_rich"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, RICH)
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]


@pytest.fixture(scope="module")
def document():
    return _rich().rich_document()


@pytest.fixture(scope="module")
def figures(document):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return cx.draw_figures(SimpleNamespace(document=document))


def few(document):
    """One of each kind: drawing takes its time."""
    parts = {name: getattr(document, name)[:1] for name in ("findings", "actions", "trends")}
    return document.model_copy(update=parts)


def test_every_finding_has_a_figure_in_both_languages(figures, document, tmp_path):
    figures.save(tmp_path)
    index = json.loads((tmp_path / "figures" / "index.json").read_text(encoding="utf-8"))
    drawn = (*figures.drawings, *figures.changes, *figures.trends)
    assert sorted(index) == sorted(drawing.finding for drawing in drawn)
    assert {finding.id for finding in document.findings} <= set(index)
    for name, entry in index.items():
        assert entry["csv"] == f"{name}.csv"
        for language in ("vi", "en"):
            assert entry["alt"][language]
            assert entry["title"][language]
            ElementTree.parse(tmp_path / "figures" / entry["svg"][language])


def test_the_same_numbers_give_the_same_bytes(figures, document):
    one = few(document)
    assert draw(one) == draw(one)
    assert "<dc:date>" not in figures.drawings[0].svg["vi"]


def test_alternative_text_tells_every_number(figures, document):
    finding = document.findings[0]
    drawing = figures.drawings[0]
    numbers = finding.association
    for language in ("vi", "en"):
        alt = drawing.alt[language]
        assert decimal(numbers.estimate, language) in alt
        assert interval(numbers.low, numbers.high, language) in alt
        assert getattr(finding.factor.label, language) in alt


def test_the_table_beside_holds_the_documents_numbers(figures, document):
    tests = {(test.factor, test.outcome): test for test in document.method.tests}
    for finding, drawing in zip(document.findings, figures.drawings, strict=True):
        rows = list(csv.DictReader(drawing.csv.splitlines()))
        assert [row["factor"] for row in rows if row["this_finding"] == "1"] == [finding.factor.key]
        for row in rows:
            source = finding if row["this_finding"] == "1" else tests[row["factor"], finding.outcome]
            expected = source.association.estimate
            assert row["estimate"] == ("" if expected is None else str(expected))


def test_factors_stand_in_the_order_of_the_questionnaire(document):
    order = [factor.key for factor in document.factors]
    for finding in document.findings:
        keys = [line.key for line in compare(document, finding).lines]
        assert keys == sorted(keys, key=order.index)


def test_factors_of_the_same_step_come_alone(document):
    finding = next(finding for finding in document.findings if finding.factor.key == "price_clear")
    step = {factor.key: factor.step for factor in document.factors}
    assert {step[line.key] for line in compare(document, finding).lines} == {finding.factor.step}


def test_a_hidden_number_is_said_and_not_drawn(document):
    finding = document.findings[0]
    comparison = compare(document, finding)
    hidden = [line for line in comparison.lines if line.hidden]
    assert hidden
    assert f"“{hidden[0].label['en']}”: not enough answers to show." in comparison.alt("en")
    none = finding.association.model_copy(update={"estimate": None, "low": None, "high": None})
    assert compare(document, finding.model_copy(update={"association": none})) is None


def test_all_figures_share_one_range(document):
    comparisons = [compare(document, finding) for finding in document.findings]
    low, high = limits(comparisons)
    assert low == 0
    assert high == pytest.approx(0.5)


def test_letters_are_twelve_pixels_or_more_on_a_phone():
    shown = 390 - 2 * 20  # the page's margins
    assert TEXT * shown / (WIDTH * 72) >= 12


def test_a_label_is_text_whatever_it_holds(document):
    label = {"vi": "giá $x_1$ & <script>alert(1)</script> -->", "en": "price $x_1$ & <script>alert(1)</script> -->"}
    raw = json.loads(few(document).model_dump_json(by_alias=True))
    raw["findings"][0]["factor"]["label"] = label
    svg = draw(Document.model_validate(raw)).drawings[0].svg["en"]
    tree = ElementTree.fromstring(svg)
    assert not [node for node in tree.iter() if str(node.tag).endswith("script")]


def test_letters_are_text_in_a_family_with_every_vietnamese_letter(figures):
    svg = figures.drawings[0].svg["vi"]
    tree = ElementTree.fromstring(svg)
    assert "sans-serif" in tree.get("font-family")
    words = " ".join(node.text for node in tree.iter("{http://www.w3.org/2000/svg}text"))
    assert figures.drawings[0].title["vi"].split("”")[0].strip("“") in words


def test_no_family_is_wider_than_the_one_that_was_measured():
    """Of the families on this machine; labels are broken by the measure of the widest."""
    from matplotlib.font_manager import FontProperties, findfont
    from matplotlib.ft2font import FT2Font
    from matplotlib.textpath import TextPath

    def width(family):
        path = findfont(family, fallback_to_default=False)
        assert {ord(letter) for letter in "ưởạấđệỹ"} <= set(FT2Font(path).get_charmap()), family
        font = FontProperties(fname=path)
        return TextPath((0, 0), "how far the answers go together 0,41", size=13, prop=font).get_extents().width

    measured = width("DejaVu Sans")
    for family in FAMILIES.split(",")[:-1]:
        try:
            assert width(family) <= measured * 1.001, family
        except ValueError:
            continue  # not on this machine


def test_a_document_without_findings_has_no_figures(document, tmp_path):
    empty = cx.draw_figures(
        SimpleNamespace(document=document.model_copy(update={"findings": (), "actions": (), "trends": ()}))
    )
    empty.save(tmp_path)
    assert json.loads((tmp_path / "figures" / "index.json").read_text(encoding="utf-8")) == {}


def test_the_curve_of_a_finding_stands_beside_its_comparison(figures, document, tmp_path):
    figures.save(tmp_path)
    index = json.loads((tmp_path / "figures" / "index.json").read_text(encoding="utf-8"))
    for finding in document.findings:
        curve = finding.holds.curve
        assert ("ways" in index[finding.id]) == (curve is not None)  # a run of an earlier version has none
        if curve is None:
            continue
        entry = index[finding.id]["ways"]
        rows = list(csv.DictReader((tmp_path / "figures" / entry["csv"]).read_text(encoding="utf-8").splitlines()))
        assert [float(row["estimate"]) for row in rows] == list(curve.estimates)
        assert [row["stands"] == "1" for row in rows] == list(curve.stands)
        for language in ("vi", "en"):
            ElementTree.parse(tmp_path / "figures" / entry["svg"][language])
            assert str(len(rows)) in entry["alt"][language]


def test_a_figure_is_small(figures, tmp_path):
    figures.save(tmp_path)
    for path in (tmp_path / "figures").glob("*.svg"):
        text = path.read_text(encoding="utf-8")
        assert len(text) < 20_000
        assert not re.search(r"\d\.\d{3}", text)
        assert "metadata" not in text


def test_no_letter_stands_outside_its_figure(figures):
    """In the widest family, which is the one that labels are measured with."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import TextPath

    @cache
    def wide(text: str, weight: str) -> float:
        return (
            TextPath((0, 0), text, size=13, prop=FontProperties(family="DejaVu Sans", weight=weight))
            .get_extents()
            .width
        )

    for drawing in (*figures.drawings, *figures.curves, *figures.changes, *figures.trends):
        for svg in drawing.svg.values():
            tree = ElementTree.fromstring(svg)
            right, bottom = (float(part) for part in tree.get("viewBox").split()[2:])
            around = {child: parent for parent in tree.iter() for child in parent}
            for node in tree.iter("{http://www.w3.org/2000/svg}text"):
                style = node.get("style") or around[node].get("style")
                width = wide(node.text, "bold" if "font-weight:700" in style else "normal")
                share = 1.0 if "text-anchor:end" in style else 0.5 if "text-anchor:middle" in style else 0.0
                left = float(node.get("x")) - share * width
                assert left >= -1, (drawing.finding, node.text)
                assert left + width <= right + 1, (drawing.finding, node.text)
                assert 8 <= float(node.get("y")) <= bottom, (drawing.finding, node.text)
