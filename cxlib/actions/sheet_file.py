"""Put a record below the others of a workbook's first sheet, and keep the rest of the workbook."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from datetime import date
from pathlib import Path
from typing import Any

from cxlib.actions.cells import read_day, read_number
from cxlib.actions.table import FORMULA, safe_cell
from cxlib.errors import ParamsError

LONGEST_CELL = 32_767  # signs; what a cell of a workbook holds
# Parts that are made anew, or that hold nothing of the workbook's own.
_MADE_ANEW = (
    "xl/calcChain",
    "xl/printerSettings",
    "xl/sharedStrings",
    "xl/metadata",
    "docMetadata",
    "docProps",
    "_rels",
)


def new_sheet(header: Sequence[str]) -> bytes:
    """An empty log with its header."""
    from openpyxl import Workbook

    book = Workbook()
    book.active.append(list(header))
    book.active.freeze_panes = "B2"
    return _saved(book)


def appended(path: Path, columns: Sequence[str], cells: Mapping[str, str]) -> bytes:
    """The content of a workbook with one record more on its first sheet.

    Parameters
    ----------
    path : Path
        An xlsx or xlsm that was read without a problem.
    columns : sequence of str
        Columns to add behind the last one.
    cells : mapping
        Column -> text of the new record.

    Returns
    -------
    bytes
        Other sheets, widths, styles and tables are kept; days and numbers are written as the record above has them.

    Raises
    ------
    ParamsError
        Formulas in the log, a cell that is too long, or parts of the workbook that would be lost by saving it here.
    """
    book = _opened(path)
    sheet = book[book.sheetnames[0]]
    filled = [row for row in sheet.iter_rows() if any(cell.value is not None for cell in row)]
    _refuse_formulas(filled, path)
    names = {
        "_".join(str(cell.value).casefold().split()): cell.column for cell in filled[0] if cell.value not in (None, "")
    }
    head, above = filled[0][0].row, filled[-1][0].row
    last = max(names.values())
    for number, name in enumerate(columns, start=last + 1):
        cell = sheet.cell(head, number, name)
        cell._style = copy(sheet.cell(head, last)._style)
        names[name] = number
    for name, number in names.items():
        _fill(sheet.cell(above + 1, number), sheet.cell(above, number) if above > head else None, name, cells, path)
    _widen_tables(sheet, head, above + 1, columns, max(names.values()))
    content = _saved(book)
    _refuse_loss(path, content)
    return content


def _opened(path: Path) -> Any:
    from openpyxl import load_workbook

    if path.suffix.lower() not in (".xlsx", ".xlsm"):
        raise ParamsError(f"A '{path.suffix}' cannot be written.", path.name, "save it as xlsx, or as csv UTF-8")
    try:
        return load_workbook(path, keep_vba=path.suffix.lower() == ".xlsm", rich_text=True)
    except Exception as error:  # the reader raises its own kinds, and plain ones, for odd files
        raise ParamsError(
            f"The workbook cannot be opened for writing ({type(error).__name__}).", path.name, "save it as xlsx again"
        ) from None


def _refuse_formulas(rows: Iterable[Sequence[Any]], path: Path) -> None:
    found = [cell.coordinate for row in rows for cell in row if cell.data_type == "f"]
    if found:
        raise ParamsError(
            "The log holds formulas; their results are lost when the workbook is written here.",
            f"{path.name}, {', '.join(found[:5])}",
            "put the values in their place (copy, then paste as values)",
        )


def _fill(cell: Any, above: Any, name: str, cells: Mapping[str, str], path: Path) -> None:
    text = cells.get(name, "")
    if above is not None:
        cell._style = copy(above._style)
    if not text:
        return
    if len(text) > LONGEST_CELL:
        raise ParamsError(
            f"'{name}' is longer than a cell of a workbook can be ({LONGEST_CELL} signs).",
            path.name,
            "keep the log as csv",
        )
    day, number = read_day(text), read_number(text)
    if day is not None and above is not None and (above.is_date or isinstance(above.value, date)):
        cell.value = day
        cell.number_format = above.number_format
    elif name == "smallest_worthwhile" and number == number:  # not NaN
        cell.value = number
    else:
        cell.value = safe_cell(text) if text.startswith("'") else text
        cell.data_type = "s"  # a text that begins with = stays a text
        cell.quotePrefix = text.startswith(FORMULA)


def _widen_tables(sheet: Any, head: int, row: int, columns: Sequence[str], last: int) -> None:
    """A sheet's own table goes on below and to the right with the log."""
    from openpyxl.utils import get_column_letter, range_boundaries
    from openpyxl.worksheet.table import TableColumn

    for table in sheet.tables.values():
        left, top, right, bottom = range_boundaries(table.ref)
        if top != head:
            continue
        if columns and right == last - len(columns):
            for name in columns:
                table.tableColumns.append(TableColumn(id=len(table.tableColumns) + 1, name=name))
            right = last
        table.ref = f"{get_column_letter(left)}{top}:{get_column_letter(right)}{max(bottom, row)}"
        if table.autoFilter is not None:
            table.autoFilter.ref = table.ref


def _refuse_loss(path: Path, content: bytes) -> None:
    """Saving a workbook here must not lose a part of it, such as a shape or a comment thread."""
    with zipfile.ZipFile(path) as before, zipfile.ZipFile(io.BytesIO(content)) as after:
        lost = _kinds(before.namelist()) - _kinds(after.namelist())
    if lost:
        raise ParamsError(
            f"The workbook holds what cannot be kept when it is written here: {', '.join(sorted(lost))}.",
            path.name,
            "write the line by hand, or keep the log in a workbook of its own, or as csv UTF-8",
        )


def _kinds(names: Iterable[str]) -> set[str]:
    """Folders of a workbook's parts, without those that are made anew."""
    folders = {name.rpartition("/")[0] for name in names if not name.endswith("/")}
    return {name for name in folders if name and not any(part in name for part in _MADE_ANEW)}


def _saved(book: Any) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
