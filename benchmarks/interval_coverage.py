"""How often do the intervals hold the truth? Writes the table of docs/calibration.md.

    python benchmarks/interval_coverage.py [--surveys 4000] [--seed 20260101]

Answers come from a bivariate normal cut to the scale; the true rank correlation is computed from the exact
probabilities of every pair of answers. Both intervals see the same surveys.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pingouin
from scipy.stats import multivariate_normal, norm

from cxlib.stats.association import (
    bonett_wright_error,
    fisher_interval,
    resampled_error,
)
from cxlib.stats.rank import correlations, resampled_correlations
from cxlib.stats.resampling import bootstrap_draws
from cxlib.stats.tables import Tables, cross_tables

DOCUMENT = Path(__file__).resolve().parent.parent / "docs" / "calibration.md"
BEGIN, END = "<!-- interval_coverage: begin -->", "<!-- interval_coverage: end -->"
SHAPES = {"even": (0.1, 0.2, 0.4, 0.2, 0.1), "skewed": (0.05, 0.08, 0.17, 0.35, 0.35)}
RHOS, SIZES = (0.0, 0.5, 0.9), (50, 200, 1000)
STORES, STORE_SHARE = (12, 24, 60), 0.1  # number of stores; part of the variance that lies between them


def cuts(shares: tuple[float, ...]) -> np.ndarray:
    """Thresholds of a normal variable that give these shares of answers."""
    return norm.ppf(np.cumsum(shares)[:-1])


def true_correlation(rho: float, shares: tuple[float, ...]) -> float:
    """Spearman's correlation of the cut variables in the population."""
    edges = np.concatenate([[-8], cuts(shares), [8]])
    normal = multivariate_normal([0, 0], [[1, rho], [rho, 1]])
    below = np.array([[normal.cdf([a, b]) for b in edges] for a in edges])
    cells = np.clip(np.diff(np.diff(below, axis=0), axis=1), 0, None)
    size = len(shares)
    counts = np.zeros((1, 2 * size, 2 * size))
    counts[0, :size, size:] = cells
    counts[0, :size, :size], counts[0, size:, size:] = np.diag(cells.sum(axis=1)), np.diag(cells.sum(axis=0))
    levels = (np.arange(size, dtype=float),) * 2
    tables = Tables(("x", "y"), levels, counts, np.ones((2, 2), dtype=int), np.ones((2, 2)))
    return float(correlations(tables)[0, 1])


def draw(
    rng: np.random.Generator, rho: float, n: int, shares: tuple[float, ...], store: np.ndarray | None
) -> np.ndarray:
    """Answers of n people to two questions, as level numbers; with stores, both depend on the store."""
    both = rng.multivariate_normal([0, 0], [[1, rho], [rho, 1]], size=n)
    if store is not None:
        between = rng.multivariate_normal([0, 0], [[1, rho], [rho, 1]], size=store.max() + 1)
        both = np.sqrt(1 - STORE_SHARE) * both + np.sqrt(STORE_SHARE) * between[store]
    return np.searchsorted(cuts(shares), both)


def cover(truth: float, low: float, high: float) -> bool:
    """Does the interval hold the truth?"""
    return bool(low <= truth <= high)


def simple(surveys: int, seed: int) -> list[str]:
    """Coverage with people drawn one by one: pingouin's interval and the one used here."""
    lines = ["| answers | rho | n | true r | pingouin % | used here % |", "|---|---|---|---|---|---|"]
    for number, (name, shares) in enumerate(SHAPES.items()):
        for rho in RHOS:
            truth = true_correlation(rho, shares)
            for n in SIZES:
                rng = np.random.default_rng([seed, number, int(10 * rho), n])
                hits = np.zeros(2)
                for _ in range(surveys):
                    x, y = draw(rng, rho, n, shares, None).T
                    tables = cross_tables({"x": x, "y": y})
                    r = correlations(tables)[0, 1]
                    hits[0] += cover(truth, *pingouin.compute_esci(r, nx=n, ny=n, eftype="r", decimals=8))
                    hits[1] += cover(truth, *fisher_interval(r, bonett_wright_error(r, n)))
                share = 100 * hits / surveys
                lines.append(f"| {name} | {rho:.1f} | {n} | {abs(truth):.3f} | {share[0]:.1f} | {share[1]:.1f} |")
    return lines


def stores(surveys: int, seed: int) -> list[str]:
    """Coverage when people of a store answer alike: people taken as independent, and stores resampled."""
    lines = ["| stores | answers a store | rho | independent % | stores resampled % |", "|---|---|---|---|---|"]
    shares = SHAPES["skewed"]
    for count in STORES:
        for rho in (0.0, 0.5):
            truth, each = true_correlation(rho, shares), 25
            store = np.repeat(np.arange(count), each)
            draws = bootstrap_draws(count, 500, seed=seed)
            rng = np.random.default_rng([seed, count, int(10 * rho)])
            hits = np.zeros(2)
            for _ in range(surveys):
                x, y = draw(rng, rho, len(store), shares, store).T
                tables = cross_tables({"x": x, "y": y}, groups=store, n_groups=count)
                r = correlations(tables)[0, 1]
                error = resampled_error(resampled_correlations(tables, draws, pairs=[(0, 1)])[:, 0, 1], count)
                hits[0] += cover(truth, *fisher_interval(r, bonett_wright_error(r, len(store))))
                hits[1] += cover(truth, *fisher_interval(r, error, df=count - 1))
            share = 100 * hits / surveys
            lines.append(f"| {count} | {each} | {rho:.1f} | {share[0]:.1f} | {share[1]:.1f} |")
    return lines


def main() -> None:
    """Run both simulations and put their tables into the document."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--surveys", type=int, default=4000, help="simulated surveys behind each line")
    parser.add_argument("--seed", type=int, default=20260101)
    chosen = parser.parse_args()
    noise = 100 * 1.96 * np.sqrt(0.95 * 0.05 / chosen.surveys)
    body = [
        f"{chosen.surveys} simulated surveys a line, seed {chosen.seed}; chance moves a share by {noise:.1f} points.",
        "",
        *simple(chosen.surveys, chosen.seed),
        "",
        f"People of a store answering alike ({STORE_SHARE:.0%} of the variance lies between stores, "
        f"{chosen.surveys // 4} surveys a line):",
        "",
        *stores(chosen.surveys // 4, chosen.seed),
    ]
    text = DOCUMENT.read_text(encoding="utf-8")
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    DOCUMENT.write_text(before + BEGIN + "\n" + "\n".join(body) + "\n" + END + after, encoding="utf-8")
    print("\n".join(body))


if __name__ == "__main__":
    main()
