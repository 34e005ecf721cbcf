"""The table of the factor test: its columns and how it is kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

COLUMNS = (
    "factor", "outcome", "segment", "level", "wave", "n", "reason",
    "method", "estimate", "low", "high", "p", "q", "q_by", "p_holm", "fcr_low", "fcr_high",
    "adjusted_method", "adjusted", "adjusted_low", "adjusted_high", "adjusted_p", "adjusted_q", "adjusted_q_by",
    "adjusted_p_holm", "sign",
    "importance_method", "share", "share_low", "share_high", "top3", "noise_high", "halo_noise_high", "r2",
    "mean", "low_share",
    "penalty", "penalty_low", "penalty_high", "reward", "reward_low", "reward_high", "shape",
    "shape_sure",
    "careless_estimate", "specs_stand", "specs_of", "detectable", "differs_p", "differs_q", "grade", "matters",
)  # fmt: skip
TEXT = frozenset(
    (
        "factor", "outcome", "segment", "level", "wave", "reason",
        "method", "adjusted_method", "importance_method", "shape", "grade", "sign",
    )
)  # fmt: skip
WHOLE_NUMBERS = frozenset(("n", "specs_stand", "specs_of"))
DIGITS = 8  # significant digits kept: what differs beyond comes from the machine, not from the answers


TABLES = (
    "associations", "importance", "comparisons", "specifications", "groups", "halo", "sensitivity", "reliability",
    "design",
)  # fmt: skip


@dataclass(frozen=True)
class Drivers:
    """Result of the factor test.

    Parameters
    ----------
    table : DataFrame
        One row a factor and outcome, and further rows by segment level and wave.
    tables : dict
        Further tables by name, of `TABLES`. Every column of every table is described in docs/statistics.md.
    """

    table: pd.DataFrame
    tables: dict[str, pd.DataFrame] = field(default_factory=dict)

    def save(self, folder: Path) -> list[Path]:
        """Write drivers.csv and a file for each further table into `folder`; returns the files written."""
        files = []
        for name, table in {"drivers": self.table, **self.tables}.items():
            path = Path(folder) / f"{name}.csv"
            table.to_csv(path, index=False, lineterminator="\n", encoding="utf-8")
            files.append(path)
        return files


def tidy(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Rows with any of `COLUMNS` as the table of the factor test."""
    kinds = dict.fromkeys(TEXT, "text") | dict.fromkeys(WHOLE_NUMBERS, "whole") | {"matters": "yes"}
    return typed(rows, {column: kinds.get(column, "number") for column in COLUMNS})


def typed(rows: Sequence[Mapping[str, Any]], columns: Mapping[str, str]) -> pd.DataFrame:
    """Rows as a table: all columns in their order, one type each, numbers to eight significant digits.

    Parameters
    ----------
    rows : sequence of mappings
        What a row lacks is missing: '' in text, NA in whole numbers, False in yes, NaN in numbers.
    columns : mapping
        Column -> 'text', 'whole', 'yes' or 'number'.
    """
    table: dict[str, Any] = {}
    for column, kind in columns.items():
        values = [row.get(column) for row in rows]
        if kind == "text":
            table[column] = pd.Series(["" if value is None else str(value) for value in values], dtype=object)
        elif kind == "whole":
            numbers = np.array([np.nan if value is None else value for value in values], dtype=float)
            table[column] = pd.array([int(value) if np.isfinite(value) else pd.NA for value in numbers], dtype="Int64")
        elif kind == "yes":
            table[column] = pd.Series([bool(value) for value in values], dtype=bool)
        else:
            numbers = np.array([np.nan if value is None else value for value in values], dtype=float)
            table[column] = significant(np.where(np.isinf(numbers), np.nan, numbers))
    return pd.DataFrame(table, columns=list(columns))


def significant(values: np.ndarray, digits: int = DIGITS) -> np.ndarray:
    """Numbers to so many significant digits; NaN stays.

    Examples
    --------
    >>> significant(np.array([123.456789, 1e-20 / 3, 0.0]), 3).tolist()
    [123.0, 3.33e-21, 0.0]
    """
    return np.array([float(f"{value:.{digits - 1}e}") for value in np.asarray(values, dtype=float)])
