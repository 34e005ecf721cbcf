"""Reads the expected values that stand beside this file."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

HERE = Path(__file__).resolve().parent


@cache
def _all() -> dict[str, dict]:
    return {case["name"]: case for case in json.loads((HERE / "values.json").read_text(encoding="utf-8"))}


def case(name: str) -> dict:
    """One case: source, call, data, expected, tolerance, how."""
    return _all()[name]


def data(name: str) -> pd.DataFrame:
    """A data set as a frame of numbers."""
    return pd.read_csv(HERE / "data" / f"{name}.csv").astype(float)


def matrix(values: dict) -> np.ndarray:
    """A matrix of a case."""
    return np.array(values["values"], dtype=float)
