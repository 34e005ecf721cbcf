"""Units that begin in the middle of a wave: answers from before that day do not count as answers from after it."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from made_up import QUARTERS, evidence, name, record, stores

FIRST = [date(2025, 1, 1), date(2025, 4, 1), date(2025, 7, 1), date(2025, 10, 1)]
STARTS = {0: date(2025, 5, 16), 1: date(2025, 5, 16), 2: date(2025, 8, 16), 3: date(2025, 8, 16)}


@pytest.mark.parametrize("said", [True, False])
def test_a_start_within_a_wave_does_not_thin_the_effect(said):
    rng = np.random.default_rng(1)
    rows = []
    for unit in range(8):
        for wave, first in zip(QUARTERS, FIRST, strict=False):
            for day in range(0, 90, 3):
                when = first + timedelta(days=day)
                acted = unit in STARTS and when >= STARTS[unit]
                rows.append((name(unit), wave, pd.Timestamp(when), 2.0 + 0.1 * unit + acted + rng.normal(0, 0.01)))
    answers = pd.DataFrame(rows, columns=["unit", "wave", "day", "wait"])
    starts = tuple((name(unit), day) for unit, day in STARTS.items())
    comparison = {} if said else {"comparison": stores(range(4, 8))}
    one = record(scope=stores(range(4)), starts=starts, start=date(2025, 5, 16), **comparison)
    found = evidence(answers, one)
    row = found.table.set_index("measure").loc["wait"]
    assert row["method"] == "staggered"
    assert row["estimate"] == pytest.approx(1.0, abs=0.02)
    events = found.events[found.events["measure"] == "wait"].set_index("period")
    assert events.loc[0, "estimate"] == pytest.approx(1.0, abs=0.02)
