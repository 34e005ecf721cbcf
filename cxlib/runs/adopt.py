"""Make a run of a scratch copy: what was made by hand is adopted, what hangs on it is run."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cxlib.errors import ParamsError, Problem
from cxlib.params import load_params
from cxlib.runs import manifest, places
from cxlib.runs.by_hand import BY_HAND
from cxlib.runs.cache import records
from cxlib.runs.sharing import share
from cxlib.runs.stages import STAGES, Stage, needed_by

if TYPE_CHECKING:
    from cxlib.runs.folder import Run


@dataclass(frozen=True)
class Scratch:
    """A scratch copy that can become a run.

    Attributes
    ----------
    folder : Path
    of : str
        The run it was copied from.
    changes : dict
        Settings that were changed for that run.
    parameters, inputs : dict
        As that run recorded them.
    stages : dict
        By the name of a stage made by hand, SHA-256 of what it left.
    """

    folder: Path
    of: str
    changes: dict[str, Any]
    parameters: dict[str, Any]
    inputs: dict[str, Any]
    stages: dict[str, dict[str, str]]

    def adopt(self, stage: Stage, target: Path, mark: str) -> dict[str, Any]:
        """Let a run have a stage made by hand, with the cells that made it; returns what its record says of it.

        `mark` is the run's fingerprint: what names its run names this one, not the one that was copied.
        """
        for name in stage.leaves:
            source = self.folder / name
            files = sorted(path for path in source.rglob("*") if path.is_file()) if source.is_dir() else [source]
            for path in files:
                if path.is_file():
                    share(path, target / path.relative_to(self.folder))
        findings = target / places.FINDINGS
        if stage.names_run and findings.is_file():
            places.write_sorted_json(findings, places.read_json(findings) | {"run": mark})
        made = places.read_json(self.folder / places.MANIFEST)[BY_HAND]
        moments = dict.fromkeys(line["made"] for name, line in made.items() if _belongs(name, stage))
        told = []
        for moment in moments:
            cells = self.folder / BY_HAND / f"{moment}.py"
            if cells.is_file():
                told.append(cells.read_text(encoding="utf-8"))
        if told:
            kept = target / places.NOTEBOOKS / f"{Path(stage.notebook).stem}.by_hand.py"
            kept.parent.mkdir(parents=True, exist_ok=True)
            kept.write_text(told[-1], encoding="utf-8", newline="\n")
        return {"adopted_from": self.folder.name}

    def refuse_when_gone(self) -> None:
        """Another run of the client may have been waited for, and may have adopted it.

        Raises
        ------
        ParamsError
        """
        if not (self.folder / places.MANIFEST).is_file():
            raise ParamsError(
                "The scratch copy is gone; somebody may have adopted it meanwhile.",
                places.shown(self.folder),
                "cx runs lists the runs",
            )

    def forget(self) -> None:
        """Remove it, once it is a run."""
        shutil.rmtree(self.folder, ignore_errors=True)


def find_scratch(client_outputs: Path, name: str | None = None, *, stages: tuple[Stage, ...] = STAGES) -> Scratch:
    """A client's scratch copy.

    Parameters
    ----------
    client_outputs : Path
        outputs/CLIENT.
    name : str, optional
        The run it is a copy of; not needed where there is one scratch copy only.
    stages : tuple of Stage

    Raises
    ------
    ParamsError
        There is none, several and none was named, nothing in it was changed, or a stage was made by hand before one
        that it reads.
    """
    known = dict(records(client_outputs / places.SCRATCH))
    wanted = {folder: record for folder, record in known.items() if name in (None, folder.name)}
    if len(wanted) != 1:
        have = ", ".join(sorted(folder.name for folder in known))
        if not known:
            what, how = "There is no scratch copy.", "open a stage notebook (cx lab), change it and run it"
        elif not wanted:
            what, how = f"There is no scratch copy '{name}'.", f"there are {have}"
        else:
            what, how = "There are several scratch copies.", f"name one: {have}"
        raise ParamsError(what, places.shown(client_outputs / places.SCRATCH), how)
    [(folder, record)] = wanted.items()
    changed = _made_by_hand(folder, record, stages)
    return Scratch(
        folder,
        str(record.get("of")),
        dict(record.get("changes") or {}),
        dict(record["parameters"]),
        dict(record["inputs"]),
        changed,
    )


def _made_by_hand(folder: Path, record: dict[str, Any], stages: tuple[Stage, ...]) -> dict[str, dict[str, str]]:
    then = {line["name"]: line.get("artefacts") for line in record["stages"]}
    made: dict[str, dict[str, Any]] = record.get(BY_HAND) or {}
    changed: dict[str, dict[str, str]] = {}
    order: dict[str, int] = {}
    for stage in stages:
        left = manifest.artefact_digests(folder, stage.leaves)
        lines = [line["order"] for name, line in made.items() if _belongs(name, stage)]
        if lines and left != then.get(stage.name):
            changed[stage.name], order[stage.name] = left, min(lines)
    if not changed:
        raise ParamsError(
            "Nothing in the scratch copy differs from its run.", places.shown(folder), "there is nothing to adopt"
        )
    problems = [
        Problem(
            f"The stage '{stage.name}' was run by hand before '{other.name}', from which it reads.",
            places.shown(folder),
            f"run {stage.notebook} once more in the scratch copy, then adopt it",
        )
        for stage in stages
        for other in needed_by(stage, stages)
        if stage.name in changed and other.name in changed and order[stage.name] < order[other.name]
    ]
    if problems:
        raise ParamsError(problems)
    return changed


def _belongs(name: str, stage: Stage) -> bool:
    return any(name == leaf or name.startswith(f"{leaf}/") for leaf in stage.leaves)


def adopt_scratch(folder: Path, *, outputs: Path = Path("outputs"), scratch: str | None = None, **more: Any) -> Run:
    """Turn a scratch copy into a run and, when all later stages succeeded, make it the client's latest.

    Parameters
    ----------
    folder : Path
        The client's folder.
    outputs : Path
    scratch : str, optional
        The run that the scratch copy was made of.
    **more
        As for `run_client`.

    Returns
    -------
    Run

    Raises
    ------
    ParamsError
        No such scratch copy, or parameters and data are no more those of its run.
    """
    from cxlib.runs.run import run_client

    client_outputs = Path(outputs).resolve() / load_params(Path(folder)).client
    found = find_scratch(client_outputs, scratch, stages=more.get("stages", STAGES))
    run = run_client(folder, outputs=outputs, changes=found.changes, adopt=found, **more)
    found.forget()
    return run
