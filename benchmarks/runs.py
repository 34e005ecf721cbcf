"""How much sooner is a run? Prints ratios of one run of this script; docs/speed.md keeps the table.

    python benchmarks/runs.py [--clients 20] [--repeat 3] [--skip batch] [--skip memory]

Goals: a client's run 4 times sooner, with nothing changed 20 times; 20 clients 8 times sooner on two cores; one more
kernel in less than a third of an ordinary one's memory.

The other side is what the notebooks cost without the workbench: `papermill` on its command line, one notebook after
another, each in an ordinary kernel (`plain`). Everything is measured on copies in a temporary folder.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import yaml

from cxlib.kernels.doctor import examine_kernels
from cxlib.kernels.parents import OFF
from cxlib.params import load_params
from cxlib.runs import places
from cxlib.runs.stages import STAGES
from cxlib.runs.surroundings import SURROUNDINGS

ROOT = Path(__file__).resolve().parent.parent


def cx(*words: object, outputs: Path) -> None:
    """A command of the workbench, as its user types it."""
    done = subprocess.run(
        [sys.executable, "-m", "cxlib", *map(str, words), "--outputs", str(outputs)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit(f"cx {' '.join(map(str, words))} failed:\n{done.stderr}")


def plain(client: Path, run: Path, outputs: Path) -> None:
    """The stage notebooks by papermill's own command, into a copy of a run's folder that holds no result yet."""
    folder = outputs / client.name / "plain"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name in (places.PARAMS, places.MANIFEST, "history.json"):
        if (run / name).exists():
            shutil.copy2(run / name, folder / name)
    manifest = json.loads((folder / places.MANIFEST).read_text(encoding="utf-8"))
    manifest |= {"status": "running", "client_folder": os.path.relpath(client, folder)}
    (folder / places.MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    params = load_params(client)
    environment = {**os.environ, **SURROUNDINGS, OFF: "1", places.HOME: str(outputs.parent)}
    for stage in STAGES:
        settings = folder / f"{stage.name}.yaml"
        told = {"run_dir": str(folder), **stage.settings(params)}
        settings.write_text(yaml.safe_dump(told, allow_unicode=True), encoding="utf-8")
        done = subprocess.run(
            [sys.executable, "-m", "papermill", str(ROOT / "notebooks" / stage.notebook), str(folder / stage.notebook),
             "-f", str(settings), "--no-progress-bar"],
            cwd=ROOT, env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            sys.exit(f"papermill {stage.notebook} failed:\n{done.stderr[-2000:]}")


def seconds(work: Callable[[], object]) -> float:
    """How long it takes."""
    began = time.monotonic()
    work()
    return time.monotonic() - began


def memory() -> list[str]:
    """What one more kernel needs for itself alone, once it has imported what every stage needs sooner or later."""
    kernels = examine_kernels({**os.environ, **SURROUNDINGS}, tell)
    if kernels.cold is None or kernels.warm is None or None in (kernels.cold.private_mb, kernels.warm.private_mb):
        return [f"Memory was not measured: {kernels.why_cold or 'this system does not tell it'}."]
    own, shared = kernels.cold.private_mb, kernels.warm.private_mb
    return [
        "| private memory of one more kernel | ordinary, MiB | forked, MiB | part |",
        "| --- | --- | --- | --- |",
        f"| pandas, pingouin, seaborn, matplotlib imported | {own:.0f} | {shared:.0f} | {shared / own:.2f} |",
    ]


def make_clients(count: int, folder: Path) -> list[Path]:
    """Copies of the made-up client, each with a seed of its own, so that none can take over another's result."""
    clients = []
    for number in range(count):
        client = folder / f"demo{number:02d}"
        shutil.copytree(ROOT / "params" / "demo", client, ignore=shutil.ignore_patterns(".*.lock", "*.history.jsonl"))
        text = (client / "params.yaml").read_text(encoding="utf-8")
        text = text.replace("client: demo\n", f"client: {client.name}\n").replace("seed: 1}", f"seed: {number + 1}}}")
        (client / "params.yaml").write_text(text, encoding="utf-8")
        clients.append(client)
    return clients


def tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def main() -> None:
    """Measure and print."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--clients", type=int, default=20)
    asked.add_argument("--repeat", type=int, default=3)
    asked.add_argument("--skip", choices=["batch", "memory"], action="append", default=[])
    asked = asked.parse_args()
    lines = ["| what | plain papermill, s | workbench, s | times sooner |", "| --- | --- | --- | --- |"]

    def row(what: str, slow: list[float], quick: list[float]) -> None:
        """Medians; the ratio is that of the middle turn, since a machine may be slower from one minute to the next."""
        ratio = statistics.median(long / short for long, short in zip(slow, quick, strict=True))
        lines.append(f"| {what} | {statistics.median(slow):.1f} | {statistics.median(quick):.1f} | {ratio:.1f} |")
        tell(lines[-1])

    with tempfile.TemporaryDirectory() as temporary:
        home = Path(temporary)
        clients, outputs = make_clients(max(asked.clients, 1), home / "params"), home / "outputs"
        first = clients[0]
        cold, again, slow = [], [], []
        for turn in range(1, asked.repeat + 1):
            tell(f"turn {turn} of {asked.repeat}: every stage run, nothing changed, by papermill ...")
            cold.append(seconds(lambda: cx("run", first, "--fresh", outputs=outputs)))
            again.append(seconds(lambda: cx("run", first, outputs=outputs)))
            run = places.follow(outputs / first.name / places.LATEST)
            slow.append(seconds(lambda run=run: plain(first, run, home / "plain")))
        row("one client, every stage run", slow, cold)
        row("one client, nothing changed", slow, again)
        if "batch" not in asked.skip:
            tell(f"{len(clients)} clients by cx batch ...")
            many = seconds(lambda: cx("batch", *clients, outputs=home / "batch"))
            tell(f"{len(clients)} clients by papermill, one after another ...")
            loop = seconds(lambda: [plain(client, run, home / "loop") for client in clients])
            row(f"{len(clients)} clients", [loop], [many])
    if "memory" not in asked.skip:
        lines += ["", *memory()]
    print("\n".join(lines))


if __name__ == "__main__":
    main()
