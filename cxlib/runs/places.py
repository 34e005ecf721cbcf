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

# What the parts of a manifest are that others read; any may be missing, in a run of an earlier version for instance.
_RECORD = {
    "changes": dict, "parameters": dict, "inputs": dict, "code": dict, "packages": dict, "all_packages": dict,
    "found": dict, "stages": list, "seconds": int | float,
}  # fmt: skip
_INPUTS = {"survey": dict}
_CODE = {"files": dict, "notebooks": dict}
_STAGE = {
    "name": str, "notebook": str, "hangs_on": dict, "artefacts": dict, "reaches": list, "seconds": int | float,
    "seconds_then": int | float,
}  # fmt: skip


def write_json(path: Path, value: Any) -> None:
    """Write JSON in one step: a reader sees the old file or the new one, never half of one.

    The order of keys is kept: that of steps, factors and outcomes is the client's, and pages follow it.
    """
    _write(path, json.dumps(value, ensure_ascii=False, indent=1, allow_nan=False) + "\n")


def write_sorted_json(path: Path, value: Any) -> None:
    """The same with keys in the order of the alphabet, as findings.json is written."""
    _write(path, json.dumps(value, ensure_ascii=False, sort_keys=True, indent=1, allow_nan=False) + "\n")


def _write(path: Path, text: str) -> None:
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


def read_record(folder: Path, needed: tuple[str, ...] = ()) -> dict[str, Any]:
    """The manifest of a run.

    Parameters
    ----------
    folder : Path
        The run's folder.
    needed : tuple of str
        Fields that must be texts.

    Raises
    ------
    ParamsError
        Not there, not JSON, or edited until it is no more of the form that a run gives it.
    """
    record = read_json(folder / MANIFEST)
    if _has_form(record) and all(isinstance(record.get(name), str) for name in needed):
        return record
    raise ParamsError(
        f"{MANIFEST} of this run is not of the form that a run gives it.",
        shown(folder / MANIFEST),
        "restore it from a copy, or name another run; `cx runs` lists them",
    )


def _has_form(record: dict[str, Any]) -> bool:
    parts = [(record, _RECORD), (record.get("inputs") or {}, _INPUTS), (record.get("code") or {}, _CODE)]
    if not all(_fits(*part) for part in parts):
        return False
    return all(_fits(line, _STAGE) and line.get("name") for line in record.get("stages") or [])


def _fits(value: Any, kinds: dict[str, Any]) -> bool:
    return isinstance(value, dict) and all(
        value.get(name) is None or isinstance(value[name], kind) for name, kind in kinds.items()
    )


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
