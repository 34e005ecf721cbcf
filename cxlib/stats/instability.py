"""How little a ranking of units says: where the unit that comes first this time stands the next time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

FEWEST_ANSWERS = 5  # of a unit at one time; fewer are no mean worth ordering
FEWEST_UNITS = 4
SPLITS = 200  # random halves, where there is only one wave


@dataclass(frozen=True)
class Instability:
    """What became of the first of a ranking.

    Attributes
    ----------
    units : int
        Units that were ordered.
    next_rank : float
        Median rank, one wave later, of the unit that came first; 1 would be first again.
    looks : int
        How many times one ordering was followed by another.
    halves : bool
        True when random halves of one wave stood in for two waves.
    """

    units: int
    next_rank: float
    looks: int
    halves: bool


def rank_instability(
    values: Sequence[float], units: Sequence[str], waves: Sequence[str], *, seed: int = 1
) -> Instability | None:
    """Order units by their mean in one wave and see where the first one stands in the next.

    Parameters
    ----------
    values : array of shape (n,)
        Answers to one outcome; NaN is missing.
    units, waves : array of shape (n,)
        Unit and wave of each answer; waves are taken in their sorted order.
    seed : int
        For the random halves that are used when no two waves can be compared.

    Returns
    -------
    Instability or None
        None where fewer than four units have enough answers.

    Notes
    -----
    A high mean comes first; equal means share their mean rank. The result is about the ranking, not about any unit.
    """
    values, units, waves = np.asarray(values, dtype=float), np.asarray(units), np.asarray(waves)
    there = np.isfinite(values) & np.array([unit == unit and unit is not None for unit in units], dtype=bool)
    values, units, waves = values[there], units[there].astype(str), waves[there].astype(str)
    names, unit = np.unique(units, return_inverse=True)
    times, wave = np.unique(waves, return_inverse=True)
    means = [_means(values[wave == time], unit[wave == time], len(names)) for time in range(len(times))]
    ranks = [_next_rank(one, two) for one, two in pairwise(means)]
    halves = not any(rank is not None for rank in ranks)
    if halves:
        generator = np.random.default_rng(seed)
        ranks = []
        for _ in range(SPLITS):
            half = generator.random(len(values)) < 0.5
            both = (_means(values[side], unit[side], len(names)) for side in (half, ~half))
            ranks.append(_next_rank(*both))
    found = [rank for rank in ranks if rank is not None]
    if not found:
        return None
    return Instability(
        units=max(ordered for ordered, _ in found),
        next_rank=float(np.median([rank for _, rank in found])),
        looks=len(found),
        halves=halves,
    )


def _means(values: np.ndarray, unit: np.ndarray, units: int) -> np.ndarray:
    count = np.bincount(unit, minlength=units)
    total = np.bincount(unit, values, minlength=units)
    return np.where(count >= FEWEST_ANSWERS, total / np.maximum(count, 1), np.nan)


def _next_rank(one: np.ndarray, two: np.ndarray) -> tuple[int, float] | None:
    """How many units both orderings hold, and where the first of the one stands in the other."""
    both = np.isfinite(one) & np.isfinite(two)
    if both.sum() < FEWEST_UNITS:
        return None
    one, two = one[both], two[both]
    first = np.flatnonzero(one == one.max())
    ranks = [(two > two[unit]).sum() + ((two == two[unit]).sum() + 1) / 2 for unit in first]
    return int(both.sum()), float(np.mean(ranks))
