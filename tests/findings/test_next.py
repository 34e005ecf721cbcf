"""What to decide, what to ask and what to stop asking next."""

from __future__ import annotations

import re
from datetime import date

import pytest
from support_findings import HEADER, LOG, change_row, change_table, draft, ledger, params

from cxlib.actions import TwoTexts
from cxlib.actions.promises import PromiseRecord
from cxlib.actions.strategy import ChoiceRecord
from cxlib.privacy import pass_door

WITHOUT_A2 = re.sub(r"^A2,.*\n", "", LOG, flags=re.MULTILINE)
EX = {"grade": "EX", "estimate": 0.05, "low": -0.1, "high": 0.3, "needed": 900}
WORSE = {"grade": "E-", "estimate": -0.4, "low": -0.7, "high": -0.1}


def decide(**more) -> list[str]:
    return [text.en for text in pass_door(draft(**more), params()).document.decide_next]


def test_findings_that_nobody_answered_come_first_in_their_own_order():
    log = re.sub(r"^A[12],.*\n", "", LOG, flags=re.MULTILINE)
    said = decide(log=log)
    found = draft(log=log).document
    open_ = [item.factor for item in found.findings if not item.actions and item.no_action.reason is None]
    labels = list(dict.fromkeys(factor.label.en for factor in open_))
    assert len(labels) == 2
    assert [text.split("”")[0].removeprefix("“") for text in said[:2]] == labels
    assert all("Decide, or write down why not yet" in text for text in said[:2])


def test_then_what_went_wrong_then_days_then_what_cannot_be_told():
    table = change_table(change_row(**EX), change_row(measure="loyalty", **WORSE))
    said = decide(log=WITHOUT_A2.replace("2026-01-15,none", "2025-12-15,none"), change=table)
    kinds = [
        "nobody has written down",
        "“Would come back” got worse after it",
        "was to be made by 15 December 2025",
        "we cannot tell yet whether “told how long it would take” changed. About 900 answers a wave",
    ]
    assert [next(kind for kind in kinds if kind in text) for text in said] == kinds


def test_a_decision_s_day_that_comes_is_told_before_it_has_passed():
    assert any("is to be made by 15 January 2026. Why it is open: “The budget is decided in January”" in text
               for text in decide())  # fmt: skip


def test_actions_whose_day_has_passed_are_to_be_decided():
    late = LOG.replace("2025-07-01,2025-12-31,doing", "2025-07-01,2025-10-31,doing")
    assert any("was to be finished by 31 October 2025" in text for text in decide(log=late))
    planned = LOG.replace("2026-02-01,2026-06-30,planned", "2025-11-01,2026-06-30,planned")
    assert any("was to begin on 1 November 2025" in text for text in decide(log=planned))
    assert not any("was to be" in text for text in decide() if "decision" not in text)


@pytest.mark.parametrize(("looks", "due"), [("2025-12-01", True), ("2026-12-01", False)])
def test_a_look_is_due_when_nobody_was_asked_since(looks, due):
    log = [line + "," for line in LOG.splitlines()]
    log[0] += "look_on"
    log = [line + (looks if line.startswith("A1") else "") for line in log]
    table = draft().document
    assert table.made_on == "2025-12-28"
    from support_findings import answers

    early = answers().assign(day="2025-06-20")
    import pandas as pd

    early["day"] = pd.to_datetime(early["day"])
    said = decide(log="\n".join(log) + "\n", table=early)
    assert any("was to be looked at on 1 December 2025, and nobody has been asked since 1 July 2025" in text
               for text in said) is due  # fmt: skip
    asked = decide(log="\n".join(log) + "\n")
    assert not any("was to be looked at" in text for text in asked)


def test_a_change_that_the_door_hides_is_not_there_to_decide():
    table = change_table(change_row(**EX), change_row(measure="loyalty", **WORSE))
    limited = pass_door(draft(change=table), params(), min_factor_pairs=250).document
    assert not any("got worse" in text.en or "cannot tell" in text.en for text in limited.decide_next)


# --- promises and choices ---


def promise(name, factors, text="Giao đúng hẹn"):
    return PromiseRecord(name, TwoTexts(text, f"{text} (en)"), True, None, None, tuple(factors), 2)


def choice(name, measures):
    return ChoiceRecord(name, TwoTexts("Giữ lời", "Keep our word"), tuple(measures), date(2025, 1, 1), None, 2)


def asked(**more) -> str:
    with_lists = params(promises="promises.csv", strategy="strategy.csv")
    return "\n".join(text.en for text in draft(asked=with_lists, **more).document.ask_next)


def test_promises_factors_and_actions_that_do_not_meet_are_questions():
    said = asked(promises=[promise("P1", ["wait_told", "music"]), promise("P2", [], "Đổi trả bảy ngày")])
    assert "Do we keep this promise? No question asks about it: “Đổi trả bảy ngày (en)”" in said
    assert "What have we promised about “the price was clear”, “the advice was easy to follow”" in said
    assert "told how long" not in said
    assert "What is “" not in said
    alone = asked(promises=[promise("P1", ["wait_told"])])
    assert "What is “New music lists” for? It serves no promise, and answers nothing that was found to matter." in alone


def test_no_list_is_a_question_of_its_own():
    said = "\n".join(text.en for text in draft().document.ask_next)
    assert "No list of promises is kept" in said
    assert "No list of strategic choices is kept" in said
    assert "What have we promised about" not in said
    assert "No list" not in asked(promises=[promise("P1", ["wait_told"])])


def test_promises_stand_in_the_document_in_their_order():
    found = draft(promises=[promise("P2", []), promise("P1", ["music"])]).document.promises
    assert [(item.id, item.factors, item.written) for item in found] == [("P2", (), True), ("P1", ("music",), True)]


def retired(**more) -> str:
    return "\n".join(text.en for text in draft(**more).document.retire)


def test_measures_that_serve_no_choice_are_named_when_there_are_choices():
    with_list = params(strategy="strategy.csv")
    keys = [key for key in with_list.questions if key not in ("music", "loyalty")]
    said = retired(asked=with_list, strategy=[choice("S1", keys)])
    assert (
        "serve no strategic choice that is written down: “Would come back”, “the music in the store was pleasant”."
        in said
    )
    assert "serve no strategic choice" not in retired()


def test_questions_without_any_action_are_to_be_decided_or_dropped():
    said = retired(log=WITHOUT_A2)
    assert "Asked in 4 waves, found to matter, and never acted on: “the advice was easy to follow”. Decide" in said
    assert "Asked in 4 waves, never acted on, and not found to matter so far: “the price was clear”" in said
    assert "told how long" not in said
    assert "a faulty product" not in said  # a decision not to act yet is written down
    account = ledger()
    once = account[~((account["field"] == "price_clear") & (account["wave"] != "2025-Q1"))]
    assert "the price was clear" not in retired(account=once)


def test_without_a_log_everything_that_matters_waits():
    said = decide(log=HEADER + "\n")
    assert sum("nobody has written down" in text for text in said) == len(
        {item.factor.key for item in draft(log=HEADER + "\n").document.findings}
    )
