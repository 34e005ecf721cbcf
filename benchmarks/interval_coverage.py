"""How often do the 95 % intervals hold the truth? A part of benchmarks/calibration.py.

People's leanings are normal and cut into answers, so that the truth of every statistic follows from exact
probabilities: rank correlations, partial ones, shares of R2 and contrasts need the tables of pairs only.
"""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pingouin
from simulated import (
    DESIGNS,
    GAPS,
    STORE_SHARE,
    Plan,
    as_survey,
    halo_plan,
    leave_gaps,
    some_stores,
    some_weights,
)  # fmt: skip

from cxlib.drivers.adjusting import hold_together
from cxlib.drivers.importances import BCA_FROM
from cxlib.drivers.pairs import associate
from cxlib.drivers.survey import Survey
from cxlib.stats.adjusted import partial_correlations
from cxlib.stats.association import bonett_wright_error, fisher_interval, resampled_error
from cxlib.stats.dominance import bca_interval
from cxlib.stats.importance import shapley_shares
from cxlib.stats.matrices import nearest_correlation
from cxlib.stats.ordinal import ordinal_association, stack_pairs
from cxlib.stats.polychoric import polychoric
from cxlib.stats.rank import correlations, resampled_correlations
from cxlib.stats.resampling import bootstrap_draws, expanded_confidence
from cxlib.stats.shape import penalty_reward, rating_thirds
from cxlib.stats.tables import Tables, cross_tables

SIZES, HALOS = (200, 1000, 3000), (0.0, 0.35, 0.7)
EFFECTS = (0.35, 0.2, 0.1)  # of the first factors; the others have none
FACTORS, RESAMPLES = 6, 800

PAIR_SHARES = {"even": (0.1, 0.2, 0.4, 0.2, 0.1), "skewed": (0.05, 0.08, 0.17, 0.35, 0.35)}
PAIR_RHOS, PAIR_SIZES = (0.0, 0.5, 0.9), (50, 200, 1000)
STORES, STORE_PEOPLE, STORE_RESAMPLES = (12, 24, 60), 25, 500


def pair_plan(rho: float, shares: tuple[float, ...]) -> Plan:
    """Two questions of the same scale."""
    return Plan(np.array([[1.0, rho], [rho, 1.0]]), (shares, shares))


def pair_lines(surveys: int, seed: int) -> list[str]:
    """One pair of questions, people drawn one by one: pingouin's interval and the one used here."""
    lines = ["| answers | rho | n | true r | pingouin, % | used here, % |", "|---|--:|--:|--:|--:|--:|"]
    for (name, shares), rho, n in itertools.product(PAIR_SHARES.items(), PAIR_RHOS, PAIR_SIZES):
        chances = pair_plan(rho, shares).chances().block("f0", "y0")
        truth = float(ordinal_association(chances * 1e9, "spearman").estimate)
        rng = np.random.default_rng([seed, 4, list(PAIR_SHARES).index(name), round(10 * rho), n])
        counts = rng.multinomial(n, (chances / chances.sum()).ravel(), size=surveys).reshape(-1, *chances.shape)
        r = ordinal_association(counts, "spearman").estimate
        theirs = np.array([pingouin.compute_esci(one, nx=n, ny=n, eftype="r", decimals=8) for one in r])
        low, high = fisher_interval(r, bonett_wright_error(r, n))
        held = [100 * np.mean((a <= truth) & (truth <= b)) for a, b in ((theirs[:, 0], theirs[:, 1]), (low, high))]
        lines.append(f"| {name} | {rho:.1f} | {n} | {abs(truth):.3f} | {held[0]:.1f} | {held[1]:.1f} |")
    return lines


def store_cases() -> list[tuple[int, float]]:
    """Number of stores, and correlation, of every line."""
    return list(itertools.product(STORES, (0.0, 0.5)))


def store_survey(number: int, seed: int) -> tuple[int, float, bool, bool]:
    """Stores, rho, and whether the interval for independent people and that of resampled stores hold the truth."""
    cases = store_cases()
    count, rho = cases[number % len(cases)]
    plan = pair_plan(rho, PAIR_SHARES["skewed"])
    truth = float(correlations(plan.chances())[0, 1])
    store = np.repeat(np.arange(count), STORE_PEOPLE)
    x, y = plan.answers(np.random.default_rng([seed, 5, number]), len(store), store).T
    tables = cross_tables({"x": x, "y": y}, groups=store, n_groups=count)
    r = correlations(tables)[0, 1]
    draws = bootstrap_draws(count, STORE_RESAMPLES, seed=number)
    error = resampled_error(resampled_correlations(tables, draws, pairs=[(0, 1)])[:, 0, 1], count)
    ends = (
        fisher_interval(r, bonett_wright_error(r, len(store))),
        fisher_interval(r, error, df=count - 1),
    )
    return count, rho, *(bool(low <= truth <= high) for low, high in ends)


def store_lines(found: list[tuple[int, float, bool, bool]]) -> list[str]:
    """Coverage when people of a store answer alike."""
    lines = [
        f"People of a store answering alike ({STORE_SHARE:.0%} of the variance lies between stores), {STORE_PEOPLE} a "
        f"store, {len(found) // len(store_cases()):,} surveys a line:",
        "",
        "| stores | rho | taken as independent, % | stores resampled, % |",
        "|--:|--:|--:|--:|",
    ]
    for count, rho in store_cases():
        held = np.array([one[2:] for one in found if one[:2] == (count, rho)])
        lines.append(f"| {count} | {rho:.1f} | {100 * held[:, 0].mean():.1f} | {100 * held[:, 1].mean():.1f} |")
    return lines


def coverage_cases() -> list[tuple[int, float, str]]:
    """n, halo and design of every line."""
    return list(itertools.product(SIZES, HALOS, DESIGNS))


def coverage_survey(number: int, seed: int) -> list[tuple[str, int, float, str, bool]]:
    """Which intervals of one survey hold the truth: method, n, halo, design, held."""
    cases = coverage_cases()
    n, halo, design = cases[number % len(cases)]
    rng = np.random.default_rng([seed, 2, number])
    plan = halo_plan(FACTORS, halo, EFFECTS)
    truth = _truth(plan, GAPS if design == "gaps" else 0.0)
    stores = some_stores(n) if design == "stores" else None
    answers = plan.answers(rng, n, stores)
    if design == "gaps":
        answers = leave_gaps(rng, answers, 1, at_random=False)
    weights = some_weights(rng, n) if design == "weights" else None
    survey = as_survey(plan, answers, stores=stores, weights=weights, resamples=RESAMPLES, seed=number)
    held: list[tuple[str, int, float, str, bool]] = []

    def judge(method: str, low: np.ndarray, high: np.ndarray, true: np.ndarray) -> None:
        inside = (low <= true) & (true <= high)
        held.extend((method, n, halo, design, bool(value)) for value in inside[np.isfinite(low)])

    pairs = associate(survey)
    judge("Spearman", pairs.low[:, 0], pairs.high[:, 0], truth["Spearman"])
    one = hold_together(survey, pairs, 0)
    judge("partial Spearman", one.low, one.high, truth["partial Spearman"])
    some = truth["share"] > 1e-9  # a share of exactly 0 lies on the border: no interval of shares can reach below it
    judge("share of R2, percentile", one.share_low[some], one.share_high[some], truth["share"][some])
    if n >= BCA_FROM:
        low, high = bca_shares(survey)
        judge("share of R2, BCa", low[some], high[some], truth["share"][some])
    shapes = penalty_reward(
        answers[:, -1], answers[:, :-1], [survey.scales[name] for name in survey.factors], weights=weights,
        clusters=survey.groups.index if survey.groups.clustered else None,
    )  # fmt: skip
    for part in ("penalty", "reward"):
        ends = np.array([[getattr(shape, f"{part}_{end}") for shape in shapes] for end in ("low", "high")])
        judge("penalty and reward", ends[0], ends[1], truth[part])
    if design != "stores":  # these forms know no stores; the whole survey's Spearman does
        names = [(factor, "y0") for factor in survey.factors]
        _, counts, _, effective = stack_pairs(survey.tables, names)
        n_effective = effective if weights is not None else None
        for method, label in (("kendall", "Kendall"), ("somers", "Somers' D")):
            found = ordinal_association(counts, method, n_effective=n_effective)
            judge(label, found.low, found.high, truth[label])
        found = polychoric(counts, n_effective=n_effective)
        judge("polychoric", found.low, found.high, plan.latent[:-1, -1])
    return held


def bca_shares(survey: Survey) -> tuple[np.ndarray, np.ndarray]:
    """BCa intervals of the shares, as importance.csv shows them."""
    count = survey.groups.count
    left_out = resampled_correlations(survey.group_tables, np.concatenate([np.ones((1, count)), 1 - np.eye(count)]))
    parts = [left_out[:1], survey.resamples, left_out[1:]]
    whole, resamples, jackknife = (shapley_shares(nearest_correlation(part)[0]).relative for part in parts)
    confidence = expanded_confidence(survey.settings.confidence, count)
    return bca_interval(whole[0], resamples, jackknife, confidence=confidence)


_TRUTHS: dict[tuple[bytes, float], dict[str, np.ndarray]] = {}


def _truth(plan: Plan, gaps: float) -> dict[str, np.ndarray]:
    """Every statistic's value in the population, from exact probabilities."""
    key = (plan.latent.tobytes(), gaps)
    if key not in _TRUTHS:
        chances = plan.chances()
        matrix = correlations(chances)
        names = [(f"f{j}", "y0") for j in range(len(matrix) - 1)]
        counts = stack_pairs(chances, names)[1] * 1e9
        penalty, reward = _true_contrasts(chances, gaps)
        _TRUTHS[key] = {
            "Spearman": matrix[:-1, -1],
            "partial Spearman": partial_correlations(matrix),
            "share": shapley_shares(matrix).relative,
            "Kendall": ordinal_association(counts, "kendall").estimate,
            "Somers' D": ordinal_association(counts, "somers").estimate,
            "penalty": penalty,
            "reward": reward,
        }
    return _TRUTHS[key]


def _true_contrasts(chances: Tables, gaps: float) -> tuple[np.ndarray, np.ndarray]:
    """Population least squares of the outcome on low, high and (with gaps) missing marks of every factor.

    Needs second moments only, which the tables of pairs hold.
    """
    factors = len(chances.names) - 1
    marks = []  # of each factor: levels x (low, high)
    for level in chances.levels[:-1]:
        low, high, _ = rating_thirds(level, (level[0], level[-1]))
        marks.append(np.column_stack([low, high]).astype(float))
    there = 1 - gaps
    width = 3 if gaps else 2
    gram = np.zeros((1 + width * factors, 1 + width * factors))
    moment = np.zeros(len(gram))
    gram[0, 0] = 1.0
    y = chances.levels[-1]
    moment[0] = chances.block("y0", "y0").diagonal() @ y
    for j in range(factors):
        at = 1 + width * j
        share = chances.block(f"f{j}", f"f{j}").diagonal() @ marks[j]
        gram[0, at : at + 2] = gram[at : at + 2, 0] = there * share
        moment[at : at + 2] = there * (marks[j].T @ chances.block(f"f{j}", "y0") @ y)
        if gaps:
            gram[0, at + 2] = gram[at + 2, 0] = gram[at + 2, at + 2] = gaps
            moment[at + 2] = gaps * moment[0]
        for k in range(factors):
            to = 1 + width * k
            if j == k:
                gram[at : at + 2, at : at + 2] = there * np.diag(share)
                continue
            block = marks[j].T @ chances.block(f"f{j}", f"f{k}") @ marks[k]
            gram[at : at + 2, to : to + 2] = there**2 * block
            if gaps:
                gram[at : at + 2, to + 2] = gram[to + 2, at : at + 2] = there * gaps * share
                gram[at + 2, to + 2] = gaps**2
    beta = np.linalg.solve(gram, moment)[1:].reshape(factors, width)
    return beta[:, 0], beta[:, 1]


def coverage_tables(found: pd.DataFrame) -> list[str]:
    """Coverage of every method: in all, by design, by number of people and by halo."""
    columns = [("all", found)]
    columns += [(design, found[found["design"] == design]) for design in DESIGNS]
    columns += [(f"n = {n}", found[found["n"] == n]) for n in SIZES]
    columns += [(f"halo {halo}", found[found["halo"] == halo]) for halo in HALOS]
    lines = ["| method | intervals | " + " | ".join(head for head, _ in columns) + " |"]
    lines.append("|---|--:|" + "--:|" * len(columns))
    for method in found["method"].unique():
        held = [part.loc[part["method"] == method, "held"] for _, part in columns]
        cells = [f"{100 * one.mean():.1f}" if len(one) else "" for one in held]
        lines.append(f"| {method} | {len(held[0]):,} | " + " | ".join(cells) + " |")
    return lines
