"""Which files of the library a stage's notebook reaches: by its imports, read from the source, nothing imported.

An edit of a file that a stage does not reach leaves its result as it is, so that the result can be taken over.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1]
DATA = {".csv", ".css", ".js", ".j2", ".html", ".json"}  # vocabularies and templates that modules read
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_LAZY = "_WHERE"  # the name under which a package of this library lists where its names are


@dataclass(frozen=True)
class _Module:
    """What the source of a module says.

    Attributes
    ----------
    imports : tuple of (str, str)
        (module, name) of every import at its top or in a function with a dunder name; the name is "" for `import x`.
    deferred : tuple of (str, str, str)
        (function, module, name): an import inside a function counts where the function's name is used.
    uses : frozenset of str
        Every name, attribute and word in it.
    lazy : dict
        Name -> module, for a package that loads its names when they are asked for.
    attributes : frozenset of (str, str)
        (imported module, attribute) as `cx.open_run` in a notebook.
    """

    imports: tuple[tuple[str, str], ...]
    deferred: tuple[tuple[str, str, str], ...]
    uses: frozenset[str]
    lazy: dict[str, str]
    attributes: frozenset[tuple[str, str]]


@dataclass
class Reach:
    """The walk over one package.

    Parameters
    ----------
    package : Path
        The folder of the package.
    name : str
        Its name.
    """

    package: Path = PACKAGE
    name: str = "cxlib"
    _read: dict[str, _Module] = field(default_factory=dict, repr=False)
    _paths: dict[str, Path | None] = field(default_factory=dict, repr=False)

    def files(self, source: str) -> tuple[str, ...]:
        """The files that code reaches.

        Parameters
        ----------
        source : str
            Python source, such as the cells of a notebook one after another.

        Returns
        -------
        tuple of str
            Paths in the package: modules, and the vocabularies and templates in the folders of these modules.

        Notes
        -----
        Every import counts, also in branches that are not taken; only those for type checkers do not. An import inside
        a function counts when the name of that function is used anywhere in what is reached. A text that is the name of
        a module counts as an import of it. Source that is no plain Python (a cell with a magic) reaches everything.
        """
        reached: dict[str, _Module] = {}
        used: set[str] = set()
        deferred: list[tuple[str, str, str]] = []
        waiting: list[tuple[str, str]] = []

        def take(module: _Module) -> None:
            used.update(module.uses)
            waiting.extend(module.imports)
            waiting.extend(module.attributes)
            waiting.extend((text, "") for text in module.uses if text.startswith(self.name + "."))
            deferred.extend(module.deferred)

        try:
            take(_look(source, "", False))
        except SyntaxError:
            return tuple(sorted(self.everything()))
        while waiting:
            target, attribute = waiting.pop()
            for name in self._meant(target, attribute):
                if name not in reached:
                    reached[name] = self._module(name)
                    take(reached[name])
            if not waiting:
                now = [line for line in deferred if line[0] in used]
                deferred = [line for line in deferred if line[0] not in used]
                waiting.extend((module, name) for _, module, name in now)
        return tuple(sorted(self._with_data(reached)))

    def everything(self) -> set[str]:
        """Every file of the package that can be reached."""
        found = (path for path in self.package.rglob("*") if path.suffix in DATA | {".py"})
        return {path.relative_to(self.package).as_posix() for path in found if "__pycache__" not in path.parts}

    def _meant(self, target: str, attribute: str) -> Iterator[str]:
        """The modules that `from target import attribute` loads: itself, those above it, the one with the name."""
        path = self._path(target)
        if path is None:
            return
        parts = target.split(".")
        yield from (".".join(parts[:length]) for length in range(1, len(parts) + 1))
        if attribute and self._path(f"{target}.{attribute}") is not None:
            yield f"{target}.{attribute}"
        elif attribute:
            lazy = self._module(target).lazy
            if attribute == "*":
                for name, place in lazy.items():
                    yield from self._meant(place, name)
            elif attribute in lazy:
                yield from self._meant(lazy[attribute], attribute)

    def _path(self, name: str) -> Path | None:
        if name not in self._paths:
            first, *rest = name.split(".")
            of_package = first == self.name and all(part.isidentifier() for part in rest)
            self._paths[name] = _is_file(self.package.joinpath(*rest)) if of_package else None
        return self._paths[name]

    def _module(self, name: str) -> _Module:
        if name not in self._read:
            path = self._path(name)
            is_package = path.name == "__init__.py"
            self._read[name] = _look(path.read_text(encoding="utf-8"), name, is_package)
        return self._read[name]

    def _with_data(self, names: Iterable[str]) -> set[str]:
        files = {self._path(name) for name in names}
        folders = {path.parent for path in files} - {self.package}
        return {
            path.relative_to(self.package).as_posix() for path in files.union(*(_data_in(folder) for folder in folders))
        }


def _is_file(path: Path) -> Path | None:
    for found in (path / "__init__.py", path.with_suffix(".py")):
        if found.is_file():
            return found
    return None


def _data_in(folder: Path) -> set[Path]:
    """Files that are no code, in a folder and in those below it that are no packages."""
    found = set()
    for path in folder.iterdir():
        if path.is_dir() and path.name != "__pycache__" and not (path / "__init__.py").exists():
            found |= _data_in(path)
        elif path.suffix in DATA:
            found.add(path)
    return found


def _look(source: str, name: str, is_package: bool) -> _Module:
    """Read one module, in one pass over its tree: a run waits for this, module after module."""
    tree = ast.parse(source)
    imports: list[tuple[str, str]] = []
    deferred: list[tuple[str, str, str]] = []
    lazy = _lazy_names(tree)
    skipped = {id(value) for value in _lazy_values(tree)}
    aliases: dict[str, str] = {}
    uses: set[str] = set()
    dotted: set[tuple[str, str]] = set()

    def add(module: str, item: str, function: str) -> None:
        if function:
            deferred.append((function, module, item))
        else:
            imports.append((module, item))

    waiting: list[tuple[ast.AST, str]] = [(tree, "")]  # each with the outermost function that it stands in
    while waiting:
        node, function = waiting.pop()
        kind = type(node)
        if kind is ast.Name:
            uses.add(node.id)
        elif kind is ast.Constant:
            if type(node.value) is str and id(node) not in skipped:
                uses.add(node.value)
        elif kind is ast.Attribute:
            uses.add(node.attr)
            waiting.append((node.value, function))
            if (before := _dotted(node.value)) is not None:
                dotted.add((before, node.attr))
        elif kind is ast.Import:
            for item in node.names:
                aliases[item.asname or item.name.split(".")[0]] = item.name if item.asname else item.name.split(".")[0]
                add(item.name, "", function)
        elif kind is ast.ImportFrom:
            module = _absolute(node, name, is_package)
            for item in node.names:
                aliases[item.asname or item.name] = f"{module}.{item.name}"
                add(module, item.name, function)
        elif kind is ast.If and _for_type_checkers(node.test):
            waiting.extend((child, function) for child in node.orelse)
        else:
            if kind in _FUNCTIONS and not function and not _dunder(node.name):
                function = node.name
            for part in node._fields:
                value = getattr(node, part, None)
                if type(value) is list:
                    waiting.extend((child, function) for child in value if isinstance(child, ast.AST))
                elif isinstance(value, ast.AST):
                    waiting.append((value, function))
    attributes = set()
    for before, attribute in dotted:
        first, *rest = before.split(".")
        if first in aliases:
            attributes.add((".".join([aliases[first], *rest]), attribute))
    return _Module(tuple(imports), tuple(deferred), frozenset(uses), lazy, frozenset(attributes))


def _absolute(node: ast.ImportFrom, name: str, is_package: bool) -> str:
    if not node.level:
        return node.module or ""
    parts = name.split(".")
    above = parts[: len(parts) - node.level + is_package]
    return ".".join([*above, *([node.module] if node.module else [])])


def _lazy_values(tree: ast.Module) -> Iterator[ast.expr]:
    for node in tree.body:
        if isinstance(node, ast.Assign) and any(isinstance(to, ast.Name) and to.id == _LAZY for to in node.targets):
            yield from getattr(node.value, "values", [])


def _lazy_names(tree: ast.Module) -> dict[str, str]:
    for node in tree.body:
        if isinstance(node, ast.Assign) and any(isinstance(to, ast.Name) and to.id == _LAZY for to in node.targets):
            return ast.literal_eval(node.value)
    return {}


def _for_type_checkers(test: ast.expr) -> bool:
    return "TYPE_CHECKING" in (getattr(test, "id", ""), getattr(test, "attr", ""))


def _dunder(name: str) -> bool:
    return name.startswith("__") and name.endswith("__")


def _dotted(node: ast.expr) -> str | None:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and (before := _dotted(node.value)) is not None:
        return f"{before}.{node.attr}"
    return None
