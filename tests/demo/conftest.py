"""The demo's generator, its plan and its file as the tests need them."""

from __future__ import annotations

import csv
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest
import yaml

DEMO = Path(__file__).resolve().parents[2] / "params" / "demo"


@pytest.fixture(scope="session")
def demo() -> Path:
    """The demo client's folder."""
    return DEMO


@pytest.fixture(scope="session")
def truth() -> dict:
    """What is planted."""
    return yaml.safe_load((DEMO / "truth.yaml").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def words() -> dict:
    """The words of the made-up comments."""
    return yaml.safe_load((DEMO / "comments.yaml").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def generator() -> ModuleType:
    """params/demo/generate.py, which is a script and no part of the library."""
    spec = importlib.util.spec_from_file_location("demo_generate", DEMO / "generate.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # its dataclass looks itself up there
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def rows() -> list[dict[str, str]]:
    """The committed file, cells as text exactly as they stand in it."""
    with (DEMO / "responses.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="session")
def columns(truth) -> dict[str, str]:
    """Factor -> its column in the file."""
    return {key: factor["column"] for key, factor in truth["factors"].items()}
