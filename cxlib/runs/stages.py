"""The stages in their order: which notebook, which settings go to it, what its result hangs on, what it leaves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cxlib.errors import ParamsError
from cxlib.params import Params
from cxlib.runs import places

# The parts of the parameters that decide which answers are read and kept.
_SURVEY = {
    "data", "respondent", "wave", "outcomes", "factors", "unit", "strata", "segments", "comments", "duration",
    "weight", "cleaning",
}  # fmt: skip
_CHANGE = {"analysis", "privacy", "steps", "waves", "breaks"}
_CLEANING_ROOMS = ("errors.py", "params", "words", "privacy", "intake", "cleaning")
EVERYTHING = ("",)


@dataclass(frozen=True)
class Stage:
    """One stage of a run.

    Attributes
    ----------
    name : str
        As `--from` names it.
    notebook : str
        Its file in the notebooks' folder.
    settings : callable
        Parameters -> what goes to the notebook beside `run_dir`; JSON-safe.
    hangs_on : callable
        Parameters -> all of them that decide its result.
    rooms : tuple of str
        The parts of the library that decide its result; "" is all of it.
    leaves : tuple of str
        Files and folders that it writes into the run folder.
    reads_actions : bool
        Whether the action log decides its result.
    reads_lists : bool
        Whether the promises and the strategic choices do.
    """

    name: str
    notebook: str
    settings: Callable[[Params], dict[str, Any]]
    hangs_on: Callable[[Params], dict[str, Any]]
    rooms: tuple[str, ...]
    leaves: tuple[str, ...]
    reads_actions: bool = False
    reads_lists: bool = False


@dataclass(frozen=True)
class View:
    """A page: its notebook is filled in for the run, and run by Voila at a visit."""

    notebook: str


def _survey(params: Params) -> dict[str, Any]:
    return params.model_dump(mode="json", include=_SURVEY)


def _analysis(params: Params) -> dict[str, Any]:
    return {"outcomes": list(params.outcomes), **params.analysis.model_dump(mode="json", exclude={"worthwhile_change"})}


STAGES = (
    Stage(
        name="clean",
        notebook="1_clean.ipynb",
        settings=lambda params: params.cleaning.model_dump(mode="json"),
        hangs_on=_survey,
        rooms=_CLEANING_ROOMS,
        leaves=(places.INTAKE, places.RESPONSES, places.SET_ASIDE, places.LEDGER),
    ),
    Stage(
        name="drivers",
        notebook="2_drivers.ipynb",
        settings=_analysis,
        hangs_on=lambda params: _survey(params) | params.model_dump(mode="json", include={"analysis", "privacy"}),
        rooms=(*_CLEANING_ROOMS, "stats", "drivers"),
        leaves=(places.DRIVERS, *(f"{name}.csv" for name in places.FACTOR_TABLES)),
    ),
    Stage(
        name="change",
        notebook="3_change.ipynb",
        settings=lambda params: {"confidence": params.analysis.confidence},
        hangs_on=lambda params: _survey(params) | params.model_dump(mode="json", include=_CHANGE),
        rooms=(*_CLEANING_ROOMS, "actions", "stats", "change"),
        leaves=(places.TRENDS, places.CHANGE, places.PERIODS, places.EVENTS),
        reads_actions=True,
    ),
    Stage(
        name="findings",
        notebook="4_findings.ipynb",
        settings=lambda params: params.privacy.model_dump(mode="json"),
        hangs_on=lambda params: params.model_dump(mode="json"),
        rooms=EVERYTHING,
        leaves=(places.FINDINGS, places.FIGURES),
        reads_actions=True,
        reads_lists=True,
    ),
)

VIEWS = (View("views/findings.ipynb"), View("views/history.ipynb"), View("views/method.ipynb"))


def before(stages: tuple[Stage, ...], name: str | None) -> tuple[Stage, ...]:
    """The stages that come before the named one; none when no name is given.

    Raises
    ------
    ParamsError
        No stage has that name.
    """
    if name is None:
        return ()
    names = [stage.name for stage in stages]
    if name not in names:
        raise ParamsError(f"There is no stage '{name}'.", "--from", f"the stages are {', '.join(names)}")
    return stages[: names.index(name)]


def find_notebooks() -> Path:
    """The folder of the stage notebooks: the project's, or `notebooks` in the working directory.

    Raises
    ------
    ParamsError
        Neither is there.
    """
    for folder in (Path(__file__).resolve().parents[2] / "notebooks", Path.cwd() / "notebooks"):
        if all((folder / stage.notebook).is_file() for stage in STAGES):
            return folder
    raise ParamsError(
        "The stage notebooks are not found.", places.shown(Path.cwd() / "notebooks"), "run cx in the project's folder"
    )
