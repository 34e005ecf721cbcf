"""What changed, as figures: the document's numbers and no others, what is hidden not drawn, all of it in words."""

from __future__ import annotations

import csv
import importlib.util
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from cxlib.figures.before_after import height_of
from cxlib.figures.change import draw_changes, show_change
from cxlib.figures.paper import apart
from cxlib.words import decimal, interval

RICH = Path(__file__).resolve().parents[1] / "views" / "rich.py"
TEXT = "{http://www.w3.org/2000/svg}text"


@pytest.fixture(scope="module")
def rich():
    name = "cx_tests_views_rich"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, RICH)
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]


@pytest.fixture(scope="module")
def document(rich):
    return rich.rich_document()


@pytest.fixture(scope="module")
def drawings(document):
    return {drawing.finding: drawing for drawing in draw_changes(document)}


def words(svg: str) -> list[str]:
    return [node.text for node in ElementTree.fromstring(svg).iter(TEXT)]


def with_change(document, change):
    """The document with one action's one change, and nothing else to draw."""
    action = document.actions[0].model_copy(update={"change": (change,)})
    return document.model_copy(update={"findings": (), "actions": (action,)})


def test_every_change_that_names_a_figure_has_one_and_each_once(document, drawings):
    named = {change.figure for action in document.actions for change in action.change if change.figure}
    assert set(drawings) == named
    assert len(draw_changes(document)) == len(named)


def test_both_sides_and_both_groups_are_drawn_with_their_values_and_names(rich, drawings):
    change = rich.TELLING[0]
    for language, acted, others in (("vi", "nơi triển khai", "nơi khác"), ("en", "where we did it", "elsewhere")):
        said = " ".join(words(drawings[change.figure].svg[language]))
        for side in (change.before, change.after, change.others_before, change.others_after):
            assert decimal(side.mean, language, 1) in said
        assert acted in said
        assert others in said
        assert "2025-Q1 –" in said


def test_one_group_alone_is_not_named(rich, drawings):
    said = " ".join(words(drawings[rich.EVERYWHERE[0].figure].svg["en"]))
    assert "elsewhere" not in said
    assert "where we did it" not in said


def test_the_table_beside_holds_every_number(rich, drawings):
    change = rich.TELLING[0]
    rows = {(row["group"], row["at"]): row for row in csv.DictReader(drawings[change.figure].csv.splitlines())}
    assert float(rows["acted", "after"]["estimate"]) == change.after.mean
    assert float(rows["others", "before"]["low"]) == change.others_before.low
    assert int(rows["acted", "before"]["n"]) == change.before.n
    events = list(csv.DictReader(drawings[rich.ONE_BY_ONE[0].figure].csv.splitlines()))
    assert [(row["at"], float(row["estimate"])) for row in events] == [
        (point.at, point.estimate) for point in rich.ONE_BY_ONE[0].points
    ]


def test_the_words_tell_every_number_that_is_drawn(rich, drawings):
    change = rich.TELLING[0]
    for language in ("vi", "en"):
        alt = drawings[change.figure].alt[language]
        for side in (change.before, change.after, change.others_before, change.others_after):
            assert decimal(side.mean, language, 1) in alt
            assert interval(side.low, side.high, language) in alt
        roll = drawings[rich.ONE_BY_ONE[0].figure].alt[language]
        assert all(decimal(point.estimate, language) in roll for point in rich.ONE_BY_ONE[0].points)
    assert "2 waves before: -0.05" in drawings[rich.ONE_BY_ONE[0].figure].alt["en"]


def test_a_long_row_is_told_by_the_ends_of_its_parts(rich, drawings):
    alt = drawings[rich.SERIES[0].figure].alt["en"]
    points = rich.SERIES[0].points
    assert points[0].at in alt
    assert points[-1].at in alt
    assert points[5].at not in alt


def test_what_is_hidden_is_not_drawn(rich, document):
    change = rich.TELLING[0]
    none = change.after.model_copy(update={"mean": None, "low": None, "high": None, "n": None})
    assert draw_changes(with_change(document, change.model_copy(update={"after": none}))) == ()
    assert draw_changes(with_change(document, change.model_copy(update={"after": None}))) == ()
    alone = draw_changes(with_change(document, change.model_copy(update={"others_after": none})))[0]
    assert "others" not in alone.csv
    assert "elsewhere" not in " ".join(words(alone.svg["en"]))
    assert draw_changes(with_change(document, change.model_copy(update={"figure": None}))) == ()


def test_a_point_without_a_range_has_no_band(rich, document):
    (drawing,) = draw_changes(with_change(document, rich.ONE_PLACE[0]))
    assert "eab99f" not in drawing.svg["vi"]
    assert "compared with the average before" in " ".join(words(drawing.svg["en"]))


def test_the_day_of_the_action_stands_between_before_and_after(rich, drawings):
    for name in (rich.ONE_BY_ONE[0].figure, rich.SERIES[0].figure, rich.ONE_PLACE[0].figure):
        assert "start" in words(drawings[name].svg["en"])
        assert "bắt đầu" in words(drawings[name].svg["vi"])


def test_only_points_after_the_action_make_no_line_of_a_start(rich, document):
    late = rich.SERIES[0].model_copy(update={"points": rich.SERIES[0].points[12:]})
    (drawing,) = draw_changes(with_change(document, late))
    assert "start" not in words(drawing.svg["en"])


def test_a_small_change_looks_small(rich):
    shown = show_change(rich.TELLING[1], {"loyalty": (1, 5)})
    low, high = height_of(shown.marks, shown.scale)
    assert high - low >= 0.25 * 4
    wide = show_change(rich.STOPPED[0], {"delivery_on_time": (1, 5)})
    low, high = height_of(wide.marks, wide.scale)
    assert low < min(mark.low for mark in wide.marks)
    assert high > max(mark.high for mark in wide.marks)


def test_values_that_would_cover_each_other_are_moved_apart():
    assert apart([10, 40], 17) == [10, 40]
    assert apart([40, 38], 17) == [47.5, 30.5]
    assert apart([5], 17) == [5]


def test_no_heading_or_caption_holds_a_number(drawings):
    for drawing in drawings.values():
        assert not any(letter.isdigit() for title in drawing.title.values() for letter in title)


def test_the_same_numbers_give_the_same_bytes(document, drawings):
    assert {drawing.finding: drawing for drawing in draw_changes(document)} == drawings
