"""Into which waves dates are cut, and what wave a file holds."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cxlib.intake.waves import Every, Parts, period, read_date
from cxlib.newclient.profile import Profile

ENOUGH_WAVES = 3
_NAMED = (
    (re.compile(r"(?<!\d)((?:19|20)\d{2})[-_. ]?(?:Q|quy|quý)[-_. ]?([1-4])(?!\d)", re.I), r"\1-Q\2"),
    (re.compile(r"(?<![a-z\d])(?:Q|quy|quý)[-_. ]?([1-4])[-_. ]?((?:19|20)\d{2})(?!\d)", re.I), r"\2-Q\1"),
    (re.compile(r"(?<!\d)(20\d{2})[-_. ](0[1-9]|1[0-2])(?!\d)"), r"\1-\2"),
    (re.compile(r"(?<!\d)((?:19|20)\d{2})(?!\d)"), r"\1"),
)


def period_of(column: Profile) -> tuple[Every, int]:
    """The longest period that still gives three waves, and how many it gives.

    Where no period gives three, the one that gives the most; a month where all give one.
    """
    read = [read_date(cell, "month") for cell in column.counts]
    day_first = any(isinstance(item, Parts) and item.first > 12 for item in read)
    when = [date for item in read if (date := _date(item, day_first)) is not None]
    waves = {every: len({period(date, every) for date in when}) for every in ("year", "quarter", "month", "week")}
    for every in ("year", "quarter", "month", "week"):
        if waves[every] >= ENOUGH_WAVES:
            return every, waves[every]
    best = max(("month", "quarter", "year", "week"), key=lambda every: waves[every])
    return best, waves[best]


def _date(item: Any, day_first: bool) -> dt.datetime | None:
    if isinstance(item, Parts):
        day, month = (item.first, item.second) if day_first or item.second > 12 else (item.second, item.first)
        month, day = (day, month) if month > 12 else (month, day)
        try:
            return dt.datetime(item.year, month, day)
        except ValueError:
            return None
    return item


def name_of_file(paths: Sequence[Path]) -> tuple[list[str], bool]:
    """The wave of each file by its name, and whether the names tell; else 1, 2, 3.

    Examples
    --------
    >>> name_of_file([Path("2016_survey.csv"), Path("2017_survey.csv")])
    (['2016', '2017'], True)
    >>> name_of_file([Path("a.csv"), Path("b.csv")])
    (['1', '2'], False)
    """
    told = [wave_named(path.stem) for path in paths]
    if all(told) and len(set(told)) == len(told):
        return [str(name) for name in told], True
    return [str(number) for number in range(1, len(paths) + 1)], False


def wave_named(stem: str) -> str | None:
    """The wave that a file's name tells.

    Examples
    --------
    >>> wave_named("survey_2025-Q3"), wave_named("khao sat Q1 2025"), wave_named("2025-03 export"), wave_named("final")
    ('2025-Q3', '2025-Q1', '2025-03', None)
    """
    for pattern, written in _NAMED:
        found = pattern.search(stem)
        if found:
            return found.expand(written)
    return None
