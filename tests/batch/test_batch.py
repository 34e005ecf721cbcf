"""Several clients on processes of this machine: failures stay with their client, and a batch is taken up again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cxlib.batch.batch import BEGUN_AT_MOST, lines_of, run_batch
from cxlib.batch.record import BatchRecord
from cxlib.errors import ParamsError
from cxlib.runs.latest import latest_run
from cxlib.runs.listing import list_runs

pytestmark = pytest.mark.kernel


def manifest(folder: Path) -> dict:
    return json.loads((folder / "manifest.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def batch(runners, tmp_path_factory):
    """Five clients: two right ones, one whose second stage fails, one whose parameters are wrong, one that kills
    its worker; with the batch's record and events."""
    base = tmp_path_factory.mktemp("batch")
    folders = [runners.add_client(base / "params", name) for name in ("killer", "one", "two")]
    folders.append(runners.add_client(base / "params", "fails", analysis={"seed": 13}))
    folders.append(runners.add_client(base / "params", "wrong", analysis={"q": 3}, colour="red"))
    record = BatchRecord.begin("batch", str(base / "outputs"), lines_of([str(folder) for folder in folders], {}))
    events = []
    run_batch(
        record, workers=1, tell=lambda event: events.append((event.state, event.line.key)), runner=runners.run_or_die
    )
    return base, record, events


def test_a_failing_client_leaves_the_others(batch):
    base, record, events = batch
    assert record.status == "failed"
    assert [(line.key, line.state) for line in record.lines] == [
        ("killer", "failed"), ("one", "done"), ("two", "done"), ("fails", "failed"), ("wrong", "failed"),
    ]  # fmt: skip
    for name in ("one", "two"):
        run = latest_run(base / "outputs" / name)
        assert manifest(run)["status"] == "done"
        assert (run / "drivers.csv").is_file()
    assert {("begun", "one"), ("done", "one"), ("failed", "fails"), ("failed", "wrong")} <= set(events)
    assert ("begun", "wrong") not in events  # no worker was asked for what is wrong in the file


def test_a_wrong_client_is_told_everything_at_once(batch):
    line = batch[1].lines[4]
    told = " ".join(problem["what"] for problem in line.problems)
    assert "'colour' is not known" in told
    assert "'q' must be at most 0.2" in told
    assert line.exit_code == 2


def test_a_failed_stage_is_told_and_its_notebook_comes_home(batch):
    base, record, _ = batch
    line = record.lines[3]
    assert line.exit_code == 4
    assert "ZeroDivisionError" in line.problems[0]["what"]
    kept = base / "outputs" / "fails" / line.run / "notebooks" / "2_tell.ipynb"
    assert kept.is_file()
    assert str(kept) in line.problems[0]["how"]  # and not the worker's scratch folder, which is gone
    assert str(kept) in manifest(kept.parents[1])["error"][0]["how"]
    assert [(run.status, run.latest) for run in list_runs(base / "outputs", "fails")] == [("failed", False)]


def test_a_run_knows_where_it_is(batch):
    base, _, _ = batch
    run = latest_run(base / "outputs" / "one")
    record = manifest(run)
    assert (run / record["client_folder"]).resolve() == base / "params" / "one"
    assert f"outputs/one/{run.name}" in (run / "views" / "page.ipynb").read_text(encoding="utf-8")
    assert all(stage["artefacts"] for stage in record["stages"])


def test_a_client_that_kills_its_worker_ends_as_failed(batch):
    base, record, events = batch
    killer = record.lines[0]
    assert (killer.begun, killer.exit_code) == (BEGUN_AT_MOST, 4)
    assert (
        f"A worker died each time that this client was run on it ({BEGUN_AT_MOST} times)" in killer.problems[0]["what"]
    )
    assert events.count(("again", "killer")) == BEGUN_AT_MOST - 1
    assert latest_run(base / "outputs" / "killer") is None


def test_nothing_half_written_is_left(batch):
    base, record, _ = batch
    assert sorted(path.name for path in (base / "outputs" / ".batches").iterdir()) == [f"{record.batch}.json"]
    assert BatchRecord.read(str(base / "outputs"), record.batch) == record


def test_who_is_named_twice_or_not_at_all_is_refused(tmp_path):
    with pytest.raises(ParamsError, match="'shop' is named twice"):
        lines_of([str(tmp_path / "a" / "shop"), "memory://b/shop"], {})
    with pytest.raises(ParamsError, match="No client is named"):
        lines_of([], {})


def test_a_batch_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ParamsError, match="no batch has been run there"):
        BatchRecord.read(str(tmp_path), "20260101T000000Z-abc")
    with pytest.raises(ParamsError, match="is no name of a batch"):
        BatchRecord.read(str(tmp_path), "../other")
