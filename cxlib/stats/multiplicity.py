"""False discovery rate over a family of tests."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike


def false_discovery(p: ArrayLike) -> np.ndarray:
    """Benjamini-Hochberg q values.

    Parameters
    ----------
    p : array
        Two-sided p values of one family of tests, any shape; NaN is a test that could not be made.

    Returns
    -------
    array of the same shape
        The smallest false discovery rate at which each test is a discovery; NaN where p is.

    References
    ----------
    Benjamini & Hochberg (1995), Journal of the Royal Statistical Society B 57, 289-300.
    doi:10.1111/j.2517-6161.1995.tb02031.x

    Examples
    --------
    >>> false_discovery([0.01, float("nan"), 0.04]).round(3).tolist()
    [0.02, nan, 0.04]
    """
    p = np.asarray(p, dtype=float)
    q = np.full(p.shape, np.nan)
    made = np.isfinite(p)
    if made.any():
        import pingouin  # heavy: loaded when a statistic is asked for

        q[made] = pingouin.multicomp(p[made], method="fdr_bh")[1]
    return q
