"""`cx check`: a folder full of mistakes, all of them named in one look."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from cxlib.check import check_client
from cxlib.errors import DataError, ParamsError, RefusedError

MISTAKES = """\
client: another
title: {vi: "Cửa hàng", en: "Shop"}
langauge: vi
data:
  responses: answers.csv
respondent: id
wave: {column: visited, every: fortnight}
rank_by: store
outcomes:
  referral: {column: recommend, scale: [0, 10], label: {vi: "Giới thiệu", en: "Referral"}}
  loyalty: {column: come_back, scale: [1, 5], missing: 5, label: {vi: "Quay lại", en: "Comes back"}}
  spend: {column: spend, scale: [1, 5], label: {vi: "Chi tiêu", en: "Spend"}}
steps:
  pay: {vi: "Thanh toán", en: "Pay"}
factors:
  wait_told: {column: q1, scale: [1, 5], step: pya, label: {vi: "được báo trước", en: "told how long"}}
  tidy: {column: q2, scale: [5, 1], label: {vi: "gọn gàng", en: "tidy"}}
  advice: {column: q3, scale: [1, 5]}
  price: {column: q1, scale: [1, 5], label: {vi: "giá rõ ràng", en: "clear price"}}
  parking: {column: q_parking, scale: [1, 5], label: {vi: "chỗ để xe", en: "parking"}}
  delivery: {column: q5, scale: [1, 5], label: {vi: "giao đúng hẹn", en: "on time"}}
  delivery: {column: q6, scale: [1, 5], label: {vi: "giao đúng hẹn", en: "on time"}}
  repair: {column: q7, scale: [1, 5], label: {vi: "sửa nhanh", en: "quick repair"}}
segments: [region, ma_nhan_vien]
analysis: {q: 0.9}
privacy: {min_group: 2}
cleaning: {min_seconds: 60}
actions: actions.csv
"""

ACTIONS = """\
id,factors,what,owner_role,scope,scope_chosen_by,start,due,status,expected,smallest_worthwhile,document,decided_on,stopped_because,recorded_on
A1,wait_tlod,Báo trước thời gian chờ,Trưởng phòng bán lẻ,all,everyone,2025-01-01,2025-03-01,doing,tăng,0.2,minutes.pdf,2024-12-01,,2024-12-02
A2,repair,Sửa nhanh hơn,Trưởng phòng kỹ thuật,all,everyone,01-2025,2025-03-01,doing,tăng,0.2,minutes.pdf,2024-12-01,,2024-12-02
A3,repair,Thêm thợ,Trưởng phòng kỹ thuật,all,everyone,2025-01-01,2025-03-01,stopped,tăng,0.2,minutes.pdf,2024-12-01,,2024-12-02
A4,repair,Thêm quầy,Nguyễn Văn An,all,everyone,2025-01-01,2025-03-01,doing,tăng,0.2,minutes.pdf,2024-12-01,,2024-12-02
A5,repair,Thêm ca,Trưởng phòng kỹ thuật,all,everyone,2025-01-01,2025-03-01,dong,tăng,0.2,minutes.pdf,2024-12-01,,2024-12-02
"""  # noqa: E501

# What each mistake must be recognised by: (a word of the message, a word of its place).
NAMED = [
    ("langauge", "line 3"),
    ("folder", "line 1"),
    ("every", "line 7"),
    ("rank", "rank_by"),
    ("missing code", "loyalty"),
    ("neither referral nor loyalty", "spend"),
    ("pya", "wait_told"),
    ("scale rises", "tidy"),
    ("'label' is missing", "advice"),
    ("already asked", "price"),
    ("stands twice", "line 22"),
    ("ma_nhan_vien", ""),
    ("'q' must be at most 0.2", "analysis"),
    ("'min_group' must be at least 5", "privacy"),
    ("seconds", "min_seconds"),
    ("q_parking", "answers.csv"),
    ("scale", "q7"),
    ("wait_tlod", "actions.csv"),
    ("no day", "actions.csv"),
    ("reason", "actions.csv"),
    ("person", "actions.csv"),
    ("dong", "actions.csv"),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shop = tmp_path / "shop"
    shop.mkdir()
    (shop / "params.yaml").write_text(MISTAKES, encoding="utf-8")
    (shop / "actions.csv").write_text(ACTIONS, encoding="utf-8")
    rows = ["id,visited,recommend,come_back,spend,q1,q2,q3,q5,q6,q7,region,ma_nhan_vien"]
    rows += [f"{n},2025-0{1 + n % 3}-11,{n % 11},4,3,{1 + n % 5},3,3,{1 + n % 4},2,70,Nam,NV{n % 3}" for n in range(60)]
    (shop / "answers.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return shop


def test_every_mistake_is_named_at_once(folder: Path):
    errors = check_client(folder)
    said = [str(problem) for error in errors for problem in error.problems]
    unnamed = [mark for mark in NAMED if not any(mark[0].lower() in text.lower() and mark[1] in text for text in said)]
    assert not unnamed, "\n\n".join(said)
    assert {type(error) for error in errors} == {ParamsError, RefusedError, DataError}


def test_the_command_ends_with_code_2_and_no_traceback(folder: Path):
    done = subprocess.run(
        [sys.executable, "-m", "cxlib", "check", str(folder)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr + done.stdout
    assert sum(mark[0].lower() in done.stderr.lower() for mark in NAMED) == len(NAMED)


def test_json_holds_every_problem(folder: Path):
    done = subprocess.run(
        [sys.executable, "-m", "cxlib", "check", str(folder), "--json"], capture_output=True, text=True, check=False
    )
    answer = json.loads(done.stdout)
    assert done.returncode == 2
    assert len(answer["problems"]) >= 20


def test_wrong_data_alone_is_code_3(folder: Path):
    right = (folder / "params.yaml").read_text(encoding="utf-8").split("factors:")[0]
    right = right.replace("another", "shop").replace("langauge", "language").replace("fortnight", "quarter")
    right = right.replace("rank_by: store\n", "").replace("missing: 5, ", "")
    right = "\n".join(line for line in right.splitlines() if "spend" not in line)
    right += '\nfactors:\n  parking: {column: q_parking, scale: [1, 5], label: {vi: "chỗ để xe", en: "parking"}}\n'
    (folder / "params.yaml").write_text(right, encoding="utf-8")
    errors = check_client(folder)
    assert [type(error) for error in errors] == [DataError], errors
    assert errors[0].exit_code == 3


def test_no_answer_of_a_respondent_is_repeated(folder: Path):
    data = folder / "answers.csv"
    data.write_text(data.read_text().replace(",70,", ",SECRET-ANSWER,"), encoding="utf-8")
    assert "SECRET" not in str([str(error) for error in check_client(folder)])


def test_promises_and_strategy_are_looked_at_with_the_rest(folder: Path):
    params = folder / "params.yaml"
    params.write_text(params.read_text("utf-8") + "promises: promises.csv\nstrategy: strategy.csv\n", encoding="utf-8")
    (folder / "promises.csv").write_text("id,promise,kind,factors\nP1,Giao đúng hẹn,spoken,delivry\n", "utf-8")
    said = [str(problem) for error in check_client(folder) for problem in error.problems]
    assert any("'spoken' is not known" in text and "promises.csv:2 (kind)" in text for text in said)
    assert any("'delivry' is not known" in text and "promises.csv:2 (factors)" in text for text in said)
    assert any("strategy.csv" in text and "is not there" in text for text in said)
    assert any("wait_tlod" in text for text in said)


def test_hostile_lists_end_in_problems_and_in_nothing_else(folder: Path):
    params = folder / "params.yaml"
    params.write_text(params.read_text("utf-8") + "promises: promises.csv\nstrategy: ../../../etc\n", encoding="utf-8")
    (folder / "promises.csv").write_bytes(b"\xff\xfe\x00\xd8")
    (folder / "actions.csv").write_bytes(b"id,\x00\n" + b'"' * 1000)
    errors = check_client(folder)
    said = "\n".join(str(problem) for error in errors for problem in error.problems)
    assert "promises.csv" in said
    assert "actions.csv" in said
