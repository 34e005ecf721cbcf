"""What the method page tells of the tests themselves: mood, reliability, steps, corrections, weights."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from cxlib.findings.deeper import sensitivity, weighted
from cxlib.findings.further import FurtherTables, cell, value, yes
from cxlib.findings.numbers import DriversTable, Pair, count, number
from cxlib.findings.schema import Family, Mood, Reliability, StepWeight
from cxlib.params.model import Params


def moods(further: FurtherTables, outcomes: Iterable[str]) -> tuple[Mood, ...]:
    """How much of all ratings is one general mood, and which factors change their place without it."""
    told = []
    for outcome in outcomes:
        rows = [row for row in further.all("halo") if cell(row, "outcome") == outcome]
        shares = [share for row in rows if (share := value(row, "first_factor_share")) is not None]
        if shares:
            changed = tuple(cell(row, "factor") for row in rows if yes(row, "changes"))
            told.append(Mood(outcome=outcome, share=shares[0], changes=changed))
    return tuple(told)


def reliabilities(further: FurtherTables, params: Params) -> tuple[Reliability, ...]:
    """Each step of the journey whose ratings could be held against each other."""
    names = ("alpha", "alpha_low", "alpha_high", "omega", "omega_low", "omega_high")
    told = []
    for row in further.all("reliability"):
        numbers = {name: value(row, name) for name in names}
        if numbers["alpha"] is None and numbers["omega"] is None:
            continue
        odd = tuple(item.partition(":")[0] for item in cell(row, "odd_items").split(";"))
        told.append(
            Reliability(
                step=cell(row, "group"),
                items=count(row.get("items")),
                n=count(row.get("n")),
                odd=tuple(key for key in odd if key in params.factors),
                **numbers,
            )
        )
    return tuple(told)


def step_weights(further: FurtherTables, shown: str = "lmg") -> tuple[StepWeight, ...]:
    """The share of importance of each journey step as one unit, in the order of the journey."""
    return tuple(
        StepWeight(
            outcome=cell(row, "outcome"),
            step=cell(row, "factor") or cell(row, "step"),
            share=value(row, "share"),
            low=value(row, "low"),
            high=value(row, "high"),
        )
        for row in further.all("importance")
        if cell(row, "kind") == "step" and cell(row, "method") == shown and value(row, "share") is not None
    )


def families(drivers: DriversTable, further: FurtherTables, limit: float) -> tuple[Family, ...]:
    """How many tests were made and corrected together, and how many were clear."""
    whole = list(drivers.whole.values())
    groups = further.all("groups")
    sources: list[tuple[str, list[float | None]]] = [
        ("associations", [pair.get("q") for pair in whole]),
        ("given_others", [pair.get("adjusted_q") for pair in whole]),
        ("groups", [value(row, "q") for row in groups if cell(row, "segment")] or _differ(drivers, whole)),
        ("waves", [value(row, "q") for row in groups if not cell(row, "segment")]),
        ("comparisons", [value(row, "q") for row in further.all("comparisons")]),
    ]
    told = []
    for name, values in sources:
        made = [q for q in values if q is not None]
        if made:
            clear = sum(q < limit for q in made)
            told.append(Family.model_validate({"name": name, "tests": len(made), "clear": clear}))
    return tuple(told)


def _differ(drivers: DriversTable, whole: list[Pair]) -> list[float | None]:
    rows = (drivers.differences_of(pair) for pair in whole)
    return [number(row["differs_q"]) for found in rows for row in found]


def test_extras(further: FurtherTables, pair: Pair) -> dict[str, Any]:
    """What could have been found, whether a link of a relevant size is ruled out, and what weights and places do."""
    extras: dict[str, Any] = {"weighted": weighted(further, pair)}
    row = sensitivity(further, pair)
    if row is not None and cell(row, "wording"):
        extras |= {"power": value(row, "power_at_small"), "ruled_out": cell(row, "wording") == "none"}
    design = further.one("design", pair.factor, pair.outcome)
    if design is not None:
        extras["design_effect"] = value(design, "design_effect")
    return extras
