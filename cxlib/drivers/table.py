"""The table of the factor test: its columns and how it is kept."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

COLUMNS = (
    "factor", "outcome", "segment", "level", "wave", "n", "reason",
    "method", "estimate", "low", "high", "p", "q",
    "adjusted_method", "adjusted", "adjusted_low", "adjusted_high", "adjusted_p", "adjusted_q",
    "importance_method", "share", "share_low", "share_high", "top3", "noise_high", "r2",
    "mean", "low_share",
    "penalty", "penalty_low", "penalty_high", "reward", "reward_low", "reward_high", "shape",
    "careless_estimate", "specs_stand", "specs_of", "detectable", "differs_p", "differs_q", "grade", "matters",
)  # fmt: skip
TEXT = frozenset(
    (
        "factor", "outcome", "segment", "level", "wave", "reason",
        "method", "adjusted_method", "importance_method", "shape", "grade",
    )
)  # fmt: skip
WHOLE_NUMBERS = frozenset(("n", "specs_stand", "specs_of"))
DIGITS = 8  # significant digits kept: what differs beyond comes from the machine, not from the answers


@dataclass(frozen=True)
class Drivers:
    """Result of the factor test.

    Parameters
    ----------
    table : DataFrame
        One row a factor and outcome, and further rows by segment level and wave; every column is described in
        docs/statistics.md.
    """

    table: pd.DataFrame

    def save(self, folder: Path) -> list[Path]:
        """Write drivers.csv into `folder`; returns the files written."""
        path = Path(folder) / "drivers.csv"
        self.table.to_csv(path, index=False, lineterminator="\n", encoding="utf-8")
        return [path]


def tidy(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Rows with any of `COLUMNS` as the tidy table: all columns, one type each, numbers to eight significant digits."""
    table = {}
    for column in COLUMNS:
        values = [row.get(column) for row in rows]
        if column in TEXT:
            table[column] = pd.Series(["" if value is None else str(value) for value in values], dtype=object)
        elif column in WHOLE_NUMBERS:
            table[column] = pd.array([pd.NA if value is None else int(value) for value in values], dtype="Int64")
        elif column == "matters":
            table[column] = pd.Series([bool(value) for value in values], dtype=bool)
        else:
            numbers = np.array([np.nan if value is None else value for value in values], dtype=float)
            table[column] = significant(numbers)
    return pd.DataFrame(table, columns=list(COLUMNS))


def significant(values: np.ndarray, digits: int = DIGITS) -> np.ndarray:
    """Numbers to so many significant digits; NaN stays.

    Examples
    --------
    >>> significant(np.array([123.456789, 1e-20 / 3, 0.0]), 3).tolist()
    [123.0, 3.33e-21, 0.0]
    """
    return np.array([float(f"{value:.{digits - 1}e}") for value in np.asarray(values, dtype=float)])
