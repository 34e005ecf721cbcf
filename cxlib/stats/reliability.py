"""Whether a group of factors measures one thing: Cronbach's alpha, McDonald's omega, and items that do not belong."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import special

from cxlib.stats.resampling import bootstrap_draws, resampling_groups

WEAK = 0.3  # item-rest correlation below which an item is said not to belong (Nunnally & Bernstein 1994)
CLEARLY = 0.01  # gain of alpha without an item that is worth saying
LEAST_UNIQUE = 0.005  # of an item's variance; a fit at this bound has no proper maximum (Heywood case)
STEPS = 100
ITEM_COLUMNS = ("item", "item_rest", "loading", "alpha_if_dropped", "belongs", "reason")


@dataclass(frozen=True)
class Reliability:
    """Reliability of the sum of some items.

    Parameters
    ----------
    n : int
        People who answered every item used.
    alpha, alpha_low, alpha_high : float
        Cronbach's alpha of the answers as numbers, and its interval.
    omega, omega_low, omega_high : float
        McDonald's omega total: the part of the sum's variance that one common factor carries.
    items : DataFrame
        One row an item, columns item, item_rest (correlation with the sum of the others), loading (on the common
        factor, in standard deviations), alpha_if_dropped, belongs (True or False), reason: '' or 'constant',
        'all_missing', 'reversed' (goes against the others), 'weak' (item_rest below .3), 'raises_alpha' (the sum is
        more reliable without it).
    reason, omega_reason : str
        '' or why there is no alpha or omega: 'too_few' (people), 'too_few_items' (two for alpha, three for omega),
        'no_common_factor'; omega_reason may be 'heywood' (an item's own variance fell to zero; omega is shown with
        care).
    """

    n: int
    alpha: float
    alpha_low: float
    alpha_high: float
    omega: float
    omega_low: float
    omega_high: float
    items: pd.DataFrame
    reason: str
    omega_reason: str


@dataclass(frozen=True)
class OneFactor:
    """One-factor models of a stack of correlation matrices.

    Parameters
    ----------
    loadings, unique : arrays of shape (..., k)
        Loadings (their sum is not negative) and parts of the variance of each item's own.
    converged : boolean array of shape (...)
    """

    loadings: np.ndarray
    unique: np.ndarray
    converged: np.ndarray


def reliability(
    answers: pd.DataFrame,
    *,
    weights: ArrayLike | None = None,
    clusters: ArrayLike | None = None,
    confidence: float = 0.95,
    bootstrap: int = 1000,
    seed: int = 1,
) -> Reliability:
    """Cronbach's alpha and McDonald's omega of a declared group of factors.

    Parameters
    ----------
    answers : DataFrame
        One numeric column an item, all worded in the same direction; NaN is missing. People with any missing answer are
        left out.
    weights : array of shape (rows,), optional
        Design weights.
    clusters : array of shape (rows,), optional
        Unit (store) of each row.
    confidence : float in (0, 1)
    bootstrap : int
        Resamples of people (or units) behind the intervals.
    seed : int

    Returns
    -------
    Reliability

    Notes
    -----
    Alpha is pingouin's where everyone weighs alike. Omega is (sum of loadings)^2 over that plus the sum of the items'
    own variances, from a one-factor model fitted by maximum likelihood to the covariances. Both intervals are
    1 - exp(log(1 - estimate) -+ t SE) with the bootstrap's SE of log(1 - estimate): Feldt's interval, which pingouin
    has, takes answers for normal and items for parallel.

    References
    ----------
    McDonald (1999), Test Theory: A Unified Treatment. doi:10.4324/9781410601087
    Kelley & Pornprasertmanit (2016), Confidence intervals for population reliability coefficients, Psychological
    Methods 21, 69-92. doi:10.1037/a0040086

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> rated = pd.DataFrame(np.round(3 + rng.normal(size=(200, 1)) + rng.normal(size=(200, 4))), columns=list("abcd"))
    >>> found = reliability(rated)
    >>> round(found.alpha, 2), round(found.omega, 2), found.items["belongs"].all()
    (0.77, 0.77, np.True_)
    """
    values = answers.to_numpy(dtype=float, na_value=np.nan)
    empty = ~np.isfinite(values).any(axis=0)
    complete = np.isfinite(values[:, ~empty]).all(axis=1)
    weight = np.ones(len(values)) if weights is None else np.asarray(weights, dtype=float)
    complete &= weight > 0
    kept = values[complete]
    flat = ~empty & (np.ptp(kept, axis=0) == 0 if len(kept) else True)
    used = np.flatnonzero(~empty & ~flat)
    items = pd.DataFrame(
        {
            "item": answers.columns.astype(str),
            **dict.fromkeys(ITEM_COLUMNS[1:4], np.nan),
            "belongs": False,
            "reason": np.where(empty, "all_missing", np.where(flat, "constant", "")),
        }
    )
    n, k = len(kept), len(used)
    if k < 2 or n <= k + 1:
        return Reliability(n, *(np.nan,) * 6, items, *("too_few_items" if n > k + 1 else "too_few",) * 2)
    kept, weight = kept[:, used], weight[complete]
    units = None if clusters is None else np.asarray(clusters, dtype=object)[complete]
    groups = resampling_groups(n, units, seed=seed)
    sums = _group_sums(kept, weight, groups.index, groups.count)
    covariance = _covariances(sums.sum(axis=0, keepdims=True), k)[0]
    alpha = _alpha(covariance) if weights is not None else _pingouin_alpha(kept)
    resampled = _covariances(bootstrap_draws(groups.count, bootstrap, seed=seed) @ sums, k)
    alpha_low, alpha_high = _interval(alpha, _alpha(resampled), groups.count, confidence)
    items.loc[used, "item_rest"] = _item_rest(covariance)
    omega, omega_low, omega_high, omega_reason = np.nan, np.nan, np.nan, "too_few_items"
    if k >= 3:
        dropped = [_alpha(np.delete(np.delete(covariance, i, 0), i, 1)) for i in range(k)]
        items.loc[used, "alpha_if_dropped"] = dropped
        fit = one_factor(_correlations(covariance))
        omega_reason = "" if fit.converged else "no_common_factor"
        if fit.converged:
            items.loc[used, "loading"] = fit.loadings
            omega = float(_omega(covariance, fit))
            omega_reason = "heywood" if fit.unique.min() <= LEAST_UNIQUE else ""
            again = one_factor(_correlations(resampled))
            drawn = np.where(again.converged, _omega(resampled, again), np.nan)
            omega_low, omega_high = _interval(omega, drawn, groups.count, confidence)
    for place in used:
        items.loc[place, "reason"] = _why_not(items.loc[place], alpha)
    items["belongs"] = items["reason"] == ""
    return Reliability(
        n, alpha, alpha_low, alpha_high, omega, omega_low, omega_high, items[list(ITEM_COLUMNS)], "", omega_reason
    )


def one_factor(matrices: np.ndarray) -> OneFactor:
    """Maximum likelihood one-factor model of correlation matrices, many at a time.

    Parameters
    ----------
    matrices : array of shape (..., k, k)
        Correlations of three or more items.

    Returns
    -------
    OneFactor

    Notes
    -----
    Fisher scoring on loadings and unique variances (at least .005), steps halved until the fit improves.

    Examples
    --------
    >>> loadings = np.array([0.8, 0.7, 0.6, 0.5])
    >>> matrix = np.outer(loadings, loadings) + np.diag(1 - loadings**2)
    >>> one_factor(matrix).loadings.round(6).tolist()
    [0.8, 0.7, 0.6, 0.5]
    """
    matrices = np.asarray(matrices, dtype=float)
    k = matrices.shape[-1]
    stack = matrices.reshape(-1, k, k)
    usable = np.isfinite(stack).all(axis=(1, 2))
    stack = np.where(usable[:, None, None], stack, np.eye(k))
    values, vectors = np.linalg.eigh(stack)
    loadings = vectors[..., -1] * np.sqrt(np.maximum(values[:, -1:] - 0.5, 0.1)) * 0.9
    unique = np.clip(1 - loadings**2, 0.1, 1.0)
    misfit = _misfit(stack, loadings, unique)
    done = ~usable
    for _ in range(STEPS):
        open_ = np.flatnonzero(~done)
        if not len(open_):
            break
        step, gain = _scoring_step(stack[open_], loadings[open_], unique[open_])
        done[open_[gain < 1e-13]] = True
        open_, step = open_[gain >= 1e-13], step[gain >= 1e-13]
        waiting = np.arange(len(open_))
        size = 1.0
        while len(waiting) and size > 1e-4:
            rows = open_[waiting]
            near = loadings[rows] + size * step[waiting, :k]
            own = np.maximum(unique[rows] + size * step[waiting, k:], LEAST_UNIQUE)
            now = _misfit(stack[rows], near, own)
            better = now < misfit[rows]
            taken = rows[better]
            loadings[taken], unique[taken], misfit[taken] = near[better], own[better], now[better]
            waiting, size = waiting[~better], size / 2
        done[open_[waiting]] = True  # no step improves: at the maximum, as far as rounding lets it be seen
    converged = usable & done & (np.abs(loadings).max(axis=1) > 1e-3)
    loadings = loadings * np.where(loadings.sum(axis=1) < 0, -1.0, 1.0)[:, None]
    lead = matrices.shape[:-1]
    return OneFactor(loadings.reshape(lead), unique.reshape(lead), converged.reshape(lead[:-1]))


def _scoring_step(stack: np.ndarray, loadings: np.ndarray, unique: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Fisher scoring step and what it promises; items at the bound whose own variance would shrink stay there."""
    k = stack.shape[-1]
    model = loadings[:, :, None] * loadings[:, None, :] + unique[:, :, None] * np.eye(k)
    inverse = np.linalg.inv(model)
    pull = inverse @ (stack - model) @ inverse
    turned = (inverse @ loadings[..., None])[..., 0]
    common = (loadings * turned).sum(axis=1)
    slope = np.concatenate([(pull @ loadings[..., None])[..., 0], np.diagonal(pull, axis1=1, axis2=2) / 2], axis=1)
    information = np.empty((len(stack), 2 * k, 2 * k))
    information[:, :k, :k] = turned[:, :, None] * turned[:, None, :] + common[:, None, None] * inverse
    information[:, :k, k:] = inverse * turned[:, None, :]
    information[:, k:, :k] = np.swapaxes(information[:, :k, k:], 1, 2)
    information[:, k:, k:] = inverse**2 / 2
    held = np.concatenate([np.zeros(loadings.shape, dtype=bool), (unique <= LEAST_UNIQUE) & (slope[:, k:] < 0)], axis=1)
    slope = np.where(held, 0.0, slope)
    information = np.where(held[:, :, None] | held[:, None, :], np.eye(2 * k), information)
    scale = np.trace(information, axis1=1, axis2=2) / (2 * k)
    step = np.linalg.solve(information + 1e-9 * scale[:, None, None] * np.eye(2 * k), slope[..., None])[..., 0]
    return step, (slope * step).sum(axis=1)


def _misfit(stack: np.ndarray, loadings: np.ndarray, unique: np.ndarray) -> np.ndarray:
    """Log determinant of the model plus trace of the matrix times the model's inverse."""
    ratio = loadings / unique
    common = 1 + (loadings * ratio).sum(axis=1)
    quadratic = (ratio[:, None, :] @ stack @ ratio[..., None])[:, 0, 0]
    own = (np.diagonal(stack, axis1=1, axis2=2) / unique).sum(axis=1)
    return np.log(unique).sum(axis=1) + np.log(common) + own - quadratic / common


def _omega(covariances: np.ndarray, fit: OneFactor) -> np.ndarray:
    spread = np.sqrt(np.diagonal(covariances, axis1=-2, axis2=-1))
    common = (spread * fit.loadings).sum(axis=-1) ** 2
    return common / (common + (spread**2 * fit.unique).sum(axis=-1))


def _alpha(covariances: np.ndarray) -> np.ndarray | float:
    k = covariances.shape[-1]
    total = covariances.sum(axis=(-2, -1))
    own = np.trace(covariances, axis1=-2, axis2=-1)
    usable = total > 1e-12 * own
    alpha = np.where(usable, k / (k - 1) * (1 - own / np.where(usable, total, 1.0)), np.nan)
    return alpha if alpha.ndim else float(alpha)


def _pingouin_alpha(values: np.ndarray) -> float:
    import pingouin  # heavy: loaded when a statistic is asked for

    if values.sum(axis=1).var() <= 1e-12 * values.var(axis=0).sum():
        return np.nan  # items that cancel out: the sum does not vary
    return float(pingouin.cronbach_alpha(pd.DataFrame(values))[0])


def _item_rest(covariance: np.ndarray) -> np.ndarray:
    own = np.diag(covariance)
    with_rest = covariance.sum(axis=1) - own
    rest = covariance.sum() - 2 * covariance.sum(axis=1) + own
    varies = rest > 1e-12 * own.sum()
    return np.where(varies, with_rest / np.sqrt(own * np.where(varies, rest, 1.0)), np.nan)


def _why_not(item: pd.Series, alpha: float) -> str:
    if item["item_rest"] < 0 or item["loading"] < 0:
        return "reversed"
    if item["item_rest"] < WEAK:
        return "weak"
    return "raises_alpha" if item["alpha_if_dropped"] - alpha > CLEARLY else ""


def _group_sums(values: np.ndarray, weight: np.ndarray, index: np.ndarray, count: int) -> np.ndarray:
    """Of each group: sum of weights, of answers, of their products; shape (groups, 1 + k + k k)."""
    n, k = values.shape
    centred = values - values.mean(axis=0)
    products = (centred[:, :, None] * centred[:, None, :]).reshape(n, k * k)
    columns = np.column_stack([np.ones(n), centred, products]) * weight[:, None]
    return np.column_stack([np.bincount(index, column, count) for column in columns.T])


def _covariances(sums: np.ndarray, k: int) -> np.ndarray:
    """Covariance matrices from sums; NaN where a resample leaves an item constant."""
    total = sums[:, :1]
    mean = sums[:, 1 : k + 1] / total
    covariance = sums[:, k + 1 :].reshape(-1, k, k) / total[:, :, None] - mean[:, :, None] * mean[:, None, :]
    constant = (np.diagonal(covariance, axis1=1, axis2=2) <= 1e-10).any(axis=1)
    return np.where(constant[:, None, None], np.nan, covariance)


def _correlations(covariances: np.ndarray) -> np.ndarray:
    spread = np.sqrt(np.diagonal(covariances, axis1=-2, axis2=-1))
    return covariances / (spread[..., :, None] * spread[..., None, :])


def _interval(estimate: float, resamples: np.ndarray, groups: int, confidence: float) -> tuple[float, float]:
    """Interval on the scale of log(1 - reliability)."""
    real = resamples[np.isfinite(resamples) & (resamples < 1)]
    if not np.isfinite(estimate) or estimate >= 1 or len(real) < max(2, 0.9 * len(resamples)) or groups < 2:
        return np.nan, np.nan
    error = np.log1p(-real).std(ddof=1) * np.sqrt(groups / (groups - 1))
    reach = special.stdtrit(groups - 1, 0.5 + confidence / 2) * error
    return float(1 - (1 - estimate) * np.exp(reach)), float(1 - (1 - estimate) * np.exp(-reach))
