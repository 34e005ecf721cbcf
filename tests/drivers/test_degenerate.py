"""Whatever the answers, there is a row that says why; never an exception, a warning or an infinite number."""

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cxlib.drivers import find_drivers
from cxlib.drivers.table import TABLES

REASONS = {"", "too_few", "constant", "all_missing", "not_asked", "collinear"}
# The number without which a row of a further table says nothing, and must say why.
NEEDED = {
    "associations": "estimate", "importance": "share", "comparisons": "p", "specifications": "estimate", "groups": "p",
    "halo": "within_estimate", "sensitivity": "detectable", "reliability": "alpha", "design": "effective_n",
}  # fmt: skip


def quietly(answers, params, **more):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = find_drivers(answers, params, bootstrap=200, **more)
    assert tuple(found.tables) == TABLES
    for name, further in found.tables.items():
        assert not np.isinf(further.select_dtypes("number").astype(float)).any().any(), name
        assert (further.loc[further[NEEDED[name]].isna(), "reason"] != "").all(), name
    table = found.table
    numbers = table.select_dtypes("number").astype(float)
    assert not np.isinf(numbers).any().any()
    assert set(table["reason"]) <= REASONS
    rows = table[(table["segment"] == "") & (table["wave"] == "")]
    nothing = rows[rows["estimate"].isna()]
    assert (nothing["reason"] != "").all()
    assert not table["matters"][table["estimate"].isna()].any()
    return rows.set_index(["factor", "outcome"])


@pytest.fixture
def params(make):
    return make.params(unit="store", segments=["region"])


@pytest.fixture
def answers(make):
    return make.answers(n=300)


def test_a_factor_nobody_answered_and_one_without_a_column(answers, params):
    answers["f4"] = np.nan
    rows = quietly(answers.drop(columns="f5"), params)
    assert (rows.loc["f4", "reason"] == "all_missing").all()
    assert (rows.loc["f5", "reason"] == "not_asked").all()
    assert rows.loc["f0", "share"].notna().all()


def test_an_outcome_nobody_answered(answers, params):
    rows = quietly(answers.assign(loyalty=np.nan), params)
    assert (rows.xs("loyalty", level="outcome")["reason"] == "all_missing").all()
    assert (rows.xs("referral", level="outcome")["reason"] == "").all()


def test_a_constant_factor_and_a_constant_outcome(answers, params):
    rows = quietly(answers.assign(f4=3.0, loyalty=5.0), params)
    assert (rows.xs("loyalty", level="outcome")["reason"] == "constant").all()
    assert rows.loc[("f4", "referral"), "reason"] == "constant"
    assert rows.loc[("f0", "referral"), "share"] > 0


def test_factors_that_repeat_each_other(answers, params):
    rows = quietly(answers.assign(f4=answers["f0"], f5=6 - answers["f1"]), params)
    for factor in ("f0", "f4", "f1", "f5"):
        assert rows.loc[(factor, "referral"), "reason"] == "collinear"
        assert np.isnan(rows.loc[(factor, "referral"), "adjusted"])
        assert rows.loc[(factor, "referral"), "grade"] == ""
    assert rows.loc[("f0", "referral"), "share"] == pytest.approx(rows.loc[("f4", "referral"), "share"])
    assert np.isfinite(rows.loc[("f2", "referral"), "adjusted"])


def test_a_factor_that_is_the_outcome(answers, params):
    rows = quietly(answers.assign(f4=answers["loyalty"]), params)
    row = rows.loc[("f4", "loyalty")]
    assert row["estimate"] == pytest.approx(1)
    assert row["share"] > 0.5


def test_two_answers(answers, params):
    rows = quietly(answers.head(2), params)
    assert (rows["reason"] == "too_few").all()
    assert (rows["grade"] == "E0").all()
    assert (rows["n"] == 2).all()


def test_no_answers_at_all(answers, params):
    rows = quietly(answers.head(0), params)
    assert (rows["reason"] == "all_missing").all()


def test_fewer_people_than_factors(make):
    rng = np.random.default_rng(1)
    wide = pd.DataFrame(rng.integers(1, 6, (35, 40)), columns=[f"f{i}" for i in range(40)], dtype=float)
    wide["referral"] = rng.integers(0, 11, 35)
    rows = quietly(wide.assign(wave="1"), make.params(factors=40, outcomes=("referral",)))
    assert rows["estimate"].notna().all()
    assert rows["adjusted"].isna().all()
    assert (rows["reason"] == "too_few").all()
    assert (rows["grade"] == "").all()


def test_more_than_twenty_factors_get_relative_weights(make):
    rng = np.random.default_rng(1)
    wide = make.answers(n=400, factors=24)
    wide["referral"] = np.clip(wide["f0"] + wide["f7"] + rng.integers(0, 3, 400), 0, 10)
    rows = quietly(wide, make.params(factors=24, outcomes=("referral",)))
    assert (rows["importance_method"] == "relative_weights").all()
    assert rows["share"].sum() == pytest.approx(1, abs=1e-6)
    assert rows["share_low"].notna().all()
    assert set(rows["share"].nlargest(2).index.get_level_values("factor")) == {"f0", "f7"}


def test_a_question_asked_in_one_wave_only(answers, params):
    answers.loc[answers["wave"] != "2025-Q2", "referral"] = np.nan
    table = find_drivers(answers, params, bootstrap=200).table
    waves = table[(table["wave"] != "") & (table["outcome"] == "referral") & (table["factor"] == "f0")]
    assert waves.set_index("wave")["reason"].to_dict() == {
        "2025-Q1": "not_asked",
        "2025-Q2": "",
        "2025-Q3": "not_asked",
    }
    rows = quietly(answers, params)
    assert rows.loc[("f0", "referral"), "n"] == 100
    assert rows.loc[("f0", "loyalty"), "n"] == 300
    assert rows["adjusted"].notna().all()


def test_factors_never_asked_of_the_same_people(answers, params):
    answers.loc[:149, "f4"] = np.nan
    answers.loc[150:, "f5"] = np.nan
    rows = quietly(answers, params)
    assert rows.loc[("f4", "referral"), "reason"] == ""
    left_out = rows.loc[("f5", "referral")]
    assert left_out["reason"] == "not_asked"
    assert np.isfinite(left_out["estimate"])
    assert np.isnan(left_out["adjusted"])


def test_most_answers_missing(make):
    answers = make.answers(n=3000)
    columns = [f"f{i}" for i in range(6)]
    answers[columns] = answers[columns].mask(np.random.default_rng(1).random((3000, 6)) < 0.7)
    rows = quietly(answers, make.params())
    assert rows["adjusted"].notna().all()
    assert (rows["adjusted_method"] == "partial_spearman_resampled").all()
    assert rows["n"].between(800, 1000).all()
    assert rows.loc[("f0", "referral"), "matters"]
    assert rows.loc[("f0", "referral"), "specs_of"] >= 8


def test_parts_smaller_than_the_limit_show_no_number(answers, params):
    answers["region"] = np.where(np.arange(300) < 29, "small", "large")
    table = find_drivers(answers, params, bootstrap=200).table
    small = table[table["level"] == "small"]
    assert small["estimate"].isna().all()
    assert (small["reason"] == "too_few").all()
    assert (small["n"] == 29).all()


def test_bad_weights_count_for_nothing(make, answers):
    answers["weight"] = 1 + (answers["row"] % 5) / 5
    whole = quietly(answers, make.params(weight="w"))
    extra = pd.concat([answers, answers.head(40).assign(weight=[np.nan, 0.0, -1.0, np.inf] * 10)], ignore_index=True)
    more = quietly(extra, make.params(weight="w"))
    pd.testing.assert_frame_equal(whole, more)


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 10**6))
def test_any_mess(make, seed):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(0, 120))
    answers = pd.DataFrame(
        rng.integers(1, 1 + rng.integers(1, 6, 8), (n, 8)).astype(float),
        columns=[*(f"f{i}" for i in range(6)), "referral", "loyalty"],
    )
    answers = answers.mask(rng.random(answers.shape) < rng.choice([0, 0.2, 0.9], 8))
    answers["wave"] = rng.choice(["a", "b"], n)
    answers["region"] = pd.Series(rng.choice(["n", "s", None], n), dtype=object)
    answers["unit"] = pd.Series(rng.choice([*"abcdefghij", None], n), dtype=object)
    answers["weight"] = rng.uniform(0.1, 3, n)
    weight = {"weight": "w"} if seed % 2 else {}
    quietly(answers, make.params(unit="store", segments=["region"], **weight))
