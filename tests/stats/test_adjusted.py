"""Partial rank correlation against R and pingouin; repair of matrices from pairwise answers."""

import numpy as np
import pandas as pd
import pingouin
import pytest

from cxlib.stats.adjusted import partial_correlations, partial_p, standardised_coefficients
from cxlib.stats.matrices import eigenvalues_above, nearest_correlation, repeated
from cxlib.stats.rank import correlations
from cxlib.stats.tables import cross_tables


def test_partial_rank_correlation_equals_ppcor(reference):
    case = reference.case("ppcor_pcor_spcor_spearman")
    data = reference.data("attitude")
    order = [*data.columns[1:], "rating"]
    found = partial_correlations(correlations(cross_tables(data[order])))
    expected = reference.matrix(case["expected"]["pcor"])[0, 1:]
    np.testing.assert_allclose(found, expected, atol=case["tolerance"])


def test_estimate_and_p_equal_pingouin_with_ties(halo):
    data = pd.DataFrame(halo, columns=list("abcdey"))
    found = partial_correlations(correlations(cross_tables(data)))
    p = partial_p(found, np.full(5, 400), 4)
    for place, name in enumerate("abcde"):
        rest = [other for other in "abcde" if other != name]
        row = pingouin.partial_corr(data, x=name, y="y", covar=rest, method="spearman").iloc[0]
        assert found[place] == pytest.approx(row["r"], abs=1e-10)
        assert p[place] == pytest.approx(row["p_val"], rel=1e-6)


def test_a_stack_gives_what_its_matrices_give(halo):
    matrix = correlations(cross_tables(pd.DataFrame(halo)))
    other = correlations(cross_tables(pd.DataFrame(halo[:200])))
    stacked = partial_correlations(np.stack([matrix, other]))
    np.testing.assert_allclose(stacked, [partial_correlations(matrix), partial_correlations(other)], atol=1e-9)


def test_coefficients_equal_least_squares_on_ranks(halo):
    ranks = pd.DataFrame(halo).rank().to_numpy()
    standard = (ranks - ranks.mean(axis=0)) / ranks.std(axis=0)
    expected = np.linalg.lstsq(standard[:, :5], standard[:, 5], rcond=None)[0]
    found = standardised_coefficients(correlations(cross_tables(pd.DataFrame(halo))))
    np.testing.assert_allclose(found, expected, atol=1e-10)


def test_factors_that_repeat_each_other_have_none_and_do_not_disturb_the_rest(halo):
    data = np.column_stack([halo[:, :5], halo[:, 1], halo[:, 5]])
    matrix = correlations(cross_tables(pd.DataFrame(data)))
    collinear, spare = repeated(matrix[:-1, :-1])
    assert collinear.tolist() == [False, True, False, False, False, True]
    assert spare.tolist() == [False] * 5 + [True]
    found = partial_correlations(matrix)
    alone = partial_correlations(correlations(cross_tables(pd.DataFrame(halo))))
    assert np.isnan(found[[1, 5]]).all()
    np.testing.assert_allclose(found[[0, 2, 3, 4]], alone[[0, 2, 3, 4]], atol=1e-9)


def test_only_impossible_matrices_are_repaired(halo):
    fine = correlations(cross_tables(pd.DataFrame(halo)))
    same, repaired = nearest_correlation(fine)
    assert not repaired
    assert same is fine or (same == fine).all()
    bad = np.array([[1, 0.9, -0.9], [0.9, 1, 0.9], [-0.9, 0.9, 1]])
    fixed, repaired = nearest_correlation(np.stack([bad, np.eye(3)]))
    assert repaired.tolist() == [True, False]
    assert np.linalg.eigvalsh(fixed[0]).min() > 0
    np.testing.assert_allclose(np.diag(fixed[0]), 1)
    np.testing.assert_array_equal(fixed[1], np.eye(3))


@pytest.mark.parametrize("limit", [-0.5, -1e-8, 0.0, 0.3])
def test_eigenvalues_above_a_limit_are_told_without_computing_them(limit):
    rng = np.random.default_rng(3)
    raw = rng.standard_normal((50, 4, 4))
    stack = np.eye(4) + 0.2 * (raw + np.swapaxes(raw, 1, 2))
    expected = np.linalg.eigvalsh(stack)[:, 0] > limit
    assert expected.any()
    np.testing.assert_array_equal(eigenvalues_above(stack, limit), expected)
    np.testing.assert_array_equal(eigenvalues_above(stack[expected], limit), True)
    assert eigenvalues_above(stack[0], limit) == expected[0]


def test_p_of_more_factors_than_people_is_missing():
    assert np.isnan(partial_p(np.array([0.5]), np.array([5]), 4)).all()
