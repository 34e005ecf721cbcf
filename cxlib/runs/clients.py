"""Which folder a client's name on the command line means."""

from __future__ import annotations

import difflib
from pathlib import Path

from cxlib.errors import ParamsError
from cxlib.runs import places

PARAMS_FILE = "params.yaml"


def find_client(name: str, below: Path = Path("params")) -> Path:
    """The folder of a client.

    Parameters
    ----------
    name : str
        A name below `params`, or a path to a folder that holds `params.yaml`.
    below : Path
        Where the clients' folders are.

    Returns
    -------
    Path

    Raises
    ------
    ParamsError
        No such client; the nearest names are offered.
    """
    plain = name not in ("", ".", "..") and Path(name).name == name
    if plain and (below / name / PARAMS_FILE).is_file():
        return below / name
    folder = Path(name)
    if name and (folder / PARAMS_FILE).is_file():
        return folder
    if name and folder.is_dir() and not plain:
        raise ParamsError(
            "This folder holds no params.yaml.", places.shown(folder), "docs/params.md shows a whole one to begin with"
        )
    if name and not plain:
        raise ParamsError("There is no such folder.", places.shown(folder), "a client's folder holds a params.yaml")
    known = known_clients(below)
    near = difflib.get_close_matches(name.lower(), known, 3, 0.5)
    if near:
        how = f"did you mean {' or '.join(near)}?"
    else:
        how = f"known here: {', '.join(known[:10])}" if known else "run cx in the project's folder, or give a path"
    raise ParamsError(f"There is no client '{name}'.", places.shown(below), how)


def known_clients(below: Path = Path("params")) -> list[str]:
    """Names of the folders below `params` that hold a `params.yaml`."""
    if not below.is_dir():
        return []
    return sorted(folder.name for folder in below.iterdir() if (folder / PARAMS_FILE).is_file())
