"""Trends: no line crosses a break, every number in words and beside the picture, readable on a phone."""

from __future__ import annotations

import csv
import warnings
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest

from cxlib.figures.paper import UNITS
from cxlib.figures.trends import Course, Start, _starts, draw_trends
from cxlib.findings.schema import Both, Change, Document, Trend, TrendPoint
from cxlib.privacy.causal import causal_words
from cxlib.words import decimal, interval

SAMPLE = Path(__file__).resolve().parents[1] / "findings" / "sample_findings.json"
QUARTERS = ("2024-Q1", "2024-Q2", "2024-Q3", "2024-Q4", "2025-Q1", "2025-Q2", "2025-Q3", "2025-Q4")
BROKEN = Both(vi="Từ 2024-Q3, khách được hỏi theo cách khác.", en="From 2024-Q3 on customers are asked in another way.")


@pytest.fixture(scope="module")
def document():
    return Document.model_validate_json(SAMPLE.read_bytes())


def trend(means, *, parts=None, waves=QUARTERS, kind="factor", measure="price_clear", half=0.2, **more):
    points = tuple(
        TrendPoint(
            wave=wave,
            n=None if mean is None else 412,
            mean=mean,
            low=None if mean is None else mean - half,
            high=None if mean is None else mean + half,
            part=part,
        )
        for wave, mean, part in zip(waves, means, parts or [0] * len(means), strict=False)
    )
    told = {"breaks": (), "figure": f"trend-{kind}.{measure}", "label": Both(vi="giá rõ ràng", en="a clear price")}
    return Trend(measure=measure, kind=kind, scale=(1, 5), points=points, **{**told, **more})


def with_trends(document, *trends, actions=()):
    return document.model_copy(update={"trends": trends, "actions": tuple(actions)})


def action(document, **more):
    told = {"factors": ("price_clear",), "status": "doing", "start": "2024-07-15", "change": ()}
    what = Both(vi="Dán bảng giá ở cửa", en="Price lists at the door")
    return document.actions[0].model_copy(update={"what": what, **told, **more})


def draw_one(document, *trends, **more):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        (drawing,) = draw_trends(with_trends(document, *trends, **more))
    return drawing


def shapes(drawing):
    """Each line of the picture with its style, which may be told by its group."""
    root = ElementTree.fromstring(drawing.svg["en"])
    return [(_style(root, node), node.get("d")) for node in root.iter("{http://www.w3.org/2000/svg}path")]


@pytest.fixture(scope="module")
def joined(ends):
    """Places (across) that each line in ink joins: the lines of the trend, not the marks that stand upright."""

    def read(drawing):
        places = [[x for x, _ in ends(d)] for style, d in shapes(drawing) if "#1f1d1a" in style and "dash" not in style]
        return [xs for xs in places if len(set(xs)) > 1]

    return read


def test_one_line_joins_all_waves_without_a_break(document, joined):
    (line,) = joined(draw_one(document, trend([3.1, 3.2, 3.3, 3.4, 3.5])))
    assert len(line) == 5


@pytest.mark.parametrize(
    ("means", "parts", "runs"),
    [
        ([3.1, 3.2, 3.3, 3.4, 3.5], [0, 0, 1, 1, 1], [2, 3]),
        ([3.1, 3.2, 3.3, 3.4, 3.5], [0, 1, 1, 2, 2], [2, 2]),  # the first wave stands alone
        ([3.1, 3.2, None, 3.4, 3.5], [0, 0, 0, 0, 0], [2, 2]),  # nor across a wave that may not be shown
        ([3.1, None, 3.3], [0, 0, 0], []),
    ],
)
def test_no_line_crosses_a_break_or_a_gap(document, joined, means, parts, runs):
    drawing = draw_one(document, trend(means, parts=parts))
    assert [len(line) for line in joined(drawing)] == runs


def test_a_break_has_its_mark_and_its_words(document):
    whole = draw_one(document, trend([3.1, 3.2, 3.3, 3.4]))
    drawing = draw_one(document, trend([3.1, 3.2, 3.3, 3.4], parts=[0, 0, 1, 1], breaks=(BROKEN,)))
    assert "From 2024-Q3 on customers are asked" in drawing.svg["en"]
    assert "Từ 2024-Q3, khách được hỏi theo cách" in drawing.svg["vi"]
    assert "The line is broken between 2024-Q2 and 2024-Q3. From 2024-Q3 on" in drawing.alt["en"]
    assert len(shapes(drawing)) > len(shapes(whole))
    assert "broken" not in whole.alt["en"]


def test_a_break_nobody_described_is_told_all_the_same(document):
    drawing = draw_one(document, trend([3.1, 3.2, 3.3], parts=[0, 1, 2], breaks=(BROKEN,)))
    assert "asked otherwise from 2024-Q2 on" in drawing.svg["en"]
    assert "asked otherwise from 2024-Q3" not in drawing.svg["en"]
    assert "từ 2024-Q2 hỏi theo cách khác" in drawing.svg["vi"]


@pytest.mark.parametrize(
    ("more", "place"),
    [
        ({"start": "2024-07-01"}, 1.5),  # the first day of the third wave
        ({"start": "2024-08-16"}, 2.0),  # in its middle
        ({"start": "2023-05-01"}, -0.5),
        ({"start": "2026-05-01"}, 3.5),
        ({"status": "planned"}, None),
        ({"status": "none", "start": None}, None),
        ({"factors": ("staff",)}, None),
    ],
)
def test_where_an_action_began(document, more, place):
    line = trend([3.1, 3.2, 3.3, 3.4])
    found = _starts(line, with_trends(document, line, actions=[action(document, **more)]))
    assert [start.place for start in found] == ([] if place is None else [pytest.approx(place)])


def test_waves_with_other_names_take_the_evidence(document):
    names = ("before the move", "after the move", "a year later")
    line = trend([3.1, 3.2, 3.3], waves=names, kind="step", measure="pay")
    factor = document.factors[0].model_copy(update={"key": "price_clear", "step": "pay"})
    told = Change.model_construct(measure="price_clear", waves_before=names[:1], waves_after=names[1:])
    shown = with_trends(document, line, actions=[action(document, change=(told,))])
    shown = shown.model_copy(update={"factors": (factor,)})
    assert [start.place for start in _starts(line, shown)] == [0.5]
    unknown = shown.model_copy(update={"actions": (action(document),)})
    assert _starts(line, unknown) == ()


def test_a_start_has_its_mark_and_its_words_and_an_outcome_none(document):
    done = action(document)
    drawing = draw_one(document, trend([3.1, 3.2, 3.3, 3.4]), actions=[done])
    assert "began: Price lists at the door" in drawing.svg["en"]
    assert "bắt đầu: Dán bảng giá ở cửa" in drawing.svg["vi"]
    assert "During 2024-Q3 there began: Price lists at the door." in drawing.alt["en"]
    outcome = draw_one(document, trend([3.1, 3.2, 3.3, 3.4], kind="outcome"), actions=[done])
    assert "Price lists" not in outcome.svg["en"] + outcome.alt["en"]


def test_what_began_before_the_first_wave_stands_at_the_edge(document, ends):
    drawing = draw_one(document, trend([3.1, 3.2]), actions=[action(document, start="2023-01-10")])
    mark, sign = [ends(d) for style, d in shapes(drawing) if "dasharray" in style]
    assert 0 < mark[0][0] < 24
    assert sign[0][0] == 9
    assert "Before 2024-Q1 there began" in drawing.alt["en"]


def test_many_actions_are_counted_beyond_three(document):
    many = [action(document, start=f"2024-0{month}-10") for month in (2, 4, 6, 8, 9)]
    drawing = draw_one(document, trend([3.1, 3.2, 3.3, 3.4]), actions=many)
    assert drawing.svg["en"].count("began: Price lists") == 3
    assert "and 2 more" in drawing.svg["en"]
    assert drawing.alt["en"].count("there began") == 5


def test_every_number_is_told_in_words_and_beside_the_picture(document):
    means = [3.104, None, 3.3, 3.41]
    drawing = draw_one(document, trend(means, parts=[0, 0, 1, 1]))
    rows = list(csv.DictReader(drawing.csv.splitlines()))
    assert [row["mean"] for row in rows] == ["3.104", "", "3.3", "3.41"]
    assert [row["part"] for row in rows] == ["0", "0", "1", "1"]
    for language in ("vi", "en"):
        for mean in (3.104, 3.3, 3.41):
            limits = interval(mean - 0.2, mean + 0.2, language, 1)
            assert f"{decimal(mean, language, 1)} ({limits})" in drawing.alt[language]
    assert "2024-Q2: not enough answers to show" in drawing.alt["en"]


def test_narrow_ranges_have_two_decimals(document):
    assert "3.41 (3.38–3.44)" in draw_one(document, trend([3.3, 3.41], half=0.03)).alt["en"]


def test_a_mix_of_customers_is_shown_where_it_makes_a_difference(document):
    line = trend([3.1, 3.2, 3.3])

    def mixed(by):
        points = tuple(
            point.model_copy(update={"same_mix": point.mean + by, "same_mix_low": 3.0, "same_mix_high": 3.6})
            for point in line.points
        )
        return draw_one(document, line.model_copy(update={"points": points}))

    assert "same mix of customers" in mixed(0.15).svg["en"]
    assert "With the same mix of customers in every wave: 2024-Q1: 3.2;" in mixed(0.15).alt["en"]
    assert "same mix" not in mixed(0.05).svg["en"] + mixed(0.05).alt["en"]
    assert "3.25" in mixed(0.05).csv


def test_what_has_no_course_has_no_figure(document):
    assert draw_trends(with_trends(document)) == ()
    assert draw_trends(with_trends(document, trend([3.1]))) == ()
    assert draw_trends(with_trends(document, trend([3.1, None]))) == ()
    assert draw_trends(with_trends(document, trend([3.1, 3.2], figure=None))) == ()


def test_the_same_numbers_give_the_same_bytes(document):
    line = trend([3.1, 3.2, 3.3], parts=[0, 1, 1], breaks=(BROKEN,))
    assert draw_one(document, line) == draw_one(document, line)


def test_constant_answers_are_drawn(document, joined):
    (line,) = joined(draw_one(document, trend([4.0, 4.0, 4.0], half=0.0)))
    assert len(line) == 3


@pytest.mark.parametrize(
    "waves",
    [
        QUARTERS,
        ("2019-W30", "2019-W31", "2019-W32"),
        tuple(f"{year}" for year in range(2000, 2024)),
        ("trước khi chuyển cửa hàng về nơi mới", "sau khi chuyển"),
    ],
)
def test_letters_stay_on_the_sheet_and_apart(document, waves):
    means = [3.0 + 0.01 * place for place in range(len(waves))]
    drawing = draw_one(document, trend(means, waves=waves), actions=[action(document)])
    root = ElementTree.fromstring(drawing.svg["vi"])
    below: dict[float, list[tuple[float, float]]] = {}
    for node in root.iter("{http://www.w3.org/2000/svg}text"):
        wide = 7.2 * len(node.text or "")
        x, anchor = float(node.get("x", 0)), "end" if "text-anchor:end" in _style(root, node) else ""
        anchor = "middle" if "text-anchor:middle" in _style(root, node) else anchor
        left = x - {"": 0, "middle": wide / 2, "end": wide}[anchor]
        assert left >= -2
        assert left + wide <= UNITS + 2
        below.setdefault(round(float(node.get("y", 0))), []).append((left, left + wide))
    for spans in below.values():
        assert all(one[1] <= other[0] + 1 for one, other in pairwise(sorted(spans)))


def _style(root, node):
    """A letter's style: its own, or that of the group it stands in."""
    if node.get("style"):
        return node.get("style")
    return next((group.get("style", "") for group in root if node in list(group)), "")


def test_no_word_of_a_cause(document):
    course = Course(trend([3.1, 3.2]), (Start(0.5, {"vi": "Dán bảng giá", "en": "Price lists"}),))
    drawing = draw_one(document, course.trend, actions=[action(document)])
    for language in ("vi", "en"):
        assert not causal_words(drawing.alt[language] + drawing.title[language] + drawing.svg[language], language)
