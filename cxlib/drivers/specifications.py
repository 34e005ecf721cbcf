"""Would another reasonable analyst find the same? Each finding over a grid of specifications."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import numpy as np

from cxlib.drivers.adjusting import SPARE_PEOPLE
from cxlib.drivers.survey import Survey
from cxlib.stats.adjusted import partial_correlations
from cxlib.stats.association import fisher_p
from cxlib.stats.matrices import nearest_correlation
from cxlib.stats.rank import correlations, kendall_null_error
from cxlib.stats.tables import Tables, cross_tables

METHODS = ("spearman", "pearson", "kendall")
CODINGS = ("as_answered", "top_box", "three_groups")
TOP_BOX = 1 / 8  # of the scale's length: 9-10 of 0-10, 5 of 1-5
MIDDLE_BOX = 3 / 8  # 7-8 of 0-10, 4 of 1-5


def count_standing(
    versions: list[Survey],
    used: np.ndarray,
    sign: np.ndarray,
    inflation: np.ndarray,
    alpha: float,
    tick: Callable[[float], None],
) -> tuple[np.ndarray, np.ndarray]:
    """In how many ways of looking each association stands.

    Parameters
    ----------
    versions : list of Survey
        The survey under each choice of rows and weights.
    used : boolean array of shape (factors, outcomes)
        Which factors are held against each other for each outcome.
    sign : array of shape (factors, outcomes)
        Sign of the association reported.
    inflation : array of shape (factors, outcomes)
        Of the variance by units and weights, see `Pairs`.
    alpha : float
        Level of each test.
    tick : function
        Called with the part done, 0-1.

    Returns
    -------
    stands, of : integer arrays of shape (factors, outcomes)
        `of` counts the ways in which the association could be computed.

    Notes
    -----
    Ways: rows and weights (`versions`) x missing answers left out pair by pair or person by person x outcome as
    answered, top box or three groups x Spearman, Pearson or Kendall. One stands when the association has the reported
    sign and p < alpha, and the association given the other factors has that sign too.
    """
    stands, of = np.zeros(sign.shape, dtype=int), np.zeros(sign.shape, dtype=int)
    done, total = 0, len(versions) * sign.shape[1]
    for version, outcome in product(versions, range(sign.shape[1])):
        done += 1
        chosen = np.flatnonzero(used[:, outcome])
        if not len(chosen):
            continue
        name = version.outcomes[outcome]
        part = version.of([*(version.factors[i] for i in chosen), name])
        for whole in (True, False):
            here = part if whole else part.complete()
            if here.rows < version.settings.min_pairs or here.rows < len(chosen) + 2 + SPARE_PEOPLE:
                continue
            tables = cross_tables(here.coded, weights=here.weights)
            for coded, method in product(_codings(tables, name, version.scales[name]), METHODS):
                found = _one_way(coded, method, inflation[chosen, outcome], version.settings.min_pairs)
                if found is None:
                    continue
                estimate, p, adjusted = found
                made = np.isfinite(estimate) & np.isfinite(p) & np.isfinite(adjusted)
                of[chosen, outcome] += made
                same = (np.sign(estimate) == sign[chosen, outcome]) & (np.sign(adjusted) == sign[chosen, outcome])
                stands[chosen, outcome] += made & same & (np.where(made, p, 1.0) < alpha)
        tick(done / total)
    return stands, of


def box_codings(levels: np.ndarray, scale: tuple[float, float]) -> dict[str, dict[float, float]]:
    """How the outcome's answers are put together under each coding.

    Examples
    --------
    >>> codings = box_codings(np.arange(11.0), (0, 10))
    >>> [int(codings["three_groups"][answer]) for answer in range(11)]
    [0, 0, 0, 0, 0, 0, 0, 1, 1, 2, 2]
    """
    length = scale[1] - scale[0]
    top = levels >= scale[1] - TOP_BOX * length
    middle = levels >= scale[1] - MIDDLE_BOX * length
    three = top.astype(float) + middle
    return {
        "as_answered": {float(level): float(level) for level in levels},
        "top_box": dict(zip(levels.tolist(), top.astype(float).tolist(), strict=True)),
        "three_groups": dict(zip(levels.tolist(), three.tolist(), strict=True)),
    }


def _codings(tables: Tables, outcome: str, scale: tuple[float, float]) -> list[Tables]:
    """The tables under each coding that differs from the others."""
    levels = tables.levels[tables.names.index(outcome)]
    if len(levels) < 3:
        return [tables]
    codings = box_codings(levels, scale)
    return [tables if coding == "as_answered" else tables.recode(outcome, codings[coding]) for coding in CODINGS]


def _one_way(
    tables: Tables, method: str, inflation: np.ndarray, min_pairs: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray] | None:
    """Association of each factor with the outcome (last), its p, and the association given the others."""
    matrix = correlations(tables, method)
    if np.isnan(matrix).any() or tables.pairs.min() < min_pairs:
        return None
    estimate, n = matrix[:-1, -1], tables.pairs[:-1, -1]
    if method == "kendall":
        # under no association; tau's own scale is kept, so z is tau / error and tanh stays out of it
        error = np.array(
            [kendall_null_error(tables.block(name, tables.names[-1]), n[i]) for i, name in enumerate(tables.names[:-1])]
        )
        p = fisher_p(np.tanh(estimate), error * np.sqrt(inflation))
    else:
        extra = estimate**2 / 2 if method == "spearman" else 0.0
        p = fisher_p(estimate, np.sqrt((1 + extra) / (n - 3)) * np.sqrt(inflation))
    return estimate, p, partial_correlations(nearest_correlation(matrix)[0])
