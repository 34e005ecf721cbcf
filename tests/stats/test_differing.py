"""Differences between groups of customers: the size of the test, its power, and its limits."""

import numpy as np
import pandas as pd
import pingouin
import pytest
from scipy import stats

from cxlib.stats.differing import unit_difference


def groups(rng, units, apart=0.0, each=30):
    """Fisher z of each unit; the estimate of a group is the mean of its units, and so is that without one of them."""
    z = 0.4 + 0.1 * rng.standard_normal(sum(units))
    group = np.repeat(np.arange(len(units)), units)
    z = z + apart * group
    people = np.where(group[:, None] == np.arange(len(units)), each, 0)
    whole = np.array([z[group == g].mean() for g in range(len(units))])
    without = np.tile(whole, (len(z), 1))
    for unit, g in enumerate(group):
        without[unit, g] = (whole[g] * units[g] - z[unit]) / (units[g] - 1)
    return z, group, np.tanh(whole), np.tanh(without), people, 0.1 / np.sqrt(units)


def test_it_is_welchs_test_when_units_are_equal():
    """The jackknife of a mean is its standard error, so that Welch's F must come out: scipy (2 groups) and pingouin."""
    rng = np.random.default_rng(1)
    z, group, *rest = groups(rng, [9, 14])
    found = unit_difference(*rest)
    assert found.test == "welch"
    assert found.p == pytest.approx(stats.ttest_ind(z[group == 0], z[group == 1], equal_var=False).pvalue, rel=1e-6)
    z, group, *rest = groups(rng, [9, 14, 11], apart=0.05)
    found = unit_difference(*rest)
    row = pingouin.welch_anova(pd.DataFrame({"z": z, "group": group}), dv="z", between="group").iloc[0]
    assert found.statistic == pytest.approx(row["F"], rel=1e-6)
    assert found.room == pytest.approx(row["ddof2"], rel=1e-6)


def test_units_with_people_in_all_groups_are_compared_within():
    """Then it is Hotelling's T2 of the differences within units: with two groups the paired t test."""
    rng = np.random.default_rng(2)
    lasting = 0.3 * rng.standard_normal((12, 1))
    z = 0.4 + lasting + 0.05 * rng.standard_normal((12, 2)) + np.array([0.0, 0.03])
    whole = z.mean(axis=0)
    without = (whole * 12 - z) / 11
    found = unit_difference(np.tanh(whole), np.tanh(without), np.full((12, 2), 20), np.full(2, 0.05))
    assert found.test == "hotelling"
    assert found.p == pytest.approx(stats.ttest_rel(z[:, 0], z[:, 1]).pvalue, rel=1e-6)


@pytest.mark.parametrize("units", [[10, 12], [3, 9, 4, 8], [8, 8, 8]])
def test_without_a_difference_it_rejects_as_often_as_it_says(units):
    rng = np.random.default_rng(3)
    p = np.array([unit_difference(*groups(rng, units)[2:]).p for _ in range(2000)])
    assert 0.03 < (p < 0.05).mean() < 0.065
    assert (p < 0.005).mean() < 0.01


def test_a_difference_is_found():
    rng = np.random.default_rng(4)
    assert np.mean([unit_difference(*groups(rng, [12, 12], apart=0.2)[2:]).p < 0.05 for _ in range(200)]) > 0.9


def test_too_little_gives_a_reason():
    one = unit_difference(np.array([0.4, np.nan]), np.full((5, 2), 0.4), np.full((5, 2), 9), np.full(2, 0.1))
    assert (one.reason, one.test) == ("too_few", "")
    assert np.isnan(one.p)
    alone = np.eye(2, dtype=int) * 20
    same = unit_difference(np.array([0.4, 0.2]), np.tile([0.4, 0.2], (2, 1)), alone, np.full(2, 0.1))
    assert same.reason == "too_few"
    empty = unit_difference(np.array([0.4, 0.2]), np.full((8, 2), np.nan), np.full((8, 2), 3), np.full(2, 0.1))
    assert empty.reason == "too_few"
