"""Run many: one at a time a worker, each by itself, the record written at every step."""

from __future__ import annotations

import queue
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cxlib.batch import alike, packing
from cxlib.batch.cluster import connected
from cxlib.batch.ctrl_c import CtrlC
from cxlib.batch.jobs import Outcome
from cxlib.batch.locks import Locks
from cxlib.batch.order import longest_first, seconds_then
from cxlib.batch.packing import Packed
from cxlib.batch.record import BatchRecord, Line
from cxlib.batch.sending import Sender, why_not_sent
from cxlib.batch.stores import Store, arriving, clear_leftovers, is_address, last_name, refuse_password
from cxlib.batch.taking_in import Client, take_in
from cxlib.batch.work import do_job
from cxlib.errors import CxError, ParamsError, Problem, StageError
from cxlib.runs import places

BEGUN_AT_MOST = 3  # a run that has taken so many workers along is not tried again
SENT_AT_MOST = 6  # nor one of which that cannot be told: a worker may die before it says that it has begun
NO_WORKER_SECONDS = 120.0
BUSY_SECONDS = 3600.0  # for another run of the same client
AHEAD = 2  # runs for each worker that are sent to the scheduler, so that one that ends finds the next one waiting
_LOOK_SECONDS = 1.0  # whether workers have come or gone, when nothing else happens
_BUSY_LOOK_SECONDS = 0.1  # whether another run of the same client has ended


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
            with batch.ctrl_c, ExitStack() as until_end:
                if scheduler is None:
                    batch.stay_here(until_end)
                new = any(line.client not in batch.known for line in batch.waiting)
                client = until_end.enter_context(
                    connected(scheduler, jobs=len(batch.waiting), workers=workers, warm=new)
                )
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
        self.record, self.tell, self.ended = record, tell, ended
        self.topic = f"cx-batch-{record.batch}"
        self.sender = Sender(record.outputs, alike.digest(alike.what_is_here()), self.topic, runner)
        self.home = self.sender.home
        self.waiting: deque[Line] = deque()
        self.flying: dict[Any, _Flight] = {}
        self.sent: dict[str, int] = {}
        self.known: dict[str, float] = {}
        self.again = f"what is done is kept; take it up again with --resume {record.batch} and the same --outputs"
        self.locks = Locks(self.home)
        self.workers, self._looked = 0, 0.0
        self.told: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()  # None: a run has ended
        self.ctrl_c = CtrlC(lambda: self.told.put(None))

    def sort_out(self) -> None:
        """What is to be run, that which took longest first; what is done and has not changed is kept."""
        if self.home is not None:
            clear_leftovers(self.home)
        self.record.status, self.record.ended = "running", None
        waiting = []
        for line in self.record.lines:
            if line.state == "done" and self._still_good(line):
                line.taken_up = True
                self.tell(Event("kept", line))
                self.ended(line, self._run_folder(line))
                continue
            line.state, line.begun, line.taken_up = "waiting", 0, False
            line.problems, line.exit_code, line.told, line.facts = [], 0, {}, {}
            waiting.append(line)
        if self.home is not None:
            self.known = seconds_then(self.home, {line.client for line in waiting})
        self.waiting = deque(longest_first(waiting, self.known))
        self.record.write()

    def stay_here(self, until_end: ExitStack) -> None:
        """Let workers of this machine read the clients' folders and make runs on the disk of all runs: nothing travels.

        Raises
        ------
        ParamsError
            Nothing can be written there.
        """
        self.sender.here = True
        if self.home is not None:
            try:
                self.sender.workshop = str(until_end.enter_context(arriving(self.home)))
            except OSError as error:
                raise ParamsError(
                    f"Runs cannot be written there: {error.strerror}.", self.record.outputs, "name another --outputs"
                ) from None

    def _still_good(self, line: Line) -> bool:
        try:
            client = Client(line.source)
            packed = packing.pack_client(client.folder, line.changes) if client.folder is not None else None
            if line.inputs != self.sender.inputs(line, client, packed):
                return False
            if self.home is None:
                return Store(self.record.outputs).read(f"{line.client}/{line.run}/{places.MANIFEST}") is not None
            record = places.read_json(self.home / line.client / line.run / places.MANIFEST)
            return record.get("status") == "done"
        except CxError:
            return False

    def run_on(self, client: Any) -> None:
        """Keep every worker busy with one run until none is left."""
        client.subscribe_topic(self.topic, lambda event: self.told.put(event[1]))
        busy_since: dict[str, float] = {}
        self._looked = time.monotonic()
        try:
            while self.waiting or self.flying:
                self.ctrl_c.check()
                self._look_at_workers(client)
                for _ in range(len(self.waiting)):
                    if len(self.flying) >= AHEAD * self.workers:
                        break
                    self._launch(client, self.waiting.popleft(), busy_since)
                self._land()
        except (OSError, TimeoutError) as error:
            raise StageError(f"The scheduler has gone ({type(error).__name__}).", "the batch", self.again) from None
        finally:
            for future in self.flying:
                _quietly(future.cancel)
            _quietly(lambda: client.unsubscribe_topic(self.topic))

    def _look_at_workers(self, client: Any) -> None:
        """How many workers there are now; asked for once a second."""
        now = time.monotonic()
        if self.workers and now - self._looked < _LOOK_SECONDS:
            return
        workers = len(client.nthreads())
        if workers or self.workers:
            self._looked = now  # when there was one for the last time
        elif now - self._looked > NO_WORKER_SECONDS:
            left = len(self.waiting) + len(self.flying)
            raise StageError("No worker is left.", f"{left} runs are not made", self.again)
        self.workers = workers

    def _launch(self, client: Any, line: Line, busy_since: dict[str, float]) -> None:
        """Send one run to a worker; what keeps it from that is its own problem."""
        try:
            if not self.locks.take(line.client):
                since = busy_since.setdefault(line.key, time.monotonic())
                if time.monotonic() - since < BUSY_SECONDS:
                    self.waiting.append(line)
                    return
                raise StageError("Another run of this client is still going on.", line.client, "run again later")
            try:
                here = Client(line.source)
                packed = packing.pack_client(here.folder, line.changes) if here.folder is not None else None
                line.inputs = self.sender.inputs(line, here, packed)
                job = self.sender.job(line, here, packed)
            except BaseException:
                self.locks.let_go(line.client)
                raise
        except (CxError, OSError) as error:
            self._over(line, why_not_sent(line, error))
            return
        line.state, self.sent[line.key] = "running", self.sent.get(line.key, 0) + 1
        self.record.write()
        key = f"cx-{self.record.batch}-{line.key}-{self.sent[line.key]}"
        future = client.submit(do_job, job, key=key, pure=False, retries=0)
        self.flying[future] = _Flight(line, here, packed)
        future.add_done_callback(lambda _: self.told.put(None))

    def _land(self) -> None:
        """Take in a run that has come back; where there is none, wait for what happens next."""
        future = next((future for future in self.flying if future.status != "pending"), None)
        self._hear(wait=future is None)
        if future is None:
            return
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
                future.result(),
                flight.client,
                flight.packed,
                self.record.outputs,
                line.client,
                make_latest=line.make_latest,
            )
            self._over(line, outcome)
            return
        error = future.exception()
        if self.sender.here and type(error).__name__ == "KilledWorker":
            self._has_begun(line, self.sent[line.key])  # it may have died before it could say so
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

    def _has_begun(self, line: Line, times: int) -> None:
        """A worker has begun the run; of this machine's each that is sent one begins it once."""
        while line.begun < times:
            line.begun += 1
            self.tell(Event("begun" if line.begun == 1 else "again", line))

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

    def _hear(self, wait: bool) -> None:
        """What the workers have told meanwhile."""
        by_key = {line.key: line for line in self.record.lines}
        seconds = _BUSY_LOOK_SECONDS if self.waiting and len(self.flying) < AHEAD * self.workers else _LOOK_SECONDS
        while True:
            try:
                told = self.told.get(timeout=seconds) if wait else self.told.get_nowait()
            except queue.Empty:
                return
            wait = False
            line = by_key.get(told["key"]) if told is not None else None
            if told is None or line is None or line.state != "running":
                continue
            if told["state"] == "begun":
                self._has_begun(line, self.sent[line.key] if self.sender.here else line.begun + 1)
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
    for source in filter(is_address, found):
        refuse_password(source)
    return [Line(name, name, source, dict(changes)) for name, source in zip(names, found, strict=True)]


def _quietly(do: Callable[[], Any]) -> None:
    """Tidy up after a scheduler that may have gone."""
    with suppress(Exception):
        do()
