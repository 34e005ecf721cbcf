"""What a run writes down, made by hand, and the places in it that tests change."""

from __future__ import annotations

import copy
import hashlib
import json
from typing import Any

STAGES = ("clean", "drivers", "change", "findings")
PARAMETERS = {
    "client": "sample",
    "title": {"vi": "Mẫu", "en": "Sample"},
    "data": {"responses": [{"file": "/somewhere/survey.csv"}]},
    "factors": {"wait_told": {"column": "q1", "label": {"vi": "chờ", "en": "wait"}}, "parking": {"column": "q2"}},
    "cleaning": {"min_answered": 0.5},
    "analysis": {"q": 0.05, "seed": 1},
}


def sha(value: Any) -> str:
    return hashlib.sha256(json.dumps(value).encode()).hexdigest()


def manifest(run: str, started: str) -> dict:
    """A manifest as `cx run` writes it."""
    stages = []
    for stage in STAGES:
        hangs_on = {"parameters": sha(["parameters", stage]), "survey": sha("survey"), "code": sha(["code", stage])}
        stages.append(
            {
                "name": stage,
                "status": "done",
                "seconds": 1.0,
                "hangs_on": hangs_on,
                "artefacts": {f"{stage}.csv": sha(stage)},
            }
        )
    return {
        "schema": 1,
        "client": "sample",
        "client_folder": "../../../params/sample",
        "run": run,
        "fingerprint": sha(run),
        "status": "done",
        "started": started,
        "parameters": copy.deepcopy(PARAMETERS),
        "inputs": {"survey": {"survey.csv": sha("survey")}, "actions": sha("log"), "promises": None, "strategy": None},
        "code": {"version": "0.5.0", "sha256": sha("code"), "commit": "1" * 40, "changed_since": False},
        "packages": {"python": "3.11.9", "pandas": "3.0.1", "pingouin": "0.7.0"},
        "stages": stages,
    }


def stage_of(record: dict, name: str) -> dict:
    return next(line for line in record["stages"] if line["name"] == name)


def finding_of(document: dict, name: str) -> dict:
    return next(item for item in document["findings"] if item["id"] == name)


def action_of(document: dict, name: str) -> dict:
    return next(item for item in document["actions"] if item["id"] == name)


def evidence_of(document: dict, action: str, measure: str) -> dict:
    return next(item for item in action_of(document, action)["change"] if item["measure"] == measure)
