"""The specification curve of one finding: every way of looking, sorted, and below it which choices each one made."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby, pairwise

from cxlib.figures.drawing import Drawing, drawing, table
from cxlib.figures.paper import ACCENT, INK, LINE, MARKS, QUIET, QUIET_BAND, UNITS, Segment, Sheet
from cxlib.findings.measured import Curve
from cxlib.words import decimal, whole, word

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


@dataclass(frozen=True)
class _Ways:
    """All ways of looking at a finding, from weakest to strongest, and what the finding is called.

    Of each choice `choices` has what the ways made of it, in their order, as `estimates` and `stands` are.
    """

    choices: dict[str, list[str]]
    estimates: list[float]
    stands: list[bool]
    factor: dict[str, str]
    outcome: dict[str, str]

    def __len__(self) -> int:
        return len(self.estimates)

    @cached_property
    def varied(self) -> dict[str, list[str]]:
        """The choices in which the ways differ, and their values that occur."""
        found = {
            choice: [value for value in known if value in self.choices[choice]] for choice, known in CHOICES.items()
        }
        return {choice: values for choice, values in found.items() if len(values) > 1}

    @cached_property
    def runs(self) -> dict[tuple[str, str], list[tuple[bool, int, int]]]:
        """Of each choice and value the ways that made it: neighbours in which the finding stands, or does not."""
        found: dict[tuple[str, str], list[tuple[bool, int, int]]] = {}
        for choice in self.varied:
            start = 0
            for (value, stands), same in groupby(zip(self.choices[choice], self.stands, strict=True)):
                end = start + sum(1 for _ in same)
                found.setdefault((choice, value), []).append((stands, start, end))
                start = end
        return found

    @cached_property
    def reported(self) -> int | None:
        """Position of the way of looking whose estimate the page shows."""
        wanted = {**REPORTED, "weights": "on" if "on" in self.choices["weights"] else "off"}
        ways = zip(*(self.choices[choice] for choice in wanted), strict=True)
        return next((place for place, way in enumerate(ways) if way == tuple(wanted.values())), None)

    def made(self, choice: str, value: str) -> list[bool]:
        """Of the ways that made a choice so, whether the finding stands in them."""
        return [stands for stands, one in zip(self.stands, self.choices[choice], strict=True) if one == value]


def draw_curve(finding: str, curve: Curve, factor: dict[str, str], outcome: dict[str, str]) -> Drawing | None:
    """Draw the specification curve of a finding in both languages.

    Parameters
    ----------
    finding : str
        Its id.
    curve : Curve
        Its ways of looking, in any order: the names of the choices, and of each way its choices, its estimate and
        whether the finding stands in it.
    factor, outcome : dict
        Their labels, 'vi' and 'en'.

    Returns
    -------
    Drawing or None
        Its `svg` and `alt` by language, and the numbers as csv in the order of the curve; None without any way. A
        choice that every way made alike is not drawn.
    """
    if not curve.ways:
        return None
    ways = _sorted(curve, factor, outcome)
    return drawing(finding, ways, title=_title, alt=_alt, svg=_svg, numbers=_numbers(ways))


def _sorted(curve: Curve, factor: dict[str, str], outcome: dict[str, str]) -> _Ways:
    told = zip(*(way.split("|") for way in curve.ways), strict=True)
    choices = dict(zip(curve.columns, map(list, told), strict=True))
    ranks = []
    for choice, known in CHOICES.items():
        order = {value: place for place, value in enumerate(known)}
        ranks.append([order.get(value, len(order)) for value in choices[choice]])
    keys = list(zip(curve.estimates, *ranks, strict=True))
    places = sorted(range(len(keys)), key=keys.__getitem__)
    return _Ways(
        {choice: [values[place] for place in places] for choice, values in choices.items()},
        [curve.estimates[place] for place in places],
        [curve.stands[place] for place in places],
        factor,
        outcome,
    )


def _title(ways: _Ways, language: str) -> str:
    return word("curve_title", language, factor=ways.factor[language], outcome=ways.outcome[language])


def _label(choice: str, value: str, language: str) -> str:
    return word(f"curve_{choice}_{value or 'alone'}", language)


def _count(stands: list[bool], key: str, language: str, **values: str) -> str:
    return word(key, language, stand=whole(sum(stands), language), of=whole(len(stands), language), **values)


def _alt(ways: _Ways, language: str) -> str:
    told = {
        "factor": ways.factor[language], "outcome": ways.outcome[language],
        "low": decimal(ways.estimates[0], language), "high": decimal(ways.estimates[-1], language),
    }  # fmt: skip
    if len(ways) == 1:
        return word("curve_alt_one", language, **told)
    parts = [_count(ways.stands, "curve_alt", language, **told)]
    for value, key in (("", "curve_alone"), ("others", "curve_together")):
        some = ways.made("given", value)
        if some:
            parts.append(f"{_count(some, key, language)}.")
    for choice, values in ways.varied.items():
        groups = [ways.made(choice, value) for value in values]
        shares = [sum(some) / len(some) for some in groups]
        if choice == "given" or max(shares) - min(shares) < TOLD:
            continue
        for value, some in zip(values, groups, strict=True):
            label = f"{word(f'curve_{choice}', language)}, {_label(choice, value, language)}"
            parts.append(_count(some, "curve_alt_choice", language, choice=label))
    return " ".join(parts)


def _numbers(ways: _Ways) -> str:
    columns = [range(1, len(ways) + 1), *(ways.choices[choice] for choice in CHOICES)]
    rows = zip(*columns, ways.estimates, map(int, ways.stands), strict=True)
    return table(["place", *CHOICES, "estimate", "stands"], rows)


def _svg(ways: _Ways, language: str) -> str:
    caption = textwrap.wrap(word("curve_caption", language), 46)
    top = len(caption) * LINE + 12
    ends = (min(0.0, ways.estimates[0]), max(0.0, ways.estimates[-1]))
    room = max(ends[1] - ends[0], 0.05)
    place = _Place(top, top + CURVE, ends[0] - room * 0.14, ends[1] + room * 0.06)
    height = place.bottom + sum(GAP + ROW * (1 + len(values)) for values in ways.varied.values()) + 6
    made = Sheet(height)
    made.text(EDGE, 2, caption, color=QUIET, spacing=1.25)
    _curve(made, ways, place, language)
    _matrix(made, ways, place.bottom, language)
    return made.svg


def _edges(count: int) -> list[float]:
    """Where across the share of each way in the right-hand column begins, and where the last one ends."""
    return [LEFT + number * (UNITS - EDGE - LEFT) / count for number in range(count + 1)]


def _curve(made: Sheet, ways: _Ways, place: _Place, language: str) -> None:
    zero, end = place.y(0.0), UNITS - EDGE
    made.lines([(LEFT, zero, end, zero)], color=QUIET, width=1)
    made.text(end, zero + 3, word("figure_zero", language), ha="right", color=QUIET)
    across = [(left + right) / 2 for left, right in pairwise(_edges(len(ways)))]
    down = [place.y(estimate) for estimate in ways.estimates]
    size = min(max(5200 / len(ways), 9), 30) ** 0.5
    # smaller as well as grey; a row of round ends is one shape, where dots are one for each way
    for stands in (False, True):
        dots = [(x, y, x, y) for x, y, one in zip(across, down, ways.stands, strict=True) if one == stands]
        colour, width = (ACCENT, size) if stands else (QUIET, size / 1.6)
        made.lines(dots, color=colour, width=width, cap="round", zorder=MARKS["lines"] + int(stands))
    here = ways.reported
    if here is not None:
        x, y = across[here], down[here]
        made.dots([x], [y], size=58, shape="D", fill="white", edge=INK, width=1.6, zorder=MARKS["letters"])
        value = word("curve_here", language, value=decimal(ways.estimates[here], language))
        made.text(x - 9, y - 2, value, va="bottom", ha="right", color=INK, weight="bold")
    _key(made, ways, place, language)


def _key(made: Sheet, ways: _Ways, place: _Place, language: str) -> None:
    """What the two kinds of dots are, and how many there are of each, in the column of words."""
    y = place.top + 20
    for stands, key in ((True, "curve_clear"), (False, "curve_not")):
        count = ways.stands.count(stands)
        if not count:
            continue
        colour = ACCENT if stands else QUIET
        lines = textwrap.wrap(word(key, language, count=whole(count, language)), LETTERS - 4)
        made.dots([EDGE + 4], [y + 8], size=34 if stands else 14, fill=colour, edge=colour, width=0)
        made.text(EDGE + 14, y, lines, color=colour, spacing=1.15)
        y += len(lines) * LINE + 4


def _matrix(made: Sheet, ways: _Ways, top: float, language: str) -> None:
    y, edges = top, _edges(len(ways))
    bars: dict[bool, list[Segment]] = {False: [], True: []}
    rules: list[Segment] = []
    for choice, values in ways.varied.items():
        y += GAP
        made.text(EDGE, y + ROW / 2, word(f"curve_{choice}", language), va="center", color=INK, weight="bold")
        y += ROW
        for value in values:
            middle = y + ROW / 2
            made.text(EDGE + 8, middle, _label(choice, value, language), va="center", color=QUIET)
            rules.append((LEFT, middle, UNITS - EDGE, middle))
            for stands, start, end in ways.runs[choice, value]:
                bars[stands].append((edges[start], middle, edges[end], middle))
            y += ROW
    made.lines(rules, color=QUIET_BAND, width=0.6, zorder=MARKS["bands"])
    for stands, segments in bars.items():
        made.lines(segments, color=ACCENT if stands else QUIET, width=MARK if stands else MARK / 2)
