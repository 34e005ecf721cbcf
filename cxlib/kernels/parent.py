"""The warm parent: imports what notebooks need, and forks a kernel whenever its owner asks for one.

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

# In the order in which a run needs them: what says what it needs is forked as soon as that is there. What is not
# installed or fails is left to the kernels.
MODULES = (
    # answers read and cleaned
    "pandas", "pyarrow.parquet", "cxlib.params", "cxlib.intake.responses", "cxlib.intake.delimited",
    "cxlib.intake.encoding", "cxlib.cleaning.clean", "cxlib.actions.log", "cxlib.check", "cxlib.runs.folder",
    "cxlib.runs.tables", "pandas.io.formats.html", "pandas.io.formats.csvs", "_strptime", "encodings.utf_8_sig",
    # what a kernel itself imports, when it starts and at its first cell
    "IPython.core.completer", "IPython.core.completerlib", "IPython.core.debugger", "IPython.core.logger",
    "IPython.core.oinspect", "IPython.extensions.storemagic", "pdb", "psutil", "sqlite3", "tornado.platform.asyncio",
    "ipykernel.zmqshell", "ipykernel.ipkernel", "ipykernel.debugger", "cxlib.kernels.listening", "ipykernel.kernelapp",
    # factors; pingouin brings seaborn and matplotlib
    "scipy.stats", "matplotlib_inline.backend_inline", "matplotlib.pyplot", "pingouin", "cxlib.drivers.find",
    # change
    "cxlib.change.evidence", "cxlib.change.trends",
    # findings and pages
    "matplotlib.backends.backend_svg", "matplotlib.backends.backend_agg", "seaborn", "cxlib.findings.build",
    "cxlib.privacy.door", "cxlib.figures.together", "cxlib.words.ready", "cxlib.views.show", "ipywidgets",
)  # fmt: skip
LENGTH = struct.Struct("!I")
# stdout, stderr, where the exit code goes, the pipe that tells whether the owner lives, and what the child tells: a
# kernel, that it listens; a call, what came of it
FILES = 5


def main() -> None:
    """Import and serve until the owner's end of the socket closes."""
    # What imports leave behind lives as long as this process: looking through it time and again takes a sixth of the
    # time that they need, and a collection in a child would write to every page that it shares.
    gc.disable()
    channel = socket.socket(fileno=int(sys.argv[1]))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for the owner
    Parent(channel).serve()


def thread_count() -> int:
    """Threads of this process, those of libraries included where the system tells."""
    tasks = Path("/proc/self/task")
    return len(list(tasks.iterdir())) if tasks.is_dir() else threading.active_count()


class Parent:
    """Imports, answers the owner's requests between two imports, and reports how kernels ended."""

    def __init__(self, channel: socket.socket, modules: tuple[str, ...] = MODULES) -> None:
        self.channel = channel
        self.coming = list(modules)  # still to be imported
        self.missing: list[str] = []
        self.asked: tuple[dict, list[int]] | None = None  # a request that waits for an import
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
                for key, _ in selector.select(0 if self.coming or self.asked else None):
                    if key.fd == wake:
                        with suppress(BlockingIOError):
                            os.read(wake, 512)
                    elif (asked := _receive(self.channel)) is None:
                        return
                    else:
                        self.asked = asked
                self._reap()
                if self.asked is not None and self._has(self.asked[0].get("needs")):
                    request, files = self.asked
                    self.asked = None
                    self._answer(request, files, selector)
                elif self.coming:
                    self._import_next()

    def _has(self, needs: str | None) -> bool:
        """Whether a module is there, and those before it; without a name, whether all are."""
        return needs not in self.coming if needs else not self.coming

    def _import_next(self) -> None:
        name = self.coming[0]
        try:
            importlib.import_module(name)
        except Exception:  # a broken library is a notebook's matter, told there
            self.missing.append(name)
        del self.coming[0]
        if not self.coming:
            _send(self.channel, {"ready": True, "pid": os.getpid(), "missing": self.missing, "threads": thread_count()})

    def _answer(self, request: dict, files: list[int], selector: selectors.BaseSelector) -> None:
        """Fork, or say why not."""
        if thread_count() > 1:  # a lock that such a thread holds would stay locked in the child for ever
            for file in files:
                os.close(file)
            _send(self.channel, {"refused": "threads"})
            return
        out, err, code, owner, tells = files
        gc.freeze()
        pid = os.fork()
        if pid == 0:
            status = 1
            try:
                selector.close()
                self.channel.close()
                for other in (code, *self.ended.values()):
                    os.close(other)
                from cxlib.kernels.child import become

                become(request, (out, err), owner, tells)
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
        for file in (out, err, owner, tells):
            os.close(file)
        self.ended[pid] = code
        _send(self.channel, {"pid": pid})

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
