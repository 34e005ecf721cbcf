"""Each thing that lowers a grade or must be told, made to hold and made not to hold."""

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
from made_up import EVERYONE, QUARTERS, caps, drawn, evidence, params, places_of, record, row, stores, survey

from cxlib.actions import ScopeRule
from cxlib.change.codes import CAPS, METHODS, REASONS

GOOD = {"effect": 0.8, "acted": range(5), "seed": 3}


def graded(*records, answers=None, **more):
    found = evidence(survey(**GOOD) if answers is None else answers, *records, **more)
    return row(found)["grade"], caps(found) - {"mix"}


def test_a_fair_comparison_is_e3_and_has_nothing_to_be_told():
    assert graded(record()) == ("E3", set())


def test_recorded_after_the_wave_was_seen():
    assert graded(record(recorded_on=date(2025, 9, 30))) == ("E3", set())
    assert graded(record(recorded_on=date(2025, 10, 1))) == ("E2", {"late"})


def test_days_of_the_wave_decide_what_was_seen():
    asked = params(waves={"2025-Q3": {"first": "2025-07-05", "last": "2025-07-20"}})
    assert graded(record(recorded_on=date(2025, 7, 25)), asked=asked) == ("E2", {"late"})


@pytest.mark.parametrize(
    "change",
    [
        {"scope": stores(range(6))},
        {"scope_chosen_by": "everyone"},
        {"start": date(2025, 7, 1), "full_effect": date(2025, 7, 1)},
        {"direction": "down"},
        {"comparison": stores(range(6, 30))},
        {"smallest_worthwhile": 0.1},
    ],
)
def test_restated_after_the_wave_was_seen(change):
    again = record(recorded_on=date(2025, 10, 5), **change)
    assert "rewritten" in graded(record(), again)[1]
    in_time = replace(again, recorded_on=date(2025, 7, 5))
    assert "rewritten" not in graded(record(), in_time)[1]


def test_a_new_status_restates_nothing():
    assert graded(record(), record(status="done", recorded_on=date(2025, 12, 1))) == ("E3", set())


def test_an_old_record_that_was_found_changed_is_restated():
    def history(before, now, seen_on):
        return {"notes": [{"kind": "edited", "action": "A1", "recorded_on": "2025-06-20", "cells_before": before,
                           "cells_now": now, "seen_on": seen_on}]}  # fmt: skip

    other = {"scope": "store=S01", "what": "x"}
    assert graded(record(), history=history(other, {"scope": "store=S02"}, "2025-10-02")) == ("E2", {"rewritten"})
    assert graded(record(), history=history(other, {"scope": "store=S02"}, None)) == ("E2", {"rewritten"})
    assert graded(record(), history=history(other, {"scope": "store=S02"}, "2025-07-02")) == ("E3", set())
    assert graded(record(), history=history(other, other | {"what": "y"}, "2025-10-02")) == ("E3", set())
    assert graded(record(), history={"notes": [], "head": "x"}) == ("E3", set())


def test_the_worst_of_a_wave_are_compared_with_other_waves_than_that():
    one = record(scope_chosen_by="worst in 2025-Q2")
    found = evidence(survey(**GOOD), one)
    assert row(found)["waves_before"] == "2025-Q1"
    assert row(found)["grade"] == "E3"
    assert "worst_baseline" not in caps(found)
    assert np.isnan(row(found)["drift"])


@pytest.mark.parametrize("chosen", ["worst in 2025-Q2", "worst", "worst in 2019-Q1"])
def test_the_worst_of_the_only_wave_before_reach_e2_at_most_and_their_drift_is_told(chosen):
    answers = survey(waves=QUARTERS[1:4], after=1, passing=0.2, lasting=0.1, effect=1.2, acted=range(5), seed=4)
    told = row(evidence(answers, record(scope_chosen_by=chosen)))
    assert told["caps"].split(";")[0] == "worst_baseline"
    assert told["grade"] == "E2"
    assert told["drift_low"] < told["drift"] < told["drift_high"]
    assert told["net"] == pytest.approx(told["estimate"] - told["drift"])
    assert told["net_low"] < told["low"] + 0.2


def test_a_useless_action_on_the_worst_is_not_called_a_change():
    worked = 0
    for seed in range(20):
        answers = survey(waves=QUARTERS[1:3], after=1, lasting=0.15, seed=seed, each=30)
        before = answers[answers["wave"] == "2025-Q2"].groupby("unit")["wait"].mean()
        worst = sorted(before.nsmallest(5).index.str[1:].astype(int))
        told = row(evidence(answers, record(scope=stores(worst), scope_chosen_by="worst in 2025-Q2")))
        assert told["grade"] not in ("E3", "E4")
        worked += told["grade"] == "E2"
    assert worked <= 3


def test_levels_that_pass_with_a_wave_drift_back_like_chance():
    drifts = []
    for passing in (0.0, 0.3):
        answers = survey(waves=QUARTERS[1:3], after=1, lasting=0.3, passing=passing, seed=6, each=60, units=40)
        before = answers[answers["wave"] == "2025-Q2"].groupby("unit")["wait"].mean()
        worst = sorted(before.nsmallest(8).index.str[1:].astype(int))
        told = row(evidence(answers, record(scope=stores(worst), scope_chosen_by="worst in 2025-Q2")))
        drifts.append(told["drift"] / (before.nlargest(32).mean() - before.nsmallest(8).mean()))
    assert drifts[0] == pytest.approx(0.2, abs=0.12)  # of the gap in the wave: chance alone
    assert drifts[1] == pytest.approx(0.55, abs=0.15)  # and half of what the units differ by


def test_volunteers_reach_e3_at_most_and_it_is_told():
    assert graded(record(scope_chosen_by="volunteers")) == ("E3", {"volunteers"})


def test_random_without_a_record_of_the_draw_is_not_random():
    assert graded(record(scope_chosen_by="random")) == ("E3", {"no_draw_record"})


def test_a_recorded_draw_that_repeats_reaches_e4():
    one = drawn(30, 10)
    answers = survey(effect=0.5, acted=places_of(one))
    assert graded(one, answers=answers) == ("E4", set())


def test_a_draw_that_does_not_repeat_or_came_after_the_start_is_no_record():
    one = drawn(30, 10)
    answers = survey(effect=0.5, acted=places_of(one))
    moved = replace(one, scope=stores(range(10)))
    assert "no_draw_record" in graded(moved, answers=answers)[1]
    early = replace(one, start=date(2025, 1, 1))
    found = evidence(survey(waves=("2024-Q4", *QUARTERS[:4]), effect=0.5, acted=places_of(one)), early)
    assert "no_draw_record" in caps(found)
    late = replace(one, recorded_on=date(2025, 11, 1))
    assert graded(late, answers=answers) == ("E2", {"late"})


def test_moving_apart_before():
    answers = survey(**GOOD)
    answers.loc[answers["unit"].isin(["S00", "S01", "S02", "S03", "S04"]) & (answers["wave"] == "2025-Q1"), "wait"] = 1
    grade, told = graded(record(), answers=answers)
    assert (grade, told) == ("E2", {"pretrend"})
    moving = row(evidence(answers, record()))
    assert moving["pretrend_low"] > 0
    assert moving["pretrend_p"] < 0.05
    alone = row(evidence(answers, record(scope=EVERYONE)))
    assert alone["pretrend"] > 0  # everyone's own movement before


def test_a_pretrend_is_chance_where_places_were_drawn():
    one = drawn(30, 10)
    answers = survey(effect=0.8, acted=places_of(one))
    answers.loc[answers["unit"].isin(one.scope.values("unit")) & (answers["wave"] == "2025-Q1"), "wait"] -= 1
    assert graded(one, answers=answers) == ("E4", {"pretrend"})


def test_a_few_days_of_a_wave_are_no_wave_of_their_own():
    answers = survey(**GOOD)
    answers["day"] = pd.to_datetime(answers["wave"].map(lambda wave: f"2025-{3 * int(wave[-1]) - 1:02d}-15"))
    few = answers.index[(answers["wave"] == "2025-Q3") & (answers["unit"] == "S00")][:3]
    answers.loc[few, "day"] = pd.Timestamp("2025-07-01")
    whole = row(evidence(answers, record(start=date(2025, 7, 5))))
    assert whole["waves_before"] == "2025-Q1 | 2025-Q2 | 2025-Q3"
    assert whole["pretrend"] == pytest.approx(row(evidence(answers.drop(few), record()))["pretrend"])


def other(**more):
    values = {"id": "B1", "factors": ("wait",), "scope": stores([3, 4, 9])} | more
    return record(**values)


def test_another_action_on_the_same_factor_in_the_same_places():
    assert graded(record(), other()) == ("E2", {"overlap"})


@pytest.mark.parametrize(
    "more",
    [
        {"factors": ("staff",)},  # another factor
        {"scope": EVERYONE},  # everyone alike
        {"start": date(2024, 11, 1)},  # before all answers, and still going on
        {"start": date(2026, 2, 1)},  # after all of them
        {"status": "planned"},
        {"status": "none"},
    ],
)
def test_no_overlap(more):
    assert graded(record(), other(**more)) == ("E3", set())


def test_an_action_that_ended_meanwhile_overlaps():
    began = other(start=date(2024, 11, 1))
    stopped = replace(began, status="stopped", recorded_on=date(2025, 8, 1))
    assert graded(record(), began, stopped) == ("E2", {"overlap"})


def test_any_action_can_move_an_outcome():
    found = evidence(survey(**GOOD), record(), other(factors=("staff",)))
    assert "overlap" not in caps(found)
    assert "overlap" in caps(found, "loyalty")


def test_an_overlap_is_chance_where_places_were_drawn():
    one = drawn(30, 10)
    answers = survey(effect=0.8, acted=places_of(one))
    assert graded(one, other(), answers=answers) == ("E4", {"overlap"})


def test_other_people_answer_afterwards():
    answers = survey(**GOOD)
    late = answers["wave"] >= "2025-Q3"
    answers["channel"] = np.where(late & (np.arange(len(answers)) % 4 > 0), "web", "store")
    found = evidence(answers, record())
    assert "mix" in caps(found)
    assert row(found)["mix_p"] < 0.001
    assert row(found)["grade"] == "E3"


def test_the_same_mix_takes_out_what_the_mix_did():
    rng = np.random.default_rng(5)
    answers = survey(units=40, lasting=0.0, each=60, waves=QUARTERS[1:3], after=1)
    late = (answers["wave"] == "2025-Q3").to_numpy()
    acted = (answers["unit"] < "S20").to_numpy()
    web = rng.random(len(answers)) < np.where(late & acted, 0.7, 0.3)
    answers["channel"] = np.where(web, "web", "store")
    answers["wait"] = np.clip(np.rint(3 - 1.0 * web + 0.5 * rng.standard_normal(len(answers))), 1, 5)
    told = row(evidence(answers, record(scope=stores(range(20)))))
    assert told["estimate"] == pytest.approx(-0.4, abs=0.08)
    assert told["same_mix_estimate"] == pytest.approx(0.0, abs=0.08)
    alone = row(evidence(answers[acted], record(scope=EVERYONE)))
    assert alone["same_mix_estimate"] == pytest.approx(0.0, abs=0.08)


def test_few_places():
    assert graded(record(scope=stores(range(4))))[1] == {"few_units"}
    assert row(evidence(survey(**GOOD), record(scope=stores(range(4)))))["smallest_p"] < 0.01
    two = row(evidence(survey(units=4, each=40), record(scope=stores(range(2)))))
    assert two["smallest_p"] > 0.05
    assert (two["low"], two["high"]) == (-np.inf, np.inf)
    assert two["grade"] == "EX"
    assert two["needed_units"] > 2
    assert pd.isna(two["needed"])


def test_customers_who_met_both_spill_over():
    answers = survey(**GOOD)
    order = answers.groupby(["unit", "wave"]).cumcount()
    number = np.arange(len(answers)).astype(float)
    late = answers["wave"] == "2025-Q4"
    met = late & (order < 3)
    number[met] = order[met]  # the same three people in every store
    assert "spill" in graded(record(), answers=answers.assign(person=pd.Series(number).astype("Int64")))[1]
    alone = answers.assign(person=pd.Series(np.arange(len(answers))).astype("Int64"))
    assert "spill" not in graded(record(), answers=alone)[1]


def test_looks_are_counted_and_cost_from_the_third_on():
    two = row(evidence(survey(**GOOD), record()))
    assert (two["looks"], two["alpha"]) == (2, pytest.approx(0.05))
    three = evidence(survey(waves=QUARTERS[:5], **GOOD), record())
    assert row(three)["looks"] == 3
    assert row(three)["alpha"] == pytest.approx(0.05 / 3)
    assert "looks" in caps(three)
    four = row(evidence(survey(waves=QUARTERS, **GOOD), record(), confidence=0.9))
    assert four["alpha"] == pytest.approx(0.1 / 4)


def test_one_factor_of_many():
    found = evidence(survey(**GOOD), record(factors=("wait", "staff")))
    assert "one_factor_of_many" in caps(found)
    assert "one_factor_of_many" not in caps(found, "loyalty")


def broken(wave, why, **more):
    label = {"vi": "w", "en": "w"}
    question = {"scale": [1, 5], "column": "wait", "label": label, "breaks": [{"wave": wave, "why": why}]}
    return params(factors={"wait": question, "staff": {"scale": [1, 5], "column": "s", "label": label}}, **more)


def test_a_break_before_or_after_leaves_waves_out():
    early = row(evidence(survey(**GOOD), record(), asked=broken("2025-Q2", "wording")))
    assert (early["waves_before"], early["caps"]) == ("2025-Q2", "")
    later = row(evidence(survey(**GOOD), record(), asked=broken("2025-Q4", "scale")))
    assert (later["waves_after"], later["grade"]) == ("2025-Q3", "E3")


def test_a_break_in_between_needs_a_comparison():
    told = row(evidence(survey(**GOOD), record(), asked=broken("2025-Q3", "wording")))
    assert (told["grade"], told["caps"]) == ("E2", "break")
    alone = row(evidence(survey(**GOOD), record(scope=EVERYONE), asked=broken("2025-Q3", "wording")))
    assert (alone["reason"], alone["grade"]) == ("break", "")
    scale = row(evidence(survey(**GOOD), record(), asked=broken("2025-Q3", "scale")))
    assert (scale["reason"], scale["grade"]) == ("break", "")


def test_a_break_of_all_questions():
    asked = params(breaks=[{"wave": "2025-Q3", "why": "mode"}])
    assert "break" in caps(evidence(survey(**GOOD), record(), asked=asked), "loyalty")


def test_every_code_is_described():
    assert set(CAPS.values()) <= {"", "E2", "E3"}
    assert "" not in METHODS
    assert all(REASONS.values())


def test_step_scopes_with_a_group():
    web = ScopeRule(False, (("channel", ("web",)),), ("pay",))
    assert row(evidence(survey(), record(scope=web)))["method"] == "did"
