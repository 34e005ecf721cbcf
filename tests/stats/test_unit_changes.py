"""Units acted on against others: noise of changes, weights, and which inference is taken."""

from __future__ import annotations

import json
from itertools import product
from math import inf, sqrt
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cxlib.stats.effects import t_effect
from cxlib.stats.permutation import choices
from cxlib.stats.unit_changes import (
    cell_difference_in_differences,
    difference_in_differences,
    lasting_error,
    unit_changes,
    unit_weights,
)

HERE = Path(__file__).resolve().parents[1]
MADE = json.loads((HERE / "reference" / "r" / "two_waves.json").read_text(encoding="utf-8"))


def made(mean, error, n):
    """Numbers with exactly this mean and standard error."""
    z = np.linspace(-1, 1, n)
    return mean + z / z.std(ddof=1) * error * sqrt(n)


def test_card_and_krueger_from_their_published_means(reference):
    case = reference.case("did_card_krueger_published")
    data, expected = case["data"], case["expected"]
    changes = (data["treat_post"] - data["treat_pre"], data["ctrl_post"] - data["ctrl_pre"])
    jersey, pennsylvania = (
        made(change, error, n) for change, error, n in zip(changes, data["se_of_change"], (309, 75), strict=True)
    )
    effect = difference_in_differences(jersey, pennsylvania)
    assert effect.estimate == pytest.approx(expected["did_from_rounded_means"])
    assert effect.estimate == pytest.approx(expected["published_did"], abs=case["tolerance"])
    assert effect.error == pytest.approx(expected["published_se"], abs=case["tolerance"])
    assert effect.units == (309, 75)
    assert effect.inference == "cluster"


def test_welch_on_unit_changes_equals_r():
    changes = pd.DataFrame(MADE["changes"])
    acted, others = (changes.loc[changes["diet"] == diet, "change"] for diet in (3, 1))
    effect, welch, cr2 = difference_in_differences(acted, others), MADE["welch_changes"], MADE["clustered_changes"]
    assert effect.estimate == pytest.approx(welch["estimate"])
    assert effect.error == pytest.approx(welch["error"])
    assert effect.error == pytest.approx(cr2["error"])
    assert effect.df == pytest.approx(min(welch["df"], cr2["df"]))


@pytest.fixture
def shops():
    """Answers of 40 shops, 4 to 60 a wave; people answer once."""
    rng = np.random.default_rng(11)
    table = []
    for shop in range(40):
        for late in (False, True):
            n = int(rng.integers(4, 60))
            table.append(pd.DataFrame({"shop": f"s{shop:02d}", "late": late, "value": rng.normal(size=n)}))
    return pd.concat(table, ignore_index=True)


def test_changes_are_differences_of_means_and_units_need_both_times(shops):
    shops.loc[(shops["shop"] == "s03") & shops["late"], "value"] = np.nan
    shops.loc[shops["shop"] == "s04", "shop"] = None
    table = unit_changes(shops["value"], shops["shop"], shops["late"])
    means = shops.pivot_table(index="shop", columns="late", values="value").dropna()
    assert table["unit"].tolist() == means.index.tolist()
    assert not {"s03", "s04"} & set(table["unit"])
    np.testing.assert_allclose(table["change"], means[True] - means[False])
    np.testing.assert_allclose(table["change"], table["after"] - table["before"])


def test_noise_is_the_variance_of_a_change_between_repetitions(shops):
    rng = np.random.default_rng(12)
    changes, noise = [], []
    for _ in range(150):
        shops["value"] = rng.normal(0, 1.5, len(shops))
        table = unit_changes(shops["value"], shops["shop"], shops["late"])
        changes.append(table["change"])
        noise.append(table["noise"])
    ratio = np.var(changes, axis=0, ddof=1) / np.mean(noise, axis=0)
    assert ratio.mean() == pytest.approx(1, abs=0.05)
    assert np.abs(ratio - 1).max() < 0.5


def test_weights_raise_the_noise_and_move_the_means(shops):
    weights = np.random.default_rng(13).choice([0.0, 1.0, 4.0], len(shops))
    table = unit_changes(shops["value"], shops["shop"], shops["late"], weights)
    kept = shops.assign(w=weights)[weights > 0]
    first = kept[(kept["shop"] == "s00") & kept["late"]]
    assert table["after"].iloc[0] == pytest.approx(np.average(first["value"], weights=first["w"]))
    assert table["n_after"].iloc[0] == len(first)
    assert table["noise"].mean() > unit_changes(kept["value"], kept["shop"], kept["late"])["noise"].mean()


def test_people_who_answer_twice_make_a_change_less_noisy():
    rng = np.random.default_rng(14)
    units = np.tile(np.repeat(np.arange(12), 20), 2)
    late, people = np.repeat([False, True], 240), np.tile(np.arange(240), 2)
    level = np.tile(rng.normal(size=240), 2)
    value = level + 0.5 * rng.normal(size=480)
    apart, same = (unit_changes(value, units, late, people=given)["noise"].mean() for given in (None, people))
    assert apart == pytest.approx(2 * 1.25 / 20, rel=0.15)
    assert same == pytest.approx(2 * 0.25 / 20, rel=0.25)


def test_noise_of_people_told_answer_by_answer():
    """People by name, some unknown, some twice in a wave (the last answer counts), some in another unit later."""
    rng = np.random.default_rng(16)
    size = 200
    units, late = rng.integers(0, 4, size), rng.random(size) < 0.5
    people = [None if number > 60 else f"p{number}" for number in rng.integers(0, 70, size)]
    value, weight = rng.normal(3, 1, size), rng.uniform(0.5, 2, size)
    table = unit_changes(value, [f"u{unit}" for unit in units], late, weight, people)
    apart = unit_changes(value, [f"u{unit}" for unit in units], late, weight)

    cells = {cell: (units == cell[0]) & (late == cell[1]) for cell in product(range(4), (False, True))}
    mean = {cell: np.average(value[here], weights=weight[here]) for cell, here in cells.items()}
    total = {cell: weight[here].sum() for cell, here in cells.items()}
    last = {(units[row], people[row], late[row]): row for row in range(size) if people[row] is not None}
    pairs = [(row, last[unit, who, True]) for (unit, who, after), row in last.items()
             if not after and (unit, who, True) in last]  # fmt: skip
    away = [value[row] - mean[units[row], late[row]] for row in range(size)]
    together = sum(away[one] * away[two] for one, two in pairs) / (len(pairs) - len({units[one] for one, _ in pairs}))
    shared = np.zeros(4)
    for one, two in pairs:
        shared[units[one]] += weight[one] * weight[two] / total[units[one], False] / total[units[one], True] * together
    assert len(pairs) > 10
    assert table["noise"].to_numpy() == pytest.approx(np.maximum(apart["noise"] - 2 * shared, 0))
    assert table["unit"].tolist() == ["u0", "u1", "u2", "u3"]


@pytest.mark.parametrize("empty", [[], [np.nan, np.nan]])
def test_no_answers_give_an_empty_table(empty):
    table = unit_changes(empty, [1] * len(empty), [True] * len(empty))
    assert table.empty
    assert difference_in_differences(table, table).reason == "no_overlap"


def test_units_with_few_answers_weigh_less_and_like_units_alike():
    rng = np.random.default_rng(15)
    changes, noise = rng.normal(0, 0.2, 30), np.full(30, 0.02)
    assert unit_weights(changes, noise) == pytest.approx(np.ones(30))
    noise[:3] = 1.0
    weights = unit_weights(changes, noise)
    assert weights[:3].max() < 0.2 * weights[3:].min()
    assert weights.mean() == pytest.approx(1)


def test_weighing_units_shortens_the_interval_and_keeps_its_level():
    rng = np.random.default_rng(16)
    hits, weighed, plain = [], [], []
    for _ in range(300):
        answers = rng.choice([3, 30, 90], 30)
        noise = 2 / answers
        table = pd.DataFrame({"change": 0.1 * rng.normal(size=30) + np.sqrt(noise) * rng.normal(size=30)})
        table = table.assign(noise=noise, n_before=answers, n_after=answers)
        effect = difference_in_differences(table[:12], table[12:])
        hits.append(effect.low <= 0 <= effect.high)
        weighed.append(effect.error)
        plain.append(difference_in_differences(table["change"][:12], table["change"][12:]).error)
    assert 0.92 < np.mean(hits) < 0.98
    assert np.median(weighed) < 0.6 * np.median(plain)


@pytest.mark.parametrize(
    ("acted", "others", "drawn", "inference"),
    [
        (2, 10, False, "permutation"),
        (4, 30, False, "permutation"),
        (5, 5, False, "cluster"),
        (30, 5, False, "cluster"),
        (25, 25, False, "cluster"),
        (8, 8, True, "randomisation"),
        (30, 30, True, "randomisation"),
    ],
)
def test_the_inference_goes_by_the_number_of_units(acted, others, drawn, inference):
    rng = np.random.default_rng(17)
    effect = difference_in_differences(rng.normal(size=acted), rng.normal(size=others), drawn=drawn)
    assert effect.inference == inference
    assert effect.low < effect.estimate < effect.high
    assert (effect.p < 0.05) == (not effect.low <= 0 <= effect.high)


def test_too_few_units_give_an_estimate_and_a_reason():
    effect = difference_in_differences([1.0, 2, 3], [0.1, 0.2, 0.4])
    assert effect.reason == "few_units"
    assert (effect.low, effect.high) == (-inf, inf)
    assert effect.smallest_p == pytest.approx(0.1)
    assert effect.estimate == pytest.approx(2 - 0.7 / 3)
    assert difference_in_differences([1.0], [0.1, 0.2]).reason == "one_unit"
    assert difference_in_differences([1.0, 2.0], [np.nan]).reason == "no_overlap"
    for inference in ("cluster", "permutation", "wild"):
        assert difference_in_differences([1.0] * 5, [0.0] * 5, inference=inference).reason == "constant"


def test_a_drawn_action_is_analysed_as_drawn():
    rng = np.random.default_rng(18)
    pairs = np.array(list(product([True, False], repeat=7)))
    redraws = np.concatenate([pairs, ~pairs], axis=1)
    level = rng.normal(0, 3, 7)
    acted, others = level + 0.5 + 0.1 * rng.normal(size=7), level + 0.1 * rng.normal(size=7)
    as_drawn = difference_in_differences(acted, others, drawn=True, redraws=redraws)
    any_seven = difference_in_differences(acted, others, drawn=True)
    assert as_drawn.inference == any_seven.inference == "randomisation"
    assert as_drawn.smallest_p == 2 / 128
    assert any_seven.smallest_p == pytest.approx(2 / 3432)


def test_a_random_roll_out_covers_its_true_effect_also_where_effects_vary():
    rng, ways = np.random.default_rng(19), choices(16, 8, most=2000)
    hits = []
    for _ in range(250):
        effects = rng.normal(0.3, 0.2, 16)
        drawn = rng.permutation(16) < 8
        changes = rng.normal(0, 0.3, 16) + effects * drawn
        effect = difference_in_differences(changes[drawn], changes[~drawn], drawn=True, redraws=ways)
        hits.append(effect.low <= effects.mean() <= effect.high)
    assert np.mean(hits) > 0.92


def test_answers_of_people_acted_on_need_no_units():
    rng = np.random.default_rng(20)
    acted, late = rng.random(900) < 0.4, rng.random(900) < 0.5
    value = rng.normal(size=900) + 0.5 * acted + 0.4 * (acted & late)
    effect = cell_difference_in_differences(value, acted, late)
    cells = [value[(acted == a) & (late == b)] for a in (False, True) for b in (False, True)]
    error = sqrt(sum(cell.var(ddof=1) / len(cell) for cell in cells))
    assert effect.error == pytest.approx(error)
    assert effect.inference == "welch"
    assert effect.low < 0.4 < effect.high
    assert cell_difference_in_differences([1, 2, 3], [1, 1, 0], [0, 1, 1]).reason == "few"
    flat = cell_difference_in_differences(np.ones(8), np.arange(8) < 4, np.arange(8) % 2)
    assert flat.reason == "constant"


def test_the_lasting_error_is_what_units_differ_by():
    rng = np.random.default_rng(21)
    noise = np.full(60, 0.01)
    tables = [
        pd.DataFrame({"change": rng.normal(0, s, 60), "noise": noise, "n_before": 9, "n_after": 9})
        for s in (sqrt(0.04 + 0.01), sqrt(0.01))
    ]
    assert lasting_error(tables[0][:30], tables[0][30:]) == pytest.approx(0.2 * sqrt(2 / 30), rel=0.25)
    assert lasting_error(tables[1][:30], tables[1][30:]) < 0.1 * sqrt(2 / 30)


def test_t_effects_without_an_error_say_why():
    assert t_effect("did", "cluster", float("nan"), 1.0, 5, n=3).reason == "few"
    assert t_effect("did", "cluster", 1.0, float("nan"), 5, n=3).reason == "few"
    assert t_effect("did", "cluster", 1.0, 0.0, float("nan"), n=3).reason == "constant"
    assert t_effect("did", "cluster", 1.0, 0.5, inf, n=3).low == pytest.approx(1 - 1.959964 * 0.5)
