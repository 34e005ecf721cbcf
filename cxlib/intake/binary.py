"""SPSS, Stata and parquet files: typed columns, value labels and user-missing values."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from cxlib.errors import DataError, Problem
from cxlib.intake.table import Codebook, Opened, Range, Taken


def open_statistical(path: Path, where: str, *, encoding: str | None = None) -> Opened:
    """Read a .sav, .zsav or .dta file; user-missing values stay in the cells and are told in the codebooks.

    Parameters
    ----------
    path : Path
    where : str
        The file's name, for messages.
    encoding : str, optional
        Of the file's texts, for old files that do not say it.

    Raises
    ------
    DataError
        The file is damaged or of another kind.
    """
    import pyreadstat

    kind = path.suffix.lower().lstrip(".")
    reader = pyreadstat.read_dta if kind == "dta" else pyreadstat.read_sav
    broken = (pyreadstat.ReadstatError, pyreadstat.PyreadstatError, UnicodeError, ValueError, LookupError, OSError)
    program = "Stata" if kind == "dta" else "SPSS"
    problem = Problem(
        f"The file cannot be read as a file of {program}.",
        where,
        "export it again; for a very old file name its encoding (data.encoding), for example windows-1258",
    )
    try:
        _, meta = reader(str(path), metadataonly=True, encoding=encoding)
    except broken:
        raise DataError(problem) from None

    def take(positions: Sequence[int]) -> Taken:
        wanted = [meta.column_names[position] for position in positions]
        try:
            frame, found = reader(str(path), usecols=list(dict.fromkeys(wanted)), user_missing=True, encoding=encoding)
        except broken:
            raise DataError(problem) from None
        books = [
            Codebook(
                _labels(found.variable_value_labels.get(name, {})),
                _ranges(found.missing_ranges.get(name, ()), found.missing_user_values.get(name, ())),
            )
            for name in wanted
        ]
        return Taken(np.arange(1, len(frame) + 1), [_cells(frame[name]) for name in wanted], books)

    return Opened(
        names=tuple(meta.column_names),
        take=take,
        format=kind,
        sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
        encoding=meta.file_encoding or "",
        wording=tuple(unicodedata.normalize("NFC", text or "").strip() for text in meta.column_labels),
    )


def open_parquet(path: Path, where: str) -> Opened:
    """Read a parquet file.

    Raises
    ------
    DataError
        The file is damaged or no parquet file.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    problem = Problem("The file cannot be read as a parquet file.", where, "export it again, or export it as .csv")
    try:
        names = pq.read_schema(path).names
    except (pa.ArrowException, OSError):
        raise DataError(problem) from None

    def take(positions: Sequence[int]) -> Taken:
        try:
            table = pq.ParquetFile(path).read(columns=list(dict.fromkeys(names[position] for position in positions)))
        except (pa.ArrowException, OSError):
            raise DataError(problem) from None
        rows = np.arange(1, table.num_rows + 1)
        cells = [_cells(table.column(names[position]).to_pandas()) for position in positions]
        return Taken(rows, cells, [Codebook()] * len(cells))

    return Opened(names=tuple(names), take=take, format="parquet", sha256=hashlib.sha256(path.read_bytes()).hexdigest())


def _labels(labels: Mapping[Any, str]) -> dict[float, str]:
    return {
        float(code): unicodedata.normalize("NFC", str(label)).strip()
        for code, label in labels.items()
        if isinstance(code, int | float)
    }


def _ranges(ranges: Iterable[Any], letters: Iterable[Any]) -> tuple[Range, ...]:
    return (*((item["lo"], item["hi"]) for item in ranges), *((letter, letter) for letter in letters))


def _cells(column: pd.Series) -> np.ndarray:
    """Raw cells: floats for a numeric column, else objects with None for blank."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        column = column.astype(object)
    if pd.api.types.is_bool_dtype(column.dtype):
        return column.astype("float64").to_numpy()
    if pd.api.types.is_numeric_dtype(column.dtype):
        return column.to_numpy(dtype="float64", na_value=np.nan)
    cells = column.astype(object).to_numpy(dtype=object, na_value=None)
    plain = np.empty(len(cells), dtype=object)
    for number, cell in enumerate(cells):
        if isinstance(cell, str):
            cell = unicodedata.normalize("NFC", cell) if cell.strip() else None
        elif isinstance(cell, list | dict | np.ndarray | bytes):
            cell = str(cell)
        elif cell is not None and pd.isna(cell):
            cell = None
        plain[number] = cell
    return plain
