"""The further tables of the factor test as findings read them: by factor and outcome, empty where one is missing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from cxlib.findings.numbers import number, text

Row = Mapping[str, Any]

TABLES = (
    "associations", "importance", "comparisons", "specifications", "groups", "halo", "sensitivity", "reliability",
    "design",
)  # fmt: skip


class FurtherTables:
    """Rows of the tables beside drivers.csv.

    Parameters
    ----------
    tables : mapping of str to DataFrame or None, optional
        By name, of `TABLES`. A run of an earlier version has none of them; a table that is missing has no rows.
    """

    def __init__(self, tables: Mapping[str, pd.DataFrame | None] | None = None) -> None:
        self._rows: dict[str, list[Row]] = {name: _rows((tables or {}).get(name)) for name in TABLES}
        self._of: dict[tuple[str, str, str], list[Row]] = {}
        for name, rows in self._rows.items():
            for row in rows:
                self._of.setdefault((name, cell(row, "factor"), cell(row, "outcome")), []).append(row)

    def all(self, name: str) -> list[Row]:
        """Every row of a table."""
        return self._rows[name]

    def of(self, name: str, factor: str, outcome: str) -> list[Row]:
        """The rows of one factor with one outcome."""
        return self._of.get((name, factor, outcome), [])

    def one(self, name: str, factor: str, outcome: str) -> Row | None:
        """The only such row, or None."""
        rows = self.of(name, factor, outcome)
        return rows[0] if rows else None


def _rows(table: pd.DataFrame | None) -> list[Row]:
    if table is None:
        return []
    return [{str(name): value for name, value in row.items()} for row in table.to_dict("records")]


def cell(row: Row, column: str) -> str:
    """A text cell; '' when the column is missing."""
    return text(row.get(column))


def value(row: Row, column: str) -> float | None:
    """A number; None when it or its column is missing, or when it is no number."""
    found = row.get(column)
    if isinstance(found, str):
        try:
            found = float(found)
        except ValueError:
            return None
    return number(found)


def yes(row: Row, column: str) -> bool:
    """A yes or no, also as it is written in a csv file."""
    found = row.get(column)
    return found.strip().lower() == "true" if isinstance(found, str) else found is True or bool(value(row, column))
