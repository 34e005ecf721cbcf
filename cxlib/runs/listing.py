"""Which runs there are, and which one `latest` names."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from cxlib.errors import ParamsError
from cxlib.runs import places
from cxlib.runs.cache import records
from cxlib.runs.latest import is_running, latest_run
from cxlib.runs.record import what_was_found


@dataclass(frozen=True)
class RunLine:
    """One run.

    Attributes
    ----------
    client, run : str
    status : str
        done, partial (asked for some stages only), failed, stopped (by its user), running, or interrupted (killed
        before it could say why).
    started : str
        UTC, ISO 8601.
    seconds : float or None
    latest : bool
        Whether pages show this run.
    changes : dict
        Settings changed for this run only.
    ran, reused : tuple of str
        Stages that were run (or adopted from a scratch copy), and those that were taken over.
    rows : dict or None
        in, kept, set_aside.
    findings : int or None
    loop : dict or None
        matter, with_action, with_change_measured.
    """

    client: str
    run: str
    status: str
    started: str
    seconds: float | None
    latest: bool
    changes: dict[str, Any]
    ran: tuple[str, ...] = ()
    reused: tuple[str, ...] = ()
    rows: dict[str, int] | None = None
    findings: int | None = None
    loop: dict[str, int] | None = None

    def as_dict(self) -> dict[str, Any]:
        """The fields, for `--json`."""
        return asdict(self)


def list_runs(outputs: Path, client: str | None = None) -> list[RunLine]:
    """Every run below `outputs`, by client and then the newest first.

    Parameters
    ----------
    outputs : Path
    client : str, optional
        Only this client's.
    """
    lines = []
    for folder in sorted(outputs.iterdir()) if outputs.is_dir() else []:
        if not folder.is_dir() or client not in (None, folder.name):
            continue
        latest, busy = latest_run(folder), _is_running(folder)
        found = []
        for run, record in records(folder):
            status = str(record.get("status"))
            if status == "running" and not busy:
                status = "interrupted"
            told = record.get("found") or (_found_in(run) if status == "done" else None) or {}
            found.append(
                RunLine(
                    folder.name,
                    run.name,
                    status,
                    str(record.get("started")),
                    record.get("seconds"),
                    latest is not None and latest.name == run.name,
                    dict(record.get("changes") or {}),
                    _names(record, "done", "adopted"),
                    _names(record, "reused"),
                    told.get("rows"),
                    told.get("findings"),
                    told.get("loop"),
                )
            )
        lines += sorted(found, key=lambda line: (line.started, line.run), reverse=True)
    return lines


def loop_words(loop: dict[str, int]) -> str:
    """The loop's figures in a few words: what matters, what was acted on, where the change is measured."""
    return (
        f"{loop.get('matter', 0)} matter, {loop.get('with_action', 0)} with an action, "
        f"{loop.get('with_change_measured', 0)} measured"
    )


def _is_running(folder: Path) -> bool:
    try:
        return is_running(folder)
    except OSError:  # of somebody else: the record, which says "running", is all that can be known
        return True


def _found_in(run: Path) -> dict[str, Any] | None:
    with suppress(ParamsError):
        return what_was_found(run)
    return None


def _names(record: dict[str, Any], *statuses: str) -> tuple[str, ...]:
    return tuple(str(line.get("name")) for line in record["stages"] if line.get("status") in statuses)


def client_name(outputs: Path, client: str) -> str:
    """The name under which a client's runs are kept; its folder in params may be gone since.

    Raises
    ------
    ParamsError
        Neither runs nor a client of that name are there.
    """
    if client not in ("", ".", "..") and Path(client).name == client and (outputs / client).is_dir():
        return client
    from cxlib.runs.clients import find_client

    return find_client(client).resolve().name


def shown_run(outputs: Path, client: str) -> Path:
    """The run that pages show: a client's latest; or the run whose folder is named, from wherever it was copied.

    Raises
    ------
    ParamsError
        No such client, or no finished run.
    """
    folder = Path(client)
    if (len(folder.parts) > 1 or client in (".", "..")) and (folder / places.MANIFEST).is_file():
        return places.follow(folder)
    return latest_of(outputs, client_name(outputs, client))


def latest_of(outputs: Path, client: str) -> Path:
    """The client's latest run folder.

    Raises
    ------
    ParamsError
        The client has no finished run.
    """
    folder = latest_run(outputs / client)
    if folder is None:
        raise ParamsError(
            f"The client '{client}' has no finished run.", places.shown(outputs / client), f"cx run {client}"
        )
    return folder
