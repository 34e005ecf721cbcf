"""What the demo's chain promised and chose: some of it meets no question, and some questions serve none of it."""

from __future__ import annotations

import unicodedata

from cxlib.actions.promises import read_promises
from cxlib.actions.strategy import read_strategy
from cxlib.params import load_params
from cxlib.privacy.causal import causal_words


def test_promises_and_factors_that_do_not_meet(demo, truth):
    params = load_params(demo)
    promises = read_promises(params, demo)
    assert len(promises) == len({promise.id for promise in promises})
    assert {promise.id for promise in promises if not promise.factors} == set(truth["promises"]["without_factor"])
    promised = {key for promise in promises for key in promise.factors}
    assert set(params.factors) - promised == set(truth["promises"]["factors_without"])
    assert {promise.written for promise in promises} == {True, False}


def test_measures_that_serve_no_choice(demo, truth):
    params = load_params(demo)
    choices = read_strategy(params, demo)
    served = {key for choice in choices for key in choice.measures}
    assert set(params.questions) - served == set(truth["strategy"]["measures_without"])


def test_an_action_serves_neither(demo, truth):
    """The one that answers no finding answers no promise and no strategic choice either."""
    orphan = next(action["factor"] for action in truth["actions"].values() if action.get("answers_no_finding"))
    assert orphan in truth["promises"]["factors_without"]
    assert orphan in truth["strategy"]["measures_without"]


def test_texts_stand_in_both_languages_and_claim_no_cause(demo):
    params = load_params(demo)
    texts = [promise.promise for promise in read_promises(params, demo)]
    texts += [promise.channel for promise in read_promises(params, demo)]
    texts += [choice.choice for choice in read_strategy(params, demo)]
    for text in texts:
        assert text.vi != text.en
        assert unicodedata.is_normalized("NFC", text.vi)
        assert not causal_words(text.vi, "vi") + causal_words(text.en, "en")
