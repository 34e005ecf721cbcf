"""What changed after each documented action, compared with what, and how sure that is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from cxlib.actions import ActionLog
from cxlib.change.acted import Acted, acted_of
from cxlib.change.estimates import EVENT_COLUMNS
from cxlib.change.events import PERIOD_COLUMNS, event_study, periods
from cxlib.change.guards import restated_on
from cxlib.change.judging import COUNTS, NUMBERS, judge
from cxlib.change.survey import read_survey
from cxlib.params import Params

COLUMNS = (
    "action", "measure", "role", "method", "inference", "drawn", "waves_before", "waves_after",
    "n_before", "n_after", "mean_before", "before_low", "before_high", "mean_after", "after_low", "after_high",
    "others_n_before", "others_n_after", "others_mean_before", "others_before_low", "others_before_high",
    "others_mean_after", "others_after_low", "others_after_high", "units", "others_units", "n_during",
    "estimate", "error", "df", "low", "high", "p", "smallest_p", "alpha", "looks", "worthwhile", "equivalence_p",
    "detectable", "needed", "needed_units", "drift", "drift_low", "drift_high", "net", "net_low", "net_high",
    "pretrend", "pretrend_low", "pretrend_high", "pretrend_p", "mix_p", "same_mix_estimate", "paired_n",
    "grade", "caps", "reason",
)  # fmt: skip
DIGITS = 8  # significant digits kept: what differs beyond comes from the machine, not from the answers


@dataclass(frozen=True)
class Evidence:
    """What changed after each action.

    Parameters
    ----------
    table : DataFrame
        change.csv: one row an action and question; columns in docs/change.md.
    periods : DataFrame
        periods.csv: action, measure, group (acted or others), wave, n, units, mean, low, high, phase.
    events : DataFrame
        event_study.csv: action, measure, period (waves since the start), n, units, estimate, low, high.
    """

    table: pd.DataFrame
    periods: pd.DataFrame
    events: pd.DataFrame

    def save(self, folder: Path) -> list[Path]:
        """Write change.csv, periods.csv and event_study.csv into `folder`; returns the files written."""
        paths = []
        for name, table in (("change", self.table), ("periods", self.periods), ("event_study", self.events)):
            path = Path(folder) / f"{name}.csv"
            table.to_csv(path, index=False, lineterminator="\n", encoding="utf-8")
            paths.append(path)
        return paths


def evidence_of_change(
    answers: pd.DataFrame,
    actions: ActionLog,
    params: Params,
    *,
    confidence: float = 0.95,
    history: Mapping[str, Any] | None = None,
) -> Evidence:
    """What changed after every documented action: the factors it answers, then loyalty, then referral.

    Parameters
    ----------
    answers : DataFrame
        Cleaned answers: the questions, `wave`, and where there are any `day`, `unit`, `person`, `weight` and segments.
    actions : ActionLog
    params : Params
    confidence : float in (0, 1)
        Coverage of intervals for the first two looks; from the third on 1 - (1 - confidence) / looks.
    history : mapping, optional
        history.json of the run: records that were edited, removed or put between count as restated.

    Returns
    -------
    Evidence
        A row for each action and question, in the order of the log and then of the questions; where nothing can be
        said yet, with the reason.

    Notes
    -----
    Method, baseline and guards follow from the shape of the data and from the log alone: docs/change.md.
    """
    survey = read_survey(answers, params)
    restated = restated_on(history)
    states = [
        acted_of(actions.of(record.id), survey, restated.get(record.id)) for record, _ in actions.latest().values()
    ]
    rows: list[Mapping[str, Any]] = []
    waves: list[Mapping[str, Any]] = []
    events: list[Mapping[str, Any]] = []
    for state in states:
        for measure, role in measures_of(state, params):
            judged = judge(state, measure, role, states, survey, params, confidence=confidence)
            names = {"action": state.record.id, "measure": measure}
            rows.append({**names, "role": role, **judged.row})
            if state.timing is None or judged.row["reason"] in ("not_asked", "nowhere", "no_dates"):
                continue
            told = periods(survey, survey.values(measure), state.groups, state.timing, confidence=confidence,
                           min_group=params.privacy.min_group)  # fmt: skip
            waves.append(_named(told, names))
            happened = judged.events
            if happened is None and judged.whole is not None:
                happened = event_study(
                    judged.whole, state.began, confidence=confidence, min_group=params.privacy.min_group
                )
            if happened is not None and len(happened["n"]):
                events.append(_named(happened, names))
    return Evidence(_table(rows), _stacked(waves, PERIOD_COLUMNS), _stacked(events, EVENT_COLUMNS))


def measures_of(state: Acted, params: Params) -> list[tuple[str, str]]:
    """The questions that an action is judged by and their role, in order: its factors, loyalty, referral."""
    found = [(factor, "factor") for factor in state.record.factors if factor in params.factors]
    for role in ("loyalty", "referral"):
        found += [(key, role) for key, outcome in params.outcomes.items() if (outcome.proxy_for or key) == role]
    return found


def _named(table: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """A table with the same action and measure in every row."""
    length = len(table["n"])
    return {**{name: table[name] for name in table}, **{name: [told] * length for name, told in names.items()}}


def _table(rows: list[Mapping[str, Any]]) -> pd.DataFrame:
    columns: dict[str, Any] = {}
    for column in COLUMNS:
        values = [row[column] for row in rows]
        if column in COUNTS:
            columns[column] = _counts(values)
        elif column in NUMBERS:
            columns[column] = _rounded(values)
        else:
            columns[column] = np.array(values, dtype=bool if column == "drawn" else object)
    return pd.DataFrame(columns)


def _stacked(tables: list[Mapping[str, Any]], columns: tuple[str, ...]) -> pd.DataFrame:
    """Tables below each other, whole numbers and rounded ones as change.csv has them."""
    found: dict[str, Any] = {}
    for column in ("action", "measure", *columns):
        parts = [np.asarray(table[column]) for table in tables]
        if column in ("n", "units", "period"):
            found[column] = _counts(np.concatenate(parts) if parts else [])
        elif column in ("mean", "estimate", "low", "high"):
            found[column] = _rounded(np.concatenate(parts) if parts else [])
        else:
            found[column] = np.concatenate([part.astype(object) for part in parts]) if parts else np.array([], object)
    return pd.DataFrame(found)


def _counts(values: Any) -> Any:
    numbers = np.asarray(values, dtype=float)
    missing = ~np.isfinite(numbers)
    return pd.arrays.IntegerArray(np.rint(np.where(missing, 0, numbers)).astype(np.int64), missing)


def _rounded(values: Any) -> np.ndarray:
    return np.array([float(f"{value:.{DIGITS - 1}e}") for value in np.asarray(values, dtype=float)], dtype=float)
