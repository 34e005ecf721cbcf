"""Versions of what the library stands on: those it asks for, and those that they ask for in turn."""

from __future__ import annotations

import importlib.metadata
import platform
import re
import sys
from collections.abc import Iterator
from pathlib import Path

_NAME = re.compile(r"[A-Za-z0-9._-]+")


def versions() -> dict[str, str]:
    """Version of Python and of every package that cxlib asks for."""
    found = {"python": platform.python_version()}
    try:
        wanted = importlib.metadata.requires("cxlib") or []
    except importlib.metadata.PackageNotFoundError:
        wanted = []
    for requirement in wanted:
        name = re.split(r"[^A-Za-z0-9._-]", requirement, maxsplit=1)[0]
        if "extra ==" not in requirement:
            try:
                found[name] = importlib.metadata.version(name)
            except importlib.metadata.PackageNotFoundError:
                found[name] = "missing"
    return found


def all_versions() -> dict[str, str]:
    """Version of Python, of every package that cxlib asks for, and of every package that those ask for.

    Notes
    -----
    The names of the installed packages' folders tell their versions; only what they ask for is read from a file. What
    is asked for under a condition counts where it is installed. Where cxlib itself is not installed but only found, as
    by PYTHONPATH, nothing says what it asks for: then every package counts.
    """
    installed = dict(_installed())
    found = {"python": platform.python_version()}
    waiting = ["cxlib"] if "cxlib" in installed else list(installed)
    while waiting:
        name = waiting.pop()
        if name in found or name not in installed:
            continue
        version, folder = installed[name]
        found[name] = version
        waiting += _asked_for(folder)
    found.pop("cxlib", None)  # its files are hashed
    return dict(sorted(found.items()))


def _installed() -> Iterator[tuple[str, tuple[str, Path]]]:
    for place in reversed(sys.path):  # what stands first is imported
        folder = Path(place or ".")
        if not folder.is_dir():
            continue
        for item in folder.iterdir():
            if item.suffix in (".dist-info", ".egg-info") and item.is_dir():
                name, _, version = item.stem.partition("-")
                yield _plain(name), (version, item)


def _asked_for(folder: Path) -> list[str]:
    for name in ("METADATA", "PKG-INFO"):
        path = folder / name
        if path.is_file():
            names = []
            with path.open(encoding="utf-8", errors="replace") as lines:
                for line in lines:
                    if line == "\n":  # the end of the headers
                        break
                    if line.startswith("Requires-Dist:") and "extra ==" not in line:
                        match = _NAME.match(line.removeprefix("Requires-Dist:").strip())
                        names += [_plain(match.group())] if match else []
            return names
    return []


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
