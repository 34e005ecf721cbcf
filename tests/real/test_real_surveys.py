"""Two real surveys are read and cleaned with known counts. They lie beside the project and are skipped where absent."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from cxlib.cleaning import CARELESS, Cleaned, clean
from cxlib.intake import Responses, read_responses
from cxlib.params import load_params

pytestmark = pytest.mark.real

HERE = Path(__file__).resolve().parent
DATA = HERE.parents[2] / "shared" / "data"
YEARS = {"2013": 3535, "2014": 2818, "2015": 2958, "2016": 3087, "2017": 2831}


def read_client(name: str) -> tuple[Responses, Cleaned]:
    if not DATA.is_dir():
        pytest.skip("the real surveys are not beside the project (../shared/data)")
    params = load_params(HERE / name)
    responses = read_responses(params, HERE / name)
    return responses, clean(responses, params, **params.cleaning.model_dump())


@pytest.fixture(scope="module")
def sfo() -> tuple[Responses, Cleaned]:
    return read_client("sfo")


@pytest.fixture(scope="module")
def mobiles() -> tuple[Responses, Cleaned]:
    return read_client("mobiles")


def cells(cleaned: Cleaned, field: str, wave: str | None = None) -> dict[str, int]:
    ledger = cleaned.ledger
    chosen = ledger[(ledger["what"] == "cells") & (ledger["field"] == field)]
    chosen = chosen if wave is None else chosen[chosen["wave"] == wave]
    return chosen.groupby("rule")["count"].sum().to_dict()


@pytest.mark.parametrize("name", ["sfo", "mobiles"])
def test_the_ledger_adds_up(name, request):
    responses, cleaned = request.getfixturevalue(name)
    for _, part in cleaned.ledger.groupby(["what", "source", "wave", "field"]):
        by_rule = part.set_index("rule")["count"]
        assert by_rule["read"] == by_rule.drop("read").sum()
    assert len(responses.table) == len(cleaned.answers) + len(cleaned.set_aside)


def test_sfo_rows_and_waves(sfo):
    responses, cleaned = sfo
    assert responses.table.groupby("wave").size().to_dict() == YEARS
    assert cleaned.answers.groupby("wave")["weight"].mean().round(9).eq(1).all()
    assert responses.asked["referral"] == {"2017"}
    assert responses.asked["overall"] == set(YEARS)
    assert all(responses.asked[key] == set(YEARS) for key in ("food", "clean_restrooms", "security", "getting_there"))


def test_sfo_referral_of_2017(sfo):
    _, cleaned = sfo
    counts = cells(cleaned, "referral")
    assert (counts["read"], counts["valid"], counts["declared_missing"], counts["blank"]) == (2831, 2746, 84, 1)
    both = pd.concat([cleaned.answers, cleaned.set_aside])
    assert (both["referral"] == 0).sum() == 17  # zero is an answer


def test_sfo_zero_six_and_blank_are_missing_in_the_ratings(sfo):
    _, cleaned = sfo
    counts = cells(cleaned, "overall", "2017")
    assert (counts["word"], counts["valid"], counts["out_of_scale"]) == (143, 2688, 0)
    food = cells(cleaned, "food", "2013")
    assert (food["valid"], food["declared_missing"]) == (2830, 705)


def test_mobiles_waves_and_missing_ranges(mobiles):
    responses, cleaned = mobiles
    assert len(responses.table) == 895
    waves = {"2019-W30": 212, "2019-W31": 270, "2019-W32": 203, "2019-W33": 210}
    assert responses.table.groupby("wave").size().to_dict() == waves
    missing = [cells(cleaned, key)["user_missing"] for key in
               ("bill", "plans", "support", "change_plan", "cancel", "check_usage")]  # fmt: skip
    assert missing == [24, 22, 44, 71, 137, 56]
    assert cells(cleaned, "coverage")["valid"] == 895


def test_mobiles_segment_has_its_labels_and_nobody_is_identified(mobiles):
    _, cleaned = mobiles
    assert {"AT&T", "Verizon"} <= set(cleaned.answers["provider"])
    assert "seconds" not in cleaned.answers
    rules = cleaned.set_aside["rule"].value_counts().to_dict()
    assert rules["speeding"] == 12
    assert set(rules) - set(CARELESS) == {"too_few_factors"}


def test_an_export_with_two_header_rows_is_read(tmp_path):
    if not DATA.is_dir():
        pytest.skip("the real surveys are not beside the project (../shared/data)")
    from cxlib.cleaning.cells import REASONS, read_answers
    from cxlib.intake.formats import open_file

    path = DATA / "two_header_rows" / "StarWars.csv"
    opened = open_file(path, path.name)
    assert len(opened.names) == len(set(opened.names)) == 38
    (yoda,) = [position for position, name in enumerate(opened.names) if name.endswith("[Yoda]")]
    taken = opened.take([0, yoda])
    assert len(taken.rows) == 1186
    assert taken.rows[0] == 1
    answers = {"Very favorably": 5, "Somewhat favorably": 4, "Neither favorably nor unfavorably (neutral)": 3}
    answers |= {"Somewhat unfavorably": 2, "Very unfavorably": 1, "Unfamiliar (N/A)": None}
    read = read_answers(pd.Series(taken.cells[1]), (1, 5), answers=answers)
    counts = {REASONS[reason]: int((read.reasons == reason).sum()) for reason in set(read.reasons.tolist())}
    assert counts == {"valid": 816, "declared_missing": 10, "blank": 360}
