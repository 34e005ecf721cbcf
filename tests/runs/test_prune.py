"""Pruning leaves every kept run whole, and touches nothing of a client that is running."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from cxlib.errors import ParamsError
from cxlib.runs import places
from cxlib.runs.folder import open_run
from cxlib.runs.latest import one_run_at_a_time
from cxlib.runs.listing import list_runs, shown_run
from cxlib.runs.prune import prune_runs

pytestmark = pytest.mark.kernel


def test_a_kept_run_is_whole_without_the_one_it_took_stages_from(second, mini):
    client, outputs, first = second
    run = mini.run_mini(client, outputs, changes={"analysis.q": 0.1})
    found = prune_runs(outputs, keep=0, do=True)
    assert [(line.run, line.keep, line.why) for line in found.lines] == [
        (run.folder.name, True, "latest"),
        (first.name, False, "older"),
    ]
    assert not first.exists()
    assert run.ledger()["count"].tolist() == [10, 5]
    assert mini.run_mini(client, outputs, changes={"analysis.q": 0.1}).folder == run.folder  # and known as before
    assert found.freed < sum(path.stat().st_size for path in run.folder.rglob("*") if path.is_file())


def test_nothing_is_touched_while_a_run_goes_on(second):
    _, outputs, first = second
    with one_run_at_a_time(outputs / "mini", wait_seconds=0, waiting=lambda: None):
        found = prune_runs(outputs, keep=0, do=True)
    assert found.busy == ("mini",)
    assert found.lines == ()
    assert first.is_dir()


def test_the_list_tells_state_and_what_was_taken_over(second, mini):
    client, outputs, first = second
    mini.run_mini(client, outputs, changes={"analysis.q": 0.1})
    newest, oldest = list_runs(outputs)
    assert (newest.ran, newest.reused) == (("tell",), ("count",))
    assert (oldest.run, oldest.ran, oldest.reused) == (first.name, ("count", "tell"), ())
    assert newest.findings is None  # these stages find nothing


def test_a_run_folder_copied_elsewhere_opens_there(second, tmp_path, monkeypatch):
    _, outputs, first = second
    there = tmp_path / "another machine" / "from a colleague"
    shutil.copytree(first, there)
    shutil.rmtree(outputs.parent)
    monkeypatch.delenv(places.HOME, raising=False)
    monkeypatch.chdir(there / "views")
    run = open_run(f"outputs/mini/{first.name}")  # as its pages name it
    assert run.folder == there
    assert run.ledger()["count"].tolist() == [10, 5]
    assert run.drivers()["n"].item() == 5
    assert shown_run(tmp_path, str(there)) == shown_run(tmp_path, "..") == there


def test_a_run_copied_with_its_outputs_folder_is_listed_and_shown(second, tmp_path):
    _, outputs, first = second
    shutil.copytree(outputs, tmp_path / "there" / "outputs", symlinks=True)
    shutil.rmtree(outputs.parent)
    moved = tmp_path / "there" / "outputs"
    assert [(line.run, line.latest) for line in list_runs(moved)] == [(first.name, True)]
    assert shown_run(moved, "mini") == (moved / "mini" / first.name)
    assert open_run(shown_run(moved, "mini")).finished


def made(outputs: Path, **runs: tuple[str, str]) -> None:
    for name, (status, started) in runs.items():
        (outputs / "shop" / name).mkdir(parents=True)
        places.write_json(outputs / "shop" / name / places.MANIFEST, {"status": status, "started": started})


@pytest.mark.parametrize("link", [None, "gone", "broken"])
def test_where_no_run_is_the_latest_the_newest_good_one_stays(tmp_path, link):
    made(tmp_path, older=("done", "1"), good=("done", "2"), tried=("failed", "3"), before=("failed", "0"))
    if link == "broken":
        (tmp_path / "shop" / "broken").mkdir()
        (tmp_path / "shop" / "broken" / places.MANIFEST).write_text("{", encoding="utf-8")
    if link:
        (tmp_path / "shop" / "latest").symlink_to(link)
    found = prune_runs(tmp_path, keep=0, do=True)
    assert {line.run: line.why for line in found.lines if line.keep} == {
        "tried": "failed, newer than the latest",
        "good": "newest",
    }
    assert (tmp_path / "shop" / "good").is_dir()
    assert not (tmp_path / "shop" / "older").exists()


def test_attempts_of_a_client_that_never_finished_stay(tmp_path):
    made(tmp_path, first=("failed", "1"), second=("partial", "2"))
    assert all(line.keep for line in prune_runs(tmp_path, keep=0, do=True).lines)


def test_runs_that_may_only_be_read_are_not_removed(tmp_path, monkeypatch):
    made(tmp_path, older=("done", "1"), good=("done", "2"))
    monkeypatch.setattr("cxlib.runs.prune.os.access", lambda *_: False)
    with pytest.raises(ParamsError, match="cannot be removed there"):
        prune_runs(tmp_path, keep=0, do=True)
    assert (tmp_path / "shop" / "older").is_dir()
