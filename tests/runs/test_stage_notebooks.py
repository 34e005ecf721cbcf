"""The notebooks as they are committed: their form, and their defaults against those of the parameters."""

from __future__ import annotations

import ast
import re

import nbformat
import pytest

from cxlib.params.model import Analysis, Cleaning, Label, Outcome, Params, Privacy
from cxlib.runs.notebooks import check_notebook, defaults_of, read_notebook
from cxlib.runs.stages import STAGES, VIEWS, find_notebooks

FOLDER = find_notebooks()
ALL = [item.notebook for item in (*STAGES, *VIEWS)]
FORMS = {"actions.ipynb", "lab.ipynb"}  # opened by hand, beside a run
MODELS = {
    "1_clean.ipynb": {name: field.default for name, field in Cleaning.model_fields.items()},
    "2_drivers.ipynb": {
        name: field.default for name, field in Analysis.model_fields.items() if name != "worthwhile_change"
    },
    "3_change.ipynb": {"confidence": Analysis().confidence},
    "4_findings.ipynb": {name: field.default for name, field in Privacy.model_fields.items()},
}


@pytest.fixture(scope="module")
def params() -> Params:
    question = {"scale": (0, 10), "label": Label(vi="a", en="a")}
    return Params(
        client="any",
        title=Label(vi="a", en="a"),
        data={"responses": "a.csv"},
        outcomes={"referral": Outcome(column="r", **question), "loyalty": Outcome(column="l", **question)},
        factors={"wait": {"column": "w", **question}},
    )


def code_of(name: str) -> list:
    return [cell for cell in read_notebook(FOLDER / name).cells if cell.cell_type == "code"]


def test_every_notebook_belongs_to_a_stage_or_a_page():
    found = {path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*.ipynb")}
    assert {name for name in found if ".ipynb_checkpoints" not in name} - FORMS == set(ALL)


@pytest.mark.parametrize("name", ALL)
def test_form(name, params):
    notebook = read_notebook(FOLDER / name)
    nbformat.validate(notebook)
    assert check_notebook(FOLDER / name, {}) == []
    assert notebook.metadata.kernelspec == {
        "display_name": "Python 3 (ipykernel)",
        "language": "python",
        "name": "python3",
    }
    assert "papermill" not in notebook.metadata
    code = code_of(name)
    assert all(cell.execution_count is None and cell.outputs == [] for cell in code)
    ids = [cell.id for cell in notebook.cells]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[cmp]\d\d-[a-z0-9-]+", cell_id) for cell_id in ids)  # named by hand, so they stay


@pytest.mark.parametrize("name", ALL)
def test_cells_only_call_the_library(name):
    imports = 0
    for cell in code_of(name):
        tree = ast.parse(cell.source)
        made = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda, ast.For, ast.While, ast.If, ast.Try)
        assert not any(isinstance(node, made) for node in ast.walk(tree)), cell.source
        assert not any(isinstance(node, ast.BinOp) for node in ast.walk(tree)), "no arithmetic, none of paths either"
        imports += any(isinstance(node, ast.Import | ast.ImportFrom) for node in tree.body)
        if "parameters" not in cell.metadata.get("tags", []):
            assert len(tree.body) == 1, "one call a cell"
    assert imports == 1


@pytest.mark.parametrize("name", ALL)
def test_every_setting_says_what_it_means(name):
    cell = next(cell for cell in code_of(name) if "parameters" in cell.metadata.get("tags", []))
    assert all(re.match(r"\w+ = .+  # .{8,}", line) for line in cell.source.splitlines())


@pytest.mark.parametrize("stage", STAGES, ids=lambda stage: stage.name)
def test_prose_stands_before_the_work(stage):
    kinds = [cell.cell_type for cell in read_notebook(FOLDER / stage.notebook).cells]
    assert kinds[0] == "markdown"
    assert kinds.count("markdown") >= 4


@pytest.mark.parametrize("stage", STAGES, ids=lambda stage: stage.name)
def test_defaults_are_those_of_the_parameters(stage, params):
    defaults = defaults_of(read_notebook(FOLDER / stage.notebook))
    assert defaults.pop("run_dir") == "outputs/demo/latest"
    assert stage.settings(params) == defaults
    defaults.pop("outcomes", None)
    assert defaults == MODELS[stage.notebook]


@pytest.mark.parametrize("stage", STAGES, ids=lambda stage: stage.name)
def test_every_setting_of_a_run_is_known_to_its_notebook(stage, params):
    assert check_notebook(FOLDER / stage.notebook, {"run_dir": "", **stage.settings(params)}) == []


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.notebook)
def test_defaults_of_the_pages(view):
    assert defaults_of(read_notebook(FOLDER / view.notebook)) == {"run_dir": "outputs/demo/latest", "language": "vi"}
