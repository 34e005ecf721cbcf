"""Made-up surveys and actions whose truth is known, for the tests of what changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import pandas as pd

from cxlib.actions import ActionLog, ActionRecord, ScopeRule, TwoTexts
from cxlib.actions.draw import drawn_starts, make_draw
from cxlib.change import Evidence, evidence_of_change
from cxlib.params import Params

SAID = TwoTexts("làm", "done")
QUARTERS = ("2025-Q1", "2025-Q2", "2025-Q3", "2025-Q4", "2026-Q1", "2026-Q2")


def label(text: str) -> dict[str, str]:
    return {"vi": text, "en": text}


def params(**more: Any) -> Params:
    question = {"scale": [1, 5]}
    values: dict[str, Any] = {
        "client": "test",
        "title": label("test"),
        "data": {"responses": "x.csv"},
        "wave": {"column": "wave"},
        "respondent": "id",
        "unit": "store",
        "outcomes": {
            "referral": {"scale": [0, 10], "column": "referral", "label": label("referral")},
            "loyalty": question | {"column": "loyalty", "label": label("loyalty")},
        },
        "factors": {key: question | {"column": key, "label": label(key)} for key in ("wait", "staff")},
        "segments": ["region", "channel"],
    }
    return Params.model_validate(values | more)


def survey(
    *,
    units: int = 30,
    waves: Sequence[str] = QUARTERS[:4],
    each: int = 20,
    seed: int = 1,
    lasting: float = 0.2,
    passing: float = 0.0,
    effect: float = 0.0,
    acted: Sequence[int] = (),
    after: int = 2,
) -> pd.DataFrame:
    """Answers to two factors and two outcomes; `effect` is added to `wait` in the units acted on from wave `after` on.

    `lasting` and `passing` are standard deviations of the units' levels: for good, and from wave to wave.
    """
    rng = np.random.default_rng(seed)
    unit = np.repeat(np.arange(units), each * len(waves))
    wave = np.tile(np.repeat(np.arange(len(waves)), each), units)
    n = len(unit)
    level = 3.2 + lasting * rng.standard_normal(units)
    noise = passing * rng.standard_normal((units, len(waves)))
    reached = np.isin(unit, list(acted)) & (wave >= after)
    base = level[unit] + noise[unit, wave]
    table = pd.DataFrame(
        {
            "wait": base + effect * reached + rng.standard_normal(n),
            "staff": base + rng.standard_normal(n),
            "loyalty": base + rng.standard_normal(n),
            "referral": 2 * base + 2 * rng.standard_normal(n),
        }
    )
    for key, (low, high) in {"wait": (1, 5), "staff": (1, 5), "loyalty": (1, 5), "referral": (0, 10)}.items():
        table[key] = np.clip(np.rint(table[key]), low, high)
    table["wave"] = np.array(waves, dtype=object)[wave]
    table["unit"] = np.array([name(place) for place in range(units)], dtype=object)[unit]
    table["region"] = np.array(["north", "south"], dtype=object)[(unit >= units // 2).astype(int)]
    table["channel"] = np.array(["store", "web"], dtype=object)[rng.integers(0, 2, n)]
    return table


def name(place: int) -> str:
    return f"S{place:02d}"


def stores(places: Sequence[int]) -> ScopeRule:
    return ScopeRule(False, (("unit", tuple(name(place) for place in places)),))


EVERYONE = ScopeRule(True)


def record(**more: Any) -> ActionRecord:
    """An action on `wait` in the first five stores from 2025-07-01 on, chosen in another way, recorded in time."""
    values: dict[str, Any] = {
        "id": "A1",
        "factors": ("wait",),
        "what": SAID,
        "owner_role": SAID,
        "scope": stores(range(5)),
        "scope_chosen_by": "other",
        "start": date(2025, 7, 1),
        "due": None,
        "status": "doing",
        "expected": None,
        "smallest_worthwhile": 0.2,
        "document": None,
        "decided_on": None,
        "stopped_because": None,
        "recorded_on": date(2025, 6, 20),
        "line": 2,
    }
    return ActionRecord(**(values | more))


def drawn(units: int, size: int, *, seed: int = 7, **more: Any) -> ActionRecord:
    """An action in stores drawn at random, as `cx draw` records it."""
    dates = more.pop("dates", ())
    draw, chosen = make_draw(
        [name(place) for place in range(units)], size, seed=seed, at=datetime(2025, 3, 1, 8, tzinfo=UTC), dates=dates
    )
    starts = drawn_starts(draw)
    scope = ScopeRule(False, (("unit", chosen),))
    return record(scope=scope, scope_chosen_by="random", drawn=draw, starts=starts, **more)


def places_of(one: ActionRecord) -> list[int]:
    return [int(unit[1:]) for unit in one.scope.values("unit")]


def evidence(answers: pd.DataFrame, *records: ActionRecord, asked: Params | None = None, **more: Any) -> Evidence:
    lines = [replace(one, line=number) for number, one in enumerate(records, start=2)]
    return evidence_of_change(answers, ActionLog(tuple(lines)), params() if asked is None else asked, **more)


def row(found: Evidence, measure: str = "wait", action: str = "A1") -> pd.Series:
    table = found.table
    chosen = table[(table["action"] == action) & (table["measure"] == measure)]
    assert len(chosen) == 1
    return chosen.iloc[0]


def caps(found: Evidence, measure: str = "wait", action: str = "A1") -> set[str]:
    return {code for code in row(found, measure, action)["caps"].split(";") if code}
