"""Raw answers become answers that can be analysed, with a ledger of everything that was set aside."""

from __future__ import annotations

from cxlib.cleaning.clean import check_responses, clean
from cxlib.cleaning.cleaned import Cleaned
from cxlib.cleaning.rows import CARELESS

__all__ = ["CARELESS", "Cleaned", "check_responses", "clean"]
