"""Choosing the acted units anew: exact, equal to a slow search, and level where t statistics are not."""

from __future__ import annotations

import json
from itertools import combinations
from math import comb, inf
from pathlib import Path

import numpy as np
import pytest

from cxlib.stats.permutation import choices, permutation_interval

HERE = Path(__file__).resolve().parents[1]
MADE = json.loads((HERE / "reference" / "r" / "two_waves.json").read_text(encoding="utf-8"))


def first(size, units):
    return np.arange(units) < size


@pytest.mark.parametrize(("size", "p"), [(3, 0.10), (4, 0.029), (5, 0.008)])
def test_smallest_p_of_like_groups(size, p):
    changes = np.arange(2 * size, 0, -1.0)
    told = permutation_interval(changes, first(size, 2 * size), choices(2 * size, size))
    assert told.smallest_p == pytest.approx(p, abs=5e-4)
    assert told.p == told.smallest_p == 2 / comb(2 * size, size)
    assert (told.low == -inf) == (size == 3)


def test_all_choices_are_gone_through_once():
    ways = choices(9, 4)
    assert {tuple(np.flatnonzero(way)) for way in ways} == set(combinations(range(9), 4))
    drawn = choices(40, 12, seed=3)
    assert drawn.shape == (20_000, 40)
    assert (drawn.sum(axis=1) == 12).all()
    assert (drawn[0] == first(12, 40)).all()
    # every unit is chosen as often as another: 12 of 40 times, 4 standard errors
    assert np.abs(drawn.mean(axis=0) - 0.3).max() < 4 * np.sqrt(0.3 * 0.7 / 20_000)


@pytest.mark.parametrize(("name", "confidence"), [("exact", 0.95), ("exact_80", 0.8)])
def test_p_and_interval_equal_a_search_in_r(name, confidence):
    acted, others = MADE["exact"]["acted"], MADE["exact"]["others"]
    told = permutation_interval(np.array(acted + others, float), first(4, 10), choices(10, 4), confidence=confidence)
    assert told.p == pytest.approx(MADE[name]["p"])
    assert told.smallest_p == pytest.approx(MADE[name]["smallest_p"])
    assert told.low == pytest.approx(MADE[name]["low"], abs=2e-3)
    assert told.high == pytest.approx(MADE[name]["high"], abs=2e-3)


def test_the_level_is_exact_over_all_ways_to_choose():
    rng = np.random.default_rng(6)
    y, ways, weights = rng.exponential(size=9), choices(9, 4), rng.uniform(0.5, 2, 9)
    told = [permutation_interval(y, way, ways, weights=weights) for way in ways]
    p = np.array([one.p for one in told])
    for alpha in (0.05, 0.1, 0.3):
        assert (p <= alpha + 1e-12).mean() <= alpha
    missed = np.array([not one.low <= 0 <= one.high for one in told])
    assert 0.02 < missed.mean() <= 0.05
    assert (missed == (p <= 0.05)).all()


def test_redraws_within_strata_and_a_way_that_is_missing():
    y = np.array([3.0, 0, 0.4, 5, 2, 2.5, 1, 0.2, 0.3, 0.1])
    pairs = np.array([[(k >> j) & 1 for j in range(5)] for k in range(32)], dtype=bool)
    ways = np.concatenate([pairs, ~pairs], axis=1)  # one of each of five pairs
    acted = np.array([True, False, False, True, True, False, True, True, True, False])
    acted[5:] = ~acted[:5]
    told = permutation_interval(y, acted, ways, confidence=0.8)
    assert told.draws == 32
    assert told.smallest_p == 2 / 32
    less = permutation_interval(y, acted, ways[~(ways == acted).all(axis=1)], confidence=0.8)
    assert less == told


def test_fewer_and_more_varied_acted_units_keep_the_level_that_differences_lose():
    rng, ways, acted = np.random.default_rng(7), choices(24, 4, most=1000), first(4, 24)
    by_t, by_difference = 0, 0
    for _ in range(500):
        y = np.where(acted, 1.7, 1.0) * rng.standard_normal(24)
        told = permutation_interval(y, acted, ways)
        by_t += not told.low <= 0 <= told.high
        gaps = ways @ y / 4 - (y.sum() - ways @ y) / 20
        by_difference += min((gaps >= gaps[0]).mean(), (gaps <= gaps[0]).mean()) <= 0.025
    assert by_difference / 500 > 0.12
    assert by_t < 0.7 * by_difference
