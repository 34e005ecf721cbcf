"""Words of ordered scales get their numbers, however they are written and in whatever order they are met."""

from __future__ import annotations

import unicodedata

import pytest

from cxlib.intake.text_scales import is_no_answer, phrase, read_text_scale, runs_down

SCALES = {  # from the lowest to the highest
    "satisfaction": [
        "Very dissatisfied | Dissatisfied | Neutral | Satisfied | Very satisfied",
        "Extremely dissatisfied | Somewhat dissatisfied | Neither satisfied nor dissatisfied | Somewhat satisfied "
        "| Extremely satisfied",
        "Very dissatisfied | Dissatisfied | Satisfied | Very satisfied",
        "Rất không hài lòng | Không hài lòng | Bình thường | Hài lòng | Rất hài lòng",
        "Không hài lòng | Bình thường | Hài lòng",
        "Extremely dissatisfied | Moderately dissatisfied | Slightly dissatisfied | Neither satisfied nor dissatisfied "
        "| Slightly satisfied | Moderately satisfied | Extremely satisfied",
    ],
    "agreement": [
        "Strongly disagree | Disagree | Neither agree nor disagree | Agree | Strongly agree",
        "Hoàn toàn không đồng ý | Không đồng ý | Trung lập | Đồng ý | Hoàn toàn đồng ý",
        "Hoàn toàn không đồng ý | Không đồng ý | Không có ý kiến | Đồng ý | Hoàn toàn đồng ý",
        "Strongly disagree | Disagree | Somewhat disagree | Neither agree nor disagree | Somewhat agree | Agree "
        "| Strongly agree",
    ],
    "likelihood": [
        "Very unlikely | Unlikely | Neutral | Likely | Very likely",
        "Not at all likely | Not so likely | Somewhat likely | Very likely | Extremely likely",
        "Chắc chắn không | Có lẽ không | Chưa chắc | Có lẽ có | Chắc chắn có",
    ],
    "frequency": [
        "Never | Rarely | Sometimes | Often | Always",
        "Không bao giờ | Hiếm khi | Thỉnh thoảng | Thường xuyên | Luôn luôn",
    ],
    "quality": [
        "Poor | Fair | Good | Very good | Excellent",
        "Rất kém | Kém | Trung bình | Tốt | Rất tốt",
        "Kém | Trung bình | Khá | Tốt | Xuất sắc",
    ],
    "ease": [
        "Very difficult | Difficult | Neither easy nor difficult | Easy | Very easy",
        "Rất khó | Khó | Bình thường | Dễ | Rất dễ",
    ],
    "importance": [
        "Not at all important | Slightly important | Moderately important | Very important | Extremely important",
        "Rất không quan trọng | Không quan trọng | Bình thường | Quan trọng | Rất quan trọng",
    ],
}
CASES = [(family, steps.split(" | ")) for family, scales in SCALES.items() for steps in scales]


def without_marks(text: str) -> str:
    parts = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return "".join(sign for sign in parts if not unicodedata.combining(sign))


@pytest.mark.parametrize(("family", "steps"), CASES)
@pytest.mark.parametrize("write", [str, str.upper, without_marks, lambda text: f"  {text.lower()}. "])
@pytest.mark.parametrize("turned", [False, True])
def test_every_step_gets_its_number(family, steps, write, turned):
    written = [write(step) for step in steps]
    scale = read_text_scale(written[::-1] if turned else written)
    assert scale.scale == (1, len(steps))
    assert [scale.answers[text] for text in written] == list(range(1, len(steps) + 1))
    assert scale.sure


@pytest.mark.parametrize(("family", "steps"), [case for case in CASES if len(case[1]) == 5])
def test_a_step_that_nobody_chose_keeps_its_place(family, steps):
    scale = read_text_scale(steps[1:])
    assert scale.scale == (1, 5)
    assert [scale.answers[step] for step in steps[1:]] == [2, 3, 4, 5]
    assert list(scale.unseen.values()) == [1]


@pytest.mark.parametrize(
    "word",
    ["Not applicable", "N/A", "n/a ", "Don't know", "I don’t know", "Không biết", "khong ap dung", "Chưa sử dụng",
     "Never used", "Unfamiliar (N/A)", "Prefer not to say"],
)  # fmt: skip
def test_no_answer_in_words(word):
    assert is_no_answer(word)
    scale = read_text_scale([word, "Very dissatisfied", "Dissatisfied", "Neutral", "Satisfied", "Very satisfied"])
    assert scale.answers[word] is None
    assert scale.scale == (1, 5)


def test_a_neutral_that_says_it_has_no_opinion_is_a_step_only_where_one_is_missing():
    five = ["Hoàn toàn không đồng ý", "Không đồng ý", "Trung lập", "Đồng ý", "Hoàn toàn đồng ý"]
    assert read_text_scale([*five, "Không có ý kiến"]).answers["Không có ý kiến"] in (None, 3)
    assert read_text_scale([*five[:2], "Không có ý kiến", *five[3:]]).answers["Không có ý kiến"] == 3


def test_no_opinion_is_no_answer_beside_another_middle_and_unsure_between_four_steps():
    four = ["Rất không hài lòng", "Không hài lòng", "Hài lòng", "Rất hài lòng"]
    beside = read_text_scale([*four, "Bình thường", "Không ý kiến"])
    assert beside.answers["Không ý kiến"] is None
    assert beside.answers["Bình thường"] == 3
    assert beside.sure
    assert not read_text_scale([*four, "Không ý kiến"]).sure


@pytest.mark.parametrize(
    "labels",
    [
        ["Rất hài lòng / Very satisfied", "Hài lòng / Satisfied", "Bình thường / Neutral",
         "Không hài lòng / Dissatisfied", "Rất không hài lòng / Very dissatisfied"],
        ["Very satisfied (Rất hài lòng)", "Satisfied (Hài lòng)", "Neutral (Bình thường)",
         "Dissatisfied (Không hài lòng)", "Very dissatisfied (Rất không hài lòng)"],
        ["Chắc chắn sẽ quay lại", "Có thể sẽ quay lại", "Chưa biết", "Có thể sẽ không quay lại",
         "Chắc chắn sẽ không quay lại"],
        ["Definitely would recommend", "Probably would recommend", "Might or might not recommend",
         "Probably would not recommend", "Definitely would not recommend"],
        ["Yes, definitely", "Yes, probably", "Not sure", "Probably not", "No, definitely not"],
        ["Rất sẵn lòng", "Sẵn lòng", "Bình thường", "Không sẵn lòng", "Rất không sẵn lòng"],
    ],
)  # fmt: skip
def test_steps_in_two_languages_or_with_what_would_be_done(labels):
    scale = read_text_scale([*labels, "KB/KTL"])
    assert [scale.answers[label] for label in labels] == [5, 4, 3, 2, 1]
    assert scale.answers["KB/KTL"] is None
    assert scale.sure


def test_two_languages_that_differ_are_to_be_confirmed():
    labels = ["Hài lòng / Dissatisfied", "Bình thường / Neutral", "Không hài lòng / Satisfied"]
    assert not read_text_scale(labels).sure


def test_words_at_the_ends_that_are_not_known_leave_the_numbers():
    scale = read_text_scale(["1 (Không)", "2", "3", "4", "5 (Có chứ)"])
    assert list(scale.answers.values()) == [1, 2, 3, 4, 5]
    assert scale.strange
    assert not scale.sure
    assert read_text_scale(["1 child", "2", "3 children", "4", "5"]) is None


@pytest.mark.parametrize(
    ("labels", "numbers", "needed"),
    [
        (["5 - Excellent", "4", "3", "2", "1 - Poor"], [5, 4, 3, 2, 1], False),
        (["Not at all likely - 0", *map(str, range(1, 10)), "Extremely likely - 10"], list(range(11)), True),
        (["Rất hài lòng (5)", "Bình thường (3)", "Rất không hài lòng (1)"], [5, 3, 1], True),
        (["1. Very satisfied", "2. Satisfied", "4. Dissatisfied", "5. Very dissatisfied"], [5, 4, 2, 1], True),
        (["⭐⭐⭐⭐⭐", "⭐⭐", "★☆☆☆☆"], [5, 2, 1], True),
        (["5 sao", "4 sao", "1 sao"], [5, 4, 1], False),
        (["10 - Rất sẵn lòng", *map(str, range(9, 0, -1)), "0 - Hoàn toàn không"], list(range(10, -1, -1)), False),
        (["5/5", "4/5", "1/5"], [5, 4, 1], True),
        (["5 - Rất tốt / Very good", "4", "3", "2", "1 - Rất tệ / Very bad"], [5, 4, 3, 2, 1], False),
    ],
)
def test_numbers_beside_the_words(labels, numbers, needed):
    scale = read_text_scale(labels)
    assert [scale.answers[label] for label in labels] == numbers
    assert scale.needed is needed


@pytest.mark.parametrize(
    "labels",
    [["Male", "Female"], ["Yes", "No"], ["Có", "Không"], ["18-29", "30-44", "45-60"], ["1 lần", "2 lần"],
     ["North", "South"], ["$0 - $24,999", "$25,000 - $49,999"],
     ["Mobile", "Website", "Store"], ["Good"], [], ["2016", "2017"]],
)  # fmt: skip
def test_other_words_are_no_scale(labels):
    assert read_text_scale(labels) is None


def test_value_labels_that_run_from_best_to_worst():
    assert runs_down({1.0: "Rất tốt", 2.0: "Tốt", 5.0: "Rất kém", 9.0: "Không biết"})
    assert not runs_down({1.0: "Very difficult", 5.0: "Very easy"})
    assert runs_down({1.0: "Rất tốt / Very good", 5.0: "Rất kém / Very poor"})
    assert runs_down({1.0: "Chắc chắn tiếp tục", 5.0: "Chắc chắn không"})
    assert not runs_down({1.0: "Alabama", 2.0: "Alaska"})


def test_phrase():
    assert phrase("Đồng ý!") == phrase("DONG Y") == "dong y"
