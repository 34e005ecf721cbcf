"""What a newcomer meets first: the top level, the environment and the rules of who may import whom."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml


@pytest.fixture(scope="module")
def project(root: Path) -> dict:
    return tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))


def test_top_level(root: Path):
    for name in ("notebooks", "cxlib", "params", "outputs", "tests", "environment.yml", "README.md", "Makefile"):
        assert (root / name).exists(), name


def test_conda_asks_for_the_same_versions(root: Path, project: dict):
    conda = yaml.safe_load((root / "environment.yml").read_text(encoding="utf-8"))["dependencies"]
    ranges = {line for line in conda if isinstance(line, str)} - {"pip"}
    expected = {*project["project"]["dependencies"], "python" + project["project"]["requires-python"]}
    assert ranges == expected


def test_lock_pins_with_hashes_and_names_no_index(root: Path, project: dict):
    lock = (root / "requirements.lock").read_text(encoding="utf-8")
    pins = re.findall(r"^([a-z0-9_.\-]+)==", lock, flags=re.MULTILINE)
    wanted = [*project["project"]["dependencies"], *project["project"]["optional-dependencies"]["dev"]]
    missing = {re.match(r"[a-z0-9-]+", item)[0] for item in wanted} - set(pins)
    assert not missing, missing
    assert lock.count("--hash=sha256:") >= len(pins)
    assert "://" not in lock
    assert "--index" not in lock
    assert "--find-links" not in lock


def test_contracts_of_who_imports_whom(root: Path):
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "from importlinter.cli import lint_imports; raise SystemExit(lint_imports(no_cache=True))",
        ],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_make_help_lists_every_command(root: Path):
    makefile = (root / "Makefile").read_text(encoding="utf-8")
    said = subprocess.run(["make", "help"], cwd=root, capture_output=True, text=True, check=True).stdout
    for command in ("run", "test", "view", "publish", "lab", "lint", "lock"):
        assert re.search(rf"^{command}:", makefile, flags=re.MULTILINE), command
        assert f"make {command}" in said


def test_library_modules_stay_readable(root: Path):
    long = {path.name: n for path in (root / "cxlib").rglob("*.py") if (n := len(path.read_text().splitlines())) > 450}
    assert not long, long
