"""Do the parts of the parameters agree with each other?

The checks read the plain mapping, before the typed model, so that they also speak when some other part is wrong:
a user sees every problem in one look.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from cxlib.params.spans import span_of_name

Place = tuple[str | int, ...]
Disagreement = tuple[Place, str, str]  # where, what is wrong, how to mend it

ONLY_WAVE = "1"  # the name of the wave when the parameters declare none
_PERIODS = {"year": "2025", "quarter": "2025-Q3", "month": "2025-03", "week": "2025-W07"}


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _segment_columns(raw: Mapping[str, Any]) -> dict[str, Any]:
    segments = raw.get("segments") or {}
    if isinstance(segments, list | tuple):
        return {item: item for item in segments if isinstance(item, str)}
    return {key: _mapping(segment).get("column") for key, segment in _mapping(segments).items()}


def _comments(raw: Mapping[str, Any]) -> list[str]:
    comments = raw.get("comments") or []
    return [comments] if isinstance(comments, str) else [item for item in comments if isinstance(item, str)]


def _files(raw: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    responses = _mapping(raw.get("data")).get("responses")
    return [_mapping(item) for item in responses] if isinstance(responses, list | tuple) else []


def nearest(name: str, known: list[str]) -> str:
    """' Did you mean ...?' with the nearest known name, or nothing.

    Examples
    --------
    >>> nearest("outcome", ["outcomes", "factors"])
    "did you mean 'outcomes'?"
    """
    close = get_close_matches(str(name), known, n=1, cutoff=0.6)
    return f"did you mean '{close[0]}'?" if close else ""


def _outcomes_named(raw: Mapping[str, Any]) -> Iterator[Disagreement]:
    for key, outcome in _mapping(raw.get("outcomes")).items():
        if key not in ("referral", "loyalty") and not _mapping(outcome).get("proxy_for"):
            yield (
                ("outcomes", key),
                f"'{key}' is neither referral nor loyalty",
                "name it so, or say for which of them it stands in: proxy_for: referral",
            )


def _keys_used_once(raw: Mapping[str, Any]) -> Iterator[Disagreement]:
    places = [("outcomes", key) for key in _mapping(raw.get("outcomes"))]
    places += [("factors", key) for key in _mapping(raw.get("factors"))]
    places += [("segments", key) for key in _segment_columns(raw)]
    places += [("comments", key) for key in _comments(raw)]
    count = Counter(key for _, key in places)
    seen: set[str] = set()
    for place in places:
        if count[place[1]] > 1 and place[1] in seen:
            yield place, f"the key '{place[1]}' is used twice", "give each outcome, factor, segment and comment its own"
        seen.add(place[1])


def _columns_used_once(raw: Mapping[str, Any]) -> Iterator[Disagreement]:
    """An outcome that is also a factor explains itself perfectly; nobody would see why."""
    users: dict[str, str] = {}
    for part in ("outcomes", "factors"):
        for key, question in _mapping(raw.get(part)).items():
            column = _mapping(question).get("column")
            if not isinstance(column, str):
                continue
            if column in users:
                yield (
                    (part, key, "column"),
                    f"the column '{column}' is already asked as {users[column]}",
                    "each question has a column of its own; an outcome cannot be its own factor",
                )
            users.setdefault(column, f"{part}.{key}")


def _steps_known(raw: Mapping[str, Any]) -> Iterator[Disagreement]:
    steps = list(_mapping(raw.get("steps")))
    for key, factor in _mapping(raw.get("factors")).items():
        step = _mapping(factor).get("step")
        if steps and isinstance(step, str) and step not in steps:
            yield (
                ("factors", key, "step"),
                f"the step '{step}' is not among the steps",
                nearest(step, steps) or f"steps are: {', '.join(map(str, steps))}",
            )


def _wave_told_once(raw: Mapping[str, Any]) -> Iterator[Disagreement]:
    waves = [item.get("wave") for item in _files(raw)]
    if raw.get("wave") and any(waves):
        yield ("wave",), "the wave is told by a column and by the files", "keep one of the two"
    if not raw.get("wave") and any(waves) and not all(waves):
        place = ("data", "responses", waves.index(next(wave for wave in waves if not wave)))
        yield place, "this file has no wave, others have one", 'add wave: "..." to it'
    if len(waves) > 1 and not any(waves) and not raw.get("wave"):
        yield ("data", "responses"), "several files and no wave", 'add wave: "..." to each file, or wave: {column: ...}'


def _waves_known(raw: Mapping[str, Any]) -> list[str] | None:
    """The names of all waves, where the parameters alone tell them."""
    if raw.get("wave"):
        return None
    named = [item.get("wave") for item in _files(raw)]
    if not any(named):
        return [ONLY_WAVE]
    return sorted({str(name) for name in named}) if all(named) else None


def _wave_wrong(name: str, raw: Mapping[str, Any]) -> tuple[str, str] | None:
    """What is wrong with the name of a wave, and how to mend it."""
    known = _waves_known(raw)
    if known is not None:
        how = nearest(name, known) or f"the waves are: {', '.join(known)}"
        return None if name in known else (f"there is no wave '{name}'", how)
    every = _mapping(raw.get("wave")).get("every")
    if every not in _PERIODS:
        return None  # a column names them; only the data knows
    like = _PERIODS[every]
    kind, wanted = (text[4:6] if text[5:6] in ("Q", "W") else len(text) for text in (name, like))
    if span_of_name(name) is not None and kind == wanted:
        return None
    return f"'{name}' is not how a {every} is written", f"write it like {like}"


def _breaks_of_known_waves(raw: Mapping[str, Any]) -> Iterator[Disagreement]:
    holders: list[tuple[Place, Any]] = [((), raw)]
    for part in ("outcomes", "factors"):
        holders += [((part, key), question) for key, question in _mapping(raw.get(part)).items()]
    known = _waves_known(raw)
    for place, holder in holders:
        breaks = _mapping(holder).get("breaks")
        for number, item in enumerate(breaks if isinstance(breaks, list | tuple) else ()):
            name = _mapping(item).get("wave")
            if not isinstance(name, str | int | float):
                continue
            wrong = _wave_wrong(str(name), raw)
            if wrong is None and known and str(name) == known[0]:
                wrong = f"no wave comes before '{name}'", "name the first wave that was asked in the new way"
            if wrong is not None:
                yield (*place, "breaks", number, "wave"), *wrong


def _spans_of_known_waves(raw: Mapping[str, Any]) -> Iterator[Disagreement]:
    for name in _mapping(raw.get("waves")):
        wrong = _wave_wrong(str(name), raw)
        if wrong is not None:
            yield ("waves", name), *wrong


def _day(value: Any) -> dt.date | None:
    try:
        return value if isinstance(value, dt.date) else dt.date.fromisoformat(value)
    except (TypeError, ValueError):
        return None


def _waves_apart(raw: Mapping[str, Any]) -> Iterator[Disagreement]:
    """On one day one wave is answered; otherwise nobody could say which answers came before an action."""
    declared = _mapping(raw.get("waves"))
    spans = {name: span_of_name(str(name)) for name in (_waves_known(raw) or []) if name not in declared}
    spans |= {
        name: (_day(_mapping(span).get("first")), _day(_mapping(span).get("last"))) for name, span in declared.items()
    }
    whole = [(span[0], span[1], name) for name, span in spans.items() if span and span[0] and span[1]]
    reached: tuple[dt.date, str] | None = None
    for first, last, name in sorted(item for item in whole if item[0] <= item[1]):
        if reached is not None and first <= reached[0]:
            here, other = (name, reached[1]) if name in declared else (reached[1], name)
            yield (
                ("waves", here),
                f"the waves '{other}' and '{here}' share days",
                "give each wave its own first and last day; a wave without them takes the days its name tells",
            )
        reached = max(reached or (last, name), (last, name))


def _panel_needs_respondent(raw: Mapping[str, Any]) -> Iterator[Disagreement]:
    told = raw.get("respondent") or any("id" in _mapping(item.get("columns")) for item in _files(raw))
    if _mapping(raw.get("data")).get("panel") and not told:
        yield (
            ("data", "panel"),
            "no column tells who answered",
            "add respondent: COLUMN, or leave panel out",
        )


def _speed_needs_duration(raw: Mapping[str, Any]) -> Iterator[Disagreement]:
    if _mapping(raw.get("cleaning")).get("min_seconds") is not None and not raw.get("duration"):
        yield (
            ("cleaning", "min_seconds"),
            "no column is known that holds the seconds",
            "add duration: COLUMN, or leave min_seconds out",
        )


def _file_columns_known(raw: Mapping[str, Any]) -> Iterator[Disagreement]:
    known = [*_mapping(raw.get("outcomes")), *_mapping(raw.get("factors")), *_segment_columns(raw), *_comments(raw)]
    single = {
        "respondent": "respondent", "wave": "wave", "unit": "unit", "strata": "stratum", "duration": "seconds",
        "weight": "weight",
    }  # fmt: skip
    known += [name for key, name in single.items() if raw.get(key)]
    if raw.get("respondent"):
        known.append("id")
    for number, item in enumerate(_files(raw)):
        for key in _mapping(item.get("columns")):
            if key not in known:
                yield (
                    ("data", "responses", number, "columns", key),
                    f"'{key}' is no outcome, factor, segment or other key of these parameters",
                    nearest(key, known) or "name it above first",
                )


def _missing_outside_scale(raw: Mapping[str, Any]) -> Iterator[Disagreement]:
    """A code that is also an answer would silently delete answers."""
    for part in ("outcomes", "factors"):
        for key, question in _mapping(raw.get(part)).items():
            scale, missing = _mapping(question).get("scale"), _mapping(question).get("missing") or []
            missing = [missing] if isinstance(missing, int | float) else missing
            if not (isinstance(scale, list | tuple) and len(scale) == 2 and isinstance(missing, list | tuple)):
                continue
            numbers = [value for value in (*scale, *missing) if isinstance(value, int | float)]
            if len(numbers) == 2 + len(missing) and any(scale[0] <= code <= scale[1] for code in missing):
                yield (
                    (part, key, "missing"),
                    "a missing code lies on the scale",
                    "a code for 'no answer' is a number no customer can give; mend the scale or the code",
                )


def _answers_on_scale(raw: Mapping[str, Any]) -> Iterator[Disagreement]:
    """Words with a number that is no answer would be lost without anybody noticing."""
    for part in ("outcomes", "factors"):
        for key, question in _mapping(raw.get(part)).items():
            scale = _mapping(question).get("scale")
            if not (isinstance(scale, list | tuple) and len(scale) == 2):
                continue
            if not all(isinstance(end, int | float) for end in scale):
                continue
            seen: dict[str, str] = {}
            for text, number in _mapping(_mapping(question).get("answers")).items():
                place = (part, key, "answers", text)
                if isinstance(number, int) and not scale[0] <= number <= scale[1]:
                    how = f"a number from {scale[0]} to {scale[1]}, or null for what is no answer"
                    yield place, f"{number} is not on the scale", how
                alike = " ".join(str(text).split()).casefold()
                if alike in seen:
                    yield place, f"the same answer stands there as '{seen[alike]}'", "keep one of the two"
                seen.setdefault(alike, str(text))


CHECKS: tuple[Callable[[Mapping[str, Any]], Iterator[Disagreement]], ...] = (
    _outcomes_named,
    _keys_used_once,
    _columns_used_once,
    _steps_known,
    _wave_told_once,
    _breaks_of_known_waves,
    _spans_of_known_waves,
    _waves_apart,
    _panel_needs_respondent,
    _speed_needs_duration,
    _file_columns_known,
    _missing_outside_scale,
    _answers_on_scale,
)


def disagreements(raw: Mapping[str, Any]) -> list[Disagreement]:
    """Every place where one part of the parameters contradicts another.

    Parameters
    ----------
    raw : mapping
        The parameters as plain values; parts of a wrong type are passed over, the typed model names them.

    Returns
    -------
    list of (place, what, how)
    """
    return [found for check in CHECKS for found in check(raw)]
