"""CX Workbench: which factors go with referral and loyalty, and what was done about them.

The names that the stage notebooks use; each is loaded when it is first asked for, so that a command that needs
no statistics does not wait for them.
"""

from __future__ import annotations

from importlib import import_module

__version__ = "0.1.0"

_WHERE = {
    "open_run": "cxlib.runs.folder",
    "list_clients": "cxlib.runs.launcher",
    "list_runs": "cxlib.runs.launcher",
    "open_stages": "cxlib.runs.launcher",
    "load_params": "cxlib.params",
    "read_responses": "cxlib.intake",
    "clean": "cxlib.cleaning",
    "find_drivers": "cxlib.drivers",
    "wave_trends": "cxlib.change",
    "evidence_of_change": "cxlib.change",
    "read_actions": "cxlib.actions",
    "read_promises": "cxlib.actions.promises",
    "read_strategy": "cxlib.actions.strategy",
    "build_findings": "cxlib.findings",
    "pass_door": "cxlib.privacy",
    "draw_figures": "cxlib.figures",
    "show_findings": "cxlib.views",
    "show_history": "cxlib.views",
    "show_method": "cxlib.views",
    "action_form": "cxlib.views.action_form",
}

__all__ = [*_WHERE, "__version__"]


def __getattr__(name: str):
    if name not in _WHERE:
        raise AttributeError(f"module 'cxlib' has no attribute {name!r}")
    return getattr(import_module(_WHERE[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_WHERE])
