"""Records edited by hand, folders removed or closed: a run is made all the same, or it is said why not."""

from __future__ import annotations

import errno
import json
import shutil
from pathlib import Path

import pytest

from cxlib.errors import ParamsError, StageError
from cxlib.runs import listing, places
from cxlib.runs.causes import read_recorded
from cxlib.runs.folder import open_run
from cxlib.runs.latest import latest_run
from cxlib.runs.listing import client_name, list_runs

pytestmark = pytest.mark.kernel


@pytest.mark.parametrize(
    ("name", "text"),
    [("params.json", "{}"), ("history.json", "{"), ("views/page.ipynb", None)],
    ids=lambda value: value,
)
def test_a_latest_run_that_was_damaged_is_followed_by_another(second, mini, no_kernel, name, text):
    client, outputs, first = second
    if text is None:
        (first / name).unlink()
    else:
        (first / name).write_text(text, encoding="utf-8")
    run = mini.run_mini(client, outputs)
    assert latest_run(outputs / "mini") == run.folder
    assert run.folder != first


@pytest.mark.parametrize("text", ["{", "{}", '{"stages": [3]}'])
def test_a_latest_run_whose_record_was_damaged_is_followed_by_another(second, mini, no_kernel, text):
    client, outputs, first = second
    shutil.copytree(first, first.with_name("20250101T000000Z-earlier"))
    (first / places.MANIFEST).write_text(text, encoding="utf-8")
    run = mini.run_mini(client, outputs)
    assert latest_run(outputs / "mini") == run.folder
    assert run.folder != first


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("stages",), "none"),
        (("stages", 0), None),
        (("stages", 0, "name"), ["count"]),
        (("stages", 0, "hangs_on"), "code"),
        (("stages", 0, "artefacts"), [1]),
        (("stages", 0, "reaches"), 3),
        (("stages", 0, "seconds_then"), "long"),
        (("inputs",), "survey.csv"),
        (("inputs", "survey"), 3),
        (("code", "files"), [1]),
        (("code", "notebooks"), 3),
        (("all_packages",), "pandas"),
        (("changes",), [3]),
        (("found",), "much"),
    ],
)
def test_a_record_of_another_form_is_passed_over_and_named_when_it_is_asked_for(second, place, value):
    _, outputs, first = second
    record = json.loads((first / places.MANIFEST).read_text(encoding="utf-8"))
    here = record
    for part in place[:-1]:
        here = here[part]
    here[place[-1]] = value
    places.write_json(first / places.MANIFEST, record)
    assert list_runs(outputs) == []
    for look in (open_run, read_recorded):
        with pytest.raises(ParamsError, match="not of the form") as caught:
            look(first)
        assert caught.value.problems[0].where.endswith(f"{first.name}/manifest.json")


def test_a_record_that_lacks_parts_is_listed_and_not_opened(second):
    _, outputs, first = second
    places.write_json(first / places.MANIFEST, {"status": "done", "started": "2025-01-01", "stages": [{"name": "a"}]})
    (first / places.FINDINGS).write_text("{", encoding="utf-8")
    [line] = list_runs(outputs)
    assert (line.status, line.findings) == ("done", None)
    with pytest.raises(ParamsError, match="not of the form"):
        open_run(first)


def test_a_run_whose_own_folder_is_removed_says_so(second, mini):
    client, outputs, first = second

    def remove(step):
        if step.state == "started":
            for folder in set((outputs / "mini").glob("2*")) - {first}:
                shutil.rmtree(folder)

    with pytest.raises(StageError, match="own folder was removed"):
        mini.run_mini(client, outputs, fresh=True, progress=remove)
    assert latest_run(outputs / "mini") == first


def test_a_folder_of_runs_that_may_only_be_read_is_listed_and_not_written(second, mini, monkeypatch):
    client, outputs, first = second

    def closed(*_, **__):
        raise PermissionError(errno.EACCES, "Permission denied", str(outputs / "mini" / places.LOCK))

    monkeypatch.setattr(listing, "is_running", closed)
    assert [line.run for line in list_runs(outputs)] == [first.name]
    monkeypatch.setattr("cxlib.runs.latest.one_run_at_a_time", closed)
    with pytest.raises(ParamsError, match="Runs cannot be written there: Permission denied"):
        mini.run_mini(client, outputs)


@pytest.mark.parametrize("name", ["", ".", ".."])
def test_no_name_is_no_client(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    Path("outputs").mkdir()
    with pytest.raises(ParamsError, match=r"no client|no params\.yaml"):
        client_name(Path("outputs"), name)
