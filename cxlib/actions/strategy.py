"""The company's strategic choices, and which of the survey's questions serve each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from cxlib.actions.beside import Kind, Reader, read_list
from cxlib.actions.records import TwoTexts
from cxlib.params.model import Params, project_file

LIST = Kind(
    name="list of strategic choices",
    key="strategy",
    needed=("id", "choice", "measures"),
    optional=("decided_on", "document"),
    in_both=("choice",),
)


@dataclass(frozen=True)
class ChoiceRecord:
    """A strategic choice.

    Attributes
    ----------
    id : str
    choice : TwoTexts
        What was chosen, in one sentence.
    measures : tuple of str
        Keys of the outcomes and factors that tell whether it works; empty when nothing measures it.
    decided_on : date or None
    document : str or None
        A link, a file's name, or plain words such as a minute's title.
    line : int
        Line of the csv file, or row of the sheet.
    """

    id: str
    choice: TwoTexts
    measures: tuple[str, ...]
    decided_on: date | None
    document: str | None
    line: int


def read_strategy(params: Params, folder: Path) -> tuple[ChoiceRecord, ...]:
    """Read the strategic choices of a client.

    Parameters
    ----------
    params : Params
        `params.strategy` names the file (csv or xlsx), relative to the client's folder.
    folder : Path
        The client's folder.

    Returns
    -------
    tuple of ChoiceRecord
        In the order of the file; empty when the parameters name none, or when it has a header only.

    Raises
    ------
    ParamsError
        Every problem of the file at once, each with file:line.
    """
    if params.strategy is None:
        return ()
    reader = Reader(read_list(project_file(Path(folder), params.strategy), LIST), LIST)
    records = tuple(
        ChoiceRecord(
            id=reader.id(row),
            choice=reader.texts(row, "choice", needed=True) or TwoTexts("", ""),
            measures=reader.keys(row, "measures", list(params.questions), "outcome or factor"),
            decided_on=reader.day(row, "decided_on"),
            document=reader.document(row),
            line=row.line,
        )
        for row in reader.rows()
    )
    reader.done()
    return records
