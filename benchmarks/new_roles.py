"""How often `cx new` works out the right role of a column, on real surveys beside the project.

The true roles (`new_roles.csv`) were written down from the surveys' own documentation before anything was tuned.
Several roles stand there where the documentation leaves it open; a column of a person must never be kept.

    python benchmarks/new_roles.py [--wrong]
"""

from __future__ import annotations

import argparse
import csv
from collections import defaultdict
from pathlib import Path

HERE = Path(__file__).resolve().parent
DATA = HERE.parents[1] / "shared" / "data"
KEPT = {
    "respondent",
    "date",
    "wave",
    "referral",
    "loyalty",
    "overall",
    "factor",
    "unit",
    "segment",
    "comment",
    "weight",
    "duration",
}


def truths() -> dict[str, dict[int, set[str]]]:
    """File -> position of the column (from 1) -> the roles that are right."""
    found: dict[str, dict[int, set[str]]] = defaultdict(dict)
    with (HERE / "new_roles.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found[row["file"]][int(row["position"])] = set(row["roles"].split("|"))
    return found


def measure(data: Path = DATA) -> list[dict[str, object]]:
    """One row a column: file, column, guessed role, right roles."""
    from cxlib.newclient.profile import look_at
    from cxlib.newclient.roles import guess_roles

    rows = []
    for file, roles in truths().items():
        _, columns = look_at(data / file, file)
        for guess in guess_roles(columns):
            true = roles[guess.column.position + 1]
            rows.append({"file": file, "column": guess.column.name, "role": guess.role, "true": true, "why": guess.why})
    return rows


def table(rows: list[dict[str, object]]) -> list[str]:
    """The result as a table in Markdown."""
    lines = [
        "| survey | columns | right | share | used columns right | persons' columns kept |",
        "|---|---|---|---|---|---|",
    ]
    groups = defaultdict(list)
    for row in rows:
        groups[Path(str(row["file"])).name].append(row)
        groups["all"].append(row)
    for name, group in [*((name, group) for name, group in groups.items() if name != "all"), ("all", groups["all"])]:
        right = [row["role"] in row["true"] for row in group]
        used = [row["role"] in row["true"] for row in group if not row["true"] & {"other", "person"}]
        kept = sum("person" in row["true"] and row["role"] in KEPT for row in group)
        share = f"{sum(right) / len(right):.1%}"
        lines.append(f"| {name} | {len(right)} | {sum(right)} | {share} | {sum(used)} of {len(used)} | {kept} |")
    return lines


def main() -> None:
    """Print the table; with --wrong also every column that was not right."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--wrong", action="store_true")
    options = parser.parse_args()
    if not DATA.is_dir():
        raise SystemExit("The surveys are not beside the project (../shared/data).")
    rows = measure()
    print("\n".join(table(rows)))
    if options.wrong:
        for row in rows:
            if row["role"] not in row["true"]:
                print(
                    row["file"],
                    row["column"],
                    "taken for",
                    row["role"],
                    "true:",
                    "|".join(sorted(row["true"])),
                    row["why"],
                )


if __name__ == "__main__":
    main()
