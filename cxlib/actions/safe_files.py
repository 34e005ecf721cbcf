"""Write a file so that nobody ever sees half of it, and one at a time."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from cxlib.errors import ParamsError

WAIT_SECONDS = 20.0  # for someone else's writing, which takes well under a second


def lock_of(path: Path) -> Path:
    """The lock that stands for a file and for the history beside it."""
    path = path.resolve()
    return path.with_name(f".{path.name}.lock")


@contextmanager
def one_writer(path: Path, *, wait_seconds: float | None = None) -> Iterator[None]:
    """Hold a file's lock; it is let go when the process ends, however it ends.

    Parameters
    ----------
    path : Path
        The file that is to be written; it need not be there yet.
    wait_seconds : float, optional
        How long to wait for another writer; `WAIT_SECONDS` if not given.

    Raises
    ------
    ParamsError
        Another writer took longer than that.
    OSError
        The folder cannot be written.
    """
    from filelock import FileLock, Timeout

    held = lock_of(path)
    # Whoever may write in the folder may take the lock, whoever made it.
    lock = FileLock(str(held), mode=0o644 | (held.parent.stat().st_mode & 0o022))
    try:
        lock.acquire(timeout=WAIT_SECONDS if wait_seconds is None else wait_seconds, poll_interval=0.02)
    except Timeout:
        raise ParamsError(
            "Someone else is writing to the action log.", path.name, "wait a moment, then do it again"
        ) from None
    try:
        yield
    finally:
        lock.release()


def replace_file(path: Path, content: bytes, check: Callable[[Path], None] | None = None) -> None:
    """Write a file in one step, on the disk before it is seen; its rights stay as they are.

    Parameters
    ----------
    path : Path
    content : bytes
    check : callable, optional
        Told of the written file before it takes the other's place; what it raises leaves the other as it was.

    Raises
    ------
    OSError
        It cannot be written; then it is as it was.
    """
    path = path.resolve()  # a link stays a link
    temporary = path.with_name(f".{path.stem}.{secrets.token_hex(6)}.tmp{path.suffix}")
    try:
        with temporary.open("xb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        if path.exists():
            shutil.copymode(path, temporary)
        if check is not None:
            check(temporary)
        temporary.replace(path)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise
    _keep_name(path.parent)


def _keep_name(folder: Path) -> None:
    """The new name on the disk too, where a folder can be opened (not on Windows)."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
