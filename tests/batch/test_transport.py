"""Folders on their way: packed, fetched from a store, sent to one, and taken in only when they are whole."""

from __future__ import annotations

import dataclasses
import json
import os
import stat
from contextlib import ExitStack
from pathlib import Path

import fsspec
import pytest

from cxlib.batch import alike, packing
from cxlib.batch.batch import _Batch, lines_of
from cxlib.batch.jobs import Chain, Outcome
from cxlib.batch.order import seconds_then
from cxlib.batch.record import BatchRecord
from cxlib.batch.stores import ARRIVING, Store, arriving, clear_leftovers, shown
from cxlib.batch.taking_in import Client, take_in
from cxlib.batch.work import _bring, do_job
from cxlib.errors import DataError, ParamsError, StageError
from cxlib.runs.latest import latest_run

pytestmark = pytest.mark.kernel


@pytest.fixture
def memory():
    """An empty store in memory."""
    store = fsspec.filesystem("memory")
    store.store.clear()
    store.pseudo_dirs[:] = [""]
    return store


def brought(run, /, **changed) -> Outcome:
    """A run as a worker hands it over."""
    digests = packing.folder_digests(run.folder)
    archive = packing.pack_folder(run.folder, digests)
    whole = Outcome("mini", "done", run=run.folder.name, files=digests, archive=archive)
    return dataclasses.replace(whole, **changed)


@pytest.fixture
def home(finished, runners, tmp_path):
    """(client's folder, what was packed of it, outputs)."""
    folder = runners.add_client(tmp_path / "params", "mini")
    (tmp_path / "outputs" / "mini").mkdir(parents=True)
    return folder, packing.pack_client(folder), tmp_path / "outputs"


def taken(outcome, home, **more) -> Outcome:
    folder, packed, outputs = home
    return take_in(outcome, Client(str(folder)), packed, str(outputs), "mini", **{"make_latest": True} | more)


def test_only_what_the_parameters_name_is_packed(home, tmp_path):
    folder, packed, _ = home
    (folder / "private.txt").write_text("not for a worker", encoding="utf-8")
    again = packing.pack_client(folder)
    assert again == packed
    assert again.archive() == packed.archive()  # the same files, the same bytes
    packing.unpack(packed.archive(), tmp_path / "there")
    found = sorted(path.name for path in (tmp_path / "there").rglob("*") if path.is_file())
    assert found == ["params.yaml", "survey.csv"]
    assert packing.still_the_same(packed)
    (folder / "survey.csv").write_text("r,w,h\n", encoding="utf-8")
    assert not packing.still_the_same(packed)


def test_a_setting_can_name_another_file(runners, home, memory):
    """As with cx run: the folder is looked at as it is, and the run reads what the setting names."""
    folder, packed, outputs = home
    (folder / "later.csv").write_text((folder / "survey.csv").read_text(encoding="utf-8") + "5,5,5\n", encoding="utf-8")
    for path in folder.iterdir():
        memory.pipe_file(f"/clients/mini/{path.name}", path.read_bytes())
    record = BatchRecord.begin("batch", str(outputs), lines_of([str(folder)], {"data.responses": "later.csv"}))
    batch, (line,) = _Batch(record, lambda _: None, lambda *_: None, runners.run_mini), record.lines
    again = packing.pack_client(folder, line.changes)
    assert set(again.files) == {*packed.files, "params/mini/later.csv"}
    before = batch.sender.inputs(line, Client(str(folder)), again)
    line.source = "memory://clients/mini"
    (tmp := outputs.parent / "there").mkdir()
    job = batch.sender.job(line, Client(line.source), None)
    _bring(job, tmp, tmp / "params" / "mini")
    assert {path.name for path in (tmp / "params" / "mini").iterdir()} == {"params.yaml", "survey.csv", "later.csv"}
    (folder / "later.csv").write_text("r,w,h\n1,2,3\n", encoding="utf-8")
    assert batch.sender.inputs(line, Client(str(folder)), packing.pack_client(folder, line.changes)) != before
    with pytest.raises(DataError, match=r"mend params\.yaml, or --set"):
        packing.pack_client(folder, {"data.responses": "none.csv"})


def test_on_this_machine_nothing_travels(runners, home):
    """A run is made on the disk of the runs and renamed; only its name and its figures come back."""
    folder, _, outputs = home
    record = BatchRecord.begin("batch", str(outputs), lines_of([str(folder)], {}))
    batch = _Batch(record, lambda _: None, lambda *_: None, runners.run_mini)
    with ExitStack() as until_end:
        batch.stay_here(until_end)
        job = batch.sender.job(record.lines[0], Client(str(folder)), packing.pack_client(folder))
        outcome = do_job(job)
        assert (job.archive, outcome.archive, outcome.files) == (b"", b"", {})
        (made,) = (outputs / ".batches" / "arriving").glob("*/cx-*")  # the scratch folder has gone
        assert made == Path(outcome.made_in)
        assert stat.S_IMODE(made.parent.stat().st_mode) == 0o700
        number = (made / outcome.run / "manifest.json").stat().st_ino
        assert taken(outcome, home).state == "done"
        assert not made.exists()
    run = latest_run(outputs / "mini")
    assert (run.name, (run / "manifest.json").stat().st_ino) == (outcome.run, number)
    assert not (outputs / ".batches" / "arriving").exists()


def test_a_survey_changed_before_a_worker_of_this_machine_reads_it(runners, home):
    folder, packed, outputs = home
    (folder / "survey.csv").write_text("r,w,h\n1,1,1\n", encoding="utf-8")
    record = BatchRecord.begin("batch", str(outputs), lines_of([str(folder)], {}))
    batch = _Batch(record, lambda _: None, lambda *_: None, runners.run_mini)
    with ExitStack() as until_end:
        batch.stay_here(until_end)
        outcome = do_job(batch.sender.job(record.lines[0], Client(str(folder)), packed))
    assert (outcome.state, outcome.run, outcome.exit_code) == ("failed", "", 4)
    assert "changed during the run" in outcome.problems[0].what


def test_what_a_killed_batch_has_left_goes_and_what_another_one_holds_stays(tmp_path):
    left = tmp_path / ARRIVING / "0123456789abcdef"
    left.mkdir(parents=True)
    (left / "answers.csv").write_text("r,w,h\n1,2,3\n", encoding="utf-8")
    with arriving(tmp_path) as held:
        (held / "run").mkdir()
        clear_leftovers(tmp_path)
        assert not left.exists()
        assert (held / "run").is_dir()
    clear_leftovers(tmp_path)
    assert not (tmp_path / ARRIVING).exists()


def test_the_run_that_took_longest_goes_first(finished, home):
    assert taken(brought(finished[2]), home).state == "done"
    path = latest_run(home[2] / "mini") / "manifest.json"
    record = json.loads(path.read_text(encoding="utf-8"))
    record["stages"][0] |= {"seconds": 0.1, "seconds_then": 40.0}  # taken over from an earlier run
    record["stages"][1]["seconds"] = 2.5
    path.write_text(json.dumps(record), encoding="utf-8")
    (home[2] / "new").mkdir()
    assert seconds_then(home[2], ["mini", "new", "none"]) == {"mini": 42.5}
    path.write_text("{}", encoding="utf-8")
    assert seconds_then(home[2], ["mini"]) == {}


def test_a_file_elsewhere_must_be_the_same_there(runners, tmp_path):
    elsewhere = tmp_path / "elsewhere.csv"
    elsewhere.write_text("r,w,h\n1,2,3\n", encoding="utf-8")
    folder = runners.add_client(tmp_path / "params", "mini", data={"responses": str(elsewhere)})
    packed = packing.pack_client(folder)
    assert list(packed.outside) == [str(elsewhere)]
    packing.check_outside(packed.outside)
    elsewhere.write_text("r,w,h\n1,2,4\n", encoding="utf-8")
    with pytest.raises(ParamsError, match="does not see this file, or sees another one"):
        packing.check_outside(packed.outside)


def test_a_run_comes_home_whole(finished, home):
    outcome = taken(brought(finished[2]), home)
    run = latest_run(home[2] / "mini")
    assert outcome.state == "done"
    assert run.name == outcome.run
    assert packing.folder_digests(run) == packing.folder_digests(finished[2].folder)
    assert sorted(path.name for path in home[2].iterdir() if path.name != ".batches") == ["mini"]


def test_a_run_that_is_not_to_be_shown_leaves_latest(finished, home):
    assert taken(brought(finished[2]), home, make_latest=False).state == "done"
    assert (home[2] / "mini" / finished[2].folder.name).is_dir()
    assert latest_run(home[2] / "mini") is None


@pytest.mark.parametrize("harm", ["changed", "cut", "missing"])
def test_a_run_that_is_not_whole_is_not_taken_in(finished, home, harm):
    outcome = brought(finished[2])
    if harm == "changed":
        outcome = dataclasses.replace(outcome, files=dict(outcome.files) | {"ledger.csv": "0" * 64})
    elif harm == "cut":
        outcome = dataclasses.replace(outcome, archive=outcome.archive[: len(outcome.archive) // 2])
    else:
        less = [name for name in outcome.files if name != "drivers.csv"]
        outcome = dataclasses.replace(outcome, archive=packing.pack_folder(finished[2].folder, less))
    ended = taken(outcome, home)
    assert (ended.state, ended.exit_code, ended.run) == ("failed", 4, "")
    assert not any((home[2] / "mini").iterdir())
    assert not (home[2] / ".batches" / "arriving").exists()


def test_a_survey_changed_meanwhile_is_no_success(finished, home):
    (home[0] / "survey.csv").write_text("r,w,h\n1,1,1\n", encoding="utf-8")
    ended = taken(brought(finished[2]), home)
    assert ended.state == "failed"
    assert "changed during the run" in ended.problems[0].what
    assert latest_run(home[2] / "mini") is None


def test_a_full_disk_is_told_and_leaves_latest(finished, home, monkeypatch):
    assert taken(brought(finished[2]), home).state == "done"

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    ended = taken(brought(finished[2], run="20990101T000000Z-0"), home)
    assert "No space left on device" in ended.problems[0].what
    assert latest_run(home[2] / "mini").name == finished[2].folder.name
    assert [path.name for path in (home[2] / "mini").iterdir() if path.name.startswith("2099")] == []


def test_the_history_goes_back_only_where_it_is_as_it_was(finished, home):
    log, chain = home[0] / "log.csv", home[0] / "log.csv.history.jsonl"
    log.write_text("id\n", encoding="utf-8")
    sealed = Chain(chain.name, None, b'{"sha256": "a"}\n')
    assert taken(brought(finished[2], chain=sealed), home).state == "done"
    assert chain.read_bytes() == b'{"sha256": "a"}\n'
    chain.write_bytes(b'{"sha256": "somebody else"}\n')
    later = dataclasses.replace(sealed, before=sealed.after, after=b'{"sha256": "a"}\n{"sha256": "b"}\n')
    with pytest.raises(StageError, match="changed during the run"):
        Client(str(home[0])).bring_back(later)
    assert chain.read_bytes() == b'{"sha256": "somebody else"}\n'


def test_a_history_that_cannot_be_written_is_said_in_the_run(finished, home, monkeypatch):
    sealed = Chain("log.csv.history.jsonl", b'{"sha256": "old"}\n', b'{"sha256": "old"}\n{"sha256": "new"}\n')

    def refused(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Client, "bring_back", refused)
    ended = taken(brought(finished[2], chain=sealed), home)
    seen = json.loads((home[2] / "mini" / ended.run / "history.json").read_text(encoding="utf-8"))
    assert ended.state == "done"
    assert seen["head"] == "old"  # or the next run would take the chain for cut
    assert "could not be written: Permission denied" in seen["unsealed"]


def test_a_client_and_its_runs_in_stores(finished, runners, memory, tmp_path):
    folder = runners.add_client(tmp_path / "params", "mini")
    for path in folder.iterdir():
        memory.pipe_file(f"/clients/mini/{path.name}", path.read_bytes())
    record = BatchRecord.begin("batch", "memory://runs", lines_of(["memory://clients/mini"], {}))
    batch = _Batch(record, lambda _: None, lambda *_: None, runners.run_mini)
    batch.sort_out()
    (line,) = record.lines
    client = Client(line.source)
    line.inputs = batch.sender.inputs(line, client, None)
    outcome = do_job(batch.sender.job(line, client, None))
    assert outcome.state == "done", outcome.problems
    assert outcome.archive == b""
    assert Store("memory://runs").latest_run("mini") == ""  # the worker has sent it; it is not yet shown
    batch._over(line, take_in(outcome, client, None, "memory://runs", "mini", make_latest=True))
    assert Store("memory://runs").latest_run("mini") == outcome.run
    names = {name.removeprefix(f"/runs/mini/{outcome.run}/") for name in memory.find(f"/runs/mini/{outcome.run}")}
    assert names == set(outcome.files)
    for name in ("ledger.csv", "drivers.csv"):  # the same bytes as a run on this machine
        assert memory.cat_file(f"/runs/mini/{outcome.run}/{name}") == (finished[2].folder / name).read_bytes()
    record.end("done")
    again = BatchRecord.read("memory://runs", record.batch)
    assert again.lines == record.lines
    assert batch._still_good(again.lines[0])
    memory.pipe_file("/clients/mini/survey.csv", b"r,w,h\n1,1,1\n2,2,2\n")
    assert not batch._still_good(again.lines[0])


def test_a_store_that_loses_a_file_is_noticed(finished, memory, monkeypatch):
    store, run = Store("memory://runs"), finished[2].folder
    digests = packing.folder_digests(run)
    write = Store.write
    monkeypatch.setattr(
        Store, "write", lambda self, name, content: write(self, name, content[:-1] if "ledger" in name else content)
    )
    with pytest.raises(DataError, match="did not arrive in the store"):
        store.send_run(run, "mini", digests)
    assert store.read(f"mini/{run.name}/manifest.json") is None  # it goes last: this is no run


def test_a_shared_disk_by_its_address(finished, tmp_path):
    store, run = Store(f"file://{tmp_path}/runs"), finished[2].folder
    store.send_run(run, "mini", packing.folder_digests(run))
    store.switch_latest("mini", run.name)
    assert latest_run(tmp_path / "runs" / "mini").name == run.name
    assert store.latest_run("mini") == run.name


def test_an_address_that_cannot_be_read_is_told():
    with pytest.raises(ParamsError, match="no protocol that fsspec knows"):
        Store("nonsense://here")
    assert shown("s3://key:secret@bucket/x?token=1") == "s3://bucket/x"


def test_a_worker_with_other_code_does_nothing(runners, tmp_path):
    folder = runners.add_client(tmp_path / "params", "mini")
    record = BatchRecord.begin("batch", str(tmp_path / "outputs"), lines_of([str(folder)], {}))
    batch = _Batch(record, lambda _: None, lambda *_: None, runners.run_mini)
    job = batch.sender.job(record.lines[0], Client(str(folder)), packing.pack_client(folder))
    ended = do_job(dataclasses.replace(job, environment=alike.digest({"cxlib": "other"})))
    assert ended.state == "failed"
    assert "other code or other packages" in ended.problems[0].what


def test_what_differs_between_machines_is_named():
    here = {"cxlib": "1", "code": "a", "packages": {"numpy": "2.1", "pandas": "3.0"}, "encoding": "utf-8"}
    threads = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": ""}
    workers = {
        "tcp://a:1": {"threads": threads, "here": here | {"cxlib": "2"}},
        "tcp://b:1": {"threads": dict.fromkeys(threads, "1"), "here": here | {"packages": {"numpy": "2.0"}}},
        "tcp://c:1": ImportError("cxlib"),
    }
    told = [str(problem) for problem in alike.differences(here, workers, {"tcp://b:1": 4})]
    assert "version 2 of the workbench, this machine 1" in told[0]
    assert "MKL_NUM_THREADS=1" in told[1]
    assert "numpy 2.0, here 2.1; pandas missing, here 3.0" in told[2]
    assert "4 clients at once" in told[3]
    assert "not installed at this worker" in told[4]
