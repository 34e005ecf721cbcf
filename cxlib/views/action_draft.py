"""A line of the action log before it is written: held against the log as it is, by the log's own reader."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from cxlib.actions.log import read_log
from cxlib.actions.records import ActionLog, ActionRecord
from cxlib.actions.table import KNOWN, Row, Table
from cxlib.actions.write import log_path, missing_fields, read_log_table
from cxlib.errors import CxError, ParamsError, Problem
from cxlib.params import load_params
from cxlib.params.model import Params
from cxlib.runs.clients import find_client, known_clients
from cxlib.views.action_fields import FIELDS
from cxlib.views.material import HOME
from cxlib.words import both

_PLACE = re.compile(r":(\d+)(?: \((\w+)\))?$")


def client_folder(client: str) -> Path:
    """A client's folder: a path, or a name below `params` of $CX_HOME, the working directory or one above it.

    Raises
    ------
    ParamsError
        No such client; the nearest names are offered.
    """
    here = Path.cwd()
    homes = [Path(os.environ[HOME])] if os.environ.get(HOME) else []
    homes += [here, *here.parents]
    below = next((home / "params" for home in homes if known_clients(home / "params")), Path("params"))
    return find_client(client, below)


@dataclass(frozen=True)
class Checked:
    """What a draft would become.

    Attributes
    ----------
    record : ActionRecord or None
        None when something is wrong.
    wrong : dict of str to tuple of Problem
        By the column it stands in; '' for what is no single column's.
    """

    record: ActionRecord | None
    wrong: dict[str, tuple[Problem, ...]] = field(default_factory=dict)


class Book:
    """A client's action log as the form reads it.

    Parameters
    ----------
    folder : Path
        The client's folder.

    Raises
    ------
    CxError
        Parameters or log are wrong, or the parameters name no log.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.params: Params = load_params(folder)
        log_path(self.params, folder)  # the parameters must name a log
        self.read()

    def read(self) -> None:
        """Read the log again; a file that is not there yet is an empty log."""
        self.log: ActionLog
        self.table: Table
        self.log, self.table = read_log_table(self.params, self.folder)

    def _last(self, action: str) -> tuple[Row, ...]:
        """The row of an action's latest record."""
        known = self.log.latest().get(action)
        return tuple(row for row in self.table.rows if known and row.line == known[0].line)

    def cells(self, action: str) -> dict[str, str]:
        """The cells of an action's latest record; empty ones for an action that is not there."""
        return dict.fromkeys(KNOWN, "") | next((row.cells for row in self._last(action)), {})

    def new_id(self) -> str:
        """The next plain id: A8 after A7."""
        known = set(self.log.latest())
        numbers = [int(name[1:]) for name in known if re.fullmatch(r"A\d{1,6}", name)]
        return f"A{max(numbers, default=0) + 1}"

    def check(self, cells: dict[str, str], *, new: bool, today: date) -> Checked:
        """Would this line fit below the log as it was read?

        Parameters
        ----------
        cells : dict of str to str
            Column -> text; columns left out are empty.
        new : bool
            Whether it is to be the first record of its action.
        today : date
            The day it is recorded on.

        Notes
        -----
        Read below the latest record of its own action alone, so that a long log does not slow down typing; the whole
        log is read again when the line is written.
        """
        line = max((row.line for row in self.table.rows), default=1) + 1
        row = Row(line, dict.fromkeys(KNOWN, "") | cells | {"recorded_on": today.isoformat()})
        wrong: dict[str, list[Problem]] = {}
        if new and row.cells["id"].casefold() in {name.casefold() for name in self.log.latest()}:
            wrong["id"] = [Problem(both("form_taken", id=row.cells["id"])["en"])]
        for column in missing_fields(row.cells) if new else ():
            wrong[column] = [Problem(f"'{column}' is missing.")]
        record = None
        try:
            record = read_log(Table(self.table.name, KNOWN, (*self._last(row.cells["id"]), row)), self.params).records[
                -1
            ]
        except ParamsError as error:
            for problem in error.problems:
                place = _PLACE.search(problem.where)
                if place and int(place.group(1)) == line:
                    wrong.setdefault(_column(place.group(2) or ""), []).append(problem)
        found = {column: tuple(problems) for column, problems in wrong.items()}
        return Checked(None if found else record, found)

    def needed(self, cells: dict[str, str], *, new: bool) -> frozenset[str]:
        """The columns that must be filled in, given how the action stands and where it is done."""
        status = cells.get("status", "")
        always = {"id", "status", "factors", "what", "owner_role"}
        if status == "none":
            always |= {"due", "stopped_because"}
        else:
            always |= {"scope", "scope_chosen_by"} | ({"stopped_because"} if status == "stopped" else set())
            always |= {"start"} if status in ("doing", "done") and not cells.get("starts") else set()
        asked = {name: cells.get(name, "") for name in ("status", "scope", "comparison", "starts")}
        return frozenset(always | (set(missing_fields(asked)) if new else set()))


def _column(name: str) -> str:
    """The field a column belongs to; a text's twin belongs to the text."""
    base = name.removesuffix("_vi").removesuffix("_en")
    return base if base in FIELDS else name if name in ("drawn", "recorded_on") else ""


def problems_of(error: CxError) -> tuple[Problem, ...]:
    """The problems of an error, each once."""
    return tuple(dict.fromkeys(error.problems))
