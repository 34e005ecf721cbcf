"""Texts in both languages at once, with their numbers and dates in each reader's form."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from babel.dates import format_date

from cxlib.words import LANGUAGES, decimal, interval, percent, whole, word

DAY = {"vi": "d/M/yyyy", "en": "d MMMM yyyy"}  # 15/1/2026; 15 January 2026


@dataclass(frozen=True)
class Said:
    """A text in Vietnamese and in English; every page holds both and shows one."""

    vi: str
    en: str

    def get(self, language: str) -> str:
        return self.en if language == "en" else self.vi


def said(text) -> Said:
    """Anything with `vi` and `en`, or one text that is the same in both languages."""
    return Said(text, text) if isinstance(text, str) else Said(text.vi, text.en)


def _each(value: object, language: str) -> object:
    return getattr(value, language) if hasattr(value, "vi") and hasattr(value, "en") else value


def say(key: str, **values: object) -> Said:
    """The text of `key` in both languages.

    Parameters
    ----------
    key : str
        A key of the vocabulary.
    **values
        What stands for each {name}: a `Said` (or anything with `vi` and `en`), or text for both.

    Examples
    --------
    >>> say("page_answers", count=count(2412))
    Said(vi='2.412 câu trả lời', en='2,412 answers')
    """
    return Said(
        **{
            language: word(key, language, **{name: _each(value, language) for name, value in values.items()})
            for language in LANGUAGES
        }
    )


def counted(key: str, number: int, **values: object) -> Said:
    """`key` for many and `key`_1 for one."""
    return say(f"{key}_1", **values) if number == 1 else say(key, count=count(number), **values)


def count(number: float | None) -> Said:
    """A whole number."""
    return Said(*(whole(number, language) for language in ("vi", "en")))


def number(value: float | None, digits: int = 2) -> Said:
    """A number with decimals."""
    return Said(*(decimal(value, language, digits) for language in ("vi", "en")))


def share(value: float | None, digits: int = 0) -> Said:
    """A share (0-1) in percent."""
    return Said(*(percent(value, language, digits) for language in ("vi", "en")))


def ranged(value: float | None, low: float | None, high: float | None, digits: int = 2) -> Said:
    """A number with its likely range; the bare dash when it is not shown."""
    if value is None or low is None or high is None:
        return number(value, digits)
    limits = Said(*(interval(low, high, language, digits) for language in ("vi", "en")))
    return say("page_value_range", value=number(value, digits), range=limits)


def shares(value: float | None, low: float | None, high: float | None) -> Said:
    """A share (0-1) in percent with its likely range."""
    if value is None or low is None or high is None:
        return share(value)
    limits = Said(*(f"{percent(low, language)}–{percent(high, language)}" for language in ("vi", "en")))
    return say("page_value_range", value=share(value), range=limits)


def day(iso: str | None) -> Said | None:
    """An ISO date as each reader writes it; a date that is no date is left as written.

    Examples
    --------
    >>> day("2026-01-15")
    Said(vi='15/1/2026', en='15 January 2026')
    """
    if not iso:
        return None
    try:
        known = date.fromisoformat(iso[:10])
    except ValueError:
        return said(iso)
    return Said(*(format_date(known, DAY[language], locale=language) for language in ("vi", "en")))


def joined(parts: Iterable, between: str = ", ") -> Said:
    """Several texts as one."""
    parts = [said(part) for part in parts]
    return Said(between.join(part.vi for part in parts), between.join(part.en for part in parts))
