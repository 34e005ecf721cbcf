"""Five years of ratings of an airport, from the raw files to the table, against R's survey package and plain sums."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from cxlib.change import wave_trends
from cxlib.cleaning import clean
from cxlib.intake import read_responses
from cxlib.params import Params, load_params
from cxlib.params.spans import wave_span

pytestmark = pytest.mark.real

HERE = Path(__file__).resolve().parent
DATA = HERE.parents[2] / "shared" / "data"
MADE = json.loads((HERE.parent / "reference" / "r" / "sfo_trends.json").read_text(encoding="utf-8"))
YEARS = ("2013", "2014", "2015", "2016", "2017")
STEPS = ("arrive", "security", "inside", "wait")
RULES_OFF = {"duplicates": False, "straightlining": False, "min_answered": 0.0}


@pytest.fixture(scope="module")
def params() -> Params:
    return load_params(HERE / "sfo")


@pytest.fixture(scope="module")
def responses(params):
    if not DATA.is_dir():
        pytest.skip("the real surveys are not beside the project (../shared/data)")
    return read_responses(params, HERE / "sfo")


@pytest.fixture(scope="module")
def cleaned(params, responses):
    return clean(responses, params, **params.cleaning.model_dump())


@pytest.fixture(scope="module")
def table(params, cleaned) -> pd.DataFrame:
    return wave_trends(cleaned.answers, params).table


def lines(table: pd.DataFrame) -> pd.DataFrame:
    kind = table["kind"].where(table["kind"] == "step", "question")
    return table.assign(kind=kind).set_index(["kind", "measure", "wave"])


def test_the_whole_table_equals_r_on_the_raw_files(params, responses):
    """Every question and step in every year: people, weighted mean, interval, and the mean at one mix of flights."""
    answers = clean(responses, params, **RULES_OFF).answers
    assert len(answers) == MADE["rows"]
    found = lines(wave_trends(answers, params).table)
    expected = pd.DataFrame(MADE["table"]).set_index(["kind", "measure", "wave"])
    found = found[found["n"] > 0].loc[expected.index]
    assert len(found) == 5 * (15 + 4) + 1
    assert found["n"].tolist() == expected["n"].tolist()
    np.testing.assert_allclose(found["mean"], expected["mean"], rtol=1e-7)
    reach = stats.t.isf(0.025, expected["n"] - 1) * expected["se"]
    np.testing.assert_allclose(found["low"], expected["mean"] - reach, rtol=1e-6)
    np.testing.assert_allclose(found["high"], expected["mean"] + reach, rtol=1e-6)
    np.testing.assert_allclose(found["same_mix"], expected["same_mix"], rtol=1e-7)
    # ours is a hair wider: it allows for the levels that were fitted, and for unequal weights
    wider = (found["same_mix_high"] - found["same_mix"]) / (1.96 * expected["same_mix_se"])
    assert wider.between(1.0, 1.01).all()


def test_the_cleaned_table_equals_plain_weighted_sums(table, cleaned):
    answers = cleaned.answers
    rows = table[(table["kind"] != "step") & (table["n"] > 0)]
    assert len(rows) == 5 * 15 + 1
    for row in rows.itertuples():
        part = answers[(answers["wave"] == row.wave) & answers[row.measure].notna()]
        weight = part["weight"] / part["weight"].sum()
        mean = (weight * part[row.measure]).sum()
        error = np.sqrt(len(part) / (len(part) - 1) * (weight**2 * (part[row.measure] - mean) ** 2).sum())
        reach = stats.t.isf(0.025, len(part) - 1) * error
        assert (row.n, row.mean) == (len(part), pytest.approx(mean, rel=1e-7))
        assert (row.low, row.high) == (pytest.approx(mean - reach, rel=1e-7), pytest.approx(mean + reach, rel=1e-7))


def test_the_airport_as_a_whole_over_five_years(table):
    """From 2014 to 2017, within one way of asking, the rating rose by less than a tenth of a point."""
    whole = table[table["measure"] == "overall"]
    assert whole["wave"].tolist() == list(YEARS)
    assert whole["mean"].round(2).tolist() == [3.95, 3.97, 4.00, 4.01, 4.02]
    assert ((whole["high"] - whole["low"]) / 2).between(0.025, 0.035).all()
    assert whole["part"].tolist() == [0, 1, 1, 1, 1]


def test_every_step_has_its_five_years(table):
    steps = table[table["kind"] == "step"]
    assert steps["measure"].drop_duplicates().tolist() == list(STEPS)
    assert all(tuple(waves) == YEARS for _, waves in steps.groupby("measure")["wave"])
    assert (steps["n"] > 2000).all()
    assert steps[["mean", "low", "high", "same_mix"]].notna().all(axis=None)


def test_no_part_crosses_the_change_of_the_scale_words(table):
    """All ratings of 2013 had words for each point; from 2014 on for the ends. Nothing may be joined across it."""
    asked = table[table["n"] > 0]
    first = asked[asked["wave"] == "2013"].set_index(["kind", "measure"])["part"]
    later = asked[asked["wave"] != "2013"].groupby(["kind", "measure"])["part"].unique()
    assert (first == 0).all()
    assert later.map(lambda parts: parts.tolist() == [1]).all()


def test_weights_count(table, cleaned, params):
    """Unweighted, the year whose weights differ most moves by some hundredths."""
    plain = wave_trends(cleaned.answers, params.model_copy(update={"weight": None})).table
    moved = (plain["mean"] - table["mean"]).abs()
    assert 0.01 < moved.max() < 0.1


def test_what_is_declared_is_what_the_code_lists_say():
    """The words of the scale: of every point in 2013, of the ends from 2014 on."""
    if not DATA.is_dir():
        pytest.skip("the real surveys are not beside the project (../shared/data)")
    texts = {
        year: (DATA / "sfo_airport" / f"dictionary_{year}.txt").read_text(encoding="utf-8", errors="replace")
        for year in YEARS
    }
    assert "2=Below Average, 3=Average, 4=Good" in texts["2013"]
    assert not any("below average" in texts[year].casefold() for year in YEARS[1:])
    assert all("5 Outstanding" in texts[year] for year in YEARS[1:])
    lead_in = [year for year in YEARS if "how easy or difficult" in texts[year]]
    assert lead_in == list(YEARS[1:])


def test_the_declared_days_are_those_of_the_interviews(params):
    if not DATA.is_dir():
        pytest.skip("the real surveys are not beside the project (../shared/data)")
    month = {"2013": 5, "2014": 9, "2015": 5, "2016": 5, "2017": 5}
    for year in YEARS:
        path = DATA / "sfo_airport" / f"{year}_SFO_Customer_Survey.csv"
        told = pd.read_csv(path, usecols=["INTDATE"], encoding="latin-1")["INTDATE"]
        days = pd.to_datetime(told, format="%m/%d/%Y %I:%M:%S %p").dt.day if year == "2016" else told
        first, last = wave_span(year, params)
        assert (first.month, last.month) == (month[year], month[year])
        assert (days.min(), days.max()) == (first.day, last.day)


def test_nobody_is_followed_by_the_number_of_a_form(cleaned):
    assert "person" not in cleaned.answers
