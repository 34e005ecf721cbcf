"""Writing to the log: one record more and nothing else, whatever the file looks like and whoever writes at once."""

from __future__ import annotations

import csv
import io
import json
import random
import unicodedata
import zipfile
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from openpyxl.worksheet.table import Table as SheetTable
from support_actions import at_once, params

from cxlib.actions import read_actions
from cxlib.actions.safe_files import one_writer
from cxlib.actions.table import CORE
from cxlib.actions.write import NEEDED, add_action, log_path, missing_fields, stop_action, update_action
from cxlib.errors import ParamsError

TODAY, LATER = date(2026, 1, 5), date(2026, 2, 6)
FIELDS = {
    "factors": ["wait_told", "on_time"],
    "what": {"vi": "Báo trước thời gian chờ", "en": "Tell customers how long it takes"},
    "owner_role": "Trưởng phòng bán lẻ",
    "scope": {"store": ["S01", "S02"]},
    "comparison_because": "Thiếu người ở các cửa hàng khác",
    "scope_chosen_by": "volunteers",
    "start": "2026-02-01",
    "full_effect": "2026-03-01",
    "direction": "up",
    "smallest_worthwhile": 0.2,
    "look_on": ["2026-04-01", "2026-07-01"],
    "document": "bien-ban-01.pdf",
    "decided_by": "Ban giám đốc",
}
OLD = (
    "A1,wait_told,Biển báo thời gian,Trưởng phòng bán lẻ,all,everyone,2025-03-01,,doing,Khách yên tâm hơn,0.3,"
    "bien-ban.pdf,2025-02-10,,2025-02-12"
)


def text(sign: str = ",", end: str = "\n") -> str:
    return sign.join(CORE) + end + sign.join(OLD.split(",")) + end


def problems(call) -> str:
    with pytest.raises(ParamsError) as caught:
        call()
    return "\n".join(str(problem) for problem in caught.value.problems)


def test_a_new_log_begins_with_its_first_action(tmp_path):
    record = add_action(params(), tmp_path, FIELDS, TODAY)
    assert (record.id, record.status, record.recorded_on, record.line) == ("A1", "planned", TODAY, 2)
    assert record.what.en == "Tell customers how long it takes"
    assert record.scope.values("unit") == ("S01", "S02")
    assert record.look_on == (date(2026, 4, 1), date(2026, 7, 1))
    assert set(record.unsaid) == {"expected", "also"}
    assert read_actions(params(), tmp_path).records == (record,)
    assert (tmp_path / "actions.csv").read_bytes().startswith(b"\xef\xbb\xbf")  # Excel reads Vietnamese by it


def test_an_update_takes_the_last_record_over(tmp_path):
    add_action(params(), tmp_path, FIELDS, TODAY)
    before = (tmp_path / "actions.csv").read_bytes()
    record = update_action(params(), tmp_path, "A1", {"status": "doing", "also": "Tết"}, LATER)
    assert (record.status, record.also.vi, record.what.vi) == ("doing", "Tết", "Báo trước thời gian chờ")
    assert record.recorded_on == LATER
    assert (tmp_path / "actions.csv").read_bytes().startswith(before)
    stopped = stop_action(params(), tmp_path, "A1", {"vi": "Thiếu người", "en": "Too few people"}, date(2026, 3, 1))
    assert (stopped.status, stopped.stopped_because.en) == ("stopped", "Too few people")
    assert len(read_actions(params(), tmp_path).of("A1")) == 3


@pytest.mark.parametrize("sign", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize(
    ("encoding", "mark"),
    [
        ("utf-8", b""),
        ("utf-8", b"\xef\xbb\xbf"),
        ("utf-16-le", b"\xff\xfe"),
        ("utf-16-be", b"\xfe\xff"),
        ("cp1258", b""),
    ],
)
@pytest.mark.parametrize("last_line", ["ended", "open"])
def test_every_sign_of_the_file_stays_as_it_was(tmp_path, sign, end, encoding, mark, last_line):
    content = text(sign, end)
    if encoding == "cp1258":
        content = in_cp1258(content)
    raw = mark + (content if last_line == "ended" else content[: -len(end)]).encode(encoding)
    (tmp_path / "actions.csv").write_bytes(raw)
    update_action(params(), tmp_path, "A1", {"status": "done", "expected": "Khách được báo trước rõ"}, TODAY)
    after = (tmp_path / "actions.csv").read_bytes()
    assert after.startswith(raw)
    assert after.endswith(end.encode(encoding))
    assert after.count(end.encode(encoding)) == 3
    assert read_actions(params(), tmp_path).records[1].expected.vi == "Khách được báo trước rõ"
    add_action(params(), tmp_path, FIELDS, TODAY)  # needs columns that the file does not have
    after = (tmp_path / "actions.csv").read_bytes()
    assert after.startswith(mark)
    log = read_actions(params(), tmp_path)
    assert [record.id for record in log.records] == ["A1", "A1", "A2"]
    assert log.records[0].what.vi == "Biển báo thời gian"
    read = after[len(mark) :].decode(encoding)
    assert len({len(cells) for cells in csv.reader(io.StringIO(read, newline=""), delimiter=sign)}) == 1


def in_cp1258(content: str) -> str:
    """Vietnamese as Windows writes it: tone marks apart, but those of â ă ê ô ơ ư."""
    out = ""
    for letter in unicodedata.normalize("NFC", content):
        try:
            letter.encode("cp1258")
            out += letter
        except UnicodeEncodeError:
            base, *marks = unicodedata.normalize("NFD", letter)
            kept = next(mark for mark in ("\u0302", "\u0306", "\u031b", "") if mark in marks or not mark)
            out += unicodedata.normalize("NFC", base + kept) + "".join(mark for mark in marks if mark != kept)
    return out


def test_a_letter_that_an_old_encoding_lacks_is_named(tmp_path):
    raw = in_cp1258(text()).encode("cp1258")
    (tmp_path / "actions.csv").write_bytes(raw)
    said = problems(lambda: update_action(params(), tmp_path, "A1", {"what": "Sơ đồ 漢"}, TODAY))
    assert "no sign for '漢'" in said
    assert (tmp_path / "actions.csv").read_bytes() == raw


def test_cells_over_several_lines_and_quoted_headers_are_left_alone(tmp_path):
    header = ",".join(f'"{name}"' for name in CORE)
    old = OLD.replace("Khách yên tâm hơn", '"Khách ""yên tâm""\n hơn, thật"')
    (tmp_path / "actions.csv").write_text(f"\n{header}\n\n{old}\n,,,\n\n", "utf-8")
    add_action(params(), tmp_path, FIELDS, TODAY)
    log = read_actions(params(), tmp_path)
    assert log.records[0].expected.vi == 'Khách "yên tâm"\n hơn, thật'
    last = (tmp_path / "actions.csv").read_text("utf-8").splitlines()[-1]
    assert last.startswith('"A2","wait_told;on_time"')


@pytest.mark.parametrize("name", ["actions.csv", "actions.xlsx"])
@pytest.mark.parametrize(
    "said", ['=HYPERLINK("http://x","y")', "+1+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "'=1", "＝1"]
)
def test_no_spreadsheet_runs_a_text(tmp_path, name, said):
    client = params(actions=name)
    record = add_action(client, tmp_path, FIELDS | {"what": said, "also": said}, TODAY)
    assert record.what.vi == record.also.en == said
    record = update_action(client, tmp_path, "A1", {"status": "doing"}, LATER)
    assert record.what.vi == said
    if name.endswith("csv"):
        rows = list(csv.reader(io.StringIO((tmp_path / name).read_text("utf-8-sig"))))
        assert not any(cell.startswith(("=", "+", "-", "@", "＝")) for cells in rows for cell in cells)
    else:
        book = openpyxl.load_workbook(tmp_path / name)
        assert not any(cell.data_type == "f" for cells in book.active.iter_rows() for cell in cells)
        assert b"<f>" not in zipfile.ZipFile(tmp_path / name).read("xl/worksheets/sheet1.xml")


def workbook(path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Nhật ký"
    sheet.append(list(CORE))
    cells = dict(zip(CORE, OLD.split(","), strict=True))
    sheet.append(
        [date.fromisoformat(cell) if name in ("start", "recorded_on") else cell or None for name, cell in cells.items()]
    )
    sheet.column_dimensions["C"].width = 60
    sheet["C2"].font = openpyxl.styles.Font(bold=True)
    sheet.add_table(SheetTable(displayName="Log", ref=f"A1:{openpyxl.utils.get_column_letter(len(CORE))}2"))
    other = book.create_sheet("Ghi chú")
    other["B2"] = "=1+1"
    book.save(path)


def test_a_workbook_keeps_its_sheets_widths_days_and_table(tmp_path):
    workbook(tmp_path / "actions.xlsx")
    client = params(actions="actions.xlsx")
    add_action(client, tmp_path, FIELDS, TODAY)
    book = openpyxl.load_workbook(tmp_path / "actions.xlsx")
    sheet = book["Nhật ký"]
    assert book["Ghi chú"]["B2"].value == "=1+1"
    assert sheet.column_dimensions["C"].width == 60
    assert sheet["C3"].font.bold
    assert sheet["G3"].is_date
    assert sheet.cell(3, 1).value == "A2"
    table = sheet.tables["Log"]
    assert table.ref == f"A1:{openpyxl.utils.get_column_letter(sheet.max_column)}3"
    assert [column.name for column in table.tableColumns] == [cell.value for cell in sheet[1]]
    assert [record.id for record in read_actions(client, tmp_path).records] == ["A1", "A2"]


def test_a_workbook_with_formulas_or_parts_that_would_be_lost_is_left_alone(tmp_path):
    path, client = tmp_path / "actions.xlsx", params(actions="actions.xlsx")
    workbook(path)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/threadedComments/threadedComment1.xml", "<x/>")
    raw = path.read_bytes()
    assert "xl/threadedComments" in problems(lambda: add_action(client, tmp_path, FIELDS, TODAY))
    assert path.read_bytes() == raw
    workbook(path)
    book = openpyxl.load_workbook(path)
    book.active["C2"] = '="Biển"&" báo"'
    book.active["D2"] = "Trưởng phòng"
    book.save(path)
    assert "C2" in problems(lambda: add_action(client, tmp_path, FIELDS, TODAY)) or "what" in problems(
        lambda: add_action(client, tmp_path, FIELDS, TODAY)
    )


def test_everything_that_is_missing_is_said_at_once(tmp_path):
    said = problems(lambda: add_action(params(), tmp_path, {"what": "x"}, TODAY))
    for name in set(NEEDED) - {"what"}:
        assert f"'{name}' is missing" in said
    assert "'also' is missing" not in said
    assert not list(tmp_path.glob("actions*"))


def test_nobody_is_left_out_when_everyone_is_acted_on():
    assert "comparison_because" not in missing_fields({"scope": "all"})
    assert "comparison_because" in missing_fields({"scope": "store=S01"})
    assert "start" not in missing_fields({"starts": "S01=2026-01-05"})


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"owner_role": "Nguyễn Văn An"}, "person's name"),
        ({"decided_by": "Ms Parker"}, "person's name"),
        ({"also": "gọi 0912 345 678"}, "phone number"),
        ({"document": "javascript:alert(1)"}, "cannot be shown"),
        ({"factors": "wait_tod"}, "did you mean 'wait_told'"),
        ({"full_effect": "2026-01-01"}, "works in full before it starts"),
        ({"recorded_on": "2020-01-01"}, "'recorded_on' is not typed"),
        ({"drawn": "{}"}, "'drawn' is not typed"),
        ({"colour": "red"}, "'colour' is not known"),
        ({"what": ["a"]}, "'what' is no text"),
        ({"what": {"de": "x"}}, "'what' is no text"),
        ({"id": "A 7!"}, "no plain id"),
        ({"comparison": "store=S01"}, "is acted on and compared with"),
    ],
)
def test_a_wrong_record_is_refused_and_nothing_is_written(tmp_path, fields, said):
    (tmp_path / "actions.csv").write_text(text(), "utf-8")
    assert said in problems(lambda: add_action(params(), tmp_path, FIELDS | fields, TODAY))
    assert (tmp_path / "actions.csv").read_text("utf-8") == text()
    assert not list(tmp_path.glob(".*tmp*"))


def test_a_log_with_a_mistake_is_not_written_to(tmp_path):
    (tmp_path / "actions.csv").write_text(text().replace("doing", "dong"), "utf-8")
    said = problems(lambda: add_action(params(), tmp_path, FIELDS, TODAY))
    assert "'dong' is not known" in said
    assert "actions.csv:2 (status)" in said


def test_what_cannot_be_updated_is_said(tmp_path):
    assert "log is empty" in problems(lambda: update_action(params(), tmp_path, "A1", {"status": "done"}, TODAY))
    add_action(params(), tmp_path, FIELDS, TODAY)
    assert "did you mean 'A1'" in problems(lambda: update_action(params(), tmp_path, "a1", {"status": "done"}, LATER))
    assert "would change" in problems(lambda: update_action(params(), tmp_path, "A1", {"status": "planned"}, LATER))
    assert "id is never changed" in problems(lambda: update_action(params(), tmp_path, "A1", {"id": "A9"}, LATER))
    assert "earlier day" in problems(
        lambda: update_action(params(), tmp_path, "A1", {"status": "doing"}, date(2025, 1, 1))
    )
    assert "There is an action 'A1'" in problems(lambda: add_action(params(), tmp_path, FIELDS | {"id": "A1"}, LATER))
    assert "no action log" in problems(lambda: log_path(params(actions=None), tmp_path))
    assert "cannot be written" in problems(lambda: add_action(params(actions="log.ods"), tmp_path, FIELDS, TODAY))


def test_a_text_changed_in_one_language_does_not_leave_the_other_behind(tmp_path):
    (tmp_path / "actions.csv").write_text(
        text().replace("recorded_on", "recorded_on,what_en").replace("2025-02-12", "2025-02-12,Signs"), "utf-8"
    )
    said = problems(lambda: update_action(params(), tmp_path, "A1", {"what": "Việc khác"}, TODAY))
    assert "'what_en' still holds the old text" in said
    record = update_action(params(), tmp_path, "A1", {"what": "Việc khác", "what_en": "Another thing"}, TODAY)
    assert record.what.en == "Another thing"


@pytest.mark.parametrize("name", ["~$actions.csv", ".~lock.actions.csv#"])
def test_a_log_that_is_open_in_a_spreadsheet_is_not_written(tmp_path, name):
    (tmp_path / "actions.csv").write_text(text(), "utf-8")
    (tmp_path / name).write_text("", "utf-8")
    assert "open in a spreadsheet" in problems(lambda: add_action(params(), tmp_path, FIELDS, TODAY))


def test_a_linked_log_stays_a_link(tmp_path):
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared" / "log.csv").write_text(text(), "utf-8")
    (tmp_path / "actions.csv").symlink_to(tmp_path / "shared" / "log.csv")
    add_action(params(), tmp_path, FIELDS, TODAY)
    assert (tmp_path / "actions.csv").is_symlink()
    assert "A2" in (tmp_path / "shared" / "log.csv").read_text("utf-8")


def test_whoever_may_write_in_the_folder_may_take_the_lock(tmp_path):
    tmp_path.chmod(0o775)
    add_action(params(), tmp_path, FIELDS, TODAY)
    assert (tmp_path / ".actions.csv.lock").stat().st_mode & 0o777 == 0o664
    assert (tmp_path / ".actions.csv.lock").stat().st_size == 0


def test_a_writer_does_not_wait_for_ever(tmp_path, monkeypatch):
    monkeypatch.setattr("cxlib.actions.safe_files.WAIT_SECONDS", 0.1)
    with one_writer(tmp_path / "actions.csv"):
        assert "Someone else is writing" in problems(lambda: add_action(params(), tmp_path, FIELDS, TODAY))
    assert add_action(params(), tmp_path, FIELDS, TODAY).id == "A1"


def test_a_folder_that_is_not_there_is_named(tmp_path):
    said = problems(lambda: add_action(params(actions="gone/actions.csv"), tmp_path, FIELDS, TODAY))
    assert "cannot be written: No such file or directory" in said


@pytest.mark.parametrize("name", ["actions.csv", "actions.xlsx"])
def test_any_text_is_read_back_as_it_was_typed(tmp_path, name):
    chance = random.Random(3)
    signs = list("ab,;|\t\"'=+-@\n\r ệÀ\u00a0\u200b漢😀\x00\x07\ud800{}<>&\u2028")
    add_action(params(actions=name), tmp_path, FIELDS, TODAY)
    for _ in range(60 if name.endswith("csv") else 8):
        said = "".join(chance.choice(signs) for _ in range(12)) + "x"
        record = update_action(params(actions=name), tmp_path, "A1", {"also": said, "expected": f"y{said}"}, TODAY)
        plain = " ".join("".join(sign for sign in f"y{said}" if sign not in "\x00\x07\ud800").split())
        assert (f"y{record.also.vi}", record.expected.vi) in ((plain, plain), (plain.replace("y ", "y", 1), plain))
    assert len(read_actions(params(actions=name), tmp_path).records) == (61 if name.endswith("csv") else 9)


def test_ends_of_lines_of_old_macintoshes(tmp_path):
    (tmp_path / "actions.csv").write_bytes(text(end="\r").encode())
    add_action(params(), tmp_path, FIELDS, TODAY)
    assert b"\n" not in (tmp_path / "actions.csv").read_bytes()
    assert [record.id for record in read_actions(params(), tmp_path).records] == ["A1", "A2"]


ADD = (
    "import json\nfrom datetime import date\nfrom pathlib import Path\n"
    "from support_actions import params\nfrom cxlib.actions.write import add_action, update_action\n",
    """
folder, name, fields, day, writer = sys.argv[1:]
client, folder, day = params(actions=name), Path(folder), date.fromisoformat(day)
for number in range(2):
    added = add_action(client, folder, json.loads(fields) | {"what": f"Người ghi {writer}, việc {number}"}, day).id
    update_action(client, folder, added, {"also": f"việc {number}"}, day)
    print(added)
""",
)


@pytest.mark.parametrize("name", ["actions.csv", "actions.xlsx"])
def test_four_writers_at_once_lose_nothing(tmp_path, name):
    words = [str(tmp_path), name, json.dumps(FIELDS), str(TODAY)]
    ids = "".join(at_once(*ADD, [[*words, str(writer)] for writer in range(4)])).split()
    log = read_actions(params(actions=name), tmp_path)
    assert sorted(ids) == sorted({record.id for record in log.records})
    assert len(ids) == 8
    assert len(log.records) == 16
    assert {record.what.vi for record in log.records} == {
        f"Người ghi {writer}, việc {number}" for writer in range(4) for number in range(2)
    }
    for action in ids:
        assert [record.also is None for record in log.of(action)] == [True, False]
