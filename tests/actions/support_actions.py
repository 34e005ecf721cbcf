"""A shop's parameters, for tests of its action log."""

from __future__ import annotations

from typing import Any

from cxlib.params import Params


def params(**changes: Any) -> Params:
    """Factors, steps, a unit and a segment; `changes` replace whole keys."""
    question = {"scale": [1, 5], "label": {"vi": "câu hỏi", "en": "question"}}
    values: dict[str, Any] = {
        "client": "shop",
        "title": {"vi": "Cửa hàng", "en": "Shop"},
        "data": {"responses": "survey.csv"},
        "wave": {"column": "wave"},
        "outcomes": {"referral": {"column": "r", **question}},
        "factors": {key: {"column": key, **question} for key in ("wait_told", "on_time", "music")},
        "steps": {"pay": {"vi": "Thanh toán", "en": "Paying"}, "use": {"vi": "Sử dụng", "en": "Using it"}},
        "unit": "store",
        "segments": {"region": {"column": "region"}},
        "actions": "actions.csv",
    }
    return Params.model_validate(values | changes)
