"""A client of the real stages, and `cx` as its user calls it."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from pathlib import Path

QUESTION = {"scale": [1, 5]}
PARAMS = {
    "title": {"vi": "Cửa hàng", "en": "Shop"},
    "data": {"responses": "survey.csv"},
    "respondent": "id",
    "outcomes": {"referral": {"column": "r", **QUESTION, "label": {"vi": "giới thiệu", "en": "recommend"}}},
    "factors": {key: {"column": key, **QUESTION, "label": {"vi": key, "en": key}} for key in ("wait", "help", "range")},
    "analysis": {"bootstrap": 200},
    "actions": "actions.csv",
}
ACTION = {
    "id": "A1", "factors": "wait", "what": "Two more counters", "owner_role": "head of stores", "scope": "all",
    "scope_chosen_by": "everyone", "start": "2025-03-01", "due": "2025-06-01", "status": "doing",
    "expected": "Shorter waits", "smallest_worthwhile": "0.2", "document": "minute 3", "decided_on": "2025-02-01",
    "stopped_because": "", "recorded_on": "2025-02-02",
}  # fmt: skip


def write_shop(params: Path, name: str, **changed) -> Path:
    """150 answers in which waiting goes with referral clearly, help a little, the range not at all."""
    folder = params / name
    folder.mkdir(parents=True)
    (folder / "params.yaml").write_text(json.dumps(PARAMS | {"client": name} | changed), encoding="utf-8")
    log = "".join(",".join(cells) + "\n" for cells in (ACTION, ACTION.values()))
    (folder / "actions.csv").write_text(log, encoding="utf-8")
    made, rows = random.Random(3), []
    for number in range(150):
        wait, help_, range_ = (made.randint(1, 5) for _ in range(3))
        referral = min(5, max(1, round(0.5 * wait + 0.3 * help_ + made.gauss(0.6, 1))))
        rows.append(f"{number},{referral},{wait},{help_},{range_}")
    (folder / "survey.csv").write_text("id,r,wait,help,range\n" + "\n".join(rows) + "\n", encoding="utf-8")
    return folder


def cx(folder: Path, *words: str) -> subprocess.CompletedProcess:
    environment = {**os.environ, "NO_COLOR": "1", "COLUMNS": "200"}
    command = [sys.executable, "-c", "from cxlib.cli import main; main()", *words]
    told = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=900)
    assert "Traceback" not in told.stderr + told.stdout
    return told
