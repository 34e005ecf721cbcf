"""Open a survey file by its ending."""

from __future__ import annotations

import difflib
from collections.abc import Collection
from pathlib import Path

from cxlib.errors import DataError, Problem
from cxlib.intake.header_rows import join_header_rows
from cxlib.intake.table import Opened

TEXT = (".csv", ".tsv", ".txt")
WORKBOOKS = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
STATISTICAL = (".sav", ".zsav", ".dta")
ENDINGS = (*TEXT, *WORKBOOKS, *STATISTICAL, ".parquet")


def open_file(
    path: Path,
    where: str,
    *,
    sheet: str | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
    hints: Collection[str] = (),
    named: str = "data.responses",
) -> Opened:
    """Open a csv, tsv, xlsx, sav, dta or parquet file.

    Parameters
    ----------
    path : Path
    where : str
        The file's name as the parameters say it, for messages.
    sheet, encoding, delimiter : str, optional
        As declared; found out when None.
    hints : collection of str
        Column names that are looked for.
    named : str
        What named the file, for messages: a key of the parameters, or an option.

    Raises
    ------
    DataError
        No such file, an ending that is not read, or a file that is not what its ending says.
    """
    _refuse_unreadable(path, where, named)
    ending = path.suffix.lower()
    try:
        if ending in TEXT:
            from cxlib.intake.delimited import open_delimited

            return join_header_rows(open_delimited(path, where, encoding=encoding, delimiter=delimiter, hints=hints))
        if ending in WORKBOOKS:
            from cxlib.intake.workbook import open_workbook

            return join_header_rows(open_workbook(path, where, sheet=sheet))
        from cxlib.intake import binary

        if ending == ".parquet":
            return binary.open_parquet(path, where)
        return binary.open_statistical(path, where, encoding=encoding)
    except OSError:
        raise DataError(Problem("The file may not be read.", where, "check the rights on the file")) from None


def _refuse_unreadable(path: Path, where: str, named: str) -> None:
    ending = path.suffix.lower()
    if not path.is_file():
        beside = []
        if path.parent.is_dir():
            names = [item.name for item in path.parent.iterdir() if item.suffix.lower() in ENDINGS and item.is_file()]
            beside = difflib.get_close_matches(path.name, names, n=3, cutoff=0.4)
        base = "where the command is given" if named.startswith("-") else "the client's folder"
        raise DataError(
            Problem(
                "There is no such file." if not path.is_dir() else "This is a folder, not a file.",
                f"{where} ({named})",
                f"beside it: {', '.join(sorted(beside))}" if beside else f"the path counts from {base}",
            )
        )
    if ending not in ENDINGS:
        raise DataError(
            Problem(f"Files with the ending '{ending}' are not read.", where, f"export as one of {', '.join(ENDINGS)}")
        )
    if not path.stat().st_size:
        raise DataError(Problem("The file is empty.", where, "export the survey again"))
    if ending in TEXT:
        with path.open("rb") as file:
            start = file.read(8)
        for magic, kind in ((b"PK\x03\x04", ".xlsx"), (b"\xd0\xcf\x11\xe0", ".xls"), (b"$FL2", ".sav")):
            if start.startswith(magic):
                raise DataError(
                    Problem(f"The file is no text; it looks like {kind}.", where, f"give it the ending {kind}")
                )
