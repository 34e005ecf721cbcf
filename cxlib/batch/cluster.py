"""Workers: processes of this machine, or those of a scheduler that is there already."""

from __future__ import annotations

import logging
import multiprocessing
import os
import re
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from cxlib.batch import alike
from cxlib.batch.ctrl_c import held, ignored
from cxlib.errors import ParamsError, StageError
from cxlib.runs import libraries

if TYPE_CHECKING:
    from distributed import Client

NEEDED_BYTES = 1_200_000_000  # a worker and the kernels of one run
CONNECT_SECONDS = 30
PRELOAD = "cxlib.batch.preload"
ARROW_ALONE = {"JE_ARROW_MALLOC_CONF": "background_thread:false"}  # or pyarrow starts a thread when it is imported
_ADDRESS = re.compile(r"(tcp|tls)://[^/\s]+:\d+/?")


def workers_here(jobs: int, wanted: int | None = None) -> int:
    """How many processes of this machine work: a core and enough memory for each, never more than there are runs.

    Parameters
    ----------
    jobs : int
        Runs to be made.
    wanted : int, optional
        As many as the user asks for; then memory is the user's business.
    """
    import psutil
    from dask.system import CPU_COUNT
    from distributed.system import MEMORY_LIMIT

    if wanted is not None:
        return max(1, min(wanted, jobs))
    room = min(psutil.virtual_memory().available, MEMORY_LIMIT)
    return max(1, min(CPU_COUNT, int(room // NEEDED_BYTES), jobs))


@contextmanager
def connected(scheduler: str | None, *, jobs: int, workers: int | None = None, warm: bool = False) -> Iterator[Client]:
    """Connect to a scheduler, or start workers on this machine for as long as they are needed.

    Parameters
    ----------
    scheduler : str or None
        tcp://host:port or tls://host:port; certificates as dask's own configuration names them.
    jobs : int
        Runs to be made.
    workers : int, optional
        Processes of this machine.
    warm : bool
        Whether some stage will be run for sure: then workers of this machine make kernels ready before the first run.

    Raises
    ------
    ParamsError
        The scheduler cannot be reached, has no workers, or one that would make other runs than this machine.
    """
    if scheduler is not None:
        with _client(scheduler) as client:
            yield client
        return
    method = _begin_workers()  # they import while this process does
    import dask
    from distributed import LocalCluster
    from distributed.utils import get_mp_context

    settings = {
        "distributed.worker.multiprocessing-method": method,
        "distributed.scheduler.worker-saturation": 1.0,  # what waits, waits at the scheduler, not at a worker
        "distributed.scheduler.allowed-failures": 0,  # the batch itself counts how often a run has taken a worker along
        "distributed.worker.memory.terminate": False,  # a run's memory is in its kernels; dask would see the worker's
        "distributed.worker.memory.pause": False,
        "distributed.worker.memory.spill": False,
        "distributed.worker.memory.target": False,
        "distributed.comm.timeouts.connect": "60s",  # on a loaded machine
        "distributed.admin.log-length": 0,
        "distributed.scheduler.http.routes": [],  # nothing is served to a browser
        "distributed.worker.http.routes": [],
    }
    with dask.config.set(settings), libraries.left_out("pandas"):
        get_mp_context()  # the first time it imports what a forking process of dask would: not needed here
    with (
        tempfile.TemporaryDirectory(prefix="cx-batch-", ignore_cleanup_errors=True) as folder,
        dask.config.set(settings),
        _closing(
            LocalCluster,
            n_workers=workers_here(jobs, workers),
            threads_per_worker=1,
            processes=True,
            host="127.0.0.1",
            security=_own_certificates(),
            dashboard_address="127.0.0.1:0",  # a free port; without one a second batch would warn of the first
            scheduler_kwargs={"dashboard": False},
            silence_logs=logging.CRITICAL,
            local_directory=folder,
            env=dict.fromkeys(alike.ONE_THREAD, "1"),
            preload=[PRELOAD] if warm else [],
        ) as cluster,
        _client(cluster) as client,
    ):
        yield client


@contextmanager
def _closing(cluster: Callable[..., Any], **options: Any) -> Iterator[Any]:
    """A cluster for as long as it is needed. All runs are in place when it is closed: a failure then harms none."""
    with held() as let_come:  # half of a cluster cannot be closed
        made = cluster(**options)
    try:
        let_come()
        yield made
    finally:
        # A worker may take longer to end than dask waits, on a loaded machine; it ends with this process.
        with suppress(Exception):
            made.close()


def _begin_workers() -> str:
    """How dask is to start workers: where it is safe, forked from a process that has imported what a run needs.

    That process is begun here. It lives as long as this one, and has one thread: libraries are told to start none.
    """
    if sys.platform != "linux":  # there is no forking on Windows, and on a Mac not every library bears it
        return "spawn"
    from multiprocessing import forkserver

    multiprocessing.get_context("forkserver").set_forkserver_preload(["distributed", PRELOAD])
    with _environment({**dict.fromkeys(alike.ONE_THREAD, "1"), **ARROW_ALONE}), ignored():
        forkserver.ensure_running()
    return "forkserver"


@contextmanager
def _environment(changed: Mapping[str, str]) -> Iterator[None]:
    """Environment variables for a process that is started meanwhile."""
    before = {name: os.environ.get(name) for name in changed}
    os.environ.update(changed)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _own_certificates() -> Any:
    """Whoever reaches a scheduler can have it run code: on a machine with several users, only this one may."""
    from distributed.security import Security

    return Security.temporary()


@contextmanager
def _client(address: Any) -> Iterator[Client]:
    from distributed import Client

    shown = address if isinstance(address, str) else "this machine"
    if isinstance(address, str) and not _ADDRESS.fullmatch(address):
        how = "write tcp://host:port or tls://host:port, as the scheduler says it when it starts"
        raise ParamsError("This is no address of a scheduler.", f"--scheduler {shown}", how)
    try:
        client = Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError, TypeError, ImportError, RuntimeError) as error:
        what, how = _why_not(error)
        raise ParamsError(what, f"--scheduler {shown}", how) from None
    for name in ("distributed", "distributed.client"):  # what goes wrong is told by the batch
        logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        with suppress(TimeoutError):
            client.wait_for_workers(1, timeout=CONNECT_SECONDS)
        _check(client, shown)
        yield client
    finally:
        with suppress(Exception):  # a scheduler that has gone cannot be told goodbye
            client.close(timeout=5)


def _why_not(error: BaseException) -> tuple[str, str]:
    """Why a scheduler could not be reached, and what to do."""
    from ssl import SSLError

    named = "name them in dask's configuration: distributed.comm.tls, with ca-file, client.cert and client.key"
    if isinstance(error, TypeError):
        return "No certificates are named for a tls:// scheduler.", named
    if isinstance(error, FileNotFoundError | PermissionError | IsADirectoryError):
        return f"A certificate cannot be read: {error.strerror}.", named
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, SSLError):
            how = "use those that the same authority has signed; and is it a tls:// scheduler?"
            return "The certificates do not fit those of the scheduler.", how
        cause = cause.__cause__ or cause.__context__
    return f"The scheduler cannot be reached ({type(error).__name__}).", "is it running there?"


def _check(client: Client, shown: str) -> None:
    """Refuse workers that would make other runs than this machine, before anything is sent to them."""
    try:
        threads = dict(client.nthreads())
        if not threads:
            raise ParamsError("The scheduler has no workers.", shown, "start some: dask worker ADDRESS --nthreads 1")
        told = client.run(alike.look_at_worker, on_error="return")
    except (OSError, TimeoutError) as error:
        raise StageError(f"The workers do not answer ({type(error).__name__}).", shown, "are they running?") from None
    problems = alike.differences(alike.what_is_here(), told, threads)
    if problems:
        raise ParamsError(problems)
