"""What changed after each action of the demo, held against what is planted."""

from __future__ import annotations

import pandas as pd
import pytest

import cxlib as cx

NOT_PROVEN = {"", "E0", "E2", "EN", "EX", "E-"}


@pytest.fixture(scope="module")
def evidence(demo) -> pd.DataFrame:
    """One row an action and measure."""
    params = cx.load_params(demo)
    cleaned = cx.clean(cx.read_responses(params, demo), params, **params.cleaning.model_dump())
    found = cx.evidence_of_change(
        cleaned.answers, cx.read_actions(params, demo), params, confidence=params.analysis.confidence
    )
    return found.table.fillna({"grade": "", "caps": "", "reason": ""}).set_index(["action", "role"])


def caps(row: pd.Series) -> set[str]:
    return set(row.caps.split(";")) - {""}


def test_the_random_roll_out_is_proven_and_its_interval_holds_what_was_planted(evidence, truth):
    row, plan = evidence.loc[("A1", "factor")], truth["actions"]["A1"]
    assert row.grade == "E4"
    assert row.drawn
    assert row.inference == "randomisation"
    assert row.low < plan["change_in_rating"] < row.high
    assert row.low > 0
    assert (row.units, row.others_units) == (plan["stores"], 24 - plan["stores"])
    assert (row.waves_before, row.waves_after) == ("2025-Q3 | 2025-Q4", "2026-Q1 | 2026-Q2")
    assert not caps(row)


def test_factor_loyalty_and_referral_are_told_apart(evidence, truth):
    """The factor rose; what that adds to each outcome follows from its effect, and each has a grade of its own."""
    plan, factor = truth["actions"]["A1"], truth["factors"]["wait_told"]
    for outcome in ("loyalty", "referral"):
        row = evidence.loc[("A1", outcome)]
        planted = plan["change_in_rating"] * factor[outcome]["per_point"]
        assert row.low < planted < row.high, outcome
    assert evidence.loc[("A1", "loyalty"), "grade"] == "EX"
    assert evidence.loc[("A1", "loyalty"), "needed"] > 30


def test_the_action_aimed_at_the_worst_is_not_proven(evidence):
    for role in ("factor", "loyalty", "referral"):
        row = evidence.loc[("A2", role)]
        assert row.grade in NOT_PROVEN, role
        assert row.low < 0 < row.high
        assert "2025-Q4" not in row.waves_before.split(" | ")  # the wave that chose them is no baseline


def test_nothing_that_was_planted_as_nothing_is_proven(evidence, truth):
    for action, plan in truth["actions"].items():
        if plan.get("shift") == 0.0:
            assert set(evidence.loc[action].grade) <= NOT_PROVEN, action


def test_the_stopped_one_is_measured_until_it_was_stopped(evidence):
    row = evidence.loc[("A4", "factor")]
    assert {"volunteers", "few_units"} <= caps(row)
    assert row.waves_after == "2025-Q4 | 2026-Q1"
    assert row.n_after < 100


def test_what_has_not_begun_has_no_grade(evidence):
    for action, reason in (("A3", "planned"), ("A7", "planned"), ("A6", "none_status")):
        rows = evidence.loc[action]
        assert set(rows.reason) == {reason}
        assert set(rows.grade) == {""}
        assert rows.estimate.isna().all()
