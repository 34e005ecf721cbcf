"""The locks that keep a batch and another run of the same client apart."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

from cxlib.errors import StageError
from cxlib.runs import latest


class Locks:
    """The locks of the clients whose runs are on their way, one a client however many of its runs there are."""

    def __init__(self, outputs: Path | None) -> None:
        self._outputs = outputs
        self._held: dict[str, list] = {}

    def take(self, client: str) -> bool:
        """Whether this batch may run the client now."""
        if self._outputs is None:
            return True
        if client in self._held:
            self._held[client][1] += 1
            return True
        folder = self._outputs / client
        latest.make_client_outputs(folder)
        held = ExitStack()
        try:
            held.enter_context(latest.one_run_at_a_time(folder, wait_seconds=0, waiting=lambda: None))
        except StageError:
            return False
        self._held[client] = [held, 1]
        return True

    def let_go(self, client: str) -> None:
        """One run of the client less."""
        if client in self._held:
            self._held[client][1] -= 1
            if self._held[client][1] == 0:
                self._held.pop(client)[0].close()

    def close(self) -> None:
        """Let go of everything."""
        for held, _ in self._held.values():
            held.close()
        self._held.clear()
