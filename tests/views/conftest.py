"""A sample run, drawn once, and its server."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

SERVE = """
import sys
from cxlib.views import serve
serve(sys.argv[1], token=sys.argv[2] if len(sys.argv) > 2 else None)
"""


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


@pytest.fixture(scope="module")
def server(run_folder, tmp_path_factory):
    """The address of a real server of the sample run, token included.

    It starts in a folder whose voila.json asks for everything that must not be.
    """
    start = tmp_path_factory.mktemp("start")
    (start / "voila.json").write_text(
        '{"VoilaConfiguration": {"file_allowlist": [".*"], "allow_template_override": "YES",'
        ' "allow_theme_override": "YES", "show_tracebacks": true}, "Voila": {"ip": "0.0.0.0", "token": ""}}',
        encoding="utf-8",
    )
    for name in ("drawing.svg", "picture.png", "table.csv", ".hidden.svg"):
        (run_folder / "views" / name).write_text("secret", encoding="utf-8")
    environment = {name: value for name, value in os.environ.items() if name != "CX_HOME"}
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE, str(run_folder)],
        cwd=start,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.wait(timeout=30)
        process.stdout.close()
