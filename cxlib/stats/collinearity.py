"""Factors that say much the same: variance inflation, and what a turned sign means."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from cxlib.stats.adjusted import standardised_coefficients
from cxlib.stats.matrices import repeated

CROWDED = 10.0  # variance inflation from which textbooks call an estimate unsteady


@dataclass(frozen=True)
class Collinearity:
    """How far the factors can be told apart.

    Parameters
    ----------
    inflation : array of shape (p,)
        Variance inflation: 1 for a factor unlike all others; its square root widens the interval of the adjusted
        association. NaN for factors that repeat others exactly.
    condition_index : float
        Square root of the largest over the smallest eigenvalue of the factors' correlations; above 30 is a warning.
        NaN when factors repeat each other exactly.
    reasons : tuple of str
        Of each factor '', 'collinear' (repeats others exactly) or 'crowded' (inflation of 10 or more: shown, and said).
    """

    inflation: np.ndarray
    condition_index: float
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class TurnedSign:
    """How a factor's adjusted association relates to its plain one.

    Parameters
    ----------
    code : str
        'agrees' : both are there, with the same sign.
        'halo' : the plain one is there; given the other factors nothing certain is left, whatever its sign: what the
        factor shares with the others goes with the outcome.
        'suppression' : both are there with opposite signs: the factor differs from the ratings it goes along with,
        and that difference goes the other way. It never says that a better rating harms.
        'masked' : only the adjusted one is there: the others hid it.
        'none' : neither is there. '' : not computable.
    turned_by : int
        The other factor without which the adjusted association moves most towards the plain sign; -1 where the adjusted
        estimate has not turned its sign.
    """

    code: str
    turned_by: int


def collinearity(matrix: np.ndarray) -> Collinearity:
    """Variance inflation of every factor and the condition index.

    Parameters
    ----------
    matrix : array of shape (p, p)
        Correlations of the factors alone.

    Returns
    -------
    Collinearity

    Notes
    -----
    The diagonal of the inverse. With factors that repeat each other exactly, of the others given one of each.

    References
    ----------
    Belsley, Kuh & Welsch (1980), Regression Diagnostics. doi:10.1002/0471725153

    Examples
    --------
    >>> found = collinearity(np.array([[1, 0.8], [0.8, 1]]))
    >>> found.inflation.round(2).tolist(), round(found.condition_index, 2)
    ([2.78, 2.78], 3.0)
    """
    matrix = np.asarray(matrix, dtype=float)
    inflation = np.full(len(matrix), np.nan)
    if not np.isfinite(matrix).all():
        return Collinearity(inflation, np.nan, ("not_computable",) * len(matrix))
    alike, spare = repeated(matrix)
    kept = np.flatnonzero(~spare)
    if len(kept):
        inflation[kept] = np.maximum(np.diag(np.linalg.inv(matrix[np.ix_(kept, kept)])), 1.0)
    inflation[alike] = np.nan
    values = np.linalg.eigvalsh(matrix) if len(matrix) else np.ones(1)
    condition = float(np.sqrt(values[-1] / values[0])) if not alike.any() and values[0] > 0 else np.nan
    reasons = tuple(
        "collinear" if same else "crowded" if value >= CROWDED else ""
        for same, value in zip(alike, inflation, strict=True)
    )
    return Collinearity(inflation, condition, reasons)


def name_turned_signs(
    matrix: np.ndarray, low: ArrayLike, high: ArrayLike, adjusted_low: ArrayLike, adjusted_high: ArrayLike
) -> list[TurnedSign]:
    """Say what it means that a factor's association fades or turns when the others are held constant.

    Parameters
    ----------
    matrix : array of shape (p + 1, p + 1)
        Correlations, the outcome last.
    low, high : arrays of shape (p,)
        Interval of each factor's plain association with the outcome.
    adjusted_low, adjusted_high : arrays of shape (p,)
        Interval of its adjusted association, given all other factors.

    Returns
    -------
    list of TurnedSign
        One a factor.

    Notes
    -----
    An association is there when its interval leaves out zero. Where halo makes all ratings rise and fall together,
    plain associations share it, and an adjusted one turns negative as easily as not; ordering by, or signing with, it
    would show a factor as harmful that goes with a better outcome.

    References
    ----------
    Friedman & Wall (2005), Graphical views of suppression and multicollinearity in multiple linear regression, The
    American Statistician 59, 127-136. doi:10.1198/000313005X41337

    Examples
    --------
    >>> r = np.array([[1, 0.8, 0.6], [0.8, 1, 0.3], [0.6, 0.3, 1]])
    >>> name_turned_signs(r, [0.5, 0.2], [0.7, 0.4], [0.6, -0.6], [0.8, -0.3])
    [TurnedSign(code='agrees', turned_by=-1), TurnedSign(code='suppression', turned_by=0)]
    """
    matrix = np.asarray(matrix, dtype=float)
    plain = _sign(low, high)
    adjusted = _sign(adjusted_low, adjusted_high)
    codes = {(True, False): "halo", (False, True): "masked", (False, False): "none"}
    beta = standardised_coefficients(matrix) if np.isfinite(matrix).all() else np.full(len(matrix) - 1, np.nan)
    result = []
    for factor, (before, after) in enumerate(zip(plain, adjusted, strict=True)):
        if np.isnan(before) or np.isnan(after):
            result.append(TurnedSign("", -1))
            continue
        if before and after:
            code = "agrees" if before == after else "suppression"
        else:
            code = codes[bool(before), bool(after)]
        opposite = matrix[factor, -1] * beta[factor] < 0
        result.append(TurnedSign(code, _turned_by(matrix, factor, beta[factor]) if opposite else -1))
    return result


def _sign(low: ArrayLike, high: ArrayLike) -> np.ndarray:
    """1 or -1 where an interval leaves out zero, 0 where it does not, NaN where there is none."""
    low, high = np.asarray(low, dtype=float), np.asarray(high, dtype=float)
    return np.where(np.isnan(low) | np.isnan(high), np.nan, 1.0 * (low > 0) - 1.0 * (high < 0))


def _turned_by(matrix: np.ndarray, factor: int, beta: float) -> int:
    towards = np.sign(matrix[factor, -1])
    moves = np.full(len(matrix) - 1, -np.inf)
    for other in range(len(moves)):
        if other != factor:
            kept = [number for number in range(len(matrix)) if number != other]
            without = standardised_coefficients(matrix[np.ix_(kept, kept)])[factor - (other < factor)]
            moves[other] = towards * (without - beta) if np.isfinite(without) else -np.inf
    return int(np.argmax(moves)) if np.isfinite(moves.max(initial=-np.inf)) else -1
