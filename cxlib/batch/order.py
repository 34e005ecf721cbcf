"""Which run of a batch goes first: the one that took longest before, so that no long one is left alone at the end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from cxlib.batch.record import Line
from cxlib.errors import ParamsError
from cxlib.runs import latest, places


def seconds_then(outputs: Path, clients: Iterable[str]) -> dict[str, float]:
    """How long all stages of the clients' latest runs took when they were last run, in seconds.

    Parameters
    ----------
    outputs : Path
        The folder of all runs.
    clients : iterable of str
        Their names; one without a run that can be read is left out.
    """
    found = {}
    for client in clients:
        run = latest.latest_run(outputs / client)
        if run is None:
            continue
        try:
            stages = places.read_json(run / places.MANIFEST)["stages"]
            found[client] = sum(float(stage.get("seconds_then") or stage["seconds"]) for stage in stages)
        except (ParamsError, KeyError, TypeError, ValueError):
            continue
    return found


def longest_first(lines: Iterable[Line], seconds: Mapping[str, float]) -> list[Line]:
    """The lines whose clients took longest first; those of which nothing is known count as the average.

    Examples
    --------
    >>> lines = [Line(name, name, "") for name in ("short", "new", "newer", "long")]
    >>> [line.key for line in longest_first(lines, {"short": 4.0, "long": 20.0})]
    ['long', 'new', 'newer', 'short']
    """
    average = sum(seconds.values()) / max(len(seconds), 1)
    return sorted(lines, key=lambda line: -seconds.get(line.client, average))  # as named among equals
