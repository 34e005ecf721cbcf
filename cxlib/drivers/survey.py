"""The answers as the factor test sees them: plain arrays, one row a respondent."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from cxlib.errors import ParamsError, Problem
from cxlib.params import Params
from cxlib.stats.association import unweighted_rank_correlation
from cxlib.stats.rank import correlations, resampled_correlations
from cxlib.stats.resampling import Groups, bootstrap_draws, drawn_units, resampling_groups
from cxlib.stats.sampling import Strata, declare_strata, rescaled_draws, stratified_groups
from cxlib.stats.tables import Coded, Tables, coarsen, code_answers, cross_tables

# Resampled tables hold (levels)^2 numbers a group. Long scales are cut into this many parts, for the spread of the
# resamples only, when a survey has more levels than that in all; estimates always use the answers as they are.
MANY_LEVELS = 300
COARSE_LEVELS = 15
# Of a stratum of which everybody answered nothing is left to chance, and nothing to test. An association is also read
# for the customers to come, of whom nobody was drawn: this much of a stratum at most counts as drawn.
LARGEST_FRACTION = 0.95
SIZE_OF_NONE = "write its name as in the column, or leave it out"


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
    strata : Strata or None
        Part of the population that each respondent (or unit) was drawn from; None when strata are not declared.
    """

    answers: pd.DataFrame
    factors: tuple[str, ...]
    outcomes: tuple[str, ...]
    scales: dict[str, tuple[float, float]]
    weights: np.ndarray | None
    units: np.ndarray | None
    absent: frozenset[str]
    settings: Settings
    strata: Strata | None = None

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
            strata=None if self.strata is None else self.strata.part(chosen),
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
    def design(self) -> tuple[Groups, Strata | None]:
        """What a bootstrap draws, and the stratum of each of these groups.

        Without strata, or with too few units to be drawn, there are none of the latter.
        """
        if self.strata is not None:
            groups, home = stratified_groups(self.strata, self.units, seed=self.settings.seed)
            if not groups.few_units:
                return groups, home
        return resampling_groups(self.rows, self.units, seed=self.settings.seed), None

    @property
    def groups(self) -> Groups:
        """What a bootstrap draws."""
        return self.design[0]

    @property
    def stratified(self) -> bool:
        """Whether people (or units) are drawn within strata."""
        return self.design[1] is not None

    @property
    def drawn(self) -> bool:
        """Whether errors rest on resamples that follow the design: weights, units or strata."""
        return self.weights is not None or self.groups.clustered or self.stratified

    @cached_property
    def tied(self) -> int:
        """Degrees of freedom of the drawn groups that their means take: one, or one a stratum."""
        home = self.design[1]
        return 1 if home is None else max(1, len(np.unique(home.index)))

    @cached_property
    def group_tables(self) -> Tables:
        """Contingency tables by what a bootstrap draws."""
        many = sum(len(level) for level in self.coded.levels) > MANY_LEVELS
        coded = coarsen(self.coded, COARSE_LEVELS) if many else self.coded
        return cross_tables(coded, weights=self.weights, groups=self.groups.index, n_groups=self.groups.count)

    @cached_property
    def draws(self) -> np.ndarray:
        """Resamples x groups: how often each is drawn; with strata a weight that need not be whole."""
        home = self.design[1]
        if home is not None:
            return rescaled_draws(home, self.settings.bootstrap, seed=self.settings.seed)
        return bootstrap_draws(self.groups.count, self.settings.bootstrap, seed=self.settings.seed)

    def plain_p(self, factor: str, outcome: str) -> float:
        """Two-sided p of their rank correlation when everyone weighs alike and was drawn alone."""
        x, y = self.answers[factor].to_numpy(), self.answers[outcome].to_numpy()
        both = ~(np.isnan(x) | np.isnan(y))
        return unweighted_rank_correlation(x[both], y[both])[1]

    @cached_property
    def matrix(self) -> np.ndarray:
        """Rank correlations of all questions, factors first, then outcomes."""
        return correlations(self.tables)

    @cached_property
    def resamples(self) -> np.ndarray:
        """The same of every bootstrap resample, shape (resamples, questions, questions)."""
        return resampled_correlations(self.group_tables, self.draws)


def wanted_outcomes(params: Params, outcomes: Iterable[str] | None) -> tuple[str, ...]:
    """The outcomes to test, each once: those named, or all of them.

    Raises
    ------
    ParamsError
        One is named that the parameters do not have, or none is.
    """
    wanted = tuple(params.outcomes) if outcomes is None else tuple(dict.fromkeys(outcomes))
    unknown = [name for name in wanted if name not in params.outcomes]
    if unknown or not wanted:
        raise ParamsError(
            f"There is no outcome named {', '.join(unknown)}." if unknown else "There is no outcome to test.",
            where="outcomes",
            how=f"use one or more of {', '.join(params.outcomes)}",
        )
    return wanted


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
    strata = _strata_of(answers, params, units)
    return Survey(frame, factors, outcomes, scales, weights, units, absent, settings, strata)


def _strata_of(answers: pd.DataFrame, params: Params, units: np.ndarray | None) -> Strata | None:
    """Declared strata; None where they say nothing.

    Sizes count people. Where units are drawn, their people are a sample too and sizes are not used: a unit varies as
    one of very many.
    """
    if params.strata is None or "stratum" not in answers:
        return None
    labels = answers["stratum"].to_numpy(dtype=object)
    absent = sorted(set(params.strata.sizes) - set(answers["stratum"].dropna().astype(str)))
    if absent:
        raise ParamsError(
            [Problem("Nobody answered in this stratum.", f"strata.sizes.{name}", SIZE_OF_NONE) for name in absent]
        )
    if drawn_units(len(answers), units).clustered:
        strata = declare_strata(labels, units=units)
    else:
        # a size counts the people of one wave; without sizes there is nothing that waves would change
        waves = answers["wave"].to_numpy(dtype=object) if "wave" in answers and params.strata.sizes else None
        strata = declare_strata(labels, sizes=params.strata.sizes, waves=waves)
    if len(strata.fractions) < 2 and not strata.fractions.any():
        return None
    return replace(strata, fractions=np.minimum(strata.fractions, LARGEST_FRACTION))
