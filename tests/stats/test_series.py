"""An interrupted series finds a jump and a bend, allows for neighbours being alike, and says when waves are too few."""

import json
from pathlib import Path

import numpy as np
import pytest

from cxlib.stats.series import alike_fit, interrupted_series

R = json.loads((Path(__file__).parent.parent / "reference/r/series.json").read_text(encoding="utf-8"))

WIGGLE = np.array([0.02, -0.03, 0.01, 0.02, -0.02, 0.0, 0.03, -0.03, 0.01, -0.01])


def test_a_jump_and_a_bend_are_found():
    waves = np.arange(20)
    means = 3 + 0.01 * waves + np.where(waves >= 10, 0.4 + 0.05 * (waves - 10), 0) + np.tile(WIGGLE, 2)
    found = interrupted_series(means, 10)
    assert found.level.estimate == pytest.approx(0.4, abs=0.05)
    assert found.slope.estimate == pytest.approx(0.05, abs=0.01)
    assert found.at_end.estimate == pytest.approx(found.level.estimate + 9 * found.slope.estimate)
    assert found.average.estimate == pytest.approx(found.level.estimate + 4.5 * found.slope.estimate)
    assert found.average.low > 0.5
    assert (found.fitted["fitted"] - found.fitted["without"]).iloc[-1] == pytest.approx(found.at_end.estimate)


def test_a_trend_that_goes_on_is_no_change():
    means = 3 + 0.05 * np.arange(20) + np.tile(WIGGLE, 2)
    assert interrupted_series(means, 10).average.low < 0 < interrupted_series(means, 10).average.high


def test_waves_like_their_neighbours_widen_the_interval():
    rng = np.random.default_rng(1)
    noise = rng.normal(0, 0.05, 40)
    alike = np.convolve(noise, [0.5, 0.5, 0.5, 0.5])[3:40]
    plain = interrupted_series(3 + noise[:37], 18).average
    assert interrupted_series(3 + alike, 18).average.error > 1.2 * plain.error


def test_waves_with_few_answers_count_less():
    means = 3 + np.tile(WIGGLE, 2)
    means[15] += 1.0
    errors = np.full(20, 0.05)
    equal = interrupted_series(means, 10, errors=errors).average.estimate
    errors[15] = 1.0
    assert abs(interrupted_series(means, 10, errors=errors).average.estimate) < abs(equal) / 3


def test_a_missing_wave_is_left_out():
    means = 3 + np.tile(WIGGLE, 2)
    means[4] = np.nan
    found = interrupted_series(means, 10)
    assert found.average.reason == ""
    assert np.isfinite(found.fitted["fitted"]).all()


@pytest.mark.parametrize(
    ("means", "start", "reason"),
    [(3 + WIGGLE, 5, "few"), (np.r_[3 + WIGGLE, 3 + WIGGLE], 13, "few"), (np.full(20, 3.0), 10, "constant")],
)
def test_too_little_to_tell_gives_a_reason_and_no_interval(means, start, reason):
    found = interrupted_series(means, start)
    assert {effect.reason for effect in (found.level, found.slope, found.average, found.at_end)} == {reason}
    assert np.isnan(found.average.low)


def test_newey_west_is_that_of_the_published_table_and_of_r():
    found = interrupted_series(R["packs"], R["start"], newey_west_lag=1)
    assert (found.level.estimate, found.level.error) == pytest.approx((-20.0581, 4.724395), rel=1e-5)  # Linden (2015)
    assert (found.slope.estimate, found.slope.error) == pytest.approx((-1.494652, 0.4368201), rel=1e-5)
    for effect, name in ((found.level, "after"), (found.slope, "bend")):
        expected = R["newey_west"]["coef"][name], R["newey_west"]["se"][name]
        assert (effect.estimate, effect.error) == pytest.approx(expected, rel=1e-9)


def test_one_of_the_averaged_fits_is_that_of_r():
    waves = np.arange(len(R["packs"]))
    after = waves >= R["start"]
    since = waves - R["start"]
    design = np.column_stack([np.ones(waves.size), since, after, after * since]).astype(float)
    packs, ones = np.array(R["packs"]), np.ones(waves.size)
    line, covariance, likelihood = alike_fit(packs, design, ones, waves, R["held"]["likeness"])
    assert line == pytest.approx(list(R["held"]["coef"].values()), rel=1e-7)
    assert np.sqrt(np.diag(covariance)) == pytest.approx(list(R["held"]["se"].values()), rel=1e-7)
    near_one = alike_fit(packs, design, ones, waves, R["free"]["likeness"])[2]
    assert near_one - likelihood == pytest.approx(R["free"]["likelihood"] - R["held"]["likelihood"], abs=1e-3)
