"""Other orders that chance could have given, and what they say of an effect."""

from itertools import permutations

import numpy as np
import pytest

from cxlib.stats.orders import MOST_ORDERS, estimates_by_order, inverted_interval, redrawn_orders


def test_every_different_order_is_there_once():
    found = {tuple(row) for row in np.nan_to_num(redrawn_orders([1, 1, 2, np.nan]), nan=-1)}
    assert found == {tuple(row) for row in permutations([1, 1, 2, -1])}
    assert len(redrawn_orders([1, 1, 2, np.nan])) == 12


def test_units_outside_the_draw_keep_their_start():
    found = redrawn_orders([1, 2, 3, np.nan], eligible=[True, True, False, False])
    assert found.shape == (2, 4)
    assert (found[:, 2] == 3).all()
    assert np.isnan(found[:, 3]).all()


def test_too_many_orders_are_drawn_from_the_seed():
    starts = [*range(1, 11), np.nan]
    first, again = redrawn_orders(starts, seed=1), redrawn_orders(starts, seed=1)
    assert first.shape == (MOST_ORDERS, 11)
    assert np.array_equal(first, again, equal_nan=True)
    assert not np.array_equal(first, redrawn_orders(starts, seed=2), equal_nan=True)
    assert (np.nansum(first, axis=1) == 55).all()


def test_the_interval_is_what_trying_every_effect_would_give():
    rng = np.random.default_rng(2)
    starts = np.array([1.0, 2.0, 2.0, np.inf, np.inf])
    means = rng.normal(3, 0.3, (5, 4)) + 0.4 * (np.arange(4) >= starts[:, None])
    treated = (np.arange(4) >= starts[:, None]).astype(float)
    orders = np.nan_to_num(redrawn_orders(np.where(np.isinf(starts), np.nan, starts)), nan=np.inf)
    low, high, p, smallest = inverted_interval(*estimates_by_order(means, treated, np.vstack([starts, orders])), 0.8)

    def tried(effect):
        found = estimates_by_order(means - effect * treated, treated, np.vstack([starts, orders]))[0]
        return np.mean(np.abs(found[1:]) >= np.abs(found[0]) - 1e-9)

    assert p == pytest.approx(tried(0.0))
    assert smallest == pytest.approx(1 / 30)
    for end, outside in ((low, -1), (high, 1)):
        assert tried(end + outside * 1e-6) <= 0.2 < tried(end - outside * 1e-6)


def test_few_orders_exclude_nothing():
    low, high, p, smallest = inverted_interval(np.array([0.3, 0.3, -0.3]), np.array([1.0, 1.0, -1.0]), 0.95)
    assert (low, high, p, smallest) == (-np.inf, np.inf, 1.0, 1.0)
