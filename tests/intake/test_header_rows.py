"""Exports with more than one header row, in the form their makers document, and columns that share a name."""

from __future__ import annotations

import pytest

from cxlib.errors import DataError
from cxlib.intake import read_responses
from cxlib.intake.formats import open_file

QUALTRICS = (
    '"StartDate","IPAddress","ResponseId","Q1","Q2_1","Q2_2"\n'
    '"Start Date","IP Address","Response ID","How likely are you to <b>recommend</b> us?",'
    '"How satisfied are you with...\n\n- The food","How satisfied are you with...\n\n- The staff"\n'
    '"{""ImportId"":""startDate"",""timeZone"":""Asia/Bangkok""}","{""ImportId"":""ipAddress""}",'
    '"{""ImportId"":""_recordId""}","{""ImportId"":""QID1""}","{""ImportId"":""QID2_1""}","{""ImportId"":""QID2_2""}"\n'
    '"2025-03-04 09:10:11","10.0.0.1","R_1","9","5","4"\n"2025-03-05 09:10:11","10.0.0.2","R_2","3","2","1"\n'
)
MONKEY = (
    "Respondent ID,Date Created,How likely is it that you would recommend us?,How satisfied are you with,,,Why?\n"
    ",,Response,The food,The staff,The price,Open-Ended Response\n"
    "118,03/24/2025 10:15:00 AM,9,5,4,3,good\n\n119,03/25/2025 10:15:00 AM,2,1,2,3,\n"
)


def test_qualtrics_names_are_those_of_the_first_row(write):
    opened = open_file(write(QUALTRICS) / "survey.csv", "survey.csv")
    assert opened.names == ("StartDate", "IPAddress", "ResponseId", "Q1", "Q2_1", "Q2_2")
    assert opened.wording[3] == "How likely are you to recommend us?"
    assert opened.wording[5] == "How satisfied are you with... - The staff"
    taken = opened.take([3, 5])
    assert list(taken.rows) == [1, 2]
    assert [list(cells) for cells in taken.cells] == [["9", "3"], ["4", "1"]]


def test_qualtrics_without_identifiers(write):
    two = QUALTRICS.split('"{""ImportId""', 1)
    opened = open_file(write(two[0] + two[1].split("\n", 1)[1]) / "survey.csv", "survey.csv")
    assert opened.header_rows == 2
    assert opened.wording[3] == "How likely are you to recommend us?"
    assert list(opened.take([2]).cells[0]) == ["R_1", "R_2"]


def test_surveymonkey_names_are_question_and_option(write):
    opened = open_file(write(MONKEY) / "survey.csv", "survey.csv")
    assert opened.names == (
        "Respondent ID",
        "Date Created",
        "How likely is it that you would recommend us?",
        "How satisfied are you with [The food]",
        "How satisfied are you with [The staff]",
        "How satisfied are you with [The price]",
        "Why?",
    )
    taken = opened.take([0, 3])
    assert list(taken.rows) == [1, 3]  # as a spreadsheet would show them, counted from the last header row
    assert list(taken.cells[0]) == ["118", "119"]


def test_surveymonkey_whose_last_question_has_options(write):
    text = "Respondent ID,Collector ID,Rate,,\n,,one,two,three\n1,7,5,4,3\n"
    opened = open_file(write(text) / "survey.csv", "survey.csv")
    assert opened.names[2:] == ("Rate [one]", "Rate [two]", "Rate [three]")


def test_surveymonkey_in_vietnamese_with_one_column_a_question(write):
    text = "ID người trả lời,Bạn bao nhiêu tuổi?,Vì sao?\n,Phản hồi,Phản hồi mở\n1,30,vui\n"
    opened = open_file(write(text) / "survey.csv", "survey.csv")
    assert opened.names == ("ID người trả lời", "Bạn bao nhiêu tuổi?", "Vì sao?")
    assert list(opened.take([0]).cells[0]) == ["1"]


def test_the_same_from_a_workbook(tmp_path):
    from openpyxl import Workbook

    book = Workbook()
    for row in (["Respondent ID", "Rate", None, None], [None, "one", "two", "three"], [1, 5, 4, 3]):
        book.active.append(row)
    book.save(tmp_path / "survey.xlsx")
    opened = open_file(tmp_path / "survey.xlsx", "survey.xlsx")
    assert opened.names == ("Respondent ID", "Rate [one]", "Rate [two]", "Rate [three]")
    assert [list(cells) for cells in opened.take([1, 3]).cells] == [[5.0], [3.0]]


@pytest.mark.parametrize(
    "text",
    [
        "id,recommend,q1\n,9,5\n2,8,4\n",  # a blank first cell alone
        "id,note,,x\n,see below,,\n1,9,5,4\n",
        "a,b,c\nResponse,x,y\n1,2,3\n",
        "id,why,who,where\n,trả lời,khách,quầy\n2,chờ lâu,khách,quầy\n",  # one answer that is such a word
    ],
)
def test_one_header_row_stays_one(write, text):
    assert open_file(write(text) / "survey.csv", "survey.csv").header_rows == 1


def test_questions_are_read_by_their_joined_names(make_params, write):
    asked = "How satisfied are you with [{}]"
    params = make_params().model_dump(mode="json")
    params["outcomes"]["referral"]["column"] = "How likely is it that you would recommend us?"
    params["factors"]["food"]["column"] = asked.format("The food")
    params["factors"]["staff"]["column"] = asked.format("The staff")
    read = read_responses(type(make_params()).model_validate(params), write(MONKEY))
    assert list(read.table["staff"]) == ["4", "2"]
    assert "2 header rows" in read.notes[0].remarks[-1]


def test_columns_that_share_a_name_are_numbered(make_params, write):
    factors = {"food": "Rate (1)", "staff": "Rate (2)"}
    label = {"vi": "a", "en": "b"}
    asked = {key: {"column": column, "scale": [1, 5], "label": label} for key, column in factors.items()}
    read = read_responses(make_params(factors=asked), write("recommend,Rate,Rate\n9,5,4\n"))
    assert (list(read.table["food"]), list(read.table["staff"])) == (["5"], ["4"])
    asked["food"]["column"] = "Rate"
    with pytest.raises(DataError, match=r"write 'Rate \(1\)' for the first"):
        read_responses(make_params(factors=asked), write("recommend,Rate,Rate\n9,5,4\n"))
