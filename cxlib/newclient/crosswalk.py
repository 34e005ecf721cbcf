"""The same question in several files, also where its column was renamed: by name, then by wording."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass

from cxlib.intake.names import fold
from cxlib.intake.text_scales import phrase
from cxlib.newclient.keys import key_of
from cxlib.newclient.roles import Guess
from cxlib.newclient.wording import AGAINST, stem

ALIKE = 0.86  # likeness of two wordings from which they are taken for the same question
ONE_EACH = ("respondent", "date", "weight", "duration", "unit", "wave", "referral")  # a file has one of each
NAMES_ALIKE = 0.8  # of two names without wording, within one battery


@dataclass(frozen=True, eq=False)
class Matched:
    """One question over all files.

    Parameters
    ----------
    guesses : tuple of (Guess or None)
        One a file, in their order; None where the file does not ask it.
    renamed : bool
        Its column is not called the same everywhere.
    """

    guesses: tuple[Guess | None, ...]
    renamed: bool

    @property
    def last(self) -> Guess:
        """The guess of the newest file that asks it."""
        return next(guess for guess in reversed(self.guesses) if guess is not None)


def match_files(files: Sequence[Sequence[Guess]]) -> list[Matched]:
    """Bring the columns of several files together, the newest file (the last) first.

    Parameters
    ----------
    files : sequence of sequence of Guess
        The columns of each file, oldest first.

    Returns
    -------
    list of Matched
        In the order of the newest file, then what only older files ask.
    """
    rows: list[list[Guess | None]] = []
    for number in range(len(files) - 1, -1, -1):
        open_rows = [row for row in rows if row[number] is None]
        left = list(files[number])
        for same in (_same_name, _same_wording, _same_item, _like_wording):
            for row in open_rows:
                if row[number] is not None:
                    continue
                known = next(guess for guess in row if guess is not None)
                row[number] = next((guess for guess in left if same(known, guess)), None)
                left = [guess for guess in left if guess is not row[number]]
        left = _only_loyalty([row for row in open_rows if row[number] is None], left, number)
        for guess in left:
            rows.append([guess if place == number else None for place in range(len(files))])
    return [Matched(tuple(row), len({fold(guess.column.name) for guess in row if guess}) > 1) for row in rows]


def _only_loyalty(rows: list[list[Guess | None]], left: list[Guess], number: int) -> list[Guess]:
    """Where one question on coming back is left on either side, it is the same one; both told alike, for or against."""
    open_rows = [row for row in rows if any(guess and guess.role == "loyalty" for guess in row)]
    asked = [guess for guess in left if guess.role == "loyalty"]
    if len(open_rows) != 1 or len(asked) != 1:
        return left
    known = next(guess for guess in open_rows[0] if guess is not None)
    speaks = [AGAINST.search(phrase(guess.column.asked)) is None for guess in (known, asked[0])]
    scales = [(guess.scale.low, guess.scale.high) if guess.scale else None for guess in (known, asked[0])]
    if speaks[0] != speaks[1] or scales[0] != scales[1]:
        return left
    open_rows[0][number] = asked[0]
    return [guess for guess in left if guess is not asked[0]]


def _same_name(one: Guess, other: Guess) -> bool:
    return fold(one.column.name).lstrip("*") == fold(other.column.name).lstrip("*")


def _compatible(one: Guess, other: Guess) -> bool:
    rating = {"factor", "overall", "referral", "loyalty"}
    return one.role == other.role or (one.role in rating and other.role in rating)


def _worded(guess: Guess) -> bool:
    return len(phrase(guess.column.asked).split()) >= 2


def _same_wording(one: Guess, other: Guess) -> bool:
    return _compatible(one, other) and _worded(one) and phrase(one.column.asked) == phrase(other.column.asked)


def _same_item(one: Guess, other: Guess) -> bool:
    """Ratings of the same thing, whatever the lead-in: `Satisfaction: the staff`, `How satisfied with the staff`."""
    if not (one.role == other.role == "factor" and _worded(one) and _worded(other)):
        return False
    return key_of(one.column.name, one.column.asked, ()) == key_of(other.column.name, other.column.asked, ())


def _like_wording(one: Guess, other: Guess) -> bool:
    if not _compatible(one, other) or one.role in ("person", "other"):
        return False
    if one.role == other.role and one.role in ONE_EACH:
        return True
    if "referral" in (one.role, other.role):
        return False
    if one.role == other.role == "overall" and stem(one.column.name) == stem(other.column.name):
        return True
    if not (_worded(one) and _worded(other)):
        return _like_names(one.column.name, other.column.name)
    texts = phrase(one.column.asked), phrase(other.column.asked)
    return difflib.SequenceMatcher(None, *texts, autojunk=False).ratio() >= ALIKE


def _like_names(one: str, other: str) -> bool:
    """Q7A_ART and Q7ART: the letters that tell the item's place left out."""
    texts = ["".join(phrase(name).split()) for name in (one, other)]
    return difflib.SequenceMatcher(None, *texts, autojunk=False).ratio() >= NAMES_ALIKE and texts[0][:2] == texts[1][:2]
