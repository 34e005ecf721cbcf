"""Many tests at once: corrections within declared families, and intervals for what was picked out of them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from cxlib.stats.association import fisher_interval
from cxlib.stats.multiplicity import false_discovery


def adjust(p: ArrayLike, method: str = "bh", *, families: ArrayLike | None = None) -> np.ndarray:
    """Corrected p values, each family of tests for itself.

    Parameters
    ----------
    p : array
        Two-sided p values, any shape; NaN is a test that could not be made and does not count.
    method : {'bh', 'by', 'holm'}
        False discovery rate (Benjamini-Hochberg); the same under any dependence (Benjamini-Yekutieli); chance of even
        one false claim (Holm).
    families : array of the same shape, optional
        Label of the family of each test; one family when not given.

    Returns
    -------
    array of the same shape
        Below the limit: a discovery (or claim) at that rate. NaN where p is.

    References
    ----------
    Benjamini & Yekutieli (2001), Annals of Statistics 29, 1165-1188. doi:10.1214/aos/1013699998
    Holm (1979), Scandinavian Journal of Statistics 6, 65-70.

    Examples
    --------
    >>> adjust([0.01, float("nan"), 0.04], "holm").round(3).tolist()
    [0.02, nan, 0.04]
    >>> adjust([0.01, 0.04, 0.03], families=["referral", "referral", "loyalty"]).round(3).tolist()
    [0.02, 0.04, 0.03]
    """
    p = np.asarray(p, dtype=float)
    correct = _method(method)
    adjusted = np.full(p.shape, np.nan)
    for members in _members(families, p.shape):
        adjusted[members] = correct(p[members])
    return adjusted


def selection_confidence(
    p: ArrayLike,
    *,
    q: float = 0.05,
    method: str = "bh",
    families: ArrayLike | None = None,
    confidence: float = 0.95,
    chosen: ArrayLike | None = None,
) -> np.ndarray:
    """Confidence at which the interval of each selected test must be drawn.

    Parameters
    ----------
    p, method, families
        As in `adjust`: they decide what is selected.
    q : float in (0, 1)
        Tests whose corrected p is at most this are selected (shown as findings).
    confidence : float in (0, 1)
        1 - the part of the shown intervals that may miss, on average.
    chosen : boolean array of the same shape, optional
        Which tests are selected where another rule than corrected p <= `q` decides (a stricter one, such as a bar for
        the adjusted association too).

    Returns
    -------
    array of the same shape
        1 - (1 - confidence) R / m with R of the m tests of the family selected; NaN for tests not selected.

    Notes
    -----
    Of 95 % intervals shown because they look large, more than 5 % miss. Widened to this confidence, the expected part
    of the shown intervals that misses (false coverage rate) is at most 1 - `confidence`; where selection and
    intervals rest on the same statistic, none of them holds zero.

    References
    ----------
    Benjamini & Yekutieli (2005), False discovery rate-adjusted multiple confidence intervals for selected parameters,
    Journal of the American Statistical Association 100, 71-81. doi:10.1198/016214504000001907

    Examples
    --------
    >>> selection_confidence([0.001, 0.02, 0.4, float("nan")]).round(4).tolist()
    [0.9667, 0.9667, nan, nan]
    """
    p = np.asarray(p, dtype=float)
    selected = adjust(p, method, families=families) <= q if chosen is None else np.asarray(chosen, dtype=bool)
    result = np.full(p.shape, np.nan)
    for members in _members(families, p.shape):
        here = selected[members] & np.isfinite(p[members])
        if here.any():
            part = here.sum() / np.isfinite(p[members]).sum()
            result[members] = np.where(here, 1 - (1 - confidence) * part, np.nan)
    return result


def selected_intervals(
    r: ArrayLike,
    error: ArrayLike,
    p: ArrayLike,
    *,
    df: ArrayLike | None = None,
    q: float = 0.05,
    method: str = "bh",
    families: ArrayLike | None = None,
    confidence: float = 0.95,
    chosen: ArrayLike | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Intervals of selected correlations that keep the false coverage rate.

    Parameters
    ----------
    r, error : arrays
        Correlations and the standard errors of their atanh.
    p, q, method, families, confidence, chosen
        As in `selection_confidence`.
    df : array, optional
        Degrees of freedom of the errors; normal when not given.

    Returns
    -------
    low, high : arrays of the same shape
        NaN for correlations not selected.

    Examples
    --------
    >>> low, high = selected_intervals([0.4, 0.1], [0.1, 0.1], [0.0001, 0.3])
    >>> low.round(2).tolist(), high.round(2).tolist()
    ([0.2, nan], [0.57, nan])
    """
    wanted = selection_confidence(p, q=q, method=method, families=families, confidence=confidence, chosen=chosen)
    shown = np.isfinite(wanted)
    low, high = fisher_interval(r, error, np.where(shown, wanted, 0.5), df)
    return np.where(shown, low, np.nan), np.where(shown, high, np.nan)


def _method(name: str) -> Callable[[np.ndarray], np.ndarray]:
    if name == "bh":
        return false_discovery
    codes = {"by": "fdr_by", "holm": "holm"}
    if name not in codes:
        raise ValueError(f"method is bh, by or holm, not {name}")
    return lambda p: _corrected(p, codes[name])


def _corrected(p: np.ndarray, code: str) -> np.ndarray:
    adjusted, made = np.full(p.shape, np.nan), np.isfinite(p)
    if made.any():
        import pingouin  # heavy: loaded when a statistic is asked for

        adjusted[made] = pingouin.multicomp(p[made], method=code)[1]
    return adjusted


def _members(families: ArrayLike | None, shape: tuple[int, ...]) -> list[np.ndarray]:
    """Which tests belong to each family."""
    if families is None:
        return [np.ones(shape, dtype=bool)]
    labels = np.broadcast_to(np.asarray(families).astype(str), shape)
    return [labels == label for label in np.unique(labels)]
