"""Waves from a column, and dates cut into periods."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from cxlib.errors import DataError
from cxlib.intake import read_responses
from cxlib.intake.waves import cut_dates, name_waves


def cut(cells, every="month"):
    return cut_dates(np.array(cells, dtype=object), every, "survey.csv, column 'day'")


@pytest.mark.parametrize(
    ("every", "expected"), [("year", "2025"), ("quarter", "2025-Q1"), ("month", "2025-02"), ("week", "2025-W07")]
)
def test_periods(every, expected):
    assert cut(["2025-02-14"], every).wave.tolist() == [expected]


def test_iso_weeks_belong_to_the_year_of_their_thursday():
    assert cut(["2024-12-30", "2021-01-03"], "week").wave.tolist() == ["2025-W01", "2020-W53"]


@pytest.mark.parametrize(
    "cell",
    [
        "2025-03-04",
        "2025/3/4",
        "2025-03-04T10:15:00Z",
        "2025-03-04 10:15:00.123 +07:00",
        "4 Mar 2025",
        "04-March-25",
        "March 4, 2025",
        "ngày 4 tháng 3 năm 2025",
        "4 thg 3, 2025",
        "20250304",
        45720,
        "45720.5",
        dt.date(2025, 3, 4),
        dt.datetime(2025, 3, 4, 9),
        pd.Timestamp("2025-03-04 09:00", tz="Asia/Ho_Chi_Minh"),
    ],
)
def test_ways_of_writing_a_date(cell):
    read = cut([cell], "week")
    assert read.wave.tolist() == ["2025-W10"]
    assert read.dates[0].astype("datetime64[D]") == np.datetime64("2025-03-04")


def test_day_first_and_month_first_are_found_out_from_the_column():
    assert cut(["03/04/2025", "25/04/2025"]).wave.tolist() == ["2025-04", "2025-04"]
    assert cut(["03/04/2025", "04/25/2025"]).wave.tolist() == ["2025-03", "2025-04"]
    assert cut(["3.4.25 14:30", "25.4.25 2:30 PM"]).wave.tolist() == ["2025-04", "2025-04"]


def test_ambiguous_dates_are_a_problem_only_when_it_matters():
    problem = cut(["03/04/2025", "05/06/2025"]).problems[0]
    assert "column 'day'" in problem.where
    assert "yyyy-mm-dd" in problem.how
    assert not cut(["03/04/2025", "05/06/2025"], "year").problems
    assert not cut(["03/03/2025"]).problems
    assert "some dates with the day first" in cut(["13/04/2025", "04/13/2025"]).problems[0].what


def test_a_few_unreadable_dates_have_no_wave_and_many_are_a_problem():
    read = cut(["2025-01-01", "2025-02-31", "soon", None, "2025-01-05", "2025-01-06"])
    assert read.wave.tolist() == ["2025-01", "", "", "", "2025-01", "2025-01"]
    assert not read.problems
    assert "are not dates" in cut(["Q1", "Q2", "2025-01-01"]).problems[0].what
    assert not cut([None, None]).problems


def test_years_and_months_alone():
    assert cut([2024, "2025"], "year").wave.tolist() == ["2024", "2025"]
    assert cut(["2024-11"], "quarter").wave.tolist() == ["2024-Q4"]


def test_waves_named_by_a_column():
    assert name_waves(np.array([1.0, 2.0, np.nan]), {}, "x").wave.tolist() == ["1", "2", ""]
    labels = {1.0: "Wave 1", 2.0: "Wave 2"}
    assert name_waves(np.array([1.0, 2.0]), labels, "x").wave.tolist() == ["Wave 1", "Wave 2"]
    out_of_order = {1.0: "July", 2.0: "August"}
    assert name_waves(np.array([1.0, 2.0]), out_of_order, "x").wave.tolist() == ["1", "2"]


def test_dates_without_every_are_named():
    days = np.array([f"2025-{1 + n // 28:02d}-{1 + n % 28:02d}" for n in range(100)], dtype=object)
    problem = name_waves(days, {}, "x").problems[0]
    assert "wave.every" in problem.how


def test_made_on_is_the_latest_date(make_params, write):
    folder = write("recommend,q1,q2,day\n9,5,4,31/01/2025\n9,5,4,02/02/2025\n9,5,4,\n")
    read = read_responses(make_params(wave={"column": "day", "every": "month"}), folder)
    assert read.made_on == dt.date(2025, 2, 2)
    assert list(read.table["wave"]) == ["2025-01", "2025-02", ""]


def test_ambiguous_dates_stop_the_reading(make_params, write):
    folder = write("recommend,q1,q2,day\n9,5,4,01/02/2025\n")
    with pytest.raises(DataError, match="day first or with the month first"):
        read_responses(make_params(wave={"column": "day", "every": "month"}), folder)


@pytest.mark.parametrize(
    ("cells", "every", "days"),
    [
        (["2025-02-14 23:59", None, "n/a", "2025-02-15"], "quarter", ["2025-02-14", "NaT", "NaT", "2025-02-15"]),
        (["2025-02-14", "2025-03"], "month", ["2025-02-14", "NaT"]),
        (["2025", 2025, 2025.0], "year", ["NaT", "NaT", "NaT"]),
        ([45720, "45720.5"], "year", ["2025-03-04", "2025-03-04"]),
        ([dt.datetime(2025, 3, 4, 9), dt.date(2025, 3, 4)], "week", ["2025-03-04", "2025-03-04"]),
        (["25/04/2025", "03/04/2025"], "quarter", ["2025-04-25", "2025-04-03"]),
        # either reading is in the first quarter: the wave is known, the day is not
        (["01/02/2025", "02/02/2025"], "quarter", ["NaT", "2025-02-02"]),
    ],
)
def test_a_day_is_told_only_where_it_is_known(cells, every, days):
    read = cut(cells, every)
    assert read.days.astype("datetime64[D]").astype(str).tolist() == days
    assert read.days.dtype == read.dates.dtype


def test_a_date_that_names_a_wave_is_not_the_day_of_an_answer():
    read = name_waves(np.array([dt.date(2025, 3, 1)] * 3, dtype=object), {}, "survey.csv")
    assert not np.isnat(read.dates).any()
    assert np.isnat(read.days).all()


def test_days_of_files_with_and_without_dates(write, make_params):
    write("q1,q2,recommend,day\n1,2,3,2025-03-04\n2,3,4,\n", "a.csv")
    folder = write("q1,q2,recommend\n1,2,3\n", "b.csv")
    waves = {"column": "day", "every": "quarter"}
    params = make_params([{"file": "a.csv"}, {"file": "b.csv"}], wave=waves)
    one_is_named = params.data.responses[1].model_copy(update={"wave": "2024"})
    params = params.model_copy(
        update={"data": params.data.model_copy(update={"responses": (params.data.responses[0], one_is_named)})}
    )
    assert read_responses(params, folder).days.tolist() == [pd.Timestamp("2025-03-04"), pd.NaT, pd.NaT]
