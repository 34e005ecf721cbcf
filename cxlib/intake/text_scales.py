"""Recognise the words of an ordered scale, in Vietnamese and English, and give each its number.

The scales are in `scales.csv`: from the lowest step to the highest, with other words for a step beside it. Case, marks
(also missing ones), punctuation, and the order in which the words are met do not matter.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import resources

MOST_STEPS = 11
_NO_ANSWER = re.compile(
    r"(?:n ?a|unfamiliar.*|not applicable.*|does not apply.*|dk|unknown|unsure|not sure|none|nil|blank|refused"
    r"|(?:i )?(?:dont|don t|do not) (?:know|remember).*|no answer|no response|no opinion|not answered|not asked"
    r"|cant say|can t say|prefer not.*|decline.*|(?:have )?never (?:used|tried|visited|been).*|not used.*"
    r"|(?:did|have) not use.*|have not (?:tried|visited|used).*|didn?t use.*|didn t use.*|havent (?:used|tried).*"
    r"|khong (?:biet|ro|ap dung|tra loi|nho|su dung|dung|y kien|co y kien|muon tra loi|lien quan|trai nghiem)\b.*"
    r"|toi khong (?:biet|su dung|nho)\b.*|chua (?:tung )?(?:su dung|dung|trai nghiem|thu|den|biet)\b.*"
    r"|kho tra loi|tu choi.*|bo trong|trong|khac|kb|ktl|kb ktl)"
)
_NO_OPINION = re.compile(r"khong (?:co )?y kien")
_YES_FIRST = re.compile(r"^(?:yes|no|có|không)\s*,\s*(?=\S)", re.I)  # "No, definitely not" says "definitely not"
_DEED = re.compile(  # what would be done, in answers such as "Chắc chắn sẽ quay lại"; `not` stands before it
    r"(?:(?<=\w) (?:to )?(?:recommend|return|come back|visit|buy|purchase|use|continue|renew|stay|book|order|shop)"
    r"|(?:(?<=\w) se)?(?P<no> khong)?(?: se)? (?:gioi thieu|quay lai|tro lai|ghe lai|mua|tiep tuc|su dung|gia han"
    r"|gan bo))\b.*"
)
_OUT_OF = re.compile(r"(\d{1,2})\s*/\s*(5|7|10)")
_SPLIT = re.compile(r"\s*[/|\n]\s*|\s+[-–—]\s+")
_LEAD = re.compile(r"[(\[]?(\d{1,3})[)\]]?(?:\s*[-–—:=.)/|]+\s*|\s+|$)(.*)", re.S)
_TRAIL = re.compile(r"(.*?)(?:\s*[-–—:=/|]\s*|\s+|\s*[(\[])(\d{1,3})[)\]]?", re.S)
_UNITS = frozenset({"", "sao", "star", "stars", "diem", "point", "points", "ngoi sao"})
_STARS = re.compile(r"([★⭐🌟]\ufe0f?)+[☆]*")


@dataclass(frozen=True)
class TextScale:
    """What the words of a column mean.

    Parameters
    ----------
    family : str
        What the words speak of: satisfaction, agreement, likelihood, frequency, quality, ease, importance ...; ''
        where numbers stand beside the words and tell enough.
    scale : (int, int)
        Lowest and highest number.
    answers : dict of str to int or None
        Each answer as it was met; None is no answer.
    sure : bool
        False where steps may be missing or the order is only the likeliest.
    needed : bool
        False where every answer begins with its own number, so that it is read without a mapping.
    unseen : dict of str to int
        Steps of the scale that nobody chose, in their commonest words: the next wave may hold them.
    strange : bool
        Numbers alone tell the order: the words beside the lowest and the highest are not known here.
    """

    family: str
    scale: tuple[int, int]
    answers: Mapping[str, int | None]
    sure: bool
    needed: bool = True
    unseen: Mapping[str, int] = field(default_factory=dict)
    strange: bool = False


@dataclass(frozen=True)
class _Known:
    family: str
    places: Mapping[str, tuple[int, ...]]  # phrase -> its steps, from 1; a word may stand for either of two
    says: tuple[str, ...]  # the commonest words of each step

    @property
    def steps(self) -> int:
        return len(self.says)


def phrase(text: str) -> str:
    """Words without case, marks and punctuation.

    Examples
    --------
    >>> phrase("Rất hài-lòng!") == phrase("RAT HAI LONG")
    True
    """
    decomposed = unicodedata.normalize("NFKD", text.casefold().replace("đ", "d").replace("’", "'").replace("n't", "nt"))
    bare = "".join(sign for sign in decomposed if not unicodedata.combining(sign))
    return " ".join(re.findall(r"[^\W_]+", bare))


def is_no_answer(text: str) -> bool:
    """Whether words say that there is no answer.

    Examples
    --------
    >>> is_no_answer("Không biết"), is_no_answer("Not applicable"), is_no_answer("Unfamiliar (N/A)")
    (True, True, True)
    """
    return bool(_NO_ANSWER.fullmatch(phrase(text)))


@cache
def _scales() -> tuple[_Known, ...]:
    text = resources.files("cxlib.intake").joinpath("scales.csv").read_text(encoding="utf-8")
    known = []
    for row in csv.DictReader(text.splitlines()):
        places: dict[str, tuple[int, ...]] = {}
        steps = row["steps"].split(" | ")
        for number, step in enumerate(steps, 1):
            for words in step.split(" / "):
                places[phrase(words)] = (*places.get(phrase(words), ()), number)
        known.append(_Known(row["family"], places, tuple(step.split(" / ")[0].capitalize() for step in steps)))
    return tuple(known)


@cache
def _senses() -> dict[str, dict[str, float]]:
    """Family -> phrase -> where it lies between the lowest (0) and the highest (1), on average over the scales."""
    met: dict[str, dict[str, list[float]]] = {}
    for scale in _scales():
        for words, places in scale.places.items():
            lies = [(place - 1) / (scale.steps - 1) for place in places]
            met.setdefault(scale.family, {}).setdefault(words, []).extend(lies)
    return {family: {words: sum(lies) / len(lies) for words, lies in found.items()} for family, found in met.items()}


def read_text_scale(labels: Iterable[str]) -> TextScale | None:
    """The ordered scale that some words are steps of, or None.

    Parameters
    ----------
    labels : iterable of str
        The different answers of a column, in any order.

    Returns
    -------
    TextScale or None
        None where the words are no scale known here.

    Examples
    --------
    >>> read_text_scale(["hai long", "Rất hài lòng", "Không biết", "Bình thường"]).answers
    {'hai long': 4, 'Rất hài lòng': 5, 'Không biết': None, 'Bình thường': 3}
    >>> read_text_scale(["Hà Nội", "Đà Nẵng", "Huế"]) is None
    True
    """
    texts = list(dict.fromkeys(label for label in labels if label.strip()))
    if not 2 <= len(texts) <= 2 * MOST_STEPS:
        return None
    return (
        _by_words({text: phrase(text) for text in texts})
        or _by_numbers(texts)
        or _by_shares(texts)
        or _by_words({text: _without_deed(text) for text in texts})
        or _by_halves(texts)
    )


def _without_deed(text: str) -> str:
    """How likely, without what is done: 'Chắc chắn sẽ quay lại' and 'Yes, definitely' say how likely."""
    said = phrase(_YES_FIRST.sub("", unicodedata.normalize("NFC", text.strip())))
    found = _DEED.search(said)
    return said if not found else f"{said[: found.start()]}{found['no'] or ''}".strip()


def _by_halves(texts: list[str]) -> TextScale | None:
    """Answers written in two languages: `Hài lòng / Satisfied`, `Satisfied (Hài lòng)`."""
    told = [text for text in texts if not is_no_answer(text)]
    halves = {text: halves_of(text) for text in told}
    if len(told) < 2 or not all(halves.values()):
        return None
    found = [_by_words({text: phrase(pair[place]) for text, pair in halves.items() if pair}) for place in (0, 1)]
    scales = [item for item in found if item is not None]
    if not scales:
        return None
    best = max(scales, key=lambda item: item.sure)
    agree = all(item.answers == best.answers for item in scales)
    answers = {text: best.answers.get(text) for text in texts}
    return replace(best, answers=answers, sure=best.sure and agree and len(scales) == 2)


def halves_of(text: str) -> tuple[str, str] | None:
    """The two halves of an answer that is written twice, or None.

    Examples
    --------
    >>> halves_of("Hài lòng / Satisfied"), halves_of("Satisfied (Hài lòng)"), halves_of("Satisfied")
    (('Hài lòng', 'Satisfied'), ('Satisfied', 'Hài lòng'), None)
    """
    plain = text.strip()
    parts = [part.strip() for part in _SPLIT.split(plain)]
    if len(parts) == 1 and (found := re.fullmatch(r"([^()\[\]]+)[(\[]([^()\[\]]+)[)\]]", plain)):
        parts = [found[1].strip(), found[2].strip()]
    return (parts[0], parts[1]) if len(parts) == 2 and all(parts) else None


def _by_words(words: Mapping[str, str]) -> TextScale | None:
    texts = list(words)
    none = {text for text in texts if is_no_answer(text)}
    strangers = {text for text in none if not any(words[text] in known for known in _senses().values())}
    for left_out in (set(), strangers, none):
        met = {text: said for text, said in words.items() if text not in left_out}
        if len(set(met.values())) < 2:
            continue
        fitting = [found for scale in _scales() if (found := _placed(scale, set(met.values())))]
        if fitting:
            scale, places = min(fitting, key=_merit)
            opinions = [said for said in places if _NO_OPINION.fullmatch(said)]
            if left_out != none and any(list(places.values()).count(places[said]) > 1 for said in opinions):
                continue  # beside another word for the middle it is no answer
            answers = {text: places[words[text]] if text in met else None for text in texts}
            seen = len(set(places.values()))
            alike = {
                tuple(item[1][said] for said in met.values())
                for item in fitting
                if _merit(item) == _merit((scale, places))
            }
            sure = (seen >= 3 or seen == scale.steps) and len(alike) == 1 and seen == len(places)
            sure = sure and (not opinions or scale.family == "agreement")  # else it may be the middle or no answer
            unseen = {scale.says[step - 1]: step for step in range(1, scale.steps + 1) if step not in places.values()}
            return TextScale(scale.family, (1, scale.steps), answers, sure, unseen=unseen)
    return _by_sense({text: said for text, said in words.items() if not is_no_answer(text)}, texts)


def _merit(item: tuple[_Known, dict[str, int]]) -> tuple[int, int]:
    """Each word on a step of its own first, then the shortest scale."""
    scale, places = item
    return len(places) - len(set(places.values())), scale.steps


def _placed(scale: _Known, said: set[str]) -> tuple[_Known, dict[str, int]] | None:
    """Each phrase on its step of one scale; a word that may be either of two steps takes the one left free."""
    if not said <= scale.places.keys():
        return None
    taken = {words: scale.places[words][0] for words in said if len(scale.places[words]) == 1}
    for words in sorted(said - taken.keys(), key=lambda item: len(scale.places[item])):
        free = [place for place in scale.places[words] if place not in taken.values()]
        if not free:
            return None
        senses = _senses()[scale.family]
        order = dict(taken)
        fit = [
            place
            for place in free
            if all((senses[words] - senses[other]) * (place - at) >= 0 for other, at in order.items())
        ]
        taken[words] = (fit or free)[0]
    if len(set(taken.values())) < 2:
        return None
    return scale, taken


def _by_sense(met: Mapping[str, str], texts: list[str]) -> TextScale | None:
    """Words that are all known in one family but of no one scale: in their likeliest order."""
    said = set(met.values())
    for family, senses in _senses().items():
        if len(said) >= 3 and said <= senses.keys():
            order = sorted({round(senses[words], 6) for words in said})
            if len(order) >= 3:
                numbers = {text: order.index(round(senses[words], 6)) + 1 for text, words in met.items()}
                answers = {text: numbers.get(text) for text in texts}
                return TextScale(family, (1, len(order)), answers, sure=False)
    return None


def _by_numbers(texts: list[str]) -> TextScale | None:
    """Answers that carry their number: `5 - Very good`, `Very good (5)`, `4 sao`, stars."""
    numbers: dict[str, int] = {}
    beside: dict[str, str] = {}
    leads = True
    for text in texts:
        plain = " ".join(text.split())
        if is_no_answer(plain):
            continue
        if _STARS.fullmatch(plain):
            numbers[text], beside[text], leads = sum(plain.count(star) for star in "★⭐🌟"), "", False
        elif found := _LEAD.fullmatch(plain):
            numbers[text], beside[text] = int(found[1]), found[2]
        elif found := _TRAIL.fullmatch(plain):
            numbers[text], beside[text], leads = int(found[2]), found[1], False
        else:
            return None
    lies = {text: sense(words) for text, words in beside.items() if phrase(words) not in _UNITS}
    strange = any(place is None for place in lies.values())
    if len(numbers) < 2 or (strange and not _only_at_ends(numbers, lies)):
        return None
    if (
        len(set(numbers.values())) < len(numbers)
        or max(numbers.values()) > 10
        or not (lies or not leads or any(map(phrase, beside.values())))
    ):
        return None
    low, high = _ends(set(numbers.values()))
    down = _runs_down(numbers, {text: place for text, place in lies.items() if place is not None})
    answers = {
        text: (low + high - numbers[text] if down else numbers[text]) if text in numbers else None for text in texts
    }
    needed = down or not leads or len(answers) > len(numbers)
    said = {phrase(words) for words in beside.values()}
    family = "" if strange else next((name for name, senses in _senses().items() if said & senses.keys()), "")
    sure = not down and not strange and high - low + 1 == len(numbers)
    return TextScale(family, (low, high), answers, sure, needed, strange=strange)


def _by_shares(texts: list[str]) -> TextScale | None:
    """Answers such as `4/5`, all out of the same usual number."""
    told = {text: _OUT_OF.fullmatch(text.strip()) for text in texts if not is_no_answer(text)}
    if len(told) < 3 or not all(told.values()) or len({found[2] for found in told.values() if found}) != 1:
        return None
    numbers = {text: int(found[1]) for text, found in told.items() if found}
    high = next(int(found[2]) for found in told.values() if found)
    if max(numbers.values()) > high:
        return None
    low = 0 if 0 in numbers.values() else 1
    answers = {text: numbers.get(text) for text in texts}
    return TextScale("", (low, high), answers, sure=high - low + 1 == len(numbers))


def _only_at_ends(numbers: Mapping[str, int], worded: Collection[str]) -> bool:
    """Whether three numbers or more stand alone, and words beside no other number than the lowest and the highest."""
    ends = {min(numbers.values()), max(numbers.values())}
    return len(numbers) - len(worded) >= 3 and {numbers[text] for text in worded} <= ends


def sense(text: str) -> float | None:
    """Where words lie between the worst (0) and the best (1) of the scales known here; None for other words.

    Examples
    --------
    >>> sense("Very satisfied") > sense("Hài lòng") > sense("Rất tệ"), sense("Alabama")
    (True, None)
    """
    halves = halves_of(text) or ()
    found = (_sense(words) for words in (phrase(text), *map(phrase, halves), _without_deed(text)))
    return next((lies for lies in found if lies is not None), None)


def _sense(words: str) -> float | None:
    lies = [senses[words] for senses in _senses().values() if words in senses]
    return sum(lies) / len(lies) if lies else None


def _runs_down(numbers: Mapping[str, float], lies: Mapping[str, float]) -> bool:
    pairs = [(numbers[text], place) for text, place in lies.items()]
    together = sum((a - b) * (c - d) for a, c in pairs for b, d in pairs)
    return together < 0


def _ends(numbers: set[int]) -> tuple[int, int]:
    """The scale that numbers are met from: 0-10, or from 1 to the next usual end."""
    high = next(end for end in (3, 4, 5, 7, 10) if end >= max(numbers))
    return (0 if 0 in numbers else 1), (10 if 0 in numbers and high > 5 else max(numbers) if 0 in numbers else high)


def runs_down(labels: Mapping[float, str]) -> bool:
    """Whether the value labels of codes run from the best to the worst.

    Examples
    --------
    >>> runs_down({1.0: "Very satisfied", 5.0: "Very dissatisfied"})
    True
    """
    lies = {str(code): sense(text) for code, text in labels.items() if not is_no_answer(text)}
    known = {code: place for code, place in lies.items() if place is not None}
    return len(known) >= 2 and _runs_down({code: float(code) for code in known}, known)
