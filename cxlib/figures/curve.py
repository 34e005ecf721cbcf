"""The specification curve of one finding: every way of looking, sorted, and below it which choices each one made."""

from __future__ import annotations

import csv
import io
import math
import textwrap
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.patches import PathPatch
from matplotlib.path import Path

from cxlib.figures.draw import ACCENT, INK, LINE, QUIET, QUIET_BAND, Drawing
from cxlib.figures.paper import UNITS, sheet
from cxlib.words import LANGUAGES, decimal, whole, word

CHOICES = {
    "rows": ("cleaned", "careless_back", "most_answered", "varied"),
    "missing": ("pairwise", "listwise", "imputed"),
    "coding": ("as_answered", "top_box", "top_two", "three_groups"),
    "method": ("spearman", "pearson", "kendall", "polychoric"),
    "weights": ("on", "off"),
    "given": ("", "others"),
}
REPORTED = {"rows": "cleaned", "missing": "pairwise", "coding": "as_answered", "method": "spearman", "given": ""}

EDGE = 4.0
LEFT = 172.0  # units of the column of words
CURVE = 132.0  # units of the curve's height
ROW = 18.0  # units of a choice
GAP = 8.0  # between groups of choices
LETTERS = 24  # in a line of the column of words
MARK = 9.0  # height of the mark of a choice
HARDLY = 0.01  # units
TOLD = 0.1  # difference in the part that stands, from which on the words name the choices it depends on


@dataclass(frozen=True)
class _Place:
    """Where things stand, in units from the top."""

    top: float
    bottom: float
    low: float
    high: float

    def y(self, estimate: float) -> float:
        return self.bottom - (estimate - self.low) / (self.high - self.low) * (self.bottom - self.top)


def draw_curve(
    finding: str, specifications: pd.DataFrame, factor: dict[str, str], outcome: dict[str, str]
) -> Drawing | None:
    """Draw the specification curve of a finding in both languages.

    Parameters
    ----------
    finding : str
        Its id.
    specifications : DataFrame
        The finding's rows of specifications.csv: `estimate`, `stands`, and of each way of looking its `rows`,
        `missing`, `coding`, `method`, `weights` and `given`; further columns are not read. Rows without an estimate are
        left out.
    factor, outcome : dict
        Their labels, 'vi' and 'en'.

    Returns
    -------
    Drawing or None
        Its `svg` and `alt` by language, and the numbers as csv in the order of the curve; None without any estimate.
        A choice that every way made alike is not drawn.
    """
    ways = _sorted(specifications)
    if not len(ways):
        return None
    names = {language: {"factor": factor[language], "outcome": outcome[language]} for language in LANGUAGES}
    return Drawing(
        finding,
        {language: word("curve_title", language, **names[language]) for language in LANGUAGES},
        {language: _alt(ways, names[language], language) for language in LANGUAGES},
        {language: _svg(ways, language) for language in LANGUAGES},
        _numbers(ways),
    )


def _sorted(specifications: pd.DataFrame) -> pd.DataFrame:
    ways = specifications.loc[np.isfinite(specifications["estimate"].to_numpy(dtype=float))].copy()
    for choice, known in CHOICES.items():
        ways[choice] = ways[choice].fillna("").astype(str)
        order = {value: number for number, value in enumerate(known)}
        ways[f"order_{choice}"] = ways[choice].map(order).fillna(len(known))
    ways = ways.sort_values(["estimate", *(f"order_{choice}" for choice in CHOICES)], kind="stable", ignore_index=True)
    ways["stands"] = ways["stands"].astype(bool)
    return ways


def _reported(ways: pd.DataFrame) -> int | None:
    """Position of the way of looking whose estimate the page shows."""
    weights = "on" if (ways["weights"] == "on").any() else "off"
    same = ways["weights"] == weights
    for choice, value in REPORTED.items():
        same &= ways[choice] == value
    return int(np.flatnonzero(same)[0]) if same.any() else None


def _varied(ways: pd.DataFrame) -> dict[str, list[str]]:
    """The choices in which the ways differ, and their values that occur."""
    found = {choice: [value for value in known if (ways[choice] == value).any()] for choice, known in CHOICES.items()}
    return {choice: values for choice, values in found.items() if len(values) > 1}


def _label(choice: str, value: str, language: str) -> str:
    return word(f"curve_{choice}_{value or 'alone'}", language)


def _count(ways: pd.DataFrame, key: str, language: str, **values: str) -> str:
    stand, of = whole(int(ways["stands"].sum()), language), whole(len(ways), language)
    return word(key, language, stand=stand, of=of, **values)


def _alt(ways: pd.DataFrame, names: dict[str, str], language: str) -> str:
    numbers = {"low": decimal(ways["estimate"].iloc[0], language), "high": decimal(ways["estimate"].iloc[-1], language)}
    if len(ways) == 1:
        return word("curve_alt_one", language, **names, **numbers)
    parts = [_count(ways, "curve_alt", language, **names, **numbers)]
    for value, key in (("", "curve_alone"), ("others", "curve_together")):
        some = ways[ways["given"] == value]
        if len(some):
            parts.append(f"{_count(some, key, language)}.")
    for choice, values in _varied(ways).items():
        groups = [ways[ways[choice] == value] for value in values]
        shares = [some["stands"].mean() for some in groups]
        if choice == "given" or max(shares) - min(shares) < TOLD:
            continue
        for value, some in zip(values, groups, strict=True):
            label = f"{word(f'curve_{choice}', language)}, {_label(choice, value, language)}"
            parts.append(_count(some, "curve_alt_choice", language, choice=label))
    return " ".join(parts)


def _numbers(ways: pd.DataFrame) -> str:
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\n")
    known = [column for column in ("n", "estimate", "p", "stands") if column in ways]
    rows.writerow(["place", *CHOICES, *known])
    for place, way in enumerate(ways.to_dict("records"), start=1):
        shown = [int(way[column]) if column in ("n", "stands") else way[column] for column in known]
        rows.writerow([place, *(way[choice] for choice in CHOICES), *shown])
    return out.getvalue()


def _svg(ways: pd.DataFrame, language: str) -> str:
    caption = textwrap.wrap(word("curve_caption", language), 46)
    top = len(caption) * LINE + 12
    ends = (min(0.0, ways["estimate"].min()), max(0.0, ways["estimate"].max()))
    room = max(ends[1] - ends[0], 0.05)
    place = _Place(top, top + CURVE, ends[0] - room * 0.14, ends[1] + room * 0.06)
    varied = _varied(ways)
    height = place.bottom + sum(GAP + ROW * (1 + len(values)) for values in varied.values()) + 6
    with sheet(height) as made:
        axes = made.axes
        axes.text(EDGE, 2, "\n".join(caption), va="top", color=QUIET, linespacing=1.25)
        across = _across(len(ways))
        _curve(axes, ways, across, place, language)
        _matrix(axes, ways, across, varied, place.bottom, language)
    return made.svg


def _across(count: int) -> np.ndarray:
    """Where each way stands across: the middle of its share of the right-hand column."""
    return LEFT + (np.arange(count) + 0.5) * (UNITS - EDGE - LEFT) / count


def _curve(axes, ways: pd.DataFrame, across: np.ndarray, place: _Place, language: str) -> None:
    zero, end = place.y(0.0), UNITS - EDGE
    axes.hlines(zero, LEFT, end, colors=QUIET, linewidth=1)
    axes.text(end, zero + 3, word("figure_zero", language), va="top", ha="right", color=QUIET)
    points = pd.DataFrame({"x": across, "y": [place.y(value) for value in ways["estimate"]], "stands": ways["stands"]})
    size = math.sqrt(float(np.clip(5200 / len(ways), 9, 30)))
    # smaller as well as grey; a row of round ends is one shape, where a scatter is one for each way
    for stands, group in points.groupby("stands"):
        ink = {"edgecolor": ACCENT if stands else QUIET, "linewidth": size if stands else size / 1.6}
        dots = _dots(group["x"].to_numpy(), group["y"].to_numpy())
        axes.add_artist(PathPatch(dots, facecolor="none", capstyle="round", zorder=2 + int(stands), **ink))
    here = _reported(ways)
    if here is not None:
        x, y = float(across[here]), float(points["y"].iloc[here])
        axes.scatter([x], [y], s=58, marker="D", color="white", edgecolor=INK, linewidth=1.6, zorder=5)
        value = word("curve_here", language, value=decimal(float(ways["estimate"].iloc[here]), language))
        axes.text(x - 9, y - 2, value, va="bottom", ha="right", color=INK, weight="bold", zorder=6)
    _key(axes, ways, place, language)


def _key(axes, ways: pd.DataFrame, place: _Place, language: str) -> None:
    """What the two kinds of dots are, and how many there are of each, in the column of words."""
    y = place.top + 20
    for stands, key in ((True, "curve_clear"), (False, "curve_not")):
        count = int((ways["stands"] == stands).sum())
        if not count:
            continue
        colour = ACCENT if stands else QUIET
        lines = textwrap.wrap(word(key, language, count=whole(count, language)), LETTERS - 4)
        axes.scatter([EDGE + 4], [y + 8], s=34 if stands else 14, color=colour, linewidth=0, zorder=3)
        axes.text(EDGE + 14, y, "\n".join(lines), va="top", color=colour, linespacing=1.15)
        y += len(lines) * LINE + 4


def _matrix(
    axes, ways: pd.DataFrame, across: np.ndarray, varied: dict[str, list[str]], top: float, language: str
) -> None:
    y = top
    for choice, values in varied.items():
        y += GAP
        axes.text(EDGE, y + ROW / 2, word(f"curve_{choice}", language), va="center", color=INK, weight="bold")
        y += ROW
        for value in values:
            middle = y + ROW / 2
            axes.text(EDGE + 8, middle, _label(choice, value, language), va="center", color=QUIET)
            axes.hlines(middle, LEFT, UNITS - EDGE, colors=QUIET_BAND, linewidth=0.6, zorder=1)
            made = (ways[choice] == value).to_numpy()
            for stands, colour in ((False, QUIET), (True, ACCENT)):
                bars = _bars(made & (ways["stands"].to_numpy() == stands), middle)
                ink = {"edgecolor": colour, "linewidth": MARK if stands else MARK / 2}
                axes.add_artist(PathPatch(bars, facecolor="none", capstyle="butt", zorder=2, **ink))
            y += ROW


def _dots(across: np.ndarray, down: np.ndarray) -> Path:
    """Lines of hardly any length (one of none is not drawn); their round ends are the dots."""
    ends = np.column_stack([across, down, across + HARDLY, down]).reshape(-1, 2)
    return Path(ends, [Path.MOVETO, Path.LINETO] * len(across))


def _bars(where: np.ndarray, middle: float) -> Path:
    """Lines below the ways `where` is true, as one shape; neighbours are one line."""
    step = (UNITS - EDGE - LEFT) / len(where)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], where, [False]]).astype(int)))
    ends = np.column_stack([LEFT + edges * step, np.full(len(edges), middle)])
    return Path(ends.reshape(-1, 2), [Path.MOVETO, Path.LINETO] * (len(edges) // 2))
