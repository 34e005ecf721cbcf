"""The tables of earlier stages as findings read them: plain values, None where there is no number."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from cxlib.findings.schema import DECIMALS, Association, Grade
from cxlib.params.model import Params


def number(value: Any) -> float | None:
    """A number rounded as it is written; None for missing, NaN and infinite."""
    if value is None or value is pd.NA:
        return None
    value = float(value)
    return round(value, DECIMALS) + 0.0 if math.isfinite(value) else None


def count(value: Any) -> int:
    """A count; nothing counts as 0."""
    value = number(value)
    return 0 if value is None else round(value)


def text(value: Any) -> str:
    """A text cell; blank when missing."""
    return value if isinstance(value, str) else ""


def records(table: pd.DataFrame | None) -> list[dict[str, Any]]:
    """The rows of a table as plain values by column name; none where there is no table.

    Equal to `table.to_dict("records")`, which looks at every cell by itself and takes six times as long.
    """
    columns = plain_columns(table)
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def plain_columns(table: pd.DataFrame | None) -> dict[str, list[Any]]:
    """The columns of a table as plain values by their name."""
    return {} if table is None else {str(name): _plain(table[name]) for name in table.columns}


def _plain(column: pd.Series) -> list[Any]:
    """Python's own numbers and texts."""
    if isinstance(column.dtype, pd.StringDtype):  # its own `tolist` takes one cell after another out of Arrow
        return column.to_numpy(dtype=object).tolist()
    masked = isinstance(column.dtype, pd.api.extensions.ExtensionDtype)
    return [None if item is pd.NA else item for item in column.tolist()] if masked else column.tolist()


@dataclass(frozen=True)
class Pair:
    """One factor with one outcome, and its row of drivers.csv."""

    factor: str
    outcome: str
    row: Mapping[str, Any]

    @property
    def id(self) -> str:
        """Stable across runs."""
        return f"{self.factor}.{self.outcome}"

    @property
    def n(self) -> int:
        """Answers with both."""
        return count(self.row["n"])

    def get(self, column: str) -> float | None:
        """A number of the row."""
        return number(self.row[column])

    def associations(self) -> tuple[Association, Association]:
        """The association, and the same given all other factors.

        The interval of what was picked out is the one that stays honest after picking, where the table has it.
        """
        names = ("estimate", "low", "high", "p", "q")
        adjusted = ("adjusted", "adjusted_low", "adjusted_high", "adjusted_p", "adjusted_q")
        plain = {name: self.get(name) for name in names}
        picked = {name: number(self.row.get(f"fcr_{name}")) for name in ("low", "high")}
        return (
            Association(method=text(self.row["method"]), **(plain if None in picked.values() else plain | picked)),
            Association(
                method=text(self.row["adjusted_method"]),
                **{name: self.get(column) for name, column in zip(names, adjusted, strict=True)},
            ),
        )


def grade_of(row: Mapping[str, Any], *, q: float, min_pairs: int) -> Grade | None:
    """The grade of an association, computed from its numbers.

    Parameters
    ----------
    row : mapping
        A whole row of drivers.csv (n, estimate, q, adjusted, adjusted_q).
    q : float
        Limit of the false discovery rate.
    min_pairs : int
        Answers needed before anything is said.

    Returns
    -------
    'E0', 'E1' or None
        E0: too few answers. E1: associated, and the sign stands when all other factors are held. None: neither.

    Examples
    --------
    >>> grade_of({"n": 400, "estimate": 0.3, "q": 0.001, "adjusted": 0.1, "adjusted_q": 0.02}, q=0.05, min_pairs=30)
    'E1'
    """
    if count(row["n"]) < min_pairs:
        return "E0"
    values = [row[name] for name in ("estimate", "adjusted", "q", "adjusted_q")]
    if any(number(value) is None for value in values):
        return None
    estimate, adjusted, first, second = (float(value) for value in values)
    same_sign = estimate * adjusted > 0
    return "E1" if same_sign and first < q and second < q else None


class DriversTable:
    """drivers.csv by kind of row."""

    def __init__(self, table: pd.DataFrame) -> None:
        rows = records(table)
        self._rows = rows
        self.outcomes = tuple(dict.fromkeys(text(row["outcome"]) for row in rows))

    @cached_property
    def whole(self) -> dict[tuple[str, str], Pair]:
        """Factor and outcome -> the row over all answers, in the order of the table."""
        found = (row for row in self._rows if not (text(row["segment"]) or text(row["level"]) or text(row["wave"])))
        return {(row["factor"], row["outcome"]): Pair(row["factor"], row["outcome"], row) for row in found}

    @cached_property
    def _parts(self) -> dict[tuple[str, str, str], list[Mapping[str, Any]]]:
        parts: dict[tuple[str, str, str], list[Mapping[str, Any]]] = {}
        for row in self._rows:
            if text(row["level"]) or text(row["wave"]):
                parts.setdefault((row["factor"], row["outcome"], text(row["segment"])), []).append(row)
        return parts

    @cached_property
    def _differences(self) -> dict[tuple[str, str, str], Mapping[str, Any]]:
        return {
            (row["factor"], row["outcome"], text(row["segment"])): row
            for row in self._rows
            if text(row["segment"]) and not text(row["level"])
        }

    def parts(self, pair: Pair, segment: str) -> list[Mapping[str, Any]]:
        """Rows of a segment's levels, or with segment '' of the waves; those without anybody are left out."""
        rows = self._parts.get((pair.factor, pair.outcome, segment), [])
        return [row for row in rows if count(row["n"]) > 0]

    def difference(self, pair: Pair, segment: str) -> Mapping[str, Any] | None:
        """The row of the test whether the levels of a segment differ."""
        return self._differences.get((pair.factor, pair.outcome, segment))

    def differences_of(self, pair: Pair) -> list[Mapping[str, Any]]:
        """The rows of all such tests of a factor with an outcome."""
        return [row for key, row in self._differences.items() if key[:2] == (pair.factor, pair.outcome)]


def room_to_improve(mean: float | None, scale: tuple[int, int], rises: bool) -> float:
    """How far the mean rating is from where customers would have it, as a share of the scale, 0-1.

    Examples
    --------
    >>> room_to_improve(4.0, (1, 5), True), room_to_improve(4.0, (1, 5), False)
    (0.25, 0.75)
    """
    low, high = scale
    if mean is None:
        return 0.0
    return (high - mean if rises else mean - low) / (high - low)


def in_order(pairs: Iterable[Pair], params: Params) -> list[Pair]:
    """What matters most and has most room to improve first; never by a score, never by a unit."""

    def key(pair: Pair) -> tuple[float, str]:
        scale = params.factors[pair.factor].scale
        room = room_to_improve(pair.get("mean"), scale, (pair.get("estimate") or 0) >= 0)
        return -(pair.get("share") or 0.0) * room, pair.id

    return sorted(pairs, key=key)
