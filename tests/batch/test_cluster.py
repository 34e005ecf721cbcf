"""A scheduler and two workers in processes of their own: taken up again, waiting, the real stages, a killed worker."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from shops import cx, write_shop

from cxlib.batch import alike, taking_in
from cxlib.batch import cluster as clusters
from cxlib.batch.batch import lines_of, run_batch
from cxlib.batch.record import BatchRecord
from cxlib.errors import ParamsError
from cxlib.runs.latest import latest_run, one_run_at_a_time
from cxlib.runs.manifest import artefact_digests

pytestmark = pytest.mark.kernel


def test_a_batch_is_taken_up_again(runners, cluster, tmp_path):
    folders = [runners.add_client(tmp_path / "params", name) for name in ("one", "two")]
    folders.append(runners.add_client(tmp_path / "params", "wrong", analysis={"q": 3}))
    outputs = tmp_path / "outputs"
    first = BatchRecord.begin("batch", str(outputs), lines_of([str(folder) for folder in folders], {}))
    run_batch(first, scheduler=cluster.address, runner=runners.run_mini)
    assert first.status == "failed"
    before = {name: latest_run(outputs / name) for name in ("one", "two")}
    asked, survey = folders[2] / "params.yaml", folders[1] / "survey.csv"
    asked.write_text(asked.read_text(encoding="utf-8").replace("q: 3", "q: 0.1"), encoding="utf-8")
    survey.write_text(survey.read_text(encoding="utf-8") + "3,3,3\n", encoding="utf-8")

    record, events = BatchRecord.read(str(outputs), first.batch), []
    run_batch(
        record,
        scheduler=cluster.address,
        tell=lambda event: events.append((event.state, event.line.key)),
        runner=runners.run_mini,
    )
    assert record.status == "done"
    assert [(line.key, line.taken_up) for line in record.lines] == [("one", True), ("two", False), ("wrong", False)]
    assert ("kept", "one") in events
    assert ("begun", "one") not in events
    assert latest_run(outputs / "one") == before["one"]
    assert latest_run(outputs / "two") != before["two"]  # its survey had changed


def test_a_client_that_is_being_run_is_waited_for(runners, cluster, tmp_path):
    folder = runners.add_client(tmp_path / "params", "one")
    outputs = tmp_path / "outputs"
    (outputs / "one").mkdir(parents=True)
    held, let_go = threading.Event(), threading.Event()

    def hold():
        with one_run_at_a_time(outputs / "one", wait_seconds=0, waiting=lambda: None):
            held.set()
            let_go.wait(600)

    other = threading.Thread(target=hold)
    other.start()
    assert held.wait(60)
    states = []
    record = BatchRecord.begin("batch", str(outputs), lines_of([str(folder)], {}))
    threading.Timer(3, let_go.set).start()
    run_batch(
        record,
        scheduler=cluster.address,
        tell=lambda event: states.append((event.state, let_go.is_set())),
        runner=runners.run_mini,
    )
    other.join()
    assert record.status == "done", [line.problems for line in record.lines]
    assert ("begun", True) in states
    assert ("begun", False) not in states


@pytest.fixture(scope="module")
def shops(cluster, tmp_path_factory):
    """A project whose two clients were run by `cx batch --all`, one of them in vain."""
    project = tmp_path_factory.mktemp("shops")
    write_shop(project / "params", "shop")
    write_shop(project / "params", "broken", respondent="nobody")
    return project, cx(project, "batch", "--all", "--scheduler", cluster.address, "--json")


def test_the_real_stages_on_workers_that_share_no_disk(shops):
    project, told = shops
    assert told.returncode == 3, told.stderr
    assert "2/2" in told.stderr  # a plain line for each, since nobody watches
    assert "where: params.yaml" in told.stderr or "survey.csv" in told.stderr
    answer = json.loads(told.stdout)
    assert (answer["ok"], answer["status"]) == (False, "failed")
    lines = {line["client"]: line for line in answer["lines"]}
    assert (lines["broken"]["state"], lines["broken"]["exit_code"]) == ("failed", 3)
    assert lines["shop"]["state"] == "done"
    assert lines["shop"]["told"]["rows"] == {"in": 150, "kept": 150, "set_aside": 0}
    run = latest_run(project / "outputs" / "shop")
    assert run.name == lines["shop"]["run"]
    assert (run / "findings.json").is_file()


def test_the_sealed_history_is_beside_the_log_again(shops):
    project, _ = shops
    chain = (project / "params" / "shop" / "actions.csv.history.jsonl").read_text(encoding="utf-8").splitlines()
    run = latest_run(project / "outputs" / "shop")
    seen = json.loads((run / "history.json").read_text(encoding="utf-8"))
    assert seen["head"] == json.loads(chain[-1])["sha256"]
    assert seen["unsealed"] == ""


def test_the_summary_links_to_pages_and_shows_no_result(shops):
    project, told = shops
    page = project / json.loads(told.stdout)["page"]
    text = page.read_text(encoding="utf-8")
    for address in ("shop/index.html", "shop/history.html", "shop/method.html"):
        assert f'href="{address}"' in text
        assert (page.parent / address).is_file()
    assert "đọc 150, dùng 150" in text
    assert "150 read, 150 used" in text
    assert "nobody" in text  # what went wrong, in words
    assert f"cx batch --resume {json.loads(told.stdout)['batch']}" in text


def test_a_grid_says_what_its_settings_change(shops, cluster):
    project, _ = shops
    before = latest_run(project / "outputs" / "shop")
    words = ("grid", "shop", "--set", "analysis.q=0.0000001,0.2", "--scheduler", cluster.address)
    told = cx(project, *words, "--json")
    assert told.returncode == 0, told.stderr
    answer = json.loads(told.stdout)
    assert [line["changes"] for line in answer["lines"]] == [{"analysis.q": 1e-07}, {"analysis.q": 0.2}]
    rows = {row["finding"]: row for row in answer["table"]["changed"]}
    help_ = next(row for name, row in rows.items() if name.startswith("help"))
    assert help_["what"] == ["grade"]
    assert [cell["grade"] for cell in help_["cells"]] == [None, "E1"]
    assert answer["table"]["same"] == 1
    assert latest_run(project / "outputs" / "shop") == before  # nobody asked for another one
    for line in answer["lines"]:
        record = json.loads((project / "outputs" / "shop" / line["run"] / "manifest.json").read_text(encoding="utf-8"))
        assert (record["status"], record["changes"]) == ("done", line["changes"])
        # What does not hang on the setting is taken over from the latest run.
        assert record["stages"][0]["status"] == "reused"


def test_a_worker_has_imported_what_a_run_needs_before_the_first_one_comes():
    """And has one thread, as long as workers are forked from it."""
    look = """
import os, sys
import distributed, cxlib.batch.preload
threads = len(os.listdir("/proc/self/task"))
before = set(sys.modules)
import papermill, nbclient, cxlib.check, cxlib.runs.run, cxlib.runs.execute, ipykernel.kernelspec
print(threads, len(set(sys.modules) - before))
"""
    surroundings = {**os.environ, **dict.fromkeys(alike.ONE_THREAD, "1"), **clusters.ARROW_ALONE}
    told = subprocess.run(
        [sys.executable, "-c", look], env=surroundings, capture_output=True, text=True, timeout=600, check=True
    )
    assert told.stdout.split() == ["1", "0"]


def test_workers_with_other_code_are_refused(cluster, monkeypatch):
    here = alike.what_is_here()
    other = here | {"code": "0" * 64, "packages": here["packages"] | {"numpy": "1.0"}}
    monkeypatch.setattr(alike, "what_is_here", lambda: other)
    with pytest.raises(ParamsError) as caught, clusters.connected(cluster.address, jobs=1):
        pass
    told = str(caught.value)
    assert told.count("The worker has another code of the workbench or of its notebooks than this machine.") == 2
    assert f"numpy {here['packages']['numpy']}, here 1.0" in told


def test_a_scheduler_that_is_not_there_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(clusters, "CONNECT_SECONDS", 2)
    with (
        pytest.raises(ParamsError, match="scheduler cannot be reached"),
        clusters.connected("tcp://127.0.0.1:9", jobs=1),
    ):
        pass
    for address in ("nonsense", "http://127.0.0.1:9", "tcp://host"):
        with pytest.raises(ParamsError, match="no address of a scheduler"), clusters.connected(address, jobs=1):
            pass


def test_a_cluster_that_does_not_close_harms_no_run():
    class Stuck:
        def close(self):
            raise TimeoutError

    with clusters._closing(Stuck) as made:
        assert isinstance(made, Stuck)


def look(outputs: Path, stop: threading.Event, wrong: list[str]) -> None:
    """What a reader sees all the while: no run folder that is not whole, no `latest` that names one."""
    while not stop.wait(0.02):
        for path in outputs.glob("*/*/manifest.json"):
            record = json.loads(path.read_text(encoding="utf-8"))
            if record["status"] != "done":
                wrong.append(f"{path.parent.name} is {record['status']}")
            for stage in record["stages"]:
                if artefact_digests(path.parent, stage["artefacts"]) != stage["artefacts"]:
                    wrong.append(f"{path.parent.name} lacks what {stage['name']} left")


def test_nothing_is_lost_when_a_worker_is_killed(runners, cluster, tmp_path, monkeypatch):
    switched, outputs = [], tmp_path / "outputs"
    switch = taking_in.switch_latest

    def count(client_outputs, run):
        switched.append((client_outputs.name, run))
        switch(client_outputs, run)

    monkeypatch.setattr(taking_in, "switch_latest", count)
    names = ("slow", "one", "two")
    sources = [str(runners.add_client(tmp_path / "params", name)) for name in names]
    record = BatchRecord.begin("batch", str(outputs), lines_of(sources, {}))
    stop, wrong, killed = threading.Event(), [], []

    def kill() -> None:
        until = time.monotonic() + 600
        while not list(cluster.meet.glob("*.pid")):
            if stop.wait(0.05) or time.monotonic() > until:
                return
        pid = int(next(cluster.meet.glob("*.pid")).read_text(encoding="utf-8"))
        assert pid in [process.pid for process in cluster.processes[1:]]
        (cluster.meet / "on").touch()  # whoever runs it next goes on
        os.kill(pid, signal.SIGKILL)
        killed.append(pid)

    helpers = [threading.Thread(target=kill), threading.Thread(target=look, args=(outputs, stop, wrong))]
    for helper in helpers:
        helper.start()
    events = []
    try:
        run_batch(
            record,
            scheduler=cluster.address,
            tell=lambda event: events.append((event.state, event.line.key)),
            runner=runners.run_and_wait,
        )
    finally:
        stop.set()
        for helper in helpers:
            helper.join()

    assert killed
    assert record.status == "done"
    assert [(line.key, line.begun) for line in record.lines] == [("slow", 2), ("one", 1), ("two", 1)]
    assert ("again", "slow") in events
    assert sorted(switched) == sorted((line.key, line.run) for line in record.lines)  # each client's once
    for line in record.lines:
        runs = [path.name for path in (outputs / line.key).iterdir() if path.is_dir() and not path.is_symlink()]
        assert runs == [line.run]
        assert latest_run(outputs / line.key).name == line.run
    assert wrong == []
