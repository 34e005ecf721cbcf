"""What a page is made of: the run's findings.json and its figures, read and nothing computed."""

from __future__ import annotations

import csv
import io
import json
import os
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from cxlib.errors import ParamsError
from cxlib.findings.schema import Document

MANIFEST = "manifest.json"
HOME = "CX_HOME"  # the folder that relative run folders are looked for in first
AS_IT_IS = re.compile(r"[^\w .,:;=/()*+!?@$~“”–—-]")  # signs that an address inside an attribute cannot hold plainly


@dataclass(frozen=True)
class Picture:
    """A figure: its caption, its words, one svg a language, and its numbers (first row: the column names)."""

    title: dict[str, str]
    alt: dict[str, str]
    svg: dict[str, bytes]
    rows: tuple[dict[str, str], ...]
    ways: Picture | None = None  # the curve over all ways of looking; none in runs of earlier versions

    def source(self, language: str) -> str:
        """The svg as a data address: a picture inside the page, whose scripts, had it any, never run."""
        return "data:image/svg+xml;charset=utf-8," + AS_IT_IS.sub(_in_percent, self.svg[language].decode("utf-8"))


@dataclass(frozen=True)
class Material:
    """Everything a page reads.

    Attributes
    ----------
    document : Document
    pictures : dict of str to Picture
    by_hand : tuple of str
        Names of the stages that somebody made by hand, and the run adopted.
    """

    document: Document
    pictures: dict[str, Picture]
    by_hand: tuple[str, ...] = ()


def find_run(run_dir: str | Path) -> Path:
    """The run's folder.

    Parameters
    ----------
    run_dir : str or Path
        Absolute, or looked for below $CX_HOME, then from the working directory upwards. A view notebook whose run
        was moved still shows the run it lies in.

    Raises
    ------
    ParamsError
        No folder of that name holds a findings.json.
    """
    asked = Path(run_dir)
    here = Path.cwd()
    places = [asked] if asked.is_absolute() else [folder / asked for folder in (here, *here.parents)]
    if not asked.is_absolute() and os.environ.get(HOME):
        places.insert(0, Path(os.environ[HOME]) / asked)
    if here.name == "views":
        places.append(here.parent)
    for place in places:
        if (place / "findings.json").is_file():
            return place.resolve()
    raise ParamsError(
        "There is no run with findings here.",
        where=str(run_dir),
        how="Run the client first (cx run), or name the folder of a finished run.",
    )


def read_material(folder: Path) -> Material:
    """Read a run's findings.json, its figures, and what its manifest says of stages made by hand.

    Parameters
    ----------
    folder : Path
        The run's folder.

    Raises
    ------
    ParamsError
        findings.json is missing, or of another version than these pages can read.
    """
    path = Path(folder) / "findings.json"
    try:
        document = Document.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        raise ParamsError(
            "The run has no findings.json.", where=path.name, how="Run the client again with cx run."
        ) from None
    except ValueError:  # pydantic's message would repeat the values
        raise ParamsError(
            "findings.json is not of the form that these pages read.",
            where=path.name,
            how="Run the client again with this version of the workbench.",
        ) from None
    stages = read_manifest(Path(folder)).get("stages") or ()
    by_hand = tuple(line["name"] for line in stages if line.get("status") == "adopted")
    return Material(document, _pictures(Path(folder) / "figures"), by_hand)


def read_manifest(folder: Path) -> dict[str, Any]:
    """A run's manifest; empty where there is none, or none that can be read."""
    try:
        value = json.loads((folder / MANIFEST).read_bytes())
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}


def _in_percent(found: re.Match) -> str:
    return _quoted(found[0])


@cache
def _quoted(sign: str) -> str:
    return quote(sign, safe="")


def _pictures(folder: Path) -> dict[str, Picture]:
    index = folder / "index.json"
    if not index.is_file():
        return {}
    entries = json.loads(index.read_text(encoding="utf-8"))
    return {name: _picture(folder, entry) for name, entry in entries.items()}


def _picture(folder: Path, entry: dict) -> Picture:
    def inside(name: str) -> Path:
        return folder / Path(name).name  # the index names files of its own folder, never a path

    numbers = inside(entry["csv"]).read_text(encoding="utf-8")
    return Picture(
        title=entry["title"],
        alt=entry["alt"],
        svg={language: inside(name).read_bytes() for language, name in entry["svg"].items()},
        rows=tuple(csv.DictReader(io.StringIO(numbers))),
        ways=_picture(folder, entry["ways"]) if "ways" in entry else None,
    )
