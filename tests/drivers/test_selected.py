"""Corrected p values over the declared families, and intervals of what was picked out."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cxlib.drivers.adjusting import hold_together
from cxlib.drivers.pairs import associate
from cxlib.drivers.rows import families, whole_rows
from cxlib.drivers.survey import Settings, survey_of
from cxlib.stats.families import adjust


def whole(table):
    return table[(table[["segment", "level", "wave"]] == "").all(axis=1)]


def test_each_family_is_corrected_by_itself(found):
    rows = whole(found[0])
    for p, columns in (
        ("p", ["q", "q_by", "p_holm"]),
        ("adjusted_p", ["adjusted_q", "adjusted_q_by", "adjusted_p_holm"]),
    ):
        for column, method in zip(columns, ("bh", "by", "holm"), strict=True):
            np.testing.assert_allclose(rows[column], adjust(rows[p].to_numpy(), method), rtol=1e-6)


def test_intervals_of_findings_are_wider_and_only_theirs(found):
    rows = whole(found[0])
    picked = rows["grade"] == "E1"
    assert picked.any()
    assert rows.loc[~picked, ["fcr_low", "fcr_high"]].isna().all(axis=None)
    shown = rows[picked]
    assert (shown["fcr_low"] < shown["low"]).all()
    assert (shown["fcr_high"] > shown["high"]).all()
    assert found[0].loc[~found[0].index.isin(shown.index), ["fcr_low", "fcr_high"]].isna().all(axis=None)


def test_of_the_shown_intervals_at_least_95_of_100_cover(make):
    """Weak factors, few answers: those that get picked look larger than they are, and plain intervals miss more often.

    Truth is the association in a very long survey.
    """
    params = make.params(factors=10)
    mixing = np.linspace(0, 0.22, 10)

    def answers(n, rng):
        ratings = np.clip(np.rint(3.3 + rng.standard_normal((n, 10))), 1, 5)
        frame = {f"f{i}": ratings[:, i] for i in range(10)}
        for outcome, high, sign in (("referral", 10, 1), ("loyalty", 5, -1)):
            felt = (ratings - 3.3) @ mixing[::sign] + 1.4 * rng.standard_normal(n)
            frame[outcome] = np.clip(np.rint(0.55 * high + (high / 7) * felt), 0 if high == 10 else 1, high)
        return pd.DataFrame(frame)

    def rows(n, rng):
        survey = survey_of(answers(n, rng), params, ("referral", "loyalty"), Settings(0.05, 0.95, 200, 1, 30))
        pairs = associate(survey)
        together = [hold_together(survey, pairs, place) for place in (0, 1)]
        return whole_rows(survey, pairs, together, families(pairs, together))

    truth = {(row["factor"], row["outcome"]): row["estimate"] for row in rows(200_000, np.random.default_rng(1))}
    rng, shares = np.random.default_rng(2), {name: [] for name in ("fcr", "plain", "mattering")}
    for _ in range(60):
        found = [row for row in rows(150, rng) if row["grade"] == "E1"]
        for name, (low, high), chosen in (
            ("fcr", ("fcr_low", "fcr_high"), found),
            ("plain", ("low", "high"), found),
            ("mattering", ("fcr_low", "fcr_high"), [row for row in found if row["matters"]]),
        ):
            missed = [not row[low] <= truth[row["factor"], row["outcome"]] <= row[high] for row in chosen]
            shares[name].append(np.mean(missed) if missed else 0.0)
    missing = {name: np.mean(values) for name, values in shares.items()}
    assert missing["fcr"] <= 0.05
    assert missing["mattering"] <= 0.05
    assert missing["plain"] > 0.08
