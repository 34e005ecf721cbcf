"""The committed survey is what the generator writes, and holds exactly what truth.yaml says was planted."""

from __future__ import annotations

import csv
import re
import subprocess
import sys
import unicodedata
from collections import Counter

import numpy as np
import pytest

from cxlib.params import load_params


def wave_of(visited: str) -> str:
    return f"{visited[:4]}-Q{(int(visited[5:7]) + 2) // 3}" if visited else ""


def number(cell: str) -> float:
    try:
        return float(cell)
    except ValueError:
        return float("nan")


def test_the_script_writes_the_committed_bytes_again(demo, tmp_path):
    again = tmp_path / "responses.csv"
    subprocess.run([sys.executable, str(demo / "generate.py"), str(again)], check=True)
    assert again.read_bytes() == (demo / "responses.csv").read_bytes()


def test_another_seed_gives_another_survey(generator):
    first, _ = generator.generate(1)
    second, _ = generator.generate(2)
    assert (first.ratings != second.ratings).any()


def test_dimensions(truth, rows):
    added = truth["rows"]["exact_duplicate"] + truth["rows"]["repeated_respondent"]
    assert len(rows) == sum(wave["customers"] for wave in truth["waves"]) + added
    assert set(rows[0]) == {"id", "visited", "store", "region", "channel", "why", "seconds"} | {
        item["column"] for part in ("factors", "outcomes") for item in truth[part].values()
    }
    assert len(truth["factors"]) == 12
    assert {wave_of(row["visited"]) for row in rows} - {""} == {wave["wave"] for wave in truth["waves"]}
    by_wave = Counter(wave_of(row["visited"]) for row in rows)
    assert all(680 <= by_wave[wave["wave"]] <= 730 for wave in truth["waves"])
    stores = {row["store"]: row["region"] for row in rows}
    assert sorted(stores) == [f"S{place:02d}" for place in range(1, 25)]
    assert Counter(stores.values()) == truth["regions"]
    assert {row["store"]: row["region"] for row in reversed(rows)} == stores  # a store lies in one region


def test_the_parameters_know_the_columns_and_the_scales(demo, truth, columns):
    params = load_params(demo)
    assert params.made_up
    assert {key: factor.column for key, factor in params.factors.items()} == columns
    for key, outcome in truth["outcomes"].items():
        assert params.outcomes[key].column == outcome["column"]
        assert list(params.outcomes[key].scale) == outcome["scale"]
    assert {factor.step for factor in params.factors.values()} == set(params.steps)
    assert len(params.steps) == 5
    assert set(params.segments["region"].values) == set(truth["regions"])
    assert set(params.segments["channel"].values) == set(truth["channels"])
    low, high = truth["rows"]["speeding"]["seconds"]
    assert low <= high < params.cleaning.min_seconds <= truth["slowest_honest_seconds"]


def test_every_role_is_planted(truth):
    roles = Counter(factor["role"] for factor in truth["factors"].values())
    assert roles["halo_only"] >= 3
    assert roles["both"] >= 2
    for role in ("referral_only", "loyalty_only", "hurts_when_fails", "one_region"):
        assert roles[role] == 1
    for factor in truth["factors"].values():
        expected = {
            "halo_only": set(),
            "referral_only": {"referral"},
            "loyalty_only": {"loyalty"},
        }.get(factor["role"], {"referral", "loyalty"})
        assert {"referral", "loyalty"} & set(factor) == expected


def test_planted_rows(truth, rows, columns):
    plan, factors = truth["rows"], list(columns.values())
    outcomes = [outcome["column"] for outcome in truth["outcomes"].values()]
    copies = Counter(tuple(row.values()) for row in rows)
    assert sum(times - 1 for times in copies.values()) == plan["exact_duplicate"]
    assert set(copies.values()) == {1, 2}
    unique = [dict(zip(rows[0], cells, strict=True)) for cells in copies]
    people = Counter((row["id"], wave_of(row["visited"])) for row in unique if row["visited"])
    assert sum(times - 1 for times in people.values()) == plan["repeated_respondent"]
    waves_of = Counter(who for who, _ in people)
    assert sum(times - 1 for times in waves_of.values()) >= truth["returning"] - plan["no_wave"]
    assert sum(not row["visited"] for row in rows) == plan["no_wave"]
    assert sum(not any(row[name] for name in outcomes) for row in rows) == plan["outcome_missing"]
    left = [row for row in rows if sum(bool(row[name]) for name in factors) <= plan["too_few_factors"]["answered"]]
    assert len(left) == plan["too_few_factors"]["rows"]
    alike = [row for row in rows if len({row[name] for name in factors}) == 1]
    assert len(alike) == plan["straight_lining"] + plan["straight_lining_natural"]
    low, high = plan["speeding"]["seconds"]
    fast = [int(row["seconds"]) for row in rows if int(row["seconds"]) < truth["slowest_honest_seconds"]]
    assert len(fast) == plan["speeding"]["rows"]
    assert low <= min(fast) <= max(fast) <= high


def test_planted_cells(truth, rows, columns):
    plan = truth["cells"]
    seen = Counter(row[name] for row in rows for name in columns.values())
    gone = truth["rows"]["too_few_factors"]
    for reason in ("declared_missing", "word", "blank_or_word", "out_of_scale"):
        for code, times in plan["factors"][reason].items():
            assert seen[code] == times, (reason, code)
    assert seen[""] == plan["factors"]["blank"] + gone["rows"] * (len(columns) - gone["answered"])
    for form, times in truth["numbers_as_text"].items():
        assert sum(seen[form.format(answer)] for answer in range(1, 6)) == times, form
    expected = {code for part in list(plan["factors"].values())[:3] for code in part}
    expected |= set(plan["factors"]["out_of_scale"]) | {
        form.format(answer) for form in truth["numbers_as_text"] for answer in range(1, 6)
    }
    assert set(seen) == expected | {""} | set("12345")

    for key, outcome in truth["outcomes"].items():
        answers = Counter(row[outcome["column"]] for row in rows)
        assert answers[""] == plan[key]["blank"] + truth["rows"]["outcome_missing"]
        for reason in ("declared_missing", "out_of_scale"):
            for code, times in plan[key].get(reason, {}).items():
                assert answers[code] == times, (key, code)
    assert sum(row["channel"] == "" for row in rows) == plan["channel"]["blank"]


def test_halo(generator, truth):
    survey, _ = generator.generate()
    together = np.corrcoef(survey.ratings.T)[np.triu_indices(len(truth["factors"]), 1)]
    assert 0.45 <= together.mean() <= 0.6


def test_text_is_composed_and_says_what_it_speaks_of(demo, rows, truth):
    for name in ("responses.csv", "comments.yaml", "params.yaml", "actions.csv", "promises.csv", "truth.yaml"):
        text = (demo / name).read_text(encoding="utf-8")
        assert unicodedata.is_normalized("NFC", text), name
    assert not re.search(
        r"\{(toi|mon|may|Toi|Mon|May|00)\}", "".join(row["why"] for row in rows if "{{" not in row["why"])
    )
    share = sum(bool(row["why"]) for row in rows) / len(rows)
    assert abs(share - truth["comments"]["share"]) < 0.05


def test_each_clause_mentions_its_own_factor_and_no_other(demo, words):
    params = load_params(demo)
    for key, part in words["factors"].items():
        for clause in part["high"] + part["low"]:
            told = {
                other
                for other, factor in params.factors.items()
                if any(mention.lower() in clause.lower() for mention in factor.mentions)
            }
            assert told == {key}, clause
    for text in [*words["without_factor"]["high"], *words["without_factor"]["low"], *words["openers"]]:
        assert not any(mention in text.lower() for factor in params.factors.values() for mention in factor.mentions)


def test_most_factors_are_spoken_of_often_and_not_all(demo, rows):
    params = load_params(demo)
    spoken = {
        key: sum(any(mention.lower() in row["why"].lower() for mention in factor.mentions) for row in rows)
        for key, factor in params.factors.items()
    }
    assert min(spoken.values()) >= 10
    assert max(spoken.values()) < 350
    assert spoken["on_time"] > 3 * spoken["try_first"]


def test_comments_to_redact_and_to_show_unharmed(rows, truth, words):
    plan, said = truth["comments"], [row["why"] for row in rows]
    assert sum(bool(re.search(r"(?:\+84 |0)900?", text)) for text in said) == plan["phone"]
    assert sum("@example." in text for text in said) == plan["email"]
    assert sum(bool(re.search(r"(Nguyễn Văn|Trần Thị|Lê Văn|Phạm Thị) [A-E]", text)) for text in said) == plan["name"]
    assert len(words["hostile"]) == plan["hostile"]
    assert [said.count(text) for text in words["hostile"]] == [1] * plan["hostile"]


@pytest.mark.parametrize("action", ["A1", "A2"])
def test_scopes_in_the_log_are_the_planted_ones(action, generator, truth, demo, rows, columns):
    with (demo / "actions.csv").open(encoding="utf-8", newline="") as file:
        scope = [row["scope"] for row in csv.DictReader(file) if row["id"] == action][-1]
    named = sorted(pair.removeprefix("store=") for pair in scope.split(";"))
    plan = truth["actions"][action]
    if plan["chosen"] == "random":
        survey, _ = generator.generate()
        expected = [survey.stores[place] for place in survey.rolled_out]
        changed = survey.ratings - survey.ratings_without
        where = changed.any(axis=1)
        place = list(columns).index(plan["factor"])
        later = survey.wave >= [wave["wave"] for wave in truth["waves"]].index(plan["from_wave"])
        acted = np.isin(survey.store, survey.rolled_out) & later
        assert changed[acted, place].mean() == pytest.approx(plan["change_in_rating"], abs=0.05)
        assert not (where & ~acted).any()
    else:
        ratings: dict[str, list[float]] = {}
        for row in rows:
            value = number(row[columns[plan["factor"]]])
            if wave_of(row["visited"]) == "2025-Q4" and 1 <= value <= 5:
                ratings.setdefault(row["store"], []).append(value)
        expected = sorted(sorted(ratings, key=lambda store: np.mean(ratings[store]))[: plan["stores"]])
    assert named == sorted(expected)
    assert len(named) == plan["stores"]
