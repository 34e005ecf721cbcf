"""No place's level by subtraction: the groups of several actions, and all customers, are looked at together.

The mean of twelve stores and that of eleven of them give the twelfth away. So before and after of an action are shown
only where no sum or difference of everything shown leaves the answers of a single place.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Cell:
    """Answers of one wave and place that lie in the same groups.

    Attributes
    ----------
    wave, unit : str
        `unit` is "" for answers of which the place is not known.
    groups : frozenset of (str, str)
        Action and 'acted' or 'others'.
    """

    wave: str
    unit: str
    groups: frozenset[tuple[str, str]]


def telling_actions(cells: Iterable[Cell], actions: Sequence[str]) -> frozenset[str]:
    """Actions whose groups would give away a single place.

    Parameters
    ----------
    cells : iterable of Cell
    actions : sequence of str
        In the order of the document: an earlier action is shown rather than a later one.

    Returns
    -------
    frozenset of str

    Examples
    --------
    The second action happens in all places of the first but one:

    >>> first, second = ("A1", "acted"), ("A2", "acted")
    >>> both, one = frozenset({first, second}), frozenset({first})
    >>> groups = {"S1": both, "S2": both, "S3": one, "S4": frozenset(), "S5": frozenset()}
    >>> sorted(telling_actions([Cell("2025", unit, found) for unit, found in groups.items()], ["A1", "A2"]))
    ['A2']
    """
    by_wave: dict[str, set[tuple[str, frozenset[tuple[str, str]]]]] = {}
    for cell in cells:
        by_wave.setdefault(cell.wave, set()).add((cell.unit, cell.groups))
    patterns = sorted({frozenset(found) for found in by_wave.values()}, key=lambda found: sorted(map(str, found)))
    shown: list[str] = []
    for action in actions:
        if not any(_gives_away(pattern, [*shown, action]) for pattern in patterns):
            shown.append(action)
    return frozenset(actions) - frozenset(shown)


def _gives_away(cells: Iterable[tuple[str, frozenset[tuple[str, str]]]], actions: Sequence[str]) -> bool:
    """Whether a combination of all customers and the groups of these actions is made of one place alone.

    Notes
    -----
    Answers in the same groups always come together, so that one place can be reached only through answers that no
    other place shares: such a combination exists when leaving these columns out lowers the rank.
    """
    names = [(action, side) for action in actions for side in ("acted", "others")]
    units: dict[tuple[bool, ...], set[str]] = {}
    for unit, groups in cells:
        units.setdefault((True, *(name in groups for name in names)), set()).add(unit)
    columns = list(units)
    matrix = np.array(columns, dtype=float).T
    own: dict[str, list[int]] = {}
    for place, column in enumerate(columns):
        (first, *more) = units[column]
        if first and not more:
            own.setdefault(first, []).append(place)
    if len({unit for found in units.values() for unit in found}) < 2:
        return False  # one place is all there is: it is what the whole survey is about
    rank = np.linalg.matrix_rank(matrix)
    return any(
        len(places) == len(columns) or np.linalg.matrix_rank(np.delete(matrix, places, axis=1)) < rank
        for places in own.values()
    )
