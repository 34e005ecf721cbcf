"""`cx new`: a client's folder from a survey export."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cxlib.cli.console import answering

OUTPUTS = Path("outputs")


def mount(app: typer.Typer) -> None:
    """Put the command into `cx`."""
    app.command()(new)


def to_confirm(folder: Path) -> tuple[list[str], list[dict[str, object]]]:
    """What is still to confirm in a client's parameters: in words, and for `--json`."""
    from cxlib.newclient.confirm import left_to_confirm

    found = left_to_confirm(folder)
    lines = [f"Still to confirm in params.yaml: {len(found)}", *(f"  {item}" for item in found)] if found else []
    return lines, [item.as_dict() for item in found]


def new(
    client: Annotated[str, typer.Argument(metavar="CLIENT", help="The new folder's name below ./params.")],
    files: Annotated[
        list[Path],
        typer.Option("--from", metavar="FILE", help="A survey export; several times for several waves, a file each."),
    ],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout, for scripts.")] = False,
) -> None:
    """Begin a client from its survey export: work out what each column is, and mark what is to confirm."""
    with answering("new", as_json=as_json, outputs=OUTPUTS) as answer:
        from cxlib.newclient.new import new_client

        made = new_client(client, files)
        params = made.params
        answer.lines = [
            f"{made.path}",
            f"  outcomes: {', '.join(params.outcomes)}",
            f"  factors: {len(params.factors)}; groups: {len(params.segments)}; comments: {len(params.comments)}",
        ]
        if made.left_out:
            answer.lines.append("Left out, for they look like a person, a contact or a place on the map:")
            answer.lines += [f"  {name} ({why})" for name, why in made.left_out]
        if made.confirm:
            answer.lines.append(f"To confirm in params.yaml: {len(made.confirm)}")
            answer.lines += [f"  {item}" for item in made.confirm]
        answer.lines += [str(problem) for problem in made.problems]
        answer.lines.append(f"Look through the file, then: cx check {client}")
        answer.fields = {
            "client": client,
            "params": str(made.path),
            "roles": made.roles,
            "left_out": [{"column": name, "why": why} for name, why in made.left_out],
            "to_confirm": [item.as_dict() for item in made.confirm],
            "problems": [problem.as_dict() for problem in made.problems],
        }
