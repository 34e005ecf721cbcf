"""Two runs of a client held against each other: what is different in what they tell, and where that comes from.

Only findings.json is read of their results, so that nothing is told here that did not pass the privacy door; the rest
are hashes of the manifests.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from cxlib.errors import ParamsError
from cxlib.findings.schema import Action, Both, Change, Document, Finding
from cxlib.runs import places
from cxlib.runs.cache import records
from cxlib.runs.causes import Kind, PartName, Recorded, find_cause, find_changes, read_recorded
from cxlib.runs.comparison import (
    ActionDifference,
    Compared,
    Comparison,
    Difference,
    Field,
    How,
    Moved,
    Numbers,
    Side,
)
from cxlib.runs.latest import latest_run

PREVIOUS = "previous"
NAMES = "the name of a run, a unique beginning of it, latest, or previous (the one before latest); `cx runs` lists them"
ACTION_FIELDS = (
    "status", "what", "factors", "scope", "scope_chosen_by", "comparison", "comparison_because", "start", "full_effect",
    "due", "look_on", "direction", "expected", "smallest_worthwhile", "owner_role", "decided_by", "decided_on",
    "document", "drawn_on", "also", "stopped_because",
)  # fmt: skip
FEW = 5  # a difference of fewer answers is not told: two counts beside each other would tell of single people

COUNTED: tuple[Kind, ...] = ("data", "parameters")  # reach in how many places an action happens


def find_run(outputs: Path, client: str, name: str) -> Path:
    """The folder of a client's run.

    Parameters
    ----------
    outputs : Path
    client : str
    name : str
        Its name, a unique beginning of it, 'latest', or 'previous': the finished run before the latest.

    Raises
    ------
    ParamsError
        There is none, or several begin so.
    """
    below = outputs / client
    where = places.shown(below)
    if name in (places.LATEST, PREVIOUS):
        latest = latest_run(below)
        if latest is None:
            raise ParamsError(f"The client '{client}' has no finished run.", where, f"cx run {client}")
        if name == places.LATEST:
            return latest
        known = [run for run in _finished(below) if run[1].name == latest.name]
        older = [run for run in _finished(below) if known and run < known[0]]
        if not older:
            raise ParamsError("There is no finished run before the latest.", where, "`cx runs` lists them")
        return older[-1][1]
    found = [run for run in _runs(below) if run.name.startswith(name)] if name else []
    exact = [run for run in found if run.name == name]
    if len(exact or found) == 1:
        return (exact or found)[0]
    if found:
        raise ParamsError(
            f"{len(found)} runs begin with '{name}'.", where, f"such as {found[0].name}; write more of it"
        )
    raise ParamsError(f"There is no run '{name}'.", where, f"write {NAMES}")


def _runs(below: Path) -> list[Path]:
    folders = below.iterdir() if below.is_dir() else ()
    return sorted(run for run in folders if not run.is_symlink() and (run / places.MANIFEST).is_file())


def _finished(below: Path) -> list[tuple[str, Path]]:
    """A run whose manifest was damaged is passed over."""
    return sorted((str(record.get("started")), run) for run, record in records(below) if record.get("status") == "done")


def compare_runs(before: Path, after: Path) -> Comparison:
    """Hold two finished runs against each other.

    Parameters
    ----------
    before, after : Path
        Their folders; what appeared is in the second only.

    Raises
    ------
    ParamsError
        One of them holds no findings, or they are of two clients.
    """
    return compare_documents(read_document(before), read_document(after), read_recorded(before), read_recorded(after))


def read_document(folder: Path) -> Document:
    """findings.json of a run, also of an earlier or later version, as far as this one knows its fields.

    Raises
    ------
    ParamsError
        The run has none, or it is of another form.
    """
    try:
        text = (folder / places.FINDINGS).read_bytes()
    except OSError:
        status = read_recorded(folder).status
        raise ParamsError(
            f"This run holds no findings (its state: {status}).", places.shown(folder), "name a finished run"
        ) from None
    try:
        return Document.model_validate_json(text, extra="ignore")
    except ValidationError:  # its message would repeat the values
        raise ParamsError(
            "findings.json of this run is not of the form that is read here.",
            places.shown(folder),
            "run the client again with this version of the workbench",
        ) from None


def compare_documents(one: Document, other: Document, before: Recorded, after: Recorded) -> Comparison:
    """As `compare_runs`, of what was read of the two."""
    if one.client != other.client:
        raise ParamsError(f"These are runs of two clients, {one.client} and {other.client}.", "", "name two of one")
    changes = find_changes(before, after)
    findings, evidence = _findings(one, other), _evidence(one, other)
    actions = tuple(_actions(one, other))
    parts: dict[PartName, bool] = {
        "findings": findings.any,
        "evidence": evidence.any,
        "actions": bool(actions) or one.history_changed != other.history_changed,
        "loop": one.loop != other.loop,
    }
    return Comparison(
        client=one.client,
        title=other.title,
        made_up=one.made_up or other.made_up,
        language=other.language_default,
        before=_side(one, before),
        after=_side(other, after),
        rows_told=_rows_told(one, other, before, after),
        asked_before=_asked(one, other),
        asked_after=_asked(other, one),
        findings=findings,
        evidence=evidence,
        actions=actions,
        changes=changes,
        causes=tuple(
            find_cause(part, before, after, changes, COUNTED if part == "actions" and _places_differ(actions) else ())
            for part, differs in parts.items()
            if differs
        ),
    )


def _rows_told(one: Document, other: Document, before: Recorded, after: Recorded) -> bool:
    """Whether no count of people differs by a mere handful: by fewer than the smallest group that either run shows."""
    handful = max([FEW, *(run.parameters.get("privacy", {}).get("min_group", FEW) for run in (before, after))])
    steps = (abs(a - b) for (_, a), (_, b) in zip(one.rows, other.rows, strict=True))
    return all(step == 0 or step >= handful for step in steps)


def _side(document: Document, record: Recorded) -> Side:
    return Side(
        run=record.run,
        started=record.started,
        made_on=document.made_on,
        fingerprint=document.run,
        rows={"read": document.rows.read, "kept": document.rows.kept, "set_aside": document.rows.set_aside},
        waves=document.waves,
        loop=document.loop.model_dump(),
        history_changed=document.history_changed,
    )


def _asked(one: Document, other: Document) -> tuple[Both, ...]:
    known = {item.key for item in (*other.outcomes, *other.factors)}
    return tuple(item.label for item in (*one.outcomes, *one.factors) if item.key not in known)


def _findings(one: Document, other: Document) -> Compared:
    """In the order of the questionnaire: a list by strength would be a ranking of differences."""
    before, after = ({item.id: item for item in document.findings} for document in (one, other))
    labels = {item.key: item.label for document in (one, other) for item in (*document.outcomes, *document.factors)}
    order = [
        f"{factor}.{outcome}"
        for outcome in dict.fromkeys(item.key for document in (other, one) for item in document.outcomes)
        for factor in dict.fromkeys(item.key for document in (other, one) for item in document.factors)
    ]
    pairs = [(before.get(key), after.get(key)) for key in order if key in before or key in after]

    def differ(first: Finding | None, second: Finding | None) -> tuple[Difference | None, bool]:
        item = second or first
        assert item is not None
        moved, shifted = _moved(
            (("association", first.association, second.association), ("adjusted", first.adjusted, second.adjusted))
            if first and second
            else ()
        )
        grades = (first.grade if first else None, second.grade if second else None)
        what = "changed" if first and second else "appeared" if second else "went"
        if what == "changed" and grades[0] == grades[1] and not moved:
            return None, shifted
        where = "" if what == "changed" else _verdict(one if second else other, item)
        label = labels.get(item.outcome, Both(vi=item.outcome, en=item.outcome))
        return Difference(item.id, what, item.factor.label, label, grades, moved, where), False

    return _collect(differ(*pair) for pair in pairs)


def _verdict(document: Document, finding: Finding) -> str:
    """How a pair that is no finding of a run stands in it."""
    test = next(
        (t for t in document.method.tests if (t.factor, t.outcome) == (finding.factor.key, finding.outcome)), None
    )
    if test is None:
        return "not_asked"
    if test.grade == "E0" or test.association.estimate is None:
        return "few"
    if test.grade is None:
        return "ruled_out" if test.ruled_out else "not"
    return "associated"


def _evidence(one: Document, other: Document) -> Compared:
    before, after = (
        {(change.action, change.measure): (action, change) for action in document.actions for change in action.change}
        for document in (one, other)
    )
    keys = dict.fromkeys((*after, *before))

    def differ(key: tuple[str, str]) -> tuple[Difference | None, bool]:
        first, second = (found[key][1] if key in found else None for found in (before, after))
        action, item = (after if key in after else before)[key]
        grades = (first.grade if first else None, second.grade if second else None)
        if grades == (None, None):
            return None, _reason(first) != _reason(second)
        if None in grades:
            what, missing = ("appeared", first) if grades[0] is None else ("went", second)
            name = ".".join(key)
            told = missing.sentence if missing else None
            return Difference(name, what, action.what, item.label, grades, (), _reason(missing), told), False
        assert first is not None
        assert second is not None
        moved, shifted = _moved((("change", first, second),))
        if grades[0] == grades[1] and not moved:
            return None, shifted
        return Difference(".".join(key), "changed", action.what, item.label, grades, moved), False

    return _collect(differ(key) for key in keys)


def _reason(change: Change | None) -> str:
    return change.reason if change else "no_action"


def _collect(found: Iterable[tuple[Difference | None, bool]]) -> Compared:
    lines = list(found)
    different = tuple(item for item, _ in lines if item is not None)
    shifted = sum(moved for _, moved in lines)
    return Compared(different, shifted, len(lines) - len(different) - shifted)


def _moved(pairs: Iterable[tuple[Any, Any, Any]]) -> tuple[tuple[Moved, ...], bool]:
    """What is clearly not where it was, and whether anything moved at all."""
    found, any_shift = [], False
    for measure, one, other in pairs:
        before, after = (Numbers(item.estimate, item.low, item.high) for item in (one, other))
        any_shift = any_shift or before != after
        how = how_moved(before, after)
        if how:
            found.append(Moved(measure, how, before, after))
    return tuple(found), any_shift


def how_moved(before: Numbers, after: Numbers) -> How | None:
    """How a number with its likely range stands to what it was; None when it is much the same.

    Examples
    --------
    >>> how_moved(Numbers(0.3, 0.2, 0.4), Numbers(0.5, 0.45, 0.55))
    'apart'
    >>> how_moved(Numbers(0.3, 0.2, 0.4), Numbers(0.42, 0.35, 0.5))
    'outside'
    >>> how_moved(Numbers(0.3, 0.2, 0.4), Numbers(0.35, 0.25, 0.45))
    """
    if before.estimate is None or after.estimate is None:
        if before.estimate is None and after.estimate is None:
            return None
        return "shown" if before.estimate is None else "hidden"
    if before.estimate * after.estimate < 0:
        return "zero" if _holds_zero(before) and _holds_zero(after) else "sign"
    if None in (before.low, before.high, after.low, after.high):
        return None
    if before.high < after.low or after.high < before.low:
        return "apart"
    inside = before.low <= after.estimate <= before.high or after.low <= before.estimate <= after.high
    return None if inside else "outside"


def _holds_zero(numbers: Numbers) -> bool:
    return numbers.low is not None and numbers.high is not None and numbers.low <= 0 <= numbers.high


def _actions(one: Document, other: Document) -> Iterator[ActionDifference]:
    before, after = ({action.id: action for action in document.actions} for document in (one, other))
    for key in dict.fromkeys((*after, *before)):
        if key not in before:
            yield ActionDifference(key, "added", after[key].what)
        elif key not in after:
            yield ActionDifference(key, "gone", before[key].what)
        else:
            altered = tuple(_altered(before[key], after[key]))
            if altered:
                yield ActionDifference(key, "altered", after[key].what, altered)


def _places_differ(actions: Iterable[ActionDifference]) -> bool:
    return any(field.name in ("scope", "comparison") for item in actions for field in item.altered)


def _altered(one: Action, other: Action) -> Iterator[Field]:
    for name in ACTION_FIELDS:
        before, after = getattr(one, name), getattr(other, name)
        if before != after:
            short = all(isinstance(value, str | float | int | Both | None) for value in (before, after))
            yield Field(name, before, after) if short else Field(name)
