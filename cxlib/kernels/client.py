"""The owner's side: start the warm parent, ask it for kernels, and know how each of them fares."""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

READY_SECONDS = 120.0
ANSWER_SECONDS = 20.0
NEEDS = "CX_KERNEL_NEEDS"  # a kernel's variable: the module of `parent.MODULES` that suffices for its fork

# What libraries read once, when they are imported: a kernel that wants other values cannot be forked from this parent.
AT_IMPORT = (
    "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS", "PYTHONHASHSEED", "PYTHONPATH",
    "MPLCONFIGDIR", "LD_LIBRARY_PATH", "LD_PRELOAD",
)  # fmt: skip

# matplotlib asks for its drawing backend when it is imported; Arrow's allocator starts a thread unless told not to, and
# a process with two threads cannot be forked safely. A kernel that gives memory back to the system after each array
# asks for it again at the next one, which costs up to a third of its time: Dask has its workers, and what they start,
# do so. Bytes; the second is the most that glibc takes.
PARENT_ALONE = {
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    "JE_ARROW_MALLOC_CONF": "background_thread:false",
    "MALLOC_TRIM_THRESHOLD_": "268435456",
    "MALLOC_MMAP_THRESHOLD_": "33554432",
}


class NoWarmKernelError(Exception):
    """There is no warm kernel to be had; the message is a short reason."""


@dataclass
class Forked:
    """A forked kernel, with the methods that Jupyter uses of `subprocess.Popen`.

    Attributes
    ----------
    pid : int
    returncode : int or None
        None while it runs. -1 when the parent died before it could tell.
    """

    pid: int
    code: int  # reading end of the pipe that brings the exit code
    tells: int  # reading end of the pipe that a kernel closes when it listens, and into which a call writes its value
    handle: int | None  # pidfd, so that a number used again is never taken for this kernel
    returncode: int | None = None
    stdin: None = field(default=None, init=False)
    stdout: None = field(default=None, init=False)
    stderr: None = field(default=None, init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)

    def poll(self) -> int | None:
        """The exit code, or None while it runs."""
        with self._lock:
            return self._look()

    def wait_until_it_listens(self, seconds: float) -> None:
        """Return when its sockets are there to connect to, when it has ended, or after so many seconds.

        Who connects earlier is refused, and tries again after a tenth of a second.
        """
        _readable(self.tells, seconds)
        os.close(self.tells)

    def all_that_it_tells(self) -> bytes:
        """What is written into its pipe until that is closed."""
        with os.fdopen(self.tells, "rb") as told:
            return told.read()

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the end; `subprocess.TimeoutExpired` when it takes longer than `timeout` seconds."""
        until = None if timeout is None else time.monotonic() + timeout
        while (code := self.poll()) is None:
            if until is not None and time.monotonic() >= until:
                raise subprocess.TimeoutExpired("kernel", timeout or 0.0)
            time.sleep(0.005)
        return code

    def send_signal(self, number: int) -> None:
        """Signal the kernel, if it still runs."""
        # Who looks in another thread meanwhile would close the handle, and its number may mean something else by then.
        with self._lock, suppress(ProcessLookupError):
            if self._look() is None:
                if self.handle is not None:
                    signal.pidfd_send_signal(self.handle, number)
                else:
                    os.kill(self.pid, number)

    def terminate(self) -> None:
        """SIGTERM."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """SIGKILL."""
        self.send_signal(signal.SIGKILL)

    def _look(self) -> int | None:
        if self.returncode is None and _readable(self.code):
            told = os.read(self.code, 16)
            if told:
                self._ended(int(told))
            elif not self._alive():
                self._ended(-1)
        return self.returncode

    def _alive(self) -> bool:
        """Without the parent nobody reaps it but init, at once; the handle tells when it has ended."""
        if self.handle is not None:
            return not _readable(self.handle)
        try:
            os.kill(self.pid, 0)
        except OSError:
            return False
        return True

    def _ended(self, code: int) -> None:
        self.returncode = code
        os.close(self.code)
        if self.handle is not None:
            os.close(self.handle)
            self.handle = None


class Warm:
    """One warm parent and the way to ask it.

    Notes
    -----
    The parent's end of the socket closes with this process, however it ends: that ends the parent. The kernels hold
    the reading end of another pipe of this process, and end with it as well; they outlive the parent.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.key = at_import(environment)
        self._lock = threading.Lock()
        self._ready: dict[str, Any] | None = None
        self._owner_lives, self._owner = os.pipe2(os.O_CLOEXEC)
        ours, theirs = socket.socketpair()
        with theirs:
            self._channel = ours
            self.process = subprocess.Popen(  # noqa: S603
                [sys.executable, "-m", "cxlib.kernels.parent", str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
                env={**environment, **PARENT_ALONE},
            )

    @property
    def alive(self) -> bool:
        """Whether the parent runs."""
        return self.process.poll() is None

    def ready(self, seconds: float = READY_SECONDS) -> dict[str, Any]:
        """Wait until it has imported everything; what it told then: pid, missing modules, threads."""
        with self._lock:
            while self._ready is None:
                self._hear(seconds)
            return self._ready

    def fork(
        self, argv: list[str], *, environment: Mapping[str, str], cwd: str | None, stdout: int, stderr: int
    ) -> Forked:
        """A kernel, forked when the parent has imported what the environment's `CX_KERNEL_NEEDS` names, else all.

        Raises
        ------
        NoWarmKernelError
            The parent is dead, does not answer, or refuses.
        """
        request = {"argv": argv, "env": dict(environment), "cwd": cwd, "needs": environment.get(NEEDS)}
        return self._asked(request, stdout, stderr)

    def call(self, function: str, *arguments: Any, environment: Mapping[str, str], needs: str) -> Any:
        """What a function returns in a process of its own, forked when the parent has imported what it needs.

        Parameters
        ----------
        function : str
            As "module:name".
        *arguments
            JSON values, as the function must return one.
        environment : mapping
            Of that process.
        needs : str
            A module of `parent.MODULES`.

        Raises
        ------
        NoWarmKernelError
            There is no such process to be had, or it ended without an answer.
        """
        request = {"call": function, "arguments": list(arguments), "needs": needs}
        request |= {"env": dict(environment), "cwd": str(Path.cwd())}
        nowhere = os.open(os.devnull, os.O_WRONLY)
        try:
            called = self._asked(request, nowhere, nowhere)
        finally:
            os.close(nowhere)
        told = called.all_that_it_tells()
        called.wait()
        if not told:
            raise NoWarmKernelError("the forked process ended without an answer")
        return json.loads(told)

    def _asked(self, request: dict[str, Any], stdout: int, stderr: int) -> Forked:
        data = json.dumps(request).encode()
        with self._lock:
            (code, tells_code), (tells, telling) = os.pipe2(os.O_CLOEXEC), os.pipe2(os.O_CLOEXEC)
            try:
                try:
                    head = len(data).to_bytes(4, "big")
                    files = [stdout, stderr, tells_code, self._owner_lives, telling]
                    socket.send_fds(self._channel, [head], files)
                    self._channel.sendall(data)
                finally:
                    os.close(tells_code)
                    os.close(telling)
                while (answer := self._hear(READY_SECONDS if self._ready is None else ANSWER_SECONDS)) is None:
                    pass
                if "pid" not in answer:
                    raise NoWarmKernelError(f"the warm parent refused ({answer.get('refused')})")
            except BaseException as error:
                os.close(code)
                os.close(tells)
                if not isinstance(error, NoWarmKernelError):  # the next request would get the answer to this one
                    self.close()
                if isinstance(error, OSError):
                    raise NoWarmKernelError("the warm parent is dead") from None
                raise
        pid = int(answer["pid"])
        return Forked(pid, code, tells, _handle(pid))

    def _hear(self, seconds: float) -> dict[str, Any] | None:
        """What the parent says next; None when that was that it has imported everything."""
        told = self._read(seconds)
        if "ready" not in told:
            return told
        self._ready = told
        return None

    def _read(self, seconds: float) -> dict[str, Any]:
        self._channel.settimeout(seconds)
        try:
            size = int.from_bytes(self._exactly(4), "big")
            return json.loads(self._exactly(size))
        except TimeoutError:
            self.close()
            raise NoWarmKernelError("the warm parent does not answer") from None
        except OSError:
            raise NoWarmKernelError("the warm parent is dead") from None
        except BaseException:  # Ctrl+C in the middle of what it says
            self.close()
            raise

    def _exactly(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            part = self._channel.recv(size - len(data))
            if not part:
                raise ConnectionResetError
            data += part
        return data

    def close(self) -> None:
        """End the parent; the kernels live on."""
        with suppress(OSError):
            self._channel.close()
        with suppress(OSError):
            self.process.kill()
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(5)


def at_import(environment: Mapping[str, str]) -> tuple[tuple[str, str | None], ...]:
    """What decides whether a kernel can be forked from a parent: the variables that are read at import."""
    return tuple((name, environment.get(name)) for name in AT_IMPORT)


def _readable(descriptor: int, seconds: float = 0.0) -> bool:
    """Whether something can be read, or the other end has gone; `select` knows the first 1024 descriptors alone."""
    looked = select.poll()
    looked.register(descriptor, select.POLLIN)
    return bool(looked.poll(seconds * 1000))


def _handle(pid: int) -> int | None:
    try:
        return os.pidfd_open(pid)
    except (AttributeError, OSError):
        return None
