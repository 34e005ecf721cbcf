"""The same pages as files, in a real browser."""

from __future__ import annotations

import pytest

from cxlib.views import publish

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}
PAGES = ("index.html", "history.html", "method.html")


@pytest.fixture(scope="module")
def site(run_folder, tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    publish(run_folder, folder)
    return folder


def address(site, name: str = "index.html", anchor: str = "") -> str:
    return (site / name).as_uri() + anchor


def test_no_request_outside_and_nothing_refused(visit, site):
    for name in PAGES:
        seen = visit(viewport=DESK)
        seen.page.goto(address(site, name))
        seen.page.click("a[data-language=en]")
        assert [url for url in seen.asked if not url.startswith(("file:", "data:"))] == []
        assert seen.failures == []


def test_choices_change_what_is_shown_and_say_how_many(visit, site):
    seen = visit(viewport=DESK)
    seen.page.goto(address(site))
    count = seen.page.locator("[data-count]")
    assert count.inner_text() == "Đang hiện 6 trên 6 phát hiện"
    for name, label, left in (
        ("step", "Chọn hàng", 2),
        ("outcome", "Quay lại mua", 3),
        ("state", "Chưa có hành động", 2),
    ):
        select = seen.page.locator(f"label[lang=vi] select[data-filter={name}]")
        select.select_option(label=label)
        assert seen.page.locator(".cx-card:visible").count() == left
        assert count.inner_text() == f"Đang hiện {left} trên 6 phát hiện"
        select.select_option(label="Tất cả")
    seen.page.locator("label[lang=vi] select[data-filter=state]").select_option(label="Dự kiến")
    seen.page.click("a[data-language=en]")
    assert count.inner_text() == "1 of 6 findings shown"
    assert seen.page.locator("label[lang=en] select[data-filter=state] option:checked").inner_text() == "Planned"


def test_the_language_goes_along_from_page_to_page(visit, site):
    seen = visit(viewport=DESK)
    seen.page.goto(address(site))
    assert seen.language == "vi"
    seen.page.click("a[data-language=en]")
    for link, heading in (
        ("How we know", "How do we know?"),
        ("What we did, and when", "What did we do, and did it change?"),
        ("Back to the findings", "Which factors"),
    ):
        seen.page.locator("header").get_by_role("link", name=link).click()
        assert seen.page.locator("h1").inner_text().startswith(heading)
        assert seen.language == "en"


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("anchor", ["#tieng-viet", "#english"])
def test_readable_on_a_phone(visit, site, name, anchor):
    seen = visit(viewport=PHONE)
    seen.page.goto(address(site, name, anchor))
    assert seen.fits()
    seen.page.evaluate("document.querySelectorAll('details').forEach(part => part.open = true)")
    assert seen.fits()
    small = seen.page.evaluate(
        """() => [...document.querySelectorAll('.cx *')].filter(node => node.offsetParent
            && [...node.childNodes].some(child => child.nodeType === 3 && child.textContent.trim())
            && parseFloat(getComputedStyle(node).fontSize) < 15).map(node => node.outerHTML.slice(0, 80))"""
    )
    assert small == []


def test_letters_of_a_figure_are_large_enough_on_a_phone(visit, site):
    from cxlib.figures.paper import TEXT, WIDTH

    seen = visit(viewport=PHONE)
    seen.page.goto(address(site))
    for page in PAGES[:2]:
        seen.page.goto(address(site, page))
        for figure in seen.page.locator("figure img:visible").all():
            width = figure.evaluate("image => image.getBoundingClientRect().width")
            assert TEXT * width / (WIDTH * 72) >= 12


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize(
    ("viewport", "anchor"), [(PHONE, "#tieng-viet"), (DESK, "#english")], ids=["phone-vi", "desk-en"]
)
def test_no_barrier(visit, site, name, viewport, anchor):
    from axe_playwright_python.sync_playwright import Axe

    seen = visit(viewport=viewport, bypass_csp=True)  # the checker is a script of its own
    seen.page.goto(address(site, name, anchor))
    seen.page.evaluate("document.querySelectorAll('details').forEach(part => part.open = true)")
    found = Axe().run(seen.page).response["violations"]
    assert [(item["id"], [node["html"][:120] for node in item["nodes"]]) for item in found] == []


def test_with_scripts_off_both_languages_can_be_read(visit, site, document):
    quiet = visit(java_script_enabled=False, viewport=DESK)
    quiet.page.goto(address(site))
    assert quiet.page.locator(".cx-card:visible").count() == len(document.findings)
    assert quiet.page.locator("h1").inner_text().startswith("Những yếu tố nào")
    assert quiet.page.locator("[data-filters]").is_hidden()
    assert quiet.page.locator("button[data-print]").is_hidden()
    quiet.page.locator("figure details summary").first.click()
    assert quiet.page.locator("figure table").first.is_visible()
    quiet.page.locator(".cx-sure details summary").first.click()
    assert quiet.page.locator(".cx-sure figure img:visible").count() == 1  # the curve, in the page's language
    quiet.page.click("text=English")
    assert quiet.page.locator("h1").inner_text().startswith("Which factors")
    quiet.page.click("text=Tiếng Việt")
    assert quiet.page.locator("h1").inner_text().startswith("Những yếu tố nào")


def test_with_scripts_off_the_history_can_be_read_and_unfolded(visit, site, document):
    quiet = visit(java_script_enabled=False, viewport=PHONE)
    quiet.page.goto(address(site, "history.html"))
    assert quiet.page.locator(".cx-timeline > li:visible").count() == len(document.history)
    assert quiet.page.locator("h1").inner_text().startswith("Chúng tôi đã làm gì")
    quiet.page.locator(".cx-evidence details summary").first.click()
    assert quiet.page.locator(".cx-evidence .cx-pairs").first.is_visible()
    assert quiet.page.locator(".cx-evidence figure img:visible").first.evaluate("image => image.naturalWidth") > 0
    quiet.page.click("text=English")
    assert quiet.page.locator("h1").inner_text() == "What did we do, and did it change?"


def test_the_keyboard_alone_reaches_the_content_first(visit, site):
    seen = visit(viewport=DESK)
    seen.page.goto(address(site))
    seen.page.keyboard.press("Tab")
    assert seen.page.evaluate("document.activeElement.className") == "cx-skip"
    assert seen.page.evaluate("document.activeElement.getBoundingClientRect().left") >= 0
    seen.page.keyboard.press("Enter")
    assert seen.page.evaluate("document.activeElement.id") == "content"
    seen.page.keyboard.press("Tab")
    seen.page.keyboard.press("ArrowDown")  # the first choice
    assert seen.page.locator(".cx-card:visible").count() < 6


def test_paper_has_every_folded_part_and_no_buttons(visit, site):
    seen = visit(viewport=DESK)
    seen.page.goto(address(site))
    seen.page.emulate_media(media="print")
    assert seen.page.locator(".cx-switch").is_hidden()
    assert seen.page.locator("[data-filters]").is_hidden()
    seen.page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert seen.page.locator("details:not([open])").count() == 0
    seen.page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert seen.page.locator("details[open]").count() == 0


def test_only_one_colour_is_used_beside_ink_and_paper(visit, site):
    """The accent has one meaning: what a card is about."""
    seen = visit(viewport=DESK)
    seen.page.goto(address(site))
    coloured = seen.page.evaluate(
        """() => [...document.querySelectorAll('.cx *')].filter(node => {
            const [r, g, b] = getComputedStyle(node).color.match(/\\d+/g).map(Number);
            return Math.max(r, g, b) - Math.min(r, g, b) > 40;
        }).map(node => node.closest('.cx-step') ? 'step' : node.outerHTML.slice(0, 80))"""
    )
    assert set(coloured) == {"step"}
