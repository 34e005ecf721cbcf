"""Two waves: equal to pingouin, R and statsmodels, robust to units and to people who answer twice."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pingouin as pg
import pytest
from statsmodels.stats.proportion import confint_proportions_2indep

from cxlib.stats.two_waves import index_difference, share_difference, wave_difference

HERE = Path(__file__).resolve().parents[1]
MADE = json.loads((HERE / "reference" / "r" / "two_waves.json").read_text(encoding="utf-8"))
CHICKS = pd.DataFrame(MADE["chicks"])
WEIGHTS = np.array(MADE["weight"])
BEFORE, AFTER = (CHICKS["Time"] == 0).to_numpy(), (CHICKS["Time"] == 10).to_numpy()


def pair(column):
    return column[BEFORE], column[AFTER]


def test_the_plain_difference_equals_r_and_pingouin():
    before, after = pair(CHICKS["weight"].to_numpy())
    effect, expected = wave_difference(before, after), MADE["welch_waves"]
    for field in ("estimate", "error", "df", "low", "high", "p"):
        assert getattr(effect, field) == pytest.approx(expected[field], rel=1e-9)
    test = pg.ttest(after, before, correction=True).iloc[0]
    assert (effect.df, effect.p) == (pytest.approx(test["dof"]), pytest.approx(test["p_val"], rel=1e-6))
    assert effect.n == len(CHICKS)
    assert effect.inference == "welch"


def test_with_units_the_error_is_cr2():
    chicks, expected = CHICKS["Chick"].to_numpy(), MADE["clustered_waves"]
    effect = wave_difference(*pair(CHICKS["weight"].to_numpy()), units=pair(chicks))
    assert (effect.error, effect.df) == (pytest.approx(expected["error"]), pytest.approx(expected["df"]))
    assert effect.inference == "cluster"
    assert effect.units == (50, 0)
    same = wave_difference(*pair(CHICKS["weight"].to_numpy()), people=pair(chicks))
    assert same.error == pytest.approx(effect.error)


def test_weights_give_nearly_the_error_of_the_survey_package():
    effect = wave_difference(*pair(CHICKS["weight"].to_numpy()), weights=pair(WEIGHTS))
    assert effect.error == pytest.approx(MADE["survey_waves"]["error"], rel=0.03)
    assert effect.estimate == pytest.approx(MADE["clustered_weighted"]["estimate"])


def test_few_units_are_not_clustered_and_missing_answers_are_left_out():
    rng = np.random.default_rng(1)
    before, after = rng.normal(size=40), rng.normal(size=40)
    few = wave_difference(before, after, units=(np.arange(40) % 7, np.arange(40) % 7))
    assert few.inference == "welch"
    assert few.units == (7, 0)
    holes = np.append(before, [np.nan, 3.0])
    weights = (np.append(np.ones(40), [1.0, 0.0]), np.ones(40))
    assert wave_difference(holes, after, weights=weights).low == pytest.approx(few.low)


def test_people_who_answered_twice_shorten_the_interval_and_hold_the_truth():
    rng = np.random.default_rng(4)
    hits, shorter = 0, 0
    for _ in range(400):
        level = rng.normal(size=120)
        before = level[:90] + 0.5 * rng.normal(size=90)
        after = level[30:] + 0.5 * rng.normal(size=90)
        people = (np.arange(90), np.arange(30, 120))
        effect = wave_difference(before, after, people=people)
        hits += effect.low <= 0 <= effect.high
        shorter += effect.high - effect.low < np.ptp([*_ends(wave_difference(before, after))])
    assert 0.925 <= hits / 400 <= 0.975
    assert shorter > 395


def _ends(effect):
    return effect.low, effect.high


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [([], [1, 2, 3], "few"), ([1], [1, 2], "few"), ([np.nan] * 5, [1, 2], "few"), ([3, 3, 3], [3, 3], "constant")],
)
def test_degenerate_waves_give_a_reason_and_no_warning(before, after, reason):
    effect = wave_difference(before, after)
    assert effect.reason == reason
    assert not effect.tested


@pytest.mark.parametrize(
    ("one", "two", "low", "high"),
    [  # Newcombe (1998), table II, method 10: 56/70 - 48/80, 9/10 - 3/10, 5/56 - 0/29, 0/10 - 0/20, 10/10 - 0/10
        ((48, 80), (56, 70), 0.0524, 0.3339),
        ((3, 10), (9, 10), 0.1705, 0.8090),
        ((0, 29), (5, 56), -0.0381, 0.1926),
        ((0, 20), (0, 10), -0.1611, 0.2775),
        ((0, 10), (10, 10), 0.6075, 1.0),
    ],
)
def test_shares_equal_newcombes_table_and_statsmodels(one, two, low, high):
    effect = share_difference(*one, *two)
    assert (effect.low, effect.high) == (pytest.approx(low, abs=1e-4), pytest.approx(high, abs=1e-4))
    assert (effect.low, effect.high) == pytest.approx(confint_proportions_2indep(*two, *one, method="newcomb"))
    assert effect.error > 0


def test_shares_of_nobody_have_a_reason():
    assert share_difference(0, 0, 3, 10).reason == "few"


def recommendations(rng, people, shares=(0.38, 0.24, 0.38)):
    return rng.choice([3, 8, 10], size=people, p=shares)


def test_the_index_interval_equals_the_t_interval_of_its_kinds():
    rng = np.random.default_rng(7)
    before, after = recommendations(rng, 300), recommendations(rng, 250, (0.2, 0.3, 0.5))
    effect = index_difference(before, after, bootstrap=20_000)
    kinds = [np.select([side >= 9, side <= 6], [100.0, -100.0], 0.0) for side in (before, after)]
    plain = wave_difference(*kinds)
    assert effect.estimate == pytest.approx(plain.estimate)
    assert effect.error == pytest.approx(plain.error, rel=0.03)
    assert (effect.low, effect.high) == (pytest.approx(plain.low, abs=0.7), pytest.approx(plain.high, abs=0.7))
    assert (effect.p < 0.05) == (effect.low > 0 or effect.high < 0)


def test_index_in_units_is_wider_where_units_differ():
    rng = np.random.default_rng(8)
    units = np.repeat(np.arange(20), 20)
    sides = [np.where(rng.random(400) < 0.5 + 0.4 * rng.choice([-1, 1], 20)[units], 10, 3) for _ in range(2)]
    apart, together = index_difference(*sides), index_difference(*sides, units=(units, units))
    assert together.error > 2 * apart.error
    assert together.units == (20, 0)


@pytest.mark.parametrize(("before", "after", "reason"), [([10] * 30, [10] * 30, "constant"), ([10], [9, 3], "few")])
def test_an_index_without_spread_has_no_interval(before, after, reason):
    assert index_difference(before, after).reason == reason


def test_the_same_seed_gives_the_same_index_interval():
    rng = np.random.default_rng(9)
    sides = recommendations(rng, 60), recommendations(rng, 70)
    weights = (rng.uniform(0.5, 2, 60), rng.uniform(0.5, 2, 70))
    assert index_difference(*sides, weights=weights) == index_difference(*sides, weights=weights)
    assert index_difference(*sides, weights=weights).low != index_difference(*sides, weights=weights, seed=2).low
