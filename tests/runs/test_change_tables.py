"""What changed comes back from a run as it was; promises and strategic choices are inputs of a run."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from cxlib.actions import ActionLog, ActionRecord, ScopeRule, TwoTexts
from cxlib.change import evidence_of_change, wave_trends
from cxlib.errors import ParamsError, StageError
from cxlib.params import Params
from cxlib.runs import manifest
from cxlib.runs.folder import Run
from cxlib.runs.stages import STAGES

LABEL = {"vi": "a", "en": "a"}


def asked(**more) -> Params:
    return Params.model_validate(
        {
            "client": "any",
            "title": LABEL,
            "data": {"responses": "a.csv"},
            "unit": "store",
            "outcomes": {"referral": {"column": "r", "scale": [0, 10], "label": LABEL}},
            "factors": {"wait": {"column": "w", "scale": [1, 5], "label": LABEL}},
            **more,
        }
    )


def action(name: str, places: tuple[str, ...]) -> ActionRecord:
    text = TwoTexts("a", "a")
    return ActionRecord(
        name, ("wait",), text, text, ScopeRule(False, (("unit", places),)), "other", date(2025, 7, 1), None, "doing",
        None, 0.2, None, None, None, date(2025, 6, 1), 2,
    )  # fmt: skip


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    rng = np.random.default_rng(1)
    answers = pd.DataFrame({"wait": rng.integers(1, 6, 900), "referral": rng.integers(0, 11, 900)}, dtype=float)
    answers["wave"] = np.array(["2025-Q2", "2025-Q3", "2025-Q4"], dtype=object)[np.arange(900) % 3]
    answers["unit"] = np.array(["NA", "007", "S3", "S4"], dtype=object)[np.arange(900) % 4]
    log = ActionLog((action("007", ("NA", "007")), action("NA", ("S3",)), action("C", ("x",))))
    found = evidence_of_change(answers, log, asked())
    folder = tmp_path_factory.mktemp("run")
    found.save(folder)
    wave_trends(answers, asked()).save(folder)
    return found, Run(folder, asked(), folder, "0")


@pytest.mark.parametrize("name", ["change", "periods", "events"])
def test_a_table_comes_back(kept, name):
    found, run = kept
    table, again = getattr(found, "table" if name == "change" else name), getattr(run, name)()
    assert len(table) > 2
    assert list(table.columns) == list(again.columns)
    for column in table:
        if table[column].dtype == bool or not pd.api.types.is_numeric_dtype(table[column]):
            assert table[column].tolist() == again[column].tolist(), column
        else:
            numbers = (part[column].astype("Float64").to_numpy(dtype=float, na_value=np.nan) for part in (table, again))
            np.testing.assert_array_equal(*numbers, err_msg=column)


def test_an_open_end_comes_back(kept):
    _, run = kept
    change = run.change()
    assert np.isinf(change.loc[change["method"] == "did", "low"]).all()
    assert change["drawn"].dtype == bool
    assert change["reason"].tolist() == ["", "", "one_unit", "one_unit", "nowhere", "nowhere"]
    assert set(run.trends()["measure"]) == {"wait", "referral"}


def test_a_run_without_them_says_which_stage_to_run(kept, tmp_path):
    empty = Run(tmp_path, asked(), tmp_path, "0")
    for read in (empty.change, empty.periods, empty.events, empty.trends):
        with pytest.raises(StageError, match="run the stage 'change' first"):
            read()
    assert empty.history() == {"notes": []}


def test_promises_and_choices_are_inputs(tmp_path):
    for name in ("a.csv", "actions.csv", "promises.csv", "strategy.csv"):
        (tmp_path / name).write_text(name, encoding="utf-8")
    lists = {"actions": "actions.csv", "promises": "promises.csv", "strategy": "strategy.csv"}
    params = asked(**lists)
    first = manifest.hash_inputs(params, tmp_path)
    code = manifest.Code({}, {stage.notebook: "" for stage in STAGES}, {stage.name: () for stage in STAGES})

    def hashes(inputs: manifest.Inputs) -> dict[str, dict[str, str]]:
        return {stage.name: manifest.stage_hashes(stage, params, inputs, code, {}, {}, "mark") for stage in STAGES}

    def mark(inputs: manifest.Inputs) -> str:
        return manifest.fingerprint(params, inputs, code, STAGES)

    hangs = hashes(first)
    for name, stages in (
        ("actions.csv", {"change", "findings"}),
        ("promises.csv", {"findings"}),
        ("strategy.csv", {"findings"}),
    ):
        (tmp_path / name).write_text("other", encoding="utf-8")
        now = manifest.hash_inputs(params, tmp_path)
        assert mark(now) != mark(first)
        after = hashes(now)
        assert {stage for stage in hangs if after[stage] != hangs[stage]} == stages
        (tmp_path / name).write_text(name, encoding="utf-8")
    for name in lists.values():
        (tmp_path / name).unlink()
    with pytest.raises(ParamsError) as told:
        manifest.hash_inputs(params, tmp_path)
    assert [problem.where for problem in told.value.problems] == list(lists.values())


def test_nothing_of_them_without_their_files():
    assert manifest.Inputs({}, None).promises is None
