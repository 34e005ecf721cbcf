"""The optional columns of the log: comparison, full effect, direction, looks, roles, roll-outs and steps."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from support_actions import params

from cxlib.actions import ActionRecord, read_actions
from cxlib.actions.cells import holds_contact
from cxlib.actions.table import CORE, OPTIONAL, TWINS
from cxlib.errors import ParamsError

COLUMNS = (*CORE, *OPTIONAL, *TWINS)
GOOD = {
    "id": "A1",
    "factors": "wait_told",
    "what": "Báo trước thời gian chờ",
    "owner_role": "Trưởng phòng bán lẻ",
    "scope": "store=S01;store=S02",
    "scope_chosen_by": "volunteers",
    "start": "2025-03-01",
    "status": "doing",
    "recorded_on": "2025-02-12",
}


def read(folder: Path, **changes: str) -> ActionRecord:
    cells = dict.fromkeys(COLUMNS, "") | GOOD | changes
    lines = [",".join(COLUMNS), ",".join('"' + cells[name].replace('"', '""') + '"' for name in COLUMNS)]
    (folder / "actions.csv").write_text("\n".join(lines) + "\n", "utf-8")
    return read_actions(params(), folder).records[0]


def wrong(folder: Path, **changes: str) -> list[str]:
    with pytest.raises(ParamsError) as caught:
        read(folder, **changes)
    return [f"{problem.where}: {problem.what}" for problem in caught.value.problems]


def test_everything_an_action_says(tmp_path):
    record = read(
        tmp_path,
        comparison="store=S03;store=S04",
        comparison_because="Thiếu người",
        comparison_because_en="Too few people",
        full_effect="2025-04-01",
        direction="down",
        look_on="2025-10-01;2025-07-01",
        also="Tết",
        decided_by_vi="Ban giám đốc",
        decided_by_en="Management board",
    )
    assert record.comparison.values("unit") == ("S03", "S04")
    assert (record.comparison_because.vi, record.comparison_because.en) == ("Thiếu người", "Too few people")
    assert record.full_effect == date(2025, 4, 1)
    assert record.direction == "down"
    assert record.look_on == (date(2025, 7, 1), date(2025, 10, 1))
    assert record.decided_by.en == "Management board"
    assert record.unsaid == ("smallest_worthwhile", "document", "expected")


def test_an_older_log_has_none_of_it(tmp_path):
    record = read(tmp_path)
    assert (record.comparison, record.no_comparison, record.direction, record.look_on) == (None, False, "up", ())
    assert (record.starts, record.drawn, record.is_drawn) == ((), None, False)
    assert set(record.unsaid) == {
        "comparison_because", "full_effect", "direction", "smallest_worthwhile", "look_on", "decided_by", "document",
        "expected", "also",
    }  # fmt: skip


def test_who_acts_on_everyone_leaves_nobody_out(tmp_path):
    assert "comparison_because" not in read(tmp_path, scope="all").unsaid
    nowhere = read(tmp_path, comparison="none")
    assert (nowhere.no_comparison, nowhere.comparison) == (True, None)
    assert "comparison_because" not in nowhere.unsaid


def test_a_decision_not_to_act_is_asked_for_less(tmp_path):
    record = read(tmp_path, status="none", start="", scope="", due="2025-12-01", stopped_because="Ngân sách")
    assert record.unsaid == ("decided_by", "document")


def test_a_step_meets_every_customer(tmp_path):
    step = read(tmp_path, scope="step=pay;step=use").scope
    assert (step.everyone, step.chosen, step.steps, step.values("step")) == (True, (), ("pay", "use"), ("pay", "use"))
    both = read(tmp_path, scope="region=North;step=pay").scope
    assert (both.everyone, both.chosen, both.steps) == (False, (("region", ("North",)),), ("pay",))


def test_a_roll_out_one_after_another(tmp_path):
    record = read(tmp_path, starts="S02=2025-06-01; store=S01=2025-03-01", start="")
    assert dict(record.starts) == {"S02": date(2025, 6, 1), "S01": date(2025, 3, 1)}
    assert record.start == date(2025, 3, 1)


@pytest.mark.parametrize(
    ("changes", "where", "said"),
    [
        ({"comparison": "shop=S1"}, "comparison", "neither the unit nor a segment"),
        ({"comparison": "all"}, "comparison", "Everyone cannot be left out"),
        ({"comparison": "store=S02"}, "comparison", "'S02' is acted on and compared with"),
        ({"comparison": "step=pay"}, "comparison", "step meets every customer"),
        ({"scope": "all", "comparison": "store=S03"}, "comparison", "nobody is left to compare with"),
        ({"scope": "step=pya"}, "scope", "The step 'pya' is not known"),
        ({"scope": "step="}, "scope", "names no value"),
        ({"starts": "S01=2025-03-01"}, "starts", "not those of the scope"),
        ({"starts": "S01=2025-03-01;S02=soon"}, "starts", "'S02=soon' is no unit=date pair"),
        ({"starts": "S01=2025-03-01;S01=2025-03-02;S02=2025-04-01"}, "starts", "begins twice"),
        ({"starts": "S01=2025-03-02;S02=2025-04-01"}, "start", "not the first day"),
        ({"scope": "region=North", "starts": "S01=2025-03-01"}, "starts", "not those of the scope"),
        ({"full_effect": "2025-02-01"}, "full_effect", "works in full before it starts"),
        ({"full_effect": "soon"}, "full_effect", "no day"),
        ({"look_on": "2025-07-01;soon"}, "look_on", "no day"),
        ({"look_on": "2025-02-01"}, "look_on", "looked at before the action starts"),
        ({"direction": "better"}, "direction", "'better' is no direction"),
        ({"decided_by": "Trần Thị Mai"}, "decided_by", "person's name"),
        ({"decided_by_en": "J. Smith"}, "decided_by_en", "person's name"),
        ({"decided_by": "Ban giám đốc, 0912 345 678"}, "decided_by", "person's name or number"),
        ({"also": "hỏi an@example.com"}, "also", "e-mail address"),
        ({"comparison_because_en": "call +84 912 345 678"}, "comparison_because_en", "phone number"),
        ({"expected": "gọi 024.3825.1234"}, "expected", "phone number"),
        ({"stopped_because": "an (at) example (dot) com"}, "stopped_because", "e-mail"),
        ({"document": "biên bản, hỏi 0912345678"}, "document", "phone number"),
        ({"also": "x" * 601}, "also", "longer than 600"),
        ({"document": "x" * 601}, "document", "longer than 600"),
        ({"drawn": "S01"}, "drawn", "cannot be read"),
        ({"drawn": '{"version":9}'}, "drawn", "cannot be read"),
    ],
)
def test_every_mistake_has_its_line_and_column(tmp_path, changes, where, said):
    found = wrong(tmp_path, **changes)
    assert [item for item in found if item.startswith(f"actions.csv:2 ({where})") and said in item], found


def test_mistakes_of_all_columns_are_named_at_once(tmp_path):
    found = wrong(
        tmp_path, comparison="x", full_effect="y", direction="z", look_on="w", decided_by="John Smith", drawn="v"
    )
    assert len(found) == 6


def test_without_a_unit_nothing_begins_one_after_another(tmp_path):
    read(tmp_path, starts="S01=2025-03-01;S02=2025-04-01")
    with pytest.raises(ParamsError, match="need a unit"):
        read_actions(params(unit=None), tmp_path)


@pytest.mark.parametrize(
    "text",
    [
        "an@example.com",
        "AN＠EXAMPLE.COM",
        "a\u200bn@exam\u200bple.com",
        "0912.345.678",
        "+84 24 3825 1234",
        "(024) 3825 1234",
        "an [at] example [dot] com",
    ],
)
def test_contacts_are_found(text):
    assert holds_contact(f"Hỏi {text} nhé")


@pytest.mark.parametrize(
    "text",
    [
        "từ 2026-01-05 đến 2026-03-31",
        "1.200.000.000 đồng",
        "30 % đơn trong 0,5 giờ",
        "https://x.org/0912345678/a@b.c",
        "Nghị định 13/2023",
        "S01 tới S24",
        "tỷ lệ 3 @ 5",
    ],
)
def test_what_is_no_contact(text):
    assert not holds_contact(text)
