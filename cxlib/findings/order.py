"""Whether findings that follow each other on the page are clearly different: never said without a test."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import Literal

from cxlib.findings.further import FurtherTables, Row, cell, value, yes
from cxlib.findings.numbers import Pair
from cxlib.findings.schema import Neighbours


def neighbours(found: Iterable[Pair], further: FurtherTables) -> tuple[Neighbours, ...]:
    """Each finding with the next one of the same outcome, where the two were compared.

    Parameters
    ----------
    found : iterable of Pair
        In the order of the page.
    further : FurtherTables
        Its comparisons: tests of dependent correlations, of every two factors.

    Notes
    -----
    Two associations of opposite sign are not ordered: which of them goes further is no question that the test answers.
    """
    rows = {(cell(row, "outcome"), cell(row, "first"), cell(row, "second")): row for row in further.all("comparisons")}
    of: dict[str, list[Pair]] = {}
    for pair in found:
        of.setdefault(pair.outcome, []).append(pair)
    told = []
    for outcome, pairs in of.items():
        for first, second in pairwise(pairs):
            turned = (outcome, first.factor, second.factor) not in rows
            keys = (second.factor, first.factor) if turned else (first.factor, second.factor)
            row = rows.get((outcome, *keys))
            one = None if row is None else _compared(row, first, second, turned)
            if one is not None:
                told.append(one)
    return tuple(told)


def _compared(row: Row, first: Pair, second: Pair, turned: bool) -> Neighbours | None:
    signs = [(pair.get("estimate") or 0) > 0 for pair in (first, second)]
    numbers = [value(row, name) for name in ("difference", "low", "high")]
    if signs[0] != signs[1] or None in numbers:
        return None
    difference, low, high = (float(item or 0.0) for item in numbers)
    if turned == signs[0]:  # told the other way round, or both are below zero: once, not twice
        difference, low, high = -difference, -high, -low
    clear: Literal["more", "less", "no"] = "no"
    if yes(row, "clear"):
        clear = "more" if difference > 0 else "less"
    return Neighbours(
        outcome=first.outcome,
        first=first.factor,
        second=second.factor,
        difference=difference + 0.0,
        low=low + 0.0,
        high=high + 0.0,
        q=value(row, "q"),
        clear=clear,
    )
