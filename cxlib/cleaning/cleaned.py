"""What cleaning hands on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd


@dataclass(frozen=True)
class Cleaned:
    """Answers that can be analysed, the rows set aside, and the ledger that accounts for every row and cell.

    Parameters
    ----------
    answers : DataFrame
        One row a kept row: `row` (1-based data row of its file), `source`, `wave`; `day` (datetime64, NaT where not
        known) when a column of dates tells it; `person` (Int64, NA without an identifier) when somebody answered in two
        waves; each outcome and factor (float, on its own scale, NaN missing); `unit` and `stratum` when declared; each
        segment (text: value label or text); each comment column (text, names and contacts removed); `weight` when
        declared (mean 1 within a wave).
    set_aside : DataFrame
        The same columns and `rule`, the name of the rule that took the row.
    ledger : DataFrame
        Columns what ('rows', 'cells'), source, wave, field ('' for rows), rule, count. For rows, read = kept + the
        others; for cells, read = valid + the others.
    redacted : DataFrame
        Columns source, wave, field, kind, count: how much of each kind was removed from the comments.
    """

    answers: pd.DataFrame
    set_aside: pd.DataFrame
    ledger: pd.DataFrame
    redacted: pd.DataFrame

    def save(self, folder: Path) -> None:
        """Write responses.parquet, set_aside.parquet and ledger.csv; the same content gives the same bytes."""
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        self.answers.to_parquet(folder / "responses.parquet", index=False)
        self.set_aside.to_parquet(folder / "set_aside.parquet", index=False)
        self.ledger.to_csv(folder / "ledger.csv", index=False, lineterminator="\n", encoding="utf-8")
