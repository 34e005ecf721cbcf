"""YAML that remembers on which line each key and each item stands."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from cxlib.errors import ParamsError, Problem

Place = tuple[str | int, ...]
TOO_LARGE = 2_000_000  # bytes; parameters are written by hand


# The reader in C takes a tenth of the time; where PyYAML was built without it, the one in Python reads the same.
_SAFE: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_SAFE):
    """Safe YAML in which `no` and `off` are words and a date stays text: columns and values have such names."""


_Loader.yaml_implicit_resolvers = {
    first: [item for item in resolvers if item[0] not in ("tag:yaml.org,2002:bool", "tag:yaml.org,2002:timestamp")]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf"))


class Lines:
    """A YAML file as plain values, with the line of every place.

    Attributes
    ----------
    values : dict
    name : str
        The file's name, for messages.
    problems : list of Problem
        Keys that stand twice.
    """

    def __init__(self, name: str, values: dict[str, Any], lines: dict[Place, int], problems: list[Problem]) -> None:
        self.name, self.values, self._lines, self.problems = name, values, lines, problems

    def place_on(self, line: int) -> Place:
        """The place whose key stands on a line, the outermost one; () where none does."""
        return min((place for place, at in self._lines.items() if at == line and place), key=len, default=())

    def where(self, place: Place) -> str:
        """'params.yaml, line 12 (factors.wait.scale)': the nearest line known for a place."""
        near = place
        while near and near not in self._lines:
            near = near[:-1]
        line = f", line {self._lines[near]}" if near in self._lines else ""
        key = ".".join(str(part + 1) if isinstance(part, int) else part for part in place)
        return f"{self.name}{line}" + (f" ({key})" if key else "")


def key_on_line(lines: Lines, line: int) -> str:
    """The key on a line, written with points: 'factors.wait.scale'; '' where no key stands on it."""
    return ".".join(str(part + 1) if isinstance(part, int) else part for part in lines.place_on(line))


def _text_of(path: Path) -> str:
    try:
        if path.stat().st_size > TOO_LARGE:
            raise ParamsError("The parameters file is larger than 2 MB.", path.name, "is this the survey itself?")
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise ParamsError(
            "There is no params.yaml.",
            str(path),
            "write one (docs/params.md shows a whole one), or mend the client's name",
        ) from None
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise ParamsError("The file is not UTF-8 text.", f"{path.name}, line {line}", "save it as UTF-8") from None
    except OSError as error:
        raise ParamsError(f"The file cannot be read: {error.strerror}.", str(path)) from None


def read_lines(path: Path) -> Lines:
    """Read a YAML mapping with its lines.

    Raises
    ------
    ParamsError
        No file, not UTF-8, not YAML, not a mapping, or YAML references (`*name`), which parameters do not need.
    """
    text = _text_of(path)
    try:
        for event in yaml.parse(text, Loader=_Loader):
            if isinstance(event, yaml.AliasEvent):
                line = event.start_mark.line + 1
                raise ParamsError(
                    "A reference (*name) is not read here.",
                    f"{path.name}, line {line}",
                    "write the value out; quote a text that begins with *",
                )
        loader = _Loader(text)
        root = loader.get_single_node()
        if not isinstance(root, yaml.MappingNode):
            raise ParamsError(
                "The file holds no keys.", path.name, "it begins with 'client: NAME'; docs/params.md shows a whole one"
            )
        lines: dict[Place, int] = {}
        problems: list[Problem] = []

        def plain(node: yaml.Node, place: Place) -> Any:
            lines.setdefault(place, node.start_mark.line + 1)
            if isinstance(node, yaml.MappingNode):
                values: dict[Any, Any] = {}
                for key_node, value_node in node.value:
                    key = str(loader.construct_object(key_node, deep=True))
                    line = key_node.start_mark.line + 1
                    if key in values:
                        problems.append(
                            Problem(
                                f"The key '{key}' stands twice.", f"{path.name}, line {line}", "keep one of the two"
                            )
                        )
                        continue
                    lines[(*place, key)] = line
                    values[key] = plain(value_node, (*place, key))
                return values
            if isinstance(node, yaml.SequenceNode):
                return [plain(item, (*place, number)) for number, item in enumerate(node.value)]
            return loader.construct_object(node, deep=True)

        values = plain(root, ())
        return Lines(path.name, values, lines, problems)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = (
            f", line {min(mark.line, text.count(chr(10))) + 1}" if mark else ""
        )  # the end of the file is a line too far
        raise ParamsError(
            f"This is not YAML: {error.problem or 'cannot be read'}.",
            f"{path.name}{line}",
            "look at indentation, colons and quotes there and one line above",
        ) from None
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise ParamsError("This is not YAML that can be read here.", path.name, f"({type(error).__name__})") from None
