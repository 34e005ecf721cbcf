"""Read `params.yaml`, and name everything that is wrong in it at once."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from cxlib.errors import ParamsError, Problem
from cxlib.params.agree import disagreements, nearest
from cxlib.params.lines import Lines, Place, read_lines
from cxlib.params.model import Params

FILE = "params.yaml"

# What pydantic calls a mistake, and what a consultant needs to hear. {…} are filled from the error's context.
_SAID = {
    "missing": ("'{name}' is missing", "add it"),
    "string_type": ("'{name}' is not a text", "put it in quotes"),
    "string_too_short": ("'{name}' is empty", "fill it in, or leave the key out"),
    "string_too_long": ("'{name}' is longer than {max_length} signs", "shorten it"),
    "string_pattern_mismatch": ("'{name}' is no plain name", "small letters, digits, - and _, at most 40"),
    "int_type": ("'{name}' is not a whole number", "write a whole number without quotes"),
    "int_parsing": ("'{name}' is not a whole number", "write a whole number without quotes"),
    "int_from_float": ("'{name}' is not a whole number", "write a whole number without a point"),
    "float_type": ("'{name}' is not a number", "write a number without quotes"),
    "float_parsing": ("'{name}' is not a number", "write a number without quotes"),
    "bool_type": ("'{name}' is neither true nor false", "write true or false"),
    "bool_parsing": ("'{name}' is neither true nor false", "write true or false"),
    "greater_than": ("'{name}' must be above {gt}", "raise it"),
    "greater_than_equal": ("'{name}' must be at least {ge}", "raise it; a limit may be raised, never lowered"),
    "less_than": ("'{name}' must be below {lt}", "lower it"),
    "less_than_equal": ("'{name}' must be at most {le}", "lower it"),
    "too_short": ("'{name}' needs at least {min_length}", "add one"),
    "too_long": ("'{name}' has more than {max_length} items", "keep {max_length}"),
    "date_type": ("'{name}' is not a date", "write it as 2026-01-31"),
    "date_parsing": ("'{name}' is not a date", "write it as 2026-01-31"),
    "date_from_datetime_parsing": ("'{name}' is not a date", "write it as 2026-01-31"),
    "date_from_datetime_inexact": ("'{name}' is a day with a time", "write the day alone, as 2026-01-31"),
    "literal_error": ("'{name}' is not one of {expected}", "choose one of them"),
    "dict_type": ("'{name}' is not a set of keys", "write it as key: value lines, indented below"),
    "tuple_type": ("'{name}' is not a list", "write it as [a, b]"),
    "list_type": ("'{name}' is not a list", "write it as [a, b]"),
    "model_type": ("'{name}' is not a set of keys", "write it as key: value lines, indented below"),
}


def _model_at(place: Place) -> type[BaseModel] | None:
    """The part of the model that a place of the file belongs to."""
    here: Any = Params
    for part in place:
        if isinstance(here, type) and issubclass(here, BaseModel):
            field = here.model_fields.get(str(part))
            here = field.annotation if field else None
        else:
            here = next(
                (kind for kind in reversed(get_args(here)) if kind is not Ellipsis and kind is not type(None)), None
            )
        while here is not None and not isinstance(here, type) and type(None) in get_args(here):
            here = next(kind for kind in get_args(here) if kind is not type(None))
    return here if isinstance(here, type) and issubclass(here, BaseModel) else None


def _problem(error: Any, lines: Lines) -> Problem:
    place: Place = tuple(part for part in error["loc"] if part != "[key]")
    name = str(place[-1] + 1 if place and isinstance(place[-1], int) else place[-1]) if place else "params"
    if error["type"] == "extra_forbidden":
        model = _model_at(place[:-1])
        known = list(model.model_fields) if model else []
        how = nearest(name, known) or f"known here: {', '.join(known)}"
        return Problem(f"The key '{name}' is not known.", lines.where(place), how)
    if error["type"] in _SAID:
        what, how = _SAID[error["type"]]
        filled = {"name": name, **error.get("ctx", {})}
        return Problem(what.format(**filled) + ".", lines.where(place), how.format(**filled))
    said = str(error.get("ctx", {}).get("error") or error["msg"])
    return Problem(f"'{name}': {said}.", lines.where(place), "")


def _find_problems(lines: Lines) -> tuple[list[Problem], list[Place]]:
    problems, places = list(lines.problems), []
    for place, what, how in disagreements(lines.values):
        problems.append(Problem(f"{what[0].upper()}{what[1:]}.", lines.where(place), how))
        places.append(place)
    try:
        Params.model_validate(lines.values)
    except ValidationError as wrong:
        for error in wrong.errors(include_url=False, include_input=False):
            if error["loc"]:  # an error of the whole is a disagreement, named above
                problems.append(_problem(error, lines))
                places.append(tuple(error["loc"]))
    return problems, places


def read_yaml(folder: Path) -> Lines:
    """The client's `params.yaml` as plain values with their lines, before it is checked."""
    return read_lines(Path(folder) / FILE)


def params_from(lines: Lines, folder: Path | None = None) -> Params:
    """The typed model of values read by `read_yaml`.

    Parameters
    ----------
    lines : Lines
    folder : Path, optional
        The client's folder; its name must be the client's.

    Raises
    ------
    ParamsError
        Every problem at once, each with file, line and key.
    """
    problems, _ = _find_problems(lines)
    client = lines.values.get("client")
    if folder is not None and isinstance(client, str) and client != Path(folder).resolve().name:
        problems.append(
            Problem(
                f"The client is called '{client}', its folder '{Path(folder).resolve().name}'.",
                lines.where(("client",)),
                "give both the same name, so that no run lands with another client",
            )
        )
    if problems:
        raise ParamsError(problems)
    return Params.model_validate(lines.values)


def load_params(folder: Path) -> Params:
    """Read and check the parameters of a client.

    Parameters
    ----------
    folder : Path
        The client's folder, which holds `params.yaml`.

    Returns
    -------
    Params

    Raises
    ------
    ParamsError
        Every problem at once, each with file, line and key.
    """
    return params_from(read_yaml(folder), Path(folder))


def salvage(lines: Lines) -> tuple[Params | None, list[str]]:
    """As much of wrong parameters as can be used to look at the data too.

    Parameters
    ----------
    lines : Lines

    Returns
    -------
    params : Params or None
        The model without the parts that are wrong; None when nothing usable is left.
    dropped : list of str
        Keys of outcomes and factors that were left out.
    """
    left = Lines(lines.name, copy.deepcopy(lines.values), {}, [])
    before = [*(_keys(left, "outcomes")), *(_keys(left, "factors"))]
    for _ in range(6):  # each pass can bring to light what the one before hid
        _, places = _find_problems(left)
        if not places:
            params = Params.model_validate(left.values)
            return params, [key for key in before if key not in params.questions]
        for place in sorted(places, key=len, reverse=True):
            _remove(left.values, place)
    return None, before


def _keys(lines: Lines, part: str) -> list[str]:
    value = lines.values.get(part)
    return list(value) if isinstance(value, dict) else []


def _remove(values: Any, place: Place) -> None:
    """Take out the item a place belongs to: a question or file as a whole, else the key itself."""
    depth = 3 if place[:1] == ("data",) else 2
    whole = place[:depth] if place[0] in ("outcomes", "factors", "segments", "steps", "data") else place
    here = values
    for part in whole[:-1]:
        here = here.get(part) if isinstance(here, dict) else here[part] if isinstance(here, list) else None
        if here is None:
            return
    if isinstance(here, dict):
        here.pop(whole[-1], None)
        if whole == ("title",) or place[0] == "title":
            values["title"] = {"vi": "-", "en": "-"}
        if place[0] == "client":
            values["client"] = "client"
    elif isinstance(here, list) and isinstance(whole[-1], int) and whole[-1] < len(here):
        del here[whole[-1]]
