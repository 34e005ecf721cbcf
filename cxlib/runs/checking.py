"""The look at a client's folder before a run, in a process that has what it takes already."""

from __future__ import annotations

import os
from pathlib import Path

from cxlib.check import KINDS, check_client
from cxlib.errors import CxError, Problem
from cxlib.kernels.client import NoWarmKernelError
from cxlib.kernels.parents import warm_parent
from cxlib.runs.surroundings import SURROUNDINGS


def check_apart(folder: Path, *, survey: bool = True) -> list[CxError]:
    """As `check_client`, without pandas in this process, which needs it for nothing else.

    Notes
    -----
    Done in a process forked from the warm parent, or here where there is none.
    """
    if survey:
        environment = {**os.environ, **SURROUNDINGS}
        try:
            told = warm_parent(environment).call(
                "cxlib.check:told_problems", str(folder), environment=environment, needs="cxlib.check"
            )
        except NoWarmKernelError:
            return check_client(folder)
        return [KINDS[kind]([Problem(**problem) for problem in problems]) for kind, problems in told]
    return check_client(folder, survey=False)
