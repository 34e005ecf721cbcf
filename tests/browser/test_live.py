"""Pages that somebody added something to, through Voila in a real browser."""

from __future__ import annotations

import time
from urllib.parse import quote

import pytest

pytestmark = pytest.mark.kernel

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}


def open_page(seen, address: str, name: str, anchor: str = ""):
    seen.page.goto(address)
    seen.page.goto(f"{address.split('?')[0]}voila/render/{quote(name)}.ipynb{anchor}")
    seen.page.wait_for_selector("#cx-loading", state="hidden")
    return seen.page


@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
def test_a_widget_of_ones_own_works_in_both_languages(visit, live_server, odd_name, viewport):
    seen = visit(viewport=viewport)
    page = open_page(seen, live_server, odd_name)
    select = page.locator(".cx-widgets select")
    select.wait_for()
    assert page.locator("h1").inner_text() == "Chi phí"  # what stood between the signs is no script
    assert page.title() == "Chi phí <script>alert(1)</script>"
    assert page.get_by_text("Trang này do người phân tích tự thêm").is_visible()
    end = time.monotonic() + 120
    while not page.locator(".cx-widgets i").count():  # the page has its widget a moment before it hears of its kernel
        assert time.monotonic() < end, page.locator("body").inner_text()
        select.select_option(index=0)
        select.select_option(label="3")
        page.wait_for_timeout(500)
    page.wait_for_function("document.querySelector('.cx-widgets i')?.innerText === '6'")
    page.click("a[data-language=en]")
    assert page.get_by_text("This page was added to the run by hand.").is_visible()
    assert seen.fits()
    home = live_server.split("?")[0]
    assert [url for url in seen.asked if not url.startswith((home, "data:", "blob:"))] == []
    assert seen.failures == []


def test_an_edited_page_is_the_page_and_what_was_added(visit, live_server):
    seen = visit(viewport=PHONE)
    page = open_page(seen, live_server, "method", "#english")
    assert page.locator("h1").inner_text() == "How do we know?"
    assert page.get_by_role("heading", name="A chart of my own").is_visible()
    picture = page.locator(".cx-own img")
    assert picture.evaluate("image => image.naturalWidth") > 100
    assert picture.get_attribute("alt") == "Hình"
    assert page.get_by_text("told on my page").is_visible()
    assert seen.fits()
    assert seen.failures == []
    assert [url for url in seen.asked if "/static/" in url] == []  # nothing needs Voila's scripts


def test_further_pages_are_found_from_the_findings_and_lead_back(visit, live_server):
    seen = visit(viewport=DESK)
    page = seen.page
    page.goto(live_server)
    page.click("a[data-language=en]")
    listed = page.locator(".cx-more-pages a")
    assert listed.all_inner_texts() == ["broken", "Chi phí <script>alert(1)</script>", "fails"]
    listed.nth(1).click()
    page.wait_for_selector(".cx-widgets select")
    assert seen.language == "en"
    page.locator("header").get_by_role("link", name="Back to the findings").click()
    page.wait_for_selector(".cx-card")
    assert seen.language == "en"


def test_the_visitor_reads_what_is_waited_for(visit, live_server):
    seen = visit(viewport=PHONE)
    seen.page.goto(live_server)
    seen.page.goto(f"{live_server.split('?')[0]}voila/render/method.ipynb", wait_until="commit")
    assert "Trang này được tính lại cho từng người xem." in seen.page.locator("#cx-loading").text_content()


@pytest.mark.parametrize("name", ["fails", "broken"])
def test_a_page_that_fails_says_so_in_the_readers_language(visit, live_server, name):
    seen = visit(viewport=PHONE)
    page = open_page(seen, live_server, name, "#english")
    assert page.locator("[role=alert]").inner_text().startswith("This page could not be prepared.")
    assert "ValueError" not in page.content()
    assert seen.fits()


@pytest.mark.parametrize("language", ["vi", "en"])
def test_no_barrier(visit, live_server, odd_name, language):
    from axe_playwright_python.sync_playwright import Axe

    anchor = {"vi": "#tieng-viet", "en": "#english"}[language]
    for name in ("method", odd_name):
        seen = visit(viewport=DESK, bypass_csp=True)
        page = open_page(seen, live_server, name, anchor)
        if name == odd_name:
            page.wait_for_selector(".cx-widgets select")
        found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
        grave = [item for item in found if item["impact"] in ("serious", "critical")]
        assert [(item["id"], [node["html"][:120] for node in item["nodes"]]) for item in grave] == []
