"""What a run begins in the background as soon as some stage must run, before all that it is asked for is known."""

from __future__ import annotations

import os
import threading
from contextlib import suppress
from pathlib import Path

from cxlib.kernels.client import NoWarmKernelError
from cxlib.kernels.parents import warm_parent
from cxlib.runs import libraries, places
from cxlib.runs.surroundings import SURROUNDINGS


def warm_up() -> None:
    """Start the warm parent of this process, which imports what kernels need while this one goes on."""
    with suppress(NoWarmKernelError):
        warm_parent({**os.environ, **SURROUNDINGS})


def warm_up_if_sure(folder: Path, outputs: Path, *, sure: bool) -> None:
    """The same, before parameters are read and code is hashed, where no look at them is needed.

    Parameters
    ----------
    folder : Path
        The client's folder.
    outputs : Path
        Where runs are.
    sure : bool
        Whether stages are to be run in any case; else they are when the client has no run yet.
    """
    if sure or not os.path.lexists(outputs / folder.resolve().name / places.LATEST):
        warm_up()


def load_libraries() -> None:
    """Import papermill in the background; whoever needs it before that has ended waits for it."""
    threading.Thread(target=libraries.load, name="cx-libraries").start()
