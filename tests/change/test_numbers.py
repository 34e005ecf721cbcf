"""Small examples by hand, and the tables against other ways to the same numbers."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from made_up import EVERYONE, QUARTERS, evidence, params, record, row, stores, survey
from scipy import stats

from cxlib.actions import ActionLog
from cxlib.change import wave_trends
from cxlib.change.cells import cell_means
from cxlib.change.evidence import COLUMNS, evidence_of_change
from cxlib.change.trends import mean_interval


def small():
    """Four stores, two waves, twenty answers each: the two acted on rise by 1 and by 0.5, the others by 0 and 0.5."""
    rows = []
    for unit, before, after in (("S00", 2, 3), ("S01", 3, 3.5), ("S02", 2, 2), ("S03", 3, 3.5)):
        for wave, mean in (("2025-Q2", before), ("2025-Q3", after)):
            half = np.resize([np.floor(mean), np.ceil(mean)], 20) if mean % 1 else np.resize([mean - 1, mean + 1], 20)
            rows += [{"unit": unit, "wave": wave, "wait": value} for value in half]
    return pd.DataFrame(rows).assign(staff=3.0, loyalty=3.0, referral=5.0)


def test_a_difference_in_differences_by_hand():
    told = row(evidence(small(), record(scope=stores([0, 1]))))
    assert told["estimate"] == pytest.approx((1 + 0.5) / 2 - (0 + 0.5) / 2)
    assert [told[name] for name in ("mean_before", "mean_after", "others_mean_before", "others_mean_after")] == (
        pytest.approx([2.5, 3.25, 2.5, 2.75])
    )
    assert [told[name] for name in ("n_before", "n_after", "others_n_before", "others_n_after")] == [40, 40, 40, 40]
    assert (told["units"], told["others_units"]) == (2, 2)
    assert told["smallest_p"] == pytest.approx(2 / 6, abs=0.34)


def test_before_against_after_by_hand():
    told = row(evidence(small(), record(scope=EVERYONE)))
    values = small()
    before, after = (values.loc[values["wave"] == wave, "wait"] for wave in ("2025-Q2", "2025-Q3"))
    welch = stats.ttest_ind(after, before, equal_var=False)
    assert told["estimate"] == pytest.approx(0.5)
    assert told["p"] == pytest.approx(welch.pvalue)  # four units are too few to be told apart
    interval = welch.confidence_interval(0.95)
    assert (told["low"], told["high"]) == (pytest.approx(interval.low), pytest.approx(interval.high))


def test_unit_means_add_up_to_the_estimate():
    told = row(evidence(survey(effect=0.4, acted=range(5), each=11), record()))
    moved = told["mean_after"] - told["mean_before"]
    others = told["others_mean_after"] - told["others_mean_before"]
    assert told["estimate"] == pytest.approx(moved - others, abs=1e-6)


def test_welch_over_unit_changes():
    answers = survey(effect=0.4, acted=range(10))
    told = row(evidence(answers, record(scope=stores(range(10)))))
    late = answers["wave"] >= "2025-Q3"
    changes = answers[late].groupby("unit")["wait"].mean() - answers[~late].groupby("unit")["wait"].mean()
    welch = stats.ttest_ind(changes.iloc[:10], changes.iloc[10:], equal_var=False)
    assert told["estimate"] == pytest.approx(changes.iloc[:10].mean() - changes.iloc[10:].mean(), abs=1e-6)
    assert told["error"] == pytest.approx(told["estimate"] / welch.statistic, rel=1e-5)


def test_the_direction_turns_the_grade():
    answers = survey(effect=-0.8, acted=range(5), seed=3)
    assert row(evidence(answers, record()))["grade"] == "E-"
    assert row(evidence(answers, record(direction="down")))["grade"] == "E3"
    assert row(evidence(survey(effect=0.8, acted=range(5), seed=3), record(direction="down")))["grade"] == "E-"


def test_direction_is_the_factors_and_outcomes_are_better_upwards():
    answers = survey(seed=3)
    reached = answers["unit"].isin(["S00", "S01", "S02", "S03", "S04"]) & (answers["wave"] >= "2025-Q3")
    answers.loc[reached, "loyalty"] = np.clip(answers.loc[reached, "loyalty"] + 1, 1, 5)
    assert row(evidence(answers, record(direction="down")), "loyalty")["grade"] == "E3"


def test_the_smallest_worthwhile_change():
    one = record(smallest_worthwhile=None)
    found = evidence(survey(), one)
    assert [row(found, key)["worthwhile"] for key in ("wait", "loyalty", "referral")] == pytest.approx([0.2, 0.2, 0.5])
    found = evidence(survey(), record(smallest_worthwhile=0.35), asked=params(analysis={"worthwhile_change": 0.1}))
    assert [row(found, key)["worthwhile"] for key in ("wait", "loyalty", "referral")] == pytest.approx([0.35, 0.4, 1.0])


def test_no_change_as_large_is_said_when_it_can_be():
    told = row(evidence(survey(each=150), record(smallest_worthwhile=0.4)))
    assert told["grade"] == "EN"
    assert -0.4 <= told["low"] <= told["high"] <= 0.4
    assert told["equivalence_p"] < 0.025
    assert pd.isna(told["needed"])


def test_cannot_tell_says_how_many_answers_it_would_take():
    told = row(evidence(survey(each=12, lasting=0.0, passing=0.0), record(smallest_worthwhile=0.2)))
    assert told["grade"] == "EX"
    assert told["detectable"] > 0.2
    assert told["needed"] > told["n_before"] / 2


def test_needed_answers_are_enough():
    one = record(scope=EVERYONE, smallest_worthwhile=0.1)
    few = row(evidence(survey(units=6, each=10, waves=QUARTERS[1:3], after=1), one))
    assert few["grade"] == "EX"
    each = int(np.ceil(few["needed"] / 6))
    many = row(evidence(survey(units=6, each=each, waves=QUARTERS[1:3], after=1), one))
    assert many["detectable"] == pytest.approx(0.1, rel=0.1)


def test_cells_are_those_of_the_trends_one_by_one():
    rng = np.random.default_rng(2)
    n = 600
    values, cells = rng.integers(1, 6, n).astype(float), rng.integers(0, 3, n)
    units, weights = rng.integers(-1, 14, n), rng.uniform(0.5, 2, n)
    units[(cells == 2) & (units > 4)] = 1  # too few units for a cluster-robust error
    for own_units, own_weights in ((None, None), (None, weights), (units, None), (units, weights)):
        told = cell_means(values, cells, 3, weights=own_weights, units=own_units)
        for cell in range(3):
            inside = cells == cell
            expected = mean_interval(
                values[inside],
                weights=None if own_weights is None else own_weights[inside],
                units=None if own_units is None else own_units[inside],
            )
            assert (told["mean"][cell], told["low"][cell], told["high"][cell]) == pytest.approx(expected)


def test_periods_are_the_trends_of_both_groups():
    answers = survey()
    found = evidence(answers, record(scope=EVERYONE))
    trends = wave_trends(answers, params()).table.query("measure == 'wait'")
    mine = found.periods.query("measure == 'wait'")
    assert mine["mean"].tolist() == pytest.approx(trends["mean"].tolist())
    assert mine["low"].tolist() == pytest.approx(trends["low"].tolist())
    assert mine["phase"].tolist() == ["before", "before", "after", "after"]
    assert mine["units"].tolist() == [30] * 4
    both = evidence(answers, record()).periods.query("measure == 'wait'")
    assert both.groupby("group")["n"].sum().to_dict() == {"acted": 400, "others": 2000}


def test_events_are_differences_of_unit_changes():
    answers = survey(effect=0.5, acted=range(5))
    told = evidence(answers, record()).events.query("measure == 'wait'").set_index("period")
    assert told.index.tolist() == [-2, -1, 0, 1]
    means = answers.pivot_table(index="unit", columns="wave", values="wait")
    base = means[["2025-Q1", "2025-Q2"]].mean(axis=1)
    change = means["2025-Q3"] - base
    assert told.loc[0, "estimate"] == pytest.approx(change.iloc[:5].mean() - change.iloc[5:].mean())
    before = means["2025-Q2"] - means["2025-Q1"]
    assert told.loc[-1, "estimate"] == pytest.approx(before.iloc[:5].mean() - before.iloc[5:].mean())
    welch = stats.ttest_ind(change.iloc[:5], change.iloc[5:], equal_var=False).confidence_interval()
    assert (told.loc[0, "low"], told.loc[0, "high"]) == pytest.approx((welch.low, welch.high))


def test_weights_count():
    answers = small()
    answers["weight"] = np.where(answers["wait"] > answers["wait"].mean(), 3.0, 1.0)
    asked = params(weight="w")
    told, plain = (row(evidence(answers, record(scope=EVERYONE), asked=one)) for one in (asked, params()))
    weighted = answers.groupby("wave")[["wait", "weight"]].apply(
        lambda part: np.average(part["wait"], weights=part["weight"])
    )
    assert told["estimate"] == pytest.approx(weighted["2025-Q3"] - weighted["2025-Q2"])
    assert told["estimate"] != pytest.approx(plain["estimate"])


def test_the_tables_are_the_same_each_time_and_in_any_order_of_answers(tmp_path):
    answers = survey(effect=0.3, acted=range(5))
    first, again = evidence(answers, record()), evidence(answers, record())
    folders = [tmp_path / "a", tmp_path / "b"]
    for folder, found in zip(folders, (first, again), strict=True):
        folder.mkdir()
        assert [path.name for path in found.save(folder)] == ["change.csv", "periods.csv", "event_study.csv"]
    for path in folders[0].iterdir():
        assert path.read_bytes() == (folders[1] / path.name).read_bytes()
    mixed = evidence(answers.sample(frac=1, random_state=1), record())
    pd.testing.assert_frame_equal(first.table, mixed.table, rtol=1e-6)


def test_names_and_kinds_of_the_columns():
    found = evidence(survey(), record(), record(id="A2", status="planned"))
    assert tuple(found.table.columns) == COLUMNS
    assert found.table["needed"].dtype == "Int64"
    assert found.table["drawn"].dtype == bool
    assert found.table["reason"].tolist()[3:] == ["planned"] * 3
    empty = evidence_of_change(survey(), ActionLog(), params())
    assert tuple(empty.table.columns) == COLUMNS
    assert empty.periods.columns.tolist() == found.periods.columns.tolist()
    assert empty.events.columns.tolist() == found.events.columns.tolist()


def test_a_long_before_counts_as_one_baseline():
    told = row(evidence(survey(waves=QUARTERS, after=5), record(start=date(2026, 4, 1), recorded_on=date(2026, 3, 1))))
    assert told["n_before"] == 5 * 20 * 5
    assert told["looks"] == 1
