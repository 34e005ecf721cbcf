"""A sample run, drawn once, and its server."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

server_process: dict[str, int] = {}  # by its address, the number of a server's process

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
def make_run():
    """How a run and notebooks of somebody's own are made: the module beside this one."""
    return _make_run()


@pytest.fixture(scope="session")
def run_folder(tmp_path_factory):
    return _make_run().make_run(tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="session")
def material(run_folder):
    from cxlib.views.material import read_material

    return read_material(run_folder)


@contextmanager
def served(folder: Path, start: Path, *more: str):
    """A real server of a run; answers its address, token included.

    It starts in a folder whose voila.json asks for everything that must not be.
    """
    (start / "voila.json").write_text(
        '{"VoilaConfiguration": {"file_allowlist": [".*"], "allow_template_override": "YES",'
        ' "allow_theme_override": "YES", "show_tracebacks": true}, "Voila": {"ip": "0.0.0.0", "token": ""}}',
        encoding="utf-8",
    )
    environment = {name: value for name, value in os.environ.items() if name != "CX_HOME"}
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE, str(folder), *more],
        cwd=start,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        address = process.stdout.readline().strip()
        assert address, f"the server has ended with {process.wait(60)} before it told its address; stderr says why"
        yield address, process
    finally:
        process.terminate()
        try:
            process.wait(timeout=120)
        finally:
            process.kill()
            process.stdout.close()


@pytest.fixture(scope="module")
def server(run_folder, tmp_path_factory):
    """The address of a server of the sample run as it was filled in."""
    for name in ("drawing.svg", "picture.png", "table.csv", ".hidden.svg"):
        (run_folder / "views" / name).write_text("secret", encoding="utf-8")
    with served(run_folder, tmp_path_factory.mktemp("start")) as (address, process):
        server_process[address] = process.pid
        yield address


ODD = 'chi phí "><b> %2e?'  # a name that a file may have


@pytest.fixture(scope="session")
def odd_name():
    """The name of a page with a widget."""
    return ODD


@pytest.fixture(scope="session")
def live_run(tmp_path_factory, make_run):
    """A run to which somebody has added: a chart to the method page, a page with a widget, two that fail."""
    folder = make_run.make_run(tmp_path_factory.mktemp("live"))
    views, cell = folder / "views", make_run.cell
    make_run.add_cells(
        views / "method.ipynb",
        cell("## A chart of my own", "markdown"),
        cell("import matplotlib.pyplot as plt\nplt.plot([1, 2, 3])\nplt.show()"),
        cell("import sys, warnings\nprint('told on my page')\nprint('a path of this machine', file=sys.stderr)"),
    )
    widget = (
        "import ipywidgets\nfrom IPython.display import display\n"
        "number, twice = ipywidgets.Dropdown(options=[1, 2, 3], description='Number'), ipywidgets.HTML()\n"
        "number.observe(lambda change: setattr(twice, 'value', f'<i>{2 * change.new}</i>'), 'value')\n"
        "display(ipywidgets.VBox([number, twice]))"
    )
    make_run.new_notebook(views / f"{ODD}.ipynb", cell("# Chi phí <script>alert(1)</script>", "markdown"), cell(widget))
    make_run.new_notebook(views / "fails.ipynb", cell("print('before')"), cell("raise ValueError('the secret answer')"))
    (views / "broken.ipynb").write_text("{", encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def live_server(live_run, tmp_path_factory):
    """The address of its server."""
    with served(live_run, tmp_path_factory.mktemp("start")) as (address, process):
        server_process[address] = process.pid
        yield address
