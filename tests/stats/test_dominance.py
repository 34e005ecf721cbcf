"""Dominance, shares of groups, ranks and BCa intervals against dominanceanalysis, yhat, R's boot, and brute force."""

from __future__ import annotations

import json
from itertools import permutations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats as scipy_stats

from cxlib.stats.dominance import bca_interval, dominance, group_shares, rank_chances, shapley_values, top_chances
from cxlib.stats.importance import shapley_shares, subset_r2

MADE_BY_R = json.loads((Path(__file__).parent.parent / "reference" / "r" / "dominance.json").read_text("utf-8"))
ATTITUDE = pd.DataFrame(MADE_BY_R["attitude"])  # R's datasets::attitude
FACTORS = ["complaints", "privileges", "learning", "raises", "critical", "advance"]


def correlation_of(frame: pd.DataFrame) -> np.ndarray:
    return np.corrcoef(frame.to_numpy(dtype=float), rowvar=False)


def random_matrix(seed: int, p: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return np.corrcoef(rng.standard_normal((p + 12, p + 1)) @ rng.standard_normal((p + 1, p + 1)), rowvar=False)


# dominanceanalysis 2.1.1: dominanceAnalysis(lm(rating ~ ., attitude)); tolerance 1e-8
ATTITUDE_LEVELS = [
    [
        0.681314164108864,
        0.181575586984046,
        0.388974452874352,
        0.348264033275245,
        0.0244732081555923,
        0.0240517457458813,
    ],
    [
        0.494246919985338,
        0.0754430668524608,
        0.227010613975326,
        0.19353206605403,
        0.00699633611293169,
        0.021636513278826,
    ],
    [
        0.373554784361704,
        0.0292250248027703,
        0.136869545054892,
        0.105971630244395,
        0.00428095609923431,
        0.0343751929814097,
    ],
    [
        0.286700888634067,
        0.0106894277123903,
        0.084488082632219,
        0.0526917872243521,
        0.00229981686541015,
        0.0392887061697444,
    ],
    [
        0.220403195776019,
        0.00512178585678555,
        0.0552457544237108,
        0.020027685617812,
        0.000689397566912908,
        0.0324940600623787,
    ],
    [
        0.168677213049981,
        0.0033678656208137,
        0.0420074920543492,
        0.00158327400592573,
        0.000792620475083994,
        0.0172470604916425,
    ],
]
ATTITUDE_COMPLETE = [
    [0.5, 1, 1, 1, 1, 1],
    [0, 0.5, 0, 0.5, 1, 0.5],
    [0, 1, 0.5, 1, 1, 1],
    [0, 0.5, 0, 0.5, 1, 0.5],
    [0, 0, 0, 0, 0.5, 0.5],
    [0, 0.5, 0, 0.5, 0.5, 0.5],
]
ATTITUDE_GENERAL = [
    [0.5, 1, 1, 1, 1, 1],
    [0, 0.5, 0, 0, 1, 1],
    [0, 1, 0.5, 1, 1, 1],
    [0, 1, 0, 0.5, 1, 1],
    [0, 0, 0, 0, 0.5, 0],
    [0, 0, 0, 0, 1, 0.5],
]


def test_attitude_agrees_with_dominanceanalysis():
    matrix = correlation_of(ATTITUDE[[*FACTORS, "rating"]])
    found = dominance(subset_r2(matrix[None])[:, 0])
    np.testing.assert_allclose(found.conditional, ATTITUDE_LEVELS, rtol=0, atol=1e-8)
    np.testing.assert_array_equal(found.complete_order, ATTITUDE_COMPLETE)
    np.testing.assert_array_equal(found.conditional_order, ATTITUDE_COMPLETE)
    np.testing.assert_array_equal(found.general_order, ATTITUDE_GENERAL)
    np.testing.assert_allclose(found.general, shapley_shares(matrix).shares, atol=1e-12)


def test_azen_and_budescu_2003():
    matrix = np.array(
        [
            [1, 0.8, 0.1, 0.3, 0.6],
            [0.8, 1, 0.1, 0.1, 0.3],
            [0.1, 0.1, 1, 0.5, 0.4],
            [0.3, 0.1, 0.5, 1, 0.5],
            [0.6, 0.3, 0.4, 0.5, 1],
        ]
    )
    found = dominance(subset_r2(matrix[None])[:, 0])
    published = [
        [0.36, 0.09, 0.16, 0.25],
        [0.3, 0.074, 0.095, 0.152],
        [0.263, 0.069, 0.063, 0.073],
        [0.246, 0.071, 0.061, 0.01],
    ]
    np.testing.assert_allclose(found.conditional, published, rtol=0, atol=6e-4)  # printed to three digits
    ran = [0.292176177682518, 0.0758613515147505, 0.0949108804172205, 0.121404108371123]  # dominanceanalysis 2.1.1
    np.testing.assert_allclose(found.general, ran, atol=1e-8)
    assert found.complete_order[0].tolist() == [0.5, 1, 1, 1]
    assert (found.complete_order[1:, 1:] == 0.5).all()


def test_levels_of_four_factors_agree_with_yhat():
    chosen = ["complaints", "learning", "raises", "advance"]
    found = dominance(subset_r2(correlation_of(ATTITUDE[[*chosen, "rating"]])[None])[:, 0])
    yhat = [  # yhat 2.0.4 calc.yhat()$PredictorMetrics, columns CD:0 to CD:3
        [0.68131416, 0.43763434, 0.28057216, 0.17613799],
        [0.38897445, 0.17914731, 0.07381423, 0.03898555],
        [0.34826403, 0.14629002, 0.04250498, 0.00291928],
        [0.02405175, 0.03158533, 0.04163885, 0.02022267],
    ]
    np.testing.assert_allclose(found.conditional.T, yhat, rtol=0, atol=1e-6)


def test_groups_agree_with_all_orders_in_r():
    groups = [[FACTORS.index(name) for name in names] for names in MADE_BY_R["groups"].values()]
    found = group_shares(correlation_of(ATTITUDE[[*FACTORS, "rating"]]), groups)
    np.testing.assert_allclose(found.shares, list(MADE_BY_R["group_shares"].values()), atol=1e-10)
    np.testing.assert_allclose(found.within, [MADE_BY_R["owen"][name] for name in FACTORS], atol=1e-10)
    assert found.r2 == pytest.approx(MADE_BY_R["r2"], abs=1e-10)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10_000), p=st.integers(1, 6), cut=st.integers(0, 6))
def test_groups_of_one_are_lmg_and_groups_sum_to_r2(seed, p, cut):
    stack = np.stack([random_matrix(seed, p), random_matrix(seed + 1, p)])
    alone = group_shares(stack, [[factor] for factor in range(p)])
    expected = shapley_shares(stack)
    np.testing.assert_allclose(alone.shares, expected.shares, atol=1e-10)
    np.testing.assert_allclose(alone.within, expected.shares, atol=1e-10)
    order = np.random.default_rng(seed).permutation(p).tolist()
    groups = [group for group in (order[:cut], order[cut:]) if group]
    found = group_shares(stack, groups)
    np.testing.assert_allclose(found.shares.sum(axis=1), expected.r2, atol=1e-10)
    for number, group in enumerate(groups):
        np.testing.assert_allclose(found.within[:, group].sum(axis=1), found.shares[:, number], atol=1e-10)
    for whole in range(len(stack)):
        np.testing.assert_allclose(group_shares(stack[whole], groups).shares, found.shares[whole], atol=1e-12)


def test_a_union_of_groups_explains_what_its_factors_do():
    stack = np.stack([random_matrix(seed, 6) for seed in range(20)])
    stack[4, 2], stack[4, :, 2] = stack[4, 5], stack[4, :, 5]  # a factor twice
    stack[4, 2, 2] = stack[4, 2, 5] = stack[4, 5, 2] = stack[4, 5, 5]
    groups = [[4, 1], [0], [5, 2, 3]]
    plain, grouped = subset_r2(stack), subset_r2(stack, groups)
    assert grouped.shape == (8, 20)
    for union in range(8):
        members = sum(1 << factor for number, group in enumerate(groups) if union >> number & 1 for factor in group)
        np.testing.assert_allclose(grouped[union], plain[members], atol=1e-10)


def test_groups_must_part_the_factors():
    with pytest.raises(ValueError, match="exactly one group"):
        group_shares(random_matrix(1, 3), [[0, 1]])


@settings(max_examples=25, deadline=None)
@given(worth=st.lists(st.floats(0, 1), min_size=8, max_size=8))
def test_shapley_values_are_the_mean_over_all_orders(worth):
    expected = np.zeros(3)
    for order in permutations(range(3)):
        inside = 0
        for player in order:
            expected[player] += worth[inside | 1 << player] - worth[inside]
            inside |= 1 << player
    np.testing.assert_allclose(shapley_values(np.array(worth)), expected / 6, atol=1e-12)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10_000), p=st.integers(2, 6))
def test_order_of_factors_does_not_matter_and_dominance_nests(seed, p):
    matrix = random_matrix(seed, p)
    order = np.random.default_rng(seed).permutation(p)
    turned = np.append(order, p)
    found = dominance(subset_r2(matrix[None])[:, 0])
    again = dominance(subset_r2(matrix[np.ix_(turned, turned)][None])[:, 0])
    np.testing.assert_allclose(again.conditional, found.conditional[:, order], atol=1e-9)
    np.testing.assert_array_equal(again.complete_order, found.complete_order[np.ix_(order, order)])
    assert (found.conditional_order[found.complete_order == 1] == 1).all()
    assert (found.general_order[found.conditional_order == 1] == 1).all()
    np.testing.assert_allclose(found.complete_order + found.complete_order.T, 1)


def test_repeated_factors_tie():
    matrix = np.array([[1, 1, 0.4, 0.5], [1, 1, 0.4, 0.5], [0.4, 0.4, 1, 0.3], [0.5, 0.5, 0.3, 1]])
    found = dominance(subset_r2(matrix[None])[:, 0])
    assert found.complete_order[0, 1] == 0.5
    np.testing.assert_allclose(group_shares(matrix, [[0, 1], [2]]).shares.sum(), shapley_shares(matrix).r2)


def test_a_worth_that_is_not_known_gives_a_reason():
    found = dominance(np.array([0, np.nan, 0.1, 0.2]))
    assert found.reason == "not_computable"
    assert np.isnan(found.general).all()


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), first=st.integers(1, 4))
def test_chances_of_ranks_add_up(seed, first):
    shares = np.random.default_rng(seed).integers(0, 5, (40, 5)) / 10
    found = rank_chances(shares, first=first)
    assert found.top.sum() == pytest.approx(first)
    by_hand = []
    for row in shares:
        above = np.array([(row > value).sum() for value in row])
        tied = np.array([(row == value).sum() for value in row])
        by_hand.append(np.clip((first - above) / tied, 0, 1))
    np.testing.assert_allclose(found.top, np.mean(by_hand, axis=0))
    np.testing.assert_array_equal(top_chances(shares, first=first), found.top)
    np.testing.assert_allclose(found.outranks + found.outranks.T, 1)


def test_ranks_leave_out_resamples_without_shares():
    found = rank_chances(np.array([[0.2, 0.1], [np.nan, np.nan]]), first=1)
    assert (found.resamples, found.top.tolist()) == (1, [1.0, 0.0])
    assert np.isnan(rank_chances(np.full((3, 2), np.nan)).outranks).all()
    assert np.isnan(top_chances(np.full((3, 2), np.nan), first=1)).all()


def test_bca_agrees_with_boot():
    case = MADE_BY_R["bca"]
    low, high = bca_interval(case["estimate"], np.array(case["resamples"]), np.array(case["jackknife"]))
    # boot interpolates between order statistics on the normal scale
    assert float(low) == pytest.approx(case["low"], abs=2e-3)
    assert float(high) == pytest.approx(case["high"], abs=2e-3)


def test_bca_agrees_with_scipy():
    x = np.random.default_rng(5).exponential(size=40)
    theirs = scipy_stats.bootstrap((x,), np.var, n_resamples=2000, method="BCa", rng=np.random.default_rng(6))
    left_out = np.array([np.var(np.delete(x, i)) for i in range(40)])
    low, high = bca_interval(np.var(x), theirs.bootstrap_distribution, left_out)
    assert float(low) == pytest.approx(theirs.confidence_interval.low, rel=1e-9)
    assert float(high) == pytest.approx(theirs.confidence_interval.high, rel=1e-9)


def test_bca_of_many_is_that_of_each():
    rng = np.random.default_rng(9)
    resamples, jackknife, estimate = rng.gamma(2, size=(400, 5)), rng.gamma(2, size=(20, 5)), np.full(5, 1.7)
    resamples[:30, 1] = np.nan
    resamples[:, 2] = np.round(resamples[:, 2])
    jackknife[3, 4] = np.nan
    low, high = bca_interval(estimate, resamples, jackknife, confidence=0.9)
    for place in range(5):
        real, units = (part[np.isfinite(part[:, place]), place] for part in (resamples, jackknife))
        below = ((real < 1.7).mean() + (real <= 1.7).mean()) / 2
        bias, spread = scipy_stats.norm.ppf(below), units.mean() - units
        z = bias + scipy_stats.norm.ppf([0.05, 0.95])
        level = bias + z / (1 - (spread**3).sum() / (6 * (spread**2).sum() ** 1.5) * z)
        expected = np.quantile(real, scipy_stats.norm.cdf(level))
        np.testing.assert_allclose([low[place], high[place]], expected, rtol=1e-12)


@pytest.mark.filterwarnings("error")
def test_bca_of_degenerate_resamples():
    constant = np.full(100, 0.3)
    low, high = bca_interval(0.3, constant, constant)
    assert (float(low), float(high)) == (0.3, 0.3)
    low, high = bca_interval(
        np.array([0.0, np.nan, 0.2]), np.random.default_rng(1).random((200, 3)), np.ones((10, 3)) * [0, 1, np.nan]
    )
    assert 0 <= low[0] <= high[0] < 0.1  # the estimate lies below every resample
    assert np.isnan(low[1:]).all()
    assert np.isnan(high[1:]).all()
