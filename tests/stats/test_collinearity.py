"""Variance inflation against car::vif; turned signs named as halo or suppression."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxlib.stats.adjusted import partial_correlations
from cxlib.stats.association import fisher_interval
from cxlib.stats.collinearity import TurnedSign, collinearity, name_turned_signs

# R's datasets::attitude stands in the values made for the dominance tests
MADE_BY_R = json.loads((Path(__file__).parent.parent / "reference" / "r" / "dominance.json").read_text("utf-8"))
ATTITUDE = pd.DataFrame(MADE_BY_R["attitude"])[
    ["complaints", "privileges", "learning", "raises", "critical", "advance", "rating"]
].corr()
BESIDE = Path(__file__).resolve().parents[2].parent / "shared" / "reference" / "data"


def test_attitude_agrees_with_car():
    # car 3.1.1: vif(lm(rating ~ ., attitude)); tolerance 1e-6
    expected = [
        2.66706030825785,
        1.600891407384,
        2.27104315804566,
        3.07822621819102,
        1.22810896720675,
        1.95159079115008,
    ]
    found = collinearity(ATTITUDE.to_numpy()[:-1, :-1])
    np.testing.assert_allclose(found.inflation, expected, rtol=1e-9)
    assert found.reasons == ("",) * 6


def test_longley_agrees_with_car_and_kappa():
    file = BESIDE / "longley.csv"
    if not file.exists():
        pytest.skip("longley.csv (R's datasets::longley) is not beside the project")
    factors = ["GNP.deflator", "GNP", "Unemployed", "Armed.Forces", "Population", "Year"]
    found = collinearity(pd.read_csv(file)[factors].corr().to_numpy())
    expected = [
        135.532438279985,
        1788.51348271794,
        33.6188905960496,
        3.58893019344532,
        399.151022312593,
        758.980597406793,
    ]
    np.testing.assert_allclose(found.inflation, expected, rtol=1e-6)
    assert found.condition_index**2 == pytest.approx(
        12220.0098602718, rel=1e-6
    )  # kappa(cor(longley[, factors]), exact = TRUE)
    assert found.reasons == ("crowded", "crowded", "crowded", "", "crowded", "crowded")


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), p=st.integers(1, 7))
def test_inflation_is_that_of_regressing_each_factor_on_the_others(seed, p):
    rng = np.random.default_rng(seed)
    data = rng.standard_normal((40, p)) @ (rng.standard_normal((p, p)) + np.eye(p))
    matrix = np.atleast_2d(np.corrcoef(data, rowvar=False))
    found = collinearity(matrix)
    for factor in range(p):
        others = np.delete(np.arange(p), factor)
        inside = matrix[np.ix_(others, others)]
        r2 = matrix[factor, others] @ np.linalg.solve(inside, matrix[others, factor]) if p > 1 else 0.0
        assert found.inflation[factor] == pytest.approx(1 / (1 - r2), rel=1e-5)
    order = rng.permutation(p)
    np.testing.assert_allclose(collinearity(matrix[np.ix_(order, order)]).inflation, found.inflation[order], rtol=1e-6)


def test_degenerate_matrices_give_reasons():
    twins = np.array([[1, 1, 0.4], [1, 1, 0.4], [0.4, 0.4, 1]])
    found = collinearity(twins)
    assert found.reasons == ("collinear", "collinear", "")
    assert found.inflation[2] == pytest.approx(1 / (1 - 0.16))
    assert np.isnan(found.condition_index)
    assert np.isnan(collinearity(np.full((2, 2), np.nan)).inflation).all()
    assert collinearity(np.ones((1, 1))).inflation.tolist() == [1.0]
    assert collinearity(np.empty((0, 0))).reasons == ()


def intervals(matrix: np.ndarray, n: int) -> tuple[np.ndarray, ...]:
    p = len(matrix) - 1
    plain = fisher_interval(matrix[:-1, -1], 1 / np.sqrt(n - 3))
    adjusted = fisher_interval(partial_correlations(matrix), 1 / np.sqrt(n - 3 - (p - 1)))
    return *plain, *adjusted


def test_two_factors_of_attitude_turn_and_neither_is_called_harmful():
    matrix = ATTITUDE.to_numpy()
    found = name_turned_signs(matrix, *intervals(matrix, 30))
    codes = dict(zip(ATTITUDE.columns, [sign.code for sign in found], strict=False))
    assert codes == {
        "complaints": "agrees",
        "privileges": "halo",
        "learning": "halo",
        "raises": "halo",
        "critical": "none",
        "advance": "none",
    }
    turned = [name for name, sign in zip(ATTITUDE.columns, found, strict=False) if sign.turned_by >= 0]
    assert turned == ["privileges", "advance"]
    # with many more people the same correlations leave no doubt: suppression, and by which factor
    certain = name_turned_signs(matrix, *intervals(matrix, 5000))
    assert certain[1] == TurnedSign("suppression", 0)
    assert certain[5].code == "suppression"


def test_halo_alone_is_named_halo():
    """One rating goes with the outcome; nine share only its halo."""
    halo = np.full((10, 10), 0.7) + 0.3 * np.eye(10)
    matrix = np.eye(11)
    matrix[:-1, :-1] = halo
    matrix[:-1, -1] = matrix[-1, :-1] = 0.6 * halo[0]
    found = name_turned_signs(matrix, *intervals(matrix, 600))
    assert [sign.code for sign in found] == ["agrees"] + ["halo"] * 9


def test_masked_and_missing_associations():
    matrix = np.array([[1, 0.6, 0.5], [0.6, 1, 0.0], [0.5, 0.0, 1]])
    assert [sign.code for sign in name_turned_signs(matrix, *intervals(matrix, 400))] == ["agrees", "masked"]
    lost = name_turned_signs(matrix, [0.4, np.nan], [0.6, np.nan], [0.3, np.nan], [0.5, np.nan])
    assert [sign.code for sign in lost] == ["agrees", ""]
    unknown = np.where(np.eye(3) > 0, 1.0, np.nan)
    assert name_turned_signs(unknown, [np.nan] * 2, [np.nan] * 2, [np.nan] * 2, [np.nan] * 2)[0].turned_by == -1
