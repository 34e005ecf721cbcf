"""Each outcome and factor from wave to wave: its mean with a likely range, no claim of a cause."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats as distributions

from cxlib.params import Params
from cxlib.stats.regression import least_squares
from cxlib.stats.resampling import MIN_CLUSTERS

COLUMNS = ("measure", "wave", "n", "mean", "low", "high")
DIGITS = 8  # significant digits kept: what differs beyond comes from the machine, not from the answers


@dataclass(frozen=True)
class Trends:
    """Means by wave.

    Parameters
    ----------
    table : DataFrame
        measure : key of an outcome or factor; wave; n : people who answered; mean, low, high : points of the question's
        own scale, with the ends of the confidence interval. NaN where nobody, or fewer than the smallest group that may
        be shown, answered.
    """

    table: pd.DataFrame

    def save(self, folder: Path) -> list[Path]:
        """Write change.csv into `folder`; returns the files written."""
        path = Path(folder) / "change.csv"
        self.table.to_csv(path, index=False, lineterminator="\n", encoding="utf-8")
        return [path]


def wave_trends(answers: pd.DataFrame, params: Params, *, confidence: float = 0.95) -> Trends:
    """Mean of every outcome and factor in every wave, with its interval.

    Parameters
    ----------
    answers : DataFrame
        Cleaned answers: outcome and factor columns (NaN missing), `wave`, and `unit` and `weight` when declared.
    params : Params
        Gives the questions and the smallest group that may be shown.
    confidence : float in (0, 1)
        Coverage of the intervals.

    Returns
    -------
    Trends
        Outcomes before factors, waves in the order of their names.

    Notes
    -----
    Unweighted: the t interval of a mean. With weights the standard error is that of a ratio, linearised; with at least
    eight units in the wave it is robust to units answering alike, with units - 1 degrees of freedom.
    """
    waves = answers["wave"].astype(object)
    weights = (
        answers["weight"].to_numpy(dtype=float, na_value=np.nan) if params.weight and "weight" in answers else None
    )
    units = answers["unit"].to_numpy(dtype=object) if params.unit is not None and "unit" in answers else None
    rows = []
    for measure in params.questions:
        values = (
            answers[measure].to_numpy(dtype=float, na_value=np.nan)
            if measure in answers
            else np.full(len(answers), np.nan)
        )
        for wave in sorted(waves.dropna().unique(), key=str):
            chosen = np.isfinite(values) & (waves == wave).to_numpy(dtype=bool, na_value=False)
            if weights is not None:
                chosen &= np.isfinite(weights) & (weights > 0)
            n = int(chosen.sum())
            row: dict[str, str | int | float] = {"measure": measure, "wave": str(wave), "n": n}
            if n >= params.privacy.min_group:
                row["mean"], row["low"], row["high"] = mean_interval(
                    values[chosen],
                    weights=None if weights is None else weights[chosen],
                    units=None if units is None else units[chosen],
                    confidence=confidence,
                )
            rows.append(row)
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    for column in ("mean", "low", "high"):
        table[column] = [float(f"{value:.{DIGITS - 1}e}") for value in table[column].astype(float)]
    return Trends(table.astype({"n": "int64", "measure": object, "wave": object}))


def mean_interval(
    values: np.ndarray,
    *,
    weights: np.ndarray | None = None,
    units: np.ndarray | None = None,
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
        Unit of each value; a missing one stands for itself.
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
    clusters = None
    if units is not None:
        codes, names = pd.factorize(pd.Series(units, dtype=object), sort=True)
        alone = codes < 0
        if len(names) >= MIN_CLUSTERS:
            clusters = np.where(alone, len(names) + np.cumsum(alone) - 1, codes)
    fit = least_squares(np.ones((len(values), 1)), values, weights=weights, clusters=clusters)
    if fit is None:
        return float(values[0]), float("nan"), float("nan")
    mean, error = float(fit.coefficients[0]), float(np.sqrt(max(fit.covariance[0, 0], 0.0)))
    reach = float(distributions.t.ppf(1 - (1 - confidence) / 2, fit.df)) * error
    return mean, mean - reach, mean + reach
