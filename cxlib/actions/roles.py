"""Tell a person's name from a role: in the log stands who answers for an action by role, never a person.

Where a role and a name compete, the text is refused: a role can always be written in small letters
("head of stores", "trưởng phòng bán lẻ"), a name that slipped through stands on a page.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from itertools import pairwise, takewhile


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _phrases(text: str) -> tuple[str, ...]:
    return tuple(" ".join(phrase.split()) for phrase in text.split(","))


_SURNAMES = _words(
    """nguyễn trần lê phạm hoàng huỳnh phan vũ võ đặng bùi đỗ hồ ngô dương lý đinh đoàn trịnh trương lâm mai cao lương
    tô tạ hà thái phùng quách châu đào vương tăng kiều nghiêm chu thạch triệu từ ninh đàm giang khổng doãn mạc
    nguyen tran pham hoang huynh vu vo dang bui do ho ngo duong ly dinh doan trinh truong lam luong ta thai phung quach
    chau dao vuong tang kieu nghiem trieu"""
)
_MIDDLE = _words("văn thị van thi")  # between surname and given name, a name also in small letters
_AFTER_MIDDLE = _words("phòng hóa hoá trường bản thư phong truong")  # 'văn phòng', 'thị trường': no names
_TITLES = _words("mr mrs ms miss mister madam anh chị ông bà cô chú bác thầy em bạn sếp ong")
# Words of which roles and the names of departments are made.
_VIETNAMESE_ROLES = _words(
    """trưởng phó giám đốc tổng chủ tịch chuyên viên quản lý phụ trách điều hành vận bán lẻ phòng bộ phận ban trung tâm
    khối nhóm tổ đội cửa hàng chi nhánh vùng miền khu vực bắc nam trung tây đông giao nhận kho chuyển tiếp thị truyền
    thông kinh doanh dịch vụ khách chăm sóc kỹ thuật công nghệ tin dữ liệu tài chính kế toán nhân sự hành chánh pháp chế
    chất lượng sản phẩm đào tạo bảo lắp đặt mặt bằng thu mua trợ đại diện toàn quốc cấp cao ủy ủy số an mới tuyến trực
    gia sỉ hội đồng thành viên sáng lập cố vấn lõi trải nghiệm người dùng triển khai dự án xây dựng chuỗi cung ứng hỗ
    đầu tư hậu mãi cần mãi khoa bệnh viện sân bay nhà ga thẻ tín dụng vay thường chương trình chiến lược phát triển
    hàng hóa hoá nội ngoại ngành trạm bến xe văn thư ký tiền sảnh lễ tân"""
)
_ENGLISH_ROLES = _words(
    """head lead leader chief officer director manager management managing general deputy vice president senior junior
    assistant associate executive coordinator supervisor specialist owner partner board committee council team group
    department dept unit division office of and for the in at to store stores branch branches retail sales marketing
    brand customer customers client clients experience care service services support success contact centre center call
    operations operation logistics delivery supply chain warehouse purchasing procurement finance accounting legal
    compliance risk quality product products digital online commerce omni channel it data technology technical
    technicians technician engineering engineer security premises facilities property human resources people hr
    training learning communications communication public relations corporate strategy planning project programme
    program process improvement regional region area district zone city country national north south east west central
    northern southern eastern western middle insurance claims bank banking loan loans card cards payment payments
    pricing price after warranty repair maintenance installation field shop shops floor front desk reception staff crew
    airport terminal passenger passengers guest guests food beverage hotel clinic hospital nurse nursing patient vp"""
)
_PLACES = _phrases(
    """hà nội,hồ chí minh,sài gòn,đà nẵng,hải phòng,cần thơ,hà giang,cao bằng,hà nam,hà tĩnh,thái bình,
    thái nguyên,lâm đồng,đồng nai,lai châu,kiên giang,hậu giang,tiền giang,an giang,bắc giang,hà đông,hà tiên,lý sơn,
    thái lan,cao lãnh,tây hồ,hoàng mai,mai châu,từ liêm,từ sơn,châu đốc,châu á,châu âu,cao nguyên,tây nguyên,ninh bình,
    ninh thuận,bình thuận,bình định,phú thọ,phú yên,phú quốc,khánh hòa,nha trang,vũng tàu,gia lai,kon tum,long an,
    quảng ninh,quảng nam,quảng ngãi,quảng bình,quảng trị,thanh hóa,nghệ an,hưng yên,vĩnh phúc,bắc ninh,bình dương,
    hải dương,tây ninh,biên hòa,thủ đức,đào tạo,quản lý,đại lý,trợ lý,xử lý,pháp lý,hồ sơ,cao cấp,
    new york,hong kong,san francisco,kuala lumpur"""
)
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*\.?")
_STAFF_NUMBER = re.compile(r"(?<!\w)(?:[A-Za-z]{0,4}[-_ ]?\d{3,})(?!\w)")


def _bare(word: str) -> str:
    """Small letters without marks."""
    marks = unicodedata.normalize("NFD", word.casefold())
    return "".join(sign for sign in marks if not unicodedata.combining(sign)).replace("đ", "d")


_ROLES = _VIETNAMESE_ROLES | _ENGLISH_ROLES
_BARE_ROLES = frozenset(_bare(word) for word in _ROLES)  # for a text that is typed without marks
_BARE_PLACES = tuple(_bare(place) for place in _PLACES)


def _is_capital(word: str) -> bool:
    return word[:1].isupper()


@lru_cache(maxsize=4096)  # a log says the same role in many lines
def names_person(text: str) -> bool:
    """Whether a text seems to hold a person's name, a way to reach someone or a staff number.

    Parameters
    ----------
    text : str
        A role, in Vietnamese or English.

    Examples
    --------
    >>> names_person("Trưởng phòng bán lẻ"), names_person("Head of Stores")
    (False, False)
    >>> names_person("Nguyễn Văn An"), names_person("Ms Parker"), names_person("Store Manager John Smith")
    (True, True, True)
    """
    text = unicodedata.normalize("NFC", text)
    if "@" in text or _STAFF_NUMBER.search(text):
        return True
    marked = _bare(text) != text.casefold()
    roles, places = (_ROLES, _PLACES) if marked else (_BARE_ROLES, _BARE_PLACES)
    for place in places:
        if place in text.casefold():  # a hundred patterns are not made for a log that names no place
            text = re.sub(rf"(?<!\w){place}(?!\w)", "x", text, flags=re.I)
    # Punctuation parts a role from a name; within a part, names stand together.
    parts = re.split(r"[,;:/()|\[\]\n–—]|\s-\s", text)
    return any(_part_names([word.rstrip(".") for word in _WORD.findall(part)], roles) for part in parts)


def _part_names(words: list[str], roles: frozenset[str]) -> bool:
    return _after_title(words, roles) or _after_surname(words, roles) or _two_capitals(words, roles)


def _is_role_word(word: str, roles: frozenset[str]) -> bool:
    return word.casefold() in roles or (word.isupper() and 2 <= len(word) <= 3)  # CX, CEO, HCM


def _after_title(words: list[str], roles: frozenset[str]) -> bool:
    return any(
        word.casefold() in _TITLES and _is_capital(after) and not _is_role_word(after, roles)
        for word, after in pairwise(words)
    )


def _after_surname(words: list[str], roles: frozenset[str]) -> bool:
    for place, word in enumerate(words):
        if word.casefold() not in _SURNAMES:
            continue
        after = words[place + 1 : place + 4]
        if len(after) > 1 and after[0].casefold() in _MIDDLE and after[1].casefold() not in _AFTER_MIDDLE:
            return True
        given = list(takewhile(_is_capital, after))
        if _is_capital(word) and given and not all(_is_role_word(item, roles) for item in given):
            return True
        if roles is _ROLES and place == 0 and _is_capital(word) and given and len(given) == len(words) - 1:
            return True  # "Lý Thu": nothing but a surname and what follows it
    return False


def _two_capitals(words: list[str], roles: frozenset[str]) -> bool:
    """Two capitalised words in a row that are made of no role's word: 'John Smith', 'J. Smith'."""
    alone = [_is_capital(word) and not _is_role_word(word, roles) for word in words]
    return any(first and second for first, second in pairwise(alone))
