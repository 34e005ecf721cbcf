"""What the further tables of the factor test add to findings, and what is told when one is missing."""

from __future__ import annotations

from itertools import pairwise

import pandas as pd
import pytest
from support_findings import answers, draft, driver_rows, driver_table, factor_test, params, passed

from cxlib.findings.further import FurtherTables
from cxlib.findings.numbers import Pair
from cxlib.findings.order import neighbours
from cxlib.findings.schema import Document
from cxlib.privacy import pass_door


@pytest.fixture(scope="module")
def document() -> Document:
    return passed().document


def test_the_numbers_are_those_of_the_tables(document):
    tables = factor_test().tables
    for finding in document.findings:
        here = {name: _of(table, finding.factor.key, finding.outcome) for name, table in tables.items()}
        held = here["sensitivity"][here["sensitivity"]["given"] == "others"].iloc[0]
        assert finding.unasked.ratio == pytest.approx(held["evalue"], abs=1e-4)
        assert finding.without_mood.estimate == pytest.approx(here["halo"]["within_estimate"].iloc[0], abs=1e-4)
        lmg = here["importance"].query("method == 'lmg' and kind == 'factor'").iloc[0]
        assert finding.importance.first == pytest.approx(lmg["first"], abs=1e-4)
        assert "lmg" not in {item.method for item in finding.importance.others}
        methods = {(item.method, item.given) for item in finding.by_other_methods}
        assert (finding.association.method, "") not in methods
        assert methods <= set(zip(here["associations"]["method"], here["associations"]["given"], strict=True))
        assert not any(name.startswith("proportional_odds") for name, _ in methods)


def _of(table: pd.DataFrame, factor: str, outcome: str) -> pd.DataFrame:
    if not {"factor", "outcome"} <= set(table):
        return table
    return table[(table["factor"] == factor) & (table["outcome"] == outcome)]


def test_the_curve_holds_every_way_from_low_to_high(document):
    for finding in document.findings:
        curve, counted = finding.holds.curve, finding.holds.specifications
        assert list(curve.estimates) == sorted(curve.estimates)
        assert len(curve.ways) == len(curve.estimates) == len(curve.stands) == counted.of >= 50
        assert sum(curve.stands) == counted.stand
        assert all(way.count("|") == len(curve.columns) - 1 for way in curve.ways)


def test_without_the_tables_nothing_is_told(tmp_path):
    document = draft(tested=factor_test().table).document
    assert document.findings
    assert (document.neighbours, document.method.mood, document.method.reliability, document.method.steps) == ((),) * 4
    for finding in document.findings:
        assert finding.unasked is finding.without_mood is finding.weighted is finding.holds.curve is None
        assert finding.by_other_methods == finding.importance.others == ()
        assert finding.whom  # told from drivers.csv, which every run has
    assert {family.name for family in document.method.families} == {"associations", "given_others", "groups"}


def test_tables_read_back_as_text_are_the_same():
    tables = {name: table.astype(str).replace({"nan": "", "<NA>": ""}) for name, table in factor_test().tables.items()}
    assert draft(tested=factor_test().table, tables=tables).document == draft().document


def test_neighbours_follow_the_page_and_are_clear_only_by_a_test(document):
    table = factor_test().tables["comparisons"]
    for outcome in ("referral", "loyalty"):
        order = [finding.factor.key for finding in document.findings if finding.outcome == outcome]
        told = [(two.first, two.second) for two in document.neighbours if two.outcome == outcome]
        assert told == list(pairwise(order))
    for two in document.neighbours:
        names = {two.first, two.second}
        row = table[(table["outcome"] == two.outcome) & table["first"].isin(names) & table["second"].isin(names)]
        assert (two.clear != "no") == bool(row["clear"].iloc[0])
        assert abs(two.difference) == pytest.approx(abs(row["difference"].iloc[0]), abs=1e-4)


@pytest.mark.parametrize(
    ("names", "signs", "difference", "told"),
    [
        (("a", "b"), (1, 1), 0.2, "more"),
        (("b", "a"), (1, 1), 0.2, "less"),
        (("a", "b"), (-1, -1), -0.2, "more"),
        (("b", "a"), (-1, -1), -0.2, "less"),
        (("a", "b"), (1, -1), 0.9, None),
    ],
)
def test_more_and_less_are_told_by_size_and_never_across_signs(names, signs, difference, told):
    row = {"outcome": "referral", "first": names[0], "second": names[1], "difference": difference}
    row |= {"low": difference - 0.1, "high": difference + 0.1, "q": 0.001, "clear": True}
    further = FurtherTables({"comparisons": pd.DataFrame([row])})
    found = [Pair(name, "referral", {"estimate": 0.4 * sign}) for name, sign in zip("ab", signs, strict=True)]
    pairs = neighbours(found, further)
    assert [two.clear for two in pairs] == ([] if told is None else [told])
    for two in pairs:
        assert two.low < two.difference < two.high
        assert (two.difference > 0) == (told == "more")


def halo(**changes) -> dict[str, pd.DataFrame]:
    row = {"factor": "wait_told", "outcome": "referral", "first_factor_share": 0.5, "within_estimate": 0.2}
    row |= {"within_low": 0.1, "within_high": 0.3, "rank": 1, "within_rank": 4, "changes": False}
    return {"halo": pd.DataFrame([row | changes])}


def test_a_place_that_hangs_on_the_mood_is_a_caveat():
    def said(**changes) -> str:
        found = draft(tested=driver_table(driver_rows()), tables=halo(**changes)).document
        return " ".join(text.en for text in found.findings[0].caveats)

    assert said() == ""
    assert "number 1, and number 4 when each customer’s own" in said(changes=True)
    assert "no more than a good or bad mood" in said(within_low=-0.1)


def test_not_found_is_never_written_as_none_unless_it_is_ruled_out():
    def said(wording: str) -> str:
        row = {"factor": "wait_told", "outcome": "referral", "given": "others", "wording": wording}
        tables = {"sensitivity": pd.DataFrame([row | {"power_at_small": 0.9}])}
        tested = driver_table(driver_rows(q=0.001, adjusted_q=0.6, adjusted=0.01, matters=False))
        return " ".join(text.en for text in draft(tested=tested, tables=tables).document.unknowns)

    for wording in ("not_found", "cannot_tell", ""):
        assert "no clear link" in said(wording)
        assert "ruled out" not in said(wording)
    assert "one as large as 0.10 (0 is none, 1 is always) can be ruled out for “told how long it would take”" in said(
        "none"
    )


def test_weights_are_told_where_they_change_the_number():
    def told(unweighted: float):
        row = {"factor": "wait_told", "outcome": "referral", "weighted_estimate": 0.4, "design_effect": 1.4}
        tables = {"design": pd.DataFrame([row | {"unweighted_estimate": unweighted}])}
        return draft(tested=driver_table(driver_rows()), tables=tables).document

    assert told(0.402).findings[0].weighted is None
    assert told(0.33).findings[0].weighted.model_dump() == {"weighted": 0.4, "unweighted": 0.33}
    assert told(0.33).method.tests[0].design_effect == 1.4


def test_what_is_pooled_over_groups_goes_with_a_hidden_group(document):
    for finding in document.findings:
        (region,) = finding.holds.differences
        hidden = any(item.estimate is None for item in finding.holds.segments)
        assert hidden  # four people live on islands
        assert region.pooled is None
        assert finding.holds.over_waves.pooled is not None


def test_a_raised_limit_hides_what_the_tables_add():
    document = pass_door(draft(), params(), min_factor_pairs=2000).document
    for finding in document.findings:
        assert finding.unasked is finding.without_mood is finding.weighted is finding.holds.curve is None
        assert finding.by_other_methods == finding.whom == finding.importance.others == ()
        assert finding.importance.first is None
    assert document.neighbours == ()
    assert all(item.alpha is None and item.n is None and item.odd == () for item in document.method.reliability)
    assert all(test.ruled_out is test.power is test.design_effect is None for test in document.method.tests)
    assert all(mood.changes == () for mood in document.method.mood)


def test_places_are_nowhere_in_the_document(document):
    text = document.model_dump_json()
    assert not any(f'"{unit}"' in text for unit in answers()["unit"].unique())
