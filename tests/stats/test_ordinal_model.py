"""Proportional-odds model against MASS::polr, ordinal::clm and sandwich; Brant's check; shares of McFadden's R2."""

from __future__ import annotations

import json
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxlib.stats.cumulative_logit import scores
from cxlib.stats.dominance import dominance
from cxlib.stats.ordinal_model import mcfadden_shares, proportional_odds
from cxlib.stats.parallel_lines import parallel_lines

MADE_BY_R = json.loads((Path(__file__).parent.parent / "reference" / "r" / "ordinal_model.json").read_text("utf-8"))
HOUSING = pd.DataFrame(MADE_BY_R["housing"])  # MASS::housing, 1,681 tenants in 72 cells
WINE = pd.DataFrame(MADE_BY_R["wine"])  # ordinal::wine, nine judges, eight bottles each
HOUSING_FACTORS = ["InflMedium", "InflHigh", "TypeApartment", "TypeAtrium", "TypeTerrace", "ContHigh"]
BESIDE = Path(__file__).resolve().parents[2].parent / "shared" / "reference" / "data"


def ratings(n: int, p: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Five-point ratings with a common part and a 0-10 outcome."""
    rng = np.random.default_rng(seed)
    x = np.clip(np.round(rng.standard_normal((n, 1)) * 0.7 + rng.standard_normal((n, p)) * 0.8 + 3.5), 1, 5)
    return x, np.clip(np.round((x - 3.5) @ np.linspace(0, 0.6, p) + rng.logistic(size=n) + 7), 0, 10)


def test_housing_agrees_with_polr_and_clm():
    found = proportional_odds(HOUSING[HOUSING_FACTORS], HOUSING["Sat"], counts=HOUSING["Freq"])
    clm = MADE_BY_R["clm"]
    both = np.concatenate([found.thresholds, found.coefficients])
    np.testing.assert_allclose(both, list(clm["coef"].values()), atol=1e-6)
    np.testing.assert_allclose(
        np.concatenate([found.threshold_errors, found.errors]), list(clm["se"].values()), atol=1e-6
    )
    assert found.log_likelihood == pytest.approx(clm["logLik"], abs=1e-8)
    # polr stops a little earlier; Venables & Ripley (4th edition, section 7.3) print .566 1.289 -.572 -.366 -1.091 .360
    np.testing.assert_allclose(found.coefficients, list(MADE_BY_R["polr"]["coef"].values()), atol=1e-5)
    np.testing.assert_allclose(found.coefficients, [0.566, 1.289, -0.572, -0.366, -1.091, 0.360], atol=5e-4)
    assert -2 * found.log_likelihood == pytest.approx(3479.149, abs=1e-3)
    assert (found.n, found.method, found.reason) == (1681, "model", "")


def test_errors_of_judges_agree_with_sandwich():
    expected, factors = MADE_BY_R["wine_clm"], WINE[["warm", "contact"]]
    for method, options in {
        "clustered": {"clusters": WINE["judge"]},
        "robust": {"weights": np.ones(len(WINE))},
    }.items():
        found = proportional_odds(factors, WINE["rating"], **options)
        errors = np.concatenate([found.threshold_errors, found.errors])
        np.testing.assert_allclose(errors, list(expected[method].values()), rtol=1e-6)
        assert found.method == method
    assert found.low[0] < found.coefficients[0] < found.high[0]


def test_parallel_lines_agree_with_brants_formulas_in_r():
    found = parallel_lines(HOUSING[HOUSING_FACTORS], HOUSING["Sat"], counts=HOUSING["Freq"])
    expected = MADE_BY_R["housing_brant"]
    np.testing.assert_allclose(found.coefficients, expected["coefficients"], atol=1e-6)
    assert found.statistic == pytest.approx(expected["statistic"], rel=1e-6)
    assert (found.df, found.factor_df) == (expected["df"], expected["each_df"])
    np.testing.assert_allclose(found.factor_statistic, expected["each"], rtol=1e-6)
    assert found.p == pytest.approx(0.2015, abs=1e-4)


def test_parallel_lines_find_a_factor_that_only_hurts():
    rng = np.random.default_rng(3)
    x = rng.integers(1, 6, (3000, 2)).astype(float)
    latent = rng.logistic(size=3000) + 0.5 * x[:, 1]
    y = np.where(latent < 1.5 - 1.0 * (x[:, 0] - 3), 0, np.where(latent < 4, 1, 2))
    y[(y == 0) & (latent >= 4)] = 1
    for options in ({}, {"clusters": np.arange(3000) % 60}):
        found = parallel_lines(x, y, **options)
        assert found.factor_p[0] < 1e-6
        assert found.p < 1e-6
    few = parallel_lines(x, y, clusters=np.arange(3000) % 2)
    assert (few.reason, np.isnan(few.p)) == ("too_few_units", True)


def test_shares_agree_with_all_orders_of_clm():
    found = mcfadden_shares(WINE[["warm", "contact", "bottle"]], WINE["rating"])
    np.testing.assert_allclose(found.shares, list(MADE_BY_R["wine_shares"].values()), atol=1e-7)
    np.testing.assert_allclose(found.worth[[1, 2, 4, 7]], list(MADE_BY_R["wine_worth"].values()), atol=1e-7)
    np.testing.assert_allclose(dominance(found.worth).general, found.shares, atol=1e-12)


def test_shares_of_a_two_level_outcome_agree_with_dominanceanalysis():
    file = BESIDE / "tropicbird.csv"
    if not file.exists():
        pytest.skip("tropicbird.csv (dominanceanalysis' example) is not beside the project")
    birds = pd.read_csv(file)
    found = mcfadden_shares(birds[["rem", "slo", "land", "alt"]], birds["pres"])
    # dominanceanalysis 2.1.1: dominanceAnalysis(glm(...)), r2.m; tolerance 1e-6
    expected = [0.173720717632338, 0.00875277472284748, 0.0576138751511304, 0.0296796065416314]
    np.testing.assert_allclose(found.shares, expected, atol=1e-6)


@pytest.mark.parametrize(("n", "p", "step"), [(300, 5, 5), (900, 7, 5), (150, 9, 17)])
def test_every_subset_is_at_its_maximum(n, p, step):
    x, y = ratings(n, p, seed=n)
    found = mcfadden_shares(x, y)
    assert found.shares.sum() == pytest.approx(found.r2, abs=1e-12)
    for subset in range(1, 1 << p, step):
        columns = [factor for factor in range(p) if subset >> factor & 1]
        assert found.worth[subset] == pytest.approx(proportional_odds(x[:, columns], y).r2, abs=2e-10)


def test_twelve_factors_are_quick_enough():
    x, y = ratings(400, 12, seed=1)
    begin = time.process_time()
    found = mcfadden_shares(x, y)
    assert found.reason == ""
    assert time.process_time() - begin < 60  # half a second alone on a core; other work may be going on


def test_smaller_models_need_one_step_where_the_larger_ones_say_they_lie(monkeypatch):
    from cxlib.stats import cumulative_logit

    evaluated = []
    plain = cumulative_logit._derivatives
    monkeypatch.setattr(
        cumulative_logit,
        "_derivatives",
        lambda s, c, theta, kind: evaluated.append(len(theta)) or plain(s, c, theta, kind),
    )
    assert mcfadden_shares(*ratings(2000, 10, seed=4)).reason == ""
    assert sum(evaluated) < 1.6 * 2**10  # from the nearest larger model alone more than two each


def test_likelihood_is_the_same_by_the_definition_however_far_the_answers_lie():
    from cxlib.stats.cumulative_logit import _derivatives, complete_sample

    x, y = ratings(120, 3, seed=6)
    sample = complete_sample(x, y, None, None)
    k = len(sample.levels) - 1
    level = np.repeat(np.arange(k + 1), np.diff(sample.cuts))
    for scale in (1.0, 30.0):
        theta = np.concatenate([np.linspace(-3, 3, k), [0.5, -0.2, 0.9]]) * scale
        padded = np.concatenate([[-np.inf], theta[:k], [np.inf]])
        eta = sample.x @ theta[k:]
        upper, lower = padded[level + 1] - eta, padded[level] - eta
        # log(F(a) - F(c)), each from the side on which digits are kept
        turned = upper + lower > 0
        high, low = np.where(turned, -lower, upper), np.where(turned, -upper, lower)
        logs = -np.logaddexp(0, -high) + np.log(-np.expm1(-np.logaddexp(0, -low) + np.logaddexp(0, -high)))
        for kind, exact in ((np.float64, 1e-10), (np.float32, 1e-5)):
            value, slope, curve = _derivatives(sample, sample.cuts, np.repeat(theta[None], 9, axis=0), kind)
            np.testing.assert_allclose(value, sample.weight @ logs, rtol=1e-10)
            np.testing.assert_allclose(slope[0], sample.weight @ scores(sample, theta), rtol=1e-8, atol=1e-8)
            move = 1e-5 * np.eye(k + 3)
            apart = (
                _derivatives(sample, sample.cuts, theta + move)[1] - _derivatives(sample, sample.cuts, theta - move)[1]
            )
            np.testing.assert_allclose(curve[0], -apart / 2e-5, rtol=1e-4, atol=max(exact, 1e-6) * abs(curve).max())


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 1000))
def test_order_scale_and_coding_do_not_matter(seed):
    x, y = ratings(150, 3, seed)
    found = proportional_odds(x, y)
    order = np.random.default_rng(seed).permutation(150)
    again = proportional_odds(x[order][:, [2, 0, 1]] * 10 + 4, np.exp(y[order]))
    np.testing.assert_allclose(again.coefficients * 10, found.coefficients[[2, 0, 1]], atol=1e-7)
    np.testing.assert_allclose(again.p, found.p[[2, 0, 1]], atol=1e-6)
    turned = proportional_odds(x, -y)
    np.testing.assert_allclose(turned.coefficients, -found.coefficients, atol=1e-7)
    assert turned.r2 == pytest.approx(found.r2, abs=1e-10)
    twice = proportional_odds(np.vstack([x, x]), np.append(y, y))
    np.testing.assert_allclose(twice.errors, found.errors / np.sqrt(2), rtol=1e-6)
    counted = proportional_odds(x, y, counts=np.full(150, 2))
    np.testing.assert_allclose(counted.errors, twice.errors, rtol=1e-9)


def test_weights_of_one_and_people_as_clusters_are_robust_errors():
    x, y = ratings(200, 3, seed=8)
    robust = proportional_odds(x, y, weights=np.ones(200))
    alone = proportional_odds(x, y, clusters=np.arange(200))
    np.testing.assert_allclose(robust.errors, alone.errors, rtol=1e-12)
    np.testing.assert_allclose(robust.coefficients, proportional_odds(x, y).coefficients, rtol=1e-12)
    assert proportional_odds(x, y, clusters=[None] * 200).errors == pytest.approx(alone.errors)


def test_missing_answers_are_left_out_and_degenerate_input_gives_reasons():
    x, y = ratings(200, 4, seed=2)
    holes = x.copy()
    holes[:20, 1] = np.nan
    left_out = proportional_odds(holes, y)
    np.testing.assert_allclose(left_out.coefficients, proportional_odds(x[20:], y[20:]).coefficients)
    assert left_out.n == 180

    wide = np.column_stack([x, np.full(200, 3.0), x[:, 0]])
    found = proportional_odds(wide, y)
    assert found.reasons == ("collinear", "", "", "", "constant", "collinear")
    assert np.isnan(found.coefficients).tolist() == [True, False, False, False, True, True]
    np.testing.assert_allclose(found.r2, proportional_odds(x, y).r2)
    shares = mcfadden_shares(wide, y)
    assert shares.shares[4] == 0
    assert shares.shares[0] == pytest.approx(shares.shares[5], abs=1e-8)
    assert shares.r2 == pytest.approx(found.r2, abs=1e-9)
    check = parallel_lines(wide, y)
    assert np.isnan(check.factor_p).tolist() == [True, False, False, False, True, True]

    flat = proportional_odds(x, np.ones(200))
    assert (flat.reason, mcfadden_shares(x, np.ones(200)).reason) == ("constant", "constant")
    assert proportional_odds(x[:5], y[:5]).reason == "too_few"
    assert proportional_odds(np.full((50, 2), np.nan), np.ones(50)).reason == "too_few"
    assert parallel_lines(x[:40], y[:40]).reason == "too_few_cuts"
    assert parallel_lines(x, np.ones(200)).reason == "constant"
    assert parallel_lines(np.ones((200, 2)), y).reason == "constant"
    assert mcfadden_shares(np.ones((200, 13)), y).reason == "too_many"


def test_a_strong_factor_among_others_leaves_every_subset_at_its_maximum():
    x, y = ratings(250, 4, seed=11)
    x[:, 0] = y + np.random.default_rng(1).normal(0, 0.3, 250)
    found = mcfadden_shares(np.column_stack([x, x[:, 1]]), y)
    assert found.reason == ""
    for subset in range(1, 16):
        columns = [factor for factor in range(4) if subset >> factor & 1]
        assert found.worth[subset] == pytest.approx(proportional_odds(x[:, columns], y).r2, abs=1e-8)


def test_an_outcome_that_a_factor_settles_has_no_finite_coefficient():
    x = np.repeat(np.arange(1.0, 6), 20)[:, None]
    found = proportional_odds(x, (x[:, 0] > 3).astype(float))
    assert found.reason == "separation"
    assert np.isnan(found.coefficients).all()
    assert mcfadden_shares(x, (x[:, 0] > 3).astype(float)).r2 == pytest.approx(1, abs=1e-5)
    assert parallel_lines(x, x[:, 0]).reason == "separation"
