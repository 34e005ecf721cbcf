"""Small counts in the account of rows and answers are told together with others, never alone."""

from __future__ import annotations

from collections.abc import Sequence

from cxlib.findings.schema import CellLine, LedgerLine
from cxlib.privacy.say import say
from cxlib.privacy.suppression import is_small

TOTALS = ("read", "kept")  # every row is in one of them; they are counts of all, not of a group


def merge_small(lines: Sequence[LedgerLine], limit: int, whole_rule: str) -> tuple[LedgerLine, ...]:
    """Lines of one sum, so that no count from 1 to `limit` - 1 can be read or had by subtraction.

    Parameters
    ----------
    lines : sequence of LedgerLine
        The parts of a sum whose total can be read elsewhere.
    limit : int
        The smallest number of people that may be shown.
    whole_rule : str
        The rule that stands for all of them, used when even their sum is too small.

    Returns
    -------
    tuple of LedgerLine
        Small lines are joined with each other, and with the next smallest until the sum may be shown. When all of
        them together are too few, one line is left that names no rule and no count.

    Notes
    -----
    Joining keeps the account adding up: a reader can still follow every row to one place.
    """
    small = [line for line in lines if is_small(line.count or 0, limit)]
    if not small:
        return tuple(lines)
    rest = sorted((line for line in lines if (line.count or 0) >= limit), key=lambda line: (line.count, line.rule))
    joined = list(small)
    while sum(line.count or 0 for line in joined) < limit and rest:
        joined.append(rest.pop(0))
    total = sum(line.count or 0 for line in joined)
    if total < limit:
        return (LedgerLine(rule="any", label=say(whole_rule), count=None, below=limit),)
    members = [line for line in lines if line in joined]
    label = members[0].label
    for line in members[1:]:
        label = say("rule_or", first=label, second=line.label)
    merged = LedgerLine(rule="+".join(line.rule for line in members), label=label, count=total)
    return tuple(merged if line is members[0] else line for line in lines if line is members[0] or line not in members)


def guard_rows(lines: Sequence[LedgerLine], limit: int) -> tuple[LedgerLine, ...]:
    """The account of rows: 'read' and 'kept' stay, small rules between them are joined."""
    read = [line for line in lines if line.rule == "read"]
    kept = [line for line in lines if line.rule == "kept"]
    rules = [line for line in lines if line.rule not in TOTALS]
    return (*read, *merge_small(rules, limit, "rule_any"), *kept)


def guard_cells(line: CellLine, limit: int) -> CellLine:
    """One question's account; the number of valid answers goes too when the others could be had from it."""
    reasons = merge_small(line.reasons, limit, "rule_any_cell")
    if any(reason.count is None for reason in reasons):
        return line.model_copy(update={"reasons": reasons, "valid": None})
    return line.model_copy(update={"reasons": reasons})
