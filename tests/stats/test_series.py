"""An interrupted series finds a jump and a bend, allows for neighbours being alike, and says when waves are too few."""

import numpy as np
import pytest

from cxlib.stats.series import interrupted_series

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
