"""Ctrl+C ends a batch also where Python loses the interruption, and workers never hear of it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from cxlib.batch import ctrl_c

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals of a terminal")


@pytest.fixture(autouse=True)
def as_in_a_terminal():
    """A shell that starts tests in the background hands on that Ctrl+C is ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def press() -> None:
    signal.raise_signal(signal.SIGINT)


def test_one_that_python_loses_is_not_lost(capfd):
    woken = []

    class Gone:
        def __del__(self):
            press()

    with ctrl_c.CtrlC(lambda: woken.append(True)) as pressed:
        pressed.check()
        Gone()  # an interruption in a finaliser is printed, and that is all
        assert woken == [True]
        assert capfd.readouterr().err == ""
        with pytest.raises(KeyboardInterrupt):
            pressed.check()


def test_pressing_it_again_does_not_disturb_the_tidying_up():
    def batch() -> None:
        with ctrl_c.CtrlC(lambda: None):
            try:
                press()
            finally:
                press()  # while workers are ended
                done.append("workers")

    done: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        batch()
    press()  # while the page is written
    assert done == ["workers"]


def test_it_waits_for_a_cluster_that_is_being_made():
    made = []
    with ctrl_c.CtrlC(lambda: None):
        with ctrl_c.held() as let_come:
            press()
            made.append("cluster")
        with pytest.raises(KeyboardInterrupt):
            let_come()
    assert made == ["cluster"]


def test_a_process_begun_meanwhile_does_not_hear_it():
    asks = "import signal; print(signal.getsignal(signal.SIGINT) == signal.SIG_IGN)"
    with ctrl_c.ignored():
        told = subprocess.run([sys.executable, "-c", asks], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "True"
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
