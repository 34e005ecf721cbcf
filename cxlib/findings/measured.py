"""The numbers of one finding, as findings.json writes them; `schema` holds the whole and is what others import."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

Grade = Literal["E0", "E1", "E2", "E3", "E4", "EN", "EX", "E-"]
ShapeKind = Literal["hurts_when_fails", "delights", "every_step", "flat", "unclear"]


class Part(BaseModel):
    model_config = ConfigDict(
        frozen=True, extra="forbid", allow_inf_nan=False, populate_by_name=True, serialize_by_alias=True
    )


class Both(Part):
    """A text in both languages."""

    vi: str
    en: str


class Association(Part):
    method: str
    estimate: float | None
    low: float | None
    high: float | None
    p: float | None
    q: float | None


class Measure(Part):
    """The same association by another method; `given` is empty, or `others`: the other factors held."""

    method: str
    given: Literal["", "others"]
    estimate: float | None
    low: float | None
    high: float | None


class Weight(Part):
    """A share of importance by another method, 0-1."""

    method: str
    share: float | None
    low: float | None
    high: float | None


class Importance(Part):
    """Share of R2, 0-1. `noise_high`: the upper end of the interval of an added random factor."""

    method: str
    share: float | None
    low: float | None
    high: float | None
    top3: float | None
    noise_high: float | None
    first: float | None = None
    others: tuple[Weight, ...] = ()


class Performance(Part):
    """`low_share`: share of ratings below the middle of the scale, 0-1."""

    mean: float | None
    low_share: float | None
    scale: tuple[int, int]


class Shape(Part):
    """Points of the outcome's scale: low ratings against middle ones, high against middle, given the other factors."""

    kind: ShapeKind
    penalty: float | None
    penalty_low: float | None
    penalty_high: float | None
    reward: float | None
    reward_low: float | None
    reward_high: float | None
    chance: float | None = None


class Slice(Part):
    """The association among one group or in one wave. `stands`: same sign and interval without zero."""

    key: str  # segment key; "" for a wave
    level: str
    label: Both
    n: int | None
    estimate: float | None
    low: float | None
    high: float | None
    stands: bool | None


class Pooled(Part):
    """The association over groups (or waves) taken as a sample of such groups, and what a further one may show.

    `beyond_chance`: share of the spread between groups that is more than chance (I2), 0-1.
    """

    estimate: float | None
    low: float | None
    high: float | None
    beyond_chance: float | None
    predict_low: float | None
    predict_high: float | None


class Difference(Part):
    """The test whether the association differs between the levels of a segment."""

    key: str
    label: Both
    p: float | None
    q: float | None
    differs: bool
    pooled: Pooled | None = None


class Specifications(Part):
    """In how many of the ways of looking the finding stands."""

    stand: int
    of: int


class Curve(Part):
    """Every way of looking at one finding, from the lowest association to the highest.

    `columns` names the choices of a way; the other three have one entry a way, `ways` its choices in that order, joined
    by "|".
    """

    columns: tuple[str, ...]
    ways: tuple[str, ...]
    estimates: tuple[float, ...]
    stands: tuple[bool, ...]


class Holds(Part):
    segments: tuple[Slice, ...]
    differences: tuple[Difference, ...]
    waves: tuple[Slice, ...]
    specifications: Specifications
    over_waves: Difference | None = None
    curve: Curve | None = None


class WithoutMood(Part):
    """The association net of the customer's own general level of marks; places among the factors of the outcome."""

    estimate: float | None
    low: float | None
    high: float | None
    place: int | None
    place_without: int | None
    changes: bool


class Unasked(Part):
    """How strong something that nobody asked about would have to be to account for the finding alone (E-value)."""

    ratio: float | None
    ratio_low: float | None


class Weighted(Part):
    """The association with and without weights, where these differ."""

    weighted: float | None
    unweighted: float | None
