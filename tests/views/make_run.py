"""A finished run for the tests of the pages: the sample findings, their figures, and the project's view notebooks."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from types import SimpleNamespace

from cxlib.findings.schema import Document

ROOT = Path(__file__).resolve().parents[2]


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
    for page in ("findings", "history", "method"):
        notebook = json.loads((ROOT / "notebooks" / "views" / f"{page}.ipynb").read_text(encoding="utf-8"))
        for cell in notebook["cells"]:
            if "parameters" in cell["metadata"].get("tags", []):
                cell["source"] = 'run_dir = "outputs/sample/run"\nlanguage = "vi"'
        text = json.dumps(notebook, ensure_ascii=False)
        (folder / "views" / f"{page}.ipynb").write_text(text, encoding="utf-8")
    return folder
