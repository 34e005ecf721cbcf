"""A new client's folder from survey exports."""

from __future__ import annotations

import os
import re
import tempfile
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from cxlib.cleaning import check_responses
from cxlib.errors import CxError, DataError, ParamsError, Problem
from cxlib.newclient.confirm import ToConfirm, left_to_confirm
from cxlib.newclient.crosswalk import match_files
from cxlib.newclient.draft import NoQuestions, draft_params
from cxlib.newclient.periods import wave_named
from cxlib.newclient.profile import look_at, other_sheet
from cxlib.newclient.roles import Guess, guess_roles
from cxlib.newclient.yaml_text import shortened, to_yaml
from cxlib.params import Params, load_params
from cxlib.params.load import FILE
from cxlib.privacy.refusals import refuse_params


@dataclass(frozen=True)
class NewClient:
    """What was written.

    Parameters
    ----------
    path : Path
        The new params.yaml.
    params : Params
    roles : dict of str to int
        How many columns were taken for each role, all files together.
    left_out : tuple of (column, why)
        Columns that look like a person's, by name only.
    confirm : tuple of ToConfirm
    problems : tuple of Problem
        What `cx check` will say of the data.
    """

    path: Path
    params: Params
    roles: dict[str, int]
    left_out: tuple[tuple[str, str], ...]
    confirm: tuple[ToConfirm, ...]
    problems: tuple[Problem, ...]


def new_client(client: str, files: Sequence[Path], below: Path = Path("params")) -> NewClient:
    """Work out the roles of a survey's columns and write the client's params.yaml.

    Parameters
    ----------
    client : str
        The new folder's name below `below`.
    files : sequence of Path
        One survey export, or several: one a wave. They stay where they are.
    below : Path
        Where clients' folders are.

    Raises
    ------
    ParamsError
        The name is no plain name, or the client has a params.yaml already, which is never overwritten.
    DataError
        A file cannot be read, or holds no questions on a scale.
    """
    target = below / client / FILE
    _refuse(client, target, files)
    ordered = sorted(files, key=lambda path: (wave_named(path.stem) or "",)) if _all_named(files) else list(files)
    looked, read, problems = [], [], []
    for path in ordered:
        try:
            opened, columns = look_at(path, path.name)
            looked.append(guess_roles(columns))
            read.append(opened.remarks)
        except DataError as error:
            problems += error.problems
    if problems:
        raise DataError(problems)
    named = [_place_of(path, target.parent) for path in ordered]
    try:
        draft = draft_params(client, named, ordered, match_files([_kept(guesses) for guesses in looked]), read)
    except NoQuestions:
        raise DataError(_no_questions(looked, ordered, read)) from None
    every = [guess for guesses in looked for guess in guesses]
    left_out = tuple(dict.fromkeys((guess.column.name, guess.why) for guess in every if guess.role == "person"))
    roles = Counter(guess.role for guess in every)
    text = to_yaml(draft, _head(client, left_out))
    params = _write(target, text)
    confirm, problems = left_to_confirm(target.parent), _checked(params, target.parent)
    return NewClient(target, params, dict(roles), left_out, confirm, tuple(problems))


def _refuse(client: str, target: Path, files: Sequence[Path]) -> None:
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,39}", client):
        raise ParamsError(f"'{client}' is no plain name.", "CLIENT", "small letters, digits, - and _, at most 40")
    if target.exists():
        how = "choose another name, or move the file away first"
        raise ParamsError("This client has parameters already; they are not overwritten.", str(target), how)
    if not files:
        raise ParamsError("No survey file is named.", "--from", "write --from FILE")
    twice = [path for path, count in Counter(path.resolve() for path in files).items() if count > 1]
    if twice:
        raise ParamsError("A file is named twice.", f"--from {twice[0].name}", "name each wave's file once")


def _all_named(files: Sequence[Path]) -> bool:
    return all(wave_named(path.stem) for path in files)


def _kept(guesses: Sequence[Guess]) -> list[Guess]:
    return [guess for guess in guesses if guess.role != "person"]


def _place_of(path: Path, folder: Path) -> str:
    """The file as seen from the client's folder where both lie in one tree, else its whole path."""
    whole, base = path.resolve(), folder.resolve()
    try:
        together = Path(os.path.commonpath([whole, base]))
    except ValueError:  # another drive
        return str(whole)
    return Path(os.path.relpath(whole, base)).as_posix() if together != Path(together.anchor) else str(whole)


def _head(client: str, left_out: Sequence[tuple[str, str]]) -> list[str]:
    lines = [
        f"Parameters of {client}, worked out from the survey's columns. Every guess says why;",
        f"look at those marked 'confirm', then take the mark away: cx check {client} lists them.",
    ]
    if left_out:
        lines.append("Left out, for they look like a person, a contact or a place on the map:")
        for name, why in left_out:
            lines.append(f"  - {shortened(name)} ({why})")
    return lines


def _no_questions(
    looked: Sequence[Sequence[Guess]], files: Sequence[Path], read: Sequence[Sequence[str]]
) -> list[Problem]:
    found = Counter(guess.role for guesses in looked for guess in guesses)
    told = ", ".join(f"{count} {role}" for role, count in sorted(found.items()))
    others = "".join(dict.fromkeys(map(other_sheet, read)))
    return [
        Problem(
            "Fewer than two questions with answers on a scale were found; whole numbers or words such as 'satisfied'.",
            ", ".join(path.name for path in files[:5]),
            f"export the answers of respondents, one row each, with the questions' wording (found: {told}){others}",
        )
    ]


def _write(target: Path, text: str) -> Params:
    """Write params.yaml in one step, once it has been read back; a file that is there is left as it is."""
    made = [folder for folder in (target.parent, *target.parents[1:]) if not folder.exists()]
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".new-") as place:
            draft = Path(place) / target.parent.name / FILE
            draft.parent.mkdir()
            with draft.open("w", encoding="utf-8", newline="\n") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            params = load_params(draft.parent)
            refused = refuse_params(params)
            if refused:
                raise ParamsError(refused)
            _put(draft, target)
    except CxError:
        _clear(made)
        raise
    except OSError as error:
        _clear(made)
        how = "check the folder's rights, and the room left on the disk"
        raise ParamsError(f"The file cannot be written: {error.strerror}.", str(target), how) from None
    return params


def _clear(folders: Sequence[Path]) -> None:
    """Take away the folders that were made for the file and hold nothing."""
    for folder in folders:
        with suppress(OSError):
            folder.rmdir()


def _put(draft: Path, target: Path) -> None:
    """Move the file to its place unless one is there, also when somebody is quicker."""
    try:
        os.link(draft, target)
    except FileExistsError:
        raise ParamsError("This client has parameters already; they are not overwritten.", str(target)) from None
    except OSError:  # a file system without links
        if target.exists():
            raise ParamsError("This client has parameters already; they are not overwritten.", str(target)) from None
        draft.replace(target)


def _checked(params: Params, folder: Path) -> tuple[Problem, ...]:
    try:
        return check_responses(params, folder)
    except CxError as error:
        return error.problems
