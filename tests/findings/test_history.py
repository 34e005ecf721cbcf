"""The log's history: every record in its order, what was altered, what was edited; places counted, never listed."""

from __future__ import annotations

import json

from support_findings import HEADER, LOG, answers, draft, params, passed, read_log

from cxlib.findings.acting import Places
from cxlib.findings.history import Noted, history, read_history

UNITS = ";".join(f"store=S{number:02d}" for number in range(1, 7))
OTHERS = UNITS.replace("S06", "S09")


def entries(log=LOG, notes=()):
    asked = params()
    return history(read_log(log, asked), notes, asked, Places(asked, answers()))


def altered(entry) -> dict[str, tuple[str | None, str | None]]:
    return {item.field.en: (item.before and item.before.en, item.after and item.after.en) for item in entry.altered}


def test_every_record_stands_in_the_order_in_which_it_was_made():
    found = entries()
    assert len(found) == len(LOG.splitlines()) - 1
    assert [entry.recorded_on for entry in found] == sorted(entry.recorded_on for entry in found)
    assert [entry.status for entry in found if entry.action == "A1"] == ["planned", "doing"]


def test_what_a_record_states_otherwise_than_the_one_before_it():
    first, second = [entry for entry in entries() if entry.action == "A1"]
    assert first.altered == ()
    assert altered(second) == {
        "Status": ("Planned", "Under way"),
        "Document": (None, "https://example.com/minutes/12"),
    }


def test_places_are_counted_also_when_they_are_others():
    last = LOG.splitlines()[-1]
    more = last.replace(UNITS, OTHERS).replace("2025-07-02", "2025-07-09").replace("2025-07-01", "2025-07-08")
    fewer = more.replace(f"{OTHERS},random", "all,everyone").replace("2025-07-09", "2025-07-16")
    *_, third, fourth = [entry for entry in entries(LOG + more + "\n" + fewer + "\n") if entry.action == "A1"]
    assert altered(third)["Where and for whom"] == ("6 places", "6 places, not the same ones as before")
    assert altered(third)["First day"] == ("1 July 2025", "8 July 2025")
    assert altered(fourth)["Where and for whom"] == ("6 places", "Everywhere, for everyone")
    assert altered(fourth)["How this was chosen"] == ("drawn at random", "everyone")
    said = "".join(entry.model_dump_json() for entry in entries(LOG + more + "\n" + fewer + "\n"))
    assert "S01" not in said
    assert "S09" not in said


def test_groups_are_named():
    changed = next(line for line in LOG.splitlines() if line.startswith("A3")).replace("Miền Nam", "nam")
    changed = changed.replace("2025-12-03", "2025-12-10").replace("region=nam", "region=bac;region=nam")
    (_, second) = [entry for entry in entries(LOG + changed + "\n") if entry.action == "A3"]
    assert altered(second)["Where and for whom"] == ("Region: South", "Region: North; Region: South")


def test_edited_removed_and_inserted_records_are_marked():
    line = next(line for line in LOG.splitlines() if line.startswith("A4"))
    cells = dict(zip(HEADER.split(","), line.split(","), strict=True))
    before = cells | {"start": "2025-05-01", "scope": "store=S07;store=S09", "expected": "Nhanh hơn"}
    gone = {"id": "A7", "what": "Tặng quà", "status": "planned", "recorded_on": "2025-03-01", "scope": "store=S11"}
    notes = [
        Noted("edited", "A4", "2025-07-20", before, cells, "2025-12-01"),
        Noted("removed", "A7", "2025-03-01", gone, None, "2025-12-02"),
        Noted("inserted", "A6", "2025-04-01", None, {"status": "done"}, "2025-12-03"),
        Noted("edited", "", "", None, None, "2025-12-04"),
    ]
    found = {(entry.action, entry.sealed): entry for entry in entries(notes=notes) if entry.sealed}
    assert set(found) == {("A4", "edited"), ("A7", "removed"), ("A6", "inserted")}
    edited = altered(found["A4", "edited"])
    assert edited["First day (edited in the log later)"] == ("1 May 2025", "15 April 2025")
    assert edited["Where and for whom (edited in the log later)"] == (
        "2 places",
        "2 places, not the same ones as before",
    )
    assert edited["What we expected to change (edited in the log later)"] == ("Nhanh hơn", None)
    assert found["A4", "edited"].seen_on == "2025-12-01"
    removed = found["A7", "removed"]
    assert (removed.what.vi, removed.status, removed.recorded_on) == ("Tặng quà", "planned", "2025-03-01")
    said = "".join(entry.model_dump_json() for entry in entries(notes=notes))
    assert "S11" not in said
    assert "S07" not in said


def test_a_changed_history_is_told_of_the_whole_document(tmp_path):
    assert not draft().document.history_changed
    note = {"kind": "removed", "action": "", "recorded_on": "", "cells_before": None, "cells_now": None,
            "seen_on": "2025-12-04"}  # fmt: skip
    (tmp_path / "history.json").write_text(json.dumps({"notes": [note], "head": "x", "unsealed": ""}))
    found = draft(history_notes=read_history(tmp_path)).document
    assert found.history_changed
    assert found.unknowns[0].en.startswith("The record of the action log’s past was cut or replaced")
    assert all(entry.sealed == "" for entry in found.history)
    assert read_history(tmp_path / "elsewhere") == {}


def test_no_place_of_the_log_is_named_in_the_sample():
    said = "".join(entry.model_dump_json() for entry in passed().document.history)
    assert said
    assert not [unit for unit in answers()["unit"].unique() if str(unit) in said]
