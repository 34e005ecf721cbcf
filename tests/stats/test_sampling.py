"""Finite strata: equal to R's survey package, and honest in simulation."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cxlib.errors import DataError
from cxlib.stats.regression import least_squares
from cxlib.stats.resampling import bootstrap_draws, resampling_groups
from cxlib.stats.sampling import (
    Strata,
    declare_strata,
    rescaled_draws,
    stratified_groups,
)
from cxlib.stats.shape import penalty_reward

HERE = Path(__file__).resolve().parents[1]
MADE = json.loads((HERE / "reference" / "r" / "sampling.json").read_text(encoding="utf-8"))
CARS = pd.DataFrame(MADE["data"])
SCHOOLS = HERE.parents[1] / "shared" / "reference" / "data" / "apistrat.csv"


def errors(fit):
    return np.sqrt(np.diag(fit.covariance))


def regression(frame, outcome, columns, strata, **more):
    x = np.column_stack([np.ones(len(frame)), *[frame[column].to_numpy(float) for column in columns]])
    return least_squares(x, frame[outcome].to_numpy(float), strata=strata, **more)


@pytest.mark.parametrize("finite", [True, False])
def test_a_stratified_regression_equals_svyglm(finite):
    expected = MADE["stratified" if finite else "endless"]
    sizes = CARS.groupby(CARS["cyl"].astype(str))["size"].first().to_dict() if finite else None
    strata = declare_strata(CARS["cyl"].astype(str), sizes=sizes)
    fit = regression(CARS, "mpg", ["wt", "hp", "qsec"], strata, weights=CARS["weight"].to_numpy())
    np.testing.assert_allclose(fit.coefficients, list(expected["coef"].values()), rtol=1e-9)
    np.testing.assert_allclose(errors(fit), list(expected["se"].values()), rtol=1e-9)
    assert fit.df == expected["df"]


def test_clusters_within_finite_strata_equal_svyglm():
    expected = MADE["nested"]
    strata = declare_strata(CARS["am"].astype(str), sizes={"0": 8, "1": 6}, units=CARS["cluster"])
    clusters = pd.factorize(CARS["cluster"])[0]
    fit = regression(CARS, "mpg", ["wt"], strata, weights=CARS["weight"].to_numpy(), clusters=clusters)
    np.testing.assert_allclose(errors(fit), list(expected["se"].values()), rtol=1e-9)
    assert fit.df == expected["degf"]  # R takes the coefficients off too, and has none left in larger models


@pytest.mark.parametrize("design", ["stratified", "nested"])
def test_a_mean_and_its_rescaled_resamples_have_the_error_of_svymean(design):
    nested = design == "nested"
    if nested:
        units = CARS["cluster"]
        strata = declare_strata(CARS["am"].astype(str), sizes={"0": 8, "1": 6}, units=units)
        groups, home = stratified_groups(strata, units, seed=1)
    else:
        units = None
        strata = declare_strata(CARS["cyl"].astype(str), sizes={"4": 40, "6": 12, "8": 20})
        groups, home = stratified_groups(strata, None, seed=1)
    weights, y = CARS["weight"].to_numpy(), CARS["mpg"].to_numpy()
    clusters = groups.index if nested else None
    fit = least_squares(np.ones((len(y), 1)), y, weights=weights, clusters=clusters, strata=strata)
    assert errors(fit)[0] == pytest.approx(MADE["mean"][design], rel=1e-9)
    draws = rescaled_draws(home, 40_000, seed=2)
    assert draws.min() >= 0
    drawn = draws[:, groups.index] * weights
    means = drawn @ y / drawn.sum(axis=1)
    spread = means.std(ddof=1) * np.sqrt(groups.count / (groups.count - 1))
    # a ratio is not linear in the weights: with nine units the resamples differ from the linearised error by a little
    assert spread == pytest.approx(MADE["mean"][design], rel=0.06 if nested else 0.03)


def test_schools_of_the_survey_package_equal_svyglm(reference):
    if not SCHOOLS.is_file():
        pytest.skip("the schools of R's survey package are not beside the project (../shared/reference)")
    case, frame = reference.case("svyglm_strat"), pd.read_csv(SCHOOLS)
    sizes = frame.groupby("stype")["fpc"].first().to_dict()
    strata = declare_strata(frame["stype"], sizes=sizes)
    fit = regression(frame, "api00", ["ell", "meals", "mobility"], strata, weights=frame["pw"].to_numpy())
    np.testing.assert_allclose(fit.coefficients, list(case["expected"]["coef"].values()), rtol=case["tolerance"])
    np.testing.assert_allclose(errors(fit), list(case["expected"]["se"].values()), rtol=case["tolerance"])


def test_one_endless_stratum_draws_as_the_plain_bootstrap_does():
    rng = np.random.default_rng(1)
    y = rng.standard_normal(60)
    plain = bootstrap_draws(60, 20_000, seed=1) @ y / 60
    strata = declare_strata(["all"] * 60)
    groups, home = stratified_groups(strata, None, seed=1)
    assert groups.count == 60
    ours = rescaled_draws(home, 20_000, seed=1) @ y / 60
    assert ours.std() == pytest.approx(plain.std(), rel=0.02)


def test_everybody_drawn_leaves_no_chance():
    strata = declare_strata(["a", "a", "a", "b", "b"], sizes={"a": 3, "b": 2})
    assert strata.fractions.tolist() == [1, 1]
    assert (rescaled_draws(strata, 50, seed=1) == 1).all()


def test_single_people_are_put_together_and_unnamed_ones_have_no_size():
    strata = declare_strata(["a", "a", "b", "c", None, None], sizes=dict.fromkeys("abc", 10))
    assert strata.index[2] == strata.index[3]
    assert sorted(strata.fractions.tolist()) == [0, 0, 0.2]
    alone = declare_strata(["a", "a", "b"], sizes={"a": 10, "b": 5})
    assert alone.fractions.tolist() == [0]
    assert set(alone.index) == {0}
    assert declare_strata(["a"]).fractions.tolist() == [0]
    assert declare_strata([]).index.tolist() == []


def test_a_unit_across_strata_belongs_to_most_of_its_people():
    strata = declare_strata(["a", "a", "b", "b", "b", "b"], units=["u", "v", "u", "u", "w", "x"])
    home = dict(zip(["u", "v", "u", "u", "w", "x"], strata.index.tolist(), strict=True))
    assert home["u"] == home["w"] == home["x"]


def test_each_wave_draws_anew():
    waves = np.repeat(["1", "2"], 6)
    labels = np.tile(["a", "a", "a", "b", "b", "b"], 2)
    once, twice = declare_strata(labels, sizes={"a": 12}), declare_strata(labels, sizes={"a": 12}, waves=waves)
    assert once.fractions.tolist() == [0.5, 0]
    assert twice.fractions.tolist() == [0.25, 0.25, 0, 0]


def test_more_than_all_is_refused_for_every_stratum():
    with pytest.raises(DataError) as caught:
        declare_strata(["a"] * 4 + ["b"] * 4, sizes={"a": 3, "b": 2})
    assert [problem.where for problem in caught.value.problems] == ["strata.sizes.a", "strata.sizes.b"]


def test_many_people_are_dealt_within_their_stratum():
    labels = np.array(["small"] * 30 + ["large"] * 4000)
    strata = declare_strata(labels)
    groups, home = stratified_groups(strata, None, seed=1)
    assert 500 <= groups.count <= 530
    assert (home.index[groups.index] == strata.index).all()
    assert len(np.unique(groups.index[:30])) == 20
    assert groups.index.max() + 1 == groups.count == len(home.index)


def test_shape_uses_the_strata():
    rng = np.random.default_rng(1)
    x = rng.integers(1, 6, size=(300, 2)).astype(float)
    y = x[:, 0] + rng.standard_normal(300)
    strata = Strata(np.arange(300) % 3, np.array([0.75, 0.75, 0.75]))
    wide = penalty_reward(y, x, [(1, 5)] * 2)[0]
    narrow = penalty_reward(y, x, [(1, 5)] * 2, strata=strata)[0]
    ratio = (narrow.penalty_high - narrow.penalty_low) / (wide.penalty_high - wide.penalty_low)
    assert ratio == pytest.approx(0.5, abs=0.03)


def test_intervals_shrink_and_still_cover_under_a_stratified_design():
    """A finite population in two parts that differ in level, half of each drawn; the truth is its own correlation."""
    rng = np.random.default_rng(5)
    part = np.repeat([0, 1], 200)
    x = np.clip(np.rint(3 + 1.2 * (part - 0.5) + 0.8 * rng.standard_normal(400)), 1, 5)
    y = np.clip(np.rint((x + 3 + 1.2 * (part - 0.5)) / 2 + 0.6 * rng.standard_normal(400)), 1, 5)
    moments = np.column_stack([np.ones(400), x, y, x * x, y * y, x * y])

    def fisher_z(sums):
        n, x, y, xx, yy, xy = np.moveaxis(sums, -1, 0)
        return np.arctanh((xy - x * y / n) / np.sqrt((xx - x * x / n) * (yy - y * y / n)))

    truth, repeats, hits, ratios = fisher_z(moments.sum(axis=0)), 400, [], []
    groups = resampling_groups(200, None, seed=1)
    for repeat in range(repeats):
        drawn = np.concatenate([rng.choice(np.flatnonzero(part == side), 100, replace=False) for side in (0, 1)])
        strata = declare_strata(part[drawn].astype(str), sizes={"0": 200, "1": 200})
        _, home = stratified_groups(strata, None, seed=1)
        half = []
        for draws in (rescaled_draws(home, 300, seed=repeat), bootstrap_draws(groups.count, 300, seed=repeat)):
            half.append(1.97 * fisher_z(draws @ moments[drawn]).std(ddof=1) * np.sqrt(200 / 199))
        hits.append(abs(fisher_z(moments[drawn].sum(axis=0)) - truth) <= np.array(half))
        ratios.append(half[0] / half[1])
    assert np.mean(ratios) < 0.75
    stratified, plain = np.mean(hits, axis=0)
    assert 0.925 <= stratified <= 0.975
    assert plain > 0.985
