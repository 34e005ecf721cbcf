"""Small clients and their batches."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))


@pytest.fixture(scope="session")
def runners():
    """The module batch_runners.py beside this file, under the name by which workers import it."""
    import batch_runners

    return batch_runners


@pytest.fixture(scope="session")
def finished(runners, tmp_path_factory):
    """One finished run, for the tests that only move it about: (client's folder, outputs, run)."""
    base = tmp_path_factory.mktemp("batch-finished")
    client = runners.add_client(base / "params", "mini")
    return client, base / "outputs", runners.run_mini(client, outputs=base / "outputs")


@dataclass
class Cluster:
    """A scheduler and workers as processes of their own, as on several machines."""

    address: str
    meet: Path
    processes: list[subprocess.Popen] = field(default_factory=list)


@contextmanager
def started(base: Path, *, workers: int, words: tuple[str, ...] = (), **surroundings: str) -> Iterator[Cluster]:
    """A scheduler and workers on loopback by dask's own commands; nothing restarts a worker that dies."""
    (base / "meet").mkdir()
    here = Path(__file__).resolve().parent
    one_thread = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    path = os.pathsep.join([str(here), *filter(None, [os.environ.get("PYTHONPATH")])])
    environment = {
        **os.environ, **one_thread, "PYTHONPATH": path, "BATCH_TESTS_MEET": str(base / "meet"), **surroundings,
    }  # fmt: skip
    told, said = base / "scheduler.json", base / "log.txt"

    def start(*words: str) -> subprocess.Popen:
        with said.open("ab") as log:
            command = [sys.executable, "-m", "dask", *words]
            return subprocess.Popen(command, cwd=base, env=environment, stdout=log, stderr=log)

    options = ("--host", "127.0.0.1", "--no-dashboard", *words)
    scheduler = start("scheduler", *options, "--port", "0", "--scheduler-file", str(told))
    found = Cluster("", base / "meet", [scheduler])

    def wait_for(what: Callable[[], object]) -> None:
        until = time.monotonic() + 300
        while not what():
            log = said.read_text(encoding="utf-8")
            assert all(process.poll() is None for process in found.processes), log
            assert time.monotonic() < until, log
            time.sleep(0.1)

    def address() -> str:
        try:
            return json.loads(told.read_text(encoding="utf-8"))["address"]
        except (OSError, ValueError):  # not there yet, or not all of it
            return ""

    try:
        wait_for(address)
        worker = ("worker", "--scheduler-file", str(told), "--nthreads", "1", "--no-nanny", *options)
        found.processes += [
            start(*worker, "--local-directory", str(base / f"worker{number}")) for number in range(1, workers + 1)
        ]
        wait_for(lambda: said.read_text(encoding="utf-8").count("Registered to:") >= workers)
        found.address = address()
        yield found
    finally:
        for process in found.processes:
            process.kill()
            process.wait()


@pytest.fixture(scope="session")
def cluster(tmp_path_factory):
    """A scheduler and two workers, as on several machines."""
    with started(tmp_path_factory.mktemp("cluster"), workers=2) as found:
        yield found


@pytest.fixture(scope="session")
def start_cluster(tmp_path_factory):
    """Starts one with other options: `workers`, `words` of dask's commands, environment variables."""
    return lambda **more: started(tmp_path_factory.mktemp("cluster"), **more)
