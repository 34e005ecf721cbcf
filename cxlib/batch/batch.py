"""Run many: one at a time a worker, each by itself, the record written at every step."""

from __future__ import annotations

import os
import queue
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cxlib.batch import alike, packing
from cxlib.batch.cluster import connected
from cxlib.batch.jobs import Earlier, Job, Outcome
from cxlib.batch.locks import Locks
from cxlib.batch.packing import Packed
from cxlib.batch.record import BatchRecord, Line
from cxlib.batch.stores import Store, is_address, last_name
from cxlib.batch.taking_in import Client, clear_leftovers, take_in
from cxlib.batch.work import SMALL, do_job
from cxlib.errors import CxError, ParamsError, Problem, StageError
from cxlib.runs import latest, manifest, places

BEGUN_AT_MOST = 3  # a run that has taken so many workers along is not tried again
SENT_AT_MOST = 6  # nor one of which that cannot be told: a worker may die before it says that it has begun
NO_WORKER_SECONDS = 120.0
BUSY_SECONDS = 3600.0  # for another run of the same client
_LOOK_SECONDS = 0.1


@dataclass(frozen=True)
class Event:
    """What happens in a batch, for whoever shows it.

    Attributes
    ----------
    state : str
        begun, stage, again (its worker died), done, failed, kept (not run again).
    line : Line
    stage : str
        Such as "2/4 drivers".
    """

    state: str
    line: Line
    stage: str = ""


@dataclass
class _Flight:
    line: Line
    client: Client
    packed: Packed | None


def run_batch(
    record: BatchRecord,
    *,
    scheduler: str | None = None,
    workers: int | None = None,
    tell: Callable[[Event], None] | None = None,
    ended: Callable[[Line, Path | None], None] | None = None,
    runner: Callable[..., Any] | None = None,
) -> BatchRecord:
    """Make every run of a batch that is not made yet.

    Parameters
    ----------
    record : BatchRecord
        New, or read again; done runs whose inputs have not changed are not made once more.
    scheduler : str, optional
        Address of a dask scheduler; processes of this machine by default.
    workers : int, optional
        How many of them.
    tell : callable, optional
        Told of everything that happens.
    ended : callable, optional
        Called with every done line and its run folder, None where that is in a store.
    runner : callable, optional
        What runs a client's folder; `cxlib.runs.run.run_client` by default.

    Returns
    -------
    BatchRecord
        Its `status` is done when every run is, else failed; a failed run leaves the others as they are.

    Raises
    ------
    ParamsError
        The workers cannot be reached, or would make other runs than this machine.
    StageError
        The scheduler or all of its workers went away; the batch can be taken up again.
    """
    batch = _Batch(record, tell or (lambda _: None), ended or (lambda *_: None), runner)
    try:
        batch.sort_out()
        if batch.waiting:
            with connected(scheduler, jobs=len(batch.waiting), workers=workers) as client:
                batch.run_on(client)
    except BaseException:
        record.end("stopped")
        raise
    finally:
        batch.locks.close()
    record.end("done" if all(line.state == "done" for line in record.lines) else "failed")
    return record


class _Batch:
    """The runs that wait, those on their way, and the locks held for them."""

    def __init__(
        self,
        record: BatchRecord,
        tell: Callable[[Event], None],
        ended: Callable[[Line, Path | None], None],
        runner: Callable[..., Any] | None,
    ) -> None:
        self.record, self.tell, self.ended, self.runner = record, tell, ended, runner
        self.outputs = record.outputs
        self.home = None if is_address(record.outputs) else Path(record.outputs).resolve()
        self.environment = alike.digest(alike.what_is_here())
        self.waiting: deque[Line] = deque()
        self.flying: dict[Any, _Flight] = {}
        self.sent: dict[str, int] = {}
        self.again = f"what is done is kept; take it up again: --resume {record.batch}"
        self.locks = Locks(self.home)
        self.events: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self.topic = f"cx-batch-{record.batch}"

    def sort_out(self) -> None:
        """What is to be run; what is done and has not changed is kept."""
        if self.home is not None:
            clear_leftovers(self.home)
        self.record.status, self.record.ended = "running", None
        for line in self.record.lines:
            if line.state == "done" and self._still_good(line):
                line.taken_up = True
                self.tell(Event("kept", line))
                self.ended(line, self._run_folder(line))
                continue
            line.state, line.begun, line.taken_up = "waiting", 0, False
            line.problems, line.exit_code, line.told, line.facts = [], 0, {}, {}
            self.waiting.append(line)
        self.record.write()

    def _still_good(self, line: Line) -> bool:
        try:
            client = Client(line.source)
            packed = packing.pack_client(client.folder) if client.folder is not None else None
            if line.inputs != self._inputs(line, client, packed):
                return False
            if self.home is None:
                return Store(self.outputs).read(f"{line.client}/{line.run}/{places.MANIFEST}") is not None
            record = places.read_json(self.home / line.client / line.run / places.MANIFEST)
            return record.get("status") == "done"
        except CxError:
            return False

    def _inputs(self, line: Line, client: Client, packed: Packed | None) -> str:
        """What decides the run: the client's folder, the changes, code and packages."""
        there: Mapping[str, Any] = {}
        if packed is not None:
            there = {"files": dict(packed.digests), "outside": dict(packed.outside)}
        elif client.store is not None:
            # The history is written by the run itself.
            files = client.store.files()
            there = {name: token for name, token in files.items() if not name.endswith(packing.CHAIN_ENDING)}
        return manifest.digest({"folder": there, "changes": line.changes, "environment": self.environment})

    def run_on(self, client: Any) -> None:
        """Keep every worker busy with one run until none is left."""
        client.subscribe_topic(self.topic, lambda event: self.events.put(event[1]))
        lonely_since: float | None = None
        busy_since: dict[str, float] = {}
        try:
            while self.waiting or self.flying:
                workers = _workers(client)
                self._hear()
                if workers:
                    lonely_since = None
                else:
                    lonely_since = lonely_since or time.monotonic()
                    if time.monotonic() - lonely_since > NO_WORKER_SECONDS:
                        left = len(self.waiting) + len(self.flying)
                        raise StageError("No worker is left.", f"{left} runs are not made", self.again)
                for _ in range(len(self.waiting)):
                    if len(self.flying) >= workers:
                        break
                    self._launch(client, self.waiting.popleft(), busy_since)
                self._land()
        except (OSError, TimeoutError) as error:
            raise StageError(f"The scheduler has gone ({type(error).__name__}).", "the batch", self.again) from None
        finally:
            for future in self.flying:
                _quietly(future.cancel)
            _quietly(lambda: client.unsubscribe_topic(self.topic))

    def _launch(self, client: Any, line: Line, busy_since: dict[str, float]) -> None:
        """Send one run to a worker; what keeps it from that is its own problem."""
        try:
            if not self.locks.take(line.client):
                since = busy_since.setdefault(line.key, time.monotonic())
                if time.monotonic() - since < BUSY_SECONDS:
                    self.waiting.append(line)
                    time.sleep(0 if self.flying else 0.1)
                    return
                raise StageError("Another run of this client is still going on.", line.client, "run again later")
            try:
                here = Client(line.source)
                packed = packing.pack_client(here.folder) if here.folder is not None else None
                line.inputs = self._inputs(line, here, packed)
                job = self._job(line, here, packed)
            except BaseException:
                self.locks.let_go(line.client)
                raise
        except (CxError, OSError) as error:
            self._over(line, _told_all(line, error))
            return
        line.state, self.sent[line.key] = "running", self.sent.get(line.key, 0) + 1
        self.record.write()
        key = f"cx-{self.record.batch}-{line.key}-{self.sent[line.key]}"
        future = client.submit(do_job, job, key=key, pure=False, retries=0)
        self.flying[future] = _Flight(line, here, packed)

    def _job(self, line: Line, here: Client, packed: Packed | None) -> Job:
        if self.home is not None:
            name, shown = self.home.name, places.shown(self.home)
            away = _relative(here.folder, self.home / line.client / "run") if here.folder else None
        else:
            name = shown = last_name(self.outputs)
            away = None
        return Job(
            key=line.key,
            client=line.client,
            source="" if packed is not None else line.source,
            archive=b"" if packed is None else packed.archive,
            outside={} if packed is None else packed.outside,
            changes=line.changes,
            outputs="" if self.home is not None else self.outputs,
            outputs_name=name,
            outputs_shown=shown,
            client_folder=away or f"../../../{packing.CLIENTS}/{line.client}",
            earlier=self._earlier(line.client),
            environment=self.environment,
            topic=self.topic,
            runner=self.runner,
        )

    def _earlier(self, client: str) -> Earlier | None:
        if self.home is not None:
            run = latest.latest_run(self.home / client)
            if run is None:
                return None
            small = {name: (run / name).read_bytes() for name in SMALL if (run / name).is_file()}
            return Earlier(run.name, str(run), small)
        store = Store(self.outputs)
        named = store.latest_run(client)
        if not named:
            return None
        found = {name: store.read(f"{client}/{named}/{name}") for name in SMALL}
        path = "" if store.disk is None else str(store.disk / client / named)
        return Earlier(named, path, {name: content for name, content in found.items() if content is not None})

    def _land(self) -> None:
        """Take in whatever has come back."""
        ended = [future for future in self.flying if future.status != "pending"]
        if not ended:
            time.sleep(_LOOK_SECONDS)
        self._hear()
        for future in ended:
            flight = self.flying.pop(future)
            try:
                self._landed(future, flight)
            finally:
                self.locks.let_go(flight.line.client)
                _quietly(future.release)

    def _landed(self, future: Any, flight: _Flight) -> None:
        line = flight.line
        if future.status in ("cancelled", "lost"):
            self.waiting.append(line)
            raise StageError("The scheduler has gone.", "the batch", self.again)
        if future.status == "finished":
            outcome = take_in(
                future.result(), flight.client, flight.packed, self.outputs, line.client, make_latest=line.make_latest
            )
            self._over(line, outcome)
            return
        error = future.exception()
        if type(error).__name__ != "KilledWorker":
            what = f"The worker could not take the run ({type(error).__name__})."
            how = "is the workbench installed there as it is here?"
            self._over(line, Outcome(line.key, "failed", (Problem(what, line.client, how),), 1))
        elif line.begun < BEGUN_AT_MOST and self.sent[line.key] < SENT_AT_MOST:
            line.state = "waiting"
            self.waiting.append(line)  # behind the others: it may be what kills them
            self.record.write()
        else:
            problem = Problem(
                f"A worker died each time that this client was run on it ({line.begun or self.sent[line.key]} times).",
                line.client,
                "most often memory ran out: lower analysis.bootstrap, or give workers more memory; then --resume",
            )
            self._over(line, Outcome(line.key, "failed", (problem,), StageError.exit_code))

    def _over(self, line: Line, outcome: Outcome) -> None:
        line.run, line.seconds = outcome.run, outcome.seconds
        line.told, line.facts = dict(outcome.told), dict(outcome.facts) if self.record.kind == "grid" else {}
        if outcome.state == "done":
            line.state = "done"
            self.ended(line, self._run_folder(line))
        else:
            line.fail(outcome.problems, outcome.exit_code)
        self.record.write()
        self.tell(Event(outcome.state, line))

    def _run_folder(self, line: Line) -> Path | None:
        return self.home / line.client / line.run if self.home is not None and line.run else None

    def _hear(self) -> None:
        """What the workers have told meanwhile."""
        by_key = {line.key: line for line in self.record.lines}
        while True:
            try:
                told = self.events.get_nowait()
            except queue.Empty:
                return
            line = by_key.get(told.get("key", ""))
            if line is None or line.state != "running":
                continue
            if told["state"] == "begun":
                line.begun += 1
                self.tell(Event("begun" if line.begun == 1 else "again", line))
            elif told["state"] == "started":
                self.tell(Event("stage", line, f"{told['number']}/{told['of']} {told['stage']}"))


def lines_of(sources: Sequence[str], changes: Mapping[str, Any]) -> list[Line]:
    """The lines of a batch: one for every client.

    Parameters
    ----------
    sources : sequence of str
        Path or address of every client's folder.
    changes : mapping
        Settings changed for all of them.

    Raises
    ------
    ParamsError
        No client, or two whose runs would land in the same place.
    """
    names = [last_name(source) if is_address(source) else Path(source).resolve().name for source in sources]
    if not names:
        raise ParamsError("No client is named.", "cx batch", "name some, or write --all")
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ParamsError(
            [Problem(f"The client '{name}' is named twice.", "cx batch", "name each once") for name in twice]
        )
    found = [source if is_address(source) else str(Path(source).resolve()) for source in sources]
    return [Line(name, name, source, dict(changes)) for name, source in zip(names, found, strict=True)]


def _told_all(line: Line, error: CxError | OSError) -> Outcome:
    """Why a client could not even be sent: of a folder of this machine, everything that is wrong with it at once."""
    if isinstance(error, OSError):
        problem = Problem(f"The client's folder cannot be read: {error.strerror}.", line.source, "mend its rights")
        return Outcome(line.key, "failed", (problem,), ParamsError.exit_code)
    if not is_address(line.source) and not isinstance(error, StageError):
        from cxlib.check import check_client

        found = check_client(Path(line.source))
        if found:
            problems = tuple(problem for one in found for problem in one.problems)
            return Outcome(line.key, "failed", problems, found[0].exit_code)
    return Outcome(line.key, "failed", error.problems, error.exit_code)


def _workers(client: Any) -> int:
    return len(client.nthreads())


def _relative(folder: Path, run: Path) -> str | None:
    try:
        return Path(os.path.relpath(folder, run)).as_posix()
    except ValueError:  # another drive
        return str(folder)


def _quietly(do: Callable[[], Any]) -> None:
    """Tidy up after a scheduler that may have gone."""
    with suppress(Exception):
        do()
