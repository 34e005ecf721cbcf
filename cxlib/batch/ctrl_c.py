"""Ctrl+C ends a batch, whatever it does just then."""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

TIDYING_SECONDS = 10.0  # within which pressing it again does not hurry the end of the workers


class CtrlC:
    """Notes Ctrl+C beside letting it interrupt: within an import or a finaliser Python prints that, and goes on.

    Parameters
    ----------
    wake : callable
        Called at once, in case that something is waited for.
    """

    def __init__(self, wake: Callable[[], None]) -> None:
        self._wake, self._ours = wake, False
        self._heard: float | None = None
        self._printed = sys.unraisablehook

    def __enter__(self) -> CtrlC:
        ignored_already = signal.getsignal(signal.SIGINT) is not signal.default_int_handler
        if _in_main_thread() and not ignored_already:
            signal.signal(signal.SIGINT, self._hear)
            self._ours, self._printed = True, sys.unraisablehook
            sys.unraisablehook = self._lost
        return self

    def __exit__(self, *_: object) -> None:
        if self._ours:
            sys.unraisablehook = self._printed
            if self._heard is None:  # else the page is still to be written
                signal.signal(signal.SIGINT, signal.default_int_handler)

    def check(self) -> None:
        """Interrupt now, if Ctrl+C was pressed.

        Raises
        ------
        KeyboardInterrupt
        """
        if self._heard is not None:
            raise KeyboardInterrupt

    def _hear(self, *_: Any) -> None:
        now = time.monotonic()
        if self._heard is not None and now - self._heard < TIDYING_SECONDS:
            return
        self._heard = now
        self._wake()
        raise KeyboardInterrupt

    def _lost(self, what: Any) -> None:
        """An interruption that Python loses is no fault to be shown: `check` brings it back."""
        if not issubclass(what.exc_type, KeyboardInterrupt):
            self._printed(what)


@contextmanager
def ignored() -> Iterator[None]:
    """A process begun meanwhile, and all that come from it, never hear of Ctrl+C: the batch ends them."""
    before = signal.getsignal(signal.SIGINT)
    if not _in_main_thread() or before is None:
        yield
        return
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def held() -> Iterator[Callable[[], None]]:
    """Ctrl+C waits for the end of what must not be left half done; what is yielded is called then, and lets it come."""
    before = signal.getsignal(signal.SIGINT)
    if not _in_main_thread() or not callable(before):
        yield lambda: None
        return
    pressed: list[float] = []

    def note(*_: Any) -> None:
        pressed.append(time.monotonic())
        if pressed[-1] - pressed[0] > TIDYING_SECONDS:
            raise KeyboardInterrupt

    def let_come() -> None:
        if pressed:
            before(signal.SIGINT, None)

    signal.signal(signal.SIGINT, note)
    try:
        yield let_come
    finally:
        signal.signal(signal.SIGINT, before)


def _in_main_thread() -> bool:
    return threading.current_thread() is threading.main_thread()
