"""Columns that look like a person, an employee, a contact, an address or a place on the map: they are left out."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping

from cxlib.intake.text_scales import phrase
from cxlib.newclient.profile import Profile
from cxlib.privacy.names import points_at_competitor, points_at_employee, tokens
from cxlib.privacy.redact import redact

_NAME = {"name", "names", "firstname", "lastname", "fullname", "surname", "username", "ten", "hoten", "nickname"}
_OF_A_PERSON = {
    "first", "last", "full", "middle", "given", "family", "your", "my", "customer", "client", "respondent", "recipient",
    "contact", "user", "nick", "person", "guest", "patient", "and", "please", "enter", "what", "is", "s", "the", "of",
    "q", "ho", "va", "dem", "khach", "hang", "cua", "ban", "anh", "chi", "ong", "ba", "day", "du", "quy", "nguoi",
    "tra", "nhan", "loi", "vui", "long", "cho", "biet", "lien", "he", "la", "gi", "dung", "xin", "nhap",
}  # fmt: skip
_WHOLE = {
    "phone", "mobile", "tel", "telephone", "sdt", "dien thoai", "so dien thoai", "zalo", "whatsapp", "facebook",
    "hotline", "cell", "cellphone", "di dong", "ip", "lat", "lng", "lon", "long", "gps", "geo", "dob", "cmnd", "cccd",
    "address", "dia chi", "zip", "user", "account", "full address", "mst", "vi tri", "toa do", "referrer url",
    "custom data", "network id",
}  # fmt: skip
_ANYWHERE = re.compile(
    r"\b(?:e ?mail|emails|e mail address|(?:phone|mobile) ?(?:number|no|num)|contact (?:number|no|details?)"
    r"|sdt|so dt|dt lien he|dtdd|so nha|so (?:dien thoai|di dong|zalo)"
    r"|dien thoai lien he|ip ?addr(?:ess)?|dia chi ip|latitude|longitude"
    r"|kinh do|vi do"
    r"|street|home address|mailing address|postal address|address line \d|address \d|city town address|dia chi"
    r"|zip ?codes?|zip|post ?codes?|postal codes?|ma buu (?:dien|chinh)|passport|ho chieu|can cuoc|cccd|cmnd"
    r"|chung minh nhan dan|identity card|id card|national id|social security|ssn|ma so thue|tax (?:code|id)"
    r"|license plate|bien so|so tai khoan|account n(?:o|umber)|card n(?:o|umber)|so the|date of birth"
    r"|birth ?(?:date|day)|ngay (?:thang )?(?:nam )?sinh|sinh nhat|ntns"
    r"|bien kiem soat|nguoi lien he|nick ?names?|link (?:facebook|fb|zalo)|(?:facebook|fb) (?:ca nhan|cua ban)"
    r"|device ?id|subscriber ?id|sim ?(?:id|serial)|altitude|cookies?|mac address|imei|user agent|signature|chu ky)\b"
)
_EMPLOYEE = re.compile(
    r"\b(?:(?:who|which|name of) (?:the |our )?(?:staff|employees?|agents?|team member)\b(?: member)?"
    r"|who (?:served|helped|assisted)|(?:ten|ma|ai la) (?:cua )?(?:nhan vien|thu ngan|tu van vien|giao dich vien"
    r"|boi ban|(?:nguoi )?(?:phuc vu|tu van|giao hang|ban hang))"
    r"|nhan vien nao|ai (?:da )?phuc vu)\b"
)
_EMAIL = re.compile(r"[^\s@]+@[^\s@]+\.[a-z]{2,}", re.I)
_PHONE = re.compile(
    r"(?:\+?84|0)[\s.\-]?\d(?:[\s.\-]?\d){7,9}|\+\d[\d\s.\-()]{7,16}|\(\d{3}\)\s?\d{3}-\d{4}|\d{3}-\d{3}-\d{4}"
)
_IP = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}|(?:[0-9a-f]{1,4}:){3,7}[0-9a-f:]{1,}", re.I)
_PLACE = re.compile(r"-?\d{1,3}[.,]\d{4,},?\s*-?\d{0,3}(?:[.,]\d{4,})?")
_TITLE = re.compile(r"[^\W\d_a-z][\w'’.-]*(?:\s[^\W\d_][\w'’.-]*){1,4}")
_SURNAMES = {
    "nguyen", "tran", "le", "pham", "hoang", "huynh", "phan", "vu", "vo", "dang", "bui", "do", "ho", "ngo", "duong",
    "ly", "doan", "trinh", "dinh", "mai", "to", "lam", "ha", "cao", "luu", "luong", "thai", "chau", "ta", "phung",
    "truong",
}  # fmt: skip
MOST_LOOKED_AT = 5000  # different cells of a column
ENOUGH = 0.5  # share of the cells that look like it


def person(column: Profile, *, scale: bool) -> str:
    """Why a column is taken for a person's, or ''.

    Parameters
    ----------
    column : Profile
    scale : bool
        The cells are answers on a scale: then a long question that speaks of staff or of e-mails is a rating of them.

    Returns
    -------
    str
        'a name', 'contact details', 'an employee', 'a competitor', 'an address or a place', or ''.
    """
    short = len(phrase(column.asked).split()) <= 4
    called = [column.name, column.asked] if short else [column.name]
    if any(points_at_competitor(name) for name in called):
        return "a competitor"
    if any(points_at_employee(name, rating=scale) for name in called) or (
        not scale and _EMPLOYEE.search(phrase(column.asked))
    ):
        return "an employee"
    by_value = _by_value(column)
    if by_value:
        return by_value
    if scale and not short:
        return ""
    for said in {" ".join(tokens(column.name)), phrase(column.asked)}:
        words = [word for word in said.split() if not word.isdigit() and word != "q"]
        if " ".join(words) in _WHOLE:
            return "contact details"
        if (short or column.texts) and set(words) & _NAME and set(words) <= _NAME | _OF_A_PERSON:
            return "a name"
        if _ANYWHERE.search(" ".join(words)) and not (scale and len(words) > 2):
            return "contact details or an address"
    return ""


def _by_value(column: Profile) -> str:
    texts = column.texts
    looked = itertools.islice(column.counts.items(), MOST_LOOKED_AT)
    told = {str(cell).strip(): count for cell, count in looked}
    total = sum(told.values())
    if not total:
        return ""
    mean_length = sum(len(text) * count for text, count in told.items()) / total
    if mean_length < 60 and _share(told, _EMAIL.fullmatch, total) >= 0.05:
        return "e-mail addresses"
    fractions = column.numeric > ENOUGH and not column.whole
    if not fractions and column.levels > 2 and _share(told, _PHONE.fullmatch, total) >= ENOUGH:
        return "phone numbers"
    if _share(told, _IP.fullmatch, total) >= ENOUGH:
        return "internet addresses"
    if _share(told, _PLACE.fullmatch, total) >= ENOUGH and re.search(
        r"\b(?:lat|lon|lng|location|gps|toa)", column.said
    ):
        return "places on the map"
    if _names(texts, column):
        return "names"
    return ""


def _share(told: Mapping[str, int], hit, total: int) -> float:
    return sum(count for text, count in told.items() if hit(text)) / total


def _names(texts: Mapping[str, int], column: Profile) -> bool:
    """Short texts of two to five words with capitals, by their surnames or by being all different."""
    if len(texts) < 3 or sum(texts.values()) < ENOUGH * column.filled:
        return False
    total = sum(texts.values())
    single = [text for text in texts if text.isalpha()]
    if len(single) >= 0.8 * len(texts):  # given names alone, as staff are called
        return sum(bool(redact(f"chị {text.lower()}")[1]) for text in single[:100]) >= 0.7 * len(single[:100])
    if len(texts) < 4:
        return False
    capitals = {text: count for text, count in texts.items() if _TITLE.fullmatch(text) and len(text) < 40}
    if sum(capitals.values()) < 0.7 * total:
        return False
    surnames = sum(count for text, count in capitals.items() if phrase(text).split()[0] in _SURNAMES)
    named = sum(count for text, count in list(capitals.items())[:300] if redact(text)[1].get("name"))
    looked = sum(list(capitals.values())[:300])
    every_word = sum(count for text, count in capitals.items() if all(word[0].isupper() for word in text.split()))
    return (
        surnames >= 0.6 * total
        or named >= 0.5 * looked
        or (len(texts) >= 0.9 * total > 9 and every_word >= 0.8 * total)
    )
