"""Comparisons of correlations, held against cocor, psych and simulated surveys."""

from __future__ import annotations

import json

import numpy as np
import pytest

from cxlib.stats.comparing import (
    TESTS,
    compare_independent,
    compare_overlapping,
    compare_resampled,
    difference_interval,
)

# cocor 1.1.4, cocor.dep.groups.overlap(.2, .5, .1, 315) and cocor.indep.groups(.8, .42, 75, 63), run in R 4.2.2
COCOR_OVERLAP = {
    "steiger": (-4.41518276006752, 1.00924687491677e-05),
    "meng": (-4.38993214354632, 1.13386037148278e-05),
    "williams": (-4.49499254102116, 9.818136702755e-06),
}
COCOR_OVERLAP_ZOU = (-0.430712413868641, -0.16749035509626)
COCOR_INDEPENDENT = (3.72376872836081, 0.000196270734689197)
COCOR_INDEPENDENT_ZOU = (0.169935090439133, 0.618026409197611)


@pytest.fixture(scope="module")
def psych(root):
    return json.loads((root / "tests/reference/r/comparing.json").read_text())


class TestAgainstR:
    @pytest.mark.parametrize("test", TESTS)
    def test_overlapping_is_cocors(self, test):
        found = compare_overlapping(0.2, 0.5, 0.1, 315, test=test)
        assert [found.statistic, found.p] == pytest.approx(COCOR_OVERLAP[test], rel=1e-9)
        assert [found.low, found.high] == pytest.approx(COCOR_OVERLAP_ZOU, abs=1e-12)

    def test_independent_is_cocors(self):
        found = compare_independent(0.8, 0.42, 75, 63)
        assert [found.statistic, found.p] == pytest.approx(COCOR_INDEPENDENT, rel=1e-9)
        assert [found.low, found.high] == pytest.approx(COCOR_INDEPENDENT_ZOU, abs=1e-12)

    def test_williams_is_psychs(self, psych):
        for case in psych["overlapping"]:
            found = compare_overlapping(case["first"], case["second"], case["between"], case["n"], test="williams")
            assert [found.statistic, found.p] == pytest.approx([case["t"], case["p"]], rel=1e-9)
            assert found.df == case["n"] - 3

    def test_fisher_is_psychs(self, psych):
        for case in psych["independent"]:
            found = compare_independent(case["first"], case["second"], case["n_first"], case["n_second"])
            assert [abs(found.statistic), found.p] == pytest.approx([case["z"], case["p"]], rel=1e-9)


def three_correlations(rng, n, surveys, first, second, between):
    root = np.linalg.cholesky([[1, first, second], [first, 1, between], [second, between, 1]])
    rows = rng.standard_normal((surveys, n, 3)) @ root.T
    rows -= rows.mean(axis=1, keepdims=True)
    products = np.swapaxes(rows, 1, 2) @ rows
    scale = np.sqrt(np.diagonal(products, axis1=1, axis2=2))
    matrices = products / (scale[:, :, None] * scale[:, None, :])
    return matrices[:, 0, 1], matrices[:, 0, 2], matrices[:, 1, 2]


class TestPromises:
    @pytest.mark.parametrize("test", TESTS)
    def test_equal_correlations_are_told_apart_one_time_in_twenty(self, test):
        correlations = three_correlations(np.random.default_rng(1), 100, 4000, 0.5, 0.5, 0.6)
        found = compare_overlapping(*correlations, 100, test=test)
        assert (found.p < 0.05).mean() == pytest.approx(0.05, abs=0.012)

    def test_zous_interval_holds_the_difference(self):
        correlations = three_correlations(np.random.default_rng(2), 120, 4000, 0.6, 0.3, 0.5)
        found = compare_overlapping(*correlations, 120)
        assert ((found.low <= 0.3) & (found.high >= 0.3)).mean() == pytest.approx(0.95, abs=0.012)

    def test_resamples_agree_with_the_formula(self):
        rng = np.random.default_rng(3)
        n = 300
        root = np.linalg.cholesky([[1, 0.5, 0.3], [0.5, 1, 0.4], [0.3, 0.4, 1]])
        rows = rng.standard_normal((n, 3)) @ root.T
        whole = np.corrcoef(rows.T)
        drawn = np.array([np.corrcoef(rows[rng.integers(n, size=n)].T) for _ in range(1500)])
        found, above = compare_resampled(whole[0, 1], whole[0, 2], drawn[:, 0, 1], drawn[:, 0, 2], groups=n)
        formula = compare_overlapping(whole[0, 1], whole[0, 2], whole[1, 2], n)
        assert found.statistic == pytest.approx(formula.statistic, rel=0.12)
        assert found.high - found.low == pytest.approx(formula.high - formula.low, rel=0.12)
        assert above == pytest.approx((drawn[:, 0, 1] > drawn[:, 0, 2]).mean())

    def test_few_units_widen_the_interval(self):
        rng = np.random.default_rng(4)
        first, second = 0.5 + 0.1 * rng.standard_normal(500), 0.3 + 0.1 * rng.standard_normal(500)
        many, _ = compare_resampled(0.5, 0.3, first, second)
        few, _ = compare_resampled(0.5, 0.3, first, second, groups=8)
        assert few.high - few.low > 1.2 * (many.high - many.low)
        assert few.p > many.p


class TestForms:
    def test_swapping_the_factors_turns_the_sign(self):
        for test in TESTS:
            one, two = (
                compare_overlapping(0.5, 0.2, 0.3, 80, test=test),
                compare_overlapping(0.2, 0.5, 0.3, 80, test=test),
            )
            assert [one.statistic, one.p, one.low] == pytest.approx([-two.statistic, two.p, -two.high])

    def test_every_pair_of_factors_at_once(self):
        r, between = np.array([0.5, 0.3, 0.1]), np.array([[1, 0.4, 0.2], [0.4, 1, 0.3], [0.2, 0.3, 1]])
        found = compare_overlapping(r[:, None], r[None, :], between, 200)
        one = compare_overlapping(0.5, 0.1, 0.2, 200)
        assert [found.statistic[0, 2], found.low[0, 2]] == pytest.approx([one.statistic, one.low])
        assert found.reason[1, 1] == "same"

    def test_rank_correlations_are_less_sure(self):
        assert compare_independent(0.6, 0.3, 90, 90, rank=True).p > compare_independent(0.6, 0.3, 90, 90).p

    def test_the_interval_takes_any_kind_of_interval(self):
        low, high = difference_interval(0.5, 0.4, 0.6, 0.2, 0.05, 0.35)
        assert [low, high] == pytest.approx([0.3 - np.hypot(0.1, 0.15), 0.3 + np.hypot(0.1, 0.15)])


@pytest.mark.filterwarnings("error")
class TestNothingToCompare:
    @pytest.mark.parametrize("test", TESTS)
    @pytest.mark.parametrize(
        ("values", "reason"),
        [
            ((np.nan, 0.5, 0.1, 100), "missing"),
            ((0.2, 0.5, 0.1, 3), "too_few"),
            ((1.0, 0.5, 0.5, 100), "perfect"),
            ((0.9, -0.9, 0.9, 100), "impossible"),
            ((0.4, 0.4, 1.0, 100), "same"),
        ],
    )
    def test_overlapping(self, test, values, reason):
        found = compare_overlapping(*values, test=test)
        assert found.reason == reason
        assert np.isnan([found.difference, found.statistic, found.p, found.low, found.high]).all()

    def test_independent(self):
        found = compare_independent([np.nan, 0.4, -1.0, 0.5], 0.3, [50, 3, 50, 50], 40)
        assert found.reason.tolist() == ["missing", "too_few", "perfect", ""]
        assert np.isnan(found.p).tolist() == [True, True, True, False]

    def test_resamples(self):
        none = np.full(100, np.nan)
        found, above = compare_resampled(0.5, 0.3, none, none)
        assert found.reason == "too_few"
        assert np.isnan(above)
        assert compare_resampled(0.5, 0.3, np.full(100, 0.5), np.full(100, 0.3))[0].reason == "same"
        assert compare_resampled(np.nan, 0.3, none, none)[0].reason == "missing"

    def test_an_unknown_test_is_named(self):
        with pytest.raises(ValueError, match="steiger"):
            compare_overlapping(0.1, 0.2, 0.3, 40, test="t")
