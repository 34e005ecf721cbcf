"""The factor test from tables of parts: the same numbers, and memory that does not grow with the rows."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pandas as pd
import pytest

from cxlib.drivers import find_drivers
from cxlib.drivers.chunked import associate_chunks
from cxlib.errors import DataError, ParamsError

KEY = ["factor", "outcome"]
EXACT = ["n", "reason", "estimate", "adjusted", "share", "r2", "method", "adjusted_method", "importance_method"]
FORMULA = ["low", "high", "p", "q", "q_by", "p_holm", "adjusted_low", "adjusted_high", "adjusted_p", "adjusted_q"]
DRAWN = ["low", "high", "share_low", "share_high", "adjusted_low", "adjusted_high"]


def parts_of(answers, rows=271):
    return [answers.iloc[begin : begin + rows] for begin in range(0, len(answers), rows)]


def with_gaps(make, **more):
    answers = make.answers(n=1500, **more)
    rng = np.random.default_rng(3)
    answers.loc[rng.random(1500) < 0.04, "f2"] = np.nan
    return answers


def whole(found):
    table = found.table
    return table[(table[["segment", "level", "wave"]] == "").all(axis=1)].reset_index(drop=True)


def same(one, other, columns, **tolerance):
    pd.testing.assert_frame_equal(one[KEY + columns], other[KEY + columns], **tolerance)


def test_the_same_numbers_as_from_all_rows(make):
    params, answers = make.params(), with_gaps(make)
    expected = whole(find_drivers(answers, params, bootstrap=300))
    ours = associate_chunks(parts_of(answers), params, bootstrap=300)
    same(ours, expected, EXACT + FORMULA, rtol=1e-6, check_exact=False)
    same(ours, expected, ["grade", "matters"])
    np.testing.assert_allclose(ours["share_low"], expected["share_low"], atol=0.03)


def test_units_and_weights_too(make):
    params, answers = make.params(unit="store", weight="w"), with_gaps(make)
    answers["weight"] = np.random.default_rng(2).uniform(0.5, 2, len(answers))
    answers.loc[:20, "weight"] = 0
    expected = whole(find_drivers(answers, params, bootstrap=2000))
    ours = associate_chunks(parts_of(answers), params, bootstrap=2000)
    assert set(ours["method"]) == {"spearman_weighted_clustered"}
    same(ours, expected, EXACT, rtol=1e-6, check_exact=False)
    np.testing.assert_allclose(ours[DRAWN], expected[DRAWN], atol=0.03)  # another draw of the same stores


def test_few_units_are_not_drawn(make):
    params, answers = make.params(unit="store"), make.answers(n=600, stores=4)
    expected = whole(find_drivers(answers, params, bootstrap=300))
    ours = associate_chunks(parts_of(answers), params, bootstrap=300)
    assert set(ours["method"]) == {"spearman_few_units"}
    same(ours, expected, EXACT + FORMULA, rtol=1e-6, check_exact=False)
    with pytest.raises(DataError, match="too few to be drawn"):
        associate_chunks(iter(parts_of(answers)), params, bootstrap=300)


def test_files_read_in_parts_and_what_they_do_not_have(make, tmp_path):
    params, answers = make.params(), make.answers(n=400).drop(columns="f5")
    expected = whole(find_drivers(answers, params, bootstrap=200))
    answers.to_csv(tmp_path / "answers.csv", index=False)
    answers.to_parquet(tmp_path / "answers.parquet", index=False)
    for name in ("answers.csv", "answers.parquet"):
        ours = associate_chunks(tmp_path / name, params, bootstrap=200)
        same(ours, expected, EXACT + FORMULA, rtol=1e-6, check_exact=False)
    assert set(ours.loc[ours["factor"] == "f5", "reason"]) == {"not_asked"}
    with pytest.raises(DataError, match="neither a csv nor a parquet"):
        associate_chunks(tmp_path / "answers.xlsx", params)
    with pytest.raises(DataError, match="no rows"):
        associate_chunks([], params)
    with pytest.raises(ParamsError, match="no outcome named"):
        associate_chunks([answers], params, outcomes=["spend"])


class Made:
    """Parts made when they are asked for, so that nobody holds them all."""

    def __init__(self, rows, part=20_000):
        self.rows, self.part = rows, part

    def __iter__(self):
        for begin in range(0, self.rows, self.part):
            rng = np.random.default_rng(begin)
            felt = 0.7 * rng.standard_normal((self.part, 1)) + 0.7 * rng.standard_normal((self.part, 6))
            ratings = np.clip(np.rint(3.4 + felt), 1, 5)
            frame = pd.DataFrame(ratings, columns=[f"f{i}" for i in range(6)])
            for outcome, high in (("referral", 10), ("loyalty", 5)):
                frame[outcome] = np.clip(np.rint(ratings[:, 0] + 0.3 * high + rng.standard_normal(self.part)), 1, high)
            yield frame


def test_memory_does_not_grow_with_the_rows(make):
    params, peaks = make.params(), {}
    for rows in (60_000, 300_000):
        tracemalloc.start()
        found = associate_chunks(Made(rows), params, bootstrap=200)
        peaks[rows] = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert (found["n"] == rows).all()
        assert found.loc[found["share"] > 0.5, "factor"].tolist() == ["f0", "f0"]
    assert peaks[300_000] < 1.1 * peaks[60_000]
    assert peaks[300_000] < 1.5 * 300_000 * 8 * 8  # the rows alone are 19 MB; tables and one part are the rest
