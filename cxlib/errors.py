"""Errors that say what is wrong, where, and how to mend it.

Every mistake a user can make ends in one of these classes, so that the command line can print it without a
traceback. A `Problem` never holds a respondent's answer: it names rules, columns, rows and counts.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass

DONE = 0
WRONG_PARAMETERS = 2
WRONG_DATA = 3
STAGE_FAILED = 4
REFUSED = 5

SHOWN_AT_MOST = 50  # a message longer than a screen is not read; the rest is counted


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong.

    Parameters
    ----------
    what : str
        What is wrong, in one sentence.
    where : str
        File and line, key, column or row numbers.
    how : str
        How to mend it.
    """

    what: str
    where: str = ""
    how: str = ""

    def __str__(self) -> str:
        lines = [self.what]
        if self.where:
            lines.append(f"    where: {self.where}")
        if self.how:
            lines.append(f"    mend:  {self.how}")
        return "\n".join(lines)

    def as_dict(self) -> dict[str, str]:
        """The three fields, for `--json`."""
        return asdict(self)


class CxError(Exception):
    """Base of every error this library raises on purpose.

    Parameters
    ----------
    problems : str, Problem or iterable of Problem
        What went wrong; all of it at once.
    where, how : str
        Used when `problems` is a sentence.

    Attributes
    ----------
    problems : tuple of Problem
    exit_code : int
        The exit code of the command line.
    """

    exit_code = WRONG_PARAMETERS

    def __init__(self, problems: str | Problem | Iterable[Problem], where: str = "", how: str = "") -> None:
        if isinstance(problems, str):
            problems = (Problem(problems, where, how),)
        elif isinstance(problems, Problem):
            problems = (problems,)
        self.problems = tuple(problems)
        super().__init__(self.problems)  # one argument: the error can be pickled back into place

    def __str__(self) -> str:
        shown = [str(problem) for problem in self.problems[:SHOWN_AT_MOST]]
        hidden = len(self.problems) - len(shown)
        if hidden > 0:
            shown.append(f"... and {hidden} more of the same kind.")
        return "\n".join(shown)


class ParamsError(CxError):
    """The command, `params.yaml` or the action log is wrong."""

    exit_code = WRONG_PARAMETERS


class DataError(CxError):
    """The survey file cannot be read or does not fit the parameters."""

    exit_code = WRONG_DATA


class StageError(CxError):
    """A stage of a run failed; the notebook it failed in is kept."""

    exit_code = STAGE_FAILED


class RefusedError(CxError):
    """Refused for privacy or purpose; the message offers what can be done instead."""

    exit_code = REFUSED


class SeveralErrors(CxError):
    """Errors of several kinds found in one look; the exit code is that of the gravest first cause."""

    def __init__(self, errors: Iterable[CxError]) -> None:
        errors = tuple(errors)
        super().__init__(problem for error in errors for problem in error.problems)
        self.errors = errors
        self.exit_code = errors[0].exit_code if errors else WRONG_PARAMETERS

    def __reduce__(self):
        return type(self), (self.errors,)
