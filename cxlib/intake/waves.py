"""Dates in a wave column, and the periods they are cut into."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from cxlib.errors import Problem

Every = Literal["week", "month", "quarter", "year"]
MANY_WAVES = 60  # more different texts than that in a wave column are dates or identifiers, not waves

_MOMENT, _DAY = "datetime64[us]", "datetime64[D]"
_EXCEL_EPOCH = dt.datetime(1899, 12, 30)  # day 0 of spreadsheets since March 1900
_EXCEL_DAYS = (20_000, 80_000)  # 1954 to 2119
_MONTHS = {
    name: number
    for number, name in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split(), 1)  # noqa: SIM905
}
_TIME = (
    r"(?:[T,\s]\s*(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d+)?)?"
    r"\s*(?P<half>[AaPp]\.?[Mm]\.?|SA|CH)?\s*(?:Z|[A-Z]{3,4}|(?:GMT|UTC)?[+-]\d{1,2}(?::?\d{2})?)?)?"
)
_YEAR_FIRST = re.compile(r"(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})" + _TIME)
_YEAR_LAST = re.compile(r"(?P<first>\d{1,2})[-/.](?P<second_part>\d{1,2})[-/.](?P<year>\d{4}|\d{2})" + _TIME)
_DAY_NAME = re.compile(r"(?P<day>\d{1,2})[-/. ](?P<name>[A-Za-z]{3,9})[-/., ]+(?P<year>\d{4}|\d{2})" + _TIME)
_NAME_DAY = re.compile(r"(?P<name>[A-Za-z]{3,9})\.? (?P<day>\d{1,2}),? (?P<year>\d{4})" + _TIME)
_SPOKEN = re.compile(
    r"(?:ngày )?(?P<day>\d{1,2}) (?:tháng|thg) (?P<month>\d{1,2})(?:,? năm|,)? (?P<year>\d{4})" + _TIME, re.I
)
_MONTH_ONLY = re.compile(r"(?P<year>\d{4})[-/](?P<month>\d{1,2})")


@dataclass(frozen=True)
class Parts:
    """A date whose first two numbers may be day and month or month and day."""

    first: int
    second: int
    year: int
    clock: dt.timedelta


@dataclass(frozen=True)
class Dated:
    """Waves and dates of the rows of one file: `wave` is '' and `dates` NaT where a row tells none.

    `days` are the dates again, without the clock, and only where the very day is told.
    """

    wave: np.ndarray
    dates: np.ndarray
    days: np.ndarray
    problems: tuple[Problem, ...] = ()


def period(when: dt.datetime, every: Every) -> str:
    """The period a date falls into.

    Examples
    --------
    >>> [period(dt.datetime(2025, 2, 14), every) for every in ("year", "quarter", "month", "week")]
    ['2025', '2025-Q1', '2025-02', '2025-W07']
    """
    if every == "year":
        return f"{when.year:04d}"
    if every == "quarter":
        return f"{when.year:04d}-Q{(when.month + 2) // 3}"
    if every == "month":
        return f"{when.year:04d}-{when.month:02d}"
    year, week, _ = when.isocalendar()
    return f"{year:04d}-W{week:02d}"


def cut_dates(cells: np.ndarray, every: Every, where: str) -> Dated:
    """Cut a column of dates into periods.

    Whether 03/04/2025 is the third of April or the fourth of March is found out from the whole column: one date with
    a number above 12 settles it. Left open, it is a problem unless both readings give the same periods.

    Parameters
    ----------
    cells : array of object
        Texts, dates, datetimes, spreadsheet day numbers, years.
    every : {'week', 'month', 'quarter', 'year'}
    where : str
        File and column, for messages.
    """
    codes, unique = pd.factorize(_hashable(cells), use_na_sentinel=True)
    read = [read_date(cell, every) for cell in unique]
    parts = [item for item in read if isinstance(item, Parts)]
    day_first, problems = _which_first(parts, every, where)
    when = [_fix(item, day_first) if isinstance(item, Parts) else item for item in read]
    told = codes >= 0
    unread = np.array([item is None for item in when] or [True])[codes] & told
    if unread.sum() * 2 > told.sum():
        problems.append(
            Problem(
                f"{int(unread.sum())} of {int(told.sum())} cells of the wave column are not dates.",
                where,
                "name a column of dates, write them as yyyy-mm-dd, or leave `every` out when the column names the wave",
            )
        )
    waves = np.array([period(item, every) if item else "" for item in when] + [""], dtype=object)[codes]
    settled = any(item.first > 12 or item.second > 12 for item in parts)
    sure = [
        settled or item.first == item.second if isinstance(item, Parts) else _tells_day(cell, every)
        for cell, item in zip(unique, read, strict=True)
    ]
    days = [date if told_by else None for told_by, date in zip(sure, when, strict=True)]
    return Dated(waves, _moments(when)[codes], _moments(days).astype(_DAY).astype(_MOMENT)[codes], tuple(problems))


def name_waves(cells: np.ndarray, labels: dict[float, str], where: str) -> Dated:
    """Waves that a column names itself: texts, numbers, or codes with value labels.

    Labels are used when they sort like their codes ("Wave 1", "Wave 2"); otherwise the codes, which keep the order.
    """
    from cxlib.intake.cells import as_text

    codes, unique = pd.factorize(_hashable(cells), use_na_sentinel=True)
    numbers = [float(cell) for cell in unique if isinstance(cell, int | float) and float(cell) in labels]
    ordered = [labels[number] for number in sorted(numbers)]
    use = labels if ordered == sorted(set(ordered)) else {}
    names = [use.get(float(cell)) if isinstance(cell, int | float) else None for cell in unique]
    names = [name or as_text(cell) for name, cell in zip(names, unique, strict=True)]
    problems = []
    if len(set(names)) > MANY_WAVES:
        dated = sum(isinstance(read_date(cell, "week"), dt.datetime | Parts) for cell in unique) * 2 > len(unique)
        problems.append(
            Problem(
                f"The wave column names {len(set(names))} different waves.",
                where,
                "it holds dates: say wave.every: week, month, quarter or year"
                if dated
                else "name the column that tells the survey wave, or a column of dates with wave.every",
            )
        )
    when = [cell if isinstance(cell, dt.date) else None for cell in unique]
    dates = _moments(when)[codes]
    # A date that names a wave is the wave's, and need not be the day of each answer.
    return Dated(
        np.array([*names, ""], dtype=object)[codes], dates, np.full(len(dates), "NaT", dtype=_MOMENT), tuple(problems)
    )


def read_date(cell: Any, every: Every) -> dt.datetime | Parts | None:
    """One cell as a date; `Parts` where day and month cannot be told apart; None where it is no date."""
    if isinstance(cell, dt.datetime):
        return cell.replace(tzinfo=None)
    if isinstance(cell, dt.date):
        return dt.datetime(cell.year, cell.month, cell.day)
    if isinstance(cell, int | float | np.number) and not isinstance(cell, bool):
        return _from_number(float(cell), every)
    if not isinstance(cell, str):
        return None
    text = re.sub(r"\s+", " ", cell).strip().lstrip("'")
    if re.fullmatch(r"\d{4,8}([.,]\d+)?", text):
        return _from_number(float(text.replace(",", ".")), every)
    if found := _YEAR_LAST.fullmatch(text):
        return Parts(int(found["first"]), int(found["second_part"]), _century(found["year"]), _clock(found))
    if found := _YEAR_FIRST.fullmatch(text) or _SPOKEN.fullmatch(text):
        return _build(int(found["year"]), int(found["month"]), int(found["day"]), _clock(found))
    if found := _DAY_NAME.fullmatch(text) or _NAME_DAY.fullmatch(text):
        month = _MONTHS.get(found["name"][:3].lower(), 0)
        return _build(_century(found["year"]), month, int(found["day"]), _clock(found))
    if every != "week" and (found := _MONTH_ONLY.fullmatch(text)):
        return _build(int(found["year"]), int(found["month"]), 1, dt.timedelta())
    return None


def _tells_day(cell: Any, every: Every) -> bool:
    """False for a year or a month that stands for all of its days."""
    text = str(cell).strip().lstrip("'")
    only_year = every == "year" and re.fullmatch(r"\d{4}(\.0+)?", text)
    return not (only_year or (isinstance(cell, str) and _MONTH_ONLY.fullmatch(text)))


def _moments(when: list[dt.datetime | dt.date | None]) -> np.ndarray:
    """As an array, with a NaT at its end for rows that tell nothing (code -1)."""
    return np.array([*(item or None for item in when), None], dtype=_MOMENT)


def _from_number(number: float, every: Every) -> dt.datetime | None:
    if every == "year" and number.is_integer() and 1900 <= number <= 2100:
        return dt.datetime(int(number), 1, 1)
    if _EXCEL_DAYS[0] <= number < _EXCEL_DAYS[1]:
        return _EXCEL_EPOCH + dt.timedelta(days=number)
    if number.is_integer() and 19000101 <= number <= 21001231:
        return _build(int(number) // 10000, int(number) // 100 % 100, int(number) % 100, dt.timedelta())
    return None


def _which_first(parts: list[Parts], every: Every, where: str) -> tuple[bool, list[Problem]]:
    """True when the day stands first; a problem when the column does not settle it and it matters."""
    day_first = any(item.first > 12 for item in parts)
    month_first = any(item.second > 12 for item in parts)
    mend = "write the dates as yyyy-mm-dd, or as real dates in an .xlsx file"
    if day_first and month_first:
        what = "The wave column writes some dates with the day first and some with the month first."
        return True, [Problem(what, where, mend)]
    if day_first or month_first:
        return day_first, []
    for item in parts:
        one, other = _fix(item, True), _fix(item, False)
        if one and other and period(one, every) != period(other, every):
            what = "The wave column's dates can be read with the day first or with the month first."
            return True, [Problem(what, where, mend)]
    return True, []


def _fix(parts: Parts, day_first: bool) -> dt.datetime | None:
    day, month = (parts.first, parts.second) if day_first else (parts.second, parts.first)
    return _build(parts.year, month, day, parts.clock)


def _build(year: int, month: int, day: int, clock: dt.timedelta) -> dt.datetime | None:
    try:
        return dt.datetime(year, month, day) + clock if 1900 <= year <= 2100 else None
    except ValueError:
        return None


def _century(year: str) -> int:
    return int(year) + 2000 if len(year) == 2 else int(year)


def _clock(found: re.Match[str]) -> dt.timedelta:
    if not found["hour"]:
        return dt.timedelta()
    hour = int(found["hour"])
    half = (found["half"] or "").replace(".", "").upper()
    if half in ("PM", "CH") and hour < 12:
        hour += 12
    elif half in ("AM", "SA") and hour == 12:
        hour = 0
    return dt.timedelta(hours=min(hour, 23), minutes=int(found["minute"]), seconds=int(found["second"] or 0))


def _hashable(cells: np.ndarray) -> np.ndarray:
    """Objects, so that numbers, texts and dates stay apart when they are sorted into groups."""
    return cells.astype(object)
