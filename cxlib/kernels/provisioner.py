"""What Jupyter asks for a kernel: forked from the warm parent where that works, started as usual where not."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from jupyter_client.connect import KernelConnectionInfo, LocalPortCache, port_names
from jupyter_client.provisioning import LocalProvisioner

from cxlib.kernels.client import Forked, NoWarmKernelError
from cxlib.kernels.parents import OFF, can_fork, warm_parent

__all__ = ["OFF", "WarmProvisioner", "can_fork", "notes", "warm_parent"]

LAUNCHER = "ipykernel_launcher"
LISTENS_SECONDS = 60.0  # a loaded machine needs more than the usual tenth of a second
GONE_SECONDS = 1.0  # a killed process needs a few milliseconds

_log = logging.getLogger(__name__)
notes: list[str] = []  # why kernels of this process were started cold, in the order in which it happened


class WarmProvisioner(LocalProvisioner):
    """Forks kernels that have imported everything; falls back on an ordinary start, with a note."""

    warm = False

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Launch a kernel; `cmd` as the kernelspec has it, `kwargs` as for `subprocess.Popen`."""
        try:
            self.process = await asyncio.to_thread(self._fork, cmd, kwargs)
        except NoWarmKernelError as reason:
            if not (kwargs.get("env") or os.environ).get(OFF):  # asked for is no surprise
                note = f"A kernel was started without the warm parent: {reason}."
                notes.append(note)
                _log.warning(note)
            self.warm = False
            return await super().launch_kernel(cmd, **kwargs)
        self.warm = True
        self.pid = self.pgid = self.process.pid  # it leads a group of its own
        self.cwd = kwargs.get("cwd") or Path.cwd()
        self._follow()
        return self.connection_info

    def _follow(self) -> None:
        """Tell the manager, and the keeper of ports, of those that were taken when the kernel came to them."""
        moved = moved_ports(self.parent.connection_file, self.connection_info)
        known = LocalPortCache.instance()
        for name, port in moved.items():
            if self.ports_cached:
                known.return_port(self.connection_info[name])
                known.currently_used_ports.add(port)
            self.connection_info[name] = port
            setattr(self.parent, name, port)

    async def kill(self, restart: bool = False) -> None:
        """Kill the kernel, and see to it that it has gone: Jupyter would look again after a tenth of a second."""
        await super().kill(restart=restart)
        until = time.monotonic() + GONE_SECONDS
        while await self.poll() is None and time.monotonic() < until:
            await asyncio.sleep(0.002)

    def _fork(self, cmd: list[str], kwargs: dict[str, Any]) -> Forked:
        argv = kernel_arguments(cmd)
        environment = kwargs.get("env") or dict(os.environ)
        warm = warm_parent(environment)
        streams = [_stream(kwargs.get(name), number) for name, number in (("stdout", 1), ("stderr", 2))]
        try:
            kernel = warm.fork(
                argv,
                environment=environment,
                cwd=str(kwargs.get("cwd") or Path.cwd()),
                stdout=streams[0],
                stderr=streams[1],
            )
            kernel.wait_until_it_listens(LISTENS_SECONDS)
            return kernel
        finally:
            for stream in streams:
                os.close(stream)


def kernel_arguments(cmd: list[str]) -> list[str]:
    """What follows the launcher in a kernel's command.

    Raises
    ------
    NoWarmKernelError
        The command starts another interpreter, or no ipykernel.
    """
    if not cmd or os.path.realpath(cmd[0]) != os.path.realpath(sys.executable) or LAUNCHER not in cmd:
        raise NoWarmKernelError("the kernel is not of this environment")
    return list(cmd[cmd.index(LAUNCHER) + 1 :])


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


def _stream(wanted: Any, number: int) -> int:
    """A descriptor of our own for what `Popen` would accept as stdout or stderr."""
    if wanted in (subprocess.DEVNULL, subprocess.PIPE):
        return os.open(os.devnull, os.O_WRONLY)
    if wanted is None:
        return os.dup(number)
    return os.dup(wanted if isinstance(wanted, int) else wanted.fileno())
