"""What earlier runs of a client left, by what it hangs on: a stage whose inputs are known is taken over."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cxlib.errors import ParamsError
from cxlib.runs import manifest, places
from cxlib.runs.sharing import share
from cxlib.runs.stages import Stage

WHOLE = ("done", "reused")  # a stage that ended so left all its files, whatever became of its run


@dataclass(frozen=True)
class Found:
    """What a stage left in an earlier run.

    Attributes
    ----------
    folder : Path
        The run's folder.
    made_in : str
        Name of the run that computed it; another one when that run took it over itself.
    artefacts : dict
        SHA-256 by path.
    seconds : float
        How long it took to compute.
    """

    folder: Path
    made_in: str
    artefacts: dict[str, str]
    seconds: float


class Cache:
    """The stages of all runs of a client, the newest run first."""

    def __init__(self, client_outputs: Path) -> None:
        self.folder = client_outputs
        self._runs = sorted(records(client_outputs), key=lambda run: (str(run[1].get("started")), run[0].name))[::-1]
        self._sound: dict[tuple[Path, str], bool] = {}

    def reaches(self) -> dict[str, list[tuple[tuple[str, ...], str]]]:
        """By the name of a stage: files that it reached in an earlier run, and the hash of that code."""
        found: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        for _, record in self._runs:
            for line in record["stages"]:
                if line.get("reaches"):
                    known = (tuple(line["reaches"]), str((line.get("hangs_on") or {}).get("code")))
                    lines = found.setdefault(line["name"], [])
                    if known not in lines:
                        lines.append(known)
        return found

    def has_used(self, notebook: str, sha: str) -> bool:
        """Whether a run that ended well has used this very notebook."""
        return any(
            record.get("status") in ("done", "partial")
            and ((record.get("code") or {}).get("notebooks") or {}).get(notebook) == sha
            for _, record in self._runs
        )

    def find(self, stage: Stage, hangs_on: Mapping[str, str]) -> Found | None:
        """What the stage left in the newest run where it hung on the same, and is still as it was left."""
        for folder, record in self._runs:
            found = self.found_in(folder, record, stage, hangs_on)
            if found is not None:
                return found
        return None

    def found_in(
        self, folder: Path, record: Mapping[str, Any], stage: Stage, hangs_on: Mapping[str, str]
    ) -> Found | None:
        """The same in one run."""
        line = _line(record, stage)
        if line.get("status") not in WHOLE or line.get("hangs_on") != dict(hangs_on):
            return None
        if not self._as_left(folder, stage, line):
            return None
        made_in = str(line.get("reused_from", folder.name))
        return Found(folder, made_in, line["artefacts"], float(line.get("seconds_then") or line.get("seconds") or 0.0))

    def why_not(self, stage: Stage, hangs_on: Mapping[str, str]) -> str:
        """Why the stage must run: a sentence that names what has changed since the newest run in which it ended."""
        for folder, record in self._runs:
            line = _line(record, stage)
            if line.get("status") in WHOLE:
                then = line.get("hangs_on") or {}
                changed = [kind for kind in hangs_on if then.get(kind) != hangs_on[kind]]
                if changed:
                    return f"The stage '{stage.name}' must run again; changed since: {', '.join(changed)}."
                if not self._as_left(folder, stage, line):
                    return f"What the stage '{stage.name}' left is no more as it left it."
        return f"The stage '{stage.name}' has never ended."

    @property
    def empty(self) -> bool:
        """Whether no stage has ever ended."""
        return not any(line.get("status") in WHOLE for _, record in self._runs for line in record["stages"])

    def _as_left(self, folder: Path, stage: Stage, line: Mapping[str, Any]) -> bool:
        key = (folder, stage.name)
        if key not in self._sound:
            try:
                left = manifest.artefact_digests(folder, stage.leaves)
            except OSError:
                left = {}
            self._sound[key] = bool(left) and left == line.get("artefacts")
        return self._sound[key]


def _line(record: Mapping[str, Any], stage: Stage) -> dict[str, Any]:
    return next((line for line in record["stages"] if line.get("name") == stage.name), {})


def records(client_outputs: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Every run folder of a client with its manifest; one that cannot be read is passed over."""
    if not client_outputs.is_dir():
        return
    for folder in client_outputs.iterdir():
        if folder.is_symlink() or folder.name.startswith(".") or not (folder / places.MANIFEST).is_file():
            continue
        with suppress(ParamsError):
            record = places.read_record(folder)
            yield folder, {**record, "stages": record.get("stages") or []}


def take_over(stage: Stage, source: Path, target: Path) -> None:
    """Let a run have what a stage left in another one.

    Notes
    -----
    Results share their blocks on the disk with the other run where the file system can do that, or are the same file
    under two names, made read-only; deleting one run leaves the other whole. The executed notebook is a copy: it may be
    opened and saved.
    """
    for name in stage.leaves:
        if (source / name).is_dir():
            for item in sorted(path for path in (source / name).rglob("*") if path.is_file()):
                share(item, target / name / item.relative_to(source / name))
        elif (source / name).exists():
            share(source / name, target / name)
    notebook = Path(places.NOTEBOOKS) / stage.notebook
    if (source / notebook).is_file():
        (target / notebook).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source / notebook, target / notebook)
