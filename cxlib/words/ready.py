"""The words and signs of both languages, read when this module is imported.

For whoever starts kernels ahead of time: what every stage and every page would read anew is then there for all of them.
"""

from datetime import date

from babel.dates import format_date

from cxlib.words import LANGUAGES, decimal, word

for language in LANGUAGES:
    word("factor", language)
    decimal(0.0, language)
    format_date(date(2026, 1, 1), "d MMMM y", locale=language)
