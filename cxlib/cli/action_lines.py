"""The log as lines on a terminal: the state of each action, and what each of its records changed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass

from cxlib.actions.cells import near
from cxlib.actions.chain import Note
from cxlib.actions.matching import canonical
from cxlib.actions.records import ActionLog, ActionRecord
from cxlib.actions.table import Table
from cxlib.errors import ParamsError

SHOWN = 60  # signs of a cell in a line; --json has it whole


@dataclass(frozen=True)
class Step:
    """One record of an action: what it states otherwise than the one before it ("" is emptied)."""

    recorded_on: str
    status: str
    changed: dict[str, str]


@dataclass(frozen=True)
class State:
    """An action as it stands, by column, and its records."""

    id: str
    record: ActionRecord
    cells: dict[str, str]
    history: tuple[Step, ...]

    def as_dict(self) -> dict[str, object]:
        """For `--json`."""
        history = [asdict(step) for step in self.history]
        return {"id": self.id, **self.cells, "unsaid": list(self.record.unsaid), "history": history}


def states(log: ActionLog, table: Table, only: str | None = None) -> list[State]:
    """Every action of the log, or only one.

    Raises
    ------
    ParamsError
        There is no action of that id.
    """
    latest = log.latest()
    if only is not None and only not in latest:
        how = near(only, list(latest)) if latest else "the log is empty"
        raise ParamsError(f"There is no action '{only}'.", table.name, how)
    cells = {row.line: canonical(row.cells) for row in table.rows}
    found = []
    for action, (record, _) in latest.items():
        if only in (None, action):
            steps, before = [], {}
            for one in log.of(action):
                now = cells[one.line]
                steps.append(Step(one.recorded_on.isoformat(), one.status, _changed(before, now)))
                before = now
            found.append(State(action, record, cells[record.line], tuple(steps)))
    return found


def _changed(before: dict[str, str], now: dict[str, str]) -> dict[str, str]:
    names = [name for name in (now | before) if name not in ("id", "recorded_on")]
    return {name: now.get(name, "") for name in names if now.get(name) != before.get(name)}


def action_lines(found: Iterable[State], language: str) -> list[str]:
    """The actions in words."""
    lines = []
    for state in found:
        record = state.record
        start = record.start.isoformat() if record.start else ""
        lines.append(f"{state.id:<6} {record.status:<8} {start:<10}  {'; '.join(record.factors)}")
        lines.append(f"       {getattr(record.what, language)}")
        lines.append(f"       {getattr(record.owner_role, language)}")
        for number, step in enumerate(state.history):
            lines.append(
                f"       {step.recorded_on}  {step.status:<8} {_in_short(step) if number else 'first recorded'}"
            )
        if record.unsaid:
            lines.append(f"       not said: {', '.join(record.unsaid)}")
        lines.append("")
    return lines or ["No action in the log yet. Begin with: cx action add CLIENT"]


def _in_short(step: Step) -> str:
    return "; ".join(
        f"{name}: {(text if len(text) <= SHOWN else text[: SHOWN - 1] + '…') or 'emptied'}"
        for name, text in step.changed.items()
        if name not in ("status", "drawn")
    )


def note_lines(notes: Iterable[Note]) -> list[str]:
    """What was done to the past of the log, in words."""
    said = {
        "edited": "a record was edited after it was sealed",
        "removed": "a record that was sealed is gone",
        "inserted": "a record was put between older ones, or carries a day before it was written",
    }
    chain = {"edited": "its history file was edited", "removed": "its history file was cut, or is another one"}
    lines = []
    for note in notes:
        what = said[note.kind] if note.action else chain.get(note.kind, said[note.kind])
        of = f" (action {note.action}, recorded on {note.recorded_on})" if note.action else ""
        when = f"seen on {note.seen_on}" if note.seen_on else "seen just now"
        lines.append(f"The log's past was changed: {what}{of}; {when}.")
    return lines
