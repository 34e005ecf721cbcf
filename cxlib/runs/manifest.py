"""The record of a run: parameters, hashes of inputs and code, versions, stages with seconds and status."""

from __future__ import annotations

import hashlib
import json
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cxlib.errors import DataError, ParamsError, Problem
from cxlib.params import Params, project_file
from cxlib.runs.notebooks import code_of
from cxlib.runs.reach import Reach
from cxlib.runs.stages import Stage, View
from cxlib.runs.surroundings import SURROUNDINGS

PACKAGE = Path(__file__).resolve().parents[1]
_CODE = {".py", ".csv", ".css", ".js", ".j2", ".html", ".json"}
_GIT_SECONDS = 10
_followed: dict[tuple[str, str], tuple[str, ...]] = {}  # hashes of the library and of a notebook -> what it reaches
# What a client keeps beside the survey, by its key in params.yaml.
LISTS = {
    "actions": "The action log",
    "promises": "The list of promises",
    "strategy": "The list of strategic choices",
}


@dataclass(frozen=True)
class Inputs:
    """SHA-256 of the survey files, by the names that params.yaml gives them, and of the lists beside them.

    The action log, the promises and the strategic choices: None where the parameters name none.
    """

    survey: dict[str, str]
    actions: str | None
    promises: str | None = None
    strategy: str | None = None


@dataclass(frozen=True)
class Code:
    """SHA-256 of every file of the library (by its path in it) and of the source of every notebook (by its name).

    `reaches`: by the name of a stage, the files of the library that its notebook reaches.
    """

    library: dict[str, str]
    notebooks: dict[str, str]
    reaches: dict[str, tuple[str, ...]]

    @property
    def sha256(self) -> str:
        """One hash of all of it."""
        return digest({"library": self.library, "notebooks": self.notebooks})

    def of(self, stage: Stage) -> str:
        """The hash of the code that decides a stage's result."""
        return _code_digest(self.library, self.reaches[stage.name], self.notebooks[stage.notebook])

    @property
    def files(self) -> dict[str, str]:
        """SHA-256 of the files that any stage reaches."""
        return {name: self.library[name] for name in sorted(set().union(*self.reaches.values()))}


def _code_digest(library: Mapping[str, str | None], files: Iterable[str], notebook: str) -> str:
    return digest({"library": {name: library.get(name) for name in files}, "notebook": notebook})


def digest(value: Any) -> str:
    """SHA-256 of a JSON value; another order of keys is another value, since pages follow the client's order."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def file_digest(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def artefact_digests(folder: Path, names: Iterable[str]) -> dict[str, str]:
    """SHA-256 of every file that the named files and folders of a run hold."""
    found = {}
    for name in names:
        path = folder / name
        files = sorted(item for item in path.rglob("*") if item.is_file()) if path.is_dir() else [path]
        found |= {item.relative_to(folder).as_posix(): file_digest(item) for item in files if item.is_file()}
    return found


def hash_inputs(params: Params, folder: Path) -> Inputs:
    """Hash the survey, the action log, the promises and the strategic choices.

    Raises
    ------
    DataError
        A survey file cannot be read.
    ParamsError
        One of the lists cannot be read.
    """
    survey, problems = {}, []
    for item in params.data.files:
        try:
            survey[item.file] = file_digest(project_file(folder, item.file))
        except OSError as error:
            problems.append(
                Problem(f"The survey file cannot be read: {error.strerror}.", item.file, "mend data.responses")
            )
    if problems:
        raise DataError(problems)
    lists: dict[str, str | None] = {}
    for key, what in LISTS.items():
        name = getattr(params, key)
        try:
            lists[key] = None if name is None else file_digest(project_file(folder, name))
        except OSError as error:
            problems.append(Problem(f"{what} cannot be read: {error.strerror}.", name, f"mend {key}: in params.yaml"))
    if problems:
        raise ParamsError(problems)
    return Inputs(survey, **lists)


def hash_code(
    notebooks: Path,
    stages: Iterable[Stage],
    views: Iterable[View] = (),
    known: Mapping[str, Iterable[tuple[tuple[str, ...], str]]] | None = None,
) -> Code:
    """Hash the library and the notebooks; of a notebook its cells only, so that opening it changes nothing.

    Parameters
    ----------
    notebooks : Path
        Their folder.
    stages, views
    known : mapping, optional
        By the name of a stage, what earlier runs found that it reaches, each with the hash of that code: where these
        files are as they were, the imports are not followed again. Nor are they for another client of this process.
    """
    files = sorted(path for path in PACKAGE.rglob("*") if path.suffix in _CODE and "__pycache__" not in path.parts)
    library = {path.relative_to(PACKAGE).as_posix(): file_digest(path) for path in files}
    state, walk = digest(library), Reach()
    sources, reaches = {}, {}
    for stage in stages:
        cells = code_of(notebooks / stage.notebook)
        source = sources[stage.notebook] = digest(cells)
        if (state, source) not in _followed:
            _followed[state, source] = next(
                (
                    files
                    for files, sha in (known or {}).get(stage.name, ())
                    if _code_digest(library, files, source) == sha
                ),
                None,
            ) or walk.files("\n".join(cells))
        reaches[stage.name] = _followed[state, source]
    for view in views:
        sources[view.notebook] = digest(code_of(notebooks / view.notebook))
    return Code(library, sources, reaches)


def code_differs(code: Code, files: Iterable[str], notebooks: Path, stage: Stage) -> bool:
    """Whether these files or the stage's notebook are no more what `code` says."""
    now = {name: file_digest(PACKAGE / name) if (PACKAGE / name).is_file() else None for name in files}
    return _code_digest(now, files, digest(code_of(notebooks / stage.notebook))) != code.of(stage)


def fingerprint(params: Params, inputs: Inputs, code: Code, stages: Iterable[Stage]) -> str:
    """SHA-256 of parameters, inputs and the code of the stages: the same for the same, anywhere and at any time."""
    return digest(
        {
            "params": params.model_dump(mode="json"),
            "survey": inputs.survey,
            "actions": inputs.actions,
            "promises": inputs.promises,
            "strategy": inputs.strategy,
            "code": {stage.name: code.of(stage) for stage in stages},
        }
    )


def stage_hashes(
    stage: Stage,
    params: Params,
    inputs: Inputs,
    code: Code,
    packages: Mapping[str, str],
    earlier: Mapping[str, str],
    mark: str,
) -> dict[str, str]:
    """What a stage's result hangs on, as one hash for each kind; equal hashes, equal result.

    Parameters
    ----------
    stage, params, inputs, code
    packages : mapping
        Every package that the library stands on, with its version.
    earlier : mapping
        SHA-256 of what earlier stages left, by the files' paths in the run.
    mark : str
        The run's fingerprint.
    """
    read = {
        name: sha
        for name, sha in sorted(earlier.items())
        if any(name == wanted or name.startswith(f"{wanted}/") for wanted in stage.reads)
    }
    hashes = {
        "parameters": digest({"all": stage.hangs_on(params), "notebook": stage.settings(params)}),
        "code": code.of(stage),
        "packages": digest({"versions": dict(packages), "surroundings": SURROUNDINGS}),
    }
    if stage.reads_survey:
        hashes["survey"] = digest(inputs.survey)
    if stage.reads:
        hashes["earlier results"] = digest(read)
    if stage.reads_actions:
        hashes["action log"] = digest(inputs.actions)
    if stage.reads_lists:
        hashes |= {"promises": digest(inputs.promises), "strategic choices": digest(inputs.strategy)}
    if stage.names_run:
        hashes["the run's fingerprint"] = mark
    return hashes


def git_state(notebooks: Path) -> dict[str, Any]:
    """The commit of library and notebooks, and whether they differ from it; nothing known outside of git."""
    root = PACKAGE.parent
    commit = _git(root, "rev-parse", "HEAD")
    changed = _git(root, "status", "--porcelain", "--", str(PACKAGE), str(notebooks)) if commit else None
    return {"commit": commit or None, "changed_since": None if changed is None else bool(changed)}


def _git(root: Path, *words: str) -> str | None:
    try:
        told = subprocess.run(  # noqa: S603  (fixed words, no shell)
            ["git", "--no-optional-locks", "-C", str(root), *words],  # somebody may be committing  # noqa: S607
            capture_output=True,
            text=True,
            timeout=_GIT_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return told.stdout.strip() if told.returncode == 0 else None
