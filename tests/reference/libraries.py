"""Expected values from Python libraries that the project does not require. Prints libraries.json.

    pip install diff-diff wildboottest        (in an environment of its own)
    python libraries.py > libraries.json

Data: `data/mpdta.csv`, log teen employment of 500 counties, 2003-2007, and the year their state raised its minimum wage
(0: never), the published example of Callaway & Sant'Anna (2021), doi:10.1016/j.jeconom.2020.12.001, as it comes with
the package moderndid 0.2.0 (MIT licence); and two short lists of changes.
"""

import json
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd

HERE = Path(__file__).resolve().parent
CHANGES = {
    "ten against ten": (
        [0.61, 0.12, 0.45, -0.2, 0.33, 0.74, 0.05, 0.28, 0.51, -0.04],
        [0.1, -0.35, 0.22, 0.41, -0.18, 0.02, 0.3, -0.27, 0.15, -0.08],
    ),
    "seven against seven": ([0.4, 0.9, 0.1, 0.6, 0.3, 0.75, -0.1], [0.2, -0.1, 0.35, 0.0, 0.15, -0.3, 0.05]),
}


def staggered() -> dict:
    """Group-time effects, their mean and by periods since the start, for both kinds of comparison."""
    from diff_diff import CallawaySantAnna

    wide = pd.read_csv(HERE / "data/mpdta.csv")
    table = wide.melt(["county", "start"], var_name="year", value_name="employed").astype({"year": int})
    told = {}
    for comparison in ("never", "not_yet"):
        fit = CallawaySantAnna(control_group=f"{comparison}_treated", base_period="universal")
        found = fit.fit(table, "employed", "county", "year", "start")
        since = found.aggregate("event_study")
        told[comparison] = {
            "cells": [
                [int(group), int(year), float(cell["effect"]), float(cell["se"])]
                for (group, year), cell in found.group_time_effects.items()
                if year >= group
            ],
            "simple": [float(found.aggregate("simple").att[0]), float(found.aggregate("simple").se[0])],
            "events": [
                [int(e), float(effect), float(error)]
                for e, effect, error in zip(since.event_time, since.att, since.se, strict=True)
                if e != -1
            ],
        }
    return told


def wild() -> dict:
    """p of the restricted wild cluster bootstrap with Webb's weights, a unit a cluster."""
    from statsmodels.regression.linear_model import OLS
    from wildboottest.wildboottest import wildboottest

    told = {}
    for name, (acted, others) in CHANGES.items():
        changes = np.array(acted + others)
        on = (np.arange(changes.size) < len(acted)).astype(float)
        model = OLS(changes, pd.DataFrame({"constant": 1.0, "acted": on}))
        p = [
            wildboottest(
                model, B=99_999, cluster=pd.Series(np.arange(changes.size)), param="acted", weights_type="webb",
                seed=seed, parallel=False, show=False,
            )["p-value"].iloc[0]
            for seed in (1, 2, 3, 4)
        ]  # fmt: skip
        told[name] = {"acted": acted, "others": others, "p": float(np.mean(p))}
    return told


if __name__ == "__main__":
    made_with = {name: version(name) for name in ("diff-diff", "wildboottest", "statsmodels", "numpy")}
    print(json.dumps({"made_with": made_with, "staggered": staggered(), "wild": wild()}, indent=1))
