"""Visitors, their kernels, and the end of both, asked of real servers."""

from __future__ import annotations

import asyncio
import http.client
import json
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
from urllib.parse import quote

import pytest

pytestmark = [
    pytest.mark.kernel,
    pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="processes are counted in /proc"),
]

SERVE = """
import signal, sys
# A shell that starts the tests in the background hands on that Ctrl+C is ignored.
signal.signal(signal.SIGINT, signal.default_int_handler)
from cxlib.views import serve
serve(sys.argv[1], token="t", left_seconds=int(sys.argv[2]), look_every_seconds=1)
"""
TOKEN = {"Authorization": "token t"}
VISITORS = 20


@contextmanager
def serving(run_folder, temporary, left=6):
    """A server whose kernels outlive their readers by so many seconds; answers (process, port).

    That must be longer than a loaded machine needs between two steps of a test, or a kernel goes in the middle of it.
    """
    environment = {name: value for name, value in os.environ.items() if name != "CX_HOME"}
    environment["TMPDIR"] = str(temporary)
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE, str(run_folder), str(left)], env=environment, stdout=subprocess.PIPE, text=True
    )
    try:
        told = process.stdout.readline()
        assert told, f"the server has ended with {process.wait(60)} before it told its address; stderr says why"
        yield process, int(re.search(r":(\d+)/", told)[1])
    finally:
        process.kill()
        process.wait(timeout=120)
        process.stdout.close()


def ask(port: int, page: str = "findings") -> tuple[int, str]:
    """Status and text of one page."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=300)
    connection.request("GET", f"/voila/render/{quote(page)}.ipynb", headers=TOKEN)
    answer = connection.getresponse()
    text = answer.read().decode("utf-8")
    connection.close()
    return answer.status, text


def bring(port: int, page: str) -> str:
    """A live page with a widget; its kernel's number."""
    status, text = ask(port, page)
    assert status == 200
    assert text.count("application/vnd.voila.cell-output+json") == 1
    return re.search(r'"kernelId": "([0-9a-f-]{36})"', text)[1]


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
        try:
            stat = Path(f"/proc/{process}/stat").read_text(encoding="utf-8")
        except OSError:  # it has gone since
            return False
        return "cxlib.kernels.parent" in told(process) and int(stat.rpartition(")")[2].split()[1]) == pid

    return [process for process in below(pid) if told(process) and not parent(process)]


def until(asked, seconds: float = 120) -> bool:
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


def test_reading_and_choosing_starts_no_kernel(run_folder, tmp_path, document):
    with serving(run_folder, tmp_path) as (process, port), ThreadPoolExecutor(2 * VISITORS) as crowd:
        for status, text in crowd.map(lambda _: ask(port), range(VISITORS)):
            assert status == 200
            assert text.count('<article class="cx-card') == len(document.findings)
            assert "<select data-filter" in text
        assert below(process.pid) == []  # no kernel, and no parent of kernels


def test_many_at_once_on_a_live_page_and_all_kernels_end(live_run, tmp_path, document, odd_name):
    with serving(live_run, tmp_path) as (process, port), ThreadPoolExecutor(2 * VISITORS) as crowd:
        live = [crowd.submit(bring, port, odd_name) for _ in range(VISITORS)]
        pages = [crowd.submit(ask, port) for _ in range(VISITORS)]
        for page in pages:
            status, text = page.result()
            assert status == 200
            assert text.count('<article class="cx-card') == len(document.findings)
        waiting = sum(not page.done() for page in live)
        assert waiting > VISITORS / 2  # nobody who reads a prepared page waits for the kernels of the others
        assert len({page.result() for page in live}) == VISITORS
        assert kernels(process.pid)  # of the latest, at least
        assert until(lambda: not kernels(process.pid))
        assert ask(port)[0] == 200


def test_a_page_without_a_widget_keeps_no_kernel(live_run, tmp_path):
    with serving(live_run, tmp_path, left=600) as (process, port):
        for name in ("method", "fails", "broken"):
            assert ask(port, name)[0] == 200
        assert until(lambda: not kernels(process.pid))


def test_a_visitor_who_left_before_their_turn_starts_no_kernel(live_run, tmp_path, odd_name):
    with serving(live_run, tmp_path, left=600) as (process, port):
        impatient = []
        process.send_signal(signal.SIGSTOP)  # or it might have served some of them before they leave
        try:
            for _ in range(VISITORS):
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=300)
                connection.request("GET", f"/voila/render/{quote(odd_name)}.ipynb", headers=TOKEN)
                impatient.append(connection)
            for connection in impatient:
                connection.close()
        finally:
            process.send_signal(signal.SIGCONT)
        bring(port, odd_name)
        assert until(lambda: len(kernels(process.pid)) <= 1 + max(2, os.cpu_count() or 1))


def test_a_kernel_that_cannot_start_is_told_and_holds_up_nobody(live_run, tmp_path, odd_name):
    """Voila's own handler would wait for ever, and with it everybody behind in the queue."""
    folder = tmp_path / "home" / "outputs" / "sample" / "run"
    shutil.copytree(live_run, folder)
    page = folder / "views" / "fails.ipynb"
    content = json.loads(page.read_text(encoding="utf-8"))
    content["cells"] = [content["cells"][0] | {"source": "import os\nos._exit(1)"}]
    page.write_text(json.dumps(content), encoding="utf-8")
    with serving(folder, tmp_path) as (_, port), ThreadPoolExecutor(8) as crowd:
        for status, text in crowd.map(lambda _: ask(port, "fails"), range(4)):
            assert status == 200
            assert "Nothing is wrong on your side." in text
        bring(port, odd_name)


def test_a_reader_who_is_there_keeps_the_kernel_and_one_who_left_does_not(live_run, tmp_path, odd_name):
    from tornado.httpclient import HTTPRequest
    from tornado.websocket import websocket_connect

    with serving(live_run, tmp_path) as (process, port):

        async def read() -> float:
            kernel = await asyncio.to_thread(bring, port, odd_name)
            address = f"ws://127.0.0.1:{port}/api/kernels/{kernel}/channels"
            reader = await websocket_connect(HTTPRequest(address, headers=TOKEN))
            await asyncio.sleep(9)
            assert len(kernels(process.pid)) == 1
            leaves = time.monotonic()
            reader.close()
            return leaves

        with ThreadPoolExecutor(1) as thread:  # a browser test of this process may have left a loop running
            left = thread.submit(lambda: asyncio.run(read())).result()
        assert until(lambda: not kernels(process.pid))
        assert time.monotonic() - left > 5  # a page that is loaded again finds the server as it was


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
        assert ask(port)[1].count('<article class="cx-card') == len(document.findings)


EARLY = """
import signal, sys, time
signal.signal(signal.SIGINT, signal.default_int_handler)
from cxlib.views import serve, server

def prepare(*_):
    print("preparing", flush=True)
    time.sleep(600)

server.prepare = prepare
try:
    serve(sys.argv[1], token="t")
except KeyboardInterrupt:
    print("ended")
"""


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
def test_a_server_that_is_ended_before_it_listens_leaves_nothing(run_folder, tmp_path, end):
    environment = os.environ | {"TMPDIR": str(tmp_path)}
    command = [sys.executable, "-c", EARLY, str(run_folder)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, env=environment, stdout=pipe, stderr=pipe, text=True) as process:
        assert process.stdout.readline() == "preparing\n", process.communicate()
        assert list(tmp_path.glob("voila_*"))
        process.send_signal(end)
        assert process.communicate(timeout=120) == ("ended\n", "")
    assert not list(tmp_path.glob("voila_*"))


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_nothing_outlives_the_server(live_run, tmp_path, end, odd_name):
    with serving(live_run, tmp_path) as (process, port):
        bring(port, odd_name)
        started = below(process.pid)
        assert kernels(process.pid)
        process.send_signal(end)
        process.wait(timeout=120)
        assert until(lambda: not alive(started)), f"still there: {alive(started)}"
    if end != signal.SIGKILL:
        assert not list(tmp_path.glob("voila_*"))
