"""Between the fork and the kernel: a process of its own, with nothing of the parent that two may not share."""

from __future__ import annotations

import os
import random
import signal
import sys
import threading
from typing import Any

RESET = (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD, signal.SIGPIPE, signal.SIGHUP)


def become_kernel(request: dict[str, Any], streams: tuple[int, int], owner_lives: int) -> None:
    """Run a kernel in this freshly forked process; does not return.

    Parameters
    ----------
    request : dict
        argv : arguments of the kernel (`-f FILE`); env : its whole environment; cwd : its working directory.
    streams : (int, int)
        Descriptors that become stdout and stderr.
    owner_lives : int
        Reading end of a pipe whose other end only the owner holds: it closes when the owner ends.
    """
    os.setsid()  # a process group of its own, so that signals meet the kernel and what it starts, and nothing else
    signal.set_wakeup_fd(-1)
    for number in RESET:
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(streams[0], 1)
    os.dup2(streams[1], 2)
    os.environ.clear()
    os.environ.update(request["env"])
    os.environ.pop("JPY_PARENT_PID", None)  # this kernel's parent is not its owner
    if request["cwd"]:
        os.chdir(request["cwd"])
    _find_modules_as_started()
    _fresh_chance()
    threading.Thread(target=_end_with_owner, args=(owner_lives,), daemon=True, name="cx-owner").start()

    from ipykernel.kernelapp import IPKernelApp

    sys.argv = ["ipykernel_launcher.py", *request["argv"]]
    app = IPKernelApp.instance()
    app.parent_handle = 1  # "init": the poller of ipykernel would end this kernel together with the warm parent
    app.initialize(sys.argv[1:])
    app.start()


def _find_modules_as_started() -> None:
    """What `python -m ipykernel_launcher` would find: the working directory's modules first."""
    sys.path[:] = [place for place in sys.path if place != ""]
    sys.path.insert(0, "")


def _fresh_chance() -> None:
    """Two kernels of one parent draw different numbers unless they are seeded."""
    random.seed()
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        numpy.random.seed()


def _end_with_owner(owner_lives: int) -> None:
    while True:
        try:
            if not os.read(owner_lives, 1):
                os._exit(1)
        except InterruptedError:
            continue
        except OSError:
            os._exit(1)
