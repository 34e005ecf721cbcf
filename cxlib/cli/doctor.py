"""`cx doctor`: what this machine gives the workbench, measured now."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from cxlib.cli.console import answering

Json = Annotated[bool, typer.Option("--json", help="One JSON object on stdout, for scripts.")]


def doctor(as_json: Json = False) -> None:
    """Say which kernels are in use here, warm or ordinary, and what the warm ones save."""
    with answering("doctor", as_json=as_json, outputs=Path("outputs")) as answer:
        from cxlib.kernels.doctor import examine_kernels
        from cxlib.runs.kernel import SURROUNDINGS

        found = examine_kernels({**os.environ, **SURROUNDINGS}, lambda line: print(line, file=sys.stderr))
        answer.fields = {"kernels": found.as_dict()}
        answer.lines = [f"Kernels in use: {found.in_use}" + (f" ({found.why_cold})" if found.why_cold else "")]
        spec = found.kernelspec or "the ordinary one"
        answer.lines.append(f"Provisioner named by this environment's kernelspec: {spec}")
        if found.ready_seconds is not None:
            answer.lines.append(f"Warm parent: ready after {found.ready_seconds:.1f} s, once a command")
        for name, started in (("ordinary", found.cold), ("warm", found.warm)):
            if started is None:
                continue
            memory = "" if started.private_mb is None else f", {started.private_mb:.0f} MB of its own"
            answer.lines.append(f"A kernel with everything imported, {name}: {started.seconds:.1f} s{memory}")
        if found.cold and found.warm:
            saved = found.cold.seconds - found.warm.seconds
            answer.lines.append(
                f"Saved by each warm kernel: {saved:.1f} s ({found.cold.seconds / found.warm.seconds:.1f} times)"
            )
        if found.missing:
            answer.lines.append(f"Not imported beforehand: {', '.join(found.missing)}")
