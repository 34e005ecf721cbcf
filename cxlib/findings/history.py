"""The action log as a timeline: every record in the order in which it was made, and what was altered since the last.

Units are counted and never listed, also where a record of an earlier day is told again.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal, cast, get_args

from cxlib.actions import ActionLog, ActionRecord, ScopeRule, TwoTexts
from cxlib.actions.chain import RUN_FILE
from cxlib.findings.acting import Places, both
from cxlib.findings.schema import Altered, Both, Entry, Status
from cxlib.params.model import Params
from cxlib.privacy.say import day, quoted, say
from cxlib.words import decimal, word

Sealed = Literal["", "edited", "removed", "inserted"]

# What a reader sees of a record, in this order; the draw follows the scope that it made.
FIELDS = (
    "what", "factors", "status", "owner_role", "scope", "scope_chosen_by", "drawn", "start", "starts", "full_effect",
    "due", "expected", "direction", "smallest_worthwhile", "comparison", "comparison_because", "look_on", "also",
    "document", "decided_on", "decided_by", "stopped_because",
)  # fmt: skip
_STATUS_WORDS: Mapping[str, str] = {name: f"st_{name}" for name in get_args(Status)} | {"stopped": "history_stopped"}


@dataclass(frozen=True)
class Noted:
    """A change of the log's past that a run noticed, as `cxlib.actions` tells it."""

    kind: str
    action: str
    recorded_on: str
    cells_before: Mapping[str, str] | None
    cells_now: Mapping[str, str] | None
    seen_on: str | None


def read_history(folder: Path) -> Mapping[str, Any]:
    """history.json of a run: what it saw of the log's past; empty for a run that looked at none.

    Parameters
    ----------
    folder : Path
        The run's folder.
    """
    path = Path(folder) / RUN_FILE
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def chain_gaps(notes: Iterable[Noted]) -> tuple[Both, ...]:
    """What is not known because the record of the log's past was itself cut or edited."""
    kinds = dict.fromkeys(note.kind for note in notes if not note.action)
    return tuple(say(f"history_chain_{'edited' if kind == 'edited' else 'removed'}") for kind in kinds)


def history(log: ActionLog, notes: Iterable[Noted], params: Params, places: Places) -> tuple[Entry, ...]:
    """Every record of the log, oldest first, with those that were removed since.

    Parameters
    ----------
    log : ActionLog
    notes : iterable of Noted
        Changes of the log's past.
    params : Params
    places : Places
        Tells which values are units.

    Returns
    -------
    tuple of Entry
        By the day of the record; of one day in the order of the file.
    """
    teller = _Teller(params, places)
    notes = [note for note in notes if note.action]
    entries: list[tuple[str, int, Entry]] = []
    before: dict[str, ActionRecord] = {}
    open_ = [note for note in notes if note.kind != "removed"]
    for place, record in enumerate(log.records):
        note = _of(record, open_)
        altered = tuple(teller.against(before.get(record.id), record))
        if note is not None:
            open_.remove(note)
            if note.kind == "edited":
                altered = (*teller.edited(note.cells_before or {}, note.cells_now or {}), *altered)
        entry = Entry(
            action=record.id,
            recorded_on=record.recorded_on.isoformat(),
            status=record.status,
            what=Both(vi=record.what.vi, en=record.what.en),
            altered=altered,
            sealed=cast(Sealed, note.kind) if note is not None else "",
            seen_on=note.seen_on if note is not None else None,
        )
        entries.append((entry.recorded_on, place, entry))
        before[record.id] = record
    gone = [note for note in notes if note.kind == "removed"]
    entries += [(note.recorded_on, len(entries) + place, teller.removed(note)) for place, note in enumerate(gone)]
    return tuple(entry for *_, entry in sorted(entries, key=lambda item: item[:2]))


def _of(record: ActionRecord, notes: list[Noted]) -> Noted | None:
    """The latest note that speaks of this very record."""
    fits = [
        note
        for note in notes
        if note.action == record.id
        and note.recorded_on == record.recorded_on.isoformat()
        and (note.cells_now or {}).get("status", record.status).casefold() == record.status
    ]
    return fits[-1] if fits else None


class _Teller:
    """Fields of a record in words."""

    def __init__(self, params: Params, places: Places) -> None:
        self.params, self.places = params, places
        self.unit_columns = {"unit", *([params.unit] if params.unit is not None else [])}

    def against(self, before: ActionRecord | None, now: ActionRecord) -> Iterator[Altered]:
        """What a record states otherwise than the one before it; nothing of the first."""
        if before is None:
            return
        for name in FIELDS:
            old, new = getattr(before, name), getattr(now, name)
            if old == new:
                continue
            one, two = self.told(name, before), self.told(name, now)
            if one == two and one is not None:
                two = self.others(name, now) or two
            if one != two:
                yield Altered(field=say(f"history_field_{name}"), before=one, after=two)

    def told(self, name: str, record: ActionRecord) -> Both | None:
        """A field as a reader sees it; None when nothing stands there."""
        value = getattr(record, name)
        if name == "comparison":
            return say("history_nowhere") if record.no_comparison else self._rule(value) or say("history_elsewhere")
        if name == "starts":
            return self._starts(value, "history_starts")
        if name == "drawn":
            return None if value is None else say("history_drawn", units=value.size, date=day(value.at[:10]))
        return None if value in (None, "", ()) else self._plain(name, value)

    def _plain(self, name: str, value: object) -> Both:
        if isinstance(value, TwoTexts):
            return both(value) or Both(vi="", en="")
        if isinstance(value, ScopeRule):
            return self._rule(value) or say("history_everyone")
        if isinstance(value, date):
            return _text(day(value.isoformat()))
        if isinstance(value, float):
            return say("history_points", value=lambda language: decimal(value, language, 2))
        if name == "factors":
            return _text(quoted(self.params.factors[key].label for key in cast(tuple[str, ...], value)))
        if name == "look_on":
            days = [day(item.isoformat()) for item in cast(tuple[date, ...], value)]
            return _text(lambda language: ", ".join(item(language) for item in days))
        if name == "status":
            return _text(lambda language: word(_STATUS_WORDS[str(value)], language))
        if name == "direction":
            return say(f"history_{value}")
        if name == "scope_chosen_by":
            return _chosen(str(value))
        return Both(vi=str(value), en=str(value))

    def others(self, name: str, record: ActionRecord) -> Both | None:
        """The same number of places, and not the same ones."""
        if name in ("scope", "comparison"):
            rule = getattr(record, name)
            units = None if rule is None else len(rule.values("unit"))
            return say("history_units_others", units=units) if units else None
        return self._starts(record.starts, "history_starts_others") if name == "starts" else None

    def _starts(self, starts: tuple[tuple[str, date], ...], key: str) -> Both | None:
        if not starts:
            return None
        days = sorted(first for _, first in starts)
        return say(key, units=len(starts), first=day(days[0].isoformat()), last=day(days[-1].isoformat()))

    def _rule(self, rule: ScopeRule | None) -> Both | None:
        """A scope: places counted, groups and steps named; None for everyone."""
        if rule is None or (rule.everyone and not rule.steps):
            return None
        scope, _ = self.places.scope(rule)
        parts = list(scope.groups)
        units = len(rule.values("unit"))
        return _joined([say("history_units", units=units), *parts] if units else parts)

    # --- records that are known by their cells only ---

    def edited(self, before: Mapping[str, str], now: Mapping[str, str]) -> Iterator[Altered]:
        """What was edited in a record after a run had seen it."""
        for name in dict.fromkeys([*before, *now]):
            base = name.rsplit("_", 1)[0] if name.endswith(("_vi", "_en")) else name
            if before.get(name, "") == now.get(name, "") or base not in (*FIELDS, "recorded_on"):
                continue
            one, two = self._cell(base, before.get(name, "")), self._cell(base, now.get(name, ""))
            if one == two and base == "drawn":
                two = say("history_draw_other")
            elif one == two and one is not None:
                units = self._units(now.get(name, "")) or len(now.get(name, "").split(";"))
                two = say("history_units_others", units=units) if base in ("scope", "comparison", "starts") else two
            yield Altered(field=say("history_edited", field=say(f"history_field_{base}")), before=one, after=two)

    def removed(self, note: Noted) -> Entry:
        """A record that stands in the log no more."""
        cells = note.cells_before or {}
        status = cells.get("status", "").casefold()
        what = cells.get("what", "")
        vi, en = (cells.get(f"what_{language}", "") or what for language in ("vi", "en"))
        return Entry(
            action=note.action,
            recorded_on=note.recorded_on,
            status=cast(Status, status) if status in get_args(Status) else "planned",
            what=Both(vi=vi or en, en=en or vi),
            altered=(),
            sealed="removed",
            seen_on=note.seen_on,
        )

    def _cell(self, name: str, cell: str) -> Both | None:
        """The text of a cell; of places no more than how many."""
        if not cell:
            return None
        if name == "drawn":
            return say("history_draw")
        parts = [part.strip() for part in cell.split(";") if part.strip()]
        if name == "starts":
            return say("history_units", units=len(parts))
        if name in ("scope", "comparison"):
            units = self._units(cell)
            groups = [Both(vi=part, en=part) for part in parts if not self._is_unit(part)]
            return _joined([*([say("history_units", units=units)] if units else []), *groups])
        if name == "factors":
            keys = [key.strip() for key in cell.replace(",", ";").split(";") if key.strip()]
            labels = [self.params.factors[key].label for key in keys if key in self.params.factors]
            return _text(quoted(labels)) if len(labels) == len(keys) else Both(vi=cell, en=cell)
        if name == "status" and cell.casefold() in _STATUS_WORDS:
            return _text(lambda language: word(_STATUS_WORDS[cell.casefold()], language))
        if name == "scope_chosen_by":
            return _chosen(cell)
        try:
            return _text(day(date.fromisoformat(cell).isoformat()))
        except ValueError:
            return Both(vi=cell, en=cell)

    def _is_unit(self, pair: str) -> bool:
        column, _, _ = (part.strip() for part in pair.partition("="))
        return column in self.unit_columns or column.casefold() in self.unit_columns

    def _units(self, cell: str) -> int:
        return sum(self._is_unit(part) for part in cell.split(";") if part.strip())


def _chosen(how: str) -> Both:
    low = how.casefold()
    if low.startswith("worst in "):
        return say("history_chosen_worst_in", wave=how[len("worst in ") :])
    known = ("random", "worst", "volunteers", "everyone", "other")
    return say(f"history_chosen_{low}") if low in known else Both(vi=how, en=how)


def _text(told: Callable[[str], str]) -> Both:
    """A text that depends on the language."""
    return Both(vi=told("vi"), en=told("en"))


def _joined(parts: list[Both]) -> Both | None:
    if not parts:
        return None
    return Both(vi="; ".join(part.vi for part in parts), en="; ".join(part.en for part in parts))
