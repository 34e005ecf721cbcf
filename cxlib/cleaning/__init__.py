"""Raw answers become answers that can be analysed, with a ledger of everything that was set aside."""

from __future__ import annotations

from cxlib.cleaning.clean import clean, find_problems
from cxlib.cleaning.cleaned import Cleaned
from cxlib.cleaning.rows import CARELESS

__all__ = ["CARELESS", "Cleaned", "clean", "find_problems"]
