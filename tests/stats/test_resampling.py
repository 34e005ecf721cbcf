"""Resamples are those of one draw after another, each of as many groups as there are."""

import numpy as np
import pytest

from cxlib.stats import resampling
from cxlib.stats.resampling import bootstrap_draws


@pytest.mark.parametrize(
    ("groups", "resamples", "seed"), [(0, 5, 1), (1, 3, 0), (24, 500, 1), (77, 40, 3), (500, 30, 7)]
)
def test_draws_are_those_of_one_resample_after_the_other(groups, resamples, seed, monkeypatch):
    rng = np.random.default_rng([seed, 12])
    expected = [np.bincount(rng.integers(groups, size=groups), minlength=groups) for _ in range(resamples)]
    np.testing.assert_array_equal(bootstrap_draws(groups, resamples, seed=seed), expected)
    monkeypatch.setattr(resampling, "DRAWN_AT_ONCE", 100)
    np.testing.assert_array_equal(bootstrap_draws(groups, resamples, seed=seed), expected)
