"""The pages as files that need no server."""

from __future__ import annotations

import secrets
import shutil
from pathlib import Path

from cxlib.errors import ParamsError
from cxlib.views.material import read_material
from cxlib.views.rendering import RENDER, whole_page

FILES = {"findings": "index.html", "history": "history.html", "method": "method.html"}


def publish(run_folder: str | Path, to: str | Path) -> list[Path]:
    """Write a run's pages as self-contained html files.

    Parameters
    ----------
    run_folder : str or Path
        A finished run: findings.json and figures/.
    to : str or Path
        The folder to write to; made when it is not there.

    Returns
    -------
    list of Path
        index.html (the findings), history.html (what we did, and what changed) and method.html (how we know).

    Raises
    ------
    ParamsError
        The run holds no findings that can be read, `to` is a file, or nothing can be written there.

    Notes
    -----
    Everything is written beside the target first and put in place file by file, each in one step: a publication
    that is stopped half-way leaves whole pages, the old or the new.
    """
    target = Path(to)
    if target.exists() and not target.is_dir():
        raise ParamsError("The pages need a folder; this is a file.", where=target.name, how="Name another folder.")
    material = read_material(Path(run_folder))
    pages = {FILES[page]: whole_page(RENDER[page](material, FILES)) for page in FILES}
    try:
        _put_in_place(pages, target)
    except OSError as error:
        raise ParamsError(
            f"The pages cannot be written there: {error.strerror}.", where=target.name, how="Name another folder."
        ) from None
    return [target / name for name in pages]


def _put_in_place(pages: dict[str, str], target: Path) -> None:
    target.mkdir(parents=True, exist_ok=True)
    for left in target.glob(".being-written-*"):  # by a publication that was stopped
        shutil.rmtree(left, ignore_errors=True)
    workshop = target / f".being-written-{secrets.token_hex(4)}"
    workshop.mkdir()
    try:
        for name, text in pages.items():
            (workshop / name).write_text(text, encoding="utf-8", newline="\n")
        # The index last: a new one never points to a page that is not there.
        for name in sorted(pages, key=lambda name: name == FILES["findings"]):
            (workshop / name).replace(target / name)
    finally:
        shutil.rmtree(workshop, ignore_errors=True)
