"""Each outcome, factor and step from wave to wave: its mean with a likely range, no claim of a cause."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from cxlib.change.breaks import breaks_of, parts_of
from cxlib.change.cells import cell_means
from cxlib.change.survey import Survey, read_survey
from cxlib.params import Params
from cxlib.stats.clustered import numbered
from cxlib.stats.raking import Margin, merge_levels, raked_mean
from cxlib.stats.regression import least_squares
from cxlib.stats.resampling import MIN_CLUSTERS
from cxlib.stats.sampling import Strata, declare_strata
from cxlib.stats.student import t_limit

COLUMNS = {
    "measure": object, "kind": object, "wave": object, "n": "int64", "mean": float, "low": float, "high": float,
    "part": "int64", "same_mix": float, "same_mix_low": float, "same_mix_high": float,
}  # fmt: skip
DIGITS = 8  # significant digits kept: what differs beyond comes from the machine, not from the answers
HALF = 0.5  # of a step's factors asked in a wave, that a person must have answered to speak of the step
LARGEST_FRACTION = 0.95  # of a stratum, that may count as drawn: nobody's answers are without error


@dataclass(frozen=True)
class Trends:
    """Means by wave.

    Parameters
    ----------
    table : DataFrame
        measure : key of an outcome, a factor or a step; kind : outcome, factor or step; wave; n : people who answered;
        mean, low, high : points of the question's own scale, with the ends of the confidence interval, NaN where
        nobody, or fewer than the smallest group that may be shown, answered; part : 0, raised by 1 at every break, so
        that waves of different parts are not compared; same_mix, same_mix_low, same_mix_high : the mean with the mix of
        segments of all waves together, NaN without segments and where a wave has too few answers for it.
    """

    table: pd.DataFrame

    def save(self, folder: Path) -> list[Path]:
        """Write trends.csv into `folder`; returns the files written."""
        path = Path(folder) / "trends.csv"
        self.table.to_csv(path, index=False, lineterminator="\n", encoding="utf-8")
        return [path]


@dataclass(frozen=True)
class Line:
    """What is followed from wave to wave: `values` by answer, NaN missing; `breaks` are places of waves."""

    measure: str
    kind: str
    values: np.ndarray
    breaks: tuple[tuple[int, str], ...]


def wave_trends(answers: pd.DataFrame, params: Params, *, confidence: float = 0.95) -> Trends:
    """Mean of every outcome, factor and step of the journey in every wave, with its interval.

    Parameters
    ----------
    answers : DataFrame
        Cleaned answers: outcome and factor columns (NaN missing), `wave`, and where declared `unit`, `stratum`,
        `weight` and segments.
    params : Params
        Gives the questions, the breaks and the smallest group that may be shown.
    confidence : float in (0, 1)
        Coverage of the intervals.

    Returns
    -------
    Trends
        Outcomes before factors before steps; waves in the order of time as far as it is known, then of their names.

    Notes
    -----
    Unweighted: the t interval of a mean. With weights the standard error is that of a ratio, linearised; with at least
    eight units in the wave it is robust to units answering alike, with units - 1 degrees of freedom; with strata it is
    that of the design. A step is the mean of a person's answers to its factors, of those who answered at least half of
    the factors asked in that wave; a step whose factors have different scales has no line. Where a factor comes to a
    step or leaves it, the step's line is broken as at a declared break: it measures something else from there on.

    The mean at the same mix is raked to the shares of all declared segments in all waves together, of those who
    answered the question; waves of fewer than `min_factor_pairs` answers have none. Levels with fewer than ten answers
    in one of the waves are put together. See `cxlib.stats.raking`.
    """
    survey = read_survey(answers, params)
    strata = _strata_of(answers, params, survey)
    rows = []
    for line in _lines(survey, params):
        cells = _means(line, survey, strata, params, confidence)
        mixed = _means_at_same_mix(line, survey, strata, params, confidence)
        parts = parts_of(line.breaks, len(survey.waves))
        for place, wave in enumerate(survey.waves):
            n, *numbers = cells[place]
            rows.append((line.measure, line.kind, wave, n, *numbers, parts[place], *mixed.get(place, (np.nan,) * 3)))
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    for column in [name for name, kind in COLUMNS.items() if kind is float]:
        table[column] = [float(f"{value:.{DIGITS - 1}e}") for value in table[column].astype(float)]
    return Trends(table.astype(COLUMNS))


def _lines(survey: Survey, params: Params) -> Iterator[Line]:
    for kind, questions in (("outcome", params.outcomes), ("factor", params.factors)):
        for key in questions:
            yield Line(key, kind, survey.values(key), breaks_of(key, survey.waves, params))
    steps = dict.fromkeys([*params.steps, *(factor.step for factor in params.factors.values() if factor.step)])
    for step in steps:
        line = _step(step, survey, params)
        if line is not None:
            yield line


def _step(step: str, survey: Survey, params: Params) -> Line | None:
    """The line of a step of the journey; None where its factors have no scale in common, or there is none."""
    factors = {key: factor for key, factor in params.factors.items() if factor.step == step}
    if len({factor.scale for factor in factors.values()}) != 1:
        return None
    answers = np.column_stack([survey.values(key) for key in factors])
    given = np.isfinite(answers)
    asked = np.array([given[survey.wave == place].any(axis=0) for place in range(len(survey.waves))])
    there = np.vstack([asked.reshape(-1, len(factors)), np.zeros(len(factors), dtype=bool)])[survey.wave]
    count = given.sum(axis=1)
    enough = (count > 0) & (count >= HALF * there.sum(axis=1))
    sums = np.where(given, answers, 0.0).sum(axis=1)
    values = np.divide(sums, count, out=np.full(survey.size, np.nan), where=enough)
    breaks = {item for key in factors for item in breaks_of(key, survey.waves, params)}
    before = None
    for place in np.flatnonzero(asked.any(axis=1)) if asked.size else ():
        if before is not None and (asked[place] != asked[before]).any():
            breaks.add((int(place), "wording"))
        before = place
    return Line(step, "step", values, tuple(sorted(breaks)))


def _strata_of(answers: pd.DataFrame, params: Params, survey: Survey) -> Strata | None:
    """Declared strata; a size counts the people of one wave, and none where units are drawn, whose people vary too."""
    if params.strata is None or "stratum" not in answers or not survey.size:
        return None
    labels = answers["stratum"].to_numpy(dtype=object)
    if survey.unit is not None and len(survey.groupings["unit"].levels) >= MIN_CLUSTERS:
        strata = declare_strata(labels, units=answers["unit"].to_numpy(dtype=object))
    else:
        strata = declare_strata(labels, sizes=params.strata.sizes, waves=survey.wave if params.strata.sizes else None)
    if len(strata.fractions) < 2 and not strata.fractions.any():
        return None
    return Strata(strata.index, np.minimum(strata.fractions, LARGEST_FRACTION))


def _means(
    line: Line, survey: Survey, strata: Strata | None, params: Params, confidence: float
) -> list[tuple[int, float, float, float]]:
    """n, mean, low and high in every wave."""
    chosen = np.flatnonzero(np.isfinite(line.values) & (survey.wave >= 0))
    values, waves = line.values[chosen], survey.wave[chosen]
    weights, units = (None if part is None else part[chosen] for part in (survey.weight, survey.unit))
    told = cell_means(values, waves, len(survey.waves), weights=weights, units=units, confidence=confidence)
    found = []
    for place in range(len(survey.waves)):
        n = int(told["n"][place])
        interval = tuple(float(told[name][place]) for name in ("mean", "low", "high"))
        if n < params.privacy.min_group:
            interval = (np.nan, np.nan, np.nan)
        elif strata is not None:
            here = waves == place
            interval = mean_interval(
                values[here],
                weights=None if weights is None else weights[here],
                units=None if units is None else units[here],
                strata=strata.part(chosen[here]),
                confidence=confidence,
            )
        found.append((n, *interval))
    return found


def _means_at_same_mix(
    line: Line, survey: Survey, strata: Strata | None, params: Params, confidence: float
) -> dict[int, tuple[float, float, float]]:
    """By place of the wave: mean, low and high with the mix of segments that all its waves have together."""
    segments = [survey.groupings[key] for key in params.segments if key in survey.groupings]
    chosen = np.isfinite(line.values) & (survey.wave >= 0)
    counts = np.bincount(survey.wave[chosen], minlength=len(survey.waves))
    chosen &= (counts >= params.privacy.min_factor_pairs)[survey.wave]
    here = np.flatnonzero(chosen)
    wave, weight = survey.wave[here], None if survey.weight is None else survey.weight[here]
    levels = [merge_levels(segment.codes[here], wave) for segment in segments]
    margins = []
    for codes in levels:
        if codes is not None:
            total = np.bincount(codes, weight)
            margins.append(Margin(codes, total / total.sum()))
    if not margins:
        return {}
    found = {}
    for place in np.unique(wave):
        part = wave == place
        rows = here[part]
        mean = raked_mean(
            line.values[rows],
            [Margin(margin.codes[part], margin.shares) for margin in margins],
            weights=None if weight is None else weight[part],
            clusters=None if survey.unit is None else _clusters(survey.unit[rows]),
            strata=None if strata is None else strata.part(rows),
            confidence=confidence,
        )
        if mean is not None:
            found[int(place)] = mean
    return found


def _clusters(units: np.ndarray) -> np.ndarray | None:
    """Units of the answers, each answer without one on its own; None where there are too few units to go by."""
    if units.dtype.kind == "i":
        codes = np.full(len(units), -1)
        names, codes[units >= 0] = np.unique(units[units >= 0], return_inverse=True)
    else:
        codes, names = numbered(units, sort=True)
    if len(names) < MIN_CLUSTERS:
        return None
    alone = codes < 0
    return np.where(alone, len(names) + np.cumsum(alone) - 1, codes)


def mean_interval(
    values: np.ndarray,
    *,
    weights: np.ndarray | None = None,
    units: np.ndarray | None = None,
    strata: Strata | None = None,
    confidence: float = 0.95,
) -> tuple[float, float, float]:
    """Mean and its interval.

    Parameters
    ----------
    values : array of shape (n,)
        At least two, none missing.
    weights : array of shape (n,), optional
        Design weights, all positive.
    units : array of shape (n,), optional
        Unit of each value; a missing one (of numbers: a negative one) stands for itself.
    strata : Strata, optional
        Part of the population each value (or unit) was drawn from.
    confidence : float

    Returns
    -------
    mean, low, high : float

    Notes
    -----
    Own code because pingouin offers the interval of an unweighted mean only, and rounds it to two decimals
    (`pingouin.ttest`); a test holds the two equal.

    Examples
    --------
    >>> [round(value, 3) for value in mean_interval(np.array([1.0, 2.0, 3.0, 4.0]))]
    [2.5, 0.446, 4.554]
    """
    clusters = None if units is None else _clusters(units)
    fit = least_squares(np.ones((len(values), 1)), values, weights=weights, clusters=clusters, strata=strata)
    if fit is None:
        return float(values[0]), float("nan"), float("nan")
    mean, error = float(fit.coefficients[0]), float(np.sqrt(max(fit.covariance[0, 0], 0.0)))
    reach = float(t_limit(confidence, fit.df)) * error
    return mean, mean - reach, mean + reach
