"""What a worker does: bring a client's folder into a scratch folder, run it there, and give the run back."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from cxlib.batch import alike, packing
from cxlib.batch.jobs import Chain, Job, Outcome
from cxlib.batch.stores import Store
from cxlib.errors import CxError, ParamsError, Problem, SeveralErrors, StageError
from cxlib.runs import places
from cxlib.runs.latest import latest_run, switch_latest
from cxlib.runs.record import Progress

SMALL = (places.MANIFEST, places.PARAMS, places.HISTORY)  # what every worker gets of the client's latest run
Tell = Callable[[dict[str, Any]], None]


def do_job(job: Job) -> Outcome:
    """Run a job on this worker. Whatever goes wrong becomes an outcome: it is one client's, not the batch's.

    Parameters
    ----------
    job : Job

    Returns
    -------
    Outcome
    """
    began, tell = time.monotonic(), _teller(job)
    tell({"state": "begun", "pid": os.getpid()})
    try:
        with _scratch(job.workshop) as scratch:
            outcome = _run(job, scratch, tell)
    except CxError as error:
        outcome = _failed(job, error)
    except Exception as error:  # a fault of the workbench or of the machine; its text could quote an answer
        frame = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{Path(frame.filename).name} line {frame.lineno}"
        full = isinstance(error, OSError) and error.strerror
        what = f"The run could not be made ({type(error).__name__}{f': {full}' if full else ''})."
        how = "is there room on the worker's disk? Otherwise run this client alone: cx run CLIENT"
        outcome = Outcome(job.key, "failed", (Problem(what, where, how),), 1)
    return replace(outcome, seconds=round(time.monotonic() - began, 2))


def _run(job: Job, scratch: Path, tell: Tell) -> Outcome:
    if job.environment != alike.digest(alike.what_is_here()):
        raise ParamsError(
            "This worker has other code or other packages than the machine that began the batch.",
            "a worker that came later",
            "start it from the same commit and the same locked packages",
        )
    packing.check_outside(job.outside)
    folder = scratch / packing.CLIENTS / job.client
    outputs = scratch / job.outputs_name
    folder.mkdir(parents=True)
    (outputs / job.client).mkdir(parents=True)
    seen = _bring(job, scratch, folder)
    chain = _chain(folder)
    earlier = _bring_earlier(job, outputs / job.client)

    outcome: Outcome
    try:
        runner = job.runner or _run_client
        more = {"changes": dict(job.changes), "progress": _stages(tell), "check": lambda whole: _check(folder, whole)}
        run = runner(folder, outputs=outputs, **more).folder
        if seen and Store(job.source).files() != seen:
            raise StageError("The survey or the action log was changed during the run.", job.client, "run again")
        outcome = Outcome(job.key, "done")
    except CxError as error:
        begun = [path for path in (outputs / job.client).iterdir() if path.name != earlier and not path.is_symlink()]
        run = next((path for path in begun if (path / places.MANIFEST).is_file()), None)
        outcome = _failed(job, error, outputs)
    if run is not None and outcome.state == "done":
        told, facts = _figures(run)
        outcome = replace(outcome, told=told, facts=facts)
    if run is not None and run.name != earlier:
        tell({"state": "returning"})
        outcome = _give_back(job, outcome, run, outputs)
    elif run is not None:
        outcome = replace(outcome, run=run.name)  # nothing had to be run: it is the run that was there
    return replace(outcome, chain=_changed_chain(chain, folder))


def _check(folder: Path, whole: bool) -> None:
    """Name every mistake at once, unless an earlier run has read the same survey with the same parameters."""
    if whole:
        from cxlib.runs.checking import check_apart

        errors = check_apart(folder)
        if errors:
            raise SeveralErrors(errors)


def _run_client(folder: Path, **more: Any) -> Any:
    from cxlib.runs.run import run_client

    return run_client(folder, **more)


def _bring(job: Job, scratch: Path, folder: Path) -> dict[str, str]:
    """Bring the client's folder here; of a store, what it held when it was read."""
    if not job.source:
        if job.files:
            packing.bring(job.files, job.digests, scratch)
        else:
            packing.unpack(job.archive, scratch)
        return {}
    store = Store(job.source)
    seen = store.files()
    if packing.PARAMS_FILE not in seen:
        raise ParamsError("There is no params.yaml.", job.client, "name the address of a client's folder")
    store.fetch(packing.PARAMS_FILE, folder / packing.PARAMS_FILE)
    names, _ = packing.read_files(folder, job.changes)
    outside = [name for name in names if Path(name).is_absolute() or ".." in Path(name).parts]
    if outside:
        how = "put the file into the client's folder, and name it relative to that"
        raise ParamsError([Problem("A file of a client in a store lies in its folder.", name, how) for name in outside])
    for name in names[1:]:
        store.fetch(name, folder / name)  # what is not there is told by the look at the whole client
    for name in seen:
        if name.endswith(packing.CHAIN_ENDING):
            store.fetch(name, folder / name)
    return seen


def _bring_earlier(job: Job, client_outputs: Path) -> str:
    """The client's latest run, whole where this worker sees its folder; returns its name."""
    if job.earlier is None:
        return ""
    target = client_outputs / job.earlier.run
    source = Path(job.earlier.path) if job.earlier.path else None
    manifest = job.earlier.small.get(places.MANIFEST)
    try:
        same = source is not None and (source / places.MANIFEST).read_bytes() == manifest
    except OSError:
        same = False
    if same and source is not None:
        shutil.copytree(source, target, copy_function=_link_or_copy)
    else:
        target.mkdir()
        for name, content in job.earlier.small.items():
            (target / name).write_bytes(content)
    switch_latest(client_outputs, job.earlier.run)
    return job.earlier.run if latest_run(client_outputs) is not None else ""


def _link_or_copy(source: str, target: str) -> str:
    """Files of a finished run are replaced, never written into: a second name for them is enough."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
    return target


def _chain(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob(f"*{packing.CHAIN_ENDING}")}


def _changed_chain(before: dict[str, bytes], folder: Path) -> Chain | None:
    """The history that the run has sealed, where it is not as it came."""
    for name, content in _chain(folder).items():
        if before.get(name) != content:
            return Chain(name, before.get(name), content)
    return None


def _give_back(job: Job, outcome: Outcome, run: Path, outputs: Path) -> Outcome:
    """Leave the run in the workshop; else send it to its store or pack it, with the hash of every file."""
    _at_home(job, run, outputs)
    if job.workshop:
        made_in = tempfile.mkdtemp(prefix="cx-made-", dir=job.workshop)
        run.rename(Path(made_in) / run.name)
        return replace(outcome, run=run.name, made_in=made_in)
    digests = packing.folder_digests(run)
    if job.outputs:
        Store(job.outputs).send_run(run, job.client, digests)
        return replace(outcome, run=run.name, files=digests)
    return replace(outcome, run=run.name, files=digests, archive=packing.pack_folder(run, digests))


def _at_home(job: Job, run: Path, outputs: Path) -> None:
    """The record says where the client's folder is, and where a kept notebook is, as seen from the run's place."""
    record = places.read_json(run / places.MANIFEST)
    record["client_folder"] = job.client_folder
    for problem in record.get("error") or []:
        problem |= {name: _renamed(text, job, outputs) for name, text in problem.items()}
    places.write_json(run / places.MANIFEST, record)


def _renamed(text: str, job: Job, outputs: Path) -> str:
    """A text in which the scratch folder is called by the name of the place where its runs go."""
    for here in dict.fromkeys((str(outputs), places.shown(outputs))):
        text = text.replace(here, job.outputs_shown)
    return text


def _figures(run: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """What a batch says of a run, and what a table of settings compares: no score, no unit, no quote."""
    path = run / places.FINDINGS
    if not path.is_file():
        return {}, {}
    document = json.loads(path.read_text(encoding="utf-8"))
    told = {
        "title": document.get("title"),
        "rows": document.get("rows"),
        "findings": len(document.get("findings", [])),
        "loop": document.get("loop"),
    }
    labels = {factor["key"]: factor["label"] for factor in document.get("factors", [])}
    found = {(finding["factor"]["key"], finding["outcome"]) for finding in document.get("findings", [])}
    facts = {
        f"{test['factor']}.{test['outcome']}": {
            "factor": labels.get(test["factor"]),
            "outcome": test["outcome"],
            "found": (test["factor"], test["outcome"]) in found,
            "grade": test["grade"],
            **{name: test["association"][name] for name in ("estimate", "low", "high")},
        }
        for test in document.get("method", {}).get("tests", [])
    }
    return told, facts


def _failed(job: Job, error: CxError, outputs: Path | None = None) -> Outcome:
    problems = error.problems
    if outputs is not None:
        problems = tuple(
            Problem(*(_renamed(text, job, outputs) for text in (problem.what, problem.where, problem.how)))
            for problem in problems
        )
    return Outcome(job.key, "failed", problems, error.exit_code)


def _stages(tell: Tell) -> Callable[[Progress], None]:
    def told(progress: Progress) -> None:
        tell({"state": progress.state, "stage": progress.stage, "number": progress.number, "of": progress.of})

    return told


def _teller(job: Job) -> Tell:
    """Tells the batch how far this job is; a word that gets lost costs nothing but a line of progress."""
    try:
        from distributed import get_worker

        worker = get_worker()
    except (ImportError, ValueError):  # not on a worker
        return lambda _: None
    return lambda told: worker.log_event(job.topic, {"key": job.key, "worker": worker.address, **told})


@contextmanager
def _scratch(workshop: str) -> Iterator[Path]:
    """A folder that only this user reads; it holds answers, and is gone when the job ends.

    Of a worker that was killed it stays until the batch ends, where there is a workshop; elsewhere until the next
    worker starts in the same place, which clears it away.
    """
    below: str | None = workshop or None
    if below is None:
        with suppress(ImportError, ValueError):  # not on a worker
            from distributed import get_worker

            below = get_worker().local_directory
    folder = Path(tempfile.mkdtemp(prefix="cx-run-", dir=below)).resolve()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
