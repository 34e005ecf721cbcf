"""Papermill's engine for stages: the notebook is saved now and then, not twice a cell, and names no folder."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from papermill.engines import NBClientEngine, NotebookExecutionManager, papermill_engines

from cxlib.runs.kernel import DiedAtStartError

NAME = "cx-stage"
SAVE_SECONDS = 1.0  # what a killed run can lose of a notebook; a save costs about as much as a cell's round trip


class StageNotebook(NotebookExecutionManager):
    """A notebook while it runs; papermill would check and write all of it before and after every cell."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.last_save_time = datetime.min.replace(tzinfo=UTC)

    def save(self, **kwargs: Any) -> None:
        """Save, unless that was done a moment ago."""
        if (self.now() - self.last_save_time).total_seconds() >= SAVE_SECONDS:
            super().save(**kwargs)

    def save_now(self) -> None:
        """Save as it is."""
        super().save()


class StageEngine(NBClientEngine):
    """Runs the notebook with nbclient. What ran is written by papermill when the engine returns, else here."""

    @classmethod
    def execute_notebook(
        cls, nb: Any, kernel_name: str, output_path: None = None, progress_bar: bool = False, **kwargs: Any
    ) -> Any:
        """Run all cells.

        Parameters
        ----------
        nb : NotebookNode
        kernel_name : str
        output_path, progress_bar
            As papermill passes them; not used.
        **kwargs
            kept : Path, where it is saved while it runs; kernels : Kernels or None; the others as
            `NBClientEngine.execute_managed_notebook` and nbclient know them.

        Notes
        -----
        An ordinary kernel ends when somebody has taken a port that was chosen for it. No cell has run by then: it is
        followed by another one, once.
        """
        kept, kernels = kwargs.pop("kept"), kwargs.pop("kernels", None)
        # A kept notebook is passed on to others: names in it, not the folders of this machine.
        nb.metadata.papermill |= {"input_path": Path(kwargs["input_path"]).name, "output_path": kept.name}
        running = StageNotebook(nb, output_path=str(kept), progress_bar=False, autosave_cell_every=0)
        running.notebook_start()
        try:
            try:
                cls.execute_managed_notebook(running, kernel_name, **kwargs)
            except DiedAtStartError:
                if kernels is not None and kernels.stopped:
                    raise
                cls.execute_managed_notebook(running, kernel_name, **kwargs)
        except BaseException:  # a dead kernel, a cell that took too long, Ctrl+C
            running.notebook_complete()
            running.save_now()
            raise
        running.notebook_complete()
        return running.nb


papermill_engines.register(NAME, StageEngine)
