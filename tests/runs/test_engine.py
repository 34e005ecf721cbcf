"""How papermill saves a stage's notebook, and what of a run a kernel waits for."""

from __future__ import annotations

import datetime
import json

import nbformat
import pytest

from cxlib.kernels.parent import MODULES
from cxlib.runs import libraries
from cxlib.runs.execute import execute
from cxlib.runs.stages import STAGES


def test_a_notebook_is_saved_at_its_start_and_then_once_a_second_at_most(tmp_path, monkeypatch):
    libraries.load()
    from cxlib.runs.engine import StageNotebook

    cells = [nbformat.v4.new_code_cell("1", metadata={"tags": []}) for _ in range(6)]
    notebook = nbformat.v4.new_notebook(cells=cells, metadata={"papermill": {}})
    clock = datetime.datetime(2026, 7, 6, tzinfo=datetime.UTC)
    monkeypatch.setattr(StageNotebook, "now", lambda self: clock)
    running = StageNotebook(notebook, output_path=str(tmp_path / "kept.ipynb"), progress_bar=False)
    running.notebook_start()
    saved = []
    for cell in notebook.cells:
        running.cell_start(cell)
        clock += datetime.timedelta(seconds=0.4)
        running.cell_complete(cell)
        kept = json.loads((tmp_path / "kept.ipynb").read_text(encoding="utf-8"))
        saved.append(sum(cell["metadata"]["papermill"]["status"] == "completed" for cell in kept["cells"]))
    assert saved == [0, 0, 3, 3, 3, 6]
    running.save_now()


@pytest.mark.kernel
def test_a_kept_notebook_names_no_folder_however_it_ended(fixture_notebooks, tmp_path):
    for case in ("good", "killed_kernel", "user_mistake"):
        kept = tmp_path / "kept" / f"{case}.ipynb"
        try:
            execute(fixture_notebooks / f"{case}.ipynb", kept, {"word": "told"}, stage=case, home=tmp_path)
        except Exception:
            assert case != "good"
        seen = nbformat.read(kept, as_version=4).metadata.papermill
        assert (seen["input_path"], seen["output_path"]) == (f"{case}.ipynb", f"{case}.ipynb")
        assert seen["end_time"]


def test_what_stages_need_stands_in_the_order_in_which_it_is_imported():
    needs = [MODULES.index(stage.needs) if stage.needs else len(MODULES) for stage in STAGES]
    assert needs == sorted(needs)
