"""Where a forked kernel listens: on the ports that were chosen for it, or on others where somebody has taken one since.

Jupyter looks for free ports, lets go of them, and has the kernel take them later. A first kernel waits for the imports
of its parent in between, and whatever else the machine does may be given one of them.
"""

from __future__ import annotations

import errno
import json
import socket
from contextlib import suppress
from pathlib import Path
from typing import Any

from ipykernel.kernelapp import IPKernelApp
from jupyter_client.connect import port_names
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


def moved_ports(connection_file: str, chosen: dict[str, Any]) -> dict[str, int]:
    """The ports of a kernel that listens, where they differ from those that were chosen for it.

    Parameters
    ----------
    connection_file : str
        Written by the kernel once its sockets are there.
    chosen : dict
        The connection as it was to be, with shell_port and its like.

    Returns
    -------
    dict of str to int
        By their names; empty as a rule.
    """
    with suppress(OSError, ValueError):
        told = json.loads(Path(connection_file).read_text(encoding="utf-8"))
        return {name: told[name] for name in port_names if name in told and told[name] != chosen.get(name)}
    return {}
