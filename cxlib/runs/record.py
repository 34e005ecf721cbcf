"""The record of a run while it goes on: its folder, its manifest, a line for every stage."""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from cxlib import __version__
from cxlib.errors import CxError, Problem, StageError
from cxlib.params import Params
from cxlib.runs import failures, manifest, packages, places
from cxlib.runs.cache import Found, take_over
from cxlib.runs.stages import Stage

State = Literal["waiting", "stands", "started", "done", "reused", "adopted", "failed"]
Status = Literal["done", "partial", "stopped", "failed"]


@dataclass(frozen=True)
class Progress:
    """What happens to a stage; `number` of `of`, counted from 1. `stage` is "" while waiting for another run.

    `run` : the earlier run, of a stage that was taken over from it, or of a run that still stands.
    """

    state: State
    stage: str = ""
    number: int = 0
    of: int = 0
    seconds: float = 0.0
    run: str = ""


class Record:
    """The manifest while the run goes on."""

    def __init__(self, folder: Path, values: dict[str, Any]) -> None:
        self.folder, self.values, self._began = folder, values, time.monotonic()
        self._lock = threading.Lock()  # two stages may go on side by side

    @classmethod
    def begin(
        cls,
        client_outputs: Path,
        client_folder: Path,
        params: Params,
        mark: str,
        inputs: manifest.Inputs,
        code: manifest.Code,
        notebooks: Path,
        changes: dict[str, Any],
    ) -> Record:
        started = datetime.now(UTC)
        folder = _new_folder(client_outputs, f"{started:%Y%m%dT%H%M%SZ}-{mark[:8]}")
        values = {
            "schema": 1,
            "client": params.client,
            "client_folder": relative_to(client_folder, folder),
            "run": folder.name,
            "fingerprint": mark,
            "question": params.question,
            "status": "running",
            "started": started.isoformat(timespec="milliseconds"),
            "ended": None,
            "seconds": None,
            "changes": changes,
            "parameters": params.model_dump(mode="json"),
            "inputs": asdict(inputs),
            "code": {
                "version": __version__,
                "sha256": code.sha256,
                "files": code.files,
                "notebooks": code.notebooks,
                **manifest.git_state(notebooks),
            },
            "packages": packages.versions(),
            "all_packages": packages.all_versions(),
            "stages": [],
            "kernels": None,
            "found": None,
            "error": None,
        }
        record = cls(folder, values)
        try:
            places.write_json(folder / places.PARAMS, values["parameters"])
            record.write()
        except OSError:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        return record

    def write(self) -> None:
        with self._lock:
            places.write_json(self.folder / places.MANIFEST, self.values)

    def end(self, status: Status, error: BaseException | None = None, kernels: Mapping[str, Any] | None = None) -> None:
        """Write down how the run ended; where even that finds no room, the run counts as interrupted."""
        self.values |= {
            "status": status,
            "ended": datetime.now(UTC).isoformat(timespec="seconds"),
            "seconds": round(time.monotonic() - self._began, 2),
            "kernels": kernels,
        }
        if isinstance(error, CxError):
            self.values["error"] = [problem.as_dict() for problem in error.problems]
        elif error is not None:
            self.values["error"] = [Problem(f"Stopped by {type(error).__name__}.").as_dict()]
        else:
            self.values["found"] = what_was_found(self.folder)
        if error is None:
            self.write()
        else:
            with suppress(OSError):
                self.write()

    def stage(
        self,
        stage: Stage,
        hangs_on: dict[str, str],
        place: tuple[int, int],
        tell: Callable[[Progress], None],
        *,
        reaches: tuple[str, ...] = (),
        found: Found | None = None,
        execute: Callable[[Path], None] | None = None,
        adopt: Callable[[], dict[str, Any]] | None = None,
    ) -> dict[str, str]:
        """One stage: taken over from an earlier run, adopted from a scratch copy, or executed.

        Returns
        -------
        dict
            SHA-256 of what it left, by path.
        """
        line: dict[str, Any] = {
            "name": stage.name,
            "notebook": stage.notebook,
            "status": "running",
            "seconds": None,
            "hangs_on": hangs_on,
            "reaches": list(reaches),
            "artefacts": {},
        }
        with self._lock:
            self.values["stages"].append(line)
        began = time.monotonic()
        tell(Progress("started", stage.name, *place))
        status: State = "failed"
        try:
            self.write()
            if found is not None:
                take_over(stage, found.folder, self.folder)
                line |= {"reused_from": found.made_in, "seconds_then": found.seconds}
            elif adopt is not None:
                line |= adopt()
            elif execute is not None:
                execute(self.folder / places.NOTEBOOKS / stage.notebook)
                self._has_left(stage)
            line["artefacts"] = manifest.artefact_digests(self.folder, stage.leaves)
            if found is not None and line["artefacts"] != found.artefacts:
                raise StageError(
                    f"What the stage '{stage.name}' had left was changed while it was taken over.",
                    found.folder.name,
                    "run again",
                )
            status = "reused" if found is not None else "adopted" if adopt is not None else "done"
        except OSError as error:
            if error.errno in failures.FULL:
                raise failures.disk_full(error, self.folder) from None
            raise
        finally:
            line["status"] = status
            line["seconds"] = round(time.monotonic() - began, 2)
            with suppress(OSError):  # written again at the run's end, which tells of a full disk
                self.write()
            run = found.made_in if found is not None else ""
            tell(Progress(status, stage.name, *place, seconds=line["seconds"], run=run))
        return line["artefacts"]

    def _has_left(self, stage: Stage) -> None:
        missing = [name for name in stage.leaves if not (self.folder / name).exists()]
        if missing:
            raise StageError(
                f"The stage '{stage.name}' ended, and did not leave {', '.join(missing)}.",
                stage.notebook,
                "is the cell missing that keeps the result (run.keep)?",
            )


def what_was_found(run: Path) -> dict[str, Any] | None:
    """Rows, findings and the loop of a run's findings.json, for lists of runs; None when it left none."""
    path = run / places.FINDINGS
    if not path.is_file():
        return None
    document = places.read_json(path)
    rows = document.get("rows") or {}
    return {
        "rows": {name: rows.get(name) for name in ("in", "kept", "set_aside")},
        "findings": len(document.get("findings") or ()),
        "loop": document.get("loop"),
    }


def _new_folder(client_outputs: Path, run_id: str) -> Path:
    """A folder of its own, also for a second run in the same second."""
    number = 1
    while True:
        folder = client_outputs / (run_id if number == 1 else f"{run_id}-{number}")
        try:
            folder.mkdir()
            return folder
        except FileExistsError:
            number += 1


def relative_to(path: Path, start: Path) -> str:
    """Relative where possible, so that a project can be moved with its runs."""
    try:
        return Path(os.path.relpath(path, start)).as_posix()
    except ValueError:  # another drive
        return str(path)
