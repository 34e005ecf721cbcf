"""The kernels of visitors: how many start at a time, and when each of them ends. Imported by `server` alone."""

from __future__ import annotations

import asyncio
import os
from datetime import UTC, datetime, timedelta

from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager
from traitlets import Integer


class VisitorKernels(AsyncMappingKernelManager):
    """Kernels of readers: one that lost its reader ends soon, one whose reader is still there later.

    Notes
    -----
    `cull_idle_timeout` counts from the moment at which the last connection went, not from the last choice: somebody who
    reads for ten minutes still finds the choices working.
    """

    reading_seconds = Integer(
        20 * 60, config=True, help="How long a kernel lives that does nothing although its page is open."
    )

    def __init__(self, **given) -> None:
        super().__init__(**given)
        # More at once than there are cores would only make each of them wait longer.
        self.starting = asyncio.Semaphore(max(2, os.cpu_count() or 1))

    def notify_disconnect(self, kernel_id: str) -> None:
        """Note that a connection to a kernel has gone."""
        super().notify_disconnect(kernel_id)
        if kernel_id in self._kernels and not self._kernel_connections.get(kernel_id):
            self._kernels[kernel_id].last_activity = datetime.now(UTC)

    async def cull_kernel_if_idle(self, kernel_id: str) -> None:
        """End a kernel that nobody has asked anything for too long."""
        if self._kernel_connections.get(kernel_id):
            active = getattr(self._kernels[kernel_id], "last_activity", datetime.now(UTC))
            if datetime.now(UTC) - active <= timedelta(seconds=self.reading_seconds):
                return
        await super().cull_kernel_if_idle(kernel_id)
