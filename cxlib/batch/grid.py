"""A grid of settings: every combination as a run of its own, and what changed in the findings between them."""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import yaml

from cxlib.batch.record import Line
from cxlib.batch.stores import is_address
from cxlib.errors import CxError, ParamsError, Problem, SeveralErrors

RUNS_AT_MOST = 200
Settings = dict[str, Any]


def read_settings(words: Sequence[str], option: str = "--set") -> dict[str, list[Any]]:
    """KEY=VALUE,VALUE words as the values of every key, each read as YAML would.

    Raises
    ------
    ParamsError
        No such word, a value that is no YAML, or a key named twice.

    Examples
    --------
    >>> read_settings(["analysis.q=0.05,0.1", "cleaning.straightlining=true,false"])
    {'analysis.q': [0.05, 0.1], 'cleaning.straightlining': [True, False]}
    """
    found: dict[str, list[Any]] = {}
    problems = []
    for word in words:
        key, equals, text = (part.strip() for part in word.partition("="))
        how = f"write for instance {option} analysis.q=0.05,0.1"
        if not equals or not key or not text:
            problems.append(Problem(f"'{word}' is no KEY=VALUE,VALUE.", option, how))
            continue
        if key in found:
            problems.append(Problem(f"'{key}' is named twice.", option, "write all its values after one ="))
            continue
        try:
            values = yaml.safe_load(f"[{text}]")
        except yaml.YAMLError:
            problems.append(Problem("The values are not YAML.", f"{option} {key}", "quote a text that holds a comma"))
            continue
        try:
            json.dumps(values, allow_nan=False)  # as the record of the batch and the workers know them
        except (TypeError, ValueError):
            how = "quote a date, such as '\"2026-01-31\"'; nan and inf are no settings"
            problems.append(Problem("A value is neither text, number, yes or no, nor a list.", f"{option} {key}", how))
            continue
        found[key] = [value for number, value in enumerate(values) if value not in values[:number]]
    if problems:
        raise ParamsError(problems)
    return found


def combinations(settings: Mapping[str, Sequence[Any]]) -> list[Settings]:
    """Every combination of values; the last key changes fastest.

    Raises
    ------
    ParamsError
        None, or more than 200.

    Examples
    --------
    >>> combinations({"a": [1, 2], "b": ["x", "y"]})
    [{'a': 1, 'b': 'x'}, {'a': 1, 'b': 'y'}, {'a': 2, 'b': 'x'}, {'a': 2, 'b': 'y'}]
    """
    if not settings:
        raise ParamsError("No setting is varied.", "cx grid", "write for instance --set analysis.q=0.05,0.1")
    found = [dict(zip(settings, values, strict=True)) for values in itertools.product(*settings.values())]
    if len(found) > RUNS_AT_MOST:
        raise ParamsError(
            f"These are {len(found)} combinations.", "--set", f"leave out values until at most {RUNS_AT_MOST} are left"
        )
    return found


def lines_of_grid(client: str, source: str, wanted: Sequence[Settings], latest: Settings | None) -> list[Line]:
    """The lines of a grid.

    Parameters
    ----------
    client, source : str
        The client's name, and the path or address of its folder.
    wanted : sequence of dict
        The combinations.
    latest : dict, optional
        Settings that only one combination has: its run becomes the client's latest. None leaves `latest` as it is.

    Raises
    ------
    ParamsError
        `latest` names no combination, or several.
    CxError
        No combination could be run: all that is wrong, once for the whole grid.
    """
    chosen = [number for number, one in enumerate(wanted) if latest is not None and latest.items() <= one.items()]
    if latest is not None and len(chosen) != 1:
        raise ParamsError(
            f"{len(chosen) or 'None'} of the combinations have these settings; one can be the latest run.",
            "--latest",
            "name a value for every setting that is varied, such as --latest analysis.q=0.1",
        )
    if source and not is_address(source):
        _refuse_if_all_are_wrong(Path(source), wanted)
    return [
        Line(f"{client}#{number + 1}", client, source, dict(one), make_latest=number in chosen)
        for number, one in enumerate(wanted)
    ]


def _refuse_if_all_are_wrong(folder: Path, wanted: Sequence[Settings]) -> None:
    """A mistake in a key or in the client's folder is told once, not for each of two hundred runs."""
    from cxlib.batch.packing import pack_client

    errors: list[CxError] = []
    for one in wanted:
        try:
            pack_client(folder, one)
        except CxError as error:
            errors.append(error)
        else:
            return
    from cxlib.check import check_client

    found = check_client(folder)
    if found:
        raise SeveralErrors(found)
    raise type(errors[0])(dict.fromkeys(problem for error in errors for problem in error.problems))


@dataclass(frozen=True)
class Cell:
    """A factor and an outcome in one run of the grid.

    Attributes
    ----------
    found : bool
        Whether it is one of the run's findings.
    grade : str or None
        None: nothing is said of it.
    estimate, low, high : float or None
        The association and its interval.
    """

    found: bool
    grade: str | None
    estimate: float | None
    low: float | None
    high: float | None

    @property
    def sign(self) -> str:
        """+, - or 0 where the interval holds zero; ? where there is none."""
        if self.low is None or self.high is None:
            return "?"
        return "+" if self.low > 0 else "-" if self.high < 0 else "0"


@dataclass(frozen=True)
class Row:
    """A factor and an outcome that are not told alike in all runs.

    Attributes
    ----------
    finding : str
        factor.outcome
    factor : dict
        Its name in both languages.
    outcome : str
    what : tuple of str
        finding (it is one in some runs only), grade, sign, interval (an estimate outside of another run's interval).
    cells : tuple of Cell or None
        One a run, in their order; None where the run did not look at it.
    """

    finding: str
    factor: dict[str, str]
    outcome: str
    what: tuple[str, ...]
    cells: tuple[Cell | None, ...]


def compare_runs(lines: Sequence[Line]) -> tuple[list[Row], int]:
    """What changed in the findings between the runs of a grid.

    Parameters
    ----------
    lines : sequence of Line
        The done ones.

    Returns
    -------
    rows : list of Row
        What differs between runs, in the order of the questions.
    same : int
        How many findings are the same in all runs.
    """
    names = list(dict.fromkeys(name for line in lines for name in line.facts))
    rows, same = [], 0
    for name in names:
        facts = [line.facts.get(name) for line in lines]
        known = next(fact for fact in facts if fact is not None)
        cells = tuple(
            None
            if fact is None
            else Cell(**{part: fact[part] for part in ("found", "grade", "estimate", "low", "high")})
            for fact in facts
        )
        told = [cell for cell in cells if cell is not None]
        if not any(cell.found or cell.grade for cell in told):
            continue  # nothing is said of it in any run
        what = _what_differs(told, len(cells))
        if what:
            rows.append(Row(name, known["factor"], known["outcome"], what, cells))
        else:
            same += any(cell.found for cell in told)
    return rows, same


def _what_differs(cells: Sequence[Cell], of: int) -> tuple[str, ...]:
    what = []
    if len({cell.found for cell in cells}) > 1 or (len(cells) < of and cells[0].found):
        what.append("finding")
    if len({cell.grade for cell in cells}) > 1:
        what.append("grade")
    if len({cell.sign for cell in cells}) > 1:
        what.append("sign")
    if any(_outside(one, other) for one in cells for other in cells):
        what.append("interval")
    return tuple(what)


def _outside(one: Cell, other: Cell) -> bool:
    if one.estimate is None or other.low is None or other.high is None:
        return False
    return not other.low <= one.estimate <= other.high


def told_settings(changes: Mapping[str, Any]) -> str:
    """Settings as they are typed."""

    def typed(value: Any) -> str:
        return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)

    return " ".join(f"{key}={typed(value)}" for key, value in changes.items())


def as_fields(rows: Sequence[Row], same: int) -> dict[str, Any]:
    """The table, for `--json`."""
    return {"changed": [asdict(row) for row in rows], "same": same}
