"""The warm parents of this process: one for each set of variables that libraries read when they are imported.

Nothing of Jupyter is imported here, so that a parent can be started before anything else is done.
"""

from __future__ import annotations

import atexit
import os
import sys
import threading
from collections.abc import Mapping

from cxlib.kernels.client import NoWarmKernelError, Warm, at_import

OFF = "CX_COLD_KERNELS"  # set to anything: every kernel starts as usual

_parents: dict[tuple, Warm] = {}
_lock = threading.Lock()


def can_fork() -> bool:
    """Whether this platform can fork and pass descriptors."""
    return hasattr(os, "fork") and hasattr(os, "pipe2") and sys.platform.startswith("linux")


def warm_parent(environment: Mapping[str, str]) -> Warm:
    """This process's warm parent for such an environment; started when there is none.

    Raises
    ------
    NoWarmKernelError
        The platform cannot, it is switched off, or the parent has died: one that died once is not started again.
    """
    if environment.get(OFF):
        raise NoWarmKernelError("switched off")
    if not can_fork():
        raise NoWarmKernelError("this platform cannot fork safely")
    key = (os.getpid(), at_import(environment))  # a forked owner has no parent yet
    with _lock:
        warm = _parents.get(key)
        if warm is None:
            warm = _parents[key] = Warm(environment)
            atexit.register(warm.close)
    if not warm.alive:
        raise NoWarmKernelError("the warm parent is dead")
    return warm
