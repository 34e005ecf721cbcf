"""The kernelspec that chooses warm kernels for papermill, Voila and JupyterLab alike.

`python -m cxlib.kernels.spec` writes it into the environment that runs it; notebooks name it `python3` as ever.
"""

from __future__ import annotations

import json
import sys
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

NAME = "python3"
PROVISIONER = "cx-warm"
GROUP = "jupyter_client.kernel_provisioners"


def kernel_dict() -> dict[str, Any]:
    """The kernelspec of this interpreter, with the warm provisioner where it is installed."""
    from ipykernel.kernelspec import get_kernel_dict

    spec = get_kernel_dict()
    if is_registered():
        spec["metadata"] = {**spec.get("metadata", {}), "kernel_provisioner": {"provisioner_name": PROVISIONER}}
    return spec


@cache
def is_registered() -> bool:
    """Whether Jupyter can find the warm provisioner in this environment."""
    return any(point.name == PROVISIONER for point in entry_points(group=GROUP))


def place(prefix: Path | None = None) -> Path:
    """Where the kernelspec of an environment lies."""
    return (prefix or Path(sys.prefix)) / "share" / "jupyter" / "kernels" / NAME / "kernel.json"


def install(prefix: Path | None = None) -> Path:
    """Write the kernelspec into an environment, in the place of ipykernel's own of the same name.

    Parameters
    ----------
    prefix : Path, optional
        The environment; this one by default.

    Returns
    -------
    Path
        The file written. Without it Jupyter starts kernels as usual: `pip install --force-reinstall ipykernel` brings
        back the original.
    """
    path = place(prefix)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(kernel_dict(), indent=1) + "\n", encoding="utf-8")
    return path


def installed_provisioner(prefix: Path | None = None) -> str:
    """The provisioner that the environment's kernelspec names; "" when it names none or is not there."""
    try:
        spec = json.loads(place(prefix).read_text(encoding="utf-8"))
        return str(spec.get("metadata", {}).get("kernel_provisioner", {}).get("provisioner_name", ""))
    except (OSError, ValueError, AttributeError):
        return ""


if __name__ == "__main__":
    install()
