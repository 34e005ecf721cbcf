"""R6: causal words are found in both languages; the standing sentence is the only exception."""

from __future__ import annotations

import csv
from importlib.resources import files

import pytest

from cxlib.privacy.causal import causal_words, check_words, standing_sentence

SAID = [
    ("en", "Waiting drives referral."),
    ("en", "What drove it was the price."),
    ("en", "The key drivers of loyalty"),
    ("en", "It causes them to leave."),
    ("en", "A causal link"),
    ("en", "This had an impact on loyalty."),
    ("en", "IMPACTED by price"),
    ("en", "Thanks  to the new sheet"),
    ("en", "because of the wait"),
    ("en", "Due to the wait"),
    ("en", "This led to more referral."),
    ("en", "It results in loyalty."),
    ("en", "It affected them."),
    ("en", "the effect on loyalty"),
    ("en", "The roll-out raised the rating."),
    ("en", "It lowered loyalty."),
    ("en", "This influences referral."),
    ("en", "dri\u00adves referral"),
    ("vi", "Thời gian chờ gây ra sự khó chịu."),
    ("vi", "Giá tác động đến sự giới thiệu."),
    ("vi", "TÁC ĐỘNG mạnh"),
    ("vi", "Nhờ được báo trước, khách hài lòng."),
    ("vi", "do đó mà khách quay lại"),
    ("vi", "Điều này ảnh hưởng đến khách."),
    ("vi", "dẫn đến việc khách rời đi"),
    ("vi", "khiến khách quay lại"),
    ("vi", "Đây là nguyên nhân."),
    ("vi", "Impact của giá"),
    ("vi", "làm tăng sự giới thiệu"),
]


@pytest.mark.parametrize(("language", "text"), SAID)
def test_a_claim_of_a_cause_is_found_below_e4_and_allowed_from_it(language, text):
    for grade in (None, "E0", "E1", "E2", "E3", "EN", "EX", "E-"):
        assert check_words(text, language, grade), grade
    assert check_words(text, language, "E4") == []


def test_decomposed_letters_are_the_same_letters():
    import unicodedata

    assert causal_words(unicodedata.normalize("NFD", "Nhờ giá, tác động"), "vi") == ["nhờ", "tác động"]


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_standing_sentence_passes_and_nothing_near_it(language):
    standing = standing_sentence(language)
    assert causal_words(f"Khách … (412). {standing}", language) == []
    for other in (
        "This shows that it is the cause.",
        "This does not show it is the cause.",
        "It is not the cause.",
        "Điều này chứng tỏ đó là nguyên nhân.",
        "Đó chưa chắc là nguyên nhân.",
    ):
        assert causal_words(other, language), other
    assert causal_words(f"{standing} It is the cause.", "en")


@pytest.mark.parametrize(
    "text",
    [
        "Customers also tended to recommend us more.",
        "Seen in 3 of 4 waves, because few answered.",
        "Những khách đánh giá cao cũng thường sẵn lòng giới thiệu hơn.",
        "Ít hơn 5 người.",
    ],
)
def test_plain_sentences_pass(text):
    assert causal_words(text, "en") == causal_words(text, "vi") == []


def test_no_text_of_findings_claims_a_cause():
    source = files("cxlib.words").joinpath("findings.csv")
    with source.open(encoding="utf-8", newline="") as lines:
        for line in csv.DictReader(lines):
            assert [causal_words(line[language], language) for language in ("vi", "en")] == [[], []], line["key"]


def test_guiding_a_customer_somewhere_is_no_claim():
    assert causal_words("Nhân viên hướng dẫn đến quầy bảo hành", "vi") == []
    assert causal_words("Việc này dẫn đến nhiều lời khen", "vi") == ["dẫn đến"]
