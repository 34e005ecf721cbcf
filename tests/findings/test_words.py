"""Numbers stand on a page as the reader's locale writes them."""

from __future__ import annotations

import pytest
from babel.numbers import format_decimal

from cxlib.words import LANGUAGES, decimal, whole

NUMBERS = (0.0, -0.0, 0.005, 0.125, -0.004, 2.675, -12.5, 999.996, 1234.5, -1234567.891, 12345678.0, 1e-9, 3, -41)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("digits", range(4))
def test_a_number_is_written_as_babel_writes_it(language, digits):
    pattern = "#,##0." + "0" * digits if digits else "#,##0"
    for number in NUMBERS:
        rounded = round(number, digits) + 0.0
        assert decimal(number, language, digits) == format_decimal(rounded, format=pattern, locale=language)
        assert whole(number, language) == format_decimal(round(number), format="#,##0", locale=language)
