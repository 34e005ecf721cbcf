"""Detectable changes, equivalence and needed numbers: equal to pingouin and R, and to what such surveys find."""

from __future__ import annotations

import json
from math import inf, isnan, sqrt
from pathlib import Path

import numpy as np
import pingouin as pg
import pytest

from cxlib.stats.needed import answers_needed, detectable_change, equivalence_p, units_needed
from cxlib.stats.two_waves import index_difference, wave_difference

HERE = Path(__file__).resolve().parents[1]
MADE = json.loads((HERE / "reference" / "r" / "two_waves.json").read_text(encoding="utf-8"))["power"]


@pytest.mark.parametrize(("n", "change"), [(100, 0.40), (200, 0.28), (400, 0.20)])
def test_the_changes_that_waves_of_this_size_find(n, change):
    assert detectable_change(sqrt(2 / n), 2 * n - 2) == pytest.approx(change, abs=0.005)


def test_detectable_changes_equal_r_and_pingouin():
    for n, expected in zip(MADE["n"], MADE["detectable"], strict=True):
        found = detectable_change(sqrt(2 / n), 2 * n - 2)
        assert found == pytest.approx(expected, abs=2e-5)
        assert found == pytest.approx(pg.power_ttest(n=n, power=0.8), rel=1e-4)


@pytest.mark.parametrize(("n", "points"), [(100, 31), (400, 16)])
def test_an_index_of_recommendations_needs_large_changes(n, points):
    # a wave of 38 % promoters and 38 % detractors: as spread as an index of recommendations mostly is
    kinds = np.repeat([10, 8, 3], [38 * n // 100, 24 * n // 100, 38 * n // 100])
    effect = index_difference(kinds, kinds, bootstrap=8000)
    spread = sqrt(0.76) * 100
    assert effect.error == pytest.approx(spread * sqrt(2 / n), rel=0.03)
    # the published figures belong to an index with a spread of 78 points
    assert detectable_change(78 * sqrt(2 / n), 2 * n - 2) == pytest.approx(points, abs=0.6)
    assert detectable_change(effect.error, effect.df) > points


def test_a_true_change_of_that_size_is_found_in_four_of_five_surveys():
    rng = np.random.default_rng(2)
    change = detectable_change(sqrt(2 / 50), 98)
    found = [wave_difference(rng.normal(size=50), rng.normal(change, size=50)).low > 0 for _ in range(400)]
    assert 0.74 < np.mean(found) < 0.86


def test_equivalence_equals_pingouin():
    rng = np.random.default_rng(3)
    before, after = rng.normal(size=80), rng.normal(0.1, 1.4, size=60)
    effect = wave_difference(before, after)
    for bound in (0.2, 0.5, 1.0):
        expected = pg.tost(after, before, bound=bound, correction=True)["pval"].iloc[0]
        assert equivalence_p(effect.estimate, effect.error, effect.df, bound) == pytest.approx(expected, rel=1e-6)


def test_equivalence_and_the_interval_say_the_same():
    for estimate in np.linspace(-0.4, 0.4, 17):
        inside = abs(estimate) + 2.048407 * 0.1 < 0.5  # t, 28 degrees of freedom
        assert (equivalence_p(estimate, 0.1, 28, 0.5) < 0.025) == inside


def test_answers_needed_equals_r_and_comes_back_to_the_detectable_change():
    # normal law: one answer a wave fewer than with t
    assert answers_needed(0.3, sqrt(2 / 50), 50) == pytest.approx(MADE["needed"], abs=1)
    n = answers_needed(0.17, sqrt(1 / 60 + 1 / 240), (60, 240))
    assert detectable_change(sqrt(2 / n), inf) == pytest.approx(0.17, abs=0.001)


def test_what_more_answers_cannot_mend():
    # units differ by .1 whatever is asked: .2 cannot be found on 6 degrees of freedom
    assert answers_needed(0.2, 0.15, 100, lasting=0.1, df=6) == inf
    some = answers_needed(0.5, 0.25, 100, lasting=0.1, df=20)
    error = sqrt(0.1**2 + (0.25**2 - 0.1**2) * 100 / some)
    assert detectable_change(error, 20) == pytest.approx(0.5, rel=0.01)


def test_units_needed_reach_the_power():
    each = units_needed(0.2, 0.15, (5, 25))
    spread = 0.15 / sqrt(1 / 5 + 1 / 25)
    assert detectable_change(spread * sqrt(2 / each), 2 * each - 2) <= 0.2
    assert detectable_change(spread * sqrt(2 / (each - 1)), 2 * each - 4) > 0.2
    assert units_needed(0.0001, 1.0, (5, 5)) == inf


def test_nothing_can_be_found_where_no_p_is_small_enough():
    assert detectable_change(0.1, 4, smallest_p=0.1) == inf
    assert detectable_change(0.1, 4, smallest_p=0.029) < inf


@pytest.mark.parametrize("error", [float("nan"), 0.0])
def test_without_an_error_nothing_is_said(error):
    assert isnan(detectable_change(error, 10))
    assert isnan(equivalence_p(0.1, error, 10, 0.2))
    assert isnan(answers_needed(0.1, error, 100))
    assert isnan(units_needed(0.1, error, (5, 5)))


@pytest.mark.parametrize("df", [0.9, 2, 7, 1e5, 1e7, inf])
def test_any_degrees_of_freedom(df):
    assert 2.8 < detectable_change(1.0, df) < 40


@pytest.mark.parametrize("df", [1.0, 2.5, 30.0, 1e7, np.inf])
@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.999])
def test_limits_and_tails_are_those_of_scipy(df, confidence):
    from scipy import stats

    from cxlib.stats.student import t_above, t_limit

    assert t_limit(confidence, df) == stats.t.isf((1 - confidence) / 2, df)
    assert [t_above(t, df) for t in (-1.2, 0.0, 2.0, 40.0)] == [stats.t.sf(t, df) for t in (-1.2, 0.0, 2.0, 40.0)]
