"""Papermill and nbformat, imported without two libraries that they would take and no run asks for.

- `rfc3987_syntax` builds the grammar of internationalised web addresses when it is imported, which takes longer than
  papermill and all else that it needs. jsonschema asks for it to check the formats "iri" and "iri-reference"; the
  schema of notebooks knows neither, and where the package is missing jsonschema goes without these two checks.
- `pyarrow` is asked for by papermill to read notebooks from Hadoop; where it is missing, papermill goes without that.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

LEFT_OUT = ("rfc3987_syntax", "pyarrow")

_lock = threading.Lock()


def load() -> None:
    """Import nbformat and papermill, unless that was done."""
    with _lock, left_out(*LEFT_OUT):
        import papermill  # noqa: F401  (and nbformat with it)


@contextmanager
def left_out(*names: str) -> Iterator[None]:
    """For this thread, these modules are as if they were not installed; those imported already stay."""
    finder = _Absent(names, threading.get_ident())
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)


class _Absent(MetaPathFinder):
    def __init__(self, names: tuple[str, ...], thread: int) -> None:
        self.names, self.thread = names, thread

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname in self.names and threading.get_ident() == self.thread:
            raise ModuleNotFoundError(f"{fullname} is left out here", name=fullname)
        return None
