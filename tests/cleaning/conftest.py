"""Read and clean a small frame as if it were a client's csv file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from cxlib.cleaning import Cleaned, clean
from cxlib.intake import read_responses
from cxlib.params.model import Params

LABEL = {"vi": "Câu hỏi", "en": "Question"}
FACTORS = ("food", "staff", "price", "queue", "music")


def small_params(**others: Any) -> Params:
    """Referral 0-10, five factors on 1-5 with 9 declared missing; columns are called like their keys."""
    whole: dict[str, Any] = {
        "client": "test",
        "title": LABEL,
        "data": {"responses": "survey.csv"},
        "outcomes": {"referral": {"column": "referral", "scale": [0, 10], "missing": [99], "label": LABEL}},
        "factors": {key: {"column": key, "scale": [1, 5], "missing": [9], "label": LABEL} for key in FACTORS},
    }
    return Params.model_validate(whole | others)


def good_rows(count: int = 8) -> dict[str, list[Any]]:
    """Rows that no rule takes."""
    rows = {key: [str(1 + (place + step) % 5) for place in range(count)] for step, key in enumerate(FACTORS)}
    return {"referral": [str(place % 11) for place in range(count)], **rows}


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., Cleaned]:
    """Write the columns as csv, read and clean them; settings of `clean` in `settings`, other words are parameters."""

    def do(
        columns: dict[str, list[Any]] | pd.DataFrame, settings: dict[str, Any] | None = None, **others: Any
    ) -> Cleaned:
        pd.DataFrame(columns).to_csv(tmp_path / "survey.csv", index=False)
        params = small_params(**others)
        return clean(read_responses(params, tmp_path), params, **(settings or {}))

    return do


def count(cleaned: Cleaned, what: str, rule: str, field: str = "") -> int:
    """Sum of one rule over files and waves."""
    ledger = cleaned.ledger
    chosen = (ledger["what"] == what) & (ledger["rule"] == rule) & (ledger["field"] == field)
    return int(ledger.loc[chosen, "count"].sum())


@pytest.fixture(name="count")
def count_fixture() -> Callable[..., int]:
    return count


@pytest.fixture(name="good_rows")
def good_rows_fixture() -> Callable[..., dict[str, list[Any]]]:
    return good_rows


@pytest.fixture(name="small_params")
def small_params_fixture() -> Callable[..., Params]:
    return small_params
