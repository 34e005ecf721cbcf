"""Every problem of a client's parameters, data and actions, found in one look; nothing is run."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from cxlib.actions import read_actions
from cxlib.actions.chain import HistoryNotes, Seen, read_notes
from cxlib.actions.promises import read_promises
from cxlib.actions.strategy import read_strategy
from cxlib.errors import CxError, DataError, ParamsError, Problem, RefusedError
from cxlib.params import Factor, Label, Params, params_from, read_yaml
from cxlib.params.lines import Lines
from cxlib.params.load import salvage
from cxlib.privacy.refusals import refuse_params, refuse_request

if TYPE_CHECKING:
    import pandas as pd

KINDS: dict[str, type[CxError]] = {kind.__name__: kind for kind in (ParamsError, RefusedError, DataError)}


def check_client(folder: Path, *, survey: bool = True) -> list[CxError]:
    """Look at a client's folder as a whole.

    Parameters
    ----------
    folder : Path
        Holds `params.yaml`, and what it names: the data, the action log, promises and strategy.
    survey : bool
        False leaves the data unread: an earlier run has read this very file with these parameters. It is read all the
        same when something else is wrong, so that one look is enough.

    Returns
    -------
    list of CxError
        One error for each kind of problem found (parameters with actions, promises and strategy; refused; data), each
        with all its problems; empty when a run can start.

    Notes
    -----
    When the parameters are wrong, the data and the actions are still looked at with the parts that are right, so that
    one look is enough.
    """
    folder = Path(folder)
    try:
        lines = read_yaml(folder)
    except ParamsError as error:
        return [error]
    wrong, params, whole = _parameters(lines, folder)
    refused = _refused(lines, whole)
    named = " ".join(problem.where for problem in refused)
    wrong = [problem for problem in wrong if not (problem.what.startswith("The key ") and _key(problem) in named)]
    data: list[Problem] = []
    if whole is not None:
        for read in (read_actions, read_promises, read_strategy):
            wrong += _problems_of(partial(read, whole, folder))
    if params is not None and (survey or wrong or refused):
        data, answers = _data(params, folder)
        if answers is not None:
            refused = [_with_own_figure(problem, answers, params) for problem in refused]
    kinds = ((ParamsError, wrong), (RefusedError, refused), (DataError, data))
    return [kind(problems) for kind, problems in kinds if problems]


def told_problems(folder: str) -> list[tuple[str, list[dict[str, str]]]]:
    """`check_client` for another process, as JSON knows it: of each error its kind, as in `KINDS`, and its problems."""
    return [
        (type(error).__name__, [problem.as_dict() for problem in error.problems])
        for error in check_client(Path(folder))
    ]


def check_history(folder: Path, latest: Seen | None = None) -> HistoryNotes:
    """What was done to the past of a client's action log; nothing is written.

    Parameters
    ----------
    folder : Path
        A client's folder in which nothing is wrong.
    latest : Seen, optional
        What the latest run wrote down of the log's history.

    Returns
    -------
    HistoryNotes
        A changed past does not stop a run: the run says it on the page.
    """
    return read_notes(params_from(read_yaml(Path(folder)), Path(folder)), Path(folder), latest=latest)


def _key(problem: Problem) -> str:
    return problem.what.split("'")[1]


def _parameters(lines: Lines, folder: Path) -> tuple[list[Problem], Params | None, Params | None]:
    """What is wrong, the parameters to read data with, and the same with a stand-in for every question left out."""
    try:
        params = params_from(lines, folder)
    except ParamsError as error:
        params, dropped = salvage(lines)
        if params is None:
            return list(error.problems), None, None
        factors = lines.values.get("factors")
        stand_ins = {
            key: Factor(column=key, scale=(0, 1), label=Label(vi=key, en=key))
            for key in dropped
            if isinstance(factors, dict) and key in factors
        }
        whole = params.model_copy(update={"factors": {**params.factors, **stand_ins}})
        return list(error.problems), params, whole
    return [], params, params


def _refused(lines: Lines, params: Params | None) -> list[Problem]:
    """What the parameters ask for that is not done here, or columns that may not be read."""
    problems = list(refuse_request(lines.values))
    if params is not None:
        problems += refuse_params(params)
    return list(dict.fromkeys(problems))


def _with_own_figure(problem: Problem, answers: pd.DataFrame, params: Params) -> Problem:
    """Who asks for a ranking hears how little one would say in this very survey."""
    if "rank" not in problem.what or "unit" not in answers:
        return problem
    from cxlib.stats.instability import rank_instability

    for outcome in params.outcomes:
        found = rank_instability(answers[outcome], answers["unit"], answers["wave"], seed=params.analysis.seed)
        if found is not None:
            times = (
                "in one half of the answers has in the other half" if found.halves else "in one wave has in the next"
            )
            own = f"In this survey, the first of {found.units} {times} a median rank of {found.next_rank:g}."
            return replace(problem, how=f"{problem.how}. {own}")
    return problem


def _data(params: Params, folder: Path) -> tuple[list[Problem], pd.DataFrame | None]:
    """What is wrong with the data, and the answers as a run would have them, as far as they can be read."""
    from cxlib.cleaning import clean
    from cxlib.intake.responses import read_leniently

    responses, problems = read_leniently(params, folder)
    if responses is None:
        return list(problems), None
    try:
        cleaned = clean(responses, params, **params.cleaning.model_dump())
    except CxError as error:
        return [*problems, *error.problems], None
    return list(problems), cleaned.answers


def _problems_of(look) -> list[Problem]:
    try:
        look()
    except CxError as error:
        return list(error.problems)
    return []
