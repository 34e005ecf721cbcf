"""Read a notebook and refuse it before it runs, where papermill would run it wrongly and say nothing."""

from __future__ import annotations

import ast
import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cxlib.errors import Problem, StageError
from cxlib.runs import libraries, places

KERNEL = "python3"
TAG = "parameters"
SWALLOWING = ("raises-exception", "skip-execution")  # tags with which a failed or unexecuted cell passes for a good one


def read_notebook(path: Path) -> Any:
    """A notebook as nbformat knows it, version 4.

    Raises
    ------
    StageError
        Not there, or no notebook.
    """
    libraries.load()
    import nbformat

    try:
        return nbformat.reads(path.read_text(encoding="utf-8"), as_version=4)
    except FileNotFoundError:
        raise StageError("There is no such notebook.", places.shown(path), "restore it from the project") from None
    except Exception as error:  # nbformat raises its own, json's and jsonschema's kinds
        raise StageError(
            f"The notebook cannot be read ({type(error).__name__}).", places.shown(path), "restore it from the project"
        ) from None


def code_of(path: Path) -> list[str]:
    """The sources of a notebook's code cells, read without checking its form: fast.

    Raises
    ------
    StageError
        Not there, or no notebook.
    """
    try:
        cells = json.loads(path.read_bytes())["cells"]
        return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    except (OSError, ValueError, KeyError, TypeError):
        return [cell.source for cell in read_notebook(path).cells if cell.cell_type == "code"]


def defaults_of(notebook: Any) -> dict[str, Any]:
    """Name -> value of the parameters cell of a notebook that `check_notebook` finds right."""
    cell = next(cell for cell in notebook.cells if TAG in cell.metadata.get("tags", []))
    return {_target(line): ast.literal_eval(line.value) for line in ast.parse(cell.source).body}  # type: ignore


def check_notebook(path: Path, parameters: Mapping[str, Any]) -> list[Problem]:
    """What would go wrong silently if papermill ran this notebook with these parameters.

    Parameters
    ----------
    path : Path
        The notebook.
    parameters : mapping of str
        What the run would pass to it.

    Returns
    -------
    list of Problem
        No `parameters` cell or two of them (the notebook's own values would win); no python3 kernel; a parameters cell
        that computes something (it would keep the default); a parameter that the notebook does not know; a value that
        would arrive as a text; a tag that hides a failure.

    Raises
    ------
    StageError
        The file is not there or no notebook.
    """
    notebook = read_notebook(path)
    name = path.name
    problems = []
    spec = notebook.metadata.get("kernelspec", {})
    if spec.get("name") != KERNEL or spec.get("language", "python") != "python":
        problems.append(
            Problem(
                f"The notebook does not name the kernel {KERNEL}.",
                f"{name}, metadata.kernelspec",
                f'restore "kernelspec": {{"name": "{KERNEL}", "language": "python", "display_name": "Python 3"}}',
            )
        )
    for number, cell in enumerate(notebook.cells, start=1):
        for tag in SWALLOWING:
            if tag in cell.metadata.get("tags", []):
                problems.append(
                    Problem(f"The tag '{tag}' would hide a failure.", f"{name}, cell {number}", "remove it")
                )
    tagged = [
        (number, cell)
        for number, cell in enumerate(notebook.cells, start=1)
        if TAG in cell.metadata.get("tags", []) and cell.cell_type == "code"
    ]
    if len(tagged) != 1:
        problems.append(
            Problem(
                f"{len(tagged) or 'No'} cells are tagged '{TAG}'; exactly one is needed.",
                name + (", cells " + ", ".join(str(number) for number, _ in tagged) if tagged else ""),
                f"tag the cell that holds the settings, and no other, with '{TAG}' (JupyterLab: property inspector)",
            )
        )
    else:
        problems += _check_cell(name, *tagged[0], parameters)
    return problems + _unsafe(name, parameters)


def _check_cell(name: str, number: int, cell: Any, parameters: Mapping[str, Any]) -> list[Problem]:
    where = f"{name}, cell {number}"
    try:
        lines = ast.parse(cell.source).body
    except SyntaxError as error:
        return [Problem("The parameters cell is not plain Python.", f"{where}, line {error.lineno}", "name = literal")]
    problems, known = [], []
    for line in lines:
        target = _target(line)
        if target is not None:
            known.append(target)
        if target is None or not _is_literal(getattr(line, "value", None)):
            problems.append(
                Problem(
                    "A line of the parameters cell is no plain setting: what it computes would keep the default.",
                    f"{where}, line {line.lineno}",
                    "write name = literal there, and compute in a cell below",
                )
            )
    for twice in sorted({target for target in known if known.count(target) > 1}):
        problems.append(Problem(f"The parameter '{twice}' is set twice.", where, "keep one of the two lines"))
    for unknown in sorted(set(parameters) - set(known)):
        problems.append(
            Problem(
                f"The notebook does not know the parameter '{unknown}'.",
                where,
                f"it knows {', '.join(known) or 'none'}; add a line {unknown} = ... with its meaning",
            )
        )
    return problems


def _target(line: ast.stmt) -> str | None:
    if isinstance(line, ast.Assign) and len(line.targets) == 1 and isinstance(line.targets[0], ast.Name):
        return line.targets[0].id
    if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name):
        return line.target.id
    return None


def _is_literal(value: ast.expr | None) -> bool:
    if value is None:
        return False
    try:
        ast.literal_eval(value)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return False
    return True


def _unsafe(name: str, parameters: Mapping[str, Any]) -> list[Problem]:
    """Values that would reach the notebook as something else; exact types, since np.float64 is a float too."""
    return [
        Problem(
            f"The value of '{key}' is a {kind}, which would reach the notebook as a text.",
            f"parameters of {name}",
            "pass a text, a whole number, a number, true, false, nothing, or a list or mapping of these",
        )
        for key, value in parameters.items()
        if (kind := _unsafe_kind(value)) is not None
    ]


def _unsafe_kind(value: Any) -> str | None:
    if value is None or type(value) in (str, bool, int):
        return None
    if type(value) is float:
        return None if math.isfinite(value) else "number that is not finite"
    if type(value) is list:
        return next((kind for item in value if (kind := _unsafe_kind(item))), None)
    if type(value) is dict:
        return next((kind for item in [*value, *value.values()] if (kind := _unsafe_kind(item))), None)
    return type(value).__name__


def fill_in(path: Path, kept: Path, parameters: Mapping[str, Any], *, known: bool = False) -> None:
    """Write a notebook with a cell of parameters below its own, and run nothing.

    Parameters
    ----------
    path, kept : Path
        The notebook, and where the filled-in copy goes.
    parameters : mapping
        As `check_notebook` finds them right.
    known : bool
        An earlier run has found this notebook right: it is not checked again.

    Raises
    ------
    StageError
        The notebook would run wrongly.
    """
    notebook = json.loads(path.read_bytes()) if known else None
    cells = notebook["cells"] if known else []
    tagged = [number for number, cell in enumerate(cells) if TAG in cell["metadata"].get("tags", [])]
    if len(tagged) != 1:
        problems = check_notebook(path, parameters)
        if problems:
            raise StageError(problems)
        notebook = json.loads(path.read_bytes())
        cells = notebook["cells"]
        tagged = [number for number, cell in enumerate(cells) if TAG in cell["metadata"].get("tags", [])]
    own = tagged[0]
    lines = ["# Parameters\n", *(f"{name} = {_literal(value)}\n" for name, value in parameters.items())]
    filled = {
        "cell_type": "code",
        "execution_count": None,
        "id": "injected-parameters",
        "metadata": {"tags": ["injected-parameters"]},
        "outputs": [],
        "source": lines,
    }
    notebook["cells"] = [*cells[: own + 1], filled, *cells[own + 1 :]]
    notebook["metadata"]["papermill"] = {
        "input_path": path.name,
        "output_path": kept.name,
        "parameters": dict(parameters),
    }
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_text(json.dumps(notebook, ensure_ascii=False, indent=1) + "\n", encoding="utf-8", newline="\n")


def _literal(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)
