"""Combinations of settings, and the table of what differs between their runs."""

from __future__ import annotations

import pytest

from cxlib.batch.grid import combinations, compare_runs, lines_of_grid, read_settings, told_settings
from cxlib.batch.record import BatchRecord, Line
from cxlib.batch.summary import render_summary
from cxlib.errors import ParamsError, SeveralErrors


def fact(grade="E2", estimate=0.3, low=0.2, high=0.4, found=True):
    return {
        "factor": {"vi": "Chờ", "en": "Wait"},
        "outcome": "referral",
        "found": found,
        "grade": grade,
        "estimate": estimate,
        "low": low,
        "high": high,
    }


def done(key: str, **facts) -> Line:
    return Line(key, "shop", "/params/shop", state="done", facts=facts)


def test_values_are_read_as_yaml_would():
    assert read_settings(["a.b=1,2.5", 'c=x,"y, z",true,null', "d=[1,2],[3]"]) == {
        "a.b": [1, 2.5],
        "c": ["x", "y, z", True, None],
        "d": [[1, 2], [3]],
    }


def test_every_wrong_word_is_named():
    with pytest.raises(ParamsError) as caught:
        read_settings(["nothing", "a=1", "a=2", "b=[1"])
    assert len(caught.value.problems) == 3


def test_what_a_record_cannot_hold_is_no_value():
    with pytest.raises(ParamsError) as caught:
        read_settings(["a=2026-01-31,x", "b=1,.nan", "c='2026-01-31'"])
    assert [problem.where for problem in caught.value.problems] == ["--set a", "--set b"]


def test_what_is_wrong_in_every_combination_is_told_once(runners, tmp_path):
    folder = runners.add_client(tmp_path, "mini")

    def refused(settings, kind=ParamsError) -> list[str]:
        with pytest.raises(kind) as caught:
            lines_of_grid("mini", str(folder), combinations(settings), None)
        return [problem.what for problem in caught.value.problems]

    assert refused({"analysis.colour": [1, 2]}) == ["The key 'colour' is not known."]
    assert len(refused({"analysis.q": ["lots", 3], "analysis.seed": [1, 2, 3]})) == 2
    assert len(lines_of_grid("mini", str(folder), combinations({"analysis.q": [3, 0.1]}), None)) == 2  # one can be run
    (folder / "survey.csv").unlink()
    assert refused({"analysis.seed": [1, 2]}, SeveralErrors) == ["There is no such file."]


def test_too_many_combinations_are_refused():
    with pytest.raises(ParamsError, match="400 combinations"):
        combinations({"a": range(20), "b": range(20)})
    with pytest.raises(ParamsError, match="No setting is varied"):
        combinations({})


def test_at_most_one_combination_is_made_latest():
    wanted = combinations({"a": [1, 2], "b": [3, 4]})
    assert [line.make_latest for line in lines_of_grid("shop", "", wanted, None)] == [False] * 4
    chosen = lines_of_grid("shop", "", wanted, {"a": 2, "b": 3})
    assert [line.make_latest for line in chosen] == [False, False, True, False]
    assert [line.key for line in chosen] == ["shop#1", "shop#2", "shop#3", "shop#4"]
    for latest in ({"a": 2}, {"a": 9, "b": 3}):
        with pytest.raises(ParamsError, match="of the combinations have these settings"):
            lines_of_grid("shop", "", wanted, latest)


def test_only_what_differs_is_in_the_table():
    rows, same = compare_runs(
        [
            done("1", kept=fact(), graded=fact(), turned=fact(), moved=fact(), gone=fact(),
                 never=fact(None, found=False)),
            done("2", kept=fact(estimate=0.32), graded=fact("E1"), turned=fact(estimate=-0.3, low=-0.4, high=-0.2),
                 moved=fact(estimate=0.45, low=0.41, high=0.5),
                 gone=fact(found=False), never=fact(None, -0.9, -0.95, -0.8, found=False)),
        ]
    )  # fmt: skip
    assert same == 1
    assert {row.finding: row.what for row in rows} == {
        "graded": ("grade",),
        "turned": ("sign", "interval"),
        "moved": ("interval",),
        "gone": ("finding",),
    }
    assert [cell and cell.sign for cell in rows[1].cells] == ["+", "-"]
    assert [cell.found for cell in rows[3].cells] == [True, False]


def test_a_finding_without_numbers_is_no_difference():
    blank = fact(estimate=None, low=None, high=None)
    assert compare_runs([done("1", x=blank), done("2", x=blank)]) == ([], 1)


def test_settings_as_they_are_typed():
    assert told_settings({"analysis.q": 0.1, "cleaning.duplicates": False, "segments": ["vùng"], "language": "vi"}) == (
        'analysis.q=0.1 cleaning.duplicates=false segments=["vùng"] language=vi'
    )


def test_the_summary_keeps_the_order_and_escapes_what_others_wrote():
    lines = [
        Line("b", "b", "", state="done", seconds=61.2, run="r", told={"title": {"vi": "<b>Quán</b>", "en": "Café"},
             "rows": {"in": 1234, "kept": 1200, "set_aside": 34}, "findings": 3,
             "loop": {"matter": 3, "with_action": 2, "with_change_measured": 1}}),
        Line("a", "a", "", state="failed", begun=3, problems=[{"what": "A <script>", "where": "x.csv", "how": "mend"}]),
        Line("c", "c", "", state="waiting"),
    ]  # fmt: skip
    record = BatchRecord("20260101T000000Z-abc", "batch", "outputs", lines, status="stopped")
    text = render_summary(record, {"b": "b"}, language="vi", again="cx batch --resume 20260101T000000Z-abc")
    assert text.index("(b)") < text.index("<h2>a</h2>") < text.index("<h2>c</h2>")
    assert "<script" not in text
    assert "&lt;b&gt;Quán&lt;/b&gt;" in text
    assert 'href="b/index.html"' in text
    assert "đọc 1.234, dùng 1.200" in text
    assert "1,234 read, 1,200 used" in text
    assert "begun 3 times" in text
    assert "http" not in text.replace("http-equiv", "")
