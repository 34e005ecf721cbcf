"""Two real surveys, nobody's here, from their files to pages."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

pytestmark = [pytest.mark.real, pytest.mark.kernel]


@pytest.fixture(scope="module", params=["sfo", "mobiles"])
def real_run(request, cx, root: Path, tmp_path_factory):
    """`cx run` on the client's folder, with fewer resamples than a client's run would take."""
    if not (root.parent / "shared" / "data").is_dir():
        pytest.skip("the real surveys are not beside the project (../shared/data)")
    outputs = tmp_path_factory.mktemp(request.param) / "outputs"
    folder = root / "tests" / "real" / request.param
    done = cx("run", folder, "--outputs", outputs, "--set", "analysis.bootstrap=200")
    assert done.returncode == 0, done.stderr
    return request.param, outputs / request.param / "latest"


def test_findings_and_pages_come_out(real_run, cx, tmp_path: Path):
    name, latest = real_run
    findings = json.loads((latest / "findings.json").read_text(encoding="utf-8"))
    assert findings["findings"], name
    assert len(findings["waves"]) == {"sfo": 5, "mobiles": 4}[name]
    for finding in findings["findings"]:
        assert bool(finding["actions"]) != bool(finding["no_action"])
    done = cx("publish", latest.parent.name, "--outputs", latest.parents[1], "--to", tmp_path / "pages", "--json")
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "pages" / "index.html").read_text(encoding="utf-8")
    for finding in findings["findings"]:
        assert finding["id"] in page


def test_the_ledger_adds_up(real_run):
    _, latest = real_run
    ledger = pd.read_csv(latest / "ledger.csv", keep_default_na=False)
    for _, part in ledger.groupby(["what", "source", "wave", "field"]):
        count = part.set_index("rule")["count"]
        assert count["read"] == count.drop("read").sum()


def test_no_provider_or_group_is_ranked(real_run):
    name, latest = real_run
    findings = json.loads((latest / "findings.json").read_text(encoding="utf-8"))
    params = json.loads((latest / "params.json").read_text(encoding="utf-8"))
    for key in params["segments"]:
        for finding in findings["findings"]:
            levels = [item["level"] for item in finding["holds"]["segments"] if item["key"] == key]
            assert levels == sorted(levels, key=levels.index)
            estimates = [item["estimate"] for item in finding["holds"]["segments"] if item["key"] == key]
            estimates = [value for value in estimates if value is not None]
            if len(estimates) > 3:
                assert estimates not in (sorted(estimates), sorted(estimates, reverse=True)), (name, finding["id"])
