"""Small real notebooks in real kernels: what succeeds, and every way to fail (pitfalls 6-10)."""

from __future__ import annotations

import json
import pickle
import socket

import nbformat
import pytest
from jupyter_client.connect import LocalPortCache

from cxlib.errors import StageError
from cxlib.runs.execute import execute
from cxlib.runs.failures import StageFailed
from cxlib.runs.kernel import Kernels
from cxlib.runs.notebooks import fill_in

pytestmark = pytest.mark.kernel


def run_case(folder, case, tmp_path, **more):
    kept = tmp_path / "kept" / f"{case}.ipynb"
    seconds = execute(folder / f"{case}.ipynb", kept, {"word": "told"}, stage=case, home=tmp_path, **more)
    return seconds, kept


def printed(kept) -> str:
    cells = nbformat.read(kept, as_version=4).cells
    return "".join(output.text for cell in cells for output in cell.get("outputs", []))


def failing(folder, case, tmp_path, **more) -> StageFailed:
    with pytest.raises(StageError) as caught:
        run_case(folder, case, tmp_path, **more)
    error = caught.value
    assert isinstance(error, StageFailed)
    assert (error.stage, error.notebook) == (case, f"{case}.ipynb")
    assert error.kept is not None
    assert error.kept.is_file()
    assert "Traceback" not in str(error)
    assert "\x1b" not in str(error)
    return error


def test_parameters_arrive_and_the_kernel_knows_its_surroundings(fixture_notebooks, tmp_path, capfd):
    seconds, kept = run_case(fixture_notebooks, "good", tmp_path)
    assert printed(kept) == f"told 1 {tmp_path}\n"
    assert 0 < seconds < 600
    assert "encrypt" not in printed(kept) + "".join(capfd.readouterr())  # no warning of an open transport


def test_a_kept_notebook_holds_no_path_of_this_machine(fixture_notebooks, tmp_path):
    fill_in(fixture_notebooks / "good.ipynb", tmp_path / "good.ipynb", {"word": "told"})
    text = (tmp_path / "good.ipynb").read_text(encoding="utf-8")
    assert str(tmp_path) not in text
    assert str(fixture_notebooks) not in text
    assert json.loads(text)["metadata"]["papermill"]["input_path"] == "good.ipynb"


def test_preparing_runs_nothing(fixture_notebooks, tmp_path):
    fill_in(fixture_notebooks / "killed_kernel.ipynb", tmp_path / "k.ipynb", {"word": "told"})
    ran = nbformat.read(tmp_path / "k.ipynb", as_version=4)
    assert any("injected-parameters" in cell.metadata.get("tags", []) for cell in ran.cells)
    assert all(not cell.get("outputs") for cell in ran.cells)


def test_sysexit0_is_no_success(fixture_notebooks, tmp_path):
    error = failing(fixture_notebooks, "sysexit0", tmp_path)
    assert error.cell == 3
    assert "before its last cell" in str(error)


def test_a_killed_kernel_is_told(fixture_notebooks, tmp_path, capfd):
    error = failing(fixture_notebooks, "killed_kernel", tmp_path)
    assert (error.ename, error.cell) == ("DeadKernelError", 3)
    assert "memory" in str(error)
    assert capfd.readouterr().err == ""


def test_a_kernel_whose_port_somebody_took_meanwhile_is_followed_by_another(fixture_notebooks, tmp_path, monkeypatch):
    find, taken = LocalPortCache.find_available_port, []

    def find_and_lose(self, ip):
        """Free when it is chosen, taken before the first kernel comes to it."""
        if len(taken) == 5:
            return find(self, ip)
        taken.append(socket.create_server((ip, 0)))
        return taken[-1].getsockname()[1]

    monkeypatch.setattr(LocalPortCache, "find_available_port", find_and_lose)
    kernels = Kernels()
    try:
        _, kept = run_case(fixture_notebooks, "good", tmp_path, kernels=kernels)
    finally:
        for held in taken:
            held.close()
    assert len(taken) == 5
    assert kernels.as_dict() == {"warm": 0, "cold": 2, "notes": []}
    assert printed(kept) == f"told 1 {tmp_path}\n"


def test_a_kernel_that_always_dies_at_its_start_is_told(fixture_notebooks, tmp_path, monkeypatch):
    kernels = Kernels()
    monkeypatch.setattr("cxlib.runs.kernel.SURROUNDINGS", {"PYTHONHOME": str(tmp_path / "nowhere")})
    error = failing(fixture_notebooks, "good", tmp_path, kernels=kernels)
    assert "could not be run (DiedAtStartError)" in str(error)
    assert kernels.as_dict()["cold"] == 2


def test_a_slow_cell_is_stopped(fixture_notebooks, tmp_path, capfd):
    error = failing(fixture_notebooks, "slow_cell", tmp_path, cell_seconds=6)  # the cells before it may be slow as well
    assert (error.ename, error.cell) == ("CellTimeoutError", 3)
    assert "longer than 6 seconds" in str(error)
    assert capfd.readouterr().err == ""


def test_a_users_mistake_speaks_for_itself(fixture_notebooks, tmp_path):
    error = failing(fixture_notebooks, "user_mistake", tmp_path)
    assert error.exit_code == 3
    assert [problem.what for problem in error.problems[1:]] == [
        "There is no column 'q3'.",
        "The column 'q4' holds 12 words.",
    ]
    assert error.problems[2].where == "survey.csv, rows 3, 9"
    assert "user_mistake.ipynb, code cell 3" in error.problems[0].where


def test_a_refusal_keeps_its_exit_code(fixture_notebooks, tmp_path):
    assert failing(fixture_notebooks, "refused", tmp_path).exit_code == 5


def test_an_error_that_quotes_an_answer_does_not(fixture_notebooks, tmp_path):
    error = failing(fixture_notebooks, "quotes_an_answer", tmp_path)
    assert (error.ename, error.cell, error.exit_code) == ("ValueError", 3, 4)
    assert "0912" not in str(error)


def test_a_missing_library_is_named(fixture_notebooks, tmp_path):
    assert "a_library_that_nobody_has" in str(failing(fixture_notebooks, "missing_library", tmp_path))


def test_the_error_can_be_pickled(fixture_notebooks, tmp_path):
    error = StageFailed([], "drivers", "2_drivers.ipynb", 4, "DataError", tmp_path)
    back = pickle.loads(pickle.dumps(error))
    assert (back.stage, back.cell, back.exit_code, back.kept) == ("drivers", 4, 3, tmp_path)
