"""Look up a text of the pages by key.

The texts stand in csv files beside this module (columns key, en, vi): `words.csv` is the shared vocabulary, the
other files hold the sentences of one room each. A key stands once in all of them.
"""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files

LANGUAGES = ("vi", "en")


@cache
def _vocabulary() -> dict[str, dict[str, str]]:
    known: dict[str, dict[str, str]] = {}
    for source in sorted(files(__package__).iterdir(), key=lambda item: item.name):
        if source.name.endswith(".csv"):
            with source.open(encoding="utf-8", newline="") as lines:
                for line in csv.DictReader(lines):
                    if line["key"] in known:
                        raise ValueError(f"{source.name}: the key '{line['key']}' stands twice in the vocabulary")
                    known[line["key"]] = {language: line[language] for language in LANGUAGES}
    return known


def word(key: str, language: str, **values: object) -> str:
    """The text of `key` in `language`, its {names} filled with `values`.

    Parameters
    ----------
    key : str
        A key of one of the csv files beside this module.
    language : {'vi', 'en'}
    **values
        What stands for each {name} of the text, already formatted for the reader.

    Returns
    -------
    str

    Examples
    --------
    >>> word("factor", "vi")
    'Yếu tố'
    """
    text = _vocabulary()[key][language]
    return text.format(**values) if values else text


def both(key: str, **values: object) -> dict[str, str]:
    """The text of `key` in both languages, for the {vi, en} fields of findings.json."""
    return {language: word(key, language, **values) for language in LANGUAGES}
