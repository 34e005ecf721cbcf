"""Group-time effects: right where plain two-way fixed effects are not, and silent where nobody is left to compare."""

import numpy as np
import pandas as pd
import pytest

from cxlib.stats.staggered import group_time


def surveyed(starts, effect, *, periods=6, noise=0.0, seed=1):
    """A table of unit means: own level, a trend all share, and `effect(periods since the start)`."""
    rng = np.random.default_rng(seed)
    rows = []
    for unit, start in starts.items():
        level = rng.normal(3.5, 0.3)
        for period in range(periods):
            since = period - start if start is not None else -1
            mean = level + 0.05 * period + (effect(since) if since >= 0 else 0.0) + rng.normal(0, noise)
            rows.append((unit, period, mean, 40))
    return pd.DataFrame(rows, columns=["unit", "period", "mean", "n"])


def two_way(table, starts):
    """Plain two-way fixed effects: one treated indicator, unit and period dummies."""
    starting = table["unit"].map({unit: np.inf if start is None else start for unit, start in starts.items()})
    treated = table["period"] >= starting
    columns = pd.concat([pd.get_dummies(table["unit"]), pd.get_dummies(table["period"]).iloc[:, 1:]], axis=1)
    design = np.column_stack([treated, columns.to_numpy()]).astype(float)
    return np.linalg.lstsq(design, table["mean"].to_numpy(), rcond=None)[0][0]


def test_growing_effects_bias_plain_two_way_fixed_effects_and_not_group_time():
    starts = {"a": 1, "b": 1, "c": 3, "d": 3, "e": None}
    table = surveyed(starts, lambda since: 0.2 * (since + 1), periods=8)
    found = group_time(table, starts)
    truth = np.mean([0.2 * (since + 1) for start in (1, 1, 3, 3) for since in range(8 - start)])
    assert found.overall.estimate == pytest.approx(truth)
    growing = found.events[found.events["period"] >= 0]
    assert growing["estimate"].to_numpy() == pytest.approx(0.2 * (growing["period"] + 1).to_numpy())
    assert two_way(table, starts) < truth - 0.1
