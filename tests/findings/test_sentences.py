"""Sentences and caveats: true to the numbers, in both languages, and no more than the evidence allows."""

from __future__ import annotations

import numpy as np
import pytest
from support_findings import answers, draft, driver_rows, driver_table, params

from cxlib.findings.schema import Document


def document(*rows, asked=None, **more) -> Document:
    return draft(tested=driver_table(*rows), asked=asked, **more).document


def caveats_of(*rows, finding: int = 0, **more) -> str:
    return " ".join(text.en for text in document(*rows, **more).findings[finding].caveats)


def test_the_model_sentence_of_referral_in_both_languages():
    sentence = document(driver_rows(n=1412, low=0.2123, high=0.3891)).findings[0].sentence
    assert sentence.en == (
        "Customers who rated “told how long it would take” higher also tended to recommend us more "
        "(1,412 answers; likely range 0.21–0.39). This does not show that it is the cause."
    )
    assert sentence.vi == (
        "Những khách đánh giá cao “được báo trước thời gian chờ” cũng thường sẵn lòng giới thiệu chúng tôi hơn "
        "(1.412 câu trả lời; khoảng tin cậy 0,21–0,39). Điều này chưa chứng tỏ đó là nguyên nhân."
    )


def test_loyalty_has_words_of_its_own():
    sentence = document(driver_rows(outcome="loyalty")).findings[0].sentence
    assert "come back to us or stay with us" in sentence.en
    assert "quay lại và gắn bó" in sentence.vi
    assert "recommend" not in sentence.en


def test_a_negative_association_is_told_as_one():
    finding = document(driver_rows(estimate=-0.4, low=-0.5, high=-0.3, adjusted=-0.3)).findings[0]
    assert "tended to recommend us less (400 answers; likely range -0.50 to -0.30)" in finding.sentence.en
    assert "lại thường ít sẵn lòng giới thiệu" in finding.sentence.vi
    assert "-0,50 đến -0,30" in finding.sentence.vi
    assert "The direction is unusual" in finding.caveats[0].en


def test_a_stand_in_is_named_as_one_in_the_sentence_and_beside_it():
    asked = params(
        outcomes={
            "overall": {
                "column": "o",
                "scale": [1, 5],
                "proxy_for": "referral",
                "label": {"vi": "Nhìn chung", "en": "Overall"},
            }
        }
    )
    table = answers().rename(columns={"loyalty": "overall"}).drop(columns="referral")
    finding = document(driver_rows(outcome="overall"), asked=asked, table=table).findings[0]
    assert "“Overall”, which stands in here for referral" in finding.sentence.en
    assert "thay cho sự giới thiệu" in finding.sentence.vi
    assert "“Overall” stands in for referral. It is not the same question" in " ".join(
        text.en for text in finding.caveats
    )


def test_an_ordinary_finding_has_no_caveat():
    assert caveats_of(driver_rows()) == ""


@pytest.mark.parametrize(
    ("again", "told"), [(0.4, False), (0.11, False), (0.09, True), (0.0, True), (-0.2, True), (np.nan, False)]
)
def test_dependence_on_careless_answers_is_told(again, told):
    assert ("set aside as careless" in caveats_of(driver_rows(careless_estimate=again))) is told


def test_careless_answers_of_a_negative_association():
    rows = driver_rows(estimate=-0.4, low=-0.5, high=-0.3, adjusted=-0.3, careless_estimate=-0.05)
    assert "set aside as careless" in caveats_of(rows)


@pytest.mark.parametrize(("stand", "of", "told"), [(72, 72, False), (58, 72, False), (57, 72, True), (0, 0, False)])
def test_few_ways_of_looking_are_told(stand, of, told):
    said = caveats_of(driver_rows(specs_stand=stand, specs_of=of))
    assert (f"in only {stand} of {of} reasonable ways" in said) is told


def region(level, n, estimate, half=0.1):
    return [
        {
            "factor": "wait_told",
            "outcome": "referral",
            "segment": "region",
            "level": level,
            "n": n,
            "estimate": estimate,
            "low": estimate - half,
            "high": estimate + half,
        }
    ]


def differs(q):
    return [{"factor": "wait_told", "outcome": "referral", "segment": "region", "differs_p": q / 2, "differs_q": q}]


def whom_of(*rows) -> list[str]:
    return [text.en for text in document(*rows).findings[0].whom]


def test_a_difference_between_groups_names_where_it_stands():
    rows = (driver_rows(), region("bac", 150, 0.05), region("trung", 120, 0.5), region("nam", 130, 0.4), differs(0.002))
    assert whom_of(*rows) == ["Seen in “Central”, “South”, not clearly in “North” (by “Region”)."]
    finding = document(*rows).findings[0]
    assert finding.whom[0].vi == "Thấy ở “Miền Trung”, “Miền Nam”, chưa thấy rõ ở “Miền Bắc” (theo “Region”).".replace(
        "Region", finding.holds.differences[0].label.vi
    )
    assert not any("Central" in text.en for text in finding.caveats)  # told once


def test_the_group_that_stands_out_is_named_and_only_with_the_test_of_the_difference():
    rows = [driver_rows(), region("bac", 150, 0.2), region("trung", 120, 0.25), region("nam", 130, 0.7)]
    assert whom_of(*rows, differs(0.01)) == ["Most clearly in “South” (by “Region”)."]
    assert whom_of(*rows, differs(0.2)) == ["Seen in every group looked at (by “Region”)."]
    assert whom_of(*rows) == []  # never tested, never said


def test_unequal_groups_none_of_which_stands_out():
    rows = (driver_rows(), region("bac", 150, 0.2), region("nam", 150, 0.35), differs(0.01))
    assert whom_of(*rows) == ["Seen in every group by “Region”, but not equally strongly."]


def test_groups_of_too_few_answers_are_not_named():
    rows = (driver_rows(), region("bac", 29, 0.05), region("trung", 120, 0.5), region("nam", 130, 0.4), differs(0.0001))
    (said,) = whom_of(*rows)
    assert "every group by “Region”" in said
    assert "North" not in said


def test_no_difference_is_not_told():
    rows = (driver_rows(), region("bac", 150, 0.05), region("nam", 250, 0.5), differs(0.2))
    assert whom_of(*rows) == ["The groups by “Region” cannot clearly be told apart."]
    assert caveats_of(*rows) == ""


def wave(name, estimate, n=100):
    return [
        {
            "factor": "wait_told",
            "outcome": "referral",
            "wave": name,
            "n": n,
            "estimate": estimate,
            "low": estimate - 0.1,
            "high": estimate + 0.1,
        }
    ]


def test_waves_in_which_it_was_not_seen_are_counted():
    said = caveats_of(driver_rows(), wave("2025-Q1", 0.4), wave("2025-Q2", 0.05), wave("2025-Q3", 0.4))
    assert "seen clearly in 2 of 3 waves." in said
    turned = caveats_of(driver_rows(), wave("2025-Q1", 0.4), wave("2025-Q2", -0.3))
    assert "in 1 of 2 waves, and pointed the other way in 1" in turned
    assert caveats_of(driver_rows(), wave("2025-Q1", 0.4), wave("2025-Q2", 0.3)) == ""


def test_the_shape_is_told_on_the_card_and_not_again():
    assert caveats_of(driver_rows(shape="hurts_when_fails", penalty=-1.53, reward=0.2)) == ""


def test_much_missing_and_questions_not_asked_in_every_wave():
    table = answers()
    table.loc[table.index % 5 < 2, "wait_told"] = np.nan
    assert "40% of the answers" in caveats_of(driver_rows(), table=table)
    table = answers()
    table.loc[table["wave"] == "2025-Q1", "referral"] = np.nan
    assert "asked in 3 of 4 waves only" in caveats_of(driver_rows(), table=table)


def test_few_places_and_what_is_shared_with_others():
    table = answers()
    table["unit"] = np.where(table.index % 2, "S01", "S02")
    assert "from 2 places only" in caveats_of(driver_rows(), table=table)
    assert "shared with the other factors" in caveats_of(driver_rows(adjusted=0.05))
