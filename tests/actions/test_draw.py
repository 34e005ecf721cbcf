"""The draw: repeated by anyone, fair to every unit, written down once and before anything has happened."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from itertools import combinations
from pathlib import Path

import pandas as pd
import pytest
from scipy.stats import chisquare
from support_actions import params

from cxlib.actions import read_actions, repeat_draw
from cxlib.actions.draw import Draw, drawn_starts, make_draw, read_draw
from cxlib.actions.drawing import draw_action, eligible_units
from cxlib.actions.write import add_action, update_action
from cxlib.errors import CxError, DataError, ParamsError, RefusedError

NOW = datetime(2026, 1, 5, 23, 30, tzinfo=timezone(timedelta(hours=7)))
UNITS = tuple(f"S{number:02d}" for number in range(1, 13))
DAYS = (date(2026, 3, 2), date(2026, 6, 1))
FIELDS = {
    "factors": "wait_told",
    "what": "Báo trước thời gian chờ",
    "owner_role": "Trưởng phòng bán lẻ",
    "scope": "all",
    "scope_chosen_by": "everyone",
    "start": "2026-03-02",
    "full_effect": "2026-03-09",
    "direction": "up",
    "smallest_worthwhile": "0.2",
    "look_on": "2026-07-01",
    "document": "bien-ban.pdf",
    "decided_by": "Ban giám đốc",
}


@pytest.fixture
def client(tmp_path):
    """Twelve stores in two regions, a planned action; S12 answers in the first wave only."""
    rows = ["wave,store,region,channel,r,wait_told,on_time,music"]
    for number in range(480):
        store = UNITS[number % 12]
        region = "North" if number % 12 < 6 else "South"
        wave = "2025-Q3" if number < 240 or store == "S12" else "2025-Q4"
        channel = "web" if number % 5 else "shop"
        rows.append(f"{wave},{store},{region},{channel},{1 + number % 5},{1 + number % 4},{1 + number % 3},3")
    (tmp_path / "survey.csv").write_text("\n".join(rows) + "\n", "utf-8")
    asked = params(segments={"region": {"column": "region"}, "channel": {"column": "channel"}})
    add_action(asked, tmp_path, FIELDS, date(2026, 1, 2))
    return asked, tmp_path


def test_version_1_can_be_repeated_by_hand():
    draw = Draw(42, "2026-01-05T08:30:00Z", 1, UNITS, "places", 5)
    by_hand = sorted(UNITS, key=lambda unit: hashlib.sha256(f"cx draw 1|42|{unit}".encode()).hexdigest())[:5]
    assert repeat_draw(draw) == tuple(by_hand) == ("S11", "S12", "S09", "S01", "S06")


def test_every_set_of_units_is_as_likely_as_any_other():
    counts = Counter(frozenset(repeat_draw(Draw(seed, "", 1, UNITS[:5], "places", 2))) for seed in range(4000))
    assert len(counts) == len(list(combinations(UNITS[:5], 2)))
    assert chisquare(list(counts.values())).pvalue > 0.001
    firsts = Counter(repeat_draw(Draw(seed, "", 1, UNITS[:5], "order", 5))[0] for seed in range(4000))
    assert chisquare(list(firsts.values())).pvalue > 0.001


def test_the_order_is_dealt_to_days_in_equal_groups():
    draw, units = make_draw(UNITS[:7], 7, seed=3, at=NOW, dates=(DAYS[1], DAYS[0]))
    starts = drawn_starts(draw)
    assert [unit for unit, _ in starts] == list(units)
    assert Counter(day for _, day in starts) == {DAYS[0]: 4, DAYS[1]: 3}
    assert drawn_starts(replace(draw, kind="places", dates=())) == ()


def test_a_cell_holds_the_whole_draw():
    draw, _ = make_draw([*UNITS, "Cửa hàng 'Hà Nội', số 1"], 4, seed=2**63 - 1, at=NOW, dates=DAYS, because="Đóng cửa")
    assert draw.at == "2026-01-05T16:30:00Z"
    assert read_draw(draw.as_cell()) == draw
    nfd = json.loads(draw.as_cell()) | {"eligible": ["Ho\u0302\u0300", *UNITS]}
    assert "Hồ" in read_draw(json.dumps(nfd)).eligible


@pytest.mark.parametrize(
    "change",
    [
        {"version": 2},
        {"version": True},
        {"seed": -1},
        {"seed": 2**63},
        {"seed": 1.5},
        {"kind": "prizes"},
        {"kind": "order"},
        {"size": 0},
        {"size": 13},
        {"eligible": ["S01", "S01"]},
        {"eligible": [1, 2]},
        {"eligible": "S01"},
        {"eligible": ["", "S01"]},
        {"at": "yesterday"},
        {"dates": ["2026-03-02"]},
        {"kind": "order", "dates": ["2026-06-01", "2026-03-02"]},
        {"kind": "order", "dates": [7]},
        {"because": 3},
    ],
)
def test_what_is_no_draw_is_refused(change):
    value = json.loads(Draw(42, "2026-01-05T08:30:00Z", 1, UNITS, "places", 5).as_cell()) | change
    with pytest.raises(ValueError, match=r"."):
        read_draw(json.dumps(value))


@pytest.mark.parametrize("text", ["", "[]", "null", "42", "{", "[" * 100_000, '{"seed": 1}'])
def test_hostile_cells_are_no_draw(text):
    with pytest.raises(ValueError, match="not what cx draw writes"):
        read_draw(text)


@pytest.mark.parametrize("how", [{"size": 0}, {"size": 13}, {"size": 1, "dates": DAYS}, {"size": 3, "seed": -1}])
def test_a_draw_that_cannot_be_made(how):
    with pytest.raises(ValueError, match=r"."):
        make_draw(UNITS, how.pop("size"), **{"seed": 1, "at": NOW, **how})
    with pytest.raises(ValueError, match="zone"):
        make_draw(UNITS, 2, seed=1, at=datetime(2026, 1, 5))


def test_places_are_drawn_and_written_down(client):
    asked, folder = client
    drawn = draw_action(asked, folder, "A1", now=NOW, seed=42)
    assert drawn.units == tuple(sorted(repeat_draw(drawn.draw)))
    assert len(drawn.units) == 6
    record = read_actions(asked, folder).latest()["A1"][0]
    assert record == drawn.record
    assert record.is_drawn
    assert record.scope_chosen_by == "random"
    assert record.scope.values("unit") == drawn.units
    assert record.recorded_on == date(2026, 1, 5)
    assert (record.drawn.seed, record.drawn.at, record.drawn.version) == (42, "2026-01-05T16:30:00Z", 1)
    assert record.drawn.eligible == UNITS
    assert record.comparison is None
    assert "Drawn at random" in record.comparison_because.en
    doing = update_action(asked, folder, "A1", {"status": "doing"}, date(2026, 3, 2))
    assert doing.is_drawn


def test_a_seed_that_nobody_chose_differs(client):
    asked, folder = client
    first = draw_action(asked, folder, "A1", now=NOW)
    second = draw_action(asked, folder, "A1", now=NOW, again="Hai cửa hàng đóng cửa")
    assert first.draw.seed != second.draw.seed
    assert second.draw.because == "Hai cửa hàng đóng cửa"
    assert read_actions(asked, folder).draws("A1") == (first.draw, second.draw)


def test_an_order_is_drawn_over_days(client):
    asked, folder = client
    drawn = draw_action(asked, folder, "A1", now=NOW, starts=DAYS, seed=7)
    record = drawn.record
    assert record.is_drawn
    assert record.start == DAYS[0]
    assert dict(record.starts) == dict(drawn_starts(drawn.draw))
    assert Counter(day for _, day in record.starts) == {DAYS[0]: 6, DAYS[1]: 6}
    assert set(record.scope.values("unit")) == set(UNITS)


def test_only_eligible_units_are_drawn_and_compared(client):
    asked, folder = client
    drawn = draw_action(asked, folder, "A1", now=NOW, eligible={"region": ["North"]}, units=2, seed=1)
    assert drawn.draw.eligible == UNITS[:6]
    assert set(drawn.record.comparison.values("unit")) == set(UNITS[:6]) - set(drawn.units)
    assert drawn.record.is_drawn


def test_conditions_are_met_together(client):
    asked, folder = client
    answers = pd.read_csv(folder / "survey.csv").rename(columns={"store": "unit"}).astype({"wave": "string"})
    both = {"region": ["South"], "wave": ["2025-Q4"]}
    assert eligible_units(answers, asked, both).names == UNITS[6:11]
    assert eligible_units(answers, asked, {"store": ["S01", "S12"]}).names == ("S01", "S12")
    assert eligible_units(answers, asked, {}).of == 12
    with pytest.raises(DataError, match="No answer names a unit"):
        eligible_units(answers.assign(unit=pd.NA), asked, {})
    with pytest.raises(ParamsError, match="holds ';'"):
        eligible_units(answers.replace("S01", "S01;S02"), asked, {})


@pytest.mark.parametrize(
    ("how", "kind", "said"),
    [
        ({"action": "A9"}, ParamsError, "There is no action 'A9'"),
        ({"units": 12}, ParamsError, "from 1 to 11: one at least must be left"),
        ({"units": 0}, ParamsError, "cannot be drawn from 12"),
        ({"units": 1, "starts": DAYS}, ParamsError, "from 2 to 12: each day needs one"),
        ({"starts": DAYS[:1]}, ParamsError, "two first days or more"),
        ({"starts": (date(2026, 1, 1), DAYS[0])}, ParamsError, "has passed already"),
        ({"seed": -1}, ParamsError, "seed is out of range"),
        ({"eligible": {"colour": ["red"]}}, ParamsError, "The column 'colour' is not known"),
        ({"eligible": {"region": ["Nort"]}}, ParamsError, "did you mean 'North'"),
        ({"eligible": {"channel": ["web"]}}, ParamsError, "'channel' differs within 12 of 12 units"),
        ({"eligible": {"store": ["S01"]}}, ParamsError, "too few to draw from"),
    ],
)
def test_what_cannot_be_drawn_is_said_and_nothing_is_written(client, how, kind, said):
    asked, folder = client
    before = (folder / "actions.csv").read_bytes()
    with pytest.raises(kind) as caught:
        draw_action(asked, folder, how.pop("action", "A1"), now=NOW, **how)
    assert said in str(caught.value)
    assert (folder / "actions.csv").read_bytes() == before


@pytest.mark.parametrize(
    ("fields", "now"),
    [({"status": "doing"}, NOW), ({"status": "stopped", "stopped_because": "x"}, NOW), ({}, NOW + timedelta(days=90))],
    ids=["doing", "stopped", "its day has passed"],
)
def test_what_has_happened_is_not_drawn(client, fields, now):
    asked, folder = client
    if fields:
        update_action(asked, folder, "A1", fields, date(2026, 1, 3))
    with pytest.raises(RefusedError, match="cannot be drawn") as caught:
        draw_action(asked, folder, "A1", now=now, again="please")
    assert caught.value.exit_code == 5


def test_a_second_draw_needs_its_reason(client):
    asked, folder = client
    draw_action(asked, folder, "A1", now=NOW)
    with pytest.raises(RefusedError, match="drawn already"):
        draw_action(asked, folder, "A1", now=NOW, again="  ")
    with pytest.raises(ParamsError, match="holds a contact"):
        draw_action(asked, folder, "A1", now=NOW, again="hỏi an@example.com")


def test_no_message_of_a_draw_holds_a_rating(client):
    asked, folder = client
    path: Path = folder / "survey.csv"
    path.write_text(path.read_text("utf-8").replace(",3\n", ",SECRET\n"), "utf-8")
    said = []
    for how in ({}, {"units": 99}, {"eligible": {"region": ["x"]}}):
        try:
            said.append(repr(draw_action(asked, folder, "A1", now=NOW, again="x", **how)))
        except CxError as error:
            said.append(str(error))
    assert len(said) == 3
    assert "SECRET" not in "".join(said)


@pytest.mark.parametrize(
    "change",
    [
        {"scope": "store=S01;store=S02;store=S03"},
        {"scope": "region=North"},
        {"scope_chosen_by": "volunteers"},
        {"start": "2025-12-31", "full_effect": ""},
    ],
    ids=["other units", "a segment", "not random", "begun before the draw"],
)
def test_a_scope_that_is_not_the_draw_is_not_drawn(client, change):
    asked, folder = client
    assert draw_action(asked, folder, "A1", now=NOW, seed=42).record.is_drawn
    assert not update_action(asked, folder, "A1", change, date(2026, 1, 6)).is_drawn


def test_a_draw_of_another_order_is_not_drawn(client):
    asked, folder = client
    record = draw_action(asked, folder, "A1", now=NOW, starts=DAYS, seed=7).record
    swapped = {unit: DAYS[day == DAYS[0]] for unit, day in record.starts}
    starts = ";".join(f"{unit}={day}" for unit, day in swapped.items())
    assert not update_action(asked, folder, "A1", {"starts": starts}, date(2026, 1, 6)).is_drawn
