"""All figures of a run, and the index by which pages find them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from cxlib.figures.change import draw_changes
from cxlib.figures.compare import label_of
from cxlib.figures.curve import draw_curve
from cxlib.figures.draw import draw_comparisons
from cxlib.figures.drawing import Drawing
from cxlib.figures.trends import draw_trends
from cxlib.findings.schema import Document, Finding
from cxlib.words import LANGUAGES

WAYS = ".ways"  # in the names of the files of a specification curve


@dataclass(frozen=True)
class Figures:
    """All figures of a run: the comparison of each finding, its curve over all ways of looking, and what changed."""

    drawings: tuple[Drawing, ...]
    curves: tuple[Drawing, ...] = ()
    changes: tuple[Drawing, ...] = ()
    trends: tuple[Drawing, ...] = ()

    def save(self, folder: Path) -> None:
        """Write the figures and their index below `folder`/figures.

        Parameters
        ----------
        folder : Path
            The run's folder. `<finding>.<language>.svg` and `<finding>.csv` hold the comparison,
            `<finding>.ways.<language>.svg` and `<finding>.ways.csv` the curve; changes and trends stand under their
            own names; index.json names them all.
        """
        target = Path(folder) / "figures"
        target.mkdir(parents=True, exist_ok=True)
        alone = (*self.drawings, *self.changes, *self.trends)
        index = {drawing.finding: _write(target, drawing, drawing.finding) for drawing in alone}
        for curve in self.curves:
            if curve.finding in index:
                index[curve.finding]["ways"] = _write(target, curve, curve.finding + WAYS)
        text = json.dumps(index, ensure_ascii=False, indent=1, sort_keys=True)
        (target / "index.json").write_text(text + "\n", encoding="utf-8", newline="\n")

    def _repr_html_(self) -> str:
        """How a notebook shows them: the captions, so that its output stays small."""
        drawn = (*self.drawings, *self.changes, *self.trends)
        items = "".join(f"<li>{_escaped(drawing.title['en'])}</li>" for drawing in drawn)
        return f"<ul>{items}</ul>"


def _write(target: Path, drawing: Drawing, name: str) -> dict:
    names = {language: f"{name}.{language}.svg" for language in LANGUAGES}
    for language, file in names.items():
        (target / file).write_text(drawing.svg[language], encoding="utf-8", newline="\n")
    (target / f"{name}.csv").write_text(drawing.csv, encoding="utf-8", newline="\n")
    return {"title": drawing.title, "alt": drawing.alt, "csv": f"{name}.csv", "svg": names}


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def draw(document: Document) -> Figures:
    """Draw every figure in both languages.

    Parameters
    ----------
    document : Document
        After the privacy door.

    Returns
    -------
    Figures
        In the order of the findings; a finding whose numbers are hidden has none, and one without ways of looking (a
        run of an earlier version) has no curve. Of each change what the door left of it.
    """
    drawn = (_curve(document, finding) for finding in document.findings)
    curves = tuple(curve for curve in drawn if curve is not None)
    return Figures(draw_comparisons(document), curves, draw_changes(document), draw_trends(document))


def _curve(document: Document, finding: Finding) -> Drawing | None:
    curve = finding.holds.curve
    if curve is None or finding.figure is None:
        return None
    return draw_curve(
        finding.id, curve, finding.factor.label.model_dump(), label_of(document.outcomes, finding.outcome)
    )
