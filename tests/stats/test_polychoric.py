"""Polychoric and polyserial correlations, held against polycor, psych, MASS and mvtnorm."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from scipy import special
from scipy import stats as distributions

from cxlib.stats.binormal import binormal
from cxlib.stats.ordinal import ordinal_association, stack_pairs
from cxlib.stats.polychoric import LIMIT, _cuts, _far_from_perfect, _Model, polychoric
from cxlib.stats.polyserial import polyserial
from cxlib.stats.tables import cross_tables

CASES = ["housing", "wine", "bfi", "bfi_reversed", "gears", "two_by_two"]
# psych::polychoric(bfi[, 1:5], correct=0) of psych 2.2.9; its thresholds come from all answers to an item
PSYCH_BFI = {"bfi": 0.555450998316547, "bfi_reversed": -0.408463791129063}


@pytest.fixture(scope="module")
def reference(root):
    return json.loads((root / "tests/reference/r/polychoric.json").read_text())


def surveys(rho, size, number, seed, cuts=(-1.2, -0.4, 0.5)):
    """Tables of answers whose leanings correlate by rho."""
    edges = np.array([-np.inf, *cuts, np.inf])
    chances = np.diff(np.diff(binormal(edges[:, None], edges, rho), axis=0), axis=1)
    drawn = np.random.default_rng(seed).multinomial(size, chances.ravel(), size=number)
    return drawn.reshape(number, len(cuts) + 1, -1)


class TestBinormal:
    def test_against_mvtnorm(self, reference):
        grid = reference["normal"]
        assert binormal(grid["h"], grid["k"], grid["rho"]) == pytest.approx(np.array(grid["p"]), abs=2e-15)

    def test_limits_at_infinity_and_zero(self):
        assert binormal(np.inf, 0.3, 0.4) == pytest.approx(special.ndtr(0.3), abs=1e-15)
        assert binormal(-np.inf, 0.3, 0.4) == 0
        assert binormal(0, 0, -0.5) == pytest.approx(1 / 6, abs=1e-15)
        for h, k in ((0, 1.0), (0, -1.0), (1e-12, 1.0), (-1e-12, -1.0)):
            assert binormal(h, k, 0.6) == pytest.approx(binormal(k, h, 0.6), abs=1e-12)


@pytest.mark.parametrize("name", CASES)
class TestAgainstR:
    def test_two_step_is_polycors_and_psychs(self, reference, name):
        case = reference["cases"][name]
        found = polychoric(case["table"])
        assert found.estimate == pytest.approx(case["two_step"], abs=1e-5)  # R searches to about 1e-5
        assert found.estimate == pytest.approx(case["two_step_psych"], abs=2e-5)

    def test_maximum_likelihood_is_polycors(self, reference, name):
        case = reference["cases"][name]
        found = polychoric(case["table"], maximum_likelihood=True)
        assert found.estimate == pytest.approx(case["ml"], abs=1e-6)
        # expected information here, observed there
        assert found.error == pytest.approx(case["ml_se"], rel=0.03)

    def test_misfit_is_polycors(self, reference, name):
        case = reference["cases"][name]
        found = polychoric(case["table"], maximum_likelihood=True)
        if case["df"] < 1:
            assert np.isnan(found.misfit_p)
        else:
            assert found.misfit_p == pytest.approx(distributions.chi2.sf(case["chisq"], case["df"]), rel=2e-3)


@pytest.mark.parametrize(("name", "expected"), PSYCH_BFI.items())
def test_published_values_of_bfi(reference, name, expected):
    assert polychoric(reference["cases"][name]["table"]).estimate == pytest.approx(expected, abs=2e-3)


class TestErrors:
    @pytest.mark.parametrize("name", ["housing", "bfi", "bfi_reversed"])
    def test_two_step_error_is_that_of_moving_weight_from_cell_to_cell(self, reference, name):
        table = np.array(reference["cases"][name]["table"], dtype=float)
        shares, step = table / table.sum(), 1e-6
        moved = np.array([shares + sign * step * (unit - shares) for unit in units(shares) for sign in (1, -1)])
        found = polychoric(np.maximum(moved, 0) * table.sum()).estimate
        influence = (found[::2] - found[1::2]) / (2 * step)
        jackknife = np.sqrt((shares.ravel() * influence**2).sum() / table.sum())
        # the slope's own rate of change is taken from the model; bfi does not follow it
        assert polychoric(table).error == pytest.approx(jackknife, rel=0.02)

    @pytest.mark.parametrize("rho", [0.0, 0.5, -0.8])
    @pytest.mark.parametrize("maximum_likelihood", [False, True])
    def test_error_is_the_spread_over_many_surveys(self, rho, maximum_likelihood):
        found = polychoric(surveys(rho, 500, 1500, seed=1), maximum_likelihood=maximum_likelihood)
        assert (found.reason == "").all()
        assert found.estimate.mean() == pytest.approx(rho, abs=0.006)
        assert found.error.mean() == pytest.approx(found.estimate.std(), rel=0.06)
        assert ((found.low <= rho) & (rho <= found.high)).mean() == pytest.approx(0.95, abs=0.017)

    def test_misfit_p_is_even_when_leanings_are_normal(self):
        found = polychoric(surveys(0.4, 800, 1500, seed=2), maximum_likelihood=True)
        assert (found.misfit_p < 0.05).mean() == pytest.approx(0.05, abs=0.018)

    def test_weights_count_by_their_effective_number(self):
        table = np.array([[20.0, 10, 4], [10, 30, 12], [3, 9, 25]])
        whole, half = polychoric(table), polychoric(table * 7, n_effective=table.sum() / 2)
        assert half.estimate == pytest.approx(whole.estimate, abs=1e-9)
        assert half.error == pytest.approx(whole.error * np.sqrt(2), rel=1e-6)


def units(shares):
    return np.eye(shares.size).reshape(-1, *shares.shape)


class TestInvariance:
    @pytest.mark.parametrize("maximum_likelihood", [False, True])
    def test_turned_swapped_and_padded_tables(self, maximum_likelihood):
        table = np.array([[14, 9, 3, 1], [6, 20, 11, 4], [2, 7, 16, 18]])
        padded = np.insert(np.insert(table, 2, 0, axis=1), [0, 3], 0, axis=0)
        one, turned, swapped, wide = (
            polychoric(counts, maximum_likelihood=maximum_likelihood)
            for counts in (table, table[::-1], table.T, padded)
        )
        assert [turned.estimate, turned.error] == pytest.approx([-one.estimate, one.error], abs=1e-8)
        assert [swapped.estimate, swapped.error] == pytest.approx([one.estimate, one.error], abs=1e-8)
        assert [wide.estimate, wide.error, wide.misfit_p] == pytest.approx(
            [one.estimate, one.error, one.misfit_p], abs=1e-8
        )

    @pytest.mark.parametrize("maximum_likelihood", [False, True])
    def test_a_stack_is_its_tables_one_by_one(self, maximum_likelihood):
        stack = surveys(0.7, 60, 12, seed=3).reshape(3, 4, 4, 4)
        whole = polychoric(stack, maximum_likelihood=maximum_likelihood)
        for place in np.ndindex(3, 4):
            one = polychoric(stack[place], maximum_likelihood=maximum_likelihood)
            assert [whole.estimate[place], whole.error[place]] == pytest.approx([one.estimate, one.error], abs=1e-8)

    def test_two_by_two_at_the_medians_has_a_closed_form(self):
        # cut at the medians, the share of agreement is 1/2 + asin(rho) / pi
        found = polychoric([[40, 10], [10, 40]])
        assert found.estimate == pytest.approx(np.sin(np.pi * (0.8 - 0.5)), abs=1e-9)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("maximum_likelihood", [False, True])
@pytest.mark.parametrize(
    ("table", "reason", "estimate"),
    [
        (np.zeros((3, 3)), "all_missing", np.nan),
        ([[1, 0], [1, 1]], "too_few", np.nan),
        ([[5, 9, 4], [0, 0, 0]], "constant", np.nan),
        ([[6, 0, 0], [0, 4, 0], [0, 0, 9]], "perfect", 1.0),
        ([[0, 6], [7, 0]], "perfect", -1.0),
        ([[12, 0], [5, 8]], "perfect", 1.0),
    ],
)
def test_tables_that_say_nothing_say_why(maximum_likelihood, table, reason, estimate):
    found = polychoric(table, maximum_likelihood=maximum_likelihood)
    assert found.reason == reason
    assert found.estimate == pytest.approx(estimate, nan_ok=True)
    assert np.isnan([found.error, found.low, found.high, found.p, found.misfit_p]).all()


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("maximum_likelihood", [False, True])
def test_one_answer_against_the_grain_is_never_called_perfect(maximum_likelihood):
    milder = np.diag([40, 30, 30, 40]) + 3
    found = polychoric(milder, maximum_likelihood=maximum_likelihood)
    assert found.reason == ""
    assert 0.6 < found.estimate < 0.9
    # next to impossible under a strong correlation: its probability cannot be told from nothing
    extreme = np.diag([400, 300, 300, 400])
    extreme[0, 3] = 1
    found = polychoric(extreme, maximum_likelihood=maximum_likelihood)
    assert found.reason == "not_converged"
    assert np.isnan([found.estimate, found.error, found.low, found.p]).all()


@pytest.mark.filterwarnings("error")
def test_sparse_tables_make_no_noise():
    stack = np.random.default_rng(4).multinomial(12, np.full(30, 1 / 30), size=400).reshape(-1, 6, 5)
    for maximum_likelihood in (False, True):
        found = polychoric(stack, maximum_likelihood=maximum_likelihood)
        fine = found.reason == ""
        assert fine.mean() > 0.9
        assert np.isfinite(found.error[fine]).all()
        assert set(found.reason) <= {"", "perfect", "constant", "not_converged"}


def test_a_stack_of_pairs_equals_each_pair_by_itself():
    rng = np.random.default_rng(5)
    leaning = rng.standard_normal((2000, 1)) * 0.8 + rng.standard_normal((2000, 30)) * 0.6
    answers = pd.DataFrame(np.digitize(leaning, [-1.4, -0.7, 0.1, 1.0]) + 1, columns=[f"q{i}" for i in range(30)])
    tables = cross_tables(answers)
    pairs, counts, _, n = stack_pairs(tables, None)
    together = polychoric(counts, n_effective=n)
    assert len(pairs) == 435
    assert together.estimate == pytest.approx(0.64, abs=0.06)
    for place in (0, 100, 434):
        alone = polychoric(tables.block(*pairs[place]))
        for name in ("estimate", "error", "low", "high", "p", "misfit_p"):
            assert getattr(together, name)[place] == pytest.approx(getattr(alone, name), rel=1e-9), name
    spearman = ordinal_association(tables.block("q0", "q1"), "spearman").estimate
    assert together.estimate[0] > spearman  # coarse answers weaken a rank correlation


class TestPolyserial:
    @pytest.mark.parametrize("name", ["mpg_gear", "mpg_carb", "qsec_cyl", "weight_feed"])
    def test_against_polycor_and_probit(self, reference, name):
        case = reference["serial"][name]
        n = case["n"]
        found = polyserial(case["x"], case["y"], maximum_likelihood=True)
        assert found.estimate == pytest.approx(case["probit_rho"], abs=1e-7)
        # expected information here, observed there; n is 32
        assert found.error == pytest.approx(case["probit_se"], rel=0.03)
        # polycor divides x by its standard deviation with n - 1
        slope = found.estimate / np.sqrt(1 - found.estimate**2) * np.sqrt(n / (n - 1))
        assert slope / np.sqrt(1 + slope**2) == pytest.approx(case["polycor_ml"], abs=3e-3)
        assert polyserial(case["x"], case["y"]).estimate == pytest.approx(case["two_step"], abs=0.007)

    @pytest.mark.parametrize("maximum_likelihood", [False, True])
    def test_error_is_the_spread_over_many_surveys(self, maximum_likelihood):
        rng, found = np.random.default_rng(6), []
        for _ in range(250):
            x = rng.standard_normal(200)
            y = np.digitize(0.6 * x + 0.8 * rng.standard_normal(200), [-1, 0, 0.8])
            found.append(polyserial(x * 5 + 40, y, maximum_likelihood=maximum_likelihood))
        estimates = np.array([one.estimate for one in found])
        assert estimates.mean() == pytest.approx(0.6, abs=0.01)
        assert np.mean([one.error for one in found]) == pytest.approx(estimates.std(), rel=0.12)
        assert np.mean([one.low <= 0.6 <= one.high for one in found]) == pytest.approx(0.95, abs=0.035)

    def test_whole_weights_are_repeated_people(self):
        rng = np.random.default_rng(7)
        x, weights = rng.standard_normal(60), rng.integers(1, 4, 60)
        y = np.digitize(x + rng.standard_normal(60), [-0.5, 0.7])
        for maximum_likelihood in (False, True):
            one = polyserial(x, y, weights=weights, maximum_likelihood=maximum_likelihood)
            two = polyserial(np.repeat(x, weights), np.repeat(y, weights), maximum_likelihood=maximum_likelihood)
            assert one.estimate == pytest.approx(two.estimate, abs=1e-9)
            assert one.error * np.sqrt(one.n) == pytest.approx(two.error * np.sqrt(two.n), rel=1e-6)

    @pytest.mark.filterwarnings("error")
    @pytest.mark.parametrize(
        ("x", "y", "reason"),
        [
            ([], [], "all_missing"),
            ([np.nan, 1.0], [1, np.nan], "all_missing"),
            ([1.0, 2, 3], [1, 2, 1], "too_few"),
            ([1.0, 2, 3, 5], [2, 2, 2, 2], "constant"),
            ([1.0, 1, 1, 1], [1, 2, 2, 3], "constant"),
            ([1.0, 2, 3, 4, 5, 6, 7, 8], [1, 1, 1, 1, 2, 2, 2, 2], "perfect"),
        ],
    )
    def test_answers_that_say_nothing_say_why(self, x, y, reason):
        for maximum_likelihood in (False, True):
            found = polyserial(x, y, maximum_likelihood=maximum_likelihood)
            assert found.reason == reason
            assert np.isnan([found.low, found.high, found.p, found.error]).all()


def test_tables_far_from_perfect_are_told_without_their_probabilities():
    rng = np.random.default_rng(5)
    counts = rng.integers(0, 4, (400, 3, 4)) * (rng.random((400, 3, 4)) < 0.5)
    counts[:100] = np.eye(3, 4) * rng.integers(1, 30, (100, 3, 1))  # perfect, or nearly
    counts[50:100, 0, 1] = 1
    counts = counts[((counts.sum(axis=2) > 0).sum(axis=1) > 1) & ((counts.sum(axis=1) > 0).sum(axis=1) > 1)]
    shares = counts / counts.sum(axis=(1, 2), keepdims=True)
    model = _Model(shares, _cuts(shares.sum(axis=2)), _cuts(shares.sum(axis=1)))
    for side in (-1.0, 1.0):
        far = _far_from_perfect(model, side)
        slope, _ = model.at(np.full(len(shares), side * LIMIT)).slope()
        assert (side * slope[far] < 0).all()
        assert 0.2 < far.mean() < 1


def test_a_stack_is_its_tables_one_by_one():
    counts = surveys(0.6, 80, 40, seed=6)
    counts[:5] = np.diag([20, 20, 20, 20])
    counts[5:9, 1:] = 0
    stack = polychoric(np.pad(counts, ((0, 0), (0, 1), (0, 2))))  # with empty levels
    for place, table in enumerate(counts):
        alone = polychoric(table)
        assert stack.reason[place] == alone.reason
        for name in ("estimate", "error", "low", "high", "p", "misfit_p"):
            np.testing.assert_allclose(getattr(stack, name)[place], getattr(alone, name), rtol=1e-9)
