"""Match the column names of the parameters with those of a file."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cxlib.errors import Problem


def fold(name: str) -> str:
    """A column name without what a reader does not see: case, outer and repeated white space, letter composition.

    Examples
    --------
    >>> fold("  Overall   Rating ") == fold("overall rating")
    True
    """
    return re.sub(r"\s+", " ", unicodedata.normalize("NFKC", name).strip().strip("\ufeff")).casefold()


def nearest(name: str, names: Sequence[str], most: int = 3) -> list[str]:
    """The column names most like `name`, the likest first."""
    by_fold = {fold(other): other for other in reversed(names) if other}
    return [by_fold[match] for match in difflib.get_close_matches(fold(name), by_fold, n=most, cutoff=0.5)]


@dataclass(frozen=True)
class Match:
    """Where the declared columns stand in one file.

    positions : key -> position of its column; absent : key -> column name that the file does not have, where that may
    be because the file does not ask it; problems : what is wrong for certain.
    """

    positions: Mapping[str, int]
    absent: Mapping[str, str]
    problems: tuple[Problem, ...]


def match_columns(wanted: Mapping[str, str], insisted: Mapping[str, str], names: Sequence[str], where: str) -> Match:
    """Find each wanted column: exactly first, then without case and white space when that is unique.

    `Food (2)` names the second of several columns called `Food`, where no column is called so itself.

    Parameters
    ----------
    wanted : dict of key to column name
    insisted : dict of key to column name
        Those that the parameters name for this very file: absent, they are a problem and not a question not asked.
    names : sequence of str
        The file's column names, in order.
    where : str
        The file's name, for messages.
    """
    folded = [fold(name) for name in names]
    positions: dict[str, int] = {}
    absent: dict[str, str] = {}
    problems: list[Problem] = []
    for key, column in wanted.items():
        found = [position for position, name in enumerate(names) if name == column]
        found = found or [position for position, name in enumerate(folded) if name == fold(column)]
        found = found or _one_of_alike(column, folded)
        if len(found) == 1:
            positions[key] = found[0]
        elif found:
            numbers = ", ".join(str(position + 1) for position in found)
            problems.append(
                Problem(
                    f"{len(found)} columns are called '{column}' ({key}); it cannot be known which one is meant.",
                    f"{where}, columns {numbers}",
                    f"write '{column} (1)' for the first of them, '{column} (2)' for the second",
                )
            )
        elif key in insisted:
            problems.append(absent_problem(key, column, {where: names}))
        else:
            absent[key] = column
    return Match(positions, absent, tuple(problems))


def _one_of_alike(column: str, folded: Sequence[str]) -> list[int]:
    """The position of `name (n)` among columns that share a name."""
    numbered = re.fullmatch(r"(.+?)\s*\((\d{1,3})\)", fold(column))
    alike = [position for position, name in enumerate(folded) if numbered and name == numbered[1]]
    number = int(numbered[2]) if numbered else 0
    return [alike[number - 1]] if len(alike) > 1 and 1 <= number <= len(alike) else []


def absent_problem(key: str, column: str, files: Mapping[str, Sequence[str]]) -> Problem:
    """The problem of a column that no file has, with the names most like it."""
    guesses = {source: nearest(column, names) for source, names in files.items()}
    near = "; ".join(
        (f"{source}: " if len(files) > 1 else "") + ", ".join(f"'{name}'" for name in found)
        for source, found in list(guesses.items())[:5]
        if found
    )
    several = "None of the files has" if len(files) > 1 else "The file has no"
    return Problem(
        f"{several} {'a ' if len(files) > 1 else ''}column '{column}' ({key}).",
        ", ".join(list(files)[:5]) + (" ..." if len(files) > 5 else ""),
        f"nearest names: {near}" if near else "look up the column's name in the first row of the file",
    )
