"""Voila's scripts, for live pages with widgets: known by name, packed once, kept by the browser."""

from __future__ import annotations

import hashlib
import mimetypes
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from cxlib.views.prepared import Packed

# The widgets' own files; of whatever else is installed for JupyterLab a page loads nothing.
EXTENSIONS = ("@jupyter-widgets/jupyterlab-manager", "@voila-dashboards/widgets-manager8")


class Scripts:
    """The files of several folders by their names below them; where two folders have one, the first.

    Parameters
    ----------
    folders : iterable of (str, Path)
        What stands before the names in a folder, and the folder.

    Notes
    -----
    Listed once: a name that is not in the list is no file, whatever it looks like. `version` stands in their addresses
    and is another one whenever a file is, so that a browser may keep what it has.
    """

    def __init__(self, folders: Iterable[tuple[str, Path]]) -> None:
        self._files: dict[str, Path] = {}
        marks = []
        for before, folder in folders:
            for path in sorted(folder.rglob("*")):
                name = before + path.relative_to(folder).as_posix()
                if path.is_file() and name not in self._files:
                    self._files[name] = path
                    state = path.stat()
                    marks.append(f"{name} {state.st_size} {state.st_mtime_ns}")
        self.version = hashlib.sha256("\n".join(marks).encode("utf-8")).hexdigest()[:16]
        self._read = cache(lambda name: Packed.pack(self._files[name].read_bytes()))

    def __contains__(self, name: str) -> bool:
        return name in self._files

    def read(self, name: str) -> Packed:
        """A file, packed when it is first asked for."""
        return self._read(name)

    @staticmethod
    def kind(name: str) -> str:
        """What a browser is told that a file is."""
        kind = "text/javascript" if name.endswith((".js", ".mjs")) else mimetypes.guess_type(name)[0]
        kind = kind or "application/octet-stream"
        return f"{kind}; charset=utf-8" if kind.startswith("text/") else kind


def static_files(folders: Iterable[str]) -> Scripts:
    """Voila's own files."""
    return Scripts(("", Path(folder)) for folder in folders)


def extension_files(folders: Iterable[str]) -> Scripts:
    """The files of `EXTENSIONS`, below the folders in which JupyterLab's extensions are installed."""
    return Scripts((f"{name}/", Path(folder) / name) for folder in folders for name in EXTENSIONS)
