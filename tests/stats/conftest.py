"""Expected values and made-up answers for the tests of the statistics."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest

_WHERE = Path(__file__).resolve().parent.parent / "reference" / "cases.py"
_SPEC = importlib.util.spec_from_file_location("reference_cases", _WHERE)
cases = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(cases)


@pytest.fixture(scope="session")
def reference():
    """The module that reads the expected values."""
    return cases


@pytest.fixture
def halo():
    """Ordinal answers of 400 people with a halo: five factors of 1-5 and an outcome of 0-10, without missing ones."""
    rng = np.random.default_rng(3)
    mood = rng.standard_normal((400, 1))
    felt = 0.7 * mood + 0.7 * rng.standard_normal((400, 5))
    factors = np.clip(np.rint(3.4 + 1.1 * felt), 1, 5)
    outcome = np.clip(np.rint(4 + factors[:, 0] + 0.5 * factors[:, 1] - 1 + 1.5 * rng.standard_normal(400)), 0, 10)
    return np.column_stack([factors, outcome])
