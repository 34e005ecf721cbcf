"""Shares of R2 against relaimpo, dominanceanalysis, iopsych and rwa; their invariances."""

from itertools import combinations
from math import factorial

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxlib.stats.importance import (
    importance_shares,
    random_factor,
    relative_weights,
    shapley_shares,
    shares_beside_first,
    subset_r2,
)
from cxlib.stats.rank import resampled_correlations
from cxlib.stats.resampling import bootstrap_draws
from cxlib.stats.tables import cross_tables


def pearson(data, outcome):
    order = [name for name in data.columns if name != outcome] + [outcome]
    return np.corrcoef(data[order].to_numpy().T), order[:-1]


def random_matrix(seed, factors):
    rng = np.random.default_rng(seed)
    return np.corrcoef(rng.standard_normal((factors + 30, factors + 1)).T)


@pytest.mark.parametrize(
    ("name", "data", "outcome"),
    [("relaimpo_attitude_all_metrics", "attitude", "rating"), ("relaimpo_longley_lmg", "longley", "Employed")],
)
def test_shapley_shares_equal_relaimpo(reference, name, data, outcome):
    case = reference.case(name)
    matrix, factors = pearson(reference.data(data), outcome)
    found = dict(zip(factors, shapley_shares(matrix).shares, strict=True))
    assert found == pytest.approx(case["expected"]["lmg"], abs=case["tolerance"])


def test_shapley_shares_are_general_dominance(reference):
    case = reference.case("azen_budescu_2003_ran")
    matrix = reference.matrix(case["data"]["correlation_matrix"])
    last = np.roll(np.arange(5), -1)
    found = shapley_shares(matrix[np.ix_(last, last)]).shares
    np.testing.assert_allclose(found, list(case["expected"]["general"].values()), atol=case["tolerance"])


def test_relative_weights_equal_iopsych_and_rwa(reference):
    case = reference.case("johnson_rw_iopsych_matrix")
    found = relative_weights(reference.matrix(case["data"]["correlation_matrix"]))
    np.testing.assert_allclose(found.shares, case["expected"]["eps"], atol=case["tolerance"])
    assert found.r2 == pytest.approx(case["expected"]["R2"])
    case = reference.case("rwa_attitude")
    matrix, factors = pearson(reference.data("attitude"), "rating")
    found = dict(zip(factors, relative_weights(matrix).shares, strict=True))
    assert found == pytest.approx(case["expected"]["raw"], abs=case["tolerance"])


def test_bootstrap_interval_equals_relaimpos(reference):
    case = reference.case("relaimpo_attitude_bootstrap_ci")
    data = reference.data("attitude")
    order = [*data.columns[1:], "rating"]
    tables = cross_tables(data[order], groups=np.arange(30))
    stack = resampled_correlations(tables, bootstrap_draws(30, 4000, seed=1), "pearson")
    low, high = np.quantile(shapley_shares(stack).shares, [0.025, 0.975], axis=0)
    np.testing.assert_allclose(low, list(case["expected"]["lower"].values()), atol=case["tolerance"])
    np.testing.assert_allclose(high, list(case["expected"]["upper"].values()), atol=case["tolerance"])


def test_shares_equal_the_definition():
    matrix = random_matrix(1, 4)

    def r2(chosen):
        if not chosen:
            return 0.0
        c = list(chosen)
        return matrix[c, -1] @ np.linalg.solve(matrix[np.ix_(c, c)], matrix[c, -1])

    expected = np.zeros(4)
    for j in range(4):
        others = [i for i in range(4) if i != j]
        for size in range(4):
            for subset in combinations(others, size):
                weight = factorial(size) * factorial(3 - size) / factorial(4)
                expected[j] += weight * (r2([*subset, j]) - r2(subset))
    np.testing.assert_allclose(shapley_shares(matrix).shares, expected, atol=1e-12)
    every = subset_r2(matrix[None])[:, 0]
    for s in range(16):
        assert every[s] == pytest.approx(r2([j for j in range(4) if s >> j & 1]), abs=1e-12)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 8))
def test_shares_sum_to_r2_are_not_negative_and_follow_their_factor(seed, factors):
    matrix = random_matrix(seed, factors)
    order = np.append(np.random.default_rng(seed).permutation(factors), factors)
    for method in (shapley_shares, relative_weights):
        found = method(matrix)
        assert found.shares.sum() == pytest.approx(float(found.r2), abs=1e-12)
        assert found.shares.min() >= -1e-12
        np.testing.assert_allclose(method(matrix[np.ix_(order, order)]).shares, found.shares[order[:-1]], atol=1e-10)
        assert found.relative.sum() == pytest.approx(1)


def test_a_stack_gives_what_its_matrices_give():
    stack = np.stack([random_matrix(seed, 6) for seed in range(300)])
    found = shapley_shares(stack)
    for place in (0, 137, 299):
        np.testing.assert_allclose(found.shares[place], shapley_shares(stack[place]).shares, atol=1e-13)


def test_every_subset_of_a_stack_is_a_regression_also_where_factors_repeat_each_other_or_fit_no_data():
    fine = np.stack([random_matrix(seed, 5) for seed in range(40)])
    scaled = fine * 4.0  # covariances
    twice = fine[:, [0, 1, 0, 3, 4, 5]][:, :, [0, 1, 0, 3, 4, 5]]
    stack = np.concatenate([fine, scaled, twice])[np.random.default_rng(2).permutation(120)]
    every = subset_r2(stack)
    for place in range(120):
        matrix = stack[place]
        for s in range(1, 32):
            c = [j for j in range(5) if s >> j & 1]
            expected = matrix[c, -1] @ np.linalg.pinv(matrix[np.ix_(c, c)], hermitian=True) @ matrix[c, -1]
            assert every[s, place] == pytest.approx(expected / matrix[-1, -1], abs=1e-9)
    impossible = np.array([[1, 0.9, 0.1], [0.9, 1, 0.9], [0.1, 0.9, 1]])
    found = subset_r2(np.stack([impossible, fine[0, :3, :3]]))
    assert found[:, 0].tolist() == pytest.approx([0, 0.01, 0.81, 1])
    np.testing.assert_array_equal(found[:, 1], subset_r2(fine[:1, :3, :3])[:, 0])


@pytest.mark.parametrize("factors", [2, 3, 9])
def test_shares_beside_a_further_factor_are_those_computed_apart(factors):
    stack = np.stack([random_matrix(seed, factors) for seed in range(70)])
    stack[3] = stack[3][np.ix_([1, 1, *range(2, factors + 1)], [1, 1, *range(2, factors + 1)])]
    alone, beside = shares_beside_first(stack)
    for found, expected in ((alone, shapley_shares(stack[:, 1:, 1:])), (beside, shapley_shares(stack))):
        np.testing.assert_allclose(found.shares, expected.shares, atol=1e-14)
        np.testing.assert_allclose(found.r2, expected.r2, atol=1e-14)


def test_no_matrices_have_no_shares():
    nothing = np.empty((0, 4, 4))
    assert shapley_shares(nothing).shares.shape == (0, 3)
    assert [one.shares.shape for one in shares_beside_first(nothing)] == [(0, 2), (0, 3)]


def test_factors_that_repeat_each_other_share_alike_and_constant_outcomes_explain_nothing():
    base = random_matrix(3, 3)
    twice = base[np.ix_([0, 1, 2, 1, 3], [0, 1, 2, 1, 3])]
    found = shapley_shares(twice)
    assert found.shares[1] == pytest.approx(found.shares[3])
    assert found.r2 == pytest.approx(float(shapley_shares(base).r2))
    unrelated = np.eye(4)
    assert np.isnan(shapley_shares(unrelated).relative).all()
    assert shapley_shares(unrelated).shares.tolist() == [0, 0, 0]


def test_more_than_twenty_factors_get_relative_weights():
    assert importance_shares(random_matrix(1, 20)).method == "lmg"
    assert importance_shares(random_matrix(1, 21)).method == "relative_weights"


def test_the_random_factor_looks_like_a_column_of_chance_added_and_resampled():
    rng = np.random.default_rng(8)
    n = 300
    data = rng.standard_normal((n, 4)) + 0.8 * rng.standard_normal((n, 1))
    pooled = []
    for _ in range(30):
        with_chance = pd.DataFrame(np.column_stack([rng.standard_normal(n), data]))
        ranks = with_chance.rank().to_numpy()
        rows = rng.integers(n, size=(60, n))
        pooled += [np.corrcoef(ranks[row].T) for row in rows]
    matrix = np.corrcoef(data.T)
    added = random_factor(np.repeat(matrix[None], 1800, axis=0), np.full((4, 4), n), seed=1)
    by_hand = np.quantile(shapley_shares(np.stack(pooled)).shares[:, 0], 0.975)
    assert np.quantile(shapley_shares(added).shares[:, 0], 0.975) == pytest.approx(by_hand, rel=0.3)
    assert added[:, 0, 1:].std() == pytest.approx(np.sqrt(2 / (n - 1)), rel=0.1)
    assert (added[:, 1:, 1:] == matrix).all()
