"""Keys and labels of the parameters, made from the wording of a question."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection

from cxlib.intake.text_scales import phrase
from cxlib.params.model import RESERVED

_VIETNAMESE = re.compile("[ăđơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ]")
LONGEST_KEY, LONGEST_LABEL = 40, 200
_FILLERS = {
    "the", "a", "an", "of", "our", "your", "you", "we", "us", "with", "to", "in", "on", "at", "is", "are", "was",
    "were", "how", "what", "would", "do", "did", "does", "for", "and", "or", "please", "rate", "rating", "satisfied",
    "satisfaction", "following", "about", "when", "it", "this", "that", "be", "have", "has", "very", "much", "q",
}  # fmt: skip
_LEADS = re.compile(  # what a question in Vietnamese begins with, or holds in passing
    r"\b(?:quý khách|khách hàng|anh\s?/\s?chị|anh chị|anh|chị|bạn|vui lòng|xin|hãy|cho biết|đánh giá|mức độ|hài lòng"
    r"|như thế nào|thế nào|đối với|về|với|của|và|các|những|chúng tôi|có|là|được|sự)\b"
)

_CHOICE = re.compile(r"\s+[-–]\s+(?:Selected Choice|Lựa chọn đã chọn)$", re.I)  # Qualtrics, behind the question


def short_name(name: str, asked: str) -> str:
    """What is asked, without the lead-in of its battery.

    Examples
    --------
    >>> short_name("Q1 [The food]", "Q1 [The food]"), short_name("Q11_2", "Satisfaction with: Internet speed")
    ('The food', 'Internet speed')
    >>> short_name("SAT[SQ001]", "SAT[SQ001]"), short_name("Q5", "Where from? - Selected Choice")
    ('SAT[SQ001]', 'Where from?')
    """
    text = _CHOICE.sub("", " ".join(asked.split())) or name
    bracket = re.search(r"\[([^\[\]]{2,200})\]\s*(?:\(\d+\))?$", text)
    if bracket:
        return text if re.fullmatch(r"SQ\d+", bracket[1].strip()) else bracket[1].strip()
    for sign in (" >> ", " - ", " – ", " | ", ": "):
        before, found, after = text.rpartition(sign)
        if found and len(before) > 3 and 2 <= len(after) <= 120 and re.search(r"[^\W\d_]", after):
            return after.strip()
    return text


def key_of(name: str, asked: str, taken: Collection[str]) -> str:
    """A key of small letters that is not taken.

    Examples
    --------
    >>> key_of("Q11_2", "Satisfaction with: Internet speed", ()), key_of("Q7ART", "Q7ART", ())
    ('internet_speed', 'q7art')
    >>> key_of("1", "", {"q_1"})
    'q_1_2'
    """
    said = short_name(name, asked)
    short = unicodedata.normalize("NFC", re.sub(r"\([^()]*\)", " ", said)).casefold()
    words = phrase(_LEADS.sub(" ", short)).split() if is_vietnamese(short) else phrase(short).split()
    words = words or phrase(said).split()
    telling = [word for word in words if word not in _FILLERS or is_vietnamese(short)] or words or ["q"]
    key = ""
    for word in telling[:5]:
        longer = f"{key}_{word}" if key else word
        if len(longer) > LONGEST_KEY - 4:
            break
        key = longer
    key = re.sub(r"[^a-z0-9_]", "", unicodedata.normalize("NFKD", key))[: LONGEST_KEY - 4].strip("_")
    if not key or not key[0].isalpha():
        key = f"q_{key}".rstrip("_")
    if key not in RESERVED and key not in taken:
        return key
    number = 2
    while f"{key}_{number}" in taken:
        number += 1
    return f"{key}_{number}"


def label_of(name: str, asked: str) -> str:
    """The label of a question for the pages: what was asked, in one line.

    Examples
    --------
    >>> label_of("Q7ART", "Q7ART"), label_of("Q1 [The <b>food</b>]", "Q1 [The <b>food</b>]")
    ('Q7ART', 'The <b>food</b>')
    """
    text = " ".join("".join(sign if sign.isprintable() else " " for sign in short_name(name, asked)).split()) or name
    return text if len(text) <= LONGEST_LABEL else text[: LONGEST_LABEL - 1].rstrip() + "…"


def is_vietnamese(text: str) -> bool:
    """Whether a text has letters that only Vietnamese has.

    Examples
    --------
    >>> is_vietnamese("Mức độ hài lòng"), is_vietnamese("How satisfied are you?")
    (True, False)
    """
    return bool(_VIETNAMESE.search(unicodedata.normalize("NFC", text).lower()))
