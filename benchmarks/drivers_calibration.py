"""Do the tests of differences between groups, and the bar for a common mood, keep their promise? Writes
docs/calibration_drivers.md.

    python benchmarks/drivers_calibration.py [--surveys 1000] [--mood-surveys 60] [--seed 20260101]
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import norm

from cxlib.drivers.adjusting import hold_together
from cxlib.drivers.pairs import associate
from cxlib.drivers.parts import parts_of
from cxlib.drivers.survey import Settings, Survey
from cxlib.drivers.whom import groups_table
from cxlib.stats.association import bonett_wright_error, resampled_error
from cxlib.stats.differing import unit_difference
from cxlib.stats.heterogeneity import heterogeneity
from cxlib.stats.multiplicity import false_discovery
from cxlib.stats.rank import correlations, resampled_correlations
from cxlib.stats.resampling import MIN_CLUSTERS, bootstrap_draws
from cxlib.stats.tables import cross_tables

DOCUMENT = Path(__file__).resolve().parent.parent / "docs" / "calibration_drivers.md"
MARKS = {
    name: (f"<!-- {name}: begin -->", f"<!-- {name}: end -->") for name in ("one_test", "whole_survey", "common_mood")
}
FIVE, ELEVEN = (0.05, 0.08, 0.17, 0.35, 0.35), (0.03, 0.02, 0.03, 0.04, 0.05, 0.08, 0.1, 0.15, 0.2, 0.15, 0.1)
RHO, STORE_SHARE, RESAMPLES = 0.45, 0.1, 200
CUTS = {
    "stores in 2 groups": lambda store, stores, rng: (store >= stores // 2).astype(int),
    "stores in 4 unequal groups": lambda store, stores, rng: np.searchsorted(
        [stores * 0.25, stores * 0.4, stores * 0.8], store, side="right"
    ),
    "3 groups in every store": lambda store, stores, rng: rng.choice(3, len(store), p=[0.6, 0.3, 0.1]),
}


def answers_in(values: np.ndarray, shares: tuple[float, ...]) -> np.ndarray:
    """Normal variables cut to answers with these shares."""
    return np.searchsorted(norm.ppf(np.cumsum(shares)[:-1]), values).astype(float)


def stores_of(rng: np.random.Generator, n: int, stores: int) -> np.ndarray:
    """Store of each person; stores differ in size."""
    return np.repeat(np.arange(stores), rng.multinomial(n, rng.dirichlet(np.full(stores, 6.0))))


def one_test(surveys: int, seed: int) -> list[str]:
    """How often one test of a difference rejects when there is none."""
    lines = [
        "| stores | groups | association varies by store | chi-square: p < .05, < .002 | used here: p < .05, < .002 |",
        "|---|---|---|---|---|",
    ]
    for spread in (0.0, 0.1):
        for stores in (12, 24, 60):
            for number, (name, cut) in enumerate(CUTS.items()):
                rng = np.random.default_rng([seed, stores, number, int(10 * spread)])
                found = np.array([_one_difference(rng, stores, cut, spread) for _ in range(surveys)])
                shown = [
                    f"{100 * (found[:, i] < 0.05).mean():.1f}, {100 * (found[:, i] < 0.002).mean():.1f} %"
                    for i in (0, 1)
                ]
                lines.append(f"| {stores} | {name} | {'sd .1' if spread else 'no'} | {shown[0]} | {shown[1]} |")
    return lines


def _one_difference(rng: np.random.Generator, stores: int, cut, spread: float) -> tuple[float, float]:
    store = stores_of(rng, 2400, stores)
    r = np.clip(RHO + spread * rng.standard_normal(stores), -0.9, 0.9)[store]
    own = rng.standard_normal((2, len(store)))
    shared = rng.multivariate_normal([0, 0], [[1, RHO], [RHO, 1]], size=stores)[store].T
    both = np.sqrt(1 - STORE_SHARE) * np.array([own[0], r * own[0] + np.sqrt(1 - r**2) * own[1]])
    both += np.sqrt(STORE_SHARE) * shared
    x, y = answers_in(both[0], FIVE), answers_in(both[1], ELEVEN)
    level = cut(store, stores, rng)
    estimates, without, people, plain, errors = [], [], [], [], []
    for group in np.unique(level):
        chosen = level == group
        tables = cross_tables({"x": x[chosen], "y": y[chosen]}, groups=store[chosen], n_groups=stores)
        estimates.append(correlations(tables)[0, 1])
        all_but_one = 1 - np.eye(stores, dtype=np.int32)
        without.append(resampled_correlations(tables, all_but_one, pairs=[(0, 1)])[:, 0, 1])
        people.append(np.bincount(store[chosen], minlength=stores))
        plain.append(float(bonett_wright_error(estimates[-1], chosen.sum())))
        inside = np.flatnonzero(people[-1])
        draws = np.zeros((RESAMPLES, stores), dtype=int)
        draws[:, inside] = bootstrap_draws(len(inside), RESAMPLES, seed=1)
        drawn = resampled_correlations(tables, draws, pairs=[(0, 1)])[:, 0, 1]
        errors.append(float(resampled_error(drawn, len(inside))) if len(inside) >= MIN_CLUSTERS else plain[-1])
    old = heterogeneity(estimates, errors=errors).p
    new = unit_difference(np.array(estimates), np.array(without).T, np.array(people).T, np.array(plain))
    return old, new.p


def survey_from(frame: pd.DataFrame, factors: int, units: np.ndarray | None, outcomes: tuple[str, ...]) -> Survey:
    """A survey of five-point factors f0, f1, ... and 0-10 outcomes."""
    names = tuple(f"f{i}" for i in range(factors))
    scales = dict.fromkeys(names, (1.0, 5.0)) | dict.fromkeys(outcomes, (0.0, 10.0))
    settings = Settings(0.05, 0.95, RESAMPLES, 1, 30)
    return Survey(frame, names, outcomes, scales, None, units, frozenset(), settings)


def whole_survey(surveys: int, seed: int) -> list[str]:
    """In how many surveys without any difference at least one is claimed at q < .05."""
    lines = ["| stores | tests a survey | surveys with a false claim, chi-square | used here |", "|---|---|---|---|"]
    factors, outcomes = 12, ("referral", "loyalty")
    for stores in (12, 24, 60):
        rng, claims = np.random.default_rng([seed, stores]), np.zeros(2)
        for _ in range(surveys):
            store = stores_of(rng, 1500, stores)
            mood, lasting = rng.standard_normal((1500, 1)), rng.standard_normal((stores, factors + 2))[store]
            ratings = np.sqrt(0.5) * mood + np.sqrt(0.5) * rng.standard_normal((1500, factors))
            both = 0.3 * ratings[:, :4].sum(axis=1, keepdims=True) + rng.standard_normal((1500, 2))
            values = np.sqrt(0.9) * np.column_stack([ratings, both / both.std(axis=0)]) + np.sqrt(0.1) * lasting
            frame = pd.DataFrame(
                {f"f{i}": 1 + answers_in(values[:, i], FIVE) for i in range(factors)}
                | {name: answers_in(values[:, factors + i], ELEVEN) for i, name in enumerate(outcomes)}
            )
            survey = survey_from(frame, factors, np.array([f"s{i:02}" for i in store], dtype=object), outcomes)
            columns = pd.DataFrame(
                {name[:8]: cut(store, stores, rng).astype(str) for name, cut in list(CUTS.items())[1:]}
            )
            whole = associate(survey)
            parts = parts_of(survey, whole, columns, lambda part: None)
            table = groups_table(survey, whole, parts)
            old = [
                heterogeneity(
                    [part.pairs.estimate[f, o] for part in parts if part.segment == name],
                    errors=[part.pairs.error[f, o] for part in parts if part.segment == name],
                ).p
                for name in columns
                for f in range(factors)
                for o in range(2)
            ]
            claims += [(false_discovery(old) < 0.05).any(), (table["q"] < 0.05).any()]
        share = 100 * claims / surveys
        lines.append(f"| {stores} | {2 * 2 * factors} | {share[0]:.0f} % | {share[1]:.0f} % |")
    return lines


def common_mood(surveys: int, seed: int) -> list[str]:
    """How often factors without and with an own part in the outcome are said to matter, without and with the bar."""
    lines = [
        "| halo | mood's own path | factors that count | n | useless ones said to matter: without, with the bar "
        "| counting ones said to matter: without, with |",
        "|---|---|---|---|---|---|",
    ]
    factors = 10
    for halo in (0.0, 0.3, 0.5, 0.7):
        for mood, count in ((0.6, 0), (0.6, 3), (0.0, 3), (0.0, 6), (0.0, 8)):
            if mood and not halo:
                continue
            for n in (300, 1000, 3000, 13000):
                said, asked = np.zeros((2, 2)), np.zeros(2)
                for number in range(surveys):
                    rng = np.random.default_rng([seed, number, n, int(10 * halo)])
                    survey = _mood_survey(rng, n, halo, mood, count, factors)
                    counts = np.arange(factors) < count
                    for row, chosen in enumerate((~counts, counts)):
                        said[row] += [matter[chosen].sum() for matter in _matters(survey)]
                        asked[row] += chosen.sum()
                share = [
                    ", ".join(f"{100 * value / total:.1f}" for value in row) + " %" if total else ""
                    for row, total in zip(said, asked, strict=True)
                ]
                lines.append(f"| {halo} | {mood} | {count} of {factors} | {n} | {share[0]} | {share[1]} |")
    return lines


def _mood_survey(rng: np.random.Generator, n: int, halo: float, mood: float, count: int, factors: int) -> Survey:
    felt = rng.standard_normal((n, 1))
    ratings = np.sqrt(halo) * felt + np.sqrt(1 - halo) * rng.standard_normal((n, factors))
    ratings = np.clip(np.rint(3.6 + 1.1 * ratings), 1, 5)
    outcome = mood * felt[:, 0] + 0.25 * ratings[:, :count].sum(axis=1) + rng.standard_normal(n)
    outcome = 7 + 2.2 * (outcome - outcome.mean()) / outcome.std()
    frame = pd.DataFrame(ratings, columns=[f"f{i}" for i in range(factors)])
    frame["referral"] = np.clip(np.rint(outcome), 0, 10)
    return survey_from(frame, factors, None, ("referral",))


def _matters(survey: Survey) -> tuple[np.ndarray, np.ndarray]:
    whole = associate(survey)
    one = hold_together(survey, whole, 0)
    sure = (false_discovery(whole.p)[:, 0] < 0.05) & (false_discovery(one.p) < 0.05)
    sure &= (np.sign(one.estimate) == np.sign(whole.estimate[:, 0])) & (one.share_low > one.noise_high)
    beyond = np.minimum(np.abs(one.low), np.abs(one.high))
    return sure, sure & ~(beyond <= one.halo_high)


def main() -> None:
    """Run the simulations and put their tables into the document."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--surveys", type=int, default=1000, help="simulated surveys behind each line on differences")
    parser.add_argument("--mood-surveys", type=int, default=60, help="simulated surveys behind each line on the mood")
    parser.add_argument("--seed", type=int, default=20260101)
    parser.add_argument("--only", choices=sorted(MARKS), help="one of the tables")
    chosen = parser.parse_args()
    made = {
        "one_test": lambda: one_test(chosen.surveys, chosen.seed),
        "whole_survey": lambda: whole_survey(chosen.surveys // 5, chosen.seed),
        "common_mood": lambda: common_mood(chosen.mood_surveys, chosen.seed),
    }
    counts = {"one_test": chosen.surveys, "whole_survey": chosen.surveys // 5, "common_mood": chosen.mood_surveys}
    for name, make in made.items():
        if chosen.only not in (None, name):
            continue
        body = [f"{counts[name]} simulated surveys a line, seed {chosen.seed}.", "", *make()]
        text = DOCUMENT.read_text(encoding="utf-8")
        begin, end = MARKS[name]
        before, rest = text.split(begin)
        after = rest.split(end)[1]
        DOCUMENT.write_text(before + begin + "\n" + "\n".join(body) + "\n" + end + after, encoding="utf-8")
        print("\n".join(body))


if __name__ == "__main__":
    main()
