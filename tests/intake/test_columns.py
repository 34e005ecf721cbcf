"""Column names, several files, and every problem at once."""

from __future__ import annotations

import pytest

from cxlib.errors import DataError
from cxlib.intake import read_responses

GOOD = "recommend,q1,q2\n9,5,4\n3,2,1\n"


def test_nothing_but_the_declared_columns_is_kept(make_params, write):
    folder = write("recommend,q1,q2,phone,age\n9,5,4,0903123456,31\n")
    assert list(read_responses(make_params(), folder).table) == ["row", "source", "wave", "referral", "food", "staff"]


def test_no_wave_declared_is_one_wave(make_params, write):
    assert set(read_responses(make_params(), write(GOOD)).table["wave"]) == {"1"}


def test_names_match_without_case_and_white_space_when_unique(make_params, write):
    read = read_responses(make_params(), write(" Recommend ,Q1,q2\n9,5,4\n"))
    assert list(read.table["referral"]) == ["9"]
    exact = read_responses(make_params(), write("recommend,q1,Q1,q2\n9,5,1,4\n"))
    assert list(exact.table["food"]) == ["5"]


def test_two_columns_of_a_name_are_a_problem_only_when_used(make_params, write):
    assert len(read_responses(make_params(), write("recommend,q1,q2,x,x\n9,5,4,1,1\n")).table) == 1
    with pytest.raises(DataError, match="2 columns are called 'q1'"):
        read_responses(make_params(), write("recommend,q1,q1,q2\n9,5,4,1\n"))
    with pytest.raises(DataError, match="2 columns are called 'q1'"):
        read_responses(make_params(), write("recommend,Q1,Q1 ,q2\n9,5,4,1\n"))


def test_an_absent_column_names_the_nearest(make_params, write):
    with pytest.raises(DataError) as error:
        read_responses(make_params(), write("recomend,q1,q_2\n9,5,4\n"))
    text = str(error.value)
    assert "'recommend' (referral)" in text
    assert "'recomend'" in text
    assert "'q_2'" in text
    assert len(error.value.problems) == 2


def test_every_problem_of_every_file_at_once(make_params, write, tmp_path):
    write(GOOD, "a.csv")
    write("recommend,q1,q1,q2\n9,5,5,4\n", "b.csv")
    write("", "c.csv")
    write(GOOD, "d.doc")
    files = [{"file": name, "wave": name} for name in ("a.csv", "b.csv", "c.csv", "d.doc", "a.cvs")]
    files[0]["columns"] = {"food": "q9"}
    with pytest.raises(DataError) as error:
        read_responses(make_params(files), tmp_path)
    places = [problem.where for problem in error.value.problems]
    assert {"a.csv", "b.csv, columns 2, 3", "c.csv", "d.doc"} <= set(places)
    assert len(places) == 5


def test_a_factor_not_asked_in_one_wave(make_params, write, tmp_path):
    write(GOOD, "a.csv")
    write("recommend,q1\n9,5\n", "b.csv")
    read = read_responses(make_params([{"file": "a.csv", "wave": 2024}, {"file": "b.csv", "wave": 2025}]), tmp_path)
    assert read.asked["staff"] == {"2024"}
    assert read.asked["food"] == {"2024", "2025"}
    assert read.notes[1].not_asked == ("staff",)
    assert read.table["staff"].isna().tolist() == [False, False, True]


def test_each_file_has_its_own_names_and_id_means_respondent(make_params, write, tmp_path):
    write("*RESP,recommend,q1,q2\n7,9,5,4\n", "a.csv")
    write("RESP,recommend,food_b,q2\n7,9,3,4\n", "b.csv")
    files = [
        {"file": "a.csv", "wave": "1", "columns": {"id": "*RESP"}},
        {"file": "b.csv", "wave": "2", "columns": {"food": "food_b"}},
    ]
    read = read_responses(make_params(files, respondent="RESP"), tmp_path)
    assert list(read.table["respondent"]) == ["7", "7"]
    assert list(read.table["food"]) == ["5", "3"]


def test_two_questions_may_not_read_one_column(make_params, write):
    files = [{"file": "survey.csv", "columns": {"staff": "q1"}}]
    with pytest.raises(DataError, match="is read for food and staff"):
        read_responses(make_params(files), write(GOOD))


def test_a_comment_column_with_a_taken_name(make_params, write):
    with pytest.raises(DataError, match="used for something else"):
        read_responses(make_params(comments=["wave"]), write("recommend,q1,q2,wave\n9,5,4,hello\n"))


def test_a_missing_file_names_those_beside_it(make_params, write):
    with pytest.raises(DataError, match=r"survey\.csv"):
        read_responses(make_params("survay.csv"), write(GOOD))


def test_no_answer_in_a_message(make_params, write):
    folder = write("recommend,q1,q2\nSECRET,SECRET,SECRET,SECRET\n")
    with pytest.raises(DataError) as error:
        read_responses(make_params(), folder)
    assert "SECRET" not in str(error.value)
