"""Corrections over families against R's p.adjust; false coverage rate of intervals of what was selected."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from cxlib.stats.association import fisher_p
from cxlib.stats.families import adjust, selected_intervals, selection_confidence

MADE_BY_R = json.loads((Path(__file__).parent.parent / "reference" / "r" / "families.json").read_text("utf-8"))
METHODS = ["bh", "by", "holm"]
chances = st.lists(st.floats(1e-12, 1) | st.just(float("nan")), min_size=1, max_size=12)


@pytest.mark.parametrize("case", ["published", "ties"])
@pytest.mark.parametrize("method", METHODS)
def test_corrections_agree_with_r(case, method):
    p = np.array(MADE_BY_R[case]["p"], dtype=float)
    expected = np.array(MADE_BY_R[case]["adjusted"][method], dtype=float)
    np.testing.assert_allclose(adjust(p, method), expected, rtol=0, atol=1e-10)


def test_published_rejections():
    p = MADE_BY_R["published"]["p"]
    assert (adjust(p) <= 0.05).sum() == 4  # Benjamini & Hochberg (1995), section 2
    assert (adjust(p, "holm") <= 0.05).sum() == 3


@settings(max_examples=40, deadline=None)
@given(p=chances, method=st.sampled_from(METHODS), seed=st.integers(0, 1000))
def test_families_are_apart_and_order_does_not_matter(p, method, seed):
    p = np.array(p)
    labels = np.random.default_rng(seed).integers(0, 3, len(p))
    found = adjust(p, method, families=labels)
    for label in np.unique(labels):
        np.testing.assert_array_equal(found[labels == label], adjust(p[labels == label], method))
    order = np.random.default_rng(seed).permutation(len(p))
    np.testing.assert_allclose(adjust(p[order], method, families=labels[order]), found[order])
    np.testing.assert_array_equal(np.isnan(found), np.isnan(p))
    made = np.isfinite(p)
    assert (found[made] >= p[made] - 1e-15).all()
    by, bh = adjust(p, "by", families=labels)[made], adjust(p, "bh", families=labels)[made]
    assert (by >= bh - 1e-12).all()


def test_shapes_labels_and_wrong_methods():
    p = np.array([[0.01, 0.04], [0.03, np.nan]])
    found = adjust(p, families=[["a", "b"], ["a", "b"]])
    np.testing.assert_allclose(found, [[0.02, 0.04], [0.03, np.nan]])
    assert adjust([]).shape == (0,)
    assert np.isnan(adjust([np.nan, np.nan], "by")).all()
    with pytest.raises(ValueError, match="bh, by or holm"):
        adjust([0.1], "tukey")


def test_confidence_of_selected_intervals():
    # Benjamini & Yekutieli (2005): 1 - R q / m; here R = 4 of 15
    p = MADE_BY_R["published"]["p"]
    found = selection_confidence(p)
    np.testing.assert_allclose(found[:4], 1 - 0.05 * 4 / 15)
    assert np.isnan(found[4:]).all()
    families = np.array(["a", "a", "b", "b"])
    apart = selection_confidence([0.001, 0.8, 0.01, 0.02], families=families)
    np.testing.assert_allclose(apart, [0.975, np.nan, 0.95, 0.95])


@settings(max_examples=40, deadline=None)
@given(z=st.lists(st.floats(-6, 6), min_size=2, max_size=15), size=st.floats(0.02, 0.3))
def test_no_selected_interval_holds_zero(z, size):
    error = np.full(len(z), size)
    r = np.tanh(np.array(z) * size)
    low, high = selected_intervals(r, error, fisher_p(r, error))
    shown = np.isfinite(low)
    assert (np.sign(low[shown]) == np.sign(high[shown])).all()
    plain = np.tanh(np.arctanh(r) - norm.ppf(0.975) * size)
    assert (low[shown] <= plain[shown] + 1e-12).all()


def test_the_false_coverage_rate_is_kept():
    rng = np.random.default_rng(1)
    truth = np.where(np.arange(20) < 5, 0.15, 0.0)
    missed, plainly_missed = [], []
    for _ in range(600):
        z = np.arctanh(truth) + 0.06 * rng.standard_normal(20)
        r, error = np.tanh(z), np.full(20, 0.06)
        low, high = selected_intervals(r, error, fisher_p(r, error))
        shown = np.isfinite(low)
        outside = (truth < low) | (truth > high)
        missed.append(outside[shown].mean() if shown.any() else 0.0)
        plain = np.abs(np.arctanh(truth) - z) > norm.ppf(0.975) * 0.06
        plainly_missed.append(plain[shown].mean() if shown.any() else 0.0)
    assert np.mean(missed) <= 0.05 + 3 * np.std(missed) / np.sqrt(600)
    assert np.mean(plainly_missed) > 0.07  # what 95 % intervals of picked findings really miss
