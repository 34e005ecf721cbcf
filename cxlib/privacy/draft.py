"""What comes to the privacy door: a document, and the counts of people behind what it says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from cxlib.findings.schema import Both, Document
from cxlib.privacy.places import Cell


@dataclass(frozen=True)
class GroupCounts:
    """How many people stand behind the slices of one association.

    Attributes
    ----------
    total : int
        All of them, those without a group included.
    levels : mapping of str to int
        By group, or by wave.
    """

    total: int
    levels: Mapping[str, int]


@dataclass(frozen=True)
class CrossCounts:
    """People behind an association by two segments at once, so that groups inside groups are seen.

    Attributes
    ----------
    first, second : str
        Keys of segments; "" is the wave.
    cells : mapping of (str, str) to int
        Level of the first and of the second -> people; the level "" holds those without one.
    """

    first: str
    second: str
    cells: Mapping[tuple[str, str], int]


Table = tuple[str, str, str]  # factor, outcome, segment; segment "" is the table by wave


@dataclass(frozen=True)
class GroupText:
    """A sentence that speaks of single groups, to be replaced when one of them is hidden.

    Attributes
    ----------
    finding : str
        Id of the finding whose caveat it is; "" when it is an unknown of the document.
    text : Both
        The sentence as it stands in the document.
    table : Table
        The slices it speaks of.
    levels : tuple of str
        The groups it speaks of; empty when it speaks of all of them.
    instead : Both or None
        What to say when one of them is hidden; None: nothing.
    """

    finding: str
    text: Both
    table: Table
    levels: tuple[str, ...]
    instead: Both | None


@dataclass(frozen=True)
class Draft:
    """A document before the door.

    Attributes
    ----------
    document : Document
        Everything that would be said.
    groups : mapping of Table to GroupCounts
        People behind the slices of each finding, and behind sentences of groups elsewhere.
    crossed : mapping of (str, str) to tuple of CrossCounts
        Factor and outcome -> the same people by each two segments.
    sensitive : frozenset of str
        Segments whose groups need more people.
    quotes_from : mapping of str to mapping of str to int
        Finding id -> wave -> answers with a comment that speaks of the factor.
    ratings : mapping of str to (int, int)
        Finding id -> people who rated the factor below the middle of its scale, and all others who rated it.
    group_texts : tuple of GroupText
    change_texts : tuple of (Both, (str, str))
        Sentences of the document that hang on a change: the sentence, its action and its measure.
    places : mapping of (str, str) to mapping of (str, str) to int
        Action and measure of a change -> group and wave of each point of its figure -> places behind it.
    reach : tuple of Cell
        Which places and waves lie in the groups of which actions; empty where no unit is declared.
    """

    document: Document
    groups: Mapping[Table, GroupCounts] = field(default_factory=dict)
    crossed: Mapping[tuple[str, str], tuple[CrossCounts, ...]] = field(default_factory=dict)
    sensitive: frozenset[str] = frozenset()
    quotes_from: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    ratings: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    group_texts: tuple[GroupText, ...] = ()
    change_texts: tuple[tuple[Both, tuple[str, str]], ...] = ()
    places: Mapping[tuple[str, str], Mapping[tuple[str, str], int]] = field(default_factory=dict)
    reach: tuple[Cell, ...] = ()
