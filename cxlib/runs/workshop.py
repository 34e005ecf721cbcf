"""A temporary folder that is thrown away in any case: by whoever made it, else by whoever comes next."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from cxlib.runs import latest, places


@contextmanager
def workshop(prefix: str) -> Iterator[Path]:
    """A new folder in the system's temporary one, removed at the end.

    Parameters
    ----------
    prefix : str
        How its name begins. Folders of that name whose makers were killed are removed first: a maker holds the lock in
        its folder, and the lock goes with the process.
    """
    below = Path(tempfile.gettempdir())
    for folder in below.glob(f"{prefix}*"):
        with suppress(OSError):  # of another user
            if not folder.is_symlink() and (folder / places.LOCK).is_file() and not latest.is_running(folder):
                shutil.rmtree(folder, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix="."))  # under a name that nobody clears until it is locked
    try:
        with latest.one_run_at_a_time(folder, wait_seconds=0, waiting=lambda: None):
            folder = folder.rename(folder.with_name(prefix + folder.name.removeprefix(".")))
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
