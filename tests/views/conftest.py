"""A sample run, drawn once."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest


def _make_run():
    name = "cx_tests_make_run"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name("make_run.py"))
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]


@pytest.fixture(scope="session")
def document():
    return _make_run().sample_document()


@pytest.fixture(scope="session")
def run_folder(tmp_path_factory):
    return _make_run().make_run(tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="session")
def material(run_folder):
    from cxlib.views.material import read_material

    return read_material(run_folder)
