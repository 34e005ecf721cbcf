"""What must be the same where runs are made for one batch: code, versions, surroundings."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from functools import cache
from typing import Any

from cxlib import __version__
from cxlib.errors import ParamsError, Problem
from cxlib.runs import manifest, packages
from cxlib.runs.stages import STAGES, VIEWS, find_notebooks

# One thread a process: sums come out in the same order, and two clients on one machine do not fight for its cores.
ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
_SHOWN = 5


@cache
def what_is_here() -> dict[str, Any]:
    """Version and code of the workbench, versions of packages, encoding of texts: of this process."""
    return {
        "cxlib": __version__,
        "code": _code(),
        "packages": packages.all_versions(),
        "encoding": sys.getfilesystemencoding(),
    }


def _code() -> str:
    """One hash of the library, and of the code of the notebooks: opening one and saving it changes nothing."""
    endings = {".py", ".csv", ".css", ".js", ".j2", ".html"}
    files = sorted(path for path in manifest.PACKAGE.rglob("*") if path.suffix in endings)
    library = {path.relative_to(manifest.PACKAGE).as_posix(): manifest.file_digest(path) for path in files}
    sources, folder = {}, find_notebooks()
    for item in (*STAGES, *VIEWS):
        cells = json.loads((folder / item.notebook).read_text(encoding="utf-8"))["cells"]
        sources[item.notebook] = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    return manifest.digest({"library": library, "notebooks": sources})


def digest(here: Mapping[str, Any]) -> str:
    """One hash of `what_is_here`."""
    return manifest.digest(dict(here))


def look_at_worker() -> dict[str, Any]:
    """What a worker answers when it is asked; also when the workbench is not there as it should be."""
    told: dict[str, Any] = {"threads": {name: os.environ.get(name, "") for name in ONE_THREAD}}
    try:
        told["here"] = what_is_here()
    except ParamsError as error:
        told["wrong"] = str(error.problems[0].what)
    return told


def differences(here: Mapping[str, Any], workers: Mapping[str, Any], threads: Mapping[str, int]) -> list[Problem]:
    """What keeps workers from making the same runs as this machine.

    Parameters
    ----------
    here : mapping
        `what_is_here` of this machine.
    workers : mapping
        Worker's address -> its `look_at_worker`, or None when it could not answer.
    threads : mapping
        Worker's address -> clients that it would run at once.
    """
    problems = []
    for address, told in sorted(workers.items()):
        where = f"worker {address}"
        if not isinstance(told, dict) or "threads" not in told:
            how = "install the same version of the workbench there"
            what = "The workbench is not installed at this worker, or is another version."
            problems.append(Problem(what, where, how))
            continue
        if "wrong" in told:
            problems.append(Problem(f"The worker cannot run stages: {told['wrong']}", where, "copy the whole project"))
            continue
        problems += [Problem(what, where, how) for what, how in _unlike(here, told["here"])]
        many = [name for name, value in told["threads"].items() if value != "1"]
        if many:
            how = f"start it with {' '.join(f'{name}=1' for name in many)} in its environment"
            problems.append(Problem("The worker would calculate with several threads at once.", where, how))
        if threads.get(address, 1) != 1:
            how = "start it with --nthreads 1, and more workers with --nworkers"
            problems.append(Problem(f"The worker would run {threads[address]} clients at once.", where, how))
    return problems


def _unlike(here: Mapping[str, Any], there: Mapping[str, Any]) -> list[tuple[str, str]]:
    found = []
    if here["cxlib"] != there["cxlib"]:
        found.append(
            (
                f"The worker has version {there['cxlib']} of the workbench, this machine {here['cxlib']}.",
                "install the same version on both",
            )
        )
    elif here["code"] != there["code"]:
        found.append(
            (
                "The worker has another code of the workbench or of its notebooks than this machine.",
                "bring both to the same commit, and start the worker again",
            )
        )
    both = here["packages"], there["packages"]
    other = sorted(name for name in {*both[0], *both[1]} if both[0].get(name) != both[1].get(name))
    if other:
        mine, theirs = ({name: versions.get(name, "missing") for name in other} for versions in both)
        named = [f"{name} {theirs[name]}, here {mine[name]}" for name in other]
        more = f"; and {len(other) - _SHOWN} more" if len(other) > _SHOWN else ""
        found.append(
            (
                f"The worker has other versions of packages: {'; '.join(named[:_SHOWN])}{more}.",
                "install requirements.lock on both",
            )
        )
    if here["encoding"] != there["encoding"]:
        found.append(("The worker reads texts in another encoding.", "start it with PYTHONUTF8=1"))
    return found
