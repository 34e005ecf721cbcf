"""A real pair: the made-up client, and the same with a stricter limit."""

from __future__ import annotations

import json
import shutil

import pytest


@pytest.mark.kernel
@pytest.mark.slow
def test_a_stricter_limit_takes_findings_away_and_is_named(cx, root, demo_run, tmp_path):
    outputs = tmp_path / "outputs"
    shutil.copytree(demo_run.latest.parents[1], outputs, symlinks=True)
    told = cx("run", root / "params" / "demo", "--outputs", outputs, "--set", "analysis.q=0.0001")
    assert told.returncode == 0, told.stderr
    told = cx("compare", "demo", "--outputs", outputs, "--json", "--page", tmp_path / "page.html")
    assert told.returncode == 0, told.stderr
    answer = json.loads(told.stdout)
    assert answer["changes"]["parameters"] == [
        {"key": "analysis.q", "before": 0.05, "after": 0.0001, "wording": False},
    ]
    went = [item["key"] for item in answer["findings"]["different"] if item["what"] == "went"]
    then = {item["id"] for item in demo_run.findings["findings"]}
    now = json.loads((outputs / "demo" / "latest" / "findings.json").read_text(encoding="utf-8"))["findings"]
    assert set(went) == then - {item["id"] for item in now} != set()
    edited = ["code"] if answer["changes"]["code"] else []  # by somebody at work, between the two runs
    assert {cause["part"]: cause["kinds"] for cause in answer["causes"]}["findings"] == ["parameters", *edited]
    assert "analysis.q" in (tmp_path / "page.html").read_text(encoding="utf-8")
