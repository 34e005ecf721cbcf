"""The smallest numbers that may be shown (R7): set before the data is opened, raised at will, never lowered."""

from __future__ import annotations

from dataclasses import dataclass, fields

from cxlib.errors import Problem, RefusedError
from cxlib.params import model
from cxlib.params.model import Params

FLOORS = {
    "min_group": model.MIN_GROUP,
    "min_group_sensitive": model.MIN_GROUP_SENSITIVE,
    "min_comments": model.MIN_COMMENTS,
    "min_factor_pairs": model.MIN_FACTOR_PAIRS,
}


@dataclass(frozen=True)
class Limits:
    """Numbers of people below which nothing is shown.

    Attributes
    ----------
    min_group : int
        People behind any number.
    min_group_sensitive : int
        People behind a number of a group by a sensitive segment.
    min_comments : int
        Answers with a comment behind any quote.
    min_factor_pairs : int
        Answers with both factor and outcome behind an association.
    """

    min_group: int = model.MIN_GROUP
    min_group_sensitive: int = model.MIN_GROUP_SENSITIVE
    min_comments: int = model.MIN_COMMENTS
    min_factor_pairs: int = model.MIN_FACTOR_PAIRS

    def group(self, sensitive: bool) -> int:
        """The limit for a group of customers."""
        return max(self.min_group, self.min_group_sensitive) if sensitive else self.min_group


def set_limits(params: Params, **asked: int) -> Limits:
    """The limits in force: what is asked now, or what the parameters say where that is higher.

    Parameters
    ----------
    params : Params
        Holds the limits that were set before the data was opened.
    **asked : int
        `min_group`, `min_group_sensitive`, `min_comments`, `min_factor_pairs`.

    Returns
    -------
    Limits

    Raises
    ------
    RefusedError
        A limit below its floor, or no whole number; all of them at once.
    """
    problems = []
    for name, value in asked.items():
        floor = FLOORS[name]
        if isinstance(value, bool) or not isinstance(value, int) or value < floor:
            problems.append(
                Problem(
                    f"{name} is {value!r}; it must be a whole number of at least {floor}.",
                    f"privacy.{name}",
                    "leave it out, or raise it: these limits protect the people who answered and are never lowered",
                )
            )
    if problems:
        raise RefusedError(problems)
    written = {field.name: getattr(params.privacy, field.name) for field in fields(Limits)}
    return Limits(**{name: max(value, asked.get(name, value)) for name, value in written.items()})
