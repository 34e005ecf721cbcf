"""What the method page tells, as findings.json writes it; `schema` holds the whole and is what others import."""

from __future__ import annotations

from typing import Literal

from cxlib.findings.measured import Association, Both, Grade, Importance, Part, Weighted


class Index(Part):
    """A whole-survey index of one outcome with its interval."""

    outcome: str
    kind: Literal["net_share", "mean"]
    n: int | None
    estimate: float | None
    low: float | None
    high: float | None


class ScoreNote(Part):
    """The indices as a footnote of the method page; never a heading."""

    text: Both
    indices: tuple[Index, ...]


class LedgerLine(Part):
    """People or answers under one rule. `count` is None when it is too small to show; then `below` says the limit."""

    rule: str
    label: Both
    count: int | None
    below: int | None = None


class CellLine(Part):
    """Answers of one question that turned missing, by reason, of `of` answers read.

    `valid` is None when it would tell how many turned missing and these are too few to show.
    """

    field: str
    label: Both
    of: int
    valid: int | None
    reasons: tuple[LedgerLine, ...]


class Mood(Part):
    """How much of all ratings is one general mood, and whether the order of the factors hangs on it."""

    outcome: str
    share: float | None
    changes: tuple[str, ...]


class Reliability(Part):
    """How far the ratings of one step measure one thing (alpha, omega: 0-1), and which do not belong."""

    step: str
    items: int
    n: int | None
    alpha: float | None
    alpha_low: float | None
    alpha_high: float | None
    omega: float | None
    omega_low: float | None
    omega_high: float | None
    odd: tuple[str, ...]


class StepWeight(Part):
    """The share of importance of all factors of a journey step together, 0-1."""

    outcome: str
    step: str
    share: float | None
    low: float | None
    high: float | None


class Family(Part):
    """Tests that were corrected together. `clear`: how many of them were below the limit."""

    name: Literal["associations", "given_others", "groups", "waves", "comparisons"]
    tests: int
    clear: int


class Test(Part):
    """One line of the table of every test made, whether it found something or not."""

    factor: str
    outcome: str
    n: int | None
    association: Association
    adjusted: Association
    importance: Importance
    detectable: float | None  # smallest correlation found with 80 % power at this n
    grade: Grade | None  # None: tested, not associated beyond chance
    matters: bool
    ruled_out: bool | None = None
    power: float | None = None
    weighted: Weighted | None = None
    design_effect: float | None = None


class Method(Part):
    """What the method page tells: rows in and out, and how the tests were made."""

    rows: tuple[LedgerLine, ...]
    cells: tuple[CellLine, ...]
    settings: dict[str, str | int | float | bool | None]
    tests: tuple[Test, ...]
    limits: tuple[Both, ...]
    mood: tuple[Mood, ...] = ()
    reliability: tuple[Reliability, ...] = ()
    steps: tuple[StepWeight, ...] = ()
    families: tuple[Family, ...] = ()
