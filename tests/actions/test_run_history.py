"""A run seals the log before its stages, and the next run sees what was done to it since."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from cxlib.actions.chain import RUN_FILE
from cxlib.actions.table import CORE
from cxlib.errors import ParamsError
from cxlib.runs.folder import Run
from cxlib.runs.run import run_client

QUESTION = {"scale": [1, 5], "label": {"vi": "câu hỏi", "en": "question"}}
PARAMS = {
    "client": "shop",
    "title": {"vi": "Cửa hàng", "en": "Shop"},
    "data": {"responses": "survey.csv"},
    "outcomes": {"referral": {"column": "r", **QUESTION}},
    "factors": {"wait": {"column": "w", **QUESTION}},
    "actions": "actions.csv",
}
ROW = dict.fromkeys(CORE, "") | {
    "id": "A1",
    "factors": "wait",
    "what": "Báo trước",
    "owner_role": "Trưởng phòng",
    "scope": "all",
    "scope_chosen_by": "everyone",
    "start": "2025-03-01",
    "status": "doing",
    "recorded_on": "2025-02-12",
}


@pytest.fixture
def shop(tmp_path) -> Path:
    folder = tmp_path / "params" / "shop"
    folder.mkdir(parents=True)
    (folder / "params.yaml").write_text(json.dumps(PARAMS), "utf-8")
    (folder / "survey.csv").write_text("r,w\n1,2\n", "utf-8")
    write(folder, ROW, ROW | {"status": "done", "recorded_on": "2025-05-01"})
    return folder


def write(folder: Path, *rows: dict[str, str]) -> None:
    with (folder / "actions.csv").open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, CORE)
        writer.writeheader()
        writer.writerows(rows)


def run(folder: Path) -> tuple[Run, dict]:
    """A run without stages: all that comes before them."""
    done = run_client(folder, outputs=folder.parents[1] / "outputs", stages=(), views=(), notebooks=folder)
    return done, json.loads((done.folder / RUN_FILE).read_text("utf-8"))


def test_the_same_log_leaves_the_same_run_and_an_untouched_chain(shop):
    first, history = run(shop)
    chain = (shop / "actions.csv.history.jsonl").read_bytes()
    assert history["notes"] == []
    assert history["head"] == json.loads(chain.splitlines()[-1])["sha256"]
    second, again = run(shop)
    assert again == history
    assert first.fingerprint == second.fingerprint
    assert (shop / "actions.csv.history.jsonl").read_bytes() == chain


def test_an_edited_record_makes_another_run_and_stays_known(shop):
    first, _ = run(shop)
    write(shop, ROW | {"start": "2025-01-01"}, ROW | {"status": "done", "recorded_on": "2025-05-01"})
    second, history = run(shop)
    assert [(note["kind"], note["action"]) for note in history["notes"]] == [("edited", "A1")]
    write(shop, ROW, ROW | {"status": "done", "recorded_on": "2025-05-01"})
    third, history = run(shop)
    assert len(history["notes"]) == 2
    assert len({first.fingerprint, second.fingerprint, third.fingerprint}) == 3  # the first log, another past
    assert run(shop)[0].fingerprint == third.fingerprint


@pytest.mark.parametrize("how", ["cut", "made anew"])
def test_a_chain_that_lost_what_the_latest_run_saw(shop, how):
    run(shop)
    chain = shop / "actions.csv.history.jsonl"
    if how == "cut":
        chain.write_text("".join(chain.read_text("utf-8").splitlines(keepends=True)[:1]), "utf-8")
    else:
        chain.unlink()
        write(shop, ROW | {"start": "2025-01-01"}, ROW | {"status": "done", "recorded_on": "2025-05-01"})
    _, history = run(shop)
    assert [(note["kind"], note["action"]) for note in history["notes"]] == [("removed", "")]
    assert run(shop)[1]["notes"] == history["notes"]


def test_nothing_is_sealed_of_a_log_with_a_mistake(shop):
    write(shop, ROW | {"status": "dong"})
    with pytest.raises(ParamsError, match="'dong' is not known"):
        run(shop)
    assert not (shop / "actions.csv.history.jsonl").exists()
    assert not (shop.parents[1] / "outputs").exists()


def test_a_client_without_a_log_has_no_history(shop):
    (shop / "params.yaml").write_text(json.dumps({**PARAMS, "actions": None}), "utf-8")
    assert run(shop)[1] == {"notes": [], "head": "", "unsealed": ""}
