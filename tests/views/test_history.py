"""The history: every record and every change of it, each action with its evidence, promises, and wave after wave."""

from __future__ import annotations

import re

import pytest

from cxlib.views.history_page import tell_history
from cxlib.views.material import Material
from cxlib.views.rendering import render_history, whole_page

LINKS = {"findings": "index.html", "history": "history.html", "method": "method.html"}


def text_of(html: str, language: str) -> str:
    """What a reader of one language reads, tags taken out."""
    other = {"vi": "en", "en": "vi"}[language]
    shown = re.sub(rf'<span lang="{other}">.*?</span>', "", html, flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", re.sub(r"<(style|script)>.*?</\1>", "", shown, flags=re.DOTALL)))


@pytest.fixture(scope="module")
def html(material):
    return whole_page(render_history(material, LINKS))


@pytest.fixture(scope="module")
def english(html):
    return text_of(html, "en")


def test_every_record_is_there_in_the_order_in_which_it_was_written(html, document):
    days = re.findall(r'<time datetime="([^"]*)">', html)
    assert days == [entry.recorded_on for entry in document.history]


def test_every_change_of_a_record_tells_what_it_was_and_what_it_became(html, document, english):
    changes = [item for entry in document.history for item in entry.altered]
    assert html.count("<del>") == html.count("<ins>") == len(changes)
    assert "Status: Planned → Under way" in re.sub(r"\s+", " ", english)
    assert "Where: 8 places → 5 places" in english
    assert "Started: nothing → 1 March 2025" in english


def test_a_changed_history_is_told_before_the_timeline(english, html):
    assert english.index("Old entries of the log were changed") < english.index("The log, entry by entry")
    assert "This entry was edited afterwards. Seen on 2 August 2025." in english
    assert "This entry is no longer in the log. Seen on 30 November 2025." in english
    assert "This entry was slipped in among older ones." in english
    assert html.count('class="cx-sealed"') == 3


def test_an_unchanged_history_says_so(document, material):
    kept = tuple(entry.model_copy(update={"sealed": "", "seen_on": None}) for entry in document.history)
    calm = document.model_copy(update={"history": kept, "history_changed": False})
    english = text_of(whole_page(render_history(Material(calm, material.pictures), LINKS)), "en")
    assert "No old entry was edited, removed or slipped in." in english
    assert "Old entries of the log were changed" not in english


def test_a_gap_that_no_record_shows_is_told_all_the_same(document, material):
    kept = tuple(entry.model_copy(update={"sealed": "", "seen_on": None}) for entry in document.history)
    cut = document.model_copy(update={"history": kept, "history_changed": True})
    english = text_of(whole_page(render_history(Material(cut, material.pictures), LINKS)), "en")
    assert "Old entries of the log were changed" in english
    assert "No old entry was edited" not in english


def test_every_action_has_its_evidence_or_says_that_there_is_none(material, document):
    deeds = {deed.id: deed for deed in tell_history(material).deeds}
    assert set(deeds) == {action.id for action in document.actions if action.status != "none"}
    for action in document.actions:
        if action.change and action.status != "none":
            said = [
                result.sentence.en
                for result in (*deeds[action.id].evidence.results, *deeds[action.id].evidence.further)
            ]
            assert set(said) == {change.sentence.en for change in action.change}


def test_what_the_log_says_and_does_not_say_of_an_action(english):
    assert "Places drawn by lot on 11 February 2025" in re.sub(r"\s+", " ", english).replace("on11", "on 11")
    assert "The log does not say: why it is not done elsewhere, when to look, who decided, by role" in english
    assert "Summer sale everywhere" in english


def test_promises_say_by_which_questions_they_are_asked(english):
    assert "Asked about: told how long it would take" in english
    assert "No question asks about it yet." in english
    assert "Unwritten promise" in english


def test_the_answers_stand_in_the_order_of_the_journey(material, document):
    legs = tell_history(material).legs
    order = [step.label.en for step in document.steps]
    steps = [leg.label.en for leg in legs if leg.label.en in order]
    assert steps == sorted(steps, key=order.index)
    assert legs[-1].label.en == "Loyalty and referral"
    told = {course.label.en for leg in legs for course in (*leg.whole, *leg.questions)}
    assert told == {trend.label.en for trend in document.trends}


def test_a_break_is_told_in_words(document, html):
    told = "From 2025-Q3 the question was worded differently."
    assert told in html  # in the words of the figure
    assert told in text_of(whole_page(render_history(Material(document, {}), LINKS)), "en")


def test_the_loop_is_its_headline(html, document):
    loop = re.search(r'<p class="cx-loop">(.*?)</p>', html, re.DOTALL)[1]
    counts = document.loop
    assert [int(number) for number in re.findall(r"\d+", text_of(loop, "en"))] == [
        counts.matter, counts.with_action, counts.with_change_measured,
    ]  # fmt: skip


def test_empty_states_are_written(document):
    nothing = {"actions": (), "history": (), "promises": (), "trends": (), "history_changed": False}
    english = text_of(whole_page(render_history(Material(document.model_copy(update=nothing), {}), LINKS)), "en")
    for told in (
        "No action log was given",
        "No action is under way, done, planned or stopped.",
        "No promise was written down for this run.",
        "There is one wave only, or too few answers",
    ):
        assert told in english


def test_figures_that_are_missing_leave_their_numbers(document):
    html = whole_page(render_history(Material(document, {}), LINKS))
    assert "<img" not in html
    assert "3.20 (3.12–3.28)" in text_of(html, "en")
