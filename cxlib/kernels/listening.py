"""Where a forked kernel listens: on the ports that were chosen for it, or on others where somebody has taken one since.

Jupyter looks for free ports, lets go of them, and has the kernel take them later. A first kernel waits for the imports
of its parent in between, and whatever else the machine does may be given one of them.
"""

from __future__ import annotations

import errno
import socket
from typing import Any

from ipykernel.kernelapp import IPKernelApp
from zmq import ZMQError


class KernelApp(IPKernelApp):
    """ipykernel's application, which moves to a free port instead of dying; its connection file tells where it is."""

    def _bind_socket(self, s: Any, port: int) -> int:
        try:
            return super()._bind_socket(s, port)
        except ZMQError as error:
            if error.errno != errno.EADDRINUSE:
                raise
            return super()._bind_socket(s, 0)

    def init_heartbeat(self) -> None:
        """Start the heartbeat, which would end silently on a port that is taken."""
        if self.transport == "tcp":
            with socket.socket() as trial:
                try:
                    trial.bind((self.ip, self.hb_port))
                except OSError:
                    self.hb_port = 0
        super().init_heartbeat()
