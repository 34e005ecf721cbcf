"""Read a column's name: does it point at an employee, or at a competitor?"""

from __future__ import annotations

import re
import unicodedata

# Words for a person at work. A column called like one of these holds who it was.
_PEOPLE = {
    "employee", "employees", "emp", "staff", "staffer", "agent", "teller", "cashier", "clerk", "salesperson",
    "salesman", "saleswoman", "salesrep", "rep", "advisor", "adviser", "waiter", "waitress", "barista",
    "technician", "interviewer", "manager", "supervisor", "associate", "stylist", "courier", "nv", "nvbh", "nvkd",
    "nvtv", "gdv", "tvv", "dtv", "ktv", "cvkh", "nhanvien", "thungan", "giaodichvien", "tuvanvien",
}  # fmt: skip
_PHRASES = {
    "nhan vien", "thu ngan", "giao dich vien", "tu van vien", "dien thoai vien", "ky thuat vien", "chuyen vien",
    "tong dai vien", "nguoi ban", "nguoi phuc vu", "nguoi giao", "quan ly", "cua hang truong", "truong nhom",
    "truong ca", "served by", "handled by", "sold by", "assigned to", "helped by", "attended by", "phuc vu boi",
}  # fmt: skip
# Words that make it plain that the person is named or numbered.
_MARKS = {
    "id", "ids", "code", "no", "nr", "num", "number", "name", "key", "uuid", "badge", "login", "user", "username",
    "email", "mail", "phone", "ma", "ms", "so", "ten", "sdt", "hoten",
}  # fmt: skip
# Words that say nothing more about what the column holds.
_FILLERS = {
    "sales", "sale", "service", "store", "shop", "branch", "counter", "desk", "call", "full", "first", "last",
    "the", "of", "by", "ho", "cua", "ban", "hang", "phuc", "vu", "tu", "van", "kinh", "doanh", "senior", "field",
    "delivery",
}  # fmt: skip
# Who serves, by trade: a column called so and nothing more tells who it was.
_TRADES = re.compile(
    r"\b(?:employees?|staff|agents?|housekeepers?|receptionists?|doctors?|physicians?|nurses?|drivers?|shippers?"
    r"|trainers?|coach(?:es)?|teachers?|instructors?|lecturers?|therapists?|dentists?|mechanics?|guides?|chefs?"
    r"|bartenders?|officers?|consultants?|hairdressers?|barbers?|telesales|nv|nhan vien|bac si|nha si"
    r"|dieu duong|y ta|tai xe|lai xe|le tan|giao vien|giang vien|huan luyen vien|huong dan vien|ky thuat vien"
    r"|tu van vien|dau bep|tap vu|tho|phu trach|enumerators?|surveyors?|dieu tra vien|phong van vien|pvv|assignee|csm"
    r"|(?:account|sales|relationship|success|store|branch|area|project) managers?|(?:case|ticket|account|lead) owner)\b"
)
_OF_A_TRADE = {
    "name", "names", "id", "ids", "code", "no", "number", "customer", "s", "your", "who", "was", "is", "the", "in",
    "charge", "treating", "attending", "assigned", "main", "sale", "sales", "ten", "ma", "ho", "va", "nguoi",
    "cham", "soc", "dieu", "tri", "kham", "truc", "tiep", "chinh", "phuc", "vu", "ban", "hang", "giao", "nhan",
    "da", "q", "cua", "anh", "chi", "quy", "khach", "chu", "nhiem",
}  # fmt: skip
_TELLS_WHO = {"name", "names", "id", "ids", "code", "no", "number", "who", "charge", "assigned", "ten", "ma"}
_GLUED = re.compile(
    r"(?:emp|employee|staff|agent|teller|cashier|rep|interviewer|nv|nhanvien|thungan|gdv)(?:id|no|nr|num|code|name|key)"
    r"|(?:ma|ms|ten|id|so|m)(?:nv|nvbh|nvkd|nhanvien|thungan|gdv|tvv|dtv)"
)
_COMPETITORS = {"competitor", "competitors", "rival", "rivals", "doithu"}


def bare(text: object) -> str:
    """Lower case without marks.

    Examples
    --------
    >>> bare("Xếp hạng")
    'xep hang'
    """
    decomposed = unicodedata.normalize("NFD", str(text).casefold())
    return "".join(sign for sign in decomposed if not unicodedata.combining(sign)).replace("đ", "d")


def tokens(name: object) -> tuple[str, ...]:
    """The words of a column's name, without marks; capitals, digits and signs part them.

    Examples
    --------
    >>> tokens("MãNV_ThuNgân2")
    ('ma', 'nv', 'thu', 'ngan', '2')
    """
    text = unicodedata.normalize("NFC", str(name))
    parted = []
    for place, sign in enumerate(text):
        before, after = text[place - 1 : place], text[place + 1 : place + 2]
        if place and sign.isupper() and (before.islower() or (before.isupper() and after.islower())):
            parted.append(" ")
        parted.append(sign)
    return tuple(re.findall(r"[^\W\d_]+|\d+", bare("".join(parted))))


def points_at_employee(name: object, *, rating: bool = False) -> bool:
    """Whether a column seems to tell which employee served the customer.

    Parameters
    ----------
    name : object
        A column's name, or a key of the parameters.
    rating : bool
        The column is declared as a question with a scale: then 'staff' is what was rated, and only a name that speaks
        of an id, a code or a name counts.

    Examples
    --------
    >>> points_at_employee("ma_nv"), points_at_employee("Teller"), points_at_employee("staff_friendly")
    (True, True, False)
    >>> points_at_employee("bác sĩ điều trị"), points_at_employee("staff", rating=True)
    (True, False)
    """
    words = [word for word in tokens(name) if not word.isdigit()]
    if any(_GLUED.fullmatch(word) for word in ("".join(words), *words)) or _says_who_served(words, rating=rating):
        return True
    text = f" {' '.join(words)} "
    found = False
    for phrase in sorted(_PHRASES, key=len, reverse=True):
        if f" {phrase} " in text:
            text, found = text.replace(f" {phrase} ", " "), True
    rest = text.split()
    people = [word for word in rest if word in _PEOPLE]
    if not (found or people):
        return False
    others = [word for word in rest if word not in _PEOPLE]
    marked = any(word in _MARKS for word in others)
    if any(word not in _MARKS | _FILLERS for word in others):
        return False
    return marked or not rating


def _says_who_served(words: list[str], *, rating: bool) -> bool:
    """Whether words speak of somebody who serves, and of nothing else; in a rating they must say who it was."""
    said = " ".join(words)
    rest, found = _TRADES.subn(" ", said)
    marked = "phu trach" in said or bool(set(rest.split()) & _TELLS_WHO)
    return bool(found) and set(rest.split()) <= _OF_A_TRADE and (marked or not rating)


def points_at_competitor(name: object) -> bool:
    """Whether a column seems to speak of a competitor.

    Examples
    --------
    >>> points_at_competitor("Rating_Competitor_A"), points_at_competitor("competitive_price")
    (True, False)
    """
    words = tokens(name)
    return any(word in _COMPETITORS for word in words) or " doi thu " in f" {' '.join(words)} "
