"""The one door: nothing reaches a page, a figure or an export without passing it."""

from __future__ import annotations

from importlib import import_module

_WHERE = {
    "Draft": "cxlib.privacy.draft",
    "GroupCounts": "cxlib.privacy.draft",
    "GroupText": "cxlib.privacy.draft",
    "Limits": "cxlib.privacy.limits",
    "Passed": "cxlib.privacy.passed",
    "pass_door": "cxlib.privacy.door",
}

__all__ = sorted(_WHERE)


def __getattr__(name: str):
    # Each part is loaded when asked for: reading columns must not wait for the door's machinery.
    if name not in _WHERE:
        raise AttributeError(f"module 'cxlib.privacy' has no attribute {name!r}")
    return getattr(import_module(_WHERE[name]), name)
