"""How a command answers: words or one JSON object, errors as what, where and how, never a traceback."""

from __future__ import annotations

import json
import os
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cxlib.errors import CxError, Problem

FAULT = 1  # a fault of the workbench itself: no mistake of its user's
INTERRUPTED = 130

# Messages of these kinds speak of code and files; those of others can quote an answer and are left out of the log.
_TELLING = (ImportError, NameError, AttributeError, OSError, SyntaxError)


class Told(SystemExit):
    """The end of a command that has said all it has to say."""


class Answer:
    """What a command says at its end, in words and for `--json`."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.fields: dict[str, Any] = {}
        self.said = False  # nothing more is to be said


@contextmanager
def answering(command: str, *, as_json: bool, outputs: Path) -> Iterator[Answer]:
    """Say the answer, or what is wrong, and end with the exit code.

    Parameters
    ----------
    command : str
        Its name, for `--json`.
    as_json : bool
        One JSON object on stdout, and nothing else there.
    outputs : Path
        Where the trace of a fault of the workbench itself is written.

    Raises
    ------
    Told
        Always at an error, with the exit code 2-5 of a `CxError`, 1 for a fault, 130 for an interruption.
    """
    answer = Answer()
    try:
        yield answer
    except CxError as error:
        _wrong(command, list(error.problems), error.exit_code, as_json, str(error))
    except KeyboardInterrupt:
        _wrong(command, [Problem("Interrupted.")], INTERRUPTED, as_json)
    except BrokenPipeError:  # the reader of stdout has gone; nothing is left to say to anyone
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise Told(FAULT) from None
    except Exception as error:
        problem = Problem(
            f"The workbench itself failed ({type(error).__name__}); this is no mistake of yours.",
            f"the trace is in {write_fault(error, outputs)}",
            "send that file to whoever maintains the workbench; it holds no answers",
        )
        _wrong(command, [problem], FAULT, as_json)
    else:
        if answer.said:
            return
        if as_json:
            say_json(command, answer.fields)
        else:
            for line in answer.lines:
                print(line)


def _wrong(command: str, problems: list[Problem], code: int, as_json: bool, text: str = "") -> None:
    print(text or "\n".join(str(problem) for problem in problems), file=sys.stderr)
    if as_json:
        say_wrong(command, problems, code)
    raise Told(code) from None


def say_json(command: str, fields: dict[str, Any]) -> None:
    """The one JSON object of a command that went well."""
    _print_json({"ok": True, "command": command, **fields})


def say_wrong(command: str | None, problems: list[Problem], code: int) -> None:
    """The one JSON object of a command that did not."""
    told = [problem.as_dict() for problem in problems]
    _print_json({"ok": False, "command": command, "exit_code": code, "problems": told})


def _print_json(value: dict[str, Any]) -> None:
    print(json.dumps(value, ensure_ascii=False, indent=1), flush=True)


def write_fault(error: BaseException, outputs: Path) -> str:
    """Write where an unexpected error came from: its frames, without values and without messages that can quote one.

    Returns
    -------
    str
        The file's path; a sentence when it cannot be written.
    """
    parts, seen = [], set()
    link: BaseException | None = error
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        frames = "".join(traceback.format_list(traceback.extract_tb(link.__traceback__)))
        said = f": {link}" if isinstance(link, _TELLING) else " (message left out: it could quote an answer)"
        parts.append(f"{frames}{type(link).__name__}{said}\n")
        link = link.__cause__ or link.__context__
    path = outputs / "faults" / f"{datetime.now(UTC):%Y%m%dT%H%M%S%fZ}.log"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\nbefore that:\n".join(parts), encoding="utf-8")
    except OSError as wrong:
        return f"no file: {path} cannot be written ({wrong.strerror})"
    return str(path)


class StageLines:
    """A line a stage on stderr, with its seconds; a spinner while it runs, where someone is watching."""

    def __init__(self) -> None:
        from rich.console import Console

        self._console = Console(stderr=True, highlight=False, soft_wrap=True)
        self._status: Any = None
        self._going: dict[str, str] = {}  # stages go on side by side
        self.made = True  # a new run; not when the latest one stands

    def __call__(self, progress: Any) -> None:
        self.close()
        name = f"{progress.number}/{progress.of} {progress.stage}"
        if progress.state == "waiting":
            self._console.print("Another run of this client is going on; waiting for it to end ...")
        elif progress.state == "stands":
            self.made = False
        elif progress.state == "started":
            self._going[progress.stage] = name
        else:
            self._going.pop(progress.stage, None)
            words = {"reused": f"taken over from {progress.run}", "adopted": "adopted as it was made by hand"}
            word = words.get(progress.state, progress.state)
            self._console.print(f"{name:<14} {word:<6} {progress.seconds:6.1f} s", markup=False)
        if self._going and self._console.is_terminal:
            self._status = self._console.status(f"{', '.join(self._going.values())} ...")
            self._status.start()

    def close(self) -> None:
        """End the spinner."""
        if self._status is not None:
            self._status.stop()
            self._status = None
