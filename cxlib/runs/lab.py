"""JupyterLab on the stage notebooks, as closed as the pages are."""

from __future__ import annotations

import sys
from pathlib import Path

from cxlib.runs import places

LAUNCHER = "notebooks/lab.ipynb"
OUTPUTS = "CX_OUTPUTS"  # the folder of the runs, for the launcher


def lab_environment(outputs: Path) -> dict[str, str]:
    """What JupyterLab's kernels are told, so that notebooks find runs wherever they lie."""
    outputs = outputs.resolve()
    return {places.HOME: str(outputs.parent), OUTPUTS: str(outputs)}


def lab_command(folder: Path) -> list[str]:
    """The command that starts JupyterLab.

    Parameters
    ----------
    folder : Path
        The project's folder; nothing above it is served.

    Returns
    -------
    list of str

    Notes
    -----
    Where Voila is installed, JupyterLab serves pictures beside notebooks to anyone, without its token: an empty list of
    allowed files stops that. Transport to the kernels is encrypted where they know how. JupyterLab would ask an outside
    server for its news and its newest version; here it does not.
    """
    return [
        sys.executable,
        "-m",
        "jupyterlab",
        f"--ServerApp.root_dir={folder}",
        f"--LabApp.default_url=/lab/tree/{LAUNCHER}",
        "--ServerApp.ip=127.0.0.1",
        "--VoilaConfiguration.file_allowlist=[]",
        "--LabApp.news_url=None",
        "--LabApp.check_for_updates_class=jupyterlab.handlers.announcements.NeverCheckForUpdate",
        "--KernelManager.transport_encryption=auto",
        "--AsyncKernelManager.transport_encryption=auto",
    ]
