"""Choosing among the cards: by position, whatever a browser sends."""

from __future__ import annotations

import re

import pytest

from cxlib.views.filters import make_filters


@pytest.fixture(scope="module")
def filters(document):
    return make_filters(document)


def option(filters, name, label):
    by_name = {item.name: item for item in filters.filters}
    return next(place for place, text in by_name[name].options if text.en == label)


@pytest.mark.parametrize(
    ("name", "label", "left"),
    [
        ("step", "All", 6),
        ("step", "Choosing", 2),
        ("outcome", "Would come back", 3),
        ("state", "No action yet", 2),
        ("state", "Under way", 1),
        ("state", "Stopped", 1),
    ],
)
def test_each_choice_leaves_its_cards(filters, name, label, left):
    assert len(filters.shown({name: option(filters, name, label)})) == left


def test_choices_add_up(filters):
    choice = {"step": option(filters, "step", "Choosing"), "outcome": option(filters, "outcome", "Would come back")}
    assert filters.shown(choice) == ["staff_explain.loyalty"]
    assert filters.style(choice).count("display: none") == 2


@pytest.mark.parametrize(
    "sent",
    [
        {"step": "0) {} body { display: none } ("},
        {"step": 99},
        {"step": -7},
        {"step": True},
        {"step": None},
        {"step": [0]},
        {"step": 0.0},
        {"x</style><script>": 0},
    ],
)
def test_a_hostile_choice_shows_everything(filters, sent):
    assert len(filters.shown(sent)) == 6
    assert filters.style(sent) == ""


def test_style_holds_nothing_but_positions(filters):
    for item in filters.filters:
        for place, _ in item.options:
            rules = filters.style({item.name: place})
            assert re.fullmatch(r"(\.cx-card:not\(\.(step|outcome|state)-\d+\) \{ display: none; \})?", rules)


def test_options_without_a_card_are_left_out(filters):
    labels = {item.name: [text.en for _, text in item.options] for item in filters.filters}
    assert "No step named" not in labels["step"]
    assert labels["state"] == ["All", "Under way", "Done", "Planned", "Stopped", "No action yet"]
