"""What papermill would run wrongly without a word is refused before anything runs (pitfalls 1-5)."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from cxlib.errors import StageError
from cxlib.runs.execute import execute
from cxlib.runs.notebooks import check_notebook

WORD = {"word": "told"}


@pytest.mark.parametrize(
    ("case", "parameters", "said"),
    [
        ("no_parameters", WORD, "No cells are tagged 'parameters'"),
        ("two_parameters", WORD, "2 cells are tagged 'parameters'"),
        ("no_kernelspec", WORD, "does not name the kernel python3"),
        ("derived_parameter", WORD, "would keep the default"),
        ("broken_syntax", WORD, "not plain Python"),
        ("swallows", WORD, "'raises-exception' would hide a failure"),
        ("unknown_parameter", {"wrod": "told"}, "does not know the parameter 'wrod'"),
        ("numpy_parameter", {"size": np.int64(7)}, "'size' is a int64"),
        ("numpy_parameter", {"size": np.float64(0.1)}, "'size' is a float64"),
        ("numpy_parameter", {"size": (1, 2)}, "'size' is a tuple"),
        ("numpy_parameter", {"size": {1, 2}}, "'size' is a set"),
        ("numpy_parameter", {"size": [Path("x")]}, "'size' is a PosixPath"),
        ("numpy_parameter", {"size": {"day": date(2025, 1, 1)}}, "'size' is a date"),
        ("numpy_parameter", {"size": float("nan")}, "not finite"),
    ],
)
def test_refused_before_it_runs(fixture_notebooks, tmp_path, case, parameters, said):
    kept = tmp_path / f"{case}.ipynb"
    with pytest.raises(StageError) as caught:
        execute(fixture_notebooks / f"{case}.ipynb", kept, parameters, stage=case, home=tmp_path)
    assert said in str(caught.value)
    assert caught.value.exit_code == 4
    assert all(problem.where and problem.how for problem in caught.value.problems)
    assert not kept.exists()


def test_plain_values_pass(fixture_notebooks):
    values = [7, "007", 0.5, True, None, ["a", 1], {"k": [None]}]
    for value in values:
        assert check_notebook(fixture_notebooks / "numpy_parameter.ipynb", {"size": value}) == []


def test_a_missing_notebook_is_named(tmp_path):
    with pytest.raises(StageError, match="no such notebook"):
        check_notebook(tmp_path / "gone.ipynb", {})


def test_a_file_that_is_no_notebook_is_named(tmp_path):
    (tmp_path / "half.ipynb").write_text('{"cells": [', encoding="utf-8")
    with pytest.raises(StageError, match="cannot be read"):
        check_notebook(tmp_path / "half.ipynb", {})
