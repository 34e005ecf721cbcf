"""The words of the pages: complete, used, and without a causal claim."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

from cxlib.privacy.causal import check_words

ROOT = Path(__file__).resolve().parents[2]


def texts(name: str) -> list[dict[str, str]]:
    with (ROOT / "cxlib" / "words" / name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.mark.parametrize("name", ["pages.csv", "serving.csv", "figures.csv"])
def test_both_languages_take_the_same_values(name):
    for line in texts(name):
        assert line["vi"].strip()
        assert line["en"].strip()
        places = [set(re.findall(r"\{(\w*)\}", line[language])) for language in ("vi", "en")]
        assert places[0] == places[1], line["key"]


@pytest.mark.parametrize("name", ["pages.csv", "serving.csv", "figures.csv"])
def test_no_causal_word(name):
    for line in texts(name):
        for language in ("vi", "en"):
            assert not check_words(line[language], language, "E1"), line["key"]


ROOMS = [("pages.csv", "views"), ("serving.csv", "views"), ("figures.csv", "figures")]


@pytest.mark.parametrize(("name", "room"), ROOMS)
def test_every_text_is_used(name, room):
    sources = "".join(
        path.read_text(encoding="utf-8")
        for path in (ROOT / "cxlib" / room).rglob("*")
        if path.suffix in (".py", ".j2", ".html")
    )
    made = (
        "page_explain_",
        "page_state_",
        "page_filter_",
        "page_verdict_",
        "page_shape_",
        "page_chosen_",
        "page_set_",
        "page_stage_",
        "page_how_",
        "page_family_",
        "page_agree_",
        "page_clear_",
        "page_differ_",
        "page_pooled_",
        "page_sound_",
        "page_design_",
        "page_to_",
        "page_sealed_",
        "page_direction_",
        "page_unsaid_",
        "page_ev_",
        "page_role_",
        "change_title_",
        "change_alt_",
        "change_before",
        "change_after",
        "change_acted",
        "change_others",
    )
    unused = [
        line["key"]
        for line in texts(name)
        if f'"{line["key"]}"' not in sources
        and f'"{line["key"].removesuffix("_1")}"' not in sources
        and not line["key"].startswith((*made, "page_title_"))
    ]
    assert not unused
