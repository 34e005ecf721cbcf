"""What the form asks of an action, in its order; nothing here draws a widget or reads a file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from cxlib.actions.records import DIRECTIONS, STATUSES
from cxlib.params.model import Params

Kind = Literal["line", "lines", "two_lines", "two_areas", "choice", "day", "days", "factors", "where", "chosen"]
CHOSEN = ("random", "worst", "volunteers", "everyone", "other")
WORST_IN = "worst in "


@dataclass(frozen=True)
class Field:
    """One thing the form asks; `column` is the log's. `choices` are (value, key of its words)."""

    column: str
    kind: Kind
    choices: tuple[tuple[str, str], ...] = ()


SECTIONS: dict[str, tuple[Field, ...]] = {
    "what": (
        Field("id", "line"),
        Field("factors", "factors"),
        Field("what", "two_areas"),
        Field("status", "choice", choices=tuple((name, f"form_status_{name}") for name in STATUSES)),
        Field("stopped_because", "two_areas"),
        Field("expected", "two_areas"),
        Field("direction", "choice", choices=tuple((name, f"form_direction_{name}") for name in DIRECTIONS)),
        Field("smallest_worthwhile", "line"),
    ),
    "who": (
        Field("owner_role", "two_lines"),
        Field("decided_by", "two_lines"),
        Field("decided_on", "day"),
        Field("document", "line"),
    ),
    "where": (
        Field("scope", "where"),
        Field("scope_chosen_by", "chosen"),
        Field("comparison", "where"),
        Field("comparison_because", "two_areas"),
        Field("starts", "lines"),
    ),
    "when": (
        Field("start", "day"),
        Field("full_effect", "day"),
        Field("due", "day"),
        Field("look_on", "days"),
        Field("also", "two_areas"),
    ),
}
FIELDS = {field.column: field for fields in SECTIONS.values() for field in fields}
HAS_HELP = frozenset(FIELDS) - {
    "status", "expected", "direction", "decided_on", "scope", "comparison", "comparison_because", "start",
}  # fmt: skip


def texts_of(cells: dict[str, str], column: str) -> tuple[str, str]:
    """A text of a row as the form shows it: Vietnamese, English; a language that repeats the other is empty.

    Examples
    --------
    >>> texts_of({"what": "Báo trước", "what_en": "Tell before"}, "what")
    ('Báo trước', 'Tell before')
    >>> texts_of({"what": "Tell before", "what_en": "Tell before"}, "what")
    ('', 'Tell before')
    """
    base, vi, en = (cells.get(name, "") for name in (column, f"{column}_vi", f"{column}_en"))
    if not vi:
        vi = base if base != en else ""
    elif not en and base != vi:
        en = base
    return vi, en


def text_cells(column: str, vi: str, en: str) -> dict[str, str]:
    """The cells of a text; `texts_of` gives the two back.

    Examples
    --------
    >>> text_cells("what", "", "Tell before")
    {'what': 'Tell before', 'what_vi': '', 'what_en': 'Tell before'}
    """
    return {column: vi or en, f"{column}_vi": "", f"{column}_en": en}


@dataclass(frozen=True)
class Places:
    """What a client's scope can name.

    Attributes
    ----------
    unit : str or None
        Column of the unit.
    groups : tuple of (str, str)
        (segment's key, value) of every segment whose values the parameters name.
    steps : tuple of str
    columns : dict
        Column or key -> 'unit' or the segment's key.
    """

    unit: str | None
    groups: tuple[tuple[str, str], ...]
    steps: tuple[str, ...]
    columns: dict[str, str]

    @classmethod
    def of(cls, params: Params) -> Places:
        """Those of the parameters."""
        from cxlib.actions.scope import ScopeReader

        groups = tuple((key, value) for key, segment in params.segments.items() for value in segment.values)
        return cls(params.unit, groups, tuple(params.steps), dict(ScopeReader(params).columns))

    def kinds(self, column: str) -> tuple[str, ...]:
        """What the field can be set to: for `scope` all first, for `comparison` the rest and nowhere."""
        first = ("all",) if column == "scope" else ("rest", "none")
        kinds = [*(["units"] if self.unit else []), *(["groups"] if self.groups else [])]
        steps = ["steps"] if self.steps and column == "scope" else []
        return (*first, *kinds, *steps, "written")

    def read(self, column: str, cell: str) -> tuple[str, tuple[str, ...]]:
        """A cell as kind and what it names; an empty one of the comparison is the rest.

        Examples
        --------
        >>> Places("store", (), (), {"store": "unit"}).read("scope", "store=S01;store=S02")
        ('units', ('S01', 'S02'))
        """
        if not cell:
            return ("", ()) if column == "scope" else ("rest", ())
        if cell.casefold() in {"all", "none"}:
            kind = cell.casefold()
            return (kind, ()) if kind in self.kinds(column) else ("written", (cell,))
        pairs = [tuple(part.strip() for part in pair.partition("=")) for pair in cell.split(";") if pair.strip()]
        keys = {self.columns.get(name, name) for name, _, _ in pairs}
        values = tuple(value for _, _, value in pairs)
        known = tuple((self.columns.get(name, name), value) for name, _, value in pairs)
        if keys == {"unit"}:
            return "units", values
        if keys == {"step"} and column == "scope" and set(values) <= set(self.steps):
            return "steps", values
        if known and set(known) <= set(self.groups):
            return "groups", tuple(f"{key}={value}" for key, value in known)
        return "written", (cell,)

    def write(self, kind: str, named: tuple[str, ...]) -> str:
        """The cell of a kind and what it names; `read` gives the two back."""
        if kind in ("", "rest"):
            return ""
        if kind in ("all", "none"):
            return kind
        before = {"units": f"{self.unit}=", "steps": "step="}.get(kind, "")
        return ";".join(before + name for name in named)
