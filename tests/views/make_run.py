"""A finished run for the tests of the pages: the sample findings, their figures, and the project's view notebooks."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from types import SimpleNamespace

from cxlib.findings.schema import Document

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "tests" / "findings" / "sample_findings.json"


def sample_document() -> Document:
    """The sample of tests/findings."""
    return Document.model_validate_json(SAMPLE.read_bytes())


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
    shutil.copy(SAMPLE, folder / "findings.json")
    cx.draw_figures(SimpleNamespace(document=sample_document())).save(folder)
    for page in ("findings", "method"):
        notebook = json.loads((ROOT / "notebooks" / "views" / f"{page}.ipynb").read_text(encoding="utf-8"))
        for cell in notebook["cells"]:
            if "parameters" in cell["metadata"].get("tags", []):
                cell["source"] = 'run_dir = "outputs/sample/run"\nlanguage = "vi"'
        text = json.dumps(notebook, ensure_ascii=False)
        (folder / "views" / f"{page}.ipynb").write_text(text, encoding="utf-8")
    return folder
