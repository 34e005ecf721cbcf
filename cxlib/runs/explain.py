"""Which of several changes stands behind a difference: the first run made again with one of them at a time.

What can be swapped is what is still there: parameters are in the manifest; survey, action log and lists are looked for
by their hash. Old code and old packages are gone, so they are what is left over. All of it happens in a folder of its
own that is thrown away: the client's folder, its runs and `latest` are not touched.
"""

from __future__ import annotations

import copy
import hashlib
import shutil
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from cxlib.actions.chain import RUN_FILE, chain_path
from cxlib.errors import CxError, DataError, ParamsError
from cxlib.params import project_file
from cxlib.runs import places
from cxlib.runs.causes import Kind, Recorded, read_recorded
from cxlib.runs.compare import Comparison, compare_documents, read_document
from cxlib.runs.manifest import file_digest
from cxlib.runs.trials import SWAPPED, Explained, Trial, differences
from cxlib.runs.workshop import workshop

_LINES = {".csv", ".tsv", ".txt"}


def explain(
    found: Comparison,
    before: Path,
    after: Path,
    *,
    progress: Callable[[int, int, Kind | None, Any], None] | None = None,
    run: Callable[..., Any] | None = None,
) -> Explained:
    """Make the first run again with one kind of input of the second at a time.

    Parameters
    ----------
    found : Comparison
        Of these two runs.
    before, after : Path
        Their folders.
    progress : callable, optional
        Told (number, of, kind, progress of the stages); kind None is the first run itself, made again with the code
        of today, against which the others are held.
    run : callable, optional
        As `cxlib.runs.run.run_client`, which it is unless given.

    Raises
    ------
    ParamsError, DataError
        An input of the first run is no more there, so that nothing can be made again.
    """
    if run is None:
        from cxlib.runs.run import run_client as run
    first, second = read_recorded(before), read_recorded(after)
    kinds: list[Kind] = [kind for kind in found.changes.kinds if kind in SWAPPED]
    tell = progress or (lambda *_: None)
    with workshop("cx-compare-") as home:
        outputs = home / "outputs"
        try:
            for record in (first, second):  # stages that come out the same are taken over from them
                shutil.copytree(record.folder, outputs / found.client / record.folder.name, symlinks=True)
        except OSError as error:  # shutil.Error too
            raise ParamsError(
                f"The runs cannot be copied to try them: {error.strerror or 'files could not be read or written'}.",
                tempfile.gettempdir(),
                "is there room left? TMPDIR names another folder",
            ) from None

        def again(number: int, kind: Kind | None) -> Path:
            folder = home / "params" / str(number) / found.client
            _lay_out(folder, first, second, kind)
            made = run(folder, outputs=outputs, progress=lambda step: tell(number, len(kinds) + 1, kind, step))
            (outputs / found.client / places.LATEST).unlink(missing_ok=True)  # every trial begins without a past
            return made.folder

        base = again(1, None)
        trials = []
        for number, kind in enumerate(kinds, start=2):
            try:
                one = again(number, kind)
            except CxError as error:
                trials.append(Trial(kind, (), error.problems[0].what))
                continue
            alone = compare_documents(read_document(base), read_document(one), read_recorded(base), read_recorded(one))
            back = set(differences(alone))
            trials.append(Trial(kind, tuple(key for key in differences(found) if key in back)))
    seen = {key for trial in trials for key in trial.back}
    left = tuple(key for key in differences(found) if key not in seen)
    return Explained(tuple(trials), left, tuple(kind for kind in found.changes.kinds if kind not in SWAPPED))


def _lay_out(folder: Path, first: Recorded, second: Recorded, kind: Kind | None) -> None:
    """A client's folder as the first run had it, with one kind as the second had it."""
    folder.mkdir(parents=True)
    parameters = _parameters(first, second, kind)
    of = {name: second if kind == name else first for name in ("data", "actions", "lists")}
    files = parameters["data"]["responses"]
    for number, item in enumerate(files):
        wanted = of["data"].survey[item["file"]]
        item["file"] = _put(folder, of["data"], item["file"], wanted, f"{number + 1}")
    for name in ("actions", "promises", "strategy"):
        source = of["actions" if name == "actions" else "lists"]
        if parameters.get(name) is not None and source.logs[name] is not None:
            written = parameters[name]
            parameters[name] = _put(folder, source, written, source.logs[name], name)
            if name == "actions":
                _put_chain(folder / parameters[name], source, written)
    import yaml

    text = yaml.safe_dump(_said(parameters), allow_unicode=True, sort_keys=False)
    (folder / "params.yaml").write_text(text, encoding="utf-8")


def _parameters(first: Recorded, second: Recorded, kind: Kind | None) -> dict[str, Any]:
    moving = {name for names in SWAPPED.values() for name in names}
    found = {}
    for name in dict.fromkeys((*first.parameters, *second.parameters)):
        if kind == "parameters":
            source = first if name in moving else second
        else:
            source = second if kind is not None and name in SWAPPED[kind] else first
        if name in source.parameters:
            found[name] = copy.deepcopy(source.parameters[name])
    return found


def _said(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """What is None is not said, as in a file that somebody wrote."""
    return {
        key: _said(value) if isinstance(value, Mapping) else value
        for key, value in parameters.items()
        if value is not None
    }


def _put(folder: Path, record: Recorded, written: str, sha: str, instead: str) -> str:
    """Write the file of this hash into a folder, under the name that the parameters give it where that lies in it.

    Raises
    ------
    DataError
        It is no more there.
    """
    path = project_file(record.client_folder, written)
    inside = not Path(written).is_absolute() and ".." not in Path(written).parts
    name = written if inside else f"{instead}-{path.name}"
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    for candidate in [path, *_beside(path, record.client_folder)]:
        if candidate.is_file() and file_digest(candidate) == sha:
            shutil.copyfile(candidate, folder / name)
            return name
    start = _earlier(path, sha)
    if start is None:
        raise DataError(
            "This file is no more as the run read it, so that the run cannot be made again.",
            f"{path.name} of the run {record.run}",
            "put the old file beside the new one, under any name",
        )
    (folder / name).write_bytes(start)
    return name


def _beside(path: Path, client_folder: Path) -> list[Path]:
    folders = dict.fromkeys((path.parent, client_folder))
    return [
        item
        for folder in folders
        if folder.is_dir()
        for item in sorted(folder.iterdir())
        if item.suffix == path.suffix and item != path
    ]


def _earlier(path: Path, sha: str) -> bytes | None:
    """The beginning of a file that has only grown since, whole lines of it; None when it is not that."""
    if path.suffix.lower() not in _LINES or not path.is_file():
        return None
    so_far, size = hashlib.sha256(), 0
    with path.open("rb") as lines:
        for line in lines:
            bare = line.rstrip(b"\r\n")
            for text in (line, bare):  # the last line of the old file may have had no end
                here = so_far.copy()
                here.update(text)
                if here.hexdigest() == sha:
                    lines_before = path.read_bytes()[:size]
                    return lines_before + text
            so_far.update(line)
            size += len(line)
    return None


def _put_chain(log: Path, record: Recorded, written: str) -> None:
    """The chain beside the log as far as the run had seen it, so that nothing seems cut or slipped in."""
    chain, history = chain_path(project_file(record.client_folder, written)), record.folder / RUN_FILE
    if not chain.is_file() or not history.is_file():
        return
    head = str(places.read_json(history).get("head", ""))
    kept = []
    for line in chain.read_text(encoding="utf-8").splitlines(keepends=True):
        kept.append(line)
        if head and f'"{head}"' in line:
            chain_path(log).write_text("".join(kept), encoding="utf-8", newline="")
            return
