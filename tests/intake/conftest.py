"""Small survey files in every format, and parameters that read them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cxlib.params.model import Params

LABEL = {"vi": "Câu hỏi", "en": "Question"}


@pytest.fixture
def make_params() -> Callable[..., Params]:
    """Parameters with referral, and the factors `food` and `staff` on 1-5; anything can be replaced."""

    def make(responses: Any = "survey.csv", **others: Any) -> Params:
        data = {"responses": responses, **others.pop("data", {})}
        whole: dict[str, Any] = {
            "client": "test",
            "title": LABEL,
            "data": data,
            "outcomes": {"referral": {"column": "recommend", "scale": [0, 10], "label": LABEL}},
            "factors": {
                "food": {"column": "q1", "scale": [1, 5], "missing": [9], "label": LABEL},
                "staff": {"column": "q2", "scale": [1, 5], "label": LABEL},
            },
        }
        return Params.model_validate(whole | others)

    return make


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Write a text file into the client's folder; returns the folder."""

    def put(text: str | bytes, name: str = "survey.csv", encoding: str = "utf-8") -> Path:
        (tmp_path / name).write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
        return tmp_path

    return put
