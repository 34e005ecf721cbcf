"""What workers run in these tests: the two small stages, and clients that do their worker harm.

Workers import this module by its name, so that its folder and that of mini.py are on their path.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
import time
from pathlib import Path

import yaml

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "runs"))

import mini

MEET = "BATCH_TESTS_MEET"  # a folder in which a test and a worker wait for each other


def add_client(params: Path, name: str, **changed) -> Path:
    """A client with ten rows, under a name of its own."""
    made = mini.write_client(params / f".{name}")
    folder = params / name
    shutil.move(made, folder)
    shutil.rmtree(params / f".{name}")
    asked = mini.PARAMS | {"client": name} | changed
    (folder / "params.yaml").write_text(yaml.safe_dump(asked, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return folder


def run_mini(folder: Path, **more):
    """The two small stages."""
    return mini.run_mini(folder, **more)


def run_or_die(folder: Path, **more):
    """The same; the client 'killer' takes its worker along every time."""
    if folder.name == "killer":
        os.kill(os.getpid(), signal.SIGKILL)
    return mini.run_mini(folder, **more)


def run_and_wait(folder: Path, *, progress, **more):
    """The same; the client 'slow' tells in its second stage which process runs it, and waits to be let on."""
    meet = Path(os.environ[MEET])

    def tell(step):
        progress(step)
        if folder.name == "slow" and (step.state, step.stage) == ("started", "tell"):
            told = meet / str(time.time_ns())
            told.write_text(str(os.getpid()), encoding="utf-8")
            told.rename(told.with_suffix(".pid"))  # whoever sees it can read it
            until = time.monotonic() + 600
            while not (meet / "on").exists() and time.monotonic() < until:
                time.sleep(0.05)

    return mini.run_mini(folder, progress=tell, **more)
