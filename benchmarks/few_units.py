"""How often is a useless action called effective (or harmful) when few units were acted on?

    python benchmarks/few_units.py            prints the table (about ten minutes)

Changes of units vary with a standard deviation of .2 between them, and with the noise of answers of standard deviation
1. Every number comes from the seed below; the table of docs/statistics.md was printed by this script.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from cxlib.stats.permutation import choices
from cxlib.stats.unit_changes import difference_in_differences

SEED = 4
SURVEYS = 1000
WILD_SURVEYS = 400  # each takes some fifty times as long
DRAWS = 2000  # ways to choose, in place of the 20,000 of a run
GROUPS = ((2, 28), (3, 9), (3, 27), (4, 4), (4, 26), (5, 5), (5, 25), (8, 22), (10, 10))
CASES = {
    "alike": "all alike",
    "unequal": "unequal answers",
    "fewer": "fewest answers where acted",
    "vary": "acted vary more",
}
METHODS = ("cluster", "permutation", "wild")


def survey(rng: np.random.Generator, acted: int, others: int, case: str) -> pd.DataFrame:
    """Changes of all units, those acted on first; no action has any effect."""
    units = acted + others
    answers = np.full(units, 30.0)
    if case in ("unequal", "fewer"):
        answers = np.clip(np.rint(np.exp(rng.normal(np.log(25), 0.8, units))), 5, 200)
    if case == "fewer":
        answers.sort()
    between = np.where((np.arange(units) < acted) & (case == "vary"), 0.5, 0.2)
    change = between * rng.standard_normal(units) + np.sqrt(2 / answers) * rng.standard_normal(units)
    return pd.DataFrame({"change": change, "noise": 2 / answers, "n_before": answers, "n_after": answers})


def false_calls(acted: int, others: int, case: str) -> dict[str, float]:
    """Percent of surveys whose interval excludes zero, and the median width, by method."""
    rng = np.random.default_rng([SEED, acted, others, list(CASES).index(case)])
    ways = choices(acted + others, acted, most=DRAWS)
    wrong, width = {method: [] for method in METHODS}, {method: [] for method in METHODS}
    for number in range(SURVEYS):
        table = survey(rng, acted, others, case)
        for method in METHODS:
            if method == "wild" and (number >= WILD_SURVEYS or acted < 3):
                continue
            effect = difference_in_differences(
                table[:acted], table[acted:], inference=method, seed=number, redraws=ways
            )
            wrong[method].append(not effect.low <= 0 <= effect.high)
            width[method].append(effect.high - effect.low)
    shown = {f"{method} %": 100 * np.mean(hits) for method, hits in wrong.items() if hits}
    return shown | {f"{method} width": float(np.median(widths)) for method, widths in width.items() if widths}


def main() -> None:
    """Print the table as markdown."""
    columns = [f"{method} {what}" for what in ("%", "width") for method in METHODS]
    print("| acted, others | units | " + " | ".join(columns) + " |")
    print("|---|---|" + "---|" * len(columns))
    for acted, others in GROUPS:
        for case, name in CASES.items():
            row = false_calls(acted, others, case)
            shown = (f"{row[c]:.{1 if c.endswith('%') else 2}f}" if c in row else "" for c in columns)
            print(f"| {acted}, {others} | {name} | " + " | ".join(shown) + " |", flush=True)


if __name__ == "__main__":
    main()
