"""Contrasts of cell means: equal to full matrices in R, and to sandwich."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cxlib.stats.clustered import cell_contrast
from cxlib.stats.regression import least_squares
from cxlib.stats.unit_changes import cell_difference_in_differences

HERE = Path(__file__).resolve().parents[1]
MADE = json.loads((HERE / "reference" / "r" / "two_waves.json").read_text(encoding="utf-8"))
CHICKS = pd.DataFrame(MADE["chicks"])
LATE = (CHICKS["Time"] == 10).to_numpy(dtype=int)
CHANGE = np.array([-1.0, 1.0])


def agrees(part, expected):
    np.testing.assert_allclose(part.estimate, expected["estimate"], rtol=1e-10)
    np.testing.assert_allclose(part.error, expected["error"], rtol=1e-9)
    np.testing.assert_allclose(part.df, expected["df"], rtol=1e-9)


@pytest.mark.parametrize(
    ("name", "clusters", "weights"),
    [
        ("clustered_waves", CHICKS["Chick"], None),
        ("clustered_weighted", CHICKS["Chick"], MADE["weight"]),
        ("clustered_by_diet", CHICKS["Diet"] * 100 + CHICKS["Chick"] % 3, None),
    ],
)
def test_errors_and_degrees_of_freedom_equal_cr2_with_full_matrices(name, clusters, weights):
    part = cell_contrast(CHICKS["weight"].to_numpy(), LATE, CHANGE, clusters=clusters.to_numpy(), weights=weights)
    agrees(part, MADE[name])


@pytest.mark.parametrize("weighted", [False, True])
def test_unit_changes_equal_cr2_with_full_matrices(weighted):
    changes = pd.DataFrame(MADE["changes"]).query("diet in (1, 3)")
    weights = (1 + changes["chick"] % 4).to_numpy(float) if weighted else None
    part = cell_contrast(
        changes["change"].to_numpy(),
        (changes["diet"] == 3).to_numpy(int),
        CHANGE,
        clusters=changes["chick"].to_numpy(),
        weights=weights,
    )
    agrees(part, MADE["weighted_changes" if weighted else "clustered_changes"])


def test_without_clusters_it_is_welch():
    agrees(cell_contrast(CHICKS["weight"].to_numpy(), LATE, CHANGE), MADE["welch_waves"])


def test_four_cells_of_people_in_units_equal_cr2_with_full_matrices():
    few = CHICKS[CHICKS["Diet"].isin([1, 3])]
    effect = cell_difference_in_differences(
        few["weight"], few["Diet"] == 3, few["Time"] == 10, units=few["Chick"].to_numpy()
    )
    agrees(effect, MADE["four_cells"])
    assert effect.units == (10, 20)
    assert effect.inference == "cluster"


def test_the_plain_cluster_robust_path_equals_sandwich_hc1(reference):
    case, bank = reference.case("did_regression_cluster_se"), reference.data("did_bank")
    names = list(case["expected"]["coef"])
    design = np.column_stack([np.ones(len(bank)), bank["treat"], bank["post"], bank["treat"] * bank["post"]])
    fit = least_squares(design, bank["loy4"].to_numpy(), clusters=bank["store"].to_numpy(dtype=int))
    errors = np.sqrt(np.diag(fit.covariance))
    for place, name in enumerate(names):
        assert fit.coefficients[place] == pytest.approx(case["expected"]["coef"][name], abs=case["tolerance"])
        assert errors[place] == pytest.approx(case["expected"]["cl_se"][name], abs=case["tolerance"])
    effect = cell_difference_in_differences(bank["loy4"], bank["treat"], bank["post"], units=bank["store"])
    assert effect.estimate == pytest.approx(case["expected"]["coef"]["treat:post"], abs=case["tolerance"])
    # the bias-reduced error is larger than HC1 with few stores, and rests on few degrees of freedom
    assert effect.error > case["expected"]["cl_se"]["treat:post"]
    assert effect.df < bank["store"].nunique()


def test_weights_only_count_by_their_ratios_and_doubling_an_answer_is_a_weight_of_two():
    values, cells = np.array([1.0, 4, 2, 5, 3, 3]), np.array([0, 0, 0, 1, 1, 1])
    weights = np.array([1.0, 2, 1, 2, 1, 1])
    first = cell_contrast(values, cells, CHANGE, weights=weights)
    again = cell_contrast(values, cells, CHANGE, weights=7 * weights)
    assert first.error == pytest.approx(again.error)
    assert first.df == pytest.approx(again.df)
    twice = cell_contrast(np.append(values, [4, 5]), np.append(cells, [0, 1]), CHANGE)
    assert first.estimate == pytest.approx(twice.estimate)


@pytest.mark.parametrize("cells", [[0, 0, 0, 0], [0, 0, 0, 1]])
def test_empty_and_lonely_cells_have_no_error(cells):
    part = cell_contrast(np.array([1.0, 2, 3, 4]), np.array(cells), CHANGE)
    assert np.isnan(part.error)


def test_a_missing_unit_stands_for_itself():
    rng = np.random.default_rng(2)
    values, cells = rng.normal(size=40), np.arange(40) % 2
    units = pd.Series(np.arange(40) // 4).astype(object)
    units[[3, 17]] = None
    named = units.copy()
    named[3], named[17] = "a", "b"
    first = cell_contrast(values, cells, CHANGE, clusters=units.to_numpy())
    again = cell_contrast(values, cells, CHANGE, clusters=named.to_numpy())
    assert (first.error, first.df) == (pytest.approx(again.error), pytest.approx(again.df))
    assert first.clusters == again.clusters == 12
