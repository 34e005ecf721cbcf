"""The record of a run while it goes on: its folder, its manifest, a line for every stage."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from cxlib import __version__
from cxlib.errors import CxError, Problem, StageError
from cxlib.params import Params
from cxlib.runs import manifest, places
from cxlib.runs.stages import Stage

State = Literal["waiting", "started", "done", "reused", "failed"]


@dataclass(frozen=True)
class Progress:
    """What happens to a stage; `number` of `of`, counted from 1. `stage` is "" while waiting for another run."""

    state: State
    stage: str = ""
    number: int = 0
    of: int = 0
    seconds: float = 0.0


class Record:
    """The manifest while the run goes on."""

    def __init__(self, folder: Path, values: dict[str, Any]) -> None:
        self.folder, self.values, self._began = folder, values, time.monotonic()

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
            "client_folder": _relative(client_folder, folder),
            "run": folder.name,
            "fingerprint": mark,
            "question": params.question,
            "status": "running",
            "started": started.isoformat(timespec="seconds"),
            "ended": None,
            "seconds": None,
            "changes": changes,
            "parameters": params.model_dump(mode="json"),
            "inputs": asdict(inputs),
            "code": {"version": __version__, "sha256": code.sha256, **manifest.git_state(notebooks)},
            "packages": manifest.versions(),
            "stages": [],
            "error": None,
        }
        record = cls(folder, values)
        places.write_json(folder / places.PARAMS, values["parameters"])
        record.write()
        return record

    def write(self) -> None:
        places.write_json(self.folder / places.MANIFEST, self.values)

    def end(self, status: str, error: BaseException | None = None) -> None:
        self.values |= {
            "status": status,
            "ended": datetime.now(UTC).isoformat(timespec="seconds"),
            "seconds": round(time.monotonic() - self._began, 2),
        }
        if isinstance(error, CxError):
            self.values["error"] = [problem.as_dict() for problem in error.problems]
        elif error is not None:
            self.values["error"] = [Problem(f"Stopped by {type(error).__name__}.").as_dict()]
        self.write()

    def stage(
        self,
        stage: Stage,
        hangs_on: dict[str, str],
        place: tuple[int, int],
        tell: Callable[[Progress], None],
        notebooks: Path,
        settings: dict[str, Any],
        reused: Path | None,
    ) -> None:
        """Run a stage, or take over what it left in an earlier run."""
        line: dict[str, Any] = {
            "name": stage.name,
            "notebook": stage.notebook,
            "status": "running",
            "seconds": None,
            "hangs_on": hangs_on,
            "artefacts": {},
        }
        self.values["stages"].append(line)
        self.write()
        began = time.monotonic()
        tell(Progress("started", stage.name, *place))
        try:
            if reused is not None:
                _take_over(stage, reused, self.folder)
                line["reused_from"] = reused.name
            else:
                self._execute(stage, notebooks, settings)
            line["artefacts"] = manifest.artefact_digests(self.folder, stage.leaves)
            line["status"] = "reused" if reused is not None else "done"
        except BaseException:
            line["status"] = "failed"
            raise
        finally:
            line["seconds"] = round(time.monotonic() - began, 2)
            self.write()
            tell(Progress(line["status"], stage.name, *place, seconds=line["seconds"]))

    def _execute(self, stage: Stage, notebooks: Path, settings: dict[str, Any]) -> None:
        from cxlib.runs.execute import execute

        execute(
            notebooks / stage.notebook,
            self.folder / places.NOTEBOOKS / stage.notebook,
            settings,
            stage=stage.name,
            home=self.folder.parents[2],
        )
        missing = [name for name in stage.leaves if not (self.folder / name).exists()]
        if missing:
            raise StageError(
                f"The stage '{stage.name}' ended, and did not leave {', '.join(missing)}.",
                stage.notebook,
                "is the cell missing that keeps the result (run.keep)?",
            )


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


def _take_over(stage: Stage, source: Path, target: Path) -> None:
    for name in (*stage.leaves, f"{places.NOTEBOOKS}/{stage.notebook}"):
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        if (source / name).is_dir():
            shutil.copytree(source / name, target / name)
        elif (source / name).exists():
            shutil.copy2(source / name, target / name)


def _relative(path: Path, start: Path) -> str:
    """Relative where possible, so that a project can be moved with its runs."""
    try:
        return Path(os.path.relpath(path, start)).as_posix()
    except ValueError:  # another drive
        return str(path)
