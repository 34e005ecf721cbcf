"""What lowers a grade or must be told beside it: the log, the draw, the other actions, who answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from cxlib.actions import ActionRecord
from cxlib.change.case import Case
from cxlib.change.scope import Groups
from cxlib.change.survey import Survey, as_date, day_number, flat
from cxlib.change.timing import Timing

WORST = "worst"
CELLS = ("factors", "scope", "scope_chosen_by", "start", "starts", "full_effect", "direction", "comparison",
         "smallest_worthwhile", "drawn", "recorded_on", "status")  # fmt: skip
CROSSING = 0.05  # of the answers compared with, afterwards: from people who also answered where it was done
RESTATED = ("scope", "scope_chosen_by", "start", "starts", "full_effect", "direction", "comparison", "no_comparison",
            "smallest_worthwhile", "factors", "drawn")  # fmt: skip


@dataclass(frozen=True)
class Running:
    """Another action while this one ran: whom it reached, and between which days."""

    id: str
    factors: tuple[str, ...]
    acted: np.ndarray
    begins: tuple[int, ...]
    stop: int | None


def is_late(records: Sequence[ActionRecord], seen: date | None) -> bool:
    """Whether the action was recorded only after the first wave that could show its change had ended."""
    return seen is not None and records[0].recorded_on > seen


def is_rewritten(records: Sequence[ActionRecord], seen: date | None, restated: date | None = None) -> bool:
    """Whether what is tested was restated after the first wave that could show a change had ended.

    `restated` is the last day on which an old record was found changed.
    """
    if seen is None:
        return False
    if restated is not None and restated > seen:
        return True
    then = [record for record in records if record.recorded_on <= seen]
    if not then:
        return False
    return any(getattr(then[-1], name) != getattr(records[-1], name) for name in RESTATED)


def restated_on(history: Mapping[str, Any] | None) -> dict[str, date]:
    """Of each action whose old records were changed in what is tested: the last day on which that was found.

    Parameters
    ----------
    history : mapping or None
        history.json of a run. A change whose day nobody wrote down counts as found today, as it were: after all waves.
    """
    found: dict[str, date] = {}
    for note in (history or {}).get("notes", ()):
        before, now = note.get("cells_before") or {}, note.get("cells_now") or {}
        if not note.get("action") or all(before.get(name, "") == now.get(name, "") for name in CELLS):
            continue
        day = date.fromisoformat(note["seen_on"]) if note.get("seen_on") else date.max
        found[note["action"]] = max(day, found.get(note["action"], date.min))
    return found


def drawn_as_documented(record: ActionRecord) -> bool:
    """Whether chance chose: the draw on record gives the scope again, and was made before the action began."""
    if not record.is_drawn or record.drawn is None or record.start is None:
        return False
    return record.drawn.at[:10] <= record.start.isoformat()


def worst_wave(record: ActionRecord, waves: Sequence[str]) -> tuple[bool, int | None]:
    """Whether the scope is the worst places of a wave, and the place of that wave, if it is one of the survey's."""
    chosen = flat(record.scope_chosen_by)
    if not chosen.startswith(WORST):
        return False, None
    named = chosen.removeprefix(f"{WORST} in ").strip()
    places = {flat(wave): place for place, wave in enumerate(waves)}
    return True, places.get(named)


def overlaps(case: Case, survey: Survey, own: Running, others: Sequence[Running], *, compared: bool) -> bool:
    """Whether another action began or ended between the answers before and after, in places of this comparison.

    An action that reached everyone of both groups moved both alike, and does not count where they are compared.
    """
    early, late = ~case.late, case.late
    if not early.any() or not late.any():
        return False
    begin, end = int(survey.first[case.place[early]].min()), int(survey.last[case.place[late]].max())
    for other in others:
        if other.id == own.id:
            continue
        days = [*other.begins, *([] if other.stop is None else [other.stop])]
        if not any(begin < day <= end for day in days):
            continue
        reached = other.acted[case.place]
        if reached.any() and not (compared and reached.all()):
            return True
    return False


def running(record: ActionRecord, groups: Groups, timing: Timing) -> Running:
    """An action as the others see it."""
    begins = tuple(sorted(set(timing.starts.values()))) or (timing.start,)
    return Running(record.id, record.factors, groups.acted, begins, timing.stop)


def rivals(own: Running, others: Sequence[Running], role: str) -> list[Running]:
    """The actions that could move the same question: one factor in common, or any action for an outcome."""
    return [
        other for other in others if other.id != own.id and (role != "factor" or set(other.factors) & set(own.factors))
    ]


def spills(case: Case) -> bool:
    """Whether the same place serves both groups, or many of those compared with afterwards also met the action."""
    if len(case.straddling()):
        return True
    if case.person is None:
        return False
    compared = ~case.acted & case.late
    met = np.unique(case.person[case.acted & case.late & (case.person >= 0)])
    return bool(compared.any()) and float(np.isin(case.person[compared], met).mean()) > CROSSING


def first_seen(case: Case, survey: Survey) -> date | None:
    """The last day of the first wave with answers from after the start: from then on a result could be known."""
    waves = np.unique(case.wave[case.late & case.acted])
    if not waves.size:
        return None
    told = survey.wave_last[int(waves[0])]
    if told is not None:
        return told
    inside = case.wave == waves[0]
    return as_date(int(survey.last[case.place[inside]].max()))


def began_in(timing: Timing, survey: Survey) -> int:
    """The wave in which the action began."""
    return wave_of(timing.start, survey)


def wave_of(day: int, survey: Survey) -> int:
    """The first wave that ended on or after a day; one behind the last when there is none."""
    for place, last in enumerate(survey.wave_last):
        if last is not None and day_number(last) >= day:
            return place
    return len(survey.waves)
