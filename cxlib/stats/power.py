"""What could be found at this number of answers."""

from __future__ import annotations

from functools import lru_cache

POWER = 0.8  # customary: a true correlation of the stated size is found in four surveys of five


@lru_cache(maxsize=4096)
def detectable_correlation(n: int, *, alpha: float = 0.05, power: float = POWER) -> float:
    """Smallest correlation that a single two-sided test would find.

    Parameters
    ----------
    n : int
        People (effective number with weights or units), at least 5.
    alpha : float
        Level of the test.
    power : float
        Chance to find it.

    Returns
    -------
    float
        In (0, 1); NaN with fewer than 5 people.

    Notes
    -----
    pingouin's `power_corr`.

    Examples
    --------
    >>> [round(detectable_correlation(n), 2) for n in (100, 200, 400)]
    [0.28, 0.2, 0.14]
    """
    if n < 5:
        return float("nan")
    import pingouin  # heavy: loaded when a statistic is asked for

    return float(pingouin.power_corr(n=n, power=power, alpha=alpha))
