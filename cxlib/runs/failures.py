"""Why a stage stopped, told to its user: stage, notebook, cell, what, where, how to mend; never an answer."""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from cxlib import errors
from cxlib.errors import CxError, Problem, StageError
from cxlib.runs import libraries, places

_ANSI = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b\][^\x07]*\x07")
_FRAME = re.compile(r"^File (\S*cxlib/\S+?\.py):(\d+)", re.MULTILINE)

# Kinds whose message speaks of code and files. The message of any other kind can quote an answer
# (ValueError: could not convert string to float: '...'), so only its kind is told.
_TELLING = {"ImportError", "ModuleNotFoundError", "NameError", "AttributeError", "FileNotFoundError", "PermissionError",
            "SyntaxError", "IndentationError"}  # fmt: skip
_MEND = {
    "MemoryError": "memory ran out: close other programs, or lower analysis.bootstrap",
    "ModuleNotFoundError": "install the locked requirements (make run does it)",
    "ImportError": "install the locked requirements (make run does it)",
    "NameError": "is a cell missing above, or was one renamed?",
}
FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}  # no room on the disk, in the quota, or for a file of that size
_FULL_TEXT = re.compile(r"^\[Errno (\d+)\]")
_INJECTED = {"injected-parameters", "papermill-error-cell-tag"}


class StageFailed(StageError):
    """A stage of a run failed.

    Attributes
    ----------
    problems : tuple of Problem
    stage, notebook : str
        Names of the stage and of its notebook.
    cell : int or None
        Number of the code cell, counted in the stage's notebook from 1.
    ename : str
        The kind of error.
    kept : Path or None
        The notebook as far as it ran.
    exit_code : int
        4, or that of the user's mistake that the stage found: 2 parameters, 3 data, 5 refused.
    """

    def __init__(
        self,
        problems: Iterable[Problem],
        stage: str,
        notebook: str,
        cell: int | None = None,
        ename: str = "",
        kept: Path | None = None,
    ) -> None:
        super().__init__(tuple(problems))
        self.stage, self.notebook, self.cell, self.ename, self.kept = stage, notebook, cell, ename, kept
        kind = _kinds().get(ename)
        self.exit_code = kind.exit_code if kind else StageError.exit_code

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.problems, self.stage, self.notebook, self.cell, self.ename, self.kept)


def plain(text: str) -> str:
    """A kernel's text without its colours."""
    return _ANSI.sub("", text)


def problems_in(text: str) -> list[Problem]:
    """The problems of a `CxError` from its message, as `Problem.__str__` writes them.

    Examples
    --------
    >>> problems_in("No column 'q1'.\\n    where: params.yaml, line 9\\n    mend:  name a column of the file")
    [Problem(what="No column 'q1'.", where='params.yaml, line 9', how='name a column of the file')]
    """
    found: list[dict[str, str]] = []
    for line in plain(text).splitlines():
        if found and line.startswith("    where: "):
            found[-1]["where"] = line.removeprefix("    where: ")
        elif found and line.startswith("    mend:  "):
            found[-1]["how"] = line.removeprefix("    mend:  ")
        elif line.strip():
            found.append({"what": line.strip()})
    return [Problem(**parts) for parts in found]


def failure(stage: str, notebook: Path, kept: Path, ename: str, evalue: str = "", trace: str = "") -> StageFailed:
    """The error for a cell that raised.

    Parameters
    ----------
    stage : str
    notebook, kept : Path
        The stage's notebook, and the copy that holds what ran.
    ename, evalue, trace : str
        The kernel's error: its kind, message and traceback.

    Returns
    -------
    StageFailed
    """
    cell, where = _place(notebook, kept)
    first = Problem(f"The stage '{stage}' stopped.", where, f"what ran is kept: {places.shown(kept)}")
    own = problems_in(evalue)
    if ename in _kinds() or any(problem.where or problem.how for problem in own):
        return StageFailed([first, *own], stage, notebook.name, cell, ename, kept)
    if ename == "OSError" and (full := _FULL_TEXT.search(evalue)) is not None and int(full[1]) in FULL:
        return StageFailed([first, *disk_full(OSError(int(full[1]), os.strerror(int(full[1]))), kept.parent).problems],
                           stage, notebook.name, cell, ename, kept)  # fmt: skip
    said = plain(evalue).strip().splitlines()[:1] if ename in _TELLING else []
    what = f"The stage '{stage}' stopped with {ename}" + (f": {said[0]}" if said else ".")
    frames = [f"{path[path.rindex('cxlib/') :]} line {line}" for path, line in _FRAME.findall(plain(trace))]
    where = "; ".join([where, *frames[-1:]])
    how = "; ".join([*([_MEND[ename]] if ename in _MEND else []), f"open what ran: {places.shown(kept)}"])
    return StageFailed([Problem(what, where, how)], stage, notebook.name, cell, ename, kept)


def stopped(stage: str, notebook: Path, kept: Path, ename: str, what: str, how: str) -> StageFailed:
    """The error for a stage that ended without an exception of its own in a cell."""
    cell, where = _place(notebook, kept)
    kept_too = f"{how}; what ran is kept: {places.shown(kept)}" if kept.exists() else how
    return StageFailed([Problem(what, where, kept_too)], stage, notebook.name, cell, ename, kept)


def could_not_run(stage: str, error: Exception) -> tuple[str, str, str]:
    """Kind, what and how for a stage that failed outside of its cells."""
    kind = type(error).__name__
    return (
        kind,
        f"The stage '{stage}' could not be run ({kind}).",
        "is there memory and disk left, and does `python -m ipykernel --version` answer?",
    )


def disk_full(error: OSError, folder: Path) -> StageError:
    """There is no room left where runs are written."""
    return StageError(
        f"The run could not be written: {error.strerror or 'no room is left'}.",
        places.shown(folder),
        "make room there (cx prune lists what can go), then run again; the last good run is as it was",
    )


def code_cells(notebook: Any) -> Iterator[tuple[int, Any]]:
    """(number, cell) of every code cell, numbered as in the stage's own notebook; an injected cell counts with its
    parameters cell."""
    number = 0
    for cell in notebook.cells:
        if cell.cell_type == "code":
            number += _INJECTED.isdisjoint(cell.metadata.get("tags", []))
            yield number, cell


def _place(notebook: Path, kept: Path) -> tuple[int | None, str]:
    """Number of the cell in which the notebook stopped, and the words for it."""
    libraries.load()
    import nbformat

    try:
        ran = nbformat.read(kept, as_version=4)
    except Exception:  # nothing was kept, or half of it: the place is then unknown, the failure is still told
        return None, notebook.name
    last: tuple[int, Any] | None = None
    for number, cell in code_cells(ran):
        seen = cell.metadata.get("papermill", {})
        if seen.get("start_time"):
            last = number, cell
        if seen.get("status") == "failed" or any(output.output_type == "error" for output in cell.get("outputs", [])):
            break
    if last is None:
        return None, notebook.name
    line = next((line for line in last[1].source.splitlines() if line.strip()), "")
    return last[0], f"{notebook.name}, code cell {last[0]} ({line.strip()[:80]})"


def _kinds() -> dict[str, type[CxError]]:
    """Every known kind of error that this library raises on purpose, by name."""
    kinds: dict[str, type[CxError]] = {}
    waiting: list[type[CxError]] = [errors.CxError]
    while waiting:
        kind = waiting.pop()
        kinds[kind.__name__] = kind
        waiting += kind.__subclasses__()
    return kinds
