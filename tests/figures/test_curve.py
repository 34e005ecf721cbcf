"""The specification curve: the table's numbers and no others, the same bytes each time, in words as well."""

from __future__ import annotations

import csv
import warnings
from itertools import product
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest

from cxlib.drivers import grid, ways
from cxlib.figures.curve import CHOICES, LEFT, draw_curve
from cxlib.figures.paper import UNITS
from cxlib.findings.measured import Curve
from cxlib.words import LANGUAGES, decimal, word

FACTOR = {"vi": "Được báo trước thời gian chờ", "en": "Told how long the wait would be"}
OUTCOME = {"vi": "sẵn lòng giới thiệu", "en": "recommending us"}


@pytest.fixture(scope="module")
def table():
    rng = np.random.default_rng(3)
    rows = []
    for way in product(*CHOICES.values()):
        estimate = (0.1 if way[-1] else 0.4) + 0.05 * rng.standard_normal()
        rows.append({**dict(zip(CHOICES, way, strict=True)), "n": 900, "estimate": estimate, "p": 0.2 - estimate / 2.5})
    frame = pd.DataFrame(rows)
    return frame.assign(stands=frame["p"] < 0.15)


def curve_of(table):
    return Curve(
        columns=tuple(CHOICES),
        ways=tuple("|".join(way) for way in table[list(CHOICES)].itertuples(index=False)),
        estimates=tuple(table["estimate"].tolist()),
        stands=tuple(table["stands"].tolist()),
    )


def draw(table):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return draw_curve("wait.referral", curve_of(table), FACTOR, OUTCOME)


@pytest.fixture(scope="module")
def drawing(table):
    return draw(table)


def test_every_choice_of_the_grid_has_its_words():
    assert CHOICES == {
        "rows": grid.ROWS, "missing": grid.MISSING, "coding": ways.CODINGS, "method": ways.METHODS,
        "weights": grid.WEIGHTS, "given": ways.GIVEN,
    }  # fmt: skip
    for choice, values in CHOICES.items():
        for language in LANGUAGES:
            assert word(f"curve_{choice}", language)
            assert all(word(f"curve_{choice}_{value or 'alone'}", language) for value in values)


def test_the_labels_leave_room_for_the_marks():
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import TextPath

    for choice, values in CHOICES.items():
        for value, language in product(values, LANGUAGES):
            text = word(f"curve_{choice}_{value or 'alone'}", language)
            drawn = TextPath((0, 0), text, size=13, prop=FontProperties(family="DejaVu Sans"))
            assert 12 + drawn.get_extents().width < LEFT - 3, text


def test_the_numbers_are_those_of_the_table_from_weakest_to_strongest(drawing, table):
    rows = list(csv.DictReader(drawing.csv.splitlines()))
    estimates = [float(row["estimate"]) for row in rows]
    assert estimates == sorted(table["estimate"])
    assert sum(int(row["stands"]) for row in rows) == table["stands"].sum()
    assert [int(row["place"]) for row in rows] == list(range(1, len(table) + 1))


def test_the_words_tell_how_many_stand_and_on_what_it_depends(drawing, table):
    stand, of = table["stands"].sum(), len(table)
    for language in LANGUAGES:
        alt = drawing.alt[language]
        assert FACTOR[language] in alt
        assert OUTCOME[language] in alt
        assert str(stand) in alt
        assert decimal(table["estimate"].min(), language) in alt
        assert decimal(table["estimate"].max(), language) in alt
        for value, key in (("", "curve_alone"), ("others", "curve_together")):
            some = table[table["given"] == value]
            assert word(key, language, stand=some["stands"].sum(), of=len(some)) in alt
    assert str(of) in drawing.alt["en"]
    none_polychoric = table.assign(stands=table["method"] != "polychoric")
    assert "Measure, polychoric: clear in 0 of" in draw(none_polychoric).alt["en"]


def test_the_same_numbers_give_the_same_bytes_in_any_order(drawing, table):
    assert draw(table.sample(frac=1, random_state=1)) == drawing
    assert "<dc:date>" not in drawing.svg["vi"]


def test_it_is_a_picture_as_wide_as_a_phone_and_not_too_heavy(drawing):
    for language in LANGUAGES:
        tree = ElementTree.fromstring(drawing.svg[language])
        assert float(tree.get("width").removesuffix("pt")) == UNITS
        assert float(tree.get("height").removesuffix("pt")) < 800
        assert len(drawing.svg[language]) < 60_000  # 768 ways; of 264 it is a quarter of that


def test_choices_that_all_made_alike_are_not_drawn(table):
    some = draw(table[(table["weights"] == "off") & (table["rows"] == "cleaned")])
    full = ElementTree.fromstring(draw(table).svg["en"])
    less = ElementTree.fromstring(some.svg["en"])
    assert float(less.get("height").removesuffix("pt")) < float(full.get("height").removesuffix("pt")) - 100


def test_estimates_below_zero_and_hardly_any(table):
    assert draw(table.assign(estimate=-table["estimate"])).svg["vi"]
    only = draw(table.head(1))
    assert only.alt["en"].startswith("One dot")
    assert draw(table.head(2).assign(estimate=0.0)).svg["en"]


def test_nothing_to_draw(table):
    assert draw(table.head(0)) is None


def test_a_label_is_text_whatever_it_holds(table):
    odd = {"vi": "giá $x_1$ & <script>", "en": "price $x_1$ & <script>"}
    drawing = draw_curve("x", curve_of(table.head(40)), odd, OUTCOME)
    assert "<script>" in drawing.alt["en"]
    assert "<script" not in drawing.svg["en"]
