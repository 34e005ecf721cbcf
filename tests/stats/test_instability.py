"""The rank instability that answers a wish for a ranking (R1)."""

from __future__ import annotations

import numpy as np
import pytest

from cxlib.stats.instability import rank_instability


def survey(spread: float, *, units: int = 30, answers: int = 30, waves: int = 2, seed: int = 0):
    generator = np.random.default_rng(seed)
    level = generator.normal(0, spread, units)
    unit = np.tile(np.repeat(np.arange(units), answers), waves)
    wave = np.repeat(np.arange(waves), units * answers)
    return level[unit] + generator.normal(0, 1, len(unit)), np.char.add("S", unit.astype(str)), wave.astype(str)


def test_units_that_do_not_differ_change_places_at_random():
    """The first of thirty equal units is anywhere the next time: about the middle."""
    ranks = [rank_instability(*survey(0.0, seed=seed)).next_rank for seed in range(200)]
    assert np.mean(ranks) == pytest.approx(15.5, abs=2)


def test_with_ordinary_differences_the_best_is_about_tenth():
    """The figure that method and messages quote: 30 branches with 30 answers each, unit share of variance about 1 %."""
    ranks = [rank_instability(*survey(0.1, seed=seed)).next_rank for seed in range(400)]
    assert 7 <= np.median(ranks) <= 13


def test_units_far_apart_keep_their_places():
    found = rank_instability(*survey(20.0))
    assert found.next_rank == 1
    assert (found.units, found.looks, found.halves) == (30, 1, False)


def test_one_wave_is_cut_into_random_halves():
    found = rank_instability(*survey(0.0, waves=1))
    assert found.halves
    assert found.looks == 200
    assert rank_instability(*survey(0.0, waves=1)) == found


def test_too_few_units_or_answers_give_nothing():
    assert rank_instability(*survey(0.0, units=3)) is None
    assert rank_instability(*survey(0.0, answers=3)) is None
    assert rank_instability([], [], []) is None


def test_missing_answers_and_units_are_left_out():
    values, units, waves = survey(20.0)
    values[::7] = np.nan
    units = units.astype(object)
    units[::11] = None
    assert rank_instability(values, units, waves).next_rank == 1
