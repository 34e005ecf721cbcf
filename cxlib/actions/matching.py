"""Hold the rows of a log against the records that were sealed: which are the same, changed, gone or put between."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from cxlib.actions.cells import read_number
from cxlib.actions.table import KNOWN

Cells = dict[str, str]
ALIKE = 0.5  # share of equal cells from which two records of one action are one record, edited
ALIKE_OTHER_ID = 0.7  # the same where even the id differs


def canonical(cells: Mapping[str, str]) -> Cells:
    """The cells of a record as they count: the known and filled ones, however the file writes them.

    Another order of columns, another encoding, csv or xlsx, and 0.20 for 0.2 make no other record.

    Examples
    --------
    >>> canonical({"what": "two  words", "id": "A1", "smallest_worthwhile": "0,20", "due": ""})
    {'id': 'A1', 'what': 'two words', 'smallest_worthwhile': '0.2'}
    """
    kept = {name: " ".join(cells[name].split()) for name in KNOWN if cells.get(name, "").strip()}
    number = read_number(kept.get("smallest_worthwhile", ""))
    if number == number:  # not NaN
        kept["smallest_worthwhile"] = f"{number:g}"
    return kept


@dataclass(frozen=True)
class Matched:
    """What became of sealed records, and which rows are new.

    Attributes
    ----------
    edited : dict
        Number of a sealed record -> index of the row that it has become.
    removed : tuple of int
        Numbers of sealed records that no row has any more.
    moved : tuple of int
        Numbers of sealed records that stand above an older one of the same action.
    new : tuple of int
        Indices of rows that were not sealed.
    between : frozenset of int
        Those of `new` that stand above a sealed record of the same action.
    place : dict
        Index of a row -> number of its sealed record.
    """

    edited: dict[int, int] = field(default_factory=dict)
    removed: tuple[int, ...] = ()
    moved: tuple[int, ...] = ()
    new: tuple[int, ...] = ()
    between: frozenset[int] = frozenset()
    place: dict[int, int] = field(default_factory=dict)


def match(sealed: Mapping[int, Cells], rank: Mapping[int, int], rows: Sequence[Cells]) -> Matched:
    """Match rows with sealed records.

    Parameters
    ----------
    sealed : mapping
        Number -> canonical cells.
    rank : mapping
        Number -> place in the log as it was last seen.
    rows : sequence
        Canonical cells in the order of the file.
    """
    place = _exact(sealed, rank, rows)
    found = set(place.values())
    left = [number for number in sorted(sealed, key=rank.__getitem__) if number not in found]
    loose = [index for index in range(len(rows)) if index not in place]
    edited: dict[int, int] = {}
    for same_id in (True, False):
        for number, index in _pairs(sealed, rows, left, loose, same_id=same_id):
            edited[number] = index
            left.remove(number)
            loose.remove(index)
    place |= {index: number for number, index in edited.items()}
    moved = _moved(place, rank, rows)
    last = {rows[index].get("id"): index for index in sorted(place)}
    between = frozenset(index for index in loose if index < last.get(rows[index].get("id"), -1))
    return Matched(edited, tuple(left), moved, tuple(loose), between, place)


def _exact(sealed: Mapping[int, Cells], rank: Mapping[int, int], rows: Sequence[Cells]) -> dict[int, int]:
    numbers: dict[frozenset, list[int]] = defaultdict(list)
    for number in sorted(sealed, key=rank.__getitem__, reverse=True):
        numbers[frozenset(sealed[number].items())].append(number)
    place = {}
    for index, cells in enumerate(rows):
        waiting = numbers.get(frozenset(cells.items()))
        if waiting:
            place[index] = waiting.pop()
    return place


def _pairs(
    sealed: Mapping[int, Cells], rows: Sequence[Cells], left: list[int], loose: list[int], *, same_id: bool
) -> list[tuple[int, int]]:
    """Sealed records and the rows that are most alike, each used once."""
    of_action: dict[str | None, list[int]] = defaultdict(list)
    for index in loose:
        of_action[rows[index].get("id")].append(index)
    found = []
    for number in left:
        before = sealed[number]
        for index in of_action[before.get("id")] if same_id else loose:
            alike = _alike(before, rows[index])
            if alike >= (ALIKE if same_id else ALIKE_OTHER_ID):
                found.append((-alike, number, index))
    pairs, numbers, indices = [], set(), set()
    for _, number, index in sorted(found):
        if number not in numbers and index not in indices:
            pairs.append((number, index))
            numbers.add(number)
            indices.add(index)
    return pairs


def _alike(before: Cells, now: Cells) -> float:
    names = (before.keys() | now.keys()) - {"id"}
    return sum(before.get(name) == now.get(name) for name in names) / len(names) if names else 1.0


def _moved(place: Mapping[int, int], rank: Mapping[int, int], rows: Sequence[Cells]) -> tuple[int, ...]:
    """Of each action the fewest records that must have been moved for the rest to stand in their order."""
    of_action: dict[str, list[int]] = defaultdict(list)
    for index in sorted(place):
        of_action[rows[index].get("id", "")].append(place[index])
    moved = [
        number for numbers in of_action.values() for number in sorted(set(numbers) - _longest_rising(numbers, rank))
    ]
    return tuple(sorted(moved))


def _longest_rising(numbers: Iterable[int], rank: Mapping[int, int]) -> set[int]:
    """The longest part of a sequence that rises in rank."""
    ends: list[int] = []  # smallest rank that ends a rising part of each length
    parts: list[list[int]] = []
    for number in numbers:
        length = bisect_left(ends, rank[number])
        part = [*(parts[length - 1] if length else []), number]
        ends[length : length + 1] = [rank[number]]
        parts[length : length + 1] = [part]
    return set(parts[-1]) if parts else set()
