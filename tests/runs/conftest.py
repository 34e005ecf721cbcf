"""The tiny client and its stages, for the tests of the run machinery."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

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


@pytest.fixture(autouse=True)
def _ordinary_kernels(monkeypatch):
    """These tiny notebooks need none of the libraries that the warm parent would import first."""
    monkeypatch.setenv("CX_COLD_KERNELS", "1")
