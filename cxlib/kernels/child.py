"""After the fork: a process of its own, with nothing of the parent that two may not share; a kernel, or one call."""

from __future__ import annotations

import gc
import importlib
import json
import os
import random
import signal
import sys
import threading
from typing import Any

BACKEND = "module://matplotlib_inline.backend_inline"
RESET = (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD, signal.SIGPIPE, signal.SIGHUP)


def become(request: dict[str, Any], streams: tuple[int, int], owner_lives: int, tells: int) -> None:
    """Run what was asked for in this freshly forked process; does not return while it lives.

    Parameters
    ----------
    request : dict
        env : the whole environment; cwd : the working directory. argv : arguments of a kernel (`-f FILE`); or call :
        a function's module and name, and arguments : its arguments.
    streams : (int, int)
        Descriptors that become stdout and stderr.
    owner_lives : int
        Reading end of a pipe whose other end only the owner holds: it closes when the owner ends.
    tells : int
        Writing end of a pipe. A kernel closes it when its sockets are there; a call writes there what it returns.
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
    gc.enable()
    threading.Thread(target=_end_with_owner, args=(owner_lives,), daemon=True, name="cx-owner").start()
    if "call" in request:
        _call(request["call"], request["arguments"], tells)
    else:
        _kernel(request["argv"], tells)


def _kernel(argv: list[str], tells: int) -> None:
    from cxlib.kernels.listening import KernelApp

    sys.argv = ["ipykernel_launcher.py", *argv]
    app = KernelApp.instance()
    app.parent_handle = 1  # "init": the poller of ipykernel would end this kernel together with the warm parent
    app.initialize(sys.argv[1:])
    _show_figures(app.shell)
    os.close(tells)
    app.start()


def _show_figures(shell: Any) -> None:
    """Figures of a cell become pictures below it: what the backend does when it is imported where there is a shell."""
    inline = sys.modules.get("matplotlib_inline.backend_inline")
    if inline is not None:
        from IPython.core.pylabtools import activate_matplotlib

        activate_matplotlib(BACKEND)
        inline.configure_inline_support(shell, BACKEND)


def _call(call: str, arguments: list[Any], tells: int) -> None:
    module, _, name = call.partition(":")
    value = json.dumps(getattr(importlib.import_module(module), name)(*arguments)).encode()
    with os.fdopen(tells, "wb") as told:
        told.write(value)


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
