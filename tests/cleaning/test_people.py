"""The day of an answer, and the same person from wave to wave, told without telling who it is."""

from __future__ import annotations

import pandas as pd
import pytest

from cxlib.cleaning.people import number_people
from cxlib.drivers import find_drivers

QUARTERS = {"column": "visited", "every": "quarter"}


def twice(good_rows, **more):
    """Sixteen rows: eight people, each in two quarters."""
    rows = {key: column * 2 for key, column in good_rows().items()}
    days = ["2025-02-01"] * 8 + ["2025-05-01"] * 8
    return {**rows, "id": [f"k{number:05d}" for number in range(91, 755, 83)] * 2, "visited": days, **more}


def test_day_and_person_stand_behind_the_wave(run, good_rows):
    cleaned = run(twice(good_rows), respondent="id", wave=QUARTERS)
    assert list(cleaned.answers)[:5] == ["row", "source", "wave", "day", "person"]
    assert list(cleaned.set_aside) == [*cleaned.answers, "rule"]
    assert cleaned.answers["day"].dtype.kind == "M"
    assert cleaned.answers["person"].dtype == "Int64"
    assert cleaned.answers["person"].tolist() == [*range(1, 9)] * 2
    assert cleaned.answers["day"].astype(str).unique().tolist() == ["2025-02-01", "2025-05-01"]
    assert not cleaned.answers.astype(str).isin(set(twice(good_rows)["id"])).any(axis=None)


def test_rows_set_aside_keep_day_and_person(run, good_rows):
    rows = twice(good_rows)
    for key in ("food", "staff", "price", "queue", "music"):
        rows[key][3] = "5"
    rows["id"][12] = "n/a"
    cleaned = run(rows, respondent="id", wave=QUARTERS)
    assert cleaned.set_aside["rule"].tolist() == ["straight_lining"]
    assert cleaned.set_aside["person"].tolist() == [4]
    assert cleaned.set_aside["day"].astype(str).tolist() == ["2025-02-01"]
    assert cleaned.answers["person"].isna().sum() == 1


@pytest.mark.parametrize(
    ("others", "columns"),
    [
        ({"wave": QUARTERS}, {"day"}),  # no respondent declared
        ({"wave": {"column": "period"}, "respondent": "id"}, {"person"}),  # waves with names
        ({"wave": {"column": "visited", "every": "year"}, "respondent": "id"}, {"day"}),  # one wave
        ({"wave": QUARTERS, "respondent": "number"}, {"day"}),  # rows numbered anew each wave
        ({"wave": QUARTERS, "respondent": "number", "panel": True}, {"day", "person"}),
        ({"wave": QUARTERS, "respondent": "id", "panel": False}, {"day"}),
        ({"wave": QUARTERS, "respondent": "visit"}, {"day"}),  # nobody comes again
    ],
)
def test_the_columns_are_there_only_when_they_tell_something(run, good_rows, others, columns):
    declared = {key: value for key, value in others.items() if key != "panel"}
    data = {"responses": "survey.csv", "panel": others.get("panel")}
    more = {"period": ["one"] * 8 + ["two"] * 8, "number": [*range(1, 9)] * 2, "visit": [f"v{n}" for n in range(16)]}
    cleaned = run(twice(good_rows, **more), {"duplicates": False}, data=data, **declared)
    assert {"day", "person"} & set(cleaned.answers) == columns


@pytest.mark.parametrize(
    ("one", "two", "found"),
    [
        (["1", "2", "3"], ["1", "2", "4"], False),  # both waves count from 1
        (["A-001", "A-002"], ["A-001", "A-002"], False),
        (["1001", "1007", "2030"], ["1001", "2030"], True),  # numbers of customers, few of them asked
        (["1", "2", "3"], ["2", "900", "1200"], True),  # the second wave does not count
        (["a1", "b2"], ["a1", "b2"], True),
    ],
)
def test_row_numbers_are_no_people(one, two, found):
    who = pd.Series([*one, *two], dtype="str")
    waves = pd.Series(["2024"] * len(one) + ["2025"] * len(two), dtype="str")
    assert (number_people(who, waves) is not None) == found
    assert number_people(who, waves, True) is not None
    assert number_people(who, waves, False) is None


def test_rows_without_a_wave_bring_nobody_back():
    who, waves = pd.Series(["ab", "ab", "cd"], dtype="str"), pd.Series(["2024", "", "2024"], dtype="str")
    assert number_people(who, waves) is None


def test_the_ledger_and_the_factor_test_do_not_see_them(run, small_params, good_rows):
    rows = {key: column * 12 for key, column in good_rows(9).items()}
    rows |= {"id": [f"k{number * 37}" for number in range(54)] * 2}
    rows |= {"visited": ["2025-02-01"] * 54 + ["2025-05-01"] * 54}
    rows |= {"quarter": ["2025-Q1"] * 54 + ["2025-Q2"] * 54}
    told = run(rows, respondent="id", wave=QUARTERS)
    plain = run(rows, wave={"column": "quarter"})
    assert {"day", "person"} <= set(told.answers)
    assert not {"day", "person"} & set(plain.answers)
    pd.testing.assert_frame_equal(told.ledger, plain.ledger)
    params = small_params(wave={"column": "quarter"})
    found = [
        find_drivers(cleaned.answers, params, set_aside=cleaned.set_aside, bootstrap=200) for cleaned in (told, plain)
    ]
    pd.testing.assert_frame_equal(found[0].table, found[1].table)


def test_saved_answers_read_back_with_their_days_and_people(tmp_path, run, good_rows):
    cleaned = run(twice(good_rows), respondent="id", wave=QUARTERS)
    cleaned.save(tmp_path / "kept")
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "kept" / "responses.parquet"), cleaned.answers)
