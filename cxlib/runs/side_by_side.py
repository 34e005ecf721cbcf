"""Stages as soon as what they read is there, those that do not need each other side by side."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

from cxlib.errors import CxError, SeveralErrors
from cxlib.runs.stages import Stage, needed_by


def run_side_by_side(stages: tuple[Stage, ...], work: Callable[[Stage], None], stop: Callable[[], None]) -> None:
    """Do all stages.

    Parameters
    ----------
    stages : tuple of Stage
        Those to do; what else they read is there already.
    work : callable
        Does one stage, in a thread of its own.
    stop : callable
        Called at Ctrl+C: ends what is going on, so that the threads end soon.

    Raises
    ------
    CxError
        That of the stage that failed; of several, all that they say. When one fails, those that are going on come to
        their end, and no other begins.
    """
    waiting, ended = list(stages), set()
    going: dict[Future, Stage] = {}
    errors: list[tuple[int, BaseException]] = []
    with ThreadPoolExecutor(max_workers=max(len(stages), 1), thread_name_prefix="cx-stage") as pool:
        try:
            while True:
                if not errors:
                    for stage in [stage for stage in waiting if _ready(stage, stages, ended)]:
                        waiting.remove(stage)
                        going[pool.submit(work, stage)] = stage
                if not going:
                    break
                for future in wait(going, return_when=FIRST_COMPLETED).done:
                    stage = going.pop(future)
                    ended.add(stage.name)
                    error = future.exception()
                    if error is not None:
                        errors.append((stages.index(stage), error))
        except BaseException:  # Ctrl+C
            stop()
            raise
    if errors:
        told = [error for _, error in sorted(errors, key=lambda item: item[0])]
        faults = [error for error in told if not isinstance(error, CxError)]
        raise faults[0] if faults else told[0] if len(told) == 1 else SeveralErrors(told)


def _ready(stage: Stage, stages: tuple[Stage, ...], ended: set[str]) -> bool:
    return all(other.name in ended for other in needed_by(stage, stages))
