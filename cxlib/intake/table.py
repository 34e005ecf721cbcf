"""What intake hands on: the raw answers, the codebooks of the files, and a note on how each file was read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import pandas as pd

FIRST = 3  # rows below the header that are looked at
Range = tuple[float, float] | tuple[str, str]


@dataclass(frozen=True)
class Codebook:
    """What a file itself says about one column.

    Parameters
    ----------
    labels : dict of float to str
        Value labels of an SPSS or Stata file.
    missing : tuple of (low, high)
        User-missing values, as inclusive ranges. Stata's missing letters stand as text: ("a", "a").
    """

    labels: Mapping[float, str] = field(default_factory=dict)
    missing: tuple[Range, ...] = ()


@dataclass(frozen=True)
class Taken:
    """Columns of a file: the number of each row (1-based), one array of raw cells per column asked for (a blank cell is
    None or NaN), and one codebook per column."""

    rows: np.ndarray
    cells: list[np.ndarray]
    codebooks: list[Codebook]


@dataclass(frozen=True)
class Opened:
    """A file whose column names are known and whose cells have not been taken yet.

    `take(positions)` reads the columns at these positions. `wording` says what was asked, column by column, where the
    file tells it apart from the names; it is empty where it does not.
    """

    names: tuple[str, ...]
    take: Callable[[Sequence[int]], Taken]
    format: str
    sha256: str
    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    remarks: tuple[str, ...] = ()
    wording: tuple[str, ...] = ()
    header_rows: int = 1
    first: tuple[tuple[object, ...], ...] = ()  # the first rows below the header, where those may be header rows too


@dataclass(frozen=True)
class SourceNote:
    """How one file was read.

    Parameters
    ----------
    source : str
        The file's name, as in the column `source` of the table.
    format, encoding, delimiter, sheet : str
        Empty where it does not apply.
    rows : int
        Rows with anything in them.
    sha256 : str
        Fingerprint of the file's bytes.
    not_asked : tuple of str
        Keys of the parameters whose column this file does not have.
    remarks : tuple of str
        What a reader should know, for example which of several sheets was read.
    """

    source: str
    format: str
    encoding: str
    delimiter: str
    sheet: str
    rows: int
    sha256: str
    not_asked: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Responses:
    """All survey files as one table of raw cells.

    Parameters
    ----------
    table : DataFrame
        One row a row of the files, in file order: `row` (1-based data row in its file), `source` (file name),
        `wave` (text; '' where a row tells none), then the canonical names of `params.columns()` as read: numbers
        stay numbers, text stays text, blank is NA. A key that a file does not ask is NA in its rows.
    asked : dict of str to frozenset of str
        Waves in which a key's column exists.
    codebooks : dict of source to dict of key to Codebook
        Value labels and user-missing values, file by file: the same code may mean another thing next year.
    present : dict of source to frozenset of str
        Keys whose column exists in the file.
    notes : tuple of SourceNote
    dates : Series of datetime64
        When each row was answered, where the wave column holds dates; NaT elsewhere. Same index as `table`.
    days : Series of datetime64
        The day on which each row was answered, where a column of dates that is cut into waves tells the very day; NaT
        elsewhere. Same index as `table`.
    made_on : date or None
        The latest date seen in a wave column of dates.
    """

    table: pd.DataFrame
    asked: Mapping[str, frozenset[str]]
    codebooks: Mapping[str, Mapping[str, Codebook]]
    present: Mapping[str, frozenset[str]]
    notes: tuple[SourceNote, ...]
    dates: pd.Series
    days: pd.Series
    made_on: date | None = None

    @property
    def value_labels(self) -> dict[str, dict[float, str]]:
        """Value labels by key, all files together; where files differ the first one's label is given."""
        merged: dict[str, dict[float, str]] = {}
        for books in self.codebooks.values():
            for key, book in books.items():
                if book.labels:
                    merged[key] = {**book.labels, **merged.get(key, {})}
        return merged

    @property
    def user_missing(self) -> dict[str, tuple[Range, ...]]:
        """User-missing ranges by key, all files together, each range once."""
        merged: dict[str, tuple[Range, ...]] = {}
        for books in self.codebooks.values():
            for key, book in books.items():
                if book.missing:
                    merged[key] = tuple(dict.fromkeys((*merged.get(key, ()), *book.missing)))
        return merged
