"""What passes the door: nothing of too few people, no person, no cause, no score; and it says what was hidden."""

from __future__ import annotations

import json
import re

import pytest
from support_findings import WAVES, a_change, answers, draft, driver_rows, driver_table, params, passed

from cxlib.errors import RefusedError
from cxlib.findings.schema import Both, Document, Quote
from cxlib.privacy import GroupCounts, pass_door
from cxlib.privacy.causal import causal_words


def replaced(before, **changes):
    """A draft whose document has other parts."""
    import dataclasses

    return dataclasses.replace(before, document=before.document.model_copy(update=changes))


def test_the_sample_passes_and_is_a_valid_document(tmp_path):
    passed().save(tmp_path)
    raw = (tmp_path / "findings.json").read_text(encoding="utf-8")
    assert Document.model_validate_json(raw) == passed().document
    assert raw.endswith("\n")
    assert "NaN" not in raw
    assert list(json.loads(raw)) == sorted(json.loads(raw))
    passed().save(tmp_path)
    assert (tmp_path / "findings.json").read_text(encoding="utf-8") == raw


def test_the_table_shows_findings_in_the_order_of_the_page():
    assert list(passed().table["finding"]) == [finding.id for finding in passed().document.findings]


@pytest.mark.parametrize("limit", ["min_group", "min_group_sensitive", "min_comments", "min_factor_pairs"])
@pytest.mark.parametrize("value", [1, 4, 0, -3, True, 4.5])
def test_a_limit_is_never_lowered(limit, value):
    with pytest.raises(RefusedError) as refused:
        pass_door(draft(), params(), **{limit: value})
    assert refused.value.exit_code == 5
    assert limit in str(refused.value)


def test_all_lowered_limits_are_named_at_once():
    with pytest.raises(RefusedError) as refused:
        pass_door(draft(), params(), min_group=2, min_comments=2)
    assert len(refused.value.problems) == 2


def test_a_limit_of_the_parameters_counts_when_it_is_higher():
    asked = params(privacy={"min_group": 8, "min_factor_pairs": 500})
    assert pass_door(draft(), asked).limits.min_group == 8
    assert pass_door(draft(), params(), min_group=9).limits.min_group == 9


def test_small_groups_are_hidden_with_one_more_so_that_none_is_had_by_subtraction():
    people = draft().groups
    for finding in passed().document.findings:
        regions = {item.level: item for item in finding.holds.segments}
        assert regions["dao"].n is None
        assert regions["dao"].estimate is None
        shown = sum(item.n or 0 for item in regions.values())
        assert finding.n - shown >= 5
        hidden = [item.level for item in regions.values() if item.n is None]
        counts = people[finding.factor.key, finding.outcome, "region"].levels
        assert len(hidden) == 2
        assert sum(counts[level] for level in hidden) == finding.n - shown


def test_a_sensitive_segment_needs_more_people():
    sensitive = params(segments={"region": {"column": "region", "sensitive": True}})
    before = draft(asked=sensitive)
    counts = GroupCounts(900, {"bac": 500, "trung": 391, "nam": 9})
    import dataclasses

    groups = {table: counts if table[2] == "region" else item for table, item in before.groups.items()}
    levels = {
        asked: {
            item.level
            for finding in pass_door(
                dataclasses.replace(before, groups=groups, sensitive=sensible), sensitive
            ).document.findings
            for item in finding.holds.segments
            if item.n is None
        }
        for asked, sensible in (("sensitive", frozenset({"region"})), ("plain", frozenset()))
    }
    assert "nam" in levels["sensitive"]
    assert "nam" not in levels["plain"]


def test_what_was_hidden_is_listed_without_its_number():
    hidden = passed().document.suppressed
    said = " ".join(item.what.en + " " + item.why.en for item in hidden)
    assert "“Region”: the numbers of some groups" in said
    assert "“parking was easy”" in said
    assert not re.search(r"\b(?:3|4|20)\b", said)


def test_factor_tests_of_too_few_pairs_have_no_number():
    tests = [test for test in passed().document.method.tests if test.factor == "parking"]
    assert tests
    for test in tests:
        assert test.grade == "E0"
        assert test.n is None
        assert not [value for value in test.association.model_dump().values() if isinstance(value, float)]
        assert test.detectable is None


def test_a_raised_limit_turns_a_finding_into_not_enough_answers():
    document = pass_door(draft(), params(), min_factor_pairs=5000).document
    assert document.findings
    for finding in document.findings:
        assert finding.grade == "E0"
        assert finding.sentence.en == "Not enough answers to show."
        numbers = [finding.n, *finding.association.model_dump().values(), *finding.importance.model_dump().values()]
        assert not [value for value in numbers if isinstance(value, int | float)]
        assert finding.holds.segments == finding.holds.waves == ()
        assert finding.figure is None
        assert finding.caveats == finding.whom == ()
        assert finding.actions or finding.no_action is not None


def test_quotes_of_fewer_than_the_limit_are_hidden():
    document = pass_door(draft(), params(), min_comments=1000).document
    assert all(finding.heard == () for finding in document.findings)
    assert any("Comments that speak of" in item.what.en for item in document.suppressed)
    assert any(finding.heard for finding in passed().document.findings)


def test_the_wave_of_a_quote_is_hidden_when_few_wrote_in_it():
    import dataclasses

    before = draft()
    counts = {key: dict.fromkeys(WAVES, 9) for key in before.quotes_from}
    document = pass_door(dataclasses.replace(before, quotes_from=counts), params()).document
    quotes = [quote for finding in document.findings for quote in finding.heard]
    assert quotes
    assert {quote.wave for quote in quotes} == {""}


def test_a_quote_that_still_names_someone_is_left_out():
    before = draft()
    first = before.document.findings[0]
    heard = (Quote(text="Gọi cho chị Lan số 0912 345 678 nhé", wave="2025-Q1"), *first.heard)
    changed = first.model_copy(update={"heard": heard})
    document = pass_door(replaced(before, findings=(changed, *before.document.findings[1:])), params()).document
    assert "0912" not in document.model_dump_json()
    assert document.findings[0].heard == passed().document.findings[0].heard
    assert any("way to reach someone" in item.why.en for item in document.suppressed)


def test_quotes_stay_word_for_word():
    texts = [quote.text for finding in passed().document.findings for quote in finding.heard]
    assert any('<script>alert("x")</script>' in text for text in texts)


def test_small_ledger_counts_are_told_with_others_and_the_account_still_adds_up():
    method, rows = passed().document.method, passed().document.rows
    counts = {line.rule: line.count for line in method.rows}
    assert counts["exact_duplicate+speeding"] == 14
    assert "speeding" not in counts
    aside = sum(count for rule, count in counts.items() if rule not in ("read", "kept"))
    assert rows.read - rows.kept == rows.set_aside == aside
    for line in method.cells:
        assert all(reason.count is None or reason.count >= 5 or reason.count == 0 for reason in line.reasons)


def test_a_question_with_one_to_four_missing_hides_how_many_were_valid():
    import pandas as pd
    from support_findings import ledger

    account = ledger()
    music = (account["field"] == "music") & (account["rule"] == "declared_missing")
    account.loc[music, "count"] = 0
    read = (account["field"] == "music") & (account["rule"] == "read")
    valid = account.loc[(account["field"] == "music") & (account["rule"] == "valid"), "count"].sum()
    account.loc[read, "count"] = 0
    account = pd.concat([account, account[read].head(1).assign(count=valid + 2)])
    lines = {line.field: line for line in pass_door(draft(account=account), params()).document.method.cells}
    assert lines["music"].valid is None
    assert [(reason.count, reason.below) for reason in lines["music"].reasons] == [(None, 5)]


def test_a_share_of_low_ratings_of_few_people_is_hidden():
    import dataclasses

    before = draft()
    first = before.document.findings[0].id
    for counts in ((3, 897), (897, 3)):
        changed = dataclasses.replace(before, ratings={**before.ratings, first: counts})
        assert pass_door(changed, params()).document.findings[0].performance.low_share is None
    assert passed().document.findings[0].performance.low_share is not None


def test_a_sentence_that_names_a_hidden_group_gives_way():
    rows = driver_rows(n=700)
    levels = {"bac": 400, "trung": 297, "dao": 3}
    rows += [
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
        for (level, n), estimate in zip(levels.items(), (0.5, 0.05, 0.9), strict=True)
    ]
    rows.append(
        {"factor": "wait_told", "outcome": "referral", "segment": "region", "differs_p": 1e-4, "differs_q": 1e-3}
    )
    before = draft(tested=driver_table(rows))
    said = " ".join(text.en for text in before.document.findings[0].whom)
    assert "“North”" in said
    after = pass_door(before, params()).document.findings[0]
    said = " ".join(text.en + text.vi for text in after.whom)
    assert "the groups are not named" in said
    assert "North" not in said
    assert "Miền" not in said


def test_every_generated_sentence_is_read_for_causal_words():
    before = draft()
    bad = Both(vi="Nhờ đó khách quay lại.", en="This drives loyalty.")
    first = before.document.findings[0]
    for changes in (
        {"unknowns": (bad,)},
        {"findings": (first.model_copy(update={"sentence": bad}),)},
        {"findings": (first.model_copy(update={"caveats": (bad,)}),)},
        {"score_note": before.document.score_note.model_copy(update={"text": bad})},
        {"method": before.document.method.model_copy(update={"limits": (bad,)})},
    ):
        with pytest.raises(RefusedError) as refused:
            pass_door(replaced(before, **changes), params())
        assert "drives" in str(refused.value)


def test_a_change_may_name_a_cause_from_a_random_roll_out_only():
    before = draft()
    first = before.document.findings[0]
    said = Both(
        vi="Trong đợt triển khai ngẫu nhiên, A1 làm tăng điểm 0,4.", en="In a random roll-out, A1 had an effect of 0.4."
    )
    for grade, allowed in (("E4", True), ("E3", False), ("E2", False)):
        change = a_change(grade=grade, sentence=said)
        changed = replaced(before, findings=(first.model_copy(update={"change": (change,)}),))
        if allowed:
            assert pass_door(changed, params()).document.findings[0].change[0].sentence == said
        else:
            with pytest.raises(RefusedError):
                pass_door(changed, params())


def test_the_clients_own_names_are_no_claims_but_titles_are():
    asked = params().model_dump(mode="json")
    asked["factors"]["wait_told"]["label"] = {"vi": "nhờ nhân viên nhanh nhẹn", "en": "the impact of queues"}
    named = params(factors=asked["factors"])
    assert pass_door(draft(asked=named), named).document.findings
    for title in ({"vi": "Khách hàng", "en": "NPS 45"}, {"vi": "Tác động của giá", "en": "Customers"}):
        with pytest.raises(RefusedError):
            pass_door(draft(asked=params(title=title)), params())


def test_a_segment_may_be_called_with_a_causal_word():
    label = {"vi": "Biết đến nhờ ai", "en": "What led to the visit"}
    named = params(segments={"region": {"column": "region", "label": label}})
    rows = driver_rows(q=0.4, adjusted_q=0.5, matters=False)
    differs = {"segment": "region", "differs_p": 1e-3, "differs_q": 1e-2}
    rows.append({"factor": "wait_told", "outcome": "referral", **differs})
    said = pass_door(draft(asked=named, tested=driver_table(rows)), named).document.unknowns
    assert any("“What led to the visit”" in text.en for text in said)


def test_no_generated_sentence_of_the_sample_claims_a_cause():
    document = passed().document
    for finding in document.findings:
        for text in (finding.sentence, *finding.caveats, *finding.whom):
            assert causal_words(text.en, "en") == causal_words(text.vi, "vi") == []


def test_nothing_of_a_respondent_is_in_the_document():
    text = passed().document.model_dump_json()
    assert "responses.csv" not in text
    assert not [unit for unit in answers()["unit"].unique() if f'"{unit}"' in text]
