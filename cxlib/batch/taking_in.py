"""A run comes home: checked by its hashes, the history sealed, the folder put in place, `latest` switched last."""

from __future__ import annotations

import hashlib
import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from cxlib.actions.safe_files import one_writer, replace_file
from cxlib.batch import packing
from cxlib.batch.jobs import Chain, Outcome
from cxlib.batch.packing import Packed
from cxlib.batch.stores import Store, arriving, is_address
from cxlib.errors import CxError, DataError, Problem, StageError
from cxlib.runs import places
from cxlib.runs.latest import switch_latest

_WRITTEN_TOGETHER = 16  # files


class Client:
    """Where a client's folder is: on this machine, or under an address.

    Parameters
    ----------
    source : str
        A path, or an address that fsspec reads.
    """

    def __init__(self, source: str) -> None:
        self.source = source
        self.store = Store(source) if is_address(source) else None
        self.folder = Path(source).resolve() if self.store is None else None

    def bring_back(self, chain: Chain) -> None:
        """Put the sealed history beside the log, unless somebody else has written there meanwhile.

        Raises
        ------
        StageError
            The history is no more as it was when the run began.
        OSError, DataError
            It cannot be written.
        """
        assert chain.after is not None
        if self.store is not None:
            store = Store(self.source)  # a connection made before the run may have ended
            _unless_written(store.read(chain.name), chain)
            store.write(chain.name, chain.after)
            return
        assert self.folder is not None
        path = self.folder / chain.name
        log = path.with_name(path.name.removesuffix(packing.CHAIN_ENDING))
        with one_writer(log):
            now = path.read_bytes() if path.is_file() else None
            if now != chain.after:
                _unless_written(now, chain)
                replace_file(path, chain.after)


def _unless_written(now: bytes | None, chain: Chain) -> None:
    if now not in (chain.before, chain.after):
        raise StageError(packing.CHANGED, chain.name, "run again")


def take_in(
    outcome: Outcome, client: Client, packed: Packed | None, outputs: str, name: str, *, make_latest: bool
) -> Outcome:
    """Make a worker's run one of the client's runs.

    Parameters
    ----------
    outcome : Outcome
    client : Client
    packed : Packed or None
        What was sent; None of a client under an address, which the worker has looked at again.
    outputs : str
        The folder of all runs: a path, or the address to which the worker has sent the run.
    name : str
        The client's name.
    make_latest : bool
        Whether `latest` is to name the run.

    Returns
    -------
    Outcome
        As given, or failed with the reason; then `latest` is as it was.

    Notes
    -----
    The caller holds the client's lock where `outputs` is a folder of this machine.
    """
    try:
        sent_from_here = outcome.state == "done" and packed is not None and client.folder is not None
        if sent_from_here and not packing.still_the_same(packed):
            raise StageError(packing.CHANGED, name, "run again")
        unsealed = _seal(outcome, client)
        if is_address(outputs):
            _in_store(outcome, Store(outputs), name, make_latest)
        else:
            _at_home(outcome, Path(outputs), name, make_latest, unsealed)
    except CxError as error:
        return _not_taken(outcome, error.problems, error.exit_code)
    except OSError as error:
        problem = Problem(
            f"The run could not be put in place: {error.strerror or type(error).__name__}.",
            outputs,
            "is there room on the disk, and may you write there?",
        )
        return _not_taken(outcome, (problem,), StageError.exit_code)
    finally:
        if outcome.made_in:
            shutil.rmtree(outcome.made_in, ignore_errors=True)
    return replace(outcome, archive=b"", made_in="", chain=None)


def _not_taken(outcome: Outcome, problems: tuple[Problem, ...], exit_code: int) -> Outcome:
    why = {"problems": (*outcome.problems, *problems), "exit_code": outcome.exit_code or exit_code}
    return replace(outcome, state="failed", run="", archive=b"", made_in="", chain=None, told={}, facts={}, **why)


def _seal(outcome: Outcome, client: Client) -> str:
    """Bring the history back; why it could not be written, as a run on this machine would say it."""
    if outcome.chain is None:
        return ""
    try:
        client.bring_back(outcome.chain)
    except OSError as error:
        return f"The history of the action log could not be written: {error.strerror or type(error).__name__}."
    return ""


def _at_home(outcome: Outcome, outputs: Path, name: str, make_latest: bool, unsealed: str) -> None:
    client_outputs = outputs / name
    if outcome.made_in:
        _put_in_place(outcome, Path(outcome.made_in) / outcome.run, client_outputs, unsealed)
    elif outcome.archive:
        with arriving(outputs) as workshop:
            folder = workshop / outcome.run
            folder.mkdir()
            packing.unpack(outcome.archive, folder)
            if packing.folder_digests(folder) != dict(outcome.files):
                raise StageError("The run did not arrive as the worker sent it.", outcome.run, "run again")
            _put_in_place(outcome, folder, client_outputs, unsealed)
    if outcome.state == "done" and outcome.run and make_latest:
        switch_latest(client_outputs, outcome.run)


def _put_in_place(outcome: Outcome, folder: Path, client_outputs: Path, unsealed: str) -> None:
    if unsealed and outcome.chain is not None:
        _say_unsealed(folder, outcome.chain, unsealed)
    if (client_outputs / outcome.run).exists():
        raise StageError("There is a run of that name already.", outcome.run, "run again")
    _to_disk(folder)
    folder.rename(client_outputs / outcome.run)


def _in_store(outcome: Outcome, store: Store, name: str, make_latest: bool) -> None:
    if outcome.state != "done" or not outcome.run:
        return
    record = store.read(f"{name}/{outcome.run}/{places.MANIFEST}")
    sent = outcome.files.get(places.MANIFEST)
    if record is None or (sent is not None and hashlib.sha256(record).hexdigest() != sent):
        raise DataError("The run is not in the store as the worker sent it.", outcome.run, "run again")
    if make_latest:
        store.switch_latest(name, outcome.run)


def _say_unsealed(folder: Path, chain: Chain, why: str) -> None:
    """The run wrote down a head that is nowhere kept: the next run would take that for a chain cut off."""
    path = folder / places.HISTORY
    if path.is_file():
        places.write_json(path, places.read_json(path) | {"head": _head(chain.before), "unsealed": why})


def _head(chain: bytes | None) -> str:
    import json

    lines = [line for line in (chain or b"").decode("utf-8", "replace").splitlines() if line.strip()]
    try:
        return str(json.loads(lines[-1])["sha256"]) if lines else ""
    except (ValueError, KeyError, TypeError):
        return ""


def _to_disk(folder: Path) -> None:
    """The run is on the disk before its name is: a power cut leaves a whole run or none."""

    def write(path: Path) -> None:
        with path.open("rb") as stream:
            os.fsync(stream.fileno())

    # Asked for together, files are written together: a run's two hundred take 0.03 s, one after another 0.5 s.
    with ThreadPoolExecutor(_WRITTEN_TOGETHER) as pool:
        for _ in pool.map(write, (path for path in folder.rglob("*") if path.is_file())):
            pass
