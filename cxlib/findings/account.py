"""The account of rows and answers, the settings and the limits: what the method page tells."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd

from cxlib.findings.numbers import records, text
from cxlib.findings.schema import Both, CellLine, LedgerLine, Rows, Test
from cxlib.params.model import Params
from cxlib.params.spans import wave_span
from cxlib.privacy.say import say, small
from cxlib.words import decimal, percent

CELL_TOTALS = ("read", "valid")


def waves_of(ledger: pd.DataFrame, params: Params) -> tuple[str, ...]:
    """Survey waves in order: as the parameters list them, else by name with numbers in them read as numbers."""
    named = [item.wave for item in params.data.files if item.wave is not None]
    seen = {str(wave) for wave in ledger["wave"] if isinstance(wave, str) and wave}
    rest = sorted(seen - set(named), key=_natural)
    return (*(wave for wave in dict.fromkeys(named) if wave in seen), *rest)


def _natural(name: str) -> list[tuple[int, int, str]]:
    return [(0, int(part), "") if part.isdigit() else (1, 0, part) for part in re.split(r"(\d+)", name) if part]


def _sums(ledger: pd.DataFrame, what: str) -> dict[tuple[str, str], int]:
    sums: dict[tuple[str, str], int] = {}
    for row in records(ledger):
        if row["what"] == what:
            key = (text(row["field"]), str(row["rule"]))
            sums[key] = sums.get(key, 0) + int(row["count"])
    return sums


def rows_in_out(ledger: pd.DataFrame) -> Rows:
    """Rows read, kept and set aside, over all files and waves."""
    sums = _sums(ledger, "rows")
    read, kept = sums.get(("", "read"), 0), sums.get(("", "kept"), 0)
    return Rows.model_validate({"in": read, "kept": kept, "set_aside": read - kept})


def row_lines(ledger: pd.DataFrame) -> tuple[LedgerLine, ...]:
    """One line a rule: read first, kept last."""
    sums = {rule: value for (_, rule), value in _sums(ledger, "rows").items()}
    rules = ["read", *(rule for rule in sums if rule not in ("read", "kept")), "kept"]
    return tuple(_line(rule, sums[rule]) for rule in rules if rule in sums)


def cell_lines(ledger: pd.DataFrame, params: Params) -> tuple[CellLine, ...]:
    """One line a question, in the order of the parameters, with the reasons why answers turned missing."""
    by_field: dict[str, dict[str, int]] = {}
    for (field, rule), value in _sums(ledger, "cells").items():
        by_field.setdefault(field, {})[rule] = value
    lines = []
    for key, question in params.questions.items():
        counts = by_field.get(key)
        if counts is None:
            continue
        reasons = tuple(_line(rule, value) for rule, value in counts.items() if rule not in CELL_TOTALS and value)
        lines.append(
            CellLine(
                field=key,
                label=Both(vi=question.label.vi, en=question.label.en),
                of=counts.get("read", 0),
                valid=counts.get("valid", 0),
                reasons=reasons,
            )
        )
    return tuple(lines)


def _line(rule: str, count: int) -> LedgerLine:
    return LedgerLine(rule=rule, label=say(f"rule_{rule}"), count=count)


def asked_in(ledger: pd.DataFrame) -> dict[str, set[str]]:
    """For each question, the waves in which it was asked: those with cells of its column."""
    cells = ledger[(ledger["what"] == "cells") & (ledger["rule"] == "read") & (ledger["count"] > 0)]
    found: dict[str, set[str]] = {}
    for field, wave in zip(cells["field"], cells["wave"], strict=True):
        found.setdefault(str(field), set()).add(str(wave))
    return found


def last_answer(answers: pd.DataFrame, waves: Sequence[str], params: Params) -> str:
    """Day of the latest answer, YYYY-MM-DD: as it was noted, else the last of the last wave; "" when unknown."""
    if "day" in answers:
        latest = answers["day"].max()
        if not pd.isna(latest):
            return str(latest)[:10]
    spans = [span for wave in waves if (span := wave_span(wave, params)) is not None]
    return max((last.isoformat() for _, last in spans), default="")


def settings(params: Params) -> dict[str, Any]:
    """What was set for cleaning, analysis and privacy, by the key of params.yaml."""
    parts = {"cleaning": params.cleaning, "analysis": params.analysis, "privacy": params.privacy}
    return {
        f"{name}.{key}": value for name, part in parts.items() for key, value in part.model_dump(mode="json").items()
    }


def limits(params: Params, tests: Sequence[Test], answers: pd.DataFrame) -> tuple[Both, ...]:
    """What these answers cannot tell, with the numbers of this run."""
    return tuple(_limits(params, tests, answers))


def _limits(params: Params, tests: Sequence[Test], answers: pd.DataFrame) -> Iterator[Both]:
    yield say("limit_answered")
    yield say("limit_together")
    yield say("limit_halo")
    q = params.analysis.q
    made = [test for test in tests if test.grade != "E0" and test.association.estimate is not None]
    if made:
        yield say("limit_tests", tests=len(made), q=small(q), share=lambda language: percent(q, language))
    found = [test.detectable for test in made if test.detectable is not None]
    if found:
        sizes = [test.n or 0 for test in made]
        weakest = max(found)
        yield say(
            "limit_detectable",
            low=min(sizes),
            high=max(sizes),
            detectable=lambda language: decimal(weakest, language),
        )
    if params.weight is not None:
        yield say("limit_weight")
    if "unit" in answers:
        yield say("limit_places")
    if params.comments:
        yield say("limit_quotes")
