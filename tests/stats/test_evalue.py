"""E-values, held against the paper that defines them and the authors' package."""

from __future__ import annotations

import numpy as np
import pytest

from cxlib.stats.evalue import correlation_e_value, difference_e_value, risk_ratio_e_value


def test_the_published_example():
    # VanderWeele & Ding (2017): risk ratio 3.9 (1.8 to 8.7) gives 7.26 and 3.0; EValue 4.1.4, evalues.RR(3.9, 1.8, 8.7)
    found = risk_ratio_e_value(3.9, 1.8, 8.7)
    assert [found.estimate, found.interval] == pytest.approx([7.26303434416005, 3.0], abs=1e-12)


def test_a_standardised_difference():
    # EValue 4.1.4, evalues.MD(.5, .25): ends are exp(0.91 d -+ 1.78 se), 1.78 being 0.91 x 1.96 rounded
    reach = 1.78 / 0.91 * 0.25
    found = difference_e_value(0.5, 0.5 - reach, 0.5 + reach)
    assert found.risk_ratio == pytest.approx(1.57617338303399, abs=1e-12)
    assert [found.estimate, found.interval] == pytest.approx([2.52914198186127, 1.11080319653037], abs=1e-10)


def test_a_correlation_goes_by_way_of_a_difference():
    r, low, high = 0.35, 0.2, 0.48
    found = correlation_e_value(r, low, high)
    ends = [2 * value / np.sqrt(1 - value**2) for value in (r, low, high)]
    assert found.estimate == pytest.approx(difference_e_value(*ends).estimate)
    # the definition, solved back: E = RR + sqrt(RR (RR - 1)) means RR = E^2 / (2 E - 1)
    for value, end in ((found.estimate, ends[0]), (found.interval, ends[1])):
        assert value**2 / (2 * value - 1) == pytest.approx(np.exp(0.91 * end))


def test_a_negative_association_is_its_mirror():
    one, mirror = correlation_e_value(0.3, 0.1, 0.5), correlation_e_value(-0.3, -0.5, -0.1)
    assert [one.estimate, one.interval] == pytest.approx([mirror.estimate, mirror.interval])


def test_an_interval_that_holds_nothing_needs_no_cause():
    assert correlation_e_value([0.1, -0.1], [-0.05, -0.3], [0.25, 0.1]).interval.tolist() == [1, 1]
    assert correlation_e_value(0.0, -0.1, 0.1).estimate == 1


@pytest.mark.filterwarnings("error")
def test_what_has_no_e_value_says_why():
    found = correlation_e_value([np.nan, 1.0, 0.3, 0.3], [0.1, 0.9, 0.4, 0.1], [0.5, 1.0, 0.5, 0.5])
    assert found.reason.tolist() == ["missing", "perfect", "impossible", ""]
    assert np.isnan(found.estimate).tolist() == [True, True, True, False]
    assert risk_ratio_e_value(2.0, -1.0, 3.0).reason == "impossible"
    assert np.isfinite(difference_e_value(1e6, 1e6, 1e6).estimate)
