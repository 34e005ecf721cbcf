"""Parameters: every problem at once, each with its line and the nearest right key."""

from __future__ import annotations

import contextlib
import pickle
from datetime import date, timedelta
from itertools import combinations
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from cxlib.errors import ParamsError
from cxlib.params import Params, load_params, read_yaml
from cxlib.params.agree import disagreements
from cxlib.params.load import salvage
from cxlib.params.spans import wave_span

GOOD = """\
client: shop
title: {vi: "Cửa hàng", en: "Shop"}
language: vi
question: which-factors
data:
  responses: answers.csv
respondent: id
wave: {column: visited, every: quarter}
outcomes:
  referral: {column: recommend, scale: [0, 10], label: {vi: "Giới thiệu", en: "Referral"}}
  loyalty: {column: come_back, scale: [1, 5], missing: 9, label: {vi: "Quay lại", en: "Comes back"}}
steps:
  pay: {vi: "Thanh toán", en: "Pay"}
factors:
  wait_told: {column: q1, scale: [1, 5], missing: [9], step: pay, label: {vi: "được báo trước", en: "told how long"}}
  tidy: {column: q2, scale: [1, 5], label: {vi: "gọn gàng", en: "tidy"}}
segments: [region]
comments: [why]
"""


@pytest.fixture
def client(tmp_path: Path):
    """Write params.yaml into the folder of a client called shop."""

    def write(text: str) -> Path:
        folder = tmp_path / "shop"
        folder.mkdir(exist_ok=True)
        (folder / "params.yaml").write_text(text, encoding="utf-8")
        return folder

    return write


def problems(folder: Path) -> list[str]:
    with pytest.raises(ParamsError) as caught:
        load_params(folder)
    return [str(problem) for problem in caught.value.problems]


def test_a_good_file_is_read(client):
    params = load_params(client(GOOD))
    assert params.factors["wait_told"].scale == (1, 5)
    assert params.outcomes["loyalty"].missing == (9.0,)
    assert params.segments["region"].column == "region"
    assert params.data.files[0].file == "answers.csv"
    assert params.columns()["respondent"] == "id"


def test_strata_are_read_and_their_levels_are_text(client):
    params = load_params(client(GOOD + "strata: {column: area, sizes: {1: 4000, north: 250}}\n"))
    assert params.strata.sizes == {"1": 4000, "north": 250}
    assert params.columns()["stratum"] == "area"
    assert load_params(client(GOOD + "strata: {column: area}\n")).strata.sizes == {}
    assert load_params(client(GOOD)).strata is None


def test_the_model_survives_json_and_is_frozen(client):
    params = load_params(client(GOOD))
    assert Params.model_validate_json(params.model_dump_json()) == params
    with pytest.raises(ValueError, match="frozen"):
        params.language = "en"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("language: vi", "langauge: vi", "did you mean 'language'?"),
        ("step: pay, label", "stpe: pay, label", "did you mean 'step'?"),
        ("step: pay", "step: pya", "did you mean 'pay'?"),
        ("every: quarter", "every: fortnight", "not one of 'week', 'month', 'quarter' or 'year'"),
        ("column: q2, ", "", "'column' is missing"),
        ('scale: [1, 5], label: {vi: "gọn', 'scale: [5, 1], label: {vi: "gọn', "a scale rises"),
        ("column: q2", "column: q1", "already asked as factors.wait_told"),
        ("missing: [9]", "missing: [5]", "missing code lies on the scale"),
        ("loyalty:", "spend:", "neither referral nor loyalty"),
        ("client: shop", "client: Shop 1", "no plain name"),
        ("client: shop", "client: other", "its folder 'shop'"),
        ("comments: [why]", "cleaning: {min_seconds: 60}", "duration"),
        ("comments: [why]", "strata: {column: area, size: {north: 4}}", "did you mean 'sizes'?"),
        ("comments: [why]", "strata: {column: area, sizes: {north: 0}}", "'north' must be above 0"),
        ("comments: [why]", "strata: {sizes: {north: 10}}", "'column' is missing"),
        ("comments: [why]", "privacy: {min_group: 2}", "at least 5"),
        ("comments: [why]", "analysis: {worthwhile: 0.9}", "at most 0.5"),
        ("comments: [why]", "comments: [why]\ncomments: [why]", "stands twice"),
        ("comments: [why]", "comments: *why", "reference"),
        ("missing: [9], step", 'answers: {"Rất tốt": 6}, step', "6 is not on the scale"),
        ("missing: [9], step", 'answers: {"Tốt": 4, "tốt ": 5}, step', "The same answer stands there"),
        ("missing: [9], step", 'answers: {"Tốt": good}, step', "not a whole number"),
    ],
)
def test_a_mistake_is_named_with_its_line(client, old, new, expected):
    assert old in GOOD
    folder = client(GOOD.replace(old, new, 1))
    found = problems(folder)
    assert any(expected in problem for problem in found), found
    assert all("params.yaml" in problem and "line" in problem for problem in found)


def test_the_line_is_the_right_one(client):
    text = GOOD.replace("column: q2, ", "")
    line = next(number for number, row in enumerate(text.splitlines(), 1) if "tidy:" in row)
    assert any(f"line {line} " in problem for problem in problems(client(text)))


def test_all_problems_come_at_once(client):
    text = (
        GOOD.replace("language: vi", "langauge: vi").replace("step: pay,", "step: pya,").replace("quarter", "fortnight")
    )
    assert len(problems(client(text))) == 3


@pytest.mark.parametrize("text", ["", "- a\n- b\n", "client: [\n", "client: \tshop: x\n", "a: &x [*x]\n"])
def test_what_is_no_yaml_mapping_is_said_so(client, text):
    assert problems(client(text))


def test_numbers_of_words_are_read(client):
    text = GOOD.replace("missing: [9], step", 'answers: {"Rất tốt": 5, 1: 5, no: null}, step', 1)
    assert load_params(client(text)).factors["wait_told"].answers == {"Rất tốt": 5, "1": 5, "no": None}


def test_a_file_that_is_not_utf8_or_absent(client, tmp_path):
    folder = client(GOOD)
    (folder / "params.yaml").write_bytes(GOOD.encode("utf-16"))
    assert "UTF-8" in problems(folder)[0]
    assert "no params.yaml" in problems(tmp_path)[0]


def test_words_that_yaml_takes_for_something_else_stay_words(client):
    text = GOOD.replace("comments: [why]", "comments: [no]").replace(
        "column: visited, every: quarter", "column: 2016-01-01"
    )
    params = load_params(client(text))
    assert params.comments == ("no",)
    assert params.wave.column == "2016-01-01"


def test_an_answer_or_secret_in_the_file_is_not_repeated(client):
    found = problems(client(GOOD.replace("language: vi", "language: SECRET-VALUE-123")))
    assert not any("SECRET" in problem for problem in found)


def test_errors_can_be_pickled(client):
    with pytest.raises(ParamsError) as caught:
        load_params(client(GOOD.replace("language: vi", "langauge: vi")))
    again = pickle.loads(pickle.dumps(caught.value))
    assert again.problems == caught.value.problems
    assert again.exit_code == 2


def test_what_is_right_can_still_be_used(client):
    text = GOOD.replace("column: q2, ", "").replace("language: vi", "langauge: vi")
    params, dropped = salvage(read_yaml(client(text)))
    assert dropped == ["tidy"]
    assert list(params.factors) == ["wait_told"]


def test_any_single_key_may_be_missing_without_a_traceback(client):
    """Taking any one key out of a good file leads to a model or to named problems."""
    whole = yaml.safe_load(GOOD)
    for key in whole:
        part = {name: value for name, value in whole.items() if name != key}
        folder = client(yaml.safe_dump(part, allow_unicode=True))
        with contextlib.suppress(ParamsError):
            load_params(folder)


YEARS = GOOD.replace(
    "  responses: answers.csv\n",
    '  responses: [{file: a.csv, wave: 2023}, {file: b.csv, wave: "2024"}, {file: c.csv, wave: "2025"}]\n',
).replace("wave: {column: visited, every: quarter}\n", "")
WORDS = "text: {vi: đổi câu hỏi, en: asked otherwise}"


def test_days_of_waves_and_breaks_are_read(client):
    params = load_params(
        client(
            YEARS.replace("column: q2,", "column: q2, breaks: [{wave: 2025, why: mode}],")
            + 'waves: {"2024": {first: 2024-05-02, last: 2024-05-30}}\n'
            + f"breaks:\n  - {{wave: 2024, why: scale, {WORDS}}}\n"
            + "promises: promises.csv\nstrategy: strategy.csv\nanalysis: {worthwhile_change: 0.1}\n"
        )
    )
    assert params.factors["tidy"].breaks[0].wave == "2025"
    assert params.breaks[0].text.en == "asked otherwise"
    assert wave_span("2024", params) == (date(2024, 5, 2), date(2024, 5, 30))
    assert wave_span("2023", params) == (date(2023, 1, 1), date(2023, 12, 31))
    assert (params.promises, params.strategy, params.analysis.worthwhile_change) == (
        "promises.csv",
        "strategy.csv",
        0.1,
    )


@pytest.mark.parametrize(
    ("text", "more", "expected"),
    [
        (YEARS, "breaks: [{wave: 2052, why: mode}]", "There is no wave '2052'"),
        (YEARS, "breaks: [{wave: 2052, why: mode}]", "did you mean '2025'?"),
        (YEARS, "breaks: [{wave: 2023, why: mode}]", "No wave comes before '2023'"),
        (YEARS, "breaks: [{wave: 2025, why: weather}]", "not one of 'wording', 'scale' or 'mode'"),
        (YEARS, 'waves: {"spring": {first: 2024-05-02, last: 2024-05-30}}', "There is no wave 'spring'"),
        (YEARS, 'waves: {"2024": {first: 2024-05-30, last: 2024-05-02}}', "the last day comes before the first"),
        (YEARS, 'waves: {"2024": {first: may, last: 2024-05-02}}', "'first' is not a date"),
        (YEARS, 'waves: {"2024": {first: 2024-12-01, last: 2025-01-15}}', "The waves '2025' and '2024' share days"),
        (YEARS, 'waves: {"2024": {first: 2024-12-01}}', "'last' is missing"),
        (GOOD, "breaks: [{wave: 2025-Q5, why: mode}]", "'2025-Q5' is not how a quarter is written"),
        (GOOD, "breaks: [{wave: 2025-03, why: mode}]", "write it like 2025-Q3"),
        (GOOD, 'waves: {"2025": {first: 2025-05-02, last: 2025-05-30}}', "write it like 2025-Q3"),
        (GOOD.replace(", every: quarter", ""), "waves: {one: {first: 2025-01-01, last: 2025-02-01}, "
         "two: {first: 2025-02-01, last: 2025-03-01}}", "The waves 'one' and 'two' share days"),
        (GOOD.replace("wave: {column: visited, every: quarter}\n", ""), "breaks: [{wave: 2025, why: mode}]",
         "the waves are: 1"),
        (GOOD.replace("respondent: id\n", "").replace("answers.csv", "answers.csv\n  panel: true"), "actions: a.csv",
          "No column tells who answered"),
        (GOOD, "analysis: {worthwhile_change: 0.6}", "at most 0.5"),
    ],
)  # fmt: skip
def test_waves_and_breaks_that_do_not_fit(client, text, more, expected):
    found = problems(client(text + more + "\n"))
    assert any(expected in problem for problem in found), found
    assert all("params.yaml" in problem and "line" in problem for problem in found)


def test_a_break_of_one_question_is_named_with_its_line(client):
    text = YEARS.replace("column: q2,", "column: q2, breaks: [{wave: 2026, why: mode}],")
    line = next(number for number, row in enumerate(text.splitlines(), 1) if "tidy:" in row)
    assert any(f"line {line} (factors.tidy.breaks.1.wave)" in problem for problem in problems(client(text)))


@pytest.mark.parametrize(
    ("every", "name"), [("year", "2025"), ("quarter", "2025-Q3"), ("month", "2025-03"), ("week", "2025-W07")]
)
def test_the_names_of_periods_are_right_for_their_waves_only(client, every, name):
    for other in ("2025", "2025-Q3", "2025-03", "2025-W07"):
        text = GOOD.replace("quarter", every) + f"breaks: [{{wave: {other}, why: wording}}]\n"
        if other == name:
            assert load_params(client(text)).breaks[0].wave == name
        else:
            assert problems(client(text))


@given(waves=st.lists(st.tuples(st.integers(0, 60), st.integers(0, 20)), min_size=2, max_size=5))
def test_waves_share_days_exactly_when_two_of_them_do(waves):
    start = date(2025, 1, 1)
    spans = {
        f"w{number}": {"first": str(start + timedelta(first)), "last": str(start + timedelta(first + length))}
        for number, (first, length) in enumerate(waves)
    }
    share = any(one[0] <= other[0] + other[1] and other[0] <= one[0] + one[1] for one, other in combinations(waves, 2))
    raw = {"wave": {"column": "wave"}, "waves": spans}
    assert any("share days" in what for _, what, _ in disagreements(raw)) == share


@pytest.mark.parametrize(
    ("text", "line"), [("a: [1,\n  2\n", 3), ("a: {b: 1", 1), ("a: 1\nb: c: d\n", 2), ("a: " + "[" * 50_000, 1)]
)
def test_what_is_not_yaml_is_told_with_a_line_of_the_file(tmp_path, text, line):
    (tmp_path / "params.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ParamsError, match="This is not YAML") as caught:
        read_yaml(tmp_path)
    assert caught.value.problems[0].where == f"params.yaml, line {line}"
