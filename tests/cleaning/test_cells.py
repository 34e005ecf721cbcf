"""What becomes of a cell."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from cxlib.cleaning.cells import REASONS, read_amounts, read_answers
from cxlib.intake import Codebook


def read_one(cell, scale=(1, 5), missing=(9.0,), book=None, labels=None):
    read = read_answers(pd.Series([cell], dtype=object), scale, missing, book, labels)
    value = None if np.isnan(read.values[0]) else read.values[0]
    return value, REASONS[read.reasons[0]]


@pytest.mark.parametrize(
    "cell",
    [4, 4.0, np.int64(4), "4", " 4 ", "4.0", "4,0", "04", "+4", "'4", "４",
     "4 - Good", "4: Good", "4. Tốt", "(4) Good", "4 Good", "4 – Rất hài lòng", "4=Good", "4\u00a0", "4\u200b"],
)  # fmt: skip
def test_ways_of_writing_an_answer(cell):
    assert read_one(cell) == (4.0, "valid")


@pytest.mark.parametrize("cell", [9, 9.0, "9", "9.0", "09", "9,0", "9 - Don't know", " 9"])
def test_ways_of_writing_a_missing_code(cell):
    assert read_one(cell) == (None, "declared_missing")


@pytest.mark.parametrize("cell", [None, np.nan, "", "  ", "\u00a0"])
def test_blank(cell):
    assert read_one(cell) == (None, "blank")


@pytest.mark.parametrize(
    "cell",
    ["Blank", "n/a", "Không biết", "good", "1-5", "3/5", "4 or 5", "4;5", True, dt.date(2025, 5, 4), "2025-03-04", "-"],
)
def test_words(cell):
    assert read_one(cell) == (None, "word")


@pytest.mark.parametrize("cell", [0, 6, -1, 3.5, "3,5", "55", 1e9, "7 - Don't know"])
def test_out_of_scale(cell):
    assert read_one(cell) == (None, "out_of_scale")


def test_zero_is_an_answer_where_the_scale_has_it_and_a_declared_code_wins_over_the_scale():
    assert read_one("0", (0, 10), (11.0,)) == (0.0, "valid")
    assert read_one(0, (0, 10), (0.0,)) == (None, "declared_missing")
    assert read_one("-99", missing=(-99.0,)) == (None, "declared_missing")
    assert read_one("\u221299", missing=(-99.0,)) == (None, "declared_missing")


def test_user_missing_ranges_and_letters():
    book = Codebook(missing=((97.0, 99.0), ("a", "a"), (-np.inf, 0.0)))
    assert read_one(98.0, book=book) == (None, "user_missing")
    assert read_one(-5.0, book=book) == (None, "user_missing")
    assert read_one("a", book=book) == (None, "user_missing")
    assert read_one(96.0, book=book) == (None, "out_of_scale")


def test_value_labels_as_text():
    labels = {1.0: "Very bad", 5.0: "Very good", 9.0: "Don't know"}
    assert read_one("very good", book=Codebook(labels)) == (5.0, "valid")
    assert read_one("Don't know", labels=labels) == (None, "declared_missing")
    assert read_one("Neither", labels=labels) == (None, "word")


def test_a_label_that_two_codes_share_tells_nothing():
    assert read_one("Other", labels={1.0: "Other", 2.0: "Other"}) == (None, "word")


def test_numbers_in_a_column_of_numbers():
    read = read_answers(pd.Series([1.0, 5.0, np.nan, 9.0, 7.0, 2.0000000001]), (1, 5), (9.0,))
    assert [REASONS[code] for code in read.reasons] == [
        "valid",
        "valid",
        "blank",
        "declared_missing",
        "out_of_scale",
        "valid",
    ]
    assert read.values[-1] == 2.0


def test_amounts():
    cells = [
        "1,5",
        "0.0521167513123456789",
        "1e-3",
        0,
        -2,
        "abc",
        None,
        "0:05:30",
        dt.time(0, 1),
        dt.timedelta(minutes=2),
        np.inf,
    ]
    read = read_amounts(pd.Series(cells, dtype=object))
    assert read.values[[0, 2, 7, 8, 9]].tolist() == [1.5, 0.001, 330.0, 60.0, 120.0]
    names = [REASONS[code] for code in read.reasons]
    assert names[3:7] == ["out_of_scale", "out_of_scale", "word", "blank"]
    assert names[-1] == "out_of_scale"


ANSWERS = {"Rất hài lòng": 5, "Hài lòng": 4, "Không biết": None}


@pytest.mark.parametrize("cell", ["Rất hài lòng", "  RẤT  hài lòng ", "Ra\u0302\u0301t hài lòng"])
def test_words_with_a_declared_number(cell):
    read = read_answers(pd.Series([cell], dtype=object), (1, 5), answers=ANSWERS)
    assert (read.values[0], REASONS[read.reasons[0]]) == (5, "valid")


def test_words_declared_to_be_no_answer_and_words_nobody_declared():
    read = read_answers(pd.Series(["không biết", "Tạm được", "4", None], dtype=object), (1, 5), answers=ANSWERS)
    assert [REASONS[reason] for reason in read.reasons] == ["declared_missing", "word", "valid", "blank"]


def test_codes_that_run_the_other_way_are_turned_by_their_labels_or_by_themselves():
    cells = pd.Series([1.0, 2.0, 5.0, 9.0])
    book = Codebook({1.0: "Very satisfied", 5.0: "Very dissatisfied", 9.0: "Refused"}, ((9.0, 9.0),))
    turned = {"Very satisfied": 5, "2": 4, "Very dissatisfied": 1, "Refused": 3}
    read = read_answers(cells, (1, 5), (), book, answers=turned)
    assert list(read.values[:3]) == [5, 4, 1]
    assert REASONS[read.reasons[3]] == "user_missing"  # what the file itself declares missing stays so
