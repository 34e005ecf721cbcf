"""No hidden count can be had from shown totals: solved here by exact elimination, apart from the library's way."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxlib.privacy.draft import CrossCounts, GroupCounts
from cxlib.privacy.groups import hidden_levels
from cxlib.privacy.suppression import Sum, suppress, too_close

COUNT = st.one_of(st.integers(0, 9), st.integers(0, 300))


def fixed(equations: list[tuple[dict[str, int], int]], unknowns: list[str]) -> dict[str, Fraction]:
    """Unknowns that the equations fix, with their value: Gauss-Jordan elimination over fractions."""
    rows = [[Fraction(left.get(name, 0)) for name in unknowns] + [Fraction(right)] for left, right in equations]
    top = 0
    pivots = []
    for column in range(len(unknowns)):
        line = next((number for number in range(top, len(rows)) if rows[number][column]), None)
        if line is None:
            continue
        rows[top], rows[line] = rows[line], rows[top]
        rows[top] = [value / rows[top][column] for value in rows[top]]
        for other in range(len(rows)):
            if other != top and rows[other][column]:
                times = rows[other][column]
                rows[other] = [a - times * b for a, b in zip(rows[other], rows[top], strict=True)]
        pivots.append(column)
        top += 1
    assert not any(row[-1] and not any(row[:-1]) for row in rows), "the shown numbers contradict each other"
    return {
        unknowns[column]: rows[line][-1] for line, column in enumerate(pivots) if sum(map(bool, rows[line][:-1])) == 1
    }


def seen_by_a_reader(counts: dict[str, int], sums: list[Sum], hidden: frozenset[str]) -> dict[str, Fraction]:
    equations = []
    for item in sums:
        left: dict[str, int] = {}
        right = 0
        for name, weight in [*((part, 1) for part in item.parts), (item.total, -1)]:
            if name in hidden:
                left[name] = left.get(name, 0) + weight
            else:
                right -= weight * counts[name]
        equations.append((left, right))
    return fixed(equations, sorted(hidden))


def assert_kept(counts: dict[str, int], sums: list[Sum], limit: int, hidden: frozenset[str]) -> None:
    assert all(not 0 < count < limit for name, count in counts.items() if name not in hidden)
    found = seen_by_a_reader(counts, sums, hidden)
    assert not [name for name, value in found.items() if 0 < value < limit]
    for item in sums:  # nor is a handful of people left over when the shown ones are taken from a shown total
        if item.total not in hidden:
            rest = counts[item.total] - sum(counts[part] for part in item.parts if part not in hidden)
            assert not 0 < rest < limit


@given(st.lists(COUNT, min_size=1, max_size=8), st.sampled_from((5, 10)))
@settings(max_examples=300, deadline=None)
def test_one_total_and_its_groups(groups, limit):
    counts = {f"g{number}": count for number, count in enumerate(groups)}
    sums = [Sum("all", tuple(counts))]
    counts["all"] = sum(groups)
    assert_kept(counts, sums, limit, suppress(counts, sums, limit))


@given(st.integers(2, 4), st.integers(2, 4), st.data())
@settings(max_examples=150, deadline=None)
def test_a_table_with_margins(height, width, data):
    cells = {f"{row}.{column}": data.draw(COUNT) for row in range(height) for column in range(width)}
    sums = [Sum(f"row {row}", tuple(f"{row}.{column}" for column in range(width))) for row in range(height)]
    sums += [Sum(f"column {column}", tuple(f"{row}.{column}" for row in range(height))) for column in range(width)]
    counts = dict(cells)
    for item in sums:
        counts[item.total] = sum(cells[part] for part in item.parts)
    rows = tuple(item.total for item in sums if item.total.startswith("row"))
    columns = tuple(item.total for item in sums if item.total.startswith("column"))
    sums += [Sum("all", rows), Sum("all", columns)]
    counts["all"] = sum(cells.values())
    assert_kept(counts, sums, 5, suppress(counts, sums, 5))


@given(st.lists(st.lists(COUNT, min_size=1, max_size=4), min_size=1, max_size=4))
@settings(max_examples=150, deadline=None)
def test_groups_inside_groups(tree):
    counts: dict[str, int] = {}
    sums = []
    for number, leaves in enumerate(tree):
        names = {f"{number}.{leaf}": count for leaf, count in enumerate(leaves)}
        counts |= names
        counts[f"group {number}"] = sum(leaves)
        sums.append(Sum(f"group {number}", tuple(names)))
    counts["all"] = sum(counts[item.total] for item in sums)
    sums.append(Sum("all", tuple(item.total for item in sums)))
    assert_kept(counts, sums, 5, suppress(counts, sums, 5))


def shown_after(people: dict[tuple[str, str], int], limit: int = 5) -> tuple[dict[str, int], frozenset[str]]:
    """Levels of two segments over the same people, and which of them are hidden."""
    first, second = ({key[place] for key in people} - {""} for place in (0, 1))
    totals = {f"a={level}": sum(n for key, n in people.items() if key[0] == level) for level in first}
    totals |= {f"b={level}": sum(n for key, n in people.items() if key[1] == level) for level in second}
    total = sum(people.values())
    groups = {
        ("f", "o", "a"): GroupCounts(total, {level: totals[f"a={level}"] for level in first}),
        ("f", "o", "b"): GroupCounts(total, {level: totals[f"b={level}"] for level in second}),
    }
    hidden = hidden_levels(groups, {("f", "o"): (CrossCounts("a", "b", people),)}, lambda segment: limit)
    gone = {f"{segment}={level}" for (_, segment), levels in hidden.items() for level in levels}
    return {**totals, "all": total}, frozenset(gone)


@given(st.integers(1, 3), st.integers(1, 4), st.data())
@settings(max_examples=200, deadline=None)
def test_two_segments_of_the_same_people(height, width, data):
    """A reader who knows which groups lie inside which, and every total shown, finds no few people."""
    levels_a = [*(f"x{number}" for number in range(height)), ""]
    levels_b = [*(f"y{number}" for number in range(width)), ""]
    size = st.one_of(st.just(0), COUNT)
    people = {pair: data.draw(size) for pair in product(levels_a, levels_b)}
    counts, gone = shown_after(people)
    cells = {f"{a}&{b}": n for (a, b), n in people.items() if n}
    counts |= cells
    sums = [
        Sum(f"{segment}={level}", tuple(f"{a}&{b}" for (a, b), n in people.items() if n and (a, b)[place] == level))
        for segment, place, levels in (("a", 0, levels_a), ("b", 1, levels_b))
        for level in levels
        if level
    ]
    assert all(not 0 < counts[item.total] < 5 for item in sums if item.total not in gone)
    found = seen_by_a_reader(counts, sums, frozenset({*cells, *gone}))
    assert not [name for name, value in found.items() if 0 < value < 5]


def test_a_small_town_is_not_had_from_its_province_and_the_other_town():
    people = {("north", "hanoi"): 37, ("north", "village"): 3, ("south", "saigon"): 60, ("south", "harbour"): 12}
    counts, gone = shown_after(people)
    assert "b=village" in gone
    left = {name for name in counts if name not in gone}
    assert not {"a=north", "b=hanoi"} <= left


def test_the_smallest_that_helps_goes_and_no_more():
    counts = {"a": 3, "b": 40, "c": 17, "d": 0, "all": 60}
    assert suppress(counts, [Sum("all", ("a", "b", "c", "d"))], 5) == {"a", "c"}
    assert suppress({"a": 40, "all": 40}, [Sum("all", ("a",))], 5) == frozenset()


def test_two_small_groups_may_cover_each_other_when_they_are_enough_together():
    assert suppress({"a": 3, "b": 4, "c": 50, "all": 57}, [Sum("all", ("a", "b", "c"))], 5) == {"a", "b"}
    assert suppress({"a": 1, "b": 2, "c": 50, "all": 53}, [Sum("all", ("a", "b", "c"))], 5) == {"a", "b", "c"}


@pytest.mark.parametrize(
    ("first", "second", "near"),
    [
        (range(40), range(43), True),
        (range(40), range(45), False),
        (range(5), range(10, 20), False),
        (range(8), range(8), False),
    ],
)
def test_two_overlapping_cuts_differ_by_enough(first, second, near):
    assert too_close(set(first), set(second), 5) is near
