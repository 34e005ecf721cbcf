"""The documented action log: what was done, by which role, where, since when, and how it stands."""

from cxlib.actions.draw import Draw, repeat_draw
from cxlib.actions.log import read_actions
from cxlib.actions.records import ActionLog, ActionRecord, ScopeRule, TwoTexts

__all__ = ["ActionLog", "ActionRecord", "Draw", "ScopeRule", "TwoTexts", "read_actions", "repeat_draw"]
