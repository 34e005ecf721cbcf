"""The tables of the change stage as findings read them: for each action, what changed in which question."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, cast, get_args

import pandas as pd

from cxlib.findings.change_words import COMPARED, Role, tell_change
from cxlib.findings.further import Row, cell, value, yes
from cxlib.findings.numbers import count, records
from cxlib.findings.schema import Action, Both, Change, ChangePoint, Grade, Measured, Side
from cxlib.params.model import Params

ROLES: tuple[Role, ...] = ("factor", "loyalty", "referral")
Phase = Literal["before", "during", "after"]


@dataclass(frozen=True)
class Changes:
    """What changed, by action.

    Attributes
    ----------
    of : mapping of str to tuple of Change
        Action id -> every factor acted on, in the order of the log, then loyalty, then referral.
    places : mapping of (str, str) to mapping of (str, str) to int
        Action and measure -> group and wave of each point -> number of places behind it.
    """

    of: Mapping[str, tuple[Change, ...]] = field(default_factory=dict)
    places: Mapping[tuple[str, str], Mapping[tuple[str, str], int]] = field(default_factory=dict)

    def for_finding(self, factor: str, actions: Iterable[str]) -> tuple[Change, ...]:
        """What a card shows: of each action this factor first, then its other factors, loyalty and referral.

        Where there is nothing to measure for one and the same reason, it is said once.
        """
        found: list[Change] = []
        for action in actions:
            said: list[Both] = []
            for change in sorted(self.of.get(action, ()), key=lambda change: change.measure != factor):
                if change.grade is None and change.sentence in said:
                    continue
                said.append(change.sentence)
                found.append(change)
        return tuple(found)

    def evidence(self, action: str) -> bool:
        """Whether anything was measured after an action, whatever came of it."""
        return any(change.grade not in (None, "E0") for change in self.of.get(action, ()))

    def measured(self, factor: str, actions: Iterable[str]) -> bool:
        """Whether a change of this very factor was measured after one of the actions, whatever came of it."""
        return any(
            change.measure == factor and change.grade not in (None, "E0") and change.estimate is not None
            for action in actions
            for change in self.of.get(action, ())
        )


def read_changes(
    actions: Iterable[Action],
    params: Params,
    change: pd.DataFrame | None,
    periods: pd.DataFrame | None = None,
    events: pd.DataFrame | None = None,
) -> Changes:
    """Turn the rows of change.csv into evidence with its sentences.

    Parameters
    ----------
    actions : iterable of Action
    params : Params
    change, periods, events : DataFrame or None
        change.csv, periods.csv and event_study.csv as read back; None for a run that has none.

    Returns
    -------
    Changes
        Rows of actions that the log does not know, and of questions that the parameters do not ask, are left out.
    """
    known = {action.id: action for action in actions}
    by_change = _by_change(periods, "acted"), _by_change(events, "event")
    found: dict[str, list[Change]] = {}
    places: dict[tuple[str, str], Mapping[tuple[str, str], int]] = {}
    for row in records(change):
        action, measure = known.get(cell(row, "action")), cell(row, "measure")
        if action is None or action.status == "none" or measure not in params.questions:
            continue
        if cell(row, "role") not in ROLES:
            continue
        key = (action.id, measure)
        points = _Points(row, by_change[0].get(key, []), by_change[1].get(key, []))
        found.setdefault(action.id, []).append(_change(row, action, params, points))
        places[key] = points.places
    for name, items in found.items():
        order = list(known[name].factors)
        items.sort(key=lambda item: (ROLES.index(item.role), order.index(item.measure) if item.measure in order else 0))
    return Changes({name: tuple(items) for name, items in found.items()}, places)


def _by_change(table: pd.DataFrame | None, group: str) -> dict[tuple[str, str], list[Row]]:
    found: dict[tuple[str, str], list[Row]] = {}
    for row in records(table):
        found.setdefault((cell(row, "action"), cell(row, "measure")), []).append({"group": group} | row)
    return found


class _Points:
    """The points of a change's figure: a roll-out one after another by waves since the start, else wave by wave."""

    def __init__(self, row: Row, periods: list[Row], events: list[Row]) -> None:
        self.relative = cell(row, "method") == "chart"
        if cell(row, "method") == "staggered":
            told = events
        else:
            told = _one_phase(periods)
            if len({cell(item, "wave") for item in told}) < 3 and not self.relative:
                told = []  # one wave before and one after: the two sides say it all
        self.places = {
            (cell(item, "group"), _at(item)): count(item["units"]) for item in told if value(item, "units") is not None
        }
        self.points = tuple(_point(item) for item in told)
        if self.relative:
            self.points = _from_before(tuple(point for point in self.points if point.group == "acted"))


def _one_phase(periods: list[Row]) -> list[Row]:
    """Each wave once: of one that lies on both sides of the start, the part with most of its answers."""
    people: dict[tuple[str, str], int] = {}
    for row in periods:
        key = (cell(row, "wave"), cell(row, "phase"))
        people[key] = people.get(key, 0) + count(row.get("n"))
    phase: dict[str, str] = {}
    for wave, name in people:
        if people[wave, name] > people.get((wave, phase.get(wave, "")), -1):
            phase[wave] = name
    return [row for row in periods if cell(row, "phase") == phase[cell(row, "wave")]]


def _at(row: Row) -> str:
    period = value(row, "period")
    return cell(row, "wave") if period is None else str(round(period))


def _point(row: Row) -> ChangePoint:
    period = value(row, "period")
    if period is not None:
        phase, name = "before" if period < 0 else "after", "estimate"
    else:
        phase, name = cell(row, "phase"), "mean"
    return ChangePoint.model_validate(
        {
            "group": cell(row, "group") or "acted",
            "at": _at(row),
            "n": _count(row, "n"),
            "estimate": value(row, name),
            "low": value(row, "low"),
            "high": value(row, "high"),
            "phase": phase if phase in get_args(Phase) else "during",
        }
    )


def _from_before(points: tuple[ChangePoint, ...]) -> tuple[ChangePoint, ...]:
    """Points as differences from the mean of the waves before; nothing where there is no such mean."""
    before = [(item.estimate, item.n or 0) for item in points if item.phase == "before" and item.estimate is not None]
    people = sum(n for _, n in before)
    if not people:
        return ()
    level = sum(mean * n for mean, n in before) / people

    def less(end: float | None) -> float | None:
        return None if end is None else round(end - level, 4) + 0.0

    return tuple(
        item.model_copy(
            update={"estimate": less(item.estimate), "low": less(item.low), "high": less(item.high), "n": item.n}
        )
        for item in points
    )


def _change(row: Row, action: Action, params: Params, points: _Points) -> Change:
    measure, role, method = cell(row, "measure"), cast(Role, cell(row, "role")), cell(row, "method")
    grade = cell(row, "grade")
    question = params.questions[measure]
    told = tell_change(beyond_drift(row), role, action, params, chart=bool(points.points) and points.relative)
    sides = {
        "before": _side(row, "", "before", "units"),
        "after": _side(row, "", "after", "units"),
        "others_before": _side(row, "others_", "before", "others_units"),
        "others_after": _side(row, "others_", "after", "others_units"),
    }
    drawable = bool(points.points) or (
        bool(grade) and grade != "E0" and sides["before"] is not None and sides["after"] is not None
    )
    row = beyond_drift(row)
    numbers = ("estimate", "low", "high", "p", "worthwhile", "detectable", "error", "df", "smallest_p", "equivalence_p")
    return Change(
        action=action.id,
        measure=measure,
        role=role,
        label=Both(vi=question.label.vi, en=question.label.en),
        method=method,
        inference=cell(row, "inference"),
        compared=method in COMPARED,
        drawn=yes(row, "drawn"),
        grade=cast(Grade, grade) if grade in get_args(Grade) else None,
        reason=cell(row, "reason"),
        sentence=told.sentence,
        could_see=told.could_see,
        caveats=told.caveats,
        **sides,
        waves_before=_waves(row, "waves_before"),
        waves_after=_waves(row, "waves_after"),
        needed=_count(row, "needed"),
        drift=_measured(row, "drift"),
        looks=count(row.get("looks")),
        figure=f"change-{action.id}.{measure}" if drawable else None,
        points=points.points,
        relative=points.relative,
        needed_units=_count(row, "needed_units"),
        paired_n=_count(row, "paired_n"),
        pretrend=_measured(row, "pretrend"),
        same_mix=value(row, "same_mix_estimate"),
        caps=tuple(code for code in cell(row, "caps").split(";") if code),
        **{name: value(row, name) for name in numbers},
    )


def beyond_drift(row: Row) -> Row:
    """What is left beyond the drift that was to be expected; the row as it is where there is none."""
    net = [row.get(name) for name in ("net", "net_low", "net_high")]
    if value(row, "net") is None:
        return row
    return dict(row) | dict(zip(("estimate", "low", "high"), net, strict=True)) | {"p": None}


def _count(row: Row, column: str) -> int | None:
    size = value(row, column)
    return None if size is None else round(size)


def _waves(row: Row, column: str) -> tuple[str, ...]:
    return tuple(wave for wave in cell(row, column).split(" | ") if wave)


def _measured(row: Row, column: str) -> Measured | None:
    estimate = value(row, column)
    if estimate is None:
        return None
    return Measured(estimate=estimate, low=value(row, f"{column}_low"), high=value(row, f"{column}_high"))


def _side(row: Row, group: str, when: str, units: str) -> Side | None:
    n = _count(row, f"{group}n_{when}")
    if not n:
        return None
    return Side(
        n=n,
        units=_count(row, units) or None,
        mean=value(row, f"{group}mean_{when}"),
        low=value(row, f"{group}{when}_low"),
        high=value(row, f"{group}{when}_high"),
    )
