"""What a reader must know of the order of the findings: which neighbours a test tells apart, and which not."""

from __future__ import annotations

from dataclasses import dataclass

from cxlib.findings.schema import Document, Neighbours
from cxlib.views.say import Said, count, said, say


@dataclass(frozen=True)
class Order:
    """One plain sentence, and one line a pair of neighbours."""

    sentence: Said
    lines: tuple[Said, ...]


def tell_order(document: Document) -> Order | None:
    """None where no two findings were compared."""
    pairs = document.neighbours
    if not pairs:
        return None
    clear = sum(pair.clear != "no" for pair in pairs)
    sentence = say("page_neighbours" if clear else "page_neighbours_none", clear=count(clear), of=count(len(pairs)))
    return Order(sentence, tuple(_line(document, pair) for pair in pairs))


def _line(document: Document, pair: Neighbours) -> Said:
    names = {item.key: said(item.label) for item in (*document.factors, *document.outcomes)}
    return say(
        f"page_clear_{pair.clear}",
        outcome=names.get(pair.outcome, said(pair.outcome)),
        first=names.get(pair.first, said(pair.first)),
        second=names.get(pair.second, said(pair.second)),
    )
