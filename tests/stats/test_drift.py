"""Drift of units picked for a bad wave: what it does to naive results, and what is left once it is taken off."""

from __future__ import annotations

import numpy as np
import pytest

from cxlib.stats.drift import Drift, expected_drift, net_of_drift
from cxlib.stats.effects import t_effect
from cxlib.stats.two_waves import wave_difference
from cxlib.stats.unit_changes import cell_difference_in_differences, difference_in_differences, unit_changes

BRANCHES, ANSWERS, WORST = 30, 30, 5
LASTING = 0.11  # of the standard deviation of answers: branches differ little, as branches of one company mostly do


def a_useless_action(rng):
    """Answers of two waves, and the five branches that were worst in the first."""
    level = np.tile(LASTING * rng.normal(size=BRANCHES), 2).repeat(ANSWERS)
    value = level + rng.normal(size=level.size)
    unit = np.tile(np.arange(BRANCHES).repeat(ANSWERS), 2)
    late = np.arange(value.size) >= value.size // 2
    before = value[~late].reshape(BRANCHES, ANSWERS)
    worst = np.isin(np.arange(BRANCHES), before.mean(axis=1).argsort()[:WORST])
    return value, unit, late, worst


@pytest.fixture(scope="module")
def surveys():
    """How often a useless action on the worst branches is said to have worked, and how often once drift is off."""
    rng = np.random.default_rng(49)
    called = {"before_after": [], "naive": [], "net": [], "random": [], "net_wrong": []}
    for _ in range(300):
        value, unit, late, worst = a_useless_action(rng)
        acted = worst[unit]
        called["before_after"].append(wave_difference(value[acted & ~late], value[acted & late]).low > 0)
        called["naive"].append(cell_difference_in_differences(value, acted, late).low > 0)
        table = unit_changes(value, unit, late)
        within = table["noise"].iloc[0] * ANSWERS / 2
        effect = difference_in_differences(table[worst], table[~worst], inference="cluster")
        drift = expected_drift(table["before"], table["n_before"], within, worst, compared=~worst)
        net = net_of_drift(effect, drift)
        called["net"].append(net.low > 0)
        called["net_wrong"].append(net.high < 0)
        ten = table["before"].to_numpy().argsort()[:10]
        drawn = np.isin(np.arange(BRANCHES), rng.permutation(ten)[:WORST])
        rest = np.isin(np.arange(BRANCHES), ten) & ~drawn
        fair = difference_in_differences(table[drawn], table[rest], drawn=True)
        called["random"].append(fair.low > 0)
    return {name: float(np.mean(hits)) for name, hits in called.items()}


def test_naive_results_call_a_useless_action_effective_every_other_time(surveys):
    # 49 % and 58 %; three standard errors of 300 surveys are 8.6 points
    assert surveys["before_after"] == pytest.approx(0.49, abs=0.086)
    assert surveys["naive"] == pytest.approx(0.58, abs=0.086)


def test_net_of_the_expected_drift_it_is_hardly_ever_called_effective(surveys):
    assert surveys["net"] <= 0.05
    assert surveys["net_wrong"] <= 0.05


def test_a_random_draw_among_the_worst_needs_no_guard(surveys):
    # 2.5 % is due; three standard errors of 300 surveys
    assert surveys["random"] <= 0.05


@pytest.mark.parametrize("lasting", [0.05, 0.11, 0.25])
def test_the_interval_holds_the_drift_that_is_to_be_expected(lasting):
    rng = np.random.default_rng(int(100 * lasting))
    held, estimates, truths = [], [], []
    for _ in range(150):
        means = lasting * rng.normal(size=30) + rng.normal(0, np.sqrt(1 / 30), 30)
        chosen = np.isin(np.arange(30), means.argsort()[:5])
        drift = expected_drift(means, np.full(30, 30), 1.0, chosen, compared=~chosen)
        reliability = lasting**2 / (lasting**2 + 1 / 30)
        truth = (1 - reliability) * (means[~chosen].mean() - means[chosen].mean())
        held.append(drift.low <= truth <= drift.high)
        estimates.append(drift.estimate)
        truths.append(truth)
    assert np.mean(held) >= 0.9
    # never more than a fifth from the truth on average: too little where branches hardly differ, too much where much
    assert np.mean(estimates) == pytest.approx(np.mean(truths), rel=0.2)


def test_known_reliability_gives_the_textbook_drift():
    # 4000 units tell the reliability exactly: 1 - .09/(.09 + .03) = 1/4 of the way back
    rng = np.random.default_rng(8)
    means = rng.normal(3, np.sqrt(0.12), 4000)
    chosen = means < 2.8
    drift = expected_drift(means, np.full(4000, 100), 3.0, chosen)
    assert drift.estimate == pytest.approx((means.mean() - means[chosen].mean()) / 4, rel=0.08)
    assert drift.low < drift.estimate < drift.high
    assert drift.high - drift.low < 0.05


def test_units_with_few_answers_drift_farther():
    rng = np.random.default_rng(9)
    counts = np.where(np.arange(40) < 20, 5, 200)
    means = rng.normal(0, 0.3, 40) + rng.normal(size=40) / np.sqrt(counts)
    means[[0, 39]] = -1.0
    first, last = (expected_drift(means, counts, 1.0, np.arange(40) == k).estimate for k in (0, 39))
    assert first > 3 * last > 0


def test_degenerate_input_gives_no_drift_or_none():
    means, counts = [3.0, 3.1, 2.9, 3.4, 3.2], [10] * 5
    none = np.zeros(5, dtype=bool)
    assert np.isnan(expected_drift(means, counts, 1.0, none).estimate)
    assert np.isnan(expected_drift(means[:3], counts[:3], 1.0, [True, False, False]).estimate)
    assert expected_drift(means, counts, 0.0, [True, *none[1:]]) == (0, 0, 0, 0)
    alike = expected_drift([3.0] * 5, counts, 1.0, [True, *none[1:]])
    assert alike.estimate == pytest.approx(0)
    assert alike.low <= 0 <= alike.high
    assert expected_drift([*means, np.nan], [*counts, 0], 1.0, [True, *none]) == expected_drift(
        means, counts, 1.0, [True, *none[1:]]
    )


def test_taking_drift_off_adds_its_uncertainty():
    effect = t_effect("did", "cluster", 0.5, 0.1, 20, n=900, units=(5, 25))
    net = net_of_drift(effect, Drift(0.3, 0.05, 0.25, 0.45))
    assert net.estimate == pytest.approx(0.2)
    assert net.low == pytest.approx(0.2 - np.hypot(0.5 - effect.low, 0.15))
    assert net.high == pytest.approx(0.2 + np.hypot(effect.high - 0.5, 0.05))
    assert net.p > 0.05
    assert net_of_drift(effect, Drift(0.0, 0.0, 0.0, 0.0)).p == pytest.approx(effect.p)
    unknown = Drift(*[float("nan")] * 4)
    assert net_of_drift(effect, unknown) == effect
