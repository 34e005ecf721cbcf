"""The role of every column of one file, each with the reason for the guess."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np

from cxlib.intake.text_scales import phrase, read_text_scale
from cxlib.intake.waves import read_date
from cxlib.newclient import wording
from cxlib.newclient.people import person
from cxlib.newclient.profile import Profile
from cxlib.newclient.ratings import LONGEST_NONE, Scale, batteries, lettered, scale_of
from cxlib.privacy.names import tokens

OLDEST = 1990  # years before that are a spreadsheet's way to write a time of day, or a birthday
_YES_NO = {"yes": 1, "no": 0, "co": 1, "khong": 0, "true": 1, "false": 0, "dung": 1, "sai": 0, "y": 1, "n": 0}
MOST_LEVELS = 30  # of a segment; more are no groups that can be looked at
ROLES = (
    "respondent", "date", "wave", "referral", "loyalty", "overall", "factor", "unit", "segment", "comment", "weight",
    "duration", "person", "other",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Guess:
    """What a column is taken for.

    Parameters
    ----------
    column : Profile
    role : str
        One of ROLES.
    why : str
        In a few words; never an answer.
    sure : bool
    scale : Scale or None
        Of referral, loyalty, overall, factor.
    merit : float
        Which of several columns for one role comes first: the highest.
    """

    column: Profile
    role: str
    why: str
    sure: bool = True
    scale: Scale | None = None
    merit: float = 0.0


def guess_roles(columns: Sequence[Profile]) -> list[Guess]:
    """One guess a column, in the order of the file.

    Notes
    -----
    In this order: a person's column; the survey tool's own; nothing in it; weight, duration, date, wave, respondent,
    by name and values; ratings by words, labels, wording, or by going together with other ratings; the place where it
    happened; comments; groups. What is left is not used.
    """
    alone = [_alone(column) for column in columns]
    open_ones = [column for column, guess in zip(columns, alone, strict=True) if guess is None]
    bare = [column for column in open_ones if not column.labels and not wording.ABOUT.search(_words(column))]
    asked = [_asked(column, None) for column in open_ones if not column.labels]
    rated = [
        (guess.column, guess.scale)
        for guess in asked
        if guess.role in ("factor", "overall") and guess.scale and guess.scale.sure and not guess.scale.by_words
    ]
    coded = batteries(bare, rated)
    coded |= lettered(open_ones)
    guesses = [guess or _asked(column, coded.get(column.name)) for column, guess in zip(columns, alone, strict=True)]
    return _one_each(guesses)


def _words(column: Profile) -> str:
    return wording.words_of(column.name, column.asked)


def _alone(column: Profile) -> Guess | None:
    """What a column's own name and values tell, before it is looked at beside the others; None: a question."""
    said = _words(column)
    scale = scale_of(column)
    kind = person(column, scale=scale is not None and (scale.by_words or column.levels <= 12))
    if kind:
        return Guess(column, "person", f"looks like {kind}")
    if not column.filled:
        return Guess(column, "other", "nothing in it")
    if wording.technical(column.name, column.asked) and not (scale and scale.by_words):
        return _tool(column, said)
    if column.levels == 1 and column.filled == column.rows:
        return Guess(column, "other", "the same in every row")
    if column.numeric > 0.9 and wording.WEIGHT.search(said) and not column.whole:
        return Guess(column, "weight", "called a weight, with fractions", len(phrase(column.name).split()) <= 3)
    if wording.DURATION.search(said) and column.levels > 12 and (column.numeric > 0.9 or _clock(column)):
        minutes = bool(re.search(r"\b(?:minutes?|mins?|phut)\b", said))
        why = "minutes; the workbench wants seconds" if minutes else "called a duration, long numbers"
        return Guess(column, "other" if minutes else "duration", why, "sec" in said or "giay" in said)
    dated = _dates(column)
    if dated < 0:
        return Guess(column, "other", "times of day")
    if dated:
        merit = next((3 - n for n, names in enumerate(wording.DATE_FIRST) if names.search(said)), 0)
        return Guess(column, "date", "holds dates", merit > 0, merit=merit + column.filled / column.rows)
    if wording.WAVE.fullmatch(" ".join(word for word in phrase(column.name).split())) and 2 <= column.levels <= 60:
        return Guess(column, "wave", "its name", False)
    if _respondent(column, said):
        merit = 2.0 if wording.CUSTOMER.search(said) else 1.0
        return Guess(column, "respondent", "its name, and nearly every row another", True, merit=merit)
    return None


def _tool(column: Profile, said: str) -> Guess:
    if wording.RESPONDENT.search(said) and column.levels > 0.9 * column.filled:
        return Guess(column, "respondent", "the survey tool's number of the answer", True, merit=0.5)
    if _dates(column) > 0:
        merit = next((3 - n for n, names in enumerate(wording.DATE_FIRST) if names.search(said)), 0)
        return Guess(column, "date", "when the survey tool took the answer", True, merit=merit - 0.5)
    return Guess(column, "other", "the survey tool's own")


def _clock(column: Profile) -> bool:
    cells = list(column.counts)[:50]
    return all(re.fullmatch(r"\d{1,3}:\d{2}:\d{2}.*", str(cell)) for cell in cells)


def _dates(column: Profile) -> int:
    """1 where the column holds dates, -1 where they are a spreadsheet's way to write a time of day, else 0."""
    cells = list(column.counts)
    looked = cells[:: max(1, len(cells) // 200)]
    if column.numeric > 0.5 and not any(isinstance(cell, dt.date) for cell in looked):
        return 0
    told = [item.year for cell in looked if (item := read_date(cell, "month")) is not None]
    if len(cells) < 2 or len(told) < 0.8 * len(looked):
        return 0
    return 1 if sum(year >= OLDEST for year in told) >= 0.8 * len(looked) else -1


def _respondent(column: Profile, said: str) -> bool:
    if not wording.RESPONDENT.search(said) or wording.UNIT.search(said) or not column.filled:
        return False
    if column.numeric > 0.9 and not column.whole:
        return False
    exact = bool(wording.RESPONDENT.fullmatch(" ".join(word for word in phrase(column.name).split())))
    many = column.levels > 20 and column.levels >= (0.25 if exact else 0.9) * column.filled
    return many or (column.levels == column.filled and column.filled >= 3)


def _asked(column: Profile, coded: Scale | None) -> Guess:
    """A column that is a question, or a fact of the respondent or the visit."""
    said = _words(column)
    if wording.RANKED.search(said):
        return Guess(column, "other", "a rank order, not a rating")
    scale = scale_of(column)
    referral = bool(wording.REFERRAL.search(said)) and "refurl" not in said
    loyalty = bool(wording.LOYALTY.search(said))
    about = bool(wording.ABOUT.search(said))
    heard = referral and bool(wording.HEARD.search(said))
    if (
        (scale is None or not scale.by_words)
        and (referral or loyalty)
        and not heard
        and (yes := _yes_no(column) or _leaning(column))
    ):
        none = None in yes.answers.values() and (yes.low, yes.high) == (0, 1)
        why = f"its wording; {yes.why}" + ("; other answers count as none" if none else "")
        return Guess(column, "referral" if referral else "loyalty", why, False, yes)
    if coded is not None and (scale is None or not scale.by_words):
        scale = coded
    if scale is not None:
        rated = scale.by_words and scale.family != "frequency"
        praised = bool(wording.PRAISED.search(said))
        asked = praised or bool(wording.RATING.search(said))
        steps = scale.high - scale.low
        if referral:
            scale = _from_nought(column, scale)
            return Guess(
                column, "referral", f"its wording; {scale.why}", steps == 10 and scale.sure, scale, merit=steps
            )
        if loyalty:
            against = bool(wording.AGAINST.search(said))
            why = "its wording" + (" speaks of leaving: a high answer may be bad" if against else "")
            worded = asked or rated or len(phrase(column.asked).split()) > 2
            return Guess(
                column, "loyalty", f"{why}; {scale.why}", worded and not against, scale, merit=float(not against)
            )
        if rated or coded is not None or praised or (asked and not about):
            return _rating(column, scale, rated or asked)
    unit = wording.UNIT.search(said) or wording.UNIT_NAMES.fullmatch(phrase(column.name))
    few_codes = column.numeric > 0.5 and column.levels < 5  # store 1, 2, 3: rather whether and what was bought there
    if unit and not few_codes and 2 <= column.levels <= max(MOST_LEVELS, column.filled // 5) and not _free(column):
        return Guess(column, "unit", "its name", True, merit=column.levels)
    if _free(column):
        sure = bool(wording.COMMENT.search(said)) or column.levels > 0.8 * column.filled
        return Guess(column, "comment", "free text", sure)
    return _group(column, about)


def _from_nought(column: Profile, scale: Scale) -> Scale:
    """A question on recommending runs from 0 to 10 also where nobody chose 0, unless it says that it begins at 1."""
    if (scale.low, scale.high) != (1, 10) or re.search(r"\b1\D{1,12}10\b", column.asked):
        return scale
    return replace(scale, low=0, sure=False, why="codes up to 10; nobody chose 0")


def _rating(column: Profile, scale: Scale, said: bool) -> Guess:
    words = f"{column.name} {column.asked}"
    if wording.is_overall(column.name, column.asked):
        clean = re.search(r"clean|sach", phrase(words))
        if not clean:
            return Guess(column, "overall", f"a rating of the whole; {scale.why}", False, scale)
    if not scale.by_words and re.search(r"\b(?:ces|effort)\b", phrase(words)):
        return Guess(column, "factor", f"{scale.why}; of effort: is a high answer the good one?", False, scale)
    return Guess(column, "factor", scale.why, said and scale.sure, scale)


def _yes_no(column: Profile) -> Scale | None:
    """Yes and no as words, as labels of codes, or as 1 and 0; other answers beside them, such as maybe, are none."""
    labels = {str(int(code)): text for code, text in column.labels.items() if float(code).is_integer()}
    if not labels and column.numeric > 0.9 and set(column.values) == {0, 1}:
        return Scale(0, 1, (), {}, False, "codes 0 and 1, taken for no and yes", True)
    others = {text for text, count in column.texts.items() if count > 1 and len(text) <= LONGEST_NONE}
    said = labels or {text: text for text in column.texts if text in others or phrase(text) in _YES_NO}
    told = {text: _YES_NO.get(phrase(words)) for text, words in said.items()}
    if sorted(number for number in told.values() if number is not None) != [0, 1] or len(told) > 4:
        return None
    answers = dict(sorted(told.items(), key=lambda item: (item[1] is None, item[1] or 0)))
    return Scale(0, 1, (), answers, False, "yes and no", True)


def _leaning(column: Profile) -> Scale | None:
    """`Certainly`, `perhaps` and a bare `no`: a bare yes or no is the end of a scale of likelihood."""
    ends = {"no": "Definitely not", "yes": "Definitely", "khong": "Chắc chắn không", "co": "Chắc chắn có"}
    bare = [text for text in column.texts if phrase(text) in ends]
    if len(bare) != 1 or column.numeric or any(len(text) > LONGEST_NONE for text in column.texts):
        return None
    words = {text: ends.get(phrase(text), text) for text in column.texts}
    found = read_text_scale(list(words.values()))
    if found is None or found.family != "likelihood" or len(set(words.values())) < len(words):
        return None
    answers = {text: found.answers[said] for text, said in words.items()}
    answers = dict(sorted(answers.items(), key=lambda item: (item[1] is None, item[1] or 0)))
    return Scale(*found.scale, (), answers, False, "words of likelihood; a bare yes or no is taken for the end", True)


def _free(column: Profile) -> bool:
    """Whether people wrote what they liked."""
    texts = column.texts
    total = sum(texts.values())
    if not texts or total < 0.5 * column.filled:
        return False
    length = sum(len(text) * count for text, count in texts.items()) / total
    words = sum(len(text.split()) * count for text, count in texts.items()) / total
    said = _words(column)
    if len(texts) > MOST_LEVELS and (words >= 3 or (wording.COMMENT.search(said) and length > 4)):
        return True
    many = len(texts) > max(3, 0.5 * total)
    return many and (words >= 3 or bool(wording.COMMENT.search(said))) and length > 6


def _group(column: Profile, about: bool) -> Guess:
    if column.levels == 1:
        return Guess(column, "other", "one option, ticked or not")
    if column.numeric > 0.9 and wording.CALLED_DATE.search(phrase(column.name)):
        return Guess(column, "other", "called a date, and holds none that can be read")
    if column.numeric > 0.9 and wording.CODED_COMMENT.search(" ".join(tokens(column.name))):
        return Guess(column, "other", "codes of comments")
    if column.numeric > 0.9 and not column.whole:
        return Guess(column, "other", "numbers with fractions: computed, or an amount")
    labels = {phrase(text) for text in column.labels.values()}
    if labels & {"not selected", "unchecked", "khong chon", "not checked"}:
        return Guess(column, "other", "one option of several, ticked or not")
    if column.levels > MOST_LEVELS or column.levels > max(3, 0.5 * column.filled):
        return Guess(column, "other", f"{column.levels} different values: too many for groups")
    texts = column.texts
    if sum(";" in text for text in texts) >= 2 or _several(texts):
        return Guess(column, "other", "several options in one cell")
    if column.filled < 0.5 * column.rows and not about:
        return Guess(column, "other", "answered by fewer than half")
    return Guess(column, "segment", "a few groups", about)


def _several(texts: Collection[str]) -> bool:
    """Whether options stand in one cell with commas between them: most are met elsewhere too, two of them alone."""
    ticked = [text.split(", ") for text in texts]
    count = Counter(option for options in ticked for option in set(options))
    beside = {option for options in ticked if len(options) > 1 for option in options}
    alone = beside & {options[0] for options in ticked if len(options) == 1}
    return len(alone) >= 2 and 2 * sum(count[option] > 1 for option in beside) > len(beside)


def _one_each(guesses: list[Guess]) -> list[Guess]:
    """Of several columns for a role that only one can have, the best; the others are told by what they still may be."""
    done = list(guesses)
    for role, instead in (("respondent", "other"), ("date", "other"), ("wave", "segment"), ("unit", "segment"),
                          ("weight", "other"), ("duration", "other")):  # fmt: skip
        places = [place for place, guess in enumerate(done) if guess.role == role]
        best = max(places, key=lambda place: (done[place].merit, -place), default=None)
        for place in places:
            if place != best:
                one = done[place]
                fits = instead == "segment" and 2 <= one.column.levels <= MOST_LEVELS
                told = f"another column is the {role}"
                done[place] = replace(one, role="segment" if fits else "other", why=told, sure=True)
    return done


def numbers_of(column: Profile) -> np.ndarray:
    """The numbers of a column without blanks."""
    return column.numbers[np.isfinite(column.numbers)]
