"""The whole document from the real rooms: findings paired with actions, orphans, unknowns, loop, account."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from support_findings import HEADER, LOG, answers, draft, driver_rows, driver_table, factor_test, ledger, params, passed

from cxlib.findings.schema import Document
from cxlib.privacy import pass_door

WITHOUT_A2 = re.sub(r"^A2,.*\n", "", LOG, flags=re.MULTILINE)


def test_planted_factors_are_found_and_the_others_are_not():
    ids = {finding.id for finding in passed().document.findings}
    assert {
        "wait_told.referral",
        "on_time.referral",
        "staff_explain.referral",
        "staff_explain.loyalty",
        "defect_fixed.loyalty",
    } <= ids
    assert not [name for name in ids if name.startswith(("music", "parking"))]


def test_every_finding_has_an_action_or_says_that_there_is_none():
    for finding in passed().document.findings:
        assert bool(finding.actions) is (finding.no_action is None)


def test_pairing_uses_the_latest_state_and_a_decision_not_to_act_is_no_action():
    document = passed().document
    by_factor = {finding.factor.key: finding for finding in document.findings}
    assert by_factor["wait_told"].actions == ("A1",)
    assert by_factor["on_time"].actions == ("A3", "A4")
    assert by_factor["defect_fixed"].actions == ()
    assert by_factor["defect_fixed"].no_action.reason.en == "The budget is decided in January"
    assert by_factor["defect_fixed"].no_action.decide_by == "2026-01-15"
    unwritten = {item.factor.key: item for item in draft(log=WITHOUT_A2).document.findings}["staff_explain"]
    assert unwritten.no_action.model_dump() == {"reason": None, "decide_by": None}
    states = {action.id: (action.status, action.records) for action in document.actions}
    assert states["A1"] == ("doing", 2)
    assert states["A5"] == ("none", 1)


def test_an_action_that_answers_no_finding_is_listed_with_its_reason():
    orphans = passed().document.orphan_actions
    assert [orphan.action for orphan in orphans] == ["A6"]
    assert orphans[0].why.en == "Not found to matter for any outcome: “the music in the store was pleasant”."
    parked = LOG + LOG.splitlines()[-1].replace("A1,wait_told", "A8,parking") + "\n"
    found = {orphan.action: orphan.why.en for orphan in draft(log=parked).document.orphan_actions}
    assert "Not enough answers to know whether it matters: “parking was easy”" in found["A8"]


def test_the_loop_counts_factors():
    loop = passed().document.loop
    matter = {finding.factor.key for finding in passed().document.findings}
    acted = {finding.factor.key for finding in passed().document.findings if finding.actions}
    assert (loop.matter, loop.with_action, loop.with_change_measured) == (len(matter), len(acted), 0)


def test_the_scope_is_counted_and_never_listed():
    actions = {action.id: action.scope for action in passed().document.actions}
    assert (actions["A1"].units, actions["A1"].of, actions["A1"].everyone) == (6, 24, False)
    assert actions["A2"].everyone
    assert [group.en for group in actions["A3"].groups] == ["Region: South"]
    assert [group.vi for group in actions["A3"].groups] == ["Vùng: Miền Nam"]
    assert "S01" not in passed().document.model_dump_json()


def test_a_scope_that_names_no_known_place_is_a_gap():
    log = LOG.replace("store=S07;store=S08", "store=S07;store=S99")
    said = " ".join(text.en for text in draft(log=log).document.unknowns)
    assert "check the spelling: “Two-hour delivery”" in said


def unknowns(**more) -> str:
    return "\n".join(text.en for text in draft(**more).document.unknowns)


def test_unknowns_come_from_the_gaps():
    nobody = unknowns(log=WITHOUT_A2)
    assert "what will be done, or by when it will be decided, about “the advice was easy to follow”" in nobody
    said = unknowns()
    assert "has not been measured: “Six stores tell the waiting time”, “A plain comparison sheet”" in said
    assert "went to the places with the lowest ratings" in said
    assert "not enough answers to say anything about “Would tell others” together with “parking was easy”" in said
    assert (
        "“the music in the store was pleasant”. There may still be one: with this many answers, a link weaker" in said
    )
    assert "No action was rolled out to places drawn at random" not in said
    assert "goes together in customers' answers" in said
    assert "no association" not in said.lower()


def test_no_action_log_is_a_gap():
    said = unknowns(log=HEADER + "\n")
    assert "No action log was given" in said
    assert "has not been measured" not in said


def test_no_random_roll_out_is_a_gap():
    assert "No action was rolled out to places drawn at random" in unknowns(log=LOG.replace(",random,", ",volunteers,"))


def test_outcomes_and_questions_that_were_not_asked_are_gaps():
    table = answers()
    account = ledger(table)
    asked_once = (account["field"] == "loyalty") & (account["wave"] != "2025-Q1")
    not_then = (account["field"] == "music") & account["wave"].isin(["2025-Q2", "2025-Q3"])
    said = unknowns(account=account[~(asked_once | not_then)])
    assert "“Would come back” was asked in one wave only (2025-Q1)" in said
    assert "Not asked in every wave: “the music in the store was pleasant” (not in 2025-Q2, 2025-Q3)." in said
    one = {key: value for key, value in params().model_dump(mode="json")["outcomes"].items() if key == "referral"}
    said = unknowns(asked=params(outcomes=one, comments=[]), tested=driver_table(driver_rows()))
    assert "No question about loyalty was asked." in said
    assert "not asked to say why in their own words" in said


def test_one_wave_is_a_gap():
    table = answers().assign(wave="2025")
    assert "All answers are from one survey wave" in unknowns(table=table, tested=driver_table(driver_rows()))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"reason": "constant", "estimate": np.nan, "q": np.nan}, "Nearly all customers gave the same answer"),
        (
            {"reason": "collinear", "adjusted": np.nan, "adjusted_q": np.nan},
            "cannot be told apart (“Would tell others”)",
        ),
        ({"reason": "not_asked", "n": 0}, "never asked together with “Would tell others”"),
        ({"matters": False}, "could not be told apart from that of a factor of pure chance"),
        ({"q": 0.3, "adjusted_q": 0.6, "detectable": 0.28}, "a link weaker than about 0.28"),
    ],
)
def test_why_nothing_is_found(changes, said):
    assert said in unknowns(tested=driver_table(driver_rows(**changes)))


def test_a_factor_that_matters_in_one_group_only_is_worth_a_look():
    rows = driver_rows(q=0.4, adjusted_q=0.5, matters=False)
    for level, n, estimate in (("bac", 150, 0.02), ("trung", 120, 0.01), ("nam", 130, 0.4)):
        rows.append(
            {
                "factor": "wait_told",
                "outcome": "referral",
                "segment": "region",
                "level": level,
                "n": n,
                "estimate": estimate,
                "low": estimate - 0.1,
                "high": estimate + 0.1,
            }
        )
    rows.append(
        {"factor": "wait_told", "outcome": "referral", "segment": "region", "differs_p": 0.001, "differs_q": 0.01}
    )
    before = draft(tested=driver_table(rows))
    assert any("differ; it was seen in “South”" in text.en for text in before.document.unknowns)
    rows[3] |= {"n": 3}
    document = pass_door(draft(tested=driver_table(rows)), params()).document
    assert not any("South" in text.en for text in document.unknowns)


def test_the_index_is_a_footnote_with_its_interval_weighted_when_declared():
    import pingouin

    table = answers()
    referral, loyalty = draft().document.score_note.indices
    values = np.select([table["referral"] >= 9, table["referral"] <= 6], [1.0, -1.0], 0.0)
    assert (referral.kind, loyalty.kind) == ("net_share", "mean")
    assert referral.estimate == pytest.approx(values.mean(), abs=1e-4)
    assert referral.low < referral.estimate < referral.high
    alone = draft(table=table.drop(columns="unit"), asked=params(unit=None, actions=None), log=HEADER + "\n")
    low, high = pingouin.ttest(table["loyalty"], 0).loc["T_test", "CI95"]
    mean = alone.document.score_note.indices[1]
    assert (mean.low, mean.high) == (pytest.approx(low, abs=0.006), pytest.approx(high, abs=0.006))
    weight = pd.Series(np.where(table["referral"] >= 9, 3.0, 0.5))
    weighted = draft(table=table.assign(weight=weight), asked=params(weight="w")).document.score_note.indices[0]
    assert weighted.estimate == pytest.approx(np.average(values, weights=weight), abs=1e-4)
    assert weighted.n == 900


def test_the_account_and_the_settings():
    document = draft().document
    assert document.rows.model_dump(by_alias=True) == {"in": 950, "kept": 900, "set_aside": 50}
    assert document.waves == ("2025-Q1", "2025-Q2", "2025-Q3", "2025-Q4")
    assert document.method.settings["analysis.q"] == 0.05
    assert document.method.settings["cleaning.min_seconds"] is None
    assert document.method.settings["privacy.min_group"] == 5
    assert next(line.rule for line in document.method.rows) == "read"
    assert len(document.method.tests) == 14
    assert all(line.of == line.valid + sum(reason.count for reason in line.reasons) for line in document.method.cells)


def test_waves_follow_the_files_or_the_numbers_in_their_names():
    from cxlib.findings.account import waves_of

    names = pd.DataFrame({"wave": ["week 10", "week 9", "", "week 1"]})
    assert waves_of(names, params()) == ("week 1", "week 9", "week 10")
    files = [{"file": f"{name}.csv", "wave": name} for name in ("spring", "autumn")]
    asked = params(data={"responses": files}, wave=None)
    assert waves_of(pd.DataFrame({"wave": ["autumn", "spring"]}), asked) == ("spring", "autumn")


def test_the_same_inputs_give_the_same_bytes(tmp_path):
    texts = []
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        shuffled = draft(tested=driver_table(driver_rows(), driver_rows("on_time")), table=answers())
        pass_door(shuffled, params()).save(tmp_path / name)
        texts.append((tmp_path / name / "findings.json").read_bytes())
    assert texts[0] == texts[1]


def test_tables_read_back_from_csv_give_the_same_document(tmp_path):
    factor_test().save(tmp_path)
    tables = {name: pd.read_csv(tmp_path / f"{name}.csv") for name in factor_test().tables}
    back = draft(tested=pd.read_csv(tmp_path / "drivers.csv"), tables=tables).document
    assert back == draft().document


def test_no_finding_at_all_is_an_ordinary_result():
    document = pass_door(draft(tested=driver_table(driver_rows(q=0.5, matters=False))), params()).document
    assert document.findings == ()
    assert document.loop.matter == 0
    assert [orphan.action for orphan in document.orphan_actions] == ["A1", "A2", "A3", "A4", "A6"]


def test_the_committed_sample_is_valid_and_keeps_the_doors_rules():
    sample = Document.model_validate_json((Path(__file__).parent / "sample_findings.json").read_text(encoding="utf-8"))
    assert {action.status for action in sample.actions} == {"planned", "doing", "done", "stopped", "none"}
    rules = [line.count or 0 for line in sample.method.rows if line.rule not in ("read", "kept")]
    assert sum(rules) == sample.rows.set_aside
