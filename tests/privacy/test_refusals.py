"""R1 to R4: what is asked and refused, with a way out; and what only looks like it."""

from __future__ import annotations

import pytest

from cxlib.privacy.refusals import check_title, refuse_columns, refuse_params, refuse_request

GOOD = {
    "client": "demo",
    "title": {"vi": "Khách của 24 điểm bán năm 2025", "en": "Customers of a 5 star hotel, 2025"},
    "question": "which-factors",
    "outcomes": {"referral": {"column": "nps", "scale": [0, 10], "label": {"en": "How would you rank us?"}}},
    "factors": {"ranking_clear": {"column": "target", "label": {"en": "Best score ever"}, "mentions": ["điểm"]}},
    "segments": {"channel": {"column": "channel", "values": {"best": {"en": "Best"}}}},
    "analysis": {"q": 0.05},
}


def test_ordinary_parameters_are_not_refused():
    assert refuse_request(GOOD) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"rank_by": "referral"}, "ranking"),
        ({"ranking": True}, "ranking"),
        ({"analysis": {"rank_units": True}}, "ranking"),
        ({"xep_hang": "cua_hang"}, "ranking"),
        ({"leaderboard": {"by": "store"}}, "ranking"),
        ({"views": {"sort_by": "score"}}, "order by score"),
        ({"sap_xep_theo": "điểm"}, "order by score"),
        ({"target_score": 45}, "target on a score"),
        ({"targets": {"nps": 45}}, "target on a score"),
        ({"kpi": "nps"}, "target on a score"),
        ({"factors": {"wait": {"target": 4.5}}}, "target on a score"),
        ({"muc_tieu": {"referral": 50}}, "target on a score"),
        ({"headline": "nps"}, "headline"),
        ({"show_score": True}, "headline"),
        ({"competitor": "other-chain"}, "competitors"),
        ({"benchmark": {"industry": 40}}, "competitors"),
        ({"doi_thu": ["x"]}, "competitors"),
        ({"question": "what-is-our-nps"}, "asks for a score"),
        ({"question": "Which store is the best?"}, "asks for a ranking"),
        ({"question": "Điểm số của chúng tôi là bao nhiêu"}, "asks for a score"),
        ({"question": "xếp hạng cửa hàng"}, "asks for a ranking"),
        ({"title": {"en": "NPS 45", "vi": "Khách hàng"}}, "score stands in the title"),
        ({"title": {"en": "Customers", "vi": "Điểm hài lòng 8,5"}}, "score stands in the title"),
        ({"title": {"en": "What drives loyalty", "vi": "Khách hàng"}}, "claims a cause"),
    ],
)
def test_what_is_asked_is_refused_with_its_place_and_a_way_out(change, said):
    problems = refuse_request({**GOOD, **change})
    assert [problem for problem in problems if said in problem.what], problems
    for problem in problems:
        assert problem.where.startswith("params.yaml (")
        assert problem.how


def test_a_ranking_is_answered_with_how_unstable_it_is():
    assert "median rank of 10" in refuse_request({"rank_by": "x"})[0].how


def test_a_score_question_is_answered_with_a_better_one():
    assert "which-factors" in refuse_request({"question": "nps?"})[0].how


@pytest.mark.parametrize(
    "name",
    [
        "employee",
        "Employee ID",
        "staff_id",
        "STAFF",
        "agent",
        "teller",
        "cashier_name",
        "ma_nv",
        "MaNV",
        "nvbh",
        "NVBH_01",
        "nhan_vien",
        "Mã nhân viên",
        "tên thu ngân",
        "giao_dich_vien",
        "served_by",
        "sales rep",
        "interviewer_id",
        "empno",
        "technician",
        "Nhân viên bán hàng",
        "cua_hang_truong",
        "branch manager",
        "nv_phu_trach",
        "Bác sĩ điều trị",
        "Housekeeper",
        "Account Manager",
    ],
)
def test_a_column_that_tells_the_employee_is_refused_and_named(name):
    problems = refuse_columns([name])
    assert len(problems) == 1
    assert f"'{name}'" in problems[0].what
    assert "unit" in problems[0].how


@pytest.mark.parametrize(
    "name",
    [
        "staff_friendly",
        "doctor_explained_well",
        "Thái độ bác sĩ",
        "Q5_staff_listened",
        "staff_explain",
        "nhan_vien_than_thien",
        "store",
        "region",
        "nv_tu_van_de_hieu_khong",
        "management_style",
        "agency",
        "represent",
        "id",
        "number",
        "service",
        "operator",
        "seller",
        "competitive_price",
        "tenure",
    ],
)
def test_a_rating_of_staff_or_another_column_is_not_refused(name):
    assert refuse_columns([name]) == []


def test_a_question_about_staff_may_be_called_staff():
    assert refuse_columns(["staff"], ratings={"staff"}) == []
    assert refuse_columns(["staff_id"], ratings={"staff_id"})


@pytest.mark.parametrize("name", ["competitor", "rating_competitor_a", "Đối thủ", "rival_price"])
def test_a_competitor_column_is_refused(name):
    assert "competitor" in refuse_columns([name])[0].what


def test_typed_parameters_are_looked_at_as_a_whole():
    from support_findings import params

    assert refuse_params(params()) == []
    assert refuse_params(params(unit="ma_nv"))
    assert refuse_params(params(segments={"who": {"column": "Cashier"}}))


@pytest.mark.parametrize(
    ("title", "fits"),
    [
        ("Passengers at San Francisco International Airport", True),
        ("Khách đi máy bay 2013 - 2017", True),
        ("Điểm đến của khách 2024", True),
        ("Our CSAT", False),
        ("Rated 8.4/10 by customers", False),
        ("Score: 45", False),
        ("Tác động của giá", False),
    ],
)
def test_titles(title, fits):
    assert (check_title(title, "vi") == []) is fits
