"""The bivariate normal distribution, exact and for whole arrays at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy import special


def binormal(h: ArrayLike, k: ArrayLike, rho: ArrayLike) -> np.ndarray:
    """Chance that two standard normal variables of correlation rho lie below h and below k.

    Parameters
    ----------
    h, k : array
        Limits; -inf and inf are allowed.
    rho : array
        Correlation, strictly between -1 and 1. All three broadcast.

    Returns
    -------
    array

    Notes
    -----
    By Owen's T function, exact to about 1e-15. `scipy.stats.multivariate_normal.cdf` takes one correlation at a time.

    Examples
    --------
    >>> binormal(0, 0, 0.5).round(6)
    np.float64(0.333333)
    """
    h, k, rho = np.broadcast_arrays(*(np.asarray(value, dtype=float) for value in (h, k, rho)))
    finite = np.isfinite(h) & np.isfinite(k)
    if finite.all():
        return _inside(h, k, rho)[()]
    result = np.where((h == -np.inf) | (k == -np.inf), 0.0, special.ndtr(np.minimum(h, k)))
    result[finite] = _inside(h[finite], k[finite], rho[finite])
    return result[()]


def _inside(h: np.ndarray, k: np.ndarray, rho: np.ndarray) -> np.ndarray:
    """The same of finite limits."""
    root = np.sqrt((1 - rho) * (1 + rho))
    below = (special.ndtr(h) + special.ndtr(k)) / 2 - _owen(h, k, rho, root) - _owen(k, h, rho, root)
    below = below - np.where((h * k < 0) | ((h * k == 0) & (h + k < 0)), 0.5, 0.0)
    below = np.where((h == 0) & (k == 0), 0.25 + np.arcsin(rho) / (2 * np.pi), below)
    return np.clip(below, 0.0, 1.0)


def _owen(h: np.ndarray, k: np.ndarray, rho: np.ndarray, root: np.ndarray) -> np.ndarray:
    """T(h, (k / h - rho) / root); at h = 0 its limit, a quarter with the sign of k."""
    slope = (k - rho * h) / np.where(h == 0, 1.0, h * root)
    return np.where(h == 0, np.sign(k) / 4, special.owens_t(h, slope))


def normal_density(x: np.ndarray) -> np.ndarray:
    """Density of the standard normal distribution."""
    return np.exp(-(x**2) / 2) / np.sqrt(2 * np.pi)
