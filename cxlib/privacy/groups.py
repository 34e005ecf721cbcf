"""Which groups of customers to hide, so that none of too few can be seen or had by subtraction."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from cxlib.privacy.draft import CrossCounts, GroupCounts, Table
from cxlib.privacy.suppression import Sum, is_small, suppress

TOTAL = "all"


def _name(segment: str, level: str) -> str:
    return f"{segment}={level}"


def hidden_levels(
    groups: Mapping[Table, GroupCounts],
    crossed: Mapping[tuple[str, str], Sequence[CrossCounts]],
    limit_of: Callable[[str], int],
) -> dict[tuple[str, str], frozenset[str]]:
    """Levels to hide, by factor and segment.

    Parameters
    ----------
    groups : mapping of Table to GroupCounts
        People by level, for each factor, outcome and segment ("" is the wave).
    crossed : mapping of (factor, outcome) to CrossCounts
        The same people by two segments at once.
    limit_of : function
        Segment -> the smallest group that may be shown.

    Returns
    -------
    dict of (factor, segment) to frozenset of str

    Notes
    -----
    Levels of a segment and their total are one table. Two segments meet in their cells, none of which is shown: a
    city inside a region must not give away the region's other city. What is hidden with one outcome is hidden with
    the other, because the people are nearly the same.
    """
    hidden: dict[tuple[str, str], set[str]] = {}
    for factor, outcome in dict.fromkeys((factor, outcome) for factor, outcome, _ in sorted(groups)):
        tables = {segment: counts for (f, o, segment), counts in groups.items() if (f, o) == (factor, outcome)}
        gone = _hidden_names(tables, crossed.get((factor, outcome), ()), limit_of)
        for segment, counts in tables.items():
            levels = {level for level in counts.levels if _name(segment, level) in gone}
            hidden.setdefault((factor, segment), set()).update(levels)
    return {place: frozenset(levels) for place, levels in hidden.items()}


def _hidden_names(
    tables: Mapping[str, GroupCounts], crossed: Sequence[CrossCounts], limit_of: Callable[[str], int]
) -> set[str]:
    gone: set[str] = set()
    systems = [_one_way(segment, counts, limit_of(segment)) for segment, counts in sorted(tables.items())]
    for cross in crossed:
        if cross.first in tables and cross.second in tables:
            limit = max(limit_of(cross.first), limit_of(cross.second))
            systems.append(_two_way(cross, tables, limit))
    while True:
        before = len(gone)
        for counts, sums, limit, unseen in systems:
            found = suppress(counts, sums, limit, hidden={*unseen, *(gone & counts.keys())})
            gone |= found - unseen
        if len(gone) == before:
            return gone - {TOTAL}


System = tuple[dict[str, int], list[Sum], int, frozenset[str]]  # counts, sums, limit, names never shown


def _one_way(segment: str, counts: GroupCounts, limit: int) -> System:
    names = {_name(segment, level): count for level, count in counts.levels.items()}
    # Those without a group are shown nowhere. When they are few they must not be had by subtraction either; when they
    # are many they are taken as known, so that they cannot serve as cover for a small group.
    without = counts.total - sum(counts.levels.values())
    unseen = frozenset({f"{segment} without"}) if is_small(without, limit) else frozenset()
    names |= dict.fromkeys(unseen, without)
    parts = tuple(names)
    return {**names, TOTAL: sum(names.values())}, [Sum(TOTAL, parts)], limit, unseen


def _two_way(cross: CrossCounts, tables: Mapping[str, GroupCounts], limit: int) -> System:
    """Each level is the sum of its cells. Empty cells are taken as known: who knows that a city lies in a region
    knows them."""
    cells = {f"cell {one!r} {two!r}": (one, two, count) for (one, two), count in cross.cells.items() if count}
    names = {name: count for name, (_, _, count) in cells.items()}
    sums = []
    for segment, place in ((cross.first, 0), (cross.second, 1)):
        for level, count in tables[segment].levels.items():
            parts = tuple(name for name, cell in cells.items() if cell[place] == level)
            if parts:
                names[_name(segment, level)] = count
                sums.append(Sum(_name(segment, level), parts))
    # A level too small for its own segment is hidden there; here the limit of the more sensitive of the two counts.
    return names, sums, limit, frozenset(cells)
