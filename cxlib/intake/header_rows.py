"""Exports with two or three header rows: one name for each column, and the question's wording beside it.

The names are made by fixed rules (docs/data.md), so that the parameters name the same column in every export of a
survey.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from cxlib.intake.table import Opened, Taken

TABLES = ("csv", "tsv", "xlsx", "xlsm", "xls", "ods", "xlsb")
_ENOUGH = 2  # unnamed columns that the second row fills: fewer may be notes beside a table

# What SurveyMonkey writes below a question of one column.
_RESPONSE = frozenset(
    {"response", "open-ended response", "phản hồi", "câu trả lời", "trả lời", "phản hồi mở", "câu trả lời mở"}
)
# Names of Qualtrics' own columns, and what its second row says below them.
_QUALTRICS = {
    "startdate": {"start date", "startdate"},
    "enddate": {"end date", "enddate"},
    "responseid": {"response id", "responseid"},
    "recordeddate": {"recorded date"},
    "ipaddress": {"ip address", "ipaddress"},
    "finished": {"finished"},
    "status": {"response type", "status"},
    "progress": {"progress"},
}
_TAG = re.compile(r"<[^<>]{1,300}>")
_PIPED = re.compile(r"\$\{[^{}]{1,300}\}")


def join_header_rows(opened: Opened) -> Opened:
    """The same file with one name a column; a file with one header row is given back as it is.

    Parameters
    ----------
    opened : Opened
        As its format was read: names from the first row, everything below taken for answers.

    Returns
    -------
    Opened
        Qualtrics: the names of the first row; SurveyMonkey: `Question [Option]`, or the question alone where it has one
        column. `wording` holds what was asked, without mark-up; rows count from 1 below the last header row.
    """
    if opened.format not in TABLES:
        return opened
    rows = _first_rows(opened)
    marked = next((n for n, row in enumerate(rows) if any("ImportId" in cell and "{" in cell for cell in row)), None)
    if marked is not None:
        wording = rows[marked - 1] if marked else [""] * len(opened.names)
        return _below(opened, marked + 1, opened.names, wording, "names, question texts and import identifiers")
    if rows and _captions(opened.names, rows[0]):
        return _below(opened, 1, opened.names, rows[0], "names and question texts")
    if rows and _options(opened.names, rows[0]):
        return _below(opened, 1, _joined(opened.names, rows[0]), (), "questions and options")
    return opened


def plain_wording(text: str) -> str:
    """A question's text without mark-up, on one line.

    Examples
    --------
    >>> plain_wording("How satisfied<br> are you with <b>the food</b>?&nbsp;")
    'How satisfied are you with the food?'
    """
    return " ".join(html.unescape(_TAG.sub(" ", _PIPED.sub(" ", text))).split()).replace(" ?", "?")


def _first_rows(opened: Opened) -> list[list[str]]:
    """The first rows below the header, as text, each as long as the header."""
    width = len(opened.names)
    return [[_text(cell) for cell in row[:width]] + [""] * (width - len(row)) for row in opened.first]


def _text(cell: Any) -> str:
    return " ".join(cell.split()) if isinstance(cell, str) else "" if cell is None or cell != cell else str(cell)


def _captions(names: Sequence[str], row: Sequence[str]) -> bool:
    """Whether a row repeats the names of Qualtrics' own columns in words."""
    told = [cell.casefold() in _QUALTRICS[name] for name, cell in _own(names, row)]
    return sum(told) >= 2 and all(told)


def _own(names: Sequence[str], row: Sequence[str]) -> list[tuple[str, str]]:
    pairs = [(name.casefold().replace(" ", ""), cell) for name, cell in zip(names, row, strict=True)]
    return [(name, cell) for name, cell in pairs if name in _QUALTRICS]


def _options(names: Sequence[str], row: Sequence[str]) -> bool:
    """Whether a row holds the options of the questions above it."""
    if not row or row[0]:
        return False
    unnamed = [cell for name, cell in zip(names, row, strict=True) if not name]
    filled = sum(bool(cell) and not _number(cell) for cell in unnamed)
    said = sum(cell.casefold() in _RESPONSE for cell in row)
    if any(_number(cell) for name, cell in zip(names, row, strict=True) if name):
        return filled > _ENOUGH and filled * 2 > len(unnamed)
    told = sum(bool(cell) for cell in row)
    return (filled >= _ENOUGH or said >= 1) and filled * 2 >= len(unnamed) and (filled + said) * 2 >= told


def _number(text: str) -> bool:
    return bool(re.fullmatch(r"[\d.,/: -]+", text))


def _joined(names: Sequence[str], row: Sequence[str]) -> tuple[str, ...]:
    joined, question = [], ""
    for name, option in zip(names, row, strict=True):
        question = " ".join(name.split()) or question
        alone = not option or option.casefold() in _RESPONSE
        joined.append(question if alone and name else f"{question} [{option}]" if option else "")
    return tuple(joined)


def _below(opened: Opened, more: int, names: Sequence[str], wording: Sequence[str], what: str) -> Opened:
    """The file with `more` of its rows taken as header rows."""

    def take(positions: Sequence[int]) -> Taken:
        taken = opened.take(positions)
        above = taken.rows[more - 1] if len(taken.rows) >= more else 0
        return Taken(np.asarray(taken.rows[more:] - above), [cells[more:] for cells in taken.cells], taken.codebooks)

    return replace(
        opened,
        names=tuple(names),
        take=take,
        wording=tuple(plain_wording(text) for text in wording),
        header_rows=more + 1,
        first=(),
        remarks=(*opened.remarks, f"{more + 1} header rows ({what}) were read as one"),
    )
