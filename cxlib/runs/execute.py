"""Execute one notebook with papermill; success means that every cell completed."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from traitlets.config import Config

from cxlib.errors import StageError
from cxlib.kernels.client import NEEDS
from cxlib.runs import failures, libraries, places
from cxlib.runs.kernel import Kernels, StageKernelManager
from cxlib.runs.notebooks import KERNEL, check_notebook

CELL_SECONDS = 3600  # cells have no limit by default: one that waits for ever would hold the client's lock for ever
START_SECONDS = 180  # a loaded machine needs more than papermill's 60

logging.getLogger("papermill").addHandler(logging.NullHandler())  # what it logs is told by the error that follows


def execute(
    notebook: Path,
    kept: Path,
    parameters: Mapping[str, Any],
    *,
    stage: str,
    home: Path,
    needs: str = "",
    kernels: Kernels | None = None,
    cell_seconds: int = CELL_SECONDS,
    start_seconds: int = START_SECONDS,
) -> float:
    """Run a stage's notebook in a kernel of its own.

    Parameters
    ----------
    notebook : Path
        The stage's notebook; it is not changed.
    kept : Path
        Where the executed notebook goes, also when it fails.
    parameters : mapping
        JSON-safe values for names of the parameters cell.
    stage : str
        Name of the stage, for messages.
    home : Path
        The folder from which a relative `run_dir` counts; the kernel learns it from the environment.
    needs : str
        As `Stage.needs` says.
    kernels : Kernels, optional
        Told of the kernel, so that it can be counted and ended from elsewhere.
    cell_seconds, start_seconds : int
        Longest time for a cell and for the start of the kernel, in seconds.

    Returns
    -------
    float
        Seconds it took.

    Raises
    ------
    StageError
        The notebook would run wrongly (nothing is run then), or it failed.
    """
    _refuse(notebook, parameters)
    libraries.load()
    from nbclient.exceptions import CellTimeoutError, DeadKernelError
    from papermill import PapermillExecutionError, execute_notebook

    from cxlib.runs import engine

    surroundings = {places.HOME: str(home)} | ({NEEDS: needs} if needs else {})
    began = time.monotonic()
    kept.parent.mkdir(parents=True, exist_ok=True)
    try:
        ran = execute_notebook(
            notebook,
            kept,
            parameters=dict(parameters),
            kernel_name=KERNEL,
            engine_name=engine.NAME,
            request_save_on_cell_execute=False,  # the engine saves
            kept=kept,
            kernels=kernels,
            progress_bar=False,
            start_timeout=start_seconds,
            execution_timeout=cell_seconds,
            shutdown_kernel="immediate",  # every result is kept in a cell; what is left of the kernel is thrown away
            kernel_manager_class=StageKernelManager,
            config=Config({"StageKernelManager": {"surroundings": surroundings, "kernels": kernels}}),
        )
        _every_cell_completed(ran, stage, notebook, kept)
    except PapermillExecutionError as error:
        raise failures.failure(
            stage, notebook, kept, error.ename, str(error.evalue), "\n".join(error.traceback)
        ) from None
    except DeadKernelError:
        raise failures.stopped(
            stage,
            notebook,
            kept,
            "DeadKernelError",
            f"The kernel of the stage '{stage}' died.",
            "most often memory ran out: close other programs, or lower analysis.bootstrap, and run again",
        ) from None
    except CellTimeoutError:
        raise failures.stopped(
            stage,
            notebook,
            kept,
            "CellTimeoutError",
            f"A cell of the stage '{stage}' took longer than {cell_seconds} seconds and was stopped.",
            "lower analysis.bootstrap, or look why the cell waits",
        ) from None
    except StageError:
        raise
    except OSError as error:
        if error.errno not in failures.FULL:
            raise failures.stopped(stage, notebook, kept, *failures.could_not_run(stage, error)) from error
        raise failures.disk_full(error, kept.parent) from None
    except Exception as error:  # the kernel did not start, the disk is full, the notebook cannot be written, ...
        raise failures.stopped(stage, notebook, kept, *failures.could_not_run(stage, error)) from error
    return time.monotonic() - began


def _refuse(notebook: Path, parameters: Mapping[str, Any]) -> None:
    problems = check_notebook(notebook, parameters)
    if problems:
        raise StageError(problems)


def _every_cell_completed(ran: Any, stage: str, notebook: Path, kept: Path) -> None:
    """`sys.exit(0)` in a cell counts as success for papermill, with the cells below never run."""
    for number, cell in failures.code_cells(ran):
        left = any(output.output_type == "error" for output in cell.outputs)
        if left or cell.metadata.get("papermill", {}).get("status") != "completed":
            raise failures.stopped(
                stage,
                notebook,
                kept,
                "SystemExit",
                f"The stage '{stage}' ended before its last cell (code cell {number} did not complete).",
                "take out what leaves the notebook early, such as sys.exit()",
            )
