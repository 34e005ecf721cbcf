"""The fields of an action as options of a command, as JSON, and as questions on a terminal."""

from __future__ import annotations

import inspect
import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from cxlib.errors import ParamsError, Problem

TEXTS = ("what", "owner_role", "comparison_because", "expected", "also", "decided_by", "stopped_because")
HELP = {
    "factors": "Keys of the factors it answers, parted by ';'.",
    "what": "What is done, in one sentence.",
    "owner_role": "The role that answers for it; a person's name is refused.",
    "scope": "Where: all, or column=value pairs parted by ';', or step=KEY.",
    "scope_chosen_by": "random, worst in WAVE, worst, volunteers, everyone or other.",
    "comparison": "Where it is not done, to compare with: pairs as in --scope, or none; everywhere else if left out.",
    "comparison_because": "Why those are not acted on.",
    "start": "First day, as 2026-01-31.",
    "starts": "One after another: unit=day pairs parted by ';'.",
    "full_effect": "The day from which on it works in full.",
    "due": "The day by which it is done, or decided when --status none.",
    "status": "planned, doing, done, stopped, or none: decided not to act yet.",
    "direction": "up or down: where the rating of the factor is expected to move.",
    "expected": "What should change, in words.",
    "smallest_worthwhile": "Smallest change worth the effort, in points of the factor's scale.",
    "look_on": "When the change will be looked at: days parted by ';'.",
    "also": "What else happened then.",
    "document": "File, link or minute that records the decision.",
    "decided_on": "The day of the decision.",
    "decided_by": "The role that decided; a person's name is refused.",
    "stopped_because": "Why it was stopped, or why nothing is done yet.",
}
LARGEST_JSON = 1_000_000  # bytes; an action is a few sentences


def with_fields(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command one option for each field, and hand those that were typed to its `fields`."""
    names = [name for field in HELP for name in _family(field)]

    def called(**values: Any) -> None:
        fields = {name: values.pop(name) for name in names}
        command(**values, fields={name: value for name, value in fields.items() if value is not None})

    own = [item for name, item in inspect.signature(command, eval_str=True).parameters.items() if name != "fields"]
    options = [
        inspect.Parameter(
            name,
            inspect.Parameter.KEYWORD_ONLY,
            default=None,
            annotation=Annotated[str | None, typer.Option(_option(name), metavar="TEXT", help=_help(name))],
        )
        for name in names
    ]
    parameters = [item.replace(kind=inspect.Parameter.KEYWORD_ONLY) for item in own] + options
    called.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    called.__annotations__ = {item.name: item.annotation for item in parameters}
    called.__doc__, called.__name__ = command.__doc__, command.__name__
    return called


def _family(field: str) -> tuple[str, ...]:
    return (field, f"{field}_vi", f"{field}_en") if field in TEXTS else (field,)


def _option(name: str) -> str:
    return "--" + name.replace("_", "-")


def _help(name: str) -> str:
    language = {"vi": "The same in Vietnamese.", "en": "The same in English."}
    return HELP[name] if name in HELP else language[name[-2:]]


def read_json_fields(path: Path | None) -> dict[str, Any]:
    """Fields from a JSON file, or from stdin where the path is `-`.

    Raises
    ------
    ParamsError
        No such file, or no JSON object.
    """
    if path is None:
        return {}
    name = "stdin" if str(path) == "-" else path.name
    try:
        raw = sys.stdin.buffer.read(LARGEST_JSON + 1) if str(path) == "-" else path.read_bytes()
    except OSError as error:
        raise ParamsError(
            f"The file cannot be read: {error.strerror}.", name, "--from-json FILE, or - for stdin"
        ) from None
    try:
        value = json.loads(raw.decode("utf-8-sig")) if len(raw) <= LARGEST_JSON else None
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise ParamsError(
            "It holds no JSON object.", name, 'write for instance {"factors": ["wait_told"], "what": "..."}'
        )
    return value


def ask(missing: list[str], how: Mapping[str, str]) -> dict[str, str]:
    """Ask for fields on the terminal, one after another; an empty answer leaves one out."""
    said = {}
    for name in missing:
        print(f"{name}: {how[name]}", file=sys.stderr)
        said[name] = typer.prompt(">", default="", show_default=False, err=True)
    return {name: text for name, text in said.items() if text.strip()}


def on_terminal() -> bool:
    """Whether someone is there to be asked."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def as_options(error: ParamsError) -> ParamsError:
    """The same problems, each with the option to type in place of the record's column."""
    return ParamsError(Problem(problem.what, _typed(problem.where), problem.how) for problem in error.problems)


def _typed(where: str) -> str:
    start, bracket, name = where.partition(" (")
    return _option(name.removesuffix(")")) if bracket and start == "the new record" else where
