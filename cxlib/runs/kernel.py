"""The kernel that a stage runs in: this very Python, encrypted transport, one thread, its surroundings told."""

from __future__ import annotations

import os
import subprocess
from typing import Any

from ipykernel.kernelspec import get_kernel_dict
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from traitlets import Dict

# One thread a kernel: two runs on one machine do not fight, and sums come out in the same order.
# A fixed hash seed: no result may hang on the order of a set.
SURROUNDINGS = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "PYTHONHASHSEED": "0",
}


class StageKernelManager(AsyncKernelManager):
    """Starts the interpreter that runs `cx`, not whatever `python3` means elsewhere on the machine."""

    surroundings = Dict(help="environment variables told to the kernel").tag(config=True)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if self.has_trait("transport_encryption"):  # jupyter_client 8.9 and later; ipykernel 7.3 warns without it
            self.transport_encryption = "auto"

    @property
    def kernel_spec(self) -> KernelSpec:
        if self._kernel_spec is None:
            self._kernel_spec = KernelSpec(**get_kernel_dict())
        return self._kernel_spec

    async def _async_pre_start_kernel(self, **kw: Any) -> Any:
        kw["env"] = {**os.environ, **SURROUNDINGS, **self.surroundings}
        # What cells print is in the notebook. The rest is a dying kernel's tracebacks, which tell a user nothing.
        kw["stdout"] = kw["stderr"] = subprocess.DEVNULL
        return await super()._async_pre_start_kernel(**kw)
