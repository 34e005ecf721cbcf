"""A folder as bytes that travel, with the hash of every file: a client's folder there, a run folder back."""

from __future__ import annotations

import io
import posixpath
import shutil
import tarfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cxlib.errors import DataError, ParamsError, Problem, StageError
from cxlib.params import Params, load_params
from cxlib.runs.manifest import LISTS, file_digest

PARAMS_FILE = "params.yaml"
CLIENTS = "params"  # the folder of all clients in the scratch folder of a worker
CHAIN_ENDING = ".history.jsonl"
CHANGED = "The survey or the action log was changed during the run."


@dataclass(frozen=True)
class Packed:
    """What a run reads of a client's folder.

    Attributes
    ----------
    files : mapping
        Place in the scratch folder of a worker -> path on this machine.
    digests : mapping
        Place -> SHA-256, of all of them but the history of the log, which the run itself writes.
    outside : mapping
        Absolute path -> SHA-256 of files that the parameters name elsewhere.
    """

    files: Mapping[str, str]
    digests: Mapping[str, str]
    outside: Mapping[str, str]

    def archive(self) -> bytes:
        """The files as bytes that travel."""
        return pack({place: Path(path).read_bytes() for place, path in self.files.items()})


def named_files(params: Params) -> list[str]:
    """The files of a client's folder that its parameters name, `params.yaml` first."""
    lists = [getattr(params, key) for key in LISTS]
    return list(dict.fromkeys([PARAMS_FILE, *(item.file for item in params.data.files), *filter(None, lists)]))


def chain_files(params: Params, folder: Path) -> list[str]:
    """The history beside the action log, under its present name or one that the log had before."""
    if params.actions is None:
        return []
    log = Path(params.actions)
    beside = (folder / log).parent
    found = sorted(beside.glob(f"{log.stem}.*{CHAIN_ENDING}")) if beside.is_dir() else []
    return [(log.parent / path.name).as_posix() for path in found]


def place_of(client: str, name: str) -> str | None:
    """Where a file that the parameters name lies in the scratch folder; None when that is outside of it.

    Examples
    --------
    >>> place_of("shop", "2026/survey.csv"), place_of("shop", "../shared.csv"), place_of("shop", "/data/survey.csv")
    ('params/shop/2026/survey.csv', 'params/shared.csv', None)
    """
    if Path(name).is_absolute():
        return None
    place = posixpath.normpath(posixpath.join(CLIENTS, client, Path(name).as_posix()))
    return None if place.startswith("..") else place


def read_files(folder: Path, changes: Mapping[str, Any] | None = None) -> tuple[list[str], list[str]]:
    """The files that a run reads of a client's folder, and the histories beside its action logs.

    Parameters
    ----------
    folder : Path
        The client's folder.
    changes : mapping, optional
        Dotted key -> value, for one run only. What they name is added: the look before a run reads the folder as it is.

    Raises
    ------
    CxError
        The parameters are wrong, or a change is.
    """
    all_params = [load_params(folder)]
    if changes:
        from cxlib.runs.changes import read_changed

        all_params.append(read_changed(folder, changes))
    names = [name for params in all_params for name in named_files(params)]
    chains = [name for params in all_params for name in chain_files(params, folder)]
    return list(dict.fromkeys(names)), list(dict.fromkeys(chains))


def pack_client(folder: Path, changes: Mapping[str, Any] | None = None) -> Packed:
    """Name what a run reads of a client's folder, and nothing else that lies there.

    Parameters
    ----------
    folder : Path
        The client's folder.
    changes : mapping, optional
        Dotted key -> value, for this run only; they can name other files.

    Raises
    ------
    CxError
        The parameters are wrong, or a change is; a file cannot be read.
    """
    folder = Path(folder).resolve()
    names, chains = read_files(folder, changes)
    files, digests, outside = {}, {}, {}
    problems = []
    for name in [*names, *chains]:
        path, place = folder / name, place_of(folder.name, name)
        try:
            if place is None:
                outside[str(path.resolve())] = file_digest(path)
                continue
            if name in names:
                digests[place] = file_digest(path)
            files[place] = str(path)
        except OSError as error:
            how = "mend params.yaml, or --set" if changes else "mend params.yaml"
            problems.append(Problem(f"The file cannot be read: {error.strerror}.", name, how))
    if problems:
        raise DataError(problems)
    return Packed(files, digests, outside)


def still_the_same(packed: Packed) -> bool:
    """Whether the client's folder still holds what was packed."""
    paths = {packed.files[place]: sha for place, sha in packed.digests.items()}
    try:
        return all(file_digest(Path(path)) == sha for path, sha in {**paths, **packed.outside}.items())
    except OSError:
        return False


def bring(files: Mapping[str, str], digests: Mapping[str, str], scratch: Path) -> None:
    """Copy a client's files into a scratch folder of the same machine.

    Raises
    ------
    StageError
        One is no more as it was when the batch looked at it.
    """
    for place, path in files.items():
        target = scratch / place
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
        if place in digests and file_digest(target) != digests[place]:
            raise StageError(CHANGED, Path(place).name, "run again")


def check_outside(outside: Mapping[str, str]) -> None:
    """Refuse a file elsewhere that this worker does not see as the batch saw it.

    Raises
    ------
    ParamsError
    """
    problems = []
    for path, sha in outside.items():
        try:
            same = file_digest(Path(path)) == sha
        except OSError:
            same = False
        if not same:
            how = "put it into the client's folder, and name it in params.yaml relative to that"
            problems.append(Problem("The worker does not see this file, or sees another one.", Path(path).name, how))
    if problems:
        raise ParamsError(problems)


def pack(files: Mapping[str, bytes]) -> bytes:
    """Files as one archive: the same files, the same bytes."""
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w:gz", compresslevel=1, format=tarfile.PAX_FORMAT) as archive:
        for name, content in sorted(files.items()):
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(content), 0o644
            archive.addfile(entry, io.BytesIO(content))
    packed = bytearray(target.getvalue())
    packed[4:8] = bytes(4)  # gzip writes the time of packing there
    return bytes(packed)


def pack_folder(folder: Path, names: Iterable[str]) -> bytes:
    """Some files of a folder as one archive."""
    return pack({name: (folder / name).read_bytes() for name in names})


def unpack(archive: bytes, folder: Path) -> None:
    """Write the files of an archive into a folder; none lands outside of it.

    Raises
    ------
    StageError
        It is no such archive.
    """
    try:
        with tarfile.open(fileobj=io.BytesIO(archive), mode="r:gz") as packed:
            packed.extractall(folder, filter="data")
    except (tarfile.TarError, EOFError) as error:
        raise StageError("What arrived is damaged.", type(error).__name__, "run again") from None


def folder_digests(folder: Path) -> dict[str, str]:
    """SHA-256 of every file below a folder, by its path in it."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): file_digest(path) for path in files}
