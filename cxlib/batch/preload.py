"""What a dask worker does before its first run: `dask worker --preload cxlib.batch.preload`."""

from __future__ import annotations

from typing import Any

from cxlib.batch import work  # noqa: F401  (what it imports is ready when the first run comes)
from cxlib.runs.kernel import warm_up


def dask_setup(_: Any) -> None:
    """Let kernels become ready in the background; dask calls it when the worker starts."""
    warm_up()
