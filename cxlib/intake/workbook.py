"""Spreadsheets: xlsx and its relatives, one sheet of them."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from cxlib.errors import DataError, Problem
from cxlib.intake.names import nearest
from cxlib.intake.table import FIRST, Codebook, Opened, Taken


def open_workbook(path: Path, where: str, *, sheet: str | None = None) -> Opened:
    """Read one sheet of a workbook.

    Parameters
    ----------
    path : Path
    where : str
        The file's name, for messages.
    sheet : str, optional
        The sheet's name; without it the first sheet is read, and a remark says so when there are others.

    Returns
    -------
    Opened
        Cells as the workbook holds them: float, str, bool, date, datetime, time, timedelta; a blank cell is None.

    Raises
    ------
    DataError
        Not a workbook (or one behind a password), no such sheet, or nothing in the sheet.
    """
    from python_calamine import CalamineError, CalamineWorkbook

    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    try:
        workbook = CalamineWorkbook.from_path(path)
        sheets = list(workbook.sheet_names)
    except (CalamineError, OSError, ValueError):
        raise DataError(
            Problem(
                "The file cannot be read as a workbook; it is damaged, or a password protects it.",
                where,
                "open it in the spreadsheet program and save it again as .xlsx without a password, or as .csv",
            )
        ) from None
    name = _choose(sheets, sheet, where)
    try:
        grid = workbook.get_sheet_by_name(name).to_python(skip_empty_area=True)
    except (CalamineError, ValueError):
        raise DataError(
            Problem(f"The sheet '{name}' holds no table.", where, f"name another sheet: {_listed(sheets)}")
        ) from None
    if not grid:
        raise DataError(Problem(f"The sheet '{name}' is empty.", where, f"name another sheet: {_listed(sheets)}"))
    names = tuple(_heading(cell) for cell in grid[0])
    body = grid[1:]
    rows = np.array([number for number, record in enumerate(body, 1) if not all(map(_blank, record))], dtype="int64")
    kept = [body[number - 1] for number in rows]
    chosen = sheet is None and len(sheets) > 1
    remarks = (f"first of {len(sheets)} sheets read; the others: {_listed(sheets[1:])}",) if chosen else ()

    def take(positions: Sequence[int]) -> Taken:
        cells = [_column(kept, position) for position in positions]
        return Taken(rows, cells, [Codebook()] * len(cells))

    return Opened(
        names=names,
        take=take,
        format=path.suffix.lower().lstrip("."),
        sha256=sha256,
        sheet=name,
        remarks=remarks,
        first=tuple(map(tuple, kept[:FIRST])),
    )


def _choose(sheets: list[str], sheet: str | None, where: str) -> str:
    if not sheets:
        raise DataError(Problem("The workbook has no sheet.", where, "export the survey again"))
    if sheet is None:
        return sheets[0]
    if sheet in sheets:
        return sheet
    near = nearest(sheet, sheets, 1)
    raise DataError(
        Problem(
            f"The workbook has no sheet '{sheet}'.",
            where,
            (f"did you mean '{near[0]}'? " if near else "") + f"its sheets: {_listed(sheets)}",
        )
    )


def _listed(names: list[str]) -> str:
    return ", ".join(f"'{name}'" for name in names[:20]) + (" ..." if len(names) > 20 else "")


def _heading(cell: Any) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return unicodedata.normalize("NFC", str(cell)).strip()


def _blank(cell: Any) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


def _column(records: list[list[Any]], position: int) -> np.ndarray:
    cells = np.empty(len(records), dtype=object)
    for number, record in enumerate(records):
        cell = record[position] if position < len(record) else None
        if _blank(cell):
            cell = None
        elif isinstance(cell, str):
            cell = unicodedata.normalize("NFC", cell)
        cells[number] = cell
    return cells
