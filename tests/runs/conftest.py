"""The tiny client and its stages, for the tests of the run machinery."""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path

import pytest

from cxlib.runs.latest import latest_run

HERE = Path(__file__).resolve().parent


@pytest.fixture(scope="session")
def mini():
    """The module mini.py beside this file."""
    spec = importlib.util.spec_from_file_location("mini_stages", HERE / "mini.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def fixture_notebooks() -> Path:
    return HERE / "notebooks"


@pytest.fixture
def client(mini, tmp_path) -> Path:
    return mini.write_client(tmp_path)


@pytest.fixture(scope="session")
def finished(mini, tmp_path_factory):
    """One finished run, shared by the tests that only look at it: (client's folder, outputs, run)."""
    base = tmp_path_factory.mktemp("finished")
    client = mini.write_client(base)
    with pytest.MonkeyPatch.context() as surroundings:
        surroundings.setenv("CX_COLD_KERNELS", "1")
        return client, base / "outputs", mini.run_mini(client, base / "outputs")


@pytest.fixture
def second(finished, tmp_path):
    """A copy of the finished run and its client, to be changed: (client's folder, outputs, the run's folder)."""
    shutil.copytree(finished[0].parents[1], tmp_path / "all", symlinks=True)
    outputs = tmp_path / "all" / "outputs"
    return tmp_path / "all" / "params" / "mini", outputs, latest_run(outputs / "mini")


@pytest.fixture
def no_kernel(monkeypatch):
    """Any stage that runs fails the test."""
    monkeypatch.setattr("cxlib.runs.execute.execute", lambda *_, **__: pytest.fail("a stage was run"))


@pytest.fixture(autouse=True)
def _ordinary_kernels(monkeypatch):
    """These tiny notebooks need none of the libraries that the warm parent would import first."""
    monkeypatch.setenv("CX_COLD_KERNELS", "1")
