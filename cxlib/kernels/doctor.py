"""What `cx doctor` tells of kernels: which kind is in use here, and what it saves, measured now."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from cxlib.kernels import provisioner, spec
from cxlib.kernels.client import NoWarmKernelError

CELL = "import pandas, pingouin, seaborn, matplotlib.pyplot"  # what every stage notebook needs sooner or later
START_SECONDS = 180


@dataclass(frozen=True)
class Started:
    """One kernel, from the request until it had imported what notebooks need.

    Attributes
    ----------
    seconds : float
    private_mb : float or None
        Memory that it shares with nobody, in MiB; None where the system does not tell.
    warm : bool
    """

    seconds: float
    private_mb: float | None
    warm: bool


@dataclass(frozen=True)
class Kernels:
    """What was found.

    Attributes
    ----------
    kernelspec : str
        The provisioner that the environment's kernelspec names; "" when it is the ordinary one.
    registered : bool
        Whether Jupyter finds the warm provisioner.
    in_use : str
        'warm' or 'cold'.
    why_cold : str
        "" when warm.
    ready_seconds : float or None
        How long the warm parent took to import everything; once for each command.
    missing : tuple of str
        Modules that the parent could not import.
    cold, warm : Started or None
    """

    kernelspec: str
    registered: bool
    in_use: str
    why_cold: str
    ready_seconds: float | None
    missing: tuple[str, ...]
    cold: Started | None
    warm: Started | None

    def as_dict(self) -> dict[str, Any]:
        """The fields, for `--json`."""
        return asdict(self)


def examine_kernels(environment: Mapping[str, str], tell: Callable[[str], None] = lambda _: None) -> Kernels:
    """Start one kernel of each kind and measure it.

    Parameters
    ----------
    environment : mapping
        Of the kernels.
    tell : callable
        Told what is being done, since it takes some seconds.
    """
    environment = dict(environment)
    tell("an ordinary kernel ...")
    cold = asyncio.run(_started({**environment, provisioner.OFF: "1"}))
    why, ready, missing, warm = "", None, (), None
    try:
        tell("the warm parent ...")
        began = time.monotonic()
        told = provisioner.warm_parent(environment).ready()
        ready, missing = round(time.monotonic() - began, 2), tuple(told["missing"])
        tell("a warm kernel ...")
        warm = asyncio.run(_started(environment))
        if not warm.warm:
            why, warm = provisioner.notes[-1], None
    except NoWarmKernelError as reason:
        why = str(reason)
    registered = spec.is_registered()
    if not registered:
        why = why or "the warm provisioner is not installed in this environment"
    in_use = "warm" if registered and warm is not None else "cold"
    return Kernels(spec.installed_provisioner(), registered, in_use, why, ready, missing, cold, warm)


async def _started(environment: dict[str, str]) -> Started:
    from jupyter_client.kernelspec import KernelSpec
    from jupyter_client.manager import AsyncKernelManager

    manager = AsyncKernelManager()
    if manager.has_trait("transport_encryption"):
        manager.transport_encryption = "auto"
    manager._kernel_spec = KernelSpec(**spec.kernel_dict())
    began = time.monotonic()
    await manager.start_kernel(env=environment)
    client = manager.client()
    client.start_channels()
    try:
        await client.wait_for_ready(timeout=START_SECONDS)
        await client.execute_interactive(CELL, timeout=START_SECONDS, output_hook=lambda _: None)
        seconds = round(time.monotonic() - began, 2)
        held = manager.provisioner
        return Started(seconds, private_mb(getattr(held, "pid", None)), bool(getattr(held, "warm", False)))
    finally:
        client.stop_channels()
        await manager.shutdown_kernel(now=True)


def private_mb(pid: int | None) -> float | None:
    """Memory of a process that it shares with no other, in MiB."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    kilobytes = [int(line.split()[1]) for line in lines if line.startswith(("Private_Clean:", "Private_Dirty:"))]
    return round(sum(kilobytes) / 1024, 1)
