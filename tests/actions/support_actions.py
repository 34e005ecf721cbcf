"""A shop's parameters, for tests of its action log."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from cxlib.params import Params


def params(**changes: Any) -> Params:
    """Factors, steps, a unit and a segment; `changes` replace whole keys."""
    question = {"scale": [1, 5], "label": {"vi": "câu hỏi", "en": "question"}}
    values: dict[str, Any] = {
        "client": "shop",
        "title": {"vi": "Cửa hàng", "en": "Shop"},
        "data": {"responses": "survey.csv"},
        "wave": {"column": "wave"},
        "outcomes": {"referral": {"column": "r", **question}},
        "factors": {key: {"column": key, **question} for key in ("wait_told", "on_time", "music")},
        "steps": {"pay": {"vi": "Thanh toán", "en": "Paying"}, "use": {"vi": "Sử dụng", "en": "Using it"}},
        "unit": "store",
        "segments": {"region": {"column": "region"}},
        "actions": "actions.csv",
    }
    return Params.model_validate(values | changes)


# Who waits for the log here has patience: a loaded machine may let the others go first each time.
WAITS = """
from cxlib.actions import safe_files
safe_files.WAIT_SECONDS = 300
print("ready", flush=True)
sys.stdin.readline()
"""


def at_once(imports: str, work: str, calls: list[list[str]]) -> list[str]:
    """What several processes print that do the same work at the same time, each with words of its own.

    None is forked from this one: it may have threads by now, and a lock that one of them holds would stay locked.
    """
    path = os.pathsep.join([str(Path(__file__).resolve().parent), *filter(None, [os.environ.get("PYTHONPATH")])])
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    code = f"import sys\n{imports}{WAITS}{work}"
    started = [
        subprocess.Popen([sys.executable, "-c", code, *words], env=os.environ | {"PYTHONPATH": path}, **pipes)
        for words in calls
    ]
    for process in started:
        assert process.stdout.readline() == "ready\n"
    for process in started:
        process.stdin.write("\n")
        process.stdin.flush()
    told = [process.communicate(timeout=600)[0] for process in started]
    assert [process.returncode for process in started] == [0 for _ in calls]
    return told
