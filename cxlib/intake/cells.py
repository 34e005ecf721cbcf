"""Raw cells as text, the same way whatever the file's format."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np


def as_text(cell: Any) -> str:
    """A cell as a reader would write it: 3.0 is '3', a date is 'yyyy-mm-dd', text loses its outer white space.

    Examples
    --------
    >>> as_text(3.0), as_text(" Hà Nội "), as_text(dt.datetime(2025, 1, 2))
    ('3', 'Hà Nội', '2025-01-02')
    """
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, float | np.floating):
        return str(int(cell)) if float(cell).is_integer() else repr(float(cell))
    if isinstance(cell, dt.datetime) and not (cell.hour or cell.minute or cell.second):
        return cell.date().isoformat()
    return " ".join(str(cell).split()) if isinstance(cell, str) else str(cell)
