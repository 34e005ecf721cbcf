"""Every question from wave to wave: in the order of the parameters, broken where the question changed."""

from __future__ import annotations

import pandas as pd
from support_findings import WAVES, draft, params

from cxlib.findings.trending import trends_of


def rows(measure, kind="factor", waves=WAVES, **more):
    return [
        {"measure": measure, "kind": kind, "wave": wave, "n": 200, "mean": 3.0, "low": 2.9, "high": 3.1, "part": 0,
         "same_mix": 3.05, "same_mix_low": 2.9, "same_mix_high": 3.2, **more}
        for wave in waves
    ]  # fmt: skip


def test_outcomes_factors_and_steps_in_the_order_of_the_parameters():
    table = pd.DataFrame([*rows("pay", "step"), *rows("music"), *rows("wait_told"), *rows("loyalty", "outcome")])
    found = trends_of(table, params(), WAVES)
    assert [(item.kind, item.measure) for item in found] == [
        ("outcome", "loyalty"),
        ("factor", "wait_told"),
        ("factor", "music"),
        ("step", "pay"),
    ]
    assert found[-1].label.en == "Paying"
    assert found[-1].scale == (1, 5)
    assert found[0].points[0].same_mix == 3.05
    assert len({item.figure for item in found}) == 4


def test_waves_stand_in_their_order_and_a_question_never_asked_is_left_out():
    table = pd.DataFrame([*rows("music", waves=WAVES[::-1]), *rows("parking", n=0, mean=float("nan"))])
    (trend,) = trends_of(table, params(), WAVES)
    assert [point.wave for point in trend.points] == list(WAVES)


def test_one_wave_draws_no_line():
    (trend,) = trends_of(pd.DataFrame(rows("music", waves=WAVES[:1])), params(), WAVES)
    assert trend.figure is None


def test_breaks_are_told_with_the_client_s_words():
    values = params().model_dump(mode="json")
    text = {"vi": "Thêm chữ 'dễ chịu'", "en": "'pleasant' was added"}
    values["factors"]["music"]["breaks"] = [{"wave": "2025-Q3", "why": "wording", "text": text}]
    values["breaks"] = [{"wave": "2025-Q2", "why": "mode"}]
    asked = params(**values)
    table = pd.DataFrame([*rows("music"), *rows("find", "step")])
    music, step = trends_of(table, asked, WAVES)
    said = [text.en for text in music.breaks]
    assert said == [
        "From 2025-Q2 on customers are asked in another way.",
        "From 2025-Q3 on the question is worded differently. “'pleasant' was added”",
    ]
    assert [text.en for text in step.breaks] == said


def test_trends_of_an_earlier_run_are_read_as_well():
    table = pd.DataFrame(rows("music")).drop(columns=["kind", "part", "same_mix", "same_mix_low", "same_mix_high"])
    (trend,) = trends_of(table, params(), WAVES)
    assert (trend.kind, trend.points[0].part, trend.points[0].same_mix) == ("factor", 0, None)


def test_the_sample_has_its_trends():
    found = {item.measure for item in draft().document.trends}
    assert {"referral", "loyalty", "wait_told"} <= found
