"""One figure as it is kept: its pictures and words in both languages, and its numbers."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from cxlib.figures.paper import style
from cxlib.words import LANGUAGES

Shown = TypeVar("Shown")


@dataclass(frozen=True)
class Drawing:
    """A figure: svg text by language, its words, and its numbers as csv text; `finding` is the name it is found by."""

    finding: str
    title: dict[str, str]
    alt: dict[str, str]
    svg: dict[str, str]
    csv: str


def drawing(
    name: str, shown: Shown, *, title: Callable[[Shown, str], str], alt: Callable[[Shown, str], str],
    svg: Callable[[Shown, str], str], numbers: str,
) -> Drawing:  # fmt: skip
    """A figure told in both languages.

    Parameters
    ----------
    name : str
        What it is found by.
    shown : object
        What is drawn, as `title`, `alt` and `svg` take it.
    title, alt, svg : callable
        Of `shown` and a language: the caption, the picture in words, the picture.
    numbers : str
        What is drawn, as csv text.
    """
    with style():
        told = [{language: tell(shown, language) for language in LANGUAGES} for tell in (title, alt, svg)]
    return Drawing(name, *told, numbers)


def table(columns: Sequence[str], rows: Iterable[Sequence]) -> str:
    r"""Numbers as csv text.

    Examples
    --------
    >>> table(["wave", "mean"], [["2025-Q1", 3.5], ["2025-Q2", None]])
    'wave,mean\n2025-Q1,3.5\n2025-Q2,\n'
    """
    out = io.StringIO()
    lines = csv.writer(out, lineterminator="\n")
    lines.writerow(columns)
    lines.writerows(rows)
    return out.getvalue()
