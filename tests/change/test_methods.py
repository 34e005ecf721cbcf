"""The shape of the answers and of the log picks the method; what was answered never does."""

from datetime import date

import numpy as np
import pytest
from made_up import EVERYONE, QUARTERS, drawn, evidence, name, params, places_of, record, row, stores, survey

from cxlib.actions import ScopeRule

MONTHS = tuple(f"{year}-{month:02d}" for year in (2024, 2025) for month in range(1, 13))


def method(found, measure="wait"):
    told = row(found, measure)
    return told["method"], told["inference"], told["reason"]


def test_everyone_acted_on_is_before_against_after():
    found = evidence(survey(), record(scope=EVERYONE, scope_chosen_by="everyone"))
    assert method(found) == ("difference", "cluster", "")
    assert row(found)["units"] == 30


def test_the_log_may_say_that_nothing_is_left_to_compare_with():
    assert method(evidence(survey(), record(scope=stores(range(12)), no_comparison=True)))[0] == "difference"


def test_a_step_of_the_journey_meets_everyone():
    found = evidence(survey(), record(scope=ScopeRule(True, (), ("pay",))))
    assert method(found)[0] == "difference"


@pytest.mark.parametrize(
    ("size", "inference"), [(22, "cluster"), (10, "cluster"), (5, "cluster"), (4, "permutation"), (2, "permutation")]
)
def test_places_acted_on_are_held_against_the_others_by_their_number(size, inference):
    assert method(evidence(survey(units=45), record(scope=stores(range(size))))) == ("did", inference, "")


def test_one_place_is_shown_and_not_tested():
    found = evidence(survey(each=40), record(scope=stores([3])))
    told = row(found)
    assert (told["method"], told["reason"], told["grade"]) == ("chart", "one_unit", "")
    assert np.isnan(told["p"])
    assert np.isnan(told["low"])
    assert len(found.periods[found.periods["group"] == "acted"]) == 3 * 4


def test_one_place_left_to_compare_with_is_shown_and_not_tested():
    found = evidence(survey(each=40), record(comparison=stores([29])))
    assert row(found)["reason"] == "one_unit"


def test_a_named_comparison_is_the_comparison():
    found = evidence(survey(), record(comparison=stores(range(20, 30))))
    assert row(found)["others_units"] == 10
    assert row(evidence(survey(), record()))["others_units"] == 25


def test_a_drawn_action_is_analysed_as_drawn():
    one = drawn(30, 10)
    found = evidence(survey(units=34, acted=places_of(one)), one)
    assert method(found) == ("did", "randomisation", "")
    assert bool(row(found)["drawn"])
    assert row(found)["others_units"] == 20  # four stores could not have been drawn
    other = drawn(30, 10, comparison=stores(range(30, 34)))  # what the draw left is the comparison, whatever is written
    assert row(evidence(survey(units=34), other))["others_units"] == 20


def test_starts_one_after_another():
    starts = tuple((name(place), date(2025, 4 + 3 * (place % 3), 1)) for place in range(12))
    one = record(scope=stores(range(12)), starts=starts, start=date(2025, 4, 1))
    assert method(evidence(survey(), one))[:2] == ("staggered", "cluster")
    assert set(evidence(survey(), one).events["period"]) == {-3, -2, -1, 0, 1, 2}


def test_starts_one_after_another_that_reach_everyone():
    starts = tuple((name(place), date(2025, 4 + 3 * (place % 3), 1)) for place in range(30))
    one = record(scope=stores(range(30)), starts=starts, start=date(2025, 4, 1), no_comparison=True)
    assert method(evidence(survey(), one))[0] == "staggered"


def test_a_drawn_order():
    one = drawn(30, 30, dates=(date(2025, 4, 1), date(2025, 7, 1), date(2025, 10, 1)), start=date(2025, 4, 1))
    assert method(evidence(survey(), one)) == ("staggered", "randomisation", "")


def test_one_day_of_starting_is_no_roll_out():
    starts = tuple((name(place), date(2025, 7, 1)) for place in range(6))
    assert method(evidence(survey(), record(scope=stores(range(6)), starts=starts)))[0] == "did"


def test_many_waves_and_nobody_left():
    one = record(scope=EVERYONE, start=date(2025, 1, 1), recorded_on=date(2024, 12, 1))
    assert method(evidence(survey(units=6, waves=MONTHS, each=8), one)) == ("series", "hac", "")
    short = survey(units=6, waves=MONTHS[5:], each=8)  # seven months before
    assert method(evidence(short, one))[0] == "difference"


def people(answers, share, *, step=1):
    """The same number for a store's first answers of a wave in every wave."""
    order = answers.groupby(["unit", "wave"]).cumcount()
    stays = order < share * order.groupby([answers["unit"], answers["wave"]]).transform("size")
    number = answers["unit"].str[1:].astype(int) * 1000 + order
    return answers.assign(person=number.where(stays).astype("Int64"))


def test_the_same_people_before_and_after():
    one = record(scope=EVERYONE)
    found = evidence(people(survey(waves=QUARTERS[1:3]), 0.6), one)
    assert method(found) == ("paired", "cluster", "")
    assert row(found)["paired_n"] == row(found)["n_before"] == 360
    few = evidence(people(survey(waves=QUARTERS[1:3]), 0.4), one)
    assert method(few) == ("difference", "cluster", "")
    assert row(few)["paired_n"] == 240


def test_the_same_people_and_a_comparison():
    found = evidence(people(survey(waves=QUARTERS[1:3]), 0.6), record())
    assert method(found) == ("paired_did", "cluster", "")
    assert (row(found)["units"], row(found)["others_units"]) == (5, 25)


def test_customers_of_a_region_are_told_apart_by_their_stores():
    region = ScopeRule(False, (("region", ("north",)),))
    found = evidence(survey(), record(scope=region))
    assert method(found) == ("did", "cluster", "")
    assert (row(found)["units"], row(found)["others_units"]) == (15, 15)


def test_customers_of_a_channel_share_their_stores_with_the_others():
    web = ScopeRule(False, (("channel", ("web",)),))
    found = evidence(survey(), record(scope=web))
    assert method(found) == ("did", "cluster", "")
    assert "spill" in row(found)["caps"]
    assert not len(found.events)


def test_without_units_people_are_the_units():
    web = ScopeRule(False, (("channel", ("web",)),))
    found = evidence(survey().drop(columns="unit"), record(scope=web), asked=params(unit=None))
    assert method(found) == ("did", "welch", "")
    paired = people(survey(waves=QUARTERS[1:3]), 1.0)
    paired["channel"] = np.where(paired["person"] % 2, "web", "store")
    again = evidence(paired.drop(columns="unit"), record(scope=web), asked=params(unit=None))
    assert method(again) == ("paired_did", "welch", "")


def test_few_answers_on_a_side_that_is_needed():
    found = evidence(survey(each=7, waves=QUARTERS[1:3]), record(scope=stores(range(4))))
    assert method(found) == ("", "", "few")
    assert row(found)["grade"] == "E0"
    assert row(found)["n_before"] == 28
    assert method(evidence(survey(each=8, waves=QUARTERS[1:3]), record(scope=stores(range(4)))))[2] == ""


def test_the_method_does_not_look_at_the_answers():
    one = record()
    for effect in (-1.0, 0.0, 1.0):
        assert method(evidence(survey(effect=effect, acted=range(5)), one)) == ("did", "cluster", "")


def test_each_measure_has_its_row_in_order():
    asked = params(
        outcomes={
            "again": {
                "scale": [1, 5], "column": "a", "label": {"vi": "a", "en": "a"}, "proxy_for": "referral",
            },
            "loyalty": {"scale": [1, 5], "column": "loyalty", "label": {"vi": "a", "en": "a"}},
        }
    )  # fmt: skip
    found = evidence(survey(), record(factors=("staff", "wait")), asked=asked)
    assert list(zip(found.table["measure"], found.table["role"], strict=True)) == [
        ("staff", "factor"), ("wait", "factor"), ("loyalty", "loyalty"), ("again", "referral"),
    ]  # fmt: skip
    assert found.table["reason"].tolist() == ["", "", "", "not_asked"]
