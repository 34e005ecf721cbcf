"""Which role the name and the wording of a column speak for, in Vietnamese and English (without marks)."""

from __future__ import annotations

import re

from cxlib.intake.text_scales import phrase
from cxlib.privacy.names import tokens

REFERRAL = re.compile(
    r"\b(?:recommend\w*|refer|refers|referral|e?nps|net ?promot\w*|netpro\w*|gioi thieu|tell (?:a |your )?friends"
    r"|khuyen (?:nguoi|ban be)|promoter|suggest (?:us|our))\b"
)
HEARD = re.compile(  # from whom the customer knows the company: no question on recommending it
    r"\b(?:hear|heard|found out|find out|learn(?:ed|t)? (?:about|of)|did you (?:come|find|know)|sources?"
    r"|(?:recommended|referred)\b.{0,10}\bby|biet (?:den|toi)|nguon|qua (?:dau|kenh|ai)|duoc\b.{0,20}\bgioi thieu"
    r"|nguoi gioi thieu)\b"
)
LOYALTY = re.compile(
    r"\b(?:come ?back|return|repurchase|(?:buy|purchase|shop|order|visit|use|choose|book|stay|eat|fly)\b.{0,40}\bagain"
    r"|stay with|remain|(?:continue|keep) (?:to )?(?:us\w+|buy\w*|shop\w*|with|being|be)|renew\w*|switch\w*|leave us"
    r"|loyal\w*|loy|next time|quay lai|quay tro lai|tro lai|mua lai|mua tiep|tiep tuc|gan bo|trung thanh|dung lai"
    r"|su dung lai|ghe lai|den lai|lan sau|lan toi|chuyen sang|roi bo|doi sang|retention)\b"
)
AGAINST = re.compile(r"\b(?:switch\w*|leave us|stop using|chuyen sang|roi bo|doi sang|ngung)\b")
OVERALL = re.compile(
    r"\b(?:overall|all in all|in general|as a whole|whole|wholly|in total|tong the|nhin chung|noi chung|tong quan|chung"
    r"|csat|osat|overallsat|tong the ve)\b"
)
_ALL = re.compile(r"\b(?:all|whole|clnwhole|overall)$")
RATING = re.compile(
    r"\b(?:rat(?:e|es|ed|ing|ings)|rategetto|getrate|\w+rate|satisf\w*|dissatisf\w*|agree\w*"
    r"|ces|how (?:easy|difficult|likely|safe|good|well|clean|satisfied|important|would you rate)|easy to"
    r"|quality|performance|score|danh gia|hai long|dong y"
    r"|muc do|chat luong|cham diem|cho diem|the nao|to what extent|effort|importance|de dang|favo\w*)\b"
)
PRAISED = re.compile(  # what is rated, also beside words of a group: the quality of a product
    r"\b(?:satisf\w*|dissatisf\w*|agree\w*|rate|rated|rating|quality|clean\w*|friendl\w*|helpful\w*|courte\w*|polite\w*"
    r"|speed|comfort\w*|atmosphere|value for money|csat|hai long|dong y|danh gia|chat luong|thai do|than thien"
    r"|nhiet tinh|lich su|sach se|ve sinh|tien loi|thuan tien|gia ca|dung hen|khong gian)\b"
)
ABOUT = re.compile(
    r"\b(?:age|ages|tuoi|do tuoi|nhom tuoi|gender|sex|gioi tinh|incom\w*|incme|thu nhap|salary|education"
    r"|educate|hoc van"
    r"|trinh do|marital|hon nhan|occupation|job|profession|nghe nghiep|region|regions|khu vuc|vung|mien|province|tinh"
    r"|thanh pho|district|quan|city|state|country|county|language|lang|ngon ngu|channel|kenh|segment|phan khuc|group"
    r"|tenure|how long|bao lau|how often|how many|how much|bao nhieu|tan suat|frequency|purpose|muc dich|household"
    r"|children|ethnic\w*|race|religion|ton giao|dan toc|membership|member|hang thanh vien|customer type|loai khach"
    r"|first time|times|timesflown|flyperyr|longuse|method|area|zone|type|loai|category|nganh|industry|product|san pham"
    r"|service used|dich vu su dung|size|rank|howlong|population|purp\w*|getto\d*)\b"
)
SENSITIVE = re.compile(
    r"\b(?:ethnic\w*|race|white|black|hispanic|religion|ton giao|dan toc|health|suc khoe|disab\w*|khuyet tat|incom\w*"
    r"|incme|thu nhap|salary|politic\w*|orientation|sexual)\b"
)
RANKED = re.compile(r"\b(?:rank|ranking|in order of|xep hang|xep thu tu|sap xep|thu tu uu tien)\b")
COMMENT = re.compile(
    r"\b(?:why|comment\w*|suggest\w*|improve\w*|tell us|explain|describe|feedback|specify|other please|anything else"
    r"|open ended|reason\w*|vi sao|tai sao|ly do|gop y|y kien|nhan xet|chia se|mo ta|kien nghi|de xuat|dieu gi|ghi ro"
    r"|likes?|dislikes?|thich|verbatim|remarks?|notes?|ghi chu)\b"
)
WEIGHT = re.compile(r"\b(?:weights?|wt|wgt|weighting|design ?weight|trong so|quyen so)\b")
DURATION = re.compile(
    r"\b(?:duration\w*|time taken|seconds|secs|interviewtime|total ?time|completion ?seconds|thoi luong"
    r"|thoi gian (?:tra loi|hoan thanh khao sat|lam khao sat)|so giay)\b"
)
WAVE = re.compile(
    r"(?:wave|waves|survey wave|round|survey round|period|time|year|survey year|quarter|month|dot|dot khao sat|ky"
    r"|ky khao sat|quy|thang|nam|nam khao sat|lan khao sat|wave no|wave number|wave id)"
)
RESPONDENT = re.compile(
    r"\b(?:respondent(?: ?(?:id|no|number|num))?|respondentid|respnum|resp ?id|response ?id|responseid|response number"
    r"|(?:customer|client|member|membership|case|record|participant|panel|subject|guest|user|household|interview)"
    r" ?(?:id|no|num|number|key|code)"
    r"|customerid|caseid|subnum|subj|subject|sub|pid|uid|ma khach(?: hang)?|ma kh|makh|ma phieu|so phieu|ma so|stt|id"
    r"|so phong van|ma (?:benh nhan|sinh vien|hoc vien|hoi vien|thanh vien)|mssv"
    r"|ma nguoi tra loi|id nguoi tra loi|ma tra loi|submission ?id|token|external ?(?:data)? ?reference)\b"
)
CUSTOMER = re.compile(r"\b(?:customer|client|member|khach|kh|makh|panel|participant|user|subject|subnum|sub|household)")
UNIT = re.compile(
    r"\b(?:stores?|shops?|branch\w*|outlets?|restaurants?|hotels?|clinics?|showrooms?|sites?|dealers?|compid|unit"
    r"|location name|store ?(?:id|code|name|no)|branch ?(?:id|code|name)|chi nhanh|cua hang|phong giao dich|pgd"
    r"|diem ban"
    r"|co so|dai ly|sieu thi|nha hang|khach san|noi mua|school|hospital|ward|depot)\b"
)
UNIT_NAMES = re.compile(r"(?:company|company (?:id|code|no)|team|department|dept|battalion|don vi|phong ban)")
CODED_COMMENT = re.compile(r"\b(?:com|comments?|improve|verb(?:atim)?|probcom|precom)\b")
CALLED_DATE = re.compile(r"\b(?:\w*date|ngay)\b")
DATE_FIRST = (  # the likelier a date tells when the customer met the company or answered
    re.compile(r"\b(?:visit\w*|purchase\w*|order\w*|ngay (?:mua|ghe|den|giao dich|su dung)|stay|checkout"
               r"|transaction)\b"),
    re.compile(r"\b(?:timestamp|dau thoi gian|recorded ?date|submit\w*|date submitted|completion time|completed"
               r"|thoi gian hoan thanh|end ?(?:date|time)|ngay (?:tra loi|phong van|khao sat)|interview\w*|intdate)\b"),
    re.compile(r"\b(?:date created|start ?(?:date|time)|startdate|thoi gian bat dau|datestamp|created\w*|date|ngay)\b"),
)  # fmt: skip
_TECHNICAL = {
    "status", "progress", "finished", "responseset", "distributionchannel", "userlanguage", "recipientlastname",
    "recipientfirstname", "recipientemail", "externalreference", "externaldatareference", "collectorid", "datemodified",
    "lastpage", "startlanguage", "seed", "refurl", "referrerurl", "submitted", "customdata", "totalpoints",
    "quizfeedback", "points", "feedback", "score", "gradepostedtime", "lastmodifiedtime", "responsetype", "ccgid",
    "responseid", "datestamp", "gc", "term", "language", "ngonngu",
    "sessionid",
}  # fmt: skip
_TECHNICAL_NAME = re.compile(  # of Qualtrics: clicks and seconds on a page, the order of the options, checks of bots
    r"(?:points|feedback) [-–]|(?:group|question) ?time\b|.*_(?:first click|last click|page submit|click count)$"
    r"|(?:q\d+(?:[._]\d+)*|fl_\d+)_do(?:_\w+)?$|q_(?:recaptchascore|relevantid\w*|totalduration|duplicate\w*"
    r"|ballotboxstuffing|unanswered\w*|straightlining\w*|terminateflag|language|url)$",
    re.I,
)


def technical(name: str, asked: str = "") -> bool:
    """Whether a column is the survey tool's own, and no answer.

    Examples
    --------
    >>> technical("Collector ID"), technical("Last page"), technical("Q2_DO_1"), technical("Q1")
    (True, True, True, False)
    """
    flat = "".join(tokens(name))
    if re.search(r"nps ?group$", " ".join(tokens(name))):
        return True
    if "display order" in asked.casefold() or (re.fullmatch(r"sc\d{1,2}", flat) and asked.casefold().endswith("score")):
        return True
    return flat in _TECHNICAL or bool(_TECHNICAL_NAME.match(name.strip()))


def words_of(name: str, asked: str) -> str:
    """Name and wording as words: capitals and digits in a name part them."""
    return " ".join(dict.fromkeys((" ".join(tokens(name)), phrase(asked))))


def is_overall(name: str, asked: str) -> bool:
    """Whether a rating is of the whole and not of a part.

    Examples
    --------
    >>> is_overall("Q7ALL", "Q7ALL"), is_overall("q1", "Overall, how satisfied?"), is_overall("Q7FOOD", "Q7FOOD")
    (True, True, False)
    """
    said = words_of(name, asked)
    return bool(OVERALL.search(said) or _ALL.search(" ".join(tokens(name))))


def asks(name: str, asked: str) -> bool:
    """Whether the words ask for a judgement or an intention.

    Examples
    --------
    >>> asks("Q1", "Please rate our staff"), asks("Q1", "Số lần mua")
    (True, False)
    """
    said = words_of(name, asked)
    return any(pattern.search(said) for pattern in (RATING, PRAISED, REFERRAL, LOYALTY))


def stem(name: str) -> str:
    """What the columns of one battery share.

    Examples
    --------
    >>> stem("Q7A_ART"), stem("Q11_2"), stem("imag3"), stem("Rate these [The food]"), stem("G02Q03[SQ001]")
    ('q7', 'q11', 'imag', 'rate these', 'g02q03')
    """
    if "[" in name and name.rstrip().endswith("]"):
        return phrase(name.rsplit("[", 1)[0])
    flat = phrase(name).replace(" ", "_")
    found = re.match(r"[a-z]{1,2}\d{1,3}", flat)
    return found[0] if found else re.sub(r"[_\d]+[a-z]?$", "", flat) or flat
