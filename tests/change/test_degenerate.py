"""What a survey or a log can lack: always a row with a reason, never an exception or a warning."""

import warnings
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from made_up import EVERYONE, QUARTERS, evidence, name, params, record, row, stores, survey

from cxlib.actions import ScopeRule
from cxlib.change.codes import CAPS, METHODS, REASONS

GRADES = {"", "E0", "E2", "E3", "E4", "EN", "EX", "E-"}


def told(answers, one=None, **more):
    found = row(evidence(answers, *([record()] if one is None else one if isinstance(one, tuple) else (one,)), **more))
    return found["reason"], found["grade"], found["method"]


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"status": "planned"}, "planned"),
        ({"status": "none", "start": None}, "none_status"),
        ({"status": "stopped", "recorded_on": date(2025, 6, 30)}, "not_begun"),
        ({"status": "stopped", "start": None}, "not_begun"),
        ({"start": None}, "no_dates"),
        ({"start": date(2026, 6, 1)}, "no_after"),
        ({"start": date(2024, 6, 1)}, "no_before"),
        ({"scope": ScopeRule(False, (("unit", ("S99", "S98")),))}, "nowhere"),
        ({"scope": ScopeRule(False, (("nothing", ("x",)),))}, "nowhere"),
        ({"full_effect": date(2027, 1, 1)}, "no_after"),
    ],
)
def test_why_there_is_nothing_to_say(more, reason):
    assert told(survey(), record(**more)) == (reason, "", "")


def test_unknown_stores_beside_known_ones_are_left_out():
    scope = ScopeRule(False, (("unit", ("S00", "S01", "S02", "S03", "S04", "S99")),))
    assert told(survey(effect=0.8, acted=range(5), seed=3), record(scope=scope)) == ("", "E3", "did")


def test_names_are_read_as_people_write_them():
    scope = ScopeRule(False, (("unit", (" s00", "s01 ", "S02", "S03", "s04")),))
    assert told(survey(effect=0.8, acted=range(5), seed=3), record(scope=scope))[2] == "did"


def test_no_answers_at_all():
    assert told(survey().iloc[:0]) == ("nowhere", "", "")


def test_one_wave():
    assert told(survey(waves=QUARTERS[1:2])) == ("no_after", "", "")
    assert told(survey(waves=QUARTERS[2:3])) == ("no_before", "", "")


def test_no_waves():
    answers = survey()
    answers["wave"] = None
    assert told(answers) == ("no_dates", "", "")
    assert told(answers.drop(columns="wave")) == ("no_dates", "", "")


def test_the_question_was_not_asked():
    assert told(survey().drop(columns="wait")) == ("not_asked", "", "")
    assert told(survey().assign(wait=np.nan)) == ("not_asked", "", "")


def test_the_question_was_not_asked_before():
    answers = survey()
    answers.loc[answers["wave"] < "2025-Q3", "wait"] = np.nan
    assert told(answers)[0] == "no_before"


def test_one_person():
    answers = survey(units=1, waves=QUARTERS[1:3], each=1)
    assert told(answers, record(scope=EVERYONE)) == ("few", "E0", "")


def test_no_unit_declared():
    answers = survey().drop(columns="unit")
    assert told(answers, record(scope=EVERYONE), asked=params(unit=None))[2] == "difference"
    assert told(answers, record(scope=EVERYONE))[2] == "difference"  # declared, and not there


def test_units_that_nobody_knows():
    answers = survey()
    answers["unit"] = None
    assert told(answers) == ("nowhere", "", "")
    assert told(answers, record(scope=EVERYONE))[2] == "difference"


def test_stores_that_opened_or_closed_have_no_change():
    answers = survey()
    answers = answers[~((answers["unit"] == "S07") & (answers["wave"] < "2025-Q3"))]
    assert row(evidence(answers, record()))["others_units"] == 24


def test_all_answers_alike():
    assert told(survey().assign(wait=4.0))[0] == "constant"
    assert told(survey().assign(wait=4.0), record(scope=EVERYONE))[0] == "constant"


def test_weights_that_are_missing_or_nothing():
    answers = survey()
    answers["weight"] = np.where(np.arange(len(answers)) % 3, 1.0, np.nan)
    answers.loc[::7, "weight"] = 0.0
    found = row(evidence(answers, record(), asked=params(weight="w")))
    assert found["n_before"] < 200
    assert found["grade"] in GRADES


def test_comparison_that_answers_nothing():
    nobody = ScopeRule(False, (("unit", ("S99",)),))
    assert told(survey(), record(comparison=nobody))[2] == "difference"


def test_a_scope_that_names_everyone_by_name():
    assert told(survey(), record(scope=stores(range(30))))[2] == "difference"


def test_no_action_log():
    found = evidence(survey())
    assert len(found.table) == len(found.periods) == len(found.events) == 0


def test_a_day_that_is_no_day_falls_back_to_the_wave():
    answers = survey().assign(day=pd.NaT)
    assert told(answers)[2] == "did"


def any_day(rng):
    return date(2025, 2, 1) + timedelta(days=int(rng.integers(0, 360)))


def any_scope(rng):
    kind = rng.integers(0, 8)
    if kind == 0:
        return EVERYONE
    if kind == 1:
        return ScopeRule(False, (("region", (str(rng.choice(["north", "south", "east"])),)),))
    if kind == 2:
        return ScopeRule(False, (("channel", (str(rng.choice(["web", "store"])),)),), ("pay",))
    size = rng.integers(3, 8) if kind < 7 else rng.integers(1, 11)
    return stores(sorted(rng.choice(10, size, replace=False)))


def any_action(rng):
    """An action as people log them, and as they should not."""
    scope, start, more = any_scope(rng), any_day(rng), {}
    units = scope.values("unit")
    if units and rng.random() < 0.4:
        days = [any_day(rng) for _ in units]
        more = {"starts": tuple(zip(units, days, strict=True)), "start": min(days)}
    return record(
        **{
            "id": str(rng.choice(["A1", "A2"])),
            "factors": ("wait",) if rng.random() < 0.7 else ("wait", "staff"),
            "scope": scope,
            "start": start if rng.random() < 0.95 else None,
            "status": str(rng.choice(["doing", "done", "stopped", "planned", "none"], p=[0.5, 0.3, 0.1, 0.05, 0.05])),
            "scope_chosen_by": str(rng.choice(["random", "worst", "worst in 2025-Q2", "worst in ?", "other"])),
            "direction": str(rng.choice(["up", "down"])),
            "full_effect": any_day(rng) if rng.random() < 0.2 else None,
            "no_comparison": bool(rng.random() < 0.1),
            "comparison": any_scope(rng) if rng.random() < 0.2 else None,
            "smallest_worthwhile": float(rng.uniform(0.01, 1)) if rng.random() < 0.7 else None,
            "recorded_on": any_day(rng),
            **more,
        }
    )


def any_survey(rng):
    """Answers of any size, with days, people, weights and gaps or without."""
    size = int(rng.choice([0, 1, 5, 80, 400, 900, 1500], p=[0.03, 0.02, 0.05, 0.1, 0.2, 0.3, 0.3]))
    waves = list(QUARTERS[: rng.integers(1, 7)]) if rng.random() < 0.9 else ["first", "second"]
    months = [f"{year}-{month:02d}" for year in (2024, 2025) for month in range(1, 13)]
    answers = pd.DataFrame({"wave": rng.choice(np.array(waves if rng.random() < 0.8 else months, dtype=object), size)})
    constant = rng.random() < 0.05
    for key, high in {"wait": 5, "staff": 5, "loyalty": 5, "referral": 10}.items():
        answers[key] = 3.0 if constant else rng.integers(1, high + 1, size).astype(float)
        answers.loc[rng.random(size) < rng.choice([0.0, 0.1, 1.0], p=[0.5, 0.45, 0.05]), key] = np.nan
    answers["unit"] = rng.choice(np.array([name(place) for place in range(rng.integers(1, 11))], dtype=object), size)
    answers["region"] = np.where(answers["unit"] < "S04", "north", "south").astype(object)
    answers["channel"] = np.where(rng.random(size) < 0.5, "web", "store").astype(object)
    for column in ("unit", "region", "wave"):
        answers.loc[rng.random(size) < rng.choice([0.0, 0.1, 1.0], p=[0.7, 0.27, 0.03]), column] = None
    if rng.random() < 0.4:
        days = [date(2025, 1, 1) + timedelta(days=int(day)) for day in rng.integers(0, 540, size)]
        answers["day"] = pd.to_datetime(pd.Series(days, dtype=object))
    if rng.random() < 0.5:
        answers["person"] = pd.Series(rng.integers(1, max(size // int(rng.integers(1, 6)), 2), size), dtype="Int64")
        answers.loc[rng.random(size) < 0.2, "person"] = pd.NA
    if rng.random() < 0.3:
        answers["weight"] = rng.uniform(0.2, 3, size)
    return answers


@settings(max_examples=120, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 2**32 - 1))
def test_nothing_raises_warns_or_leaves_its_words(seed):
    rng = np.random.default_rng(seed)
    answers = any_survey(rng)
    records = sorted((any_action(rng) for _ in range(rng.integers(1, 4))), key=lambda one: one.recorded_on)
    broken = [{"wave": "2025-Q3", "why": str(rng.choice(["mode", "wording", "scale"]))}] if rng.random() < 0.2 else []
    asked = params(weight="w" if "weight" in answers else None, breaks=broken)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = evidence(answers, *records, asked=asked)
    check(found)


def check(found):
    table = found.table
    assert set(table["grade"]) <= GRADES
    assert set(table["reason"]) <= {"", *REASONS}
    assert set(table["method"]) <= {"", *METHODS}
    assert {code for cell in table["caps"] for code in cell.split(";") if code} <= set(CAPS)
    assert (table["grade"].isin(["", "E0"]) == (table["reason"] != "")).all()
    assert ((table["grade"] == "E0") == (table["reason"] == "few")).all()
    sure = table[table["reason"] == ""]
    assert (sure["low"] <= sure["estimate"]).all()
    assert (sure["estimate"] <= sure["high"]).all()
    assert np.isfinite(sure["estimate"]).all()
    assert not (sure["grade"] == "E4").any()
    assert (
        not sure["grade"].isin(["E3"])[sure["caps"].str.contains("late|rewritten|worst|pretrend|overlap|break")].any()
    )
    assert not sure["grade"].isin(["E3"])[sure["method"].isin(["difference", "paired", "series"])].any()
    assert found.periods["n"].gt(0).all()
