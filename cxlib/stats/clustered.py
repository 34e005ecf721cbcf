"""Differences of weighted means of groups of answers, with errors robust to units and exact for few of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

ALONE = 1e-9  # a cell that lies this nearly within one unit has no spread between units to tell


@dataclass(frozen=True)
class Contrast:
    """A weighted sum of the means of cells.

    Parameters
    ----------
    estimate : float
        Unit of the values; NaN where a cell is empty.
    error : float
        Bias-reduced (CR2) standard error; NaN where a cell has answers of one unit (or one answer) only.
    df : float
        Satterthwaite's degrees of freedom of the error.
    clusters : int
        Units (or answers, without units) that took part.
    """

    estimate: float
    error: float
    df: float
    clusters: int


def cell_contrast(
    values: np.ndarray,
    cells: np.ndarray,
    contrast: np.ndarray,
    *,
    clusters: np.ndarray | None = None,
    weights: np.ndarray | None = None,
) -> Contrast:
    """Weighted sum of cell means with a bias-reduced error.

    Parameters
    ----------
    values : array of shape (n,)
        None missing.
    cells : integer array of shape (n,)
        Cell of each value, from 0: two waves, or two waves of two groups.
    contrast : array of shape (cells,)
        What each cell's mean is multiplied by, e.g. (-1, 1) or (1, -1, -1, 1).
    clusters : array of shape (n,), optional
        Unit (or person) of each value; a missing one stands for itself. None: all values are independent.
    weights : array of shape (n,), optional
        Positive; only their ratios within a cell count.

    Returns
    -------
    Contrast

    Notes
    -----
    This is the least-squares fit of one dummy a cell with the CR2 covariance of Bell and McCaffrey. For such a design
    the inverse square root of I - H of a unit is diagonal in the cells: a unit that holds the part h of a cell's
    weight has its residuals there divided by sqrt(1 - h), and no matrix needs to be inverted. Degrees of freedom
    are theirs too (independent answers of equal spread as the working model). Without clusters and weights the error is
    Welch's, and the degrees of freedom are Welch's: those of each cell are put together by the spreads observed.

    References
    ----------
    Bell & McCaffrey (2002), Survey Methodology 28, 169-181. Pustejovsky & Tipton (2018), Journal of Business & Economic
    Statistics 36, 672-683. doi:10.1080/07350015.2016.1247004

    Examples
    --------
    >>> part = cell_contrast(np.array([1.0, 2.0, 4.0, 6.0]), np.array([0, 0, 1, 1]), np.array([-1.0, 1.0]))
    >>> part.estimate, round(part.error, 3), round(part.df, 3)
    (3.5, 1.118, 1.471)
    """
    values, cells, contrast = np.asarray(values, float), np.asarray(cells, np.int64), np.asarray(contrast, float)
    weight = np.ones(len(values)) if weights is None else np.asarray(weights, float)
    count = len(contrast)
    totals = np.bincount(cells, weight, count)
    if (totals <= 0).any():
        return Contrast(np.nan, np.nan, np.nan, 0)
    means = np.bincount(cells, weight * values, count) / totals
    estimate = float(contrast @ means)
    index = np.arange(len(values)) if clusters is None else _each_in_its_own(clusters)
    units = int(index.max()) + 1
    # one sum over (unit, cell): tables of shape (units, cells)
    place = index * count + cells
    held = np.bincount(place, weight, units * count).reshape(units, count) / totals
    scores = np.bincount(place, weight * (values - means[cells]), units * count).reshape(units, count)
    if (held > 1 - ALONE).any():
        return Contrast(estimate, np.nan, np.nan, units)
    root = np.sqrt(1 - held)
    parts = scores * (contrast / totals) / root
    error = float(np.sqrt((parts.sum(axis=1) ** 2).sum()))
    if clusters is None:
        variances = (parts**2).sum(axis=0)
        each = np.array([_degrees(held[:, [k]], totals[[k]], contrast[[k]]) for k in range(count)])
        used = variances > 0
        df = float(variances.sum() ** 2 / (variances[used] ** 2 / each[used]).sum()) if used.any() else np.nan
    else:
        df = _degrees(held, totals, contrast)
    return Contrast(estimate, error, df, units)


def numbered(labels: ArrayLike, *, sort: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """Labels as numbers.

    Parameters
    ----------
    labels : array of shape (n,)
        Names or numbers of units or people.
    sort : bool
        Number them in the order of the labels instead of that of their first appearance.

    Returns
    -------
    codes : int64 array of shape (n,)
        From 0; -1 where the label is missing.
    names : array
        Label of each number.

    Examples
    --------
    >>> numbered(["S2", None, "S1", "S2"])[0].tolist()
    [0, -1, 1, 0]
    """
    kind = getattr(labels, "dtype", None)
    if not (isinstance(kind, np.dtype) and kind.kind in "if"):
        labels = pd.Series(labels, dtype=object).to_numpy()  # numbers are told apart some ten times as fast
    codes, names = pd.factorize(np.asarray(labels), sort=sort)
    return codes.astype(np.int64), np.asarray(names)


def _each_in_its_own(clusters: ArrayLike) -> np.ndarray:
    """Numbers of the units, each value without one in a unit of its own."""
    codes, names = numbered(clusters)
    alone = codes < 0
    codes[alone] = len(names) + np.arange(int(alone.sum()))
    return codes


def _degrees(held: np.ndarray, totals: np.ndarray, contrast: np.ndarray) -> float:
    """Satterthwaite: the squared trace over the trace of the square of the quadratic form's matrix in the residuals.

    That matrix is diag(d) - P P' (units x units), so both traces come from tables of units x cells.
    """
    scaled = contrast**2 / totals
    own = (held / (1 - held) * scaled).sum(axis=1)
    form = held * np.abs(contrast) / np.sqrt(totals) / np.sqrt(1 - held)
    crossed = form.T @ form
    trace = own.sum() - np.trace(crossed)
    square = (own**2).sum() - 2 * (own * (form**2).sum(axis=1)).sum() + (crossed**2).sum()
    return float(trace**2 / square) if square > 0 else np.nan
