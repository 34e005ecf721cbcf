"""Delimited text: csv and tsv, with encoding and delimiter found out."""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Collection, Sequence
from operator import itemgetter
from pathlib import Path

import numpy as np
import pandas as pd

from cxlib.errors import DataError, Problem
from cxlib.intake.encoding import decode
from cxlib.intake.names import fold
from cxlib.intake.table import FIRST, Codebook, Opened, Taken

DELIMITERS = (",", ";", "\t", "|")
_HEAD = 200  # records that tell the delimiter
_LOOKED_AT, _ODD = 65_536, 0.02  # signs at the beginning, and the share of control signs from which it is no text
_SWALLOWED = 50  # line breaks inside one cell that give away a quotation mark never closed
_SPOKEN = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar", " ": "space"}


def open_delimited(
    path: Path,
    where: str,
    *,
    encoding: str | None = None,
    delimiter: str | None = None,
    hints: Collection[str] = (),
) -> Opened:
    """Read a csv or tsv file as text cells.

    Parameters
    ----------
    path : Path
    where : str
        The file's name, for messages.
    encoding, delimiter : str, optional
        As declared; found out when None.
    hints : collection of str
        Column names that are looked for: the delimiter that yields most of them wins.

    Returns
    -------
    Opened
        Every cell is text; a cell of nothing but white space is None. Records with nothing in any cell are left out
        but counted in the row numbers, so that row n stands n lines below the header in a spreadsheet.

    Raises
    ------
    DataError
        Empty, not in the declared encoding, or rows with more cells than the header has.
    """
    data = path.read_bytes()
    sha256 = hashlib.sha256(data).hexdigest()
    if not data.strip():
        raise DataError(Problem("The file is empty.", where, "export the survey again"))
    if delimiter and delimiter in '"\r\n':
        raise DataError(Problem("data.delimiter cannot be a quotation mark or a line break.", where, "leave it out"))
    text, used, remarks = decode(data, where, encoding)
    _refuse_other_than_text(text, where)
    told = re.match(r"sep=(.)\r?\n", text)  # a hint that spreadsheets leave on the first line
    if told:
        text, delimiter = text[told.end() :], delimiter or told.group(1)
    delimiter = delimiter or _find_delimiter(text, hints, ".tsv" if path.suffix.lower() == ".tsv" else "")
    records = _parse(text, delimiter, where)
    while records and not any(cell.strip() for cell in records[0]):
        records.pop(0)
    if not records:
        raise DataError(Problem("The file has no header row.", where, "export the survey again"))
    names = [name.strip() for name in records.pop(0)]
    options = next((record for record in records if any(map(str.strip, record))), [""])
    options = options if not options[0].strip() else []  # options below a question with several columns
    while names and not names[-1] and not (len(names) <= len(options) and options[len(names) - 1].strip()):
        names.pop()  # a delimiter at the end of the header names no column
    rows = np.array([number for number, record in enumerate(records, 1) if any(map(str.strip, record))], dtype="int64")
    kept = records if len(rows) == len(records) else [records[number - 1] for number in rows]
    _refuse_long_rows(kept, rows, len(names), where, delimiter)
    short = sum(len(record) < len(names) for record in kept)
    if short:
        remarks = (*remarks, f"{short} rows have fewer cells than the header; the last ones were taken as blank")

    def take(positions: Sequence[int]) -> Taken:
        cells = [_column(kept, position, whole=not short) for position in positions]
        return Taken(rows, cells, [Codebook()] * len(cells))

    return Opened(
        names=tuple(names),
        take=take,
        format="tsv" if delimiter == "\t" else "csv",
        sha256=sha256,
        encoding=used,
        delimiter=delimiter,
        remarks=remarks,
        first=tuple(map(tuple, kept[:FIRST])),
    )


def _refuse_other_than_text(text: str, where: str) -> None:
    """A picture, a document or a damaged file has signs that no text holds."""
    head = text[:_LOOKED_AT]
    odd = sum(sign < " " and sign not in "\t\n\r\x0b\x0c\x1a\x1c\x1d\x1e\x1f" for sign in head)
    if odd > _ODD * len(head):
        how = "export the survey again as .csv; a file of another kind needs its own ending, such as .xlsx or .sav"
        raise DataError(Problem("The file is no text.", where, how))


def _column(records: list[list[str]], position: int, *, whole: bool) -> np.ndarray:
    """The cells of a column, None where blank or where the row has no such cell; `whole`: every row has all of them."""
    cells = np.empty(len(records), dtype=object)
    if whole:
        cells[:] = list(map(itemgetter(position), records))
    else:
        cells[:] = [record[position] if position < len(record) else None for record in records]
    codes, unique = pd.factorize(cells)  # most columns hold a handful of different cells
    unique[[not cell.strip() for cell in unique]] = None
    with_blank = np.empty(len(unique) + 1, dtype=object)  # the last place, None, serves the code -1
    with_blank[:-1] = unique
    return with_blank[codes]


def _find_delimiter(text: str, hints: Collection[str], ending: str) -> str:
    wanted = {fold(name) for name in hints}
    head = text[: 256 * 1024]

    def merit(candidate: str) -> tuple[int, float, int, bool]:
        widths, found = [], 0
        for number, record in enumerate(csv.reader(io.StringIO(head, newline=""), delimiter=candidate)):
            if not number:
                found = sum(fold(cell) in wanted for cell in record)
            if number >= _HEAD:
                break
            if record:
                widths.append(len(record))
        if not widths or widths[0] < 2:
            return (found, 0.0, 0, False)
        agree = sum(width == widths[0] for width in widths) / len(widths)
        return (found, round(agree, 1), widths[0], candidate == "\t" and ending == ".tsv")

    try:
        return max(DELIMITERS, key=merit)
    except csv.Error:  # a cell beyond the reader's limit: the parse below says so
        return "\t" if ending == ".tsv" else ","


def _parse(text: str, delimiter: str, where: str) -> list[list[str]]:
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=delimiter != " ")
        records = list(reader)
    except csv.Error:
        raise DataError(
            Problem(
                "A cell of the file is far too long; most likely a quotation mark is never closed.",
                f"{where}, near line {reader.line_num}",
                "open the file in a spreadsheet, look for the row that swallows the ones below it, and mend its quotes",
            )
        ) from None
    if records and any(cell.count("\n") >= _SWALLOWED for cell in records[-1]):
        raise DataError(
            Problem(
                "The last row swallows many lines; most likely a quotation mark is never closed.",
                f"{where}, data row {max(len(records) - 1, 1)}",
                'write a quotation mark inside a quoted text twice (""), or export the survey again',
            )
        )
    return records


def _refuse_long_rows(kept: list[list[str]], rows: np.ndarray, width: int, where: str, delimiter: str) -> None:
    long = [
        number
        for number, record in zip(rows, kept, strict=True)
        if len(record) > width and any(map(str.strip, record[width:]))
    ]
    if long:
        shown = ", ".join(str(number) for number in long[:5])
        title = 2 * len(long) > len(kept) and 3 * width < max(map(len, kept))
        raise DataError(
            Problem(
                f"{len(long)} rows have more cells than the header has columns ({width}).",
                f"{where}, data rows {shown}{' ...' if len(long) > 5 else ''}; "
                f"delimiter: {_SPOKEN.get(delimiter, delimiter)}",
                "the first row may be a title: delete the rows above the one with the columns' names"
                if title
                else "a text that holds the delimiter must stand in quotation marks; or name the right data.delimiter",
            )
        )
