"""Which notebooks of a run are executed for each visitor: those that hold something of somebody's own.

The three view notebooks, as a run fills them in, show what can be rendered beforehand: no kernel is started for them.
One that was changed since, and any further notebook beside them, is a live page.
"""

from __future__ import annotations

import ast
import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cxlib.views.material import read_manifest
from cxlib.views.rendering import PAGES
from cxlib.words import LANGUAGES

VIEWS = "views"
FILLED_IN = "injected-parameters"  # the tag of the cell that a run adds
PARAMETERS = ("parameters", FILLED_IN)
LONGEST_TITLE = 120


@dataclass(frozen=True)
class LivePage:
    """A notebook that is executed at each visit.

    Attributes
    ----------
    name : str
        Its file's name without the ending; anything that a file may be called.
    title : str
        Its first heading, or its name.
    headed : bool
        Whether it has such a heading itself.
    language : {'vi', 'en'} or None
        Shown first, where its parameters name one.
    """

    name: str
    title: str
    headed: bool = False
    language: str | None = None

    @property
    def file(self) -> str:
        """The file's name."""
        return f"{self.name}.ipynb"

    @property
    def further(self) -> bool:
        """Whether it stands beside the three pages, and is not one of them."""
        return self.name not in PAGES


def live_pages(run_folder: str | Path) -> tuple[LivePage, ...]:
    """The notebooks of a run that hold something of somebody's own.

    Parameters
    ----------
    run_folder : str or Path

    Returns
    -------
    tuple of LivePage
        Sorted by name. A view notebook counts as the run's own when its cells and parameters are those that the run's
        manifest tells of, whatever version of the workbench made it. Hidden files, links and what lies in folders
        below `views/` are no pages.
    """
    folder = Path(run_folder)
    manifest = read_manifest(folder)
    found = []
    for path in sorted((folder / VIEWS).glob("*.ipynb")):
        if path.name.startswith(".") or path.is_symlink() or not path.is_file() or not _can_be_told(path.stem):
            continue
        cells = _cells(path)
        if path.stem in PAGES and is_as_filled_in(cells, f"{VIEWS}/{path.name}", manifest):
            continue
        heading = _heading(cells)
        found.append(LivePage(path.stem, heading or path.stem, bool(heading), _language(cells)))
    return tuple(found)


def is_as_filled_in(cells: Iterable[dict[str, Any]] | None, notebook: str, manifest: dict[str, Any]) -> bool:
    """Whether a notebook holds what its run has filled in, and nothing else.

    Parameters
    ----------
    cells : iterable of dict, or None
        As they stand in the file now; None where it cannot be read.
    notebook : str
        Its name in the manifest, such as "views/findings.ipynb".
    manifest : dict
        The run's: the digest of the notebook's cells, the run's name and the language of its pages.

    Notes
    -----
    What executing or opening a notebook leaves (outputs, empty cells, metadata) makes no difference.
    """
    if cells is None:
        return False
    written = [cell for cell in cells if _source(cell).strip()]
    if any(cell.get("cell_type") != "code" for cell in written):
        return False
    sources: dict[bool, list[str]] = {True: [], False: []}
    for cell in written:
        sources[FILLED_IN in _tags(cell)].append(_source(cell))
    known = _inside(manifest, "code", "notebooks", notebook)
    if not known or len(sources[True]) != 1 or cells_digest(sources[False]) != known:
        return False
    told = _literals(sources[True][0])
    language = _inside(manifest, "parameters", "language")
    run_dir = told.pop("run_dir", None)
    return told == {"language": language} and isinstance(run_dir, str) and Path(run_dir).name == manifest.get("run")


def cells_digest(sources: list[str]) -> str:
    """SHA-256 of cells as the manifest writes it down; a test holds the two equal."""
    return hashlib.sha256(json.dumps(sources, ensure_ascii=False, allow_nan=False).encode("utf-8")).hexdigest()


def _cells(path: Path) -> list[dict[str, Any]] | None:
    try:
        cells = json.loads(path.read_bytes())["cells"]
    except (OSError, ValueError, LookupError, TypeError):
        return None
    return cells if isinstance(cells, list) and all(isinstance(cell, dict) for cell in cells) else None


def _source(cell: dict[str, Any]) -> str:
    source = cell.get("source", "")
    return source if isinstance(source, str) else "".join(map(str, source))


def _tags(cell: dict[str, Any]) -> list[str]:
    return _inside(cell, "metadata", "tags") or []


def _inside(value: Any, *keys: str) -> Any:
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _literals(source: str) -> dict[str, Any]:
    """Name -> value of lines `name = literal`; of anything else, a name that no parameter has."""
    told = {}
    try:
        for line in ast.parse(source).body:
            simple = isinstance(line, ast.Assign) and len(line.targets) == 1 and isinstance(line.targets[0], ast.Name)
            told[line.targets[0].id if simple else ""] = ast.literal_eval(line.value) if simple else None  # type: ignore
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        told[""] = None
    return told


def _heading(cells: list[dict[str, Any]] | None) -> str:
    for cell in cells or ():
        if cell.get("cell_type") == "markdown":
            for line in _source(cell).splitlines():
                if line.startswith("#") and line.strip("# "):
                    return line.strip("# ")[:LONGEST_TITLE]
    return ""


def _language(cells: list[dict[str, Any]] | None) -> str | None:
    told: dict[str, Any] = {}
    for cell in cells or ():
        if set(PARAMETERS) & set(_tags(cell)):
            told |= _literals(_source(cell))
    return told.get("language") if told.get("language") in LANGUAGES else None


def _can_be_told(name: str) -> bool:
    """Whether a file's name is text; a file system may hold any bytes."""
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
