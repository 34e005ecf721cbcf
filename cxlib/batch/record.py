"""The record of a batch: one file, replaced in one step at every change, from which the batch is taken up again."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from cxlib.batch.stores import Store, is_address
from cxlib.errors import CxError, ParamsError, Problem
from cxlib.runs import places

FOLDER = ".batches"
State = Literal["waiting", "running", "done", "failed"]


@dataclass
class Line:
    """One run of a batch.

    Attributes
    ----------
    key : str
        Its name in the batch: the client's, of a grid with a number.
    client, source : str
        The client's name, and the path or address of its folder.
    changes : dict
        Settings changed for this run only.
    make_latest : bool
        Whether `latest` names the run when it is done.
    state : str
        waiting, running, done, failed.
    taken_up : bool
        Done by the batch before it was taken up again, and not run once more.
    begun : int
        How often a worker has begun it.
    run : str
        Name of the run folder.
    inputs : str
        Digest of what the run was made from.
    seconds : float or None
    told : dict
        Title, rows, findings and loop figures.
    problems : list
        what, where, how; of a failed run.
    exit_code : int
        As `cx run` would have ended.
    """

    key: str
    client: str
    source: str
    changes: dict[str, Any] = field(default_factory=dict)
    make_latest: bool = True
    state: State = "waiting"
    taken_up: bool = False
    begun: int = 0
    run: str = ""
    inputs: str = ""
    seconds: float | None = None
    told: dict[str, Any] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    problems: list[dict[str, str]] = field(default_factory=list)
    exit_code: int = 0

    def fail(self, problems: Iterable[Problem], exit_code: int) -> None:
        """It is over, and why."""
        self.state, self.exit_code = "failed", exit_code
        self.problems = [problem.as_dict() for problem in problems]


@dataclass
class BatchRecord:
    """A batch on its way.

    Attributes
    ----------
    batch : str
        Its name.
    kind : {'batch', 'grid'}
    outputs : str
        The folder of all runs: a path or an address.
    lines : list of Line
        In the order in which they were asked for.
    """

    batch: str
    kind: Literal["batch", "grid"]
    outputs: str
    lines: list[Line]
    status: Literal["running", "done", "failed", "stopped"] = "running"
    started: str = ""
    ended: str | None = None

    @classmethod
    def begin(cls, kind: Literal["batch", "grid"], outputs: str, lines: list[Line]) -> BatchRecord:
        """A new batch, written before anything is run."""
        now = datetime.now(UTC)
        name = f"{now:%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"
        record = cls(name, kind, outputs, lines, started=now.isoformat(timespec="seconds"))
        record.write()
        return record

    @classmethod
    def read(cls, outputs: str, batch: str) -> BatchRecord:
        """The record of an earlier batch.

        Raises
        ------
        ParamsError
            There is none of that name; those that there are, are named.
        DataError
            The store cannot be reached.
        """
        if Path(batch).name != batch or batch in ("", ".", ".."):
            raise ParamsError(f"'{batch}' is no name of a batch.", "--resume", _known(outputs))
        content = Store(outputs).read(f"{FOLDER}/{batch}.json") if is_address(outputs) else None
        try:
            if is_address(outputs):
                import json

                value = json.loads(content) if content is not None else None
            else:
                value = places.read_json(Path(outputs) / FOLDER / f"{batch}.json")
            lines = [Line(**line) for line in value.pop("lines")]
            known = {item.name for item in fields(cls)}
            return cls(
                lines=lines, **{name: item for name, item in value.items() if name in known} | {"outputs": outputs}
            )
        except (CxError, ValueError, TypeError, KeyError, AttributeError):
            raise ParamsError(f"There is no record of a batch '{batch}'.", "--resume", _known(outputs)) from None

    def as_dict(self) -> dict[str, Any]:
        """The record as JSON holds it."""
        return {"schema": 1, **asdict(self)}

    def write(self) -> None:
        """Replace the file by the present state.

        Raises
        ------
        ParamsError, DataError
            It cannot be written: then the batch could not be taken up again.
        """
        if is_address(self.outputs):
            import json

            text = json.dumps(self.as_dict(), ensure_ascii=False, indent=1, allow_nan=False) + "\n"
            Store(self.outputs).write(f"{FOLDER}/{self.batch}.json", text.encode())
            return
        folder = Path(self.outputs) / FOLDER
        try:
            folder.mkdir(parents=True, exist_ok=True)
            places.write_json(folder / f"{self.batch}.json", self.as_dict())
        except OSError as error:
            raise ParamsError(
                f"The record of the batch cannot be written: {error.strerror}.",
                places.shown(folder),
                "make room or name another --outputs",
            ) from None

    def end(self, status: Literal["done", "failed", "stopped"]) -> None:
        """Nothing more is run."""
        self.status, self.ended = status, datetime.now(UTC).isoformat(timespec="seconds")
        for line in self.lines:
            if line.state == "running":
                line.state = "waiting"
        self.write()

    def count(self) -> Mapping[str, int]:
        """State -> how many runs are in it."""
        counts = dict.fromkeys(("done", "failed", "running", "waiting"), 0)
        for line in self.lines:
            counts[line.state] += 1
        return counts


def _known(outputs: str) -> str:
    """The batches whose records are kept."""
    try:
        if is_address(outputs):
            return "the records are in .batches of the outputs"
        names = sorted(path.stem for path in (Path(outputs) / FOLDER).glob("*.json"))
    except OSError:
        names = []
    return f"there are {', '.join(names[-5:])}" if names else "no batch has been run there"
