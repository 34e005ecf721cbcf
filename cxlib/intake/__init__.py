"""Any survey export becomes one table of raw answers; value labels and missing codes are kept."""

from __future__ import annotations

from cxlib.intake.responses import read_leniently, read_responses
from cxlib.intake.table import Codebook, Responses, SourceNote

__all__ = ["Codebook", "Responses", "SourceNote", "read_leniently", "read_responses"]
