"""Two tiny stages run as a client's: the record, reuse, failure, a killed process, two runs at once."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from cxlib.errors import ParamsError, RefusedError, StageError
from cxlib.runs import places
from cxlib.runs.folder import open_run
from cxlib.runs.latest import latest_run
from cxlib.runs.listing import latest_of, list_runs
from cxlib.runs.run import run_client

pytestmark = pytest.mark.kernel


def manifest(folder: Path) -> dict:
    return json.loads((folder / "manifest.json").read_text(encoding="utf-8"))


def test_the_record_of_a_run(finished, mini):
    client, outputs, run = finished
    record = manifest(run.folder)
    assert record["status"] == "done"
    assert record["client"] == "mini"
    assert record["parameters"] == json.loads((run.folder / "params.json").read_text(encoding="utf-8"))
    assert record["inputs"] == {
        "survey": {"survey.csv": hashlib.sha256((client / "survey.csv").read_bytes()).hexdigest()},
        "actions": None,
        "promises": None,
        "strategy": None,
    }
    assert len(record["code"]["sha256"]) == 64
    assert {"version", "commit", "changed_since"} < set(record["code"])
    assert {"python", "papermill", "pandas", "pydantic"} < set(record["packages"])
    assert "missing" not in record["packages"].values()
    assert [(stage["name"], stage["status"]) for stage in record["stages"]] == [("count", "done"), ("tell", "done")]
    assert all(stage["seconds"] > 0 for stage in record["stages"])
    ledger = hashlib.sha256((run.folder / "ledger.csv").read_bytes()).hexdigest()
    assert record["stages"][0]["artefacts"]["ledger.csv"] == ledger
    assert record["seconds"] >= sum(stage["seconds"] for stage in record["stages"])
    assert record["fingerprint"].startswith(run.folder.name.split("-")[1])
    assert str(outputs.parent) not in (run.folder / "manifest.json").read_text(encoding="utf-8")


def test_what_a_run_leaves(finished):
    _, outputs, run = finished
    assert latest_run(outputs / "mini") == run.folder
    assert (run.folder / "notebooks" / "1_count.ipynb").is_file()
    for path in run.folder.rglob("*.ipynb"):
        assert str(outputs.parent) not in path.read_text(encoding="utf-8")
    view = (run.folder / "views" / "page.ipynb").read_text(encoding="utf-8")
    assert f'run_dir = \\"outputs/mini/{run.folder.name}\\"' in view
    assert 'language = \\"vi\\"' in view
    assert "stdout" not in view  # filled in, not run


def test_a_run_is_opened_again(finished, monkeypatch):
    client, outputs, run = finished
    monkeypatch.setenv(places.HOME, str(outputs.parent))
    again = open_run("outputs/mini/latest")
    assert again == run
    assert again.finished
    assert again.client_folder == client
    assert list(again.params.factors) == ["wait", "help"]  # in the client's order: pages follow it
    assert again.ledger()["wave"].tolist() == ["NA", "NA"]  # a wave may have that name
    assert again.drivers().loc[0, ["n", "q"]].tolist() == [5, 0.05]


def test_a_run_is_found_from_the_folder_of_a_view(finished, monkeypatch):
    _, _, run = finished
    monkeypatch.delenv(places.HOME, raising=False)
    monkeypatch.chdir(run.folder / "views")
    assert open_run("outputs/mini/latest").folder == run.folder


def test_a_folder_that_is_no_run_is_named(tmp_path):
    with pytest.raises(ParamsError, match="no run folder"):
        open_run("outputs/none/latest")
    with pytest.raises(ParamsError, match=r"manifest\.json is missing"):
        open_run(tmp_path)


def test_what_a_stage_has_not_left_is_named(finished):
    with pytest.raises(StageError, match=r"holds no findings\.json"):
        finished[2].findings()


@pytest.fixture
def second(finished, mini, tmp_path):
    """A copy of the finished run and its client, to be changed."""
    shutil.copytree(finished[0].parents[1], tmp_path / "all", symlinks=True)
    return tmp_path / "all" / "params" / "mini", tmp_path / "all" / "outputs"


def test_same_inputs_same_fingerprint_and_tables(second, mini):
    client, outputs = second
    first = latest_run(outputs / "mini")
    again = mini.run_mini(client, outputs, fresh=True)
    assert again.folder != first
    assert again.fingerprint == manifest(first)["fingerprint"]
    assert {line["status"] for line in manifest(again.folder)["stages"]} == {"done"}
    for name in ("ledger.csv", "drivers.csv", "params.json"):
        assert (again.folder / name).read_bytes() == (first / name).read_bytes()


def test_a_failed_stage_leaves_latest_and_its_notebook(second, mini):
    client, outputs = second
    first, steps = latest_run(outputs / "mini"), []
    with pytest.raises(StageError) as caught:
        mini.run_mini(client, outputs, changes={"analysis.seed": 13}, progress=steps.append)
    assert "ZeroDivisionError" in str(caught.value)
    assert "code cell 6 (1 / (seed - 13))" in str(caught.value)
    assert latest_run(outputs / "mini") == first
    newest = list_runs(outputs, "mini")[0]
    assert (newest.status, newest.latest) == ("failed", False)
    record = manifest(outputs / "mini" / newest.run)
    assert record["stages"][1]["status"] == "failed"
    assert "ZeroDivisionError" in record["error"][0]["what"]
    assert (outputs / "mini" / newest.run / "notebooks" / "2_tell.ipynb").is_file()
    assert steps[-1].state == "failed"


def test_a_survey_changed_meanwhile_is_no_success(second, mini):
    client, outputs = second
    first = latest_run(outputs / "mini")

    def meddle(step):
        if (step.stage, step.state) == ("count", "started"):
            (client / "survey.csv").write_text("r,w\n1,1\n", encoding="utf-8")

    with pytest.raises(StageError, match="changed during the run"):
        mini.run_mini(client, outputs, fresh=True, progress=meddle)
    assert latest_run(outputs / "mini") == first
    newest = list_runs(outputs)[0]
    assert newest.status == "failed"
    line = manifest(outputs / "mini" / newest.run)["stages"][0]
    assert line["status"] == "failed"  # so that nobody takes over what came of half a survey


def test_a_stage_that_keeps_nothing_is_no_success(client, mini, tmp_path):
    forgetful = dataclasses.replace(mini.STAGES[0], leaves=("ledger.csv", "answers.csv"))
    with pytest.raises(StageError, match=r"did not leave answers\.csv"):
        run_client(client, outputs=tmp_path / "outputs", stages=(forgetful,), views=(), notebooks=mini.NOTEBOOKS)
    assert latest_run(tmp_path / "outputs" / "mini") is None


def test_an_interrupted_run_says_so_and_leaves_no_kernel(second, mini):
    client, outputs = second
    first = latest_run(outputs / "mini")
    process = started(mini, client, outputs, "analysis.seed=60")
    wait_for(lambda: is_sleeping(outputs, first))
    kernels = kernels_of(process)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=300)
    assert list_runs(outputs)[0].status == "stopped"
    assert latest_run(outputs / "mini") == first
    wait_for(lambda: not any(is_alive(kernel) for kernel in kernels))


def is_sleeping(outputs: Path, first: Path) -> bool:
    """Whether the second stage of the new run has left its table: it is in the cell that sleeps."""
    return any((folder / "drivers.csv").is_file() for folder in (outputs / "mini").glob("2*") if folder != first)


def kernels_of(process: subprocess.Popen) -> list[psutil.Process]:
    found = psutil.Process(process.pid).children(recursive=True)
    assert found
    return found


def is_alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:  # it may go between two looks
        return False


def wait_for(what, seconds: float = 300) -> None:
    until = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.1)


def started(mini, client: Path, outputs: Path, *words: str) -> subprocess.Popen:
    command = [sys.executable, mini.__file__, str(client), str(outputs), *words]
    return subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=outputs.parent,
        env={**os.environ, "CX_COLD_KERNELS": "1"},  # the libraries of the warm parent are not needed here
    )


def test_two_runs_at_once_do_each_other_no_harm(second, mini):
    client, outputs = second
    both = [started(mini, client, outputs, "fresh"), started(mini, client, outputs, "fresh")]
    told = [process.communicate(timeout=600)[0].split() for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert sum("waiting" in lines for lines in told) == 1
    names = {lines[-1] for lines in told}
    assert len(names) == 2
    assert latest_run(outputs / "mini").name in names
    assert [line.status for line in list_runs(outputs)] == ["done"] * 3


def test_changes_are_checked_by_the_same_model(client, mini, tmp_path):
    def refused(kind=ParamsError, **changes):
        with pytest.raises(kind) as caught:
            mini.run_mini(client, tmp_path / "outputs", changes={k.replace("__", "."): v for k, v in changes.items()})
        assert "--set" in str(caught.value)
        return str(caught.value)

    assert "did you mean" in refused(analysis__bootstap=500)
    refused(analysis__q="often")
    refused(privacy__min_group=2)
    refused(client__name=1)
    refused(analysis__q__z=1)
    refused(RefusedError, rank_by="unit")
    assert not (tmp_path / "outputs").exists()


def test_missing_inputs_are_named_before_anything_runs(client, mini, tmp_path):
    (client / "survey.csv").unlink()
    with pytest.raises(Exception, match=r"survey file cannot be read") as caught:
        mini.run_mini(client, tmp_path / "outputs")
    assert caught.value.exit_code == 3
    assert not (tmp_path / "outputs").exists()


def test_a_client_without_a_run_is_told_how(tmp_path):
    with pytest.raises(ParamsError, match="no finished run"):
        latest_of(tmp_path, "mini")
