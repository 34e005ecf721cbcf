"""Declared strata: read, cleaned, in every interval, and shown."""

from __future__ import annotations

import numpy as np
import pytest

from cxlib.cleaning import clean
from cxlib.drivers import find_drivers
from cxlib.drivers.pairs import associate
from cxlib.drivers.survey import LARGEST_FRACTION, Settings, survey_of
from cxlib.errors import DataError, ParamsError
from cxlib.intake import read_responses

SIZES = {"north": 700, "south": 700}


def survey(params, answers):
    return survey_of(answers, params, tuple(params.outcomes), Settings(0.05, 0.95, 600, 1, 30))


def stratified(make, n=900, **more):
    answers = make.answers(n=n)
    answers["stratum"] = answers["region"]
    return answers, make.params(strata={"column": "region", **more})


def test_a_known_size_shortens_intervals_and_leaves_estimates(make):
    answers, with_sizes = stratified(make, sizes=SIZES)
    plain = associate(survey(make.params(), answers))
    finite = associate(survey(with_sizes, answers.drop(columns="wave")))
    assert finite.method == "spearman_stratified"
    np.testing.assert_allclose(finite.estimate, plain.estimate)
    ratio = (finite.high - finite.low) / (plain.high - plain.low)
    assert ratio.mean() == pytest.approx(np.sqrt(1 - 900 / 1400), rel=0.08)
    assert (finite.df == 898 - 400).all()  # 500 dealt groups in two strata


def test_every_wave_is_a_sample_of_its_own(make):
    answers, params = stratified(make, sizes=SIZES)
    fractions = survey(params, answers).strata.fractions
    assert len(fractions) == 6
    assert fractions.mean() == pytest.approx(900 / 3 / 1400, rel=0.05)


def test_stores_within_strata_are_drawn_whole_and_sizes_of_people_are_not_theirs(make):
    answers = make.answers(n=900)
    answers["stratum"] = np.where(answers["unit"] < "s10", "city", "country")
    params = make.params(unit="store", strata={"column": "kind", "sizes": {"city": 500, "country": 5000}})
    found = survey(params, answers)
    assert found.groups.count == 20
    assert not found.strata.fractions.any()
    pairs = associate(found)
    assert pairs.method == "spearman_clustered_stratified"
    assert (pairs.df == 18).all()
    few = survey(params, answers[answers["unit"].isin(["s01", "s02", "s11", "s12"])])
    assert not few.stratified
    assert few.groups.few_units


def test_the_strata_stand_in_the_tables(make):
    answers, params = stratified(make, n=600, sizes=SIZES)
    found = find_drivers(answers, params, bootstrap=300)
    design = found.tables["design"]
    assert set(design["strata"]) == {6}
    assert design["drawn_part"].iloc[0] == pytest.approx(600 / 1400 / 3, abs=1e-6)
    assert design["design_effect"].mean() < 1
    whole = found.table[found.table["segment"] == ""]
    assert set(whole.loc[whole["method"] != "", "method"]) == {"spearman_stratified"}
    assert whole["shape_sure"].dropna().between(0, 1).all()
    endless = find_drivers(answers, make.params(), bootstrap=300).tables["design"]
    assert endless["strata"].isna().all()


def test_everybody_asked_still_leaves_a_test(make):
    answers, params = stratified(make, n=300)
    counts = answers["region"].value_counts()
    params = make.params(strata={"column": "region", "sizes": {key: int(n) for key, n in counts.items()}})
    found = survey(params, answers.drop(columns="wave"))
    assert (found.strata.fractions == LARGEST_FRACTION).all()
    assert np.isfinite(associate(found).p).all()


def test_one_stratum_without_a_size_says_nothing(make):
    answers = make.answers(n=300).assign(stratum="all")
    assert survey(make.params(strata={"column": "x"}), answers).strata is None
    answers["stratum"] = None
    assert survey(make.params(strata={"column": "x"}), answers).strata is None


def test_wrong_sizes_are_named(make):
    answers, params = stratified(make, sizes={"north": 10, "south": 10_000})
    with pytest.raises(DataError, match="More answered") as caught:
        survey(params, answers)
    assert caught.value.problems[0].where == "strata.sizes.north"
    answers, params = stratified(make, sizes={"nort": 1000})
    with pytest.raises(ParamsError, match="Nobody answered"):
        survey(params, answers)


def test_strata_are_read_and_cleaned(make, tmp_path):
    answers = make.answers(n=60).assign(kind=np.where(np.arange(60) % 2, "city", "land"))
    answers.drop(columns=["row", "wave", "unit"]).to_csv(tmp_path / "x.csv", index=False)
    params = make.params(strata={"column": "kind", "sizes": {"city": 400}}, segments=["region"])
    cleaned = clean(read_responses(params, tmp_path), params)
    assert set(cleaned.answers["stratum"]) == {"city", "land"}
    assert "stratum" in set(cleaned.ledger["field"])


def test_a_stratified_survey_finds_as_often_as_it_says(make):
    """Half of a finite population drawn by region: the finite interval covers its own association."""
    rng = np.random.default_rng(4)
    population = make.answers(n=800, factors=4)
    population["stratum"] = population["region"]
    params = make.params(factors=4, strata={"column": "region", "sizes": population["region"].value_counts().to_dict()})
    truth = survey(make.params(factors=4), population).matrix[:4, 4:]
    hits, repeats = np.zeros((4, 2)), 60
    for _ in range(repeats):
        chosen = np.concatenate(
            [
                rng.choice(places, len(places) // 2, replace=False)
                for places in population.groupby("region").indices.values()
            ]
        )
        found = associate(survey(params, population.iloc[chosen].drop(columns="wave")))
        hits += (found.low <= truth) & (truth <= found.high)
    assert 0.9 <= hits.mean() / repeats <= 0.99
