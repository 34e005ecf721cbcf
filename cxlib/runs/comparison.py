"""What two runs tell differently, as data: `compare` finds it, pages and commands tell it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, Literal

from pydantic import BaseModel

from cxlib.findings.schema import Both
from cxlib.runs.causes import Cause, Changes

How = Literal["sign", "zero", "apart", "outside", "shown", "hidden"]


@dataclass(frozen=True)
class Numbers:
    """An estimate with its likely range."""

    estimate: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Moved:
    """A number that is clearly not where it was.

    Attributes
    ----------
    measure : str
        'association', 'adjusted' (the other factors held), or 'change' (after an action).
    how : str
        'sign': it turned; 'zero': it turned, and both likely ranges hold zero, so that neither was clear; 'apart': the
        two likely ranges have nothing in common; 'outside': they overlap, and each number lies outside the other's
        range; 'shown', 'hidden': a number in one run only.
    """

    measure: Literal["association", "adjusted", "change"]
    how: How
    before: Numbers
    after: Numbers


@dataclass(frozen=True)
class Difference:
    """A finding, or the evidence of one action for one question, that is not the same in both runs.

    Attributes
    ----------
    key : str
        factor.outcome, or action.measure.
    what : str
        'appeared' (only in the second run), 'went' (only in the first), 'changed'.
    of, on : Both
        The factor and the outcome; the action and the question.
    grades : tuple
        In the first run and in the second; None where there is none.
    other : str
        For what appeared or went: how it stands in the other run, as a code ('not', 'few', 'ruled_out', 'associated',
        'not_asked'; of an action why there is nothing to measure).
    told : Both or None
        The same in that run's own sentence, where it has one.
    """

    key: str
    what: Literal["appeared", "went", "changed"]
    of: Both
    on: Both
    grades: tuple[str | None, str | None]
    moved: tuple[Moved, ...] = ()
    other: str = ""
    told: Both | None = None

    @property
    def regraded(self) -> bool:
        """Whether the grade differs."""
        return self.what == "changed" and self.grades[0] != self.grades[1]


@dataclass(frozen=True)
class Compared:
    """Findings, or evidence: what is clearly different is listed, mere shifts within likely ranges are counted."""

    different: tuple[Difference, ...]
    shifted: int
    same: int

    @property
    def any(self) -> bool:
        return bool(self.different or self.shifted)


@dataclass(frozen=True)
class Field:
    """A field of an action in both runs; values that are no single date, number or word are left out."""

    name: str
    before: str | float | Both | None = None
    after: str | float | Both | None = None


@dataclass(frozen=True)
class ActionDifference:
    """An action that was added, is gone, or is described otherwise."""

    id: str
    what: Literal["added", "gone", "altered"]
    text: Both
    altered: tuple[Field, ...] = ()


@dataclass(frozen=True)
class Side:
    """One of the two runs."""

    run: str
    started: str
    made_on: str
    fingerprint: str
    rows: dict[str, int]
    waves: tuple[str, ...]
    loop: dict[str, int]
    history_changed: bool


@dataclass(frozen=True)
class Comparison:
    """Two runs of one client.

    Attributes
    ----------
    rows_told : bool
        Whether the numbers of answers may stand beside each other: equal, or different by no mere handful.
    asked_before, asked_after : tuple of Both
        Questions of one run only.
    changes : Changes
        What differs between their inputs.
    causes : tuple of Cause
        For each part that differs, where that comes from.
    """

    client: str
    title: Both
    made_up: bool
    language: Literal["vi", "en"]
    before: Side
    after: Side
    rows_told: bool
    asked_before: tuple[Both, ...]
    asked_after: tuple[Both, ...]
    findings: Compared
    evidence: Compared
    actions: tuple[ActionDifference, ...]
    changes: Changes
    causes: tuple[Cause, ...]

    @property
    def differs(self) -> bool:
        """Whether anything that the runs tell is different."""
        return bool(self.causes)

    def as_dict(self) -> dict[str, Any]:
        """The fields, JSON-safe."""
        return _plain(self)


def _plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if is_dataclass(value):
        return {item.name: _plain(getattr(value, item.name)) for item in fields(value)}
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    return value
