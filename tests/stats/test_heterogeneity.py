"""Whether an association differs between groups, against metafor; what could be found."""

import numpy as np
import pingouin
import pytest

from cxlib.stats.heterogeneity import heterogeneity
from cxlib.stats.power import detectable_correlation


def test_q_equals_metafor(reference):
    case = reference.case("meta_segments_correlations")
    r, n = np.array(case["data"]["r"]), np.array(case["data"]["n"])
    found = heterogeneity(r, errors=1 / np.sqrt(n - 3))
    assert found.q == pytest.approx(case["expected"]["Q"], abs=case["tolerance"])
    assert found.p == pytest.approx(case["expected"]["Qp"], abs=case["tolerance"])
    assert found.df == 4


def test_groups_without_a_correlation_are_left_out():
    found = heterogeneity([0.5, np.nan, 0.1, 1.0], [100, 100, 100, 3])
    assert found.df == 1
    assert found.p == pytest.approx(heterogeneity([0.5, 0.1], [100, 100]).p)
    assert np.isnan(heterogeneity([0.5], [100]).p)
    assert np.isnan(heterogeneity([np.nan, np.nan], [100, 100]).p)


def test_the_false_alarm_rate_is_nominal():
    rng = np.random.default_rng(4)
    alarms = 0
    for _ in range(400):
        r = [np.corrcoef(rng.multivariate_normal([0, 0], [[1, 0.4], [0.4, 1]], 150).T)[0, 1] for _ in range(4)]
        alarms += heterogeneity(r, errors=np.full(4, 1 / np.sqrt(147))).p < 0.05
    assert 0.02 < alarms / 400 < 0.085


@pytest.mark.parametrize(("n", "least"), [(100, 0.28), (200, 0.20), (400, 0.14)])
def test_detectable_correlation_is_the_one_of_the_method(n, least):
    assert detectable_correlation(n) == pytest.approx(least, abs=0.005)
    assert detectable_correlation(n) == pytest.approx(pingouin.power_corr(n=n, power=0.8), abs=1e-4)
    assert np.isnan(detectable_correlation(3))
