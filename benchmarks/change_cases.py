"""The cases of benchmarks/calibration_change.py: one survey each, judged as a run judges it, and what was true."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from change_surveys import (
    ANSWER_SD,
    Plan,
    action,
    added,
    drawn_order,
    drawn_places,
    log_of,
    one_by_one,
    parameters,
    store_names,
    survey,
    wave_names,
    worst,
)
from scipy import stats as distributions

import cxlib as cx
from cxlib.actions import ActionRecord

EFFECT = 0.3  # points of the scale from 1 to 5
POWER_EFFECTS = (0.06, 0.1, 0.14, 0.18, 0.22, 0.3, 0.38)
GROWTH = 0.1  # points a wave that a growing effect gains
LOOKS = 6
CALM = {"shock": 0.0}  # what moves all stores at once cannot be told from an action that reaches all of them
REPORTED = (
    "method",
    "inference",
    "reason",
    "grade",
    "estimate",
    "error",
    "low",
    "high",
    "alpha",
    "looks",
    "detectable",
)
PARAMETERS = parameters()
Made = tuple[pd.DataFrame, ActionRecord]


@dataclass(frozen=True)
class Case:
    """One kind of survey.

    Parameters
    ----------
    make : callable
        (rng, seed, effect) -> answers and the action's record.
    effect : float
        What the action adds where it runs, points.
    """

    make: Callable[[np.random.Generator, int, float], Made]
    effect: float = 0.0


def _everywhere(plan: Plan) -> Callable[[np.random.Generator, int, float], Made]:
    def make(rng: np.random.Generator, seed: int, effect: float) -> Made:
        half = plan.waves // 2
        moved = added(dict.fromkeys(store_names(plan.stores), half), plan, effect)
        return survey(rng, plan, moved), action(None, "everyone", half)

    return make


def _some(acted: int, stores: int) -> Callable[[np.random.Generator, int, float], Made]:
    def make(rng: np.random.Generator, seed: int, effect: float) -> Made:
        plan, chosen = Plan(stores=stores), store_names(stores)[:acted]
        return survey(rng, plan, added(dict.fromkeys(chosen, 1), plan, effect)), action(chosen, "other", 1)

    return make


def _drawn(acted: int, stores: int, *, unequal: bool = True) -> Callable[[np.random.Generator, int, float], Made]:
    def make(rng: np.random.Generator, seed: int, effect: float) -> Made:
        plan, record = Plan(stores=stores, unequal=unequal), drawn_places(seed, stores, acted, 1)
        return survey(rng, plan, added(dict.fromkeys(record.scope.values("unit"), 1), plan, effect)), record

    return make


def _one_by_one(plan: Plan, waves: list[int], never: int, growth: float = 0.0) -> Callable:
    def make(rng: np.random.Generator, seed: int, effect: float) -> Made:
        stores = store_names(plan.stores)[never:]
        starts = {store: waves[place % len(waves)] for place, store in enumerate(stores)}
        return survey(rng, plan, added(starts, plan, effect, growth)), one_by_one(starts)

    return make


def _drawn_order(plan: Plan, waves: list[int], never: int) -> Callable:
    def make(rng: np.random.Generator, seed: int, effect: float) -> Made:
        record, starts = drawn_order(seed, plan.stores, plan.stores - never, waves)
        return survey(rng, plan, added(starts, plan, effect)), record

    return make


def _worst(plan: Plan, wave: int) -> Callable[[np.random.Generator, int, float], Made]:
    """The five stores with the lowest means of a wave; acted on from the last wave on."""

    def make(rng: np.random.Generator, seed: int, effect: float) -> Made:
        answers = survey(rng, plan)
        chosen = worst(answers, wave, 5, plan.waves)
        return answers, action(chosen, f"worst in {wave_names(plan.waves)[wave]}", plan.waves - 1)

    return make


def _slow(waves: int) -> Plan:
    return Plan(stores=24, waves=waves)


METHODS = {
    "everyone, two waves": _everywhere(Plan(**CALM)),
    "everyone, the same people": _everywhere(Plan(same_people=True, **CALM)),
    "3 against 3": _some(3, 6),
    "4 against 4": _some(4, 8),
    "5 against 5": _some(5, 10),
    "5 against 25": _some(5, 30),
    "10 against 14": _some(10, 24),
    "20 against 20": _some(20, 40),
    "one after another, 3 starts": _one_by_one(_slow(6), [2, 3, 4], 6),
    "one after another, store by store": _one_by_one(Plan(stores=8, waves=8), [2, 3, 4, 5, 6, 7], 2),
    "series of 10 + 10 waves": _everywhere(Plan(waves=20, stores=10)),
    "series, neighbouring waves alike": _everywhere(Plan(waves=20, stores=10, likeness=0.4)),
    "drawn, 10 of 20": _drawn(10, 20),
    "drawn, 5 of 10": _drawn(5, 10),
    "drawn order, 6 of 8": _drawn_order(Plan(stores=8, waves=8), [2, 4, 6], 2),
}
SMALL = Plan(stores=30, unequal=False, between=0.11 * ANSWER_SD, wobble=0.0, shock=0.0)
GROWING = "growing effects"


def _cases() -> Iterator[tuple[str, Case]]:
    for name, make in METHODS.items():
        yield f"null: {name}", Case(make)
        yield f"effect: {name}", Case(make, EFFECT)
    yield "worst: the wave is the baseline", Case(_worst(SMALL, 0))
    yield "worst: an earlier wave is there", Case(_worst(Plan(**{**SMALL.__dict__, "waves": 3}), 1))
    yield "worst: the wave is the baseline, stores differ and wander", Case(_worst(Plan(stores=30), 0))
    yield "wrong way", Case(_some(10, 24), -EFFECT)
    for effect in POWER_EFFECTS:
        yield f"power: {effect}", Case(_drawn(10, 20, unequal=False), effect)
    yield GROWING, Case(_one_by_one(_slow(8), [2, 3, 4, 5], 3, GROWTH), GROWTH)
    yield "looks", Case(_looks)


def _looks(rng: np.random.Generator, seed: int, effect: float) -> Made:
    return survey(rng, Plan(waves=1 + LOOKS)), action(store_names(20)[:10], "other", 1)


CASES = dict(_cases())


def judged(name: str, number: int, seed: int) -> dict:
    """One survey of a case: what the workbench says of it, and what else its table needs."""
    case = CASES[name]
    rng = np.random.default_rng([seed, zlib.crc32(name.encode()), number])
    answers, record = case.make(rng, int(rng.integers(2**31)), case.effect)
    if name == "looks":
        return {"case": name, "grades": [_evidence(looked, record)["grade"] for looked in _by_look(answers)]}
    told = {"case": name, "truth": case.effect} | _evidence(answers, record)
    if name.startswith("worst"):
        told |= _naive(answers, record)
    if name == GROWING:
        told |= _two_way(answers, record)
    return told


def _evidence(answers: pd.DataFrame, record: ActionRecord) -> dict:
    table = cx.evidence_of_change(answers, log_of(record), PARAMETERS).table
    row = table[table["measure"] == "wait"].iloc[0]
    return {name: value if isinstance(value := row[name], str) else float(value) for name in REPORTED}


def _by_look(answers: pd.DataFrame) -> Iterator[pd.DataFrame]:
    names = wave_names(1 + LOOKS)
    for look in range(1, LOOKS + 1):
        yield answers[answers["wave"].isin(names[: 1 + look])].reset_index(drop=True)


def _naive(answers: pd.DataFrame, record: ActionRecord) -> dict:
    """What comparing the last two waves would say: of the stores alone, and against the others."""
    names = sorted(answers["wave"].unique())[-2:]
    acted = answers["unit"].isin(record.scope.values("unit"))
    sides = [answers["wait"][answers["wave"].eq(name) & chosen] for chosen in (acted, ~acted) for name in names]
    mean, part = [side.mean() for side in sides], [side.var() / len(side) for side in sides]
    limit = distributions.norm.isf(0.025)
    alone = mean[1] - mean[0]
    against = alone - (mean[3] - mean[2])
    return {
        "naive_alone": bool(alone > limit * np.sqrt(part[0] + part[1])),
        "naive_against": bool(against > limit * np.sqrt(sum(part))),
    }


def _two_way(answers: pd.DataFrame, record: ActionRecord) -> dict:
    """Plain two-way fixed effects on the stores' means, and the true mean effect over stores and waves acted on."""
    means = answers.groupby(["unit", "wave"])["wait"].mean().unstack()  # noqa: PD010
    names = wave_names(means.shape[1])
    means = means[names].to_numpy()
    starts = dict(record.starts)
    units = sorted(answers["unit"].unique())
    first = [
        next((w for w, n in enumerate(names) if _begins(n) >= starts[u]), 99) if u in starts else 99 for u in units
    ]
    since = np.arange(means.shape[1]) - np.array(first)[:, None]
    on = (since >= 0).astype(float)

    def within(part: np.ndarray) -> np.ndarray:
        return part - part.mean(axis=0) - part.mean(axis=1, keepdims=True) + part.mean()

    left = within(on)
    truth = np.where(since >= 0, GROWTH + GROWTH * since, 0.0).sum() / on.sum()
    return {"two_way": float((left * means).sum() / (left * on).sum()), "truth": float(truth)}


def _begins(name: str) -> object:
    from cxlib.params.spans import span_of_name

    span = span_of_name(name)
    return span[0] if span else None


def formula(effect: float) -> float:
    """Power by the formula: 10 against 10 stores of 30 answers in each of two waves, as `Plan` says."""
    plan = Plan()
    of_change = 2 * plan.wobble**2 + 2 * ANSWER_SD**2 / plan.answers
    error, df = np.sqrt(of_change * (1 / 10 + 1 / 10)), 18
    limit = distributions.t.isf(0.025, df)
    return float(distributions.nct.sf(limit, df, effect / error))
