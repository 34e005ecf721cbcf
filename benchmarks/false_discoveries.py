"""How many factors without an effect of their own are called found? A part of benchmarks/calibration.py.

Ten factors and two outcomes; an effect goes out from the answers of one factor to each outcome, while all ratings share
a halo. A factor without an effect has none given the others, so its adjusted association is nil; its plain one is not.
"""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
from simulated import ELEVEN, FIVE, Plan, as_survey, cut, leave_gaps, normal, some_stores

from cxlib.drivers.adjusting import hold_together
from cxlib.drivers.pairs import associate
from cxlib.stats.families import adjust
from cxlib.stats.multiplicity import false_discovery

LIMIT = 0.05
KINDS = {
    "none": "no factor has an effect",
    "one": "one factor has, by its marks",
    "felt": "one factor has, by what is felt behind its marks",
    "mood": "none has, but the mood behind all ratings moves the outcome too",
}
# in the first two the null holds exactly; in the others only nearly, and they are simulated less
TURNS = ("none", "one", "felt", "none", "one", "none", "one", "mood", "none", "one")
SIZES, HALOS = (100, 300, 1000, 3000), (0.0, 0.35, 0.7)
SITUATIONS = ("plain", "gaps", "stores", "gaps and stores")
FACTORS, EFFECT, OUTCOME_LINK = 10, 0.4, 0.5
RESAMPLES = 200


def null_survey(number: int, seed: int) -> dict[str, object]:
    """One survey of ten factors and two outcomes, and what the factor test says of it."""
    cases = list(itertools.product(SIZES, HALOS, SITUATIONS))
    kind = TURNS[number % len(TURNS)]
    n, halo, design = cases[number // len(TURNS) % len(cases)]
    rng = np.random.default_rng([seed, 1, number])
    stores = some_stores(n) if "stores" in design else None
    shares = tuple(FIVE[j % len(FIVE)] for j in range(FACTORS))
    plan = Plan(np.eye(FACTORS + 2), (*shares, ELEVEN, FIVE[0]), outcomes=2)
    mood = normal(rng, n, 1, stores)
    felt = np.sqrt(halo) * mood + np.sqrt(1 - halo) * normal(rng, n, FACTORS, stores)
    marks = cut(felt, shares)
    leaders = np.array([1, 2])
    noise = normal(rng, n, 2, stores) @ np.linalg.cholesky([[1, OUTCOME_LINK], [OUTCOME_LINK, 1]]).T
    signal = {
        "none": np.zeros((n, 2)),
        "one": rank_scores(marks[:, leaders], [shares[j] for j in leaders]),
        "felt": felt[:, leaders],
        "mood": np.repeat(mood, 2, axis=1),
    }[kind]
    strength = EFFECT if kind != "none" else 0.0
    outcome = cut(strength * signal + np.sqrt(1 - strength**2) * noise, plan.shares[FACTORS:])
    answers = np.column_stack([marks, outcome])
    if "gaps" in design:
        answers = leave_gaps(rng, answers, 2, at_random=True)
    survey = as_survey(plan, answers, stores=stores, resamples=RESAMPLES, seed=number)
    pairs = associate(survey)
    together = [hold_together(survey, pairs, outcome) for outcome in range(2)]
    adjusted, adjusted_p = (np.column_stack([getattr(one, part) for one in together]) for part in ("estimate", "p"))
    same = np.sign(pairs.estimate) == np.sign(adjusted)
    true = np.zeros((FACTORS, 2), dtype=bool)
    if kind in ("one", "felt"):
        true[leaders, [0, 1]] = True
    rules = {
        "raw": adjusted_p < LIMIT,
        "E1": (false_discovery(pairs.p) < LIMIT) & (false_discovery(adjusted_p) < LIMIT) & same,
        "Holm": (adjust(pairs.p, "holm") < LIMIT) & (adjust(adjusted_p, "holm") < LIMIT) & same,
    }
    above = [
        (one.share_low > one.noise_high) & ~(np.minimum(abs(one.low), abs(one.high)) <= one.halo_high)
        for one in together
    ]
    rules["matters"] = rules["E1"] & np.column_stack(above)
    row: dict[str, object] = {"kind": kind, "n": n, "halo": halo, "design": design}
    for rule, found in rules.items():
        row |= {f"{rule} false": int((found & ~true).sum()), f"{rule} all": int(found.sum())}
        row[f"{rule} true"] = int((found & true).sum())
    return row


def rank_scores(marks: np.ndarray, shares: list[tuple[float, ...]]) -> np.ndarray:
    """Marks as population midranks of mean 0 and variance 1: what a rank correlation is linear in."""
    columns = []
    for j, share in enumerate(shares):
        rank = np.cumsum(share) - np.asarray(share) / 2 - 0.5
        columns.append(rank[marks[:, j].astype(int)] / np.sqrt(np.average(rank**2, weights=share)))
    return np.column_stack(columns)


def null_tables(found: pd.DataFrame) -> list[str]:
    """False discovery and family-wise rates, by kind and by condition."""
    lines = [
        '| what is true | surveys | FDR of grade E1, % | FDR of "matters", % | any false Holm claim, % | '
        "single tests below .05, % | leading factor found (E1), % |",
        "|---|--:|--:|--:|--:|--:|--:|",
    ]
    for kind, text in KINDS.items():
        lines.append(f"| {text} | {_null_line(found[found['kind'] == kind], kind)} |")
    strict = found[found["kind"].isin(["none", "one"])]
    lines += ["", "The first two lines by condition:", ""]
    lines += [
        '| condition | surveys | FDR of grade E1, % | FDR of "matters", % | any false Holm claim, % | '
        "single tests below .05, % |",
        "|---|--:|--:|--:|--:|--:|",
    ]
    for column, label in (("n", "n = {}"), ("halo", "halo {}"), ("design", "{}")):
        for value in strict[column].unique():
            part = strict[strict[column] == value]
            lines.append(f"| {label.format(value)} | {_null_line(part, '')} |")
    return lines


def _null_line(part: pd.DataFrame, kind: str) -> str:
    def rate(rule: str) -> float:
        return 100 * (part[f"{rule} false"] / part[f"{rule} all"].clip(lower=1)).mean()

    families = (part["Holm false"] > 0).mean() * 100
    nulls = 2 * FACTORS - 2 * part["kind"].isin(["one", "felt"])
    single = 100 * part["raw false"].sum() / nulls.sum()
    cells = [f"{len(part):,}", f"{rate('E1'):.1f}", f"{rate('matters'):.1f}", f"{families:.1f}", f"{single:.1f}"]
    if kind:
        cells.append(f"{100 * part['E1 true'].sum() / (2 * len(part)):.0f}" if kind in ("one", "felt") else "")
    return " | ".join(cells)
