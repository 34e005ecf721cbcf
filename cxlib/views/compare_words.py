"""Two runs beside each other, in the words of both languages: for the page and for a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from cxlib.findings.schema import Both
from cxlib.runs.causes import KINDS, Cause, Changes, Named
from cxlib.runs.comparison import ActionDifference, Compared, Comparison, Difference, Moved, Side
from cxlib.runs.trials import Explained, Key, differences
from cxlib.views.say import Said, count, counted, day, joined, number, ranged, said, say

GRADES = {"E-": "eneg"}  # the key of a grade's words is its name in small letters, but of this one
CODE = ("version", "commit", "sha256")
FILES = 5  # are named; more are counted
FIELD_WORDS = {"drawn_on": "page_deed_drawn"}


@dataclass(frozen=True)
class Item:
    """What is different of one thing: its name, and a line for each difference."""

    name: Said
    lines: tuple[Said, ...]


@dataclass(frozen=True)
class Section:
    """One part of the comparison; `rest` is said below the items."""

    key: str
    title: Said
    items: tuple[Item, ...]
    rest: tuple[Said, ...]


@dataclass(frozen=True)
class ComparedTold:
    """Everything that is told of two runs, ready.

    Attributes
    ----------
    runs : tuple of (Said, Said)
        'First run' and its name, 'Second run' and its.
    origin : tuple of Item
        For each part that differs, where that comes from; `lines` say what is out, and why.
    tried : tuple of Item
        What came back when the first run was made again with one kind changed at a time; empty when it was not.
    inputs : tuple of (Said, Said)
        Each kind of input, and what of it changed.
    counts : tuple of (Said, Said, Said)
        Name, first run, second run.
    """

    title: Said
    runs: tuple[tuple[Said, Said], ...]
    origin: tuple[Item, ...]
    tried: tuple[Item, ...]
    inputs: tuple[tuple[Said, Said], ...]
    sections: tuple[Section, ...]
    counts: tuple[tuple[Said, Said, Said], ...]
    handful: Said | None
    reading: tuple[Said, ...]


def tell_comparison(found: Comparison, explained: Explained | None = None) -> ComparedTold:
    """What is told of two runs, and of the first one made again with one kind changed at a time."""
    return ComparedTold(
        title=say("compare_title", title=found.title),
        runs=((say("compare_first"), _run(found.before)), (say("compare_second"), _run(found.after))),
        origin=tuple(_origin(cause) for cause in found.causes),
        tried=tuple(_tried(found, explained)) if explained else (),
        inputs=tuple((_first_large(say(f"compare_kind_{kind}")), _which(found.changes, kind)) for kind in KINDS),
        sections=tuple(_sections(found)),
        counts=tuple(_counts(found)),
        handful=None if found.rows_told else say("compare_handful"),
        reading=tuple(say(f"compare_reading_{name}") for name in ("listed", "from", "customers")),
    )


def lines_of(told: ComparedTold, language: str) -> Iterator[str]:
    """The same as lines for a terminal, in one language."""
    for name, run in told.runs:
        yield f"{name.get(language)}: {run.get(language)}"
    yield from ("", say("compare_from").get(language))
    if not told.origin:
        yield f"  {say('compare_from_none').get(language)}"
    for item in told.origin:
        yield f"  {item.name.get(language)}"
        yield from (f"    {line.get(language)}" for line in item.lines)
    if told.tried:
        yield from ("", say("compare_tried").get(language))
    for item in told.tried:
        yield f"  {item.name.get(language)}"
        yield from (f"    {line.get(language)}" for line in item.lines)
    same = say("compare_unchanged")
    changed = [(kind, which) for kind, which in told.inputs if which != same]
    if changed:
        yield from ("", say("compare_inputs").get(language))
        yield from (f"  {kind.get(language)}: {which.get(language)}" for kind, which in changed)
    for section in told.sections:
        yield from ("", section.title.get(language))
        for item in section.items:
            yield f"  {item.name.get(language)}"
            yield from (f"    {line.get(language)}" for line in item.lines)
        if section.rest:
            yield "  " + " ".join(line.get(language) for line in section.rest)
    yield from ("", say("compare_counts").get(language))
    for name, before, after in told.counts:
        one, other = before.get(language), after.get(language)
        yield f"  {name.get(language)}: {one if one == other else f'{one} → {other}'}"
    if told.handful:
        yield f"  {told.handful.get(language)}"


def kinds_said(kinds: Iterable[str]) -> Said:
    """Kinds of inputs as a list in words."""
    names = [say(f"compare_kind_{kind}") for kind in kinds]
    if len(names) < 2:
        return joined(names)
    more, last, link = joined(names[:-1]), names[-1], say("compare_and")
    return Said(f"{more.vi} {link.vi} {last.vi}", f"{more.en} {link.en} {last.en}")


def _run(side: Side) -> Said:
    try:
        started = datetime.fromisoformat(side.started)
    except ValueError:
        return said(side.run)
    return say("compare_run_line", run=side.run, day=day(side.started), time=f"{started:%H:%M}")


def _first_large(text: Said) -> Said:
    return Said(text.vi[:1].upper() + text.vi[1:], text.en[:1].upper() + text.en[1:])


def _origin(cause: Cause) -> Item:
    part = say(f"compare_part_{cause.part}")
    if not cause.kinds:
        name = say("compare_unknown", part=part)
    elif len(cause.kinds) == 1:
        name = say("compare_one", part=part, kind=kinds_said(cause.kinds))
    else:
        name = say("compare_several", part=part, kinds=kinds_said(cause.kinds))
    out = [
        say(f"compare_out_{why}", kind=_first_large(say(f"compare_kind_{kind}")))
        for kind, why in cause.out.items()
        if why != "same"
    ]
    return Item(name, tuple(out))


def _tried(found: Comparison, explained: Explained) -> Iterator[Item]:
    total = count(len(differences(found)))
    for trial in explained.trials:
        kind = say(f"compare_kind_{trial.kind}")
        if trial.failed:
            yield Item(say("compare_tried_failed", kind=kind, why=trial.failed), ())
        else:
            back = count(len(trial.back))
            yield Item(say("compare_tried_alone", kind=kind, count=back, of=total), _names(found, trial.back))
    if explained.left:
        left, over = count(len(explained.left)), kinds_said(explained.over)
        how = say("compare_left_over", kinds=over) if explained.over else say("compare_left_together")
        yield Item(say("compare_left", count=left, of=total, how=how), _names(found, explained.left))


def _names(found: Comparison, keys: Iterable[Key]) -> tuple[Said, ...]:
    known: dict[tuple[str, str], Said] = {}
    known |= {("findings", item.key): say("compare_pair", of=item.of, on=item.on) for item in found.findings.different}
    known |= {("evidence", item.key): _after(item) for item in found.evidence.different}
    known |= {("actions", item.id): _what(item) for item in found.actions}
    return tuple(known[part, key] for part, key, _ in keys)


def _which(changes: Changes, kind: str) -> Said:
    lines = list(_changed(changes, kind))
    return joined(lines, "; ") if lines else say("compare_unchanged")


def _changed(changes: Changes, kind: str) -> Iterator[Said]:
    if kind == "parameters":
        for item in changes.parameters:
            if item.wording:
                yield say("compare_only_words", name=item.key)
            elif item.before is None and item.after is None:
                yield say("compare_file_changed", name=item.key)
            else:
                yield say("compare_from_to", name=item.key, before=_value(item.before), after=_value(item.after))
        return
    named: tuple[Named, ...] = getattr(changes, kind)
    for item in named:
        if kind in ("data", "lists"):
            name = say(f"compare_list_{item.name}") if kind == "lists" else said(item.name)
            state = "added" if item.before is None else "gone" if item.after is None else "changed"
            yield say(f"compare_file_{state}", name=name)
        elif kind == "actions":
            if item.name == "history":
                yield say("compare_history_notes", before=item.before, after=item.after)
            else:
                yield say("compare_log_changed")
        elif kind == "by_hand":
            where = "after" if item.before is None else "before" if item.after is None else "both"
            yield say(f"compare_hand_{where}", name=item.name)
        elif kind == "code":
            if item.name in CODE:
                short = 8 if item.name == "commit" else None
                before, after = ((text or "–")[:short] for text in (item.before, item.after))
                yield say(f"compare_code_{item.name}", before=before, after=after)
        else:
            yield say("compare_from_to", name=item.name, before=item.before, after=item.after)
    files = [item.name for item in named if item.name not in CODE] if kind == "code" else []
    if files:
        more = say("compare_more", count=count(len(files) - FILES)) if len(files) > FILES else None
        yield say("compare_code_files", names=joined([*files[:FILES], *([more] if more else [])]))


def _value(value: object) -> Said:
    if value is None:
        return say("compare_nothing")
    if isinstance(value, bool):
        return say("page_yes" if value else "page_no")
    return said(str(value))  # as it is typed in params.yaml and for --set


def _sections(found: Comparison) -> Iterator[Section]:
    yield _compared("findings", found.findings, _finding)
    yield _compared("evidence", found.evidence, _evidence)
    items = tuple(_action(item) for item in found.actions)
    rest = [] if items else [say("compare_actions_none")]
    if found.before.history_changed != found.after.history_changed:
        rest.append(say(f"compare_history_{'now' if found.after.history_changed else 'before'}"))
    yield Section("actions", say("compare_actions"), items, tuple(rest))
    asked = [
        say(f"compare_asked_{which}", questions=joined([_quoted(label) for label in labels]))
        for which, labels in (("before", found.asked_before), ("after", found.asked_after))
        if labels
    ]
    if asked:
        yield Section("asked", say("compare_asked"), (), tuple(asked))


def _quoted(label: Both) -> Said:
    return Said(f"“{label.vi}”", f"“{label.en}”")


def _compared(key: str, found: Compared, tell) -> Section:
    rest = [] if found.different else [say("compare_none")]
    if found.shifted:
        rest.append(counted("compare_shifted", found.shifted))
    if found.same:
        rest.append(counted("compare_same", found.same))
    return Section(key, say(f"compare_{key}"), tuple(tell(item) for item in found.different), tuple(rest))


def _finding(item: Difference) -> Item:
    name = say("compare_pair", of=item.of, on=item.on)
    if item.what != "changed":
        return Item(name, (say(f"compare_{item.what}", other=say(f"compare_other_{item.other}")),))
    return Item(name, tuple(_lines(item)))


def _evidence(item: Difference) -> Item:
    name = _after(item)
    if item.what == "changed":
        return Item(name, tuple(_lines(item)))
    appeared = item.what == "appeared"
    graded = say(f"compare_{item.what}_graded", grade=_grade(item.grades[1 if appeared else 0]))
    text = item.told or say("compare_other_no_action")
    return Item(name, (graded, say(f"compare_other_told_{1 if appeared else 2}", text=text)))


def _after(item: Difference) -> Said:
    return say("compare_pair_after", of=_without_stop(item.of), on=item.on)


def _without_stop(text: Both) -> Said:
    return Said(text.vi.rstrip(" ."), text.en.rstrip(" ."))


def _lines(item: Difference) -> Iterator[Said]:
    if item.regraded:
        yield say("compare_grade", before=_grade(item.grades[0]), after=_grade(item.grades[1]))
    for moved in item.moved:
        yield _moved(moved)


def _grade(grade: str | None) -> Said:
    return say(GRADES.get(grade, grade.lower())) if grade else number(None)


def _moved(moved: Moved) -> Said:
    return say(
        "compare_moved",
        measure=say(f"compare_measure_{moved.measure}"),
        before=ranged(moved.before.estimate, moved.before.low, moved.before.high),
        after=ranged(moved.after.estimate, moved.after.low, moved.after.high),
        how=say(f"compare_how_{moved.how}"),
    )


def _action(item: ActionDifference) -> Item:
    name = _what(item)
    if item.what != "altered":
        return Item(name, (say(f"compare_action_{item.what}"),))
    return Item(name, tuple(_altered(field.name, field.before, field.after) for field in item.altered))


def _what(item: ActionDifference) -> Said:
    text = _without_stop(item.text)
    return Said(f"{text.vi} ({item.id})", f"{text.en} ({item.id})")


def _altered(name: str, before: object, after: object) -> Said:
    label = say(FIELD_WORDS.get(name, f"form_field_{name}"))
    if before is None and after is None:
        return say("compare_file_changed", name=label)
    return say("compare_from_to", name=label, before=_cell(name, before), after=_cell(name, after))


def _cell(name: str, value: object) -> Said:
    if value is None:
        return say("compare_nothing")
    if name == "status":
        return say(f"page_state_{value}")
    if name == "direction":
        return say(f"page_direction_{value}")
    if isinstance(value, int | float):
        return number(value)
    return (day(value) or said(value)) if isinstance(value, str) else said(value)


def _counts(found: Comparison) -> Iterator[tuple[Said, Said, Said]]:
    before, after = found.before, found.after
    for name in ("matter", "with_action", "with_change_measured"):
        yield say(f"compare_{name}"), count(before.loop[name]), count(after.loop[name])
    if found.rows_told:
        for name in ("read", "kept", "set_aside"):
            yield say(f"compare_{name}"), count(before.rows[name]), count(after.rows[name])
    yield say("compare_waves"), said(", ".join(before.waves) or "–"), said(", ".join(after.waves) or "–")
    yield say("compare_made_on"), day(before.made_on) or said("–"), day(after.made_on) or said("–")
