"""The form of the action log: what it shows, what it says while it is filled in, and what it writes."""

from __future__ import annotations

import csv
import json
import shutil
from datetime import date
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from cxlib.actions.table import KNOWN
from cxlib.params import load_params
from cxlib.views.action_fields import FIELDS, Places, text_cells, texts_of
from cxlib.views.action_form import ActionForm, Broken, action_form

ROOT = Path(__file__).resolve().parents[2]
HOSTILE = "<script>alert('x')</script><img src=x onerror=alert(1)>"
TODAY = date(2026, 7, 20)


@pytest.fixture
def folder(tmp_path) -> Path:
    """A copy of the demo client without its survey: the form reads no answer."""
    target = tmp_path / "params" / "demo"
    shutil.copytree(ROOT / "params" / "demo", target, ignore=shutil.ignore_patterns("responses.csv", "*.jsonl"))
    return target


@pytest.fixture
def form(folder) -> ActionForm:
    return open_form(folder)


def open_form(folder: Path, language: str | None = None) -> ActionForm:
    form = action_form(folder, language)
    assert isinstance(form, ActionForm)
    form._today = lambda: TODAY
    return form


def rows(folder: Path) -> list[dict[str, str]]:
    with (folder / "actions.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def first(form: ActionForm, column: str):
    return form.controls[column].inputs[0]


def wrong(form: ActionForm) -> set[str]:
    return {column for column, control in form.controls.items() if control.message.value}


def fill_in(form: ActionForm, what: str = "Gọi lại hỏi thăm sau khi mua") -> None:
    """A whole new action."""
    form.controls["factors"].boxes["follow_up"].value = True
    first(form, "what").value = what
    first(form, "owner_role").value = "trưởng phòng chăm sóc khách hàng"
    first(form, "decided_by").value = "ban điều hành"
    first(form, "document").value = "Biên bản họp tháng 7"
    first(form, "smallest_worthwhile").value = "0,2"
    form.controls["scope"].kind.value = "groups"
    form.controls["scope"].groups.boxes["region=Miền Nam"].value = True
    form.controls["scope_chosen_by"].kind.value = "other"
    first(form, "comparison_because").value = "Thử trước ở một vùng"
    first(form, "start").value = date(2026, 8, 3)
    first(form, "full_effect").value = date(2026, 8, 10)
    first(form, "look_on").value = "2026-10-05; 2027-01-04"


def test_every_column_of_the_log_is_asked_or_kept(form):
    by_the_workbench = {"recorded_on", "drawn"}
    twins = {name for name in KNOWN if name.endswith(("_vi", "_en"))}
    assert set(FIELDS) == set(KNOWN) - by_the_workbench - twins
    assert set(form.controls) == set(FIELDS)


@pytest.mark.parametrize("language", ["vi", "en"])
def test_an_action_is_shown_and_nothing_of_it_is_changed(folder, language):
    form = open_form(folder, language)
    for action in form.book.log.latest():
        form.choose.value = action
        assert form.draft == form.book.cells(action), action
        assert form.changes == {}
        form.switch.value = "en" if form.switch.value == "vi" else "vi"
        assert form.choose.value == action
        assert form.draft == form.book.cells(action), action


def test_labels_and_help_are_in_the_language_that_is_shown(form):
    assert first(form, "what").description == "Làm gì, trong một câu (bắt buộc)"
    assert form.controls["factors"].boxes["wait_told"].description == "được báo trước thời gian chờ"
    form.switch.value = "en"
    assert form.controls["what"].inputs[1].description == "What is done, in one sentence (required)"
    assert form.controls["what"].box.children[0] is form.controls["what"].inputs[1]  # what is read stands first
    assert form.controls["factors"].boxes["wait_told"].description == "told how long it would take"
    assert "in points of the scale" in form.controls["smallest_worthwhile"].help.value.lower()


def test_an_untouched_form_is_left_in_peace_and_then_all_is_said_at_once(form):
    assert not wrong(form)
    first(form, "owner_role").value = "Nguyễn Văn An"
    assert {"factors", "what", "owner_role", "scope", "scope_chosen_by", "start", "decided_by"} <= wrong(form)
    assert "không ghi tên" in form.controls["owner_role"].message.value
    assert f"Còn {len(wrong(form))} chỗ cần sửa" in form.status.value
    first(form, "owner_role").value = "trưởng phòng chăm sóc khách hàng"
    assert "owner_role" not in wrong(form)
    first(form, "document").value = "javascript:alert(1)"
    first(form, "smallest_worthwhile").value = "nhiều"
    first(form, "look_on").value = "05/10/2026"
    assert {"document", "smallest_worthwhile", "look_on"} <= wrong(form)
    form.switch.value = "en"
    assert "The document cannot be shown" in form.controls["document"].message.value


def test_what_must_be_filled_in_follows_what_is_filled_in(form):
    assert form.controls["stopped_because"].box.layout.display == "none"
    assert form.controls["comparison_because"].required
    form.controls["scope"].kind.value = "all"
    assert not form.controls["comparison_because"].required  # nobody is left out
    first(form, "status").value = "none"
    assert form.controls["stopped_because"].box.layout.display is None
    assert form.controls["stopped_because"].required
    assert form.controls["due"].required
    assert not form.controls["smallest_worthwhile"].required


def test_nothing_is_written_while_something_is_wrong(form, folder):
    before = (folder / "actions.csv").read_bytes()
    form.save.click()
    assert {"factors", "what", "owner_role", "scope"} <= wrong(form)
    assert (folder / "actions.csv").read_bytes() == before


def test_a_new_action_is_written_whole(form, folder):
    fill_in(form)
    assert not wrong(form)
    assert "Có thể ghi" in form.status.value
    form.save.click()
    assert "Đã ghi A8" in form.status.value
    written = rows(folder)[-1]
    assert written["id"] == "A8"
    assert written["factors"] == "follow_up"
    assert written["scope"] == "region=Miền Nam"
    assert written["look_on"] == "2026-10-05;2027-01-04"
    assert (written["start"], written["status"], written["recorded_on"]) == ("2026-08-03", "planned", "2026-07-20")
    assert form.choose.value == "A8"
    assert form.draft == form.book.cells("A8")
    assert first(form, "id").disabled


def test_an_action_is_recorded_anew_and_its_history_grows(form, folder):
    before = rows(folder)
    form.choose.value = "A7"
    first(form, "status").value = "stopped"
    assert wrong(form) == {"stopped_because"}
    form.controls["stopped_because"].inputs[1].value = "The makers supply a checklist"
    form.save.click()
    after = rows(folder)
    assert after[:-1] == before
    changed = {name for name in after[-1] if after[-1][name] != before[-1][name]}
    assert changed == {"status", "stopped_because", "stopped_because_en", "recorded_on"}
    assert "Tình trạng: Dự kiến → Đã dừng" in form.history.value
    assert "The makers supply a checklist" in form.history.value


def test_nothing_new_is_not_written(form, folder):
    before = (folder / "actions.csv").read_bytes()
    form.choose.value = "A2"
    form.save.click()
    assert "Chưa có gì khác" in form.status.value
    assert (folder / "actions.csv").read_bytes() == before


def test_two_who_write_at_once_lose_nothing(folder):
    one, other = open_form(folder), open_form(folder, "en")
    one.choose.value = other.choose.value = "A2"
    other.controls["also"].inputs[1].value = "New vans came late"
    other.save.click()
    first(one, "status").value = "done"
    one.save.click()
    assert "Vừa có người khác ghi về A2" in one.status.value
    assert "New vans came late" in one.history.value  # changed in one language, told to readers of both
    assert rows(folder)[-1]["status"] == "doing"
    one.save.click()
    assert (rows(folder)[-1]["status"], rows(folder)[-1]["also_en"]) == ("done", "New vans came late")


def test_an_id_that_somebody_took_meanwhile_is_not_written_again(folder):
    one, other = open_form(folder), open_form(folder)
    fill_in(one)
    fill_in(other, "Gửi tin nhắn hỏi thăm")
    one.save.click()
    other.save.click()
    assert "A8 đã có trong sổ" in other.controls["id"].message.value
    first(other, "id").value = "A9"
    other.save.click()
    assert [row["id"] for row in rows(folder)][-2:] == ["A8", "A9"]


def test_a_draw_is_told_and_kept_and_leaving_it_is_warned_of(form, folder):
    form.choose.value = "A1"
    assert "20251215" in form.caution.value
    assert form.draft["drawn"]
    form.controls["scope"].units.value = "S01; S02"
    assert "Không còn đúng như đã rút thăm" in form.caution.value
    form.reset.click()
    assert form.changes == {}
    first(form, "also").value = "Tết"
    form.save.click()
    assert rows(folder)[-1]["drawn"] == rows(folder)[-2 if rows(folder)[-2]["id"] == "A1" else 8]["drawn"]
    form.choose.value = ""
    form.controls["scope_chosen_by"].kind.value = "random"
    fill_in(form)
    form.controls["scope_chosen_by"].kind.value = "random"
    assert "cx draw" in form.caution.value


def test_the_worst_of_a_wave(form):
    kind, wave = form.controls["scope_chosen_by"].inputs
    assert wave.layout.display == "none"
    kind.value = "worst"
    wave.value = " 2026-Q2 "
    assert wave.layout.display is None
    assert form.draft["scope_chosen_by"] == "worst in 2026-Q2"


def test_hostile_text_is_shown_and_never_runs(form, folder):
    fill_in(form, HOSTILE)
    form.save.click()
    assert rows(folder)[-1]["what"] == HOSTILE
    again = open_form(folder)
    again.choose.value = "A8"
    shown = again.history.value + again.head.value + again.status.value + again.caution.value
    assert "<script" not in shown
    assert "<img" not in shown
    assert "&lt;script&gt;" in again.history.value
    first(again, "id").value = HOSTILE  # a visitor's browser can send anything to a disabled field too
    assert "<script" not in "".join(control.message.value for control in again.controls.values())


def test_a_log_that_is_not_there_yet_is_begun(folder):
    (folder / "actions.csv").unlink()
    form = open_form(folder)
    assert [value for _, value in form.choose.options] == [""]
    fill_in(form)
    form.save.click()
    assert [row["id"] for row in rows(folder)] == ["A1"]


def test_a_broken_log_and_an_unknown_client_are_said(folder, monkeypatch):
    text = (folder / "actions.csv").read_text(encoding="utf-8")
    (folder / "actions.csv").write_text(text.replace("wait_told", f"wait_{HOSTILE[:8]}"), encoding="utf-8")
    broken = action_form(folder)
    assert isinstance(broken, Broken)
    assert "is not known" in broken.children[1].value
    assert "actions.csv:4" in broken.children[1].value
    assert "<script" not in broken.children[1].value
    monkeypatch.chdir(ROOT)
    unknown = action_form("demmo")
    assert isinstance(unknown, Broken)
    assert "did you mean demo?" in unknown.children[1].value
    assert "no such language" in action_form("demo", "fr").children[1].value


def test_a_client_is_found_from_a_folder_below(monkeypatch):
    monkeypatch.chdir(ROOT / "notebooks")
    assert isinstance(action_form("demo"), ActionForm)


def test_texts_and_places_come_back_as_they_were():
    for vi, en in (("a", "b"), ("a", ""), ("", "b"), ("", "")):
        assert texts_of(text_cells("what", vi, en), "what") == (vi, en)
    assert texts_of({"what": "a", "what_vi": "c", "what_en": ""}, "what") == ("c", "a")
    assert texts_of({"what_vi": "a", "what_en": "b"}, "what") == ("a", "b")
    places = Places.of(load_params(ROOT / "params" / "demo"))
    for column, cell in (
        ("scope", "all"), ("scope", "store=S01;store=S02"), ("scope", "region=Miền Nam;channel=Đặt trực tuyến"),
        ("scope", "step=pay;step=use"), ("scope", "store=S01;region=Miền Nam"), ("comparison", ""),
        ("comparison", "none"), ("comparison", "store=S05"),
    ):  # fmt: skip
        assert places.write(*places.read(column, cell)) == cell, cell


@pytest.mark.kernel
def test_the_notebook_in_a_real_kernel(folder, monkeypatch):
    """The committed notebook on another client, its widgets driven as a visitor's browser would."""
    notebook = nbformat.read(ROOT / "notebooks" / "actions.ipynb", as_version=4)
    for cell in notebook.cells:
        if "parameters" in cell.metadata.get("tags", []):
            cell.source = f"client = {str(folder)!r}"
    call = notebook.cells[-1]
    assert call.source == "cx.action_form(client)"
    call.source = "form = cx.action_form(client)\nform"
    script = [
        "from datetime import date",
        "form.choose.value = 'A2'",
        "form.controls['status'].inputs[0].set_state({'index': 3})",  # as the browser sends it: the third choice
        "form.save.click()",
        "print(form.choose.value, '|', form.status.value)",
    ]
    notebook.cells.append(nbformat.v4.new_code_cell("\n".join(script)))
    NotebookClient(notebook, timeout=600, kernel_name="python3").execute()
    outputs = [output for cell in notebook.cells[-2:] for output in cell.outputs]
    assert any("application/vnd.jupyter.widget-view+json" in output.get("data", {}) for output in outputs)
    assert "A2 | " in outputs[-1]["text"]
    assert "Đã ghi A2" in outputs[-1]["text"]
    assert rows(folder)[-1]["status"] == "done"
    assert json.loads((ROOT / "notebooks" / "actions.ipynb").read_text(encoding="utf-8"))["cells"][-1]["outputs"] == []
