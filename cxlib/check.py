"""Every problem of a client's parameters, data and actions, found in one look; nothing is run."""

from __future__ import annotations

from pathlib import Path

from cxlib.actions import read_actions
from cxlib.cleaning import clean
from cxlib.errors import CxError, DataError, ParamsError, Problem, RefusedError
from cxlib.intake import read_responses
from cxlib.params import Factor, Label, Params, params_from, read_yaml
from cxlib.params.lines import Lines
from cxlib.params.load import salvage
from cxlib.privacy.refusals import refuse_columns, refuse_request


def check_client(folder: Path) -> list[CxError]:
    """Look at a client's folder as a whole.

    Parameters
    ----------
    folder : Path
        Holds `params.yaml`, and the data and the action log that it names.

    Returns
    -------
    list of CxError
        One error for each kind of problem found (parameters and actions, refused, data), each with all its problems;
        empty when a run can start.

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
        wrong += _problems_of(lambda: read_actions(whole, folder))
    if params is not None:
        data = _problems_of(lambda: clean(read_responses(params, folder), params, **params.cleaning.model_dump()))
    kinds = ((ParamsError, wrong), (RefusedError, refused), (DataError, data))
    return [kind(problems) for kind, problems in kinds if problems]


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
        names = params.columns()
        mapped = [column for item in params.data.files for column in item.columns.values()]
        problems += refuse_columns([*names, *names.values(), *mapped])
    return list(dict.fromkeys(problems))


def _problems_of(look) -> list[Problem]:
    try:
        look()
    except CxError as error:
        return list(error.problems)
    return []
