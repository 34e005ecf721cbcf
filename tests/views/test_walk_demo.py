"""The made-up client's run, walked as the sample is: its pages, figures, exports, and every table it leaves."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path

import pyarrow.parquet
import pytest

from cxlib.views.material import read_material
from cxlib.views.publishing import publish

pytestmark = pytest.mark.kernel


@pytest.fixture(scope="module")
def walk(demo_run):
    name = "cx_tests_views_walk"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name("walk.py"))
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    answers = pyarrow.parquet.read_table(demo_run.latest / "responses.parquet", columns=["unit"])
    units = sorted({str(unit) for unit in answers["unit"].to_pylist() if unit is not None})
    assert len(units) > 20
    return sys.modules[name].Walk.of(read_material(demo_run.latest).document, units, "store")


def test_no_page_holds_anything_refused(walk, demo_run, tmp_path):
    for path in publish(demo_run.latest, tmp_path):
        assert walk.page(path.read_text(encoding="utf-8"), path.name) == []


def test_no_figure_holds_anything_refused(walk, demo_run):
    folder = demo_run.latest / "figures"
    index = json.loads((folder / "index.json").read_text(encoding="utf-8"))
    for name, entry in [*index.items(), *((name, item["ways"]) for name, item in index.items() if "ways" in item)]:
        assert walk.entry(entry, name) == []
        assert walk.table((folder / entry["csv"]).read_text(encoding="utf-8"), entry["csv"]) == []
        for language, file in entry["svg"].items():
            assert walk.figure((folder / file).read_text(encoding="utf-8"), language, file) == []


def test_no_export_holds_anything_refused(walk, demo_run):
    assert walk.export((demo_run.latest / "findings.json").read_text(encoding="utf-8")) == []


def test_no_table_of_the_run_lists_a_place(walk, demo_run):
    tables = sorted(demo_run.latest.glob("*.csv"))
    assert tables
    for path in tables:
        assert walk.rows(path.read_text(encoding="utf-8"), path.name) == []
