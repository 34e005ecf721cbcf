"""Means by wave with an interval that knows weights, units and strata; steps, breaks, and the same mix of people."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pingouin
import pytest
import statsmodels.api as sm
from scipy import stats

from cxlib.change import wave_trends
from cxlib.change.trends import mean_interval
from cxlib.params import Params
from cxlib.stats.sampling import declare_strata


def label(key):
    return {"vi": key, "en": key}


def params(**more):
    question = {"scale": [1, 5]}
    return Params.model_validate(
        {
            "client": "test",
            "title": label("test"),
            "data": {"responses": "x.csv"},
            "outcomes": {"loyalty": question | {"column": "loyalty", "label": label("loyalty")}},
            "factors": {"f0": question | {"column": "f0", "label": label("f0")}},
            **more,
        }
    )


@pytest.fixture
def answers():
    rng = np.random.default_rng(1)
    n = 400
    frame = pd.DataFrame(rng.integers(1, 6, (n, 2)).astype(float), columns=["loyalty", "f0"])
    frame["wave"] = np.where(np.arange(n) < 250, "2025-Q1", "2025-Q2")
    frame["unit"] = [f"s{i}" for i in rng.integers(0, 12, n)]
    frame["weight"] = rng.uniform(0.5, 2, n)
    frame.loc[:9, "f0"] = np.nan
    return frame


def test_an_unweighted_mean_has_pingouins_interval(answers):
    values = answers["loyalty"].to_numpy()
    mean, low, high = mean_interval(values)
    test = pingouin.ttest(values, 0)
    assert mean == pytest.approx(values.mean())
    assert [round(low, 2), round(high, 2)] == pytest.approx(list(test["CI95"].iloc[0]), abs=0.0051)


def test_units_and_weights_equal_statsmodels(answers):
    values, weights = answers["loyalty"].to_numpy(), answers["weight"].to_numpy()
    units = pd.factorize(answers["unit"], sort=True)[0]
    fit = sm.WLS(values, np.ones(400), weights=weights).fit(cov_type="cluster", cov_kwds={"groups": units}, use_t=True)
    found = mean_interval(values, weights=weights, units=answers["unit"].to_numpy())
    assert found == pytest.approx((fit.params[0], *fit.conf_int()[0]))


def test_the_table(answers):
    table = wave_trends(answers, params(unit="store")).table
    assert list(table.columns) == [
        "measure", "kind", "wave", "n", "mean", "low", "high", "part", "same_mix", "same_mix_low", "same_mix_high",
    ]  # fmt: skip
    assert table[["measure", "kind", "wave"]].to_numpy().tolist() == [
        ["loyalty", "outcome", "2025-Q1"],
        ["loyalty", "outcome", "2025-Q2"],
        ["f0", "factor", "2025-Q1"],
        ["f0", "factor", "2025-Q2"],
    ]
    assert table["n"].tolist() == [250, 150, 240, 150]
    assert ((table["low"] < table["mean"]) & (table["mean"] < table["high"])).all()
    assert table["mean"].iloc[0] == pytest.approx(answers["loyalty"].iloc[:250].mean())
    assert table["part"].tolist() == [0, 0, 0, 0]
    assert table["same_mix"].isna().all()  # no segments: no mix to hold


def test_weights_count_when_declared(answers):
    plain, weighted = (wave_trends(answers, params(**more)).table for more in ({}, {"weight": "w"}))
    first = answers.iloc[:250]
    assert weighted["mean"].iloc[0] == pytest.approx(np.average(first["loyalty"], weights=first["weight"]))
    assert plain["mean"].iloc[0] == pytest.approx(first["loyalty"].mean())


def test_too_few_missing_and_constant_answers(answers):
    answers.loc[answers["wave"] == "2025-Q2", "loyalty"] = np.nan
    answers.loc[396:, "loyalty"] = 3
    answers["f0"] = 4.0
    table = wave_trends(answers, params()).table.set_index(["measure", "wave"])
    assert table.loc[("loyalty", "2025-Q2"), "n"] == 4
    assert np.isnan(table.loc[("loyalty", "2025-Q2"), "mean"])
    assert table.loc[("f0", "2025-Q1"), ["mean", "low", "high"]].tolist() == [4, 4, 4]
    gone = wave_trends(answers.drop(columns="f0"), params()).table
    assert gone["n"].tolist()[2:] == [0, 0]


def test_strata_shorten_the_interval_as_the_survey_package_has_it():
    """The mean of cars within strata, against `svymean` of R."""
    made = json.loads(
        (Path(__file__).resolve().parents[1] / "reference" / "r" / "sampling.json").read_text(encoding="utf-8")
    )
    cars = pd.DataFrame(made["data"])
    strata = declare_strata(cars["cyl"], sizes={"4": 40, "6": 12, "8": 20})
    mean, low, high = mean_interval(cars["mpg"].to_numpy(), weights=cars["weight"].to_numpy(), strata=strata)
    error = (high - low) / 2 / stats.t.isf(0.025, 32 - 3)
    assert error == pytest.approx(made["mean"]["stratified"])
    assert low < mean < high


def test_declared_strata_count(answers):
    """The answers differ between strata: knowing them takes that off the error."""
    answers["stratum"] = np.where(answers["loyalty"] > 3, "happy", "other")
    plain = wave_trends(answers, params()).table
    drawn = wave_trends(answers, params(strata={"column": "s", "sizes": {"happy": 500}})).table
    assert (drawn["mean"] == plain["mean"]).all()
    assert (drawn["high"] - drawn["low"]).iloc[0] < 0.8 * (plain["high"] - plain["low"]).iloc[0]


def steps(**more):
    """Four factors in two steps, the last of them on another scale."""
    factor = {"scale": [1, 5]}
    factors = {key: factor | {"column": key, "label": label(key), "step": "pay"} for key in ("f0", "f1", "f2")}
    factors["f3"] = {"scale": [1, 7], "column": "f3", "label": label("f3"), "step": "use"}
    factors["f4"] = factor | {"column": "f4", "label": label("f4"), "step": "use"}
    known = {"pay": label("pay"), "use": label("use")}
    return params(factors=factors, steps=known, **more)


@pytest.fixture
def journey(answers):
    rng = np.random.default_rng(3)
    for key in ("f1", "f2", "f3", "f4"):
        answers[key] = rng.integers(1, 6, len(answers)).astype(float)
    return answers


def test_a_step_is_the_mean_of_a_persons_answers(journey):
    journey.loc[:19, "f1"] = np.nan  # the first ten have one of three, the next ten two of three
    table = wave_trends(journey, steps()).table
    lines = table[table["kind"] == "step"]
    assert lines["measure"].tolist() == ["pay", "pay"]  # the other step has no scale in common
    people = journey.loc[10:249, ["f0", "f1", "f2"]].mean(axis=1)
    assert lines["n"].tolist() == [240, 150]
    assert lines["mean"].iloc[0] == pytest.approx(people.mean())
    assert lines["low"].iloc[0] == pytest.approx(people.mean() - stats.t.isf(0.025, 239) * stats.sem(people))


def test_a_step_is_another_one_when_its_questions_are_not_the_same(journey):
    journey["wave"] = np.repeat(["2024", "2025", "2026", "2027"], 100)
    journey.loc[journey["wave"].isin(["2024", "2025"]), "f2"] = np.nan
    journey.loc[journey["wave"] == "2025", ["f0", "f1"]] = np.nan  # not asked at all: no other question
    table = wave_trends(journey, steps()).table
    lines = table[table["measure"] == "pay"].set_index("wave")
    assert lines["part"].to_dict() == {"2024": 0, "2025": 0, "2026": 1, "2027": 1}
    assert lines["n"].to_dict() == {"2024": 100, "2025": 0, "2026": 100, "2027": 100}  # half of those asked then


def test_no_part_of_a_line_crosses_a_break(journey):
    journey["wave"] = np.repeat(["2024", "2025", "2026", "2027"], 100)
    question = {"column": "f0", "scale": [1, 5], "label": label("f0"), "step": "pay"}
    own = question | {"breaks": [{"wave": "2026", "why": "wording"}, {"wave": "2026", "why": "scale"}]}
    other = question | {"column": "f1"}
    declared = params(
        factors={"f0": own, "f1": other}, steps={"pay": label("pay")}, wave={"column": "w"},
        breaks=[{"wave": "2025", "why": "mode"}],
    )  # fmt: skip
    table = wave_trends(journey, declared).table
    parts = table.groupby(["kind", "measure"])["part"].apply(list).to_dict()
    assert parts == {
        ("outcome", "loyalty"): [0, 1, 1, 1],
        ("factor", "f0"): [0, 1, 2, 2],
        ("factor", "f1"): [0, 1, 1, 1],
        ("step", "pay"): [0, 1, 2, 2],
    }


def test_waves_stand_in_the_order_of_their_days(journey):
    journey["wave"] = np.repeat(["spring", "autumn"], 200)
    spans = {
        "autumn": {"first": "2025-09-01", "last": "2025-09-30"},
        "spring": {"first": "2025-03-01", "last": "2025-03-31"},
    }
    table = wave_trends(journey, params(wave={"column": "w"}, waves=spans, breaks=[{"wave": "autumn", "why": "mode"}]))
    assert table.table["wave"].tolist()[:2] == ["spring", "autumn"]
    assert table.table["part"].tolist()[:2] == [0, 1]


def mixed(answers, share_late):
    """Two groups a point apart; in the second wave the lower one is `share_late` of the people, before it was half."""
    late = (answers["wave"] == "2025-Q2").to_numpy()
    place = np.arange(len(answers))
    low = np.where(late, (place - 250) < share_late * 150, place % 2 == 0)
    answers["region"] = np.where(low, "north", "south")
    rng = np.random.default_rng(8)
    answers["f0"] = np.where(low, 2.0, 4.0) + rng.choice([-1.0, 0, 1], len(answers))
    return answers


def test_another_mix_of_people_moves_the_mean_and_not_the_same_mix(answers):
    table = wave_trends(mixed(answers, 0.9), params(segments=["region"])).table
    rows = table[table["measure"] == "f0"].set_index("wave")
    assert rows["mean"]["2025-Q2"] < rows["mean"]["2025-Q1"] - 0.6
    assert abs(rows["same_mix"]["2025-Q2"] - rows["same_mix"]["2025-Q1"]) < 0.25
    pooled = (answers["region"] == "north").mean()
    for wave in ("2025-Q1", "2025-Q2"):
        means = answers[answers["wave"] == wave].groupby("region")["f0"].mean()
        expected = pooled * means["north"] + (1 - pooled) * means["south"]
        assert rows["same_mix"][wave] == pytest.approx(expected, rel=1e-6)
    wide = rows["same_mix_high"] - rows["same_mix_low"]
    # fifteen people in the south stand for two fifths: their spread decides, and is shown
    assert wide["2025-Q2"] > 1.5 * wide["2025-Q1"]


def test_design_weights_are_the_beginning_of_the_same_mix(answers):
    table = wave_trends(mixed(answers, 0.7), params(segments=["region"], weight="w")).table
    rows = table[table["measure"] == "f0"].set_index("wave")
    weight, north = answers["weight"], answers["region"] == "north"
    pooled = weight[north].sum() / weight.sum()
    late = answers["wave"] == "2025-Q2"
    means = [np.average(answers["f0"][late & part], weights=weight[late & part]) for part in (north, ~north)]
    assert rows["same_mix"]["2025-Q2"] == pytest.approx(pooled * means[0] + (1 - pooled) * means[1], rel=1e-6)


def test_units_count_in_the_same_mix_too(answers):
    """Units that differ make the interval wider, as they do for the plain mean."""
    answers = mixed(answers, 0.5)
    answers["f0"] += answers["unit"].str[1:].astype(int) % 2 * 1.5
    alone, units = (
        wave_trends(answers, params(segments=["region"], **more)).table.set_index(["measure", "wave"])
        for more in ({}, {"unit": "store"})
    )
    for name in ("", "same_mix_"):
        wide = (alone[f"{name}high"] - alone[f"{name}low"])["f0"], (units[f"{name}high"] - units[f"{name}low"])["f0"]
        assert (wide[1] > 1.3 * wide[0]).all()


def test_a_wave_with_too_few_answers_has_no_same_mix(answers):
    answers = mixed(answers, 0.5)
    answers.loc[270:, "f0"] = np.nan
    table = wave_trends(answers, params(segments=["region"])).table.set_index(["measure", "wave"])
    assert np.isnan(table.loc[("f0", "2025-Q2"), "same_mix"])
    assert not np.isnan(table.loc[("f0", "2025-Q2"), "mean"])
    assert table.loc[("f0", "2025-Q1"), "same_mix"] == pytest.approx(table.loc[("f0", "2025-Q1"), "mean"])


def test_a_segment_of_one_wave_only_is_no_mix(answers):
    answers["region"] = np.where(answers["wave"] == "2025-Q1", "north", "south")
    table = wave_trends(answers, params(segments=["region"])).table
    assert table["same_mix"].isna().all()


@pytest.mark.parametrize("rows", [0, 1, 7])
def test_hardly_any_answers(answers, rows):
    table = wave_trends(mixed(answers, 0.5).iloc[:rows], params(segments=["region"], unit="store", weight="w")).table
    assert table["n"].tolist() == ([rows, rows] if rows else [])


@pytest.mark.parametrize("value", [3.0, np.nan])
def test_answers_that_are_all_alike_or_missing(answers, value):
    answers = mixed(answers, 0.5).assign(f0=value)
    table = wave_trends(answers, params(segments=["region"], unit="store", weight="w")).table.set_index("measure")
    expected = [value] * 6
    found = table.loc["f0", ["mean", "low", "high", "same_mix", "same_mix_low", "same_mix_high"]].to_numpy()
    assert found == pytest.approx(np.array([expected, expected]), nan_ok=True, abs=1e-9)


def test_the_same_bytes_twice(answers, tmp_path):
    files = []
    for number in range(2):
        (tmp_path / str(number)).mkdir()
        people = mixed(answers, 0.6)
        declared = params(unit="store", weight="w", segments=["region"])
        files += wave_trends(people, declared).save(tmp_path / str(number))
    assert files[0].read_bytes() == files[1].read_bytes()
    assert files[0].name == "trends.csv"
