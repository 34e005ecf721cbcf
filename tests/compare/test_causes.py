"""Where differences come from, by elimination."""

from __future__ import annotations

import pytest
from made_runs import sha, stage_of

from cxlib.runs.causes import Recorded, find_cause, find_changes, read_recorded


@pytest.fixture
def pair(make):
    """Two runs' records, the second edited."""

    def made(edit) -> tuple[Recorded, Recorded]:
        return read_recorded(make()), read_recorded(make(lambda document, record: edit(record)))

    return made


def moved(record: dict, *stages: str, kind: str | None = None) -> None:
    """The stages left something else; because of a kind with a hash of its own, when one is named."""
    for name in stages:
        stage_of(record, name)["artefacts"] = {f"{name}.csv": sha(["other", name])}
        if kind:
            stage_of(record, name)["hangs_on"][kind] = sha(["other", kind])


def new_data(record: dict) -> None:
    record["inputs"]["survey"] = {"survey.csv": sha("more answers")}


def new_q(record: dict) -> None:
    record["parameters"]["analysis"]["q"] = 0.1
    for name in ("drivers", "change", "findings"):
        stage_of(record, name)["hangs_on"]["parameters"] = sha("q")


def new_log(record: dict) -> None:
    record["inputs"]["actions"] = sha("longer log")


def new_code(record: dict) -> None:
    record["code"] |= {"sha256": sha("edited"), "commit": "2" * 40}
    for name in ("drivers", "findings"):
        stage_of(record, name)["hangs_on"]["code"] = sha(["edited", name])


def new_pandas(record: dict) -> None:
    record["packages"]["pandas"] = "3.0.2"


EVERY = ("clean", "drivers", "change", "findings")


@pytest.mark.parametrize(
    ("edit", "kind", "which"),
    [
        (new_data, "data", ["survey.csv"]),
        (new_q, "parameters", ["analysis.q"]),
        (new_code, "code", ["commit"]),
        (new_pandas, "packages", ["pandas"]),
    ],
)
def test_the_only_kind_that_changed_is_named(pair, edit, kind, which):
    before, after = pair(lambda record: (edit(record), moved(record, *EVERY)))
    changes = find_changes(before, after)
    cause = find_cause("findings", before, after, changes)
    assert cause.kinds == (kind,)
    assert set(cause.out.values()) == {"same"}
    assert [getattr(item, "name", None) or item.key for item in getattr(changes, kind)] == which


def test_the_action_log_is_behind_evidence_and_never_behind_an_association(pair):
    before, after = pair(lambda record: (new_log(record), moved(record, "change", "findings")))
    changes = find_changes(before, after)
    assert find_cause("evidence", before, after, changes).kinds == ("actions",)
    assert find_cause("actions", before, after, changes).kinds == ("actions",)
    findings = find_cause("findings", before, after, changes)
    assert findings.kinds == ()
    assert findings.out["actions"] == "not_read"


def test_several_that_came_in_together_are_not_told_apart(pair):
    before, after = pair(lambda record: (new_data(record), new_q(record), moved(record, *EVERY)))
    assert find_cause("findings", before, after, find_changes(before, after)).kinds == ("data", "parameters")


def test_answers_that_came_out_the_same_are_out(pair):
    before, after = pair(lambda record: (new_data(record), new_q(record), moved(record, "drivers", "findings")))
    cause = find_cause("findings", before, after, find_changes(before, after))
    assert cause.kinds == ("parameters",)
    assert cause.out["data"] == "left_the_same"


def test_a_stage_that_left_the_same_lets_nothing_pass(pair):
    """New code reaches the factor test alone: not the evidence, although the data changed too."""

    def edit(record):
        new_data(record)
        record["code"]["sha256"] = sha("edited")
        moved(record, "drivers", kind="code")
        moved(record, "clean", "change")

    before, after = pair(edit)
    changes = find_changes(before, after)
    assert find_cause("findings", before, after, changes).kinds == ("data", "code")
    evidence = find_cause("evidence", before, after, changes)
    assert evidence.kinds == ("data",)
    assert evidence.out["code"] == "not_read"


def test_words_alone_are_behind_no_number(pair):
    def edit(record):
        new_data(record)
        record["parameters"]["title"]["en"] = "Another"
        record["parameters"]["factors"]["wait_told"]["label"]["en"] = "waiting"
        for name in EVERY:
            stage_of(record, name)["hangs_on"]["parameters"] = sha("words")
        moved(record, *EVERY)

    before, after = pair(edit)
    changes = find_changes(before, after)
    assert {item.key: item.wording for item in changes.parameters} == {
        "title.en": True,
        "factors.wait_told.label": True,
    }
    cause = find_cause("findings", before, after, changes)
    assert cause.kinds == ("data",)
    assert cause.out["parameters"] == "wording"


def by_hand(record: dict, name: str = "drivers") -> None:
    """A stage was adopted from a scratch copy."""
    line = stage_of(record, name)
    line["status"] = "adopted"
    line["hangs_on"]["made by hand"] = sha("another table")


def test_what_was_made_by_hand_is_named_and_reaches_what_reads_it(pair):
    before, after = pair(lambda record: (by_hand(record), moved(record, "drivers", "findings")))
    changes = find_changes(before, after)
    assert [(item.name, item.before) for item in changes.by_hand] == [("drivers", None)]
    assert find_cause("findings", before, after, changes).kinds == ("by_hand",)
    assert find_cause("loop", before, after, changes).kinds == ("by_hand",)
    assert find_cause("evidence", before, after, changes).out["by_hand"] == "not_read"


def test_what_was_made_by_hand_beside_new_answers_is_not_told_apart(pair):
    before, after = pair(lambda record: (by_hand(record), new_data(record), moved(record, *EVERY)))
    assert find_cause("findings", before, after, find_changes(before, after)).kinds == ("data", "by_hand")


def test_nothing_recorded_changed(pair):
    before, after = pair(lambda record: moved(record, *EVERY))
    assert find_cause("findings", before, after, find_changes(before, after)).kinds == ()


def test_a_record_that_lacks_a_hash_rules_nothing_out_by_it(pair):
    def edit(record):
        new_q(record)
        moved(record, *EVERY)
        for name in EVERY:
            del stage_of(record, name)["hangs_on"]["parameters"]

    before, after = pair(edit)
    assert find_cause("findings", before, after, find_changes(before, after)).kinds == ("parameters",)


def test_the_same_answers_under_another_name_are_no_change(pair):
    before, after = pair(lambda record: record["inputs"].update(survey={"renamed.csv": sha("survey")}))
    assert find_changes(before, after).data == ()


def test_a_package_that_one_run_did_not_write_down_is_no_change(pair):
    before, after = pair(lambda record: record["packages"].update(numpy="2.4.0", pandas="3.1.0"))
    assert [item.name for item in find_changes(before, after).packages] == ["pandas"]


def test_another_order_of_keys_is_a_change_and_places_of_files_are_not_told(pair):
    def edit(record):
        factors = record["parameters"]["factors"]
        record["parameters"]["factors"] = dict(reversed(factors.items()))
        record["parameters"]["data"]["responses"] = "/home/somebody/other.csv"

    before, after = pair(edit)
    told = find_changes(before, after).parameters
    assert {item.key for item in told} == {"factors", "data.responses"}
    assert all(item.before is item.after is None for item in told)


def test_a_changed_past_of_the_log_counts_as_the_log(make):
    before, after = make(), make()
    (after / "history.json").write_text('{"notes": [{"kind": "edited", "action": "A1"}]}')
    changes = find_changes(read_recorded(before), read_recorded(after))
    assert [(item.name, item.before, item.after) for item in changes.actions] == [("history", "0", "1")]


def with_files(record: dict, files: dict[str, str]) -> None:
    """As a run writes it down that knows which files its stages reach."""
    record["code"] |= {"files": files, "notebooks": {"1_clean.ipynb": sha("cells"), "views/x.ipynb": sha(files)}}
    stage_of(record, "clean")["notebook"] = "1_clean.ipynb"
    record["all_packages"] = record["packages"] | {"numpy": "2.4.0"}


def test_an_edit_of_what_no_stage_reaches_is_no_change(make):
    files = {"drivers/table.py": sha("one"), "stats/ranks.py": sha("two")}
    before = read_recorded(make(lambda document, record: with_files(record, files)))

    def only_pages(document, record):
        with_files(record, files)
        record["code"] |= {"sha256": sha("edited"), "commit": "2" * 40}
        record["code"]["notebooks"]["views/x.ipynb"] = sha("other")

    def edited(document, record):
        with_files(record, files | {"stats/ranks.py": sha("edited")})
        record["all_packages"]["numpy"] = "2.4.1"

    assert find_changes(before, read_recorded(make(only_pages))).kinds == ()
    changes = find_changes(before, read_recorded(make(edited)))
    assert changes.kinds == ("code", "packages")
    assert [item.name for item in changes.code] == ["stats/ranks.py"]
    assert [item.name for item in changes.packages] == ["numpy"]
