"""The tables of a run folder, read back: the same values and kinds of columns as the stage that wrote them had."""

from __future__ import annotations

import csv
import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from pyarrow import csv as arrow
from pyarrow import parquet, string

# Columns of text in the tables that stages leave; every other column is a number.
_TEXT = {
    "action", "adjusted_method", "caps", "coding", "factor", "field", "first", "given", "grade", "group",
    "importance_method", "inference", "kind", "level", "measure", "method", "missing", "odd_items", "omega_reason",
    "outcome", "phase", "reason", "role", "rows", "rule", "second", "segment", "shape", "sign", "source", "test",
    "turned_by", "wave", "waves_after", "waves_before", "weights", "what", "wording",
}  # fmt: skip
# "first" is a factor where two are compared, and a part of the resamples in the table of importance.
_NUMBERS = {"importance": {"first"}}
_YES_NO = {"matters", "changes", "clear", "differ", "drawn", "equivalent", "stands"}


def read_table(path: Path) -> pd.DataFrame:
    """A csv table that a stage has left.

    Parameters
    ----------
    path : Path

    Returns
    -------
    DataFrame
        Columns of text, of True and False, and of numbers; whole where all of a column are, an empty cell is NaN.

    Notes
    -----
    Everything is read as text first: a wave or a level may be called "NA" or "007", and a number read by Python is the
    very number that was written. Arrow reads it, because a stage reads fifteen tables, most of them small, and
    `pandas.read_csv` takes four times as long over them.
    """
    with path.open(encoding="utf-8-sig", newline="") as lines:
        names = next(csv.reader(lines))
    read = arrow.read_csv(
        path,
        read_options=arrow.ReadOptions(use_threads=False),
        parse_options=arrow.ParseOptions(newlines_in_values=True),
        convert_options=arrow.ConvertOptions(column_types=dict.fromkeys(names, string()), strings_can_be_null=False),
    )
    numbers = _NUMBERS.get(path.stem, set())
    columns: dict[str, Any] = {}
    for name in names:
        cells = read.column(name)
        if name in _YES_NO:
            columns[name] = np.array([text.lower() == "true" for text in cells.to_pylist()], dtype=bool)
        elif name in _TEXT - numbers:
            columns[name] = pd.array(cells, dtype="str")
        else:
            columns[name] = np.array(_numbers(cells.to_pylist()))
    return pd.DataFrame(columns)


def read_answers(path: Path) -> pd.DataFrame:
    """A parquet table of answers.

    Notes
    -----
    As `pandas.read_parquet` reads it, without Arrow's reader of data sets in many files, whose start takes longer than
    the answers do.
    """
    with parquet.ParquetFile(path) as file:
        return file.read(use_threads=False).to_pandas(use_threads=False)


def _numbers(texts: list[str]) -> list[int] | list[float]:
    if all(text.removeprefix("-").isdigit() for text in texts):
        return [int(text) for text in texts]
    return [float(text) if text else math.nan for text in texts]
