"""Pair what matters with what was done and with what changed: orphans and the loop."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from cxlib.findings.acting import Documented
from cxlib.findings.changes import Changes
from cxlib.findings.schema import Both, Loop, Orphan
from cxlib.params.model import Params
from cxlib.privacy.say import quoted, say


def orphans(documented: Documented, matter: set[str], state: Mapping[str, str], params: Params) -> tuple[Orphan, ...]:
    """Actions none of whose factors matters, and why not.

    Parameters
    ----------
    documented : Documented
    matter : set of str
        Factors that matter for an outcome.
    state : mapping of str to str
        Of each other factor: 'not_asked', 'few' or 'not_matter'.
    params : Params
    """
    found = []
    for action in documented.actions:
        if action.status == "none" or matter & set(action.factors):
            continue
        by_state: dict[str, list[str]] = {}
        for factor in action.factors:
            by_state.setdefault(state.get(factor, "not_asked"), []).append(factor)
        reasons = [
            say(f"orphan_{kind}", factors=quoted(params.factors[factor].label for factor in by_state[kind]))
            for kind in ("not_matter", "few", "not_asked")
            if kind in by_state
        ]
        why = Both(vi=" ".join(reason.vi for reason in reasons), en=" ".join(reason.en for reason in reasons))
        found.append(Orphan(action=action.id, why=why))
    return tuple(found)


def loop(documented: Documented, matter: Iterable[str], changes: Changes) -> Loop:
    """How much of what matters was acted on, counted over factors.

    Parameters
    ----------
    documented : Documented
    matter : iterable of str
        Factors that matter.
    changes : Changes
        A factor counts as measured when, after an action on it, this very factor was measured: whatever came of it,
        but not with too few answers.
    """
    factors = sorted(set(matter))
    acted = [factor for factor in factors if documented.for_factor(factor)]
    return Loop(
        matter=len(factors),
        with_action=len(acted),
        with_change_measured=sum(changes.measured(factor, documented.for_factor(factor)) for factor in acted),
    )
