"""How often does the planted leading factor come out first? A part of benchmarks/calibration.py.

Eight factors, of which four have an effect; scales, loadings on the halo and places are drawn anew for every survey.
"""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pingouin
from simulated import ELEVEN, FIVE, cut, leave_gaps

from cxlib.stats.adjusted import standardised_coefficients
from cxlib.stats.importance import relative_weights, shapley_shares
from cxlib.stats.matrices import nearest_correlation
from cxlib.stats.ordinal import stack_pairs
from cxlib.stats.polychoric import polychoric
from cxlib.stats.rank import correlations
from cxlib.stats.tables import Tables, cross_tables

SIZES, FACTORS, EFFECTS = (200, 500, 1000), 8, (0.30, 0.20, 0.15, 0.10)
HALOS = ((0.0, 0.0), (0.35, 0.2), (0.7, 0.0), (0.7, 0.2))  # mean, and how far single factors lie from it
ORDERS = {
    "here": "LMG shares of rank correlations (here)",
    "spearman": "Spearman alone",
    "coefficients": "regression coefficients",
    "pingouin": "pingouin's relative importance",
    "johnson": "Johnson's weights",
    "polychoric": "LMG shares of polychoric correlations",  # not what the factor test uses; shown for comparison
}


def leader_survey(number: int, seed: int) -> dict[str, object]:
    """Which way of ordering puts the planted leading factor first, in one survey."""
    cases = list(itertools.product(SIZES, HALOS, (False, True)))
    n, (halo, apart), gaps = cases[number % len(cases)]
    rng = np.random.default_rng([seed, 3, number])
    load = np.sqrt(np.clip(halo + apart * rng.uniform(-1, 1, FACTORS), 0, 0.95)) * (halo > 0)
    felt = load * rng.standard_normal((n, 1)) + np.sqrt(1 - load**2) * rng.standard_normal((n, FACTORS))
    effects = np.zeros(FACTORS)
    places = rng.permutation(FACTORS)
    effects[places[: len(EFFECTS)]] = EFFECTS
    among = np.outer(load, load)
    np.fill_diagonal(among, 1.0)
    rest = max(1 - effects @ among @ effects, 0.05)
    outcome = felt @ effects + np.sqrt(rest) * rng.standard_normal(n)
    shares = (*(FIVE[kind] for kind in rng.integers(len(FIVE), size=FACTORS)), ELEVEN)
    answers = cut(np.column_stack([felt, outcome]), shares)
    if gaps:
        answers = leave_gaps(rng, answers, 1, at_random=False)
    frame = pd.DataFrame(answers, columns=[*(f"f{j}" for j in range(FACTORS)), "y"])
    tables = cross_tables(frame)
    ranks = nearest_correlation(correlations(tables))[0]
    complete = frame.dropna()
    plain = complete.corr().to_numpy()
    theirs = pingouin.linear_regression(complete.iloc[:, :-1], complete["y"], relimp=True)
    scores = {
        "here": shapley_shares(ranks).shares,
        "spearman": np.abs(ranks[:-1, -1]),
        "coefficients": np.abs(standardised_coefficients(plain)),
        "pingouin": theirs["relimp"].to_numpy()[1:],
        "johnson": relative_weights(plain).shares,
        "polychoric": shapley_shares(latent_correlations(tables)).shares,
    }
    row: dict[str, object] = {"n": n, "halo": f"{halo} +- {apart}" if apart else f"{halo}", "gaps": gaps}
    return row | {order: bool(score.argmax() == places[0]) for order, score in scores.items()}


def latent_correlations(tables: Tables) -> np.ndarray:
    """Polychoric correlations of all questions, as one matrix."""
    matrix = np.eye(len(tables.names))
    above = np.triu_indices(len(matrix), 1)  # the order in which stack_pairs lists the pairs
    matrix[above] = polychoric(stack_pairs(tables)[1]).estimate
    matrix.T[above] = matrix[above]
    return nearest_correlation(matrix)[0]


def leader_tables(found: pd.DataFrame) -> list[str]:
    """How often each way finds the leading factor."""
    heads = list(ORDERS.values())
    lines = ["| surveys | number | " + " | ".join(heads) + " |", "|---|--:|" + "--:|" * len(heads)]
    parts = [("all", found)]
    parts += [
        ("all answered" if not gaps else "a tenth missing", found[found["gaps"] == gaps]) for gaps in (False, True)
    ]
    differences = [
        f"| here less this way: {label} | {len(part):,} |  | "
        + " | ".join(_difference(part["here"], part[order]) for order in list(ORDERS)[1:])
        + " |"
        for label, part in parts
    ]
    parts += [(f"n = {n}", found[found["n"] == n]) for n in SIZES]
    parts += [(f"halo {halo}", found[found["halo"] == halo]) for halo in found["halo"].unique()]
    for gaps in (False, True):
        parts += [
            (f"halo {halo}, {'a tenth missing' if gaps else 'all answered'}",
             found[(found["halo"] == halo) & (found["gaps"] == gaps)])
            for halo in found["halo"].unique()
        ]  # fmt: skip
    for label, part in (one for one in parts if len(one[1])):
        cells = [f"{100 * part[order].mean():.1f}" for order in ORDERS]
        lines.append(f"| {label} | {len(part):,} | " + " | ".join(cells) + " |")
    return [*lines, *differences]


def _difference(here: pd.Series, other: pd.Series) -> str:
    """Points by which one way finds the leading factor more often, with the half width of its 95 % interval."""
    apart = here.astype(float) - other.astype(float)
    half = 196 * apart.std() / np.sqrt(len(apart)) if len(apart) > 1 else np.nan
    return f"{100 * apart.mean():+.1f} ± {half:.1f}"
