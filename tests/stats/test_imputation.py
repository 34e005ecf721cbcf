"""Multiple imputation, Rubin's rules and EM correlations against mice and lavaan."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxlib.stats.association import bonett_wright_error
from cxlib.stats.imputation import DONORS, _lenders, impute, pool, pool_correlations
from cxlib.stats.normal_model import em_correlation

MADE_BY_R = json.loads((Path(__file__).parent.parent / "reference" / "r" / "imputation.json").read_text("utf-8"))


def unpacked(columns: dict[str, str]) -> pd.DataFrame:
    """Answers of one digit, '-' for none."""
    return pd.DataFrame({name: [np.nan if c == "-" else float(c) for c in text] for name, text in columns.items()})


BFI = unpacked(MADE_BY_R["bfi"])  # psych::bfi, five questions of 2,800 people
AIR = pd.DataFrame(MADE_BY_R["air"], dtype=float)  # R's datasets::airquality


def ratings(n: int, p: int, seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    latent = rng.standard_normal((n, 1)) * 0.8 + rng.standard_normal((n, p)) * 0.6
    return pd.DataFrame(np.clip(np.round(latent * 1.2 + 3.5), 1, 5), columns=[f"q{k}" for k in range(p)])


def test_em_correlation_agrees_with_lavaan():
    found = em_correlation(BFI)
    np.testing.assert_allclose(found.correlation, MADE_BY_R["bfi_fiml"], atol=1e-6)
    assert (found.n, found.reason) == (2800, "")

    # a quarter of the ozone values is missing; lavaan fitted in standard deviations
    air, scale = em_correlation(AIR), np.array(list(MADE_BY_R["air_scale"].values()))
    np.testing.assert_allclose(air.correlation, MADE_BY_R["air_fiml"]["cor"], atol=1e-5)
    np.testing.assert_allclose(air.mean / scale, MADE_BY_R["air_fiml"]["mean"], rtol=2e-5)
    np.testing.assert_allclose(air.covariance / np.outer(scale, scale), MADE_BY_R["air_fiml"]["cov"], atol=2e-5)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 1000))
def test_em_of_complete_answers_is_pearson_and_orders_do_not_matter(seed):
    frame = ratings(60, 4, seed)
    np.testing.assert_allclose(em_correlation(frame).correlation, frame.corr(), atol=1e-8)
    holes = frame.mask(np.random.default_rng(seed).random(frame.shape) < 0.15)
    found = em_correlation(holes).correlation
    turned = em_correlation(holes.sample(frac=1, random_state=seed)[["q2", "q0", "q3", "q1"]] * 2 + 1).correlation
    np.testing.assert_allclose(turned, found[np.ix_([2, 0, 3, 1], [2, 0, 3, 1])], atol=1e-6)
    doubled = em_correlation(pd.concat([holes, holes])).correlation
    np.testing.assert_allclose(doubled, found, atol=1e-7)
    np.testing.assert_allclose(em_correlation(holes, weights=np.full(60, 2.0)).correlation, doubled, atol=1e-9)


def test_em_of_degenerate_answers_gives_reasons():
    frame = ratings(40, 3, 1).assign(empty=np.nan, flat=3.0)
    found = em_correlation(frame)
    assert found.reasons == ("", "", "", "all_missing", "constant")
    np.testing.assert_allclose(found.correlation[:3, :3], frame.iloc[:, :3].corr(), atol=1e-8)
    assert np.isnan(found.correlation[3:]).all()
    assert em_correlation(frame[["empty"]]).reason == "too_few"
    assert em_correlation(frame.iloc[:2, :3]).reason == "too_few"
    repeated = em_correlation(frame[["q0"]].assign(again=frame["q0"]).mask(np.eye(40, 2) > 0))
    assert repeated.correlation[0, 1] == pytest.approx(1, abs=1e-6)


def test_rubins_rules_agree_with_mice():
    for case in MADE_BY_R["rubin"]:
        found, expected = pool(case["Q"], case["U"], complete_df=case["n"] - case["k"]), case["found"]
        assert found.estimate == pytest.approx(expected["qbar"], rel=1e-12)
        assert found.error**2 == pytest.approx(expected["t"], rel=1e-12)
        assert found.df == pytest.approx(expected["df"], rel=1e-9)
        assert found.fmi == pytest.approx(expected["fmi"], rel=1e-9)
        assert found.riv == pytest.approx((expected["t"] - expected["ubar"]) / expected["ubar"], rel=1e-9)


def test_pooling_edges():
    same = pool([0.3, 0.3], [0.01, 0.01])
    assert (same.df, same.riv, same.fmi) == (np.inf, 0, 0)
    assert same.low == pytest.approx(0.3 - 1.959964 * 0.1)
    alone = pool([[0.3, np.nan]], [[0.01, 0.01]], complete_df=20)
    assert alone.error[0] == pytest.approx(0.1)
    assert np.isnan(alone.error[1])
    assert np.isnan(alone.p[1])
    only_between = pool([0.1, 0.3, 0.2], [0.0, 0.0, 0.0], complete_df=50)
    assert np.isnan(only_between.df)
    perfect = pool_correlations([[1.0, 0.5], [1.0, 0.4]], np.full((2, 2), 0.1))
    assert np.isnan(perfect.estimate[0])
    assert 0.4 < perfect.estimate[1] < 0.5
    assert perfect.low[1] < perfect.estimate[1] < perfect.high[1]


def test_imputed_correlations_agree_with_mice():
    # answers gone by another answer (about half of A3 among the agreeable): means over 400 copies there, 100 here
    holes = unpacked(MADE_BY_R["holes"])
    copies = impute(holes, m=100, cycles=10, seed=4)
    for case in MADE_BY_R["mice"]:
        first, second = (list(holes).index(name) for name in case["pair"])
        r = [np.corrcoef(copy[:, first], copy[:, second])[0, 1] for copy in copies.completed]
        found = pool_correlations(r, np.full(100, 597**-0.5))
        assert found.estimate == pytest.approx(case["r"], abs=0.012)  # three Monte Carlo errors
        assert found.error == pytest.approx(case["error"], rel=0.1)
        assert found.fmi == pytest.approx(case["fmi"], abs=0.1)


def test_imputation_keeps_what_was_answered_and_fills_with_answers_on_the_scale():
    frame = ratings(300, 5, 3)
    holes = frame.mask(np.random.default_rng(1).random(frame.shape) < 0.2)
    copies = impute(holes, m=4, seed=9)
    assert copies.missing.tolist() == holes.isna().sum().tolist()
    answered = holes.notna().to_numpy()
    for number, copy in enumerate(copies.completed):
        np.testing.assert_array_equal(copy[answered], frame.to_numpy()[answered])
        assert set(np.unique(copy)) <= {1, 2, 3, 4, 5}
        pd.testing.assert_frame_equal(copies.frame(number), pd.DataFrame(copy, columns=holes.columns))
    np.testing.assert_array_equal(impute(holes, m=4, seed=9).completed, copies.completed)
    assert (impute(holes, m=4, seed=8).completed != copies.completed).any()
    np.testing.assert_array_equal(impute(holes, m=2, seed=9).completed, copies.completed[:2])
    np.testing.assert_array_equal(impute(frame, m=1).completed[0], frame)


def test_pooled_intervals_cover_where_listwise_is_biased():
    """Answers missing by the outcome: the pooled interval keeps its promise, the complete rows do not."""
    rng, covered, listwise, surveys = np.random.default_rng(6), 0, [], 120
    truth = np.corrcoef(ratings(400_000, 3, 99), rowvar=False)[0, 1]
    for number in range(surveys):
        frame = ratings(300, 3, number)
        gone = rng.random(300) < np.where(frame["q1"] >= 4, 0.6, 0.05)
        holes = frame.assign(q0=frame["q0"].mask(gone))
        copies = impute(holes, m=5, seed=number)
        r = np.array([np.corrcoef(copy[:, 0], copy[:, 1])[0, 1] for copy in copies.completed])
        found = pool_correlations(r, bonett_wright_error(r, 300), complete_df=298)
        covered += found.low <= truth <= found.high
        kept = holes.dropna()
        listwise.append(kept["q0"].corr(kept["q1"]))
    assert covered / surveys >= 0.90  # 95 % less three standard errors
    assert abs(np.mean(listwise) - truth) > 0.02


def test_imputation_of_degenerate_answers():
    frame = ratings(50, 3, 5).assign(empty=np.nan, flat=3.0, rare=np.nan)
    frame.loc[:2, "rare"] = 4.0
    frame.loc[5:9, ["q0", "flat"]] = np.nan
    frame["again"] = frame["q1"]
    copies = impute(frame, m=2)
    assert copies.reasons == ("", "", "", "all_missing", "", "too_few", "")
    assert not np.isnan(copies.completed[:, :, [0, 1, 2, 4, 6]]).any()
    assert np.isnan(copies.completed[:, :, [3, 5]]).all()
    assert (copies.completed[:, :, 4] == 3).all()
    assert impute(frame[["empty"]], m=2).completed.shape == (2, 50, 1)
    lone = impute(pd.DataFrame({"q": [1.0, 2, 3, 1, 2, 5, np.nan]}), m=3)
    assert not np.isnan(lone.completed).any()


def lenders_one_by_one(predicted, wanted, rng):
    """Of each wanted value the people with the five nearest predictions, and one of them, as `_lenders` draws."""
    order = rng.permutation(len(predicted))
    order = order[np.argsort(predicted[order], kind="stable")]
    picks, rest, lent = rng.integers(DONORS, size=len(wanted)), [], []
    for value, pick in zip(wanted, picks, strict=True):
        after = min(max(np.searchsorted(predicted[order], value), 1), len(order) - 1)
        window = list(range(after - DONORS, after + DONORS))
        away = [abs(predicted[order[p]] - value) if 0 <= p < len(order) else np.inf for p in window]
        lent.append(order[window[np.argpartition(away, DONORS - 1)[pick]]])
        near = order[after - 1] if away[DONORS - 1] <= away[DONORS] else order[after]
        alike = np.flatnonzero(predicted[order] == predicted[near])
        rest.append((alike[0], alike[-1] + 1))
    tied = [place for place, (first, last) in enumerate(rest) if last - first > DONORS]
    drawn = rng.integers([rest[place][0] for place in tied], [rest[place][1] for place in tied])
    for place, one in zip(tied, drawn, strict=True):
        lent[place] = order[one]
    return np.array(lent)


@pytest.mark.parametrize("digits", [0, 1, 9])  # many, some and no equal predictions
def test_lenders_are_those_found_one_by_one(digits):
    rng = np.random.default_rng(digits)
    predicted, wanted = rng.normal(size=200).round(digits), rng.normal(size=60) * 1.5
    found = _lenders(predicted, wanted, np.random.default_rng(7))
    np.testing.assert_array_equal(found, lenders_one_by_one(predicted, wanted, np.random.default_rng(7)))
