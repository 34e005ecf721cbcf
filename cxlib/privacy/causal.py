"""Words that claim a cause, in both languages (R6): allowed from a random roll-out (E4) only."""

from __future__ import annotations

import re
import unicodedata

from cxlib.errors import Problem
from cxlib.words import word

PROVEN = ("E4",)  # grades whose sentences may name a cause

# Regular expressions over lower-case text; every inflection is written out or matched. Both lists are held against
# both languages: an English word inside a Vietnamese sentence claims as much.
_ENGLISH = (
    r"driv(?:e|es|en|ing|er|ers)|drove",
    r"causes?|caused|causing|causal|causally|causation|causality",
    r"impact(?:s|ed|ing|ful)?",
    r"thanks to|because of|due to|owing to|on account of|as a (?:result|consequence) of|by virtue of",
    r"lead(?:s|ing)? to|led to|result(?:s|ed|ing)? (?:in|from)|contribut(?:e|es|ed|ing) to|bring(?:s|ing)? about"
    r"|brought about|give(?:s|n)? rise to|gave rise to",
    r"affect(?:s|ed|ing)?|influenc(?:e|es|ed|ing|er|ers)|determin(?:e|es|ed|ing|ant|ants)",
    r"effects? (?:of|on|upon)|effects?|consequences?",
    r"responsible for|make customers|makes customers|made customers|boost(?:s|ed|ing)?|trigger(?:s|ed|ing)?",
    r"rais(?:es|ed|ing)|lowers|lowered|lowering",  # an action that raised a rating; a rating rose or fell
)
_VIETNAMESE = (
    r"gây (?:ra|nên|tác|ảnh|cho)|tác động|ảnh hưởng|tác nhân",
    r"nhờ(?: có| vào)?",
    r"do đó(?: mà)?|bởi thế|bởi vậy|vì thế mà|vì vậy mà|chính vì|là do|là vì",
    r"nguyên nhân|nguyên do|căn nguyên|hệ quả|hậu quả|nhân quả",
    r"(?<!hướng )dẫn (?:đến|tới)|đưa đến|mang lại|đem lại|tạo nên",
    r"khiến(?: cho)?|làm cho|làm (?:tăng|giảm|thay đổi)|giúp (?:tăng|giảm|cải thiện|nâng)|thúc đẩy|kích thích",
    r"bắt nguồn từ|xuất phát từ|chi phối|quyết định (?:đến|tới)",
)
_WORDS = re.compile(r"(?<!\w)(?:" + "|".join((*_ENGLISH, *_VIETNAMESE)) + r")(?!\w)")
_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")  # soft hyphen and signs without width


def standing_sentence(language: str) -> str:
    """The one sentence that may name the cause, to say that it is not shown."""
    return word("standing", language)


def plain(text: str) -> str:
    """Text as it is compared: composed letters, no signs without width, single blanks, lower case."""
    return " ".join(_UNSEEN.sub("", unicodedata.normalize("NFC", text)).casefold().split())


def causal_words(text: str, language: str) -> list[str]:
    """The causal words of a text, in the order in which they stand.

    The standing sentence ("This does not show that it is the cause.") is taken out first, whole and word for word:
    it is the only exception. Any other negation is still a sentence about causes and counts.

    Examples
    --------
    >>> causal_words("Waiting drives referral.", "en")
    ['drives']
    >>> causal_words("This does not show that it is the cause.", "en")
    []
    """
    return _WORDS.findall(plain(text).replace(plain(standing_sentence(language)), " "))


def check_words(text: str, language: str, grade: str | None) -> list[Problem]:
    """Causal words that a sentence of this grade may not use.

    Parameters
    ----------
    text : str
        A generated sentence.
    language : {'vi', 'en'}
    grade : str or None
        The grade of the evidence the sentence speaks of; None when it speaks of none.

    Returns
    -------
    list of Problem
        Empty when the sentence may be said.
    """
    if grade in PROVEN:
        return []
    return [
        Problem(
            f"'{found}' claims a cause, and the evidence is not from a random roll-out.",
            f"a sentence in {'Vietnamese' if language == 'vi' else 'English'}",
            "say what goes together ('also tended to', 'cũng thường'), or what was seen before and after",
        )
        for found in causal_words(text, language)
    ]
