"""Which columns are answers on an ordered scale, from where to where, and which codes are no answer."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from cxlib.intake.text_scales import TextScale, is_no_answer, phrase, read_text_scale, runs_down, sense
from cxlib.newclient import wording
from cxlib.newclient.profile import Profile

CODES = frozenset({66, 77, 88, 97, 98, 99, 777, 888, 977, 988, 997, 998, 999, 9999, -1, -2, -7, -8, -9, -77, -88, -99})
ENDS = (10, 7, 5, 4, 3)  # where scales usually end
MOST = 12  # different codes; more are no answer scale
GO_TOGETHER = (
    0.15  # mean rank correlation with the other ratings, below which a column of codes is taken for another thing
)
SLIP = 0.005  # share of the answers below which a code beyond the scale is a slip
LONGEST_NONE = 50  # signs of "no answer" in words; more may be what somebody wrote
FAIR = 0.01  # share of the answers that makes a step one that is used
_LETTERED = re.compile(r"(A|AO|L)0*(\d{1,2})")  # LimeSurvey's codes of answers
_END = re.compile(r"(?<!\d)(\d{1,2})\s*(?:=|:|–|-|là|is|means)\s*([^\d,;.()\[\]]{2,60})")
_RANGE = re.compile(
    r"(?:scale|thang(?: điểm)?|from|từ|rate|range)\D{0,20}?(?<!\d)(\d{1,2})\s*(?:to|-|–|đến|tới)\s*(\d{1,2})(?!\d)",
    re.I,
)
_YES_NO = frozenset({"yes", "no", "co", "khong", "true", "false", "dung", "sai", "selected", "not selected", "checked"})


@dataclass(frozen=True)
class Scale:
    """An ordered scale.

    Parameters
    ----------
    low, high : int
    missing : tuple of int
        Codes that are no answer.
    answers : dict of str to int or None
        Numbers of words or turned codes, where they are needed.
    sure : bool
    why : str
        In a few words, for the comment.
    by_words : bool
        Words or labels tell that this is a scale.
    family : str
        What the words speak of, '' where they do not tell.
    """

    low: int
    high: int
    missing: tuple[int, ...] = ()
    answers: Mapping[str, int | None] = field(default_factory=dict)
    sure: bool = True
    why: str = ""
    by_words: bool = False
    family: str = ""


def scale_of(column: Profile) -> Scale | None:
    """The scale that a single column's labels, words or codes tell; None where it is none."""
    found = _labelled(column) or _worded(column) or _told(column)
    if found is not None:
        return found
    found = _coded([column])
    if found is not None and sum(bool(re.search(r"[^\W\d_]", text)) for text in column.labels.values()) >= 2:
        return replace(found, sure=False, why=f"{found.why}; from its value labels: is the highest the best?")
    return found


def _told(column: Profile) -> Scale | None:
    """The scale that the question itself names: `from 1 to 7`, `(1 = very satisfied, 5 = very dissatisfied)`."""
    if column.numeric < 0.9 or not column.whole:
        return None
    ends = {int(number): sense(text) for number, text in _END.findall(column.asked)}
    known = {number: lies for number, lies in ends.items() if lies is not None}
    named = _RANGE.search(column.asked)
    if len(known) >= 2:
        low, high = min(known), max(known)
    elif named and wording.asks(column.name, column.asked):
        low, high = sorted((int(named[1]), int(named[2])))
    else:
        return None
    values = column.values
    inside = sum(count for value, count in values.items() if low <= value <= high)
    if low > 1 or not 2 <= high - low <= 10 or inside < 0.5 * sum(values.values()):
        return None
    missing = tuple(sorted(code for code in values if not low <= code <= high and (code in CODES or code in (0, 8, 9))))
    down = len(known) >= 2 and known[low] > known[high]
    answers = {str(code): low + high - code for code in range(low, high + 1)} if down else {}
    why = "its wording names the scale" + ("; 1 is the best there: turned round" if down else "")
    return Scale(low, high, missing, answers, not down, why, True)


def _labelled(column: Profile) -> Scale | None:
    labels = {int(code): text for code, text in column.labels.items() if float(code).is_integer()}
    if not labels or not column.numeric:
        return None
    values = column.values
    none = [code for code, text in labels.items() if is_no_answer(text)]
    none = [code for code in none if code != _middle(labels, none)]  # "no opinion" between "disagree" and "agree"
    kept = {code: text for code, text in labels.items() if code not in none}
    met = {code for code in values if code not in none}
    words = {text: phrase(text) for text in kept.values() if phrase(text)}
    known = read_text_scale([text for text in words if not text.strip().isdigit()]) if len(words) > 1 else None
    numbered = sum(phrase(text).split()[0] == str(code) for code, text in kept.items() if phrase(text))
    ends = len(kept) == 2 and all(sense(text) is not None for text in kept.values()) and len(met) > 2
    if known is None and numbered < len(kept) - 1 and not ends:
        return None
    if (len(kept) < 3 and not ends) or any(text in _YES_NO for text in words.values()):
        return None
    low, high = min([*kept, *met]), max([*kept, *met])
    missing = tuple(code for code in sorted(none) if code in values and not low <= code <= high)
    inside = [code for code in none if low < code < high]
    if high - low > 10 or inside:
        return None
    down = runs_down({float(code): text for code, text in kept.items()})
    answers = {str(code): low + high - code for code in range(low, high + 1)} if down else {}
    why = "value labels run from best to worst and are turned round" if down else "value labels"
    return Scale(low, high, missing, answers, not down, why, True, known.family if known else "")


def _middle(labels: Mapping[int, str], none: Sequence[int]) -> int | None:
    """The code whose label may say "no answer" and is the middle step of the scale that the others are."""
    sure = [code for code in labels if code not in none]
    inside = [code for code in none if sure and min(sure) < code < max(sure)]
    if len(inside) != 1:
        return None
    steps = [labels[code] for code in sorted([*sure, *inside])]
    known = read_text_scale(steps)
    numbers = [known.answers[text] for text in steps] if known else [None]
    if None in numbers or len(set(numbers)) < len(numbers):
        return None
    return inside[0] if numbers in (sorted(numbers), sorted(numbers, reverse=True)) else None


def _worded(column: Profile) -> Scale | None:
    texts = column.texts
    if not texts or len(texts) > 24:
        return None
    common = [text for text, _ in sorted(texts.items(), key=lambda item: -item[1])]
    numbers = [str(number) for number in column.values] if column.numeric else []
    found = read_text_scale([*common, *numbers])
    if found is None:
        found = _without_rare(texts, numbers)
    if found is None or sum(texts.values()) < 2:
        return None
    if all(is_no_answer(text) for text in texts):
        return None
    told = {text: number for text, number in found.answers.items() if number is not None or len(text) <= LONGEST_NONE}
    answers = dict(sorted({**found.unseen, **told}.items(), key=_by_number)) if found.needed else {}
    sure = found.sure and not set(texts) - set(told)
    why = f"words of {found.family}" if found.family else "numbers beside the words"
    why += "; what the words at its ends mean is not known: is the highest the best?" if found.strange else ""
    if found.unseen:
        why += "; nobody chose " + (", ".join(map(str, sorted(found.unseen.values()))))
    return Scale(*found.scale, (), answers, sure, why, not found.strange, found.family)


def _by_number(item: tuple[str, int | None]) -> tuple[bool, int]:
    return item[1] is None, item[1] or 0


def _without_rare(texts: Mapping[str, int], numbers: Sequence[str]) -> TextScale | None:
    """A scale beside a few other words, which stay unread."""
    total = sum(texts.values())
    common = [text for text, count in texts.items() if count >= 0.02 * total]
    return read_text_scale([*common, *numbers]) if len(common) >= 3 and len(common) < len(texts) else None


def _coded(columns: Sequence[Profile]) -> Scale | None:
    """The scale of columns of codes that share one, from the codes alone."""
    met: dict[int, int] = {}
    for column in columns:
        if column.numeric < 0.9 or not column.whole:
            return None
        for value, count in column.values.items():
            met[value] = met.get(value, 0) + count
    missing = [code for code in met if code in CODES]
    plain = sorted(code for code in met if code not in CODES)
    slips = _slips({code: met[code] for code in plain})
    missing += [code for code in slips if code in (8, 9)]
    plain = [code for code in plain if code not in slips]
    if not 3 <= len(plain) <= MOST or plain[0] < 0 or plain[-1] > 11:
        return None
    low, high = plain[0], plain[-1]
    far = [
        code for code in plain if code in (8, 9) and not {6, 7} & set(plain) and set(plain) - {8, 9} <= set(range(6))
    ]
    if far:  # 8 and 9 beside a scale of five
        missing += far
        plain = [code for code in plain if code not in far]
        low, high = plain[0], plain[-1]
    if high == 11:
        return Scale(
            min(low, 1), 10, (*sorted(missing), 11), sure=False, why="11 follows ten steps: taken for no answer"
        )
    if high == 6:
        return _six(columns, low, missing)
    if high in (8, 9):
        return Scale(1 if low else 0, 10, tuple(sorted(missing)), sure=False, why=f"codes {low} to {high}")
    if low == 0 and high in (5, 7, 3):
        ordered = _ordered(columns, 0, 1, range(1, high + 1))
        if not ordered:
            return Scale(1, high, (0, *sorted(missing)), sure=False, why="0 does not go with the low answers")
        return Scale(0, high, tuple(sorted(missing)), sure=False, why=f"codes 0 to {high}")
    end = next((end for end in reversed(ENDS) if end >= high), high)
    start = 0 if low == 0 else 1
    end = 10 if start == 0 and end > 5 else end
    full = len(plain) == end - start + 1
    return Scale(start, end, tuple(sorted(missing)), sure=full and end >= 5, why=f"codes {low} to {high}")


def _slips(met: Mapping[int, int]) -> list[int]:
    """Codes that lie off a usual scale which all common ones make up: slips of the keys, and 8 or 9 for no answer."""
    rare = {code for code, count in met.items() if count < SLIP * sum(met.values())}
    inside = sorted(code for code in met if code not in rare | {8, 9})
    high = inside[-1] if inside else 0
    nine = high == 7 and {8, 9} <= met.keys() - rare  # a scale of nine
    if len(inside) < 4 or inside[0] > 1 or inside != list(range(inside[0], high + 1)) or high not in (5, 7) or nine:
        return [code for code in rare if code > 11]
    return [code for code in met if code > high or (code == 0 and code in rare)]


def _six(columns: Sequence[Profile], low: int, missing: list[int]) -> Scale:
    top = _ordered(columns, 6, 5, range(1, 6))
    zero = low == 0 and _ordered(columns, 0, 1, range(1, 6))
    lost = [*([] if zero or low else [0]), *missing]
    if top:
        return Scale(0 if zero else 1, 6, tuple(sorted(lost)), sure=False, why="codes up to 6")
    told = "6 does not go with the high answers" + (", nor 0 with the low ones" if 0 in lost else "")
    return Scale(1, 5, tuple(sorted([*lost, 6])), sure=False, why=f"{told}: taken for no answer")


def _ordered(columns: Sequence[Profile], code: int, beside: int, inside: Iterable[int]) -> bool:
    """Whether those who gave an extreme code answer the other questions like those one step further in, or beyond.

    Of one column alone nothing can be told: a 6 above five steps and a 0 below 1 are then taken for no answer.
    """
    if len(columns) < 2:
        return False
    table = np.column_stack([column.numbers for column in columns])
    inner = np.where(np.isin(table, list(inside)), table, np.nan)
    count = np.isfinite(inner)
    total, number = np.nansum(inner, axis=1), count.sum(axis=1)
    at, near = [], []
    for place in range(table.shape[1]):
        rest_number = number - count[:, place]
        with np.errstate(invalid="ignore", divide="ignore"):
            rest = (total - np.nan_to_num(inner[:, place])) / rest_number
        usable = rest_number > 0
        at.append(rest[usable & (table[:, place] == code)])
        near.append(rest[usable & (table[:, place] == beside)])
    one, other = np.concatenate(at), np.concatenate(near)
    if len(one) < 10 or len(other) < 10:
        return len(one) >= 10
    spread = float(np.concatenate([one, other]).std()) or 1.0
    further = float(one.mean() - other.mean()) * (1 if code > beside else -1)
    return further > -0.1 * spread


def batteries(columns: Sequence[Profile], rated: Sequence[tuple[Profile, Scale]] = ()) -> dict[str, Scale]:
    """Column name -> scale for columns of bare codes that are ratings by the company they keep.

    Parameters
    ----------
    columns : sequence of Profile
        Columns of codes without labels, of one file, none of them known as something else.
    rated : sequence of (Profile, Scale)
        Columns of bare codes that are ratings by their own wording.

    Notes
    -----
    A battery is three columns or more with one stem, four steps or more, that go together (mean correlation of ranks
    among them at least 0.15). A single column joins when it has the same scale and goes with their mean as much. Where
    there is no battery, two columns or more that are ratings by their wording stand for one; a single column then must
    go with them by more than chance does (twice one over the root of the rows).
    """
    groups: dict[str, list[Profile]] = {}
    for column in columns:
        single = _coded([column])
        if single is not None and _steps_used([column], single, 0.03) >= 3:
            groups.setdefault(wording.stem(column.name), []).append(column)
    found: dict[str, Scale] = {}
    members: list[tuple[Profile, Scale]] = []
    for group in groups.values():
        group = _alike(group)
        scale = _coded(group) if len(group) >= 3 else None
        if scale is not None and _steps_used(group, scale, FAIR) >= 4 and _together(group, scale) >= GO_TOGETHER:
            found |= {column.name: scale for column in group}
            members += [(column, scale) for column in group]
    enough, known = GO_TOGETHER, set(found)
    if not members and len(rated) >= 2:
        members, known = list(rated), {column.name for column, _ in rated}
        enough = max(GO_TOGETHER, 2 / np.sqrt(rated[0][0].rows))
    if not members:
        return {}
    table = np.column_stack([_standard(column, scale) for column, scale in members])
    told = np.isfinite(table).sum(axis=1)
    mood = np.where(told > 0, np.nansum(table, axis=1) / np.maximum(told, 1), np.nan)
    for group in groups.values():
        for column in group:
            if column.name in known:
                continue
            for scale in dict.fromkeys((item.low, item.high, item.missing) for _, item in members):
                low, high, missing = scale
                fits = {*range(low, high + 1), *missing, 0, *CODES}
                strange = sum(count for value, count in column.values.items() if value not in fits)
                if strange > 2 * SLIP * sum(column.values.values()):
                    continue
                told = Scale(low, high, tuple(sorted(missing)), sure=False, why="same codes as the other ratings")
                if _correlation(_standard(column, told), mood) >= enough:
                    found[column.name] = told
                    break
    return found


def lettered(columns: Sequence[Profile]) -> dict[str, Scale]:
    """Column name -> scale for answer codes such as A1 to A5, in a battery or where the wording asks for a rating.

    The codes do not say which end is the better one.
    """
    groups: dict[str, list[tuple[Profile, list[int]]]] = {}
    for column in columns:
        codes = [_LETTERED.fullmatch(text) for text in column.texts]
        if len(codes) >= 2 and all(codes) and len({code[1] for code in codes if code}) == 1:
            numbers = [int(code[2]) for code in codes if code]
            if max(numbers) <= 11:
                groups.setdefault(wording.stem(column.name), []).append((column, numbers))
    found = {}
    for group in groups.values():
        high = max(number for _, numbers in group for number in numbers)
        texts = {text: int(_LETTERED.fullmatch(text)[2]) for column, _ in group for text in column.texts}  # type: ignore[index]
        for column, _ in group:
            said = wording.words_of(column.name, column.asked)
            if high >= 3 and (len(group) >= 3 or wording.RATING.search(said) or wording.REFERRAL.search(said)):
                answers = dict(sorted(texts.items(), key=_by_number))
                found[column.name] = Scale(1, high, (), answers, False, f"codes up to {high}; is the highest the best?")
    return found


def _steps_used(columns: Sequence[Profile], scale: Scale, share: float) -> int:
    """Steps of a scale that a fair share chose: yes, no and a few odd codes are no four steps."""
    met: Counter[int] = Counter()
    for column in columns:
        met.update({value: count for value, count in column.values.items() if max(scale.low, 1) <= value <= scale.high})
    return sum(count >= share * met.total() for count in met.values())


def _alike(group: list[Profile]) -> list[Profile]:
    """Those of a group whose scale ends alike."""
    scales = [_coded([column]) for column in group]
    highs = [scale.high if scale else 0 for scale in scales]
    usual = max(set(highs), key=lambda high: (highs.count(high), high))
    return [column for column, high in zip(group, highs, strict=True) if high == usual]


def _standard(column: Profile, scale: Scale) -> np.ndarray:
    inside = (column.numbers >= scale.low) & (column.numbers <= scale.high) & ~np.isin(column.numbers, scale.missing)
    values = np.where(inside, column.numbers, np.nan)
    told = values[np.isfinite(values)]
    return (values - told.mean()) / (told.std() or 1.0) if len(told) else values


def _together(group: list[Profile], scale: Scale) -> float:
    table = [_standard(column, scale) for column in group]
    pairs = [_correlation(one, other) for place, one in enumerate(table) for other in table[place + 1 :]]
    known = [pair for pair in pairs if np.isfinite(pair)]
    return float(np.mean(known)) if known else 0.0


def _correlation(one: np.ndarray, other: np.ndarray) -> float:
    both = np.isfinite(one) & np.isfinite(other)
    if both.sum() < 10 or one[both].std() == 0 or other[both].std() == 0:
        return float("nan")
    return float(np.corrcoef(one[both], other[both])[0, 1])
