"""A finished run for the tests of the pages: the sample findings, their figures, and the project's view notebooks."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from types import SimpleNamespace

from cxlib.findings.schema import Document
from cxlib.runs.manifest import digest
from cxlib.runs.notebooks import code_of, fill_in

ROOT = Path(__file__).resolve().parents[2]
PAGES = ("findings", "history", "method")


def _rich():
    name = "cx_tests_views_rich"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name("rich.py"))
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]


def sample_document() -> Document:
    """The sample of tests/findings, with everything that can be said of change."""
    return _rich().rich_document()


def make_run(home: Path) -> Path:
    """A run below `home`, with figures drawn by the library and parameterised view notebooks.

    Returns
    -------
    Path
        home/outputs/sample/run
    """
    import cxlib as cx

    folder = home / "outputs" / "sample" / "run"
    (folder / "views").mkdir(parents=True)
    document = sample_document()
    text = document.model_dump_json(by_alias=True)
    (folder / "findings.json").write_text(text, encoding="utf-8", newline="\n")
    cx.draw_figures(SimpleNamespace(document=document)).save(folder)
    notebooks = {f"views/{page}.ipynb": ROOT / "notebooks" / "views" / f"{page}.ipynb" for page in PAGES}
    for name, notebook in notebooks.items():
        fill_in(notebook, folder / name, {"run_dir": "outputs/sample/run", "language": "vi"})
    manifest = {
        "run": "run",
        "parameters": {"language": "vi"},
        "code": {"notebooks": {name: digest(code_of(notebook)) for name, notebook in notebooks.items()}},
        "stages": [{"name": "clean", "status": "done"}, {"name": "drivers", "status": "reused"}],
    }
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return folder


def cell(source: str, kind: str = "code") -> dict:
    """A cell of somebody's own."""
    more = {"outputs": [], "execution_count": None} if kind == "code" else {}
    return {"cell_type": kind, "metadata": {}, "source": source, "id": f"own{abs(hash(source))}"[:60]} | more


def add_cells(notebook: Path, *cells: dict) -> None:
    """What a researcher does in JupyterLab: cells below those that are there, and saved."""
    content = json.loads(notebook.read_text(encoding="utf-8"))
    content["cells"] += cells
    notebook.write_text(json.dumps(content), encoding="utf-8")


def new_notebook(path: Path, *cells: dict) -> None:
    """A notebook of somebody's own."""
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    content = {"cells": list(cells), "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    path.write_text(json.dumps(content), encoding="utf-8")
