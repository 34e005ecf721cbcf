"""The page of two runs beside each other, in a real browser."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

from cxlib.runs.compare import compare_runs
from cxlib.views.compare_page import write_compare_page

RUNS = Path(__file__).resolve().parents[1] / "compare" / "conftest.py"


def _runs():
    name = "cx_tests_compare_conftest"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, RUNS)
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]


make, changed_set = _runs().make, _runs().changed_set  # run folders made by hand


@pytest.mark.parametrize("width", [1280, 390])
def test_it_reads_in_both_languages_and_asks_nothing_of_elsewhere(visit, changed_set, tmp_path, width):
    path = tmp_path / "page.html"
    write_compare_page(compare_runs(*changed_set), path)
    seen = visit(viewport={"width": width, "height": 844})
    seen.page.goto(path.as_uri())
    for language, heading, listed in (
        ("vi", "Hai lần chạy này khác nhau ở đâu?", "Đã đổi chiều."),
        ("en", "What is different between these two runs?", "The direction turned."),
    ):
        seen.page.click(f"a[data-language={language}]")
        assert seen.language == language
        assert seen.page.inner_text("h1") == heading
        assert listed in seen.page.inner_text("main")
        assert seen.fits()
    assert [url for url in seen.asked if not url.startswith(("file:", "data:"))] == []
    assert seen.failures == []
