"""The ledger: where every row and every cell ended."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import numpy as np
import pandas as pd

from cxlib.cleaning.cells import REASONS
from cxlib.cleaning.rows import ROW_RULES

COLUMNS = ["what", "source", "wave", "field", "rule", "count"]


def build_ledger(
    places: pd.DataFrame, rules: np.ndarray, reasons: Mapping[str, np.ndarray], present: Mapping[str, frozenset[str]]
) -> pd.DataFrame:
    """Count rows by rule and cells by reason, within each file and wave.

    Parameters
    ----------
    places : DataFrame
        `source` and `wave` of every row read.
    rules : array of object
        The rule that set the row aside, '' for a kept row.
    reasons : dict of field to array of int8
        Index into `cells.REASONS` for every row read.
    present : dict of source to frozenset of str
        Fields whose column the file has; cells of the others are not counted.

    Returns
    -------
    DataFrame
        Columns what, source, wave, field, rule, count (int). Zero counts of rows are kept, so that every rule can be
        read; of cells, too.
    """
    lines: list[tuple[str, str, str, str, str, int]] = []
    groups = places.groupby(["source", "wave"], sort=False).indices
    order = sorted(groups, key=lambda key: groups[key][0])
    for source, wave in order:
        here = groups[source, wave]
        counts = Counter(rules[here])
        lines.append(("rows", source, wave, "", "read", len(here)))
        lines.append(("rows", source, wave, "", "kept", counts[""]))
        lines += [("rows", source, wave, "", rule, counts[rule]) for rule in ROW_RULES]
    for source, wave in order:
        here = groups[source, wave]
        for field, reason in reasons.items():
            if field not in present[source]:
                continue
            tally = np.bincount(reason[here], minlength=len(REASONS))
            lines.append(("cells", source, wave, field, "read", len(here)))
            lines += [("cells", source, wave, field, rule, int(n)) for rule, n in zip(REASONS, tally, strict=True)]
    return pd.DataFrame(lines, columns=COLUMNS).astype({"count": "int64"})
