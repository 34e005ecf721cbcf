"""Rank statistics of contingency tables, held against R, scipy, pingouin and what they must not depend on."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pingouin
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy import stats as distributions

from cxlib.stats.ordinal import METHODS, ordinal_association, ordinal_table
from cxlib.stats.rank import correlations
from cxlib.stats.tables import cross_tables

TABLES = arrays.arrays(np.int64, (3, 4), elements=st.integers(0, 12))


@pytest.fixture(scope="module")
def reference(root):
    return json.loads((root / "tests/reference/r/association.json").read_text())["cases"]


def rows_of(table):
    table = np.asarray(table, dtype=int)
    x, y = np.indices(table.shape)
    return np.repeat(x.ravel(), table.ravel()), np.repeat(y.ravel(), table.ravel())


@pytest.mark.parametrize("name", ["housing", "wine", "bfi", "bfi_reversed", "gears"])
class TestAgainstR:
    @pytest.mark.parametrize("method", ["kendall", "gamma", "somers", "somers_reversed"])
    def test_estimate_and_error_are_those_of_the_textbook(self, reference, name, method):
        found = ordinal_association(reference[name]["table"], method)
        assert [found.estimate, found.error] == pytest.approx(reference[name]["by_hand"][method], abs=1e-12)

    def test_somers_d_and_its_error_are_those_of_survival_and_hmisc(self, reference, name):
        found = ordinal_association(reference[name]["table"], "somers")
        assert [found.estimate, found.error] == pytest.approx(reference[name]["survival_somers"], abs=1e-10)
        assert [found.estimate, found.error] == pytest.approx(reference[name]["hmisc_dxy"], abs=1e-10)

    def test_kendalls_p_is_that_of_cor_test(self, reference, name):
        found = ordinal_association(reference[name]["table"], "kendall")
        assert [found.estimate, found.p] == pytest.approx(reference[name]["cor_test_kendall"], rel=1e-9)

    def test_spearman_is_that_of_cor_test_and_its_error_that_of_a_jackknife(self, reference, name):
        found = ordinal_association(reference[name]["table"], "spearman")
        assert [found.estimate, found.p] == pytest.approx(reference[name]["cor_test_spearman"], rel=1e-9, abs=1e-14)
        assert found.error == pytest.approx(reference[name]["spearman_jackknife_se"], abs=1e-9)


class TestAgainstPython:
    def test_somers_d_is_scipys(self, reference):
        table = np.array(reference["housing"]["table"])
        theirs = distributions.somersd(table)
        assert ordinal_association(table, "somers").estimate == pytest.approx(theirs.statistic, abs=1e-12)

    def test_kendall_and_spearman_are_pingouins(self, reference):
        x, y = rows_of(reference["wine"]["table"])
        for method in ("kendall", "spearman"):
            theirs = pingouin.corr(x, y, method=method).iloc[0]
            ours = ordinal_association(reference["wine"]["table"], method)
            assert [ours.estimate, ours.p] == pytest.approx([theirs["r"], theirs["p_val"]], rel=1e-9)

    def test_estimates_are_those_of_the_correlation_matrices(self):
        rng = np.random.default_rng(1)
        answers = pd.DataFrame(rng.integers(1, 6, (200, 3)), columns=list("abc")).mask(rng.random((200, 3)) < 0.1)
        tables = cross_tables(answers)
        for method in ("kendall", "spearman"):
            whole = correlations(tables, method)
            rows = ordinal_table(tables, method)
            assert rows["estimate"].tolist() == pytest.approx([whole[0, 1], whole[0, 2], whole[1, 2]], abs=1e-12)
            assert rows["people"].tolist() == [tables.pairs[0, 1], tables.pairs[0, 2], tables.pairs[1, 2]]


class TestErrors:
    @pytest.mark.parametrize("method", METHODS)
    def test_error_is_the_spread_over_many_surveys(self, method):
        rng = np.random.default_rng(2)
        chances = np.array([[8, 5, 2, 1], [5, 9, 6, 2], [2, 6, 9, 7], [1, 3, 8, 12.0]])
        chances /= chances.sum()
        found = ordinal_association(rng.multinomial(600, chances.ravel(), size=4000).reshape(-1, 4, 4), method)
        assert found.error.mean() == pytest.approx(found.estimate.std(), rel=0.04)

    @pytest.mark.parametrize("method", METHODS)
    def test_p_is_even_when_nothing_goes_together(self, method):
        rng = np.random.default_rng(3)
        chances = np.outer([0.05, 0.1, 0.25, 0.6], [0.1, 0.2, 0.3, 0.4])
        found = ordinal_association(rng.multinomial(80, chances.ravel(), size=4000).reshape(-1, 4, 4), method)
        assert (found.p < 0.05).mean() == pytest.approx(0.05, abs=0.011)

    def test_weights_of_one_equal_none_and_doubled_people_halve_the_variance(self):
        rng = np.random.default_rng(4)
        answers = pd.DataFrame(rng.integers(1, 6, (150, 2)), columns=["x", "y"])
        plain = ordinal_table(cross_tables(answers))
        pd.testing.assert_frame_equal(plain, ordinal_table(cross_tables(answers, weights=np.ones(150))))
        doubled = ordinal_table(cross_tables(pd.concat([answers, answers])))
        assert doubled["error"][0] ** 2 == pytest.approx(plain["error"][0] ** 2 / 2, rel=1e-12)

    def test_weights_count_by_their_effective_number(self):
        counts = np.array([[20.0, 10], [10, 30]])
        whole, half = ordinal_association(counts), ordinal_association(counts * 3, n_effective=35)
        assert half.estimate == pytest.approx(whole.estimate, abs=1e-12)
        assert half.error == pytest.approx(whole.error * np.sqrt(2), rel=1e-12)
        assert half.n == 35


class TestInvariance:
    @settings(max_examples=60, deadline=None)
    @given(TABLES)
    def test_turned_scales_turn_the_sign_and_swapped_questions_change_nothing(self, table):
        for method in ("kendall", "gamma", "spearman"):
            one = ordinal_association(table, method)
            turned, swapped = ordinal_association(table[::-1], method), ordinal_association(table.T, method)
            assert one.reason == turned.reason == swapped.reason
            np.testing.assert_allclose(turned.estimate, -one.estimate, atol=1e-12)
            np.testing.assert_allclose([swapped.error, swapped.p], [one.error, one.p], atol=1e-9)
            np.testing.assert_allclose(turned.low, -one.high, atol=1e-9)
        np.testing.assert_allclose(
            ordinal_association(table, "somers").error, ordinal_association(table.T, "somers_reversed").error, atol=1e-9
        )

    @settings(max_examples=30, deadline=None)
    @given(TABLES, st.integers(0, 3))
    def test_an_empty_level_changes_nothing(self, table, place):
        wider = np.insert(table, place, 0, axis=1)
        for method in METHODS:
            one, two = ordinal_association(table, method), ordinal_association(wider, method)
            for field in ("estimate", "error", "null_error", "low", "high", "p"):
                np.testing.assert_allclose(getattr(one, field), getattr(two, field), atol=1e-9)

    def test_a_stack_is_its_tables_one_by_one(self):
        stack = np.random.default_rng(5).integers(0, 9, (2, 3, 5, 4))
        whole = ordinal_association(stack, "gamma")
        for place in np.ndindex(2, 3):
            one = ordinal_association(stack[place], "gamma")
            assert [whole.low[place], whole.p[place]] == pytest.approx([one.low, one.p])


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    ("table", "reason"),
    [
        (np.zeros((3, 3)), "all_missing"),
        ([[1, 0], [1, 1]], "too_few"),
        ([[5, 9, 4], [0, 0, 0]], "constant"),
        ([[0, 7], [0, 3]], "constant"),
        ([[6, 0, 0], [0, 4, 0], [0, 0, 9]], "perfect"),
        ([[0, 6], [7, 0]], "perfect"),
    ],
)
def test_tables_that_say_nothing_say_why(method, table, reason):
    found = ordinal_association(table, method)
    assert found.reason == reason
    assert np.isnan(found.low)
    assert np.isnan(found.high)
    assert np.isnan(found.estimate) == (reason != "perfect")
    assert np.isnan(found.p) == (reason != "perfect")


def test_an_unknown_method_is_named():
    with pytest.raises(ValueError, match="kendall"):
        ordinal_association([[1, 2], [3, 4]], "tau-c")
