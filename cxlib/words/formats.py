"""Numbers as a reader writes them: 0,41 and 12.345 in Vietnamese, 0.41 and 12,345 in English."""

from __future__ import annotations

from functools import cache

from babel.numbers import format_percent, get_decimal_symbol, get_group_symbol, get_minus_sign_symbol

NOTHING = "–"  # a number that is not shown


def decimal(value: float | None, language: str, digits: int = 2) -> str:
    """A number with `digits` decimals.

    Examples
    --------
    >>> decimal(0.414, "vi"), decimal(0.414, "en")
    ('0,41', '0.41')
    """
    if value is None:
        return NOTHING
    value = round(value, digits) + 0.0  # no "-0.00"
    return _written(value, language, digits)


def whole(value: float | None, language: str) -> str:
    """A count, with the locale's separator of thousands.

    Examples
    --------
    >>> whole(12345, "vi"), whole(12345, "en")
    ('12.345', '12,345')
    """
    return NOTHING if value is None else _written(round(value), language, 0)


def _written(value: float, language: str, digits: int) -> str:
    """A rounded number as `babel.numbers.format_decimal` writes it, with the locale's signs.

    A page is made of thousands of numbers, and Babel would read its pattern and the locale anew for each.
    """
    return f"{value:,.{digits}f}".translate(_signs(language))


@cache
def _signs(language: str) -> dict[int, str]:
    """What stands for the signs that Python writes."""
    return str.maketrans(
        {
            ".": get_decimal_symbol(language),
            ",": get_group_symbol(language),
            "-": get_minus_sign_symbol(language),
        }
    )


def percent(value: float | None, language: str, digits: int = 0) -> str:
    """A share (0-1) in percent.

    Examples
    --------
    >>> percent(0.257, "vi"), percent(0.257, "en", 1)
    ('26%', '25.7%')
    """
    if value is None:
        return NOTHING
    return format_percent(value, format="#,##0." + "0" * digits + "%" if digits else "#,##0%", locale=language)


def interval(low: float | None, high: float | None, language: str, digits: int = 2) -> str:
    """A likely range, with the true minus sign kept apart from the dash.

    Examples
    --------
    >>> interval(0.21, 0.39, "vi")
    '0,21–0,39'
    >>> interval(-0.1, 0.39, "en")
    '-0.10 to 0.39'
    """
    if low is None or high is None:
        return NOTHING
    between = "–" if low >= 0 else (" đến " if language == "vi" else " to ")
    return decimal(low, language, digits) + between + decimal(high, language, digits)
