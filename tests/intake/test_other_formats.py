"""xlsx, sav, dta and parquet, each written here and read back."""

from __future__ import annotations

import datetime as dt

import openpyxl
import pandas as pd
import pyreadstat
import pytest

from cxlib.errors import DataError
from cxlib.intake import read_responses


def write_workbook(path, sheets):
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.active)
    for name, lines in sheets.items():
        sheet = workbook.create_sheet(name)
        for line in lines:
            sheet.append(line)
    workbook.save(path)


ROWS = [
    ["recommend", "q1", "q2", "day"],
    [9, 5, "4", dt.datetime(2025, 2, 3)],
    [3, None, "Blank", dt.datetime(2025, 5, 6)],
]


def test_workbook(make_params, tmp_path):
    write_workbook(tmp_path / "survey.xlsx", {"Answers": ROWS})
    read = read_responses(make_params("survey.xlsx", wave={"column": "day", "every": "quarter"}), tmp_path)
    assert list(read.table["wave"]) == ["2025-Q1", "2025-Q2"]
    assert read.table["food"].tolist()[0] == 5
    assert read.table["food"].isna().tolist() == [False, True]
    assert list(read.table["staff"]) == ["4", "Blank"]
    assert read.made_on == dt.date(2025, 5, 6)
    assert read.notes[0].sheet == "Answers"
    assert not read.notes[0].remarks


def test_first_of_several_sheets_is_noted_and_another_can_be_named(make_params, tmp_path):
    write_workbook(tmp_path / "survey.xlsx", {"Answers": ROWS, "Later": [ROWS[0], [1, 1, 1, None]]})
    read = read_responses(make_params("survey.xlsx"), tmp_path)
    assert "first of 2 sheets" in read.notes[0].remarks[0]
    named = read_responses(make_params("survey.xlsx", data={"sheet": "Later"}), tmp_path)
    assert len(named.table) == 1


def test_a_wrong_sheet_name_lists_the_sheets(make_params, tmp_path):
    write_workbook(tmp_path / "survey.xlsx", {"Answers": ROWS, "Later": ROWS})
    with pytest.raises(DataError) as error:
        read_responses(make_params("survey.xlsx", data={"sheet": "Answer"}), tmp_path)
    assert "'Answers', 'Later'" in str(error.value)


def test_a_sheet_a_wave(make_params, tmp_path):
    write_workbook(tmp_path / "survey.xlsx", {"Q1": ROWS, "Q2": ROWS})
    files = [{"file": "survey.xlsx", "sheet": name, "wave": name} for name in ("Q1", "Q2")]
    read = read_responses(make_params(files), tmp_path)
    assert list(read.table["source"].unique()) == ["survey.xlsx [Q1]", "survey.xlsx [Q2]"]
    assert list(read.table["wave"]) == ["Q1", "Q1", "Q2", "Q2"]


def test_an_empty_sheet_and_a_damaged_workbook(make_params, tmp_path):
    write_workbook(tmp_path / "survey.xlsx", {"Answers": []})
    with pytest.raises(DataError, match="is empty"):
        read_responses(make_params("survey.xlsx"), tmp_path)
    (tmp_path / "survey.xlsx").write_bytes(b"PK\x03\x04 nothing behind it")
    with pytest.raises(DataError, match="cannot be read as a workbook"):
        read_responses(make_params("survey.xlsx"), tmp_path)


def test_spss(make_params, tmp_path):
    frame = pd.DataFrame(
        {
            "recommend": [9.0, 3.0, None],
            "q1": [5.0, 98.0, 6.0],
            "q2": [4.0, 1.0, 2.0],
            "day": [dt.date(2025, 1, 2), dt.date(2025, 4, 5), None],
            "city": [1.0, 2.0, 2.0],
        }
    )
    pyreadstat.write_sav(
        frame,
        tmp_path / "survey.sav",
        missing_ranges={"q1": [{"lo": 97, "hi": 99}, 6]},
        variable_value_labels={"city": {1: "Hà Nội", 2: "Đà Nẵng"}},
    )
    params = make_params("survey.sav", segments={"city": {"column": "city"}}, wave={"column": "day", "every": "month"})
    read = read_responses(params, tmp_path)
    assert read.table["food"].tolist() == [5.0, 98.0, 6.0]
    assert set(read.user_missing["food"]) == {(97.0, 99.0), (6.0, 6.0)}
    assert read.value_labels["city"] == {1.0: "Hà Nội", 2.0: "Đà Nẵng"}
    assert list(read.table["wave"]) == ["2025-01", "2025-04", ""]


def test_stata_keeps_its_missing_letters(make_params, tmp_path):
    frame = pd.DataFrame({"recommend": [9.0, 3.0], "q1": pd.Series([5.0, "a"], dtype=object), "q2": [4.0, 1.0]})
    pyreadstat.write_dta(
        frame,
        str(tmp_path / "survey.dta"),
        missing_user_values={"q1": ["a"]},
        variable_value_labels={"q1": {5: "Good", "a": "Refused"}},
    )
    read = read_responses(make_params("survey.dta"), tmp_path)
    assert read.table["food"].tolist() == [5.0, "a"]
    assert read.user_missing["food"] == (("a", "a"),)
    assert read.value_labels["food"] == {5.0: "Good"}


def test_parquet(make_params, tmp_path):
    frame = pd.DataFrame(
        {
            "recommend": pd.array([9, None], dtype="Int64"),
            "q1": [5, 2],
            "q2": pd.Categorical(["4", "1"]),
            "other": ["secret", "secret"],
        }
    )
    frame.to_parquet(tmp_path / "survey.parquet")
    read = read_responses(make_params("survey.parquet"), tmp_path)
    assert read.table["referral"].isna().tolist() == [False, True]
    assert list(read.table["staff"]) == ["4", "1"]
    assert list(read.table) == ["row", "source", "wave", "referral", "food", "staff"]


@pytest.mark.parametrize("name", ["survey.sav", "survey.dta", "survey.parquet"])
def test_damaged_files(make_params, tmp_path, name):
    (tmp_path / name).write_bytes(b"this is no survey at all" * 20)
    with pytest.raises(DataError, match="cannot be read"):
        read_responses(make_params(name), tmp_path)


def test_all_formats_tell_the_same_answers(make_params, tmp_path):
    from cxlib.cleaning import clean

    frame = pd.DataFrame({"recommend": [9.0, 3.0, 10.0], "q1": [5.0, 9.0, 1.0], "q2": [4.0, 2.0, None]})
    frame.to_csv(tmp_path / "survey.csv", index=False)
    frame.to_csv(tmp_path / "survey.tsv", index=False, sep="\t")
    frame.to_parquet(tmp_path / "survey.parquet")
    frame.to_excel(tmp_path / "survey.xlsx", index=False)
    pyreadstat.write_sav(frame, tmp_path / "survey.sav")
    pyreadstat.write_dta(frame, str(tmp_path / "survey.dta"))
    tables = []
    for ending in ("csv", "tsv", "parquet", "xlsx", "sav", "dta"):
        params = make_params(f"survey.{ending}")
        cleaned = clean(read_responses(params, tmp_path), params, min_answered=0.0)
        tables.append(cleaned.answers.drop(columns="source"))
    for table in tables[1:]:
        pd.testing.assert_frame_equal(table, tables[0])
