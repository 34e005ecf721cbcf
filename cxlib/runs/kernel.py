"""The kernel that a stage runs in: this very Python, encrypted transport, one thread, its surroundings told."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from contextlib import suppress
from queue import Empty
from typing import Any

from jupyter_client.asynchronous import AsyncKernelClient
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from traitlets import Any as AnyTrait
from traitlets import Dict, default

from cxlib.kernels import provisioner, spec
from cxlib.runs.surroundings import SURROUNDINGS

__all__ = ["SURROUNDINGS", "DiedAtStartError", "Kernels", "StageKernelClient", "StageKernelManager"]

ANSWER_SECONDS = 1.0  # after that it is asked once more
HEARD_SECONDS = 0.2


class DiedAtStartError(RuntimeError):
    """A kernel died before it answered for the first time."""


class Kernels:
    """The kernels of one run: how many were forked from the warm parent, and the way to end all of them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._managers: list[StageKernelManager] = []
        self._noted = len(provisioner.notes)
        self.stopped = False

    def __deepcopy__(self, _: Any) -> Kernels:
        return self  # configuration is copied; the kernels of a run are not

    def add(self, manager: StageKernelManager) -> None:
        """Remember a kernel that was started."""
        with self._lock:
            self._managers.append(manager)
        if self.stopped:
            self.stop()

    def stop(self) -> None:
        """End all kernels now; those still to come end as they start."""
        self.stopped = True
        with self._lock:
            managers = list(self._managers)
        for manager in managers:
            process = getattr(manager.provisioner, "process", None)
            if process is not None:
                with suppress(OSError):
                    process.kill()

    def as_dict(self) -> dict[str, Any]:
        """warm, cold : how many were started each way; notes : why some were cold, each once."""
        with self._lock:
            warm = sum(manager.was_warm for manager in self._managers)
            notes = list(dict.fromkeys(provisioner.notes[self._noted :]))
            return {"warm": warm, "cold": len(self._managers) - warm, "notes": notes}


class StageKernelClient(AsyncKernelClient):
    """Talks to a stage's kernel as soon as it answers.

    Jupyter's own client listens on for a fifth of a second in case more is said; nbclient passes over what answers no
    request of its own.
    """

    def start_channels(self, *args: Any, hb: bool = False, **kwargs: Any) -> None:
        """Open the channels, but for the heartbeat: whether the process lives is asked of the system."""
        super().start_channels(*args, hb=hb, **kwargs)

    async def wait_for_ready(self, timeout: float | None = None) -> None:
        """Return when the kernel answers, and is heard on the channel on which it publishes.

        Raises
        ------
        DiedAtStartError
            It has died.
        RuntimeError
            It does not answer in `timeout` seconds.
        """
        until = None if timeout is None else time.monotonic() + timeout
        while True:
            asked = self.kernel_info()
            with suppress(Empty):
                while (await self.get_shell_msg(timeout=ANSWER_SECONDS))["parent_header"].get("msg_id") != asked:
                    pass
                await self.get_iopub_msg(timeout=HEARD_SECONDS)
                return
            if not await self.parent.is_alive():
                raise DiedAtStartError("The kernel died before it answered.")
            if until is not None and time.monotonic() > until:
                raise RuntimeError(f"The kernel did not answer in {timeout} seconds.")


class StageKernelManager(AsyncKernelManager):
    """Starts the interpreter that runs `cx`, not whatever `python3` means elsewhere on the machine."""

    surroundings = Dict(help="environment variables told to the kernel").tag(config=True)
    kernels = AnyTrait(help="the Kernels that this one belongs to").tag(config=True)
    was_warm = False

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if self.has_trait("transport_encryption"):  # jupyter_client 8.9 and later; ipykernel 7.3 warns without it
            self.transport_encryption = "auto"

    @default("client_factory")
    def _client_factory_default(self) -> type:
        return StageKernelClient

    @property
    def kernel_spec(self) -> KernelSpec:
        if self._kernel_spec is None:
            self._kernel_spec = KernelSpec(**spec.kernel_dict())
        return self._kernel_spec

    async def _async_pre_start_kernel(self, **kw: Any) -> Any:
        kw["env"] = {**os.environ, **SURROUNDINGS, **self.surroundings}
        # What cells print is in the notebook. The rest is a dying kernel's tracebacks, which tell a user nothing.
        kw["stdout"] = kw["stderr"] = subprocess.DEVNULL
        return await super()._async_pre_start_kernel(**kw)

    async def _async_post_start_kernel(self, **kw: Any) -> None:
        await super()._async_post_start_kernel(**kw)
        self.was_warm = bool(getattr(self.provisioner, "warm", False))
        if self.kernels is not None:
            self.kernels.add(self)
