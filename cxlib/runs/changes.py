"""Parameters with some values changed for one run, checked by the same model."""

from __future__ import annotations

import copy
import difflib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cxlib.errors import ParamsError, Problem, RefusedError
from cxlib.params import Params, load_params, params_from, read_yaml
from cxlib.privacy.refusals import refuse_request


def read_changed(folder: Path, changes: Mapping[str, Any]) -> Params:
    """The client's parameters with some values changed, checked by the same model.

    Parameters
    ----------
    folder : Path
        The client's folder.
    changes : mapping
        Dotted key, such as "analysis.q", -> value.

    Raises
    ------
    ParamsError
        The file is wrong, or a change is: an unknown key, a value out of range.
    RefusedError
        A change asks for a ranking or a target on a score.
    """
    params = load_params(folder)
    if not changes:
        return params
    lines = copy.copy(read_yaml(folder))
    lines.values = copy.deepcopy(lines.values)
    problems = []
    for key, value in changes.items():
        here: Any = lines.values
        *parents, last = key.split(".")
        for parent in parents:
            here = here.setdefault(parent, {}) if isinstance(here, dict) else None
        if not isinstance(here, dict) or not all([*parents, last]):
            known = ", ".join(f"{part}.{name}" for part in ("cleaning", "analysis") for name in _fields(params, part))
            close = difflib.get_close_matches(key, known.split(", "), 1)
            how = f"did you mean {close[0]}?" if close else f"for instance {known}"
            problems.append(Problem(f"'{key}' is no key of the parameters.", f"--set {key}", how))
            continue
        here[last] = value
    where = ", ".join(f"--set {key}" for key in changes)
    refused = refuse_request(lines.values)
    if refused:
        raise RefusedError([Problem(problem.what, where, problem.how) for problem in refused])
    try:
        params = params_from(lines, folder)
    except ParamsError as error:  # the file itself is right: it was read above
        problems += [Problem(problem.what, _typed(problem.where, changes), problem.how) for problem in error.problems]
    if problems:
        raise ParamsError(problems)
    return params


def _typed(where: str, changes: Mapping[str, Any]) -> str:
    """The change that a place of the file means, which ends with its key as in 'params.yaml, line 9 (analysis.q)'."""
    found = where.removesuffix(")").rpartition("(")[2]
    if found in changes:
        return f"--set {found}"
    near = [key for key in changes if found.startswith(f"{key}.") or key.startswith(f"{found}.")]
    return f"{', '.join(f'--set {key}' for key in near or changes)}: {where}"


def _fields(params: Params, part: str) -> list[str]:
    return list(type(getattr(params, part)).model_fields)
