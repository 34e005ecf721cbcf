"""What the launcher notebook of `cx lab` shows: clients, their runs, and stage notebooks on a scratch copy of one."""

from __future__ import annotations

import html
import os
from dataclasses import dataclass
from pathlib import Path

from cxlib.errors import ParamsError
from cxlib.params import Params
from cxlib.runs import listing, places
from cxlib.runs.by_hand import scratch_of
from cxlib.runs.clients import known_clients
from cxlib.runs.lab import OUTPUTS
from cxlib.runs.listing import RunLine, loop_words
from cxlib.runs.notebooks import fill_in
from cxlib.runs.stages import STAGES, find_notebooks


@dataclass(frozen=True)
class Sheet:
    """Rows of text under a head, shown as a table.

    Attributes
    ----------
    head : tuple of str
    rows : tuple of tuple of str
    links : tuple of str
        An address for the first cell of each row; empty where there is none.
    said : str
        A sentence above it.
    """

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    links: tuple[str, ...] = ()
    said: str = ""

    def _repr_html_(self) -> str:
        lines = [f"<p>{html.escape(self.said)}</p>"] if self.said else []
        cells = "".join(f"<th style='text-align:left'>{html.escape(name)}</th>" for name in self.head)
        lines.append(f"<table><thead><tr>{cells}</tr></thead><tbody>")
        for number, row in enumerate(self.rows):
            told = [html.escape(text) for text in row]
            if number < len(self.links):
                told[0] = f'<a href="{html.escape(self.links[number])}">{told[0]}</a>'
            lines.append("<tr>" + "".join(f"<td style='text-align:left'>{text}</td>" for text in told) + "</tr>")
        return "".join([*lines, "</tbody></table>"])

    def __repr__(self) -> str:
        return "\n".join([self.said, *("  ".join(row) for row in (self.head, *self.rows))]).strip()


def list_clients() -> Sheet:
    """Every client: of the folder `params`, and those that have runs only."""
    outputs = _outputs()
    runs = listing.list_runs(outputs)
    names = sorted({*known_clients(outputs.parent / "params"), *(line.client for line in runs)})
    rows = []
    for name in names:
        own = [line for line in runs if line.client == name]
        latest = next((line for line in own if line.latest), None)
        rows.append((name, str(len(own)), latest.run if latest else "no finished run yet", _loop(latest)))
    return Sheet(("client", "runs", "latest", "loop"), tuple(rows), said="" if rows else "No clients here yet.")


def list_runs(client: str) -> Sheet:
    """A client's runs, the newest first; * marks the one that the pages show."""
    lines = listing.list_runs(_outputs(), client)
    rows = tuple(
        (
            f"{'*' if line.latest else ''}{line.run}",
            line.status,
            "" if line.seconds is None else f"{line.seconds:.0f} s",
            "" if line.rows is None else str(line.rows.get("kept")),
            "" if line.findings is None else str(line.findings),
            _loop(line),
            ", ".join(f"{key}={value}" for key, value in line.changes.items()),
        )
        for line in lines
    )
    head = ("run", "state", "seconds", "rows kept", "findings", "loop", "changed for it")
    return Sheet(head, rows, said="" if rows else f"No runs of {client} yet: cx run {client}")


def open_stages(client: str, run: str = "latest") -> Sheet:
    """The stage notebooks on a scratch copy of a run, with the settings of the run filled in.

    Parameters
    ----------
    client : str
    run : str
        The run's name, or "latest".

    Returns
    -------
    Sheet
        A link to each notebook. The run itself stays as it is whatever they do.

    Raises
    ------
    ParamsError
        No such run.
    """
    outputs = _outputs()
    folder = listing.latest_of(outputs, client) if run == places.LATEST else outputs / client / run
    if not (folder / places.MANIFEST).is_file():
        raise ParamsError(f"There is no run '{run}' of {client}.", places.shown(outputs / client), "cx runs lists them")
    scratch = scratch_of(folder)
    params = Params.model_validate(places.read_json(scratch / places.PARAMS))
    run_dir = scratch.relative_to(outputs.parent).as_posix()
    rows, links = [], []
    for stage in STAGES:
        copy = scratch / places.NOTEBOOKS / stage.notebook
        if not copy.is_file():
            fill_in(find_notebooks() / stage.notebook, copy, {"run_dir": run_dir, **stage.settings(params)})
        rows.append((stage.notebook, stage.name, ", ".join(stage.leaves[:3])))
        links.append(_from_here(copy))
    said = (
        f"These work on a scratch copy of {folder.name}; the run stays as it is. "
        f"cx adopt {client} makes a run of what they change."
    )
    return Sheet(("notebook", "stage", "leaves"), tuple(rows), tuple(links), said)


def _loop(line: RunLine | None) -> str:
    if line is None or not line.loop:
        return ""
    return loop_words(line.loop)


def _outputs() -> Path:
    """The folder of the runs: as `cx lab` told it, or the nearest one above the working directory."""
    told = os.environ.get(OUTPUTS)
    if told:
        return Path(told)
    for base in (Path.cwd(), *Path.cwd().parents):
        if (base / "outputs").is_dir():
            return base / "outputs"
    return Path.cwd() / "outputs"


def _from_here(path: Path) -> str:
    return Path(os.path.relpath(path, Path.cwd())).as_posix()
