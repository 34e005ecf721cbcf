"""Figures of the findings: one message each, with its alternative text and its numbers beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cxlib.figures.together import Figures

__all__ = ["draw_figures"]


def draw_figures(passed) -> Figures:
    """Draw the figure of each finding in both languages.

    Parameters
    ----------
    passed : Passed
        What came through the privacy door; only its `document` is read.

    Returns
    -------
    Figures
        `.save(folder)` writes `figures/` below `folder`.
    """
    from cxlib.figures.together import draw  # seaborn takes a second to load; only drawing needs it

    return draw(passed.document)
