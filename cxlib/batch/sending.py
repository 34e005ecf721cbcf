"""What a worker is sent for one run, and why it could not be sent."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cxlib.batch import packing
from cxlib.batch.jobs import Earlier, Job, Outcome
from cxlib.batch.packing import Packed
from cxlib.batch.record import Line
from cxlib.batch.stores import Store, is_address, last_name
from cxlib.batch.taking_in import Client
from cxlib.batch.work import SMALL
from cxlib.errors import CxError, ParamsError, Problem, StageError
from cxlib.runs import latest, manifest, places


@dataclass
class Sender:
    """Makes the jobs of one batch.

    Attributes
    ----------
    outputs : str
        The folder of all runs: a path or an address.
    environment : str
        Digest of versions, code and surroundings.
    topic : str
        Where workers tell how far they are.
    runner : callable or None
        What runs a client's folder; `run_client` unless given.
    here : bool
        Whether all workers are on this machine: then no file travels.
    workshop : str
        Where workers of this machine make runs, to be put in place by renaming them; "" where runs travel.
    """

    outputs: str
    environment: str
    topic: str = ""
    runner: Callable[..., Any] | None = None
    here: bool = False
    workshop: str = ""

    def __post_init__(self) -> None:
        self.home = None if is_address(self.outputs) else Path(self.outputs).resolve()

    def inputs(self, line: Line, client: Client, packed: Packed | None) -> str:
        """What decides the run: the client's folder, the changes, code and packages."""
        there: Mapping[str, Any] = {}
        if packed is not None:
            there = {"files": dict(packed.digests), "outside": dict(packed.outside)}
        elif client.store is not None:
            # The history is written by the run itself.
            files = client.store.files()
            there = {name: token for name, token in files.items() if not name.endswith(packing.CHAIN_ENDING)}
        return manifest.digest({"folder": there, "changes": line.changes, "environment": self.environment})

    def job(self, line: Line, here: Client, packed: Packed | None) -> Job:
        if self.home is not None:
            name, shown = self.home.name, places.shown(self.home)
            away = _relative(here.folder, self.home / line.client / "run") if here.folder else None
        else:
            name = shown = last_name(self.outputs)
            away = None
        return Job(
            key=line.key,
            client=line.client,
            source="" if packed is not None else line.source,
            archive=b"" if packed is None or self.here else packed.archive(),
            files=packed.files if packed is not None and self.here else {},
            digests=packed.digests if packed is not None and self.here else {},
            outside={} if packed is None else packed.outside,
            changes=line.changes,
            outputs="" if self.home is not None else self.outputs,
            workshop=self.workshop,
            outputs_name=name,
            outputs_shown=shown,
            client_folder=away or f"../../../{packing.CLIENTS}/{line.client}",
            earlier=self._earlier(line.client),
            environment=self.environment,
            topic=self.topic,
            runner=self.runner,
        )

    def _earlier(self, client: str) -> Earlier | None:
        if self.home is not None:
            run = latest.latest_run(self.home / client)
            if run is None:
                return None
            small = {name: (run / name).read_bytes() for name in SMALL if (run / name).is_file()}
            return Earlier(run.name, str(run), small)
        store = Store(self.outputs)
        named = store.latest_run(client)
        if not named:
            return None
        found = {name: store.read(f"{client}/{named}/{name}") for name in SMALL}
        path = "" if store.disk is None else str(store.disk / client / named)
        return Earlier(named, path, {name: content for name, content in found.items() if content is not None})


def why_not_sent(line: Line, error: CxError | OSError) -> Outcome:
    """Why a client could not even be sent: of a folder of this machine, everything that is wrong with it at once."""
    if isinstance(error, OSError):
        problem = Problem(f"The client's folder cannot be read: {error.strerror}.", line.source, "mend its rights")
        return Outcome(line.key, "failed", (problem,), ParamsError.exit_code)
    if not is_address(line.source) and not isinstance(error, StageError):
        from cxlib.check import check_client

        found = check_client(Path(line.source))
        if found:
            problems = tuple(problem for one in found for problem in one.problems)
            return Outcome(line.key, "failed", problems, found[0].exit_code)
    return Outcome(line.key, "failed", error.problems, error.exit_code)


def _relative(folder: Path, run: Path) -> str | None:
    try:
        return Path(os.path.relpath(folder, run)).as_posix()
    except ValueError:  # another drive
        return str(folder)
