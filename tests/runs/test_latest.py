"""`latest` is never half switched, and the lock keeps two runs apart."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from cxlib.errors import StageError
from cxlib.runs import places
from cxlib.runs.latest import is_running, latest_run, one_run_at_a_time, switch_latest


@pytest.fixture
def outputs(tmp_path):
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "manifest.json").write_text("{}", encoding="utf-8")
    return tmp_path


def no_links(self, *_, **__):
    raise OSError("links need a right that this user has not")


@pytest.mark.parametrize("links", [True, False])
def test_a_reader_always_finds_a_whole_run(outputs, monkeypatch, links):
    if not links:
        monkeypatch.setattr(Path, "symlink_to", no_links)
    switch_latest(outputs, "one")
    ended, seen = threading.Event(), []

    def read():
        while not ended.is_set():
            folder = latest_run(outputs)
            seen.append(folder.name if folder else None)

    reader = threading.Thread(target=read)
    reader.start()
    for turn in range(400):
        switch_latest(outputs, ("two", "one")[turn % 2])
    ended.set()
    reader.join()
    assert set(seen) <= {"one", "two"}
    assert latest_run(outputs).name == "one"
    assert sorted(path.name for path in outputs.iterdir()) == ["latest", "one", "two"]


def test_the_link_is_relative(outputs):
    switch_latest(outputs, "one")
    assert (outputs / "latest").readlink() == Path("one")


def test_a_folder_in_the_way_is_left_alone(outputs):
    (outputs / "latest").mkdir()
    with pytest.raises(StageError, match="not a link"):
        switch_latest(outputs, "one")


def test_no_latest_is_none(outputs):
    assert latest_run(outputs) is None


def test_latest_that_names_a_lost_run_is_none(outputs):
    switch_latest(outputs, "gone")
    assert latest_run(outputs) is None


def test_the_lock_is_held_and_let_go(outputs):
    told = []
    assert not is_running(outputs)
    with one_run_at_a_time(outputs, wait_seconds=0, waiting=lambda: None):
        assert is_running(outputs)
        with (
            pytest.raises(StageError, match="still going on"),
            one_run_at_a_time(outputs, wait_seconds=0.2, waiting=lambda: told.append(1)),
        ):
            pass
    assert told == [1]
    assert not is_running(outputs)


def test_two_who_look_at_once_do_not_take_each_other_for_a_run(outputs):
    fcntl = pytest.importorskip("fcntl")
    with (outputs / places.LOCK).open("a+b") as looks:
        fcntl.flock(looks, fcntl.LOCK_SH)
        assert not is_running(outputs)
