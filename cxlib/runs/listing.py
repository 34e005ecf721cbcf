"""Which runs there are, and which one `latest` names."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from cxlib.errors import ParamsError
from cxlib.runs import places
from cxlib.runs.latest import is_running, latest_run


@dataclass(frozen=True)
class RunLine:
    """One run.

    Attributes
    ----------
    client, run : str
    status : str
        done, failed, stopped (by its user), running, or interrupted (killed before it could say why).
    started : str
        UTC, ISO 8601.
    seconds : float or None
    latest : bool
        Whether pages show this run.
    changes : dict
        Settings changed for this run only.
    """

    client: str
    run: str
    status: str
    started: str
    seconds: float | None
    latest: bool
    changes: dict[str, Any]

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
        latest, busy = latest_run(folder), is_running(folder)
        found = []
        for run in folder.iterdir():
            if run.is_symlink() or not (run / places.MANIFEST).is_file():
                continue
            record = places.read_json(run / places.MANIFEST)
            status = str(record.get("status"))
            if status == "running" and not busy:
                status = "interrupted"
            found.append(
                RunLine(
                    folder.name,
                    run.name,
                    status,
                    str(record.get("started")),
                    record.get("seconds"),
                    latest is not None and latest.name == run.name,
                    dict(record.get("changes") or {}),
                )
            )
        lines += sorted(found, key=lambda line: (line.started, line.run), reverse=True)
    return lines


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
