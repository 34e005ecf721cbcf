"""Contingency tables of surveys that do not fit into memory: read a part, count it, forget it.

Tables of parts add up to the tables of the whole, so that files, months or machines can be counted one after another or
side by side. What is held at a time is one part and the tables, whose size depends on the questions only.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from cxlib.errors import DataError
from cxlib.stats.resampling import MAX_GROUPS
from cxlib.stats.tables import Tables, cross_tables

ROWS = 1 << 16  # of a file read at a time: 16 MB of 30 questions


def tables_of_chunks(
    chunks: Iterable[pd.DataFrame],
    *,
    questions: Sequence[str] | None = None,
    weight: str | None = None,
    unit: str | None = None,
    resampling: bool = False,
    seed: int = 1,
) -> Tables:
    """Contingency tables of every pair of questions, from parts of the rows.

    Parameters
    ----------
    chunks : iterable of DataFrame
        Parts of the rows, each with one numeric column a question (NaN missing). Each is read once and not kept.
    questions : sequence of str, optional
        Columns to count; one that a part does not have is missing for all its rows. When not given, all columns of the
        first part but `weight` and `unit`; every part must then have them.
    weight : str, optional
        Column of design weights; rows without a positive weight count for nothing and are left out.
    unit : str, optional
        Column naming the unit (store) of each row, for `resampling`; a row without one is a unit of its own.
    resampling : bool
        Keep the rows in groups that a bootstrap can draw: units, or people when no `unit` is given. More than 500 of
        them are dealt at random into 500 groups.
    seed : int
        Of that dealing.

    Returns
    -------
    Tables
        Equal to `cross_tables` of all rows at once. One group, or with `resampling` those of the bootstrap.

    Raises
    ------
    DataError
        No part at all, no questions, or a part without a column that is needed.

    Examples
    --------
    >>> parts = [pd.DataFrame({"wait": [1, 2], "return": [0, 10]}), pd.DataFrame({"wait": [2, 3], "return": [10, 9]})]
    >>> tables_of_chunks(parts).block("wait", "return").tolist()
    [[1.0, 0.0, 0.0], [0.0, 0.0, 2.0], [0.0, 1.0, 0.0]]
    """
    deal = _Deal(seed)
    names = None if questions is None else tuple(questions)
    whole: Tables | None = None
    for number, chunk in enumerate(chunks, start=1):
        if names is None:
            names = tuple(map(str, (column for column in chunk.columns if column not in (weight, unit))))
        _check(chunk, number, () if questions is not None else names, weight, unit if resampling else None)
        weights = None
        if weight is not None:
            weights = chunk[weight].to_numpy(dtype=float, na_value=np.nan)
            counted = np.isfinite(weights) & (weights > 0)
            chunk, weights = chunk.loc[counted], weights[counted]
        groups = None
        if resampling:
            groups = deal.people(len(chunk)) if unit is None else deal.units(chunk[unit])
        part = cross_tables(
            chunk.reindex(columns=list(names)),
            weights=weights,
            groups=groups,
            n_groups=deal.count if resampling else None,
        )
        whole = part if whole is None else _with_groups(whole, part.groups) + part
    if whole is None or not names:
        raise DataError("no rows to count", how="give at least one part with at least one question")
    return whole


def chunks_of_csv(path: Path, *, columns: Sequence[str] | None = None, rows: int = ROWS) -> Iterator[pd.DataFrame]:
    """Parts of a file with separated values, read one after another.

    Parameters
    ----------
    path : Path
        UTF-8, comma-separated, first line the names of the columns; numbers in the columns that are counted.
    columns : sequence of str, optional
        Columns to read; all when not given.
    rows : int
        Of each part.
    """
    with pd.read_csv(path, usecols=columns, chunksize=rows) as parts:
        yield from parts


def chunks_of_parquet(path: Path, *, columns: Sequence[str] | None = None, rows: int = ROWS) -> Iterator[pd.DataFrame]:
    """Parts of a Parquet file, read one after another; parameters as in `chunks_of_csv`."""
    import pyarrow.parquet

    with pyarrow.parquet.ParquetFile(path) as file:
        for batch in file.iter_batches(batch_size=rows, columns=None if columns is None else list(columns)):
            yield batch.to_pandas()


class _Deal:
    """Gives each unit or person its group, the same one in whichever part it turns up."""

    def __init__(self, seed: int) -> None:
        self._rng = np.random.default_rng([seed, 14])
        self._known: dict[object, int] = {}
        self._dealt = 0

    @property
    def count(self) -> int:
        """Groups so far."""
        return max(1, min(self._dealt, MAX_GROUPS))

    def people(self, rows: int) -> np.ndarray:
        numbers = self._rng.permutation((self._dealt + np.arange(rows)) % MAX_GROUPS)
        if self._dealt + rows <= MAX_GROUPS:
            numbers = self._dealt + np.arange(rows)
        self._dealt += rows
        return numbers

    def units(self, names: pd.Series) -> np.ndarray:
        codes, found = pd.factorize(names.astype(object))
        numbers = np.array([self._number(name) for name in found], dtype=np.int64)
        result = np.empty(len(codes), dtype=np.int64)
        named = codes >= 0
        result[named] = numbers[codes[named]]
        result[~named] = [self._new() for _ in range(int((~named).sum()))]
        return result

    def _number(self, name: object) -> int:
        if name not in self._known:
            self._known[name] = self._new()
        return self._known[name]

    def _new(self) -> int:
        number = self._dealt if self._dealt < MAX_GROUPS else int(self._rng.integers(MAX_GROUPS))
        self._dealt += 1
        return number


def _with_groups(tables: Tables, groups: int) -> Tables:
    """Room for groups that turned up later."""
    if groups <= tables.groups:
        return tables
    counts = np.zeros((groups, *tables.counts.shape[1:]), dtype=tables.counts.dtype)
    counts[: tables.groups] = tables.counts
    return Tables(tables.names, tables.levels, counts, tables.pairs, tables.squares)


def _check(chunk: pd.DataFrame, number: int, names: Sequence[str], weight: str | None, unit: str | None) -> None:
    absent = [name for name in (*names, weight, unit) if name is not None and name not in chunk.columns]
    if absent:
        raise DataError(
            f"column {', '.join(absent)} is not there",
            where=f"part {number}",
            how="name the questions to count, or give parts with the same columns",
        )
