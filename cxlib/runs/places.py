"""Where things lie: the run folder's names, and how a written path is found again."""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path
from typing import Any

from cxlib.errors import ParamsError

HOME = "CX_HOME"  # the folder that holds `outputs`, told to kernels by environment so that no notebook keeps it

PARAMS = "params.json"
MANIFEST = "manifest.json"
INTAKE = "intake.json"
RESPONSES = "responses.parquet"
SET_ASIDE = "set_aside.parquet"
LEDGER = "ledger.csv"
DRIVERS = "drivers.csv"
# Further tables of the drivers stage, one file each.
FACTOR_TABLES = (
    "associations", "importance", "comparisons", "specifications", "groups", "halo", "sensitivity", "reliability",
    "design",
)  # fmt: skip
TRENDS = "trends.csv"
CHANGE = "change.csv"
PERIODS = "periods.csv"
EVENTS = "event_study.csv"
HISTORY = "history.json"
FINDINGS = "findings.json"
FIGURES = "figures"
NOTEBOOKS = "notebooks"
VIEWS = "views"
LATEST = "latest"
LOCK = ".lock"
SCRATCH = "scratch"


def write_json(path: Path, value: Any) -> None:
    """Write JSON in one step: a reader sees the old file or the new one, never half of one.

    The order of keys is kept: that of steps, factors and outcomes is the client's, and pages follow it.
    """
    text = json.dumps(value, ensure_ascii=False, indent=1, allow_nan=False) + "\n"
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        temporary.write_text(text, encoding="utf-8", newline="\n")
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def read_json(path: Path) -> dict[str, Any]:
    """A JSON object that a run has left.

    Raises
    ------
    ParamsError
        Not there, or not JSON.
    """
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        value = None
    if not isinstance(value, dict):
        raise ParamsError(
            f"{path.name} is missing or cannot be read.",
            shown(path),
            "name the folder of a run, such as outputs/demo/latest; `cx runs` lists them",
        )
    return value


def shown(path: Path) -> str:
    """A path as a message shows it: below the working directory without it, else in full."""
    try:
        return Path(path).absolute().relative_to(Path.cwd()).as_posix()
    except ValueError:
        return str(path)


def follow(path: Path) -> Path:
    """The folder behind `latest`, which is a link, or a file that names the run where links cannot be made."""
    if path.name == LATEST and path.is_file():
        name = path.read_text(encoding="utf-8").strip()
        if name and Path(name).name == name:
            path = path.with_name(name)
    return path.resolve()


def find_run_folder(run_dir: str | Path) -> Path:
    """The folder a notebook's `run_dir` means.

    Parameters
    ----------
    run_dir : str or Path
        Absolute, or relative: then it is looked for below $CX_HOME, and after that from the working directory
        upwards.

    Raises
    ------
    ParamsError
        There is no such folder.
    """
    wanted = Path(run_dir)
    below = [Path(os.environ[HOME])] if os.environ.get(HOME) else []
    below += [Path.cwd(), *Path.cwd().parents]
    for base in below:
        folder = follow(base / wanted)
        if folder.is_dir():
            return folder
    for base in (Path.cwd(), *Path.cwd().parents):  # a run that was copied elsewhere, opened from inside of it
        if (base / MANIFEST).is_file() and read_json(base / MANIFEST).get("run") == wanted.name:
            return base
    raise ParamsError(
        f"There is no run folder {wanted.as_posix()}.",
        f"run_dir, looked for from {Path.cwd()} upwards",
        "run the client first (cx run CLIENT), or name a run that `cx runs` lists",
    )
