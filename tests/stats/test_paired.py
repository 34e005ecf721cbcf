"""The same people twice: equal to R and pingouin."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pingouin as pg
import pytest

from cxlib.stats.paired import paired_change
from cxlib.stats.two_waves import wave_difference

HERE = Path(__file__).resolve().parents[1]
MADE = json.loads((HERE / "reference" / "r" / "two_waves.json").read_text(encoding="utf-8"))
FIRST, SECOND = np.array(MADE["sleep"]["first"]), np.array(MADE["sleep"]["second"])


def test_paired_change_equals_r_and_pingouin():
    effect = paired_change(FIRST, SECOND)
    for field, expected in MADE["paired"].items():
        assert getattr(effect, field) == pytest.approx(expected, rel=1e-9)
    assert effect.p == pytest.approx(pg.ttest(SECOND, FIRST, paired=True)["p_val"].iloc[0], rel=1e-6)


def test_it_is_what_waves_of_the_same_people_give():
    people = (np.arange(10), np.arange(10))
    waves = wave_difference(FIRST, SECOND, people=people)
    assert waves.error == pytest.approx(MADE["paired"]["error"])
    assert waves.df == pytest.approx(9)


def test_people_of_a_unit_who_change_alike_widen_the_interval():
    rng = np.random.default_rng(3)
    units = np.repeat(np.arange(10), 15)
    after = rng.normal(size=150) + rng.normal(0, 1, 10)[units]
    apart, together = (paired_change(np.zeros(150), after, units=given) for given in (None, units))
    assert together.error > 1.5 * apart.error
    assert (together.inference, together.units, round(together.df, 6)) == ("cluster", (10, 0), 9)
    assert paired_change(np.zeros(150), after, units=units % 5).inference == "welch"


def test_missing_weightless_and_constant_people():
    holes, more = np.append(FIRST, [np.nan, 1.0]), np.append(SECOND, [4.0, 2.0])
    assert paired_change(holes, more, weights=np.append(np.ones(11), 0.0)) == paired_change(FIRST, SECOND)
    assert paired_change([1, 2, 3], [2, 3, 4]).reason == "constant"
    assert paired_change([1, 2, 3], [2, 3, 4]).estimate == 1
    assert paired_change([1, np.nan], [2, 3]).reason == "few"
