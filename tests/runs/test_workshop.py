"""What is tried in a temporary folder leaves nothing behind, also when it is killed."""

from __future__ import annotations

import subprocess
import sys

import pytest

from cxlib.runs.workshop import workshop

HOLDS = """
import sys, time
from cxlib.runs.workshop import workshop
with workshop("cx-try-") as folder:
    (folder / "left").write_text("x")
    print(folder, flush=True)
    time.sleep(100)
"""


@pytest.fixture
def holder(tmp_path, monkeypatch):
    """A process that is in a workshop: (process, the name of its folder)."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    process = subprocess.Popen([sys.executable, "-c", HOLDS], stdout=subprocess.PIPE, text=True)
    yield process, process.stdout.readline().strip()
    process.kill()
    process.communicate()


def test_it_is_removed_at_its_end_and_after_an_error(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with workshop("cx-try-") as folder:
        (folder / "some").mkdir()
        assert (tmp_path / folder.name / "some").is_dir()
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(OSError, match="no-such"), workshop("cx-try-") as folder:
        (folder / "no-such" / "folder").mkdir()
    assert list(tmp_path.iterdir()) == []


def test_one_in_use_is_left_alone_and_that_of_a_killed_process_is_cleared_by_the_next(holder, tmp_path):
    process, folder = holder
    with workshop("cx-try-"), workshop("cx-other-"):
        assert (tmp_path / folder / "left").is_file()
    process.kill()
    process.wait(60)
    with workshop("cx-other-"):
        assert (tmp_path / folder / "left").is_file()
    with workshop("cx-try-"):
        assert not (tmp_path / folder).exists()
    assert list(tmp_path.iterdir()) == []
