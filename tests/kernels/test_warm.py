"""Kernels forked from a warm parent: as good as ordinary ones, and safe when somebody is killed."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import psutil
import pytest
from ipykernel.kernelspec import get_kernel_dict
from jupyter_client.connect import LocalPortCache
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning import KernelProvisionerFactory

from cxlib.kernels import provisioner
from cxlib.kernels.client import NEEDS, NoWarmKernelError, Warm, at_import
from cxlib.runs.kernel import SURROUNDINGS

pytestmark = [
    pytest.mark.kernel,
    pytest.mark.skipif(not provisioner.can_fork(), reason="this platform cannot fork safely"),
]
SECONDS = 300  # guards against hanging; a loaded machine needs a tenth of it for a cold kernel's imports


@pytest.fixture(scope="module")
def environment() -> dict[str, str]:
    return {**os.environ, **SURROUNDINGS}


@pytest.fixture(autouse=True, scope="module")
def _registered():
    factory = KernelProvisionerFactory.instance()
    known = dict(factory.provisioners)
    factory.provisioners["cx-warm"] = EntryPoint("cx-warm", "cxlib.kernels.provisioner:WarmProvisioner", "x")
    yield
    factory.provisioners = known


@asynccontextmanager
async def kernel(environment, **kwargs):
    """A manager and a client of a started kernel."""
    manager = AsyncKernelManager()
    manager.transport_encryption = "auto"
    spec = get_kernel_dict()
    spec["metadata"] = {"kernel_provisioner": {"provisioner_name": "cx-warm"}}
    manager._kernel_spec = KernelSpec(**spec)
    await manager.start_kernel(env=environment, **kwargs)
    client = manager.client()
    client.start_channels()
    try:
        await client.wait_for_ready(timeout=SECONDS)
        yield manager, client
    finally:
        client.stop_channels()
        await manager.shutdown_kernel(now=True)


def run(work: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
    """In a thread of its own: a browser test of the same process may have left a loop running in this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(lambda: asyncio.run(work())).result()


async def said(client, code: str, begun: asyncio.Event | None = None) -> str:
    """What a cell prints; its error's name when it fails. `begun` is set when it has printed something."""
    printed: list[str] = []

    def hear(message: dict) -> None:
        if message["msg_type"] == "stream":
            printed.append(message["content"]["text"])
            if begun is not None:
                begun.set()
        if message["msg_type"] == "error":
            printed.append(message["content"]["ename"])

    await client.execute_interactive(code, timeout=SECONDS, output_hook=hear)
    return "".join(printed).strip()


def ends(pid: int, seconds: float = 120.0) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            if psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
                return True
        except psutil.NoSuchProcess:  # it may go between two looks
            return True
        time.sleep(0.05)
    return False


def test_a_kernel_is_forked_with_everything_imported_and_its_own_surroundings(environment, tmp_path):
    async def look():
        async with kernel({**environment, "CX_TOLD": "yes"}, cwd=str(tmp_path)) as (manager, client):
            assert manager.provisioner.warm
            text = await said(
                client,
                "import os, sys, threading\n"
                "print(os.environ['CX_TOLD'], os.getcwd(), os.getppid(), os.getpgid(0) == os.getpid(),\n"
                "      all(name in sys.modules for name in ('pandas', 'pingouin', 'seaborn', 'matplotlib.pyplot')))",
            )
            told, cwd, parent, leads, imported = text.split()
            assert (told, Path(cwd), leads, imported) == ("yes", tmp_path.resolve(), "True", "True")
            assert int(parent) == provisioner.warm_parent(environment).process.pid

    run(look)


def test_a_figure_and_a_statistic_come_out_as_in_an_ordinary_kernel(environment):
    code = (
        "import numpy as np, pingouin, seaborn, hashlib, io, matplotlib.pyplot as plt\n"
        "x = np.random.default_rng(1).normal(size=50)\n"
        "axes = seaborn.scatterplot(x=x, y=x ** 2)\n"
        "out = io.BytesIO(); axes.figure.savefig(out, format='png', metadata={'Software': None})\n"
        "print(pingouin.corr(x, x ** 2)['r'].iloc[0], hashlib.sha256(out.getvalue()).hexdigest(), plt.get_backend())"
    )

    shown = "print(hashlib.sha256(out.getvalue()).hexdigest(), plt.get_fignums(), plt.isinteractive())"

    async def one(environment):
        async with kernel(environment) as (manager, client):
            text = (await said(client, code)).split("\n")[-1]
            return manager.provisioner.warm, f"{text} {await said(client, shown)}"

    warm, cold = run(lambda: one(environment)), run(lambda: one({**environment, provisioner.OFF: "1"}))
    assert (warm[0], cold[0]) == (True, False)
    assert warm[1] == cold[1]
    assert warm[1].split()[4:] == ["[]", "True"]  # the figure was shown below its cell, and closed


def test_a_kernel_that_needs_little_is_forked_before_all_is_imported(environment):
    own = {**environment, "NUMEXPR_NUM_THREADS": "3"}  # a parent of its own, which has just been started
    look_for = "import sys; print('pandas' in sys.modules, 'pingouin' in sys.modules)"

    async def look():
        async with kernel({**own, NEEDS: "ipykernel.kernelapp"}) as (manager, client):
            assert manager.provisioner.warm
            assert await said(client, look_for) == "True False"
            assert await said(client, "import pingouin, gc; print(gc.isenabled())") == "True"
        async with kernel(own) as (manager, client):
            assert manager.provisioner.warm
            assert await said(client, look_for) == "True True"

    run(look)
    assert provisioner.warm_parent(own).ready()["missing"] == []


def test_a_started_kernel_can_be_connected_to_at_once(environment):
    async def look():
        manager = AsyncKernelManager()
        spec = get_kernel_dict()
        spec["metadata"] = {"kernel_provisioner": {"provisioner_name": "cx-warm"}}
        manager._kernel_spec = KernelSpec(**spec)
        await manager.start_kernel(env=environment)
        for port in (manager.shell_port, manager.iopub_port, manager.control_port):
            socket.create_connection((manager.ip, port), timeout=30).close()
        await manager.shutdown_kernel(now=True)
        assert not manager.has_kernel

    run(look)


def test_a_port_that_somebody_took_meanwhile_is_left_to_him(environment, monkeypatch):
    taken = []

    def find_and_lose(self, ip):
        """Free when it is chosen, taken before the kernel comes to it."""
        held = socket.create_server((ip, 0))
        taken.append(held)
        return held.getsockname()[1]

    monkeypatch.setattr(LocalPortCache, "find_available_port", find_and_lose)

    async def look():
        async with kernel(environment) as (manager, client):
            assert manager.provisioner.warm
            lost = {held.getsockname()[1] for held in taken}
            used = {manager.shell_port, manager.iopub_port, manager.stdin_port, manager.hb_port, manager.control_port}
            assert len(lost) == len(used) == 5
            assert not lost & used
            told = json.loads(Path(manager.connection_file).read_text())
            assert used == {told[name] for name in told if name.endswith("_port")}
            assert await said(client, "print(6 * 7)") == "42"
            await manager.restart_kernel(now=True)
            await client.wait_for_ready(timeout=SECONDS)
            assert await said(client, "print(6 * 8)") == "48"

    # A manager for many kernels, as of Voila and JupyterLab, chooses ports so.
    monkeypatch.setattr(AsyncKernelManager, "cache_ports", True)
    run(look)
    for held in taken:
        held.close()


def test_a_call_is_answered_by_a_process_of_its_own(environment):
    warm = provisioner.warm_parent(environment)
    assert warm.call("math:hypot", 3, 4, environment=environment, needs="pandas") == 5.0
    assert warm.call("os:getenv", "CX_TOLD", environment={**environment, "CX_TOLD": "yes"}, needs="pandas") == "yes"
    other = warm.call("os:getpid", environment=environment, needs="pandas")
    assert other not in (os.getpid(), warm.process.pid)
    assert ends(other)
    with pytest.raises(NoWarmKernelError, match="without an answer"):
        warm.call("math:sqrt", -1, environment=environment, needs="pandas")
    assert warm.alive


def test_two_kernels_draw_different_numbers_unless_they_are_seeded(environment):
    free = "import random, numpy as np, uuid; print(random.random(), np.random.rand(), uuid.uuid4())"
    seeded = "random.seed(1); np.random.seed(1); print(random.random(), np.random.rand())"

    async def look():
        async with kernel(environment) as (_, first), kernel(environment) as (_, second):
            here, there = (await said(first, free)).split(), (await said(second, free)).split()
            assert all(one != other for one, other in zip(here, there, strict=True))
            assert await said(first, seeded) == await said(second, seeded)

    run(look)


def test_an_interrupt_stops_the_cell_and_the_kernel_lives_on(environment):
    async def look():
        async with kernel(environment) as (manager, client):
            begun = asyncio.Event()
            cell = "import time\nprint('begun', flush=True)\ntime.sleep(200)"
            waiting = asyncio.ensure_future(said(client, cell, begun))
            await asyncio.wait_for(begun.wait(), SECONDS)
            await manager.interrupt_kernel()
            assert "KeyboardInterrupt" in await waiting
            assert await said(client, "print(6 * 7)") == "42"

    run(look)


@pytest.mark.parametrize(("last", "code"), [("os._exit(7)", 7), ("os.kill(os.getpid(), 11)", -11)])
def test_how_a_kernel_ended_is_told(environment, last, code):
    async def look():
        async with kernel(environment) as (manager, client):
            client.execute(f"import os; {last}")
            process = manager.provisioner.process
            assert await asyncio.to_thread(process.wait, 120) == code
            assert not await manager.is_alive()

    run(look)


def test_a_killed_parent_takes_no_kernel_with_it_and_the_next_one_starts_cold_with_a_note(environment):
    own = {**environment, "NUMEXPR_NUM_THREADS": "5"}  # a parent of its own, so that the others keep theirs

    async def look():
        async with kernel(own) as (manager, client):
            assert manager.provisioner.warm
            parent = provisioner.warm_parent(own)
            os.kill(parent.process.pid, signal.SIGKILL)
            parent.process.wait(60)
            assert await said(client, "print('still here')") == "still here"
            assert await manager.is_alive()
            before = len(provisioner.notes)
            async with kernel(own) as (other, second):
                assert not other.provisioner.warm
                assert await said(second, "print(1)") == "1"
            assert provisioner.notes[before:] == [
                "A kernel was started without the warm parent: the warm parent is dead."
            ]
            pid = manager.provisioner.pid
        assert ends(pid)

    run(look)


def test_parent_and_kernels_end_with_a_killed_owner(environment, tmp_path):
    script = tmp_path / "owner.py"
    script.write_text(
        "import json, os, subprocess, sys, tempfile\n"
        "from cxlib.kernels.client import Warm\n"
        "warm = Warm(dict(os.environ))\n"
        "out = os.open(os.devnull, os.O_WRONLY)\n"
        "place = os.path.join(sys.argv[1], 'kernel.json')\n"
        "kernel = warm.fork(['-f', place], environment=dict(os.environ), cwd=sys.argv[1], stdout=out, stderr=out)\n"
        "print(json.dumps([warm.process.pid, kernel.pid]), flush=True)\n"
        "import time; time.sleep(100)\n",
        encoding="utf-8",
    )
    owner = subprocess.Popen(
        [sys.executable, str(script), str(tmp_path)], stdout=subprocess.PIPE, text=True, env=environment
    )
    line = owner.stdout.readline()
    assert line, f"the owner has ended with {owner.wait(60)}"
    parent, child = json.loads(line)
    until = time.monotonic() + 120
    while not (tmp_path / "kernel.json").exists():
        assert time.monotonic() < until, "the kernel does not say where it listens"
        time.sleep(0.05)
    assert psutil.pid_exists(parent)
    assert psutil.pid_exists(child)
    owner.kill()
    owner.wait(60)
    owner.stdout.close()
    assert ends(parent)
    assert ends(child)


def test_a_parent_with_a_second_thread_forks_nothing(environment, tmp_path):
    (tmp_path / "sitecustomize.py").write_text(
        "import threading, time\nthreading.Thread(target=time.sleep, args=(100,), daemon=True).start()\n",
        encoding="utf-8",
    )
    own = {**environment, "PYTHONPATH": str(tmp_path)}

    async def look():
        async with kernel(own) as (manager, client):
            assert not manager.provisioner.warm
            assert await said(client, "print(1)") == "1"

    run(look)
    assert "refused (threads)" in provisioner.notes[-1]


def test_what_is_read_at_import_needs_a_parent_of_its_own(environment):
    other = {**environment, "OMP_NUM_THREADS": "2"}
    assert at_import(environment) != at_import(other)
    assert provisioner.warm_parent(environment) is provisioner.warm_parent(dict(environment))


@pytest.mark.parametrize(
    "cmd", [[], ["/bin/sh", "-m", "ipykernel_launcher"], [sys.executable, "-m", "bash_kernel", "-f", "x"]]
)
def test_other_kernels_are_started_as_usual(cmd):
    with pytest.raises(NoWarmKernelError):
        provisioner.kernel_arguments(cmd)


def test_a_parent_that_does_not_answer_is_given_up(environment):
    warm = Warm(environment)
    try:
        warm.ready()
        os.kill(warm.process.pid, signal.SIGSTOP)
        with pytest.raises(NoWarmKernelError, match="does not answer"):
            warm._read(0.3)
        assert not warm.alive
    finally:
        warm.close()


def test_an_interrupted_request_leaves_no_answer_to_the_next_one(environment, monkeypatch):
    def interrupted(seconds):
        raise KeyboardInterrupt

    warm = Warm(environment)
    try:
        with monkeypatch.context() as meanwhile:
            meanwhile.setattr(warm, "_exactly", interrupted)
            with pytest.raises(KeyboardInterrupt):
                warm.call("math:sqrt", 4, environment=environment, needs="pandas")
        with pytest.raises(NoWarmKernelError, match="dead"):
            warm.call("math:hypot", 3, 4, environment=environment, needs="pandas")
        assert not warm.alive
    finally:
        warm.close()


def test_a_process_with_more_than_a_thousand_open_files_has_kernels_too(environment):
    resource = pytest.importorskip("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < 2500:
        pytest.skip("no more than that may be open here")

    async def look():
        async with kernel(environment) as (manager, client):
            assert manager.provisioner.process.code > 1024
            assert await said(client, "print(6 * 7)") == "42"
            return manager.provisioner.pid

    opened: list[int] = []
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 2500), hard))
        opened += [os.open(os.devnull, os.O_RDONLY) for _ in range(1100)]
        assert ends(run(look))
    finally:
        for file in opened:
            os.close(file)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_no_zombie_is_left(environment):
    async def look():
        async with kernel(environment) as (manager, client):
            await said(client, "print(1)")
            return manager.provisioner.pid

    pid = run(look)
    assert ends(pid)
    parent = psutil.Process(provisioner.warm_parent(environment).process.pid)
    until = time.monotonic() + 120
    while parent.children() and time.monotonic() < until:
        time.sleep(0.05)
    assert not parent.children()
