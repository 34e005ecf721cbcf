"""What changed, on a card: short lines in their order, the reader's own numbers, and the rest one click deeper."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

from cxlib.views.evidence import SHOWN, tell_evidence


@pytest.fixture(scope="module")
def rich():
    name = "cx_tests_views_rich"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name("rich.py"))
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]


@pytest.fixture(scope="module")
def first(document):
    return document.actions[0]


def told(material, first, changes, factor="wait_told"):
    return tell_evidence(material, first, changes, factor)


def names(evidence) -> list[str]:
    return [name.en for _, lines in evidence.numbers for name, _ in lines]


def test_the_factor_comes_first_then_loyalty_then_referral(material, first, rich):
    evidence = told(material, first, tuple(reversed(rich.TELLING)))
    assert [result.role.en for result in evidence.results] == ["This factor", "Loyalty", "Referral"]
    assert [result.sure.en for result in evidence.results] == [
        "Tested by random roll-out", "No change large enough to matter", "We cannot tell yet",
    ]  # fmt: skip


def test_what_could_be_seen_is_one_sentence_for_all_results(material, first, rich):
    evidence = told(material, first, rich.TELLING)
    assert evidence.could_see.en.endswith("This factor: 0.30; Loyalty: 0.19; Referral: 0.70.")
    assert evidence.could_see.vi.endswith("Yếu tố này: 0,30; Sự gắn bó: 0,19; Sự giới thiệu: 0,70.")
    alone = told(material, first, rich.ONE_BY_ONE)
    assert alone.could_see.en == rich.ONE_BY_ONE[0].could_see.en


def test_a_caveat_is_told_once(material, first, rich):
    evidence = told(material, first, rich.EVERYWHERE, "staff_explain")
    assert len(evidence.caveats) == 1


def test_a_caveat_of_some_results_says_of_which(material, first, rich):
    factor, loyalty, referral = rich.EVERYWHERE  # recorded late: told of the factor and of loyalty
    evidence = told(material, first, (factor, loyalty, referral), "staff_explain")
    assert evidence.caveats[0].en.startswith("This factor, Loyalty: This action was written down")
    alike = tuple(item.model_copy(update={"caveats": factor.caveats}) for item in (factor, loyalty, referral))
    assert told(material, first, alike, "staff_explain").caveats[0].en == factor.caveats[0].en


def test_two_results_of_one_role_are_told_apart_by_their_questions(material, first, rich):
    stand_in = rich.TELLING[2].model_copy(update={"measure": "overall", "label": rich.both("Chung", "Overall")})
    evidence = told(material, first, (*rich.TELLING, stand_in))
    assert [result.role.en for result in evidence.results][2:] == [
        "Referral (“Would tell others about us”)", "Referral (“Overall”)",
    ]  # fmt: skip


def test_many_caveats_are_folded_and_none_is_lost(material, first, rich):
    many = tuple(rich.both(f"điều {number}", f"thing {number}") for number in range(7))
    evidence = told(material, first, (rich.TELLING[0].model_copy(update={"caveats": many}),))
    assert len(evidence.caveats) == SHOWN
    assert [line.en for line in (*evidence.caveats, *evidence.more_caveats)] == [line.en for line in many]


def test_other_questions_of_the_action_stand_below(material, first, rich):
    other = rich.TELLING[0].model_copy(update={"measure": "delivery_on_time", "label": rich.LABELS["delivery_on_time"]})
    evidence = told(material, first, (other, *rich.TELLING))
    assert [result.role.en for result in evidence.results] == ["This factor", "Loyalty", "Referral"]
    assert [result.role.en for result in evidence.further] == ["delivered when promised"]
    whole = tell_evidence(material, first, (other, *rich.TELLING))
    assert [result.role.en for result in whole.results][:2] == [
        "delivered when promised",
        "told how long it would take",
    ]
    assert whole.further == ()


def test_nothing_to_measure_is_one_line_with_no_grade_and_no_numbers(material, first, rich):
    same = tuple(rich.NOT_YET[0].model_copy(update={"measure": name, "role": name}) for name in ("loyalty", "referral"))
    evidence = told(material, first, (*rich.NOT_YET, *same), "delivery_on_time")
    (line,) = evidence.results
    assert (line.role, line.sure) == (None, None)
    assert line.sentence.en.startswith("Not begun")
    assert evidence.numbers == ()
    assert evidence.meanings == ()


def test_the_numbers_are_there_one_click_deeper(material, first, rich):
    evidence = told(material, first, rich.TELLING)
    lines = {name.en: value.en for name, value in evidence.numbers[0][1]}
    assert lines["Changed more than elsewhere, in points"] == "0.40 (0.10–0.70)"
    assert lines["After, where we did it"] == "3.60 (3.49–3.71); 640 answers; 6 places"
    assert lines["Chance of such a result without any change (p)"] == "0.008"
    assert lines["Smallest p that so few places can give"] == "below 0.001"
    assert lines["Where the likely range comes from"]
    assert lines["Places drawn by lot"] == "yes"
    needed = {name.en: value.vi for name, value in evidence.numbers[2][1]}
    assert needed["Answers needed a wave, in each group"] == "900"
    stopped = told(material, first, rich.STOPPED, "delivery_on_time")
    drift = {name.en: value.vi for name, value in stopped.numbers[0][1]}
    assert drift["Would probably have moved anyway"] == "0,25 (0,10–0,40)"


def test_what_is_hidden_or_does_not_apply_is_left_out(material, first, rich):
    hidden = rich.TELLING[0].model_copy(update={
        "before": None, "others_after": rich.side(3.0, 0.1).model_copy(update={"mean": None}), "p": None,
    })  # fmt: skip
    found = names(told(material, first, (hidden,)))
    assert "Before, where we did it" not in found
    assert "After, elsewhere" not in found
    assert "Would probably have moved anyway" not in found
    assert not any("(p)" in name for name in found)


def test_a_code_of_a_later_version_is_shown_as_it_is(material, first, rich):
    later = rich.TELLING[0].model_copy(update={"method": "synthetic", "inference": "placebo"})
    lines = {name.en: value.en for name, value in told(material, first, (later,)).numbers[0][1]}
    assert lines["How it was looked at"] == "synthetic"


def test_an_action_without_any_evidence(material, first):
    evidence = told(material, first, ())
    assert evidence.results == ()
    assert evidence.picture is None
