"""Which comments speak of a factor, how many answers they come from, and which two are shown."""

from __future__ import annotations

import unicodedata

import pandas as pd
import pytest
from support_findings import params

from cxlib.findings.heard import Comment, Mentions, choose_quotes, find_mentions


def table(*comments, rating=3.0, waves=None):
    frame = pd.DataFrame({"why": pd.Series(comments, dtype=object), "wait_told": rating})
    frame["wave"] = waves or ["w1"] * len(comments)
    return frame


@pytest.mark.parametrize(
    ("comment", "found"),
    [
        ("Phải chờ rất lâu", True),
        ("CHỜ lâu quá", True),
        (unicodedata.normalize("NFD", "Phải chờ lâu"), True),
        ("Chờ, rồi về", True),
        ("Cho tôi hỏi", False),
        ("chờn vờn", False),
        ("đợi  chờ", True),
        ("", False),
        (None, False),
    ],
)
def test_whole_words_in_any_case_and_form(comment, found):
    mentions = find_mentions(table(comment), params())["wait_told"]
    assert bool(mentions.comments) is found


def test_a_phrase_may_be_broken_by_any_blank_and_special_signs_are_no_patterns():
    factors = params().model_dump(mode="json")["factors"]
    factors["wait_told"]["mentions"] = ["thời gian chờ", "c++ (a|b)"]
    asked = params(factors=factors)
    for comment in ("Thời  gian\nchờ lâu", "dùng C++ (A|B) mãi"):
        assert find_mentions(table(comment), asked)["wait_told"].comments


def test_answers_are_counted_and_not_comments_and_by_wave():
    asked = params(comments=["why", "more"])
    frame = table("chờ", "chờ mãi", "không", waves=["w1", "w2", "w2"])
    frame["more"] = ["vẫn chờ", None, "phải đợi"]
    mentions = find_mentions(frame, asked)["wait_told"]
    assert dict(mentions.by_wave) == {"w1": 1, "w2": 2}
    assert len(mentions.comments) == 4


def comments(*items):
    return Mentions({"w": len(items)}, tuple(Comment(text, "w", rating) for text, rating in items))


def sentence(words: str, length: int) -> str:
    return (words + " " + "abcdefghij " * 40)[:length].strip()


def test_at_most_two_of_middling_length_always_the_same():
    factor = params().factors["wait_told"]
    texts = [
        f"{letter * 5} {sentence(letter * 3, length)}"
        for letter, length in zip("abcdef", (5, 40, 60, 80, 100, 350), strict=True)
    ]
    found = choose_quotes(comments(*((text, 3.0) for text in texts)), factor, "every_step")
    assert len(found) == 2
    assert all(30 <= len(quote.text) <= 200 for quote in found)
    assert found == choose_quotes(comments(*((text, 3.0) for text in reversed(texts))), factor, "every_step")


def test_low_raters_are_preferred_where_it_hurts_and_high_raters_where_it_delights():
    factor = params().factors["wait_told"]
    said = [
        ("một hai ba bốn năm sáu bảy tám chín", 1.0),
        ("hài lòng vì nhân viên nhanh nhẹn lắm", 5.0),
        ("mười mười một mười hai mười ba nữa", 2.0),
        ("vui vẻ nhiệt tình chu đáo hết sức luôn", 4.0),
    ]
    low = {quote.text for quote in choose_quotes(comments(*said), factor, "hurts_when_fails")}
    high = {quote.text for quote in choose_quotes(comments(*said), factor, "delights")}
    assert low == {said[0][0], said[2][0]}
    assert high == {said[1][0], said[3][0]}


def test_two_comments_that_say_the_same_are_not_both_shown():
    factor = params().factors["wait_told"]
    said = [("Phải chờ ở quầy hơn một tiếng đồng hồ", None), ("phải CHỜ ở quầy hơn một  tiếng đồng hồ!", None)]
    assert len(choose_quotes(comments(*said), factor, "every_step")) == 1


def test_the_text_is_kept_word_for_word_and_a_very_long_one_is_not_cut_but_left():
    factor = params().factors["wait_told"]
    text = 'Chờ <b>lâu</b> & "bực"\tmột tiếng đồng hồ liền'
    assert choose_quotes(comments((text, None)), factor, "unclear")[0].text == text
    assert choose_quotes(comments(("chờ " * 200, None)), factor, "unclear") == ()
    assert choose_quotes(comments(), factor, "unclear") == ()
