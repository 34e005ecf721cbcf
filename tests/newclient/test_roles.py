"""What a column is taken for, on real surveys and on single columns."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from cxlib.newclient.profile import look_at
from cxlib.newclient.roles import ROLES, guess_roles

ROOT = Path(__file__).resolve().parents[2]


def _benchmark():
    spec = importlib.util.spec_from_file_location("new_roles_benchmark", ROOT / "benchmarks" / "new_roles.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.real
def test_nine_columns_in_ten_are_right_and_no_persons_column_is_kept():
    benchmark = _benchmark()
    if not benchmark.DATA.is_dir():
        pytest.skip("the real surveys are not beside the project (../shared/data)")
    rows = benchmark.measure()
    assert len(rows) == 614
    assert {row["role"] for row in rows} <= set(ROLES)
    used = [row["role"] in row["true"] for row in rows if not row["true"] & {"other", "person"}]
    assert sum(row["role"] in row["true"] for row in rows) >= 0.9 * len(rows)
    assert sum(used) >= 0.9 * len(used)  # not only those that are left alone
    assert not [row for row in rows if "person" in row["true"] and row["role"] in benchmark.KEPT]


@pytest.mark.real
def test_scales_and_missing_codes_of_real_surveys():
    benchmark = _benchmark()
    if not benchmark.DATA.is_dir():
        pytest.skip("the real surveys are not beside the project (../shared/data)")
    _, columns = look_at(benchmark.DATA / "sfo_airport" / "2017_SFO_Customer_Survey.csv", "2017")
    guesses = {guess.column.name: guess for guess in guess_roles(columns)}
    referral = guesses["NETPRO"].scale
    assert (referral.low, referral.high, referral.missing) == (0, 10, (11,))
    scales = {name: guesses[name].scale for name in ("Q7FOOD", "Q7LTPARKING", "Q9RESTROOM", "Q10SAFE", "Q14FIND")}
    assert {(scale.low, scale.high, scale.missing) for scale in scales.values()} == {(1, 5, (0, 6))}
    _, columns = look_at(benchmark.DATA / "mobiles" / "Mobiles_feedback_4_weeks.sav", "mobiles")
    guesses = {guess.column.name: guess for guess in guess_roles(columns)}
    assert (guesses["Q12_3"].scale.low, guesses["Q12_3"].scale.high, guesses["Q12_3"].scale.missing) == (1, 5, ())


def test_the_made_up_client_is_found_out_from_its_data_alone():
    from cxlib.params import load_params

    folder = ROOT / "params" / "demo"
    params = load_params(folder)
    _, columns = look_at(folder / "responses.csv", "demo")
    guesses = {guess.column.name: guess for guess in guess_roles(columns)}
    right = {question.column: "factor" for question in params.factors.values()}
    right |= {params.outcomes[key].column: key for key in params.outcomes}
    right |= {segment.column: "segment" for segment in params.segments.values()}
    right |= {params.respondent: "respondent", params.wave.column: "date", params.unit: "unit"}
    right |= {params.duration: "duration"} | dict.fromkeys(params.comments, "comment")
    assert {name: guess.role for name, guess in guesses.items()} == right
    for question in params.questions.values():  # slips of the keys are in the data, and 9 for no answer
        scale = guesses[question.column].scale
        assert (scale.low, scale.high) == question.scale
        assert set(question.missing) <= set(scale.missing)


def role(tmp_path: Path, name: str, cells: list, beside: str = "") -> str:
    """The role of one column beside twelve rows of something else."""
    lines = [f'"{name}",other', *(f'"{cell}",{number}' for number, cell in enumerate(cells))]
    (tmp_path / "one.csv").write_text("\n".join(lines), encoding="utf-8")
    return guess_roles(look_at(tmp_path / "one.csv", "one.csv")[1])[0].role


def many(*cells: object, times: int = 30) -> list:
    return [cells[number % len(cells)] for number in range(times)]


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        ("Email Address", many("a@example.org", "b@example.org")),
        ("Câu 7", many("a@example.org", "b@example.org", "c@example.org")),  # by its values
        ("Q12", many("0901234567", "0912 345 678", "+84 90 123 45 67")),
        ("Họ và tên", many("A B", "C D")),
        ("Tên khách hàng", many("A", "B")),
        ("Your full name", many("A B", "C D")),
        ("Q3", [f"Nguyễn Văn {chr(65 + n)}" for n in range(20)]),
        ("Số điện thoại liên hệ", many("1", "2")),
        ("SĐT", many("1", "2")),
        ("Địa chỉ", many("x", "y")),
        ("IP Address", many("10.0.0.1", "10.0.0.2")),
        ("addr", many("10.0.0.1", "10.0.0.2")),
        ("LocationLatitude", many("10.7769", "10.7770")),
        ("Zip code", many("94131", "94132")),
        ("Ngày sinh", many("01/02/1990", "03/04/1991")),
        ("CCCD", many("1", "2")),
        ("Biển số xe", many("x", "y")),
        ("staff_id", many("1", "2", "3")),
        ("Mã nhân viên", many("NV1", "NV2")),
        ("Nhân viên nào đã phục vụ anh/chị?", many("Lan", "Mai")),
        ("Who served you today?", many("Ann", "Bob")),
        ("Competitor", many("X", "Y")),
        ("Quầy", many("Lan", "Hương", "Trang", "Tuấn")),  # given names alone
    ],
)
def test_columns_of_persons(tmp_path, name, cells):
    assert role(tmp_path, name, cells) == "person"


@pytest.mark.parametrize(
    ("name", "cells", "expected"),
    [
        ("How likely are you to recommend us?", many(*range(11), times=44), "referral"),
        ("Bạn có giới thiệu cho bạn bè không?", many("Chắc chắn có", "Có lẽ có", "Chắc chắn không"), "referral"),
        ("Will you buy from us again?", many("Yes", "No"), "loyalty"),
        ("Anh/chị có tiếp tục sử dụng dịch vụ?", many(1, 2, 3, 4, 5), "loyalty"),
        ("Overall, how satisfied are you?", many(1, 2, 3, 4, 5), "overall"),
        ("How satisfied are you with our e-mails?", many(1, 2, 3, 4, 5), "factor"),
        ("Thái độ nhân viên", many("Hài lòng", "Bình thường", "Rất hài lòng"), "factor"),
        ("Staff were friendly", many("Agree", "Disagree", "Strongly agree"), "factor"),
        ("Rank these in order of preference", many(1, 2, 3, 4, 5), "other"),
        ("Age", many("18-24", "25-34", "35-44"), "segment"),
        ("Giới tính", many("Nam", "Nữ"), "segment"),
        ("Số lần mua trong năm", many("Thỉnh thoảng", "Thường xuyên", "Luôn luôn"), "segment"),
        ("Chi nhánh", many("Quận 1", "Quận 3", "Thủ Đức", "Hà Đông"), "unit"),
        ("weight", many("0.81", "1.19", "1.02"), "weight"),
        ("Duration (in seconds)", list(range(100, 140)), "duration"),
        ("Ngày mua hàng", many("13/02/2025", "14/03/2025", "15/04/2025"), "date"),
        ("wave", many("2024", "2025"), "wave"),
        ("customer_id", [f"C{n}" for n in range(30)], "respondent"),
        ("Vì sao?", [f"chờ lâu {n} phút ở quầy" for n in range(30)], "comment"),
        ("Màu", many("Xanh", "Đỏ", "Vàng", "Trắng"), "segment"),
        ("Rate our staff from 1 to 7", many(2, 3, 4, 5), "factor"),
        ("Referrer URL", many("https://example.org/a", "https://example.org/b"), "person"),
    ],
)
def test_roles_by_wording_and_values(tmp_path, name, cells, expected):
    assert role(tmp_path, name, cells) == expected


def test_an_empty_or_constant_column_is_not_used(tmp_path):
    assert role(tmp_path, "Q1", [""] * 20) == "other"
    assert role(tmp_path, "Q1", ["x"] * 20) == "other"


def scale(tmp_path: Path, name: str, cells: list):
    lines = [f'"{name}",other', *(f'"{cell}",{number}' for number, cell in enumerate(cells))]
    (tmp_path / "one.csv").write_text("\n".join(lines), encoding="utf-8")
    return guess_roles(look_at(tmp_path / "one.csv", "one.csv")[1])[0].scale


@pytest.mark.parametrize(
    ("name", "ends"),
    [
        ("Rate our staff from 1 to 7", (1, 7)),
        ("Đánh giá món ăn (thang điểm 1-10)", (1, 10)),
        ("How likely are you to recommend us, from 1 to 10?", (1, 10)),
        ("How satisfied are you? (1 = Very dissatisfied, 5 = Very satisfied)", (1, 5)),
        ("Bạn có giới thiệu chúng tôi không?", (1, 5)),
    ],
)
def test_the_ends_of_a_scale_that_nobody_chose(tmp_path, name, ends):
    found = scale(tmp_path, name, many(2, 3, 4, 5))
    assert (found.low, found.high) == ends


def test_a_question_that_says_that_one_is_the_best_is_turned_and_to_be_confirmed(tmp_path):
    found = scale(tmp_path, "Mức độ hài lòng (1 = Rất hài lòng, 5 = Rất không hài lòng)", many(1, 2, 3, 9))
    assert found.answers == {"1": 5, "2": 4, "3": 3, "4": 2, "5": 1}
    assert found.missing == (9,)
    assert not found.sure


def test_codes_beside_a_usual_scale_are_no_answers_and_slips_do_not_make_it_longer(tmp_path):
    cells = many(1, 2, 3, 4, 5, times=600)
    assert scale(tmp_path, "Please rate the food", [*cells, 9, 9, 9, 9, 9, 9, 99]).missing == (9, 99)
    found = scale(tmp_path, "Please rate the food", [*cells, 7, 55])
    assert (found.low, found.high, found.missing) == (1, 5, ())
    nine = scale(tmp_path, "Please rate the food", many(*range(1, 10), times=90))
    assert nine.high >= 9


def labelled(tmp_path: Path, asked: str, labels: dict[int, str]):
    """The guess on one column of codes with value labels."""
    import pandas as pd
    import pyreadstat

    table = pd.DataFrame({"Q1": [float(code) for code in many(*labels, times=60)]})
    pyreadstat.write_sav(
        table, str(tmp_path / "one.sav"), column_labels=[asked],
        variable_value_labels={"Q1": {float(code): text for code, text in labels.items()}},
    )  # fmt: skip
    return guess_roles(look_at(tmp_path / "one.sav", "one.sav")[1])[0]


@pytest.mark.parametrize(
    "labels",
    [
        ["Rất đồng ý", "Đồng ý", "Không ý kiến", "Không đồng ý", "Rất không đồng ý"],
        ["Chắc chắn tiếp tục", "Có thể tiếp tục", "Chưa biết", "Có thể không", "Chắc chắn không"],
        ["Rất hài lòng / Very satisfied", "Hài lòng / Satisfied", "Bình thường / Neutral",
         "Không hài lòng / Dissatisfied", "Rất không hài lòng / Very dissatisfied"],
    ],
)  # fmt: skip
def test_labels_from_best_to_worst_are_turned_also_with_a_middle_that_has_no_opinion(tmp_path, labels):
    guess = labelled(tmp_path, "Anh/chị đánh giá thế nào?", dict(enumerate(labels, 1)))
    assert guess.scale.answers == {"1": 5, "2": 4, "3": 3, "4": 2, "5": 1}
    assert not guess.scale.sure


def test_a_label_for_no_answer_beside_that_middle(tmp_path):
    labels = ["Chắc chắn tiếp tục", "Có thể tiếp tục", "Chưa biết", "Có thể không", "Chắc chắn không"]
    guess = labelled(tmp_path, "Anh/chị có tiếp tục sử dụng?", dict(enumerate(labels, 1)) | {9: "Từ chối trả lời"})
    assert guess.scale.answers == {"1": 5, "2": 4, "3": 3, "4": 2, "5": 1}
    assert guess.scale.missing == (9,)


def test_labels_that_are_not_understood_are_to_be_confirmed(tmp_path):
    guess = labelled(tmp_path, "Please rate the food", dict(enumerate(["Top", "Okayish", "So-so", "Meh", "Flop"], 1)))
    assert (guess.scale.low, guess.scale.high) == (1, 5)
    assert not guess.scale.sure
    assert "is the highest the best?" in guess.scale.why


@pytest.mark.parametrize("labels", [{1: "Có", 2: "Không"}, {1: "Yes", 2: "No", 3: "Don't know"}])
def test_yes_and_no_as_value_labels(tmp_path, labels):
    guess = labelled(tmp_path, "Would you recommend us?", labels)
    assert guess.role == "referral"
    assert guess.scale.answers == {"2": 0, "1": 1} | ({"3": None} if 3 in labels else {})


def test_codes_beside_ratings_by_their_wording_are_ratings_when_they_go_with_them(tmp_path):
    import numpy as np

    generator = np.random.default_rng(2)
    mood = generator.normal(size=120)
    columns = {"Product quality": 1, "Value for money": 1, "Packaging": 1, "Shelf": 0}
    told = {
        name: np.clip(np.round(3 + goes * mood + generator.normal(size=120)), 1, 5) for name, goes in columns.items()
    }
    lines = [",".join(columns), *(",".join(str(int(told[name][n])) for name in columns) for n in range(120))]
    (tmp_path / "one.csv").write_text("\n".join(lines), encoding="utf-8")
    guesses = {guess.column.name: guess for guess in guess_roles(look_at(tmp_path / "one.csv", "one.csv")[1])}
    assert [guesses[name].role for name in columns] == ["factor", "factor", "factor", "segment"]
    assert not guesses["Packaging"].sure or not guesses["Packaging"].scale.sure


def test_a_bare_no_is_the_end_of_a_scale_of_likelihood(tmp_path):
    found = scale(tmp_path, "Bạn sẽ quay lại?", many("Chắc chắn", "Có thể", "Không"))
    assert found.answers == {"Không": 1, "Có thể": 3, "Chắc chắn": 5}
    assert not found.sure


def test_what_somebody_wrote_among_the_steps_is_not_kept(tmp_path):
    wrote = "Never used because somebody with a name told me that it was closed"
    found = scale(
        tmp_path, "How satisfied are you with the food?", [*many("Satisfied", "Neutral", "Dissatisfied"), wrote]
    )
    assert wrote not in found.answers
    assert not found.sure
    found = scale(tmp_path, "Will you return?", [*many("Yes", "No", times=40), "Only if somebody with a name is there"])
    assert found.answers == {"No": 0, "Yes": 1}
