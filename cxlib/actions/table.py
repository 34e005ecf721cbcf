"""Read the action log's file into rows of text, with the line of each."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from cxlib.errors import ParamsError

CORE = (
    "id", "factors", "what", "owner_role", "scope", "scope_chosen_by", "start", "due", "status", "expected",
    "smallest_worthwhile", "document", "decided_on", "stopped_because", "recorded_on",
)  # fmt: skip
OPTIONAL = (
    "comparison", "comparison_because", "full_effect", "direction", "look_on", "also", "decided_by", "starts", "drawn",
)  # fmt: skip
IN_BOTH = ("what", "owner_role", "expected", "stopped_because", "comparison_because", "also", "decided_by")
TWINS = tuple(f"{column}_{language}" for column in IN_BOTH for language in ("vi", "en"))
KNOWN = (*CORE, *OPTIONAL, *TWINS)
FORMULA = tuple("=+-@＝＋－＠")  # a spreadsheet runs a cell that begins so
TOO_LARGE = 20_000_000  # bytes; a log is written by hand


@dataclass(frozen=True)
class Row:
    """One record as text; `extra` counts cells beyond the header."""

    line: int
    cells: dict[str, str]
    extra: int = 0


@dataclass(frozen=True)
class Table:
    """A file's header and rows; blank rows are left out."""

    name: str
    header: tuple[str, ...]
    rows: tuple[Row, ...]


def read_table(path: Path) -> Table:
    """Read a csv or xlsx file.

    Raises
    ------
    ParamsError
        No such file, an unknown kind, or one that cannot be read.
    """
    path = Path(path)
    if not path.is_file():
        raise ParamsError(
            "The action log that params.yaml names is not there.",
            path.name,
            f"write one that begins with the line {','.join(CORE)}, or leave the key 'actions' out",
        )
    if path.stat().st_size > TOO_LARGE:
        raise ParamsError("The action log is larger than 20 MB.", path.name, "is this the survey itself?")
    kind = path.suffix.lower()
    if kind in (".csv", ".txt", ".tsv"):
        lines = list(_csv_lines(path))
    elif kind in (".xlsx", ".xlsm", ".xls", ".ods"):
        lines = list(_sheet_lines(path))
    else:
        raise ParamsError(
            f"The action log is a '{kind or 'file without an ending'}'.", path.name, "save as csv or xlsx"
        )
    return _table(path.name, lines)


def _table(name: str, lines: list[tuple[int, list[str]]]) -> Table:
    lines = [(number, cells) for number, cells in lines if any(cells)]
    if not lines:
        raise ParamsError("The action log is empty.", name, f"its first line is {','.join(CORE)}")
    header = tuple("_".join(cell.casefold().split()) for cell in lines[0][1])
    while header and not header[-1]:
        header = header[:-1]
    rows = []
    for number, cells in lines[1:]:
        extra = sum(1 for cell in cells[len(header) :] if cell)
        named = dict(zip(header, [*cells, *[""] * len(header)], strict=False))
        rows.append(Row(number, named, extra))
    return Table(name, header, tuple(rows))


def _csv_lines(path: Path) -> Iterator[tuple[int, list[str]]]:
    text, _ = decoded(path)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter(text))
    begin = 1
    try:
        for cells in reader:
            yield begin, [_clean(cell) for cell in cells]
            begin = reader.line_num + 1
    except csv.Error as error:
        raise ParamsError(f"The action log is no csv: {error}.", f"{path.name}:{begin}", "look at its quotes") from None


def delimiter(text: str) -> str:
    """The sign that parts the header into most known columns; in cells ';' parts factors, so counting would mislead."""
    header = next((line for line in text.splitlines() if line.strip()), "")
    return max(",;\t|", key=lambda sign: sum(name.strip(' "').casefold() in KNOWN for name in header.split(sign)))


def decoded(path: Path) -> tuple[str, str]:
    """A csv's text as it stands there, and the encoding it is in.

    Raises
    ------
    ParamsError
        None of the usual encodings gives letters.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise ParamsError(
            f"The action log cannot be read: {error.strerror}.", path.name, "mend its rights, or close it elsewhere"
        ) from None
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings: tuple[str, ...] = ("utf-16",)
    else:
        encodings = ("utf-8-sig", "cp1258")  # what Vietnamese Windows programs write
    for encoding in encodings:
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text, encoding
    raise ParamsError("The letters of the action log cannot be read.", path.name, "save it as csv UTF-8, or as xlsx")


def _sheet_lines(path: Path) -> Iterator[tuple[int, list[str]]]:
    from python_calamine import CalamineWorkbook

    try:
        sheet = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0)
        rows = sheet.to_python(skip_empty_area=False)
    except Exception as error:  # the reader raises its own kinds, and plain ones, for broken files
        raise ParamsError(
            f"The action log cannot be opened ({type(error).__name__}).", path.name, "save it again as xlsx, or as csv"
        ) from None
    for number, cells in enumerate(rows, start=1):
        yield number, [_cell(cell) for cell in cells]


def _cell(value: Any) -> str:
    """A cell as it would be typed: whole numbers without a point, days as YYYY-MM-DD."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return _clean(str(value))


def _clean(text: str) -> str:
    return plain_cell(unicodedata.normalize("NFC", text).replace("\u00a0", " ").strip())


def safe_cell(text: str) -> str:
    """A cell that no spreadsheet runs as a formula: with ' before it where it would.

    Examples
    --------
    >>> safe_cell("=1+1"), safe_cell("1+1"), plain_cell("'=1+1")
    ("'=1+1", '1+1', '=1+1')
    """
    return f"'{text}" if text.lstrip("'").startswith(FORMULA) else text


def plain_cell(text: str) -> str:
    """What was meant by a cell that `safe_cell` wrote."""
    return text[1:] if text.startswith("'") and text.lstrip("'").startswith(FORMULA) else text
