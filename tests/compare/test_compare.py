"""What is different between two runs: listed, counted, and in the order of the questionnaire."""

from __future__ import annotations

import json

import pytest
from made_runs import evidence_of, finding_of

from cxlib.errors import ParamsError
from cxlib.runs.compare import Numbers, compare_runs, find_run, how_moved


def by_key(compared):
    return {item.key: item for item in compared.different}


def test_two_equal_runs_tell_the_same(make):
    found = compare_runs(make(), make())
    assert not found.differs
    assert found.findings.different == found.evidence.different == found.actions == ()
    assert (found.findings.shifted, found.findings.same) == (0, 6)
    assert found.changes.kinds == ()


def test_every_kind_of_difference_is_listed_once(changed_set):
    found = compare_runs(*changed_set)
    told = by_key(found.findings)
    assert {key: item.what for key, item in told.items()} == {
        "wait_told.referral": "changed",
        "price_clear.loyalty": "went",
        "defect_fixed.loyalty": "changed",
    }
    assert [(move.measure, move.how) for move in told["wait_told.referral"].moved] == [("association", "apart")]
    assert [(move.measure, move.how) for move in told["defect_fixed.loyalty"].moved] == [("adjusted", "sign")]
    assert told["price_clear.loyalty"].other == "not"
    assert (found.findings.shifted, found.findings.same) == (1, 2)  # staff_explain moved by a hair


def test_evidence_after_actions_is_held_against_each_other_too(changed_set):
    told = by_key(compare_runs(*changed_set).evidence)
    assert told["A1.wait_told"].grades == ("E4", "EX")
    assert [move.how for move in told["A2.staff_explain"].moved] == ["sign"]
    assert told["A3.delivery_on_time"].what == "appeared"
    assert told["A3.delivery_on_time"].other == "planned"
    assert told["A3.delivery_on_time"].told is not None
    assert len(told) == 3


def test_what_went_one_way_appeared_the_other_way(changed_set):
    there, back = compare_runs(*changed_set), compare_runs(*reversed(changed_set))
    turned = {"appeared": "went", "went": "appeared", "changed": "changed"}
    for one, other in ((there.findings, back.findings), (there.evidence, back.evidence)):
        assert {(item.key, turned[item.what]) for item in one.different} == {
            (item.key, item.what) for item in other.different
        }


def test_findings_stand_in_the_order_of_the_questionnaire(make):
    def drop_all(document, record):
        document["findings"] = []

    found = compare_runs(make(), make(drop_all))
    sample = json.loads((make() / "findings.json").read_text())
    factors, outcomes = ([item["key"] for item in sample[name]] for name in ("factors", "outcomes"))
    pairs = [tuple(item.key.split(".")) for item in found.findings.different]
    assert len(pairs) == 6
    assert pairs == sorted(pairs, key=lambda pair: (outcomes.index(pair[1]), factors.index(pair[0])))


def test_actions_added_altered_and_gone(make):
    def edit(document, record):
        document["actions"] = [item for item in document["actions"] if item["id"] != "A6"]
        a4 = next(item for item in document["actions"] if item["id"] == "A4")
        a4["status"], a4["scope"] = "doing", a4["scope"] | {"units": 3}
        document["actions"].append(a4 | {"id": "A9", "change": []})

    told = {item.id: item for item in compare_runs(make(), make(edit)).actions}
    assert {key: item.what for key, item in told.items()} == {"A4": "altered", "A6": "gone", "A9": "added"}
    fields = {field.name: (field.before, field.after) for field in told["A4"].altered}
    assert fields == {"status": ("stopped", "doing"), "scope": (None, None)}


def test_numbers_that_are_hidden_in_one_run_are_told_as_such(make):
    def hide(document, record):
        finding_of(document, "wait_told.referral")["adjusted"] |= {"estimate": None, "low": None, "high": None}
        evidence_of(document, "A1", "referral").update(estimate=None, low=None, high=None)

    found = compare_runs(make(), make(hide))
    assert [move.how for move in by_key(found.findings)["wait_told.referral"].moved] == ["hidden"]
    assert [move.how for move in by_key(found.evidence)["A1.referral"].moved] == ["hidden"]


@pytest.mark.parametrize(
    ("rows", "limit", "told"),
    [
        ({}, 5, True),
        ({"in": 2803, "kept": 2635}, 5, False),  # 2 more people
        ({"in": 2901, "kept": 2733}, 5, True),
        ({"in": 2901, "kept": 2730, "set_aside": 171}, 5, False),  # 3 more were set aside
        ({"in": 2809, "kept": 2641}, 10, False),  # the client shows no group below 10
    ],
)
def test_a_handful_of_people_is_not_put_beside_each_other(make, rows, limit, told):
    def edit(document, record):
        document["rows"] |= rows
        record["parameters"]["privacy"] = {"min_group": limit}

    assert compare_runs(make(), make(edit)).rows_told is told


def test_questions_of_one_run_only_are_named(make):
    def without(document, record):
        document["factors"] = [item for item in document["factors"] if item["key"] != "parking"]

    found = compare_runs(make(), make(without))
    assert [label.en for label in found.asked_before] == ["parking"] or len(found.asked_before) == 1
    assert found.asked_after == ()


@pytest.mark.parametrize(
    ("before", "after", "how"),
    [
        ((0.3, 0.2, 0.4), (0.5, 0.41, 0.6), "apart"),
        ((0.5, 0.41, 0.6), (0.3, 0.2, 0.4), "apart"),
        ((0.3, 0.2, 0.4), (0.5, 0.4, 0.6), "outside"),  # they touch
        ((0.3, 0.2, 0.4), (0.45, 0.29, 0.6), None),  # the first lies inside the second's
        ((0.05, 0.01, 0.2), (-0.05, -0.2, 0.1), "sign"),
        ((0.05, -0.1, 0.2), (-0.05, -0.2, 0.1), "zero"),
        ((0.3, None, None), (0.6, None, None), None),
        ((None, None, None), (0.6, 0.5, 0.7), "shown"),
        ((None, None, None), (None, None, None), None),
    ],
)
def test_how_a_number_moved(before, after, how):
    assert how_moved(Numbers(*before), Numbers(*after)) == how


def test_runs_are_named_by_name_beginning_latest_and_previous(make, tmp_path):
    outputs = tmp_path / "outputs"
    first, second = make(), make()
    failed = make(lambda document, record: record.update(status="failed"), latest=False)
    assert find_run(outputs, "sample", "latest") == second
    assert find_run(outputs, "sample", "previous") == first
    assert find_run(outputs, "sample", first.name) == first
    assert find_run(outputs, "sample", "20260103") == failed
    with pytest.raises(ParamsError, match="3 runs begin with '2026'"):
        find_run(outputs, "sample", "2026")
    for wrong in ("2027", "", "../sample"):
        with pytest.raises(ParamsError, match="There is no run"):
            find_run(outputs, "sample", wrong)


def test_a_name_that_begins_another_is_that_run_itself(make, tmp_path):
    short, _ = make(name="20260101T000000Z-abc"), make(name="20260101T000000Z-abc-2")
    assert find_run(tmp_path / "outputs", "sample", short.name) == short


def test_a_damaged_run_elsewhere_does_not_hide_the_previous_one(make, tmp_path):
    damaged, first, _ = make(), make(), make()
    for text in ("{", "{}", '{"status": "done", "stages": [1]}'):
        (damaged / "manifest.json").write_text(text, encoding="utf-8")
        assert find_run(tmp_path / "outputs", "sample", "previous") == first


def test_previous_needs_a_run_before_the_latest(make, tmp_path):
    make()
    with pytest.raises(ParamsError, match="no finished run before"):
        find_run(tmp_path / "outputs", "sample", "previous")
    with pytest.raises(ParamsError, match="no finished run"):
        find_run(tmp_path / "outputs", "nobody", "latest")


def test_a_run_without_findings_and_one_of_another_client_are_refused(make):
    whole, broken = make(), make(lambda document, record: record.update(status="failed"))
    (broken / "findings.json").unlink()
    with pytest.raises(ParamsError, match=r"holds no findings .*failed"):
        compare_runs(whole, broken)
    other = make(lambda document, record: document.update(client="another"))
    with pytest.raises(ParamsError, match="two clients"):
        compare_runs(whole, other)


def test_a_later_version_may_say_more(make):
    later = make(lambda document, record: document.update(something_new=[1]))
    assert not compare_runs(make(), later).differs
    strange = make(lambda document, record: document.pop("findings"))
    with pytest.raises(ParamsError, match="not of the form"):
        compare_runs(make(), strange)


def test_the_fields_are_json(changed_set):
    told = json.loads(json.dumps(compare_runs(*changed_set).as_dict(), allow_nan=False))
    assert told["findings"]["different"][0]["of"].keys() == {"vi", "en"}
    assert told["changes"]["parameters"] == [{"key": "analysis.q", "before": 0.05, "after": 0.1, "wording": False}]
