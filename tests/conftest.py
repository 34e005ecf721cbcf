"""What all tests share: which marks may not be skipped, how `cx` is called, and a run of the made-up client."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# How long an example takes, and how soon ten of them are there, says more of the machine than of the code.
settings.register_profile("cx", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("cx")

ROOT = Path(__file__).resolve().parent.parent
MUST_RUN = set(os.environ.get("CX_MUST_RUN", "").split())


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """A skipped test fails where its mark is named in CX_MUST_RUN."""
    outcome = yield
    report = outcome.get_result()
    if report.skipped and not hasattr(report, "wasxfail"):
        due = MUST_RUN & {mark.name for mark in item.iter_markers()}
        if due:
            report.outcome = "failed"
            report.longrepr = f"{item.nodeid} was skipped, and {' '.join(sorted(due))} tests must run here"


@pytest.fixture(scope="session")
def root() -> Path:
    """The project's folder."""
    return ROOT


@dataclass(frozen=True)
class Done:
    """A finished `cx` command: its exit code, what it printed, and the run it left."""

    code: int
    out: str
    err: str
    latest: Path

    @property
    def findings(self) -> dict:
        return json.loads((self.latest / "findings.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def cx():
    """Call `cx` as a user does."""

    def call(*words: str | Path, timeout: int = 900) -> subprocess.CompletedProcess:
        return subprocess.run(
            [sys.executable, "-m", "cxlib", *map(str, words)],
            capture_output=True,
            text=True,
            check=False,
            timeout=timeout,
            env=os.environ | {"NO_COLOR": "1", "COLUMNS": "160"},
        )

    return call


@pytest.fixture(scope="session")
def demo_run(cx, root: Path, tmp_path_factory) -> Done:
    """`cx run demo` into a folder of its own."""
    outputs = tmp_path_factory.mktemp("demo") / "outputs"
    done = cx("run", root / "params" / "demo", "--outputs", outputs)
    assert done.returncode == 0, done.stderr
    return Done(done.returncode, done.stdout, done.stderr, outputs / "demo" / "latest")
