"""What is told of trials in which one kind of input was changed at a time; `explain` makes them."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

from cxlib.errors import ParamsError
from cxlib.runs.causes import Kind
from cxlib.runs.comparison import Comparison

SWAPPED: dict[Kind, tuple[str, ...]] = {  # the parameters that go with files of a kind
    "data": ("data",),
    "actions": ("actions",),
    "lists": ("promises", "strategy"),
    "parameters": (),  # all others
}

Key = tuple[str, str, str]  # part, key of the finding, evidence or action, and what is different


@dataclass(frozen=True)
class Trial:
    """The first run made again with one kind of input taken from the second.

    Attributes
    ----------
    kind : str
    back : tuple of (part, key, what)
        The differences between the two runs that came back.
    failed : str
        Why it could not be made; "" when it was.
    """

    kind: Kind
    back: tuple[Key, ...]
    failed: str = ""


@dataclass(frozen=True)
class Explained:
    """What every kind does alone, and what is left over.

    Attributes
    ----------
    trials : tuple of Trial
    left : tuple of (part, key, what)
        Differences that came back in none of them.
    over : tuple of str
        Kinds that could not be tried (code, packages), for which they are left over.
    """

    trials: tuple[Trial, ...]
    left: tuple[Key, ...]
    over: tuple[Kind, ...]

    def as_dict(self) -> dict[str, Any]:
        """The fields, JSON-safe."""
        return json.loads(json.dumps(asdict(self)))


def differences(found: Comparison) -> tuple[Key, ...]:
    """Everything that is listed, by its key."""
    listed = [
        (part, item.key, item.what)
        for part, compared in (("findings", found.findings), ("evidence", found.evidence))
        for item in compared.different
    ]
    return (*listed, *(("actions", item.id, item.what) for item in found.actions))


def can_explain(found: Comparison) -> bool:
    """Whether there is anything to tell apart: a listed difference, and kinds that changed together."""
    together = any(len(cause.kinds) > 1 for cause in found.causes)
    return together and bool(differences(found)) and any(kind in SWAPPED for kind in found.changes.kinds)


def why_not(found: Comparison) -> ParamsError:
    """Why there is nothing to try, as the error that says so."""
    if not differences(found):
        return ParamsError(
            "Nothing is clearly different, so there is nothing to tell apart.", "--explain", "leave it out"
        )
    return ParamsError(
        "For every part there is one kind at most that it can come from, or none that can be tried again.",
        "--explain",
        "leave it out: the comparison says which",
    )
