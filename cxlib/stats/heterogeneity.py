"""Does an association differ between groups of customers? The test of the difference, not a difference of tests."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from cxlib.stats.association import PERFECT, bonett_wright_error


@dataclass(frozen=True)
class Heterogeneity:
    """Cochran's Q over groups.

    Parameters
    ----------
    q : float
        Weighted sum of squared distances of atanh(r) from their mean.
    df : int
        Groups that could be used, minus one.
    p : float
        Chi-square; NaN with fewer than two groups.
    pooled : float
        The common correlation, if there is one.
    """

    q: float
    df: int
    p: float
    pooled: float


def heterogeneity(r: ArrayLike, n: ArrayLike | None = None, *, errors: ArrayLike | None = None) -> Heterogeneity:
    """Test whether correlations of independent groups are the same.

    Parameters
    ----------
    r : array of shape (groups,)
        Correlations; NaN groups are left out.
    n : array of shape (groups,), optional
        People in each group; the standard error of atanh(r) is then Bonett and Wright's for rank correlations.
    errors : array of shape (groups,), optional
        Standard errors of atanh(r), used instead of those from `n` (units resampled, weights, Pearson's 1/sqrt(n - 3)).

    Returns
    -------
    Heterogeneity

    Notes
    -----
    Q = sum of w (z - mean z)^2 with z = atanh(r), w = 1 / error^2.

    References
    ----------
    Hedges & Olkin (1985), Statistical Methods for Meta-Analysis, chapter 11.

    Examples
    --------
    >>> found = heterogeneity([0.6, 0.1], errors=[0.1, 0.1])
    >>> round(found.p, 5), round(found.pooled, 2)
    (3e-05, 0.38)
    """
    r = np.asarray(r, dtype=float)
    errors = bonett_wright_error(r, np.asarray(n)) if errors is None else np.asarray(errors, dtype=float)
    usable = np.isfinite(r) & (np.abs(r) < PERFECT) & np.isfinite(errors) & (errors > 0)
    if usable.sum() < 2:
        return Heterogeneity(np.nan, max(int(usable.sum()) - 1, 0), np.nan, np.nan)
    z, weights = np.arctanh(r[usable]), 1.0 / errors[usable] ** 2
    mean = float(np.average(z, weights=weights))
    q = float((weights * (z - mean) ** 2).sum())
    df = int(usable.sum()) - 1
    return Heterogeneity(q, df, float(special.chdtrc(df, q)), float(np.tanh(mean)))
