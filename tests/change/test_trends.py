"""Means by wave with an interval that knows weights and units."""

import numpy as np
import pandas as pd
import pingouin
import pytest
import statsmodels.api as sm

from cxlib.change import wave_trends
from cxlib.change.trends import mean_interval
from cxlib.params import Params


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
    assert list(table.columns) == ["measure", "wave", "n", "mean", "low", "high"]
    assert table[["measure", "wave"]].to_numpy().tolist() == [
        ["loyalty", "2025-Q1"],
        ["loyalty", "2025-Q2"],
        ["f0", "2025-Q1"],
        ["f0", "2025-Q2"],
    ]
    assert table["n"].tolist() == [250, 150, 240, 150]
    assert ((table["low"] < table["mean"]) & (table["mean"] < table["high"])).all()
    assert table["mean"].iloc[0] == pytest.approx(answers["loyalty"].iloc[:250].mean())


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


def test_the_same_bytes_twice(answers, tmp_path):
    files = []
    for number in range(2):
        (tmp_path / str(number)).mkdir()
        files += wave_trends(answers, params(unit="store", weight="w")).save(tmp_path / str(number))
    assert files[0].read_bytes() == files[1].read_bytes()
    assert files[0].name == "change.csv"
