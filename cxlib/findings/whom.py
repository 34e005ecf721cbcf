"""For whom a finding holds: one short sentence a segment, and never a difference without the test of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from cxlib.findings.groups import segment_label
from cxlib.findings.numbers import Pair
from cxlib.findings.schema import Both, Difference, Holds, Slice
from cxlib.params.model import Params
from cxlib.privacy.draft import GroupText
from cxlib.privacy.say import quoted, say


@dataclass(frozen=True)
class Whom:
    """The sentences of one finding, and which of them name groups."""

    texts: tuple[Both, ...]
    of_groups: tuple[GroupText, ...]


def for_whom(pair: Pair, holds: Holds, params: Params) -> Whom:
    """Where it is clearest, where it was not seen, and by which segments no group stands apart.

    Notes
    -----
    Groups are named only where the test says that the segment's groups differ. Segments are those the parameters name
    as groups of customers; a unit is none of them.
    """
    known = {
        item.key: enough(tuple(part for part in holds.segments if part.key == item.key), params)
        for item in holds.differences
    }
    looked = [item for item in holds.differences if item.q is not None and len(known[item.key]) > 1]
    named = tuple(_named(pair, item, known[item.key], params) for item in looked if item.differs)
    alike = [item.key for item in looked if not item.differs]
    everywhere = [key for key in alike if all(item.stands for item in known[key])]
    return Whom((*(item.text for item in named), *_alike(alike, everywhere, bool(named), params)), named)


def enough(items: tuple[Slice, ...], params: Params) -> list[Slice]:
    """Slices of enough people to speak of by name."""
    return [item for item in items if item.stands is not None and (item.n or 0) >= params.privacy.min_factor_pairs]


def _alike(alike: list[str], everywhere: list[str], others_differ: bool, params: Params) -> Iterator[Both]:
    unseen = [key for key in alike if key not in everywhere]
    if everywhere:
        whole = not unseen and not others_differ
        yield say(
            "whom_every" if whole else "whom_every_by",
            segments=quoted(segment_label(params, key) for key in everywhere),
        )
    if unseen:
        yield say("whom_even", segments=quoted(segment_label(params, key) for key in unseen))


def _named(pair: Pair, difference: Difference, known: list[Slice], params: Params) -> GroupText:
    seen = [item for item in known if item.stands]
    others = [item for item in known if not item.stands]
    name = segment_label(params, difference.key)
    kind = "some" if seen and others else "all" if seen else "none"
    most = [item for item in seen if kind == "all" and _stands_out(item, seen)]
    text = say(
        "whom_most" if most else f"whom_{kind}",
        segment=name,
        groups=quoted(item.label for item in most or seen),
        others=quoted(item.label for item in others),
    )
    return GroupText(
        finding=pair.id,
        text=text,
        table=(pair.factor, pair.outcome, difference.key),
        levels=tuple(item.level for item in known),
        instead=say("whom_hidden", segment=name),
    )


def _stands_out(item: Slice, among: list[Slice]) -> bool:
    """Whether a group's likely range lies beyond those of all the others, away from zero."""
    lowest = min(abs(item.low or 0), abs(item.high or 0))
    return all(lowest > max(abs(other.low or 0), abs(other.high or 0)) for other in among if other is not item)
