"""The bar for ratings that only share the common mood."""

import numpy as np
import pytest

from cxlib.drivers.mood import kept_by_mood
from cxlib.stats.adjusted import partial_correlations


def matrix_of(loadings, mood, own):
    """Correlations of ratings with these loadings and an outcome = mood + own parts of the ratings + noise."""
    loadings, own = np.asarray(loadings, dtype=float), np.asarray(own, dtype=float)
    ratings = np.outer(loadings, loadings) + np.diag(1 - loadings**2)
    with_outcome = mood * loadings + ratings @ own
    variance = mood**2 + own @ ratings @ own + 2 * mood * loadings @ own + 1
    size = len(loadings) + 1
    whole = np.eye(size)
    whole[:-1, :-1] = ratings
    whole[:-1, -1] = whole[-1, :-1] = with_outcome / np.sqrt(variance)
    return whole


def draws(matrix, n=2000, times=400, seed=1):
    """Correlation matrices of samples of n people."""
    rng = np.random.default_rng(seed)
    root = np.linalg.cholesky(matrix)
    return np.array([np.corrcoef(rng.standard_normal((n, len(matrix))) @ root.T, rowvar=False) for _ in range(times)])


LOADINGS = np.array([0.8, 0.75, 0.7, 0.7, 0.65, 0.65, 0.6, 0.55])


def test_a_mood_alone_leaves_exactly_what_is_expected():
    matrix = matrix_of(LOADINGS, 0.6, np.zeros(8))
    kept = kept_by_mood(matrix, np.repeat(matrix[None], 300, axis=0))
    np.testing.assert_allclose(kept, partial_correlations(matrix), rtol=1e-3)


def test_one_that_has_a_part_of_its_own_stands_above_it():
    own = np.array([0.3, 0, 0, 0, 0, 0, 0.3, 0])
    matrix = matrix_of(LOADINGS, 0.6, own)
    kept = kept_by_mood(matrix, draws(matrix))
    partial = partial_correlations(matrix)
    assert (partial[own > 0] > kept[own > 0] + 0.05).all()
    assert (partial[own == 0] < kept[own == 0] + 0.03).all()


def test_without_a_mood_the_bar_is_nothing():
    matrix = matrix_of(LOADINGS, 0.0, [0.3, 0, 0.2, 0, 0, 0, 0.3, 0])
    assert (kept_by_mood(matrix, draws(matrix)) == 0).all()


def test_a_turned_outcome_gives_the_same_bar():
    matrix = matrix_of(LOADINGS, 0.6, np.zeros(8))
    turned = matrix * np.where(np.arange(9) == 8, -1, 1) * np.where(np.arange(9) == 8, -1, 1)[:, None]
    stack = draws(matrix)
    other = stack * np.where(np.arange(9) == 8, -1, 1) * np.where(np.arange(9) == 8, -1, 1)[:, None]
    np.testing.assert_allclose(kept_by_mood(matrix, stack), kept_by_mood(turned, other), rtol=1e-9)


@pytest.mark.parametrize("loadings", [[0.8, 0.7, 0.6], [0.1] * 6])
def test_too_few_ratings_or_none_that_share_a_mood(loadings):
    matrix = matrix_of(loadings, 0.5, np.zeros(len(loadings)))
    assert np.isnan(kept_by_mood(matrix, draws(matrix, times=20))).all()
