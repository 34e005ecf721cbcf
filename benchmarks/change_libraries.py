"""Which library for evidence of change? Prints the tables of docs/change_libraries.md.

    python benchmarks/change_libraries.py [--surveys 400]

Weight, agreement, coverage and time of statsmodels, pyfixest, diff-diff and wildboottest beside this project's own
code. Only statsmodels is among the project's requirements; the others are compared where they are installed (an
environment of their own: `pip install pyfixest diff-diff wildboottest`, with this project's folder on PYTHONPATH) and
left out, with a word, where they are not. A full run takes some ten minutes.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import argparse
import re
import resource
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats as distributions

from cxlib.stats.series import interrupted_series
from cxlib.stats.staggered import group_time
from cxlib.stats.wild import wild_cluster_interval

ROOT = Path(__file__).resolve().parent.parent
LIBRARIES = {"statsmodels": "statsmodels.regression.linear_model", "pyfixest": "pyfixest.estimation"} | {
    "diff-diff": "diff_diff",
    "wildboottest": "wildboottest.wildboottest",
}
ONE_BY_ONE = {f"unit {i}": i + 1 for i in range(6)}
SLOW = 0.2  # seconds a call: such a library is tried on 40 data sets only
GROUPS_OF_SIX = {f"unit {i}": (2, 3, 4, None)[i % 4] for i in range(24)}


def main() -> None:
    """Print every table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--surveys", type=int, default=400, help="simulated data sets behind every coverage")
    parser.add_argument("--quick", action="store_true", help="import everything once, not five times")
    chosen = parser.parse_args()
    surveys, tries = chosen.surveys, 1 if chosen.quick else 5
    here = [name for name, module in LIBRARIES.items() if find_spec(module.split(".")[0])]
    for name in LIBRARIES:
        if name not in here:
            print(f"({name} is not installed here and is left out.)")
    for title, lines in (
        ("What each weighs", lambda: weights(here, tries)),
        ("Units acted on one after another", lambda: staggered(here, surveys)),
        ("Two groups of units", lambda: two_groups(here, surveys)),
        ("A series of waves", lambda: series(surveys)),
    ):
        print(f"\n### {title}\n", *lines(), sep="\n", flush=True)


def weights(here: list[str], tries: int) -> list[str]:
    """Version, packages that would be new, their size, and seconds to import beyond pandas and scipy.stats."""
    lines = (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
    locked = {_plain(line.split("==")[0]) for line in lines if "==" in line}
    base = _import_seconds("pandas, scipy.stats", tries)
    rows = []
    for name in here:
        new = sorted(_needs(name) - locked)
        size = sum(_megabytes(package) for package in new)
        rows.append(
            (
                name,
                metadata.version(name),
                len(new),
                f"{size:.0f}",
                f"{_import_seconds(LIBRARIES[name], tries) - base:.1f}",
            )
        )
    return _table(("library", "version", "new packages", "their size, MB", "import, s beyond pandas and scipy"), rows)


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _needs(name: str, seen: frozenset[str] = frozenset()) -> set[str]:
    """The package and everything it requires, extras aside."""
    found = {_plain(name)}
    for line in metadata.requires(name) or []:
        needed = _plain(re.split(r"[^A-Za-z0-9._-]", line)[0])
        if "extra ==" in line or needed in seen | found or not _installed(needed):
            continue
        found |= _needs(needed, seen | frozenset(found))
    return found


def _installed(name: str) -> bool:
    try:
        metadata.version(name)
    except metadata.PackageNotFoundError:
        return False
    return True


def _megabytes(name: str) -> float:
    files = metadata.files(name) or []
    return sum(path.stat().st_size for path in (file.locate() for file in files) if path.exists()) / 1e6


def _import_seconds(modules: str, tries: int) -> float:
    """Seconds of the processor, which other programs do not lengthen; the fastest of some tries."""
    taken = []
    for _ in range(tries):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, "-c", f"import {modules}"], check=True, capture_output=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        taken.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return min(taken)


def staggered(here: list[str], surveys: int) -> list[str]:
    """Published example, coverage with few units, time: own group-time effects and diff-diff's."""
    wide = pd.read_csv(ROOT / "tests/reference/data/mpdta.csv").rename(columns={"county": "unit"})
    table = wide.melt(["unit", "start"], var_name="period", value_name="mean").astype({"period": int}).assign(n=1)
    starts = {unit: start or None for unit, start in zip(wide["unit"], wide["start"], strict=True)}
    ways: dict[str, Callable] = {"own, clustered": lambda data, when: _effect(group_time(data, when).overall)}
    ways["own, redrawn"] = lambda data, when: _effect(group_time(data, when, drawn=True).overall)
    if "diff-diff" in here:
        ways["diff-diff"] = _diff_diff
    rows = []
    for name, way in ways.items():
        drawn = name == "own, redrawn"
        told = ("", "") if drawn else [f"{value:.4f}" for value in way(table, starts)[:2]]
        cases = [_coverage(way, case, surveys) for case in (ONE_BY_ONE, GROUPS_OF_SIX)]
        rows.append((name, *told, *(f"{100 * held:.1f} %" for held, _ in cases), *(f"{ms:.0f}" for _, ms in cases)))
    head = ("way", "county example", "error", "6 units one by one: held", "24 units, 3 starts: held", "ms", "ms")
    return _table(head, rows)


def _effect(effect: object) -> tuple[float, float, float, float]:
    return effect.estimate, effect.error, effect.low, effect.high


def _diff_diff(table: pd.DataFrame, starts: dict) -> tuple[float, float, float, float]:
    from diff_diff import CallawaySantAnna

    data = table.assign(start=table["unit"].map(lambda unit: starts[unit] or 0), code=pd.factorize(table["unit"])[0])
    fit = CallawaySantAnna(control_group="not_yet_treated", base_period="universal")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = fit.fit(data, "mean", "code", "period", "start").aggregate("simple")
    return tuple(float(value[0]) for value in (found.att, found.se, found.conf_int_lower, found.conf_int_upper))


def _coverage(way: Callable, starts: dict, surveys: int) -> tuple[float, float]:
    """How often the interval holds the true effect of .3, and milliseconds a call."""
    rng, held, begin = np.random.default_rng(1), [], time.process_time()
    for _ in range(surveys):
        _, _, low, high = way(_roll_out(rng, starts), starts)
        held.append(low <= 0.3 <= high)
    return float(np.mean(held)), 1000 * (time.process_time() - begin) / surveys


def _roll_out(rng: np.random.Generator, starts: dict) -> pd.DataFrame:
    """Unit means of 40 answers (spread 1) over 7 periods, units wandering by .1, an effect of .3."""
    units, periods = len(starts), 7
    first = np.array([np.inf if start is None else start for start in starts.values()])
    means = 3.5 + rng.normal(0, 0.3, (units, 1)) + rng.normal(0, np.hypot(0.1, 40**-0.5), (units, periods))
    means += 0.05 * np.arange(periods) + 0.3 * (np.arange(periods) >= first[:, None])
    return pd.DataFrame(
        {
            "unit": np.repeat(list(starts), periods),
            "period": np.tile(np.arange(periods), units),
            "mean": means.ravel(),
            "n": 40,
        }
    )


def two_groups(here: list[str], surveys: int) -> list[str]:
    """p of wild bootstraps on the same changes, how often a null is rejected, time."""
    ways: dict[str, Callable] = {
        "own wild bootstrap, with its interval": lambda acted, others: wild_cluster_interval(acted, others).p,
        "Welch on unit changes": lambda acted, others: distributions.ttest_ind(acted, others, equal_var=False).pvalue,
    }
    if "wildboottest" in here:
        ways["wildboottest (p only)"] = _wildboottest
    if "pyfixest" in here:
        ways["pyfixest, CRV3 (t)"] = _pyfixest
    if "diff-diff" in here:
        ways["diff-diff, wild bootstrap with its interval"] = _diff_diff_wild
    rng = np.random.default_rng(3)
    example = rng.normal(0.25, 0.3, 10), rng.normal(0, 0.3, 10)
    rows = []
    for name, way in ways.items():
        p, begin = way(*example), time.process_time()
        way(*example)
        number = surveys if time.process_time() - begin < SLOW else min(surveys, 40)
        rates, begin = [], time.process_time()
        for acted, others in ((5, 5), (5, 25), (10, 14)):
            rng = np.random.default_rng([4, acted, others])
            found = [way(rng.normal(0, 0.3, acted), rng.normal(0, 0.3, others)) for _ in range(number)]
            rates.append(f"{100 * np.mean(np.array(found) < 0.05):.1f} %")
        rows.append((name, f"{p:.3f}", *rates, number, f"{1000 * (time.process_time() - begin) / number / 3:.1f}"))
    head = ("way", "p, 10 against 10", "null rejected, 5 against 5", "5 against 25", "10 against 14", "data sets", "ms")
    return _table(head, rows)


def _rows(acted: np.ndarray, others: np.ndarray) -> pd.DataFrame:
    changes = np.concatenate([acted, others])
    on = (np.arange(changes.size) < acted.size).astype(float)
    return pd.DataFrame({"change": changes, "acted": on, "unit": np.arange(changes.size)})


def _wildboottest(acted: np.ndarray, others: np.ndarray) -> float:
    from statsmodels.regression.linear_model import OLS
    from wildboottest.wildboottest import wildboottest

    data = _rows(acted, others)
    model = OLS(data["change"], data[["acted"]].assign(constant=1.0)[["constant", "acted"]])
    found = wildboottest(
        model, B=1999, cluster=data["unit"], param="acted", weights_type="webb", seed=1, parallel=False, show=False
    )
    return float(found["p-value"].iloc[0])


def _pyfixest(acted: np.ndarray, others: np.ndarray) -> float:
    import pyfixest

    return float(pyfixest.feols("change ~ acted", _rows(acted, others), vcov={"CRV3": "unit"}).pvalue()["acted"])


def _diff_diff_wild(acted: np.ndarray, others: np.ndarray) -> float:
    from diff_diff import DifferenceInDifferences

    data = _rows(acted, others)
    both = pd.concat([data.assign(late=0, change=0.0), data.assign(late=1)], ignore_index=True)
    fit = DifferenceInDifferences(
        cluster="unit", inference="wild_bootstrap", n_bootstrap=1999, bootstrap_weights="webb", seed=1
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return float(fit.fit(both, "change", "acted", "late").p_value)


def series(surveys: int) -> list[str]:
    """Coverage of the mean change after the start: Newey and West (statsmodels) and the averaged likeness."""
    rows = []
    for name, lag in (("own, averaged over the likeness", None), ("Newey and West, statsmodels, lag 2", 2)):
        held, begin = [], time.process_time()
        for waves, likeness in ((8, 0.0), (8, 0.6), (20, 0.0), (20, 0.6)):
            rng = np.random.default_rng([5, waves])
            inside = [_holds_nothing(_alike(rng, 2 * waves, likeness), waves, lag) for _ in range(surveys)]
            held.append(f"{100 * np.mean(inside):.1f} %")
        rows.append((name, *held, f"{1000 * (time.process_time() - begin) / surveys / 4:.1f}"))
    return _table(
        ("way", "8 + 8 waves, independent", "neighbours .6", "20 + 20, independent", "neighbours .6", "ms"), rows
    )


def _alike(rng: np.random.Generator, waves: int, likeness: float) -> np.ndarray:
    noise = rng.normal(0, 1, waves)
    for wave in range(1, waves):
        noise[wave] = likeness * noise[wave - 1] + np.sqrt(1 - likeness**2) * noise[wave]
    return noise


def _holds_nothing(means: np.ndarray, start: int, lag: int | None) -> bool:
    effect = interrupted_series(means, start, newey_west_lag=lag).average
    return effect.low <= 0 <= effect.high


def _table(head: tuple[str, ...], rows: list[tuple]) -> list[str]:
    lines = ["| " + " | ".join(head) + " |", "| --- " * len(head) + "|"]
    return lines + ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]


if __name__ == "__main__":
    main()
