"""Importance by every measure adds up, agrees with the statistics, and orders what is planted; pairs are compared."""

import warnings
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy import stats as distributions

from cxlib.drivers.adjusting import hold_together
from cxlib.drivers.comparisons import COMPARISON_COLUMNS, comparisons, not_told_apart
from cxlib.drivers.importances import IMPORTANCE_COLUMNS, importances
from cxlib.drivers.pairs import associate
from cxlib.drivers.survey import Settings, survey_of
from cxlib.stats.dominance import bca_interval, dominance, group_shares
from cxlib.stats.importance import relative_weights, shapley_shares, subset_r2
from cxlib.stats.ordinal_model import mcfadden_shares
from cxlib.stats.resampling import expanded_confidence

STEPS = {"f0": "come", "f1": "come", "f2": "buy", "f3": "buy", "f4": "buy", "f5": None}


def survey_from(params, answers, bootstrap=300, **more):
    return survey_of(answers, params, tuple(params.outcomes), Settings(0.05, 0.95, bootstrap, 1, 30, **more))


def tables_of(survey, steps=STEPS, **more):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        whole = associate(survey)
        together = [hold_together(survey, whole, o) for o in range(len(survey.outcomes))]
        drawn = [one.resampled for one in together]
        return importances(survey, together, steps, **more), comparisons(survey, whole, together), together, drawn


def pair(compared, outcome, first, second):
    keys = (compared["outcome"] == outcome) & (compared["first"] == first) & (compared["second"] == second)
    return compared[keys].iloc[0]


def one(table, outcome="referral", method="lmg", kind="factor"):
    rows = table[(table["outcome"] == outcome) & (table["method"] == method) & (table["kind"] == kind)]
    return rows.set_index("factor")


@pytest.fixture(scope="module")
def survey(make):
    return survey_from(make.params(unit="store"), make.answers(n=1500))


@pytest.fixture(scope="module")
def alone(make):
    """The same people, each for themselves."""
    return survey_from(make.params(), make.answers(n=1500))


@pytest.fixture(scope="module")
def found(survey):
    return tables_of(survey)


def test_the_tables_have_the_columns_and_rows_they_promise(found):
    table, compared, *_ = found
    assert tuple(table.columns) == IMPORTANCE_COLUMNS
    assert tuple(compared.columns) == COMPARISON_COLUMNS
    methods = table.groupby(["kind", "method"]).size().to_dict()
    factors = dict.fromkeys(("dominance", "lmg", "mcfadden", "owen", "relative_weights"), 12)
    assert methods == {("factor", name): count for name, count in factors.items()} | {("step", "lmg"): 4}
    assert not table.duplicated(["outcome", "factor", "kind", "method"]).any()
    assert len(compared) == 2 * 15
    assert not compared.duplicated(["outcome", "first", "second"]).any()


def test_the_shares_of_each_measure_sum_to_one(found):
    table, *_ = found
    factors = table[table["kind"] == "factor"]
    assert np.allclose(factors.groupby(["outcome", "method"])["share"].sum(), 1, atol=1e-6)
    assert np.allclose(factors.groupby(["outcome", "method"])["r2"].agg(np.ptp), 0)
    # f5 belongs to no step: what the steps lack is what it has
    for outcome in ("referral", "loyalty"):
        steps, owen = one(table, outcome, kind="step"), one(table, outcome, "owen")
        assert steps["share"].sum() + owen.loc["f5", "share"] == pytest.approx(1, abs=1e-6)
        assert steps.loc["come", "share"] == pytest.approx(owen.loc[["f0", "f1"], "share"].sum(), abs=1e-6)


def test_the_shares_are_those_of_the_statistics(found, survey):
    table, *_ = found
    matrix = survey.matrix[np.ix_([*range(6), 6], [*range(6), 6])]
    lmg, weights, groups = (
        shapley_shares(matrix),
        relative_weights(matrix),
        group_shares(matrix, [[0, 1], [2, 3, 4], [5]]),
    )
    assert np.allclose(one(table)["share"] * one(table)["r2"], lmg.shares, atol=1e-7)
    assert np.allclose(one(table, method="relative_weights")["share"], weights.relative, atol=1e-7)
    assert np.allclose(one(table, kind="step")["share"] * float(lmg.r2), groups.shares[:2], atol=1e-7)
    model = mcfadden_shares(survey.answers[list(survey.factors)], survey.answers["referral"])
    assert np.allclose(one(table, method="mcfadden")["share"] * model.r2, model.shares, atol=1e-7)
    assert (one(table, method="mcfadden")["reason"] == "not_resampled").all()


def test_general_dominance_is_lmg_and_the_stronger_kinds_are_counted(found, survey):
    table, *_ = found
    rows = one(table, method="dominance")
    for column in ("share", "low", "high", "bca_low", "bca_high", "top3", "first"):
        assert np.allclose(rows[column], one(table)[column])
    matrix = survey.matrix[np.ix_([*range(6), 6], [*range(6), 6])]
    orders = dominance(subset_r2(matrix[None])[:, 0])
    assert rows["complete"].tolist() == (orders.complete_order == 1).sum(axis=1).tolist()
    assert rows["conditional"].tolist() == (orders.conditional_order == 1).sum(axis=1).tolist()
    assert (rows["complete"] <= rows["conditional"]).all()
    assert (rows["others"] == 5).all()


def test_the_interval_and_the_top_three_are_those_of_the_main_table(found):
    table, _, together, _ = found
    rows = one(table)
    assert np.allclose(rows["low"], together[0].share_low, rtol=1e-6)
    assert np.allclose(rows["high"], together[0].share_high, rtol=1e-6)
    assert np.allclose(rows["top3"], together[0].top3)
    assert rows["first"].sum() == pytest.approx(1, abs=0.01)
    assert ((rows["bca_low"] < rows["share"]) & (rows["share"] < rows["bca_high"])).all()


def test_bca_rests_on_leaving_out_each_store(found, survey):
    table, _, _, drawn = found
    left_out = []
    for store in sorted(set(survey.units)):
        rest = survey.part(survey.units != store)
        at = np.append(drawn[0].used, 6)
        left_out.append(shapley_shares(rest.matrix[np.ix_(at, at)]).relative)
    confidence = expanded_confidence(survey.settings.confidence, survey.groups.count)
    estimate = shapley_shares(drawn[0].matrix).relative
    low, high = bca_interval(estimate, drawn[0].shares, np.array(left_out), confidence=confidence)
    assert np.allclose(one(table)["bca_low"], low, atol=1e-6)
    assert np.allclose(one(table)["bca_high"], high, atol=1e-6)


def test_what_is_planted_leads_by_every_measure(found):
    table, *_ = found
    for method in ("lmg", "relative_weights", "mcfadden"):
        assert one(table, "loyalty", method)["share"].idxmax() == "f1"
        assert set(one(table, "referral", method)["share"].nlargest(3).index) == {"f0", "f2", "f3"}
    assert one(table, "loyalty")["first"]["f1"] == 1


def test_the_ordinal_model_can_be_left_out(survey):
    rows = one(tables_of(survey, ordinal=False)[0], method="mcfadden")
    assert (rows["reason"] == "on_request").all()
    assert rows["share"].isna().all()


def test_with_few_people_there_is_no_bca_interval(make):
    """It would hold the truth too seldom; the percentile interval is there."""
    table = tables_of(survey_from(make.params(unit="store"), make.answers(n=400)))[0]
    assert one(table)[["bca_low", "bca_high"]].isna().all(axis=None)
    assert one(table)[["low", "high", "first"]].notna().all(axis=None)


def test_what_takes_long_is_left_out_and_said(survey, monkeypatch):
    from cxlib.drivers import importances as module

    monkeypatch.setattr(module, "MODEL_WORK", 1 << 10)
    monkeypatch.setattr(module, "RESAMPLE_WORK", 1 << 10)
    monkeypatch.setattr(module, "EXACT_UP_TO", 6)
    table = tables_of(survey)[0]
    assert (one(table, method="mcfadden")["reason"] == "on_request").all()
    assert one(table)["bca_low"].isna().all()
    assert one(table)[["low", "high", "first"]].notna().all(axis=None)
    monkeypatch.setattr(module, "EXACT_UP_TO", 5)
    table = tables_of(survey)[0]
    assert (one(table)["reason"] == "too_many").all()
    assert np.allclose(one(table, method="relative_weights")["share"].sum(), 1)
    assert one(table, method="relative_weights")[["low", "bca_low", "first"]].notna().all(axis=None)


def test_without_steps_there_are_no_steps(survey):
    table = tables_of(survey, steps={})[0]
    assert set(table["kind"]) == {"factor"}
    assert "owen" not in set(table["method"])


@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.permutations(range(6)), st.integers(0, 99))
def test_the_order_of_factors_and_of_people_changes_nothing(make, order, seed):
    params, answers = make.params(unit="store"), make.answers(n=300)
    survey = survey_from(params, answers, bootstrap=60)
    other = survey_from(params, answers.sample(frac=1, random_state=seed), bootstrap=60)
    other = replace(other, factors=tuple(f"f{number}" for number in order))
    other = replace(other, answers=other.answers[[*other.factors, *other.outcomes]])
    (table, compared, *_), (again, turned, *_) = tables_of(survey), tables_of(other)
    keys = ["outcome", "factor", "kind", "method"]
    merged = table.merge(again, on=keys, suffixes=("", "_again"))
    assert len(merged) == len(table) == len(again)
    for column in ("share", "r2"):
        assert np.allclose(merged[column], merged[f"{column}_again"], atol=1e-6)
    # the others' intervals are held beside a random factor, whose draw follows the factors' order
    plain = merged[merged["method"].isin(["relative_weights", "owen"])]
    for column in ("low", "high", "bca_low", "bca_high", "first"):
        assert np.allclose(plain[column], plain[f"{column}_again"], atol=1e-6, equal_nan=True)
    two = {(row.outcome, frozenset((row.first, row.second))): row for row in turned.itertuples()}
    for row in compared.itertuples():
        other_row = two[row.outcome, frozenset((row.first, row.second))]
        sign = 1 if row.first == other_row.first else -1
        assert row.difference == pytest.approx(sign * other_row.difference, abs=1e-7)
        assert row.p == pytest.approx(other_row.p, rel=1e-4, abs=1e-12)
        assert row.clear == other_row.clear


def test_pairs_are_compared_by_the_stores_they_come_from(found, survey):
    _, compared, *_ = found
    assert set(compared["method"]) == {"bootstrap"}
    row = compared[
        (compared["outcome"] == "loyalty") & (compared["first"] == "f0") & (compared["second"] == "f1")
    ].iloc[0]
    assert row["difference"] == pytest.approx(survey.matrix[0, 7] - survey.matrix[1, 7], abs=1e-7)
    assert row["clear"]
    assert row["chance"] == 0
    error = (survey.resamples[:, 0, 7] - survey.resamples[:, 1, 7]).std(ddof=1)
    count = survey.groups.count
    reach = distributions.t.ppf(0.975, count - 1) * error * np.sqrt(count / (count - 1))
    assert row["high"] - row["difference"] == pytest.approx(reach, rel=1e-6)


def test_halo_factors_are_not_told_apart(found):
    _, compared, *_ = found
    assert ("f4", "f5") in not_told_apart(compared, "loyalty", ["f1", "f4", "f5"])
    assert ("f1", "f4") not in not_told_apart(compared, "loyalty", ["f1", "f4", "f5"])
    assert not_told_apart(compared, "loyalty", ["f1", "unknown"]) == [("f1", "unknown")]


def test_people_alone_are_compared_by_steiger(alone):
    _, compared, *_ = tables_of(alone)
    assert set(compared["method"]) == {"steiger"}
    assert ((compared["low"] > 0) | (compared["high"] < 0)).eq(compared["p"] < 0.05).mean() > 0.95
    assert (compared["q"] >= compared["p"]).all()
    # the same spread as that of resamples
    row = compared[
        (compared["outcome"] == "referral") & (compared["first"] == "f1") & (compared["second"] == "f4")
    ].iloc[0]
    spread = (alone.resamples[:, 1, 6] - alone.resamples[:, 4, 6]).std()
    assert (row["high"] - row["low"]) / (2 * 1.96) == pytest.approx(spread, rel=0.12)


@pytest.mark.parametrize("rho", [0.0, 0.5, 0.7])
def test_equal_factors_are_rarely_called_different(rho):
    """2,000 surveys of 150 people, five-point answers: Steiger's p for two factors equally related to the outcome."""
    from cxlib.stats.comparing import compare_overlapping

    rng = np.random.default_rng(5)
    felt = rng.standard_normal((2000, 150, 1))
    answers = np.sqrt(rho) * felt + np.sqrt(1 - rho) * rng.standard_normal((2000, 150, 3))
    ranks = distributions.rankdata(np.clip(np.rint(3 + 1.2 * answers), 1, 5), axis=1)
    ranks -= ranks.mean(axis=1, keepdims=True)
    cross = np.swapaxes(ranks, 1, 2) @ ranks
    spread = np.sqrt(np.diagonal(cross, axis1=1, axis2=2))
    r = cross / (spread[:, :, None] * spread[:, None, :])
    people = 3 + 147 / (1 + (r[:, 0, 2] ** 2 + r[:, 1, 2] ** 2) / 4)
    found = compare_overlapping(r[:, 0, 2], r[:, 1, 2], r[:, 0, 1], people)
    assert 0.03 < (found.p < 0.05).mean() < 0.065
    covered = (found.low <= 0) & (found.high >= 0)
    assert 0.935 < covered.mean() < 0.97


def test_degenerate_answers_give_a_reason(make):
    answers = make.answers(n=200).assign(f4=3.0, f5=np.nan)
    table, compared, *_ = tables_of(survey_from(make.params(), answers, bootstrap=60))
    rows = one(table)
    assert rows.loc["f4", "reason"] == "constant"
    assert rows.loc["f5", "reason"] == "all_missing"
    assert rows.loc["f4":"f5", "share"].isna().all()
    nothing = compared[compared["p"].isna()]
    assert (nothing["reason"] != "").all()
    assert not nothing["clear"].any()


@pytest.mark.parametrize("people", [0, 2, 29])
def test_hardly_any_answers(make, people):
    table, compared, *_ = tables_of(survey_from(make.params(), make.answers(n=200).head(people), bootstrap=60))
    assert len(table) == 12
    assert table["share"].isna().all()
    assert (table["reason"] != "").all()
    assert (compared["reason"] != "").all()
    assert not compared["clear"].any()


def test_factors_that_repeat_each_other_and_the_outcome(make):
    answers = make.answers(n=400)
    answers = answers.assign(f4=answers["f0"], f5=answers["loyalty"])
    table, compared, *_ = tables_of(survey_from(make.params(), answers, bootstrap=60))
    assert one(table).loc["f0", "share"] == pytest.approx(one(table).loc["f4", "share"])
    same = compared[(compared["first"] == "f0") & (compared["second"] == "f4")]
    assert set(same["reason"]) == {"same"}
    assert (same["chance"] == 0.5).all()
    numbers = pd.concat([table.select_dtypes("number"), compared.select_dtypes("number")]).astype(float)
    assert not np.isinf(numbers).any(axis=None)


def test_weights_and_one_factor(make):
    answers = make.answers(n=400)
    answers["weight"] = 1 + (answers["row"] % 5) / 5
    params = make.params(factors=1, weight="w")
    table, compared, *_ = tables_of(survey_from(params, answers, bootstrap=60))
    assert np.allclose(table["share"], 1)
    assert len(compared) == 0
    assert tuple(compared.columns) == COMPARISON_COLUMNS
