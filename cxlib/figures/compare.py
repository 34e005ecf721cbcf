"""What a figure compares: the association of one finding's factor beside the factors of its step."""

from __future__ import annotations

from dataclasses import dataclass

from cxlib.findings.schema import Asked, Document, Finding
from cxlib.words import decimal, interval, word


@dataclass(frozen=True)
class Line:
    """One factor in a figure; the numbers are None when they may not be shown."""

    key: str
    label: dict[str, str]
    n: int | None
    estimate: float | None
    low: float | None
    high: float | None
    this: bool

    @property
    def hidden(self) -> bool:
        return self.estimate is None or self.low is None or self.high is None


@dataclass(frozen=True)
class Comparison:
    """The lines of one figure, in the order of the questionnaire and never by size."""

    finding: str
    outcome: dict[str, str]
    lines: tuple[Line, ...]

    @property
    def this(self) -> Line:
        return next(line for line in self.lines if line.this)

    def title(self, language: str) -> str:
        """The caption."""
        return word("figure_title", language, factor=self.this.label[language], outcome=self.outcome[language])

    def alt(self, language: str) -> str:
        """The whole figure in words."""
        shown = [line for line in self.lines if not line.hidden]
        start = "figure_alt_start" if len(shown) > 1 else "figure_alt_start_1"
        parts = [word(start, language, count=len(shown), outcome=self.outcome[language])]
        for line in sorted(self.lines, key=lambda line: not line.this):
            label = line.label[language]
            if line.hidden:
                parts.append(word("figure_alt_hidden", language, factor=label))
                continue
            key = "figure_alt_this" if line.this else "figure_alt_other"
            numbers = {
                "value": decimal(line.estimate, language),
                "range": interval(line.low, line.high, language),
            }
            parts.append(word(key, language, factor=label, **numbers))
        return " ".join(parts)


def label_of(asked: tuple[Asked, ...], key: str) -> dict[str, str]:
    """The label of an outcome or factor; its key when the document does not name it."""
    for item in asked:
        if item.key == key:
            return {"vi": item.label.vi, "en": item.label.en}
    return {"vi": key, "en": key}


def compare(document: Document, finding: Finding) -> Comparison | None:
    """The figure's lines: the factors of the same step, or all factors when the step has only this one.

    Parameters
    ----------
    document : Document
    finding : Finding

    Returns
    -------
    Comparison or None
        None when the finding's own numbers may not be shown.
    """
    step = {asked.key: asked.step for asked in document.factors}
    of_outcome = {test.factor: test for test in document.method.tests if test.outcome == finding.outcome}
    order = [asked.key for asked in document.factors if asked.key in of_outcome]
    near = [key for key in order if finding.factor.step is not None and step[key] == finding.factor.step]
    keys = near if len(near) > 1 else order
    if finding.factor.key not in keys:
        keys = [*keys, finding.factor.key]
    lines = []
    for key in keys:
        this = key == finding.factor.key
        source = finding if this else of_outcome[key]
        numbers = source.association
        label = finding.factor.label.model_dump() if this else label_of(document.factors, key)
        lines.append(Line(key, label, source.n, numbers.estimate, numbers.low, numbers.high, this))
    comparison = Comparison(finding.id, label_of(document.outcomes, finding.outcome), tuple(lines))
    return None if comparison.this.hidden else comparison


def limits(comparisons: list[Comparison]) -> tuple[float, float]:
    """One horizontal range for all figures of a page, so that they can be compared by eye.

    Returns
    -------
    tuple of float
        Holds zero and every interval, widened to the next tenth.
    """
    ends = [0.0]
    for comparison in comparisons:
        for line in comparison.lines:
            ends += [end for end in (line.low, line.high) if end is not None and not line.hidden]
    low, high = min(ends), max(ends)
    return (-(-low // -0.1) * -0.1 if low < 0 else 0.0), min(1.0, (high // 0.1 + 1) * 0.1)
