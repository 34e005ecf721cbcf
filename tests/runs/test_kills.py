"""Whatever is killed or full: the last good run stays served, nothing half-written is shown, and it is told."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from cxlib.kernels import provisioner
from cxlib.runs.folder import open_run
from cxlib.runs.latest import latest_run
from cxlib.runs.listing import list_runs

pytestmark = [
    pytest.mark.kernel,
    pytest.mark.skipif(sys.platform == "win32", reason="kills as POSIX does"),
]
SLEEPS, FILLS = "analysis.seed=60", "analysis.seed=7"


def started(mini, client: Path, outputs: Path, *words: str, warm: bool = False, by: tuple = ()) -> subprocess.Popen:
    environment = {name: value for name, value in os.environ.items() if name != provisioner.OFF}
    environment |= {} if warm else {provisioner.OFF: "1"}
    return subprocess.Popen(
        [*by, sys.executable, mini.__file__, str(client), str(outputs), *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=outputs.parent,
        env=environment,
    )


def record_of(folder: Path) -> dict:
    return json.loads((folder / "manifest.json").read_text(encoding="utf-8"))


def wait_for(what, seconds: float = 300):
    until = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.05)
    return found


def is_alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:  # it may go between two looks
        return False


def is_kernel(process: psutil.Process) -> bool:
    try:
        return is_alive(process) and "ipykernel_launcher" in process.cmdline()
    except psutil.NoSuchProcess:
        return False


def sleeping_in(outputs: Path, first: Path) -> Path | None:
    """The new run, once its second stage is at work."""
    for folder in (outputs / "mini").glob("2*"):
        if folder != first and (folder / "manifest.json").is_file():
            going = [line["status"] for line in record_of(folder)["stages"] if line["name"] == "tell"]
            if going == ["running"] and (folder / "drivers.csv").is_file():  # it is in the cell that sleeps
                return folder
    return None


def still_served(outputs: Path, first: Path) -> None:
    """`latest` is the good run, whole; every record can be read; nothing temporary passes for a run."""
    assert latest_run(outputs / "mini") == first
    run = open_run(first)
    assert run.finished
    assert run.drivers()["n"].item() == 5
    names = {line.run for line in list_runs(outputs)}
    shown = {path.name for path in (outputs / "mini").iterdir() if path.name[0] != "." and path.name != "latest"}
    assert names == shown


def test_a_killed_run(second, mini):
    client, outputs, first = second
    process = started(mini, client, outputs, SLEEPS, "cleaning.min_answered=0.7")
    wait_for(lambda: sleeping_in(outputs, first))
    kernels = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    still_served(outputs, first)
    assert [line.status for line in list_runs(outputs)] == ["interrupted", "done"]
    wait_for(lambda: not [one for one in kernels if is_alive(one)])
    run = mini.run_mini(client, outputs, changes={"cleaning.min_answered": 0.7})  # the lock went with the process
    assert [line["status"] for line in record_of(run.folder)["stages"]] == ["reused", "done"]  # and no work was lost


def test_a_killed_kernel(second, mini):
    client, outputs, first = second
    process = started(mini, client, outputs, SLEEPS)
    folder = wait_for(lambda: sleeping_in(outputs, first))
    [kernel] = [one for one in psutil.Process(process.pid).children() if is_kernel(one)]
    kernel.kill()
    _, told = process.communicate(timeout=300)
    assert process.returncode == 1
    assert "The kernel of the stage 'tell' died." in told
    assert "2_tell.ipynb, code cell" in told
    assert "Traceback" not in told
    still_served(outputs, first)
    record = record_of(folder)
    assert record["status"] == "failed"
    assert "died" in record["error"][0]["what"]


@pytest.mark.skipif(not provisioner.can_fork(), reason="this platform cannot fork safely: there is no warm parent")
def test_a_killed_warm_parent(second, mini):
    client, outputs, _ = second
    process = started(mini, client, outputs, "fresh", "kill-parent", warm=True)
    out, told = process.communicate(timeout=600)
    assert process.returncode == 0, told
    record = record_of(outputs / "mini" / out.split()[-1])
    assert record["status"] == "done"
    assert (record["kernels"]["warm"], record["kernels"]["cold"]) == (1, 1)
    assert record["kernels"]["notes"] == ["A kernel was started without the warm parent: the warm parent is dead."]
    assert latest_run(outputs / "mini").name == record["run"]


LIMITED = """
import os, resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (500_000, 500_000))
os.execv(sys.argv[1], sys.argv[1:])
"""


def test_a_file_that_finds_no_room(second, mini):
    pytest.importorskip("resource")
    client, outputs, first = second
    process = started(mini, client, outputs, FILLS, by=(sys.executable, "-c", LIMITED))
    _, told = process.communicate(timeout=300)
    assert process.returncode == 1
    assert "The run could not be written: File too large." in told
    assert "make room there" in told
    assert "Traceback" not in told
    still_served(outputs, first)
    assert list_runs(outputs)[0].status == "failed"
    assert mini.run_mini(client, outputs, changes={"analysis.seed": 2}).finished


FULL_DISK = """
set -e
mount -t tmpfs -o size=600k tmpfs {room}
cp -a {outputs} {room}/outputs
head -c {fill} /dev/zero > {room}/filler
set +e
{python} {mini} {client} {room}/outputs {words}
echo "exit $?"
rm {room}/filler
cp -a {room}/outputs {after}
"""


@pytest.mark.parametrize("fill", [300_000, 10_000_000], ids=["in the middle", "from the start"])
def test_a_full_disk(second, mini, tmp_path, fill):
    client, outputs, first = second
    room, after = tmp_path / "room", tmp_path / "after"
    room.mkdir()
    try:
        able = subprocess.run(
            ["unshare", "-rm", "mount", "-t", "tmpfs", "-o", "size=100k", "tmpfs", str(room)], capture_output=True
        )
    except FileNotFoundError:
        pytest.skip("there is no `unshare` here to mount a small disk with")
    if able.returncode:
        pytest.skip("no small disk may be mounted here; the limit of a file's size is tested above")
    script = FULL_DISK.format(
        room=room, outputs=outputs, python=sys.executable, mini=mini.__file__, client=client, after=after, fill=fill,
        words=FILLS,
    )  # fmt: skip
    if fill > 600_000:
        script = script.replace("head -c", "! head -c")  # it stops when the disk is full
    told = subprocess.run(
        ["unshare", "-rm", "sh", "-c", script],
        capture_output=True,
        text=True,
        env={**os.environ, "CX_COLD_KERNELS": "1"},
        timeout=600,
    )
    assert "exit 1" in told.stdout, told.stderr
    assert "No space left on device" in told.stderr
    assert "make room there" in told.stderr
    assert "Traceback" not in told.stderr
    still_served(after, after / "mini" / first.name)
    assert {line.status for line in list_runs(after)} <= {"done", "failed", "interrupted"}
