"""Read a list that stands beside the action log, every mistake named at once with its line and how to mend it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from cxlib.actions.cells import holds_contact, line_of, near, parted, read_day, two_texts
from cxlib.actions.links import is_link, wrong_with_document
from cxlib.actions.records import TwoTexts
from cxlib.actions.table import CORE, Row, Table, read_table
from cxlib.errors import ParamsError, Problem


@dataclass(frozen=True)
class Kind:
    """What a list is and which columns it has.

    Attributes
    ----------
    name : str
        As a message calls it, such as 'list of promises'.
    key : str
        The key of params.yaml that names its file.
    needed, optional : tuple of str
        Columns.
    in_both : tuple of str
        Columns that may stand once more with _vi and _en.
    """

    name: str
    key: str
    needed: tuple[str, ...]
    optional: tuple[str, ...] = ()
    in_both: tuple[str, ...] = ()

    @property
    def known(self) -> tuple[str, ...]:
        """Every column that may stand in the header."""
        twins = (f"{column}_{language}" for column in self.in_both for language in ("vi", "en"))
        return (*self.needed, *self.optional, *twins)


def read_list(path: Path, kind: Kind) -> Table:
    """The rows of a list, csv or xlsx.

    Raises
    ------
    ParamsError
        No such file, one that cannot be read, or one whose header lacks a needed column.
    """
    if not path.is_file():
        raise ParamsError(
            f"The {kind.name} that params.yaml names is not there.",
            path.name,
            f"write one that begins with the line {','.join(kind.needed)}, or leave the key '{kind.key}' out",
        )
    try:
        table = read_table(path)
    except ParamsError as error:  # the reader speaks of the log, which is what it was written for
        raise ParamsError(_speaking_of(kind, problem) for problem in error.problems) from None
    problems = list(_header_problems(table, kind))
    if any(column not in table.header for column in kind.needed):
        raise ParamsError(problems)
    rows = tuple(replace(row, cells=dict.fromkeys(kind.known, "") | row.cells) for row in table.rows)
    return replace(table, rows=rows)


def _speaking_of(kind: Kind, problem: Problem) -> Problem:
    how = problem.how.replace(",".join(CORE), ",".join(kind.needed))
    return Problem(problem.what.replace("action log", kind.name), problem.where, how)


def _header_problems(table: Table, kind: Kind) -> Iterator[Problem]:
    where = f"{table.name}:1"
    for column in kind.needed:
        if column not in table.header:
            yield Problem(f"The column '{column}' is missing.", where, f"the first line is {','.join(kind.needed)}")
    for column in dict.fromkeys(table.header):
        if column and column not in kind.known:
            yield Problem(f"The column '{column}' is not known.", where, near(column, kind.known))
        if column and table.header.count(column) > 1:
            yield Problem(f"The column '{column}' stands twice.", where, "keep one of the two")


@dataclass
class Reader:
    """Reads cells and remembers what is wrong with them."""

    table: Table
    kind: Kind
    problems: list[Problem] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.problems += _header_problems(self.table, self.kind)
        self._lines: dict[str, int] = {}

    def wrong(self, row: Row, column: str, what: str, how: str) -> None:
        """Remember a problem of a row; `column` may be empty."""
        where = f"{self.table.name}:{row.line}" + (f" ({column})" if column else "")
        self.problems.append(Problem(what, where, how))

    def rows(self) -> Iterator[Row]:
        """The rows, each looked at for cells beyond the header."""
        for row in self.table.rows:
            if row.extra:
                how = "put a text that holds a comma in quotes"
                self.wrong(row, "", "The line has more cells than the header.", how)
            yield row

    def id(self, row: Row) -> str:
        """A plain name that no line above has."""
        text = row.cells["id"]
        if not re.fullmatch(r"[\w.-]{1,40}", text):
            self.wrong(row, "id", "The line has no plain id.", "letters, digits, '-' and '_', such as P3")
        elif text in self._lines:
            self.wrong(row, "id", f"The id '{text}' stands in line {self._lines[text]} too.", "give each its own")
        self._lines.setdefault(text, row.line)
        return text

    def texts(self, row: Row, column: str, *, needed: bool = False) -> TwoTexts | None:
        """A text in both languages; written once, it stands in both."""

        def wrong(name: str, what: str, how: str) -> None:
            self.wrong(row, name, what, how)

        return two_texts(row.cells, column, wrong, needed=needed, instead="leave it out")

    def keys(self, row: Row, column: str, known: Sequence[str], what: str) -> tuple[str, ...]:
        """Keys of the parameters, parted by ';'; each once."""
        keys = tuple(dict.fromkeys(parted(row.cells[column], ";,")))
        for key in keys:
            if key not in known:
                self.wrong(row, column, f"The {what} '{key}' is not known.", near(key, known))
        return keys

    def day(self, row: Row, column: str) -> date | None:
        """A day as year-month-day."""
        found = read_day(row.cells[column])
        if found is None and row.cells[column]:
            how = "write year-month-day, as 2026-03-31 (saving as xlsx keeps days as they are)"
            self.wrong(row, column, f"'{column}' is no day that can be read.", how)
        return found

    def document(self, row: Row) -> str | None:
        """A link, a file's name or plain words."""
        text = row.cells["document"]
        wrong = wrong_with_document(text) if text else None
        if wrong is None and not is_link(text) and holds_contact(text):
            wrong = "it holds an e-mail address or a phone number"
        if wrong:
            how = "write a web link (https://...), a file's name relative to the client's folder, or plain words"
            self.wrong(row, "document", f"The document cannot be shown: {wrong}.", how)
        return text or None

    def done(self) -> None:
        """Raise everything that was wrong, in the order of lines."""
        if self.problems:
            raise ParamsError(sorted(self.problems, key=line_of))
