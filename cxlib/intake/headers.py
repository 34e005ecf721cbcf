"""Recognise exports with more than one header row; they are named, not guessed at."""

from __future__ import annotations

from cxlib.errors import Problem
from cxlib.intake.table import Opened

_ENOUGH = 3  # unnamed columns that the second row fills: fewer may be notes beside a table


def second_header(opened: Opened, where: str) -> Problem | None:
    """The problem of a second (or third) header row, or None.

    Known by two marks: a row of import identifiers (Qualtrics), or several columns without a name whose first data
    row holds text while its first cell is blank (SurveyMonkey).
    """
    if opened.format not in ("csv", "tsv", "xlsx", "xlsm", "xls", "ods", "xlsb"):
        return None
    unnamed = [position for position, name in enumerate(opened.names) if not name]
    look = [0, *unnamed] if len(unnamed) >= _ENOUGH else [0]
    taken = opened.take(look)
    columns = taken.cells
    if any('"ImportId"' in str(cell) for cell in columns[0][:3]):
        return Problem(
            "The file has three header rows: names, question texts and import identifiers.",
            where,
            "delete the second and the third row, or export without them, and check the file again",
        )
    if len(taken.rows) and len(look) > 1 and columns[0][0] is None:
        filled = sum(isinstance(column[0], str) for column in columns[1:])
        if filled >= _ENOUGH and filled * 2 > len(unnamed):
            return Problem(
                f"The file has two header rows; {len(unnamed)} columns have no name in the first one.",
                where,
                "write one row of names, for example question and option together, and delete the second row",
            )
    return None
