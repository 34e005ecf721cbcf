"""A table of a run comes back as it was: text stays text, numbers are the very numbers that were written."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from cxlib.runs.tables import read_answers, read_table


@pytest.fixture
def written(tmp_path):
    def write(text: str, name: str = "groups.csv"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8", newline="\n")
        return read_table(path)

    return write


def test_a_wave_that_looks_like_a_number_or_like_nothing_is_a_name(written):
    table = written("wave,level,n\n007,NA,1\n2026,nan,2\n,,3\n")
    assert table["wave"].tolist() == ["007", "2026", ""]
    assert table["level"].tolist() == ["NA", "nan", ""]
    assert table["wave"].dtype == "str"


def test_numbers_are_whole_where_all_are_and_missing_where_a_cell_is_empty(written):
    table = written("n,estimate,units\n-12,0.1,1\n3,,\n")
    assert table["n"].dtype == np.int64
    assert table["n"].tolist() == [-12, 3]
    assert table["estimate"].tolist()[0] == 0.1
    assert np.isnan(table["estimate"].tolist()[1])
    assert table["units"].dtype == float


def test_a_number_is_the_one_that_was_written(written):
    numbers = [0.1 + 0.2, 1e-310, 2.1691597e-17, 123456789.12345679, -5e-324, 1.7976931348623157e308]
    text = "estimate\n" + "\n".join(map(repr, numbers)) + "\n"
    assert written(text)["estimate"].tolist() == numbers


def test_yes_and_no_whoever_wrote_them(written):
    assert written("matters\nTrue\nFALSE\ntrue\n")["matters"].tolist() == [True, False, True]


def test_commas_quotes_and_line_breaks_in_a_cell(written):
    table = written('level,n\n"North, ""far""\nand high",1\nSüd,2\n')
    assert table["level"].tolist() == ['North, "far"\nand high', "Süd"]


def test_the_same_name_may_be_a_text_in_one_table_and_a_number_in_another(written):
    text = "first\n0.25\n"
    assert written(text, "importance.csv")["first"].tolist() == [0.25]
    assert written(text, "comparisons.csv")["first"].tolist() == ["0.25"]


def test_a_table_without_rows_has_its_columns(written):
    assert list(written("wave,n,matters\n").columns) == ["wave", "n", "matters"]


def test_answers_come_back_as_pandas_reads_them(tmp_path):
    answers = pd.DataFrame(
        {
            "wave": ["Q1", "Q2", None],
            "day": pd.to_datetime(["2026-01-01", None, "2026-03-02"]),
            "person": pd.array([1, None, 3], dtype="Int64"),
            "wait_told": [1.0, np.nan, 5.0],
        }
    )
    answers.to_parquet(tmp_path / "responses.parquet", index=False)
    again = read_answers(tmp_path / "responses.parquet")
    pd.testing.assert_frame_equal(again, pd.read_parquet(tmp_path / "responses.parquet"))
    pd.testing.assert_frame_equal(again, answers)
