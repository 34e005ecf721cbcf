"""Cronbach's alpha and McDonald's omega against psych, lavaan and pingouin; items that do not belong."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pingouin
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxlib.stats.reliability import ITEM_COLUMNS, one_factor, reliability

MADE_BY_R = json.loads((Path(__file__).parent.parent / "reference" / "r" / "reliability.json").read_text("utf-8"))
ATTITUDE = pd.DataFrame(MADE_BY_R["attitude"])  # R's datasets::attitude
BFI = pd.DataFrame(  # psych::bfi, five questions of 2,800 people, '-' for no answer
    {name: [np.nan if c == "-" else float(c) for c in text] for name, text in MADE_BY_R["bfi"].items()}
)
TURNED = BFI.assign(A1=7 - BFI["A1"])


def rated(n: int, loadings: list[float], seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    latent = rng.standard_normal((n, 1)) * loadings + rng.standard_normal((n, len(loadings))) * 0.7
    return pd.DataFrame(np.clip(np.round(latent + 3.4), 1, 5), columns=[f"q{k}" for k in range(len(loadings))])


@pytest.mark.parametrize(
    ("frame", "expected"), [(ATTITUDE, "attitude_alpha"), (BFI, "agree_alpha"), (TURNED, "turned_alpha")]
)
def test_alpha_agrees_with_psych(frame, expected):
    found, expected = reliability(frame, bootstrap=50), MADE_BY_R[expected]
    assert found.alpha == pytest.approx(expected["alpha"], abs=1e-10)
    np.testing.assert_allclose(found.items["alpha_if_dropped"], list(expected["dropped"].values()), atol=1e-10)
    np.testing.assert_allclose(found.items["item_rest"], list(expected["item_rest"].values()), atol=1e-10)


@pytest.mark.parametrize(("frame", "expected"), [(ATTITUDE, "attitude_factor"), (TURNED, "turned_factor")])
def test_omega_agrees_with_lavaan(frame, expected):
    found, expected = reliability(frame, bootstrap=50), MADE_BY_R[expected]
    assert found.omega == pytest.approx(expected["omega"], abs=2e-6)
    np.testing.assert_allclose(found.items["loading"], list(expected["loadings"].values()), atol=5e-6)


def test_loadings_agree_with_psych_fa():
    found = one_factor(TURNED.dropna().corr().to_numpy())
    np.testing.assert_allclose(found.loadings, list(MADE_BY_R["turned_fa"].values()), atol=1e-5)


def test_intervals_are_near_feldts_where_his_assumptions_hold():
    """The bootstrap's interval, against Feldt's of psych and pingouin."""
    found = reliability(TURNED, bootstrap=2000)
    np.testing.assert_allclose([found.alpha_low, found.alpha_high], MADE_BY_R["turned_alpha"]["feldt"], atol=0.006)
    assert found.omega_low < found.omega < found.omega_high
    small = reliability(ATTITUDE, bootstrap=2000)
    np.testing.assert_allclose([small.alpha_low, small.alpha_high], pingouin.cronbach_alpha(ATTITUDE)[1], atol=0.04)


def test_items_that_do_not_belong_are_named_with_the_reason():
    assert dict(zip(BFI, reliability(BFI, bootstrap=50).items["reason"], strict=True)) == {
        "A1": "reversed",
        **dict.fromkeys(["A2", "A3", "A4", "A5"], ""),
    }
    attitude = reliability(ATTITUDE, bootstrap=50).items
    assert attitude.loc[~attitude["belongs"], ["item", "reason"]].to_numpy().tolist() == [["critical", "weak"]]
    lone = rated(2000, [1.3, 1.3, 1.3, 0.4], 1)
    assert reliability(lone, bootstrap=50).items["reason"].tolist() == ["", "", "", "raises_alpha"]
    assert tuple(attitude.columns) == ITEM_COLUMNS


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_order_and_repetition_do_not_matter(seed):
    frame = rated(120, [0.9, 0.7, 0.8, 0.5], seed)
    found = reliability(frame, bootstrap=20)
    shuffled = frame.sample(frac=1, random_state=seed)[["q2", "q0", "q3", "q1"]]
    again = reliability(pd.concat([shuffled, shuffled]) * 3 + 1, bootstrap=20)
    assert again.omega == pytest.approx(found.omega, abs=1e-6)
    assert again.alpha == pytest.approx(found.alpha, abs=1e-3)
    loading = again.items.set_index("item")["loading"][frame.columns]
    np.testing.assert_allclose(loading, found.items["loading"], atol=1e-5)
    weighed = reliability(frame, weights=np.ones(120), bootstrap=20)
    assert weighed.alpha == pytest.approx(found.alpha, abs=1e-12)
    assert weighed.omega == pytest.approx(found.omega, abs=1e-12)
    counted = reliability(frame, weights=np.where(np.arange(120) < 60, 2.0, 1.0), bootstrap=20)
    longhand = reliability(pd.concat([frame, frame.iloc[:60]]), bootstrap=20)
    assert counted.alpha == pytest.approx(longhand.alpha, abs=1e-10)


@settings(max_examples=20, deadline=None)
@given(loadings=st.lists(st.floats(0.3, 0.95), min_size=3, max_size=8))
def test_a_true_one_factor_model_is_recovered(loadings):
    loadings = np.array(loadings)
    matrix = np.outer(loadings, loadings) + np.diag(1 - loadings**2)
    stack = np.stack([matrix, matrix[::-1, ::-1]])
    found = one_factor(stack)
    assert found.converged.all()
    np.testing.assert_allclose(found.loadings, [loadings, loadings[::-1]], atol=1e-5)
    np.testing.assert_allclose(found.unique[0], 1 - loadings**2, atol=1e-5)


def test_units_widen_the_interval():
    rng = np.random.default_rng(4)
    store = np.repeat(np.arange(20), 30)
    frame = rated(600, [0.7] * 4, 2) + rng.normal(size=20)[store][:, None]
    alone, together = reliability(frame, bootstrap=400), reliability(frame, clusters=store, bootstrap=400)
    assert together.alpha == alone.alpha
    assert together.alpha_high - together.alpha_low > 1.3 * (alone.alpha_high - alone.alpha_low)


def test_degenerate_items_give_reasons():
    frame = rated(80, [0.9, 0.7, 0.8], 3)
    more = frame.assign(flat=4.0, empty=np.nan)
    found, plain = reliability(more, bootstrap=50), reliability(frame, bootstrap=50)
    assert found.items["reason"].tolist() == ["", "", "", "constant", "all_missing"]
    assert (found.alpha, found.omega, found.n) == (plain.alpha, plain.omega, 80)
    two = reliability(frame[["q0", "q1"]], bootstrap=50)
    assert two.reason == ""
    assert (two.omega_reason, np.isnan(two.omega)) == ("too_few_items", True)
    assert two.alpha_low < two.alpha < two.alpha_high
    assert reliability(frame[["q0"]]).reason == "too_few_items"
    assert reliability(frame.iloc[:4]).reason == "too_few"
    assert reliability(frame.iloc[:0]).reason == "too_few"
    assert reliability(frame.mask(np.eye(80, 3) >= 0)).items["reason"].tolist() == ["all_missing"] * 3
    against = pd.DataFrame({"up": frame["q0"], "down": 6 - frame["q0"]})
    assert np.isnan(reliability(against, bootstrap=50).alpha)
    same = pd.DataFrame(dict.fromkeys("abc", frame["q0"]))
    perfect = reliability(same, bootstrap=50)
    assert perfect.alpha == pytest.approx(1)
    assert perfect.omega_reason == "heywood"
    assert np.isnan(perfect.alpha_low)
    noise = reliability(pd.DataFrame(np.random.default_rng(1).integers(1, 6, (300, 4))), bootstrap=50)
    assert not noise.items["belongs"].any()
