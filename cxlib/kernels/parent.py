"""The warm parent: imports what notebooks need, then forks a kernel whenever its owner asks for one.

Started by `client.Warm` as `python -m cxlib.kernels.parent`. One thread, no event loop, no zmq context: what a fork
would copy in an unknown state does not exist here. It ends when its owner does.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import selectors
import signal
import socket
import struct
import sys
import threading
import traceback
from contextlib import suppress
from pathlib import Path

# In the order of their weight; what is not installed or fails is left to the kernels.
MODULES = (
    "ipykernel.kernelapp", "ipykernel.zmqshell", "ipykernel.ipkernel", "ipykernel.debugger", "IPython.core.completer",
    "matplotlib_inline.backend_inline", "pandas", "pyarrow.parquet", "scipy.stats", "matplotlib.pyplot",
    "matplotlib.backends.backend_svg", "matplotlib.backends.backend_agg", "seaborn", "pingouin", "cxlib.params",
    "cxlib.intake.responses", "cxlib.cleaning.clean", "cxlib.drivers.find", "cxlib.change.evidence",
    "cxlib.change.trends", "cxlib.actions.log", "cxlib.findings.build", "cxlib.privacy.door", "cxlib.figures.draw",
    "cxlib.runs.folder", "cxlib.views.show", "ipywidgets",
)  # fmt: skip
LENGTH = struct.Struct("!I")
FILES = 4  # stdout, stderr, where the exit code goes, the pipe that tells whether the owner lives


def main() -> None:
    """Import, say so, and serve until the owner's end of the socket closes."""
    channel = socket.socket(fileno=int(sys.argv[1]))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for the owner
    missing = warm_up()
    _send(channel, {"ready": True, "pid": os.getpid(), "missing": missing, "threads": thread_count()})
    Parent(channel).serve()


def warm_up(modules: tuple[str, ...] = MODULES) -> list[str]:
    """Import the modules; returns those that could not be."""
    missing = []
    for name in modules:
        try:
            importlib.import_module(name)
        except Exception:  # a broken library is a notebook's matter, told there
            missing.append(name)
    gc.collect()
    gc.freeze()  # a collection in a child would write to every shared page
    return missing


def thread_count() -> int:
    """Threads of this process, those of libraries included where the system tells."""
    tasks = Path("/proc/self/task")
    return len(list(tasks.iterdir())) if tasks.is_dir() else threading.active_count()


class Parent:
    """Answers the owner's requests and reports how kernels ended."""

    def __init__(self, channel: socket.socket) -> None:
        self.channel = channel
        self.ended: dict[int, int] = {}  # process -> descriptor that takes its exit code

    def serve(self) -> None:
        """Serve until the owner has gone."""
        wake, waker = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        signal.set_wakeup_fd(waker, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        with selectors.DefaultSelector() as selector:
            selector.register(self.channel, selectors.EVENT_READ)
            selector.register(wake, selectors.EVENT_READ)
            while True:
                for key, _ in selector.select():
                    if key.fd == wake:
                        with suppress(BlockingIOError):
                            os.read(wake, 512)
                    elif not self._answer(selector):
                        return
                self._reap()

    def _answer(self, selector: selectors.BaseSelector) -> bool:
        """One request; False when the owner has gone."""
        asked = _receive(self.channel)
        if asked is None:
            return False
        request, files = asked
        if thread_count() > 1:  # a lock that such a thread holds would stay locked in the child for ever
            for file in files:
                os.close(file)
            _send(self.channel, {"refused": "threads"})
            return True
        out, err, code, owner = files
        pid = os.fork()
        if pid == 0:
            status = 1
            try:
                selector.close()
                self.channel.close()
                for other in (code, *self.ended.values()):
                    os.close(other)
                from cxlib.kernels.child import become_kernel

                become_kernel(request, (out, err), owner)
                status = 0
            except SystemExit as end:
                status = end.code if isinstance(end.code, int) else 0 if end.code is None else 1
            except BaseException:
                traceback.print_exc()
            finally:
                with suppress(Exception):
                    sys.stdout.flush()
                    sys.stderr.flush()
                os._exit(status)
        for file in (out, err, owner):
            os.close(file)
        self.ended[pid] = code
        _send(self.channel, {"pid": pid})
        return True

    def _reap(self) -> None:
        for pid in list(self.ended):
            with suppress(ChildProcessError):
                done, status = os.waitpid(pid, os.WNOHANG)
                if done == 0:
                    continue
                file = self.ended.pop(pid)
                with suppress(OSError):
                    os.write(file, str(os.waitstatus_to_exitcode(status)).encode())
                os.close(file)


def _send(channel: socket.socket, value: dict) -> None:
    data = json.dumps(value).encode()
    channel.sendall(LENGTH.pack(len(data)) + data)


def _receive(channel: socket.socket) -> tuple[dict, list[int]] | None:
    """A request with its descriptors, or None at the end."""
    head, files, _, _ = socket.recv_fds(channel, LENGTH.size, FILES)
    if not head:
        return None
    head += _exactly(channel, LENGTH.size - len(head))
    data = _exactly(channel, LENGTH.unpack(head)[0])
    for file in files:
        os.set_inheritable(file, False)
    return json.loads(data), list(files)


def _exactly(channel: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        part = channel.recv(size - len(data))
        if not part:
            raise EOFError("the owner has gone in the middle of a request")
        data += part
    return data


if __name__ == "__main__":
    main()
