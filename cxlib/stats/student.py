"""Student's t for one number at a time.

The same as `scipy.stats.t`, to the last digit: that class looks at its arguments for a fifth of a millisecond before it
asks the functions used here, and a run asks for hundreds of intervals.
"""

from __future__ import annotations

import numpy as np
from scipy import special


def t_limit(confidence: float, df: float | np.ndarray) -> float | np.ndarray:
    """How many standard errors an interval reaches to each side.

    Parameters
    ----------
    confidence : float in (0, 1)
        Coverage of the interval.
    df : float or array
        Degrees of freedom; may be infinite. NaN gives NaN.

    Examples
    --------
    >>> float(t_limit(0.95, 10).round(3)), float(t_limit(0.95, float("inf")).round(3))
    (2.228, 1.96)
    """
    return -special.stdtrit(df, (1 - confidence) / 2)


def t_above(statistic: float, df: float) -> float:
    """Chance of a larger t.

    Examples
    --------
    >>> round(2 * t_above(2.228, 10), 3)
    0.05
    """
    return float(special.stdtr(df, -statistic))
