"""How fast is the factor test, and what memory does it take? Against pingouin, pandas and R's relaimpo.

    python benchmarks/speed.py [--largest 1000000] [--write]

Prints every table with its ratios; `--write` also puts them into docs/speed.md and draws docs/speed_growth.svg. One
core is used throughout. Times are processor seconds, the best of some runs, so that other work on the machine hardly
counts. About ten minutes.
"""

from __future__ import annotations

import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # before numpy is loaded

import argparse
import platform
import shutil
import subprocess
import sys
import tempfile
import tracemalloc
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from time import process_time

import numpy as np
import pandas as pd
import pingouin
import scipy

from cxlib.stats.chunks import chunks_of_parquet, tables_of_chunks
from cxlib.stats.importance import shapley_shares
from cxlib.stats.rank import correlations, resampled_correlations
from cxlib.stats.resampling import bootstrap_draws, resampling_groups
from cxlib.stats.tables import code_answers, cross_tables

DOCUMENT = Path(__file__).resolve().parent.parent / "docs" / "speed.md"
FIGURE = DOCUMENT.with_name("speed_growth.svg")
SIZES = (1_000, 10_000, 100_000, 1_000_000)
QUESTIONS, LEVELS, GAPS = 30, 6, 0.1
FACTORS = (8, 12, 15, 20)
RESAMPLES = 1000
PINGOUIN_PAIRS_UP_TO = 10_000  # people; all 435 pairs of more take minutes
PANDAS_UP_TO = 100_000
PINGOUIN_SHARES_UP_TO = 15  # factors; its time doubles with every further one
BOOTSTRAP_UP_TO = 15  # factors; at 20 a thousand resamples take half a minute
RELAIMPO_UP_TO = 12

RELAIMPO = """
suppressMessages(library(relaimpo))
d <- read.csv(commandArgs(TRUE)[1])
best <- min(sapply(1:3, function(i) system.time(calc.relimp(y ~ ., data = d, type = "lmg"))["elapsed"]))
cat(best)
"""


def questions(people: int, seed: int = 1) -> pd.DataFrame:
    """Thirty six-level ratings with a halo, a tenth of them missing."""
    rng = np.random.default_rng(seed)
    ratings = rng.standard_normal((people, QUESTIONS))
    ratings *= 0.8
    ratings += 3.8 + 0.6 * rng.standard_normal((people, 1))
    np.clip(np.rint(ratings, out=ratings), 1, LEVELS, out=ratings)
    ratings[rng.random(ratings.shape) < GAPS] = np.nan
    return pd.DataFrame(ratings, columns=[f"q{i}" for i in range(QUESTIONS)])


def factors_and_outcome(factors: int, people: int, seed: int = 1) -> pd.DataFrame:
    """Five-point ratings with a halo and an outcome of 0-10, the outcome last; nothing missing."""
    rng = np.random.default_rng(seed)
    felt = 0.7 * rng.standard_normal((people, 1)) + 0.7 * rng.standard_normal((people, factors))
    ratings = np.clip(np.rint(3.4 + felt), 1, 5)
    outcome = np.clip(np.rint(ratings[:, :4].sum(axis=1) / 2 + 1.5 * rng.standard_normal(people)), 0, 10)
    return pd.DataFrame(np.column_stack([ratings, outcome]), columns=[*(f"f{i}" for i in range(factors)), "y"])


def best(work: Callable[[], object], seconds: float = 1.0) -> float:
    """Processor seconds of the fastest run; repeated up to seven times while `seconds` last."""
    taken: list[float] = []
    while not taken or (len(taken) < 7 and sum(taken) < seconds):
        begin = process_time()
        work()
        taken.append(process_time() - begin)
    return min(taken)


def peak(work: Callable[[], object]) -> float:
    """Megabytes allocated at the highest point, on top of the data."""
    tracemalloc.start()
    work()
    highest = tracemalloc.get_traced_memory()[1] / 2**20
    tracemalloc.stop()
    return highest


def rank_correlations(largest: int) -> tuple[list[str], list[tuple[int, float, float]]]:
    """All rank correlations of thirty questions; also (people, seconds here, seconds of pandas) for the figure."""
    lines = [
        "| people | coding, s | tables, s | all correlations, s | in all, s | pandas `corr`, s "
        "| pingouin `pairwise_corr`, s | pandas / here | pingouin / here | largest difference |",
        "|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    grown = []
    for people in (size for size in SIZES if size <= largest):
        data = questions(people)
        coded = code_answers(data)
        tables = cross_tables(coded)
        parts = [
            best(lambda data=data: code_answers(data)),
            best(lambda coded=coded: cross_tables(coded)),
            best(lambda tables=tables: correlations(tables)),
        ]
        here = best(lambda data=data: correlations(cross_tables(data)), 3.0)
        cells = [f"{people:,}", *(f"{part:.4f}" for part in parts), f"{here:.4f}"]
        theirs = [float("nan")] * 2
        gap = ""
        if people <= PANDAS_UP_TO:
            theirs[0] = best(lambda data=data: data.corr(method="spearman"))
            gap = f"{np.abs(data.corr(method='spearman').to_numpy() - correlations(tables)).max():.0e}"
        if people <= PINGOUIN_PAIRS_UP_TO:
            theirs[1] = best(lambda data=data: pingouin.pairwise_corr(data, method="spearman"), 2.0)
        cells += [f"{one:.2f}" if one == one else "" for one in theirs]
        cells += [f"{one / here:,.0f}" if one == one else "" for one in theirs]
        lines.append("| " + " | ".join([*cells, gap]) + " |")
        grown.append((people, here, theirs[0]))
    return lines, grown


def importance(largest: int, numbers: tuple[int, ...] = FACTORS) -> list[str]:
    """Exact shares of R2 of so many factors, alone and with a bootstrap."""
    relaimpo = has_relaimpo()
    lines = [
        "| factors | people | one run here, s | pingouin `relimp`, s | pingouin / here | relaimpo `lmg`, s "
        f"| {RESAMPLES:,} resamples here, s | resamples / one run of pingouin | largest difference |",
        "|--:|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for factors in numbers:
        for people in (size for size in SIZES if size <= largest):
            data = factors_and_outcome(factors, people)
            here = best(lambda data=data: one_run(data))
            cells = [f"{factors}", f"{people:,}", f"{here:.4f}"]
            theirs, gap = float("nan"), ""
            if factors <= PINGOUIN_SHARES_UP_TO:
                theirs = best(lambda data=data: relimp(data), 2.0)
                gap = f"{np.abs(relimp(data) - one_run(data)).max():.0e}"
            cells += [f"{theirs:.3f}", f"{theirs / here:,.0f}"] if theirs == theirs else ["", ""]
            cells.append(f"{relaimpo_seconds(data):.3f}" if relaimpo and factors <= RELAIMPO_UP_TO else "")
            if factors <= BOOTSTRAP_UP_TO:
                many = best(lambda data=data: bootstrapped(data))
                cells += [f"{many:.2f}", f"{many / theirs:.1f}" if theirs == theirs else ""]
            else:
                cells += ["", ""]
            lines.append("| " + " | ".join([*cells, gap]) + " |")
    return lines if relaimpo else [*lines, "", "R's relaimpo is not installed here; its column is empty."]


def one_run(data: pd.DataFrame) -> np.ndarray:
    """Exact shares on the answers as numbers, as pingouin computes them."""
    return shapley_shares(correlations(cross_tables(data), "pearson")).shares


def relimp(data: pd.DataFrame) -> np.ndarray:
    """pingouin's shares."""
    return pingouin.linear_regression(data.iloc[:, :-1], data["y"], relimp=True)["relimp"].to_numpy()[1:]


def bootstrapped(data: pd.DataFrame) -> np.ndarray:
    """The whole way: tables of what is drawn, a matrix of rank correlations and exact shares for every resample."""
    groups = resampling_groups(len(data), None, seed=1)
    tables = cross_tables(data, groups=groups.index, n_groups=groups.count)
    draws = bootstrap_draws(groups.count, RESAMPLES, seed=1)
    return shapley_shares(resampled_correlations(tables, draws)).shares


def has_relaimpo() -> bool:
    """Is R here, with relaimpo?"""
    if shutil.which("Rscript") is None:
        return False
    asked = subprocess.run(
        ["Rscript", "-e", 'cat(requireNamespace("relaimpo", quietly = TRUE))'],
        capture_output=True,
        text=True,
        check=False,
    )
    return asked.stdout.strip() == "TRUE"


def relaimpo_seconds(data: pd.DataFrame) -> float:
    """Best of three runs of calc.relimp, without reading the data."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "data.csv"
        data.to_csv(path, index=False)
        done = subprocess.run(["Rscript", "-e", RELAIMPO, str(path)], capture_output=True, text=True, check=True)
    return float(done.stdout)


def memory(largest: int) -> list[str]:
    """Highest memory on top of the data, at the largest number of people."""
    data = questions(largest)
    two = [["q0"], ["q1", "q2"]]
    found = {
        f"all {QUESTIONS * (QUESTIONS - 1) // 2} rank correlations": (
            peak(lambda: correlations(cross_tables(data))),
            peak(lambda: pingouin.pairwise_corr(data, columns=two, method="spearman")),
        )
    }
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "answers.parquet"
        data.to_parquet(path, row_group_size=1 << 16)
        chunked = peak(lambda: correlations(tables_of_chunks(chunks_of_parquet(path))))
    size = data.memory_usage(index=False).sum() / 2**20
    regression = factors_and_outcome(12, largest)
    found["shares of R2 of 12 factors"] = (peak(lambda: one_run(regression)), peak(lambda: relimp(regression)))
    lines = ["| task | here, MB | pingouin, MB | here / pingouin |", "|---|--:|--:|--:|"]
    lines += [f"| {task} | {a:,.0f} | {b:,.0f} | {a / b:.2f} |" for task, (a, b) in found.items()]
    return [
        *lines,
        "",
        f"{largest:,} people. pingouin's correlations are two pairs only, since it takes one pair after the other. The "
        f"data, {size:,.0f} MB, is not counted. Read part by part from a Parquet file, data included, the correlations "
        f"take {chunked:,.0f} MB.",
    ]


def draw(grown: list[tuple[int, float, float]], path: Path) -> None:
    """Seconds against people, on logarithmic axes, beside a line of proportional growth."""
    import matplotlib as mpl
    import matplotlib.pyplot as plt

    people, here, pandas = (np.array(values) for values in zip(*grown, strict=True))
    with mpl.rc_context({"svg.hashsalt": "speed", "font.size": 10}):
        figure, axes = plt.subplots(figsize=(6, 4), layout="constrained")
        axes.loglog(people, here, "o-", color="#1b6ca8", label="here")
        axes.loglog(people, pandas, "s--", color="#b0652a", label="pandas corr")
        axes.loglog(people, here[-1] * people / people[-1], ":", color="#555555", label="proportional to people")
        axes.set(xlabel="people", ylabel="processor seconds", title=f"All rank correlations of {QUESTIONS} questions")
        axes.legend()
        figure.savefig(path, metadata={"Date": None})
        plt.close(figure)


def growth(grown: list[tuple[int, float, float]]) -> str:
    """How time grows from one number of people to the next."""
    steps = [f"{b[1] / a[1]:.1f} times from {a[0]:,} to {b[0]:,}" for a, b in pairwise(grown)]
    return "Ten times the people take " + ", ".join(steps) + "." if steps else ""


def machine() -> str:
    """What the times were taken on."""
    versions = {"numpy": np, "pandas": pd, "scipy": scipy, "pingouin": pingouin}
    return (
        f"{os.cpu_count()} cores ({platform.machine()}), shared with other work; one core used. Python "
        f"{platform.python_version()}, "
        + ", ".join(f"{name} {module.__version__}" for name, module in versions.items())
        + "."
    )


def main(arguments: list[str] | None = None) -> None:
    """Print the tables; put them into the document on request."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--largest", type=int, default=SIZES[-1], help="largest number of people")
    parser.add_argument("--write", action="store_true", help="also write docs/speed.md and its figure")
    parser.add_argument("--quick", action="store_true", help="eight factors only")
    chosen = parser.parse_args(arguments)
    parts: dict[str, list[str]] = {"machine": [machine()]}
    print(parts["machine"][0], "\n")
    pairs, grown = rank_correlations(chosen.largest)
    parts["correlations"] = [*pairs, "", growth(grown)]
    print("\n".join(parts["correlations"]), "\n", flush=True)
    parts["importance"] = importance(chosen.largest, FACTORS[:1] if chosen.quick else FACTORS)
    print("\n".join(parts["importance"]), "\n", flush=True)
    parts["memory"] = memory(chosen.largest)
    print("\n".join(parts["memory"]), flush=True)
    if not chosen.write:
        return
    text = DOCUMENT.read_text(encoding="utf-8")
    for part, lines in parts.items():
        begin, end = f"<!-- {part}: begin -->", f"<!-- {part}: end -->"
        before, rest = text.split(begin)
        text = before + begin + "\n" + "\n".join(lines) + "\n" + end + rest.split(end)[1]
    DOCUMENT.write_text(text, encoding="utf-8")
    draw(grown, FIGURE)
    print(f"written: {DOCUMENT.name}, {FIGURE.name}", file=sys.stderr)


if __name__ == "__main__":
    main()
