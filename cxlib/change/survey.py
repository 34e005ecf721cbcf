"""The cleaned answers as arrays, read once for all actions: wave, day, unit, person, segments, weight."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from cxlib.params import Params
from cxlib.params.spans import wave_span

UNKNOWN = np.iinfo(np.int64).min  # a day nobody knows
_EPOCH = date(1970, 1, 1).toordinal()


@dataclass(frozen=True)
class Grouping:
    """A column that cuts the answers into places or groups.

    Attributes
    ----------
    levels : tuple of str
        Its values, sorted.
    codes : int array of shape (answers,)
        Place of each answer's value in `levels`; -1 where it is missing.
    names : mapping of str to int
        Every name a level goes by, flattened -> its place.
    """

    levels: tuple[str, ...]
    codes: np.ndarray
    names: Mapping[str, int]


@dataclass(frozen=True)
class Survey:
    """What every action's evidence needs of the answers.

    Attributes
    ----------
    answers : DataFrame
        As they came.
    waves : tuple of str
        In the order of time, as far as it is known, else of their names.
    wave : int array
        Place of each answer's wave in `waves`; -1 where it has none.
    first, last : int64 array
        Between which days each answer was given (days since 1970): the same day twice when it is known, else the days
        of its wave; `UNKNOWN` when neither is.
    wave_last : tuple of date or None
        The last day of each wave.
    groupings : mapping of str to Grouping
        'unit' and every segment, where declared and there.
    person : int array or None
        Number of the respondent, -1 unknown; None when nobody answered twice.
    weight : float array or None
        Design weights; None weighs everyone alike.
    """

    answers: pd.DataFrame
    waves: tuple[str, ...]
    wave: np.ndarray
    first: np.ndarray
    last: np.ndarray
    wave_last: tuple[date | None, ...]
    groupings: Mapping[str, Grouping]
    person: np.ndarray | None
    weight: np.ndarray | None

    @property
    def size(self) -> int:
        """How many answers."""
        return len(self.wave)

    @property
    def unit(self) -> np.ndarray | None:
        """Place of each answer's unit, -1 unknown; None when no unit is declared."""
        found = self.groupings.get("unit")
        return None if found is None else found.codes

    def values(self, measure: str) -> np.ndarray:
        """Answers to one question; NaN is missing, and so is everything when it was never asked."""
        if measure not in self.answers:
            return np.full(self.size, np.nan)
        values = self.answers[measure].to_numpy(dtype=float, na_value=np.nan)
        if self.weight is not None:
            values = np.where(np.isfinite(self.weight) & (self.weight > 0), values, np.nan)
        return values


def flat(text: object) -> str:
    """A name as it is compared: without the difference of capitals, spaces and ways of writing accents."""
    return " ".join(unicodedata.normalize("NFC", str(text)).casefold().split())


def day_number(day: date) -> int:
    """Days since 1970."""
    return day.toordinal() - _EPOCH


def as_date(number: int) -> date:
    """The day of a number of days since 1970."""
    return date.fromordinal(int(number) + _EPOCH)


def read_survey(answers: pd.DataFrame, params: Params) -> Survey:
    """Read the cleaned answers into arrays.

    Parameters
    ----------
    answers : DataFrame
        `wave`, and where there are any `day`, `unit`, `person`, `weight`, the segments and the questions.
    params : Params

    Returns
    -------
    Survey
    """
    size = len(answers)
    wave_column = answers["wave"].astype(object) if "wave" in answers else pd.Series([None] * size, dtype=object)
    codes, levels = pd.factorize(wave_column, use_na_sentinel=True)
    names = [str(level) for level in levels]
    spans = [wave_span(name, params) for name in names]
    day = _days(answers)
    order = sorted(range(len(names)), key=lambda place: _time_of(place, names, spans, codes, day))
    place_of = np.empty(len(names) + 1, dtype=int)
    place_of[order] = np.arange(len(names))
    place_of[-1] = -1
    wave = place_of[codes]
    names, spans = [names[place] for place in order], [spans[place] for place in order]
    first, last = day.copy(), day.copy()
    unknown = day == UNKNOWN
    if unknown.any():
        begins = np.array([UNKNOWN if span is None else day_number(span[0]) for span in spans] + [UNKNOWN])
        ends = np.array([UNKNOWN if span is None else day_number(span[1]) for span in spans] + [UNKNOWN])
        first[unknown], last[unknown] = begins[wave[unknown]], ends[wave[unknown]]
    latest = [_latest(wave == place, last) if spans[place] is None else spans[place][1] for place in range(len(names))]
    person = _person(answers)
    weight = None
    if params.weight and "weight" in answers:
        weight = answers["weight"].to_numpy(dtype=float, na_value=np.nan)
    groupings = {}
    for column in ("unit", *params.segments):
        if column in answers and (column != "unit" or params.unit is not None):
            groupings[column] = _grouping(answers[column], column, params)
    return Survey(answers, tuple(names), wave, first, last, tuple(latest), groupings, person, weight)


def _time_of(
    place: int, names: list[str], spans: list[tuple[date, date] | None], codes: np.ndarray, day: np.ndarray
) -> tuple[bool, int, str]:
    """Waves in the order of their days; those of which no day is known stand last, by name."""
    span = spans[place]
    if span is not None:
        return (False, day_number(span[0]), names[place])
    known = day[(codes == place) & (day != UNKNOWN)]
    return (False, int(known.min()), names[place]) if known.size else (True, 0, names[place])


def _latest(chosen: np.ndarray, last: np.ndarray) -> date | None:
    known = last[chosen & (last != UNKNOWN)]
    return as_date(int(known.max())) if known.size else None


def _days(answers: pd.DataFrame) -> np.ndarray:
    if "day" not in answers:
        return np.full(len(answers), UNKNOWN, dtype=np.int64)
    days = pd.to_datetime(answers["day"]).to_numpy(dtype="datetime64[D]")
    numbers = days.astype(np.int64)
    numbers[np.isnat(days)] = UNKNOWN
    return numbers


def _person(answers: pd.DataFrame) -> np.ndarray | None:
    if "person" not in answers:
        return None
    numbers = answers["person"].to_numpy(dtype=float, na_value=np.nan)
    return np.where(np.isfinite(numbers), np.nan_to_num(numbers), -1).astype(np.int64)


def _grouping(column: pd.Series, name: str, params: Params) -> Grouping:
    codes, levels = pd.factorize(column.astype(object), use_na_sentinel=True)
    texts = [str(level) for level in levels]
    order = sorted(range(len(texts)), key=lambda place: texts[place])
    place_of = np.empty(len(texts) + 1, dtype=int)
    place_of[order] = np.arange(len(texts))
    place_of[-1] = -1
    sorted_texts = tuple(texts[place] for place in order)
    places = {text: place for place, text in enumerate(sorted_texts)}
    names = {flat(text): place for text, place in places.items()}
    if name in params.segments:
        for value, label in params.segments[name].values.items():
            if value in places:
                names |= {flat(label.vi): places[value], flat(label.en): places[value], flat(value): places[value]}
    return Grouping(sorted_texts, place_of[codes], names)
