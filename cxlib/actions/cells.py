"""What single cells of the action log say: days, numbers, contacts, and the nearest known name."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from difflib import get_close_matches

from cxlib.actions.records import TwoTexts
from cxlib.errors import Problem

LONGEST = 600  # signs of a text; a page shows it as one sentence
FIRST_YEAR, LAST_YEAR = 1990, 2100  # a day outside of them is a slip of the hand
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}")
_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
_MAIL = re.compile(
    r"[\w.+-]+\s?(?:@|[(\[{]\s?(?:at|a còng)\s?[)\]}])\s?[\w-]+(?:\.|\s?[(\[{]\s?(?:dot|chấm)\s?[)\]}]\s?)\w"
)
_PHONE = re.compile(r"(?<![\w./-])(?:(?:\+|00)\d{1,3}|\(?0\d{1,3}\)?)(?:[\s.·–-]?\d){6,11}(?!\w)")
_LINK = re.compile(r"https?://\S+")


def near(name: str, known: Sequence[str]) -> str:
    """'did you mean ...?', or what there is to choose from.

    Examples
    --------
    >>> near("wait_tod", ["wait_told", "on_time"]), near("x", ["wait_told", "on_time"])
    ("did you mean 'wait_told'?", 'known here: wait_told, on_time')
    """
    by_fold = {item.casefold(): item for item in known}
    close = get_close_matches(name.casefold(), list(by_fold), n=1, cutoff=0.6)
    return f"did you mean '{by_fold[close[0]]}'?" if close else f"known here: {', '.join(known)}"


def read_day(text: str) -> date | None:
    """A day written as 2026-03-31; None when it is none.

    Examples
    --------
    >>> read_day("2026-03-31"), read_day("31/03/2026"), read_day("2026-02-30")
    (datetime.date(2026, 3, 31), None, None)
    """
    try:
        day = date.fromisoformat(text) if _ISO.fullmatch(text) else None
    except ValueError:
        day = None
    return day if day is not None and FIRST_YEAR <= day.year <= LAST_YEAR else None


def read_number(text: str) -> float:
    """A number with a point or a comma before its decimals; NaN when it is none."""
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return math.nan


def holds_contact(text: str) -> bool:
    """Whether a text holds an e-mail address or a telephone number; those within a web link do not count.

    Examples
    --------
    >>> holds_contact("ask an@example.com"), holds_contact("Gọi 0912 345 678"), holds_contact("from 2026-01-05")
    (True, True, False)
    """
    text = _LINK.sub(" ", _UNSEEN.sub("", unicodedata.normalize("NFKC", text)))
    return bool(_MAIL.search(text) or _PHONE.search(text))


def parted(text: str, signs: str = ";") -> list[str]:
    """The items of a list in a cell, without empty ones."""
    return [item.strip() for item in re.split(f"[{signs}]", text) if item.strip()]


def two_texts(
    cells: Mapping[str, str], column: str, wrong: Callable[[str, str, str], None], *, needed: bool, instead: str
) -> TwoTexts | None:
    """A text in both languages; written once, it stands in both.

    Parameters
    ----------
    cells : mapping
        With `column` and its twins `column`_vi and `column`_en.
    column : str
    wrong : callable
        Told of each mistake: column, what is wrong, how to mend it.
    needed : bool
        Whether it must be there.
    instead : str
        What to write in place of an address or a telephone number.
    """
    names = (column, f"{column}_vi", f"{column}_en")
    base, vi, en = (cells[name] for name in names)
    if needed and not (base or (vi and en)):
        wrong(column, f"'{column}' is missing.", "write it in one sentence")
    for name in names:
        if len(cells[name]) > LONGEST:
            wrong(name, f"'{name}' is longer than {LONGEST} signs.", "say it in one sentence")
        if holds_contact(cells[name]):
            wrong(name, f"'{name}' holds an e-mail address or a phone number.", instead)
    if not (base or vi or en):
        return None
    return TwoTexts(vi=vi or base or en, en=en or base or vi)


def line_of(problem: Problem) -> int:
    """The line that a problem is about, from `file:line`; 0 when it names none."""
    number = re.search(r":(\d+)", problem.where)
    return int(number.group(1)) if number else 0
