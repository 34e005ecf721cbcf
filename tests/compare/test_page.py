"""The comparison in words and as a page: both languages, nothing that is refused, nothing asked of elsewhere."""

from __future__ import annotations

import html
import importlib.util
import re
import sys
from pathlib import Path

import pytest
from made_runs import finding_of, stage_of

from cxlib.errors import ParamsError
from cxlib.privacy.causal import causal_words
from cxlib.privacy.refusals import check_title
from cxlib.runs.compare import compare_runs, read_document
from cxlib.runs.trials import Explained, Trial, differences
from cxlib.views.compare_page import compare_page, write_compare_page
from cxlib.views.compare_words import lines_of, tell_comparison

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def walk_of():
    """The walk that the other pages are held to."""
    spec = importlib.util.spec_from_file_location("cx_tests_compare_walk", ROOT / "tests" / "views" / "walk.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module.Walk.of


@pytest.fixture
def found(changed_set):
    return compare_runs(*changed_set)


@pytest.fixture
def explained(found):
    keys = differences(found)
    trials = (Trial("data", (), "The column is missing."), Trial("parameters", keys[:2]))
    return Explained(trials, keys[2:], ("code",))


def shown(page: str) -> str:
    return html.unescape(re.sub(r"<[^>]+>", " ", page.split("<body")[1].split("<script")[0]))


def test_the_page_holds_nothing_refused(changed_set, found, explained, walk_of):
    for folder in changed_set:
        walk = walk_of(read_document(folder), ("Q7-02",), "store")
        assert walk.page(compare_page(found, explained)) == []


@pytest.mark.parametrize("language", ["en", "vi"])
def test_no_word_of_ours_claims_a_cause_or_shows_a_score(language):
    import csv

    with (ROOT / "cxlib" / "words" / "compare.csv").open(encoding="utf-8", newline="") as lines:
        texts = [line[language] for line in csv.DictReader(lines)]
    assert all(text.strip() for text in texts)
    assert [text for text in texts if causal_words(text, language) or check_title(text, language)] == []


def test_the_page_asks_nothing_of_elsewhere_and_says_all_in_both_languages(found, explained):
    page = compare_page(found, explained)
    assert not re.search(r"(?:src|href)=\"(?!data:|#)", page)
    told = tell_comparison(found, explained)
    items = [*told.origin, *told.tried, *(item for section in told.sections for item in section.items)]
    assert len(items) > 12
    on_page = " ".join(shown(page).split())
    for language in ("vi", "en"):
        for text in (text for item in items for text in (item.name, *item.lines)):
            assert text.get(language) in on_page


def test_texts_of_others_are_escaped(make):
    def edit(document, record):
        document["findings"] = []
        for part in (*document["factors"], *document["outcomes"]):
            part["label"] = {"vi": "<script>x</script>", "en": "<script>x</script>"}
        document["title"] = {"vi": "<b>t</b>", "en": "<b>t</b>"}
        record["parameters"]["analysis"]["<i>k</i>"] = "<img src=x>"

    page = compare_page(compare_runs(make(), make(edit)))
    assert "<script>x" not in page
    assert "<b>t" not in page
    assert "<img src=x" not in page
    assert "&lt;img src=x" in page


def test_no_number_stands_in_a_heading(found, explained):
    page = compare_page(found, explained)
    headings = re.findall(r"<(h[1-6]|title|caption)[^>]*>(.*?)</\1>", page, re.S)
    assert len(headings) > 6
    assert not [text for _, text in headings if re.search(r"\d", re.sub(r"<[^>]+>", "", text))]


def test_small_differences_of_people_stand_nowhere(found):
    page = shown(compare_page(found))
    assert "2,803" not in page
    assert "2,633" not in page
    assert "a mere handful" in page


def test_two_equal_runs_are_told_in_a_few_words(make):
    lines = list(lines_of(tell_comparison(compare_runs(make(), make())), "en"))
    assert "  Nothing that the runs tell is different, so there is nothing to look for." in lines
    assert not any("→" in line for line in lines)


@pytest.mark.parametrize(("first", "second", "told"), [(0, 1, "second"), (1, 0, "first"), (1, 1, None)])
def test_what_was_made_by_hand_is_told(make, first, second, told):
    def edit(document, record):
        stage_of(record, "drivers")["status"] = "adopted"
        stage_of(record, "drivers")["artefacts"] = {"drivers.csv": "by hand"}
        finding_of(document, "wait_told.referral")["association"]["estimate"] += 0.01

    runs = make(), make(edit)
    lines = list(lines_of(tell_comparison(compare_runs(runs[first], runs[second])), "en"))
    if told is None:
        assert not any("by hand" in line for line in lines)
    else:
        assert f"  What was made by hand: drivers, in the {told} run" in lines
        assert "  Findings: the differences come from what was made by hand; all else is ruled out." in lines


def test_what_came_back_is_named_and_what_is_left_over_too(found, explained):
    lines = list(lines_of(tell_comparison(found, explained), "en"))
    text = "\n".join(lines)
    assert "With the settings of the second run alone, 2 of 7 differences came back." in text
    assert "With the answers of the second run alone it could not be made: The column is missing." in text
    assert "5 of 7 came back with none of them alone. They are left over for the workbench’s code" in text


def test_the_page_is_written_in_one_step(found, tmp_path):
    path = tmp_path / "deep" / "page.html"
    write_compare_page(found, path)
    write_compare_page(found, path, language="en")
    assert path.read_text(encoding="utf-8").startswith('<!DOCTYPE html>\n<html lang="en"')
    assert [item.name for item in path.parent.iterdir()] == ["page.html"]
    with pytest.raises(ParamsError, match="cannot be written"):
        write_compare_page(found, path / "below")


def test_of_many_edited_files_some_are_named_and_the_rest_counted(make):
    def edit(document, record):
        record["code"] |= {"sha256": "x", "files": {f"stats/m{number}.py": "new" for number in range(8)}}

    def old(document, record):
        record["code"]["files"] = {f"stats/m{number}.py": "old" for number in range(8)}

    text = "\n".join(lines_of(tell_comparison(compare_runs(make(old), make(edit))), "en"))
    assert "The workbench’s code: edited: stats/m0.py, stats/m1.py" in text
    assert "stats/m4.py, 3 more" in text
