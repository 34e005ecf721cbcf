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
_FACTOR_TABLES = (places.DRIVERS, *(f"{name}.csv" for name in places.FACTOR_TABLES))
_CHANGE_TABLES = (places.TRENDS, places.CHANGE, places.PERIODS, places.EVENTS)


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
    leaves : tuple of str
        Files and folders that it writes into the run folder.
    reads : tuple of str
        Those that earlier stages left and it reads.
    reads_survey : bool
        Whether it reads the survey itself.
    reads_actions : bool
        Whether the action log decides its result.
    reads_lists : bool
        Whether the promises and the strategic choices do.
    names_run : bool
        Whether the run's fingerprint stands in what it leaves.
    needs : str
        The module of `cxlib.kernels.parent.MODULES` after whose import a kernel may be forked for it, since it imports
        nothing more that takes long; "" when it needs all of them.
    """

    name: str
    notebook: str
    settings: Callable[[Params], dict[str, Any]]
    hangs_on: Callable[[Params], dict[str, Any]]
    leaves: tuple[str, ...]
    reads: tuple[str, ...] = ()
    reads_survey: bool = False
    reads_actions: bool = False
    reads_lists: bool = False
    names_run: bool = False
    needs: str = ""


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
        leaves=(places.INTAKE, places.RESPONSES, places.SET_ASIDE, places.LEDGER),
        reads_survey=True,
        needs="ipykernel.kernelapp",
    ),
    Stage(
        name="drivers",
        notebook="2_drivers.ipynb",
        settings=_analysis,
        hangs_on=lambda params: _survey(params) | params.model_dump(mode="json", include={"analysis", "privacy"}),
        leaves=_FACTOR_TABLES,
        reads=(places.RESPONSES, places.SET_ASIDE),
        needs="cxlib.drivers.find",
    ),
    Stage(
        name="change",
        notebook="3_change.ipynb",
        settings=lambda params: {"confidence": params.analysis.confidence},
        hangs_on=lambda params: _survey(params) | params.model_dump(mode="json", include=_CHANGE),
        leaves=_CHANGE_TABLES,
        reads=(places.RESPONSES,),
        reads_actions=True,
        needs="cxlib.change.trends",
    ),
    Stage(
        name="findings",
        notebook="4_findings.ipynb",
        settings=lambda params: params.privacy.model_dump(mode="json"),
        hangs_on=lambda params: params.model_dump(mode="json"),
        leaves=(places.FINDINGS, places.FIGURES),
        reads=(places.INTAKE, places.RESPONSES, places.LEDGER, *_FACTOR_TABLES, *_CHANGE_TABLES),
        reads_actions=True,
        reads_lists=True,
        names_run=True,
    ),
)

VIEWS = (View("views/findings.ipynb"), View("views/history.ipynb"), View("views/method.ipynb"))


def named(stages: tuple[Stage, ...], name: str, option: str) -> Stage:
    """The stage of a name.

    Raises
    ------
    ParamsError
        No stage has it.
    """
    for stage in stages:
        if stage.name == name:
            return stage
    known = ", ".join(stage.name for stage in stages)
    raise ParamsError(f"There is no stage '{name}'.", option, f"the stages are {known}")


def needed_by(stage: Stage, stages: tuple[Stage, ...]) -> tuple[Stage, ...]:
    """The stages that leave what a stage reads."""
    return tuple(other for other in stages if set(other.leaves) & set(stage.reads))


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
