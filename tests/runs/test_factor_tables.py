"""The tables of the factor test come back from a run as they were."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from cxlib.drivers import find_drivers
from cxlib.errors import ParamsError, StageError
from cxlib.params import Params
from cxlib.runs.folder import Run
from cxlib.runs.places import FACTOR_TABLES


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    label = {"vi": "a", "en": "a"}
    params = Params.model_validate(
        {
            "client": "any",
            "title": label,
            "data": {"responses": "a.csv"},
            "outcomes": {"referral": {"column": "r", "scale": [0, 10], "label": label}},
            "factors": {
                name: {"column": name, "scale": [1, 5], "label": label, "step": "come"} for name in ("a", "b", "c", "d")
            },
            "steps": {"come": label},
            "segments": ["region"],
        }
    )
    rng = np.random.default_rng(1)
    answers = pd.DataFrame(rng.integers(1, 6, (200, 4)).astype(float), columns=list("abcd"))
    answers["referral"] = np.clip(answers["a"] * 2 + rng.integers(-1, 2, 200), 0, 10)
    answers["region"] = rng.choice(["NA", "007"], 200)
    answers["wave"] = "1"
    folder = tmp_path_factory.mktemp("run")
    found = find_drivers(answers.assign(d=3.0), params, bootstrap=200)
    found.save(folder)
    return found, Run(folder, params, folder, "0")


@pytest.mark.parametrize("name", FACTOR_TABLES)
def test_a_table_comes_back(kept, name):
    found, run = kept
    table, again = found.tables[name], run.table(name)
    assert list(table.columns) == list(again.columns)
    for column in table:
        if pd.api.types.is_bool_dtype(table[column]):
            assert again[column].dtype == bool, column
            assert (table[column] == again[column]).all(), column
        elif pd.api.types.is_numeric_dtype(table[column]):
            assert pd.api.types.is_numeric_dtype(again[column]), column
            numbers = (part[column].astype("Float64").to_numpy(dtype=float, na_value=np.nan) for part in (table, again))
            np.testing.assert_array_equal(*numbers, err_msg=column)
        else:
            assert (table[column].astype(str) == again[column].astype(str)).all(), column


def test_all_tables_at_once_and_none_of_another_name(kept):
    _, run = kept
    assert tuple(run.tables()) == FACTOR_TABLES
    with pytest.raises(ParamsError, match="no table 'ranking'"):
        run.table("ranking")


def test_a_run_without_them_says_which_stage_to_run(kept, tmp_path):
    _, run = kept
    with pytest.raises(StageError, match=r"no halo\.csv"):
        Run(tmp_path, run.params, tmp_path, "0").table("halo")
