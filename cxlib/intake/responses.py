"""Read every survey file of a client into one table of raw answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from cxlib.errors import DataError, Problem
from cxlib.intake.formats import open_file
from cxlib.intake.names import Match, absent_problem, match_columns
from cxlib.intake.table import Codebook, Opened, Responses, SourceNote
from cxlib.intake.waves import Dated, cut_dates, name_waves
from cxlib.params.agree import ONLY_WAVE
from cxlib.params.model import Params, WaveFile, project_file

OWN = ("row", "source", "rule", "wave", "day", "person", "respondent", "unit", "stratum", "seconds", "weight")


@dataclass(frozen=True)
class _File:
    entry: WaveFile
    source: str
    opened: Opened
    match: Match


def read_responses(params: Params, folder: Path) -> Responses:
    """Read the files named in `data.responses`; nothing but the declared columns is kept.

    Parameters
    ----------
    params : Params
    folder : Path
        The client's folder; file names count from there.

    Returns
    -------
    Responses
        The raw table, codebooks, notes on the files; see its own description.

    Raises
    ------
    DataError
        With every problem of every file at once: a file that is missing or cannot be read, a wrong sheet, a column
        that no file has, two columns of the same name, dates that can be read in two ways.
    """
    responses, problems = read_leniently(params, folder)
    if problems or responses is None:
        raise DataError(problems)
    return responses


def read_leniently(params: Params, folder: Path) -> tuple[Responses | None, tuple[Problem, ...]]:
    """Read what can be read, and say what cannot; for a check that looks on past the first mistake.

    Returns
    -------
    tuple of (Responses or None, tuple of Problem)
        The columns that were found in the files that could be read (None when there are none), and every problem.
    """
    problems = _refuse_names(params)
    files, unread = _open_all(params, folder, problems)
    if not unread:
        problems += _absent_everywhere(files)
    problems += _missing_wave(params, files)
    responses = _assemble(params, files, problems)
    return responses, tuple(problems)


def _wanted(params: Params, entry: WaveFile) -> tuple[dict[str, str], dict[str, str]]:
    """Columns to look for in one file, and those of them that the parameters name for this very file."""
    insisted = {("respondent" if key == "id" else key): column for key, column in entry.columns.items()}
    wanted = params.columns()
    if any("id" in item.columns for item in params.data.files):
        wanted.setdefault("respondent", insisted.get("respondent", "id"))
    wanted |= insisted
    if entry.wave is not None:
        wanted.pop("wave", None)
    return wanted, insisted


def _refuse_names(params: Params) -> list[Problem]:
    """Comment columns keep their own names, which must not be those of the workbench or of another key."""
    taken = {*OWN, *params.questions, *params.segments}
    return [
        Problem(
            f"The comment column '{name}' has a name that is used for something else.",
            "params.yaml, comments",
            f"call it otherwise and map it in data.responses: columns: {{{name}_text: {name}}}",
        )
        for name in params.comments
        if name in taken
    ]


def _open_all(params: Params, folder: Path, problems: list[Problem]) -> tuple[list[_File], bool]:
    files, unread = [], False
    sources = _source_names(params.data.files)
    for entry, source in zip(params.data.files, sources, strict=True):
        wanted, insisted = _wanted(params, entry)
        try:
            opened = open_file(
                project_file(folder, entry.file),
                source,
                sheet=entry.sheet or params.data.sheet,
                encoding=params.data.encoding,
                delimiter=params.data.delimiter,
                hints=wanted.values(),
            )
        except DataError as error:
            problems += error.problems
            unread = True
            continue
        match = match_columns(wanted, insisted, opened.names, source)
        problems += match.problems
        problems += _read_twice(params, match, opened, source)
        files.append(_File(entry, source, opened, match))
    return files, unread


def _source_names(entries: tuple[WaveFile, ...]) -> list[str]:
    """File names; with the sheet, and if need be a number, where one file is read more than once."""
    names = [Path(entry.file).name for entry in entries]
    count = Counter(names)
    names = [
        f"{name} [{entry.sheet}]" if count[name] > 1 and entry.sheet else name
        for name, entry in zip(names, entries, strict=True)
    ]
    count = Counter(names)
    seen: Counter[str] = Counter()
    unique = []
    for name in names:
        seen[name] += 1
        unique.append(f"{name} ({seen[name]})" if count[name] > 1 else name)
    return unique


def _read_twice(params: Params, match: Match, opened: Opened, source: str) -> list[Problem]:
    """Two questions that read one column would go together perfectly and mean nothing."""
    by_position: dict[int, list[str]] = {}
    for key, position in match.positions.items():
        if key in params.questions:
            by_position.setdefault(position, []).append(key)
    return [
        Problem(
            f"The column '{opened.names[position]}' is read for {' and '.join(keys)}.",
            source,
            "each outcome and each factor needs a column of its own",
        )
        for position, keys in by_position.items()
        if len(keys) > 1
    ]


def _absent_everywhere(files: list[_File]) -> list[Problem]:
    problems = []
    for key in dict.fromkeys(key for file in files for key in file.match.absent):
        if all(key in file.match.absent for file in files):
            names = {file.source: file.opened.names for file in files}
            problems.append(absent_problem(key, files[0].match.absent[key], names))
    return problems


def _missing_wave(params: Params, files: list[_File]) -> list[Problem]:
    named = [file for file in files if file.entry.wave is not None]
    problems = []
    for file in files:
        if file.entry.wave is not None or "wave" in file.match.positions:
            continue
        if params.wave is None and named:
            problems.append(
                Problem("The file has no wave, while others have.", file.source, "give it one: data.responses: wave")
            )
        elif params.wave is not None and len(files) > 1 and any("wave" in other.match.positions for other in files):
            problems.append(absent_problem("wave", file.match.absent["wave"], {file.source: file.opened.names}))
    return problems


def _assemble(params: Params, files: list[_File], problems: list[Problem]) -> Responses | None:
    keys = [key for key in _ordered_keys(params, files) if key != "wave"]
    parts: dict[str, list[np.ndarray | None]] = {key: [] for key in keys}
    rows, waves, dates, days, notes, read = [], [], [], [], [], []
    codebooks: dict[str, dict[str, Codebook]] = {}
    for file in files:
        found = list(file.match.positions)
        try:
            taken = file.opened.take([file.match.positions[key] for key in found])
        except DataError as error:
            problems += error.problems
            continue
        if not len(taken.rows):
            problems.append(Problem("The file has a header and no rows.", file.source, "export the survey again"))
            continue
        read.append(file)
        by_key = dict(zip(found, taken.cells, strict=True))
        books = dict(zip(found, taken.codebooks, strict=True))
        dated = _waves(params, file, by_key.pop("wave", None), books, len(taken.rows))
        problems += dated.problems
        for key in keys:
            parts[key].append(by_key.get(key))
        rows.append(taken.rows)
        waves.append(dated.wave)
        dates.append(dated.dates)
        days.append(dated.days)
        codebooks[file.source] = {key: book for key, book in books.items() if book.labels or book.missing}
        notes.append(_note(file, len(taken.rows)))
    if not read:
        return None
    lengths = [len(numbers) for numbers in rows]
    table = pd.DataFrame(
        {
            "row": np.concatenate(rows),
            "source": pd.Series(np.repeat([file.source for file in read], lengths), dtype="str"),
            "wave": pd.Series(np.concatenate(waves), dtype="str"),
        }
    )
    table = pd.concat([table, pd.DataFrame({key: _stack(parts[key], lengths) for key in keys})], axis=1)
    when = pd.Series(np.concatenate(dates), name="date")
    present = {file.source: frozenset(file.match.positions) for file in read}
    return Responses(
        table=table,
        asked=_asked(table, present, keys),
        codebooks=codebooks,
        present=present,
        notes=tuple(notes),
        dates=when,
        days=pd.Series(np.concatenate(days), name="day"),
        made_on=when.max().date() if when.notna().any() else None,
    )


def _ordered_keys(params: Params, files: list[_File]) -> list[str]:
    keys = list(params.columns())
    return [*keys, *dict.fromkeys(key for file in files for key in file.match.positions if key not in keys)]


def _waves(params: Params, file: _File, cells: np.ndarray | None, books: Mapping[str, Codebook], length: int) -> Dated:
    nothing = np.full(length, "NaT", dtype="datetime64[us]")
    if cells is None:
        return Dated(np.full(length, file.entry.wave or ONLY_WAVE, dtype=object), nothing, nothing)
    column = file.opened.names[file.match.positions["wave"]]
    where = f"{file.source}, column '{column}' (wave)"
    if params.wave is not None and params.wave.every is not None:
        return cut_dates(cells, params.wave.every, where)
    return name_waves(cells, dict(books["wave"].labels), where)


def _stack(parts: list[np.ndarray | None], lengths: list[int]) -> pd.Series:
    """One column of all files: floats when all are numbers, text when all are text, else objects."""
    kinds = {_kind(part) for part in parts if part is not None}
    kind = kinds.pop() if len(kinds) == 1 else "object"
    if kind == "float64":
        filled = [np.full(n, np.nan) if part is None else part for part, n in zip(parts, lengths, strict=True)]
        return pd.Series(np.concatenate(filled), dtype="float64")
    filled = [np.full(n, None, dtype=object) if part is None else part for part, n in zip(parts, lengths, strict=True)]
    cells = np.concatenate([part.astype(object) for part in filled])
    cells[pd.isna(cells)] = None
    return pd.Series(cells, dtype=kind)


def _kind(part: np.ndarray) -> str:
    if part.dtype == np.float64:
        return "float64"
    return "str" if pd.api.types.infer_dtype(part, skipna=True) in ("string", "empty") else "object"


def _asked(table: pd.DataFrame, present: Mapping[str, frozenset[str]], keys: list[str]) -> dict[str, frozenset[str]]:
    waves = {source: set(group.unique()) - {""} for source, group in table.groupby("source")["wave"]}
    return {
        key: frozenset(wave for source, found in present.items() if key in found for wave in waves[source])
        for key in keys
    }


def _note(file: _File, rows: int) -> SourceNote:
    opened = file.opened
    return SourceNote(
        source=file.source,
        format=opened.format,
        encoding=opened.encoding,
        delimiter=opened.delimiter,
        sheet=opened.sheet,
        rows=rows,
        sha256=opened.sha256,
        not_asked=tuple(file.match.absent),
        remarks=opened.remarks,
    )
