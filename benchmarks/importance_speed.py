"""How long do exact shares of R2 take, alone and with a bootstrap? Against pingouin's relative importance.

    python benchmarks/importance_speed.py

pingouin's `linear_regression(relimp=True)` fits every subset; the time of 2^p subsets is the same problem solved by one
sweep a factor. Prints times and ratios; nothing is written.
"""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter

import numpy as np
import pandas as pd
import pingouin

from cxlib.stats.importance import relative_weights, shapley_shares
from cxlib.stats.rank import resampled_correlations
from cxlib.stats.resampling import bootstrap_draws, resampling_groups
from cxlib.stats.tables import cross_tables

PEOPLE = 10_000
PINGOUIN_UP_TO = 12  # beyond, one run takes minutes


def survey(factors: int, people: int = PEOPLE, seed: int = 1) -> pd.DataFrame:
    """Five-point ratings with a halo and an outcome of 0-10, the outcome last."""
    rng = np.random.default_rng(seed)
    felt = 0.7 * rng.standard_normal((people, 1)) + 0.7 * rng.standard_normal((people, factors))
    ratings = np.clip(np.rint(3.4 + felt), 1, 5)
    outcome = np.clip(np.rint(ratings[:, :4].sum(axis=1) / 2 + 1.5 * rng.standard_normal(people)), 0, 10)
    return pd.DataFrame(np.column_stack([ratings, outcome]), columns=[*(f"f{i}" for i in range(factors)), "y"])


def seconds(work: Callable[[], object], times: int = 3) -> float:
    """Best of some runs."""
    taken = []
    for _ in range(times):
        begin = perf_counter()
        work()
        taken.append(perf_counter() - begin)
    return min(taken)


def main() -> None:
    """Print the tables."""
    print(f"Shares of R2, {PEOPLE:,} people, seconds")
    print(f"{'factors':>8}{'exact':>12}{'relative w.':>12}{'pingouin':>12}{'ratio':>10}{'largest gap':>14}")
    for factors in (8, 10, 12, 15, 18, 20):
        data = survey(factors)
        matrix = np.corrcoef(data.to_numpy().T)
        exact, johnson = seconds(lambda m=matrix: shapley_shares(m)), seconds(lambda m=matrix: relative_weights(m))
        line = f"{factors:>8}{exact:>12.5f}{johnson:>12.5f}"
        if factors <= PINGOUIN_UP_TO:
            x, y = data.iloc[:, :-1], data["y"]
            begin = perf_counter()
            theirs = pingouin.linear_regression(x, y, relimp=True)["relimp"].to_numpy()[1:]
            taken = perf_counter() - begin
            gap = np.abs(shapley_shares(matrix).shares - theirs).max()
            line += f"{taken:>12.3f}{taken / exact:>10,.0f}{gap:>14.1e}"
        print(line)

    print("\nWhole way at 12 factors: tables of resampled groups, 1,000 rank correlation matrices, 1,000 exact shares")
    data = survey(12)

    def bootstrap() -> None:
        groups = resampling_groups(PEOPLE, None, seed=1)
        tables = cross_tables(data, groups=groups.index, n_groups=groups.count)
        shapley_shares(resampled_correlations(tables, bootstrap_draws(groups.count, 1000, seed=1)))

    whole = seconds(bootstrap)
    begin = perf_counter()
    pingouin.linear_regression(data.iloc[:, :-1], data["y"], relimp=True)
    one = perf_counter() - begin
    print(f"here, 1,000 resamples: {whole:.2f} s; pingouin, one run without resamples: {one:.2f} s")


if __name__ == "__main__":
    main()
