"""Visitors, their kernels, and the end of both, asked of real servers."""

from __future__ import annotations

import asyncio
import http.client
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

pytestmark = [
    pytest.mark.kernel,
    pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="processes are counted in /proc"),
]

SERVE = """
import sys
from cxlib.views import serve
serve(sys.argv[1], token="t", left_seconds=2, look_every_seconds=1)
"""
TOKEN = {"Authorization": "token t"}
VISITORS = 20


@contextmanager
def serving(run_folder, temporary):
    """A server whose kernels outlive their readers by two seconds; answers (process, port)."""
    environment = {name: value for name, value in os.environ.items() if name != "CX_HOME"}
    environment["TMPDIR"] = str(temporary)
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE, str(run_folder)], env=environment, stdout=subprocess.PIPE, text=True
    )
    try:
        yield process, int(re.search(r":(\d+)/", process.stdout.readline())[1])
    finally:
        process.kill()
        process.wait(timeout=30)
        process.stdout.close()


def ask(port: int, page: str = "render/findings.ipynb") -> tuple[int, str, float]:
    """Status, text and seconds of one request."""
    began = time.monotonic()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    connection.request("GET", f"/voila/{page}", headers=TOKEN)
    answer = connection.getresponse()
    text = answer.read().decode("utf-8")
    connection.close()
    return answer.status, text, time.monotonic() - began


def bring(port: int) -> str:
    """A kernel with its choices; its number."""
    status, text, _ = ask(port, "choices/findings.ipynb")
    assert status == 200
    assert text.count("application/vnd.voila.cell-output+json") == 2
    return re.search(r'data-kernel="([0-9a-f-]{36})"', text)[1]


def below(pid: int) -> list[int]:
    """All processes that a process has started, and theirs."""
    parents = {}
    for place in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, parent = place.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[:2]
        except OSError:
            continue
        if state != "Z":
            parents[int(place.parent.name)] = int(parent)
    found, new = [], [pid]
    while new:
        new = [child for child, parent in parents.items() if parent in new]
        found += new
    return found


def kernels(pid: int) -> list[int]:
    """The kernels of a server: its processes, but for the warm parent."""

    def told(process: int) -> str:
        try:
            return Path(f"/proc/{process}/cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            return ""

    def parent(process: int) -> bool:
        stat = Path(f"/proc/{process}/stat").read_text(encoding="utf-8")
        return "cxlib.kernels.parent" in told(process) and int(stat.rpartition(")")[2].split()[1]) == pid

    return [process for process in below(pid) if told(process) and not parent(process)]


def until(asked, seconds: float = 30) -> bool:
    """Whether something comes true in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if asked():
            return True
        time.sleep(0.1)
    return bool(asked())


def alive(processes: list[int]) -> list[int]:
    """Those of these processes that still run."""
    running = []
    for process in processes:
        try:
            state = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
        except OSError:
            continue
        if state != "Z":
            running.append(process)
    return running


def test_many_at_once_all_read_at_once_and_all_kernels_end(run_folder, tmp_path, document):
    with serving(run_folder, tmp_path) as (process, port), ThreadPoolExecutor(2 * VISITORS) as crowd:
        choices = [crowd.submit(bring, port) for _ in range(VISITORS)]
        pages = [crowd.submit(ask, port) for _ in range(VISITORS)]
        for page in pages:
            status, text, _ = page.result()
            assert status == 200
            assert text.count('<article class="cx-card') == len(document.findings)
        waiting = sum(not choice.done() for choice in choices)
        assert waiting > VISITORS / 2  # nobody who reads had to wait for the kernels of the others
        assert len({choice.result() for choice in choices}) == VISITORS
        assert kernels(process.pid)  # of the latest, at least
        assert until(lambda: not kernels(process.pid))
        assert ask(port)[0] == 200


def test_a_reader_who_is_there_keeps_the_kernel_and_one_who_left_does_not(run_folder, tmp_path):
    from tornado.httpclient import HTTPRequest
    from tornado.websocket import websocket_connect

    with serving(run_folder, tmp_path) as (process, port):

        async def read() -> None:
            kernel = await asyncio.to_thread(bring, port)
            address = f"ws://127.0.0.1:{port}/api/kernels/{kernel}/channels"
            reader = await websocket_connect(HTTPRequest(address, headers=TOKEN))
            await asyncio.sleep(6)
            assert len(kernels(process.pid)) == 1
            reader.close()

        with ThreadPoolExecutor(1) as thread:  # a browser test of this process may have left a loop running
            thread.submit(lambda: asyncio.run(read())).result()
        began = time.monotonic()
        assert until(lambda: not kernels(process.pid))
        assert time.monotonic() - began > 1  # a page that is loaded again finds the server as it was


def test_the_served_run_stays_whole_whatever_becomes_of_the_latest(run_folder, tmp_path, document):
    home = tmp_path / "home" / "outputs" / "sample"
    shutil.copytree(run_folder, home / "run")
    latest = home / "latest"
    latest.symlink_to("run")
    with serving(latest, tmp_path) as (_, port):
        shutil.copytree(run_folder, home / "later")
        (home / "later" / "findings.json").write_text("{", encoding="utf-8")  # a later run that is broken
        (home / "new").symlink_to("later")
        (home / "new").replace(latest)
        bring(port)
        assert ask(port)[1].count('<article class="cx-card') == len(document.findings)


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_nothing_outlives_the_server(run_folder, tmp_path, end):
    with serving(run_folder, tmp_path) as (process, port):
        bring(port)
        started = below(process.pid)
        assert kernels(process.pid)
        process.send_signal(end)
        process.wait(timeout=30)
        assert until(lambda: not alive(started), 15)
    if end != signal.SIGKILL:
        assert not list(tmp_path.glob("voila_*"))
