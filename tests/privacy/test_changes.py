"""Change and trends at the door: nothing of too few people, no level of a single place, none by subtraction."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest
from support_findings import LOG, WAVES, a_change, answers, change_row, change_table, draft, params, period_rows

from cxlib.findings.schema import Both, ChangePoint, Side, Trend, TrendPoint
from cxlib.privacy import Limits, pass_door
from cxlib.privacy.changes import Around, guard_change, guard_steps, guard_trend
from cxlib.privacy.log_texts import LogTexts
from cxlib.privacy.places import Cell, telling_actions
from cxlib.privacy.redact import redact

LIMITS = Limits()


def side(n=200, units=6, mean=3.2):
    return Side(n=n, units=units, mean=mean, low=mean - 0.1, high=mean + 0.1)


def point(at, group="acted", n=100, phase="before"):
    return ChangePoint(group=group, at=at, n=n, estimate=3.2, low=3.1, high=3.3, phase=phase)


def test_what_may_be_shown_passes_unchanged():
    change = a_change(points=(point("2025-Q1"), point("2025-Q1", "others")), figure="change-A1.wait_told")
    assert guard_change(change, LIMITS, Around()).change == change


@pytest.mark.parametrize("name", ["before", "after", "others_before", "others_after"])
def test_fewer_than_the_pairs_before_or_after_is_no_result(name):
    guarded = guard_change(a_change(**{name: side(n=29)}), LIMITS, Around())
    change = guarded.change
    assert guarded.hidden == "all"
    assert change.grade == "E0"
    assert change.sentence.en == "There are not enough answers to show what changed in “told how long it would take”."
    assert not [value for value in change.model_dump(exclude={"worthwhile"}).values() if isinstance(value, float)]
    assert change.before is change.after is change.others_before is change.others_after is None
    assert (change.points, change.caveats, change.could_see, change.figure) == ((), (), None, None)


def test_too_few_answers_show_no_number_however_they_came():
    change = guard_change(a_change(grade="E0"), LIMITS, Around()).change
    assert (change.estimate, change.low, change.p, change.before) == (None, None, None, None)


def test_a_group_of_few_goes_with_the_other_one():
    change = a_change(grade=None, reason="no_before", others_after=side(n=3))
    guarded = guard_change(change, LIMITS, Around())
    assert guarded.hidden == "sides"
    assert guarded.change.after is None
    assert guarded.change.others_after is None
    assert guarded.change.before == change.before


@pytest.mark.parametrize("name", ["after", "others_after"])
def test_the_level_of_a_single_place_is_not_shown_nor_what_gives_it_away(name):
    change = a_change(grade=None, reason="one_unit", **{name: side(units=1)})
    shown = guard_change(change, LIMITS, Around()).change
    assert shown.after.mean is shown.others_after.mean is None
    assert shown.after.n == change.after.n
    assert shown.before.mean == 3.2


def test_a_run_chart_of_one_place_shows_movement_without_level_or_others():
    moved = tuple(point(wave) for wave in WAVES) + tuple(point(wave, "others") for wave in WAVES)
    change = a_change(method="chart", grade=None, reason="one_unit", relative=True, points=moved, before=side(units=1))
    shown = guard_change(change, LIMITS, Around()).change
    assert {item.group for item in shown.points} == {"acted"}
    few = change.model_copy(update={"points": (*moved, point("2026-Q1", n=29))})
    assert guard_change(few, LIMITS, Around()).change.points == ()


def test_both_groups_of_a_wave_go_when_one_is_small_or_single():
    points = tuple(point(wave, group) for group in ("acted", "others") for wave in WAVES)
    small = tuple(item.model_copy(update={"n": 4}) if item == points[0] else item for item in points)
    shown = guard_change(a_change(points=small), LIMITS, Around()).change
    assert {item.at for item in shown.points if item.estimate is None} == {WAVES[0]}
    assert sum(item.estimate is None for item in shown.points) == 2
    single = guard_change(a_change(points=points), LIMITS, Around(places={("others", WAVES[1]): 1})).change
    assert {(item.group, item.at) for item in single.points if item.estimate is None} == {
        ("acted", WAVES[1]),
        ("others", WAVES[1]),
    }


def test_a_few_who_are_in_neither_group_are_not_had_by_subtraction():
    points = tuple(point(wave, group) for group in ("acted", "others") for wave in WAVES)
    everyone = {WAVES[0]: 203, WAVES[1]: 200, WAVES[2]: 205, WAVES[3]: 260}
    shown = guard_change(a_change(points=points), LIMITS, Around(everyone=everyone)).change
    assert {item.at for item in shown.points if item.estimate is None} == {WAVES[0]}


def test_numbers_without_a_grade_are_none():
    shown = guard_change(a_change(grade=None, reason="stopped"), LIMITS, Around()).change
    assert (shown.estimate, shown.p, shown.detectable) == (None, None, None)


# --- several actions together ---


def cells(**units):
    """Units with the groups they lie in: acted on by the actions named, compared with by all others."""
    every = sorted({action for acted in units.values() for action in acted})
    return [
        Cell(wave, unit, frozenset((action, "acted" if action in acted else "others") for action in every))
        for wave in WAVES[:2]
        for unit, acted in units.items()
    ]


def test_actions_that_differ_by_one_place_are_not_both_shown():
    nested = cells(S1=["A1", "A2"], S2=["A1", "A2"], S3=["A1"], S4=[], S5=[])
    assert telling_actions(nested, ["A1", "A2"]) == {"A2"}
    assert telling_actions(nested, ["A2", "A1"]) == {"A1"}
    wider = cells(S1=["A1", "A2"], S2=["A1", "A2"], S3=["A1"], S4=["A1"], S5=[], S6=[])
    assert telling_actions(wider, ["A1", "A2"]) == frozenset()


def test_three_actions_may_give_away_what_two_do_not():
    three = cells(S1=["A1"], S2=["A1"], S3=["A2"], S4=["A2"], S5=["A1", "A2", "A3"], S6=["A3"], S7=["A3"], S8=[], S9=[])
    assert telling_actions(three, ["A1", "A2"]) == frozenset()
    exact = cells(S1=["A1"], S2=["A1"], S3=["A2"], S4=["A2"], S5=["A3"], S6=["A1", "A2", "A3"], S7=[], S8=[])
    assert telling_actions(exact, ["A1", "A2", "A3"]) <= {"A3"}
    sums = cells(S1=["A1", "A3"], S2=["A1", "A3"], S3=["A2", "A3"], S4=["A2", "A3"], S5=["A3"], S6=[], S7=[])
    assert telling_actions(sums, ["A1", "A2", "A3"]) == {"A3"}


def test_one_place_left_out_of_a_comparison_is_given_away_by_all():
    left_out = [
        Cell("2025", "S1", frozenset({("A1", "acted")})),
        Cell("2025", "S2", frozenset({("A1", "acted")})),
        Cell("2025", "S3", frozenset({("A1", "others")})),
        Cell("2025", "S4", frozenset({("A1", "others")})),
        Cell("2025", "S5", frozenset()),
    ]
    assert telling_actions(left_out, ["A1"]) == {"A1"}
    assert telling_actions([*left_out, Cell("2025", "S6", frozenset())], ["A1"]) == frozenset()


def test_a_survey_of_one_place_or_none_has_nothing_to_give_away():
    assert telling_actions([Cell("2025", "S1", frozenset({("A1", "acted")}))], ["A1"]) == frozenset()
    assert telling_actions([], ["A1"]) == frozenset()


def test_the_second_of_two_nested_actions_shows_its_result_without_levels():
    first = "store=S01;store=S02;store=S03;store=S04;store=S05;store=S06"
    log = LOG.replace("store=S07;store=S08", first.removesuffix(";store=S06")).replace("worst in 2025-Q1", "other")
    rows = [change_row("A1"), change_row("A4", "on_time"), change_row("A4", "loyalty")]
    periods = pd.DataFrame([*period_rows("A1"), *period_rows("A4", "on_time")])
    before = draft(change=change_table(*rows), periods=periods, log=log)
    assert before.reach
    found = {item.id: item.change for item in pass_door(before, params()).document.actions}
    assert found["A1"][0].before.mean == 3.2
    assert found["A1"][0].points
    for change in found["A4"]:
        assert change.grade == "E3"
        assert change.estimate == 0.4
        assert change.before.mean is change.others_after.mean is None
        assert change.points == ()
        assert change.figure is None


# --- trends ---


def trend(*sizes, measure="music", kind="factor"):
    points = tuple(
        TrendPoint(wave=wave, n=n, mean=3.0, low=2.9, high=3.1, part=0) for wave, n in zip(WAVES, sizes, strict=True)
    )
    label = Both(vi="nhạc", en="the music")
    return Trend(measure=measure, kind=kind, label=label, scale=(1, 5), points=points, breaks=(), figure="trend")


def test_a_wave_of_few_is_hidden_with_one_more():
    shown = guard_trend(trend(200, 3, 150, 120), LIMITS)
    assert [item.n for item in shown.points] == [200, None, 150, None]
    assert shown.points[1].mean is shown.points[3].mean is None
    assert guard_trend(trend(200, 0, 150, 120), LIMITS).points[1].n == 0


def test_a_step_goes_with_its_factor():
    factor = guard_trend(trend(200, 3, 150, 120), LIMITS)
    _, step = guard_steps((factor, trend(200, 200, 200, 200, measure="find", kind="step")), {"find": ("music",)})
    assert [item.n for item in step.points] == [200, None, 200, None]


def test_what_is_hidden_of_change_and_trends_is_listed():
    table = change_table(change_row(n_after=20), change_row(measure="loyalty", units=1))
    hidden = " ".join(item.what.en for item in pass_door(draft(change=table), params()).document.suppressed)
    assert "What changed after some actions, for “told how long it would take”" in hidden
    assert "Before and after in single places or small groups, for “Would come back”" in hidden


def test_the_loop_does_not_count_what_the_door_hides():
    table = change_table(change_row())
    assert pass_door(draft(change=table), params()).document.loop.with_change_measured == 1
    assert pass_door(draft(change=table), params(), min_factor_pairs=300).document.loop.with_change_measured == 0


# --- texts of the log ---


def test_no_way_to_reach_anyone_is_in_a_text_of_the_log():
    before = draft()
    entry = before.document.history[0]
    named = entry.model_copy(update={"what": Both(vi="Gọi chị Lan 0912 345 678", en="Write to an@example.com")})
    first = before.document.actions[0]
    also = first.model_copy(update={"also": Both(vi="Hỏi anh Tuấn, 0987654321", en="Ask")})
    changed = before.document.model_copy(
        update={"history": (named, *before.document.history[1:]), "actions": (also, *before.document.actions[1:])}
    )
    found = pass_door(dataclasses.replace(before, document=changed), params()).document
    said = found.model_dump_json()
    assert "0912" not in said
    assert "0987654321" not in said
    assert "an@example.com" not in said
    assert any("Parts of the action log" in item.what.en for item in found.suppressed)


def test_texts_without_a_contact_stay_word_for_word():
    document = draft().document
    texts = LogTexts(redact)
    assert texts.document(document) == document
    assert not texts.found


def test_no_place_is_named_anywhere():
    table = change_table(change_row(), change_row("A4", "on_time", units=2, estimate=np.nan, grade="E0"))
    periods = pd.DataFrame(period_rows())
    said = pass_door(draft(change=table, periods=periods), params()).document.model_dump_json()
    assert not [unit for unit in answers()["unit"].unique() if f"{unit}" in said]
