"""Every code that holds for one result, from the log, the shape of the answers and who answered."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from cxlib.change import guards
from cxlib.change.acted import Acted
from cxlib.change.baseline import Baseline
from cxlib.change.case import Shape
from cxlib.change.codes import CAPS
from cxlib.change.survey import Survey

LOOKS = 2  # without a price; from the next on the limit is parted among them
FEW_UNITS = 5  # in the smaller group: below, only very large changes can show


def caps_of(
    state: Acted, shape: Shape, role: str, baseline: Baseline, states: Sequence[Acted], survey: Survey
) -> set[str]:
    """The codes that are known before anything is estimated.

    Parameters
    ----------
    state : Acted
    shape : Shape
    role : str
        factor, loyalty or referral.
    baseline : Baseline
    states : sequence of Acted
        All actions.
    survey : Survey
    """
    case, record = shape.whole, state.record
    seen = guards.first_seen(case, survey)
    units = case.units()
    ran = [other.seen for other in states if other.seen is not None]
    holds = {
        "late": guards.is_late(state.records, seen),
        "rewritten": guards.is_rewritten(state.records, seen, state.restated),
        "worst_baseline": baseline.worst,
        "break": baseline.broken,
        "volunteers": record.scope_chosen_by == "volunteers",
        "no_draw_record": record.scope_chosen_by == "random" and not state.drawn,
        "stopped_early": state.timing is not None and state.timing.stop is not None,
        "one_factor_of_many": len(record.factors) > 1 and role == "factor",
        "looks": len(case.waves(late=True)) > LOOKS,
        "few_units": shape.compared and case.unit is not None and 0 < _smaller(units) < FEW_UNITS,
        "spill": shape.compared and guards.spills(case),
        "overlap": state.seen is not None
        and guards.overlaps(case, survey, state.seen, guards.rivals(state.seen, ran, role), compared=shape.compared),
    }
    return {code for code, true in holds.items() if true}


def _smaller(units: tuple[int, int]) -> int:
    """Units of the smaller group; those of a roll-out that reaches everyone in the end are all in one."""
    return min(units) if units[1] else units[0]


def in_order(caps: Iterable[str]) -> str:
    """Codes as change.csv holds them."""
    chosen = set(caps)
    return ";".join(code for code in CAPS if code in chosen)
