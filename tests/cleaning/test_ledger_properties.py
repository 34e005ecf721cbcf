"""Whatever a file holds, every row and every cell is accounted for once."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pandas as pd
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from cxlib.cleaning import CARELESS, clean
from cxlib.cleaning.rows import ROW_RULES
from cxlib.errors import DataError
from cxlib.intake import read_responses
from cxlib.params.model import Params

LABEL = {"vi": "a", "en": "b"}
KEYS = ("referral", "food", "staff", "price", "queue", "music")
USUAL = st.sampled_from(["1", "2", "3", "4", "5", "5"])
MESS = st.one_of(
    st.sampled_from(
        ["", " ", "9", "09", "9.0", "99", "Blank", "n/a", "5 - good", "3,0", "3.5", "-1", "x", '"', "a,b", "1\n2"]
    ),
    st.text(max_size=6).filter(lambda text: "\r" not in text and "\0" not in text),
)
CELL = st.one_of(*[USUAL] * 8, MESS)
ROW = st.fixed_dictionaries(
    {
        **dict.fromkeys(KEYS, CELL),
        "id": st.sampled_from(["", "1", "2", "3", "4", "5", "6", "n/a"]),
        "day": st.sampled_from(
            ["2025-01-02", "2025-01-30", "2025-04-05", "2025-04-06 10:00", "2025-07-01", "", "soon"]
        ),
        "seconds": st.sampled_from(["10", "300", "301", "302", "", "quick", "0"]),
        "w": st.sampled_from(["1", "1.5", "0.5", "2", "3", "", "-1"]),
        "why": st.sampled_from(["", "nothing", "The queue at the till was far too long", "chị Lan 0903123456"]),
    }
)


def params() -> Params:
    return Params.model_validate(
        {
            "client": "test",
            "title": LABEL,
            "data": {"responses": "survey.csv", "encoding": "utf-8", "delimiter": ","},
            "respondent": "id",
            "wave": {"column": "day", "every": "quarter"},
            "outcomes": {"referral": {"column": "referral", "scale": [0, 10], "missing": [99], "label": LABEL}},
            "factors": {key: {"column": key, "scale": [1, 5], "missing": [9], "label": LABEL} for key in KEYS[1:]},
            "duration": "seconds",
            "weight": "w",
            "comments": ["why"],
        }
    )


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(
    rows=st.lists(ROW, min_size=1, max_size=40),
    again=st.lists(st.integers(0, 29), max_size=6),
    duplicates=st.booleans(),
    straightlining=st.booleans(),
    min_answered=st.sampled_from([0.0, 0.5, 1.0]),
    min_seconds=st.sampled_from([None, 60.0]),
)
def test_the_ledger_adds_up(rows, again, duplicates, straightlining, min_answered, min_seconds):
    rows = rows + [rows[place % len(rows)] for place in again]
    with tempfile.TemporaryDirectory() as folder:
        pd.DataFrame(rows).to_csv(Path(folder) / "survey.csv", index=False, encoding="utf-8")
        try:
            responses = read_responses(params(), Path(folder))
            cleaned = clean(
                responses,
                params(),
                duplicates=duplicates,
                straightlining=straightlining,
                min_answered=min_answered,
                min_seconds=min_seconds,
            )
        except DataError as error:  # most cells of a column do not fit: told, not cleaned
            event("refused: " + " ".join(error.problems[0].what.split()[-4:]))
            return
    ledger = cleaned.ledger
    assert (ledger["count"] >= 0).all()
    for _, part in ledger.groupby(["what", "source", "wave", "field"]):
        by_rule = part.set_index("rule")["count"]
        assert by_rule.index.is_unique
        assert by_rule["read"] == by_rule.drop("read").sum()
    by_rule = ledger[ledger["what"] == "rows"].groupby("rule")["count"].sum()
    assert by_rule["read"] == len(responses.table) == len(cleaned.answers) + len(cleaned.set_aside)
    assert by_rule["kept"] == len(cleaned.answers)
    assert cleaned.set_aside["rule"].value_counts().to_dict() == {rule: n for rule in ROW_RULES if (n := by_rule[rule])}
    numbers = [*cleaned.answers["row"], *cleaned.set_aside["row"]]
    assert sorted(numbers) == sorted(responses.table["row"])
    both = pd.concat([cleaned.answers, cleaned.set_aside])
    for key in KEYS:
        counted = ledger[(ledger["field"] == key) & (ledger["rule"] == "valid")]["count"].sum()
        assert counted == both[key].notna().sum()
        low, high = (0, 10) if key == "referral" else (1, 5)
        assert both[key].dropna().between(low, high).all()
    assert not cleaned.answers["referral"].isna().any()
    if not straightlining and min_seconds is None:
        assert not set(cleaned.set_aside["rule"]) & set(CARELESS)
    assert not both["why"].dropna().str.contains("0903").any()
