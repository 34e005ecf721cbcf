"""The launcher of JupyterLab: what it lists, and that a stage notebook opened from it changes no run."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest

from cxlib.params.model import Params
from cxlib.runs import launcher, places
from cxlib.runs.lab import LAUNCHER, OUTPUTS, lab_command, lab_environment
from cxlib.runs.notebooks import check_notebook, code_of, defaults_of, read_notebook
from cxlib.runs.stages import STAGES, find_notebooks

NOTEBOOK = find_notebooks() / "lab.ipynb"


@pytest.fixture
def project(tmp_path, monkeypatch) -> Path:
    question = {"scale": (0, 10), "label": {"vi": "a", "en": "a"}}
    params = Params(
        client="shop",
        title={"vi": "a", "en": "a"},
        data={"responses": "a.csv"},
        outcomes={"referral": {"column": "r", **question}},
        factors={"wait": {"column": "w", **question}},
        analysis={"q": 0.1},
    )
    run = tmp_path / "outputs" / "shop" / "20250101T000000Z-aaaaaaaa"
    (run / "figures").mkdir(parents=True)
    values = params.model_dump(mode="json")
    places.write_json(run / places.PARAMS, values)
    loop = {"matter": 3, "with_action": 2, "with_change_measured": 1}
    record = {
        "status": "done", "started": "2025-01-01", "seconds": 9.0, "run": run.name,
        "client_folder": "../../../params/shop",
        "fingerprint": "x", "changes": {"analysis.q": 0.1}, "parameters": values, "stages": [],
        "found": {"rows": {"in": 9, "kept": 8, "set_aside": 1}, "findings": 2, "loop": loop},
    }  # fmt: skip
    places.write_json(run / places.MANIFEST, record)
    (run / "figures" / "a.svg").write_text("<svg/>", encoding="utf-8")
    (tmp_path / "outputs" / "shop" / "latest").symlink_to(run.name)
    (tmp_path / "params" / "new").mkdir(parents=True)
    (tmp_path / "params" / "new" / "params.yaml").write_text("client: new\n", encoding="utf-8")
    (tmp_path / "notebooks").mkdir()
    monkeypatch.chdir(tmp_path / "notebooks")
    for name, value in lab_environment(tmp_path / "outputs").items():
        monkeypatch.setenv(name, value)
    return tmp_path


def test_clients_and_runs_are_listed(project):
    clients = launcher.list_clients()
    assert [row[0] for row in clients.rows] == ["new", "shop"]
    assert clients.rows[0][2] == "no finished run yet"
    assert "3 matter, 2 with an action, 1 measured" in clients.rows[1]
    [row] = launcher.list_runs("shop").rows
    assert row[:5] == ("*20250101T000000Z-aaaaaaaa", "done", "9 s", "8", "2")
    assert "<table>" in clients._repr_html_()


def test_stage_notebooks_open_on_a_scratch_copy_with_the_runs_settings(project):
    run = project / "outputs" / "shop" / "20250101T000000Z-aaaaaaaa"
    before = sorted(path.relative_to(run) for path in run.rglob("*"))
    sheet = launcher.open_stages("shop")
    scratch = project / "outputs" / "shop" / "scratch" / run.name
    assert [row[0] for row in sheet.rows] == [stage.notebook for stage in STAGES]
    for link in sheet.links:
        assert (Path.cwd() / link).resolve().is_file()
    text = "\n".join(code_of(scratch / "notebooks" / "2_drivers.ipynb"))
    assert f'run_dir = "outputs/shop/scratch/{run.name}"' in text
    assert text.index("q = 0.1") > text.index("q = 0.05")
    assert sorted(path.relative_to(run) for path in run.rglob("*")) == before
    mine = scratch / "notebooks" / "2_drivers.ipynb"
    mine.write_text(mine.read_text(encoding="utf-8").replace("q = 0.1", "q = 0.2"), encoding="utf-8")
    launcher.open_stages("shop")  # once more: what was edited stays
    assert "q = 0.2" in mine.read_text(encoding="utf-8")
    assert str(project) not in mine.read_text(encoding="utf-8")


def test_the_launcher_notebook_is_one_call_a_cell():
    assert check_notebook(NOTEBOOK, {}) == []
    assert defaults_of(read_notebook(NOTEBOOK)) == {"client": "demo", "run": "latest"}
    notebook = json.loads(NOTEBOOK.read_text(encoding="utf-8"))
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in code)
    assert all(len(ast.parse("".join(cell["source"])).body) == 1 for cell in code[1:])


def test_lab_opens_on_the_launcher_as_closed_as_before(tmp_path):
    command = lab_command(tmp_path)
    assert f"--LabApp.default_url=/lab/tree/{LAUNCHER}" in command
    assert "--ServerApp.ip=127.0.0.1" in command
    assert "--VoilaConfiguration.file_allowlist=[]" in command
    assert lab_environment(tmp_path / "outputs")[OUTPUTS] == str(tmp_path / "outputs")
    assert NOTEBOOK.name == Path(LAUNCHER).name
