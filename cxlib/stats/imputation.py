"""Missing answers: multiple imputation, and Rubin's rules."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import special

from cxlib.stats.association import PERFECT

DONORS = 5  # people whose answer may be lent to one who gave none
CYCLES = 5  # rounds over the questions; the first starts from random answers
RIDGE = 1e-5  # of the predictors' squares: repeated questions then do no harm


@dataclass(frozen=True)
class Imputations:
    """Completed copies of the answers.

    Parameters
    ----------
    names : tuple of str
    completed : array of shape (m, rows, questions)
        Given answers as they are; missing ones filled with answers that others gave. NaN where a question has a reason.
    missing : integer array of shape (questions,)
        Answers filled in each copy.
    reasons : tuple of str
        Of each question '' or 'all_missing', 'too_few' (fewer than six answers to draw from).
    """

    names: tuple[str, ...]
    completed: np.ndarray
    missing: np.ndarray
    reasons: tuple[str, ...]

    def frame(self, number: int) -> pd.DataFrame:
        """One completed copy as a table."""
        return pd.DataFrame(self.completed[number], columns=list(self.names))


@dataclass(frozen=True)
class Pooled:
    """Estimates of several completed copies put together; every field has the estimates' shape.

    Parameters
    ----------
    estimate : array
        Mean over the copies.
    error : array
        Standard error: within-copy variance plus (1 + 1/m) times the variance between copies, and its root.
    df : array
        Barnard and Rubin's degrees of freedom.
    low, high, p : array
        Interval and two-sided p of a value of 0, by the t distribution.
    fmi : array
        Fraction of the information that is missing, 0-1.
    riv : array
        Relative increase of the variance because answers are missing.
    """

    estimate: np.ndarray
    error: np.ndarray
    df: np.ndarray
    low: np.ndarray
    high: np.ndarray
    p: np.ndarray
    fmi: np.ndarray
    riv: np.ndarray


def impute(answers: pd.DataFrame, *, m: int = 10, cycles: int = CYCLES, seed: int = 1) -> Imputations:
    """Multiple imputation by chained equations with predictive mean matching.

    Parameters
    ----------
    answers : DataFrame
        One numeric column a question, outcomes among them (leaving the outcome out would weaken every association);
        NaN is missing. Further columns that help to predict may be added.
    m : int
        Completed copies.
    cycles : int
        Rounds over the questions with missing answers.
    seed : int
        Same seed, same copies.

    Returns
    -------
    Imputations

    Notes
    -----
    Question by question, fewest missing first: a linear regression on all others, coefficients drawn from their
    posterior, and each missing answer taken from one of the five people whose prediction (by the least-squares
    coefficients) is nearest to the drawn prediction: type 1 matching, as in mice. Only answers on the scale are
    filled in, so the contingency tables of `tables.cross_tables` hold for every copy. 2,700 people, 13 questions, m =
    10: about a second on one core.

    References
    ----------
    van Buuren & Groothuis-Oudshoorn (2011), mice: Multivariate imputation by chained equations in R, Journal of
    Statistical Software 45(3). doi:10.18637/jss.v045.i03

    Examples
    --------
    >>> holes = pd.DataFrame({"x": [1, 2, 3, 4, 5, 3, np.nan, 2], "y": [1, 2, 3, 4, 5, 3, 4, 2.0]})
    >>> copies = impute(holes, m=3)
    >>> copies.completed.shape, copies.missing.tolist(), bool(np.isnan(copies.completed).any())
    ((3, 8, 2), [1, 0], False)
    """
    values = answers.to_numpy(dtype=float, na_value=np.nan)
    given = np.isfinite(values)
    rows, counts = len(values), given.sum(axis=0)
    reasons = tuple(
        "all_missing" if count == 0 else "too_few" if count <= DONORS and count < rows else "" for count in counts
    )
    usable = np.flatnonzero([reason == "" for reason in reasons])
    values, given = values[:, usable], given[:, usable]
    held = np.where(given, values, 0.0)
    centre = held.sum(axis=0) / np.maximum(counts[usable], 1)
    spread = np.sqrt((np.where(given, values - centre, 0.0) ** 2).sum(axis=0) / np.maximum(counts[usable], 1))
    spread[spread == 0] = 1.0
    gaps = [np.flatnonzero(~given[:, question]) for question in range(len(usable))]
    known = [np.flatnonzero(given[:, question]) for question in range(len(usable))]
    order = [int(question) for question in np.argsort([len(gap) for gap in gaps], kind="stable") if len(gaps[question])]
    rngs = [np.random.default_rng([seed, 21, copy]) for copy in range(m)]
    full = np.repeat(values[None], m, axis=0)
    for copy, rng in enumerate(rngs):
        for question in order:
            full[copy, gaps[question], question] = rng.choice(values[known[question], question], len(gaps[question]))
    # all copies side by side: their equations are solved together
    design = np.concatenate([np.ones((m, rows, 1)), (full - centre) / spread], axis=2)
    squares = np.swapaxes(design, 1, 2) @ design
    for _ in range(cycles if len(order) > 1 else 1):
        for question in order:
            here, place = gaps[question], question + 1
            filled = design[:, here]
            answered = squares - np.swapaxes(filled, 1, 2) @ filled  # sums over those who answered
            best, drawn = _coefficients(answered, place, len(known[question]), rngs)
            for copy, rng in enumerate(rngs):
                predicted = (design[copy] @ best[copy])[known[question]]
                lent = known[question][_lenders(predicted, filled[copy] @ drawn[copy], rng)]
                full[copy, here, question] = values[lent, question]
            filled[:, :, place] = (full[:, here, question] - centre[question]) / spread[question]
            design[:, here, place] = filled[:, :, place]
            squares = answered + np.swapaxes(filled, 1, 2) @ filled
    completed = np.full((m, rows, len(counts)), np.nan)
    completed[:, :, usable] = full
    return Imputations(tuple(map(str, answers.columns)), completed, rows - counts, reasons)


def pool(
    estimates: ArrayLike, variances: ArrayLike, *, complete_df: ArrayLike = np.inf, confidence: float = 0.95
) -> Pooled:
    """Rubin's rules.

    Parameters
    ----------
    estimates, variances : arrays of shape (m, ...)
        Of each completed copy: the estimate and its squared standard error.
    complete_df : float or array
        Degrees of freedom if no answer were missing (people less parameters); infinite for large samples.
    confidence : float in (0, 1)

    Returns
    -------
    Pooled
        NaN wherever a copy has no estimate.

    References
    ----------
    Rubin (1987), Multiple Imputation for Nonresponse in Surveys. doi:10.1002/9780470316696
    Barnard & Rubin (1999), Small-sample degrees of freedom with multiple imputation, Biometrika 86, 948-955.
    doi:10.1093/biomet/86.4.948

    Examples
    --------
    >>> found = pool([0.52, 0.48, 0.57, 0.5, 0.55], [0.01, 0.012, 0.011, 0.009, 0.01], complete_df=248)
    >>> found.estimate.round(3), found.df.round(1), found.fmi.round(3)
    (np.float64(0.524), np.float64(109.7), np.float64(0.148))
    """
    estimates, variances = np.asarray(estimates, dtype=float), np.asarray(variances, dtype=float)
    m = len(estimates)
    estimate, within = estimates.mean(axis=0), variances.mean(axis=0)
    between = ((estimates - estimate) ** 2).sum(axis=0) / max(m - 1, 1) * (1 + 1 / m)
    total = within + between
    usable = np.isfinite(total) & (total > 0)
    part = np.where(usable, between / np.where(usable, total, 1.0), np.nan)
    complete = np.broadcast_to(np.asarray(complete_df, dtype=float), part.shape)
    finite = np.where(np.isfinite(complete), complete, 1.0)
    # reciprocals, because both may be infinite
    repeats = part**2 / max(m - 1, 1)
    observed = np.where(np.isfinite(complete), (finite + 3) / ((finite + 1) * finite), 0.0)
    observed = observed / np.where(part < 1, 1 - part, np.nan)
    precision = repeats + np.where(np.isfinite(complete), observed, 0.0)
    certain = precision == 0  # nothing is missing, and the sample is large
    df = np.where(certain, np.inf, 1 / np.where(certain, 1.0, precision))
    error = np.where(usable, np.sqrt(np.where(usable, total, 1.0)), np.nan)
    reach = special.stdtrit(df, 0.5 + confidence / 2) * error
    riv = np.where(usable & (within > 0), between / np.where(within > 0, within, 1.0), np.nan)
    return Pooled(
        estimate,
        error,
        df,
        estimate - reach,
        estimate + reach,
        2 * special.stdtr(df, -np.abs(estimate) / error),
        (riv + 2 / (df + 3)) / (riv + 1),
        riv,
    )


def pool_correlations(
    r: ArrayLike, errors: ArrayLike, *, complete_df: ArrayLike = np.inf, confidence: float = 0.95
) -> Pooled:
    """Rubin's rules for correlations, on the scale of atanh(r).

    Parameters
    ----------
    r : array of shape (m, ...)
        Correlations in the completed copies.
    errors : array of shape (m, ...)
        Standard errors of atanh(r), as `association.bonett_wright_error` gives them.
    complete_df, confidence
        As in `pool`.

    Returns
    -------
    Pooled
        Estimate and interval are correlations; the error is that of atanh(r). A correlation of exactly -1 or 1 has
        none.
    """
    r = np.asarray(r, dtype=float)
    perfect = np.abs(r) >= PERFECT
    z = np.where(perfect, np.nan, np.arctanh(np.where(perfect, 0.0, r)))
    found = pool(z, np.asarray(errors, dtype=float) ** 2, complete_df=complete_df, confidence=confidence)
    return replace(found, estimate=np.tanh(found.estimate), low=np.tanh(found.low), high=np.tanh(found.high))


def _coefficients(
    squares: np.ndarray, place: int, people: int, rngs: list[np.random.Generator]
) -> tuple[np.ndarray, np.ndarray]:
    """Least-squares coefficients of one column on all others, and a draw from their posterior; 0 for itself.

    Of every copy: arrays of shape (copies, columns).
    """
    size = squares.shape[-1]
    others = np.delete(np.arange(size), place)
    matrix, with_others = squares[:, others[:, None], others], squares[:, others, place]
    matrix = matrix + RIDGE * matrix * np.eye(size - 1) + 1e-9 * np.eye(size - 1)
    root = np.linalg.cholesky(matrix)
    best, drawn = np.zeros((2, len(squares), size))
    best[:, others] = np.linalg.solve(matrix, with_others[..., None])[..., 0]
    left = np.maximum(squares[:, place, place] - (best[:, others] * with_others).sum(axis=1), 0.0)
    room = max(people - len(others), 1)
    scale, shift = np.empty(len(rngs)), np.empty((len(rngs), size - 1))
    for copy, rng in enumerate(rngs):
        scale[copy], shift[copy] = np.sqrt(left[copy] / rng.chisquare(room)), rng.standard_normal(size - 1)
    moved = np.linalg.solve(np.swapaxes(root, 1, 2), shift[..., None])[..., 0]
    drawn[:, others] = best[:, others] + scale[:, None] * moved
    return best, drawn


def _lenders(predicted: np.ndarray, wanted: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """For each wanted value one of the five nearest predictions, at random; among more equal ones, any of them."""
    shuffled = rng.permutation(len(predicted))
    moved = predicted[shuffled]
    # equal predictions stay in the order of the shuffle; sorting all of it stably would take three times as long
    order = np.argsort(moved)
    values = moved[order]
    first_of_run = np.append(True, values[1:] != values[:-1])
    run = np.cumsum(first_of_run) - 1
    if len(values) > run[-1] + 1:
        order = np.sort(run * len(values) + order) - run * len(values)
    starts = np.append(np.flatnonzero(first_of_run), len(values))
    by_size = np.argsort(wanted)  # neighbours are looked up one after the other, not all over the memory
    after = np.empty(len(wanted), dtype=np.intp)
    after[by_size] = np.searchsorted(values, wanted[by_size])
    after = np.clip(after, 1, len(values) - 1)
    nearest = run[np.where(wanted - values[after - 1] <= values[after] - wanted, after - 1, after)]
    first, last = starts[nearest], starts[nearest + 1]
    window = after + np.arange(2 * DONORS)[:, None]  # of the five below and the five above
    beyond = np.full(DONORS, np.inf)
    distance = np.abs(np.concatenate([beyond, values, beyond])[window] - wanted)
    close = np.argpartition(np.ascontiguousarray(distance.T), DONORS - 1, axis=1)[:, :DONORS]
    chosen = after - DONORS + close[np.arange(len(wanted)), rng.integers(DONORS, size=len(wanted))]
    tied = last - first > DONORS
    chosen[tied] = rng.integers(first[tied], last[tied])
    return shuffled[order[chosen]]
