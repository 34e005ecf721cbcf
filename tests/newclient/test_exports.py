"""Each survey tool's export, in its documented form, becomes parameters that read the right numbers."""

from __future__ import annotations

import made_up_exports as made_up
import numpy as np
import pytest

from cxlib.cleaning import clean
from cxlib.intake import read_responses
from cxlib.newclient.new import new_client


@pytest.fixture(params=made_up.EXPORTS)
def export(request, tmp_path):
    return request.param, made_up.EXPORTS[request.param](tmp_path)


def test_the_export_is_read_to_the_right_numbers(export, tmp_path):
    kind, path = export
    made = new_client("shop", [path], tmp_path / "params")
    assert made.problems == ()
    params = made.params
    assert list(params.outcomes) == ["referral", "loyalty"]
    assert len(params.factors) == 3
    assert len(params.segments) == 1
    assert len(params.comments) == (0 if kind == "spss" else 1)
    assert (params.wave is None) == (kind == "spss")
    assert params.outcomes["referral"].scale == (0, 10)
    assert all(factor.scale == (1, 5) for factor in params.factors.values())
    answers = clean(
        read_responses(params, made.path.parent), params, straightlining=False, min_answered=0.0, duplicates=False
    ).answers
    told = made_up.answers()
    assert len(answers) == made_up.ROWS
    np.testing.assert_array_equal(answers["referral"], told.referral)
    np.testing.assert_array_equal(answers["loyalty"], told.loyalty)
    np.testing.assert_array_equal(answers[list(params.factors)], told.factors)
    (segment,) = params.segments
    assert list(answers[segment]) == told.group
    if params.wave:
        assert params.wave.every == "month"
        assert sorted(set(answers["wave"])) == ["2025-01", "2025-02", "2025-03", "2025-04"]


def test_nothing_of_a_person_is_kept(export, tmp_path):
    _, path = export
    made = new_client("shop", [path], tmp_path / "params")
    kept = set(made.params.columns().values())
    left_out = {name for name, _ in made.left_out}
    assert not kept & left_out
    text = made.path.read_text(encoding="utf-8")
    for row in range(3):
        assert not any(value in text for value in made_up.people(row).values())
    named = {"IPAddress", "RecipientEmail", "LocationLatitude", "LocationLongitude", "IP Address", "ipaddr",
             "IP address", "Địa chỉ email", "Họ và tên", "Số điện thoại", "Email", "Name"}  # fmt: skip
    from cxlib.intake.formats import open_file

    assert named & set(open_file(path, path.name).names) <= left_out


def test_keys_come_from_the_wording(tmp_path):
    made = new_client("shop", [made_up.google_csv(tmp_path)], tmp_path / "params")
    assert list(made.params.factors) == ["mon_an", "thai_do_nhan_vien", "gia_ca"]
    assert made.params.language == "vi"
    assert made.params.factors["mon_an"].label.vi == "Món ăn"


def test_codes_that_do_not_say_which_end_is_best_are_to_be_confirmed(tmp_path):
    made = new_client("shop", [made_up.limesurvey_codes(tmp_path)], tmp_path / "params")
    keys = {item.key for item in made.confirm}
    assert {f"factors.{key}" for key in made.params.factors} <= keys


def test_labels_that_run_from_best_to_worst_are_turned_and_to_be_confirmed(tmp_path):
    made = new_client("shop", [made_up.spss(tmp_path)], tmp_path / "params")
    food = made.params.factors["food"]
    assert food.answers == {"1": 5, "2": 4, "3": 3, "4": 2, "5": 1}
    assert "factors.food" in {item.key for item in made.confirm}
