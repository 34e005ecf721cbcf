"""Made-up answers, written as each survey tool documents its export."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np

ROWS = 60
SATISFIED = ("Very dissatisfied", "Dissatisfied", "Neutral", "Satisfied", "Very satisfied")
HAI_LONG = ("Rất không hài lòng", "Không hài lòng", "Bình thường", "Hài lòng", "Rất hài lòng")
FACTORS = ("food", "staff", "price")
ITEMS = {
    "en": ("The food", "The staff", "The price"),
    "vi": ("Món ăn", "Thái độ nhân viên", "Giá cả"),
}
ASKED = {
    "en": (
        "How likely is it that you would recommend us to a friend?",
        "How satisfied are you with",
        "Will you come back?",
    ),
    "vi": (
        "Anh/chị có sẵn lòng giới thiệu chúng tôi cho bạn bè không?",
        "Anh/chị hài lòng thế nào về",
        "Anh/chị sẽ quay lại chứ?",
    ),
}
WORDS = (
    "slow at the counter but kind", "everything went well", "a long wait on the phone", "parking was hard to find",
    "the menu is short for children", "paid twice and it was mended at once",
)  # fmt: skip
GROUPS = ("North", "Centre", "South")


@dataclass(frozen=True)
class Answers:
    """What was answered: referral 0-10, loyalty 1-5, three factors 1-5 (NaN: no answer), a group, a comment."""

    referral: np.ndarray
    loyalty: np.ndarray
    factors: np.ndarray
    group: list[str]
    comment: list[str]


def answers(seed: int = 1) -> Answers:
    """The same answers for every export."""
    generator = np.random.default_rng(seed)
    mood = generator.normal(size=ROWS)
    factors = np.clip(np.round(3.4 + mood[:, None] + generator.normal(0, 0.8, (ROWS, 3))), 1, 5)
    factors[generator.random((ROWS, 3)) < 0.05] = np.nan
    referral = np.clip(np.round(6.5 + 2 * mood + generator.normal(0, 1, ROWS)), 0, 10)
    loyalty = np.clip(np.round(3.5 + mood + generator.normal(0, 0.6, ROWS)), 1, 5)
    group = [GROUPS[number] for number in generator.integers(0, 3, ROWS)]
    comment = [f"{WORDS[number]}, {place}" for place, number in enumerate(generator.integers(0, len(WORDS), ROWS))]
    return Answers(referral, loyalty, factors, group, comment)


def word(number: float, words: tuple[str, ...], none: str = "") -> str:
    """A step in words."""
    return none if np.isnan(number) else words[int(number) - 1]


def moment(row: int) -> str:
    """A day and a time; 2025-01 to 2025-04."""
    return f"2025-{row % 4 + 1:02d}-{row % 28 + 1:02d} 09:{row % 60:02d}:00"


def people(row: int) -> dict[str, str]:
    """What must never be kept."""
    letter = chr(65 + row % 26)
    return {
        "email": f"guest{row}@example.org",
        "name": f"Nguyễn Văn {letter}{letter.lower()}",
        "phone": f"09{row % 10}{1234567 + row}",
        "ip": f"10.0.{row % 200}.{row}",
    }


def as_csv(rows: list[list[object]], delimiter: str = ",") -> str:
    """Rows as a csv text."""
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="\n").writerows(rows)
    return out.getvalue()


def as_workbook(path: Path, rows: list[list[object]]) -> Path:
    """Rows as the first sheet of a workbook."""
    from openpyxl import Workbook

    book = Workbook()
    for row in rows:
        book.active.append(row)
    book.save(path)
    return path


def qualtrics(folder: Path) -> Path:
    """Three header rows, numbers, 17 columns of its own."""
    own = ("StartDate", "EndDate", "Status", "IPAddress", "Progress", "Duration (in seconds)", "Finished",
           "RecordedDate", "ResponseId", "RecipientLastName", "RecipientFirstName", "RecipientEmail",
           "ExternalReference",
           "LocationLatitude", "LocationLongitude", "DistributionChannel", "UserLanguage")  # fmt: skip
    recommend, satisfied, back = ASKED["en"]
    names = [*own, "Q1_NPS_GROUP", "Q1", "Q2_1", "Q2_2", "Q2_3", "Q3", "Q4", "Q5"]
    said = ["Start Date", "End Date", "Response Type", "IP Address", "Progress", "Duration (in seconds)", "Finished",
            "Recorded Date", "Response ID", "Recipient Last Name", "Recipient First Name", "Recipient Email",
            "External Data Reference", "Location Latitude", "Location Longitude", "Distribution Channel",
            "User Language", f"{recommend} - Group", recommend]  # fmt: skip
    said += [f"{satisfied}... - {item}" for item in ITEMS["en"]] + [back, "Which region?", "Why do you say so?"]
    ids = [f'{{"ImportId":"QID{number}"}}' for number in range(len(names))]
    rows: list[list[object]] = [list(names), said, ids]
    told = answers()
    for row in range(ROWS):
        one = people(row)
        score = int(told.referral[row])
        kind = "Promoter" if score > 8 else "Passive" if score > 6 else "Detractor"
        rows.append(
            [moment(row), moment(row), "IP Address", one["ip"], 100, 200 + 7 * row, "True", moment(row),
             f"R_{row:015d}", "", "", one["email"], "", f"10.7{row:03d}41", f"106.6{row:03d}83", "anonymous", "EN",
             kind, score]
            + [word(value, SATISFIED) for value in told.factors[row]]
            + [int(told.loyalty[row]), told.group[row], told.comment[row]]
        )  # fmt: skip
    path = folder / "qualtrics.csv"
    path.write_text(as_csv(rows), encoding="utf-8-sig")
    return path


def surveymonkey(folder: Path) -> Path:
    """Two header rows, words, the ends of the 0-10 question in words."""
    recommend, satisfied, back = ASKED["en"]
    first = ["Respondent ID", "Collector ID", "Date Created", "Date Modified", "IP Address", "Email Address",
             "First Name", "Last Name", "Custom Data 1", recommend, satisfied, "", "", back, "Region",
             "Why?"]  # fmt: skip
    second = [""] * 9 + ["Response", *ITEMS["en"], "Response", "Response", "Open-Ended Response"]
    rows: list[list[object]] = [first, second]
    told = answers()
    ends = {0: "Not at all likely - 0", 10: "Extremely likely - 10"}
    back_words = ("Definitely not", "Probably not", "Not sure", "Probably", "Definitely")
    for row in range(ROWS):
        one = people(row)
        score = int(told.referral[row])
        rows.append(
            [11800000000 + row, 7, moment(row), moment(row), one["ip"], "", "", "", "", ends.get(score, score)]
            + [word(value, SATISFIED, "N/A") for value in told.factors[row]]
            + [word(told.loyalty[row], back_words), told.group[row], told.comment[row]]
        )
    path = folder / "surveymonkey.csv"
    path.write_text(as_csv(rows), encoding="utf-8")
    return path


def limesurvey_codes(folder: Path) -> Path:
    """One header row of codes, answers as codes A1 to A5."""
    names = ["id", "submitdate", "lastpage", "startlanguage", "seed", "token", "startdate", "datestamp", "ipaddr",
             "refurl", "G01Q01recommend", "G01Q02[SQ001]", "G01Q02[SQ002]", "G01Q02[SQ003]", "G01Q03return",
             "G02Q04region",
             "G02Q05comment", "interviewtime", "groupTime1"]  # fmt: skip
    rows: list[list[object]] = [list(names)]
    told = answers()
    for row in range(ROWS):
        rows.append(
            [row + 1, moment(row), 2, "vi", 1000 + row, f"t{row:08d}", moment(row), moment(row), people(row)["ip"],
             "https://example.org/form", int(told.referral[row])]
            + ["" if np.isnan(value) else f"A{int(value)}" for value in told.factors[row]]
            + [int(told.loyalty[row]), told.group[row], told.comment[row], f"{90.5 + row:.2f}", f"{40.25 + row:.2f}"]
        )  # fmt: skip
    path = folder / "limesurvey.csv"
    path.write_text(as_csv(rows), encoding="utf-8-sig")
    return path


def limesurvey_full(folder: Path) -> Path:
    """One header row of full texts, answers in full, semicolons."""
    recommend, satisfied, back = ASKED["vi"]
    names = ["Response ID", "Date submitted", "Last page", "Start language", "Seed", "Date started", "Date last action",
             "IP address", "Referrer URL", recommend, *(f"{satisfied} [{item}]" for item in ITEMS["vi"]), back,
             "Khu vực", "Vì sao anh/chị nói vậy?", "Total time", "Group time: Main"]  # fmt: skip
    back_words = ("Chắc chắn không", "Có lẽ không", "Chưa chắc", "Có lẽ có", "Chắc chắn có")
    rows: list[list[object]] = [list(names)]
    told = answers()
    for row in range(ROWS):
        rows.append(
            [row + 1, moment(row), 2, "vi", 1000 + row, moment(row), moment(row), people(row)["ip"], "",
             int(told.referral[row])]
            + [word(value, HAI_LONG, "Không biết") for value in told.factors[row]]
            + [word(told.loyalty[row], back_words), told.group[row], told.comment[row], f"{90.5 + row:.2f}", "40.25"]
        )  # fmt: skip
    path = folder / "limesurvey_full.csv"
    path.write_text(as_csv(rows, ";"), encoding="utf-8-sig")
    return path


def google_rows(*, marks: bool = True) -> list[list[object]]:
    """One header row of questions, a grid as `Question [Row]`, in Vietnamese."""
    recommend, satisfied, back = ASKED["vi"]
    names = ["Dấu thời gian", "Địa chỉ email", "Họ và tên", "Số điện thoại", recommend,
             *(f"{satisfied} [{item}]" for item in ITEMS["vi"]), back, "Khu vực", "Góp ý thêm"]  # fmt: skip
    rows: list[list[object]] = [list(names)]
    told = answers()
    for row in range(ROWS):
        one = people(row)
        clock = f"2025/{row % 4 + 1:02d}/{row % 28 + 1:02d} 9:{row % 60:02d}:11 AM GMT+7"
        steps = [word(value, HAI_LONG) for value in told.factors[row]]
        rows.append(
            [clock, one["email"], one["name"], one["phone"], int(told.referral[row])]
            + [text if marks else text.upper() for text in steps]
            + [int(told.loyalty[row]), told.group[row], told.comment[row]]
        )
    return rows


def google_csv(folder: Path) -> Path:
    """Google Forms as csv."""
    path = folder / "google.csv"
    path.write_text(as_csv(google_rows()), encoding="utf-8")
    return path


def google_xlsx(folder: Path) -> Path:
    """Google Forms by way of a spreadsheet; the steps in capitals."""
    return as_workbook(folder / "google.xlsx", google_rows(marks=False))


def microsoft_xlsx(folder: Path) -> Path:
    """Microsoft Forms: its five columns, then the questions; real dates, no-break spaces in the header."""
    import datetime as dt

    recommend, _, back = ASKED["en"]
    names = ["ID", "Start time", "Completion\xa0time", "Email", "Name", recommend, *ITEMS["en"], back, "Region",
             "What should we improve?\xa0"]  # fmt: skip
    rows: list[list[object]] = [list(names)]
    told = answers()
    for row in range(ROWS):
        one = people(row)
        when = dt.datetime.fromisoformat(moment(row))
        rows.append(
            [row + 1, when, when + dt.timedelta(minutes=4), one["email"], one["name"], int(told.referral[row])]
            + [word(value, SATISFIED) or None for value in told.factors[row]]
            + [int(told.loyalty[row]), told.group[row], told.comment[row]]
        )
    return as_workbook(folder / "microsoft.xlsx", rows)


def spss(folder: Path) -> Path:
    """A .sav file with labels; the factors run from best (1) to worst (5), 9 is user-missing."""
    import pandas as pd
    import pyreadstat

    recommend, satisfied, back = ASKED["en"]
    told = answers()
    table = pd.DataFrame({"RESPID": np.arange(1.0, ROWS + 1), "Q1": told.referral})
    for place in range(3):
        table[f"Q2_{place + 1}"] = np.where(np.isnan(told.factors[:, place]), 9.0, 6 - told.factors[:, place])
    table["Q3"] = told.loyalty
    table["REGION"] = [float(GROUPS.index(name) + 1) for name in told.group]
    labels = ["Respondent number", recommend, *(f"{satisfied}: {item}" for item in ITEMS["en"]), back, "Region"]
    steps = {float(6 - number): text for number, text in enumerate(SATISFIED, 1)} | {9.0: "Don't know"}
    back_words = dict(zip((1.0, 2.0, 3.0, 4.0, 5.0), ("Definitely not", "Probably not", "Not sure", "Probably",
                                                      "Definitely"), strict=True))  # fmt: skip
    pyreadstat.write_sav(
        table, str(folder / "spss.sav"), column_labels=labels,
        variable_value_labels={**{f"Q2_{n}": steps for n in (1, 2, 3)}, "Q3": back_words,
                               "REGION": dict(enumerate(GROUPS, 1))},
        missing_ranges={f"Q2_{n}": [9.0] for n in (1, 2, 3)},
    )  # fmt: skip
    return folder / "spss.sav"


EXPORTS = {
    "qualtrics": qualtrics,
    "surveymonkey": surveymonkey,
    "limesurvey codes": limesurvey_codes,
    "limesurvey full": limesurvey_full,
    "google csv": google_csv,
    "google xlsx": google_xlsx,
    "microsoft xlsx": microsoft_xlsx,
    "spss": spss,
}
