"""A small made-up survey taken through the real rooms, for tests of findings, the privacy door, figures and pages.

from support_findings import passed      # tests/findings/conftest.py shows how to put this folder on the path
document = passed().document
"""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from cxlib.actions import ActionLog, read_actions
from cxlib.change import wave_trends
from cxlib.drivers import find_drivers
from cxlib.drivers.table import Drivers, tidy
from cxlib.findings import build_findings
from cxlib.findings.schema import Both, Change, Side
from cxlib.params import Params
from cxlib.privacy import Draft, Passed, pass_door

WAVES = ("2025-Q1", "2025-Q2", "2025-Q3", "2025-Q4")
HOSTILE = 'Chờ gần một tiếng mà <script>alert("x")</script> không ai nói bao giờ xong'

FACTORS = {
    "price_clear": ("find", "giá được ghi rõ ràng", "the price was clear", ("giá",)),
    "staff_explain": ("choose", "được tư vấn dễ hiểu", "the advice was easy to follow", ("tư vấn",)),
    "wait_told": ("pay", "được báo trước thời gian chờ", "told how long it would take", ("chờ", "đợi")),
    "on_time": ("deliver", "giao hàng đúng hẹn", "delivered when promised", ("giao hàng",)),
    "defect_fixed": ("after", "hàng lỗi được xử lý nhanh", "a faulty product was put right quickly", ("lỗi",)),
    "music": ("find", "nhạc trong cửa hàng dễ chịu", "the music in the store was pleasant", ()),
    "parking": ("find", "chỗ gửi xe thuận tiện", "parking was easy", ("gửi xe",)),
}
STEPS = {
    "find": ("Tìm cửa hàng", "Finding us"),
    "choose": ("Chọn hàng", "Choosing"),
    "pay": ("Thanh toán", "Paying"),
    "deliver": ("Giao hàng", "Delivery"),
    "after": ("Sau khi mua", "After the purchase"),
}
REGIONS = {
    "bac": ("Miền Bắc", "North"),
    "trung": ("Miền Trung", "Central"),
    "nam": ("Miền Nam", "South"),
    "dao": ("Hải đảo", "Islands"),
}
SAID = {
    "wait_told": (
        HOSTILE,
        "Nhân viên báo trước 15 phút nên yên tâm ngồi đợi & không bực",
        "Phải đợi rất lâu ở quầy",
        "Chờ ngắn hơn lần trước, được báo trước rõ ràng",
        "Không ai báo là phải chờ bao lâu, hơi bực mình",
    ),
    "defect_fixed": (
        "Máy lỗi mang lên <img src=x onerror=alert(1)> ba lần mới được đổi",
        "Hàng lỗi được đổi ngay hôm sau",
        "Có lỗi nhỏ nhưng cửa hàng trả lời rất chậm",
        "Sản phẩm lỗi, gọi nhiều lần mới có người đến xem",
    ),
    "staff_explain": ("Tư vấn dễ hiểu, không dùng từ chuyên môn", "Được tư vấn kỹ về từng loại máy, rất hài lòng"),
}

HEADER = (
    "id,factors,what,what_en,owner_role,owner_role_en,scope,scope_chosen_by,start,due,status,expected,"
    "smallest_worthwhile,document,decided_on,stopped_because,stopped_because_en,recorded_on"
)
LOG = f"""{HEADER}
A1,wait_told,Sáu cửa hàng báo trước thời gian chờ,Six stores tell the waiting time,Trưởng phòng bán lẻ,Head of stores,\
store=S01;store=S02;store=S03;store=S04;store=S05;store=S06,random,2025-07-01,2025-12-31,planned,,0.3,,2025-06-02,,,2025-06-03
A2,staff_explain,Bảng so sánh sản phẩm dễ đọc,A plain comparison sheet,Giám đốc vận hành,Head of operations,\
all,everyone,2025-04-01,2025-09-30,done,Khách dễ chọn hơn,0.2,bien-ban-07.pdf,2025-03-20,,,2025-10-02
A3,on_time,Báo giờ giao hàng bằng tin nhắn,Text message with the hour,Trưởng phòng giao nhận,Head of delivery,\
region=Miền Nam,other,2026-02-01,2026-06-30,planned,,0.2,,2025-12-01,,,2025-12-03
A4,on_time,Giao hàng trong hai giờ,Two-hour delivery,Trưởng phòng giao nhận,Head of delivery,\
store=S07;store=S08,worst in 2025-Q1,2025-04-15,2025-08-31,stopped,,,Biên bản: họp tháng 4,2025-04-10,\
Đối tác không đủ xe,The partner had too few vehicles,2025-07-20
A5,defect_fixed,Chưa làm gì cho hàng lỗi,Nothing yet about faulty products,Giám đốc vận hành,Head of operations,\
,,,2026-01-15,none,,,,,Ngân sách được xét vào tháng 1,The budget is decided in January,2025-11-05
A6,music,"Đổi danh sách nhạc <i>""mới""</i>",New music lists,Trưởng phòng tiếp thị,Head of marketing,\
all,everyone,2025-02-01,2025-03-31,done,,,,2025-01-15,,,2025-04-01
A1,wait_told,Sáu cửa hàng báo trước thời gian chờ,Six stores tell the waiting time,Trưởng phòng bán lẻ,Head of stores,\
store=S01;store=S02;store=S03;store=S04;store=S05;store=S06,random,2025-07-01,2025-12-31,doing,,0.3,\
https://example.com/minutes/12,2025-06-02,,,2025-07-02
"""


def _label(vi: str, en: str) -> dict[str, str]:
    return {"vi": vi, "en": en}


def params(**changes: Any) -> Params:
    """The client's parameters; `changes` replace whole keys."""
    values: dict[str, Any] = {
        "client": "sample",
        "title": _label("Chuỗi điện máy (dữ liệu mô phỏng)", "Electronics chain (made-up data)"),
        "made_up": True,
        "data": {"responses": "responses.csv"},
        "wave": {"column": "wave"},
        "outcomes": {
            "referral": {"column": "r", "scale": [0, 10], "label": _label("Sẽ giới thiệu", "Would tell others")},
            "loyalty": {"column": "l", "scale": [1, 5], "label": _label("Sẽ quay lại", "Would come back")},
        },
        "factors": {
            key: {"column": key, "scale": [1, 5], "step": step, "label": _label(vi, en), "mentions": list(words)}
            for key, (step, vi, en, words) in FACTORS.items()
        },
        "steps": {key: _label(*label) for key, label in STEPS.items()},
        "unit": "store",
        "segments": {
            "region": {
                "column": "region",
                "label": _label("Vùng", "Region"),
                "values": {key: _label(*label) for key, label in REGIONS.items()},
            }
        },
        "comments": ["why"],
        "actions": "actions.csv",
    }
    return Params.model_validate(values | changes)


def answers(n: int = 900, seed: int = 7) -> pd.DataFrame:
    """Cleaned answers: wait_told and on_time go with referral, defect_fixed hurts loyalty when it fails, staff_explain
    goes with both; parking was answered by 20 people, four people live on islands."""
    rng = np.random.default_rng(seed)
    mood = 0.6 * rng.standard_normal((n, 1))
    ratings = np.clip(np.rint(3.3 + mood + 0.9 * rng.standard_normal((n, len(FACTORS)))), 1, 5)
    table = pd.DataFrame(ratings, columns=list(FACTORS))
    referral = 2.4 + 0.8 * table["wait_told"] + 0.45 * table["staff_explain"] + 0.4 * table["on_time"]
    loyalty = 2.2 - 1.4 * (table["defect_fixed"] <= 2) + 0.4 * table["staff_explain"]
    table["referral"] = np.clip(np.rint(referral + mood[:, 0] + 1.4 * rng.standard_normal(n) - 0.5), 0, 10)
    table["loyalty"] = np.clip(np.rint(loyalty + 0.4 * mood[:, 0] + 0.7 * rng.standard_normal(n)), 1, 5)
    table.loc[20:, "parking"] = np.nan
    table["wave"] = np.array(WAVES)[np.arange(n) % 4]
    table["unit"] = [f"S{number:02d}" for number in rng.integers(1, 25, n)]
    table["region"] = np.array(list(REGIONS)[:3])[rng.integers(0, 3, n)]
    table.loc[table.index[::225], "region"] = "dao"
    table["why"] = pd.Series([None] * n, dtype=object)
    for start, key in enumerate(SAID):
        places = table.index[start::17]
        table.loc[places, "why"] = [SAID[key][number % len(SAID[key])] for number in range(len(places))]
    table.insert(0, "row", np.arange(1, n + 1))
    table.insert(1, "source", "responses.csv")
    return table


def ledger(table: pd.DataFrame | None = None) -> pd.DataFrame:
    """A ledger that adds up: three rows were too fast, eleven were duplicates."""
    table = answers() if table is None else table
    rows = []
    aside = {"2025-Q1": {"exact_duplicate": 6, "speeding": 3}, "2025-Q3": {"exact_duplicate": 5}}
    for wave, part in table.groupby("wave"):
        rules = {"exact_duplicate": 0, "straight_lining": 9, "speeding": 0} | aside.get(str(wave), {})
        read = len(part) + sum(rules.values())
        for rule, count in {"read": read, "kept": len(part), **rules}.items():
            rows.append(("rows", "responses.csv", wave, "", rule, count))
        for key in (name for name in part if name in (*FACTORS, "referral", "loyalty", "overall")):
            valid = int(part[key].notna().sum())
            blank = 2 if key == "music" and wave == WAVES[0] else 0
            missing = read - valid - blank
            counts = {"read": read, "valid": valid, "blank": blank, "declared_missing": missing}
            rows += [("cells", "responses.csv", wave, key, rule, count) for rule, count in counts.items()]
    return pd.DataFrame(rows, columns=["what", "source", "wave", "field", "rule", "count"])


def read_log(text: str, asked: Params | None = None, name: str = "actions.csv") -> ActionLog:
    """An action log written as text, read by the real reader."""
    asked = params() if asked is None else asked
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / name).write_text(text, encoding="utf-8")
        return read_actions(asked.model_copy(update={"actions": name}), Path(folder))


@cache
def factor_test() -> Drivers:
    """The real factor test over `answers()`."""
    return find_drivers(answers(), params(), bootstrap=200, seed=1)


def drivers() -> pd.DataFrame:
    """drivers.csv of the real factor test."""
    return factor_test().table


def a_change(**changes: Any) -> Change:
    """The evidence of one action in one question, made by hand; `changes` replace fields."""
    side = Side(n=400, units=10, mean=3.2, low=3.1, high=3.3)
    label = Both(vi="được báo trước thời gian chờ", en="told how long it would take")
    values: dict[str, Any] = {
        "action": "A1",
        "measure": "wait_told",
        "role": "factor",
        "label": label,
        "method": "did",
        "inference": "wild",
        "compared": True,
        "drawn": False,
        "estimate": 0.4,
        "low": 0.1,
        "high": 0.7,
        "p": 0.01,
        "grade": "E3",
        "reason": "",
        "sentence": Both(vi="Nơi đã làm tăng thêm 0,4 điểm.", en="Where we did, it rose 0.4 more."),
        "could_see": None,
        "caveats": (),
        "before": side,
        "after": side,
        "others_before": side,
        "others_after": side,
        "waves_before": ("2025-Q1", "2025-Q2"),
        "waves_after": ("2025-Q3", "2025-Q4"),
        "worthwhile": 0.2,
        "detectable": 0.3,
        "needed": None,
        "drift": None,
        "looks": 2,
        "figure": None,
    }
    return Change.model_validate(values | changes)


CHANGE_COLUMNS = [
    "action", "measure", "role", "method", "inference", "drawn", "waves_before", "waves_after", "n_before",
    "n_after", "mean_before", "before_low", "before_high", "mean_after", "after_low", "after_high",
    "others_n_before", "others_n_after", "others_mean_before", "others_before_low", "others_before_high",
    "others_mean_after", "others_after_low", "others_after_high", "units", "others_units", "n_during",
    "estimate", "error", "df", "low", "high", "p", "smallest_p", "alpha", "looks", "worthwhile",
    "equivalence_p", "detectable", "needed", "needed_units", "drift", "drift_low", "drift_high", "net",
    "net_low", "net_high", "pretrend", "pretrend_low", "pretrend_high", "pretrend_p", "mix_p",
    "same_mix_estimate", "paired_n", "grade", "caps", "reason",
]  # fmt: skip
TEXTS = ("action", "measure", "role", "method", "inference", "waves_before", "waves_after", "grade", "caps", "reason")


def change_row(action: str = "A1", measure: str = "wait_told", **changes: Any) -> dict[str, Any]:
    """One row of change.csv: six places acted on against eighteen, and a clear rise; `changes` set other columns."""
    role = measure if measure in ("referral", "loyalty") else "factor"
    row: dict[str, Any] = {
        **{name: "" if name in TEXTS else np.nan for name in CHANGE_COLUMNS},
        "action": action,
        "measure": measure,
        "role": role,
        "method": "did",
        "inference": "wild",
        "drawn": False,
        "waves_before": "2025-Q1 | 2025-Q2",
        "waves_after": "2025-Q3 | 2025-Q4",
        **{f"{group}n_{when}": 200 for group in ("", "others_") for when in ("before", "after")},
        "mean_before": 3.2,
        "mean_after": 3.65,
        "others_mean_before": 3.25,
        "others_mean_after": 3.3,
        "units": 6,
        "others_units": 18,
        "estimate": 0.4,
        "error": 0.1,
        "df": 12.5,
        "low": 0.1,
        "high": 0.7,
        "p": 0.01,
        "looks": 2,
        "worthwhile": 0.2,
        "detectable": 0.35,
        "grade": "E3",
    }
    return row | changes


def change_table(*rows: dict[str, Any]) -> pd.DataFrame:
    """change.csv from rows made by hand, in the columns of the real one."""
    return pd.DataFrame(list(rows), columns=CHANGE_COLUMNS)


def period_rows(action: str = "A1", measure: str = "wait_told", **changes: Any) -> list[dict[str, Any]]:
    """Rows of periods.csv: both groups in four waves; `changes` set other columns."""
    phases = dict(zip(WAVES, ("before", "before", "after", "after"), strict=True))
    return [
        {
            "action": action,
            "measure": measure,
            "group": group,
            "wave": wave,
            "n": 100,
            "units": 6 if group == "acted" else 18,
            "mean": 3.2 + 0.2 * place,
            "low": 3.1 + 0.2 * place,
            "high": 3.3 + 0.2 * place,
            "phase": phase,
            **changes,
        }
        for group in ("acted", "others")
        for place, (wave, phase) in enumerate(phases.items())
    ]


def driver_rows(factor: str = "wait_told", outcome: str = "referral", **changes: Any) -> list[dict[str, object]]:
    """One whole row of drivers.csv that matters, with two waves; `changes` set other columns."""
    whole: dict[str, object] = {
        "factor": factor,
        "outcome": outcome,
        "n": 400,
        "method": "spearman",
        "estimate": 0.4,
        "low": 0.3,
        "high": 0.5,
        "p": 1e-9,
        "q": 1e-8,
        "adjusted_method": "partial",
        "adjusted": 0.3,
        "adjusted_low": 0.2,
        "adjusted_high": 0.4,
        "adjusted_p": 1e-6,
        "adjusted_q": 1e-5,
        "importance_method": "shapley",
        "share": 0.3,
        "share_low": 0.2,
        "share_high": 0.4,
        "top3": 0.9,
        "noise_high": 0.02,
        "r2": 0.4,
        "mean": 3.0,
        "low_share": 0.3,
        "penalty": -0.8,
        "penalty_low": -1.2,
        "penalty_high": -0.4,
        "reward": 0.7,
        "reward_low": 0.3,
        "reward_high": 1.1,
        "shape": "every_step",
        "careless_estimate": 0.4,
        "specs_stand": 72,
        "specs_of": 72,
        "detectable": 0.14,
        "grade": "E1",
        "matters": True,
    }
    return [whole | changes]


def driver_table(*rows: list[dict[str, object]]) -> pd.DataFrame:
    """drivers.csv from rows made by hand, in the columns of the real one."""
    return tidy([row for part in rows for row in part])


def draft(**changes: Any) -> Draft:
    """The document before the door; `changes` as `_draft` takes them."""
    return _draft(**changes) if changes else _plain_draft()


@cache
def _plain_draft() -> Draft:
    return _draft()


def _draft(
    *,
    table: pd.DataFrame | None = None,
    asked: Params | None = None,
    log: str = LOG,
    tested: pd.DataFrame | None = None,
    account: pd.DataFrame | None = None,
    tables: dict[str, pd.DataFrame] | None = None,
    **more: Any,
) -> Draft:
    table = answers() if table is None else table
    asked = params() if asked is None else asked
    return build_findings(
        asked,
        drivers=drivers() if tested is None else tested,
        tables=factor_test().tables if tested is None and tables is None else tables,
        ledger=ledger(table) if account is None else account,
        trends=wave_trends(table, asked).table,
        actions=read_log(log, asked),
        answers=table,
        fingerprint="0123456789abcdef" * 4,
        made_on="2025-12-28",
        **more,
    )


@cache
def passed() -> Passed:
    """The sample survey after the privacy door."""
    return pass_door(draft(), params())
