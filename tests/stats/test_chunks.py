"""Tables from parts of the rows equal those of all rows at once."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxlib.errors import DataError
from cxlib.stats.association import resampled_error
from cxlib.stats.chunks import chunks_of_csv, chunks_of_parquet, tables_of_chunks
from cxlib.stats.rank import correlations, resampled_correlations
from cxlib.stats.resampling import MAX_GROUPS, bootstrap_draws
from cxlib.stats.tables import cross_tables

QUESTIONS = ["a", "b", "c"]
ANSWERS = st.lists(
    st.tuples(*[st.one_of(st.none(), st.sampled_from([1.0, 2.0, 5.0, 0.5, 200.0]))] * 3), min_size=1, max_size=30
)


def parts(frame, *cuts):
    edges = [0, *sorted(cuts), len(frame)]
    return [frame.iloc[a:b] for a, b in pairwise(edges)]


def same(one, two):
    assert one.names == two.names
    for left, right in zip(one.levels, two.levels, strict=True):
        np.testing.assert_array_equal(left, right)
    np.testing.assert_allclose(one.counts, two.counts, atol=1e-9)
    np.testing.assert_array_equal(one.pairs, two.pairs)
    np.testing.assert_allclose(one.squares, two.squares, atol=1e-9)


@pytest.fixture
def survey(halo):
    frame = pd.DataFrame(halo[:, [0, 1, 5]], columns=QUESTIONS)
    rng = np.random.default_rng(4)
    frame = frame.mask(rng.random(frame.shape) < 0.1)
    frame["weight"] = rng.uniform(0.2, 3, len(frame))
    frame["unit"] = rng.choice(list("pqrstuvwxyz"), len(frame))
    return frame


@settings(max_examples=60, deadline=None)
@given(ANSWERS, st.integers(0, 30), st.integers(0, 30))
def test_any_cut_gives_the_whole(rows, first, second):
    frame = pd.DataFrame(rows, columns=QUESTIONS, dtype=float)
    same(tables_of_chunks(parts(frame, min(first, len(rows)), min(second, len(rows)))), cross_tables(frame))


def test_weights_and_rows_without_one(survey):
    survey.loc[[3, 200], "weight"] = [np.nan, 0.0]
    kept = survey[survey["weight"] > 0]
    whole = cross_tables(kept[QUESTIONS], weights=kept["weight"].to_numpy())
    same(tables_of_chunks(parts(survey.drop(columns="unit"), 100, 250), weight="weight"), whole)


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_files_are_read_part_by_part(survey, tmp_path, kind):
    path = tmp_path / f"answers.{kind}"
    if kind == "csv":
        survey.to_csv(path, index=False)
        chunks = list(chunks_of_csv(path, columns=QUESTIONS, rows=64))
    else:
        survey.to_parquet(path, row_group_size=90)
        chunks = list(chunks_of_parquet(path, columns=QUESTIONS, rows=64))
    assert len(chunks) > 3
    assert max(map(len, chunks)) <= 64
    same(tables_of_chunks(chunks, questions=QUESTIONS), cross_tables(survey[QUESTIONS]))


def test_units_keep_their_group_in_every_part(survey):
    survey.loc[[7, 300], "unit"] = None
    tables = tables_of_chunks(parts(survey, 30, 35, 220), questions=QUESTIONS, unit="unit", resampling=True)
    assert tables.groups == 13  # eleven units and two people without one
    same(tables.total(), cross_tables(survey[QUESTIONS]).total())
    by_hand = [cross_tables(part[QUESTIONS]).counts.sum() for _, part in survey.groupby("unit")]
    assert sorted(tables.counts.sum(axis=(1, 2)))[-11:] == pytest.approx(sorted(by_hand))


def test_people_are_dealt_evenly_and_their_resamples_give_the_right_error():
    rng = np.random.default_rng(1)
    both = rng.multivariate_normal([0, 0], [[1, 0.4], [0.4, 1]], 5000)
    frame = pd.DataFrame(np.clip(np.rint(3 + both), 1, 5), columns=["x", "y"])
    tables = tables_of_chunks(parts(frame, 700, 2900), resampling=True)
    assert tables.groups == MAX_GROUPS
    sizes = tables.counts[:, :5, :5].sum(axis=(1, 2))
    assert np.ptp(sizes) <= 3
    draws = bootstrap_draws(tables.groups, 1000, seed=1)
    error = resampled_error(resampled_correlations(tables, draws, pairs=[(0, 1)])[:, 0, 1], tables.groups)
    assert error == pytest.approx((5000 - 3) ** -0.5, rel=0.1)


def test_many_units_are_dealt_into_groups():
    frame = pd.DataFrame({"x": [1.0, 2.0] * 1000, "y": [2.0, 1.0] * 1000, "unit": np.repeat(np.arange(1000), 2)})
    tables = tables_of_chunks(parts(frame, 900), questions=["x", "y"], unit="unit", resampling=True)
    assert tables.groups == MAX_GROUPS
    assert tables.pairs[0, 1] == 2000


def test_a_question_not_asked_in_a_part_is_missing_there(survey):
    asked, not_asked = survey[QUESTIONS].iloc[:200], survey[["a", "c"]].iloc[200:]
    whole = survey[QUESTIONS].copy()
    whole.loc[whole.index[200:], "b"] = np.nan
    same(tables_of_chunks([asked, not_asked], questions=QUESTIONS), cross_tables(whole))
    with pytest.raises(DataError, match="column b"):
        tables_of_chunks([asked, not_asked])


def test_nothing_to_count_is_said():
    with pytest.raises(DataError):
        tables_of_chunks([])
    with pytest.raises(DataError):
        tables_of_chunks([pd.DataFrame({"a": [1.0]})], weight="weight")


def test_parts_are_not_kept():
    """A million rows, made as they are read, cost the memory of one part."""
    import tracemalloc

    def made():
        rng = np.random.default_rng(1)
        for _ in range(20):
            yield pd.DataFrame(rng.integers(1, 6, (50_000, 4)).astype(float), columns=list("abcd"))

    tracemalloc.start()
    tables = tables_of_chunks(made())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert tables.pairs[0, 1] == 1_000_000
    assert peak < 12e6  # all rows are 32 MB
    assert abs(correlations(tables)[0, 1]) < 0.01
