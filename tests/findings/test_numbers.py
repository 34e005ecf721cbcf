"""The grade is computed from numbers, and the order is importance times room, never a score."""

from __future__ import annotations

import math

import pytest
from support_findings import driver_rows, driver_table, params

from cxlib.findings.groups import people_crossed
from cxlib.findings.numbers import DriversTable, grade_of, in_order, number, records, room_to_improve


@pytest.mark.parametrize(
    ("changes", "grade"),
    [
        ({}, "E1"),
        ({"n": 29}, "E0"),
        ({"n": 30}, "E1"),
        ({"q": 0.05}, None),
        ({"adjusted_q": 0.2}, None),
        ({"adjusted": -0.1}, None),
        ({"estimate": -0.4, "adjusted": -0.2}, "E1"),
        ({"adjusted": math.nan}, None),
        ({"q": math.nan}, None),
        ({"n": 5, "estimate": math.nan, "q": math.nan}, "E0"),
    ],
)
def test_grades(changes, grade):
    assert grade_of(driver_rows(**changes)[0], q=0.05, min_pairs=30) == grade


def test_the_interval_of_what_was_picked_out_is_the_one_after_picking():
    picked, plain = (
        DriversTable(driver_table(driver_rows(**changes))).whole["wait_told", "referral"].associations()[0]
        for changes in ({"fcr_low": 0.25, "fcr_high": 0.53}, {})
    )
    assert (picked.low, picked.high, picked.estimate) == (0.25, 0.53, 0.4)
    assert (plain.low, plain.high) == (0.3, 0.5)


def test_order_is_share_times_room_and_not_the_association():
    rows = [
        driver_rows("price_clear", estimate=0.9, share=0.20, mean=4.8),
        driver_rows("wait_told", estimate=0.3, share=0.15, mean=3.0),
        driver_rows("on_time", estimate=0.5, share=0.15, mean=3.0),
        driver_rows("music", estimate=-0.5, share=0.15, mean=4.6),
    ]
    whole = DriversTable(driver_table(*rows)).whole
    order = [pair.factor for pair in in_order(whole.values(), params())]
    assert order == ["music", "on_time", "wait_told", "price_clear"]


def test_room():
    assert room_to_improve(1.0, (1, 5), True) == 1
    assert room_to_improve(None, (1, 5), True) == 0


def test_numbers_are_rounded_and_never_nan_nor_minus_zero():
    import pandas as pd

    assert number(0.123456) == 0.1235
    assert str(number(-0.000001)) == "0.0"
    assert [number(value) for value in (math.nan, math.inf, None, pd.NA)] == [None] * 4


def test_the_grade_agrees_with_the_factor_test():
    from support_findings import drivers

    for pair in DriversTable(drivers()).whole.values():
        assert (grade_of(pair.row, q=0.05, min_pairs=30) or "") == pair.row["grade"]


def test_rows_of_a_table_are_plain_values():
    import pandas as pd

    table = pd.DataFrame(
        {
            "factor": ["wait_told", None],
            "n": [3, 4],
            "estimate": [0.5, math.nan],
            "clear": [True, False],
            "units": pd.array([2, None], dtype="Int64"),
        }
    )
    again, expected = records(table), table.to_dict("records")
    assert repr(again) == repr(expected)
    assert [type(value) for value in again[0].values()] == [str, int, float, bool, int]
    assert records(None) == []


def test_people_are_counted_by_every_two_of_wave_and_segments():
    import pandas as pd

    segments = {"region": {"column": "area"}, "channel": {"column": "way"}}
    answers = pd.DataFrame(
        {
            "wave": ["w2", "w1", "w1", "w1", "w2"],
            "region": ["south", "north", None, "north", "north"],
            "channel": ["shop", "shop", "web", "shop", "web"],
            "wait_told": [5.0, 4.0, 3.0, math.nan, 2.0],
            "referral": [9.0, 8.0, 7.0, 6.0, 5.0],
            "weight": [1.0, 1.0, 2.0, 1.0, 0.0],
        }
    )
    pair = DriversTable(driver_table(driver_rows())).whole["wait_told", "referral"]
    crossed = people_crossed(answers, [pair], params(segments=segments))["wait_told", "referral"]
    assert [(item.first, item.second) for item in crossed] == [("", "region"), ("", "channel"), ("region", "channel")]
    assert dict(crossed[0].cells) == {("w1", ""): 1, ("w1", "north"): 1, ("w2", "south"): 1}
    assert dict(crossed[2].cells) == {("", "web"): 1, ("north", "shop"): 1, ("south", "shop"): 1}
