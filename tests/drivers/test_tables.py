"""The further tables of the factor test: what they hold, and that they agree with drivers.csv and with each other."""

import numpy as np
import pandas as pd
import pingouin
import pytest

from cxlib.drivers import find_drivers
from cxlib.drivers.table import TABLES
from cxlib.runs.places import FACTOR_TABLES


@pytest.fixture(scope="module")
def everything(make):
    steps = {"steps": {"come": {"vi": "đến", "en": "come"}, "buy": {"vi": "mua", "en": "buy"}}}
    params = make.params(unit="store", segments=["region"], **steps)
    plain = params.model_dump()
    for number, factor in enumerate(plain["factors"].values()):
        factor["step"] = "come" if number < 4 else "buy"
    params = type(params).model_validate(plain)
    answers = make.answers(n=1500)
    return find_drivers(answers, params, bootstrap=400), answers


def whole(found):
    table = found.table
    return table[(table["segment"] == "") & (table["wave"] == "")].set_index(["factor", "outcome"])


def test_every_table_is_there_and_a_run_knows_it(everything):
    found, _ = everything
    assert tuple(found.tables) == TABLES == FACTOR_TABLES
    assert all(len(table) for table in found.tables.values())


def test_methods_side_by_side(everything):
    found, answers = everything
    table = found.tables["associations"]
    assert not table.duplicated(["factor", "outcome", "method", "given"]).any()
    rows = whole(found)
    for method, column in (("spearman_clustered", "estimate"), ("partial_spearman_clustered", "adjusted")):
        shown = table[table["method"] == method].set_index(["factor", "outcome"])
        np.testing.assert_allclose(shown["estimate"], rows[column], rtol=1e-7)
        np.testing.assert_allclose(shown["low"], rows[column + "_low" if column == "adjusted" else "low"], rtol=1e-7)
    one = table[(table["factor"] == "f0") & (table["outcome"] == "referral")].set_index("method")["estimate"]
    x, y = answers["f0"], answers["referral"]
    assert one["pearson_clustered"] == pytest.approx(pingouin.corr(x, y)["r"].iloc[0], rel=1e-6)
    assert one["kendall_clustered"] == pytest.approx(pingouin.corr(x, y, method="kendall")["r"].iloc[0], rel=1e-6)
    others = [f"f{i}" for i in range(1, 6)]
    by_hand = pingouin.partial_corr(answers, "f0", "referral", others)["r"].iloc[0]
    assert one["partial_pearson_clustered"] == pytest.approx(by_hand, rel=1e-5)
    semi = pingouin.partial_corr(answers, "f0", "referral", x_covar=others)["r"].iloc[0]
    assert one["semipartial_pearson_clustered"] == pytest.approx(semi, rel=1e-5)
    scaled = answers[[*(f"f{i}" for i in range(6)), "referral"]]
    scaled = (scaled - scaled.mean()) / scaled.std()
    beta = pingouin.linear_regression(scaled[[f"f{i}" for i in range(6)]], scaled["referral"]).set_index("names")
    assert one["beta_clustered"] == pytest.approx(beta.loc["f0", "coef"], rel=1e-5)
    assert one["polychoric_clustered"] > one["spearman_clustered"] > one["kendall_clustered"]
    assert one["polyserial_clustered"] == pytest.approx(one["polychoric_clustered"], abs=0.06)
    inside = table[table["low"].notna()]
    assert (inside["low"] <= inside["estimate"]).all()
    assert (inside["estimate"] <= inside["high"]).all()


def test_polyserial_of_a_short_outcome_says_why_not(everything):
    found, _ = everything
    table = found.tables["associations"]
    rows = table[(table["outcome"] == "loyalty") & (table["method"] == "polyserial_clustered")]
    assert (rows["reason"] == "few_levels").all()


def test_the_groups_agree_with_the_rows_of_their_segment(everything):
    found, _ = everything
    groups = found.tables["groups"]
    assert set(groups["segment"]) == {"region", ""}
    table = found.table
    tests = table[(table["segment"] == "region") & (table["level"] == "")].set_index(["factor", "outcome"])
    shown = groups[groups["segment"] == "region"].set_index(["factor", "outcome"])
    np.testing.assert_array_equal(tests["differs_q"], shown["q"])
    assert shown.loc[("f3", "referral"), "q"] < 0.05
    assert shown.loc[("f3", "referral"), "i2"] > 0.5
    assert (groups.loc[groups["segment"] == "", "q"] > 0.05).all()
    assert (groups["test"] == "hotelling").all()  # every store has customers in every group
    assert (groups["predict_low"] <= groups["low"]).all()


def test_halo_only_factors_fade_within_a_respondent(everything):
    found, _ = everything
    halo = found.tables["halo"].set_index(["factor", "outcome"])
    assert halo["first_factor_share"].between(0.4, 0.8).all()
    faded = halo.loc[("f5", "referral")]
    assert faded["sign"] == "halo"
    assert faded["estimate"] > 0.2
    assert abs(faded["within_estimate"]) < 0.08
    assert faded["within_low"] < 0 < faded["within_high"]
    assert halo.loc[("f0", "referral"), "sign"] == "agrees"
    assert halo.loc[("f0", "referral"), "within_rank"] == 1
    assert (halo["inflation"] > 1).all()


def test_within_is_the_partial_correlation_given_the_others_mean(make):
    answers = make.answers(n=500)
    found = find_drivers(answers, make.params(), bootstrap=200).tables["halo"]
    ranks = answers[[*(f"f{i}" for i in range(6)), "loyalty"]].rank()
    ranks = (ranks - ranks.mean()) / ranks.std()
    ranks["level"] = ranks[[f"f{i}" for i in range(1, 6)]].mean(axis=1)
    by_hand = pingouin.partial_corr(ranks, "f0", "loyalty", "level")["r"].iloc[0]
    row = found[(found["factor"] == "f0") & (found["outcome"] == "loyalty")].iloc[0]
    assert row["within_estimate"] == pytest.approx(by_hand, rel=1e-6)


def test_not_found_is_none_only_when_a_worthwhile_association_is_ruled_out(everything, make):
    found, answers = everything
    table = found.tables["sensitivity"]
    assert set(table["wording"]) <= {"found", "found_small", "none", "not_found", "cannot_tell"}
    assert table.loc[table["wording"] == "none", "equivalent"].all()
    assert not table.loc[table["wording"].isin(["not_found", "cannot_tell"]), "equivalent"].any()
    given = table[table["given"] == "others"].set_index(["factor", "outcome"])
    assert given.loc[("f0", "referral"), "wording"] == "found"
    assert given.loc[("f0", "referral"), "evalue_low"] > 1.2
    assert given.loc[("f5", "referral"), "wording"] in {"none", "not_found"}
    assert given.loc[("f5", "referral"), "evalue_low"] == pytest.approx(1, abs=0.3)
    few = find_drivers(answers.head(80), make.params(), bootstrap=200, worthwhile=0.1).tables["sensitivity"]
    unfound = few[(few["given"] == "others") & ~few["wording"].isin(["found", "found_small"])]
    assert (unfound["wording"] == "cannot_tell").all()
    assert (unfound["detectable"] > 0.3).all()


def test_stricter_corrections_are_stricter(everything):
    found, _ = everything
    table, rows = found.tables["sensitivity"], whole(found)
    for given, q, low, high in (("", "q", "low", "high"), ("others", "adjusted_q", "adjusted_low", "adjusted_high")):
        shown = table[table["given"] == given].set_index(["factor", "outcome"])
        assert (shown["q_by"] >= rows[q]).all()
        assert (shown["holm"] >= rows[q] - 1e-12).all()
        picked = rows[q] <= 0.05
        assert (shown["selected_low"].notna() == picked).all()
        assert (shown.loc[picked, "selected_low"] <= rows.loc[picked, low] + 1e-9).all()
        assert (shown.loc[picked, "selected_high"] >= rows.loc[picked, high] - 1e-9).all()


def test_reliability_names_what_does_not_belong(make):
    answers = make.answers(n=600)
    answers["f2"] = 6 - answers["f2"]
    params = make.params(steps={"come": {"vi": "đến", "en": "come"}})
    plain = params.model_dump()
    for factor in plain["factors"].values():
        factor["step"] = "come"
    table = find_drivers(answers, type(params).model_validate(plain), bootstrap=200).tables["reliability"]
    row = table.iloc[0]
    assert (row["group"], row["items"], row["n"]) == ("come", 6, 600)
    assert "f2:reversed" in row["odd_items"].split(";")
    assert row["alpha_low"] < row["alpha"] < row["alpha_high"] < 1


def test_weights_cost_answers_and_the_unweighted_stands_beside(make):
    answers = make.answers(n=800)
    answers["weight"] = np.where(answers["region"] == "south", 1.8, 0.2)
    table = find_drivers(answers, make.params(weight="w"), bootstrap=400).tables["design"]
    plain = find_drivers(answers, make.params(), bootstrap=400)
    assert table["kish_n"].iloc[0] == pytest.approx(answers["weight"].sum() ** 2 / (answers["weight"] ** 2).sum())
    assert (table["effective_n"] < table["n"]).all()
    np.testing.assert_allclose(table["unweighted_estimate"], plain.table["estimate"].head(len(table)), rtol=1e-6)
    row = table[(table["factor"] == "f3") & (table["outcome"] == "referral")].iloc[0]
    assert row["weighted_estimate"] > row["unweighted_estimate"]
    assert plain.tables["design"]["weighted_estimate"].isna().all()
    assert (plain.tables["design"]["design_effect"] == 1).all()


def test_a_mood_nobody_asked_about_does_not_make_every_factor_matter(make):
    """With thousands of answers each keeps a small association given the others; none stands above the mood."""
    rng = np.random.default_rng(5)
    n, factors = 6000, 8
    mood = rng.standard_normal((n, 1))
    ratings = np.clip(np.rint(3.6 + 1.1 * (0.7 * mood + 0.7 * rng.standard_normal((n, factors)))), 1, 5)
    answers = pd.DataFrame(ratings, columns=[f"f{i}" for i in range(factors)])
    outcome = 7 + 1.5 * mood[:, 0] + 1.2 * (ratings[:, 0] - 3.6) + 1.5 * rng.standard_normal(n)
    answers["referral"] = np.clip(np.rint(outcome), 0, 10)
    found = find_drivers(answers, make.params(factors, outcomes=("referral",)), bootstrap=200).table
    assert (found["grade"] == "E1").sum() > 5
    assert found.loc[found["matters"], "factor"].tolist() == ["f0"]
    assert (found["halo_noise_high"] > 0.01).all()
