"""Run folders made by hand: the sample findings with what a test changes, and a manifest that fits."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
SAMPLE = HERE.parent / "findings" / "sample_findings.json"
sys.path.insert(0, str(HERE))

from made_runs import action_of, evidence_of, finding_of, manifest, sha, stage_of  # noqa: E402


@pytest.fixture
def make(tmp_path) -> Callable[..., Path]:
    """Make a run folder: `edit(document, record)` changes the two before they are written."""
    made = []

    def run(edit: Callable[[dict, dict], None] | None = None, *, name: str = "", latest: bool = True) -> Path:
        document = json.loads(SAMPLE.read_text(encoding="utf-8"))
        number = len(made) + 1
        folder = tmp_path / "outputs" / "sample" / (name or f"2026010{number}T000000Z-abc{number}")
        record = manifest(folder.name, f"2026-01-0{number}T00:00:00+00:00")
        if edit is not None:
            edit(document, record)
        folder.mkdir(parents=True)
        (folder / "findings.json").write_text(json.dumps(document), encoding="utf-8")
        (folder / "manifest.json").write_text(json.dumps(record), encoding="utf-8")
        (folder / "params.json").write_text(json.dumps(record["parameters"]), encoding="utf-8")
        if latest:
            link = folder.parent / "latest"
            link.unlink(missing_ok=True)
            link.symlink_to(folder.name)
        made.append(folder)
        return folder

    return run


@pytest.fixture
def changed_set(make):
    """Two runs that differ in every way that is listed."""

    def edit(document: dict, record: dict) -> None:
        document["findings"] = [item for item in document["findings"] if item["id"] != "price_clear.loyalty"]
        for test in document["method"]["tests"]:
            if (test["factor"], test["outcome"]) == ("price_clear", "loyalty"):
                test |= {"matters": False, "grade": None, "ruled_out": False}
        finding_of(document, "wait_told.referral")["association"] |= {"estimate": 0.2, "low": 0.16, "high": 0.24}
        finding_of(document, "staff_explain.referral")["association"]["estimate"] = 0.34
        finding_of(document, "defect_fixed.loyalty")["adjusted"] |= {"estimate": -0.3, "low": -0.35, "high": -0.25}
        evidence_of(document, "A1", "wait_told")["grade"] = "EX"
        evidence_of(document, "A2", "staff_explain").update(estimate=0.25, low=0.1, high=0.4)
        a3 = evidence_of(document, "A3", "delivery_on_time")
        a3 |= {"grade": "E2", "estimate": 0.2, "low": 0.1, "high": 0.3, "reason": ""}
        action_of(document, "A3").update(status="doing", start="2025-10-05")
        document["loop"]["with_change_measured"] = 4
        document["rows"] |= {"in": 2803, "kept": 2635}
        record["parameters"]["analysis"]["q"] = 0.1
        record["inputs"]["actions"] = sha("longer log")
        for stage in ("drivers", "change", "findings"):
            stage_of(record, stage)["hangs_on"]["parameters"] = sha(["other", stage])
            stage_of(record, stage)["artefacts"] = {f"{stage}.csv": sha(["other", stage])}

    return make(), make(edit)
