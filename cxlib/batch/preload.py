"""What a worker imports before its first run: `dask worker --preload cxlib.batch.preload`.

On this machine it is imported once, in the process from which workers are forked.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from cxlib.runs import ahead, libraries

libraries.load()
for _name in (
    "cxlib.batch.work", "cxlib.runs.checking", "cxlib.runs.engine", "cxlib.runs.execute", "cxlib.runs.run",
    "ipykernel.kernelspec",
):  # fmt: skip
    import_module(_name)  # after the libraries, which they would import in full


def dask_setup(_: Any) -> None:
    """Let kernels become ready in the background; dask calls it when the worker starts."""
    ahead.warm_up()
