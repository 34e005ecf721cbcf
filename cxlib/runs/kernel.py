"""The kernel that a stage runs in: this very Python, encrypted transport, one thread, its surroundings told."""

from __future__ import annotations

import os
import subprocess
import threading
from contextlib import suppress
from typing import Any

from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from traitlets import Any as AnyTrait
from traitlets import Dict

from cxlib.kernels import provisioner, spec
from cxlib.runs.surroundings import SURROUNDINGS

__all__ = ["SURROUNDINGS", "Kernels", "StageKernelManager", "warm_up"]


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


def warm_up() -> threading.Thread:
    """Begin to start the warm parent of this process, and go on meanwhile."""

    def start() -> None:
        with suppress(provisioner.NoWarmKernelError):
            provisioner.warm_parent({**os.environ, **SURROUNDINGS})

    thread = threading.Thread(target=start, name="cx-warm-up", daemon=True)
    thread.start()
    return thread


class StageKernelManager(AsyncKernelManager):
    """Starts the interpreter that runs `cx`, not whatever `python3` means elsewhere on the machine."""

    surroundings = Dict(help="environment variables told to the kernel").tag(config=True)
    kernels = AnyTrait(help="the Kernels that this one belongs to").tag(config=True)
    was_warm = False

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if self.has_trait("transport_encryption"):  # jupyter_client 8.9 and later; ipykernel 7.3 warns without it
            self.transport_encryption = "auto"

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
