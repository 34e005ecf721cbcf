"""What changed from wave to wave, and after each documented action."""

from cxlib.change.evidence import Evidence, evidence_of_change
from cxlib.change.trends import Trends, wave_trends

__all__ = ["Evidence", "Trends", "evidence_of_change", "wave_trends"]
