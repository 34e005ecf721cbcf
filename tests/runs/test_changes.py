"""What is wrong with `--set` is told all at once, each mistake at the word that was typed."""

from __future__ import annotations

import pytest

from cxlib.cli.commands import _changes
from cxlib.errors import ParamsError
from cxlib.runs.changes import read_changed


def told(folder, /, **changes) -> dict[str, str]:
    with pytest.raises(ParamsError) as caught:
        read_changed(folder, {key.replace("__", "."): value for key, value in changes.items()})
    return {problem.where: problem.what for problem in caught.value.problems}


def test_every_mistake_is_told_at_its_own_word(client):
    found = told(client, analysis__q=9, analysis__qq=1, shop=1, analysis__q__z=1)
    assert set(found) == {f"--set {key}" for key in ("analysis.q", "analysis.qq", "shop", "analysis.q.z")}


def test_a_mistake_below_what_was_typed_names_its_place_too(client):
    [where] = told(client, analysis={"q": 9}, cleaning={"min_answered": 0.4})
    assert where.startswith("--set analysis: params.yaml")
    assert where.endswith("(analysis.q)")


def test_a_mistake_elsewhere_names_all_that_was_typed(client):
    [where] = told(client, client="other", analysis__seed=2)
    assert "--set client" in where


def test_words_that_are_no_setting_are_told_together():
    with pytest.raises(ParamsError) as caught:
        _changes(["analysis.q", "=3", "analysis.seed=[1", "analysis.q=0.1"])
    assert len(caught.value.problems) == 3
