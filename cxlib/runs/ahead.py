"""What a run begins in the background as soon as some stage must run, before all that it is asked for is known."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from cxlib.kernels.client import NoWarmKernelError
from cxlib.kernels.parents import warm_parent
from cxlib.runs import libraries, places
from cxlib.runs.surroundings import SURROUNDINGS


def warm_up() -> bool:
    """Start the warm parent of this process, which imports what kernels need while this one goes on.

    Returns
    -------
    bool
        Whether there is one.
    """
    try:
        warm_parent({**os.environ, **SURROUNDINGS})
    except NoWarmKernelError:
        return False
    return True


def warm_up_for_the_first_run(folder: Path, outputs: Path) -> None:
    """The same where the client has no run yet, before parameters are read and code is hashed.

    Parameters
    ----------
    folder : Path
        The client's folder.
    outputs : Path
        Where runs are.
    """
    if not os.path.lexists(outputs / folder.resolve().name / places.LATEST):
        warm_up()


@contextmanager
def libraries_meanwhile() -> Iterator[None]:
    """Import papermill in a thread while this one waits for another process; ends when the import has.

    Two threads that import packages which need each other can each find the other's half done. So nothing of Jupyter
    may be imported in the block, and where there is no warm parent to wait for, nothing is begun.
    """
    if not warm_up():
        yield
        return
    thread = threading.Thread(target=_load_libraries, name="cx-libraries")
    thread.start()
    try:
        yield
    finally:
        thread.join()


def _load_libraries() -> None:
    with suppress(Exception):  # told by the first that needs them
        libraries.load()
