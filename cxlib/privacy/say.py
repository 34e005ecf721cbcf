"""Fill the texts of findings.csv in both languages at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from babel.dates import format_date

from cxlib.findings.schema import Both
from cxlib.params.model import Label
from cxlib.words import LANGUAGES, decimal, whole, word

Value = str | int | Both | Label | Callable[[str], str]


def say(key: str, **values: Value) -> Both:
    """A text in both languages.

    Parameters
    ----------
    key : str
        A key of the vocabulary.
    **values
        What stands for each {name}: a text, a count, a text in both languages, or a function of the language.

    Examples
    --------
    >>> say("caveat_specs", stand=6, of=10).en
    'It stands in only 6 of 10 reasonable ways of looking at the answers.'
    """
    said = {}
    for language in LANGUAGES:
        filled = {name: in_language(value, language) for name, value in values.items()}
        said[language] = word(key, language, **filled)
    return Both(**said)


def in_language(value: Any, language: str) -> str:
    """One value as a reader of `language` sees it."""
    if isinstance(value, Both | Label):
        return value.vi if language == "vi" else value.en
    if callable(value):
        return value(language)
    return whole(value, language) if isinstance(value, int) else str(value)


def quoted(labels: Iterable[Both | Label]) -> Callable[[str], str]:
    """Names in quotation marks, parted by commas; those which read alike stand once."""
    labels = tuple(labels)
    return lambda language: ", ".join(dict.fromkeys(f"“{in_language(label, language)}”" for label in labels))


def small(value: float) -> Callable[[str], str]:
    """A q value as it is read: '= 0.012', or '< 0.001'."""
    return lambda language: f"< {decimal(0.001, language, 3)}" if value < 0.001 else f"= {decimal(value, language, 3)}"


def day(iso: str) -> Callable[[str], str]:
    """A day (YYYY-MM-DD) as it is read.

    Examples
    --------
    >>> day("2026-01-05")("vi"), day("2026-01-05")("en")
    ('5/1/2026', '5 January 2026')
    """
    known = date.fromisoformat(iso)

    def written(language: str) -> str:
        if language == "vi":
            return f"{known.day}/{known.month}/{known.year}"
        return format_date(known, "d MMMM y", locale=language)

    return written
