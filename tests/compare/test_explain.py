"""The first run made again with one thing of the second at a time: what is laid out, and a real one."""

from __future__ import annotations

import json
import random
import subprocess
from pathlib import Path

import pytest
import yaml

from cxlib.errors import DataError
from cxlib.params import load_params
from cxlib.runs.causes import read_recorded
from cxlib.runs.compare import compare_runs, find_run
from cxlib.runs.explain import _lay_out, explain
from cxlib.runs.manifest import hash_inputs
from cxlib.runs.trials import can_explain, differences

LABEL = {"vi": "câu hỏi", "en": "question"}
PARAMS = {
    "client": "shop",
    "title": {"vi": "Cửa hàng", "en": "Shop"},
    "data": {"responses": "survey.csv"},
    "outcomes": {"referral": {"column": "r", "scale": [0, 10], "label": {"vi": "giới thiệu", "en": "recommend"}}},
    "factors": {
        "wait": {"column": "w", "scale": [1, 5], "label": {"vi": "chờ", "en": "waiting"}},
        "help": {"column": "h", "scale": [1, 5], "label": {"vi": "giúp", "en": "help"}},
    },
    "analysis": {"bootstrap": 200},
    "actions": "actions.csv",
}
HEADER = (
    "id,factors,what,owner_role,scope,scope_chosen_by,start,due,status,expected,smallest_worthwhile,document,"
    "decided_on,stopped_because,recorded_on\n"
)
FIRST = (
    "A1,wait,Nói trước thời gian chờ,Trưởng cửa hàng,all,everyone,2026-01-05,,doing,,,d.pdf,2025-12-01,,2025-12-01\n"
)
LATER = "A2,help,Thêm người giúp,Trưởng cửa hàng,all,everyone,2026-03-05,,planned,,,d.pdf,2026-02-01,,2026-02-01\n"


def survey(rows: int) -> str:
    """Answers in which waiting goes with referral from the first row on, and help only from row 200 on."""
    drawn = random.Random(5)
    lines = ["r,w,h,p\n"]
    for row in range(rows):
        wait, helped, place = (drawn.randint(1, 5) for _ in range(3))
        other = helped if row >= 200 else drawn.randint(1, 5)
        lines.append(f"{min(10, max(0, wait + other + drawn.randint(-1, 1)))},{wait},{helped},{place}\n")
    return "".join(lines)


@pytest.fixture
def client(tmp_path) -> Path:
    folder = tmp_path / "params" / "shop"
    folder.mkdir(parents=True)
    (folder / "params.yaml").write_text(yaml.safe_dump(PARAMS, allow_unicode=True, sort_keys=False), encoding="utf-8")
    (folder / "survey.csv").write_text(survey(200), encoding="utf-8")
    (folder / "actions.csv").write_text(HEADER + FIRST, encoding="utf-8")
    return folder


def written_down(client: Path, folder: Path, number: int) -> Path:
    """What a run would write down of the client as it is now."""
    params = load_params(client)
    inputs = hash_inputs(params, client)
    folder.mkdir(parents=True)
    record = {
        "run": f"run{number}",
        "client_folder": str(client),
        "parameters": params.model_dump(mode="json"),
        "inputs": {"survey": inputs.survey, "actions": inputs.actions, "promises": None, "strategy": None},
    }
    (folder / "manifest.json").write_text(json.dumps(record), encoding="utf-8")
    return folder


def grow(client: Path) -> None:
    """More answers, a further line of the log, another limit."""
    (client / "survey.csv").write_text(survey(400), encoding="utf-8")
    (client / "actions.csv").write_text(HEADER + FIRST + LATER, encoding="utf-8")
    text = (client / "params.yaml").read_text(encoding="utf-8")
    (client / "params.yaml").write_text(text + "cleaning: {straightlining: false}\n", encoding="utf-8")


@pytest.mark.parametrize("kind", [None, "data", "actions", "parameters"])
def test_one_kind_at_a_time_is_of_the_second_run(client, tmp_path, kind):
    first = read_recorded(written_down(client, tmp_path / "one", 1))
    grow(client)
    second = read_recorded(written_down(client, tmp_path / "two", 2))
    _lay_out(tmp_path / "made" / "shop", first, second, kind)
    params = load_params(tmp_path / "made" / "shop")
    inputs = hash_inputs(params, tmp_path / "made" / "shop")
    assert list(inputs.survey.values()) == list((second if kind == "data" else first).survey.values())
    assert inputs.actions == (second if kind == "actions" else first).logs["actions"]
    assert params.cleaning.straightlining is (kind != "parameters")
    assert params.factors == load_params(client).factors


def test_an_old_file_under_another_name_is_found(client, tmp_path):
    (client / "survey.csv").write_text("r,w,h,p\n" + survey(80).split("\n", 40)[-1], encoding="utf-8")
    first = read_recorded(written_down(client, tmp_path / "one", 1))
    (client / "survey.csv").rename(client / "survey of spring.csv")
    (client / "survey.csv").write_text(survey(100), encoding="utf-8")
    second = read_recorded(written_down(client, tmp_path / "two", 2))
    _lay_out(tmp_path / "made" / "shop", first, second, None)
    (client / "survey of spring.csv").unlink()
    with pytest.raises(DataError, match="no more as the run read it"):
        _lay_out(tmp_path / "again" / "shop", first, second, None)


@pytest.mark.parametrize("end", ["\n", "", "\r\n"])
def test_the_beginning_of_a_file_that_grew_is_found(client, tmp_path, end):
    short = survey(50).rstrip("\n").replace("\n", "\r\n" if end == "\r\n" else "\n")
    (client / "survey.csv").write_bytes((short + end).encode())
    first = read_recorded(written_down(client, tmp_path / "one", 1))
    (client / "survey.csv").write_bytes((short + (end or "\n") + "3,3,3,3\n").encode())
    _lay_out(tmp_path / "made" / "shop", first, first, None)
    assert (tmp_path / "made" / "shop" / "survey.csv").read_bytes() == (short + end).encode()


@pytest.mark.kernel
@pytest.mark.slow
def test_real_runs_are_told_apart(client, tmp_path, cx):
    """More answers bring a finding, and another limit nothing; the records alone cannot tell which of them it was."""
    outputs = tmp_path / "outputs"
    told = cx("run", client, "--outputs", outputs)
    assert told.returncode == 0, told.stderr
    (client / "survey.csv").write_text(survey(400), encoding="utf-8")
    told = cx("run", client, "--outputs", outputs, "--set", "analysis.q=0.04")
    assert told.returncode == 0, told.stderr
    before, after = (find_run(outputs, "shop", name) for name in ("previous", "latest"))
    found = compare_runs(before, after)
    assert [(item.key, item.what) for item in found.findings.different] == [("help.referral", "appeared")]
    assert {cause.part: cause.kinds for cause in found.causes}["findings"] == ("data", "parameters")
    assert can_explain(found)
    as_it_was, steps = seen(tmp_path), []
    explained = explain(found, before, after, progress=lambda number, of, kind, step: steps.append((number, of, kind)))
    back = {trial.kind: trial.back for trial in explained.trials}
    assert ("findings", "help.referral", "appeared") in back["data"]
    assert back["parameters"] == ()
    assert {*explained.left, *back["data"]} == set(differences(found))
    assert list(dict.fromkeys(steps)) == [(1, 3, None), (2, 3, "data"), (3, 3, "parameters")]
    assert seen(tmp_path) == as_it_was


def seen(folder: Path) -> str:
    """Every file below a folder with its bytes, and where links go."""
    command = "find . -type f -exec sha256sum {} + | sort; find . -type l -printf '%p %l\\n'"
    return subprocess.run(command, shell=True, cwd=folder, capture_output=True, text=True, check=True).stdout
