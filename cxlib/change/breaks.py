"""Breaks in what was asked: a line is not drawn across them."""

from __future__ import annotations

from cxlib.change.survey import day_number
from cxlib.params import Params
from cxlib.params.spans import wave_span


def breaks_of(measure: str, waves: tuple[str, ...], params: Params) -> tuple[tuple[int, str], ...]:
    """Where the line of a question is broken.

    Parameters
    ----------
    measure : str
    waves : tuple of str
        In the order of time.
    params : Params

    Returns
    -------
    tuple of (int, str)
        Place of the first wave behind each break, and why: wording, scale or mode. A wave that holds no answers stands
        for the next one.
    """
    question = params.questions.get(measure)
    declared = (*params.breaks, *(question.breaks if question is not None else ()))
    found = []
    for item in declared:
        place = _place(item.wave, waves, params)
        if place is not None:
            found.append((place, item.why))
    return tuple(sorted(set(found)))


def _place(wave: str, waves: tuple[str, ...], params: Params) -> int | None:
    if wave in waves:
        return waves.index(wave)
    span = wave_span(wave, params)
    if span is None:
        return None
    for place, name in enumerate(waves):
        other = wave_span(name, params)
        if other is not None and day_number(other[0]) >= day_number(span[0]):
            return place
    return None


def parts_of(breaks: tuple[tuple[int, str], ...], count: int) -> list[int]:
    """Part of the line that each wave belongs to: 0, 1, ... raised at every break.

    Examples
    --------
    >>> parts_of(((2, "wording"),), 4)
    [0, 0, 1, 1]
    """
    places = sorted({place for place, _ in breaks})
    return [sum(place <= wave for place in places) for wave in range(count)]
