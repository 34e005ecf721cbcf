"""The made-up client from survey to pages, held against what was planted in it."""

from __future__ import annotations

import json
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
        "change.csv", "findings.json", "figures", "notebooks", "views",
    }  # fmt: skip
    assert demo_run.latest.is_symlink()
    # each finding's comparison and its curve over all ways of looking, in both languages
    assert len(list((demo_run.latest / "figures").glob("*.svg"))) == 4 * len(demo_run.findings["findings"])


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


def test_the_loop_counts_factors(demo_run, truth):
    matter = set(truth["factors"]) - with_role(truth, "halo_only")
    undone = {*truth["no_action"], "warranty_kept"}
    assert demo_run.findings["loop"] == {
        "matter": len(matter),
        "with_action": len(matter - undone),
        "with_change_measured": 0,
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
    for name in ("findings.json", "drivers.csv", "change.csv", "ledger.csv"):
        assert (other / name).read_bytes() == (demo_run.latest / name).read_bytes(), name
    for figure in sorted((demo_run.latest / "figures").iterdir()):
        assert (other / "figures" / figure.name).read_bytes() == figure.read_bytes(), figure.name


def test_check_of_the_demo_is_clean(cx, root: Path):
    done = cx("check", root / "params" / "demo", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["problems"] == []
