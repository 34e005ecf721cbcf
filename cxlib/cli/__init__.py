"""The command line: every command is one call into the library."""

from __future__ import annotations

import sys
from collections.abc import Sequence

__all__ = ["main"]

ANEW = ("--fresh", "--from", "--only")  # with one of these some stage is run, whatever is known


def main() -> None:
    """The entry point of `cx`."""
    try:
        if runs_anew(sys.argv[1:]):
            from cxlib.runs.ahead import warm_up

            warm_up()  # it needs two seconds of its own: begun before the command line's libraries are imported here
        from cxlib.cli.commands import main as answer
    except KeyboardInterrupt:
        from cxlib.cli.console import INTERRUPTED

        print("Interrupted.", file=sys.stderr)
        sys.exit(INTERRUPTED)
    answer()


def runs_anew(words: Sequence[str]) -> bool:
    """Whether a command, as it was typed, asks for stages to be run that may be known.

    Examples
    --------
    >>> runs_anew(["run", "demo", "--from", "drivers"]), runs_anew(["run", "demo"]), runs_anew(["prune", "--fresh"])
    (True, False, False)
    """
    return list(words[:1]) == ["run"] and "--help" not in words and any(word.split("=")[0] in ANEW for word in words)
