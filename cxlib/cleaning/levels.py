"""Texts of a segment, a unit, a respondent and a comment, the same way whatever the file's format."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pandas as pd

from cxlib.cleaning.cells import BLANK, NO_ANSWER, USER, VALID, different, in_ranges, plain
from cxlib.intake import Codebook
from cxlib.intake.cells import as_text

# In a grouping only what is nobody's name counts as no answer: "None" or "NA" may be a level, "X" a branch.
_NO_LEVEL = frozenset({"", "blank", "(blank)", "n/a", "#n/a", "nan", "null"})


def read_levels(cells: pd.Series, book: Codebook, kept: Collection[str] = ()) -> tuple[pd.Series, np.ndarray]:
    """Levels of a segment or unit as text, and the reason (index into cells.REASONS) of each cell.

    Parameters
    ----------
    cells : Series
        Raw cells.
    book : Codebook
        A code with a value label becomes its label; user-missing values become missing.
    kept : collection of str
        Codes that the parameters label themselves (`values`): they stay codes.
    """
    codes, unique = different(cells)
    texts = np.empty(len(unique) + 1, dtype=object)
    texts[:] = None
    reasons = np.full(len(unique) + 1, BLANK, dtype="int8")
    for place, cell in enumerate(unique):
        text = as_text(cell)
        if in_ranges(cell, book.missing):
            reasons[place] = USER
        elif plain(text) not in _NO_LEVEL:
            numeric = isinstance(cell, int | float | np.number) and not isinstance(cell, bool)
            label = book.labels.get(float(cell)) if numeric else None
            texts[place] = text if text in kept or not label else label
            reasons[place] = VALID
    return pd.Series(texts[codes], index=cells.index, dtype="str"), reasons[codes]


def read_respondents(cells: pd.Series) -> pd.Series:
    """Identifiers as text, so that 12, 12.0 and "12" are one respondent; a word such as "n/a" is none."""
    codes, unique = different(cells)
    texts = np.empty(len(unique) + 1, dtype=object)
    texts[:] = None
    for place, cell in enumerate(unique):
        text = as_text(cell)
        texts[place] = None if plain(text) in NO_ANSWER or not text else text
    return pd.Series(texts[codes], index=cells.index, dtype="str")


def read_comments(cells: pd.Series) -> pd.Series:
    """Comments as text; blank is missing. What identifies a person is still in them."""
    codes, unique = different(cells)
    texts = np.array([*(str(cell).strip() or None for cell in unique), None], dtype=object)
    return pd.Series(texts[codes], index=cells.index, dtype="str")
