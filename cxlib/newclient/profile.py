"""What a column looks like: its name, its wording, its values."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from cxlib.cleaning.cells import in_ranges
from cxlib.errors import DataError, Problem
from cxlib.intake.cells import as_text
from cxlib.intake.formats import open_file
from cxlib.intake.header_rows import plain_wording
from cxlib.intake.names import fold
from cxlib.intake.table import Codebook, Opened
from cxlib.intake.text_scales import phrase

_CONTACT = re.compile(r"[^\s@]+@[^\s@]+\.[A-Za-z]{2,}|(?:\+?84|0)[\s.-]?\d(?:[\s.-]?\d){7,9}|\d{1,3}(?:\.\d{1,3}){3}")


@dataclass(frozen=True, eq=False)
class Profile:
    """One column of one file.

    Parameters
    ----------
    name : str
        The name that the parameters use; `Name (2)` where several columns are called `Name`.
    asked : str
        The wording of the question, or the name where the file tells no wording.
    position : int
        In the file, from 0.
    rows, filled : int
        Rows of the file; cells with anything in them.
    counts : dict of object to int
        Every different cell that is not blank, as read, and how often it was met.
    numbers : array of float
        One a row; NaN where the cell is blank or no number.
    labels : dict of float to str
        Value labels of the file.
    missing : tuple
        User-missing ranges of the file.
    """

    name: str
    asked: str
    position: int
    rows: int
    filled: int
    counts: Mapping[Any, int]
    numbers: np.ndarray = field(repr=False)
    labels: Mapping[float, str] = field(default_factory=dict)
    missing: tuple = ()

    @cached_property
    def said(self) -> str:
        """Name and wording without case and marks."""
        return phrase(self.asked) if phrase(self.name) in phrase(self.asked) else phrase(f"{self.name} {self.asked}")

    @cached_property
    def texts(self) -> dict[str, int]:
        """The different cells that are words, as text."""
        told: Counter[str] = Counter()
        for cell, count in self.counts.items():
            if isinstance(cell, str) and _as_number(cell) is None:
                told[as_text(cell)] += count
        return dict(told)

    @cached_property
    def numeric(self) -> float:
        """Share of the filled cells that are numbers."""
        return float(np.isfinite(self.numbers).sum()) / self.filled if self.filled else 0.0

    @cached_property
    def whole(self) -> bool:
        """Whether all numbers are whole (one in a hundred may not be)."""
        told = self.numbers[np.isfinite(self.numbers)]
        return bool(len(told)) and float((np.abs(told - np.round(told)) > 1e-6).mean()) < 0.01

    @cached_property
    def values(self) -> dict[int, int]:
        """The different whole numbers and how often they were met, user-missing ones left out."""
        told = self.numbers[np.isfinite(self.numbers)]
        numbers, counts = np.unique(np.round(told).astype("int64"), return_counts=True)
        return {
            int(number): int(count)
            for number, count in zip(numbers, counts, strict=True)
            if not in_ranges(float(number), self.missing)
        }

    @cached_property
    def levels(self) -> int:
        """How many different cells there are."""
        return len(self.counts)


def look_at(path: Path, where: str) -> tuple[Opened, list[Profile]]:
    """Every column of a survey file.

    Raises
    ------
    DataError
        The file cannot be read, has no rows, or no header row of its own.
    """
    opened = open_file(path, where, named="--from")
    _refuse_answers_as_names(opened, where)
    taken = opened.take(range(len(opened.names)))
    if not len(taken.rows):
        how = f"export the survey again{other_sheet(opened.remarks)}"
        raise DataError(Problem("The file has a header and no rows.", where, how))
    called = addressable(opened.names)
    rows = len(taken.rows)
    found = []
    for position, (cells, book) in enumerate(zip(taken.cells, taken.codebooks, strict=True)):
        wording = opened.wording[position] if position < len(opened.wording) else ""
        if called[position]:
            asked = plain_wording(wording or opened.names[position])
            found.append(_profile(called[position], asked, position, rows, cells, book))
    return opened, found


def _refuse_answers_as_names(opened: Opened, where: str) -> None:
    """The names of columns are written into parameters and messages; answers never are."""
    if any(_CONTACT.fullmatch(" ".join(name.split())) for name in opened.names):
        what = "The first row holds answers and no names of columns."
        raise DataError(Problem(what, where, "export the survey with its header row, or write one on top"))
    named = sum(bool(name) for name in opened.names)
    below = max((sum(cell is not None and str(cell).strip() != "" for cell in row) for row in opened.first), default=0)
    if named * 3 < below:
        what = f"The first row names {named} of {below} columns or more: it is a title and no header row."
        how = f"delete the rows above the one with the columns' names{other_sheet(opened.remarks)}"
        raise DataError(Problem(what, where, how))


def other_sheet(remarks: Sequence[str]) -> str:
    """What else may mend a file of which the first of several sheets was read; '' for any other file."""
    found = next((remark for remark in remarks if "sheets" in remark), "")
    return found and f"; or save the sheet that holds the answers as a file of its own ({found})"


def addressable(names: tuple[str, ...]) -> list[str]:
    """The names by which each column can be told in the parameters; '' for a column without a name.

    Examples
    --------
    >>> addressable(("Rate", "rate ", "Why", ""))
    ['Rate (1)', 'rate (2)', 'Why', '']
    """
    folded = [fold(name) for name in names]
    count, seen, called = Counter(folded), Counter(), []
    for name, key in zip(names, folded, strict=True):
        seen[key] += 1
        plain = " ".join(name.split())
        called.append(f"{plain} ({seen[key]})" if count[key] > 1 and key else plain)
    return called


def _profile(name: str, asked: str, position: int, rows: int, cells: np.ndarray, book: Codebook) -> Profile:
    codes, unique = pd.factorize(cells if cells.dtype == np.float64 else cells.astype(object))
    tally = np.bincount(codes[codes >= 0], minlength=len(unique))
    as_numbers = np.array([_as_number(cell) for cell in unique] + [None], dtype="float64")
    return Profile(
        name=name,
        asked=asked,
        position=position,
        rows=rows,
        filled=int((codes >= 0).sum()),
        counts=dict(zip(list(unique), tally.tolist(), strict=True)),
        numbers=as_numbers[codes],
        labels=dict(book.labels),
        missing=book.missing,
    )


def _as_number(cell: Any) -> float | None:
    if isinstance(cell, bool | np.bool_):
        return float(cell)
    if isinstance(cell, int | float | np.number):
        return float(cell)
    if not isinstance(cell, str):
        return None
    text = cell.strip()
    if len(text) > 20 or not text[-1:].isdigit() or not text.isascii() or "_" in text:
        return None
    try:
        return float(text.replace(",", ".")) if text.count(",") <= 1 else None
    except ValueError:
        return None
