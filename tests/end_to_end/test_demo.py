"""The made-up client from survey to pages, held against what was planted in it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pandas as pd
import pytest
import yaml

pytestmark = pytest.mark.kernel


@pytest.fixture(scope="module")
def truth(root: Path) -> dict:
    return yaml.safe_load((root / "params/demo/truth.yaml").read_text(encoding="utf-8"))


def with_role(truth: dict, *roles: str) -> set[str]:
    return {key for key, factor in truth["factors"].items() if factor["role"] in roles}


def found(demo_run, outcome: str) -> set[str]:
    return {finding["factor"]["key"] for finding in demo_run.findings["findings"] if finding["outcome"] == outcome}


def test_the_run_leaves_what_the_design_says(demo_run):
    names = {path.name for path in demo_run.latest.iterdir()}
    assert names >= {
        "manifest.json", "params.json", "responses.parquet", "set_aside.parquet", "ledger.csv", "drivers.csv",
        "change.csv", "trends.csv", "periods.csv", "event_study.csv", "history.json", "findings.json", "figures",
        "notebooks", "views",
    }  # fmt: skip
    assert demo_run.latest.is_symlink()


def test_every_figure_that_a_page_names_is_drawn_in_both_languages_and_no_other(demo_run):
    document = demo_run.findings
    named = [finding["figure"] + ways for finding in document["findings"] for ways in ("", ".ways")]
    named += [change["figure"] for action in document["actions"] for change in action["change"] if change["figure"]]
    named += [trend["figure"] for trend in document["trends"] if trend["figure"]]
    assert any(name.startswith("change-A1") for name in named)
    drawn = {path.name for path in (demo_run.latest / "figures").glob("*.svg")}
    assert drawn == {f"{name}.{language}.svg" for name in named for language in ("vi", "en")}


def test_a_line_for_every_stage_and_ten_lines_of_plain_words(demo_run):
    for stage in ("clean", "drivers", "change", "findings"):
        assert stage in demo_run.err
    said = [line for line in demo_run.out.splitlines() if line.strip()]
    assert 8 <= len(said) <= 14, demo_run.out
    assert "cx view" in demo_run.out or "make view" in demo_run.out
    assert "Traceback" not in demo_run.err


def test_planted_factors_are_found_for_the_right_outcome(demo_run, truth):
    assert found(demo_run, "referral") == with_role(truth, "both", "referral_only", "hurts_when_fails", "one_region")
    assert found(demo_run, "loyalty") == with_role(truth, "both", "loyalty_only", "hurts_when_fails", "one_region")


def test_the_factor_that_only_hurts_when_it_fails_is_told_apart(demo_run, truth):
    kinds = {finding["id"]: finding["shape"]["kind"] for finding in demo_run.findings["findings"]}
    (only_hurts,) = with_role(truth, "hurts_when_fails")
    assert kinds[f"{only_hurts}.referral"] == "hurts_when_fails"
    for key in with_role(truth, "both"):
        assert kinds[f"{key}.referral"] != "hurts_when_fails"


def test_the_factor_of_one_region_is_said_to_differ_between_regions(demo_run, truth):
    (key,) = with_role(truth, "one_region")
    finding = next(item for item in demo_run.findings["findings"] if item["id"] == f"{key}.referral")
    assert [item["key"] for item in finding["holds"]["differences"] if item["differs"]] == ["region"]
    home = truth["factors"][key]["region"]
    slices = {item["level"]: item for item in finding["holds"]["segments"] if item["key"] == "region"}
    assert slices[home]["estimate"] == max(item["estimate"] for item in slices.values())
    assert any("Miền Nam" in line["vi"] for line in finding["whom"])


def test_the_ledger_holds_the_planted_mess(demo_run, truth):
    ledger = pd.read_csv(demo_run.latest / "ledger.csv", keep_default_na=False)
    rows = ledger[ledger["what"] == "rows"].groupby("rule")["count"].sum()
    planted = truth["rows"]
    assert rows["exact_duplicate"] == planted["exact_duplicate"]
    assert rows["repeated_respondent"] == planted["repeated_respondent"]
    assert rows["outcome_missing"] == planted["outcome_missing"]
    assert rows["too_few_factors"] == planted["too_few_factors"]["rows"]
    assert rows["straight_lining"] == planted["straight_lining"] + planted["straight_lining_natural"]
    assert rows["speeding"] == planted["speeding"]["rows"]
    assert rows["no_wave"] == planted["no_wave"]
    assert rows["read"] == rows.drop("read").sum()
    kept = pd.read_parquet(demo_run.latest / "responses.parquet")
    aside = pd.read_parquet(demo_run.latest / "set_aside.parquet")
    assert len(kept) == rows["kept"] == demo_run.findings["rows"]["kept"]
    assert len(aside) == rows["read"] - rows["kept"]
    assert set(aside["rule"]) == set(rows.index) - {"read", "kept"}


def test_nothing_of_a_person_is_stored(demo_run, root: Path):
    """Keys of respondents, phones and addresses are in the survey and nowhere in the run."""
    survey = (root / "params/demo/responses.csv").read_text(encoding="utf-8")
    ids = [line.split(",")[0] for line in survey.splitlines()[1:200]]
    addresses = {word.strip('".,;()') for word in survey.split() if "@" in word}
    assert addresses
    stored = b"".join(path.read_bytes() for path in sorted(demo_run.latest.rglob("*")) if path.is_file())
    stored += pd.read_parquet(demo_run.latest / "responses.parquet").to_csv().encode()
    stored += pd.read_parquet(demo_run.latest / "set_aside.parquet").to_csv().encode()
    for word in [*ids, *addresses]:
        assert word.encode() not in stored


def test_each_finding_is_paired_or_says_that_nothing_is_done_yet(demo_run, truth):
    findings = demo_run.findings["findings"]
    assert findings
    for finding in findings:
        assert bool(finding["actions"]) != bool(finding["no_action"])
    by_factor = {finding["factor"]["key"]: finding for finding in findings}
    assert by_factor["wait_told"]["actions"] == ["A1"]
    assert by_factor["warranty_kept"]["no_action"]["reason"]["en"]
    assert by_factor["warranty_kept"]["no_action"]["decide_by"] == "2026-10-15"
    for key in truth["no_action"]:
        assert by_factor[key]["no_action"] == {"reason": None, "decide_by": None}
    actions = {action["id"]: action for action in demo_run.findings["actions"]}
    assert actions["A1"]["status"] == "done"
    assert actions["A1"]["records"] == 3
    assert actions["A1"]["scope"] == {"everyone": False, "units": 10, "of": 24, "groups": []}
    assert actions["A4"]["status"] == "stopped"
    assert actions["A4"]["stopped_because"]["vi"]
    assert [orphan["action"] for orphan in demo_run.findings["orphan_actions"]] == ["A5"]


def changes(demo_run, action: str) -> dict[str, dict]:
    """What changed after an action: role -> evidence."""
    (found,) = (item for item in demo_run.findings["actions"] if item["id"] == action)
    return {change["role"]: change for change in found["change"]}


def test_the_random_roll_out_is_proven_on_its_card(demo_run, truth):
    plan = truth["actions"]["A1"]
    found = changes(demo_run, "A1")
    assert list(found) == ["factor", "loyalty", "referral"]
    assert found["factor"]["grade"] == "E4"
    assert found["factor"]["drawn"]
    assert found["factor"]["low"] < plan["change_in_rating"] < found["factor"]["high"]
    assert found["factor"]["could_see"]
    # a factor may change and loyalty not, and the page says exactly that
    assert found["loyalty"]["grade"] == "EX"
    assert str(round(found["loyalty"]["needed"], -1)) in found["loyalty"]["sentence"]["en"]
    cards = [finding for finding in demo_run.findings["findings"] if finding["factor"]["key"] == plan["factor"]]
    assert cards
    for card in cards:
        assert [change["action"] for change in card["change"]] == ["A1"] * 3
        assert card["grade"] == "E1"  # what changed is graded apart from what goes together


def test_the_useless_action_on_the_worst_is_not_proven(demo_run, truth):
    for action, plan in truth["actions"].items():
        if plan.get("shift") == 0.0:
            grades = {change["grade"] for change in changes(demo_run, action).values()}
            assert not grades & {"E3", "E4"}, action
    assert "2025-Q4" not in changes(demo_run, "A2")["factor"]["waves_before"]


def test_the_stopped_action_shows_its_reason(demo_run):
    said = " ".join(caveat["vi"] for caveat in changes(demo_run, "A4")["factor"]["caveats"])
    assert "Nhãn mất kết nối nhiều lần trong ngày" in said


def test_what_nobody_answered_is_the_first_thing_to_decide(demo_run, truth):
    labels = {factor["key"]: factor["label"] for factor in demo_run.findings["factors"]}
    (unanswered,) = truth["no_action"]
    first = demo_run.findings["decide_next"][0]
    for language in ("vi", "en"):
        assert labels[unanswered][language] in first[language]


def test_promises_choices_and_questions_that_do_not_meet(demo_run, root: Path, truth):
    ask = " ".join(line["en"] for line in demo_run.findings["ask_next"])
    retire = " ".join(line["en"] for line in demo_run.findings["retire"])
    labels = {factor["key"]: factor["label"]["en"] for factor in demo_run.findings["factors"]}
    promises = {promise["id"]: promise["promise"]["en"] for promise in demo_run.findings["promises"]}
    assert all(promises[name] in ask for name in truth["promises"]["without_factor"])
    assert all(labels[key] in ask for key in truth["promises"]["factors_without"])
    assert all(labels[key] in retire for key in truth["strategy"]["measures_without"])
    orphan = next(item for item in demo_run.findings["actions"] if item["id"] == "A5")
    assert orphan["what"]["en"] in ask


def test_the_log_is_told_line_by_line_and_nothing_of_it_was_altered(demo_run):
    history = demo_run.findings["history"]
    assert len(history) == sum(action["records"] for action in demo_run.findings["actions"]) == 12
    assert [entry["recorded_on"] for entry in history] == sorted(entry["recorded_on"] for entry in history)
    assert not demo_run.findings["history_changed"]
    assert json.loads((demo_run.latest / "history.json").read_text(encoding="utf-8"))["notes"] == []
    stopped = [entry for entry in history if entry["status"] == "stopped"]
    assert [altered["field"]["en"] for altered in stopped[0]["altered"]] == ["Status", "Reason"]


def test_the_loop_counts_factors(demo_run, truth):
    matter = set(truth["factors"]) - with_role(truth, "halo_only")
    undone = {*truth["no_action"], "warranty_kept"}
    measured = {plan["factor"] for plan in truth["actions"].values() if "shift" in plan}
    assert demo_run.findings["loop"] == {
        "matter": len(matter),
        "with_action": len(matter - undone),
        "with_change_measured": len(matter & measured),
    }


def test_findings_come_by_importance_and_room_never_by_score(demo_run):
    by = []
    for finding in demo_run.findings["findings"]:
        low, high = finding["performance"]["scale"]
        by.append(finding["importance"]["share"] * (high - finding["performance"]["mean"]) / (high - low))
    assert by == sorted(by, reverse=True)
    means = [finding["performance"]["mean"] for finding in demo_run.findings["findings"]]
    assert means not in (sorted(means), sorted(means, reverse=True))


def test_no_store_and_no_answer_row_is_on_the_pages(demo_run):
    text = (demo_run.latest / "findings.json").read_text(encoding="utf-8")
    for store in range(1, 25):
        assert f"S{store:02d}" not in text


def test_no_store_is_named_on_a_published_page(demo_run, cx, tmp_path: Path):
    done = cx("publish", "demo", "--outputs", demo_run.latest.parents[1], "--to", tmp_path / "pages")
    assert done.returncode == 0, done.stderr
    pages = sorted((tmp_path / "pages").rglob("*.html"))
    assert len(pages) >= 3
    for page in pages:
        told = re.sub(r"data:[\w/+;=-]+,[^\"')\s]*", "", page.read_text(encoding="utf-8"))  # pictures inside the page
        assert not re.findall(r"(?<!\w)S(?:0[1-9]|1\d|2[0-4])(?!\w)", told), page.name
    for figure in (demo_run.latest / "figures").iterdir():
        assert not re.search(r"(?<!\w)S(?:0[1-9]|1\d|2[0-4])(?!\w)", figure.read_text(encoding="utf-8")), figure.name


def test_executed_notebooks_hold_no_rows_and_no_paths_of_the_machine(demo_run, root: Path):
    for path in (demo_run.latest / "notebooks").glob("*.ipynb"):
        text = path.read_text(encoding="utf-8")
        assert str(root) not in text, path.name
        assert str(demo_run.latest.parent.parent.parent) not in text, path.name
        code = [cell for cell in json.loads(text)["cells"] if cell["cell_type"] == "code"]
        assert all(cell["execution_count"] for cell in code)


def test_the_same_again_gives_the_same_bytes(demo_run, cx, root: Path, tmp_path: Path):
    again = cx("run", root / "params" / "demo", "--outputs", tmp_path / "elsewhere")
    assert again.returncode == 0, again.stderr
    other = tmp_path / "elsewhere" / "demo" / "latest"
    for name in (
        "findings.json",
        "drivers.csv",
        "change.csv",
        "trends.csv",
        "periods.csv",
        "event_study.csv",
        "ledger.csv",
    ):
        assert (other / name).read_bytes() == (demo_run.latest / name).read_bytes(), name
    for figure in sorted((demo_run.latest / "figures").iterdir()):
        assert (other / "figures" / figure.name).read_bytes() == figure.read_bytes(), figure.name


def test_check_of_the_demo_is_clean(cx, root: Path):
    done = cx("check", root / "params" / "demo", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["problems"] == []
