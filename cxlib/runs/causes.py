"""Where the differences between two runs come from: by elimination, from what both runs wrote down of their inputs.

A run records a hash of every kind of thing that decides its result, stage by stage, and of what every stage left. A
kind that is the same in both runs is out; so is one that the stages behind a part do not read, or whose stage left the
same bytes all the same. What remains of several kinds cannot be told apart without running again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from cxlib.runs import places

Kind = Literal["data", "parameters", "actions", "lists", "code", "packages", "by_hand"]
PartName = Literal["findings", "evidence", "actions", "loop"]
KINDS: tuple[Kind, ...] = ("data", "parameters", "actions", "lists", "code", "packages", "by_hand")

# The stages that a part of findings.json passes through, and the kinds that can reach it. Associations are computed
# from answers alone; the action log and the lists beside it are only written next to them.
PATHS: dict[PartName, tuple[str, ...]] = {
    "findings": ("clean", "drivers", "findings"),
    "evidence": ("clean", "change", "findings"),
    "actions": ("clean", "findings"),
    "loop": ("clean", "drivers", "change", "findings"),
}
REACH: dict[PartName, frozenset[str]] = {
    "findings": frozenset({"data", "parameters", "code", "packages", "by_hand"}),
    "evidence": frozenset({"data", "parameters", "actions", "code", "packages", "by_hand"}),
    "actions": frozenset({"actions", "code", "by_hand"}),
    "loop": frozenset({"data", "parameters", "actions", "code", "packages", "by_hand"}),
}
ENTERS: dict[str, frozenset[str]] = {  # where a kind without a hash of its own for each stage comes in
    "data": frozenset({"clean"}),
    "actions": frozenset({"change", "findings"}),
    "lists": frozenset({"findings"}),
}
WORDING = ("title", "language")  # no number hangs on these, nor on a label
DEPTH = 3  # keys are told down to factors.KEY.FIELD; what is deeper is told as one


@dataclass(frozen=True)
class StageLine:
    """What a stage hung on (kind -> hash), and what it left (file -> hash)."""

    hangs_on: dict[str, str]
    left: dict[str, str]


@dataclass(frozen=True)
class Recorded:
    """What a run wrote down of itself.

    Attributes
    ----------
    survey : dict
        File -> hash, in the order in which they are read.
    logs : dict
        'actions', 'promises', 'strategy' -> hash, None where the client keeps none.
    noticed : list
        What was found changed in the action log's past.
    code : dict
        version, commit, and the hash of all of it.
    files : dict
        File of the library or notebook that a stage reaches -> hash; empty where the run did not write them down.
    packages : dict
        Package -> version.
    by_hand : dict
        Stage that was adopted from a scratch copy -> hash of what was made by hand.
    """

    folder: Path
    run: str
    status: str
    started: str
    fingerprint: str
    client_folder: Path
    parameters: dict[str, Any]
    survey: dict[str, str]
    logs: dict[str, str | None]
    noticed: list[Any]
    code: dict[str, str]
    files: dict[str, str]
    packages: dict[str, str]
    stages: dict[str, StageLine]
    by_hand: dict[str, str]


def read_recorded(folder: Path) -> Recorded:
    """Read a run's manifest; the only place that knows its form.

    Raises
    ------
    ParamsError
        There is no manifest, or it is not of the form that a run gives it.
    """
    record = places.read_record(folder)
    inputs, code = record.get("inputs") or {}, record.get("code") or {}
    history = folder / places.HISTORY
    return Recorded(
        folder=folder,
        run=str(record.get("run") or folder.name),
        status=str(record.get("status")),
        started=str(record.get("started")),
        fingerprint=str(record.get("fingerprint")),
        client_folder=(folder / str(record.get("client_folder", "."))).resolve(),
        parameters=record.get("parameters") or {},
        survey=dict(inputs.get("survey") or {}),
        logs={name: inputs.get(name) for name in ("actions", "promises", "strategy")},
        noticed=places.read_json(history).get("notes", []) if history.is_file() else [],
        code={key: str(code[key]) for key in ("version", "commit", "sha256") if code.get(key) is not None},
        files=dict(code.get("files") or {}) | {f"notebooks/{key}": sha for key, sha in _stage_notebooks(record)},
        packages={
            name: str(version) for name, version in (record.get("all_packages") or record.get("packages") or {}).items()
        },
        stages={line["name"]: _stage(line, folder) for line in record.get("stages") or []},
        by_hand={
            line["name"]: str((line.get("hangs_on") or {}).get("made by hand"))
            for line in record.get("stages") or []
            if line.get("status") == "adopted"
        },
    )


def _stage_notebooks(record: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Those of the stages; a page's notebook decides no result."""
    known = (record.get("code") or {}).get("notebooks") or {}
    for line in record.get("stages") or []:
        if line.get("notebook") in known:
            yield line["notebook"], known[line["notebook"]]


def _stage(line: Mapping[str, Any], folder: Path) -> StageLine:
    left = dict(line.get("artefacts") or {})
    if places.INTAKE in left and (folder / places.INTAKE).is_file():
        # It repeats the survey's own hash; of what is in it, later stages read the day alone.
        left[places.INTAKE] = str(places.read_json(folder / places.INTAKE).get("made_on"))
    left.pop(places.FINDINGS, None)  # it names its run: compared field by field elsewhere
    return StageLine(dict(line.get("hangs_on") or {}), left)


@dataclass(frozen=True)
class KeyChange:
    """A parameter that differs. `before`, `after`: a single number, word or yes/no; None where it is more than that."""

    key: str
    before: str | int | float | bool | None = None
    after: str | int | float | bool | None = None
    wording: bool = False  # no number hangs on it


@dataclass(frozen=True)
class Named:
    """A file, a package or a version that differs; None: not there."""

    name: str
    before: str | None
    after: str | None


@dataclass(frozen=True)
class Changes:
    """What differs between the inputs of two runs."""

    data: tuple[Named, ...] = ()
    parameters: tuple[KeyChange, ...] = ()
    actions: tuple[Named, ...] = ()
    lists: tuple[Named, ...] = ()
    code: tuple[Named, ...] = ()
    packages: tuple[Named, ...] = ()
    by_hand: tuple[Named, ...] = ()

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """The kinds that differ."""
        return tuple(kind for kind in KINDS if getattr(self, kind))


Why = Literal["same", "not_read", "left_the_same", "wording"]


@dataclass(frozen=True)
class Cause:
    """Where the differences of one part come from.

    Attributes
    ----------
    part : str
    kinds : tuple of str
        The kinds that are left; with one of them, it is the only one that changed and can have reached this part.
    out : dict
        Kind -> why it is out: 'same' in both runs; 'not_read' by the stages of this part; 'left_the_same': its stage
        left the same all the same; 'wording': only words were changed.
    """

    part: PartName
    kinds: tuple[Kind, ...]
    out: dict[str, Why] = field(default_factory=dict)


def find_changes(before: Recorded, after: Recorded) -> Changes:
    """What differs between the inputs of two runs."""
    return Changes(
        data=_files(before.survey, after.survey),
        parameters=tuple(_keys(before.parameters, after.parameters)),
        actions=_actions(before, after),
        lists=_named(*({name: run.logs[name] for name in ("promises", "strategy")} for run in (before, after))),
        code=_code(before, after),
        packages=_packages(before, after),
        by_hand=_named(before.by_hand, after.by_hand),
    )


def find_cause(part: PartName, before: Recorded, after: Recorded, changes: Changes, also: Iterable[Kind] = ()) -> Cause:
    """Which kinds can be behind the differences of one part; `also` names further kinds that can reach it."""
    reach = REACH[part] | set(also)
    numbers = part in ("findings", "evidence")
    only_words = bool(changes.parameters) and all(item.wording for item in changes.parameters)
    arriving: set[str] = set()
    entered: set[str] = set()
    *earlier, last = PATHS[part]
    for name in earlier:
        own = {kind for kind in changes.kinds if _enters(kind, name, before, after)}
        if name == "clean":
            from_clean = own
        entered |= own
        if not _left_the_same(name, before, after):
            arriving |= own | (set() if _left_the_same("clean", before, after) else from_clean)
    own = {kind for kind in changes.kinds if _enters(kind, last, before, after)}
    arriving |= own
    entered |= own
    out: dict[str, Why] = {}
    for kind in KINDS:
        if kind not in changes.kinds:
            out[kind] = "same"
        elif kind not in reach or kind not in entered:
            out[kind] = "not_read"
        elif kind == "parameters" and numbers and only_words:
            out[kind] = "wording"
        elif kind not in arriving:
            out[kind] = "left_the_same"
    return Cause(part, tuple(kind for kind in KINDS if kind not in out), out)


def _enters(kind: str, stage: str, before: Recorded, after: Recorded) -> bool:
    """Whether a kind that changed comes in at a stage."""
    if kind in ENTERS:
        return stage in ENTERS[kind]
    if kind == "by_hand":
        return before.by_hand.get(stage) != after.by_hand.get(stage)
    lines = before.stages.get(stage), after.stages.get(stage)
    hashes = [line.hangs_on.get(kind) if line else None for line in lines]
    if None in hashes:  # not written down by the stage: it may have
        return True
    return hashes[0] != hashes[1]


def _left_the_same(stage: str, before: Recorded, after: Recorded) -> bool:
    one, other = before.stages.get(stage), after.stages.get(stage)
    return one is not None and other is not None and bool(one.left) and one.left == other.left


def _files(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[Named, ...]:
    if list(before.values()) == list(after.values()):
        return ()  # the same answers, under whatever names
    return _named({Path(name).name: sha for name, sha in before.items()}, {Path(n).name: s for n, s in after.items()})


def _named(before: Mapping[str, str | None], after: Mapping[str, str | None]) -> tuple[Named, ...]:
    names = dict.fromkeys((*before, *after))
    return tuple(
        Named(name, before.get(name), after.get(name)) for name in names if before.get(name) != after.get(name)
    )


def _actions(before: Recorded, after: Recorded) -> tuple[Named, ...]:
    found = _named({"actions": before.logs["actions"]}, {"actions": after.logs["actions"]})
    if before.noticed != after.noticed:
        found += (Named("history", str(len(before.noticed)), str(len(after.noticed))),)
    return found


def _code(before: Recorded, after: Recorded) -> tuple[Named, ...]:
    """Version, commit, and the files that stages reach; an edit of what no stage reaches is none."""
    if before.files and after.files:
        files = _named(before.files, after.files)
    elif before.code.get("sha256") == after.code.get("sha256"):
        files = ()
    else:
        files = (Named("sha256", before.code.get("sha256"), after.code.get("sha256")),)
    if not files:
        return ()
    known = ("version", "commit")
    told = _named(*({key: run.code[key] for key in known if key in run.code} for run in (before, after)))
    return told + files if files[0].name != "sha256" else told or files


def _packages(before: Recorded, after: Recorded) -> tuple[Named, ...]:
    """Of packages that both runs wrote down: one that is missing in a record may have been there all the same."""
    shared = [name for name in before.packages if name in after.packages]
    return _named(*({name: run.packages[name] for name in shared} for run in (before, after)))


def _keys(before: Any, after: Any, key: tuple[str, ...] = ()) -> Iterator[KeyChange]:
    if before == after and json.dumps(before) == json.dumps(after):
        return
    if isinstance(before, dict) and isinstance(after, dict) and len(key) < DEPTH:
        names = dict.fromkeys((*before, *after))
        found = [item for name in names for item in _keys(before.get(name), after.get(name), (*key, name))]
        yield from found
        if found or list(before) == list(after):
            return  # the same keys in another order are told below
    name = ".".join(key) or "parameters"
    words = bool(key) and (key[0] in WORDING or "label" in key)
    plain = all(isinstance(value, str | int | float | bool | None) for value in (before, after))
    # Where files lie on a machine is nobody's business.
    shown = plain and key[:1] not in (("data",), ("actions",), ("promises",), ("strategy",))
    yield KeyChange(name, before if shown else None, after if shown else None, words)
