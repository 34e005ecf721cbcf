"""Which files of the library a notebook reaches: followed in a small package, and never fewer than the real imports."""

from __future__ import annotations

from pathlib import Path

import pytest

from cxlib.runs import manifest
from cxlib.runs.notebooks import code_of
from cxlib.runs.reach import PACKAGE, Reach
from cxlib.runs.stages import STAGES, find_notebooks

NOTEBOOK = '{"cells": [{"cell_type": "code", "source": "%s"}]}'
FILES = {
    "__init__.py": '_WHERE = {"measure": "house.kitchen", "paint": "house.wall"}\n',
    "kitchen/__init__.py": "from house.kitchen.oven import bake\nfrom . import knives\n",
    "kitchen/oven.py": "from __future__ import annotations\nfrom typing import TYPE_CHECKING\n"
    "if TYPE_CHECKING:\n    from house.cellar import wine\n"
    "def bake():\n    from house import salt\n\ndef fry():\n    from house import oil\n\n"
    "def measure():\n    return bake()\n",
    "kitchen/knives.py": "",
    "kitchen/recipes.csv": "a\n",
    "kitchen/deep/plates.json": "{}",
    "salt.py": 'from importlib import import_module\nimport_module("house.sea")\n',
    "sea.py": "",
    "oil.py": "",
    "wall.py": "",
    "cellar.py": "",
}


@pytest.fixture
def house(tmp_path) -> Reach:
    for name, text in FILES.items():
        path = tmp_path / "house" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return Reach(tmp_path / "house", "house")


def test_imports_are_followed_and_nothing_else(house):
    found = set(house.files("import house as h\nh.measure()"))
    assert found == {
        "__init__.py", "kitchen/__init__.py", "kitchen/oven.py", "kitchen/knives.py", "kitchen/recipes.csv",
        "kitchen/deep/plates.json", "salt.py", "sea.py",
    }  # fmt: skip


def test_an_import_in_a_function_counts_once_its_name_is_used(house):
    assert "oil.py" not in house.files("import house\nhouse.measure")
    assert "oil.py" in house.files("import house\nhouse.measure\nhouse.fry()")


def test_ways_to_import(house):
    assert set(house.files("from house import paint")) == {"__init__.py", "wall.py"}
    assert "cellar.py" in house.files("import house.cellar")
    assert {"wall.py", "kitchen/oven.py"} <= set(house.files("from house import *"))
    assert house.files("import pandas") == ()


def test_a_cell_with_a_magic_reaches_everything(house):
    assert len(house.files("%matplotlib inline")) == len(FILES)


@pytest.mark.parametrize("stage", STAGES, ids=lambda stage: stage.name)
def test_never_fewer_than_the_modules_imported_at_the_top(stage):
    """Otherwise a change of code could go unseen when what a stage left is taken over."""
    grimp = pytest.importorskip("grimp")
    graph = grimp.build_graph("cxlib", exclude_type_checking_imports=True)
    files = set(Reach().files("\n".join(code_of(find_notebooks() / stage.notebook))))
    room = {
        "clean": "cleaning.clean",
        "drivers": "drivers.find",
        "change": "change.evidence",
        "findings": "findings.build",
    }
    begin = f"cxlib.{room[stage.name]}"
    needed, waiting = set(), [begin]
    while waiting:
        name = waiting.pop()
        if name not in needed:
            needed.add(name)
            waiting += [
                other
                for other in graph.find_modules_directly_imported_by(name)
                if any(
                    _at_top(name, line["line_number"])
                    for line in graph.get_import_details(importer=name, imported=other)
                )
            ]
    missed = {name for name in needed if _file(name) not in files}
    assert not missed
    assert len(needed) > 5


def test_each_stage_reaches_its_own_room_and_not_those_of_others():
    files = {stage.name: set(Reach().files("\n".join(code_of(find_notebooks() / stage.notebook)))) for stage in STAGES}
    assert not any(name.startswith(("drivers/", "change/", "views/", "cli/", "kernels/")) for name in files["clean"])
    assert not any(name.startswith(("change/", "figures/", "views/", "cli/")) for name in files["drivers"])
    assert not any(name.startswith(("drivers/", "figures/", "views/", "cli/")) for name in files["change"])
    assert "words/findings.csv" in files["findings"]
    assert "intake/scales.csv" in files["clean"]


def _file(module: str) -> str:
    path = PACKAGE.joinpath(*module.split(".")[1:])
    path = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    return path.relative_to(PACKAGE).as_posix()


def _at_top(module: str, line: int) -> bool:
    text = Path(PACKAGE / _file(module)).read_text(encoding="utf-8").splitlines()[line - 1]
    return not text.startswith((" ", "\t"))


def test_imports_are_followed_once_for_all_clients_and_again_when_the_code_is_another(monkeypatch, tmp_path):
    followed = []

    class Counting(manifest.Reach):
        def files(self, source):
            followed.append(source)
            return super().files(source)

    monkeypatch.setattr(manifest, "Reach", Counting)
    monkeypatch.setattr(manifest, "_followed", {})
    (tmp_path / "1_clean.ipynb").write_text(NOTEBOOK % "import cxlib as cx", encoding="utf-8")
    first = manifest.hash_code(tmp_path, STAGES[:1])
    assert manifest.hash_code(tmp_path, STAGES[:1]) == first
    assert len(followed) == 1
    (tmp_path / "1_clean.ipynb").write_text(NOTEBOOK % "import cxlib.params", encoding="utf-8")
    assert manifest.hash_code(tmp_path, STAGES[:1]).reaches != first.reaches
    assert len(followed) == 2
