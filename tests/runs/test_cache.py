"""A stage whose inputs are known is taken over: what makes it run again, what does not, and what a user is told."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from cxlib.errors import ParamsError, SeveralErrors
from cxlib.runs import packages
from cxlib.runs.latest import latest_run
from cxlib.runs.listing import list_runs
from cxlib.runs.telling import what_happened

pytestmark = pytest.mark.kernel


def manifest(folder: Path) -> dict:
    return json.loads((folder / "manifest.json").read_text(encoding="utf-8"))


def statuses(folder: Path) -> list[str]:
    return [line["status"] for line in sorted(manifest(folder)["stages"], key=lambda line: line["notebook"])]


def test_nothing_changed_makes_no_run_and_says_so(second, mini, no_kernel):
    client, outputs, first = second
    steps = []
    again = mini.run_mini(client, outputs, progress=steps.append)
    assert again.folder == first
    assert [(step.state, step.run) for step in steps] == [("stands", first.name)]
    assert len(list_runs(outputs)) == 1
    told = what_happened(first, made=False, seconds=0.4)
    assert "Nothing has changed" in told
    assert first.name in told


def test_a_value_that_is_the_same_changes_nothing(second, mini, no_kernel):
    client, outputs, first = second
    assert mini.run_mini(client, outputs, changes={"analysis.q": 0.05}).folder == first


def test_notebooks_opened_and_saved_change_nothing(second, mini, no_kernel, tmp_path):
    client, outputs, first = second
    notebooks = tmp_path / "notebooks"
    shutil.copytree(mini.NOTEBOOKS, notebooks)
    path = notebooks / "1_count.ipynb"
    notebook = json.loads(path.read_text(encoding="utf-8"))
    notebook["metadata"]["opened"] = True
    for cell in notebook["cells"]:
        cell["metadata"]["seen"] = 1
    path.write_text(json.dumps(notebook), encoding="utf-8")
    assert mini.run_mini(client, outputs, notebooks=notebooks).folder == first


def test_a_changed_parameter_runs_only_what_hangs_on_it(second, mini):
    client, outputs, first = second
    run = mini.run_mini(client, outputs, changes={"analysis.q": 0.1})
    assert statuses(run.folder) == ["reused", "done"]
    line = manifest(run.folder)["stages"][0]
    assert line["reused_from"] == first.name
    assert (run.folder / "ledger.csv").read_bytes() == (first / "ledger.csv").read_bytes()
    assert latest_run(outputs / "mini") == run.folder
    told = what_happened(run.folder, made=True, seconds=3)
    assert "run: tell" in told
    assert "taken over unchanged: count" in told


def test_back_to_earlier_parameters_runs_nothing_and_takes_from_the_run_that_computed(second, mini, monkeypatch):
    client, outputs, first = second
    mini.run_mini(client, outputs, changes={"analysis.q": 0.1})
    monkeypatch.setattr("cxlib.runs.execute.execute", lambda *_, **__: pytest.fail("a stage was run"))
    back = mini.run_mini(client, outputs)
    assert back.folder != first
    assert statuses(back.folder) == ["reused", "reused"]
    assert {line["reused_from"] for line in manifest(back.folder)["stages"]} == {first.name}
    assert back.fingerprint == manifest(first)["fingerprint"]
    assert f"mini/{back.folder.name}" in (back.folder / "views" / "page.ipynb").read_text(encoding="utf-8")
    shutil.rmtree(first)  # whoever deletes one run leaves the other whole
    assert back.drivers()["q"].item() == 0.05


def test_another_survey_with_the_same_answers_stops_at_the_first_stage(second, mini):
    client, outputs, first = second
    survey = client / "survey.csv"
    survey.write_text(survey.read_text(encoding="utf-8").replace("\n", "\r\n"), encoding="utf-8", newline="")
    run = mini.run_mini(client, outputs)
    assert statuses(run.folder) == ["done", "reused"]
    assert run.fingerprint != manifest(first)["fingerprint"]


def test_another_version_of_a_package_runs_everything(second, mini, monkeypatch):
    client, outputs, _ = second
    real = packages.all_versions()
    monkeypatch.setattr(packages, "all_versions", lambda: {**real, "six": "0.0.1"})
    assert statuses(mini.run_mini(client, outputs).folder) == ["done", "done"]


def test_an_edited_notebook_runs_again_and_one_with_the_same_result_stops_there(second, mini, tmp_path):
    client, outputs, _ = second
    notebooks = tmp_path / "notebooks"
    shutil.copytree(mini.NOTEBOOKS, notebooks)
    path = notebooks / "1_count.ipynb"
    path.write_text(path.read_text(encoding="utf-8").replace("# share", "# a share"), encoding="utf-8")
    assert statuses(mini.run_mini(client, outputs, notebooks=notebooks).folder) == ["done", "reused"]


def test_a_lost_or_edited_artefact_is_not_taken_over(second, mini):
    client, outputs, first = second
    ledger = first / "ledger.csv"
    ledger.write_text(ledger.read_text(encoding="utf-8").replace("read,10", "read,11"), encoding="utf-8")
    run = mini.run_mini(client, outputs)
    assert statuses(run.folder) == ["done", "reused"]
    assert "read,10" in (run.folder / "ledger.csv").read_text(encoding="utf-8")


def test_fresh_runs_everything_and_from_the_rest(second, mini):
    client, outputs, _ = second
    assert statuses(mini.run_mini(client, outputs, fresh=True).folder) == ["done", "done"]
    assert statuses(mini.run_mini(client, outputs, from_stage="tell").folder) == ["reused", "done"]


def test_only_one_stage_is_a_part_of_a_run_unless_the_rest_is_known(second, mini):
    client, outputs, first = second
    whole = mini.run_mini(client, outputs, only="count")  # the same comes out, so that the rest is known
    assert statuses(whole.folder) == ["done", "reused"]
    assert latest_run(outputs / "mini") == whole.folder
    part = mini.run_mini(client, outputs, only="count", changes={"cleaning.min_answered": 0.7})
    assert statuses(part.folder) == ["done"]
    assert part.partial
    assert latest_run(outputs / "mini") == whole.folder
    assert list_runs(outputs)[0].status == "partial"
    assert "A part of a run" in what_happened(part.folder, made=True, seconds=1)
    rest = mini.run_mini(client, outputs, changes={"cleaning.min_answered": 0.7})
    assert statuses(rest.folder) == ["reused", "done"]
    assert latest_run(outputs / "mini") == rest.folder
    assert first.is_dir()


def test_wishes_that_do_not_go_together_or_name_nothing(second, mini):
    client, outputs, _ = second
    with pytest.raises(ParamsError, match="Only one of"):
        mini.run_mini(client, outputs, fresh=True, only="tell")
    with pytest.raises(ParamsError, match="There is no stage 'told'"):
        mini.run_mini(client, outputs, only="told")
    with pytest.raises(ParamsError, match="'count' must run again; changed since: parameters"):
        mini.run_mini(client, outputs, changes={"cleaning.min_answered": 0.7}, from_stage="tell")
    with pytest.raises(ParamsError, match="no finished run to begin from"):
        mini.run_mini(client, outputs.parent / "elsewhere", from_stage="tell")
    assert len(list_runs(outputs)) == 1


def test_a_stage_of_a_run_that_failed_later_is_known(second, mini):
    client, outputs, _ = second
    changes = {"cleaning.min_answered": 0.6}
    with pytest.raises(Exception, match="ZeroDivisionError"):
        mini.run_mini(client, outputs, changes=changes | {"analysis.seed": 13})
    assert statuses(mini.run_mini(client, outputs, changes=changes).folder) == ["reused", "done"]


def test_the_survey_is_not_looked_at_again_when_it_is_known(second, mini):
    client, outputs, _ = second
    looked = []
    mini.run_mini(client, outputs, check=looked.append)
    mini.run_mini(client, outputs, check=looked.append, changes={"cleaning.min_answered": 0.4})
    assert looked == [False, True]


def test_stages_that_do_not_need_each_other_go_on_side_by_side(client, mini, tmp_path):
    steps = []
    run = mini.run_mini(
        client, tmp_path / "outputs", stages=mini.WIDE, changes={"analysis.seed": 2}, progress=steps.append
    )
    order = [(step.stage, step.state) for step in steps]
    assert order[:2] == [("count", "started"), ("count", "done")]
    assert {stage for stage, state in order[2:4]} == {"tell", "also"}
    assert [state for _, state in order[2:]] == ["started", "started", "done", "done"]
    record = manifest(run.folder)
    both = [line["seconds"] for line in record["stages"] if line["name"] != "count"]
    assert record["seconds"] < sum(both) + record["stages"][0]["seconds"] + 1
    assert record["kernels"]["warm"] + record["kernels"]["cold"] == 3
    assert Path.cwd() != run.folder


def test_two_failures_side_by_side_are_both_told(client, mini, tmp_path):
    with pytest.raises(SeveralErrors) as caught:
        mini.run_mini(client, tmp_path / "outputs", stages=mini.WIDE, changes={"analysis.seed": 13})
    assert [error.stage for error in caught.value.errors] == ["tell", "also"]
    assert caught.value.exit_code == 4
    assert latest_run(tmp_path / "outputs" / "mini") is None


def test_what_is_taken_over_shares_its_room_on_the_disk(second, mini):
    client, outputs, first = second
    run = mini.run_mini(client, outputs, changes={"analysis.q": 0.1})
    one, other = (first / "ledger.csv").stat(), (run.folder / "ledger.csv").stat()
    if one.st_ino == other.st_ino:  # a hard link; other file systems clone or copy
        assert not other.st_mode & 0o222
    notebook = run.folder / "notebooks" / "1_count.ipynb"
    assert notebook.stat().st_ino != (first / "notebooks" / "1_count.ipynb").stat().st_ino


def test_nothing_heavy_is_imported_when_nothing_runs(second, mini):
    import subprocess
    import sys

    client, outputs, _ = second
    look = (
        "import sys, importlib.util\n"
        f"spec = importlib.util.spec_from_file_location('mini', {mini.__file__!r})\n"
        "mini = importlib.util.module_from_spec(spec); spec.loader.exec_module(mini)\n"
        "from pathlib import Path\n"
        "mini.run_mini(Path(sys.argv[1]), Path(sys.argv[2]))\n"
        "heavy = 'pandas numpy papermill nbformat nbclient jupyter_client IPython matplotlib'.split()\n"
        "print([name for name in heavy if name in sys.modules])"
    )
    before = os.times()
    told = subprocess.run(
        [sys.executable, "-c", look, str(client), str(outputs)], capture_output=True, text=True, check=True
    )
    assert told.stdout.strip() == "[]"
    after = os.times()
    spent = after.children_user + after.children_system - before.children_user - before.children_system
    assert spent < 5  # of the processor's time, which other work beside it does not lengthen
    assert len(list_runs(outputs)) == 1


def test_the_record_names_what_a_stage_reaches(finished):
    record = manifest(finished[2].folder)
    files = record["code"]["files"]
    assert all(record["code"]["files"][name] for line in record["stages"] for name in line["reaches"])
    assert "runs/folder.py" in files
    assert not any(name.startswith(("cli/", "views/", "stats/")) for name in files)


def test_a_run_of_known_stages_alone_imports_nothing_heavy_either(second, mini):
    import subprocess
    import sys

    client, outputs, _ = second
    mini.run_mini(client, outputs, changes={"analysis.q": 0.1})
    look = (
        "import runpy, sys\n"
        f"sys.argv = [{mini.__file__!r}, *sys.argv[1:]]\n"
        f"runpy.run_path({mini.__file__!r}, run_name='__main__')\n"
        "heavy = 'pandas numpy papermill nbformat nbclient jupyter_client IPython matplotlib'.split()\n"
        "print([name for name in heavy if name in sys.modules])"
    )
    told = subprocess.run(
        [sys.executable, "-c", look, str(client), str(outputs)], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    assert told[-1] == "[]"
    assert told[:4] == ["started", "reused", "started", "reused"]
    assert len(list_runs(outputs)) == 3
