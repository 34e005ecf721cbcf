"""The tables that cleaning hands on."""

from __future__ import annotations

import hashlib

import pandas as pd
import pytest

from cxlib.cleaning import clean
from cxlib.intake import Codebook, read_responses


def test_columns_and_types(run, good_rows):
    rows = {
        **good_rows(),
        "id": [f"r{place}" for place in range(8)],
        "shop": [1, 2] * 4,
        "area": ["north", "south", "N/A", ""] * 2,
        "why": ["chị Lan gọi số 0903123456", "", *[None] * 6],
        "w": ["1", "2"] * 4,
    }
    cleaned = run(rows, respondent="id", unit="shop", segments=["area"], comments=["why"], weight="w")
    answers = cleaned.answers
    keys = ["referral", "food", "staff", "price", "queue", "music"]
    assert list(answers) == ["row", "source", "wave", *keys, "unit", "area", "why", "weight"]
    assert list(cleaned.set_aside) == [*answers, "rule"]
    assert all(answers[key].dtype == "float64" for key in keys)
    assert list(answers["unit"].unique()) == ["1", "2"]
    assert answers["area"].isna().tolist() == [False, False, True, True] * 2
    assert answers["why"].iloc[0] == "chị [tên] gọi số [số điện thoại]"
    assert answers["why"].isna().sum() == 7
    assert answers["weight"].mean() == pytest.approx(1)
    assert cleaned.redacted.set_index("kind")["count"].to_dict() == {"name": 1, "phone": 1}


def test_weights_that_are_missing_count_as_the_mean_and_are_counted(run, good_rows, count):
    rows = {**good_rows(), "w": ["2000", "4000", "2000", "4000", "2000", "4000", "0", ""]}
    cleaned = run(rows, weight="w")
    assert cleaned.answers["weight"].iloc[-1] == 1
    assert cleaned.answers["weight"].iloc[-2] == 1
    assert cleaned.answers["weight"].mean() == pytest.approx(1)
    assert count(cleaned, "cells", "out_of_scale", "weight") == 1
    assert count(cleaned, "cells", "blank", "weight") == 1
    assert count(cleaned, "cells", "valid", "weight") == 6


def test_labels_of_a_code_follow_the_file_they_stand_in(tmp_path, small_params, good_rows):
    import pyreadstat

    rows = pd.DataFrame(good_rows()).astype(float).assign(area=[1.0, 2.0] * 4)
    for name, labels in (("a.sav", {1: "North", 2: "South"}), ("b.sav", {1: "South", 2: "North"})):
        pyreadstat.write_sav(rows, tmp_path / name, variable_value_labels={"area": labels})
    files = [{"file": "a.sav", "wave": "1"}, {"file": "b.sav", "wave": "2"}]
    params = small_params(data={"responses": files}, segments=["area"])
    areas = clean(read_responses(params, tmp_path), params).answers.groupby("wave")["area"].first()
    assert areas.to_dict() == {"1": "North", "2": "South"}


def test_codes_that_the_parameters_label_stay_codes():
    from cxlib.cleaning.levels import read_levels

    cells = pd.Series([1.0, 2.0, 3.0])
    texts, _ = read_levels(cells, Codebook({1.0: "One", 2.0: "Two"}), kept={"1"})
    assert list(texts) == ["1", "Two", "3"]


def test_saving_is_deterministic_and_reads_back(run, good_rows, tmp_path):
    rows = {**good_rows(), "why": [None] * 8, "area": ["north"] * 8}
    cleaned = run(rows, comments=["why"], segments=["area"])
    for name in ("one", "two"):
        cleaned.save(tmp_path / name)
    names = ["responses.parquet", "set_aside.parquet", "ledger.csv"]
    prints = [
        [hashlib.sha256((tmp_path / run / name).read_bytes()).hexdigest() for name in names] for run in ("one", "two")
    ]
    assert prints[0] == prints[1]
    back = pd.read_parquet(tmp_path / "one" / "responses.parquet")
    pd.testing.assert_frame_equal(back, cleaned.answers)
    ledger = pd.read_csv(tmp_path / "one" / "ledger.csv", keep_default_na=False, dtype={"wave": "str"})
    pd.testing.assert_frame_equal(ledger, cleaned.ledger)


def test_the_raw_responses_are_not_changed(tmp_path, small_params, good_rows):
    pd.DataFrame(good_rows()).to_csv(tmp_path / "survey.csv", index=False)
    params = small_params()
    responses = read_responses(params, tmp_path)
    before = responses.table.copy(deep=True)
    clean(responses, params)
    pd.testing.assert_frame_equal(responses.table, before)


def test_many_rows_are_cleaned_in_seconds(tmp_path, small_params):
    import time

    import numpy as np

    rng = np.random.default_rng(1)
    rows = 50_000
    keys = [f"f{place}" for place in range(30)]
    frame = pd.DataFrame({key: rng.choice(["1", "2", "3", "4", "5", "9", ""], rows) for key in keys})
    frame["referral"] = rng.integers(0, 11, rows)
    frame["id"] = np.arange(rows)
    frame.to_csv(tmp_path / "survey.csv", index=False)
    label = {"vi": "a", "en": "b"}
    factors = {key: {"column": key, "scale": [1, 5], "missing": [9], "label": label} for key in keys}
    params = small_params(factors=factors, respondent="id")
    responses = read_responses(params, tmp_path)
    started = time.process_time()
    clean(responses, params)
    assert time.process_time() - started < 10  # about one second of the processor's time
