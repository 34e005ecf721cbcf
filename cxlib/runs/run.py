"""Run a client: every stage in its own kernel, the record written whatever happens, `latest` switched at the end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from cxlib.actions import read_actions
from cxlib.actions.chain import RUN_FILE, HistoryNotes, Seen, seal_log
from cxlib.errors import ParamsError, Problem, StageError
from cxlib.params import Params
from cxlib.runs import latest, manifest, places
from cxlib.runs.changes import read_changed
from cxlib.runs.folder import Run, open_run
from cxlib.runs.notebooks import check_notebook
from cxlib.runs.record import Progress, Record
from cxlib.runs.stages import STAGES, VIEWS, Stage, View, before, find_notebooks

WAIT_SECONDS = 3600.0  # for another run of the same client


def run_client(
    folder: Path,
    *,
    outputs: Path = Path("outputs"),
    changes: Mapping[str, Any] | None = None,
    from_stage: str | None = None,
    progress: Callable[[Progress], None] | None = None,
    stages: tuple[Stage, ...] = STAGES,
    views: tuple[View, ...] = VIEWS,
    notebooks: Path | None = None,
    wait_seconds: float = WAIT_SECONDS,
) -> Run:
    """Run every stage for a client and, when all succeeded, make the run its latest.

    Parameters
    ----------
    folder : Path
        The client's folder with its `params.yaml`.
    outputs : Path
        Where runs go: outputs/CLIENT/RUN.
    changes : mapping, optional
        Dotted key -> value, for this run only.
    from_stage : str, optional
        Begin at this stage and take what earlier ones left from the latest run, where nothing they hang on has changed.
    progress : callable, optional
        Told of every stage as it starts and ends.
    stages, views, notebooks
        What to run, and the folder of its notebooks; the project's own unless given.
    wait_seconds : float
        How long to wait for another run of the client, in seconds.

    Returns
    -------
    Run
        The finished run.

    Raises
    ------
    ParamsError, DataError, RefusedError
        Parameters, inputs or the changes are wrong; nothing was run.
    StageError
        A stage failed. Its notebook is kept in the run folder, and `latest` is as it was.
    """
    tell = progress or (lambda _: None)
    folder, outputs = Path(folder).resolve(), Path(outputs).resolve()
    params = read_changed(folder, changes or {})
    notebooks = notebooks or find_notebooks()
    reusable = before(stages, from_stage)
    read_actions(params, folder)  # nothing is sealed of a log with a mistake in it
    inputs = manifest.hash_inputs(params, folder)
    code = manifest.hash_code(notebooks, (*stages, *views))
    _check_notebooks(notebooks, stages, views, params)

    client_outputs = outputs / params.client
    try:
        client_outputs.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ParamsError(
            f"Runs cannot be written there: {error.strerror}.", places.shown(client_outputs), "name another --outputs"
        ) from None
    with latest.one_run_at_a_time(
        client_outputs, wait_seconds=wait_seconds, waiting=lambda: tell(Progress("waiting", of=len(stages)))
    ):
        history = seal_log(params, folder, date.today(), latest=seen_history(client_outputs))
        mark = _with_history(manifest.fingerprint(params, inputs, code), history)
        hashes = {stage.name: _stage_hashes(stage, params, inputs, code, history) for stage in stages}
        earlier = _reusable_run(client_outputs, reusable, hashes) if reusable else None
        record = Record.begin(client_outputs, folder, params, mark, inputs, code, notebooks, dict(changes or {}))
        places.write_json(record.folder / RUN_FILE, history.as_dict())
        run_dir = record.folder.relative_to(outputs.parent).as_posix()
        try:
            for number, stage in enumerate(stages, start=1):
                reused = earlier if stage in reusable else None
                settings = {"run_dir": run_dir, **stage.settings(params)}
                record.stage(stage, hashes[stage.name], (number, len(stages)), tell, notebooks, settings, reused)
            from cxlib.runs.execute import prepare

            for view in views:
                prepare(
                    notebooks / view.notebook,
                    record.folder / places.VIEWS / Path(view.notebook).name,
                    {"run_dir": run_dir, "language": params.language},
                )
            if manifest.hash_inputs(params, folder) != inputs:
                raise StageError("The survey or the action log was changed during the run.", folder.name, "run again")
            record.end("done")
            latest.switch_latest(client_outputs, record.folder.name)
        except BaseException as error:
            record.end("stopped" if isinstance(error, KeyboardInterrupt) else "failed", error)
            raise
    return open_run(record.folder)


def seen_history(client_outputs: Path) -> Seen | None:
    """What the client's latest run wrote down of the log's history."""
    run = latest.latest_run(client_outputs)
    if run is None or not (run / RUN_FILE).is_file():
        return None
    head = str(places.read_json(run / RUN_FILE).get("head", ""))
    return Seen(head, str(places.read_json(run / places.MANIFEST).get("started", ""))[:10])


def _noticed(history: HistoryNotes) -> list[Any]:
    """The changes of the log's past; the chain's head is left out, since it hangs on the day of sealing."""
    return history.as_dict()["notes"]


def _with_history(mark: str, history: HistoryNotes) -> str:
    """A changed past makes other findings, so it makes another run."""
    return manifest.digest({"run": mark, "history": _noticed(history)}) if history.notes else mark


def _stage_hashes(
    stage: Stage, params: Params, inputs: manifest.Inputs, code: manifest.Code, history: HistoryNotes
) -> dict[str, str]:
    hashes = manifest.stage_hashes(stage, params, inputs, code)
    return hashes | ({"history of the action log": manifest.digest(_noticed(history))} if stage.reads_actions else {})


def _check_notebooks(notebooks: Path, stages: tuple[Stage, ...], views: tuple[View, ...], params: Params) -> None:
    """Every notebook before the first one runs."""
    problems: list[Problem] = []
    for stage in stages:
        problems += check_notebook(notebooks / stage.notebook, {"run_dir": "", **stage.settings(params)})
    for view in views:
        problems += check_notebook(notebooks / view.notebook, {"run_dir": "", "language": params.language})
    if problems:
        raise StageError(problems)


def _reusable_run(client_outputs: Path, reusable: tuple[Stage, ...], hashes: dict[str, dict[str, str]]) -> Path:
    """The latest run, when the earlier stages would leave there what they left.

    Raises
    ------
    ParamsError
        There is none, or something has changed that these stages hang on: named.
    """
    again = "leave out --from, and every stage is run"
    source = latest.latest_run(client_outputs)
    if source is None:
        raise ParamsError("There is no finished run to begin from.", places.shown(client_outputs), again)
    then = {line["name"]: line for line in places.read_json(source / places.MANIFEST)["stages"]}
    problems = []
    for stage in reusable:
        line = then.get(stage.name, {})
        changed = manifest.whats_changed(line.get("hangs_on", {}), hashes[stage.name])
        if changed:
            kinds = ", ".join(changed)
            problems.append(
                Problem(f"The stage '{stage.name}' must run again; changed since: {kinds}.", source.name, again)
            )
        elif manifest.artefact_digests(source, stage.leaves) != line.get("artefacts"):
            problems.append(
                Problem(f"What the stage '{stage.name}' left is no more as it left it.", source.name, again)
            )
    if problems:
        raise ParamsError(problems)
    return source
