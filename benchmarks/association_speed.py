"""How long do all pairwise rank correlations take? Against pingouin and pandas.

    python benchmarks/association_speed.py [--largest 1000000]

30 six-level questions, a tenth of the answers missing. Prints times, ratios, the largest difference and the peak
memory; nothing is written.
"""

from __future__ import annotations

import argparse
import tracemalloc
from time import perf_counter

import numpy as np
import pandas as pd
import pingouin

from cxlib.stats.rank import correlations
from cxlib.stats.tables import cross_tables

QUESTIONS, LEVELS = 30, 6
PINGOUIN_UP_TO, PANDAS_UP_TO = 10_000, 100_000  # beyond, one run takes minutes


def survey(people: int, seed: int = 1) -> pd.DataFrame:
    """Ratings with a halo and missing answers."""
    rng = np.random.default_rng(seed)
    felt = 0.6 * rng.standard_normal((people, 1)) + 0.8 * rng.standard_normal((people, QUESTIONS))
    ratings = np.clip(np.rint(3.8 + felt), 1, LEVELS)
    ratings[rng.random(ratings.shape) < 0.1] = np.nan
    return pd.DataFrame(ratings, columns=[f"q{i}" for i in range(QUESTIONS)])


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--largest", type=int, default=1_000_000)
    largest = parser.parse_args().largest
    print(f"All {QUESTIONS * (QUESTIONS - 1) // 2} rank correlations of {QUESTIONS} questions, seconds")
    print(f"{'people':>10}{'here':>10}{'pandas':>10}{'pingouin':>10}{'ratio':>8}{'largest gap':>13}{'peak MB':>9}")
    for people in (1_000, 10_000, 100_000, 1_000_000):
        if people > largest:
            break
        data = survey(people)
        begin = perf_counter()
        found = correlations(cross_tables(data))
        here = perf_counter() - begin
        tracemalloc.start()
        correlations(cross_tables(data))
        peak = tracemalloc.get_traced_memory()[1] / 2**20
        tracemalloc.stop()
        line = [f"{people:>10,}", f"{here:>10.3f}", " " * 10, " " * 10, " " * 8, " " * 13, f"{peak:>9.0f}"]
        if people <= PANDAS_UP_TO:
            begin = perf_counter()
            theirs = data.corr(method="spearman").to_numpy()
            line[2] = f"{perf_counter() - begin:>10.3f}"
            line[5] = f"{np.abs(theirs - found).max():>13.1e}"
        if people <= PINGOUIN_UP_TO:
            begin = perf_counter()
            pingouin.pairwise_corr(data, method="spearman")
            taken = perf_counter() - begin
            line[3], line[4] = f"{taken:>10.3f}", f"{taken / here:>8,.0f}"
        print("".join(line))


if __name__ == "__main__":
    main()
