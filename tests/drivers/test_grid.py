"""Every association in every way of looking: the choices, their numbers, and how often what is planted stands."""

import warnings

import numpy as np
import pandas as pd
import pingouin
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cxlib.drivers import grid as grid_module
from cxlib.drivers import ways
from cxlib.drivers.adjusting import hold_together
from cxlib.drivers.grid import GRID_COLUMNS, SPECIFICATION, specification_grid
from cxlib.drivers.pairs import associate
from cxlib.drivers.survey import Settings, survey_of
from cxlib.stats.adjusted import partial_correlations
from cxlib.stats.association import bonett_wright_error
from cxlib.stats.imputation import impute, pool_correlations
from cxlib.stats.rank import correlations
from cxlib.stats.tables import cross_tables

FACTORS = [f"f{number}" for number in range(6)]


def holes(answers, part=0.04, seed=8):
    return answers.assign(**answers[FACTORS].mask(np.random.default_rng(seed).random((len(answers), 6)) < part))


def grid_of(params, answers, *, back=None, **more):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        chosen = Settings(0.05, 0.95, 60, 1, 30)
        survey = survey_of(answers, params, tuple(params.outcomes), chosen)
        whole = associate(survey)
        used = np.column_stack([hold_together(survey, whole, o).used for o in range(len(survey.outcomes))])
        put_back = None
        if back is not None:
            put_back = survey_of(pd.concat([answers, back], ignore_index=True), params, tuple(params.outcomes), chosen)
        return specification_grid(survey, whole, used, put_back=put_back, **more), survey, whole


def only(table, **choices):
    base = {"outcome": "referral", "rows": "cleaned", "missing": "pairwise", "coding": "as_answered"}
    base |= {"method": "spearman", "weights": "off", "given": ""} | choices
    for column, value in base.items():
        table = table[table[column] == value]
    return table.set_index("factor")


@pytest.fixture(scope="module")
def answers(make):
    return holes(make.answers(n=1200))


@pytest.fixture(scope="module")
def found(make, answers):
    """People who answered for themselves, so that every p is that of a textbook."""
    back = make.answers(n=60, seed=4).assign(**dict.fromkeys(FACTORS, 3.0))
    return grid_of(make.params(), answers, back=back)


def test_at_least_a_hundred_ways_an_outcome(found):
    grid, *_ = found
    table = grid.table
    assert tuple(table.columns) == GRID_COLUMNS
    assert not table.duplicated(["outcome", "factor", *SPECIFICATION]).any()
    assert (table.groupby(["outcome", "factor"]).size() >= 100).all()
    assert (grid.of == grid.raw_of + grid.adjusted_of).all()
    assert grid.of.sum() == len(table)
    assert grid.stands.sum() == table["stands"].sum()
    assert set(table["rows"]) == {"cleaned", "careless_back", "most_answered", "varied"}


def test_what_is_planted_stands_and_the_halo_does_not(found):
    grid, *_ = found
    for factor, outcome in ((0, 0), (2, 0), (1, 1)):
        assert grid.stands[factor, outcome] >= 0.99 * grid.of[factor, outcome]
    halo = [4, 5]
    assert (grid.raw_stands[halo] == grid.raw_of[halo]).all()
    assert (grid.adjusted_stands[halo] <= 0.1 * grid.adjusted_of[halo]).all()


def test_raw_numbers_are_pingouins(found, answers):
    grid, *_ = found
    frame = answers[["f2", "referral"]].dropna()
    for method in ("spearman", "pearson", "kendall"):
        theirs = pingouin.corr(frame["f2"], frame["referral"], method=method).iloc[0]
        row = only(grid.table, method=method).loc["f2"]
        assert row["n"] == len(frame)
        assert row["estimate"] == pytest.approx(theirs["r"], abs=1e-7)
        # the tests are not the same one for a strong association; both leave nothing of chance
        assert abs(np.log10(row["p"]) / np.log10(theirs["p_val"]) - 1) < 0.25
    top = only(grid.table, method="pearson", coding="top_box").loc["f2", "estimate"]
    assert top == pytest.approx(frame["f2"].corr((frame["referral"] >= 9).astype(float)), abs=1e-7)


def test_weak_associations_have_the_textbooks_p(make):
    rng = np.random.default_rng(2)
    answers = make.answers(n=400)
    answers[["referral"]] = rng.integers(0, 11, (400, 1))
    grid, *_ = grid_of(make.params(outcomes=("referral",)), answers)
    frame = answers[[*FACTORS, "referral"]]
    for factor in FACTORS:
        for method in ("spearman", "pearson", "kendall"):
            p = pingouin.corr(frame[factor], frame["referral"], method=method)["p_val"].iloc[0]
            assert only(grid.table, method=method).loc[factor, "p"] == pytest.approx(p, abs=0.01)
        others = [name for name in FACTORS if name != factor]
        for method in ("spearman", "pearson"):
            theirs = pingouin.partial_corr(frame, factor, "referral", others, method=method).iloc[0]
            row = only(grid.table, method=method, given="others").loc[factor]
            assert row["estimate"] == pytest.approx(theirs["r"], abs=1e-6)
            assert row["p"] == pytest.approx(theirs["p_val"], abs=0.015)


def test_listwise_and_imputed_answers(found, answers):
    grid, survey, _ = found
    complete = answers.dropna(subset=[*FACTORS, "referral"])
    row = only(grid.table, missing="listwise", given="others").loc["f0"]
    others = FACTORS[1:]
    assert row["n"] == len(complete)
    theirs = pingouin.partial_corr(complete, "f0", "referral", others, method="spearman")["r"].iloc[0]
    assert row["estimate"] == pytest.approx(theirs, abs=1e-6)
    imputed = only(grid.table, missing="imputed").loc["f0"]
    assert imputed["n"] == answers["referral"].notna().sum()
    # Rubin's rules by hand, on the same copies
    frame = survey.answers[[*sorted(FACTORS), "loyalty", "referral"]]
    order = np.lexsort(np.nan_to_num(frame.to_numpy(), nan=-np.inf).T)
    copies = impute(frame.iloc[order], m=5, seed=1)
    r = np.array([copies.frame(m)[["f0", "referral"]].corr(method="spearman").iloc[0, 1] for m in range(5)])
    pooled = pool_correlations(r[:, None], bonett_wright_error(r, len(frame))[:, None], complete_df=len(frame) - 2)
    assert imputed["estimate"] == pytest.approx(pooled.estimate[0], abs=1e-7)
    assert imputed["p"] == pytest.approx(pooled.p[0], rel=1e-5)


@pytest.mark.parametrize("outcome", ["referral", "loyalty"])
def test_codings_side_by_side_are_those_of_recoded_answers(found, answers, outcome):
    """Every raw and adjusted number of pairwise answers, one coding and method after another."""
    grid, survey, _ = found
    frame = answers[[*FACTORS, outcome]].dropna(subset=[outcome])
    levels = np.unique(frame[outcome])
    table = grid.table[(grid.table["rows"] == "cleaned") & (grid.table["missing"] == "pairwise")]
    table = table[table["outcome"] == outcome]
    seen = 0
    for coding, groups in ways.box_codings(levels, survey.scales[outcome]).items():
        coded = frame.assign(**{outcome: frame[outcome].map(dict(zip(levels, groups, strict=True)))})
        tables = cross_tables(coded)
        for method in ("spearman", "pearson", "kendall"):
            matrix = correlations(tables, method)
            for held, expected in (("", matrix[:-1, -1]), ("others", partial_correlations(matrix))):
                chosen = (table["coding"] == coding) & (table["method"] == method) & (table["given"] == held)
                rows = table[chosen].set_index("factor")
                np.testing.assert_allclose(rows.loc[FACTORS, "estimate"], expected, rtol=1e-7)
                seen += len(rows)
    assert seen == len(table[table["method"] != "polychoric"])


def test_choices_that_change_nothing_are_not_counted(make):
    full, *_ = grid_of(make.params(), make.answers(n=300))
    assert set(full.table["missing"]) == {"pairwise"}
    assert set(full.table["weights"]) == {"off"}
    two = make.answers(n=300)
    two["loyalty"] = np.where(two["loyalty"] > 3, 5.0, 1.0)
    table = grid_of(make.params(), two)[0].table
    assert set(table.loc[table["outcome"] == "loyalty", "coding"]) == {"as_answered"}
    none, *_ = grid_of(make.params(), holes(make.answers(n=300)), copies=0)
    assert set(none.table["missing"]) == {"pairwise", "listwise"}


def test_large_surveys_are_imputed_on_request(make, answers, monkeypatch):
    monkeypatch.setattr(grid_module, "IMPUTE_UP_TO", 1000)
    assert set(grid_of(make.params(), answers)[0].table["missing"]) == {"pairwise", "listwise"}
    assert "imputed" in set(grid_of(make.params(), answers, copies=2)[0].table["missing"])


def test_weights_on_and_off(make, answers):
    params = make.params(weight="w")
    weighted = answers.assign(weight=np.where(answers["region"] == "south", 1.6, 0.4))
    grid, survey, whole = grid_of(params, weighted)
    on, off = only(grid.table, weights="on"), only(grid.table)
    assert on["estimate"].to_numpy() == pytest.approx(whole.estimate[:, 0], abs=1e-7)
    plain = survey.unweighted().matrix[:6, 6]
    assert off["estimate"].to_numpy() == pytest.approx(plain, abs=1e-7)
    assert (on["estimate"] - off["estimate"])["f3"] > 0.05
    assert (grid.of >= 200).all()


def test_stores_widen_the_errors(make, answers):
    alone = grid_of(make.params(), answers)[0].table
    stores = grid_of(make.params(unit="store"), answers)[0].table
    assert (only(stores)["p"] >= only(alone)["p"]).all()
    assert np.allclose(only(stores)["estimate"], only(alone)["estimate"])


@settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.permutations(range(6)), st.integers(0, 99))
def test_the_order_of_people_and_of_factors_changes_nothing(make, order, seed):
    answers = holes(make.answers(n=250))
    first = grid_of(make.params(), answers)[0].table
    turned = answers.sample(frac=1, random_state=seed)
    params = make.params()
    params = params.model_copy(update={"factors": {f"f{number}": params.factors[f"f{number}"] for number in order}})
    second = grid_of(params, turned)[0].table
    keys = ["outcome", "factor", *SPECIFICATION]
    merged = first.merge(second, on=keys, suffixes=("", "_again"))
    assert len(merged) == len(first) == len(second)
    assert np.allclose(merged["estimate"], merged["estimate_again"], atol=1e-6)
    assert np.allclose(merged["p"], merged["p_again"], atol=1e-6)
    assert (merged["stands"] == merged["stands_again"]).mean() > 0.999


def test_duplicated_people_halve_the_variance(make):
    answers = make.answers(n=300, halo=0.2)
    once = only(grid_of(make.params(), answers)[0].table, method="pearson")
    twice = only(grid_of(make.params(), pd.concat([answers, answers], ignore_index=True))[0].table, method="pearson")
    assert np.allclose(once["estimate"], twice["estimate"])
    from scipy.stats import norm

    z = norm.isf(twice["p"] / 2) / norm.isf(once["p"] / 2)
    assert np.allclose(z, np.sqrt(2), rtol=0.03)


def test_groups_of_the_outcome():
    five = ways.box_codings(np.arange(1.0, 6.0), (1, 5))
    assert five["top_box"].tolist() == [0, 0, 0, 0, 1]
    assert five["top_two"].tolist() == [0, 0, 0, 1, 1]
    assert five["three_groups"].tolist() == [0, 0, 0, 1, 2]


def test_factors_that_cannot_be_used_have_a_reason(make):
    answers = holes(make.answers(n=300)).assign(f3=2.0, f4=np.nan)
    answers["f5"] = answers["f0"]
    grid, *_ = grid_of(make.params(), answers)
    rows = grid.table.set_index("factor")
    assert rows.loc["f3", "reason"].tolist() == ["constant"] * 2
    assert rows.loc["f4", "reason"].tolist() == ["all_missing"] * 2
    assert (grid.of[[3, 4]] == 0).all()
    assert set(rows.loc["f5", "given"]) == {""}  # it repeats f0: no adjusted association
    assert grid.table.loc[grid.table["reason"] == "", ["estimate", "p"]].notna().all(axis=None)


@pytest.mark.parametrize("people", [0, 2, 31])
def test_hardly_any_answers(make, people):
    grid, *_ = grid_of(make.params(), holes(make.answers(n=200)).head(people))
    assert set(grid.table["outcome"]) == {"referral", "loyalty"}
    if people < 30:
        assert len(grid.table) == 12
        assert (grid.table["reason"] != "").all()


def test_long_scales_leave_polychoric_out(make):
    answers = make.answers(n=300)
    answers["referral"] = answers["referral"] * 10 + np.arange(300) % 10
    params = make.params(outcomes=("referral",)).model_dump(mode="json")
    params["outcomes"]["referral"]["scale"] = [0, 100]
    table = grid_of(type(make.params()).model_validate(params), answers)[0].table
    assert set(table["method"]) == {"spearman", "pearson", "kendall"}
    assert set(table["coding"]) == {"as_answered", "top_box", "top_two", "three_groups"}


def test_without_association_few_ways_find_one(make):
    """Forty surveys in which the outcome has nothing to do with the factors, which share a mood."""
    hits = []
    for seed in range(40):
        answers = make.answers(n=200, seed=seed)
        answers["referral"] = np.clip(np.rint(7 + 2 * np.random.default_rng([seed, 77]).standard_normal(200)), 0, 10)
        table = grid_of(make.params(outcomes=("referral",)), answers)[0].table
        hits.append((table["p"] < 0.05).groupby([table["method"], table["given"]]).mean())
    rates = pd.concat(hits, axis=1).mean(axis=1)
    assert rates.between(0.015, 0.09).all(), rates
