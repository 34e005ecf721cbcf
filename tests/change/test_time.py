"""Before, during and after: by the day of an answer, else by the days of its wave."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
from made_up import EVERYONE, QUARTERS, evidence, name, params, record, row, stores, survey

from cxlib.change.survey import as_date, read_survey
from cxlib.change.timing import AFTER, BEFORE, DURING, stopped_on


def with_days(answers, *, every=7):
    """A day for each answer, spread over its quarter."""
    survey = read_survey(answers, params())
    first = np.array([as_date(day) for day in survey.first])
    offset = np.arange(len(answers)) * every % 90
    days = [day + timedelta(days=int(shift)) for day, shift in zip(first, offset, strict=True)]
    return answers.assign(day=pd.to_datetime(days))


def test_waves_go_by_their_days():
    told = row(evidence(survey(), record()))
    assert told["waves_before"] == "2025-Q1 | 2025-Q2"
    assert told["waves_after"] == "2025-Q3 | 2025-Q4"
    assert told["n_during"] == 0


def test_a_wave_in_which_it_began_is_left_out_where_days_are_not_known():
    told = row(evidence(survey(), record(start=date(2025, 7, 20))))
    assert (told["waves_before"], told["waves_after"]) == ("2025-Q1 | 2025-Q2", "2025-Q4")
    assert told["n_during"] == 100


def test_a_wave_in_which_it_began_is_parted_where_days_are_known():
    answers = with_days(survey())
    found = evidence(answers, record(start=date(2025, 8, 1)))
    told = row(found)
    assert told["waves_before"] == "2025-Q1 | 2025-Q2 | 2025-Q3"
    assert told["waves_after"] == "2025-Q3 | 2025-Q4"
    acted = answers["unit"].isin([name(place) for place in range(5)])
    assert told["n_before"] == (acted & (answers["day"] < "2025-08-01")).sum()
    assert told["n_after"] == (acted & (answers["day"] >= "2025-08-01")).sum()
    parts = found.periods.query("group == 'acted' and measure == 'wait' and wave == '2025-Q3'")
    assert parts["phase"].tolist() == ["before", "after"]


def test_the_days_until_it_works_in_full_are_left_out():
    answers = with_days(survey())
    told = row(evidence(answers, record(full_effect=date(2025, 10, 1))))
    assert told["waves_after"] == "2025-Q4"
    assert told["n_during"] == 100


def test_after_a_stop_answers_do_not_count():
    records = (record(), record(status="stopped", recorded_on=date(2025, 10, 1)))
    told = row(evidence(survey(), *records))
    assert told["waves_after"] == "2025-Q3"
    assert told["n_during"] == 100
    assert "stopped_early" in told["caps"]


def test_stopped_before_a_wave_could_show_it():
    told = row(evidence(survey(), record(), record(status="stopped", recorded_on=date(2025, 8, 1))))
    assert (told["reason"], told["grade"]) == ("stopped", "")


def test_the_day_of_a_stop_is_the_first_record_that_says_so():
    first, stopped = record(), record(status="stopped", recorded_on=date(2025, 8, 1))
    later = record(status="stopped", recorded_on=date(2025, 9, 1))
    assert stopped_on((first, stopped, later)) == date(2025, 8, 1)
    assert stopped_on((first, stopped, first)) is None


def test_declared_days_of_waves_whose_names_do_not_tell():
    answers = survey().replace({"wave": dict(zip(QUARTERS[:4], ("d", "c", "b", "a"), strict=True))})
    assert row(evidence(answers, record()))["reason"] == "no_dates"
    days = {"d": ("2025-01-01", "2025-01-31"), "c": ("2025-04-01", "2025-04-30"), "b": ("2025-07-02", "2025-07-30"),
            "a": ("2025-10-01", "2025-10-31")}  # fmt: skip
    asked = params(waves={wave: {"first": first, "last": last} for wave, (first, last) in days.items()})
    told = row(evidence(answers, record(), asked=asked))
    assert (told["waves_before"], told["waves_after"]) == ("d | c", "b | a")


def test_every_unit_follows_its_own_start():
    starts = tuple((name(place), date(2025, 4 + 3 * (place % 2), 1)) for place in range(10))
    found = evidence(survey(), record(scope=stores(range(10)), starts=starts, start=date(2025, 4, 1)))
    told = row(found)
    assert told["n_before"] == 5 * 20 * (1 + 2)
    assert told["n_after"] == 5 * 20 * (3 + 2)


def test_phases_of_one_answer_each():
    answers = pd.DataFrame({"wave": ["2025-Q2", "2025-Q2", "2025-Q3", "x"], "wait": [1.0, 2, 3, 4]})
    answers["day"] = pd.to_datetime(["2025-06-30", None, "2025-07-01", None])
    from cxlib.change.scope import groups_of
    from cxlib.change.timing import NEVER, timing_of

    read = read_survey(answers, params())
    one = record(scope=EVERYONE)
    timing = timing_of(one, None, {}, groups_of(one, read).acted, read)
    assert timing.phase.tolist() == [BEFORE, BEFORE, AFTER, NEVER]
    middle = timing_of(record(scope=EVERYONE, start=date(2025, 6, 15)), None, {}, groups_of(one, read).acted, read)
    assert middle.phase.tolist() == [AFTER, DURING, AFTER, NEVER]
