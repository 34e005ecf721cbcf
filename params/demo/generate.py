"""Write the demo's made-up survey, the same bytes each time.

    python params/demo/generate.py

What is planted (effects, actions, mess) stands in truth.yaml beside this file, the words of the comments in
comments.yaml; A1 was done in the stores that were drawn and recorded in actions.csv. Only the raw uniform numbers of
one named bit generator are used, and turned into normal ones here: numpy promises stable streams for its bit
generators, not for its distributions.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from statistics import NormalDist
from typing import Any

import numpy as np
import yaml

HERE = Path(__file__).resolve().parent
STREAMS = {"stores": 0, "customers": 2, "ratings": 3, "outcomes": 4, "comments": 5, "mess": 6}
ALIKE = 10  # rows with this many equal ratings carry no fault, so that no fault turns them into straight-liners
PAGES = (("on_time", "install_care"), ("warranty_kept", "follow_up"))  # often skipped together, as not applicable

Row = dict[str, str]


@dataclass(frozen=True)
class Survey:
    """What the customers would have answered without any fault.

    Attributes
    ----------
    stores : names; `regions` : the region of each
    rolled_out : places of the stores of A1, as the action log records them
    wave, store : place of each customer's wave and store, shape (n,)
    ratings : 1-5, shape (n, factors); `ratings_without` : the same had A1 not been done
    outcomes : name -> answers, shape (n,)
    """

    stores: tuple[str, ...]
    regions: tuple[str, ...]
    rolled_out: np.ndarray
    wave: np.ndarray
    store: np.ndarray
    ratings: np.ndarray
    ratings_without: np.ndarray
    outcomes: dict[str, np.ndarray]


def read(name: str) -> dict[str, Any]:
    """A yaml file beside this one."""
    return yaml.safe_load((HERE / name).read_text(encoding="utf-8"))


def streams(seed: int) -> dict[str, np.random.Generator]:
    """One independent stream of random numbers a topic, so that a new comment does not move the ratings."""
    seeds = np.random.SeedSequence(seed).spawn(max(STREAMS.values()) + 1)
    return {name: np.random.Generator(np.random.PCG64(seeds[place])) for name, place in STREAMS.items()}


def recorded_stores(action: str) -> set[str]:
    """The stores that the log names as the scope of an action, in the action's first record."""
    with (HERE / "actions.csv").open(encoding="utf-8", newline="") as file:
        scope = next(row["scope"] for row in csv.DictReader(file) if row["id"] == action)
    return {pair.partition("=")[2] for pair in scope.split(";")}


def normal(rng: np.random.Generator, *shape: int) -> np.ndarray:
    """Standard normal numbers out of uniform ones."""
    uniform = np.clip(rng.random(shape), 1e-12, 1 - 1e-12)
    return np.vectorize(NormalDist().inv_cdf, otypes=[float])(uniform)


def shuffled(rng: np.random.Generator, items: Sequence[Any]) -> list[Any]:
    """The items in random order."""
    return [items[place] for place in np.argsort(rng.random(len(items)), kind="stable")]


def one_of(rng: np.random.Generator, items: Sequence[Any]) -> Any:
    """One item, each as likely."""
    return items[int(rng.random() * len(items))]


def pick(rng: np.random.Generator, shares: Sequence[float], size: int) -> np.ndarray:
    """Places in `shares`, each as often as its share says."""
    edges = np.cumsum(np.asarray(shares, dtype=float))
    return np.searchsorted(edges / edges[-1], rng.random(size), side="right").clip(max=len(edges) - 1)


def balanced(noise: np.ndarray, ratings: np.ndarray) -> np.ndarray:
    """The noise without what it shares by accident with the ratings, their low and their high ends."""
    known = np.column_stack([np.ones(len(noise)), ratings, ratings <= 2, ratings >= 4]).astype(float)
    return noise - known @ np.linalg.lstsq(known, noise, rcond=None)[0]


def simulate(truth: dict[str, Any], rngs: dict[str, np.random.Generator]) -> Survey:
    """Draw stores, customers, ratings and outcomes as truth.yaml plans them."""
    factors, plan, act = list(truth["factors"]), truth["ratings"], truth["actions"]["A1"]
    regions = tuple(name for name, number in truth["regions"].items() for _ in range(number))
    waves = [item["wave"] for item in truth["waves"]]

    lasting = plan["store"] * normal(rngs["stores"], len(regions), len(factors))
    passing = plan["store_wave"] * normal(rngs["stores"], len(waves), len(regions), len(factors))
    of_outcome = normal(rngs["stores"], len(regions), len(truth["outcomes"]))
    names = tuple(f"S{number:02d}" for number in range(1, len(regions) + 1))
    recorded = recorded_stores("A1")
    rolled_out = np.array([place for place, name in enumerate(names) if name in recorded])
    if len(rolled_out) != len(recorded) or len(recorded) != act["stores"]:
        raise SystemExit(f"actions.csv names {len(recorded)} stores for A1, truth.yaml plans {act['stores']}")

    wave = np.repeat(np.arange(len(waves)), [item["customers"] for item in truth["waves"]])
    store = pick(rngs["customers"], np.ones(len(regions)), len(wave))
    mood, own = normal(rngs["ratings"], len(wave), 1), normal(rngs["ratings"], len(wave), len(factors))
    felt = np.array([truth["factors"][key]["mean"] for key in factors]) + lasting[store] + passing[wave, store]
    felt = felt + plan["spread"] * (np.sqrt(plan["halo"]) * mood + np.sqrt(1 - plan["halo"]) * own)
    acted = np.isin(store, rolled_out) & (wave >= waves.index(act["from_wave"]))
    shift = np.outer(acted, np.array(factors) == act["factor"]) * act["shift"]
    without, ratings = (np.clip(np.rint(value), 1, 5).astype(int) for value in (felt, felt + shift))

    shared, rest = normal(rngs["outcomes"], len(wave), 1), normal(rngs["outcomes"], len(wave), len(truth["outcomes"]))
    noise = np.sqrt(truth["noise_shared"]) * shared + np.sqrt(1 - truth["noise_shared"]) * rest
    outcomes = {}
    for place, (name, outcome) in enumerate(truth["outcomes"].items()):
        value, spread = np.full(len(wave), float(outcome["mean"])), np.full(len(wave), float(outcome["noise"]))
        for key, rating in zip(factors, ratings.T, strict=True):
            effect = truth["factors"][key].get(name, {})
            pull = effect.get("per_point", 0.0) * (rating - rating.mean())
            pull = pull + effect.get("low", 0.0) * ((rating <= 2) - (rating <= 2).mean())
            if effect and "region" in truth["factors"][key]:
                here = np.array(regions)[store] == truth["factors"][key]["region"]
                pull, spread = pull * here, np.where(here, spread * truth["noise_in_region"], spread)
            value = value + pull
        luck = outcome["store"] * of_outcome[store, place] + spread * noise[:, place]
        value = value + (balanced(luck, ratings) if truth["balanced_noise"] else luck)
        outcomes[name] = np.clip(np.rint(value), *outcome["scale"]).astype(int)
    return Survey(names, regions, rolled_out, wave, store, ratings, without, outcomes)


def comment(rng: np.random.Generator, rating: dict[str, int], glad: bool, words: dict, plan: dict) -> str:
    """A customer's words on what they rated; `glad` chooses the words when no factor is spoken of."""
    toi, mon, may = (one_of(rng, words[kind]) for kind in ("toi", "mon", "may"))
    mon = may if mon in words["may"] else mon  # one thing bought, one thing spoken of

    def fill(text: str) -> str:
        for slot, value in (("toi", toi), ("mon", mon), ("may", may)):
            text = text.replace(f"{{{slot}}}", value).replace(f"{{{slot.capitalize()}}}", sentence(value))
        return text

    if rng.random() < plan["without_factor"]:
        return fill(one_of(rng, words["without_factor"]["high" if glad else "low"]))
    often = [words["factors"][key]["often"] * (0.7, 1.0, 1.5)[abs(value - 3)] for key, value in rating.items()]
    places = dict.fromkeys(pick(rng, often, 2 if rng.random() < plan["second_factor"] else 1))
    keys = [list(rating)[place] for place in places]
    moods = ["high" if rating[key] >= 4 else "low" for key in keys]
    clauses = [one_of(rng, words["factors"][key][mood]) for key, mood in zip(keys, moods, strict=True)]
    text = one_of(rng, words["openers"]) + clauses[0] if rng.random() < 0.25 else clauses[0]
    if len(clauses) == 2:
        joint = ", nhưng " if moods[0] != moods[1] else one_of(rng, [". ", ", ", "; ngoài ra "])
        text += joint + (sentence(clauses[1]) if joint == ". " else clauses[1])
    text = fill(text)
    if rng.random() < 0.2:  # typed on a phone, in a hurry
        return text
    text = ". ".join(sentence(part) for part in text.split(". ")) + "."
    return text + " " + fill(one_of(rng, words["closers"][moods[-1]])) if rng.random() < 0.3 else text


def sentence(text: str) -> str:
    """The text with a capital first letter."""
    return text[:1].upper() + text[1:]


def honest_rows(truth: dict, words: dict, survey: Survey, rngs: dict[str, np.random.Generator]) -> list[Row]:
    """One row a customer, every cell as it should be; ` day` holds the date to sort by."""
    rng, columns = rngs["customers"], [item["column"] for item in truth["factors"].values()]
    size = len(survey.wave)
    channel = pick(rng, list(truth["channels"].values()), size)
    spans = [(date.fromisoformat(str(w["first"])), date.fromisoformat(str(w["last"]))) for w in truth["waves"]]
    day = [
        first + timedelta(days=int(part * ((last - first).days + 1)))
        for part, (first, last) in zip(rng.random(size), (spans[wave] for wave in survey.wave), strict=True)
    ]
    seconds = np.maximum(np.rint(np.exp(5.0 + 0.45 * normal(rng, size))), truth["slowest_honest_seconds"])
    numbers = 100_000 + np.array(shuffled(rng, range(900_000))[:size])
    again = shuffled(rng, np.flatnonzero(survey.wave > 0))[: truth["returning"]]
    before = shuffled(rng, np.flatnonzero(survey.wave == 0))[: truth["returning"]]
    numbers[again] = numbers[before]

    writes = rngs["comments"].random(size) < truth["comments"]["share"]
    rows = []
    for place in range(size):
        ratings = [int(value) for value in survey.ratings[place]]
        outcomes = {name: int(answers[place]) for name, answers in survey.outcomes.items()}
        rated = dict(zip(truth["factors"], ratings, strict=True))
        said = comment(rngs["comments"], rated, outcomes["referral"] >= 7, words, truth["comments"])
        rows.append(
            {"id": f"K{numbers[place]}", "visited": day[place].isoformat()}
            | {"store": survey.stores[survey.store[place]], "region": survey.regions[survey.store[place]]}
            | {"channel": list(truth["channels"])[channel[place]]}
            | {truth["outcomes"][name]["column"]: str(answer) for name, answer in outcomes.items()}
            | dict(zip(columns, map(str, ratings), strict=True))
            | {
                "why": said if writes[place] else "",
                "seconds": str(int(seconds[place])),
                " day": day[place].isoformat(),
            }
        )
    return rows


def blocks(rng: np.random.Generator, codes: list[str], factors: list[str], together: bool) -> Iterator[dict[str, str]]:
    """Deal codes out, factor -> code, one dict a customer; `together` gives some customers a whole page."""
    left = list(codes)
    while left:
        page = one_of(rng, PAGES) if together and len(left) > 1 and rng.random() < 0.6 else None
        yield {key: left.pop() for key in page or (one_of(rng, factors),)}


def add_mess(rows: list[Row], truth: dict, words: dict, survey: Survey, rng: np.random.Generator) -> list[Row]:
    """Plant the faults that truth.yaml counts, each in rows that carry no other; the rows come back by date."""
    alike = np.array([np.bincount(ratings).max() for ratings in survey.ratings])
    hosts = iter(shuffled(rng, [int(place) for place in np.flatnonzero(alike < ALIKE)]))
    hosts = spoil_rows(rows, hosts, truth, survey, rng)
    twice = answer_twice(rows, hosts, truth, rng)
    for _ in range(truth["rows"]["no_wave"]):
        rows[next(hosts)]["visited"] = ""
    spoil_cells(rows, hosts, truth, rng)
    add_to_comments(rows, hosts, truth["comments"], words, rng)
    return sorted([*rows, *twice], key=lambda row: row[" day"])


def spoil_rows(
    rows: list[Row], hosts: Iterator[int], truth: dict, survey: Survey, rng: np.random.Generator
) -> Iterator[int]:
    """Straight-liners, speeders, blank outcomes and customers who left early; returns the hosts that are left."""
    plan, columns = truth["rows"], columns_of(truth, "factors")
    scales = {item["column"]: item["scale"] for item in truth["outcomes"].values()}
    for _ in range(plan["straight_lining"]):
        row = rows[next(hosts)]
        same = str(1 + pick(rng, [1, 2, 6, 4, 5], 1)[0])
        row |= dict.fromkeys(columns.values(), same) | {"why": ""}
    low, high = plan["speeding"]["seconds"]
    for _ in range(plan["speeding"]["rows"]):
        row = rows[next(hosts)]
        row |= {name: str(1 + int(rng.random() * 5)) for name in columns.values()}
        row |= {name: str(start + int(rng.random() * (end - start + 1))) for name, (start, end) in scales.items()}
        row |= {"why": "", "seconds": str(low + int(rng.random() * (high - low + 1)))}
    for _ in range(plan["outcome_missing"]):
        rows[next(hosts)] |= dict.fromkeys(scales, "")
    leave, answered = plan["too_few_factors"]["rows"], plan["too_few_factors"]["answered"]
    left = [place for place in hosts if len(set(survey.ratings[place][:answered])) > 1]  # no straight line remains
    for place in left[:leave]:
        rows[place] |= dict.fromkeys(list(columns.values())[answered:], "") | {"why": ""}
    return iter(left[leave:])


def answer_twice(rows: list[Row], hosts: Iterator[int], truth: dict, rng: np.random.Generator) -> list[Row]:
    """Rows to add: exact copies, and customers who answer again, a little differently, later in the same wave."""
    plan, columns = truth["rows"], columns_of(truth, "factors")
    ends = [str(item["last"]) for item in truth["waves"]]
    twice = [dict(rows[next(hosts)]) for _ in range(plan["exact_duplicate"])]
    while len(twice) < plan["exact_duplicate"] + plan["repeated_respondent"]:
        row = dict(rows[next(hosts)])
        later = (date.fromisoformat(row[" day"]) + timedelta(days=2 + int(rng.random() * 8))).isoformat()
        if later > next(end for end in ends if row[" day"] <= end):
            continue
        moved = {name: int(row[name]) + int(rng.random() * 3) - 1 for name in columns.values()}
        row |= {name: str(min(5, max(1, value))) for name, value in moved.items()}
        twice.append(row | {"visited": later, " day": later, "why": ""})
    return twice


def spoil_cells(rows: list[Row], hosts: Iterator[int], truth: dict, rng: np.random.Generator) -> None:
    """Codes, words, blanks and impossible numbers instead of answers, and right answers written differently."""
    factors, outcomes = columns_of(truth, "factors"), columns_of(truth, "outcomes")
    for reason, codes in truth["cells"]["factors"].items():
        listed = shuffled(rng, [code for code, number in as_codes(codes) for _ in range(number)])
        for cells in blocks(rng, listed, list(factors), together=reason in ("declared_missing", "blank")):
            rows[next(hosts)] |= {factors[key]: code for key, code in cells.items()}
    for name in (*outcomes, "channel"):
        for codes in truth["cells"][name].values():
            for code, number in as_codes(codes):
                for _ in range(number):
                    rows[next(hosts)][outcomes.get(name, name)] = code
    for form, number in truth["numbers_as_text"].items():
        for _ in range(number):
            row, name = rows[next(hosts)], one_of(rng, list(factors.values()))
            row[name] = form.format(row[name])


def add_to_comments(rows: list[Row], hosts: Iterator[int], plan: dict, words: dict, rng: np.random.Generator) -> None:
    """Contact details and names behind some comments, and texts that look like code instead of others."""
    for kind in ("phone", "email", "name"):
        for number in range(plan[kind]):
            row, text = rows[next(hosts)], words[kind][number % len(words[kind])]
            toi = one_of(rng, ["mình", "tôi", "em"])
            text = text.replace("{00}", f"{number + 11}").replace("{toi}", toi).replace("{Toi}", sentence(toi))
            said = row["why"].removesuffix(".") + "." if row["why"] else ""
            row["why"] = f"{said} {text}".strip()
    for text in words["hostile"][: plan["hostile"]]:
        rows[next(hosts)]["why"] = text


def columns_of(truth: dict, part: str) -> dict[str, str]:
    """Key -> column of the factors or the outcomes."""
    return {key: item["column"] for key, item in truth[part].items()}


def as_codes(codes: dict[str, int] | int) -> list[tuple[str, int]]:
    """Code and number; a bare number counts blanks."""
    return [("", codes)] if isinstance(codes, int) else list(codes.items())


def generate(seed: int | None = None) -> tuple[Survey, list[Row]]:
    """The survey without faults, and the rows of the file; another `seed` than the plan's makes another survey."""
    truth, words = read("truth.yaml"), read("comments.yaml")
    rngs = streams(truth["seed"] if seed is None else seed)
    survey = simulate(truth, rngs)
    rows = honest_rows(truth, words, survey, rngs)
    return survey, add_mess(rows, truth, words, survey, rngs["mess"])


def write(rows: list[Row], path: Path) -> None:
    """The rows as comma-separated UTF-8 text."""
    names = [name for name in rows[0] if name != " day"]
    with path.open("w", encoding="utf-8", newline="") as file:
        lines = csv.DictWriter(file, names, extrasaction="ignore", lineterminator="\n")
        lines.writeheader()
        lines.writerows(rows)


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "responses.csv"
    write(generate()[1], target)
