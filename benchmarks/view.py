"""The findings page through `cx view` against default Voila on a notebook that does the same work in its cells.

That same notebook is also shown as a live page of `cx view`.

Chromium opens all three; what it sees is timed inside the page. One run prints everything, so that the ratios hold on a
busy machine too. Usage: python benchmarks/view.py CLIENT [--outputs DIR] [--visitors 20] [--write]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs" / "speed.md"
BEGIN, END = "<!-- view: begin -->", "<!-- view: end -->"
LEFT_MINUTES = 5
PATIENCE = 300  # seconds that one visitor waits at most

# What a notebook without the workbench would do: read the run's files, draw each finding, choose with widgets.
CELLS = [
    """
import base64, html, io, json
import pandas as pd, seaborn as sns, matplotlib.pyplot as plt, ipywidgets as w
from IPython.display import display
""",
    """
run = RUN
drivers = pd.read_csv(run + "/drivers.csv")
told = json.load(open(run + "/findings.json", encoding="utf-8"))
found = pd.DataFrame(
    {"id": f["id"], "factor": f["factor"]["key"], "step": f["factor"]["step"], "outcome": f["outcome"],
     "sentence": f["sentence"]["vi"], **{k: f["association"][k] for k in ("estimate", "low", "high")}}
    for f in told["findings"])
""",
    """
def picture(finding):
    beside = found[found.outcome == finding.outcome]
    fig, ax = plt.subplots(figsize=(6, 3))
    sns.pointplot(beside, x="estimate", y="factor", hue=beside.id == finding.id, linestyle="none", legend=False, ax=ax)
    for y, (low, high) in enumerate(zip(beside.low, beside.high)):
        ax.plot([low, high], [y, y], color="0.6")
    out = io.StringIO()
    fig.savefig(out, format="svg", bbox_inches="tight")
    plt.close(fig)
    return base64.b64encode(out.getvalue().encode()).decode()

cards = {f.id: w.HTML(f'<div class="bench-card"><h3>{html.escape(f.sentence)}</h3>'
                      f'<img src="data:image/svg+xml;base64,{picture(f)}"></div>') for f in found.itertuples()}
""",
    """
step = w.Dropdown(options=["all", *found.step.dropna().unique()], description="Step")
outcome = w.Dropdown(options=["all", *found.outcome.unique()], description="Outcome")

def choose(change):
    for f in found.itertuples():
        shown = step.value in ("all", f.step) and outcome.value in ("all", f.outcome)
        cards[f.id].layout.display = None if shown else "none"

step.observe(choose, "value")
outcome.observe(choose, "value")
display(w.HBox([step, outcome]), w.VBox(list(cards.values())))
""",
]

# Looked at every 20 ms in the page: is there a finding with a place on the sheet; has a choice taken findings away.
WATCH = """
(() => {
  const seen = window.benchSeen = {};
  const shown = () => Array.from(document.querySelectorAll("CARD")).filter((c) => c.getClientRects().length).length;
  let before = 0, tried = 0;
  const timer = setInterval(() => {
    if (!document.body) return;
    const now = performance.now();
    const cards = shown();
    if (!seen.read && cards) seen.read = now;
    const select = document.querySelectorAll("SELECT")[1];
    if (!seen.chosen && seen.read && select && select.getClientRects().length && !select.disabled) {
      before = cards;
      select.selectedIndex = 1;
      select.dispatchEvent(new Event("change", { bubbles: true }));
      seen.chosen = tried = now;
    }
    if (seen.chosen && cards >= before && now - tried > 3000) { // a reader whose choice did nothing tries again
      for (const place of [0, 1]) {
        select.selectedIndex = place;
        select.dispatchEvent(new Event("change", { bubbles: true }));
      }
      tried = now;
      seen.again = (seen.again || 0) + 1;
    }
    if (seen.chosen && cards && cards < before) { seen.works = now; clearInterval(timer); }
  }, 20);
})();
"""


@dataclass
class Served:
    """One of the three, and what was measured of it."""

    name: str
    card: str
    select: str
    command: list[str]
    page: str = ""
    address: str = ""
    process: subprocess.Popen | None = None
    alone: dict[str, float] = field(default_factory=dict)
    crowd: dict[str, float] = field(default_factory=dict)
    failures: int = 0
    script_bytes: int = 0
    kernel_mb: float | None = None
    kernels: int = 0
    kernels_later: int = 0


def free_port() -> int:
    """A port that nobody uses."""
    with socket.socket() as place:
        place.bind(("127.0.0.1", 0))
        return place.getsockname()[1]


def plain_notebook(folder: Path, run: Path) -> Path:
    """The notebook that does the work in its cells."""
    cells = [
        {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": [], "source": cell.strip()}
        for cell in CELLS
    ]
    cells[1]["source"] = cells[1]["source"].replace("RUN", repr(str(run)))
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    path = folder / "plain.ipynb"
    notebook = {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 4}
    path.write_text(json.dumps(notebook), encoding="utf-8")
    return path


def start(served: Served) -> None:
    """Start a server and wait until it answers."""
    cold = "voila" in served.command
    environment = os.environ | {"OMP_NUM_THREADS": "1"} | ({"CX_COLD_KERNELS": "1"} if cold else {})
    if cold:
        port = free_port()
        served.command.append(f"--port={port}")
        served.address = f"http://127.0.0.1:{port}/"
    served.process = subprocess.Popen(
        served.command,
        env=environment,
        stdout=subprocess.DEVNULL if cold else subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    if not cold:
        home, _, query = served.process.stdout.readline().strip().partition("?")
        served.address = f"{home}{served.page}?{query}"
        return
    for _ in range(600):
        with socket.socket() as place:
            if place.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.2)
    raise SystemExit("default Voila did not start")


def kernels_of(served: Served) -> list[int]:
    """The server's kernels, its warm parent left out."""
    import psutil

    server = psutil.Process(served.process.pid)
    parents = {child.pid for child in server.children() if "cxlib.kernels.parent" in child.cmdline()}
    return [child.pid for child in server.children(recursive=True) if child.pid not in parents]


def private_mb(pid: int) -> float:
    """Memory that a process shares with no other, in MB."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private_")) / 1024


async def visit(browser, served: Served) -> tuple[dict[str, float] | None, object]:
    """One visitor; what they saw, in seconds, or None when something failed."""
    context = await browser.new_context(viewport={"width": 1280, "height": 900})
    page = await context.new_page()
    await page.add_init_script(WATCH.replace("CARD", served.card).replace("SELECT", served.select))
    try:
        await page.goto(served.address, wait_until="commit", timeout=PATIENCE * 1000)
        async with asyncio.timeout(PATIENCE):
            while not await page.evaluate("Boolean(window.benchSeen && window.benchSeen.works)"):
                await asyncio.sleep(0.25)
        told = await page.evaluate(
            """() => ({...window.benchSeen,
              first: performance.getEntriesByType("navigation")[0].responseStart,
              bytes: performance.getEntriesByType("resource").filter((r) => /[.]js([?]|$)/.test(r.name))
                .reduce((sum, r) => sum + r.decodedBodySize, 0)})"""
        )
    except Exception as error:  # a visitor who sees no page is a result
        print(f"  {served.name}: {type(error).__name__} {str(error).splitlines()[:1]}", file=sys.stderr)
        return None, context
    return {"bytes": told["bytes"], **{name: told[name] / 1000 for name in ("first", "read", "works")}}, context


def middle(seen: list[dict[str, float]]) -> dict[str, float]:
    """Medians; and the slowest, for a crowd."""
    told = {name: statistics.median(item[name] for item in seen) for name in ("first", "read", "works")}
    return told | {f"last_{name}": max(item[name] for item in seen) for name in ("first", "read", "works")}


async def measure(all_served: list[Served], visitors: int, again: int) -> None:
    """One visitor after another, then all at once."""
    from playwright.async_api import async_playwright

    names = ("chromium", "chromium-browser", "google-chrome")
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    async with async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        await visit_and_go(browser, all_served)  # warms disk and browser; not counted
        seen: dict[str, list[dict[str, float]]] = {served.name: [] for served in all_served}
        for _ in range(again):  # in turn, so that a busy minute meets all
            for served in all_served:
                told, context = await visit(browser, served)
                await context.close()
                if told is None:
                    served.failures += 1
                else:
                    seen[served.name].append(told)
        for served in all_served:
            served.alone = middle(seen[served.name])
            served.script_bytes = int(max(item["bytes"] for item in seen[served.name]))
            print(f"{served.name}, one visitor: {served.alone}", file=sys.stderr)
        for served in all_served:
            old = set(kernels_of(served))
            came = await asyncio.gather(*(visit(browser, served) for _ in range(visitors)))
            good = [told for told, _ in came if told]
            served.failures += visitors - len(good)
            served.crowd = middle(good)
            now = kernels_of(served)
            served.kernels = len(now)
            new = [pid for pid in now if pid not in old]
            served.kernel_mb = statistics.mean(map(private_mb, new)) if new else None
            await asyncio.gather(*(context.close() for _, context in came))
            print(f"{served.name}, {visitors} at once: {served.crowd}", file=sys.stderr)
        await browser.close()


async def visit_and_go(browser, all_served: list[Served]) -> None:
    """One visit to each that is not counted."""
    for served in all_served:
        _, context = await visit(browser, served)
        await context.close()


def table(default: Served, ours: Served, live: Served, visitors: int, minutes: float) -> str:
    """The table of docs/speed.md."""

    def line(what: str, form: str, value: Callable[[Served], float | None]) -> str:
        first = value(default)
        cells = [f"{first:{form}}"]
        for other in (value(ours), value(live)):
            cells += ["" if other is None else f"{other:{form}}", f"{first / other:.1f}" if first and other else ""]
        return f"| {what} | {' | '.join(cells)} |"

    lines = ["| | default Voila | `cx view` | ratio | the same notebook, live | ratio |", "|---|--:|--:|--:|--:|--:|"]
    words = {"first": "first byte, s", "read": "a finding can be read, s", "works": "a choice has worked, s"}
    for name, text in words.items():
        lines.append(line(f"one visitor: {text}", ".2f", lambda served, name=name: served.alone[name]))
    for before, who in (("", "the median"), ("last_", "the slowest")):
        for name, text in words.items():
            known = before + name
            lines.append(
                line(f"{visitors} at once, {who}: {text}", ".2f", lambda served, name=known: served.crowd[name])
            )
    lines.append(line("visitors who saw no page, or no choice", "d", lambda served: served.failures))
    lines.append(line("scripts, MB", ".2f", lambda served: served.script_bytes / 1e6))
    lines.append(
        line("memory of one more kernel that it shares with nobody, MB", ".0f", lambda served: served.kernel_mb)
    )
    lines.append(line(f"kernels when all {visitors} are there", "d", lambda served: served.kernels))
    lines.append(line(f"kernels {minutes:g} minutes after the last has left", "d", lambda served: served.kernels_later))
    return "\n".join(lines)


def where() -> str:
    """The machine, in words."""
    load = os.getloadavg()[0]
    return (
        f"{date.today().isoformat()}; {os.cpu_count()} cores ({platform.machine()}) for servers and browser together, "
        f"other work beside it (load {load:.0f} at the end). Python {platform.python_version()}."
    )


def write(text: str) -> None:
    """Put the table into docs/speed.md, between its marks."""
    known = DOCS.read_text(encoding="utf-8")
    head, _, rest = known.partition(BEGIN)
    _, _, tail = rest.partition(END)
    DOCS.write_text(f"{head}{BEGIN}\n{text}\n{END}{tail}", encoding="utf-8")


def main() -> None:
    """Start all, measure all, print."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("client", nargs="?", default="demo")
    asked.add_argument("--outputs", default=str(ROOT / "outputs"))
    asked.add_argument("--visitors", type=int, default=20)
    asked.add_argument("--again", type=int, default=3)
    asked.add_argument(
        "--minutes", type=float, default=LEFT_MINUTES, help="how long to wait before kernels are counted"
    )
    asked.add_argument("--write", action="store_true")
    given = asked.parse_args()
    run = (Path(given.outputs) / given.client / "latest").resolve()
    with tempfile.TemporaryDirectory() as folder:
        notebook = plain_notebook(Path(folder), run)
        copy = Path(folder) / "outputs" / given.client / run.name  # the run, with the notebook among its pages
        shutil.copytree(run, copy)
        shutil.copy(notebook, copy / "views" / notebook.name)
        (copy.parent / "latest").symlink_to(run.name)
        voila = [sys.executable, "-m", "voila", str(notebook), "--no-browser"]
        view = [str(Path(sys.executable).with_name("cx")), "view", given.client, "--outputs"]
        native = "[data-filters] label[lang=vi] select"
        widgets = (".bench-card", ".widget-dropdown select")
        default = Served("default Voila", *widgets, voila)
        ours = Served("cx view", ".cx-card", native, [*view, given.outputs])
        live = Served("live page", *widgets, [*view, str(copy.parents[1])], "voila/render/plain.ipynb")
        all_served = [default, ours, live]
        try:
            for served in all_served:
                start(served)
            asyncio.run(measure(all_served, given.visitors, given.again))
            time.sleep(given.minutes * 60)
            for served in all_served:
                served.kernels_later = len(kernels_of(served))
        finally:
            for served in all_served:
                if served.process:
                    served.process.terminate()
                    served.process.wait(60)
    text = f"{where()}\n\n{table(default, ours, live, given.visitors, given.minutes)}"
    print(text)
    if given.write:
        write(text)


if __name__ == "__main__":
    main()
