"""The hash chain beside the action log: what a run has seen of it, so that a later change of it is seen too.

Each line of the chain holds the cells of one record, or one change of an earlier record that a run noticed, and the
SHA-256 of the line before it together with its own content. Whoever edits a line breaks the chain; whoever cuts its
end, or makes it anew, is found out by the head that the latest run wrote down.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Literal

from cxlib.actions.matching import Cells, Matched, canonical, match
from cxlib.actions.safe_files import one_writer, replace_file
from cxlib.actions.table import read_table
from cxlib.errors import ParamsError
from cxlib.params.model import Params, project_file

ENDING = ".history.jsonl"
RUN_FILE = "history.json"  # what a run keeps of it
_SHEETS = (".csv", ".xlsx", ".xlsm", ".txt", ".tsv", ".xls", ".ods")
Kind = Literal["edited", "removed", "inserted"]
KINDS: tuple[Kind, ...] = ("edited", "removed", "inserted")


@dataclass(frozen=True)
class Note:
    """A change of the log's past.

    Attributes
    ----------
    kind : str
        'edited': a record is no more as it was; 'removed': it is gone; 'inserted': it was put between older ones, moved
        above one of them, or carries a day on which an earlier run did not find it.
    action : str
        Its id; "" when the chain itself was edited or cut.
    recorded_on : str
        As the row says now; of a removed record as it said then. "" for the chain.
    cells_before, cells_now : dict or None
        Column -> text, without empty cells. None where there is none.
    seen_on : str or None
        The day of the run that saw it first; None when no run could write that down.
    """

    kind: Kind
    action: str
    recorded_on: str
    cells_before: dict[str, str] | None = None
    cells_now: dict[str, str] | None = None
    seen_on: str | None = None


@dataclass(frozen=True)
class HistoryNotes:
    """What is known of the log's past.

    Attributes
    ----------
    notes : tuple of Note
        Every change that was ever noticed, in the order in which it was noticed.
    head : str
        SHA-256 of the chain's last line; "" when there is no chain. It hangs on the day of sealing: it belongs into
        the record of a run and never into findings.json.
    unsealed : str
        Why the chain could not be written; "" when it could.
    """

    notes: tuple[Note, ...] = ()
    head: str = ""
    unsealed: str = ""

    def as_dict(self) -> dict[str, Any]:
        """For history.json of a run."""
        return asdict(self) | {"notes": [asdict(note) for note in self.notes]}

    @classmethod
    def from_dict(cls, value: Mapping[str, Any]) -> HistoryNotes:
        """From history.json of a run."""
        notes = tuple(Note(**note) for note in value.get("notes", ()))
        return cls(notes, str(value.get("head", "")), str(value.get("unsealed", "")))


@dataclass(frozen=True)
class Seen:
    """What the latest run has written down of the chain: its head, and the day of that run."""

    head: str
    day: str


@dataclass
class _Chain:
    """A chain as it was read."""

    lines: list[str] = field(default_factory=list)
    sealed: dict[int, Cells] = field(default_factory=dict)
    orders: list[list[int]] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    heads: list[str] = field(default_factory=list)
    last_number: int = 0
    last_day: str = ""
    broken: bool = False  # and no line after it says so yet

    @property
    def head(self) -> str:
        return self.heads[-1] if self.heads else ""

    def rank(self) -> dict[int, int]:
        """Number -> place in the log as it was last seen."""
        rank = {number: number for number in self.sealed}
        for order in self.orders:
            listed = [number for number in order if number in rank]
            rank |= dict(zip(listed, sorted(rank[number] for number in listed), strict=True))
        return rank

    def take(self, line: dict[str, Any]) -> None:
        """Follow one line."""
        number, cells = line["n"], line["cells"]
        kind, day = line.get("changed"), line["seen_on"] if "seen_on" in line else line["sealed_on"]
        before = self.sealed.get(number)
        if kind == "removed":
            self.sealed.pop(number, None)
        elif number:
            self.sealed[number] = cells
            self.last_number = max(self.last_number, number)
        self.orders += [line["order"]] if "order" in line else []
        if kind is not None:
            now = None if kind == "removed" or not number else cells
            told = now or before or {}
            self.notes.append(Note(kind, told.get("id", ""), told.get("recorded_on", ""), before, now, day))
            self.broken = self.broken and not (kind == "edited" and number == 0)
        self.last_day = max(self.last_day, day)

    def add(self, **content: Any) -> None:
        """Write one line at the end."""
        line = content | {"sha256": _sha(self.head, content)}
        self.lines.append(json.dumps(line, ensure_ascii=False))
        self.heads.append(line["sha256"])
        self.take(line)


def chain_path(log: Path) -> Path:
    """Where the chain of a log is: beside it, under its name and '.history.jsonl'."""
    return log.with_name(log.name + ENDING)


def seal_log(params: Params, folder: Path, today: date, *, latest: Seen | None = None) -> HistoryNotes:
    """Hold the log against its chain, and seal what is new in it.

    Parameters
    ----------
    params : Params
    folder : Path
        The client's folder.
    today : date
        What a new line of the chain is dated with.
    latest : Seen, optional
        What the latest run wrote down: its head must be in the chain.

    Returns
    -------
    HistoryNotes
        Empty when the parameters name no log. Where the folder cannot be written, `unsealed` says so, and the notes
        are those that can be told without writing.

    Raises
    ------
    ParamsError
        The log cannot be read, or another process has been writing for too long.

    Notes
    -----
    Sealing the same log again changes no byte. The chain is written in one step, under the lock that writers of the
    log hold too.
    """
    if params.actions is None:
        return _no_log(latest)
    log = project_file(Path(folder), params.actions)
    try:
        with one_writer(log):
            chain = _look(log, latest, today)
            content = "".join(line + "\n" for line in chain.lines).encode()
            target = chain_path(log)
            if chain.lines and (not target.is_file() or target.read_bytes() != content):
                replace_file(target, content)
    except OSError as error:
        chain = _look(log, latest, None)
        why = f"The history of the action log could not be written: {error.strerror or type(error).__name__}."
        return HistoryNotes(tuple(chain.notes), _saved_head(log), why)
    return HistoryNotes(tuple(chain.notes), chain.head)


def read_notes(params: Params, folder: Path, *, latest: Seen | None = None) -> HistoryNotes:
    """Hold the log against its chain, and write nothing.

    Parameters, returns and errors are those of `seal_log`; what was noticed just now has no `seen_on`.
    """
    if params.actions is None:
        return _no_log(latest)
    log = project_file(Path(folder), params.actions)
    return HistoryNotes(tuple(_look(log, latest, None).notes), _saved_head(log))


def _no_log(latest: Seen | None) -> HistoryNotes:
    """The parameters name no log: nothing to say, unless the latest run saw one."""
    if latest is None or not latest.head:
        return HistoryNotes()
    return HistoryNotes((Note("removed", "", ""),), latest.head)


def _look(log: Path, latest: Seen | None, today: date | None) -> _Chain:
    """The chain with everything that is new in the log added; without a day nothing is dated."""
    chain = _read_chain(log)
    rows = [canonical(row.cells) for row in read_table(log).rows]
    day = today.isoformat() if today is not None else ""
    known_until = chain.last_day
    if chain.broken:
        chain.add(changed="edited", n=0, cells={}, seen_on=day)
    if latest is not None and latest.head:
        if latest.head not in chain.heads:
            chain.add(changed="removed", n=0, cells={}, lost=latest.head, seen_on=day)
            known_until = ""  # what was cut off may have held the rows that look new now
        elif latest.head == chain.head:
            known_until = max(known_until, latest.day)
    matched = match(chain.sealed, chain.rank(), rows)
    _add_changes(chain, matched, rows, day)
    _add_new(chain, matched, rows, day, known_until)
    if today is None:
        chain.notes = [note if note.seen_on else _undated(note) for note in chain.notes]
    return chain


def _add_changes(chain: _Chain, matched: Matched, rows: list[Cells], day: str) -> None:
    for number in matched.removed:
        chain.add(changed="removed", n=number, cells={}, seen_on=day)
    for number, index in sorted(matched.edited.items()):
        chain.add(changed="edited", n=number, cells=rows[index], seen_on=day)
    for number in matched.moved:
        action = chain.sealed[number].get("id")
        order = [matched.place[index] for index in sorted(matched.place) if rows[index].get("id") == action]
        chain.add(changed="inserted", n=number, cells=chain.sealed[number], order=order, seen_on=day)


def _add_new(chain: _Chain, matched: Matched, rows: list[Cells], day: str, known_until: str) -> None:
    """New rows; one that stands above an older one, or is older than it can be, was put between."""
    place = dict(matched.place)
    for index in matched.new:
        number = chain.last_number + 1
        place[index] = number
        if index in matched.between:
            action = rows[index].get("id")
            order = [place[at] for at in sorted(place) if rows[at].get("id") == action]
            chain.add(changed="inserted", n=number, cells=rows[index], order=order, seen_on=day)
        elif rows[index].get("recorded_on", "") < known_until:
            chain.add(changed="inserted", n=number, cells=rows[index], seen_on=day)
        else:
            chain.add(n=number, cells=rows[index], sealed_on=day)


def _undated(note: Note) -> Note:
    return Note(note.kind, note.action, note.recorded_on, note.cells_before, note.cells_now)


def _found_chain(log: Path) -> Path | None:
    """The chain of a log; of a log that was saved as another kind of file, the chain under its old name."""
    for name in (log.name, *(log.with_suffix(ending).name for ending in _SHEETS)):
        path = log.with_name(name + ENDING)
        if path.exists():
            return path
    return None


def _saved_head(log: Path) -> str:
    return _read_chain(log).head


def _read_chain(log: Path) -> _Chain:
    """Read the chain; a line that does not follow from the one before it breaks it.

    Raises
    ------
    ParamsError
        The chain is there and cannot be opened.
    """
    path = _found_chain(log)
    chain = _Chain()
    if path is None:
        return chain
    try:
        text = path.read_bytes().decode("utf-8-sig", errors="replace")
    except OSError as error:
        raise ParamsError(
            f"The history of the action log cannot be read: {error.strerror}.", path.name, "mend its rights"
        ) from None
    for written in text.split("\n"):
        if not written.strip():
            continue
        chain.lines.append(written.rstrip("\r"))
        line = _read_line(written)
        if line is None:
            chain.broken = True
            continue
        content = {name: value for name, value in line.items() if name != "sha256"}
        broken = line["sha256"] != _sha(chain.head, content)
        chain.heads.append(line["sha256"])
        chain.take(line)
        chain.broken = chain.broken or broken
    return chain


def _read_line(written: str) -> dict[str, Any] | None:
    """A line of the chain, when it has the shape of one."""
    try:
        line = json.loads(written)
        cells, order = line["cells"], line.get("order", [])
        days = [line.get(name) for name in ("sealed_on", "seen_on") if name in line]
        right = (
            type(line["n"]) is int
            and line["n"] >= 0
            and isinstance(line["sha256"], str)
            and _all_texts([*cells.keys(), *cells.values(), *days])
            and len(days) == 1
            and line.get("changed") in (None, *KINDS)
            and all(type(number) is int for number in order)
        )
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
    return line if right else None


def _all_texts(values: Iterable[Any]) -> bool:
    return all(isinstance(value, str) for value in values)


def _sha(before: str, content: Mapping[str, Any]) -> str:
    text = json.dumps(content, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(f"{before}\n{text}".encode()).hexdigest()
