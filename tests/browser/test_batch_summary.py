"""The summary of a batch in a real browser: all of it can be read, in both languages, wide and narrow."""

from __future__ import annotations

import pytest

from cxlib.batch.record import BatchRecord, Line
from cxlib.batch.summary import render_summary, write_summary

LINES = [
    Line("shop", "shop", "", state="done", seconds=61.2, run="r", told={"title": {"vi": "Quán", "en": "Café"},
         "rows": {"in": 1234, "kept": 1200, "set_aside": 34}, "findings": 3,
         "loop": {"matter": 3, "with_action": 2, "with_change_measured": 1}}),
    Line("wrong", "wrong", "", state="failed", exit_code=2,
         problems=[{"what": "'q' must be at most 0.2.", "where": "params.yaml, line 3", "how": "lower it"}]),
]  # fmt: skip
TEXTS = {"#tieng-viet": ("Quán (shop)", "Ở đâu", "Cách sửa"), "#english": ("Café (shop)", "Where", "How to mend it")}


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("anchor", ["", "#tieng-viet", "#english"])
def test_what_is_done_and_what_is_wrong_can_be_read(chromium, tmp_path, language, anchor, width):
    path = tmp_path / "index.html"
    record = BatchRecord("20260101T000000Z-abc", "batch", "outputs", LINES, status="failed")
    again = "cx batch --resume 20260101T000000Z-abc"
    write_summary(path, render_summary(record, {"shop": "shop"}, language=language, again=again))
    page = chromium.new_page(viewport={"width": width, "height": 900})
    page.goto(path.as_uri() + anchor)
    seen = page.inner_text("body")
    shown = anchor or {"vi": "#tieng-viet", "en": "#english"}[language]
    for text in (*TEXTS[shown], "'q' must be at most 0.2.", "params.yaml, line 3", "lower it", again):
        assert text in seen
    hidden = next(texts for name, texts in TEXTS.items() if name != shown)
    assert not any(text in seen for text in hidden)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.close()
