"""On which days a wave was answered: as the parameters say, else as its name tells."""

from __future__ import annotations

import datetime as dt
import re
from calendar import monthrange
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cxlib.params.model import Params

# The names that intake gives to periods of dates; a client may use them for waves of his own, too.
_NAME = re.compile(r"(?P<year>(?:19|20)\d{2})(?:-(?:Q(?P<quarter>[1-4])|W(?P<week>\d{2})|(?P<month>\d{2})))?")


def wave_span(name: str, params: Params) -> tuple[dt.date, dt.date] | None:
    """First and last day on which a wave was answered.

    Parameters
    ----------
    name : str
        As in the answers' column `wave`.
    params : Params
        Its `waves` come first: what is declared is surer than a name.

    Returns
    -------
    tuple of date, or None
        None when neither the parameters nor the name tell.

    Examples
    --------
    >>> from types import SimpleNamespace as Declared
    >>> params = Declared(waves={"2016": Declared(first=dt.date(2016, 5, 9), last=dt.date(2016, 6, 3))})
    >>> [str(day) for day in wave_span("2016", params)]
    ['2016-05-09', '2016-06-03']
    >>> [str(day) for day in wave_span("2017", params)]
    ['2017-01-01', '2017-12-31']
    >>> wave_span("before the move", params) is None
    True
    """
    span = params.waves.get(name)
    return (span.first, span.last) if span is not None else span_of_name(name)


def span_of_name(name: str) -> tuple[dt.date, dt.date] | None:
    """First and last day of a year, quarter, month or ISO week, written as `2025`, `2025-Q3`, `2025-03`, `2025-W07`.

    Returns
    -------
    tuple of date, or None
        None for any other name, and for a month or week that no calendar has.

    Examples
    --------
    >>> for name in ("2025", "2025-Q3", "2025-02", "2025-W07"):
    ...     print(*span_of_name(name))
    2025-01-01 2025-12-31
    2025-07-01 2025-09-30
    2025-02-01 2025-02-28
    2025-02-10 2025-02-16
    >>> [span_of_name(name) for name in ("1", "2025-13", "2025-W53")]
    [None, None, None]
    """
    told = _NAME.fullmatch(name)
    if told is None:
        return None
    year = int(told["year"])
    if told["week"]:
        try:
            monday = dt.date.fromisocalendar(year, int(told["week"]), 1)
        except ValueError:
            return None
        return monday, monday + dt.timedelta(days=6)
    if told["quarter"]:
        return _months(year, 3 * int(told["quarter"]) - 2, 3)
    if told["month"]:
        return _months(year, int(told["month"]), 1) if 1 <= int(told["month"]) <= 12 else None
    return _months(year, 1, 12)


def _months(year: int, first: int, count: int) -> tuple[dt.date, dt.date]:
    last = first + count - 1
    return dt.date(year, first, 1), dt.date(year, last, monthrange(year, last)[1])
