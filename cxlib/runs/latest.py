"""`latest`: the client's last whole run, switched in one step; and the lock that keeps two runs apart."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from cxlib.errors import ParamsError, StageError
from cxlib.runs import places


def switch_latest(client_outputs: Path, run_id: str) -> None:
    """Let `latest` name a run, in one step: whoever reads meanwhile sees the old run or the new one.

    Parameters
    ----------
    client_outputs : Path
        outputs/CLIENT.
    run_id : str
        Name of a folder in it.

    Raises
    ------
    StageError
        Something that this library did not make is in the way.

    Notes
    -----
    A relative symbolic link; where links cannot be made (Windows without the right), a file that holds the run's name.
    """
    latest = client_outputs / places.LATEST
    if latest.is_dir() and not latest.is_symlink():
        raise StageError("'latest' is a folder of its own, not a link to a run.", places.shown(latest), "move it away")
    temporary = client_outputs / f".{places.LATEST}.{secrets.token_hex(4)}"
    try:
        temporary.symlink_to(run_id, target_is_directory=True)
    except OSError:
        temporary.write_text(run_id + "\n", encoding="utf-8")
    os.replace(temporary, latest)  # noqa: PTH105  (Path.replace does the same; the name tells the reader the guarantee)


def latest_run(client_outputs: Path) -> Path | None:
    """The run folder that `latest` names, or None."""
    folder = places.follow(client_outputs / places.LATEST)
    return folder if (folder / places.MANIFEST).is_file() else None


def make_client_outputs(folder: Path) -> None:
    """Make the folder of a client's runs, if it is not there.

    Raises
    ------
    ParamsError
        Nothing can be written there.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise not_writable(error, folder) from None


def not_writable(error: OSError, folder: Path) -> ParamsError:
    """What is said where the runs of a client cannot be written."""
    return ParamsError(
        f"Runs cannot be written there: {error.strerror}.", places.shown(folder), "name another --outputs"
    )


@contextmanager
def one_run_at_a_time(client_outputs: Path, *, wait_seconds: float, waiting: Callable[[], None]) -> Iterator[None]:
    """Hold the client's lock; it is let go when the process ends, however it ends.

    Parameters
    ----------
    client_outputs : Path
        outputs/CLIENT.
    wait_seconds : float
        How long to wait for another run of the client.
    waiting : callable
        Called once when it has to wait.

    Raises
    ------
    StageError
        The other run took longer than that.
    """
    with (client_outputs / places.LOCK).open("a+b") as lock:
        until, told = time.monotonic() + wait_seconds, False
        while not _take(lock):
            if not told:
                waiting()
                told = True
            if time.monotonic() >= until:
                raise StageError(
                    "Another run of this client is still going on.",
                    places.shown(client_outputs),
                    "wait for it to end, then run again",
                )
            time.sleep(0.1)
        try:
            yield
        finally:
            _let_go(lock)


def is_running(client_outputs: Path) -> bool:
    """Whether a run of the client holds the lock now."""
    path = client_outputs / places.LOCK
    if not path.exists():
        return False
    with path.open("a+b") as lock:
        if not _take(lock, shared=True):  # two who look at once do not take each other for a run
            return True
        _let_go(lock)
        return False


try:
    import fcntl

    def _take(lock: IO[bytes], *, shared: bool = False) -> bool:
        """Take it, alone or together with others who only look; False where somebody holds it."""
        try:
            fcntl.flock(lock, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _let_go(lock: IO[bytes]) -> None:
        fcntl.flock(lock, fcntl.LOCK_UN)

except ImportError:  # Windows
    import msvcrt

    def _take(lock: IO[bytes], *, shared: bool = False) -> bool:
        lock.seek(0)
        try:
            msvcrt.locking(lock.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
        except OSError:
            return False
        return True

    def _let_go(lock: IO[bytes]) -> None:
        lock.seek(0)
        msvcrt.locking(lock.fileno(), msvcrt.LK_UNLCK, 1)  # type: ignore[attr-defined]
