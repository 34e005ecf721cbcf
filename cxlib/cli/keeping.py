"""`cx runs`, `cx prune`, `cx lab` and `cx adopt`: what becomes of runs once they are made."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cxlib.cli.console import StageLines, answering

if TYPE_CHECKING:
    from cxlib.runs.listing import RunLine

Outputs = Annotated[Path, typer.Option("--outputs", help="Where runs are.", file_okay=False)]
Json = Annotated[bool, typer.Option("--json", help="One JSON object on stdout, for scripts.")]
OUTPUTS = Path("outputs")


def runs(
    client: Annotated[str | None, typer.Argument(metavar="[CLIENT]", help="Only this client's runs.")] = None,
    outputs: Outputs = OUTPUTS,
    as_json: Json = False,
) -> None:
    """List the runs, the newest first; * marks the one that the pages show."""
    with answering("runs", as_json=as_json, outputs=outputs) as answer:
        from cxlib.runs.listing import client_name, list_runs

        found = list_runs(outputs, None if client is None else client_name(outputs, client))
        answer.fields = {"runs": [line.as_dict() for line in found]}
        answer.lines = [_run_line(line) for line in found]
        if not found:
            answer.lines = [f"No runs in {outputs}. Begin with: cx run CLIENT"]


def _run_line(line: RunLine) -> str:
    from cxlib.runs.listing import loop_words

    mark = "*" if line.latest else " "
    seconds = "" if line.seconds is None else f"{line.seconds:.0f} s"
    told = []
    if line.rows:
        told.append(f"{line.rows.get('kept')} of {line.rows.get('in')} rows")
    if line.findings is not None:
        told.append(f"{line.findings} findings")
    if line.loop:
        told.append(loop_words(line.loop))
    if line.reused:
        told.append(f"ran {', '.join(line.ran) or 'nothing'}")
    told += [f"{key}={json.dumps(value)}" for key, value in line.changes.items()]
    return f"{mark} {line.client:<12} {line.run:<26} {line.status:<11} {seconds:>7}  {'; '.join(told)}".rstrip()


def prune(
    client: Annotated[str | None, typer.Argument(metavar="[CLIENT]", help="Only this client's runs.")] = None,
    keep: Annotated[int, typer.Option("--keep", help="How many of the newest runs stay.", min=0)] = 5,
    keep_run: Annotated[
        list[str] | None, typer.Option("--keep-run", metavar="RUN", help="This run stays too; may be repeated.")
    ] = None,
    do: Annotated[bool, typer.Option("--yes", help="Remove them; without it they are only named.")] = False,
    outputs: Outputs = OUTPUTS,
    as_json: Json = False,
) -> None:
    """Name the runs that can go, and remove them with --yes; the latest always stays."""
    with answering("prune", as_json=as_json, outputs=outputs) as answer:
        from cxlib.runs.listing import client_name
        from cxlib.runs.prune import prune_runs

        name = None if client is None else client_name(outputs, client)
        found = prune_runs(outputs, name, keep=keep, named=keep_run or (), do=do)
        going = [line for line in found.lines if not line.keep]
        answer.fields = {
            "removed": [line.as_dict() for line in going] if do else [],
            "would_remove": [] if do else [line.as_dict() for line in going],
            "kept": [line.as_dict() for line in found.lines if line.keep],
            "busy": list(found.busy),
            "bytes": found.freed,
        }
        for line in found.lines:
            word = "keep" if line.keep else "removed" if do else "remove"
            answer.lines.append(f"{word:<7}  {line.client:<12} {line.run:<26} {line.status:<11} {line.why}")
        answer.lines += [f"A run of {name} is going on: nothing of it is touched." for name in found.busy]
        size = f"{found.freed / 1e6:.1f} MB"
        if do:
            answer.lines.append(f"{len(going)} runs removed, {size} freed.")
        elif going:
            answer.lines.append(f"{len(going)} runs can go, {size}. Nothing was removed; add --yes to do it.")
        else:
            answer.lines.append("Nothing to remove.")


def lab(outputs: Outputs = OUTPUTS, as_json: Json = False) -> None:
    """Open JupyterLab on the launcher, which lists clients and runs; Ctrl+C ends it."""
    with answering("lab", as_json=as_json, outputs=outputs) as answer:
        import subprocess

        from cxlib.runs.lab import lab_command, lab_environment

        with suppress(KeyboardInterrupt):  # the way to end it
            subprocess.run(lab_command(Path.cwd()), env={**os.environ, **lab_environment(outputs)}, check=False)  # noqa: S603
        answer.fields = {"root": str(Path.cwd())}


def adopt(
    client: Annotated[str, typer.Argument(metavar="CLIENT", help="A name below ./params, or a path to its folder.")],
    scratch: Annotated[
        str | None, typer.Argument(metavar="[SCRATCH]", help="The run it is a copy of; where there are several.")
    ] = None,
    outputs: Outputs = OUTPUTS,
    as_json: Json = False,
) -> None:
    """Make a run of what was changed by hand in a scratch copy: later stages are run, and it becomes the latest."""
    with answering("adopt", as_json=as_json, outputs=outputs) as answer:
        import time

        from cxlib.runs.adopt import adopt_scratch
        from cxlib.runs.clients import find_client
        from cxlib.runs.telling import stage_lines, what_happened

        began = time.monotonic()
        lines = StageLines()
        try:
            run = adopt_scratch(find_client(client), outputs=outputs, scratch=scratch, progress=lines)
        finally:
            lines.close()
        happened = what_happened(run.folder, made=True, seconds=time.monotonic() - began)
        answer.lines = [happened]
        answer.fields = {
            "client": run.params.client,
            "run": run.folder.name,
            "folder": str(run.folder),
            "stages": stage_lines(run.folder),
            "happened": happened,
        }


def mount(app: typer.Typer) -> None:
    """Add the commands to `cx`."""
    for command in (runs, prune, lab, adopt):
        app.command()(command)
