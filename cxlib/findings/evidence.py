"""What changed, as findings.json writes it; `schema` holds the whole and is what others import."""

from __future__ import annotations

from typing import Literal

from cxlib.findings.measured import Both, Grade, Part


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
    relative: bool = False  # `points` are differences from the mean before: the level of a single place is not shown
    error: float | None = None
    df: float | None = None
    smallest_p: float | None = None  # the smallest that so few places could have given
    equivalence_p: float | None = None
    needed_units: int | None = None  # places in each group, where places are the limit
    paired_n: int | None = None  # people who answered both times
    pretrend: Measured | None = None  # the change among waves before the start
    same_mix: float | None = None  # the estimate with the mix of customers held the same
    caps: tuple[str, ...] = ()  # what lowered the grade, or must be told


class TrendPoint(Part):
    wave: str
    n: int | None
    mean: float | None
    low: float | None
    high: float | None
    part: int  # a higher part after a break: no line crosses it
    same_mix: float | None = None  # the mean at the same mix of customers in every wave
    same_mix_low: float | None = None
    same_mix_high: float | None = None


class Trend(Part):
    """One question, or one step of the journey, from wave to wave. `breaks` say what was changed, and from when."""

    measure: str
    kind: Literal["outcome", "factor", "step"]
    label: Both
    scale: tuple[int, int]
    points: tuple[TrendPoint, ...]
    breaks: tuple[Both, ...]
    figure: str | None
