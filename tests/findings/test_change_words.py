"""What is said of a change: plain words by grade, comparison and question, and no cause below a random roll-out."""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files

import numpy as np
import pytest
from support_findings import change_row, change_table, draft, params

from cxlib.findings.change_words import CAPS, tell_change
from cxlib.findings.changes import beyond_drift, read_changes
from cxlib.privacy.causal import causal_words

GRADES = ("E0", "E2", "E3", "E4", "EN", "EX", "E-")
SINGLE, COMPARED = ("difference", "paired", "series"), ("did", "paired_did", "staggered")


@cache
def action(number: int = 0):
    return draft().document.actions[number]


def told(role="factor", act=None, **changes):
    measure = {"factor": "wait_told"}.get(role, role)
    return tell_change(change_row(measure=measure, **changes), role, act or action(), params())


def said(**changes) -> str:
    return told(**changes).sentence.en


def test_the_model_sentence():
    assert said() == (
        "Where we did, the rating of “told how long it would take” rose 0.40 points more than elsewhere (0.10 to 0.70)."
    )
    assert told().sentence.vi == (
        "Ở nơi đã triển khai, điểm chấm “được báo trước thời gian chờ” tăng nhiều hơn nơi khác 0,40 điểm "
        "(0,10 đến 0,70)."
    )


def test_the_three_questions_are_named_apart():
    assert "loyalty (“Would come back”) rose" in said(role="loyalty")
    assert "referral (“Would tell others”) rose" in said(role="referral")


def test_a_question_that_stands_in_says_so():
    values = params().model_dump(mode="json")
    values["outcomes"]["referral"]["proxy_for"] = "loyalty"
    told_ = tell_change(change_row(measure="referral", role="loyalty"), "loyalty", action(), params(**values))
    assert "“Would tell others” (standing in for loyalty) rose" in told_.sentence.en


@pytest.mark.parametrize(
    ("before", "after", "estimate", "low", "high", "words"),
    [
        (3.2, 3.6, 0.4, 0.1, 0.7, "rose 0.40 points more than elsewhere (0.10 to 0.70)"),
        (3.6, 3.5, 0.4, 0.1, 0.7, "fell 0.40 points less than elsewhere (0.10 to 0.70)"),
        (3.6, 3.2, -0.4, -0.7, -0.1, "fell 0.40 points more than elsewhere (0.10 to 0.70)"),
        (3.2, 3.3, -0.4, -0.7, -0.1, "rose 0.40 points less than elsewhere (0.10 to 0.70)"),
        (3.2, 3.2, -0.4, -0.7, -0.1, "fell 0.40 points more than elsewhere (0.10 to 0.70)"),
    ],
)
def test_the_verb_holds_the_sign(before, after, estimate, low, high, words):
    grade = "E3" if estimate > 0 else "E-"
    assert words in said(grade=grade, mean_before=before, mean_after=after, estimate=estimate, low=low, high=high)


def test_without_comparison_it_says_so():
    everyone = action(1)
    assert everyone.scope.everyone
    alone = {"grade": "E2", "others_units": 0, "act": everyone}
    assert said(method="difference", **alone) == (
        "After it began, the rating of “told how long it would take” rose from 3.20 to 3.65, by 0.40 points "
        "(0.10 to 0.70). There was no comparison group."
    )
    assert "Among customers who answered both times" in said(method="paired", **alone)
    assert "above the line it had been on" in said(method="series", **alone)
    assert "anything else that happened at the time" in told(method="paired", **alone).caveats[-1].en


def test_levels_of_some_places_are_told_in_no_sentence():
    assert "from 3.20" not in said(method="difference", grade="E2")
    assert "rose by 0.40 points" in said(method="difference", grade="E2")


def test_people_and_roll_outs_one_after_another_have_their_own_words():
    customers = action(2)
    assert "Among those it was for" in said(act=customers)
    assert "than among the others" in said(act=customers)
    assert "Where it had begun" in said(method="staggered")
    assert "than where it had not begun yet" in said(method="staggered")


def test_only_a_random_roll_out_may_have_raised_it():
    text = told(grade="E4", drawn=True)
    assert text.sentence.en.startswith("The roll-out, its places drawn at random, raised the rating of")
    assert "its order drawn at random" in said(grade="E4", drawn=True, method="staggered")
    assert "lowered" in said(grade="E4", drawn=True, estimate=-0.4, low=-0.7, high=-0.1)
    assert causal_words(text.sentence.vi, "vi") == ["làm tăng"]
    assert causal_words(text.sentence.en, "en") == ["raised"]


@pytest.mark.parametrize("method", [*SINGLE, *COMPARED])
@pytest.mark.parametrize("grade", GRADES)
@pytest.mark.parametrize("role", ["factor", "loyalty", "referral"])
def test_every_grade_of_every_comparison_is_told_without_a_cause_below_e4(method, grade, role):
    ends = {
        "EN": (0.02, -0.1, 0.15),
        "EX": (0.1, -0.2, 0.4),
        "E-": (-0.4, -0.7, -0.1),
    }.get(grade, (0.4, 0.1, 0.7))
    values = dict(zip(("estimate", "low", "high"), ends, strict=True))
    for caps in ("", ";".join(CAPS)):
        text = told(role=role, method=method, grade=grade, caps=caps, needed=412, drawn=grade == "E4", **values)
        for language in ("vi", "en"):
            every = [text.sentence, *text.caveats, *([text.could_see] if text.could_see else [])]
            lines = [getattr(item, language) for item in every]
            assert all(lines)
            assert not [line for line in lines if "nan" in line.lower() or "None" in line or "{" in line]
            if grade != "E4":
                assert not [word for line in lines for word in causal_words(line, language)]


def test_no_change_says_what_can_be_ruled_out():
    ends = {"grade": "EN", "estimate": 0.02, "low": -0.1, "high": 0.15}
    assert "a difference as large as 0.20 points can be ruled out (-0.10 to 0.15)" in said(**ends)
    alone = said(method="difference", **ends)
    assert "hardly changed: a change as large as 0.20 points can be ruled out" in alone
    assert alone.endswith("There was no comparison group.")


def test_a_clear_change_too_small_to_matter_is_no_standstill():
    little = {"grade": "EN", "estimate": 0.07, "low": 0.03, "high": 0.11}
    assert said(method="difference", **little) == (
        "After it began, the rating of “told how long it would take” rose by only 0.07 points, less than the 0.20 that "
        "would be worth the effort (0.03 to 0.11). There was no comparison group."
    )
    assert "moved only 0.07 points further up than elsewhere" in said(**little)
    down = {"grade": "EN", "estimate": -0.07, "low": -0.11, "high": -0.03}
    assert "moved only 0.07 points further down than elsewhere, less than the 0.20 that would matter" in said(**down)


@pytest.mark.parametrize(
    ("method", "needs", "words"),
    [
        ("did", {"needed": 412}, "About 420 answers a wave would be needed in each of the two groups."),
        ("did", {"needed_units": 17}, "More places are needed: about 17 with it, and as many without."),
        ("did", {}, "More answers, or more places, would be needed."),
        ("difference", {"needed": 87}, "About 87 answers a wave would be needed."),
        ("difference", {"needed": 12345}, "About 13,000 answers a wave would be needed."),
    ],
)
def test_cannot_tell_says_how_many_answers_or_places_it_takes(method, needs, words):
    text = said(grade="EX", method=method, estimate=0.1, low=-0.2, high=0.4, **needs)
    assert text.startswith("We cannot tell yet whether the rating of")
    assert "(-0.20 to 0.40)" in text
    assert text.endswith(words)


def test_a_range_without_an_end_is_told_in_words():
    text = said(grade="EX", estimate=0.1, low=-np.inf, high=np.inf)
    assert "with so few places, hardly any difference can be ruled out" in text
    assert "–" not in text


def test_got_worse_says_so():
    ends = {"grade": "E-", "estimate": -0.4, "low": -0.7, "high": -0.1, "mean_after": 2.9}
    assert said(**ends).endswith("It got worse; we are looking again.")
    assert told(**ends).sentence.vi.endswith("Đã kém đi; chúng tôi đang xem lại.")
    down = action().model_copy(update={"direction": "down"})
    other = {"grade": "E-", "act": down}
    assert said(**other).endswith("That is the opposite of what was meant; we are looking again.")
    assert said(role="loyalty", **other).endswith("It got worse; we are looking again.")


def test_what_could_be_seen_comes_before_the_result():
    assert "a change of about 0.35 points" in told().could_see.en
    assert "though 0.20 would be worth the effort" in told().could_see.en
    assert "though" not in told(detectable=0.15).could_see.en
    assert told(detectable=np.nan).could_see is None


def test_a_wide_scale_has_one_decimal():
    values = params().model_dump(mode="json")
    values["factors"]["wait_told"]["scale"] = [0, 100]
    text = tell_change(change_row(estimate=12.34, low=3.21, high=20.5), "factor", action(), params(**values))
    assert "12.3 points" in text.sentence.en


def test_a_capped_comparison_says_why():
    late = told(grade="E2", caps="late")
    assert "only after these answers had been seen" in late.sentence.en
    assert not [text for text in late.caveats if "only after these answers" in text.en]
    both = told(grade="E2", caps="late;worst_baseline", drift=0.21, drift_low=0.1, drift_high=0.33)
    assert "chosen because they were lowest. Such places rise by about 0.21 points by themselves" in both.sentence.en
    assert any("only after these answers" in text.en for text in both.caveats)


@pytest.mark.parametrize(
    ("caps", "more", "words"),
    [
        ("rewritten", {}, "restated in the log after these answers"),
        ("volunteers", {}, "took part by their own choice"),
        ("no_draw_record", {}, "no record of a draw"),
        ("overlap", {}, "the two cannot be told apart"),
        ("overlap", {"drawn": True}, "as likely to be found on either side"),
        ("pretrend", {"pretrend": -0.3, "pretrend_low": -0.5, "pretrend_high": -0.1}, "by 0.30 points (0.10 to 0.50)"),
        ("mix", {"same_mix_estimate": 0.25}, "it would be 0.25 points"),
        ("mix", {}, "Other kinds of customers answered"),
        ("few_units", {"smallest_p": 0.1}, "come up by chance 10% of the time"),
        ("few_units", {"smallest_p": 0.001}, "There are few places"),
        ("looks", {"looks": 4}, "looked at 4 times"),
        ("break", {}, "was changed in between"),
        ("stopped_early", {}, "stopped before it was finished"),
        ("spill", {}, "may have taken over some of it"),
        ("one_factor_of_many", {}, "answers several questions at once"),
    ],
)  # fmt: skip
def test_every_cap_is_told_beside_the_result(caps, more, words):
    ends = {"grade": "EX", "estimate": 0.1, "low": -0.2, "high": 0.4}
    assert words in " ".join(text.en for text in told(caps=caps, **ends, **more).caveats)


def test_every_cap_has_its_words():
    keys = {line["key"] for line in csv.DictReader((files("cxlib.words") / "change.csv").open(encoding="utf-8"))}
    assert {f"change_cap_{code}" for code in CAPS} <= keys


def test_caps_and_reasons_are_those_of_the_change_stage():
    codes = pytest.importorskip("cxlib.change.codes")
    assert set(codes.CAPS) == set(CAPS)
    for reason in codes.REASONS:
        text = said(grade="", method="", reason=reason)
        assert "has not been measured" not in text, reason


@pytest.mark.parametrize(
    ("reason", "number", "words"),
    [
        ("planned", 2, "It begins on 1 February 2026"),
        ("stopped", 3, "The reason: “The partner had too few vehicles”"),
        ("not_begun", 3, "stopped before it had begun"),
        ("no_after", 0, "the next wave will show"),
        ("no_before", 0, "Nobody was asked before it began"),
        ("no_dates", 0, "cannot be told apart"),
        ("few", 0, "not enough answers to show what changed in “told how long it would take”"),
        ("one_unit", 0, "in one place only"),
        ("something new", 0, "has not been measured"),
    ],
)
def test_what_was_not_measured_says_why(reason, number, words):
    text = told(act=action(number), grade="", method="", reason=reason, units=1)
    assert words in text.sentence.en
    assert text.could_see is None


def test_what_else_happened_is_told():
    also = action().model_copy(update={"also": draft().document.actions[1].what})
    assert any(text.en == "At the same time: “A plain comparison sheet”" for text in told(act=also).caveats)


def test_what_drift_would_have_brought_is_taken_off():
    row = change_row(net=0.15, net_low=-0.1, net_high=0.4, grade="EX", caps="worst_baseline", drift=0.25)
    assert beyond_drift(change_row()) == change_row()
    found = read_changes(draft().document.actions, params(), change_table(row)).of["A1"][0]
    assert (found.estimate, found.low, found.high, found.p) == (0.15, -0.1, 0.4, None)
    assert "(-0.10 to 0.40)" in found.sentence.en
    assert found.drift.estimate == 0.25
