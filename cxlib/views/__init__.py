"""The pages: findings paired with actions, what changed, how we know. They read a run and compute nothing."""

from __future__ import annotations

from importlib import import_module

_WHERE = {
    "show_findings": "cxlib.views.show",
    "show_history": "cxlib.views.show",
    "show_method": "cxlib.views.show",
    "serve": "cxlib.views.serving",
    "publish": "cxlib.views.publishing",
    "live_pages": "cxlib.views.live",
}

__all__ = list(_WHERE)


def __getattr__(name: str):
    if name not in _WHERE:
        raise AttributeError(f"module 'cxlib.views' has no attribute {name!r}")
    return getattr(import_module(_WHERE[name]), name)
