"""The history of the log: what a run has seen stays known, whatever is done to the file afterwards."""

from __future__ import annotations

import csv
import json
import random
import shutil
import stat
import subprocess
import sys
import tempfile
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from support_actions import at_once, params

from cxlib.actions.chain import HistoryNotes, Seen, chain_path, read_notes, seal_log
from cxlib.actions.table import CORE
from cxlib.errors import ParamsError

HEADER = list(CORE)
FIRST, LATER, LAST = date(2025, 8, 1), date(2025, 9, 1), date(2025, 10, 1)
CHAIN = "actions.csv.history.jsonl"


def row(action: str, recorded_on: str, **cells: str) -> dict[str, str]:
    return dict.fromkeys(HEADER, "") | {
        "id": action,
        "factors": "wait_told",
        "what": f"Báo trước thời gian chờ ({action})",
        "owner_role": "Trưởng phòng bán lẻ",
        "scope": "store=S01;store=S02",
        "scope_chosen_by": "random",
        "start": "2025-07-01",
        "status": "planned",
        "smallest_worthwhile": "0.20",
        "recorded_on": recorded_on,
        **cells,
    }


ROWS = [
    row("A1", "2025-06-01"),
    row("A2", "2025-06-02", factors="on_time", scope="all", scope_chosen_by="everyone"),
    row("A1", "2025-07-01", status="doing"),
    row("A1", "2025-07-01", status="doing", due="2025-12-31"),
]


def write(folder: Path, rows: list[dict[str, str]], header=HEADER, **how) -> None:
    with (folder / "actions.csv").open("w", newline="", encoding=how.pop("encoding", "utf-8")) as stream:
        writer = csv.DictWriter(stream, header, **how)
        writer.writeheader()
        writer.writerows(rows)


def seal(folder: Path, day: date = LATER, name: str = "actions.csv", latest: Seen | None = None) -> HistoryNotes:
    return seal_log(params(actions=name), folder, day, latest=latest)


def kinds(notes: HistoryNotes) -> list[tuple[str, str]]:
    return [(note.kind, note.action) for note in notes.notes]


@pytest.fixture
def sealed(tmp_path) -> Path:
    write(tmp_path, ROWS)
    assert seal(tmp_path, FIRST).notes == ()
    return tmp_path


def test_each_record_is_sealed_once_and_again_changes_no_byte(sealed):
    lines = [json.loads(line) for line in (sealed / CHAIN).read_text("utf-8").splitlines()]
    assert [line["n"] for line in lines] == [1, 2, 3, 4]
    assert {line["sealed_on"] for line in lines} == {"2025-08-01"}
    before = (sealed / CHAIN).read_bytes()
    again = seal(sealed, LATER)
    assert (sealed / CHAIN).read_bytes() == before
    assert again == HistoryNotes((), lines[-1]["sha256"])


def test_a_new_record_is_sealed_below_the_others(sealed):
    head = seal(sealed).head
    write(sealed, [*ROWS, row("A1", "2025-08-20", status="done")])
    notes = seal(sealed)
    assert notes.notes == ()
    assert notes.head != head
    assert json.loads((sealed / CHAIN).read_text("utf-8").splitlines()[-1])["sealed_on"] == "2025-09-01"


@pytest.mark.parametrize("kind", ["edited", "removed", "inserted", "moved", "late"])
def test_a_change_of_the_past_is_seen_once_and_stays_known(sealed, kind):
    rows = [dict(item) for item in ROWS]
    if kind == "edited":
        rows[0]["scope_chosen_by"] = "volunteers"
    elif kind == "removed":
        del rows[2]
    elif kind == "inserted":
        rows.insert(0, row("A1", "2025-05-01", status="planned", what="Một việc khác hẳn", scope="all", document="x"))
    elif kind == "moved":
        rows[2], rows[3] = rows[3], rows[2]
    else:
        rows.append(row("A3", "2025-02-01", factors="music", what="Nhạc mới", scope="all", start="2025-02-02"))
    write(sealed, rows)
    looked = read_notes(params(actions="actions.csv"), sealed)
    assert [note.seen_on for note in looked.notes] == [None]
    notes = seal(sealed, LATER)
    [note] = notes.notes
    expected = {"moved": "inserted", "late": "inserted"}.get(kind, kind)
    assert (note.kind, note.action, note.seen_on) == (expected, "A3" if kind == "late" else "A1", "2025-09-01")
    if kind == "edited":
        assert note.cells_before["scope_chosen_by"] == "random"
        assert note.cells_now["scope_chosen_by"] == "volunteers"
    if kind == "removed":
        assert (note.cells_before["status"], note.cells_now, note.recorded_on) == ("doing", None, "2025-07-01")
    saved = (sealed / CHAIN).read_bytes()
    assert seal(sealed, LAST) == notes
    assert read_notes(params(actions="actions.csv"), sealed) == notes
    assert (sealed / CHAIN).read_bytes() == saved


def test_a_record_put_back_after_it_was_removed_is_seen_too(sealed):
    write(sealed, [ROWS[0], *ROWS[2:]])
    seal(sealed, LATER)
    write(sealed, ROWS)
    assert kinds(seal(sealed, LAST)) == [("removed", "A2"), ("inserted", "A2")]


def test_an_edit_that_is_taken_back_was_still_an_edit(sealed):
    write(sealed, [row("A1", "2025-06-01", start="2025-01-01"), *ROWS[1:]])
    seal(sealed, LATER)
    write(sealed, ROWS)
    notes = seal(sealed, LAST)
    assert kinds(notes) == [("edited", "A1"), ("edited", "A1")]
    assert [note.cells_now["start"] for note in notes.notes] == ["2025-01-01", "2025-07-01"]


def test_a_changed_id_and_a_wholly_other_record(sealed):
    write(sealed, [ROWS[0], {**ROWS[1], "id": "B9"}, *ROWS[2:]])
    [note] = seal(sealed).notes
    assert (note.kind, note.cells_before["id"], note.cells_now["id"]) == ("edited", "A2", "B9")


def test_a_record_replaced_by_another_is_removed_and_inserted(sealed):
    cells = {"factors": "music", "what": "Khác", "owner_role": "Giám đốc", "scope": "store=S09", "start": "2025-03-04"}
    cells |= {"smallest_worthwhile": "1", "scope_chosen_by": "worst", "status": "done", "document": "y"}
    other = row("A2", "2025-03-03", **cells)
    write(sealed, [ROWS[0], other, *ROWS[2:]])
    assert sorted(kinds(seal(sealed))) == [("inserted", "A2"), ("removed", "A2")]


@pytest.mark.parametrize(
    "how",
    [
        {"header": HEADER[::-1]},
        {"header": [*HEADER, "direction", "also"]},
        {"encoding": "utf-16"},
        {"encoding": "utf-8-sig", "delimiter": ";", "lineterminator": "\n"},
        {"quoting": csv.QUOTE_ALL},
    ],
    ids=["columns", "new columns", "utf-16", "semicolons", "quotes"],
)
def test_the_same_records_written_otherwise_are_the_same(sealed, how):
    before = (sealed / CHAIN).read_bytes()
    write(sealed, ROWS, **how)
    assert seal(sealed).notes == ()
    assert (sealed / CHAIN).read_bytes() == before


def test_actions_may_stand_in_another_order(sealed):
    write(sealed, [ROWS[1], ROWS[0], *ROWS[2:]])
    assert seal(sealed).notes == ()


def test_a_log_saved_as_a_workbook_keeps_its_history(sealed):
    book = openpyxl.Workbook()
    book.active.append(HEADER)
    for item in ROWS:
        cells = dict(item) | {"smallest_worthwhile": 0.2, "start": date.fromisoformat(item["start"])}
        book.active.append([cells[name] or None for name in HEADER])
    book.save(sealed / "actions.xlsx")
    notes = seal(sealed, name="actions.xlsx", latest=Seen(seal(sealed).head, "2025-08-01"))
    assert notes.notes == ()
    assert (sealed / "actions.xlsx.history.jsonl").read_bytes() == (sealed / CHAIN).read_bytes()


def test_a_day_on_which_the_latest_run_did_not_find_the_record(sealed):
    """The chain is of August; a run of December saw the same log; a record 'of September' was not there."""
    write(sealed, [*ROWS, row("A1", "2025-09-10", status="done")])
    assert seal_log(params(), sealed, LAST, latest=Seen(seal_head(sealed), "2025-12-01")).notes[0].kind == "inserted"


def seal_head(folder: Path) -> str:
    return json.loads((folder / CHAIN).read_text("utf-8").splitlines()[-1])["sha256"]


def chain_of(folder: Path) -> list[str]:
    return (folder / CHAIN).read_text("utf-8").splitlines()


@pytest.mark.parametrize("how", ["edited", "middle", "torn", "not utf-8", "deep", "swapped"])
def test_a_chain_that_was_edited_is_seen_once(sealed, how):
    lines = chain_of(sealed)
    if how == "edited":
        lines[1] = lines[1].replace("2025-08-01", "2025-05-01")
    elif how == "middle":
        del lines[1]
    elif how == "torn":
        lines[1] = lines[1][:40]
    elif how == "deep":
        lines.insert(1, "[" * 100_000)
    elif how == "swapped":
        lines[0], lines[1] = lines[1], lines[0]
    content = "\n".join(lines).encode()
    (sealed / CHAIN).write_bytes(content + b"\n\xff\xfe{\n" if how == "not utf-8" else content + b"\n")
    notes = seal(sealed, LATER)
    assert ("edited", "") in kinds(notes)
    assert next(note for note in notes.notes if not note.action).seen_on == "2025-09-01"
    saved = (sealed / CHAIN).read_bytes()
    assert seal(sealed, LAST) == notes
    assert (sealed / CHAIN).read_bytes() == saved


@pytest.mark.parametrize(
    "line",
    [
        '{"n": 1}',
        '{"n": true, "cells": {}, "sealed_on": "2025-01-01", "sha256": ""}',
        '{"n": -1, "cells": {}, "sealed_on": "2025-01-01", "sha256": ""}',
        '{"n": 1, "cells": [], "sealed_on": "2025-01-01", "sha256": ""}',
        '{"n": 1, "cells": {"id": 3}, "sealed_on": "2025-01-01", "sha256": ""}',
        '{"n": 1, "cells": {}, "sealed_on": 5, "sha256": "x"}',
        '{"n": 1, "cells": {}, "seen_on": "", "changed": "made up", "sha256": "x"}',
        '{"n": 1, "cells": {}, "seen_on": "", "changed": "edited", "order": ["a"], "sha256": "x"}',
        '{"n": 1, "cells": {}, "seen_on": "", "changed": "inserted", "order": 7, "sha256": "x"}',
        "null",
        "{",
    ],
)
def test_lines_of_no_chain_never_crash(tmp_path, line):
    write(tmp_path, ROWS)
    (tmp_path / CHAIN).write_text(line + "\n", "utf-8")
    assert kinds(seal(tmp_path)) == [("edited", "")]


@pytest.mark.parametrize("cut", ["end", "all", "gone"])
def test_a_cut_chain_is_seen_by_the_head_that_the_latest_run_wrote_down(sealed, cut):
    head = seal(sealed).head
    lines = chain_of(sealed)
    if cut == "gone":
        (sealed / CHAIN).unlink()
    else:
        (sealed / CHAIN).write_text("".join(f"{line}\n" for line in (lines[:2] if cut == "end" else [])), "utf-8")
    notes = seal(sealed, LATER, latest=Seen(head, "2025-08-01"))
    assert kinds(notes) == [("removed", "")]
    assert seal(sealed, LAST, latest=Seen(notes.head, "2025-09-01")).notes == notes.notes
    assert seal(sealed, LAST, latest=Seen("", "2025-09-01")).notes == notes.notes


def test_a_log_that_is_named_no_more(sealed):
    latest = Seen(seal(sealed).head, "2025-08-01")
    notes = seal_log(params(actions=None), sealed, LATER, latest=latest)
    assert kinds(notes) == [("removed", "")]
    assert notes.head == latest.head
    assert seal_log(params(actions=None), sealed, LATER) == HistoryNotes()


def test_what_a_run_keeps_is_read_back(sealed):
    write(sealed, ROWS[1:])
    notes = seal(sealed)
    assert HistoryNotes.from_dict(json.loads(json.dumps(notes.as_dict()))) == notes


def test_any_mixture_of_changes_settles_after_one_look(tmp_path):
    """Shuffled, cut, edited and lengthened logs, twenty of them: the second look finds nothing more."""
    chance = random.Random(7)
    for number in range(20):
        folder = tmp_path / str(number)
        folder.mkdir()
        rows = [row(f"A{chance.randint(1, 3)}", "2025-07-01", due=f"2026-01-{day + 1:02d}") for day in range(8)]
        for _ in range(4):
            write(folder, rows)
            notes = seal(folder, LATER)
            saved = (folder / CHAIN).read_bytes()
            assert seal(folder, LAST) == notes, number
            assert (folder / CHAIN).read_bytes() == saved
            chance.shuffle(rows)
            rows = [
                {**item, "what": chance.choice(["a", "b", item["what"]])} for item in rows if chance.random() < 0.8
            ] or [row("A1", "2025-07-01")]
            rows.insert(chance.randint(0, len(rows)), row("A2", "2025-07-02", what=f"x{chance.random()}"))


SEAL = (
    "from datetime import date\nfrom pathlib import Path\n"
    "from support_actions import params\nfrom cxlib.actions.chain import seal_log\n",
    "for _ in range(3):\n    print(seal_log(params(), Path(sys.argv[1]), date.fromisoformat(sys.argv[2])).head)\n",
)


def test_two_runs_at_once_leave_one_whole_chain(tmp_path):
    write(tmp_path, ROWS)
    heads = "".join(at_once(*SEAL, [[str(tmp_path), str(FIRST)]] * 4)).split()
    assert (len(heads), len(set(heads))) == (12, 1)
    assert len(chain_of(tmp_path)) == 4
    assert not list(tmp_path.glob(".*.tmp*"))


def test_a_folder_that_cannot_be_written_gives_a_note_and_no_crash():
    folder = Path(tempfile.mkdtemp())
    try:
        write(folder, ROWS)
        seal(folder, FIRST)
        write(folder, ROWS[1:])
        chain_path(folder / "actions.csv").chmod(0o444)
        (folder / ".actions.csv.lock").unlink()
        folder.chmod(0o555)
        code = (
            "import encodings.utf_8_sig, os, filelock; from pathlib import Path; from datetime import date\n"
            "from cxlib.params import Params; from cxlib.actions.chain import seal_log\n"
            f"params = Params.model_validate_json({params().model_dump_json()!r})\n"
            "if os.geteuid() == 0: os.setegid(65534); os.seteuid(65534)  # root may write anywhere\n"
            f"notes = seal_log(params, Path({str(folder)!r}), date(2025, 9, 1))\n"
            "print(notes.unsealed); print([(note.kind, note.seen_on) for note in notes.notes], len(notes.head))"
        )
        told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
        assert told.stderr == ""
        assert "could not be written: Permission denied" in told.stdout
        assert "[('removed', None)] 64" in told.stdout
    finally:
        folder.chmod(stat.S_IRWXU)
        shutil.rmtree(folder)


def test_a_chain_that_cannot_be_opened_is_named(sealed):
    (sealed / CHAIN).unlink()
    (sealed / CHAIN).mkdir()
    with pytest.raises(ParamsError, match="history of the action log cannot be read"):
        seal(sealed)
