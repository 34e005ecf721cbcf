"""Versions of all that the library stands on, read from the installed packages' folders."""

from __future__ import annotations

import platform
import sys
from pathlib import Path

import pytest

from cxlib.runs import packages


def install(place: Path, name: str, version: str, *asks: str) -> None:
    folder = place / f"{name}-{version}.dist-info"
    folder.mkdir(parents=True)
    lines = [
        f"Name: {name}",
        f"Version: {version}",
        *(f"Requires-Dist: {line}" for line in asks),
        "",
        "Requires-Dist: z",
    ]
    (folder / "METADATA").write_text("\n".join(lines), encoding="utf-8")


@pytest.fixture
def versions(tmp_path, monkeypatch):
    """What is found where these two folders are all that is installed."""

    def found() -> dict[str, str]:
        with monkeypatch.context() as alone:
            alone.setattr(sys, "path", [str(tmp_path / "first"), str(tmp_path / "site")])
            return packages.all_versions()

    install(tmp_path / "site", "A_b", "1.0", "c>=2; python_version > '3'", "d; extra == 'more'")
    install(tmp_path / "site", "c", "2.0", "a.B")
    install(tmp_path / "site", "d", "3.0")
    install(tmp_path / "site", "z", "4.0")
    return found


def test_what_is_asked_for_in_turn_counts_and_nothing_else(tmp_path, versions):
    install(tmp_path / "site", "cxlib", "0.1.0", "a-b>=1", "missing")
    assert versions() == {"python": platform.python_version(), "a-b": "1.0", "c": "2.0"}


def test_a_package_that_stands_first_on_the_path_is_the_one_that_counts(tmp_path, versions):
    install(tmp_path / "site", "cxlib", "0.1.0", "c")
    install(tmp_path / "first", "c", "2.1")
    assert versions() == {"python": platform.python_version(), "c": "2.1"}


def test_where_the_library_itself_is_not_installed_every_package_counts(versions):
    assert set(versions()) == {"python", "a-b", "c", "d", "z"}
