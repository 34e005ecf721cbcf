"""findings.json, version 1: the contract between the analysis and the pages.

Every field is described in docs/findings.md. Numbers are rounded when they are written (`DECIMALS`), so that the
same inputs give the same bytes; a number that may not be shown is None, never NaN. The parts lie in modules by topic
(`measured`, `evidence`, `acted`, `told`); the whole is imported from here.
"""

from __future__ import annotations

from typing import Final, Literal

from pydantic import Field

from cxlib.findings.acted import (  # noqa: F401
    Action,
    Altered,
    Entry,
    Loop,
    NoAction,
    Orphan,
    Promise,
    Scope,
    Status,
)
from cxlib.findings.evidence import (  # noqa: F401
    Change,
    ChangePoint,
    Measured,
    Side,
    Trend,
    TrendPoint,
)
from cxlib.findings.measured import (  # noqa: F401
    Association,
    Both,
    Curve,
    Difference,
    Grade,
    Holds,
    Importance,
    Measure,
    Part,
    Performance,
    Pooled,
    Shape,
    ShapeKind,
    Slice,
    Specifications,
    Unasked,
    Weight,
    Weighted,
    WithoutMood,
)
from cxlib.findings.told import (  # noqa: F401
    CellLine,
    Family,
    Index,
    LedgerLine,
    Method,
    Mood,
    Reliability,
    ScoreNote,
    StepWeight,
    Test,
)

SCHEMA: Final = 1
DECIMALS = 4


class Rows(Part):
    """`in` rows were read; `in` = `kept` + `set_aside`."""

    read: int = Field(alias="in")
    kept: int
    set_aside: int


class FactorRef(Part):
    key: str
    label: Both
    step: str | None


class Quote(Part):
    text: str
    wave: str


class Finding(Part):
    """A factor that matters for an outcome, its sentence, its actions and their evidence. `id` is factor.outcome."""

    id: str
    factor: FactorRef
    outcome: str
    n: int | None
    association: Association
    adjusted: Association
    importance: Importance
    performance: Performance
    shape: Shape
    holds: Holds
    grade: Grade
    sentence: Both
    caveats: tuple[Both, ...]
    figure: str | None
    heard: tuple[Quote, ...]
    actions: tuple[str, ...]
    no_action: NoAction | None
    change: tuple[Change, ...]
    whom: tuple[Both, ...] = ()
    by_other_methods: tuple[Measure, ...] = ()
    without_mood: WithoutMood | None = None
    unasked: Unasked | None = None
    weighted: Weighted | None = None


class Neighbours(Part):
    """Two findings of one outcome that follow each other on the page, and whether a test tells them apart.

    `clear`: the first goes together with the outcome clearly `more` or `less` than the second, or it is `no`: not
    clear. `difference` is of the two associations, without their signs.
    """

    outcome: str
    first: str
    second: str
    difference: float | None
    low: float | None
    high: float | None
    q: float | None
    clear: Literal["more", "less", "no"]


class Suppressed(Part):
    what: Both
    why: Both


class Asked(Part):
    """An outcome or a factor as the page names it."""

    key: str
    label: Both
    step: str | None = None
    proxy_for: str | None = None


class Step(Part):
    key: str
    label: Both


class Document(Part):
    """The whole of findings.json."""

    schema_version: Literal[1] = Field(default=SCHEMA, alias="schema")
    client: str
    title: Both
    made_up: bool
    run: str  # fingerprint of inputs, parameters and code: the same for the same
    question: str
    made_on: str  # the latest date that the inputs know (answers, action log), not the clock
    language_default: Literal["vi", "en"]
    waves: tuple[str, ...]
    rows: Rows
    steps: tuple[Step, ...]
    outcomes: tuple[Asked, ...]
    factors: tuple[Asked, ...]
    findings: tuple[Finding, ...]
    actions: tuple[Action, ...]
    orphan_actions: tuple[Orphan, ...]
    unknowns: tuple[Both, ...]
    loop: Loop
    score_note: ScoreNote
    suppressed: tuple[Suppressed, ...]
    method: Method
    neighbours: tuple[Neighbours, ...] = ()
    decide_next: tuple[Both, ...] = ()  # what has to be decided, the most pressing first
    ask_next: tuple[Both, ...] = ()  # promises, factors and actions that do not meet
    retire: tuple[Both, ...] = ()  # questions that serve nothing, or that nobody acts on
    history: tuple[Entry, ...] = ()
    history_changed: bool = False  # an old record was edited or removed
    promises: tuple[Promise, ...] = ()
    trends: tuple[Trend, ...] = ()
