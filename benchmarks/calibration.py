"""Does the factor test keep its promises? Writes the tables of docs/calibration.md.

    python benchmarks/calibration.py [--surveys 2000] [--seed 20260101] [--processes 2] [--only PART ...]

Parts, each on surveys whose truth is known (simulated.py): `null`, how many factors without an effect are called found
(false_discoveries.py); `coverage` and `pairs`, how often the 95 % intervals hold the truth (interval_coverage.py);
`leaders`, how often the leading factor comes out first, against four other ways of ordering (leading_factor.py). A full
run takes about ten minutes on two free cores. `calibration.py change` asks the same of evidence of change
(calibration_change.py) and fills docs/calibration_change.md.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # processes run side by side; before numpy is loaded

import argparse
import itertools
import sys
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pandas as pd
from false_discoveries import null_survey, null_tables
from interval_coverage import coverage_survey, coverage_tables, pair_lines, store_cases, store_lines, store_survey
from leading_factor import leader_survey, leader_tables

DOCUMENT = Path(__file__).resolve().parent.parent / "docs" / "calibration.md"


def run(work: Callable[[int, int], object], surveys: int, seed: int, processes: int, label: str) -> list:
    """`work` for every survey number, in some processes; says how far it is."""
    results = []
    batches = [range(begin, min(begin + 20, surveys)) for begin in range(0, surveys, 20)]
    with ProcessPoolExecutor(processes, initializer=be_modest) as pool:
        for number, batch in enumerate(pool.map(_batch, itertools.repeat(work), batches, itertools.repeat(seed)), 1):
            results += batch
            print(f"\r{label}: {min(20 * number, surveys):,} of {surveys:,} surveys", end="", file=sys.stderr)
    print(file=sys.stderr)
    return results


def be_modest() -> None:
    """Leave the machine to others first."""
    os.setpriority(os.PRIO_PROCESS, 0, max(10, os.getpriority(os.PRIO_PROCESS, 0)))


def _batch(work: Callable[[int, int], object], numbers: Iterable[int], seed: int) -> list:
    return [work(number, seed) for number in numbers]


def null_part(surveys: int, seed: int, processes: int) -> list[str]:
    """False discoveries: `surveys` in which the null holds exactly, a quarter as many in which it does not quite."""
    return null_tables(pd.DataFrame(run(null_survey, surveys * 5 // 4, seed, processes, "false discoveries")))


def coverage_part(surveys: int, seed: int, processes: int) -> list[str]:
    """Coverage: `surveys` in all, six intervals or more of every method in each."""
    rows = itertools.chain.from_iterable(run(coverage_survey, surveys, seed, processes, "coverage"))
    return coverage_tables(pd.DataFrame(rows, columns=["method", "n", "halo", "design", "held"]))


def pairs_part(surveys: int, seed: int, processes: int) -> list[str]:
    """Coverage of one correlation: `surveys` a line, and a quarter as many a line with stores."""
    stores = run(store_survey, len(store_cases()) * max(1, surveys // 4), seed, processes, "stores")
    return [*pair_lines(surveys, seed), "", *store_lines(stores)]


def leaders_part(surveys: int, seed: int, processes: int) -> list[str]:
    """The leading factor: `surveys` in all."""
    return leader_tables(pd.DataFrame(run(leader_survey, surveys, seed, processes, "leading factor")))


PARTS = {"null": null_part, "coverage": coverage_part, "pairs": pairs_part, "leaders": leaders_part}


def put(text: str, part: str, lines: list[str]) -> str:
    """The document with the tables of one part in their place."""
    begin, end = f"<!-- {part}: begin -->", f"<!-- {part}: end -->"
    before, rest = text.split(begin)
    return before + begin + "\n" + "\n".join(lines) + "\n" + end + rest.split(end)[1]


def main(arguments: list[str] | None = None) -> None:
    """Run the parts and put their tables into the document."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--surveys", type=int, default=2000, help="simulated surveys of each kind")
    parser.add_argument("--seed", type=int, default=20260101)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--only", nargs="+", choices=sorted(PARTS), default=list(PARTS))
    parser.add_argument("--document", type=Path, default=DOCUMENT, help="where the tables are put")
    chosen = parser.parse_args(arguments)
    for part in chosen.only:
        lines = [f"{chosen.surveys:,} surveys, seed {chosen.seed}.", ""]
        lines += PARTS[part](chosen.surveys, chosen.seed, chosen.processes)
        print("\n".join(lines), flush=True)
        chosen.document.write_text(put(chosen.document.read_text(encoding="utf-8"), part, lines), encoding="utf-8")


if __name__ == "__main__":
    if sys.argv[1:2] == ["change"]:
        from calibration_change import main as change

        change(sys.argv[2:])
    else:
        main()
