"""The action log: read in every encoding and kind of file, and every mistake named at once with its line."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import openpyxl
import pytest
from support_findings import HEADER, LOG, params, read_log

from cxlib.actions import ActionLog, read_actions
from cxlib.errors import ParamsError

FULL = (
    "id,factors,what,owner_role,scope,scope_chosen_by,start,due,status,expected,smallest_worthwhile,document,decided_on,"
    "stopped_because,recorded_on"
)
GOOD = {
    "id": "A1",
    "factors": "wait_told",
    "what": "Báo trước thời gian chờ",
    "owner_role": "Trưởng phòng bán lẻ",
    "scope": "all",
    "scope_chosen_by": "everyone",
    "start": "2025-03-01",
    "due": "2025-06-30",
    "status": "doing",
    "expected": "Khách hài lòng hơn",
    "smallest_worthwhile": "0.3",
    "document": "bien-ban.pdf",
    "decided_on": "2025-02-10",
    "stopped_because": "",
    "recorded_on": "2025-02-12",
}


def line(**changes: str) -> str:
    cells = GOOD | changes
    return ",".join(f'"{cells[name]}"' for name in FULL.split(","))


def text(*lines: str) -> str:
    return "\n".join((FULL, *lines)) + "\n"


def problems(content: str) -> list[str]:
    with pytest.raises(ParamsError) as caught:
        read_log(content)
    assert caught.value.exit_code == 2
    return [str(problem) for problem in caught.value.problems]


def test_the_sample_log_is_read():
    log = read_log(LOG)
    assert len(log.records) == 7
    state, records = log.latest()["A1"]
    assert (state.status, records, state.recorded_on) == ("doing", 2, date(2025, 7, 2))
    assert state.scope.values("unit") == ("S01", "S02", "S03", "S04", "S05", "S06")
    assert state.what.vi == "Sáu cửa hàng báo trước thời gian chờ"
    assert state.what.en == "Six stores tell the waiting time"
    assert state.document == "https://example.com/minutes/12"
    assert list(log.latest()) == ["A1", "A2", "A3", "A4", "A5", "A6"]
    assert log.latest()["A4"][0].scope_chosen_by == "worst in 2025-Q1"
    assert log.latest()["A3"][0].scope.chosen == (("region", ("Miền Nam",)),)
    assert log.latest()["A5"][0].scope.everyone


def test_a_text_written_once_stands_in_both_languages():
    record = read_log(text(line())).records[0]
    assert record.what.vi == record.what.en == "Báo trước thời gian chờ"
    assert record.smallest_worthwhile == 0.3


def test_no_log_and_a_header_alone_are_empty(tmp_path):
    assert read_actions(params(actions=None), tmp_path) == ActionLog()
    assert read_log(FULL + "\n") == ActionLog()
    assert read_log(FULL + "\n\n,,,\n") == ActionLog()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1258"])
def test_encodings_of_vietnamese_programs(tmp_path, encoding):
    import unicodedata

    content = text(line())
    if encoding == "cp1258":  # marks are signs of their own there, all but those of â ă ê ô ơ ư đ
        kept = set("âăêôơưđÂĂÊÔƠƯĐ")
        content = "".join(sign if sign in kept else _parted(sign, kept, unicodedata) for sign in content)
    (tmp_path / "actions.csv").write_bytes(content.encode(encoding))
    record = read_actions(params(), tmp_path).records[0]
    assert record.what.vi == "Báo trước thời gian chờ"
    assert record.owner_role.vi == "Trưởng phòng bán lẻ"


def _parted(sign: str, kept: set[str], unicodedata) -> str:
    parts = unicodedata.normalize("NFD", sign)
    for base in kept:
        marks = unicodedata.normalize("NFD", base)
        if len(marks) > 1 and parts.startswith(marks[0]) and marks[1] in parts:
            return base + "".join(mark for mark in parts[1:] if mark != marks[1])
    return parts


@pytest.mark.parametrize("sign", [";", "\t"])
def test_other_delimiters(tmp_path, sign):
    cells = GOOD | {"factors": "wait_told;on_time"}
    rows = [FULL.split(","), [cells[name] for name in FULL.split(",")]]
    (tmp_path / "actions.csv").write_text("\n".join(sign.join(f'"{cell}"' for cell in row) for row in rows), "utf-8")
    assert read_actions(params(), tmp_path).records[0].factors == ("wait_told", "on_time")


def test_xlsx_with_real_days_and_numbers(tmp_path):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(FULL.split(","))
    cells = {**GOOD, "id": 7, "start": date(2025, 3, 1), "smallest_worthwhile": 0.25, "recorded_on": date(2025, 3, 2)}
    sheet.append([])
    sheet.append([cells[name] for name in FULL.split(",")])
    book.save(tmp_path / "actions.xlsx")
    record = read_actions(params(actions="actions.xlsx"), tmp_path).records[0]
    assert (record.id, record.start, record.recorded_on, record.line) == ("7", date(2025, 3, 1), date(2025, 3, 2), 3)
    assert record.smallest_worthwhile == 0.25


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("log.xlsx", b"no workbook"),
        ("log.pdf", b"%PDF"),
        ("log.csv", b""),
        ("log.csv", b"\xff\xfe\x00\xd8"),
        ("gone.csv", None),
    ],
)
def test_files_that_cannot_be_read_are_named(tmp_path, name, content):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(ParamsError) as caught:
        read_actions(params(actions=name), tmp_path)
    assert name in caught.value.problems[0].where


@pytest.mark.parametrize(
    ("change", "said", "mend"),
    [
        ({"factors": "wait_tod"}, "The factor 'wait_tod' is not known", "did you mean 'wait_told'"),
        ({"factors": ""}, "No factor is named", "parted by ';'"),
        ({"status": "finished"}, "The status 'finished' is not known", "planned, doing, done, stopped, none"),
        ({"status": "plan"}, "The status 'plan' is not known", "did you mean 'planned'"),
        ({"status": ""}, "The status is missing", ""),
        ({"start": "31/03/2025"}, "'start' is no day", "2026-03-31"),
        ({"due": "2025-02-30"}, "'due' is no day", ""),
        ({"recorded_on": ""}, "'recorded_on' is missing", ""),
        ({"recorded_on": "0025-02-12"}, "'recorded_on' is no day", ""),
        ({"due": "2025-02-01"}, "due before it starts", ""),
        ({"decided_on": "2025-05-01"}, "decided after it was recorded", ""),
        ({"start": ""}, "has a first day", ""),
        ({"scope": "shop=S1"}, "The column 'shop' is neither the unit nor a segment", "known here"),
        ({"scope": "regoin=bac"}, "The column 'regoin'", "did you mean 'region'"),
        ({"scope": "store="}, "names no value", ""),
        ({"scope": "S01;S02"}, "'S01' is no column=value pair", "store=S07"),
        ({"scope": ""}, "The scope is missing", "'all'"),
        ({"scope_chosen_by": "lottery"}, "'lottery' is no way of choosing", "random"),
        ({"scope_chosen_by": ""}, "not said how the scope was chosen", "random"),
        ({"status": "stopped"}, "stopped and no reason", ""),
        ({"status": "none"}, "needs its reason", "stopped_because"),
        ({"status": "none", "stopped_because": "x", "due": ""}, "needs a day to decide again", ""),
        ({"owner_role": ""}, "No role answers", "Head of stores"),
        ({"owner_role": "Nguyễn Văn An"}, "seems to be a person's name", "small letters"),
        ({"owner_role": "Ms Parker"}, "seems to be a person's name", "role"),
        ({"what": ""}, "'what' is missing", ""),
        ({"what": "x" * 700}, "longer than 600", ""),
        ({"what": "Gọi 0912 345 678"}, "e-mail address or a phone number", "role"),
        ({"expected": "ask an@example.com"}, "e-mail address or a phone number", ""),
        ({"smallest_worthwhile": "much"}, "no number above 0", "0.2"),
        ({"smallest_worthwhile": "-1"}, "no number above 0", ""),
        ({"smallest_worthwhile": "nan"}, "no number above 0", ""),
        ({"document": "javascript:alert(1)"}, "cannot be shown", "https://"),
        ({"document": "../../secret.pdf"}, "leaves the folder", "relative"),
        ({"id": "A 1!"}, "no plain id", ""),
    ],
)
def test_every_mistake_has_its_line_and_a_way_out(change, said, mend):
    found = problems(text(line(), line(id="B2", recorded_on="2025-02-13"), line(**{"id": "C3", **change})))
    assert [item for item in found if said in item], found
    assert all("actions.csv:4" in item for item in found)
    assert mend in " ".join(found)


def test_all_mistakes_are_named_at_once_in_the_order_of_lines():
    found = problems(
        text(
            line(factors="nope", status="odd"),
            line(id="B", owner_role="John Smith"),
            line(id="C", start="soon", scope="x"),
        )
    )
    assert len(found) == 5
    assert [item.split("actions.csv:")[1][0] for item in found] == ["2", "2", "3", "4", "4"]


def test_a_duplicate_record_and_an_older_day_below_a_newer_one():
    twice = problems(text(line(), line()))
    assert "the same as line 2" in twice[0]
    older = problems(text(line(recorded_on="2025-03-05"), line(status="done", recorded_on="2025-03-01")))
    assert "earlier day below a later one (line 2)" in older[0]
    assert "actions.csv:3" in older[0]


def test_two_records_of_one_day_are_allowed_and_the_lower_one_counts():
    log = read_log(text(line(status="planned"), line(status="doing")))
    assert log.latest()["A1"][0].status == "doing"


def test_a_record_with_line_breaks_keeps_the_right_line_number():
    found = problems(text(line(what="one\ntwo\nthree"), line(id="B", factors="nope")))
    assert "actions.csv:5" in found[0]


@pytest.mark.parametrize(
    ("header", "said"),
    [
        (FULL.replace("status", "stutus"), "The column 'status' is missing"),
        (FULL.replace("status", "stutus"), "did you mean 'status'"),
        (FULL + ",note", "The column 'note' is not known"),
        (FULL + ",what", "stands twice"),
    ],
)
def test_the_header_is_checked(header, said):
    assert said in " ".join(problems(header + "\n"))


def test_a_comma_in_a_text_without_quotes_is_found():
    assert "more cells than the header" in problems(text(line() + ",left over"))[0]


def test_the_header_of_the_sample_is_made_of_known_columns():
    assert read_log(HEADER + "\n") == ActionLog()


def test_the_demo_and_the_real_surveys_have_logs_that_can_be_read(root):
    from cxlib.params import load_params

    for folder in ("params/demo", "tests/real/sfo", "tests/real/mobiles"):
        assert read_actions(load_params(Path(root) / folder), Path(root) / folder).records
