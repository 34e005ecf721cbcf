"""csv and tsv: encodings, delimiters, quotes, ragged rows."""

from __future__ import annotations

import unicodedata

import pytest

from cxlib.errors import DataError
from cxlib.intake import read_responses

TEXT = "recommend,q1,q2,why\n9,5,4,Phục vụ rất tốt\n3,2,1,Chờ đợi quá lâu\n"
HARD = "recommend,q1,q2,why\n9,5,4,Nhân viên nhiệt tình và đúng hẹn\n3,2,1,Phải chờ đợi ở quầy hơn một giờ\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_unicode_encodings(make_params, write, encoding):
    read = read_responses(make_params(comments=["why"]), write(TEXT, encoding=encoding))
    assert list(read.table["why"]) == ["Phục vụ rất tốt", "Chờ đợi quá lâu"]
    assert list(read.table["referral"]) == ["9", "3"]


def to_cp1258(text: str) -> bytes:
    """Windows-1258 as Vietnamese programs write it: the vowel with its hat composed, the tone a sign of its own."""
    pieces = []
    for sign in text:
        marks = unicodedata.normalize("NFD", sign)
        tone = "".join(mark for mark in marks if mark in "\u0300\u0301\u0303\u0309\u0323")
        pieces.append(unicodedata.normalize("NFC", "".join(mark for mark in marks if mark not in tone)) + tone)
    return "".join(pieces).encode("cp1258")


def test_windows_1258_is_found_out(make_params, write):
    read = read_responses(make_params(comments=["why"]), write(to_cp1258(HARD)))
    assert list(read.table["why"]) == ["Nhân viên nhiệt tình và đúng hẹn", "Phải chờ đợi ở quầy hơn một giờ"]
    assert read.notes[0].encoding == "cp1258"


def test_latin_1_is_found_out(make_params, write):
    text = "recommend,q1,q2,why\n9,5,4,Très bon café à l'entrée\n3,2,1,Pas assez d'employés à la réception\n"
    read = read_responses(make_params(comments=["why"]), write(text, encoding="latin-1"))
    assert list(read.table["why"]) == ["Très bon café à l'entrée", "Pas assez d'employés à la réception"]


def test_utf_8_with_a_broken_sign_stays_utf_8(make_params, write):
    text = (TEXT + "7,3,3,Tạm được thôi\n" * 30).encode() + b"8,4,4,kh\xf4ng sao\n"
    read = read_responses(make_params(comments=["why"]), write(text))
    assert read.table["why"].iloc[1] == "Chờ đợi quá lâu"
    assert read.notes[0].encoding == "utf-8"
    assert read.notes[0].remarks


def test_declared_encoding_that_does_not_fit(make_params, write):
    folder = write(HARD.encode("utf-8"))
    with pytest.raises(DataError, match="not in the declared encoding"):
        read_responses(make_params(data={"encoding": "ascii"}), folder)
    with pytest.raises(DataError, match="is not known"):
        read_responses(make_params(data={"encoding": "utf-88"}), folder)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters(make_params, write, delimiter):
    lines = [
        ["recommend", "q1", "q2", "why"],
        ["9", "4,5" if delimiter != "," else "4", "2", "a; b"[: 4 * (delimiter != ";")]],
    ]
    folder = write("\n".join(delimiter.join(line) for line in lines) + "\n")
    read = read_responses(make_params(comments=["why"]), folder)
    assert read.notes[0].delimiter == delimiter
    assert read.table["food"].iloc[0] == lines[1][1]


def test_comma_decimals_do_not_mislead_the_delimiter(make_params, write):
    folder = write("recommend;q1;q2\n" + "9,0;4,0;2,0\n" * 20)
    assert list(read_responses(make_params(), folder).table["staff"].unique()) == ["2,0"]


def test_quoted_line_breaks_and_delimiters(make_params, write):
    folder = write('recommend,q1,q2,why\n9,5,4,"first, line\nsecond ""line"""\n3,2,1,plain\n')
    read = read_responses(make_params(comments=["why"]), folder)
    assert list(read.table["why"]) == ['first, line\nsecond "line"', "plain"]
    assert list(read.table["row"]) == [1, 2]


def test_separator_hint_of_spreadsheets(make_params, write):
    read = read_responses(make_params(), write("sep=;\r\nrecommend;q1;q2\r\n9;5;4\r\n"))
    assert list(read.table["referral"]) == ["9"]


def test_blank_lines_are_no_rows_but_keep_the_numbers(make_params, write):
    read = read_responses(make_params(), write("recommend,q1,q2\n9,5,4\n\n,,\n3,2,1\n\n"))
    assert list(read.table["row"]) == [1, 4]
    assert read.notes[0].rows == 2


def test_short_rows_are_blank_at_the_end_and_noted(make_params, write):
    read = read_responses(make_params(), write("recommend,q1,q2\n9,5\n3,2,1\n"))
    assert read.table["staff"].isna().tolist() == [True, False]
    assert "fewer cells" in read.notes[0].remarks[0]


def test_long_rows_are_named(make_params, write):
    with pytest.raises(DataError) as error:
        read_responses(make_params(), write("recommend,q1,q2\n9,5,4\n3,2,1,oops, more\n"))
    assert "data rows 2" in str(error.value)
    assert "oops" not in str(error.value)


def test_a_quotation_mark_never_closed(make_params, write):
    with pytest.raises(DataError, match="never closed"):
        read_responses(make_params(), write('recommend,q1,q2\n9,5,"4\n' + "3,2,1\n" * 200))


def test_trailing_delimiters(make_params, write):
    read = read_responses(make_params(), write("recommend,q1,q2,\n9,5,4,\n3,2,1,\n"))
    assert len(read.table) == 2


@pytest.mark.parametrize("text", ["", "\n\n  \n", "\ufeff"])
def test_empty_files(make_params, write, text):
    with pytest.raises(DataError):
        read_responses(make_params(), write(text))


def test_a_header_without_rows(make_params, write):
    with pytest.raises(DataError, match="no rows"):
        read_responses(make_params(), write("recommend,q1,q2\n"))


def test_a_workbook_called_csv(make_params, write):
    with pytest.raises(DataError, match=r"looks like \.xlsx"):
        read_responses(make_params(), write(b"PK\x03\x04rest of it"))
