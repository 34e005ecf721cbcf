"""What tests of figures read pictures with."""

from __future__ import annotations

import re

import pytest


@pytest.fixture(scope="session")
def ends():
    """Where the lines of a path begin and end, by an interpreter of its own."""
    return _ends


def _ends(path: str) -> list[tuple[float, float]]:
    x = y = 0.0
    start = (x, y)
    out = []
    for command, told in re.findall(r"([MmLlHhVvz])([^MmLlHhVvz]*)", path):
        numbers = [float(number) for number in re.findall(r"-?(?:\d+\.?\d*|\.\d+)", told)]
        if command == "z":
            x, y = start
            continue
        before = (0.0, 0.0) if command.isupper() else (x, y)
        if command in "MmLl":
            x, y = before[0] + numbers[0], before[1] + numbers[1]
        elif command in "Hh":
            x = before[0] + numbers[0]
        else:
            y = before[1] + numbers[0]
        start = (x, y) if command in "Mm" else start
        out.append((round(x, 1), round(y, 1)))
    return out
