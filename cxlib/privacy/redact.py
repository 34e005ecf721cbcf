"""Remove what identifies a person from a comment (R11): names after a title, phone numbers, e-mail, links, handles.

What was found is replaced by its kind in brackets, so that a reader sees that something stood there. Limits: a name
without a title before it is found only in the form surname + Văn/Thị + given name; a nickname, an address, a number
plate or a small shop's name is not found; a street named after a person is kept only where a word such as "đường"
says so. Where the two mistakes compete, a word too many is removed rather than a name too few.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

REPLACED = {
    "email": "[e-mail]",
    "link": "[liên kết]",
    "handle": "[tài khoản]",
    "phone": "[số điện thoại]",
    "number": "[dãy số]",
    "name": "[tên]",
}
NAME_WORDS = 5  # a Vietnamese name has at most that many

# Signs that are not seen and can hide a number from the patterns: joiners, direction marks, soft hyphens.
_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")

_AT = re.compile(r"\b(?:at|còng)\b", re.I)
_EMAIL = re.compile(
    r"(?<![\w.+%-])[\w.+%-]{1,64}(?:@|＠|\s[@＠]\s|\s?[(\[{]\s?(?:at|a còng)\s?[)\]}]\s?)[\w-]{1,63}"
    r"(?:\s?(?:\.|[(\[{]\s?(?:dot|chấm)\s?[)\]}])\s?[A-Za-z][\w-]{1,62}){1,4}",
    re.I,
)
_EMAIL_SPOKEN = re.compile(
    r"(?<![\w.+%-])[\w.+%-]{2,64}(?:\s(?:at|a còng)\s|\s?@\s?)(?:gmail|yahoo|hotmail|outlook|icloud)"
    r"(?:(?:\.| dot | chấm )[a-z]{2,6}){0,2}",
    re.I,
)
_LINK = re.compile(
    r"(?:https?|ftp)://\S{1,2000}|(?<![\w.@])www\.\S{1,2000}"
    r"|(?<![\w.@-])(?:[a-z]{1,8}\.)?(?:facebook|fb|instagram|tiktok|zalo|t|m|linkedin|twitter|x|youtube)"
    r"\.(?:com|me|vn|net|app)/\S{1,500}",
    re.I,
)
_HANDLE = re.compile(r"(?<![\w@.])@[^\W\d_][\w.]{1,40}")
_NAMED_HANDLE = re.compile(
    r"(?<!\w)(zalo|viber|telegram|whatsapp|skype|facebook|fb|instagram|insta|tiktok)(\s?[:=]\s?)([\w.][\w.@-]{2,40})",
    re.I,
)

_DATE = re.compile(r"(?<!\d)(?:\d{1,2}[./-]\d{1,2}[./-](?:19|20)\d{2}|(?:19|20)\d{2}[./-]\d{1,2}[./-]\d{1,2})(?!\d)")
_AMOUNT = re.compile(r"[1-9]\d{0,2}(?:[.,]\d{3}){1,5}(?:[.,]\d{1,2})?")
# Digits with at most two of the usual signs between them; letters O and o pass for zeros among digits.
_DIGITS = re.compile(r"(?<![\w.,])(?:\+\s?|\()?[\dOo](?:[\s().\-–·_]{0,2}[\dOo]){7,19}(?![\w])")
_SPOKEN_DIGIT = "không|một|hai|ba|bốn|tư|năm|lăm|sáu|bảy|bẩy|tám|chín|khong|mot|bon|nam|sau|bay|tam|chin"
_SPOKEN = re.compile(rf"(?<!\w)(?:{_SPOKEN_DIGIT})(?:[\s,.\-]{{1,2}}(?:{_SPOKEN_DIGIT})){{7,14}}(?!\w)", re.I)


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


def _pairs(words: str) -> frozenset[tuple[str, ...]]:
    return frozenset(tuple(phrase.split()) for phrase in words.split(","))


_TITLES = _set(
    """anh chị cô chú bác ông bà thầy cậu dì bạn em bé mợ thím cháu sếp bs nv ktv
    mr ms mrs miss mister madam dr"""
)
_POINTED = _set("mr ms mrs dr bs nv")  # titles that may carry a point
_LONG_TITLES = _pairs(
    """nhân viên,quản lý,bảo vệ,lễ tân,thu ngân,bác sĩ,kỹ thuật,tư vấn,giám đốc,cửa hàng trưởng,kỹ thuật viên,
    tư vấn viên,tổng đài viên,giao dịch viên,tên,tên là,tên tôi là,tên mình là,tên em là,my name is,named"""
)
_STARTS = _TITLES | {title[0] for title in _LONG_TITLES}
# Capitalised words after a title that are no name: roles, shops, and words that begin or carry on a sentence.
_NO_NAME = _set(
    """cô chú bác ông bà thầy cậu dì bạn em bé cháu chị nhân viên quản giám đốc trưởng phó phục vụ vấn kỹ thuật giao
    khách hàng shop ship shipper sale sales admin pg cskh nv ktv ad
    và là thì mà nhưng nên vì do nếu khi để cho với của ở tại từ đến đi rất quá không chưa chẳng đã đang sẽ cũng vẫn
    còn có được bị làm nói bán mua hỏi trả đứng ngồi cười chỉ mong cần xin cảm cám ơn ạ nhé ơi này kia ấy đó đây nào
    gì ai tôi mình chúng tao họ người ta các những một nhiều ít hơn mọi mỗi cả hôm ngày tháng giờ lúc sau trước trong
    ngoài trên dưới nhiệt vui vẻ dễ thân tốt tuyệt ok sp sản phẩm dịch giá máy điện thoại
    grab be shopee lazada tiki momo zalo facebook google iphone samsung
    the and but was is who he she i it they at in on from for with very so"""
)
# Two words that each may be in a name and together are a role or a feeling.
_ROLES = _pairs("bảo vệ,thu ngân,lễ tân,tư vấn,quản lý,bảo hành,dễ thương,thân thiện,nhiệt tình,toàn bộ,tất cả")
# Title and word together name a place or a thing.
_PLACES = _pairs(
    """bà rịa,bà nà,bà triệu,bà chiểu,bà đen,bà điểm,bà hom,bà huyện,bà con,bà bầu,cô tô,cô giang,cô bắc,cô vid,cô đơn,
    ông ích,ông tạ,ông lãnh,bác ái,bác hồ,anh quốc,anh ngữ,anh văn,anh em,chị em,bạn bè,chú ý,em bé,kỹ thuật số"""
)
# Given names that are hardly anything else after a title; for text without capitals, or in capitals only.
_GIVEN = _set(
    """lan hương hằng trang linh tuấn hùng dũng thảo ngọc nhung loan oanh yến quỳnh huyền thúy thuý thủy thuỷ hạnh đức
    huy khang khoa kiên duy tùng trung thắng vy vân uyên trâm thư phương nga sơn tâm dung hiếu hoàng hưng cường quân
    minh khánh phúc lộc thịnh vinh việt châu diễm diệp giang hiền hồng huệ hường khuê kiều liên liễu ly mỹ ngân nghĩa
    nguyên nhi phượng phụng quý tân thái thanh thiện thoa thuận tín toản trinh trí trúc tú tuyết tường xuân ánh ân
    bích cúc đào đạt điệp"""
)
_ADDRESSED = _set("anh chị cô chú bác ông bà bạn em")
_SURNAMES = _set(
    """nguyễn trần lê phạm hoàng huỳnh phan vũ võ đặng bùi đỗ hồ ngô dương lý đinh đoàn trịnh trương lâm mai cao lương
    tô tạ hà thái phùng quách châu la lưu đào"""
)
_MIDDLE = _set("văn thị")
_STREETS = _set("đường phố ngõ hẻm quận phường cầu chợ trường viện nhánh hàng")  # a name after these is a place's
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")


def redact(text: str) -> tuple[str, dict[str, int]]:
    """Replace what identifies a person by its kind.

    Parameters
    ----------
    text : str
        A comment, in Vietnamese or English; any text is safe, however long or hostile.

    Returns
    -------
    tuple of (str, dict of str to int)
        The text, composed (NFC) and without unseen signs, and the number of replacements by kind: 'email', 'link',
        'handle', 'phone', 'number' (nine digits or more that are no phone: an account, an identity card), 'name'.
        Kinds not found are left out.

    Notes
    -----
    Every pattern is bounded, so the time grows with the text's length only.

    Examples
    --------
    >>> redact("Chị Lan gọi lại số 0903 123 456 rất nhanh")
    ('Chị [tên] gọi lại số [số điện thoại] rất nhanh', {'phone': 1, 'name': 1})
    >>> redact("Em học Anh văn, giá 1.500.000 đồng")
    ('Em học Anh văn, giá 1.500.000 đồng', {})
    """
    text = _UNSEEN.sub("", unicodedata.normalize("NFC", text))
    counts: dict[str, int] = {}

    def swap(kind: str) -> Callable[[re.Match[str]], str]:
        def replace(_: re.Match[str]) -> str:
            counts[kind] = counts.get(kind, 0) + 1
            return REPLACED[kind]

        return replace

    if "@" in text or "＠" in text or _AT.search(text):
        text = _EMAIL.sub(swap("email"), text)
        text = _EMAIL_SPOKEN.sub(swap("email"), text)
    # Most comments lack the sign without which a pattern cannot be there, and that is seen soonest.
    if "/" in text or "www." in text.lower():
        text = _LINK.sub(swap("link"), text)
    if "@" in text:
        text = _HANDLE.sub(swap("handle"), text)
    text = _numbers(text, counts)
    text = _SPOKEN.sub(swap("phone"), text)
    if ":" in text or "=" in text:
        text = _NAMED_HANDLE.sub(lambda found: found[1] + found[2] + swap("handle")(found), text)
    return _names(text, counts), counts


def _numbers(text: str, counts: dict[str, int]) -> str:
    if not _DIGITS.search(text):
        return text
    dates = [found.span() for found in _DATE.finditer(text)]

    def replace(found: re.Match[str]) -> str:
        piece = found[0]
        digits = re.sub(r"\D", "", piece.replace("O", "0").replace("o", "0"))
        dated = any(start < found.end() and found.start() < end for start, end in dates)
        stretched = sum(sign.isdigit() for sign in piece) < 6  # "ooooooooh" is no number
        if dated or stretched or _AMOUNT.fullmatch(piece.strip()):
            return piece
        kind = "phone" if _is_phone(piece, digits) else "number" if len(digits) >= 9 else ""
        if not kind:
            return piece
        counts[kind] = counts.get(kind, 0) + 1
        return REPLACED[kind]

    return _DIGITS.sub(replace, text)


def _is_phone(piece: str, digits: str) -> bool:
    """By shape, for Vietnamese numbers of old and new length and +country numbers; else by the numbering plans."""
    if piece.lstrip("( ").startswith("+"):
        return 8 <= len(digits) <= 15
    if digits.startswith(("00", "84")) and 10 <= len(digits) <= 15:
        return True
    if digits.startswith("0") and 9 <= len(digits) <= 12:
        return True
    import phonenumbers

    for region in ("VN", "US"):
        try:
            valid = phonenumbers.is_valid_number(phonenumbers.parse(digits, region))
        except phonenumbers.NumberParseException:
            continue
        if valid and (region == "VN" or len(digits) > 9):
            return True
    return False


def _names(text: str, counts: dict[str, int]) -> str:
    words = list(_WORD.finditer(text))
    low = [word[0].casefold() for word in words]
    cuts: list[tuple[int, int]] = []
    place = 0
    while place < len(words):
        taken, after = 0, place
        if low[place] in _STARTS:
            after = _title_ends(words, low, text, place)
            taken = _name_after(words, low, text, after) if after > place else 0
        if not taken and low[place] in _SURNAMES:
            after, taken = place, _full_name(words, low, text, place)
        if taken:
            cuts.append((words[after].start(), words[after + taken - 1].end()))
            counts["name"] = counts.get("name", 0) + 1
        place = after + taken if taken else place + 1
    if not cuts:
        return text
    pieces, last = [], 0
    for start, end in cuts:
        pieces += [text[last:start], REPLACED["name"]]
        last = end
    return "".join([*pieces, text[last:]])


def _shouted(text: str) -> bool:
    """Whether the text is in capitals, so that a capital tells nothing."""
    return sum(map(str.isupper, text)) > sum(map(str.islower, text))


def _beside(words: list[re.Match[str]], text: str, left: int) -> bool:
    """Whether a word and the next stand side by side, with white space or an abbreviation's point between them."""
    if left + 1 >= len(words):
        return False
    gap = text[words[left].end() : words[left + 1].start()]
    if gap.strip() == "":
        return "\n" not in gap
    return gap.strip() == "." and words[left][0].casefold() in _POINTED


def _title_ends(words: list[re.Match[str]], low: list[str], text: str, place: int) -> int:
    """The place after the title that begins here, or `place` when none does."""
    for length in (3, 2, 1):
        title = tuple(low[place : place + length])
        known = title in _LONG_TITLES or (length == 1 and title[0] in _TITLES)
        if known and all(_beside(words, text, place + step) for step in range(length)):
            return place + length
    return place


def _name_after(words: list[re.Match[str]], low: list[str], text: str, start: int) -> int:
    """How many words from `start` on are a name."""
    if start >= len(words) or (low[start - 1], low[start]) in _PLACES or tuple(low[start : start + 2]) in _ROLES:
        return 0
    near = text[max(0, words[start].start() - 60) : words[start].end() + 60]
    if low[start] in _TITLES or not words[start][0][0].isupper() or _shouted(near):
        known = low[start] in _GIVEN and low[start - 1] in _ADDRESSED
        return 1 if known and low[start] not in _NO_NAME else 0
    taken = 0
    while taken < NAME_WORDS and start + taken < len(words):
        word = words[start + taken][0]
        if not word[0].isupper() or low[start + taken] in _NO_NAME:
            break
        taken += 1
        if not _beside(words, text, start + taken - 1):
            break
    return taken


def _full_name(words: list[re.Match[str]], low: list[str], text: str, place: int) -> int:
    """Surname + Văn or Thị + given names, all capitalised, unless a street's or a place's word stands before."""
    if low[place] not in _SURNAMES or not words[place][0][0].isupper() or (place and low[place - 1] in _STREETS):
        return 0
    if place + 2 >= len(words) or low[place + 1] not in _MIDDLE or not words[place + 1][0][0].isupper():
        return 0
    if not (_beside(words, text, place) and _beside(words, text, place + 1) and words[place + 2][0][0].isupper()):
        return 0
    taken = 3
    while (
        taken < NAME_WORDS
        and _beside(words, text, place + taken - 1)
        and words[place + taken][0][0].isupper()
        and low[place + taken] not in _NO_NAME
    ):
        taken += 1
    return taken
