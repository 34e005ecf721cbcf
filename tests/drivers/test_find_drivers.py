"""The factor test finds what is planted, says how, and gives the same numbers again."""

import numpy as np
import pandas as pd
import pytest

from cxlib.drivers import find_drivers
from cxlib.drivers.table import COLUMNS, TABLES
from cxlib.errors import ParamsError
from cxlib.stats.association import rank_association


def whole(table, factor=None, outcome=None):
    rows = table[(table["segment"] == "") & (table["wave"] == "")]
    if factor is None:
        return rows
    return rows[(rows["factor"] == factor) & (rows["outcome"] == outcome)].iloc[0]


def test_the_table_has_the_columns_and_rows_it_promises(found):
    table, *_ = found
    assert tuple(table.columns) == COLUMNS
    assert len(whole(table)) == 6 * 2
    assert len(table[(table["segment"] == "region") & (table["level"] == "")]) == 12
    assert len(table[(table["segment"] == "region") & (table["level"] != "")]) == 24
    assert len(table[table["wave"] != ""]) == 36
    assert not table.duplicated(["factor", "outcome", "segment", "level", "wave"]).any()


def test_what_is_planted_matters_and_the_halo_does_not(found):
    table, *_ = found
    matters = set(whole(table)[whole(table)["matters"]][["factor", "outcome"]].itertuples(index=False, name=None))
    assert matters == {("f0", "referral"), ("f2", "referral"), ("f3", "referral"), ("f1", "loyalty")}
    halo_only = whole(table, "f5", "referral")
    assert halo_only["q"] < 0.05 < halo_only["adjusted_q"]
    assert halo_only["grade"] == ""


def test_the_shape_that_is_planted(found):
    table, *_ = found
    assert whole(table, "f2", "referral")["shape"] == "hurts_when_fails"
    assert whole(table, "f0", "referral")["shape"] == "every_step"
    assert whole(table, "f1", "loyalty")["shape"] == "every_step"


def test_the_region_that_differs(found):
    table, *_ = found
    differs = table[table["differs_q"] < 0.05]
    assert list(differs["factor"] + "." + differs["outcome"]) == ["f3.referral"]
    levels = table[(table["factor"] == "f3") & (table["outcome"] == "referral") & (table["level"] != "")]
    levels = levels.set_index("level")["estimate"]
    assert levels["south"] > levels["north"] + 0.15


def test_the_numbers_are_those_of_the_statistics(found):
    table, answers, _ = found
    row = whole(table, "f0", "loyalty")
    by_hand = rank_association(answers["f0"], answers["loyalty"], clusters=answers["unit"], bootstrap=500)
    assert row["method"] == by_hand.method == "spearman_clustered"
    assert row["n"] == by_hand.n
    for column in ("estimate", "low", "high", "p"):
        assert row[column] == pytest.approx(getattr(by_hand, column), rel=1e-6)
    assert row["mean"] == pytest.approx(answers["f0"].mean())
    assert row["low_share"] == pytest.approx((answers["f0"] < 3).mean())


def test_shares_sum_to_one_and_lie_in_their_intervals(found):
    table, *_ = found
    for _, rows in whole(table).groupby("outcome"):
        assert rows["share"].sum() == pytest.approx(1, abs=1e-6)
        assert ((rows["share_low"] <= rows["share"]) & (rows["share"] <= rows["share_high"])).all()
        assert np.ptp(rows["r2"]) == 0
        assert rows["noise_high"].between(0, 0.05).all()
        assert rows["top3"].sum() == pytest.approx(3, abs=0.01)


def test_a_planted_finding_stands_in_every_way_of_looking(found):
    table, *_ = found
    row = whole(table, "f0", "referral")
    assert row["specs_of"] >= 8
    assert row["specs_stand"] == row["specs_of"]
    assert row["careless_estimate"] < row["estimate"]


def test_the_same_seed_gives_the_same_bytes_and_row_order_does_not_matter(make, tmp_path):
    params, answers = make.params(unit="store", segments=["region"]), make.answers(n=400)
    files = []
    for number in range(2):
        (tmp_path / str(number)).mkdir()
        files.append(find_drivers(answers, params, bootstrap=200).save(tmp_path / str(number)))
    assert [path.name for path in files[0]] == ["drivers.csv", *(f"{name}.csv" for name in TABLES)]
    for first, second in zip(*files, strict=True):
        assert first.read_bytes() == second.read_bytes(), first.name
    shuffled = answers.sample(frac=1, random_state=3)
    one, other = (find_drivers(a, params, bootstrap=200).table for a in (answers, shuffled))
    pd.testing.assert_frame_equal(one, other, rtol=1e-6)
    another_seed = find_drivers(answers, params, bootstrap=200, seed=2).table
    assert not np.allclose(whole(another_seed)["share_low"], whole(one)["share_low"])
    assert np.allclose(whole(another_seed)["estimate"], whole(one)["estimate"])


def test_the_file_reads_back_as_the_table(found, tmp_path):
    from cxlib.drivers import Drivers

    table, *_ = found
    path = Drivers(table).save(tmp_path)[0]
    again = pd.read_csv(path, keep_default_na=False, na_values={c: [""] for c in table if table[c].dtype != object})
    assert tuple(again.columns) == COLUMNS
    assert (again["estimate"].fillna(9) == table["estimate"].fillna(9)).all()
    assert b"inf" not in path.read_bytes().replace(b"info", b"")


def test_weights_of_one_equal_no_weights(make):
    answers = make.answers(n=400).assign(weight=1.0)
    one = find_drivers(answers, make.params(weight="w"), bootstrap=200).table
    none = find_drivers(answers, make.params(), bootstrap=200).table
    pd.testing.assert_frame_equal(one, none)


def test_weights_are_used_and_the_unweighted_ways_are_looked_at_too(make):
    answers = make.answers(n=600)
    answers["weight"] = np.where(answers["region"] == "south", 1.6, 0.4)
    weighted = find_drivers(answers, make.params(weight="w"), bootstrap=200).table
    plain = find_drivers(answers, make.params(), bootstrap=200).table
    row, other = whole(weighted, "f3", "referral"), whole(plain, "f3", "referral")
    assert row["method"] == "spearman_weighted"
    assert row["adjusted_method"] == "partial_spearman_weighted"
    assert row["estimate"] > other["estimate"] + 0.02
    assert row["specs_of"] == 2 * other["specs_of"]
    assert row["detectable"] > other["detectable"]
    assert whole(weighted)["estimate"].notna().all()


def test_only_the_outcomes_asked_for(make):
    answers, params = make.answers(n=200), make.params()
    table = find_drivers(answers, params, outcomes=["loyalty"], bootstrap=200).table
    assert set(table["outcome"]) == {"loyalty"}
    with pytest.raises(ParamsError, match="no outcome named price"):
        find_drivers(answers, params, outcomes=["price"])


def test_progress_rises_to_one(make):
    told = []
    find_drivers(
        make.answers(n=150), make.params(), bootstrap=200, progress=lambda what, part: told.append((what, part))
    )
    parts = [part for _, part in told]
    assert parts == sorted(parts)
    assert told[-1] == ("done", 1.0)


def test_useless_factors_are_seldom_called_findings(make):
    found = tests = 0
    for seed in range(20):
        answers = make.answers(n=250, seed=seed)
        rng = np.random.default_rng(seed)
        answers["referral"] = rng.integers(0, 11, 250)
        answers["loyalty"] = rng.integers(1, 6, 250)
        rows = whole(find_drivers(answers, make.params(unit="store"), bootstrap=200).table)
        found += int((rows["grade"] == "E1").any())
        tests += 1
    assert found <= 2, f"{found} of {tests} surveys without any association gave a finding"
