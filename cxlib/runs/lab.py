"""JupyterLab on the stage notebooks, as closed as the pages are."""

from __future__ import annotations

import sys
from pathlib import Path


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
    allowed files stops that. Transport to the kernels is encrypted where they know how.
    """
    return [
        sys.executable,
        "-m",
        "jupyterlab",
        f"--ServerApp.root_dir={folder}",
        "--ServerApp.ip=127.0.0.1",
        "--VoilaConfiguration.file_allowlist=[]",
        "--KernelManager.transport_encryption=auto",
        "--AsyncKernelManager.transport_encryption=auto",
    ]
