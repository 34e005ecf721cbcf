"""Comments that speak of a factor: how many there are, and which two are shown."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

import pandas as pd

from cxlib.findings.schema import Quote, ShapeKind
from cxlib.params.model import Factor, Params

SHOWN = 2
READABLE = (30, 200)  # signs; shorter says little, longer is not read on a card
ALIKE = 0.5  # share of words in common above which two comments count as the same
AT_MOST = 400  # signs; a longer comment is never shown, because it would have to be cut


@dataclass(frozen=True)
class Comment:
    """One comment that speaks of a factor, with the rating its writer gave (None when missing)."""

    text: str
    wave: str
    rating: float | None


@dataclass(frozen=True)
class Mentions:
    """The comments that speak of one factor.

    Attributes
    ----------
    by_wave : mapping of str to int
        Answers (not comments) that speak of it, by wave.
    comments : tuple of Comment
    """

    by_wave: Mapping[str, int]
    comments: tuple[Comment, ...]


def find_mentions(answers: pd.DataFrame, params: Params) -> dict[str, Mentions]:
    """For each factor, the answers whose comments hold one of its words.

    Parameters
    ----------
    answers : DataFrame
        Cleaned answers; comment columns under their own names.
    params : Params
        A factor's `mentions` are words or phrases, found whole and in any case.

    Returns
    -------
    dict of str to Mentions
    """
    columns = [column for column in params.comments if column in answers]
    written = [
        (place, str(text).strip())
        for column in columns
        for place, text in enumerate(answers[column].astype(object))
        if isinstance(text, str) and text.strip()
    ]
    flat = [_flat(text) for _, text in written]
    waves = answers["wave"].astype(object).tolist()
    found = {}
    for key, factor in params.factors.items():
        words = _words(factor)
        hits = [
            pair
            for pair, plain in zip(written, flat, strict=True)
            # Most comments hold none of the words in any way, and that is seen soonest.
            if any(_whole(word, plain) for word in words if word in plain)
        ]
        ratings = answers[key].astype(float).tolist() if key in answers else [float("nan")] * len(answers)
        by_wave: dict[str, int] = {}
        for place in sorted({place for place, _ in hits}):
            by_wave[str(waves[place])] = by_wave.get(str(waves[place]), 0) + 1
        comments = tuple(
            Comment(text, str(waves[place]), None if ratings[place] != ratings[place] else ratings[place])
            for place, text in hits
        )
        found[key] = Mentions(by_wave, comments)
    return found


def _flat(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


def _words(factor: Factor) -> set[str]:
    """Its words and phrases."""
    return {_flat(mention) for mention in factor.mentions} - {""}


def _whole(word: str, text: str) -> bool:
    """Whether a text holds a word, and not only as a part of a longer one.

    Examples
    --------
    >>> _whole("wait", "a long wait."), _whole("wait", "the waiter, waiting")
    (True, False)
    """
    begin = text.find(word)
    while begin >= 0:
        end = begin + len(word)
        if not _in_a_word(text[begin - 1 : begin]) and not _in_a_word(text[end : end + 1]):
            return True
        begin = text.find(word, begin + 1)
    return False


def _in_a_word(sign: str) -> bool:
    return sign.isalnum() or sign == "_"


def choose_quotes(mentions: Mentions, factor: Factor, shape: ShapeKind) -> tuple[Quote, ...]:
    """At most two comments, the same ones in every run.

    Notes
    -----
    Of middling length, because the shortest say nothing and the longest are rare; of customers who rated the factor
    low when it is one that hurts when it fails, of those who rated it high when it delights; none twice. They are
    there to make a finding easier to picture and prove nothing.
    """
    middle = sum(factor.scale) / 2
    usable = [comment for comment in mentions.comments if len(comment.text) <= AT_MOST]
    readable = [comment for comment in usable if READABLE[0] <= len(comment.text) <= READABLE[1]]
    if not usable:
        return ()
    usual = median(len(comment.text) for comment in readable or usable)

    def key(comment: Comment) -> tuple[bool, bool, bool, float, str, str]:
        away = 0.0 if comment.rating is None else comment.rating - middle
        fits = (shape == "hurts_when_fails" and away < 0) or (shape == "delights" and away > 0)
        in_reach = READABLE[0] <= len(comment.text) <= READABLE[1]
        redacted = "[" in comment.text
        return not in_reach, not fits, redacted, abs(len(comment.text) - usual), comment.text, comment.wave

    return tuple(Quote(text=item.text, wave=item.wave) for item in _distinct(sorted(usable, key=key)))


def _distinct(comments: Sequence[Comment]) -> Iterator[Comment]:
    """The first two that do not say nearly the same in nearly the same words."""
    shown: list[set[str]] = []
    for comment in comments:
        if len(shown) == SHOWN:
            return
        words = set(re.findall(r"\w+", _flat(comment.text)))
        if all(len(words & other) <= ALIKE * len(words | other) for other in shown):
            shown.append(words)
            yield comment
