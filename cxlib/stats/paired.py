"""The same people before and after."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from cxlib.stats.clustered import cell_contrast
from cxlib.stats.effects import Effect, t_effect
from cxlib.stats.resampling import MIN_CLUSTERS


def paired_change(
    before: ArrayLike,
    after: ArrayLike,
    *,
    units: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    confidence: float = 0.95,
) -> Effect:
    """Mean change of people who answered both times.

    Parameters
    ----------
    before, after : array of shape (people,)
        The two answers of each person, points of the question's own scale; a person with a NaN is left out.
    units : array of shape (people,), optional
        Unit (store) of each person; with at least 8 the error is robust to people of a unit changing alike.
    weights : array of shape (people,), optional
        Design weights; without a positive one a person counts for nothing.
    confidence : float in (0, 1)

    Returns
    -------
    Effect
        Method 'paired'; inference 'welch' (people independent; the paired t test) or 'cluster'; `n` counts people.
        Reason 'few' with fewer than two people, 'constant' where all changed alike.

    Notes
    -----
    pingouin's paired `ttest` gives the same p (a test), but neither the error nor weights or units.

    Examples
    --------
    >>> effect = paired_change([3, 4, 2, 5, 3], [4, 4, 4, 5, 5])
    >>> round(effect.estimate, 2), round(effect.p, 3)
    (1.0, 0.089)
    """
    first, second = np.asarray(before, dtype=float), np.asarray(after, dtype=float)
    weight = np.ones(len(first)) if weights is None else np.asarray(weights, dtype=float)
    kept = np.isfinite(first) & np.isfinite(second) & (weight > 0)
    change, weight = (second - first)[kept], weight[kept]
    clusters, known = None, 0
    if units is not None:
        clusters = pd.Series(units).astype(object).to_numpy()[kept]
        known = int(pd.Series(clusters).nunique())
    n, shown = len(change), (known, 0)
    if n < 2:
        return Effect.none("paired", "few", n=n, units=shown)
    if known < MIN_CLUSTERS:
        clusters = None
    part = cell_contrast(change, np.zeros(n, dtype=np.int64), np.ones(1), clusters=clusters, weights=weight)
    inference = "welch" if clusters is None else "cluster"
    error = 0.0 if np.ptp(change) == 0 else part.error
    return t_effect("paired", inference, part.estimate, error, part.df, n=n, units=shown, confidence=confidence)
