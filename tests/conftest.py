"""What all tests share: which marks may not be skipped, and where the real surveys lie."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

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
