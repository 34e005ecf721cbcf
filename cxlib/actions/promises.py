"""What the company promised its customers, in writing or not, and which factors ask whether it was kept."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cxlib.actions.beside import Kind, Reader, read_list
from cxlib.actions.cells import near
from cxlib.actions.records import TwoTexts
from cxlib.actions.table import Row
from cxlib.params.model import Params, project_file

LIST = Kind(
    name="list of promises",
    key="promises",
    needed=("id", "promise", "kind", "factors"),
    optional=("channel", "step"),
    in_both=("promise", "channel"),
)
KINDS = ("written", "unwritten")


@dataclass(frozen=True)
class PromiseRecord:
    """A promise to customers.

    Attributes
    ----------
    id : str
    promise : TwoTexts
        In one sentence, as customers hear or read it.
    written : bool
        Whether it stands in writing; an unwritten one is what customers are told or take for granted.
    channel : TwoTexts or None
        Where customers meet it, such as the website or the till.
    step : str or None
        Key of the journey step it belongs to.
    factors : tuple of str
        Keys of the factors that ask whether it is kept; empty when none does.
    line : int
        Line of the csv file, or row of the sheet.
    """

    id: str
    promise: TwoTexts
    written: bool
    channel: TwoTexts | None
    step: str | None
    factors: tuple[str, ...]
    line: int


def read_promises(params: Params, folder: Path) -> tuple[PromiseRecord, ...]:
    """Read the promises of a client.

    Parameters
    ----------
    params : Params
        `params.promises` names the file (csv or xlsx), relative to the client's folder.
    folder : Path
        The client's folder.

    Returns
    -------
    tuple of PromiseRecord
        In the order of the file; empty when the parameters name none, or when it has a header only.

    Raises
    ------
    ParamsError
        Every problem of the file at once, each with file:line.
    """
    if params.promises is None:
        return ()
    reader = Reader(read_list(project_file(Path(folder), params.promises), LIST), LIST)
    records = tuple(_record(reader, row, params) for row in reader.rows())
    reader.done()
    return records


def _record(reader: Reader, row: Row, params: Params) -> PromiseRecord:
    kind, step = row.cells["kind"].casefold(), row.cells["step"]
    if kind not in KINDS:
        said = f"The kind '{kind}' is not known." if kind else "It is not said whether the promise is written."
        reader.wrong(row, "kind", said, near(kind, KINDS))
    if step and step not in params.steps:
        how = near(step, list(params.steps)) if params.steps else "name the steps of the journey in params.yaml first"
        reader.wrong(row, "step", f"The step '{step}' is not known.", how)
    return PromiseRecord(
        id=reader.id(row),
        promise=reader.texts(row, "promise", needed=True) or TwoTexts("", ""),
        written=kind == "written",
        channel=reader.texts(row, "channel"),
        step=step or None,
        factors=reader.keys(row, "factors", list(params.factors), "factor"),
        line=row.line,
    )
