"""A row of dots with likely ranges: wave by wave with the day of the action, or by waves since the start."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import seaborn as sns

from cxlib.figures.before_after import INKS, height_of, scale_in_words
from cxlib.figures.draw import ACCENT, INK, LINE, QUIET
from cxlib.figures.paper import UNITS, apart, sheet
from cxlib.words import decimal, word

if TYPE_CHECKING:
    from cxlib.figures.change import Mark, Shown

TOP, BODY = 44.0, 104.0  # units; above the marks two lines of words
LEFT = 16.0
NAMED, ALONE = 128.0, 46.0  # kept on the right: a value with the name of its group, or a value
BESIDE = 3.0  # each group to its side
MANY = 10  # waves from which on the bands are thinner


def draw_waves(shown: Shown, language: str) -> str:
    """The svg of a change over time.

    Parameters
    ----------
    shown : Shown
    language : {'vi', 'en'}
    """
    waves = list(dict.fromkeys(mark.at for mark in shown.marks))
    if shown.kind == "event":
        waves.sort(key=int)
    right = UNITS - (NAMED if shown.compared else ALONE)
    step = (right - LEFT - 16) / max(len(waves) - 1, 1)
    across = {wave: LEFT + 8 + place * step for place, wave in enumerate(waves)}
    from_zero = shown.kind == "event" or shown.change.relative
    low, high = height_of(shown.marks, None if shown.kind == "event" else shown.scale)
    ends = (min(low, 0.0), max(high, 0.0)) if from_zero else (low, high)

    def down(value: float) -> float:
        return TOP + (ends[1] - value) / (ends[1] - ends[0]) * BODY

    with sheet(TOP + BODY + 8 + LINE * (2 if shown.kind == "event" else 1)) as made:
        axes = made.axes
        axes.text(4, 2, _above(shown, language), va="top", color=QUIET)
        if from_zero:
            axes.hlines(down(0.0), LEFT, right, colors=QUIET, linewidth=0.8)
        _start(axes, shown, waves, across, language)
        lasts: list[tuple[float, Mark]] = []
        for group in ("others", "acted", "event"):
            marks = shown.of(group)
            if marks:
                aside = 0.0 if not shown.compared else -BESIDE if group == "acted" else BESIDE
                _row(axes, marks, [across[mark.at] + aside for mark in marks], down, thin=len(waves) >= MANY)
                lasts.append((down(marks[-1].estimate), marks[-1]))
        for place, (_, mark) in zip(apart([place for place, _ in lasts], LINE), lasts, strict=True):
            _value(axes, right, place, mark, language, named=shown.compared)
        _below(axes, shown, waves, across, language)
    return made.svg


def _above(shown: Shown, language: str) -> str:
    if shown.kind == "event":
        return word("change_more_than_waiting", language)
    return word("change_from_before", language) if shown.change.relative else scale_in_words(shown, language)


def _row(axes, marks: list[Mark], across: list[float], down, *, thin: bool) -> None:
    colour, band = INKS["others" if marks[0].group == "others" else "acted"]
    places = pd.DataFrame({
        "x": across,
        "y": [down(mark.estimate) for mark in marks],
        "before": [mark.phase != "after" for mark in marks],
    })  # fmt: skip
    for mark, x in zip(marks, across, strict=True):
        if mark.low is not None and mark.high is not None:
            axes.vlines(x, down(mark.high), down(mark.low), colors=band, linewidth=4 if thin else 8, zorder=1)
    sns.lineplot(data=places, x="x", y="y", color=colour, linewidth=1.4, ax=axes, zorder=2)
    for before, group in places.groupby("before"):
        fill = "white" if before or marks[0].group == "others" else colour  # an open dot: not yet, or not there
        sns.scatterplot(
            data=group, x="x", y="y", s=20 if thin else 36, color=fill, edgecolor=colour, linewidth=1.2, legend=False,
            ax=axes, zorder=3,
        )  # fmt: skip


def _start(axes, shown: Shown, waves: list[str], across: dict[str, float], language: str) -> None:
    """A line between the last wave before the action and the first one that is not."""
    phase = {mark.at: mark.phase for mark in shown.marks}
    later = [place for place, wave in enumerate(waves) if phase[wave] != "before"]
    if not later or later[0] == 0:
        return
    x = (across[waves[later[0] - 1]] + across[waves[later[0]]]) / 2
    axes.vlines(x, TOP - 6, TOP + BODY + 2, colors=INK, linewidth=1, linestyles=(0, (3, 3)))
    axes.text(x, TOP - 8, word("change_start", language), va="bottom", ha="center", color=INK)


def _value(axes, right: float, place: float, mark: Mark, language: str, *, named: bool) -> None:
    weight, colour = ("normal", INK) if mark.group == "others" else ("bold", ACCENT)
    value = decimal(mark.estimate, language, 2 if mark.group == "event" else 1)
    name = f"  {word(f'change_{mark.group}', language)}" if named else ""
    axes.text(right + 4, place, value + name, va="center", color=colour, weight=weight)


def _below(axes, shown: Shown, waves: list[str], across: dict[str, float], language: str) -> None:
    top = TOP + BODY + 6
    if shown.kind == "event":
        for wave in waves:
            axes.text(across[wave], top, wave.replace("-", "−"), va="top", ha="center", color=INK)
        axes.text(LEFT, top + LINE, word("change_since_start", language), va="top", color=QUIET)
        return
    axes.text(across[waves[0]] - 8, top, waves[0], va="top", color=INK)
    if len(waves) > 1:
        axes.text(across[waves[-1]] + 8, top, waves[-1], va="top", ha="right", color=INK)
