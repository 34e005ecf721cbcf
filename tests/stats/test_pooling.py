"""Pooled correlations, held against metafor."""

from __future__ import annotations

import json

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

from cxlib.stats.pooling import pool_correlations

ADJUSTMENTS = {"z": "none", "knha": "knapp_hartung", "adhoc": "floored"}


@pytest.fixture(scope="module")
def metafor(root):
    return json.loads((root / "tests/reference/r/pooling.json").read_text())["cases"]


@pytest.mark.parametrize("name", ["segments", "bfi_education", "far_apart", "two", "alike"])
def test_every_number_is_metafors(metafor, name):
    case = metafor[name]
    errors = 1 / np.sqrt(np.array(case["n"]) - 3)
    for fit in case["fits"]:
        found = pool_correlations(case["r"], errors, method=fit["method"].lower(), adjustment=ADJUSTMENTS[fit["test"]])
        ours = [found.z, found.error, found.tau2, found.i2 * 100, found.q, found.q_p]
        assert ours == pytest.approx([fit[key] for key in ("z", "se", "tau2", "I2", "Q", "Qp")], rel=1e-6, abs=1e-9)
        ends = [found.p, found.low, found.high, found.predict_low, found.predict_high]
        theirs = [fit[key] for key in ("p", "low", "high", "predict_low", "predict_high")]
        assert ends == pytest.approx(theirs, rel=1e-6, abs=1e-9)


def test_published_case():
    # metafor 3.8.1, rma(measure="ZCOR", ri=r, ni=n, method="REML")
    found = pool_correlations(
        [0.55, 0.42, 0.61, 0.38, 0.5], 1 / np.sqrt(np.array([120, 80, 150, 60, 95]) - 3), adjustment="none"
    )
    assert [found.z, found.tau2, found.i2, found.q] == pytest.approx(
        [0.568825089309662, 0.00516073385427295, 0.330116742630204, 5.89570572695151], abs=1e-5
    )
    assert [found.low, found.high] == pytest.approx([0.429209767170968, 0.59068831466224], abs=1e-5)


@pytest.mark.parametrize("method", ["reml", "dl"])
def test_the_interval_holds_the_mean_and_the_test_of_difference_its_level(method):
    rng = np.random.default_rng(1)
    n = np.array([60, 90, 120, 80, 150, 100])
    errors = 1 / np.sqrt(n - 3)
    alike = [
        pool_correlations(np.tanh(0.4 + errors * rng.standard_normal(6)), errors, method=method) for _ in range(800)
    ]
    assert np.mean([found.q_p < 0.05 for found in alike]) == pytest.approx(0.05, abs=0.022)
    spread = [
        pool_correlations(np.tanh(0.4 + np.hypot(errors, 0.15) * rng.standard_normal(6)), errors, method=method)
        for _ in range(800)
    ]
    held = np.mean([found.low <= np.tanh(0.4) <= found.high for found in spread])
    assert 0.93 <= held <= 0.98
    assert np.mean([found.tau2 for found in spread]) == pytest.approx(0.15**2, rel=0.2)


def test_missing_segments_are_left_out():
    whole = pool_correlations([0.3, 0.5, 0.4], [0.1, 0.12, 0.09])
    holes = pool_correlations([0.3, np.nan, 0.5, 0.4, 1.0, 0.2], [0.1, 0.1, 0.12, 0.09, 0.1, np.nan])
    assert holes == whole
    assert whole.k == 3


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("adjustment", ["floored", "knapp_hartung", "none"])
def test_too_little_to_pool_says_why(adjustment):
    one = pool_correlations([0.4, np.nan], [0.1, 0.1], adjustment=adjustment)
    assert (one.k, one.reason) == (1, "too_few")
    assert one.estimate == pytest.approx(0.4)
    assert np.isnan([one.low, one.high, one.p, one.tau2, one.q_p]).all()
    none = pool_correlations([], [], adjustment=adjustment)
    assert (none.k, none.reason) == (0, "all_missing")
    same = pool_correlations([0.4, 0.4, 0.4], 0.1, adjustment=adjustment)
    assert same.estimate == pytest.approx(0.4)
    assert same.tau2 == 0


def test_an_unknown_method_is_named():
    with pytest.raises(ValueError, match="reml"):
        pool_correlations([0.1, 0.2], 0.1, method="ml")


def test_the_variance_between_segments_is_where_the_likelihood_is_highest():
    rng = np.random.default_rng(8)
    for _ in range(40):
        k = int(rng.integers(3, 9))
        z, errors = rng.normal(0.4, 0.25, k), rng.uniform(0.05, 0.15, k)
        found = pool_correlations(np.tanh(z), errors)

        def lost(tau2, z=z, errors=errors):
            weights = 1 / (errors**2 + tau2)
            mean = np.average(z, weights=weights)
            return np.log(weights.sum()) - np.log(weights).sum() + (weights * (z - mean) ** 2).sum()

        highest = minimize_scalar(lost, bounds=(0, 1), method="bounded", options={"xatol": 1e-10})
        assert lost(found.tau2) <= highest.fun + 1e-11
        assert found.tau2 == pytest.approx(highest.x, abs=1e-6)
