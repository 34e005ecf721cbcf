"""The made-up client's pages, from `cx run` through `cx view` and `cx publish` into a real browser."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys

import pytest

pytestmark = pytest.mark.kernel

OUTSIDE = re.compile(r"^(?!http://127\.0\.0\.1:|ws://127\.0\.0\.1:|data:|blob:|file:)")


@pytest.fixture(scope="module")
def address(demo_run):
    """`cx view`, as a user starts it; ended as a user ends it."""
    command = [sys.executable, "-m", "cxlib", "view", "demo", "--outputs", str(demo_run.latest.parents[1])]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONUNBUFFERED": "1"}
    ) as served:
        try:
            line = served.stdout.readline()
            found = re.search(r"http://127\.0\.0\.1:\d+/\S*token=\S+", line)
            assert found, f"`cx view` said {line!r}; stderr says why"
            yield found[0]
        finally:
            served.terminate()


@pytest.fixture
def page(visit, address):
    made = visit(viewport={"width": 1280, "height": 900})
    made.page.goto(address)
    return made


def cards(page) -> list[str]:
    visible = page.locator(".cx-card:visible")
    return [visible.nth(number).get_attribute("data-finding") for number in range(visible.count())]


def options(page, place: int) -> list[str]:
    return page.locator("[data-filters] select:visible").nth(place).locator("option").all_inner_texts()


def choose(page, place: int, option: int) -> None:
    page.locator("[data-filters] select:visible").nth(place).select_option(index=option)


def test_every_finding_of_the_run_is_there_paired_or_marked(page, demo_run):
    page = page.page
    findings = demo_run.findings
    assert cards(page) == [finding["id"] for finding in findings["findings"]]
    what = {action["id"]: action["what"]["vi"] for action in findings["actions"]}
    for finding in findings["findings"]:
        did = page.locator(f'[data-finding="{finding["id"]}"] .cx-did').inner_text()
        if finding["actions"]:
            assert all(what[name] in did for name in finding["actions"])
        else:
            assert "Chưa có hành động" in did


def test_language_switch_and_filters(page, demo_run):
    visit, page = page, page.page
    everything = demo_run.findings["findings"]
    assert visit.language == "vi"
    page.click("a[data-language=en]")
    assert visit.language == "en"
    assert page.locator("h1:visible").inner_text().startswith("Which factors go with")
    first = page.locator(f'[data-finding="{everything[0]["id"]}"]').inner_text()
    assert re.search(r"likely range 0\.\d\d", first)

    label = next(step["label"]["en"] for step in demo_run.findings["steps"] if step["key"] == "pay")
    choose(page, 0, options(page, 0).index(label))
    assert cards(page) == [item["id"] for item in everything if item["factor"]["step"] == "pay"]
    choose(page, 1, 1)
    outcome = demo_run.findings["outcomes"][0]["key"]
    expected = [item["id"] for item in everything if item["factor"]["step"] == "pay" and item["outcome"] == outcome]
    assert cards(page) == expected
    choose(page, 0, 0)
    choose(page, 1, 0)
    choose(page, 2, options(page, 2).index("No action yet"))
    assert cards(page) == [item["id"] for item in everything if not item["actions"]]


def test_made_up_is_said_and_nothing_is_asked_of_the_outside(page):
    assert page.page.get_by_text("Dữ liệu mô phỏng, không phải khách hàng thật").first.is_visible()
    assert not [url for url in page.asked if OUTSIDE.match(url)]
    assert not page.failures
    assert page.fits()


def test_published_files_ask_nothing_of_the_outside(visit, cx, demo_run, tmp_path):
    done = cx("publish", "demo", "--outputs", demo_run.latest.parents[1], "--to", tmp_path, "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)
    for name in ("index.html", "history.html", "method.html"):
        for width in (1280, 390):
            made = visit(viewport={"width": width, "height": 900})
            made.page.goto((tmp_path / name).as_uri())
            assert made.page.get_by_text("Dữ liệu mô phỏng, không phải khách hàng thật").first.is_visible()
            assert made.fits(), (name, width)
            assert not [url for url in made.asked if OUTSIDE.match(url)]
            assert not made.failures
    made = visit(viewport={"width": 1280, "height": 900})
    made.page.goto((tmp_path / "index.html").as_uri())
    assert cards(made.page) == [finding["id"] for finding in demo_run.findings["findings"]]
