"""Penalty-reward contrasts and the regression behind them, against statsmodels."""

import numpy as np
import pytest
import statsmodels.api as sm

from cxlib.stats.regression import least_squares
from cxlib.stats.shape import penalty_reward, rating_thirds


def planted(effect, n=3000, seed=1):
    """Ratings of three factors with a halo; the first one changes the outcome by `effect`, the second one steadily."""
    rng = np.random.default_rng(seed)
    felt = 3.1 + rng.standard_normal((n, 3)) + 0.7 * rng.standard_normal((n, 1))
    ratings = np.clip(np.rint(felt), 1, 5)
    outcome = effect(ratings[:, 0]) + 0.5 * ratings[:, 1] + rng.standard_normal(n)
    return outcome, ratings


@pytest.mark.parametrize(
    ("kind", "effect"),
    [
        ("hurts_when_fails", lambda x: -1.2 * (x < 3)),
        ("delights", lambda x: 1.2 * (x > 3)),
        ("every_step", lambda x: 0.5 * x),
        ("flat", lambda x: 0.0 * x),
    ],
)
def test_the_planted_shape_is_found_and_the_other_factors_keep_theirs(kind, effect):
    outcome, ratings = planted(effect)
    first, second, third = penalty_reward(outcome, ratings, [(1, 5)] * 3)
    assert first.kind == kind
    assert second.kind == "every_step"
    assert third.kind == "flat"
    assert first.penalty_low < first.penalty < first.penalty_high


def test_sizes_are_points_of_the_outcome():
    outcome, ratings = planted(lambda x: -1.2 * (x < 3), n=20000)
    found = penalty_reward(outcome, ratings, [(1, 5)] * 3)[0]
    assert found.penalty == pytest.approx(-1.2, abs=0.1)
    assert found.reward == pytest.approx(0, abs=0.1)


def test_missing_ratings_of_one_factor_do_not_cost_the_person():
    outcome, ratings = planted(lambda x: -1.2 * (x < 3))
    ratings[::3, 2] = np.nan
    found = penalty_reward(outcome, ratings, [(1, 5)] * 3)
    assert found[0].kind == "hurts_when_fails"
    whole = penalty_reward(*planted(lambda x: -1.2 * (x < 3)), [(1, 5)] * 3)
    assert found[0].penalty == pytest.approx(whole[0].penalty, abs=0.05)


def test_too_few_low_ratings_are_unclear():
    outcome, ratings = planted(lambda x: x)
    ratings[:, 0] = np.maximum(ratings[:, 0], 3)
    ratings[:4, 0] = 1
    found = penalty_reward(outcome, ratings, [(1, 5)] * 3)[0]
    assert found.kind == "unclear"
    assert np.isnan(found.penalty)
    assert np.isfinite(found.reward)


def test_more_marks_than_people_are_unclear():
    rng = np.random.default_rng(1)
    found = penalty_reward(rng.standard_normal(6), rng.integers(1, 6, (6, 8)).astype(float), [(1, 5)] * 8)
    assert {shape.kind for shape in found} == {"unclear"}


@pytest.mark.parametrize(
    ("scale", "low", "middle"),
    [((1, 5), [1, 2], [3]), ((1, 4), [1], [2, 3]), ((0, 10), [0, 1, 2, 3], [4, 5, 6]), ((1, 7), [1, 2], [3, 4, 5])],
)
def test_the_middle_of_a_scale(scale, low, middle):
    answers = np.arange(scale[0], scale[1] + 1.0)
    below, above, _ = rating_thirds(answers, scale)
    assert answers[below].tolist() == low
    assert answers[~below & ~above].tolist() == middle


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("clustered", [False, True])
def test_least_squares_equals_statsmodels(weighted, clustered):
    rng = np.random.default_rng(2)
    n = 200
    design = np.column_stack([np.ones(n), rng.standard_normal((n, 3))])
    outcome = design @ [1, 2, 0, -1] + rng.standard_normal(n) * (1 + np.abs(design[:, 1]))
    weights = rng.uniform(0.3, 2, n) if weighted else None
    clusters = rng.integers(0, 15, n) if clustered else None
    found = least_squares(design, outcome, weights=weights, clusters=clusters)
    model = sm.WLS(outcome, design, weights=np.ones(n) if weights is None else weights)
    options = {"cov_type": "cluster", "cov_kwds": {"groups": clusters}} if clustered else {"cov_type": "HC1"}
    expected = model.fit(**options)
    np.testing.assert_allclose(found.coefficients, expected.params, atol=1e-9)
    np.testing.assert_allclose(found.covariance, expected.cov_params(), atol=1e-9)
    assert found.df == (len(np.unique(clusters)) - 1 if clustered else n - 4)


def test_columns_that_cannot_be_told_apart_get_no_number():
    rng = np.random.default_rng(3)
    x = rng.standard_normal(50)
    design = np.column_stack([np.ones(50), x, x * 2, rng.standard_normal(50)])
    found = least_squares(design, x + design[:, 3] + rng.standard_normal(50))
    assert np.isnan(found.coefficients).tolist() == [False, True, True, False]
    assert least_squares(np.eye(3), np.ones(3)) is None


def test_the_certainty_of_a_class_grows_with_the_people_and_says_how_often_it_comes_again():
    """Of new surveys like it, the class comes out about as often as `sure` says on average."""
    rng = np.random.default_rng(11)

    def survey(n):
        x = np.clip(np.rint(3.2 + 1.2 * rng.standard_normal((n, 2))), 1, 5)
        return 6 - 1.1 * (x[:, 0] <= 2) + 1.5 * rng.standard_normal(n), x

    found = {n: [penalty_reward(*survey(n), [(1, 5)] * 2)[0] for _ in range(40)] for n in (250, 2500)}
    hit = {n: np.mean([shape.kind == "hurts_when_fails" for shape in shapes]) for n, shapes in found.items()}
    sure = {n: np.mean([shape.sure for shape in shapes]) for n, shapes in found.items()}
    assert sure[250] < sure[2500]
    assert hit[2500] >= 0.9
    assert sure[2500] == pytest.approx(hit[2500], abs=0.12)
    assert sure[250] < 0.75


def test_nothing_to_vary_has_no_certainty():
    y, x = np.arange(12.0), np.full((12, 1), 3.0)
    assert np.isnan(penalty_reward(y, x, [(1, 5)])[0].sure)
