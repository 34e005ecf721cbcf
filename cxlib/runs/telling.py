"""What a run did, told from its record: stages that ran, stages taken over, or that nothing had changed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cxlib.runs import places


def stage_lines(run: Path) -> list[dict[str, Any]]:
    """Name, status, seconds of each stage of a run, and the run from which it was taken over."""
    return [
        {
            "name": line["name"],
            "status": line["status"],
            "seconds": line["seconds"],
            "reused_from": line.get("reused_from"),
        }
        for line in places.read_json(run / places.MANIFEST)["stages"]
    ]


def what_happened(run: Path, *, made: bool, seconds: float) -> str:
    """One sentence: what was run, what was not, and why.

    Parameters
    ----------
    run : Path
        The run that is shown.
    made : bool
        Whether it was made now; False when nothing had changed since.
    seconds : float
        How long the command took.
    """
    record = places.read_json(run / places.MANIFEST)
    if not made:
        took = f" ({record['seconds']:.0f} s then)" if record.get("seconds") else ""
        return f"Nothing has changed since the run {run.name}{took}: it stands, and no stage was run ({seconds:.1f} s)."
    ran = [line["name"] for line in record["stages"] if line["status"] == "done"]
    adopted = [line["name"] for line in record["stages"] if line["status"] == "adopted"]
    reused = [line for line in record["stages"] if line["status"] == "reused"]
    parts = [f"run: {', '.join(ran)}"] if ran else ["no stage had to run"]
    if adopted:
        parts.append(f"adopted as made by hand: {', '.join(adopted)}")
    if reused:
        saved = sum(float(line.get("seconds_then") or 0) for line in reused)
        names = ", ".join(line["name"] for line in reused)
        parts.append(f"taken over unchanged: {names} ({saved:.0f} s saved)")
    cold = (record.get("kernels") or {}).get("notes") or []
    told = f"{run.name}: {'; '.join(parts)}; {seconds:.1f} s."
    if record.get("status") == "partial":
        told += " A part of a run: the pages keep showing the last whole one; cx run completes it."
    return " ".join([told, *cold])
