"""The answers as the factor test sees them: plain arrays, one row a respondent."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from cxlib.params import Params
from cxlib.stats.rank import correlations, resampled_correlations
from cxlib.stats.resampling import Groups, bootstrap_draws, resampling_groups
from cxlib.stats.tables import Coded, Tables, coarsen, code_answers, cross_tables

# Resampled tables hold (levels)^2 numbers a group. Long scales are cut into this many parts, for the spread of the
# resamples only, when a survey has more levels than that in all; estimates always use the answers as they are.
MANY_LEVELS = 300
COARSE_LEVELS = 15


@dataclass(frozen=True)
class Settings:
    """How the factor test is made; fields as in `find_drivers`."""

    q: float
    confidence: float
    bootstrap: int
    seed: int
    min_pairs: int


@dataclass(frozen=True)
class Survey:
    """Answers to the factors and outcomes of some respondents.

    Parameters
    ----------
    answers : DataFrame
        One float column a factor and an outcome, NaN missing.
    factors, outcomes : tuple of str
        Their names.
    scales : dict
        Name -> (lowest, highest) answer.
    weights : array or None
        None when everyone weighs alike.
    units : array or None
        Unit of each respondent; None when units are not declared.
    absent : frozenset of str
        Questions without a column.
    settings : Settings
    """

    answers: pd.DataFrame
    factors: tuple[str, ...]
    outcomes: tuple[str, ...]
    scales: dict[str, tuple[float, float]]
    weights: np.ndarray | None
    units: np.ndarray | None
    absent: frozenset[str]
    settings: Settings

    @property
    def rows(self) -> int:
        """Number of respondents."""
        return len(self.answers)

    def part(self, chosen: np.ndarray) -> Survey:
        """Some of the respondents."""
        return replace(
            self,
            answers=self.answers.loc[chosen],
            weights=None if self.weights is None else self.weights[chosen],
            units=None if self.units is None else self.units[chosen],
        )

    def of(self, questions: Iterable[str]) -> Survey:
        """The same respondents with some of the questions."""
        questions = list(questions)
        return replace(
            self,
            answers=self.answers[questions],
            factors=tuple(name for name in self.factors if name in questions),
            outcomes=tuple(name for name in self.outcomes if name in questions),
        )

    def unweighted(self) -> Survey:
        """The same respondents, all weighing alike."""
        return replace(self, weights=None)

    def complete(self) -> Survey:
        """The respondents who answered everything."""
        return self.part(self.answers.notna().all(axis=1).to_numpy())

    @cached_property
    def coded(self) -> Coded:
        """The answers as level numbers."""
        return code_answers(self.answers)

    @cached_property
    def tables(self) -> Tables:
        """Contingency tables of all questions."""
        return cross_tables(self.coded, weights=self.weights)

    @cached_property
    def groups(self) -> Groups:
        """What a bootstrap draws."""
        return resampling_groups(self.rows, self.units, seed=self.settings.seed)

    @cached_property
    def group_tables(self) -> Tables:
        """Contingency tables by what a bootstrap draws."""
        many = sum(len(level) for level in self.coded.levels) > MANY_LEVELS
        coded = coarsen(self.coded, COARSE_LEVELS) if many else self.coded
        return cross_tables(coded, weights=self.weights, groups=self.groups.index, n_groups=self.groups.count)

    @cached_property
    def draws(self) -> np.ndarray:
        """Resamples x groups: how often each is drawn."""
        return bootstrap_draws(self.groups.count, self.settings.bootstrap, seed=self.settings.seed)

    @cached_property
    def matrix(self) -> np.ndarray:
        """Rank correlations of all questions, factors first, then outcomes."""
        return correlations(self.tables)

    @cached_property
    def resamples(self) -> np.ndarray:
        """The same of every bootstrap resample, shape (resamples, questions, questions)."""
        return resampled_correlations(self.group_tables, self.draws)


def survey_of(answers: pd.DataFrame, params: Params, outcomes: Iterable[str], settings: Settings) -> Survey:
    """Take from cleaned answers what the factor test needs.

    Respondents without a positive weight count for nothing and are left out; weights that are all the same are none. A
    question without a column is missing for everybody.
    """
    factors, outcomes = tuple(params.factors), tuple(outcomes)
    weights = None
    if params.weight is not None and "weight" in answers:
        weights = answers["weight"].to_numpy(dtype=float, na_value=np.nan)
        answers = answers.loc[np.isfinite(weights) & (weights > 0)]
        weights = weights[np.isfinite(weights) & (weights > 0)]
        if weights.size == 0 or np.ptp(weights) < 1e-12:
            weights = None
    columns = {
        name: answers[name].to_numpy(dtype=float, na_value=np.nan) if name in answers else np.full(len(answers), np.nan)
        for name in (*factors, *outcomes)
    }
    frame = pd.DataFrame(columns, index=pd.RangeIndex(len(answers)), columns=[*factors, *outcomes], dtype=float)
    units = answers["unit"].to_numpy(dtype=object) if params.unit is not None and "unit" in answers else None
    absent = frozenset(name for name in (*factors, *outcomes) if name not in answers)
    scales = {name: (float(question.scale[0]), float(question.scale[1])) for name, question in params.questions.items()}
    return Survey(frame, factors, outcomes, scales, weights, units, absent, settings)
