"""From numbers to findings: a computed grade and sentence, each finding paired with its actions."""

from __future__ import annotations

from importlib import import_module

_WHERE = {"build_findings": "cxlib.findings.build"}

__all__ = ["build_findings"]


def __getattr__(name: str):
    # Pages read the schema alone; what builds a document is loaded when it is asked for.
    if name not in _WHERE:
        raise AttributeError(f"module 'cxlib.findings' has no attribute {name!r}")
    return getattr(import_module(_WHERE[name]), name)
