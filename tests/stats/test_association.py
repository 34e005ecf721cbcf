"""Rank association against R and pingouin, with ties, weights, units and missing answers."""

import warnings

import numpy as np
import pandas as pd
import pingouin
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxlib.stats.association import TooFewAnswers, bonett_wright_error, fisher_interval, rank_association
from cxlib.stats.multiplicity import false_discovery
from cxlib.stats.rank import correlations, kendall_null_error
from cxlib.stats.tables import cross_tables


def test_spearman_equals_r(reference):
    expected = reference.case("cor_spearman_attitude")
    data = reference.data("attitude")
    for item, values in expected["expected"].items():
        found = rank_association(data["rating"], data[item])
        assert found.estimate == pytest.approx(values["est"], abs=expected["tolerance"])
        assert found.p == pytest.approx(values["p"], abs=expected["tolerance"])


def test_kendall_and_its_error_without_association_equal_r(reference):
    expected = reference.case("cor_kendall_attitude")
    data = reference.data("attitude")
    tables = cross_tables(data)
    taus = pd.DataFrame(correlations(tables, "kendall"), data.columns, data.columns)
    for item, values in expected["expected"].items():
        tau = taus.loc["rating", item]
        assert tau == pytest.approx(values["est"], abs=expected["tolerance"])
        assert tau / kendall_null_error(tables.block("rating", item)) == pytest.approx(values["stat"], abs=1e-6)


def test_kendalls_error_of_a_stack_is_that_of_each_table():
    rng = np.random.default_rng(4)
    stack, people = rng.integers(0, 9, (5, 4, 30)).astype(float), rng.integers(3, 90, 30)
    stack[1:, :, 3] = 0  # one question constant
    stack[:, :, 4] = 0
    found = kendall_null_error(stack, people)
    alone = [kendall_null_error(stack[:, :, place], people[place]) for place in range(30)]
    np.testing.assert_allclose(found, alone, rtol=1e-13)
    assert np.flatnonzero(np.isnan(found)).tolist() == [3, 4]
    assert np.isnan(kendall_null_error([[1, 0], [0, 1]]))


def test_pairwise_missing_matrix_equals_hmisc(reference):
    case = reference.case("rcorr_bfi_pairwise_missing")
    tables = cross_tables(reference.data("bfi_agree"))
    np.testing.assert_allclose(correlations(tables), reference.matrix(case["expected"]["r"]), atol=case["tolerance"])
    assert (tables.pairs == reference.matrix(case["expected"]["n"])).all()


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.integers(8, 60))
def test_ties_equal_pingouin(seed, n):
    rng = np.random.default_rng(seed)
    x, y = rng.integers(1, 6, n).astype(float), rng.integers(0, 11, n).astype(float)
    if np.ptp(x) == 0 or np.ptp(y) == 0:
        return
    tables = cross_tables({"x": x, "y": y})
    for method in ("spearman", "pearson", "kendall"):
        by_pingouin = pingouin.corr(x, y, method=method)["r"].iloc[0]
        assert correlations(tables, method)[0, 1] == pytest.approx(by_pingouin, abs=1e-10)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 5), st.integers(0, 10)), min_size=5, max_size=40))
def test_rank_methods_do_not_see_monotone_recoding(rows):
    x, y = np.array(rows, dtype=float).T
    plain, bent = cross_tables({"x": x, "y": y}), cross_tables({"x": x**3 - 7, "y": np.exp(y / 3)})
    for method in ("spearman", "kendall"):
        np.testing.assert_allclose(correlations(plain, method), correlations(bent, method), atol=1e-12)
    mirrored = cross_tables({"x": -x, "y": y})
    np.testing.assert_allclose(correlations(mirrored)[0, 1], -correlations(plain)[0, 1], atol=1e-12)


def test_the_interval_is_wider_than_fishers_and_narrows_with_n():
    assert bonett_wright_error(0.9, 103) == pytest.approx(np.sqrt((1 + 0.405) / 100))
    low, high = fisher_interval(0.5, bonett_wright_error(0.5, 200))
    narrow = fisher_interval(0.5, bonett_wright_error(0.5, 2000))
    assert low < narrow[0] < 0.5 < narrow[1] < high


def test_missing_answers_go_pair_by_pair(halo):
    x, y = halo[:, 0].copy(), halo[:, 5].copy()
    x[:100], y[380:] = np.nan, np.nan
    found = rank_association(x, y)
    assert found.n == 280
    assert found == rank_association(x[100:380], y[100:380])


def test_units_widen_the_interval_when_their_people_answer_alike():
    rng = np.random.default_rng(5)
    store = np.repeat(np.arange(30), 20)
    shared = rng.standard_normal(30)[store]
    x = np.clip(np.rint(3 + shared + 0.5 * rng.standard_normal(600)), 1, 5)
    y = np.clip(np.rint(5 + 2 * shared + rng.standard_normal(600)), 0, 10)
    alone, together = rank_association(x, y), rank_association(x, y, clusters=store)
    assert together.method == "spearman_clustered"
    assert together.estimate == pytest.approx(alone.estimate)
    assert together.high - together.low > 1.3 * (alone.high - alone.low)
    few = rank_association(x, y, clusters=store % 5)
    assert few.method == "spearman_few_units"
    assert (few.low, few.high) == (alone.low, alone.high)


def test_weights_change_the_estimate_and_are_said(halo):
    weights = np.where(halo[:, 0] > 3, 2.0, 0.5)
    found = rank_association(halo[:, 0], halo[:, 5], weights=weights)
    assert found.method == "spearman_weighted"
    assert found.estimate != rank_association(halo[:, 0], halo[:, 5]).estimate
    assert found.low < found.estimate < found.high
    assert found == rank_association(halo[:, 0], halo[:, 5], weights=weights * 7)


def test_resampling_people_of_equal_weight_agrees_with_the_formula(halo):
    slight = 1 + 1e-6 * np.arange(400)
    formula, resampled = (rank_association(halo[:, 0], halo[:, 5], weights=w) for w in (None, slight))
    assert resampled.high - resampled.low == pytest.approx(formula.high - formula.low, rel=0.15)


def test_degenerate_answers_give_no_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        constant = rank_association([3, 3, 3, 3, 3], [1, 2, 3, 4, 5])
        assert np.isnan([constant.estimate, constant.low, constant.p]).all()
        perfect = rank_association([1, 2, 3, 4, 5], [2, 4, 6, 8, 9])
        assert (perfect.estimate, perfect.low, perfect.high) == pytest.approx((1, 1, 1))
        with pytest.raises(TooFewAnswers, match="3 people"):
            rank_association([1, 2, 3, np.nan], [1, 2, 3, 4])


def test_false_discovery_equals_r_and_lets_missing_tests_be(reference):
    case = reference.case("p_adjust_bh1995")
    p = np.array(case["data"]["p"])
    np.testing.assert_allclose(false_discovery(p), case["expected"]["BH"], atol=case["tolerance"])
    holes = np.insert(p, [0, 5], np.nan)
    found = false_discovery(holes)
    assert np.isnan(found[[0, 6]]).all()
    np.testing.assert_allclose(found[~np.isnan(found)], case["expected"]["BH"], atol=case["tolerance"])
    assert np.isnan(false_discovery([np.nan, np.nan])).all()
