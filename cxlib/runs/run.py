"""Run a client: what is known is taken over, the rest runs in kernels; the record is written whatever happens."""

from __future__ import annotations

import errno
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from cxlib.actions import read_actions
from cxlib.actions.chain import RUN_FILE, HistoryNotes, Seen, seal_log
from cxlib.errors import CxError, ParamsError, Problem, StageError
from cxlib.runs import failures, latest, places
from cxlib.runs.adopt import Scratch
from cxlib.runs.ahead import libraries_meanwhile, warm_up
from cxlib.runs.asked import Asked
from cxlib.runs.cache import Cache, Found
from cxlib.runs.folder import Run, open_run
from cxlib.runs.notebooks import check_notebook, fill_in
from cxlib.runs.record import Progress, Record
from cxlib.runs.side_by_side import run_side_by_side
from cxlib.runs.stages import STAGES, VIEWS, Stage, View, find_notebooks, named, needed_by

WAIT_SECONDS = 3600.0  # for another run of the same client
_CLOSED = {errno.EACCES, errno.EPERM, errno.EROFS}


@dataclass(frozen=True)
class Wish:
    """Which stages are run although nothing has changed.

    Attributes
    ----------
    fresh : bool
        All of them.
    from_stage : str, optional
        This one and those after it; the earlier ones must be known.
    only : str, optional
        This one alone; the earlier ones must be known, later ones are taken over where they are known.
    """

    fresh: bool = False
    from_stage: str | None = None
    only: str | None = None

    def forced(self, stages: tuple[Stage, ...]) -> set[str]:
        """Names of the stages to run in any case.

        Raises
        ------
        ParamsError
            No such stage, or wishes that do not go together.
        """
        if sum((self.fresh, self.from_stage is not None, self.only is not None)) > 1:
            raise ParamsError(
                "Only one of --fresh, --from and --only can be had.", "the command", "leave the others out"
            )
        if self.from_stage is not None:
            first = stages.index(named(stages, self.from_stage, "--from"))
            return {stage.name for stage in stages[first:]}
        if self.only is not None:
            return {named(stages, self.only, "--only").name}
        return {stage.name for stage in stages} if self.fresh else set()

    @property
    def option(self) -> str:
        """As it was typed."""
        return "--from" if self.from_stage is not None else "--only"


def run_client(
    folder: Path,
    *,
    outputs: Path = Path("outputs"),
    changes: Mapping[str, Any] | None = None,
    from_stage: str | None = None,
    only: str | None = None,
    fresh: bool = False,
    adopt: Scratch | None = None,
    check: Callable[[bool], None] | None = None,
    progress: Callable[[Progress], None] | None = None,
    stages: tuple[Stage, ...] = STAGES,
    views: tuple[View, ...] = VIEWS,
    notebooks: Path | None = None,
    wait_seconds: float = WAIT_SECONDS,
) -> Run:
    """Bring a client up to date and, when all stages succeeded, make the run its latest.

    Parameters
    ----------
    folder : Path
        The client's folder with its `params.yaml`.
    outputs : Path
        Where runs go: outputs/CLIENT/RUN.
    changes : mapping, optional
        Dotted key -> value, for this run only.
    from_stage, only : str, optional
        Run this stage and those after it, or this one alone, also where nothing has changed.
    fresh : bool
        Run all stages, also where nothing has changed.
    adopt : Scratch, optional
        Stages made by hand, to be taken as they are.
    check : callable, optional
        Called with True before anything runs, to name every mistake at once; with False when the survey is that of an
        earlier run that has read it with the same parameters, so that it needs no second reading.
    progress : callable, optional
        Told of every stage as it starts and ends; never by two threads at once.
    stages, views, notebooks
        What to run, and the folder of its notebooks; the project's own unless given.
    wait_seconds : float
        How long to wait for another run of the client, in seconds.

    Returns
    -------
    Run
        The finished run. Where nothing at all has changed since the latest one, that one: no new run is made, and
        `progress` is told "stands".

    Raises
    ------
    ParamsError, DataError, RefusedError
        Parameters, inputs or the changes are wrong; nothing was run.
    StageError, SeveralErrors
        A stage failed, or two that went on side by side. Their notebooks are kept in the run folder, and `latest` is as
        it was.
    """
    wish = Wish(fresh, from_stage, only)
    forced = wish.forced(stages)
    tell = _one_at_a_time(progress or (lambda _: None))
    folder, outputs = Path(folder).resolve(), Path(outputs).resolve()
    notebooks = notebooks or find_notebooks()
    asked = _checked(folder, outputs, dict(changes or {}), stages, views, notebooks, forced, check)
    if adopt is not None:
        asked.by_hand = adopt.stages
        _refuse_other_inputs(asked, adopt)
    read_actions(asked.params, folder)  # nothing is sealed of a log with a mistake in it

    client_outputs = outputs / asked.params.client
    latest.make_client_outputs(client_outputs)
    try:
        with latest.one_run_at_a_time(
            client_outputs, wait_seconds=wait_seconds, waiting=lambda: tell(Progress("waiting", of=len(stages)))
        ):
            if adopt is not None:
                adopt.refuse_when_gone()
            history = seal_log(asked.params, folder, date.today(), latest=seen_history(client_outputs))
            asked.cache = Cache(client_outputs)  # another run may have ended meanwhile
            known = asked.known(history, forced)
            if (
                not forced
                and adopt is None
                and len(known) == len(stages)
                and (last := _stands(asked, client_outputs, history))
            ):
                tell(Progress("stands", of=len(stages), run=last.folder.name))
                return last
            if wish.from_stage or wish.only:
                _refuse_unless_known(asked, wish, forced, known, history)
            return _run(asked, wish, forced, known, history, outputs, tell, adopt)
    except OSError as error:
        if error.errno in failures.FULL:
            raise failures.disk_full(error, client_outputs) from None
        if error.errno in _CLOSED and str(error.filename).startswith(str(client_outputs)):
            raise latest.not_writable(error, client_outputs) from None
        raise


def _checked(
    folder: Path,
    outputs: Path,
    changes: dict[str, Any],
    stages: tuple[Stage, ...],
    views: tuple[View, ...],
    notebooks: Path,
    forced: set[str],
    check: Callable[[bool], None] | None,
) -> Asked:
    """What is asked for, once nothing in it is wrong."""

    def read() -> Asked:
        return Asked.read(folder, outputs, changes, stages, views, notebooks)

    if check is None:
        return read()
    asked = None
    with suppress(CxError):  # told below together with everything else that is wrong
        asked = read()
    known = asked is not None and asked.survey_is_known()
    if asked is not None and forced:
        warm_up()
    if asked is not None and not known:
        with libraries_meanwhile():
            check(True)
    else:
        check(not known)
    return asked or read()


def _one_at_a_time(progress: Callable[[Progress], None]) -> Callable[[Progress], None]:
    lock = threading.Lock()

    def tell(step: Progress) -> None:
        with lock:
            progress(step)

    return tell


def _stands(asked: Asked, client_outputs: Path, history: HistoryNotes) -> Run | None:
    """The latest run, when a new one would be the same: stages, parameters, pages."""
    folder = latest.latest_run(client_outputs)
    if folder is None:
        return None
    with suppress(ParamsError):  # damaged since: another run takes its place
        return open_run(folder) if _the_same(asked, folder, history) else None
    return None


def _the_same(asked: Asked, folder: Path, history: HistoryNotes) -> bool:
    record = places.read_record(folder)
    places.read_json(folder / RUN_FILE)  # it is told from
    same = record.get("status") == "done" and record.get("parameters") == asked.params.model_dump(mode="json")
    same = same and record.get("fingerprint") == asked.mark(history) and asked.all_in(folder, record, history)
    then = (record.get("code") or {}).get("notebooks") or {}
    for view in asked.views:
        same = same and then.get(view.notebook) == asked.code.notebooks[view.notebook]
        same = same and (folder / places.VIEWS / Path(view.notebook).name).is_file()
    return same


def _refuse_other_inputs(asked: Asked, scratch: Scratch) -> None:
    """What was made by hand belongs to the parameters and the data from which it was made."""
    changed = []
    if asked.params.model_dump(mode="json") != scratch.parameters:
        changed.append("parameters")
    changed += [what for what, sha in asdict(asked.inputs).items() if scratch.inputs.get(what) != sha]
    if changed:
        raise ParamsError(
            f"Since the run of which this is a scratch copy, there changed: {', '.join(changed)}.",
            places.shown(scratch.folder),
            "run the client (cx run), open its stage notebooks again, and make the change there",
        )


def _refuse_unless_known(
    asked: Asked, wish: Wish, forced: set[str], known: Mapping[str, Found], history: HistoryNotes
) -> None:
    """Who begins at a later stage wants the earlier ones as they were."""
    first = wish.from_stage or wish.only or ""
    again = f"leave out {wish.option}, and every stage that must is run"
    if asked.cache.empty:
        raise ParamsError("There is no finished run to begin from.", places.shown(asked.cache.folder), again)
    names = [stage.name for stage in asked.stages]
    problems = []
    for stage in asked.stages[: names.index(first)]:
        if stage.name not in known and stage.name not in forced:
            why = asked.why_not(stage, known, history)
            problems += [Problem(why, f"{wish.option} {first}", again)] if why else []
    if problems:
        raise ParamsError(problems)


@dataclass
class _Going:
    """What is known while stages run."""

    left: dict[str, str] = field(default_factory=dict)  # SHA-256 of what stages left, by path
    ended: set[str] = field(default_factory=set)
    skipped: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)


def _run(
    asked: Asked,
    wish: Wish,
    forced: set[str],
    known: Mapping[str, Found],
    history: HistoryNotes,
    outputs: Path,
    tell: Callable[[Progress], None],
    scratch: Scratch | None,
) -> Run:
    """A new run folder, filled."""
    kernels = None
    if len(known) < len(asked.stages):
        from cxlib.runs.kernel import Kernels

        _check_notebooks(asked)
        kernels = Kernels()
        warm_up()
    mark = asked.mark(history)
    client_outputs = outputs / asked.params.client
    record = Record.begin(
        client_outputs, asked.folder, asked.params, mark, asked.inputs, asked.code, asked.notebooks, asked.changes
    )
    run_dir = record.folder.relative_to(outputs.parent).as_posix()
    going = _Going()

    def work(stage: Stage) -> None:
        with going.lock:
            hashes = asked.hashes(stage, going.left, history)
            ready = all(other.name in going.ended for other in needed_by(stage, asked.stages))
            by_hand = scratch is not None and stage.name in scratch.stages
            found = None if by_hand or stage.name in forced else asked.cache.find(stage, hashes)
        if wish.only not in (None, stage.name) and (found is None or not ready):
            going.skipped.append(stage.name)
            return

        def execute(kept: Path) -> None:
            from cxlib.runs.execute import execute

            settings = {"run_dir": run_dir, **stage.settings(asked.params)}
            execute(
                asked.notebooks / stage.notebook,
                kept,
                settings,
                stage=stage.name,
                home=outputs.parent,
                needs=stage.needs,
                kernels=kernels,
            )
            asked.refuse_changed_inputs()
            if asked.code_changed(stage):  # the result is of this code or of that one: nobody may take it over
                hashes["code"] = "changed while the stage ran"

        number = asked.stages.index(stage) + 1
        left = record.stage(
            stage,
            hashes,
            (number, len(asked.stages)),
            tell,
            reaches=asked.code.reaches[stage.name],
            found=found,
            execute=execute,
            adopt=(lambda: scratch.adopt(stage, record.folder, mark)) if by_hand else None,
        )
        with going.lock:
            going.left |= left
            going.ended.add(stage.name)

    def told_kernels() -> dict[str, Any]:
        return kernels.as_dict() if kernels is not None else {"warm": 0, "cold": 0, "notes": []}

    try:
        places.write_json(record.folder / RUN_FILE, history.as_dict())
        run_side_by_side(asked.stages, work, kernels.stop if kernels is not None else lambda: None)
        for view in asked.views:
            fill_in(
                asked.notebooks / view.notebook,
                record.folder / places.VIEWS / Path(view.notebook).name,
                {"run_dir": run_dir, "language": asked.params.language},
                known=asked.cache.has_used(view.notebook, asked.code.notebooks[view.notebook]),
            )
        asked.refuse_changed_inputs()
        record.end("partial" if going.skipped else "done", kernels=told_kernels())
        if not going.skipped:
            latest.switch_latest(client_outputs, record.folder.name)
    except BaseException as error:
        record.end("stopped" if isinstance(error, KeyboardInterrupt) else "failed", error, told_kernels())
        if isinstance(error, FileNotFoundError) and not record.folder.is_dir():
            raise StageError(
                "The run's own folder was removed while it went on.", places.shown(record.folder), "run again"
            ) from None
        raise
    return open_run(record.folder)


def _check_notebooks(asked: Asked) -> None:
    """Every notebook before the first one runs."""
    problems: list[Problem] = []
    for stage in asked.stages:
        problems += check_notebook(asked.notebooks / stage.notebook, {"run_dir": "", **stage.settings(asked.params)})
    for view in asked.views:
        problems += check_notebook(asked.notebooks / view.notebook, {"run_dir": "", "language": asked.params.language})
    if problems:
        raise StageError(problems)


def seen_history(client_outputs: Path) -> Seen | None:
    """What the client's latest run wrote down of the log's history; None where that can no more be read."""
    run = latest.latest_run(client_outputs)
    if run is None or not (run / RUN_FILE).is_file():
        return None
    with suppress(ParamsError):
        head = str(places.read_json(run / RUN_FILE).get("head", ""))
        return Seen(head, str(places.read_record(run).get("started", ""))[:10])
    return None
