"""Two dots with their likely ranges, before and after; beside them the same where nothing was done."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import pandas as pd
import seaborn as sns

from cxlib.figures.draw import ACCENT, ACCENT_BAND, INK, LINE, QUIET, QUIET_BAND
from cxlib.figures.paper import apart, sheet
from cxlib.words import decimal, word

if TYPE_CHECKING:
    from cxlib.figures.change import Mark, Shown

TOP, BODY, FOOT = 24.0, 104.0, 42.0  # units
BEFORE, AFTER = 64.0, 186.0  # where the two times stand across
LETTERS = 14  # of the names of waves below a time, before they are broken
ASIDE = 6.0  # each group to its side, so that the ranges do not cover each other
BAND = 10.0
LEAST = 0.25  # of the question's scale that the height shows at least: a small change must look small
INKS = {"acted": (ACCENT, ACCENT_BAND), "others": (QUIET, QUIET_BAND)}


def height_of(marks: tuple[Mark, ...], scale: tuple[int, int] | None) -> tuple[float, float]:
    """The part of the scale that a figure shows: every range, and never less than `LEAST` of the scale."""
    ends = [end for mark in marks for end in (mark.estimate, mark.low, mark.high) if end is not None]
    low, high = min(ends), max(ends)
    wanted = max(high - low, LEAST * (scale[1] - scale[0]) if scale else 0.0, 1e-6)
    middle = (low + high) / 2
    return middle - wanted * 0.54, middle + wanted * 0.54


def draw_sides(shown: Shown, language: str) -> str:
    """The svg of a change with two sides.

    Parameters
    ----------
    shown : Shown
    language : {'vi', 'en'}
    """
    ends = height_of(shown.marks, shown.scale)

    def down(value: float) -> float:
        return TOP + (ends[1] - value) / (ends[1] - ends[0]) * BODY

    waves = {time: textwrap.wrap(shown.waves.get(time, ""), LETTERS) for time in ("before", "after")}
    with sheet(TOP + BODY + FOOT + LINE * (max(map(len, waves.values())) - 1)) as made:
        axes = made.axes
        axes.text(4, 2, scale_in_words(shown, language), va="top", color=QUIET)
        groups = [group for group in ("others", "acted") if shown.of(group)]
        labels: dict[float, list[tuple[float, str, str]]] = {BEFORE: [], AFTER: []}
        for group in groups:
            colour, band = INKS[group]
            aside = 0.0 if len(groups) == 1 else -ASIDE if group == "acted" else ASIDE
            marks = pd.DataFrame(
                {"x": [BEFORE + aside, AFTER + aside], "y": [down(mark.estimate) for mark in shown.of(group)]}
            )
            for mark, x in zip(shown.of(group), marks["x"], strict=True):
                if mark.low is not None and mark.high is not None:
                    axes.vlines(x, down(mark.high), down(mark.low), colors=band, linewidth=BAND, zorder=1)
                labels[BEFORE if x < (BEFORE + AFTER) / 2 else AFTER].append(
                    (down(mark.estimate), group, decimal(mark.estimate, language, 1))
                )
            sns.lineplot(data=marks, x="x", y="y", color=colour, linewidth=2 if group == "acted" else 1.2, ax=axes)
            fill = colour if group == "acted" else "white"  # shape as well as colour
            sns.scatterplot(
                data=marks, x="x", y="y", s=46, color=fill, edgecolor=colour, linewidth=1.4, legend=False, ax=axes,
                zorder=3,
            )  # fmt: skip
        _values(axes, labels, language, named=len(groups) > 1)
        _times(axes, waves, language)
    return made.svg


def scale_in_words(shown: Shown, language: str) -> str:
    """What stands above the marks: an average, and of which scale."""
    if shown.scale is None:
        return word("change_average", language)
    return word("change_scale", language, low=shown.scale[0], high=shown.scale[1])


def _values(axes, labels: dict[float, list[tuple[float, str, str]]], language: str, *, named: bool) -> None:
    for x, told in labels.items():
        places = apart([place for place, _, _ in told], LINE)
        for place, (_, group, value) in zip(places, told, strict=True):
            weight, colour = ("bold", ACCENT) if group == "acted" else ("normal", INK)
            if x == BEFORE:
                axes.text(x - 16, place, value, va="center", ha="right", color=colour, weight=weight)
                continue
            name = f"  {word(f'change_{group}', language)}" if named else ""
            axes.text(x + 16, place, value + name, va="center", color=colour, weight=weight)


def _times(axes, waves: dict[str, list[str]], language: str) -> None:
    top = TOP + BODY + 6
    axes.hlines(top - 2, BEFORE - 40, AFTER + 40, colors=QUIET, linewidth=0.8)
    for x, time in ((BEFORE, "before"), (AFTER, "after")):
        axes.text(x, top + 1, word(f"change_{time}", language), va="top", ha="center", color=INK)
        for place, line in enumerate(waves[time], start=1):
            axes.text(x, top + 1 + LINE * place, line, va="top", ha="center", color=QUIET)
