"""findings.json, version 1: the contract between the analysis and the pages.

Every field is described in docs/findings.md. Numbers are rounded when they are written (`DECIMALS`), so that the
same inputs give the same bytes; a number that may not be shown is None, never NaN.
"""

from __future__ import annotations

from typing import Final, Literal

from pydantic import Field

from cxlib.findings.measured import (  # noqa: F401  (the whole schema is imported from here)
    Association,
    Both,
    Curve,
    Difference,
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

SCHEMA: Final = 1
DECIMALS = 4

Grade = Literal["E0", "E1", "E2", "E3", "E4", "EN", "EX", "E-"]
Status = Literal["planned", "doing", "done", "stopped", "none"]


class Rows(Part):
    """`in` rows were read; `in` = `kept` + `set_aside`."""

    read: int = Field(alias="in")
    kept: int
    set_aside: int


class FactorRef(Part):
    key: str
    label: Both
    step: str | None


class NoAction(Part):
    """Why nothing is done yet; both empty when nobody has written it down."""

    reason: Both | None
    decide_by: str | None


class Measured(Part):
    """A number with its likely range."""

    estimate: float | None
    low: float | None
    high: float | None


class Side(Part):
    """Mean of one group before or after, points of the question's scale; `n` people of `units` places."""

    n: int | None
    units: int | None
    mean: float | None
    low: float | None
    high: float | None


class ChangePoint(Part):
    """One point of the figure of a change, in points of the question's scale.

    `at` is a wave, and the estimate the mean of one group in it; of group 'event' it is the number of waves since the
    start ('-2', '0', '3'), and the estimate how much more the question had changed than where nothing was done yet.
    """

    group: Literal["acted", "others", "event"]
    at: str
    n: int | None
    estimate: float | None
    low: float | None
    high: float | None
    phase: Literal["before", "during", "after"]


class Change(Part):
    """The evidence of what changed in one question after one action.

    `measure` is the key of the factor acted on, or of an outcome; `role` says which of the three in their order.
    `estimate` is in points of the question's scale: the change, or where `compared`, how much more it changed than
    where nothing was done. `worthwhile`, `detectable` in the same points; `needed` is answers a wave in each group.
    `grade` None: there is nothing to measure yet (`reason`), and the sentence says why.
    """

    action: str
    measure: str
    role: Literal["factor", "loyalty", "referral"]
    label: Both
    method: str
    inference: str
    compared: bool
    drawn: bool
    estimate: float | None
    low: float | None
    high: float | None
    p: float | None
    grade: Grade | None
    reason: str
    sentence: Both
    could_see: Both | None  # said before the result: the smallest change that these answers could show
    caveats: tuple[Both, ...]
    before: Side | None
    after: Side | None
    others_before: Side | None
    others_after: Side | None
    waves_before: tuple[str, ...]
    waves_after: tuple[str, ...]
    worthwhile: float | None
    detectable: float | None
    needed: int | None
    drift: Measured | None
    looks: int
    figure: str | None
    points: tuple[ChangePoint, ...] = ()  # wave by wave, or by waves since the start; none where two sides say it all


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


class Scope(Part):
    """Where an action happens, counted and never listed. `units` of `of` units; `groups` names customer groups."""

    everyone: bool
    units: int | None
    of: int | None
    groups: tuple[Both, ...]


class Action(Part):
    """The latest state of a documented action; dates are ISO, `records` counts the lines of its history."""

    id: str
    factors: tuple[str, ...]
    what: Both
    owner_role: Both
    scope: Scope
    scope_chosen_by: str
    start: str | None
    due: str | None
    status: Status
    expected: Both | None
    smallest_worthwhile: float | None
    document: str | None
    decided_on: str | None
    stopped_because: Both | None
    recorded_on: str
    records: int
    comparison: Scope | None = None  # where it is not done, to compare with; None: everywhere else
    comparison_because: Both | None = None
    full_effect: str | None = None
    direction: Literal["up", "down"] = "up"
    look_on: tuple[str, ...] = ()
    also: Both | None = None
    decided_by: Both | None = None
    drawn_on: str | None = None  # the day of a draw that can be repeated from its seed
    unsaid: tuple[str, ...] = ()  # what the log does not say of it, by column
    change: tuple[Change, ...] = ()  # of every factor acted on, then loyalty, then referral


class Altered(Part):
    """A field of an action that a later record states otherwise; long texts whole, units counted and never listed."""

    field: Both
    before: Both | None
    after: Both | None


class Entry(Part):
    """One line of the action log, in the order in which it was recorded.

    `sealed` is 'edited', 'removed' or 'inserted' where the line is no more as an earlier run found it, and `seen_on`
    the day on which a run saw that.
    """

    action: str
    recorded_on: str
    status: Status
    what: Both
    altered: tuple[Altered, ...]
    sealed: Literal["", "edited", "removed", "inserted"] = ""
    seen_on: str | None = None


class Promise(Part):
    """What the company promised its customers."""

    id: str
    promise: Both
    written: bool
    channel: Both | None
    step: str | None
    factors: tuple[str, ...]


class TrendPoint(Part):
    wave: str
    n: int | None
    mean: float | None
    low: float | None
    high: float | None
    part: int  # a higher part after a break: no line crosses it


class Trend(Part):
    """One question, or one step of the journey, from wave to wave. `breaks` say what was changed, and from when."""

    measure: str
    kind: Literal["outcome", "factor", "step"]
    label: Both
    scale: tuple[int, int]
    points: tuple[TrendPoint, ...]
    breaks: tuple[Both, ...]
    figure: str | None


class Orphan(Part):
    """An action that answers no finding, and why not."""

    action: str
    why: Both


class Loop(Part):
    """The only headline: how much of what matters was acted on. Counted over factors, not findings."""

    matter: int
    with_action: int
    with_change_measured: int


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


class Suppressed(Part):
    what: Both
    why: Both


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


class Asked(Part):
    """An outcome or a factor as the page names it."""

    key: str
    label: Both
    step: str | None = None
    proxy_for: str | None = None


class Step(Part):
    key: str
    label: Both


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
