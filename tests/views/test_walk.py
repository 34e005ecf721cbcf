"""Every page, figure and export is walked for what is refused: rankings, scores as headings, competitors, causes.

The walk must find each of them where one is planted; otherwise it would prove nothing.
"""

from __future__ import annotations

import http.client
import importlib.util
import json
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from cxlib.findings.schema import Altered, Both, Change
from cxlib.views.material import Material
from cxlib.views.rendering import PAGES, RENDER, whole_page

LINKS = {"findings": "index.html", "history": "history.html", "method": "method.html"}
UNITS = ("Cửa hàng Lê Lợi", "Q7-02")


def _module(name: str):
    key = f"cx_tests_views_{name}"
    if key not in sys.modules:
        spec = importlib.util.spec_from_file_location(key, Path(__file__).with_name(f"{name}.py"))
        sys.modules[key] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[key])
    return sys.modules[key]


@pytest.fixture(scope="module")
def walk(document):
    return _module("walk").Walk.of(document, UNITS, "store")


def rules(found) -> set[str]:
    return {item.rule for item in found}


def pages(material: Material) -> dict[str, str]:
    return {name: whole_page(RENDER[name](material, LINKS)) for name in PAGES}


# What is there


@pytest.mark.parametrize("page", PAGES)
def test_a_published_page_holds_nothing_refused(walk, material, page):
    assert walk.page(whole_page(RENDER[page](material, LINKS))) == []


@pytest.mark.kernel
@pytest.mark.parametrize("page", PAGES)
def test_a_served_page_holds_nothing_refused(walk, server, page):
    parts = urlsplit(server)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=300)
    token = parts.query.removeprefix("token=")
    connection.request("GET", f"/voila/render/{page}.ipynb", headers={"Authorization": f"token {token}"})
    html = connection.getresponse().read().decode("utf-8")
    connection.close()
    assert '<main id="content"' in html
    assert walk.page(html) == []


def test_no_figure_holds_anything_refused(walk, run_folder):
    folder = run_folder / "figures"
    index = json.loads((folder / "index.json").read_text(encoding="utf-8"))
    entries = [*index.items(), *((name, entry["ways"]) for name, entry in index.items() if "ways" in entry)]
    assert {name.split(".")[0] for name, _ in entries} >= {"change", "trend"}
    for name, entry in entries:
        assert walk.entry(entry, name) == []
        assert walk.table((folder / entry["csv"]).read_text(encoding="utf-8"), entry["csv"]) == []
        for language, file in entry["svg"].items():
            assert walk.figure((folder / file).read_text(encoding="utf-8"), language, file) == []


def test_no_export_holds_anything_refused(walk, run_folder):
    assert walk.export((run_folder / "findings.json").read_text(encoding="utf-8")) == []


# What would be there, if it were planted


def planted(document, finding: dict | None = None, change: dict | None = None, **whole):
    """The document with its first finding, its first change, or itself altered."""
    first = document.findings[0]
    if change is not None:
        finding = {"change": (first.change[0].model_copy(update=change), *first.change[1:])}
    if finding is not None:
        whole["findings"] = (first.model_copy(update=finding), *document.findings[1:])
    return document.model_copy(update=whole)


def both(text: str) -> Both:
    return Both(vi=text, en=text)


PLANTS = {
    "a ranking in a sentence": ("R1", lambda d: planted(d, unknowns=(both("The best stores are in the South."),))),
    "a ranking in Vietnamese": ("R1", lambda d: planted(d, ask_next=(both("Xếp hạng các cửa hàng theo điểm"),))),
    "a unit in a sentence": ("R1", lambda d: planted(d, change={"caveats": (both("Ở Cửa hàng Lê Lợi thì khác."),)})),
    "a unit in the history": (
        "R1",
        lambda d: planted(
            d,
            history=(
                d.history[0].model_copy(
                    update={"altered": (Altered(field=both("Where"), before=None, after=both("Q7-02")),)}
                ),
            ),
        ),
    ),
    "a competitor": ("R4", lambda d: planted(d, decide_next=(both("Our competitors do better here."),))),
    "a rival in Vietnamese": ("R4", lambda d: planted(d, retire=(both("Đối thủ cũng hỏi câu này."),))),
    "a cause below E4": (
        "R6",
        lambda d: planted(d, change={"grade": "E3", "sentence": both("The screens boosted the rating.")}),
    ),
    "a cause in Vietnamese": (
        "R6",
        lambda d: planted(d, change={"grade": "E2", "sentence": both("Màn hình giúp tăng điểm đánh giá.")}),
    ),
    "a cause in a caveat of E4": ("R6", lambda d: planted(d, change={"caveats": (both("It rose thanks to A1."),)})),
}


@pytest.mark.parametrize("plant", PLANTS)
def test_what_is_planted_in_the_findings_is_found_on_a_page_and_in_the_export(document, material, plant):
    rule, make = PLANTS[plant]
    bad = make(document)
    walk = _module("walk").Walk.of(bad, UNITS, "store")
    shown = pages(Material(bad, material.pictures))
    assert any(rule in rules(walk.page(html)) for html in shown.values()), plant
    assert rule in rules(walk.export(bad.model_dump_json(by_alias=True))), plant


@pytest.mark.parametrize(
    ("html", "rule"),
    [
        ("<h1>NPS 45</h1>", "R3"),
        ("<h2>Điểm hài lòng 4,2</h2>", "R3"),
        ("<h2>3 in 4 are happy</h2>", "R3"),
        ("<h3>Rating 4.2</h3>", "R3"),
        ("<figure><figcaption>CSAT by wave</figcaption></figure>", "R3"),
        ("<table><caption>Average 7.4 points</caption></table>", "R3"),
        ("<details><summary>Điểm: 8/10</summary></details>", "R3"),
        ("<title>NPS 45</title>", "R3"),
        ("<h2>What drives referral</h2>", "R6"),
        ("<p>Top 5 places</p>", "R1"),
        ("<p>Q7-02</p>", "R1"),
        ('<img alt="The worst stores" src="data:image/svg+xml,">', "R1"),
        ('<table><th aria-sort="descending">x</th></table>', "R1"),
        ("<p>above the industry average</p>", "R4"),
    ],
)
def test_what_is_planted_in_a_page_is_found(walk, html, rule):
    page = f'<!DOCTYPE html><html lang="vi"><body>{html.replace("svg+xml,", "svg+xml,%3Csvg/%3E")}</body></html>'
    assert rule in rules(walk.page(page))


def test_factors_by_what_came_out_are_found_in_a_table_and_a_figure(walk, document):
    labels = [asked.label.en for asked in document.factors]
    rows = "".join(f'<tr><th scope="row">{label}</th><td>1</td></tr>' for label in reversed(labels))
    assert "R1" in rules(walk.page(f"<html><body><table>{rows}</table></body></html>"))
    letters = "".join(f"<text>{label}</text>" for label in reversed(labels))
    svg = f'<svg xmlns="http://www.w3.org/2000/svg">{letters}</svg>'
    assert "R1" in rules(walk.figure(svg, "en"))
    keys = "".join(f"{asked.key},0\n" for asked in reversed(document.factors))
    assert "R1" in rules(walk.table(f"factor,this_finding\n{keys}"))


def test_what_is_planted_in_a_figure_or_beside_it_is_found(walk):
    svg = '<svg xmlns="http://www.w3.org/2000/svg"><text>{}</text></svg>'
    assert rules(walk.figure(svg.format("Q7-02"), "vi")) == {"R1"}
    assert rules(walk.figure(svg.format("đối thủ"), "vi")) == {"R4"}
    assert rules(walk.figure(svg.format("nhờ hành động"), "vi")) == {"R6"}
    title = {"vi": "Giới thiệu: 45 điểm", "en": "Referral: NPS 45"}
    assert "R3" in rules(walk.entry({"title": title, "alt": {"vi": "", "en": ""}}))
    alt = {"vi": "", "en": "The best store is far ahead."}
    assert "R1" in rules(walk.entry({"title": {"vi": "a", "en": "a"}, "alt": alt}))
    assert rules(walk.table("store,mean\nx,1\n")) == {"R1"}
    assert rules(walk.table("group,mean\nQ7-02,1\n")) == {"R1"}
    assert rules(walk.table("group,rank\na,1\n")) == {"R1"}
    assert rules(walk.table("group,competitor\na,1\n")) == {"R4"}


def test_what_is_planted_in_the_export_alone_is_found(walk, document):
    raw = json.loads(document.model_dump_json(by_alias=True))
    for name, value, rule in (
        ("ranking", [], "R1"), ("competitors", {}, "R4"), ("units", ["a", "b"], "R1"), ("note", "Q7-02", "R1"),
    ):  # fmt: skip
        assert rules(walk.export(json.dumps(raw | {name: value}, ensure_ascii=False))) == {rule}


def test_a_random_roll_out_may_name_a_cause_and_nothing_else_may(walk, document):
    change: Change = document.findings[0].change[0]
    assert change.grade == "E4"
    weaker = planted(document, change={"grade": "E3"})
    assert rules(walk.export(weaker.model_dump_json(by_alias=True))) == {"R6"}
