"""What a survey of this size can tell of a change, when none may be said, and how much more would be needed."""

from __future__ import annotations

from functools import lru_cache
from math import ceil, inf, isfinite, sqrt

from scipy import special

from cxlib.stats.student import t_above

HALVINGS = 45  # of a bracket: to ten digits
NORMAL_FROM = 1e6  # degrees of freedom from which t is the normal distribution
MOST_UNITS = 100_000


def equivalence_p(estimate: float, error: float, df: float, worthwhile: float) -> float:
    """Two one-sided tests that a change is smaller than the smallest worthwhile one.

    Parameters
    ----------
    estimate, error : float
        Change and its standard error, points of the scale.
    df : float
        Degrees of freedom of the error; may be infinite.
    worthwhile : float
        Above 0; changes from -worthwhile to worthwhile count as none.

    Returns
    -------
    float
        The larger p of the two tests; NaN where there is no error. Below .025 the 95 % interval lies within
        -worthwhile to worthwhile (below .05 the 90 % interval does).

    Notes
    -----
    Equal to pingouin's `tost` for two groups (a test); pingouin takes the answers, not an estimate and its error.

    References
    ----------
    Schuirmann (1987), Journal of Pharmacokinetics and Biopharmaceutics 15, 657-680. doi:10.1007/BF01068419

    Examples
    --------
    >>> round(equivalence_p(0.02, 0.05, 98, 0.2), 4)
    0.0003
    """
    if not (isfinite(estimate) and isfinite(error) and error > 0 and df > 0):
        return float("nan")
    return t_above((worthwhile - abs(estimate)) / error, df)


def detectable_change(
    error: float, df: float, confidence: float = 0.95, power: float = 0.8, *, smallest_p: float = 0.0
) -> float:
    """The smallest true change that is found with the given chance.

    Parameters
    ----------
    error : float
        Standard error of the change, in points of the scale.
    df : float
        Its degrees of freedom; may be infinite.
    confidence, power : float in (0, 1)
    smallest_p : float
        Smallest p that so few units can give; nothing can be found where it is above 1 - confidence.

    Returns
    -------
    float
        Points of the scale; infinite where nothing can be found, NaN without an error.

    Notes
    -----
    From the noncentral t distribution, as pingouin's `power_ttest` (a test holds both equal).

    Examples
    --------
    >>> [round(detectable_change((2 / n) ** 0.5, 2 * n - 2), 2) for n in (100, 200, 400)]
    [0.4, 0.28, 0.2]
    """
    if smallest_p > 1 - confidence:
        return inf
    if not (isfinite(error) and error > 0 and df > 0):
        return float("nan")
    return error * _noncentrality(df, confidence, power)


def answers_needed(
    worthwhile: float,
    error: float,
    answers: float | tuple[float, float],
    *,
    lasting: float = 0.0,
    df: float = inf,
    confidence: float = 0.95,
    power: float = 0.8,
) -> float:
    """How many answers a wave would find the smallest worthwhile change with the given chance.

    Parameters
    ----------
    worthwhile : float
        Smallest worthwhile change, points of the scale.
    error : float
        Standard error of the change with the answers at hand.
    answers : float or (before, after)
        Answers a wave now; of two waves of unlike size the harmonic mean counts.
    lasting : float
        Part of the error that more answers from the same units would not remove (`lasting_error`).
    df : float
        Degrees of freedom that stay: units where `lasting` is above 0, else leave it infinite.
    confidence, power : float in (0, 1)

    Returns
    -------
    float
        A whole number a wave; infinite where no number of answers from these units would do.

    Examples
    --------
    >>> answers_needed(0.2, (2 / 100) ** 0.5, 100)
    393.0
    """
    if not (isfinite(error) and error > 0 and worthwhile > 0):
        return float("nan")
    now = 2 / (1 / answers[0] + 1 / answers[1]) if isinstance(answers, tuple) else float(answers)
    goal = (worthwhile / _noncentrality(df, confidence, power)) ** 2 - lasting**2
    asked = error**2 - lasting**2
    if goal <= 0:
        return inf
    return float(max(ceil(now * max(asked, 0.0) / goal - 1e-9), 2))


def units_needed(
    worthwhile: float,
    error: float,
    units: tuple[int, int],
    *,
    confidence: float = 0.95,
    power: float = 0.8,
) -> float:
    """How many units in each group would find the smallest worthwhile change with the given chance.

    Parameters
    ----------
    worthwhile : float
        Smallest worthwhile change, points of the scale.
    error : float
        Standard error of the difference with the units at hand, each with as many answers as now.
    units : (acted, others)
        Units now.
    confidence, power : float in (0, 1)

    Returns
    -------
    float
        A whole number, acted on and as many others; infinite above 100,000.

    Examples
    --------
    >>> units_needed(0.2, 0.15, (5, 25))
    38.0
    """
    if not (isfinite(error) and error > 0 and worthwhile > 0 and min(units) > 0):
        return float("nan")
    spread = error / sqrt(1 / units[0] + 1 / units[1])
    low, high = 2, MOST_UNITS
    if spread * sqrt(2 / high) * _noncentrality(2 * high - 2, confidence, power) > worthwhile:
        return inf
    while low < high:
        middle = (low + high) // 2
        enough = spread * sqrt(2 / middle) * _noncentrality(2 * middle - 2, confidence, power) <= worthwhile
        low, high = (low, middle) if enough else (middle + 1, high)
    return float(low)


@lru_cache(maxsize=4096)  # the search for a number of units comes by the same numbers for every question
def _noncentrality(df: float, confidence: float, power: float) -> float:
    """True change in standard errors that a two-sided test finds with the given chance."""
    normal = df >= NORMAL_FROM
    limit = float(special.ndtri((1 + confidence) / 2) if normal else special.stdtrit(df, (1 + confidence) / 2))
    low, high = 0.0, 2 * limit + 10.0
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        if normal:
            found = special.ndtr(middle - limit) + special.ndtr(-limit - middle)
        else:  # scipy.stats.nct would take ten milliseconds in all, and a run asks for hundreds
            right, wrong = 1 - special.nctdtr(df, middle, limit), special.nctdtr(df, middle, -limit)
            found = right + (wrong if wrong == wrong else 0.0)  # NaN: too small to be told
        low, high = (middle, high) if found < power else (low, middle)
    return high
