"""Raking: the weights and errors of R's survey package, and intervals that hold what they promise."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from cxlib.stats.raking import Margin, merge_levels, rake, raked_error, raked_mean
from cxlib.stats.sampling import declare_strata

MADE = json.loads((Path(__file__).resolve().parents[1] / "reference" / "r" / "raking.json").read_text(encoding="utf-8"))
CARS = pd.DataFrame(MADE["data"])
MPG = CARS["mpg"].to_numpy(float)
CYL = Margin(pd.factorize(CARS["cyl"], sort=True)[0], np.array([0.5, 0.3, 0.2]))
AM = Margin(pd.factorize(CARS["am"], sort=True)[0], np.array([0.45, 0.55]))
UNITS = pd.factorize(CARS["cluster"], sort=True)[0]
DESIGNS = {
    "alone": {},
    "weighted": {"weights": CARS["weight"].to_numpy(float)},
    "units": {"weights": CARS["weight"].to_numpy(float), "clusters": UNITS},
    "strata": {"weights": CARS["weight"].to_numpy(float), "strata": declare_strata(CARS["half"])},
}


@pytest.mark.parametrize("design", ["alone", "weighted"])
def test_weights_and_means_equal_rake_of_r(design):
    expected, given = MADE["rake"][design], DESIGNS[design]
    weights = rake([CYL, AM], **given)
    assert weights / weights.sum() * len(MPG) == pytest.approx(np.array(expected["weights"]), rel=1e-8)
    mean, error, _ = raked_error(MPG, [CYL, AM], few=False, **given)
    assert mean == pytest.approx(expected["mean"], rel=1e-9)
    if design == "alone":  # with design weights R's two ways of raking differ in the error; ours is `calibrate`, below
        assert error == pytest.approx(expected["se"], rel=1e-6)


@pytest.mark.parametrize("design", DESIGNS)
@pytest.mark.parametrize(("how", "margins"), [("calibrate", [CYL, AM]), ("post_stratify", [CYL])])
def test_errors_equal_those_of_r(how, margins, design):
    expected = MADE[how][design]
    mean, error, _ = raked_error(MPG, margins, few=False, **DESIGNS[design])
    assert mean == pytest.approx(expected["mean"], rel=1e-8)
    assert error == pytest.approx(expected["se"], rel=1e-6)


def test_the_allowance_for_few_is_that_of_separate_levels():
    """One margin, equal weights: each level's variance has its own n - 1."""
    n = np.bincount(CYL.codes)
    within = np.array([MPG[CYL.codes == level].var(ddof=1) for level in range(3)])
    _, error, _ = raked_error(MPG, [CYL])
    assert error == pytest.approx(np.sqrt((CYL.shares**2 * within / n).sum()))


def test_the_sum_and_the_wanted_shares_are_met():
    given = DESIGNS["weighted"]["weights"]
    weights = rake([CYL, AM], given)
    assert weights.sum() == pytest.approx(given.sum())
    for margin in (CYL, AM):
        assert np.bincount(margin.codes, weights) / weights.sum() == pytest.approx(margin.shares)
    assert rake([], given).tolist() == given.tolist()


def test_what_cannot_be_met_is_none():
    nobody = Margin(np.array([0, 0, 1]), np.array([0.4, 0.4, 0.2]))
    against = Margin(np.array([0, 0, 1]), np.array([0.2, 0.8]))
    assert rake([nobody]) is None
    assert rake([against, Margin(against.codes, np.array([0.7, 0.3]))]) is None
    assert raked_mean(np.array([1.0, 2, 3]), [nobody]) is None
    assert raked_mean(np.array([1.0, 2]), [Margin(np.array([0, 1]), np.array([0.5, 0.5]))]) is None
    # a level that nobody is in and nobody is wanted in does no harm
    assert rake([Margin(np.array([0, 0, 1]), np.array([0.5, 0.5, 0.0]))]) is not None


def test_a_sample_that_has_the_mix_keeps_its_mean_and_gains_what_the_levels_explain():
    level = np.repeat([0, 1], 50)
    values = level * 2.0 + np.tile([1.0, 2.0], 50)
    mean, low, high = raked_mean(values, [Margin(level, np.array([0.5, 0.5]))])
    plain = raked_mean(values, [])
    assert mean == pytest.approx(values.mean())
    assert plain == pytest.approx((values.mean(), *stats.t.interval(0.95, 99, values.mean(), stats.sem(values))))
    assert high - low < plain[2] - plain[1]


def test_intervals_hold_what_they_promise_when_few_are_weighed_up():
    """A third of the population is a tenth of the sample; its people rate a point lower."""
    rng = np.random.default_rng(5)
    hits, plain_hits, runs = 0, 0, 1500
    shares = np.array([2 / 3, 1 / 3])
    truth = float(shares @ [4.0, 3.0])
    for _ in range(runs):
        level = np.repeat([0, 1], [135, 15])
        values = np.clip(np.rint(rng.normal(4.0 - level, 0.9)), 1, 7)
        values += np.where(level == 0, 4.0, 3.0) - np.where(level == 0, *[_rounded(m) for m in (4.0, 3.0)])
        _, low, high = raked_mean(values, [Margin(level, shares)])
        hits += low <= truth <= high
        reach = stats.t.isf(0.025, 149) * stats.sem(values)
        plain_hits += values.mean() - reach <= truth <= values.mean() + reach
    assert 0.93 <= hits / runs <= 0.975
    assert plain_hits / runs < 0.2


def _rounded(mean: float) -> float:
    """Mean of the rounded and cut normal answers."""
    edges = np.arange(1.5, 7)
    below = np.concatenate([[0], stats.norm.cdf(edges, mean, 0.9), [1]])
    return float(np.diff(below) @ np.arange(1, 8))


@pytest.mark.parametrize(
    ("codes", "groups", "expected"),
    [
        ([0] * 12 + [1] * 12, [0] * 24, [12, 12]),
        ([0] * 12 + [1] * 12 + [2] * 12, [0] * 36, [12, 12, 12]),
        ([0] * 12 + [1] * 12, [0] * 12 + [1] * 12, None),  # each wave has one level only
        ([0] * 12 + [1] * 3, [0] * 15, None),
        ([], [], None),
        ([0] * 20 + [1] * 20 + [2] * 15 + [0] * 20 + [1] * 20, [0] * 55 + [1] * 40, [40, 55]),  # 2 is not in the second
    ],
)
def test_levels_are_put_together_until_each_is_there_in_every_wave(codes, groups, expected):
    found = merge_levels(np.array(codes, dtype=int), np.array(groups, dtype=int))
    assert (None if found is None else sorted(np.bincount(found).tolist())) == expected
