"""The scratch copy of a run: where a stage notebook that is run by hand leaves what differs from the run."""

from __future__ import annotations

import os
import secrets
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from cxlib.runs import places
from cxlib.runs.sharing import share

BY_HAND = "by_hand"  # what was executed, a file for each notebook; and the manifest's key
_OWN = {places.MANIFEST, places.PARAMS, places.HISTORY}


def scratch_of(run: Path) -> Path:
    """The scratch copy of a run, made when there is none: outputs/CLIENT/scratch/RUN.

    Notes
    -----
    Files are shared with the run until one is written. It appears in one step.
    """
    target = run.parent / places.SCRATCH / run.name
    if (target / places.MANIFEST).is_file():
        return target
    making = target.parent / f".{run.name}.{secrets.token_hex(4)}"
    try:
        making.mkdir(parents=True)
        for path in sorted(item for item in run.rglob("*") if item.is_file()):
            name = path.relative_to(run)
            if name.parts[0] in (places.VIEWS, places.NOTEBOOKS) or name.parts[0].startswith("."):
                continue
            if name.as_posix() in _OWN:
                shutil.copyfile(path, making / name)
            else:
                share(path, making / name)
        record = places.read_json(run / places.MANIFEST)
        client = (run / str(record["client_folder"])).resolve()
        try:
            client_folder = Path(os.path.relpath(client, target.resolve())).as_posix()
        except ValueError:  # another drive
            client_folder = str(client)
        record |= {"status": "scratch", "of": run.name, "client_folder": client_folder, BY_HAND: {}}
        places.write_json(making / places.MANIFEST, record)
        making.rename(target)
    except BaseException as error:
        shutil.rmtree(making, ignore_errors=True)
        if isinstance(error, OSError) and (target / places.MANIFEST).is_file():
            return target  # another notebook made it meanwhile
        raise
    return target


def keep_in_scratch(run: Path, fresh: Path, names: list[str], differ: list[str], client: str) -> str:
    """Put what a notebook made into the scratch copy of a finished run.

    Parameters
    ----------
    run : Path
        The finished run, which is left as it is.
    fresh : Path
        The folder that holds the new files.
    names, differ : list of str
        The new files, and those that differ from the run's.
    client : str

    Returns
    -------
    str
        What to tell: where they are, and how to go on.
    """
    scratch = scratch_of(run)
    for name in names:
        (scratch / name).parent.mkdir(parents=True, exist_ok=True)
        temporary = scratch / f".{secrets.token_hex(4)}"
        shutil.copyfile(fresh / name, temporary)
        temporary.replace(scratch / name)
    note(scratch, names)
    shown = f"{run.parent.parent.name}/{client}/{places.SCRATCH}/{scratch.name}"
    return (
        f"These differ from what the finished run has kept, and it is left as it was: {', '.join(differ[:5])}\n"
        f'They are in a scratch copy. To go on there: run_dir = "{shown}"\n'
        f"To make it a run: cx adopt {client}"
    )


def note(scratch: Path, names: Iterable[str]) -> None:
    """Write down which files were made by hand, from which others, and by which cells."""
    record = places.read_json(scratch / places.MANIFEST)
    made = record.setdefault(BY_HAND, {})
    cells = _executed()
    moment = secrets.token_hex(4)
    for name in names:
        made[name] = {"made": moment, "order": 1 + max((line["order"] for line in made.values()), default=0)}
    if cells:
        folder = scratch / BY_HAND
        folder.mkdir(exist_ok=True)
        (folder / f"{moment}.py").write_text(cells, encoding="utf-8", newline="\n")
    places.write_json(scratch / places.MANIFEST, record)


def _executed() -> str:
    """The cells that this kernel has executed so far; "" outside of one."""
    shell: Any = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    sources = shell.user_ns.get("In", []) if shell is not None else []
    return (
        "\n\n".join(f"# cell {number}\n{text}" for number, text in enumerate(sources) if text) + "\n" if sources else ""
    )
