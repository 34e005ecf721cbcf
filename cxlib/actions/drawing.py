"""Draw where an action happens, or in which order, from the units of the survey, and write the draw into the log."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from cxlib.actions.cells import near
from cxlib.actions.draw import LARGEST_SEED, Draw, drawn_starts, make_draw
from cxlib.actions.records import ActionLog, ActionRecord
from cxlib.actions.write import Cells, read_log_table, update_action
from cxlib.errors import DataError, ParamsError, Problem, RefusedError
from cxlib.params.model import Params

if TYPE_CHECKING:
    import pandas as pd

Conditions = Mapping[str, Sequence[str]]
WHY_VI = "Bốc thăm ngẫu nhiên; những nơi không trúng thăm để so sánh"
WHY_EN = "Drawn at random; those not drawn are there to compare with"


@dataclass(frozen=True)
class Drawn:
    """What was drawn, and the record that says so.

    Attributes
    ----------
    record : ActionRecord
        As it was written to the log.
    draw : Draw
    units : tuple of str
        For places the units drawn, by name; for an order in the order drawn.
    starts : tuple of (str, date)
        For an order: unit and first day.
    """

    record: ActionRecord
    draw: Draw
    units: tuple[str, ...]
    starts: tuple[tuple[str, date], ...]


def draw_action(
    params: Params,
    folder: Path,
    action: str,
    *,
    now: datetime,
    units: int | None = None,
    eligible: Conditions | None = None,
    starts: Sequence[date] = (),
    seed: int | None = None,
    again: str = "",
) -> Drawn:
    """Draw for an action, and put the draw into the log as a new record.

    Parameters
    ----------
    params : Params
    folder : Path
        The client's folder.
    action : str
        Id of an action that has not started.
    now : datetime
        With its time zone; its day there is the record's `recorded_on`.
    units : int, optional
        How many to draw: at least 1, and fewer than there are. By default half of them; of an order all.
    eligible : mapping, optional
        Column (the unit, a segment, `wave`) -> values; a unit is eligible when it has one of each. By default every
        unit that the answers name.
    starts : sequence of date
        Several first days: the order is drawn instead of the places.
    seed : int, optional
        0 to 2**63 - 1. By default one that nobody chose.
    again : str
        Why an action that was drawn is drawn again.

    Returns
    -------
    Drawn

    Raises
    ------
    RefusedError
        The action has started, was decided against or stopped, or was drawn already and no reason is given.
    ParamsError
        There is no such action, no unit, or one of the values is wrong; nothing is written.
    DataError
        The survey cannot be read.

    Notes
    -----
    The ratings are not looked at: of the answers only the names of units, their segments and waves are read.
    """
    today = now.date()
    log, table = read_log_table(params, folder)
    record = _state(log, action, table.name)
    days = tuple(sorted(set(starts)))
    _refuse(params, log, record, today, days, again)
    found = _eligible_units(params, folder, eligible or {})
    size = _size(len(found), units, days)
    if seed is not None and not 0 <= seed <= LARGEST_SEED:
        raise ParamsError("The seed is out of range.", "--seed", f"a whole number from 0 to {LARGEST_SEED}")
    because = again if log.draws(action) else ""
    draw, picked = make_draw(
        found.names, size, seed=secrets.randbelow(2**31) if seed is None else seed, at=now, dates=days, because=because
    )
    new = update_action(
        params,
        folder,
        action,
        _cells(params, record, draw, picked, found),
        today,
        drawn=draw.as_cell(),
        still=lambda log_now: _refuse(params, log_now, _state(log_now, action, table.name), today, days, again),
    )
    return Drawn(new, draw, picked if days else tuple(sorted(picked)), drawn_starts(draw))


@dataclass(frozen=True)
class _Found:
    """The units that can be drawn, of all that the answers name."""

    names: tuple[str, ...]
    of: int

    def __len__(self) -> int:
        return len(self.names)


def _state(log: ActionLog, action: str, where: str) -> ActionRecord:
    latest = log.latest()
    if action not in latest:
        how = near(action, list(latest)) if latest else "add it first: cx action add"
        raise ParamsError(f"There is no action '{action}'.", where, how)
    return latest[action][0]


def _refuse(
    params: Params, log: ActionLog, record: ActionRecord, today: date, days: tuple[date, ...], again: str
) -> None:
    """A draw is only worth anything before anything has happened, and once."""
    where = f"action {record.id}"
    if record.status != "planned" or (record.start is not None and record.start < today):
        raise RefusedError(
            f"The action '{record.id}' has started or was decided otherwise; what has happened cannot be drawn.",
            where,
            "draw before the first day of an action, while it is planned",
        )
    if log.draws(record.id) and not again.strip():
        raise RefusedError(
            f"The action '{record.id}' was drawn already; drawing until it pleases is no draw.",
            where,
            "keep that draw, or say with --again why it cannot be kept; the reason stays in the log",
        )
    problems = []
    if params.unit is None:
        problems.append(Problem("There are no units to draw from.", "params.yaml", "name the column: unit: store"))
    if record.start is None and not days:
        problems.append(Problem("The action has no first day.", where, "write it first: cx action update ... --start"))
    if days and days[0] < today:
        problems.append(Problem("A first day has passed already.", "--starts", "name days from today on"))
    if len(days) == 1:
        problems.append(Problem("An order needs two first days or more.", "--starts", "or leave --starts out"))
    if problems:
        raise ParamsError(problems)


def _eligible_units(params: Params, folder: Path, eligible: Conditions) -> _Found:
    from cxlib.cleaning import clean
    from cxlib.intake import read_responses

    answers = clean(read_responses(params, folder), params, **params.cleaning.model_dump()).answers
    return eligible_units(answers, params, eligible)


def eligible_units(answers: pd.DataFrame, params: Params, eligible: Conditions) -> _Found:
    """The units that meet every condition.

    Parameters
    ----------
    answers : DataFrame
        Cleaned answers; only `unit`, `wave` and the segments are looked at.
    params : Params
    eligible : mapping
        Column -> values.

    Raises
    ------
    ParamsError
        An unknown column or value, or a column that is no property of a unit.
    DataError
        No answer names a unit.
    """
    named = answers.loc[answers["unit"].notna()]
    every = sorted({str(unit) for unit in named["unit"]})
    if not every:
        raise DataError("No answer names a unit.", f"column {params.unit}", "look at unit: in params.yaml")
    keys = {key: key for key in ("unit", "wave", *params.segments)} | {str(params.unit): "unit"}
    keys |= {segment.column: key for key, segment in params.segments.items()}
    kept, problems = set(every), []
    for column, values in eligible.items():
        key = keys.get(column)
        if key is None:
            problems.append(Problem(f"The column '{column}' is not known.", "--eligible", near(column, list(keys))))
            continue
        levels = named[key].astype("string")
        unknown = [value for value in values if value not in set(levels.dropna())]
        if unknown:
            how = "write it as the answers do" if key == "unit" else near(unknown[0], sorted(set(levels.dropna())))
            problems.append(Problem(f"No answer has '{unknown[0]}' in '{column}'.", "--eligible", how))
        if key not in ("unit", "wave"):
            pairs = named.loc[levels.notna(), ["unit", key]].drop_duplicates()
            several = int(pairs.loc[pairs["unit"].duplicated(), "unit"].nunique())
            if several:
                what = f"'{column}' differs within {several} of {len(every)} units, so it tells no unit from another."
                problems.append(Problem(what, "--eligible", "name a column that has one value in each unit"))
        kept &= {str(unit) for unit in named.loc[levels.isin(list(values)), "unit"]}
    if problems:
        raise ParamsError(problems)
    wrong = [unit for unit in kept if ";" in unit]
    if wrong:
        raise ParamsError(
            "The name of a unit holds ';', which parts units in the log.", "the survey", "rename it there"
        )
    return _Found(tuple(sorted(kept)), len(every))


def _size(eligible: int, units: int | None, days: tuple[date, ...]) -> int:
    most = eligible if days else eligible - 1
    least = max(len(days), 1)
    size = (eligible if days else eligible // 2) if units is None else units
    if least <= size <= most:
        return size
    if most < least:
        how = "widen --eligible" if not days else "widen --eligible, or name fewer days"
        raise ParamsError(f"{eligible} eligible units are too few to draw from.", "--eligible", how)
    why = "each day needs one" if days else "one at least must be left to compare with"
    raise ParamsError(f"{size} units cannot be drawn from {eligible}.", "--units", f"from {least} to {most}: {why}")


def _cells(params: Params, record: ActionRecord, draw: Draw, picked: tuple[str, ...], found: _Found) -> Cells:
    """What the new record says otherwise than the one before."""
    name = str(params.unit)
    left = sorted(set(draw.eligible) - set(picked))
    starts = drawn_starts(draw)
    steps = [f"step={step}" for step in record.scope.steps]
    cells = {
        "scope": ";".join([*(f"{name}={unit}" for unit in sorted(picked)), *steps]),
        "scope_chosen_by": "random",
        # Units that could not be drawn are no fair comparison with those that were.
        "comparison": ";".join(f"{name}={unit}" for unit in left) if len(found) < found.of else "",
        "starts": ";".join(f"{unit}={day.isoformat()}" for unit, day in sorted(starts)),
    }
    if starts:
        cells["start"] = draw.dates[0].isoformat()
    if record.comparison_because is None and left:
        cells |= {"comparison_because_vi": WHY_VI, "comparison_because_en": WHY_EN}
    return cells
