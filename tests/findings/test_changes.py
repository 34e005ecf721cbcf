"""What changed, beside each finding and each action: every result, in the order factor, loyalty, referral."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from support_findings import (
    LOG,
    change_row,
    change_table,
    draft,
    params,
    period_rows,
)

from cxlib.findings.changes import read_changes
from cxlib.privacy import pass_door

EX = {"grade": "EX", "estimate": 0.05, "low": -0.1, "high": 0.3, "needed": 900}
EN = {"grade": "EN", "estimate": 0.02, "low": -0.1, "high": 0.15}
WORSE = {"grade": "E-", "estimate": -0.4, "low": -0.7, "high": -0.1, "mean_after": 2.8}


def three(**referral):
    """A rating that rose, loyalty that cannot be told, and referral as asked, in another order than the page's."""
    return change_table(change_row(measure="referral", **referral), change_row(measure="loyalty", **EX), change_row())


def document(table, **more):
    return pass_door(draft(change=table, **more), params()).document


def finding(found, name="wait_told.referral"):
    return next(item for item in found.findings if item.id == name)


def test_a_factor_may_change_and_loyalty_not_and_the_page_says_exactly_that():
    found = finding(document(three(**EN)))
    assert [(item.role, item.grade) for item in found.change] == [
        ("factor", "E3"),
        ("loyalty", "EX"),
        ("referral", "EN"),
    ]
    assert "rose 0.40 points more than elsewhere" in found.change[0].sentence.en
    assert "We cannot tell yet whether loyalty" in found.change[1].sentence.en
    assert "about 900 answers a wave" in found.change[1].sentence.en.replace("About", "about")
    assert "can be ruled out" in found.change[2].sentence.en


@pytest.mark.parametrize("result", [EN, EX, WORSE])
def test_no_change_cannot_tell_and_got_worse_are_shown_like_any_other_result(result):
    table = change_table(*(change_row(measure=name, **result) for name in ("wait_told", "loyalty", "referral")))
    found = document(table)
    shown = [item for item in found.findings if "A1" in item.actions]
    assert shown
    for item in shown:
        assert [change.grade for change in item.change] == [result["grade"]] * 3
        assert all(change.sentence.en and change.sentence.vi and change.figure for change in item.change)
    (action,) = [item for item in found.actions if item.id == "A1"]
    assert [change.grade for change in action.change] == [result["grade"]] * 3
    assert found.loop.with_change_measured == 1
    assert not any("has not been measured: “Six stores" in text.en for text in found.unknowns)


def test_a_result_that_a_card_leaves_out_stops_at_the_door():
    import dataclasses

    from cxlib.errors import RefusedError

    before = draft(change=three(**WORSE))
    cards = tuple(
        item.model_copy(update={"change": tuple(part for part in item.change if part.grade != "E-")})
        for item in before.document.findings
    )
    hidden = dataclasses.replace(before, document=before.document.model_copy(update={"findings": cards}))
    with pytest.raises(RefusedError, match="left out"):
        pass_door(hidden, params())


def test_a_factor_is_measured_by_its_own_change_only():
    only_outcomes = change_table(change_row(measure="loyalty"), change_row(measure="referral"))
    assert document(only_outcomes).loop.with_change_measured == 0
    few = change_table(change_row(grade="E0", estimate=np.nan, low=np.nan, high=np.nan))
    assert document(few).loop.with_change_measured == 0
    chart = change_table(change_row(grade="", method="chart", reason="one_unit", estimate=np.nan))
    assert document(chart).loop.with_change_measured == 0
    assert document(change_table(change_row(**EX))).loop.with_change_measured == 1


def test_an_action_on_two_factors_shows_the_finding_s_own_first():
    log = LOG.replace("A1,wait_told,", "A1,on_time;wait_told,")
    table = change_table(change_row(measure="on_time"), change_row(), change_row(measure="loyalty"))
    found = pass_door(draft(change=table, log=log), params()).document
    assert [item.measure for item in finding(found).change] == ["wait_told", "on_time", "loyalty"]
    (action,) = [item for item in found.actions if item.id == "A1"]
    assert [item.measure for item in action.change] == ["on_time", "wait_told", "loyalty"]


def test_the_same_reason_is_said_once_on_a_card():
    rows = [
        change_row("A3", measure, grade="", method="", reason="planned")
        for measure in ("on_time", "loyalty", "referral")
    ]
    found = document(change_table(*rows))
    on_card = [item for item in finding(found, "on_time.referral").change if item.action == "A3"]
    assert [(item.measure, item.grade, item.reason) for item in on_card] == [("on_time", None, "planned")]


def test_rows_of_unknown_actions_questions_and_roles_are_left_out():
    table = change_table(
        change_row("A99"), change_row(measure="nobody"), change_row(role="other"), change_row("A5", "defect_fixed")
    )
    assert read_changes(draft().document.actions, params(), table).of == {}
    assert read_changes(draft().document.actions, params(), None).of == {}


def test_points_wave_by_wave_and_none_where_two_sides_say_it_all():
    periods = pd.DataFrame(period_rows())
    (change,) = read_changes(draft().document.actions, params(), change_table(change_row()), periods).of["A1"]
    assert [(point.group, point.at, point.phase) for point in change.points][:2] == [
        ("acted", "2025-Q1", "before"),
        ("acted", "2025-Q2", "before"),
    ]
    two = periods[periods["wave"].isin(["2025-Q2", "2025-Q3"])]
    (change,) = read_changes(draft().document.actions, params(), change_table(change_row()), two).of["A1"]
    assert change.points == ()
    assert change.figure == "change-A1.wait_told"


def test_a_wave_on_both_sides_of_the_start_stands_once():
    part = [row | {"n": 6, "phase": "during"} for row in period_rows() if row["wave"] == "2025-Q2"]
    periods = pd.DataFrame([*period_rows(), *part])
    (change,) = read_changes(draft().document.actions, params(), change_table(change_row()), periods).of["A1"]
    assert len(change.points) == 8
    assert {point.phase for point in change.points if point.at == "2025-Q2"} == {"before"}


def test_a_roll_out_one_after_another_is_shown_by_waves_since_the_start():
    events = pd.DataFrame(
        [
            {"action": "A1", "measure": "wait_told", "period": period, "n": 80, "units": 6, "estimate": 0.1 * period,
             "low": 0.1 * period - 0.1, "high": 0.1 * period + 0.1}
            for period in (-2, -1, 0, 1)
        ]
    )  # fmt: skip
    row = change_row(method="staggered")
    found = read_changes(draft().document.actions, params(), change_table(row), pd.DataFrame(period_rows()), events)
    assert [(point.group, point.at, point.phase) for point in found.of["A1"][0].points] == [
        ("event", "-2", "before"),
        ("event", "-1", "before"),
        ("event", "0", "after"),
        ("event", "1", "after"),
    ]


def chart(**changes):
    rows = change_row(method="chart", grade="", reason="one_unit", estimate=np.nan, others_units=18, **changes)
    periods = pd.DataFrame(period_rows(units=1))
    found = pass_door(draft(change=change_table(rows), periods=periods), params(), min_factor_pairs=60).document
    return finding(found).change[0]


def test_one_place_is_shown_moving_from_its_own_mean_and_not_tested():
    change = chart(units=1)
    assert (change.grade, change.relative, change.estimate) == (None, True, None)
    assert [(point.group, point.estimate) for point in change.points] == [
        ("acted", -0.1),
        ("acted", 0.1),
        ("acted", 0.3),
        ("acted", 0.5),
    ]
    assert change.before.mean is change.others_before.mean is None
    assert "in one place only" in change.sentence.en
    assert "without their level" in change.sentence.en
    assert change.figure == "change-A1.wait_told"


def test_one_place_with_few_answers_in_a_wave_is_words_only():
    rows = change_row(method="chart", grade="", reason="one_unit", estimate=np.nan, units=1)
    periods = pd.DataFrame(period_rows(units=1, n=29))
    before = draft(change=change_table(rows), periods=periods)
    change = finding(pass_door(before, params()).document).change[0]
    assert change.points == ()
    assert change.figure is None
    assert "without their level" not in change.sentence.en


def test_one_place_to_compare_with_is_no_test_either():
    assert "There is only one place to compare with" in chart(units=6).sentence.en


def test_the_numbers_are_there_on_demand():
    row = change_row(pretrend=0.02, pretrend_low=-0.1, pretrend_high=0.14, caps="looks;spill", equivalence_p=0.4)
    (change,) = read_changes(draft().document.actions, params(), change_table(row)).of["A1"]
    assert (change.method, change.inference, change.compared, change.error, change.df) == (
        "did",
        "wild",
        True,
        0.1,
        12.5,
    )
    assert (change.before.n, change.before.units, change.others_before.units) == (200, 6, 18)
    assert change.pretrend.low == -0.1
    assert change.caps == ("looks", "spill")
    assert change.waves_before == ("2025-Q1", "2025-Q2")


def test_a_run_that_looked_at_no_change_has_none():
    found = draft().document
    assert all(item.change == () for item in (*found.findings, *found.actions))
    assert any("What changed after these actions has not been measured" in text.en for text in found.unknowns)
