"""A document that passed the privacy door."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cxlib.findings.schema import Document
from cxlib.privacy.limits import Limits

if TYPE_CHECKING:
    import pandas as pd

FILE = "findings.json"


@dataclass(frozen=True)
class Passed:
    """A document that passed the door: the only thing that figures, pages and exports are made from.

    Attributes
    ----------
    document : Document
    limits : Limits
        The limits that were in force.
    """

    document: Document
    limits: Limits

    def save(self, folder: Path) -> None:
        """Write findings.json: sorted keys, UTF-8, no NaN; the same bytes for the same document."""
        values = self.document.model_dump(mode="json", by_alias=True)
        text = json.dumps(values, ensure_ascii=False, sort_keys=True, indent=1, allow_nan=False)
        (Path(folder) / FILE).write_text(text + "\n", encoding="utf-8", newline="\n")

    @property
    def table(self) -> pd.DataFrame:
        """The findings at a glance.

        Returns
        -------
        DataFrame
            One row a finding in the order of the page: finding, answers, estimate, low, high, grade, actions (ids,
            or "" when there is none yet).
        """
        import pandas as pd

        return pd.DataFrame(
            [
                {
                    "finding": finding.id,
                    "answers": finding.n,
                    "estimate": finding.association.estimate,
                    "low": finding.association.low,
                    "high": finding.association.high,
                    "grade": finding.grade,
                    "actions": " ".join(finding.actions),
                }
                for finding in self.document.findings
            ],
            columns=["finding", "answers", "estimate", "low", "high", "grade", "actions"],
        )
