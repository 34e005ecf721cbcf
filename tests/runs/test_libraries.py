"""Papermill is imported without what no run asks for, and nothing else is kept from it."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from cxlib.runs.libraries import LEFT_OUT, left_out

LOADS = """
import importlib.util, sys
from cxlib.runs import libraries
libraries.load()
print(*(name in sys.modules for name in ("papermill", "nbformat", *libraries.LEFT_OUT)))
print(*(importlib.util.find_spec(name) is not None for name in libraries.LEFT_OUT))
import nbformat
try:
    nbformat.validate(nbformat.from_dict({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [{"id": "a"}]}))
except nbformat.ValidationError:
    print("refused")
"""


def test_papermill_comes_without_them_and_they_can_be_imported_afterwards():
    done = subprocess.run([sys.executable, "-c", LOADS], capture_output=True, text=True, check=True)
    told, found, refused = done.stdout.splitlines()
    assert told.split() == ["True", "True", *["False" for _ in LEFT_OUT]]
    assert found.split() == ["True" for _ in LEFT_OUT]
    assert refused == "refused"  # notebooks are checked against their schema as ever


def test_a_module_is_left_out_for_this_thread_alone(tmp_path, monkeypatch):
    (tmp_path / "cx_somewhere.py").write_text("", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    with ThreadPoolExecutor(1) as other, left_out("cx_somewhere"):
        with pytest.raises(ImportError, match="left out"):
            __import__("cx_somewhere")
        assert other.submit(__import__, "cx_somewhere").result().__name__ == "cx_somewhere"
        assert __import__("cx_somewhere")  # what is there already stays


MEANWHILE = """
import sys, threading
from cxlib.runs.ahead import libraries_meanwhile
with libraries_meanwhile():
    going = [thread.name for thread in threading.enumerate()]
print("cx-libraries" in going, any(thread.name == "cx-libraries" for thread in threading.enumerate()))
print("papermill" in sys.modules)
import jupyter_client
"""


@pytest.mark.parametrize(("cold", "told"), [("", "True False\nTrue\n"), ("1", "False False\nFalse\n")])
def test_nothing_is_imported_beside_them(cold, told):
    """jupyter_client imported by two threads at once fails: each finds the other's half-made modules."""
    environment = {**os.environ, "CX_COLD_KERNELS": cold}
    done = subprocess.run(
        [sys.executable, "-c", MEANWHILE], capture_output=True, text=True, check=True, env=environment
    )
    assert done.stdout == told
