"""Surveys of which it is known what an action did, for calibration_change.py: answers, log and parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pandas as pd

from cxlib.actions import ActionLog, ActionRecord
from cxlib.actions.draw import drawn_starts, make_draw
from cxlib.actions.records import ScopeRule, TwoTexts
from cxlib.params import Params
from cxlib.params.spans import span_of_name

MIDDLE = 3.0  # of the scale from 1 to 5
SPREAD = 1.2  # answers lie evenly this far around their store's level before they are rounded at random
ANSWER_SD = float(np.sqrt(SPREAD**2 / 3 + 1 / 6))  # about .80: that spread and the rounding (its mean variance)
WORTHWHILE = 0.1  # smallest change worth the effort, points
SOME = TwoTexts("một việc", "something")


@dataclass(frozen=True)
class Plan:
    """How a survey comes about.

    Parameters
    ----------
    stores, waves : int
    answers : int
        Mean number of answers of a store in a wave.
    unequal : bool
        Stores have between a third and about three times that many; False: all the same.
    between : float
        Standard deviation of the stores' lasting levels, points.
    wobble : float
        Standard deviation of a store's level in a wave around its lasting one.
    shock : float
        Standard deviation of what moves every store alike in a wave; neighbouring waves correlate `likeness`.
    likeness : float
    same_people : bool
        The same customers answer in every wave.
    """

    stores: int = 20
    waves: int = 2
    answers: int = 30
    unequal: bool = True
    between: float = 0.25
    wobble: float = 0.08
    shock: float = 0.05
    likeness: float = 0.0
    same_people: bool = False


def parameters() -> Params:
    """Two questions from 1 to 5, stores, quarters."""
    question = {"scale": [1, 5], "label": {"vi": "câu hỏi", "en": "question"}}
    return Params.model_validate(
        {
            "client": "simulated",
            "title": {"vi": "mô phỏng", "en": "simulated"},
            "data": {"responses": "none.csv"},
            "outcomes": {"loyalty": question | {"column": "loyalty"}},
            "factors": {"wait": question | {"column": "wait"}},
            "unit": "store",
        }
    )


def wave_names(waves: int) -> list[str]:
    """Quarters from the first of 2010 on."""
    return [f"{2010 + wave // 4}-Q{1 + wave % 4}" for wave in range(waves)]


def first_day(wave: int) -> date:
    """Of a wave."""
    span = span_of_name(wave_names(wave + 1)[wave])
    if span is None:
        raise ValueError(f"wave {wave} has no days")
    return span[0]


def survey(rng: np.random.Generator, plan: Plan, effect: np.ndarray | None = None) -> pd.DataFrame:
    """Answers to one question, whose means are known exactly.

    Parameters
    ----------
    rng : Generator
    plan : Plan
    effect : array of shape (stores, waves), optional
        What the action adds to every answer, points.

    Notes
    -----
    An answer is its level rounded up or down at random, so that its mean is the level itself.
    """
    level = (
        MIDDLE + rng.normal(0, plan.between, (plan.stores, 1)) + rng.normal(0, plan.wobble, (plan.stores, plan.waves))
    )
    moved = np.zeros(plan.waves)
    for wave, step in enumerate(rng.normal(0, plan.shock, plan.waves)):
        moved[wave] = step if not wave else plan.likeness * moved[wave - 1] + np.sqrt(1 - plan.likeness**2) * step
    level = level + moved + (0.0 if effect is None else effect)
    size = np.full(plan.stores, float(plan.answers))
    if plan.unequal:
        size = np.clip(size * np.exp(rng.normal(-0.125, 0.5, plan.stores)), plan.answers / 3, 3 * plan.answers)
    counts = np.rint(size).astype(int)
    people = int(counts.sum())
    own = rng.uniform(-SPREAD, SPREAD, people if plan.same_people else people * plan.waves)
    own = np.tile(own, plan.waves) if plan.same_people else own
    store = np.tile(np.repeat(np.arange(plan.stores), counts), plan.waves)
    wave = np.repeat(np.arange(plan.waves), people)
    noise = rng.uniform(-0.5, 0.5, own.size) if plan.same_people else 0.0
    answer = np.floor(level[store, wave] + own + noise + rng.random(own.size))
    frame = pd.DataFrame({"wait": np.clip(answer, 1.0, 5.0)})
    frame["wave"] = pd.Categorical.from_codes(wave, wave_names(plan.waves)).astype(str)
    frame["unit"] = np.array(store_names(plan.stores))[store]
    if plan.same_people:
        frame["person"] = pd.array(np.tile(np.arange(people), plan.waves), dtype="Int64")
    return frame


def store_names(stores: int) -> list[str]:
    """Of so many stores."""
    return [f"S{store:02d}" for store in range(stores)]


def worst(answers: pd.DataFrame, wave: int, number: int, waves: int) -> list[str]:
    """The stores with the lowest means in a wave."""
    there = answers[answers["wave"] == wave_names(waves)[wave]]
    return sorted(there.groupby("unit")["wait"].mean().nsmallest(number).index)


def action(chosen: list[str] | None, chosen_by: str, start: int, **more: object) -> ActionRecord:
    """An action recorded before its start.

    Parameters
    ----------
    chosen : list of str or None
        Stores; None: everywhere.
    chosen_by : str
        As in the log: 'other', 'everyone', 'worst in 2010-Q1', ...
    start : int
        Wave on whose first day it begins.
    """
    day = first_day(start)
    scope = ScopeRule(True) if chosen is None else ScopeRule(False, (("unit", tuple(chosen)),))
    record = ActionRecord(
        id="A1",
        factors=("wait",),
        what=SOME,
        owner_role=SOME,
        scope=scope,
        scope_chosen_by=chosen_by,
        start=day,
        due=None,
        status="done",
        expected=None,
        smallest_worthwhile=WORTHWHILE,
        document=None,
        decided_on=day - timedelta(days=20),
        stopped_because=None,
        recorded_on=day - timedelta(days=10),
        line=2,
    )
    return replace(record, **more)


def one_by_one(starts: Mapping[str, int]) -> ActionRecord:
    """A roll-out that nobody drew: store -> wave."""
    days = tuple((store, first_day(wave)) for store, wave in sorted(starts.items()))
    first = min(starts.values())
    return action([store for store, _ in days], "other", first, starts=days)


def drawn_places(seed: int, stores: int, number: int, start: int) -> ActionRecord:
    """An action in stores that chance drew."""
    at = datetime.combine(first_day(start), datetime.min.time(), UTC) - timedelta(days=15)
    draw, chosen = make_draw(store_names(stores), number, seed=seed, at=at)
    return action(sorted(chosen), "random", start, drawn=draw)


def drawn_order(seed: int, stores: int, number: int, waves: list[int]) -> tuple[ActionRecord, dict[str, int]]:
    """A roll-out whose order chance drew, and in which wave each store begins."""
    at = datetime.combine(first_day(waves[0]), datetime.min.time(), UTC) - timedelta(days=15)
    days = {first_day(wave): wave for wave in waves}
    draw, _ = make_draw(store_names(stores), number, seed=seed, at=at, dates=days)
    starts = tuple(sorted(drawn_starts(draw)))
    record = action([store for store, _ in starts], "random", waves[0], drawn=draw, starts=starts)
    return record, {store: days[day] for store, day in starts}


def log_of(record: ActionRecord) -> ActionLog:
    """A log of one action."""
    return ActionLog((record,))


def added(starts: Mapping[str, int], plan: Plan, first: float, growth: float = 0.0) -> np.ndarray:
    """What an action adds: `first` points in the wave a store begins, `growth` more in each later one."""
    since = np.full((plan.stores, plan.waves), -1.0)
    for row, store in enumerate(store_names(plan.stores)):
        if store in starts:
            since[row] = np.arange(plan.waves) - starts[store]
    return np.where(since >= 0, first + growth * since, 0.0)
