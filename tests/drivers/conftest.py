"""A made-up survey with known truth, and parameters for it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from cxlib.params import Params


def label(key):
    return {"vi": key, "en": key}


def make_params(factors=6, outcomes=("referral", "loyalty"), **more):
    scales = {"referral": [0, 10], "loyalty": [1, 5]}
    return Params.model_validate(
        {
            "client": "test",
            "title": label("test"),
            "data": {"responses": "x.csv"},
            "outcomes": {key: {"column": key, "scale": scales[key], "label": label(key)} for key in outcomes},
            "factors": {f"f{i}": {"column": f"f{i}", "scale": [1, 5], "label": label(f"f{i}")} for i in range(factors)},
            **more,
        }
    )


def make_answers(n=900, factors=6, seed=1, stores=20, halo=0.6):
    """f0 goes with referral, f1 with loyalty, f2 hurts referral when it fails, f3 counts in the south only; the others
    share the halo and nothing else. The south's noise is larger, or its f3 would lift every rating by the halo."""
    rng = np.random.default_rng(seed)
    felt = np.sqrt(halo) * rng.standard_normal((n, 1)) + np.sqrt(1 - halo) * rng.standard_normal((n, factors))
    ratings = np.clip(np.rint(3.4 + 1.15 * felt), 1, 5)
    south = rng.random(n) < 0.5
    store = rng.integers(stores, size=n)
    drift = 0.2 * rng.standard_normal(stores)[store]
    referral = 1.0 * ratings[:, 0] - 2.2 * (ratings[:, 2] <= 2) + 1.4 * south * (ratings[:, 3] - 3) + drift
    loyalty = 0.7 * ratings[:, 1]
    answers = pd.DataFrame(ratings, columns=[f"f{i}" for i in range(factors)])
    answers.insert(0, "row", np.arange(1, n + 1))
    answers["referral"] = np.clip(np.rint(3.5 + referral + np.where(south, 1.9, 1.2) * rng.standard_normal(n)), 0, 10)
    answers["loyalty"] = np.clip(np.rint(1 + loyalty + 0.8 * rng.standard_normal(n)), 1, 5)
    answers["wave"] = np.where(np.arange(n) % 3 == 0, "2025-Q1", np.where(np.arange(n) % 3 == 1, "2025-Q2", "2025-Q3"))
    answers["region"] = np.where(south, "south", "north")
    answers["unit"] = [f"s{number:02}" for number in store]
    return answers


@pytest.fixture(scope="session")
def make():
    """`make.params(...)` and `make.answers(...)`."""

    class Make:
        params = staticmethod(make_params)
        answers = staticmethod(make_answers)

    return Make


@pytest.fixture(scope="session")
def found(make):
    """The factor test of the made-up survey, with its answers and parameters."""
    from cxlib.drivers import find_drivers

    params, answers = make.params(unit="store", segments=["region"]), make.answers(n=2000)
    careless = answers.head(60).assign(**{f"f{i}": 3.0 for i in range(6)}, rule="straight_lining")
    return find_drivers(answers, params, set_aside=careless, bootstrap=500).table, answers, params
