"""Power and equivalence, held against pingouin and simulated surveys."""

from __future__ import annotations

import numpy as np
import pingouin
import pytest

from cxlib.stats.power import detectable_correlation, equivalence_test, people_needed, power_of_correlation


class TestPower:
    @pytest.mark.parametrize("alpha", [0.05, 0.01])
    @pytest.mark.parametrize("r", [0.05, -0.2, 0.6])
    @pytest.mark.parametrize("n", [8, 100, 2000])
    def test_power_is_pingouins(self, r, n, alpha):
        assert power_of_correlation(r, n, alpha=alpha) == pytest.approx(
            pingouin.power_corr(r=abs(r), n=n, alpha=alpha), abs=1e-10
        )

    @pytest.mark.parametrize("n", [20, 100, 1000])
    def test_the_detectable_size_is_pingouins(self, n):
        assert detectable_correlation(n) == pytest.approx(pingouin.power_corr(n=n, power=0.8), abs=1e-6)

    @pytest.mark.parametrize("r", [0.1, -0.3, 0.7])
    def test_the_people_needed_are_pingouins(self, r):
        assert people_needed(r) == np.ceil(pingouin.power_corr(r=abs(r), power=0.8))

    def test_the_sizes_that_the_method_page_names(self):
        assert detectable_correlation([100, 200, 400]).round(2).tolist() == [0.28, 0.2, 0.14]

    def test_a_detectable_size_has_the_power_asked_for(self):
        n = np.array([[10, 50], [300, 9000]])
        for power in (0.5, 0.9):
            assert power_of_correlation(detectable_correlation(n, power=power), n) == pytest.approx(power, abs=1e-9)

    @pytest.mark.filterwarnings("error")
    def test_what_cannot_be_is_nan(self):
        assert np.isnan(power_of_correlation([0.3, np.nan, 1.2], [4, 100, 100])).all()
        assert np.isnan(detectable_correlation([0, 4, np.nan])).all()
        assert np.isnan(people_needed([0, np.nan, 1e-9])).all()
        assert power_of_correlation(1.0, 10) == pytest.approx(1)
        assert people_needed(1.0) == 5


class TestEquivalence:
    def test_equivalent_means_that_the_interval_lies_inside(self):
        rng = np.random.default_rng(1)
        r, error = rng.uniform(-0.4, 0.4, 500), rng.uniform(0.01, 0.2, 500)
        for df in (None, 9):
            found = equivalence_test(r, error, 0.2, df=df)
            np.testing.assert_array_equal(found.equivalent, (found.low > -0.2) & (found.high < 0.2))
            np.testing.assert_array_equal(found.equivalent, found.p < 0.05)

    def test_a_correlation_at_the_limit_is_called_nothing_one_time_in_twenty(self):
        rng = np.random.default_rng(2)
        n = 400
        x = rng.standard_normal((4000, n))
        y = 0.15 * x + np.sqrt(1 - 0.15**2) * rng.standard_normal((4000, n))
        x, y = x - x.mean(axis=1, keepdims=True), y - y.mean(axis=1, keepdims=True)
        r = (x * y).sum(axis=1) / np.sqrt((x**2).sum(axis=1) * (y**2).sum(axis=1))
        found = equivalence_test(r, 1 / np.sqrt(n - 3), 0.15)
        assert found.equivalent.mean() == pytest.approx(0.05, abs=0.012)

    def test_few_units_are_less_sure(self):
        assert equivalence_test(0.02, 0.05, 0.15, df=7).p > equivalence_test(0.02, 0.05, 0.15).p

    @pytest.mark.filterwarnings("error")
    def test_what_cannot_be_tested_says_why(self):
        found = equivalence_test([np.nan, 0.1, 1.0, 0.1], [0.1, np.nan, 0.1, 0.0], 0.1)
        assert found.reason.tolist() == ["missing", "missing", "perfect", "missing"]
        assert not found.equivalent.any()
        assert np.isnan(found.p).all()

    def test_a_worthwhile_size_of_nothing_is_refused(self):
        with pytest.raises(ValueError, match="between 0 and 1"):
            equivalence_test(0.1, 0.1, 0.0)
