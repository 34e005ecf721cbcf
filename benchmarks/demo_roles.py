"""How often the planted factors of the made-up client land where they belong, over many seeds.

    python benchmarks/demo_roles.py [--seeds 20] [--processes 2]

Prints the table of docs/demo.md: for the balanced noise that is committed and for plain noise.
"""

from __future__ import annotations

import argparse
import importlib.util
import sys
import tempfile
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from types import ModuleType

from cxlib.cleaning import clean
from cxlib.drivers import find_drivers
from cxlib.intake import read_responses
from cxlib.params import load_params

DEMO = Path(__file__).resolve().parents[1] / "params" / "demo"
RESAMPLES = 400
NAMES = {
    "both": "matters for both",
    "hurts_when_fails": "only hurts when it fails, and is called so",
    "referral_only": "referral only",
    "loyalty_only": "loyalty only",
    "one_region": "one region only, found to differ",
    "halo_only": "halo only",
}
OUTCOMES_OF = {"referral_only": {"referral"}, "loyalty_only": {"loyalty"}, "halo_only": set()}


def generator(balanced: bool) -> ModuleType:
    """params/demo/generate.py with the noise as asked."""
    spec = importlib.util.spec_from_file_location("demo_generate", DEMO / "generate.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    read = module.read
    module.read = lambda name: read(name) | ({"balanced_noise": balanced} if name == "truth.yaml" else {})
    return module


def landed(task: tuple[int, bool]) -> Counter:
    """One survey: (role, landed right) -> number of factors; ("all", ...) for everything at once."""
    seed, balanced = task
    module = generator(balanced)
    with tempfile.TemporaryDirectory() as temporary:
        module.write(module.generate(seed)[1], Path(temporary) / "responses.csv")
        params = load_params(DEMO)
        cleaned = clean(read_responses(params, Path(temporary)), params, **params.cleaning.model_dump())
    table = find_drivers(cleaned.answers, params, set_aside=cleaned.set_aside, bootstrap=RESAMPLES, seed=1).table
    whole = table[(table["segment"] == "") & (table["wave"] == "")].set_index(["factor", "outcome"])
    regions = table[(table["segment"] == "region") & (table["level"] == "")].set_index(["factor", "outcome"])
    found: Counter = Counter()
    for factor, plan in module.read("truth.yaml")["factors"].items():
        role = plan["role"]
        matters = {outcome for outcome in ("referral", "loyalty") if whole.loc[(factor, outcome), "matters"]}
        right = matters == OUTCOMES_OF.get(role, {"referral", "loyalty"})
        if role == "hurts_when_fails":
            right &= all(whole.loc[(factor, outcome), "shape"] == role for outcome in matters)
        if role == "one_region":
            right &= all(regions.loc[(factor, outcome), "differs_q"] < 0.05 for outcome in matters)
        found[role, bool(right)] += 1
    found["all", not any(count for (_, right), count in found.items() if not right)] += 1
    return found


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--first", type=int, default=20260101)
    parser.add_argument("--processes", type=int, default=2)
    asked = parser.parse_args()
    counts = {True: Counter(), False: Counter()}
    tasks = [(asked.first + number, balanced) for balanced in (True, False) for number in range(asked.seeds)]
    with ProcessPoolExecutor(asked.processes) as pool:
        for number, (task, found) in enumerate(zip(tasks, pool.map(landed, tasks), strict=True), 1):
            counts[task[1]] += found
            print(f"\r{number} of {len(tasks)} surveys", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    print("| role | balanced noise (as committed) | plain noise |\n|---|---|---|")
    for role, name in {**NAMES, "all": "everything at once"}.items():
        told = [f"{one[role, True]} of {one[role, True] + one[role, False]}" for one in counts.values()]
        print(f"| {name} | {told[0]} | {told[1]} |")


if __name__ == "__main__":
    main()
