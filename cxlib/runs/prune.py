"""Make room: runs that nobody needs any more, named first, and removed only when asked to."""

from __future__ import annotations

import os
import secrets
import shutil
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from cxlib.errors import ParamsError, Problem, StageError
from cxlib.runs import places
from cxlib.runs.cache import records
from cxlib.runs.latest import latest_run, one_run_at_a_time

KEEP = 5
_GONE = ".pruned-"  # a run on its way out: renamed first, so that nobody sees half of one


@dataclass(frozen=True)
class Pruned:
    """What becomes of one run.

    Attributes
    ----------
    client, run : str
    status : str
    keep : bool
    why : str
        latest, newest, named, or: failed, stopped, interrupted, partial, older; of an attempt that is kept also why.
    """

    client: str
    run: str
    status: str
    keep: bool
    why: str

    def as_dict(self) -> dict[str, Any]:
        """The fields, for `--json`."""
        return asdict(self)


@dataclass(frozen=True)
class Pruning:
    """What a pruning would do, or did.

    Attributes
    ----------
    lines : tuple of Pruned
        Every run of the clients looked at, by client and then the newest first.
    busy : tuple of str
        Clients of which a run is going on: nothing of theirs is touched.
    freed : int
        Bytes on the disk that no kept run shares.
    done : bool
        False when it was only looked at.
    """

    lines: tuple[Pruned, ...]
    busy: tuple[str, ...]
    freed: int
    done: bool


def prune_runs(
    outputs: Path, client: str | None = None, *, keep: int = KEEP, named: Iterable[str] = (), do: bool = False
) -> Pruning:
    """Remove runs that are neither the latest, nor among the newest, nor named.

    Parameters
    ----------
    outputs : Path
    client : str, optional
        Only this client's; all clients' otherwise.
    keep : int
        How many of the newest finished runs of each client stay; the latest stays in any case.
    named : iterable of str
        Runs that stay as well; the beginning of a name is enough when it fits one run only.
    do : bool
        False looks and removes nothing.

    Returns
    -------
    Pruning

    Raises
    ------
    ParamsError
        A named run is not there, or the beginning of several; or runs cannot be removed there.

    Notes
    -----
    A kept run is whole without those it took stages from: it holds files of its own or a second name of the same file.
    Runs that failed, were stopped or interrupted go, except when they are newer than the latest: somebody may be
    mending them. Where no run is the latest (its link was lost), the newest finished one is kept in its place, and
    attempts newer than that one. Nothing of a client is touched while a run of it goes on.
    """
    lines: list[Pruned] = []
    busy: list[str] = []
    freed = 0
    folders = [folder for folder in sorted(outputs.iterdir()) if folder.is_dir()] if outputs.is_dir() else []
    folders = [folder for folder in folders if client in (None, folder.name)]
    stay = _named(folders, tuple(named))
    folders = [folder for folder in folders if any(True for _ in records(folder))]
    _refuse_closed(folders)
    for folder in folders:
        try:
            with one_run_at_a_time(folder, wait_seconds=0, waiting=lambda: None):
                found = _judge(folder, keep, stay)
                going = [folder / line.run for line in found if not line.keep]
                freed += _own_bytes(folder, going)
                if do:
                    _remove(folder, going)
                lines += found
        except StageError:  # the lock is held
            busy.append(folder.name)
    return Pruning(tuple(lines), tuple(busy), freed, do)


def _named(folders: list[Path], named: tuple[str, ...]) -> set[Path]:
    runs = [run for folder in folders for run, _ in records(folder)]
    found = set()
    for name in named:
        fitting = [run for run in runs if run.name == name] or [run for run in runs if run.name.startswith(name)]
        if len(fitting) != 1:
            what = f"{len(fitting)} runs begin with '{name}'." if fitting else f"There is no run '{name}'."
            raise ParamsError(what, "--keep-run", "cx runs lists them; nothing was removed")
        found.add(fitting[0])
    return found


def _refuse_closed(folders: list[Path]) -> None:
    problems = [
        Problem("Runs cannot be removed there: it may not be written.", places.shown(folder), "ask whoever made them")
        for folder in folders
        if not os.access(folder, os.W_OK)
    ]
    if problems:
        raise ParamsError(problems)


def _judge(folder: Path, keep: int, stay: set[Path]) -> list[Pruned]:
    runs = sorted(records(folder), key=lambda run: (str(run[1].get("started")), run[0].name), reverse=True)
    served = latest_run(folder)
    latest = next((run for run, _ in runs if served is not None and run.name == served.name), None)
    whole = [run for run, record in runs if record.get("status") == "done"]
    newest = whole[: max(keep, 1) if latest is None else keep]
    last = latest or next(iter(whole), None)
    lines, before_latest = [], True
    for run, record in runs:
        status = str(record.get("status"))
        status = "interrupted" if status == "running" else status  # nobody holds the lock
        if last is not None and run.name == last.name:
            before_latest = False
        if latest is not None and run.name == latest.name:
            why, kept = "latest", True
        elif run in stay:
            why, kept = "named", True
        elif run in newest:
            why, kept = "newest", True
        elif status != "done":
            newer = "newer than the latest" if last else "no run has finished"
            why, kept = (f"{status}, {newer}", True) if before_latest else (status, False)
        else:
            why, kept = "older", False
        lines.append(Pruned(folder.name, run.name, status, kept, why))
    return lines


def _own_bytes(folder: Path, going: list[Path]) -> int:
    """Bytes of files that only runs on their way out hold."""
    names: Counter[tuple[int, int]] = Counter()
    sizes: dict[tuple[int, int], tuple[int, int]] = {}
    for run in going:
        for path in run.rglob("*"):
            if path.is_file() and not path.is_symlink():
                seen = path.stat()
                key = (seen.st_dev, seen.st_ino)
                names[key] += 1
                sizes[key] = (seen.st_size, seen.st_nlink)
    return sum(size for key, (size, links) in sizes.items() if names[key] >= links)


def _remove(folder: Path, going: list[Path]) -> None:
    for run in going:
        gone = folder / f"{_GONE}{secrets.token_hex(4)}"
        run.rename(gone)
        shutil.rmtree(gone, ignore_errors=True)
    for left in folder.glob(f"{_GONE}*"):  # of a pruning that was killed
        shutil.rmtree(left, ignore_errors=True)
