"""Promises and strategic choices: read from every kind of file, and every mistake named at once with its line."""

from __future__ import annotations

from datetime import date

import openpyxl
import pytest
from support_findings import params

from cxlib.actions.promises import read_promises
from cxlib.actions.strategy import read_strategy
from cxlib.errors import ParamsError

PROMISES = """id,promise,promise_en,kind,channel,channel_en,step,factors
P1,Giao trong ngày đã hẹn,Delivered on the day we agreed,written,Phiếu mua hàng,The order form,deliver,on_time
P2,Không ép mua,No pressure to buy,unwritten,,,choose,staff_explain;wait_told
P3,Bãi xe miễn phí,Free parking,written,Trang web,,,
"""
STRATEGY = """id,choice,choice_en,measures,decided_on,document
C1,Giữ lời hứa về thời gian,Keep our word on time,wait_told;on_time;loyalty,2025-01-10,https://example.com/plan
C2,Mở thêm cửa hàng,Open more stores,,,
"""


def promises(tmp_path, content: str | bytes):
    (tmp_path / "promises.csv").write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_promises(params(promises="promises.csv"), tmp_path)


def choices(tmp_path, content: str):
    (tmp_path / "strategy.csv").write_text(content, encoding="utf-8")
    return read_strategy(params(strategy="strategy.csv"), tmp_path)


def wrong(read, tmp_path, content: str) -> list[str]:
    with pytest.raises(ParamsError) as caught:
        read(tmp_path, content)
    return [str(problem) for problem in caught.value.problems]


def test_promises_are_read(tmp_path):
    first, second, third = promises(tmp_path, PROMISES)
    assert (first.id, first.written, first.step, first.factors, first.line) == ("P1", True, "deliver", ("on_time",), 2)
    assert (first.promise.vi, first.promise.en) == ("Giao trong ngày đã hẹn", "Delivered on the day we agreed")
    assert (first.channel.vi, first.channel.en) == ("Phiếu mua hàng", "The order form")
    assert not second.written
    assert second.channel is None
    assert second.factors == ("staff_explain", "wait_told")
    assert third.factors == ()
    assert third.step is None
    assert third.channel.en == "Trang web"


def test_choices_are_read(tmp_path):
    first, second = choices(tmp_path, STRATEGY)
    assert first.choice.en == "Keep our word on time"
    assert first.measures == ("wait_told", "on_time", "loyalty")
    assert (first.decided_on, first.document) == (date(2025, 1, 10), "https://example.com/plan")
    assert (second.measures, second.decided_on, second.document, second.line) == ((), None, None, 3)


def test_none_named_and_a_header_alone_are_empty(tmp_path):
    assert read_promises(params(), tmp_path) == ()
    assert read_strategy(params(), tmp_path) == ()
    assert promises(tmp_path, "id,promise,kind,factors\n") == ()
    assert choices(tmp_path, "id,choice,measures\n\n,,\n") == ()


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
@pytest.mark.parametrize("sign", [",", ";", "\t"])
def test_encodings_and_delimiters(tmp_path, encoding, sign):
    if sign == ";":
        rows = [line.split(",") for line in PROMISES.splitlines()]
        content = "\n".join(";".join(f'"{cell}"' for cell in row) for row in rows)
    else:
        content = PROMISES.replace(",", sign)
    assert promises(tmp_path, content.encode(encoding))[1].factors == ("staff_explain", "wait_told")


def test_a_sheet_with_real_days(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["Id", "Choice", "Measures", "Decided on"])
    book.active.append(["C1", "Giữ lời hứa", "on_time", date(2025, 1, 10)])
    book.save(tmp_path / "strategy.xlsx")
    (record,) = read_strategy(params(strategy="strategy.xlsx"), tmp_path)
    assert (record.choice.vi, record.decided_on) == ("Giữ lời hứa", date(2025, 1, 10))


@pytest.mark.parametrize(
    ("line", "said", "mend"),
    [
        ("P 1!,Giao đúng hẹn,,written,,,,on_time", "no plain id", "such as P3"),
        ("P1,Giao đúng hẹn,,written,,,,on_time", "The id 'P1' stands in line 2 too", ""),
        ("P9,,,written,,,,on_time", "'promise' is missing", ""),
        ("P9,Giao đúng hẹn,,writen,,,,on_time", "The kind 'writen' is not known", "did you mean 'written'"),
        ("P9,Giao đúng hẹn,,,,,,on_time", "not said whether the promise is written", "written, unwritten"),
        ("P9,Giao đúng hẹn,,written,,,delivery,on_time", "The step 'delivery' is not known", "did you mean 'deliver'"),
        ("P9,Giao đúng hẹn,,written,,,,on_tme", "The factor 'on_tme' is not known", "did you mean 'on_time'"),
        ("P9,Giao đúng hẹn,,written,,,,referral", "The factor 'referral' is not known", ""),
        (f"P9,{'x' * 601},,written,,,,on_time", "longer than 600", ""),
        ("P9,Gọi 0912 345 678,,written,,,,on_time", "e-mail address or a phone number", ""),
        ("P9,Giao đúng hẹn, đủ hàng,,written,,,,on_time", "more cells than the header", "quotes"),
    ],
)
def test_every_mistake_of_a_promise_has_its_line_and_a_way_out(tmp_path, line, said, mend):
    found = wrong(promises, tmp_path, PROMISES + line + "\n")
    assert [item for item in found if said in item], found
    assert all("promises.csv:5" in item for item in found)
    assert mend in " ".join(found)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("C9,,,on_time,,", "'choice' is missing"),
        ("C9,Giữ lời hứa,,on_tme,,", "The outcome or factor 'on_tme' is not known"),
        ("C9,Giữ lời hứa,,on_time,10/01/2025,", "'decided_on' is no day"),
        ("C9,Giữ lời hứa,,on_time,2025-02-30,", "'decided_on' is no day"),
        ("C9,Giữ lời hứa,,on_time,,javascript:alert(1)", "cannot be shown"),
    ],
)
def test_every_mistake_of_a_choice_has_its_line(tmp_path, line, said):
    found = wrong(choices, tmp_path, STRATEGY + line + "\n")
    assert [item for item in found if said in item and "strategy.csv:4" in item], found


def test_all_mistakes_at_once_in_the_order_of_lines(tmp_path):
    found = wrong(promises, tmp_path, "id,promise,kind,factors,note\nP1,,odd,nope,\nP1,Có,written,on_time,\n")
    lines = [item.split("promises.csv:")[1][0] for item in found]
    assert lines == ["1", "2", "2", "2", "3"]


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("id,promise,kidn,factors", "The column 'kind' is missing"),
        ("id,promise,kidn,factors", "did you mean 'kind'"),
        ("id,promise,kind,factors,factors", "stands twice"),
        ("", "The list of promises is empty"),
    ],
)
def test_the_header_is_checked(tmp_path, header, said):
    found = " ".join(wrong(promises, tmp_path, header + "\n"))
    assert said in found
    assert "recorded_on" not in found  # no word of the action log's own columns


def test_files_that_cannot_be_read_are_named(tmp_path):
    with pytest.raises(ParamsError) as caught:
        read_promises(params(promises="gone.csv"), tmp_path)
    assert "The list of promises that params.yaml names is not there" in str(caught.value)
    assert "id,promise,kind,factors" in str(caught.value)
    (tmp_path / "list.pdf").write_bytes(b"%PDF")
    with pytest.raises(ParamsError) as caught:
        read_strategy(params(strategy="list.pdf"), tmp_path)
    assert "The list of strategic choices is a '.pdf'" in str(caught.value)
