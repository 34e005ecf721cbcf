"""Does evidence of change keep its promises? Writes the tables of docs/calibration_change.md.

    python benchmarks/calibration.py change [--surveys 1000] [--seed 20260401] [--processes 2] [--anew]

Simulated surveys whose truth is known (change_surveys.py, change_cases.py) go the whole way: answers, log and
parameters into `cx.evidence_of_change`. What is done is kept in outputs/ and not done again when the run is stopped and
started anew with the same code; `--anew` begins from nothing.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

import numpy as np
import pandas as pd
from change_cases import CASES, EFFECT, GROWING, LOOKS, POWER_EFFECTS, formula, judged

ROOT = Path(__file__).resolve().parent.parent
DOCUMENT = ROOT / "docs" / "calibration_change.md"
KEPT = ROOT / "outputs"
BATCH = 20  # surveys of a case that one process does before it tells
WORKED = ("E2", "E3", "E4")


def main(arguments: list[str] | None = None) -> None:
    """Run what is not yet done and put the tables into the document."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--surveys", type=int, default=1000, help="simulated surveys of each case")
    parser.add_argument("--seed", type=int, default=20260401)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--only", nargs="+", default=[""], help="cases whose name begins so; no document is written")
    parser.add_argument("--anew", action="store_true", help="forget what an earlier run has done")
    parser.add_argument("--kept", type=Path, default=KEPT, help="folder in which what is done is kept")
    parser.add_argument("--document", type=Path, default=DOCUMENT, help="where the tables are put")
    chosen = parser.parse_args(arguments)
    kept = chosen.kept / f".calibration-change-{chosen.seed}-{code()}.jsonl"
    if chosen.anew:
        kept.unlink(missing_ok=True)
    names = [name for name in CASES if name.startswith(tuple(chosen.only))]
    results = collect(names, chosen.surveys, chosen.seed, chosen.processes, kept)
    told = pd.DataFrame(row for name in names for row in results[name])
    lines = [f"{chosen.surveys:,} surveys of each case, seed {chosen.seed}.", "", *tables(told)]
    print("\n".join(lines), flush=True)
    if names == list(CASES):
        from calibration import put

        chosen.document.write_text(put(chosen.document.read_text(encoding="utf-8"), "change", lines), encoding="utf-8")


def code() -> str:
    """Tells one state of the code that is tried from another: what an older one has done counts for nothing."""
    folders = [ROOT / "cxlib" / name for name in ("actions", "change", "params", "stats")]
    files = [path for folder in folders for path in sorted(folder.glob("*.py"))]
    files += sorted(Path(__file__).parent.glob("change_*.py"))
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:12]


def collect(names: list[str], surveys: int, seed: int, processes: int, kept: Path) -> dict[str, list[dict]]:
    """The surveys of every case, those kept from an earlier run among them; says how far it is."""
    done = read(kept)
    spans = [(begin, min(begin + BATCH, surveys)) for begin in range(0, surveys, BATCH)]
    wanted = [(name, *span) for span in spans for name in names]
    tasks = [task for task in wanted if task not in done]
    kept.parent.mkdir(exist_ok=True)
    with ProcessPoolExecutor(processes, initializer=be_modest) as pool, kept.open("a", encoding="utf-8") as file:
        running = {pool.submit(batch, *task, seed): task for task in tasks}
        for count, future in enumerate(as_completed(running), len(wanted) - len(tasks) + 1):
            task = running[future]
            done[task] = future.result()
            file.write(json.dumps({"task": task, "rows": done[task]}) + "\n")
            file.flush()
            print(f"\rchange: {100 * count / len(wanted):5.1f} % of {len(names)} cases", end="", file=sys.stderr)
    print(file=sys.stderr)
    return {name: [row for span in spans for row in done[name, *span]] for name in names}


def read(kept: Path) -> dict[tuple[str, int, int], list[dict]]:
    """What an earlier run has done; a last line cut off in the middle counts for nothing."""
    done: dict[tuple[str, int, int], list[dict]] = {}
    for line in kept.read_text(encoding="utf-8").splitlines() if kept.exists() else []:
        try:
            told = json.loads(line)
        except ValueError:
            continue
        name, begin, end = told["task"]
        done[name, begin, end] = told["rows"]
    return done


def be_modest() -> None:
    """Leave the machine to others first."""
    os.setpriority(os.PRIO_PROCESS, 0, max(10, os.getpriority(os.PRIO_PROCESS, 0)))


def batch(name: str, begin: int, end: int, seed: int) -> list[dict]:
    """Some surveys of one case."""
    return [judged(name, number, seed) for number in range(begin, end)]


def tables(told: pd.DataFrame) -> Iterator[str]:
    """Every table whose cases are there."""
    for table in (worst_table, coverage_table, null_table, power_table, other_table):
        lines = list(table(told))
        if len(lines) > 4:
            yield from [*lines, ""]


def _of(told: pd.DataFrame, kind: str) -> Iterator[tuple[str, pd.DataFrame]]:
    for name in CASES:
        rows = told[told["case"] == name]
        if name.startswith(kind) and len(rows):
            yield name.removeprefix(kind), rows


def _share(values: pd.Series | np.ndarray) -> str:
    return f"{100 * float(np.mean(values)):.1f} %"


def worst_table(told: pd.DataFrame) -> Iterator[str]:
    """A useless action on the worst five of thirty stores."""
    yield "### A useless action on the worst five of thirty stores"
    yield ""
    yield "| waves | called worked (E2 to E4) | E3 or E4 | naive before and after | naive difference in differences |"
    yield "| --- | --- | --- | --- | --- |"
    for name, rows in _of(told, "worst: "):
        yield (
            f"| {name} | {_share(rows['grade'].isin(WORKED))} | {_share(rows['grade'].isin(['E3', 'E4']))} "
            f"| {_share(rows['naive_alone'])} | {_share(rows['naive_against'])} |"
        )


def coverage_table(told: pd.DataFrame) -> Iterator[str]:
    """How often the interval holds the true effect."""
    yield f"### A true effect of {EFFECT} points: how often its interval holds it"
    yield ""
    yield "| who | method | inference | aimed at | held | called worked | mean estimate | mean width |"
    yield "| --- | --- | --- | --- | --- | --- | --- | --- |"
    for name, rows in _of(told, "effect: "):
        held = (rows["low"] <= rows["truth"]) & (rows["truth"] <= rows["high"])
        width = (rows["high"] - rows["low"]).replace(np.inf, np.nan)
        mean = f"{width.mean():.2f}" if width.notna().any() else "without end"
        yield (
            f"| {name} | {_usual(rows['method'])} | {_usual(rows['inference'])} "
            f"| {100 * (1 - rows['alpha'].mean()):.1f} % | {_share(held)} | {_share(rows['grade'].isin(WORKED))} "
            f"| {rows['estimate'].mean():.3f} | {mean} |"
        )


def _usual(values: pd.Series) -> str:
    return str(values.mode().iloc[0])


def null_table(told: pd.DataFrame) -> Iterator[str]:
    """How often nothing is called something."""
    yield "### Nothing happened: how often something is said to have"
    yield ""
    yield "| who | called worked | called worse (E-) | cannot tell (EX) | no change as large (EN) |"
    yield "| --- | --- | --- | --- | --- |"
    for name, rows in _of(told, "null: "):
        grades = [rows["grade"].isin(WORKED), *(rows["grade"] == grade for grade in ("E-", "EX", "EN"))]
        yield f"| {name} | {' | '.join(_share(grade) for grade in grades)} |"


def power_table(told: pd.DataFrame) -> Iterator[str]:
    """How often a random roll-out of a true effect reaches E4."""
    yield "### A random roll-out, 10 of 20 stores with 30 answers a wave: how often a true effect reaches E4"
    yield ""
    yield "| effect, points | E4 | by the formula |"
    yield "| --- | --- | --- |"
    for effect in POWER_EFFECTS:
        rows = told[told["case"] == f"power: {effect}"]
        if len(rows):
            yield f"| {effect} | {_share(rows['grade'] == 'E4')} | {100 * formula(effect):.1f} % |"


def other_table(told: pd.DataFrame) -> Iterator[str]:
    """Wrong way, growing effects, looks."""
    yield "### Going the wrong way, growing effects, many looks"
    yield ""
    yield "| what | number |"
    yield "| --- | --- |"
    wrong, growing, looks = (told[told["case"] == name] for name in ("wrong way", GROWING, "looks"))
    if len(wrong):
        worse = _share(wrong["grade"] == "E-")
        yield f"| effect of -{EFFECT} where a rise was expected, 10 against 14 stores: E- | {worse} |"
        yield f"| the same: called worked | {_share(wrong['grade'].isin(WORKED))} |"
    if len(growing):
        truth = growing["truth"].mean()
        yield f"| starts one after another, effects that grow: true mean effect | {truth:.3f} |"
        yield f"| mean estimate, group-time | {growing['estimate'].mean():.3f} |"
        yield f"| mean estimate, plain two-way fixed effects | {growing['two_way'].mean():.3f} |"
    if len(looks):
        grades = np.array(looks["grades"].tolist())
        found = (np.isin(grades, WORKED) | (grades == "E-")).astype(bool)
        yield f"| nothing happened, {LOOKS} looks, 10 against 10: said to have at the first | {_share(found[:, 0])} |"
        yield f"| at the last | {_share(found[:, -1])} |"
        yield f"| at any of them | {_share(found.any(axis=1))} |"


if __name__ == "__main__":
    main()
