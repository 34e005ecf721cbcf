"""Parameters from guesses: what goes where, and the remark that stands beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cxlib.newclient import wording
from cxlib.newclient.crosswalk import Matched
from cxlib.newclient.keys import is_vietnamese, key_of, label_of
from cxlib.newclient.periods import name_of_file, period_of
from cxlib.newclient.ratings import Scale
from cxlib.newclient.roles import Guess
from cxlib.privacy.refusals import check_title

ASKED_BY_KEY = {"respondent": "id", "unit": "unit", "weight": "weight", "duration": "seconds"}
MOST_SEGMENTS = 12  # more groupings make every page long; the surest and those with the fewest blanks are taken


class NoQuestions(Exception):
    """No question on a scale was found beside which others stand."""


@dataclass
class Draft:
    """Values of `params.yaml`, and remarks by place: (text, whether it is to be confirmed)."""

    values: dict[str, Any] = field(default_factory=dict)
    remarks: dict[tuple[str | int, ...], tuple[str, bool]] = field(default_factory=dict)
    unused: list[tuple[str, str]] = field(default_factory=list)  # column, why

    def say(self, place: tuple[str | int, ...], why: str, sure: bool) -> None:
        """Put a remark beside a place."""
        self.remarks[place] = (why, not sure)


def draft_params(
    client: str,
    files: Sequence[str],
    paths: Sequence[Path],
    questions: Sequence[Matched],
    read: Sequence[Sequence[str]] = (),
) -> Draft:
    """Everything that a client's parameters need, from the guesses on its columns.

    Parameters
    ----------
    client : str
    files : sequence of str
        The files as the parameters shall name them, oldest first.
    paths : sequence of Path
        The same files.
    questions : sequence of Matched
    read : sequence of sequence of str
        How each file was read, where that is worth a remark: its header rows, its sheet, its encoding.

    Raises
    ------
    NoQuestions
        No question on a scale was found.
    """
    draft = Draft()
    values = draft.values
    by_role: dict[str, list[Matched]] = {}
    for question in questions:
        by_role.setdefault(question.last.role, []).append(question)
    vietnamese = any(is_vietnamese(question.last.column.asked) for question in questions)
    values["client"] = client
    values["title"] = title = {"vi": f"Khách hàng của {client}", "en": f"Customers of {client}"}
    if any(check_title(text, language) for language, text in title.items()):
        values["title"] = {"vi": "Khách hàng", "en": "Customers"}
    draft.say(("title",), "say whose answers these are; labels below are as asked: translate the other language", False)
    values["language"] = "vi" if vietnamese else "en"
    values["data"] = {"responses": files[0]}
    if len(files) == 1 and read and read[0]:
        draft.say(("data", "responses"), "; ".join(read[0]), _as_told(read[0]))
    mapped = _single_columns(draft, by_role, len(files))
    asked = _questions(draft, by_role)
    groups = _segments(draft, by_role, set(values["outcomes"]) | set(values["factors"]))
    _comments(draft, by_role)
    if len(files) > 1:
        _files(draft, files, paths, {**mapped, **asked, **groups}, read or [()] * len(files))
    for role in ("other", "overall"):
        for question in by_role.get(role, ()):
            if question not in asked.values():
                draft.unused.append((question.last.column.name, question.last.why))
    return draft


def _single_columns(draft: Draft, by_role: Mapping[str, list[Matched]], files: int) -> dict[str, Matched]:
    mapped: dict[str, Matched] = {}
    for role, key in ASKED_BY_KEY.items():
        for question in by_role.get(role, ())[:1]:
            guess = question.last
            draft.values[role] = guess.column.name
            told = "used to find doubles; never leaves cleaning" if role == "respondent" else guess.why
            draft.say((role,), told + _between(question), guess.sure and not question.renamed)
            mapped[key] = question
    if files == 1:
        for question in (by_role.get("wave") or by_role.get("date") or [])[:1]:
            guess = question.last
            draft.values["wave"] = {"column": guess.column.name}
            if guess.role == "date":
                every, waves = period_of(guess.column)
                draft.values["wave"]["every"] = every
                draft.say(("wave",), f"holds dates, cut into {waves} waves", False)
            else:
                draft.say(("wave",), f"its name; {guess.column.levels} different values", False)
    return mapped


def _questions(draft: Draft, by_role: Mapping[str, list[Matched]]) -> dict[str, Matched]:
    """Outcomes and factors; returns key -> question."""
    taken: dict[str, Matched] = {}
    outcomes: dict[str, Any] = {}
    factors: dict[str, Any] = {}
    rest: list[Matched] = []
    for role in ("referral", "loyalty"):
        asked = sorted(by_role.get(role, ()), key=lambda question: (-_files_of(question), -question.last.merit))
        for number, question in enumerate(asked):
            key = role if not number else key_of(question.last.column.name, question.last.column.asked, taken)
            taken[key] = question
            outcomes[key] = _entry(draft, ("outcomes", key), question)
            if number:
                outcomes[key]["proxy_for"] = role
    overall = by_role.get("overall", [])
    everywhere = [role for role in ("referral", "loyalty") if role in outcomes and all(taken[role].guesses)]
    for number, question in enumerate(overall):
        if number or everywhere:
            rest.append(question)
            continue
        key = key_of(question.last.column.name, question.last.column.asked, taken)
        taken[key] = question
        outcomes[key] = _entry(draft, ("outcomes", key), question)
        whole = "referral" in outcomes and all(taken["referral"].guesses)
        outcomes[key]["proxy_for"] = "loyalty" if whole else "referral"
    rated = [*by_role.get("factor", [])]
    if not outcomes and len(rated) >= 2:
        question = rated.pop()
        key = key_of(question.last.column.name, question.last.column.asked, taken)
        taken[key] = question
        outcomes[key] = {**_entry(draft, ("outcomes", key), question), "proxy_for": "loyalty"}
        why = "no question on recommending or coming back was found: this one only stands in, name the right one"
        draft.say(("outcomes", key), why, False)
    if not rated and rest:
        rated, rest = rest, []
    for question in rated:
        key = key_of(question.last.column.name, question.last.column.asked, taken)
        taken[key] = question
        factors[key] = _entry(draft, ("factors", key), question)
    if not outcomes or not factors:
        raise NoQuestions
    draft.values["outcomes"], draft.values["factors"] = outcomes, factors
    return taken


def _files_of(question: Matched) -> int:
    return sum(guess is not None for guess in question.guesses)


def _entry(draft: Draft, place: tuple[str | int, ...], question: Matched) -> dict[str, Any]:
    guess = question.last
    scales = [item.scale for item in question.guesses if item is not None and item.scale is not None]
    scale = _together(scales)
    entry: dict[str, Any] = {"column": guess.column.name, "scale": [scale.low, scale.high]}
    if scale.missing:
        entry["missing"] = list(scale.missing)
    if scale.answers:
        entry["answers"] = dict(scale.answers)
    text = label_of(guess.column.name, guess.column.asked)
    entry["label"] = {"vi": text, "en": text}
    differ = len({(item.low, item.high) for item in scales}) > 1
    why = guess.why + ("; the scale is not the same in every file" if differ else "")
    if len({_turned(item) for item in scales}) > 1:
        differ = True
        why += "; it runs the other way in another file: give that file's column a key of its own"
    why += _between(question)
    against = wording.AGAINST.search(wording.words_of(guess.column.name, guess.column.asked))
    sure = guess.sure and scale.sure and not differ and not question.renamed and not against
    draft.say(place, why, sure and question.guesses[-1] is not None)
    return entry


def _between(question: Matched) -> str:
    """What a remark adds on a question that is not the same column of every file."""
    if question.renamed:
        return "; renamed between the files"
    return "" if question.guesses[-1] is not None else "; not found in the newest file: was it renamed?"


def _turned(scale: Scale) -> bool:
    """Whether its codes run from best to worst and are turned round."""
    return any(text.isdigit() and number is not None and int(text) != number for text, number in scale.answers.items())


def _together(scales: Sequence[Scale]) -> Scale:
    """One scale for a question over its files: the newest, with the words and the missing codes of all."""
    newest = scales[-1]
    inside = range(newest.low, newest.high + 1)
    answers: dict[str, int | None] = {}
    met: set[str] = set()
    for scale in reversed(scales):
        for text, number in scale.answers.items():
            if text.isdigit() and not newest.answers:
                continue  # codes that an older file alone turns round
            alike = " ".join(text.split()).casefold()
            if alike not in met and (number is None or number in inside):
                met.add(alike)
                answers[text] = number
    missing = sorted({code for scale in scales for code in scale.missing if code not in inside})
    return Scale(newest.low, newest.high, tuple(missing), answers, newest.sure, newest.why, newest.by_words)


def _segments(draft: Draft, by_role: Mapping[str, list[Matched]], taken: set[str]) -> dict[str, Matched]:
    found: dict[str, Matched] = {}
    entries: dict[str, Any] = {}
    groups = sorted(
        by_role.get("segment", ()),
        key=lambda item: (-_files_of(item), not item.last.sure, -item.last.column.filled, item.last.column.position),
    )
    for question in groups[MOST_SEGMENTS:]:
        draft.unused.append((question.last.column.name, "a group; enough others are taken"))
    for question in sorted(groups[:MOST_SEGMENTS], key=lambda item: item.last.column.position):
        guess = question.last
        key = key_of(guess.column.name, guess.column.asked, {*taken, *found})
        text = label_of(guess.column.name, guess.column.asked)
        entries[key] = {"column": guess.column.name, "label": {"vi": text, "en": text}}
        if wording.SENSITIVE.search(wording.words_of(guess.column.name, guess.column.asked)):
            entries[key]["sensitive"] = True
        told = f"{guess.column.levels} groups" + _between(question)
        sure = guess.sure and not question.renamed and question.guesses[-1] is not None
        draft.say(("segments", key), told, sure)
        found[key] = question
    if entries:
        draft.values["segments"] = entries
    return found


def _comments(draft: Draft, by_role: Mapping[str, list[Matched]]) -> None:
    questions = by_role.get("comment", [])
    taken = {*draft.values["outcomes"], *draft.values["factors"], *draft.values.get("segments", {})}
    reserved = {"row", "source", "rule", "wave", "day", "person", "respondent", "unit", "stratum", "seconds", "weight"}
    kept = [item for item in questions if item.last.column.name not in taken | reserved and not item.renamed]
    if kept:
        draft.values["comments"] = [item.last.column.name for item in kept]
        sure = all(item.last.sure for item in kept)
        draft.say(("comments",), "free text; contact details and names are taken out before it is stored", sure)
    for question in questions:
        if question not in kept:
            draft.unused.append((question.last.column.name, "free text, not called the same in every file"))


def _as_told(remarks: Sequence[str]) -> bool:
    """Whether nothing of how a file was read is a guess: another sheet, another encoding."""
    return not any("sheets" in remark or "guessed" in remark for remark in remarks)


def _files(
    draft: Draft,
    files: Sequence[str],
    paths: Sequence[Path],
    mapped: Mapping[str, Matched],
    read: Sequence[Sequence[str]],
) -> None:
    """One entry a file, with the columns that are not called as in the newest."""
    called, sure = name_of_file(paths)
    entries = []
    for number, (file, wave) in enumerate(zip(files, called, strict=True)):
        entry: dict[str, Any] = {"file": file, "wave": wave}
        columns = {}
        for key, question in mapped.items():
            guess: Guess | None = question.guesses[number]
            if guess is not None and guess.column.name != question.last.column.name:
                columns[key] = guess.column.name
        if columns:
            entry["columns"] = columns
        entries.append(entry)
        told = "; ".join(["the wave's name, from the file's" if sure else "the wave's name: a number", *read[number]])
        draft.say(("data", "responses", number), told, sure and _as_told(read[number]))
    draft.values["data"] = {"responses": entries}
