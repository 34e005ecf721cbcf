"""Cells of a question: a number on its scale, or the reason why there is none.

Every different cell of a column is looked at once, however many rows hold it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from cxlib.intake import Codebook
from cxlib.intake.cells import as_text

VALID, BLANK, DECLARED, USER, WORD, OUT = range(6)
REASONS = ("valid", "blank", "declared_missing", "user_missing", "word", "out_of_scale")

# Words that say "no answer". They count as `word`, but a column full of them is not a wrong column.
NO_ANSWER = frozenset(
    (
        "blank",
        "(blank)",
        "n/a",
        "#n/a",
        "na",
        "n.a.",
        "n.a",
        "nan",
        "null",
        "none",
        "nil",
        "missing",
        "refused",
        "unknown",
        "dk",
        "?",
        "-",
        "--",
        "–",
        "—",
        ".",
        "..",
        "x",
        "not applicable",
        "not asked",
        "not answered",
        "no answer",
        "no response",
        "no opinion",
        "don't know",
        "don’t know",
        "dont know",
        "prefer not to say",
        "không biết",
        "không rõ",
        "không trả lời",
        "không áp dụng",
        "không ý kiến",
        "không có ý kiến",
        "bỏ trống",
        "trống",
        "khong biet",
        "khong tra loi",
    )
)
_NUMBER = re.compile(r"[+-]?(?:\d{1,18}(?:[.,]\d{0,30})?|[.,]\d{1,30})(?:e[+-]?\d{1,2})?")
_LABELLED = re.compile(r"\(?([+-]?\d{1,3})\)?(?:\s*[-–—:=.)/|]\s*|\s+)(\D{1,200})")
_NOT_TOLD: Any = object()
_WHOLE = 1e-6  # a stored 3.0000000001 is a 3


@dataclass(frozen=True)
class Read:
    """One column read: `values` (NaN where there is none), `reasons` (index into REASONS) and whether the cell is a
    word that says "no answer" (`says_none`)."""

    values: np.ndarray
    reasons: np.ndarray
    says_none: np.ndarray


def read_answers(
    cells: pd.Series,
    scale: tuple[int, int],
    missing: Sequence[float] = (),
    book: Codebook | None = None,
    labels: Mapping[float, str] | None = None,
    answers: Mapping[str, int | None] | None = None,
) -> Read:
    """Answers on a whole-number scale.

    Parameters
    ----------
    cells : Series
        Raw cells: numbers, texts, or both.
    scale : (int, int)
        Lowest and highest answer.
    missing : sequence of float
        Codes declared missing in the parameters; they win over the scale.
    book : Codebook, optional
        The file's own value labels and user-missing values.
    labels : dict of float to str, optional
        Value labels known from other files, for a file that writes the labels as text and has none of its own.
    answers : dict of str to int or None, optional
        Numbers that the parameters give to the words of an answer, its value label or its code; None is no answer.

    Returns
    -------
    Read

    Notes
    -----
    In this order: blank; an answer whose number the parameters declare, by the words or the code of the cell, else by
    its value label, unless the file itself declares it missing; a number, also written as text ("9", "09", "9.0",
    "4,0", "5 - Very good") or as a value label; declared missing; user-missing of the file; out of scale, which a
    number that is not whole always is; else valid.
    Text that is no number is a word.
    """
    book = book or Codebook()
    codes, unique = different(cells)
    by_label = _numbers_of_labels(book.labels or labels or {})
    declared = {plain(text): number for text, number in (answers or {}).items()}
    values = np.full(len(unique) + 1, np.nan)  # the last place serves blank cells, whose code is -1
    reasons = np.full(len(unique) + 1, BLANK, dtype="int8")
    says_none = np.zeros(len(unique) + 1, dtype=bool)
    for place, cell in enumerate(unique):
        number = _number(cell, by_label)
        told = _declared(cell, declared, book.labels) if declared and not in_ranges(cell, book.missing) else _NOT_TOLD
        if told is None:
            reasons[place] = DECLARED
        elif told is not _NOT_TOLD:
            reasons[place] = VALID if scale[0] <= told <= scale[1] else OUT
            values[place] = told if reasons[place] == VALID else np.nan
        elif number is None:
            text = plain(cell) if isinstance(cell, str) else ""
            if in_ranges(cell, book.missing):
                reasons[place] = USER
            elif isinstance(cell, str) and not text:
                reasons[place] = BLANK
            else:
                reasons[place] = WORD
                says_none[place] = text in NO_ANSWER
        elif any(abs(number - code) < _WHOLE for code in missing):
            reasons[place] = DECLARED
        elif in_ranges(number, book.missing):
            reasons[place] = USER
        elif abs(number - round(number)) > _WHOLE or not scale[0] <= round(number) <= scale[1]:
            reasons[place] = OUT
        else:
            reasons[place] = VALID
            values[place] = round(number)
    return Read(values[codes], reasons[codes], says_none[codes])


def read_amounts(cells: pd.Series) -> Read:
    """Positive amounts (weights, seconds): numbers, comma decimals, times as h:mm:ss; zero and less is out of scale."""
    codes, unique = different(cells)
    values = np.full(len(unique) + 1, np.nan)
    reasons = np.full(len(unique) + 1, BLANK, dtype="int8")
    says_none = np.zeros(len(unique) + 1, dtype=bool)
    for place, cell in enumerate(unique):
        number = _amount(cell)
        if number is None:
            text = plain(cell) if isinstance(cell, str) else ""
            reasons[place] = BLANK if isinstance(cell, str) and not text else WORD
            says_none[place] = text in NO_ANSWER
        elif not (0 < number < np.inf):
            reasons[place] = OUT
        else:
            reasons[place] = VALID
            values[place] = number
    return Read(values[codes], reasons[codes], says_none[codes])


def different(cells: pd.Series) -> tuple[np.ndarray, list[Any]]:
    """The different cells of a column in the order of their appearance, and for each row which of them it holds.

    Returns
    -------
    codes : int array of shape (rows,)
        -1 where the cell is missing.
    unique : list
    """
    # Numbers, dates and texts are told apart as they are kept; anything else as Python's own values.
    kept = cells.dtype.kind in "fM" or isinstance(cells.dtype, pd.StringDtype)
    codes, unique = pd.factorize(cells if kept else cells.astype(object).to_numpy())
    return codes, np.asarray(unique, dtype=object).tolist()


def plain(text: str) -> str:
    """A text without what a reader does not see: case, width, outer and repeated white space, unseen signs."""
    text = unicodedata.normalize("NFKC", text).replace("\u2212", "-").replace("\u200b", "").replace("\ufeff", "")
    return " ".join(text.split()).lstrip("'").casefold()


def _numbers_of_labels(labels: Mapping[float, str]) -> dict[str, float]:
    """Label -> code, for labels that stand for one code only."""
    texts = [plain(label) for label in labels.values()]
    return {text: code for text, code in zip(texts, labels, strict=True) if texts.count(text) == 1}


def _declared(cell: Any, declared: Mapping[str, int | None], labels: Mapping[float, str]) -> Any:
    """The number that the parameters give to a cell, None for no answer, `_NOT_TOLD` where they say nothing."""
    if isinstance(cell, bool | np.bool_):
        return _NOT_TOLD
    told = declared.get(plain(as_text(cell)), _NOT_TOLD)
    if told is _NOT_TOLD and isinstance(cell, int | float | np.number) and float(cell) in labels:
        told = declared.get(plain(labels[float(cell)]), _NOT_TOLD)
    return told


def _number(cell: Any, by_label: Mapping[str, float]) -> float | None:
    if isinstance(cell, bool | np.bool_):
        return None
    if isinstance(cell, int | float | np.number):
        return float(cell) if np.isfinite(cell) else None
    if not isinstance(cell, str):
        return None
    text = plain(cell)
    if _NUMBER.fullmatch(text):
        return float(text.replace(",", "."))
    if text in by_label:
        return by_label[text]
    labelled = _LABELLED.fullmatch(text)
    return float(labelled.group(1)) if labelled else None


def _amount(cell: Any) -> float | None:
    if isinstance(cell, bool | np.bool_):
        return None
    if isinstance(cell, int | float | np.number):
        return float(cell)
    if hasattr(cell, "total_seconds"):
        return float(cell.total_seconds())
    if hasattr(cell, "hour") and not hasattr(cell, "year"):  # a time of day is how spreadsheets write a duration
        return float(cell.hour * 3600 + cell.minute * 60 + cell.second)
    if not isinstance(cell, str):
        return None
    text = plain(cell)
    if _NUMBER.fullmatch(text):
        return float(text.replace(",", "."))
    clock = re.fullmatch(r"(\d{1,3}):(\d{2}):(\d{2})(?:[.,]\d+)?", text)
    return float(int(clock[1]) * 3600 + int(clock[2]) * 60 + int(clock[3])) if clock else None


def in_ranges(value: Any, ranges: Sequence[tuple[Any, Any]]) -> bool:
    """Whether a cell is one of a file's user-missing values; ranges include their ends."""
    if isinstance(value, str):
        return any(isinstance(low, str) and low.strip() == value.strip() for low, _ in ranges)
    if not isinstance(value, int | float | np.number):
        return False
    return any(not isinstance(low, str) and low - _WHOLE <= value <= high + _WHOLE for low, high in ranges)
