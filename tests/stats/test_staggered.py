"""Group-time effects: right where plain two-way fixed effects are not, and silent where nobody is left to compare."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cxlib.stats.staggered import EFFECT_COLUMNS, EVENT_COLUMNS, group_time

REFERENCE = Path(__file__).parent.parent / "reference"
LIBRARIES = json.loads((REFERENCE / "libraries.json").read_text(encoding="utf-8"))
ONE_BY_ONE = {"a": 1, "b": 2, "c": 3, "d": 4, "e": 5, "f": None}


def surveyed(starts, effect, *, periods=6, noise=0.0, seed=1):
    """A table of unit means: own level, a trend all share, and `effect(periods since the start)`."""
    rng = np.random.default_rng(seed)
    rows = []
    for unit, start in starts.items():
        level = rng.normal(3.5, 0.3)
        for period in range(periods):
            since = period - start if start is not None else -1
            mean = level + 0.05 * period + (effect(since) if since >= 0 else 0.0) + rng.normal(0, noise)
            rows.append((unit, period, mean, 40))
    return pd.DataFrame(rows, columns=["unit", "period", "mean", "n"])


def two_way(table, starts):
    """Plain two-way fixed effects: one indicator of having been acted on, unit and period dummies."""
    starting = table["unit"].map({unit: np.inf if start is None else start for unit, start in starts.items()})
    columns = pd.concat([pd.get_dummies(table["unit"]), pd.get_dummies(table["period"]).iloc[:, 1:]], axis=1)
    design = np.column_stack([table["period"] >= starting, columns.to_numpy()]).astype(float)
    return np.linalg.lstsq(design, table["mean"].to_numpy(), rcond=None)[0][0]


@pytest.fixture(scope="module")
def counties():
    wide = pd.read_csv(REFERENCE / "data/mpdta.csv").rename(columns={"county": "unit"})
    table = wide.melt(["unit", "start"], var_name="period", value_name="mean").astype({"period": int}).assign(n=1)
    return table, {unit: start or None for unit, start in zip(wide["unit"], wide["start"], strict=True)}


def test_growing_effects_bias_plain_two_way_fixed_effects_and_not_group_time():
    starts = {"a": 1, "b": 1, "c": 3, "d": 3, "e": None}
    table = surveyed(starts, lambda since: 0.2 * (since + 1), periods=8)
    found = group_time(table, starts)
    truth = np.mean([0.2 * (since + 1) for start in (1, 1, 3, 3) for since in range(8 - start)])
    assert found.overall.estimate == pytest.approx(truth)
    growing = found.events[found.events["period"] >= 0]
    assert growing["estimate"].to_numpy() == pytest.approx(0.2 * (growing["period"] + 1).to_numpy())
    assert two_way(table, starts) < truth - 0.1


def test_the_published_county_example(counties):
    found = group_time(*counties, comparison="never")
    told = found.effects.set_index(["group", "period"])["estimate"].round(4).to_dict()
    assert told == {  # printed in the vignette "Introduction to DiD with Multiple Time Periods" of the R package did
        (2004, 2004): -0.0105, (2004, 2005): -0.0704, (2004, 2006): -0.1373, (2004, 2007): -0.1008,
        (2006, 2006): -0.0046, (2006, 2007): -0.0412, (2007, 2007): -0.0261,
    }  # fmt: skip
    events = found.events.set_index("period")["estimate"]
    assert events[[0, 1, 2, 3]].round(4).tolist() == [-0.0199, -0.0510, -0.1373, -0.1008]
    assert events[[0, 1, 2, 3]].mean().round(4) == -0.0772
    errors = found.events.set_index("period")["error"]
    # the vignette's errors are bootstrapped, ours are not, hence 10 %
    assert errors[[0, 1, 2, 3]].to_numpy() == pytest.approx([0.0124, 0.0163, 0.0402, 0.0354], rel=0.1)


@pytest.mark.parametrize("comparison", ["never", "not_yet"])
def test_effects_and_errors_are_those_of_diff_diff(counties, comparison):
    table, starts = counties
    found, expected = group_time(table, starts, comparison=comparison), LIBRARIES["staggered"][comparison]
    cells = found.effects.set_index(["group", "period"])
    for group, period, effect, error in expected["cells"]:
        ours = cells.loc[(group, period)]
        assert ours["estimate"] == pytest.approx(effect, abs=1e-6)  # the data is rounded to six decimals
        # theirs divides by the units of a group, ours by one less (20, 40 and 131 units)
        assert error < ours["error"] < error * np.sqrt(20 / 19) * 1.001
    assert found.overall.estimate == pytest.approx(expected["simple"][0], abs=1e-6)
    assert found.overall.error == pytest.approx(expected["simple"][1], rel=0.03)  # theirs adds the shares' own error
    events = found.events.set_index("period")
    for since, effect, error in expected["events"]:
        assert events.loc[since, "estimate"] == pytest.approx(effect, abs=1e-6)
        assert events.loc[since, "error"] == pytest.approx(error, rel=0.03)


def test_the_period_before_the_start_is_the_reference():
    events = group_time(surveyed(ONE_BY_ONE, lambda since: 0.3, noise=0.1), ONE_BY_ONE).events
    row = events[events["period"] == -1].iloc[0]
    assert (row["estimate"], row["error"], row["units"]) == (0.0, 0.0, 5)


def test_a_trend_before_the_start_is_seen():
    starts = dict.fromkeys("abcdef", 4) | dict.fromkeys("ghijkl", None)
    table = surveyed(starts, lambda since: 0.0, noise=0.01)
    table["mean"] += np.where(table["unit"].isin(list("abcdef")), 0.1 * table["period"], 0.0)
    assert group_time(table, starts).pretrend.low > 0.1
    assert group_time(surveyed(starts, lambda since: 0.0, noise=0.01), starts).pretrend.p > 0.05


def test_units_one_by_one_borrow_each_others_spread():
    overall = group_time(surveyed(ONE_BY_ONE, lambda since: 0.3, noise=0.1), ONE_BY_ONE).overall
    assert (overall.inference, overall.df, overall.units) == ("cluster", 4, (5, 5))
    assert overall.low < 0.3 < overall.high
    assert 0.03 < overall.error < 0.2


def test_a_drawn_order_is_analysed_as_drawn():
    table = surveyed(ONE_BY_ONE, lambda since: 1.0, noise=0.1)
    overall = group_time(table, ONE_BY_ONE, drawn=True).overall
    assert (overall.inference, overall.p, overall.smallest_p) == ("randomisation", 1 / 720, 1 / 720)
    assert overall.low < 1.0 < overall.high
    assert group_time(table, ONE_BY_ONE, drawn=True).overall.estimate == group_time(table, ONE_BY_ONE).overall.estimate


def test_a_unit_that_missed_a_wave_still_counts_in_the_others():
    starts = {"a": 2, "b": 2, "c": 2, "d": None, "e": None, "f": None}
    table = surveyed(starts, lambda since: 0.3)
    gap = table[~((table["unit"] == "a") & (table["period"] == 3))]
    assert group_time(gap, starts).overall.estimate == pytest.approx(0.3)
    assert group_time(gap, starts).effects.set_index("period").loc[3, "units"] == 2


@pytest.mark.parametrize(
    "starts",
    [
        {"a": 2, "b": 2, "c": 2, "d": 2},  # nobody left to compare
        {"a": 0, "b": 0, "c": None, "d": None},  # no before
        {"a": 9, "b": None, "c": None, "d": None},  # nothing after
        {},
    ],
)
def test_nobody_to_compare_gives_a_reason_and_empty_tables(starts):
    found = group_time(surveyed(dict.fromkeys("abcd", None), lambda since: 0.0), starts)
    assert found.overall.reason == "no_overlap"
    assert (list(found.effects), list(found.events)) == (EFFECT_COLUMNS, EVENT_COLUMNS)
    assert found.effects.empty


def test_three_units_have_an_estimate_and_no_interval():
    overall = group_time(surveyed({"a": 2, "b": 3, "c": None}, lambda since: 0.3), {"a": 2, "b": 3, "c": None}).overall
    assert (overall.reason, round(overall.estimate, 6)) == ("few_units", 0.3)
    assert np.isnan(overall.low)


def test_units_that_do_not_differ_give_a_reason():
    assert group_time(surveyed(ONE_BY_ONE, lambda since: 0.3), ONE_BY_ONE).overall.reason == "constant"
