"""What a small figure costs: seaborn's calls, matplotlib's axes, artists on the figure alone, and the way chosen.

The same marks and letters four times, as svg: six ranges, the line that joins six dots, their values and names; with
other numbers and words in each figure, as in a run. Processor milliseconds a figure, all in one run, so that the ratios
hold on a busy machine too.

Usage: python benchmarks/figures.py [--figures 60] [--run outputs/demo/latest] [--write]
"""

from __future__ import annotations

import argparse
import io
import platform
import warnings
from collections.abc import Callable
from datetime import date
from pathlib import Path
from time import process_time

import matplotlib
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import PathPatch
from matplotlib.path import Path as Shape
from matplotlib.text import Text
from matplotlib.transforms import Affine2D

from cxlib.figures.paper import INK, QUIET, QUIET_BAND, TEXT, UNITS, Sheet, style
from cxlib.figures.together import draw
from cxlib.findings.schema import Document

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs" / "speed.md"
BEGIN, END = "<!-- figures: begin -->", "<!-- figures: end -->"
HEIGHT = 140.0
ACROSS = [30.0, 90.0, 150.0, 210.0, 270.0, 330.0]
PLAIN = {"svg.fonttype": "none", "svg.hashsalt": "cx", "font.family": "DejaVu Sans", "font.size": TEXT}


def places(number: int) -> pd.DataFrame:
    """Six dots with their ranges, in units from the top, and what is written at them."""
    rng = np.random.default_rng(number)
    down = rng.uniform(50, 90, len(ACROSS))
    values = [f"{value:.2f}" for value in rng.uniform(1, 5, len(ACROSS))]
    names = [f"20{number % 100:02}-{quarter}" for quarter in range(len(ACROSS))]
    return pd.DataFrame({"x": ACROSS, "y": down, "value": values, "name": names})


def on_axes(shown: pd.DataFrame, marks: Callable) -> str:
    """A figure with axes that nobody sees; `marks` draws the line and the dots."""
    with matplotlib.rc_context(PLAIN), sns.axes_style("white", rc=PLAIN), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # seaborn's own, on this pandas
        figure = Figure(figsize=(UNITS / 72, HEIGHT / 72))
        FigureCanvasSVG(figure)
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set(xlim=(0, UNITS), ylim=(HEIGHT, 0), xticks=[], yticks=[], autoscale_on=False)
        axes.vlines(shown["x"], shown["y"] - 8, shown["y"] + 8, colors=QUIET_BAND, linewidth=14, zorder=1)
        marks(axes, shown)
        axes.text(4, 2, "average; scale 1 to 5", va="top", color=QUIET)
        for row in shown.itertuples():
            axes.text(row.x, row.y - 12, row.value, va="bottom", ha="center", color=INK)
            axes.text(row.x, 120, row.name, va="top", ha="center", color=INK)
        axes.set(xlim=(0, UNITS), ylim=(HEIGHT, 0), xlabel="", ylabel="")
        sns.despine(ax=axes, left=True, bottom=True)
        out = io.StringIO()
        figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None}, transparent=True)
    return out.getvalue()


def by_seaborn(shown: pd.DataFrame) -> str:
    """`lineplot` and `scatterplot`."""

    def marks(axes, shown):
        sns.lineplot(data=shown, x="x", y="y", color=INK, linewidth=1.2, ax=axes, zorder=2)
        sns.scatterplot(data=shown, x="x", y="y", s=20, color=INK, linewidth=0, legend=False, ax=axes, zorder=3)

    return on_axes(shown, marks)


def by_axes(shown: pd.DataFrame) -> str:
    """matplotlib's `plot` and `scatter`."""

    def marks(axes, shown):
        axes.plot(shown["x"], shown["y"], color=INK, linewidth=1.2)
        axes.scatter(shown["x"], shown["y"], s=20, color=INK, linewidth=0, zorder=3)

    return on_axes(shown, marks)


def by_artists(shown: pd.DataFrame) -> str:
    """The same artists on the figure itself, with matplotlib's own text and svg."""
    x, y = shown["x"].tolist(), shown["y"].tolist()
    with matplotlib.rc_context(PLAIN):
        figure = Figure(figsize=(UNITS / 72, HEIGHT / 72), dpi=72)
        FigureCanvasSVG(figure)
        ends = [point for across, down in zip(x, y, strict=True) for point in ((across, down - 8), (across, down + 8))]
        band = Shape(ends, [Shape.MOVETO, Shape.LINETO] * len(x))
        letters = [(4, 2, "average; scale 1 to 5", "top", "left")]
        for across, down, value, name in shown.itertuples(index=False):
            letters += [(across, down - 12, value, "bottom", "center"), (across, 120, name, "top", "center")]
        for artist in (
            PathPatch(band, fill=False, edgecolor=QUIET_BAND, linewidth=14),
            Line2D(x, y, color=INK, linewidth=1.2),
            Line2D(x, y, linestyle="none", marker="o", markersize=20**0.5, color=INK, markeredgewidth=0, zorder=3),
            *(Text(x, y, told, va=va, ha=ha, color=INK) for x, y, told, va, ha in letters),
        ):
            artist.set_transform(Affine2D().scale(1, -1).translate(0, HEIGHT))
            figure.add_artist(artist)
        out = io.StringIO()
        figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None}, transparent=True)
    return out.getvalue()


def by_sheet(shown: pd.DataFrame) -> str:
    """The way chosen."""
    x, y = shown["x"].tolist(), shown["y"].tolist()
    with style():
        made = Sheet(HEIGHT)
        made.bands([(across, down - 8, across, down + 8) for across, down in zip(x, y, strict=True)],
                   color=QUIET_BAND, width=14)  # fmt: skip
        made.line(x, y, color=INK, width=1.2)
        made.dots(x, y, size=20, fill=INK, edge=INK, width=0)
        made.text(4, 2, "average; scale 1 to 5", color=QUIET)
        for across, down, value, name in shown.itertuples(index=False):
            made.text(across, down - 12, value, va="bottom", ha="center", color=INK)
            made.text(across, 120, name, ha="center", color=INK)
        return made.svg


WAYS = {
    "seaborn's `lineplot` and `scatterplot`": by_seaborn,
    "matplotlib's axes, `plot` and `scatter`": by_axes,
    "matplotlib's artists on the figure, its own text and svg": by_artists,
    "the sheet (`cxlib.figures.paper`, `lean`)": by_sheet,
}


def measure(count: int) -> str:
    """A row a way, the ratio to the last one beside it; the ways take turns, so that all meet the same machine."""
    drawn = [places(number) for number in range(count + 1)]
    seconds = dict.fromkeys(WAYS, 0.0)
    letters = {}
    for number, shown in enumerate(drawn):
        for name, way in WAYS.items():
            begin = process_time()
            letters[name] = len(way(shown))
            seconds[name] += process_time() - begin if number else 0.0  # the first of each loads what it needs
    chosen = seconds[list(WAYS)[-1]]
    rows = ["| way | ms a figure | times the way chosen | bytes |", "|---|--:|--:|--:|"]
    for name in WAYS:
        rows.append(
            f"| {name} | {seconds[name] / count * 1000:.1f} | {seconds[name] / chosen:.1f} | {letters[name]:,} |"
        )
    return "\n".join(rows)


def whole(run: Path) -> str:
    """All figures of a run, from its findings."""
    document = Document.model_validate_json((run / "findings.json").read_bytes())
    taken = []
    for _ in range(4):
        begin = process_time()
        figures = draw(document)
        taken.append(process_time() - begin)
    drawn = (*figures.drawings, *figures.curves, *figures.changes, *figures.trends)
    pictures = sum(len(drawing.svg) for drawing in drawn)
    return (
        f"All {pictures} pictures of a run of the made-up client, words and numbers included: {min(taken):.2f} s "
        f"({taken[0]:.2f} s the first time)."
    )


def main() -> None:
    """Measure, print, and with --write put it into docs/speed.md."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--figures", type=int, default=60)
    asked.add_argument("--run", type=Path, help="a run's folder, to draw all of its figures too")
    asked.add_argument("--write", action="store_true")
    given = asked.parse_args()
    where = (
        f"{date.today().isoformat()}; one core ({platform.machine()}), other work beside it. Python "
        f"{platform.python_version()}, matplotlib {matplotlib.__version__}, seaborn {sns.__version__}."
    )
    parts = [where, *([whole(given.run)] if given.run else []), measure(given.figures)]
    text = "\n\n".join(parts)
    print(text)
    if given.write:
        head, _, rest = DOCS.read_text(encoding="utf-8").partition(BEGIN)
        DOCS.write_text(f"{head}{BEGIN}\n{text}\n{END}{rest.partition(END)[2]}", encoding="utf-8")


if __name__ == "__main__":
    main()
