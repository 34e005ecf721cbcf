"""The wild bootstrap's interval holds what its test does not reject, and says so where it cannot tell."""

import json
from pathlib import Path

import numpy as np
import pytest

from cxlib.stats.wild import wild_cluster_interval

LIBRARIES = json.loads((Path(__file__).parent.parent / "reference/libraries.json").read_text(encoding="utf-8"))
ACTED, OTHERS = [0.5, 0.7, 0.4, 0.6, 0.8], [0.1, -0.2, 0.0, 0.2, -0.1, 0.0]


def test_estimate_and_error_are_those_of_two_means():
    effect = wild_cluster_interval(ACTED, OTHERS)
    error = np.sqrt(np.var(ACTED, ddof=1) / 5 + np.var(OTHERS, ddof=1) / 6)
    assert (effect.estimate, effect.error) == pytest.approx((np.mean(ACTED) - np.mean(OTHERS), error))
    assert effect.low < effect.estimate < effect.high
    assert (effect.method, effect.inference, effect.units) == ("did", "wild", (5, 6))


def test_an_end_of_the_interval_is_a_difference_at_the_limit_of_its_test():
    effect = wild_cluster_interval(ACTED, OTHERS, confidence=0.9, seed=3)
    for end in (effect.low, effect.high):
        moved = np.asarray(ACTED) - end
        assert wild_cluster_interval(moved, OTHERS, seed=3).p == pytest.approx(0.1, abs=0.003)


def test_the_same_seed_gives_the_same_numbers_and_another_nearly_the_same():
    first, again, other = (wild_cluster_interval(ACTED, OTHERS, seed=seed) for seed in (1, 1, 2))
    assert first == again
    assert other.low == pytest.approx(first.low, abs=0.03)
    assert other.low != first.low


def test_missing_units_are_left_out():
    assert wild_cluster_interval([*ACTED, np.nan], OTHERS) == wild_cluster_interval(ACTED, OTHERS)


@pytest.mark.parametrize(
    ("acted", "others", "reason"), [([0.1, 0.2], OTHERS, "few_units"), ([0.5] * 5, [0.1] * 5, "constant")]
)
def test_too_little_to_tell_gives_a_reason_and_no_interval(acted, others, reason):
    effect = wild_cluster_interval(acted, others)
    assert effect.reason == reason
    assert np.isnan(effect.low)
    assert np.isnan(effect.p)


@pytest.mark.parametrize("name", ["ten against ten", "seven against seven"])
def test_p_is_that_of_wildboottest(name):
    case = LIBRARIES["wild"][name]
    effect = wild_cluster_interval(case["acted"], case["others"], draws=19_999)
    assert effect.p == pytest.approx(case["p"], abs=0.005)  # both are drawn; three standard errors
