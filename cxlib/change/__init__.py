"""What changed from wave to wave."""

from cxlib.change.trends import Trends, wave_trends

__all__ = ["Trends", "wave_trends"]
