"""Hide small counts so that no hidden one can be had by subtraction.

A table is a set of counts and of sums among them (a total and its parts). Counts from 1 to the limit - 1 are
hidden first (primary suppression). Then further counts are hidden, the smallest that help, until no linear
combination of shown totals gives a hidden small count, nor a sum of hidden counts below the limit
(complementary suppression). Zero is shown: it speaks of nobody.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

TINY = 1e-9  # rounding in a system of zeros and ones; what is fixed is fixed exactly


@dataclass(frozen=True)
class Sum:
    """`total` = the sum of `parts`, all of them names of counts."""

    total: str
    parts: tuple[str, ...]


def is_small(count: int, limit: int) -> bool:
    """Whether a count is of somebody, but of too few.

    Examples
    --------
    >>> is_small(0, 5), is_small(4, 5), is_small(5, 5)
    (False, True, False)
    """
    return 0 < count < limit


def suppress(
    counts: Mapping[str, int], sums: Iterable[Sum], limit: int, *, hidden: Collection[str] = ()
) -> frozenset[str]:
    """Which counts to hide.

    Parameters
    ----------
    counts : mapping of str to int
        Numbers of people by name, totals included.
    sums : iterable of Sum
        How the counts add up.
    limit : int
        The smallest number of people that may be shown.
    hidden : collection of str
        Names that are not shown in any case (such as those of the group without an answer).

    Returns
    -------
    frozenset of str
        Names to hide; those given as `hidden` included.

    Examples
    --------
    A single hidden group could be had as 60 - 40 - 17, so the next smallest is hidden with it:

    >>> counts = {"all": 60, "north": 40, "south": 17, "islands": 3}
    >>> sorted(suppress(counts, [Sum("all", ("north", "south", "islands"))], 5))
    ['islands', 'south']
    """
    sums = tuple(sums)
    gone = {name for name, count in counts.items() if is_small(count, limit)} | set(hidden)
    while True:
        leaks = _leaks(counts, sums, limit, gone)
        if not leaks:
            return frozenset(gone)
        gone.add(_cheapest(counts, sums, gone, leaks))


def too_close(first: Collection[int] | Collection[str], second: Collection[int] | Collection[str], limit: int) -> bool:
    """Whether two overlapping cuts of people differ by so few that showing both would show those few.

    Examples
    --------
    >>> too_close({1, 2, 3, 4, 5, 6}, {1, 2, 3, 4, 5, 6, 7}, 5)
    True
    """
    one, two = set(first), set(second)
    return bool(one & two) and (is_small(len(one - two), limit) or is_small(len(two - one), limit))


def _leaks(counts: Mapping[str, int], sums: Sequence[Sum], limit: int, gone: set[str]) -> set[str]:
    """Hidden names that shown numbers give away, alone or as a small sum."""
    columns = sorted(gone)
    people = np.array([counts[name] for name in columns])
    rows = np.array([_row(item, columns) for item in sums]).reshape(len(sums), len(columns))
    rows = rows[rows.any(axis=1)]
    if not rows.size:
        return set()
    small = (people > 0) & (people < limit)
    leaking = _determined(rows) & small
    for place in range(len(rows)):
        # One sum alone, and the difference of two: when nothing cancels, they say how many people there are.
        known = np.vstack([rows[place : place + 1], rows[place] - rows[place + 1 :]])
        one_sign = (known >= 0).all(axis=1) | (known <= 0).all(axis=1)
        sizes = np.abs(known @ people)
        for members in known[one_sign & (sizes > 0) & (sizes < limit)]:
            leaking |= members != 0
    return {name for name, leaks in zip(columns, leaking, strict=True) if leaks}


def _row(item: Sum, columns: Sequence[str]) -> list[int]:
    """The hidden side of one sum: parts count 1, the total -1; what is shown is known and drops out."""
    parts = set(item.parts)
    return [1 if name in parts else -1 if name == item.total else 0 for name in columns]


def _determined(rows: np.ndarray) -> np.ndarray:
    """Which unknowns a linear system fixes: those whose unit vector lies in the space of its rows."""
    _, weights, directions = np.linalg.svd(rows.astype(float), full_matrices=False)
    space = directions[weights > TINY * weights[0]]
    return (space**2).sum(axis=0) > 1 - TINY


def _cheapest(counts: Mapping[str, int], sums: Sequence[Sum], gone: set[str], leaks: set[str]) -> str:
    """The next count to hide: nearest to the leak, a part before a total, people before nobody, the smallest."""
    reach = set(leaks)
    while True:
        touching = [item for item in sums if reach & {item.total, *item.parts}]
        totals = {item.total for item in touching}
        parts = {name for item in touching for name in item.parts}
        free = (totals | parts) - gone
        if free:
            return min(free, key=lambda name: (name in totals, counts[name] == 0, counts[name], name))
        wider = reach | totals | parts
        if wider == reach:  # everything that touches the leak is hidden: no shown number is left to subtract from
            raise RuntimeError("a leak without a shown number")
        reach = wider
