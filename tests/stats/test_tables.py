"""Contingency tables: one pass, mergeable, exact."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxlib.stats import tables as module
from cxlib.stats.rank import correlations, resampled_correlations
from cxlib.stats.resampling import MAX_GROUPS, bootstrap_draws, resampling_groups
from cxlib.stats.tables import coarsen, code_answers, cross_tables

ANSWERS = st.lists(
    st.tuples(*[st.one_of(st.none(), st.sampled_from([1.0, 2.0, 3.0, 4.0, 7.0]))] * 3), min_size=1, max_size=40
)


def frame(rows):
    return pd.DataFrame(rows, columns=list("abc"), dtype=float)


def test_a_block_is_the_crosstab(halo):
    answers = pd.DataFrame(halo, columns=list("abcdey"))
    answers.loc[:50, "a"] = np.nan
    found = cross_tables(answers).block("a", "y")
    assert (
        found
        == pd.crosstab(answers["a"], answers["y"])
        .reindex(columns=sorted(answers["y"].unique()), fill_value=0)
        .to_numpy()
    ).all()


@settings(max_examples=60, deadline=None)
@given(ANSWERS, st.integers(0, 40))
def test_tables_of_parts_add_up_to_the_whole(rows, cut):
    whole, parts = cross_tables(frame(rows)), [frame(rows[:cut]), frame(rows[cut:])]
    merged = cross_tables(parts[0]) + cross_tables(parts[1])
    assert (merged.counts == whole.counts).all()
    assert (merged.pairs == whole.pairs).all()
    np.testing.assert_array_equal(correlations(merged), correlations(whole))


@settings(max_examples=60, deadline=None)
@given(ANSWERS)
def test_weights_of_one_equal_no_weights_and_row_order_does_not_matter(rows):
    plain = correlations(cross_tables(frame(rows)))
    np.testing.assert_allclose(correlations(cross_tables(frame(rows), weights=np.ones(len(rows)))), plain, atol=1e-12)
    np.testing.assert_array_equal(correlations(cross_tables(frame(rows[::-1]))), plain)


def test_chunks_do_not_matter(halo, monkeypatch):
    whole = cross_tables(pd.DataFrame(halo))
    groups = np.arange(400) % 7
    grouped = cross_tables(pd.DataFrame(halo), groups=groups)
    monkeypatch.setattr(module, "ROWS_AT_ONCE", 37)
    assert (cross_tables(pd.DataFrame(halo)).counts == whole.counts).all()
    assert (cross_tables(pd.DataFrame(halo), groups=groups).counts == grouped.counts).all()
    assert (grouped.total().counts == whole.counts).all()


def test_frames_coded_in_parts_give_the_same_tables(halo, monkeypatch):
    answers = pd.DataFrame(halo).sort_values(0)  # levels turn up late
    weights = np.random.default_rng(5).uniform(0.2, 3, len(answers))
    plain, weighted = cross_tables(answers), cross_tables(answers, weights=weights)
    monkeypatch.setattr(module, "ROWS_CODED", 61)
    assert (cross_tables(answers).counts == plain.counts).all()
    assert (cross_tables(answers).pairs == plain.pairs).all()
    again = cross_tables(answers, weights=weights)
    np.testing.assert_allclose(again.counts, weighted.counts, atol=1e-9)
    np.testing.assert_allclose(again.effective_n(), weighted.effective_n())


def test_whole_weights_are_repeated_rows(halo):
    weights = np.random.default_rng(1).integers(1, 4, 400)
    repeated = pd.DataFrame(np.repeat(halo, weights, axis=0))
    for method in ("spearman", "pearson", "kendall"):
        weighted = correlations(cross_tables(pd.DataFrame(halo), weights=weights), method)
        np.testing.assert_allclose(weighted, correlations(cross_tables(repeated), method), atol=1e-12)


def test_effective_number_is_kishs(halo):
    weights = np.random.default_rng(1).uniform(0.2, 3, 400)
    found = cross_tables(pd.DataFrame(halo), weights=weights).effective_n()[0, 1]
    assert found == pytest.approx(weights.sum() ** 2 / (weights**2).sum())


def test_a_resample_of_units_is_the_sum_of_their_tables(halo):
    groups = np.random.default_rng(2).integers(0, 9, 400)
    tables = cross_tables(pd.DataFrame(halo), groups=groups, n_groups=9)
    draws = bootstrap_draws(9, 20, seed=4)
    resamples = resampled_correlations(tables, draws)
    rows = np.concatenate([np.tile(np.flatnonzero(groups == g), times) for g, times in enumerate(draws[7])])
    by_hand = correlations(cross_tables(pd.DataFrame(halo[rows])))
    np.testing.assert_allclose(resamples[7], by_hand, atol=1e-12)


def test_recoding_a_table_equals_recoding_the_answers(halo):
    answers = pd.DataFrame(halo, columns=list("abcdey"))
    top = {float(level): float(level >= 9) for level in range(11)}
    recoded = cross_tables(answers).recode("y", top)
    by_hand = cross_tables(answers.assign(y=answers["y"].map(top)))
    assert (recoded.counts == by_hand.counts).all()


def test_coarse_levels_keep_the_association_of_long_scales():
    rng = np.random.default_rng(1)
    x = rng.standard_normal(3000)
    answers = pd.DataFrame(
        {"x": np.rint(50 + 12 * x), "y": np.rint(50 + 12 * (0.6 * x + 0.8 * rng.standard_normal(3000)))}
    )
    coded = code_answers(answers)
    coarse = coarsen(coded, 15)
    assert max(len(level) for level in coarse.levels) <= 15
    fine = correlations(cross_tables(coded))[0, 1]
    assert correlations(cross_tables(coarse))[0, 1] == pytest.approx(fine, abs=0.01)


def test_few_units_are_not_resampled_and_many_are_dealt_into_groups():
    few = resampling_groups(100, np.repeat(list("abcd"), 25), seed=1)
    assert few.few_units
    assert not few.clustered
    many = resampling_groups(5000, np.arange(5000), seed=1)
    assert many.clustered
    assert many.count == MAX_GROUPS
    assert np.ptp(np.bincount(many.index)) <= 1
    alone = resampling_groups(20, np.array([None] * 4 + list("abcdefgh") * 2, dtype=object), seed=1)
    assert alone.count == 12


@settings(max_examples=40, deadline=None)
@given(ANSWERS, st.integers(0, 99))
def test_a_part_of_coded_answers_is_the_part_coded(rows, seed):
    rng = np.random.default_rng(seed)
    kept, columns = rng.random(len(rows)) < 0.6, rng.permutation(3)[:2]
    part = code_answers(frame(rows)).part(kept, columns)
    again = code_answers(frame(rows).loc[kept].iloc[:, columns])
    assert part.names == again.names
    for found, expected in zip(part.levels, again.levels, strict=True):
        np.testing.assert_array_equal(found, expected)
    np.testing.assert_array_equal(part.codes, again.codes)


def test_blocks_side_by_side_are_the_blocks_one_by_one(halo):
    answers = pd.DataFrame(halo, columns=list("abcdey")).assign(empty=np.nan)
    answers.loc[answers["b"] > 3, "b"] = np.nan  # scales of different length
    tables = cross_tables(answers, groups=np.arange(len(answers)) % 2, n_groups=2)
    first, second = np.array([0, 1, 5, 6]), np.array([5, 2, 1, 0])
    counts, rows, columns = tables.blocks(first, second)
    for place, (i, j) in enumerate(zip(first, second, strict=True)):
        block = tables.block(tables.names[i], tables.names[j])
        assert (counts[: block.shape[0], : block.shape[1], :, place].sum(axis=2) == block).all()
        assert counts[:, :, :, place].sum() == block.sum()
        assert rows[: block.shape[0], 0, place].tolist() == tables.levels[i].tolist()
        assert columns[: block.shape[1], 0, place].tolist() == tables.levels[j].tolist()
