"""One question after one action: the estimate, what lowers its grade, and the grade."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from cxlib.change.acted import Acted
from cxlib.change.baseline import Baseline, choose_baseline
from cxlib.change.caps import LOOKS, caps_of, in_order
from cxlib.change.case import Case, Shape, build_case, shape_of
from cxlib.change.drift import drift_of
from cxlib.change.estimates import Estimated, Order, estimate, pooled_sides, pretrend
from cxlib.change.grades import grade_of
from cxlib.change.mix import mix_change
from cxlib.change.power import what_it_takes
from cxlib.change.same_mix import same_mix_estimate, segments_of
from cxlib.change.scope import Groups
from cxlib.change.survey import Survey, flat
from cxlib.change.timing import DURING
from cxlib.params import Params
from cxlib.stats.drift import NOTHING, Drift, net_of_drift
from cxlib.stats.effects import Effect

TEXTS = ("waves_before", "waves_after", "method", "inference", "grade", "caps", "reason")
COUNTS = (
    "n_before", "n_after", "others_n_before", "others_n_after", "units", "others_units", "n_during", "looks", "needed",
    "needed_units", "paired_n",
)  # fmt: skip
NUMBERS = (
    "mean_before", "before_low", "before_high", "mean_after", "after_low", "after_high", "others_mean_before",
    "others_before_low", "others_before_high", "others_mean_after", "others_after_low", "others_after_high", "estimate",
    "error", "df", "low", "high", "p", "smallest_p", "alpha", "worthwhile", "equivalence_p", "detectable", "drift",
    "drift_low", "drift_high", "net", "net_low", "net_high", "pretrend", "pretrend_low", "pretrend_high", "pretrend_p",
    "mix_p", "same_mix_estimate",
)  # fmt: skip
UNLIKELY = 0.05  # for a mix of people to have come about by chance


@dataclass(frozen=True)
class Judged:
    """One row of change.csv, and what its figure needs.

    Attributes
    ----------
    row : dict
        All columns but action, measure and role.
    whole : Case or None
        The answers compared unit by unit; None where they are not.
    events : DataFrame or None
        The event study, where the method tells it itself.
    """

    row: dict[str, Any]
    whole: Case | None = None
    events: pd.DataFrame | None = None


@dataclass(frozen=True)
class Question:
    """One question as one action is judged by it."""

    measure: str
    role: str
    values: np.ndarray
    worthwhile: float
    direction: str

    @classmethod
    def of(cls, state: Acted, measure: str, role: str, survey: Survey, params: Params) -> Question:
        """The smallest change worth the effort is the log's for the factor, else a share of the scale."""
        low, high = params.questions[measure].scale
        worthwhile = params.analysis.worthwhile_change * (high - low)
        record = state.record
        if role == "factor" and record.smallest_worthwhile is not None:
            worthwhile = float(record.smallest_worthwhile)
        direction = record.direction if role == "factor" else "up"
        return cls(measure, role, survey.values(measure), worthwhile, direction)


def judge(
    state: Acted, measure: str, role: str, states: Sequence[Acted], survey: Survey, params: Params, *, confidence: float
) -> Judged:
    """One question after one action.

    Parameters
    ----------
    state : Acted
    measure, role : str
        The question's key; factor, loyalty or referral.
    states : sequence of Acted
        All actions, for those that ran meanwhile.
    survey : Survey
    params : Params
    confidence : float in (0, 1)
    """
    question = Question.of(state, measure, role, survey, params)
    row: dict[str, Any] = dict.fromkeys((*NUMBERS, *COUNTS), np.nan) | dict.fromkeys(TEXTS, "")
    row |= {"drawn": state.drawn, "reason": state.reason, "worthwhile": question.worthwhile}
    if state.reason or state.timing is None:
        return Judged(row)
    baseline = choose_baseline(state, measure, question.values, survey, params)
    shape = shape_of(
        build_case(survey, question.values, state.groups, state.timing, baseline.out),
        everyone=state.record.scope.everyone,
        groups_of_starts=len(set(state.start_waves.values())),
        min_answers=params.privacy.min_factor_pairs,
    )
    row |= _counted(shape, survey)
    during = np.isfinite(question.values) & state.groups.acted & (state.timing.phase == DURING)
    row["n_during"] = int(during.sum())
    row["reason"] = _reason(shape, baseline, state, question, bool(during.any()))
    if row["reason"] not in ("", "few", "one_unit"):
        return Judged(row)
    caps = caps_of(state, shape, role, baseline, states, survey)
    row["caps"] = in_order(caps)
    if row["reason"] == "few":
        return Judged(row | {"grade": "E0"})
    if row["reason"] == "one_unit":
        sides = pooled_sides(shape.case, confidence)
        return Judged(row | {"method": "chart", **_sides(sides)})
    return _estimated(state, question, shape, caps, baseline, row, survey, params, confidence)


def _reason(shape: Shape, baseline: Baseline, state: Acted, question: Question, during: bool) -> str:
    """Why there is no estimate; '' when there is one."""
    reason = shape.reason
    if reason == "not_asked" and np.isfinite(question.values).any():
        reason = "no_after" if during else "nowhere"
    if reason == "no_after" and state.timing is not None and state.timing.stop is not None:
        reason = "stopped"
    if not reason and (baseline.forbidden or (baseline.broken and not shape.compared)):
        reason = "break"
    return reason


def _counted(shape: Shape, survey: Survey) -> dict[str, Any]:
    """Answers and units on each side, of those that the method uses."""
    case = shape.case
    counts, units = case.counts(), case.units()
    before, after = (" | ".join(survey.waves[wave] for wave in case.waves(late=late)) for late in (False, True))
    others = shape.compared and bool(counts[:2].any())
    return {
        "waves_before": before,
        "waves_after": after,
        "n_before": counts[2],
        "n_after": counts[3],
        "others_n_before": counts[0] if others else np.nan,
        "others_n_after": counts[1] if others else np.nan,
        "units": units[0] if case.unit is not None else np.nan,
        "others_units": units[1] if case.unit is not None and others else np.nan,
        "paired_n": shape.paired_n if case.person is not None else np.nan,
        "looks": len(case.waves(late=True)),
    }


def _estimated(
    state: Acted,
    question: Question,
    shape: Shape,
    caps: set[str],
    baseline: Baseline,
    row: dict[str, Any],
    survey: Survey,
    params: Params,
    confidence: float,
) -> Judged:
    looks = int(row["looks"])
    alpha = (1 - confidence) / (looks if looks > LOOKS else 1)
    told = estimate(
        shape,
        confidence=1 - alpha,
        seed=params.analysis.seed,
        drawn=state.drawn and state.groups.by_unit,
        order=_order(state, survey),
        waves=len(survey.waves),
    )
    effect = told.effect
    row = row | {"method": shape.method, "alpha": alpha, **_effect(effect), **_sides(told.sides)}
    if effect.reason and (effect.reason != "few_units" or np.isnan(effect.low)):
        reason = effect.reason if effect.reason in ("few", "constant", "one_unit") else "few_units"
        return Judged(row | {"reason": reason, "grade": "E0" if reason == "few" else ""})
    moving = told.pretrend or pretrend(shape.whole, shape.method, 1 - alpha, params.privacy.min_factor_pairs)
    if moving is not None and moving.tested:
        names = ("pretrend", "pretrend_low", "pretrend_high", "pretrend_p")
        row |= dict(zip(names, (moving.estimate, moving.low, moving.high, moving.p), strict=True))
        caps = caps | ({"pretrend"} if moving.low > 0 or moving.high < 0 else set())
    if shape.method in ("difference", "did", "staggered"):
        segments = segments_of(shape.case, survey, state.groups.columns)
        row["mix_p"] = mix_change(shape.case.late, shape.case.acted, segments)
        row["same_mix_estimate"] = same_mix_estimate(shape, told.changes, segments)
        caps = caps | ({"mix"} if row["mix_p"] < UNLIKELY else set())
    drift = _drift(state, question, shape, told, survey, baseline, 1 - alpha)
    return _graded(state, question, shape, told, drift, caps, baseline, row)


def _order(state: Acted, survey: Survey) -> Order | None:
    if not state.start_waves:
        return None
    waves = len(survey.waves)
    starts = {unit: wave if wave < waves else None for unit, wave in state.start_waves.items()}
    drawn = state.record.drawn
    if not state.drawn or drawn is None:
        return Order(starts)
    names = survey.groupings["unit"].names
    return Order(starts, frozenset(names[flat(unit)] for unit in drawn.eligible if flat(unit) in names))


def _effect(effect: Effect) -> dict[str, Any]:
    names = ("inference", "estimate", "error", "df", "low", "high", "p", "smallest_p")
    return {name: getattr(effect, name) for name in names}


def _sides(sides: Any) -> dict[str, float]:
    """The means of the four sides under the names of change.csv."""
    found = {}
    for side, told in sides.items():
        others = "others_" if side.startswith("others") else ""
        when = side.removeprefix("others_")
        found |= {f"{others}mean_{when}": told["mean"], f"{others}{when}_low": told["low"],
                  f"{others}{when}_high": told["high"]}  # fmt: skip
    return found


def _drift(
    state: Acted,
    question: Question,
    shape: Shape,
    told: Estimated,
    survey: Survey,
    baseline: Baseline,
    confidence: float,
) -> Drift:
    """What the places would have moved anyway, when they were chosen by the answers they are compared with."""
    if not baseline.worst or state.timing is None or shape.method in ("staggered", "series"):
        return NOTHING
    acted = state.groups.acted
    everyone = Groups(acted, ~acted, state.groups.by_unit, state.groups.columns)
    return drift_of(
        shape.whole,
        survey,
        state.groups.columns,
        told.changes,
        compared=shape.compared,
        everyone=build_case(survey, question.values, everyone, state.timing, baseline.out),
        confidence=confidence,
    )


def _graded(
    state: Acted,
    question: Question,
    shape: Shape,
    told: Estimated,
    drift: Drift,
    caps: set[str],
    baseline: Baseline,
    row: dict[str, Any],
) -> Judged:
    effect, confidence = told.effect, 1 - float(row["alpha"])
    judged = effect
    if np.isfinite(drift.estimate):
        judged = net_of_drift(effect, drift, confidence)
        row |= {"drift": drift.estimate, "drift_low": drift.low, "drift_high": drift.high, "net": judged.estimate,
                "net_low": judged.low, "net_high": judged.high}  # fmt: skip
    grade = grade_of(
        judged.low,
        judged.high,
        question.worthwhile,
        direction=question.direction,
        compared=shape.compared,
        drawn=state.drawn and effect.inference == "randomisation",
        caps=caps,
    )
    if baseline.worst and not np.isfinite(drift.estimate) and grade in ("E2", "E3", "E4"):
        grade = "EX"  # what would have come anyway cannot be told, so what came cannot be told from it
    row |= what_it_takes(judged, question.worthwhile, told, shape, confidence, unsure=grade == "EX")
    whole = shape.whole if shape.method in ("did", "paired_did") else None
    return Judged(row | {"grade": grade, "caps": in_order(caps)}, whole, told.events)
