"""The further tables of the factor test as findings read them: by factor and outcome, empty where one is missing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from cxlib.findings.numbers import number, plain_columns

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
        self._tables = {name: _Rows((tables or {}).get(name)) for name in TABLES}

    def all(self, name: str) -> list[Row]:
        """Every row of a table."""
        return self._tables[name].all()

    def of(self, name: str, factor: str, outcome: str) -> list[Row]:
        """The rows of one factor with one outcome."""
        return self._tables[name].of(factor, outcome)

    def one(self, name: str, factor: str, outcome: str) -> Row | None:
        """The only such row, or None."""
        rows = self.of(name, factor, outcome)
        return rows[0] if rows else None


class _Rows:
    """The rows of one table, made when they are asked for: one of the tables has thousands, and half are never read."""

    def __init__(self, table: pd.DataFrame | None) -> None:
        self._columns = plain_columns(table)
        self._places: dict[tuple[str, str], list[int]] = {}
        if {"factor", "outcome"} <= self._columns.keys():
            for place, key in enumerate(zip(self._columns["factor"], self._columns["outcome"], strict=True)):
                self._places.setdefault(key, []).append(place)

    def all(self) -> list[Row]:
        """Every row."""
        return self._made(self._columns.values())

    def of(self, factor: str, outcome: str) -> list[Row]:
        """The rows of one factor with one outcome."""
        places = self._places.get((factor, outcome), [])
        return self._made([values[place] for place in places] for values in self._columns.values())

    def _made(self, columns: Iterable[list[Any]]) -> list[Row]:
        return [dict(zip(self._columns, row, strict=True)) for row in zip(*columns, strict=True)]


def cell(row: Row, column: str) -> str:
    """A text cell; '' when the column is missing."""
    found = row.get(column)
    return found if isinstance(found, str) else ""


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
