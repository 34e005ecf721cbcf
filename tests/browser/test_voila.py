"""The findings page through Voila, in a real browser."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.kernel


@pytest.fixture(scope="module")
def findings(chromium, server):
    """One visit to the findings page; the tests below share it."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, bypass_csp=False)
    context.set_default_timeout(120_000)
    page = context.new_page()
    asked, failures = [], []
    page.on("request", lambda request: asked.append(request))
    page.on("pageerror", lambda error: failures.append(str(error)))
    page.on("console", lambda message: failures.append(message.text) if "Security Policy" in message.text else None)
    page.goto(server)
    page.asked, page.failures = asked, failures
    yield page
    context.close()


def speak(page, language: str) -> None:
    page.click(f"a[data-language={language}]")


def shown(page) -> int:
    return page.locator(".cx-card:visible").count()


def choose(page, language: str, name: str, label: str) -> None:
    """Choose by what is read there."""
    page.locator(f"label[lang={language}]").filter(has_text=name).locator("select").select_option(label=label)


def test_the_page_is_about_the_client_in_its_language(findings, document):
    assert findings.title().startswith(document.title.vi)
    assert findings.evaluate("document.documentElement.lang") == "vi"
    assert findings.locator("h1").inner_text().startswith("Những yếu tố nào")
    assert "token" not in findings.url


def test_every_finding_is_paired_or_marked(findings, document):
    speak(findings, "vi")
    for finding in document.findings:
        card = findings.locator(f'[data-finding="{finding.id}"]')
        assert card.count() == 1
        assert card.locator("h3").inner_text().startswith(finding.sentence.vi.split(" (")[0])
        did = card.locator(".cx-did").inner_text()
        if finding.actions:
            what = {action.id: action.what.vi for action in document.actions}
            assert all(what[name] in did for name in finding.actions)
        else:
            assert "Chưa có hành động." in did


def test_the_switch_changes_language_title_and_numbers(findings, document):
    speak(findings, "vi")
    card = findings.locator('[data-finding="wait_told.referral"]')
    assert "0,37–0,45" in card.inner_text()
    speak(findings, "en")
    assert findings.evaluate("document.documentElement.lang") == "en"
    assert findings.title().startswith(document.title.en)
    assert "0.37–0.45" in card.inner_text()
    assert "0,37" not in card.inner_text()
    assert findings.locator("h1").inner_text().startswith("Which factors go with")
    assert findings.locator("a[data-language=en]").get_attribute("aria-current") == "true"
    speak(findings, "vi")
    assert "0,37–0,45" in card.inner_text()


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize(
    ("language", "name", "label", "left", "told"),
    [
        ("vi", "Bước", "Chọn hàng", 2, "Đang hiện 2 trên 6 phát hiện"),
        ("vi", "Giới thiệu", "Quay lại mua", 3, "Đang hiện 3 trên 6 phát hiện"),
        ("vi", "Hành động", "Chưa có hành động", 2, "Đang hiện 2 trên 6 phát hiện"),
        ("en", "Step", "Choosing", 2, "2 of 6 findings shown"),
        ("en", "Referral", "Would come back", 3, "3 of 6 findings shown"),
        ("en", "Action", "No action yet", 2, "2 of 6 findings shown"),
    ],
)
def test_each_choice_works_at_once(findings, width, language, name, label, left, told):
    findings.set_viewport_size({"width": width, "height": 900})
    speak(findings, language)
    assert shown(findings) == 6
    choose(findings, language, name, label)
    assert shown(findings) == left
    assert findings.locator("[data-count]").inner_text() == told
    assert findings.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    choose(findings, language, name, "Tất cả" if language == "vi" else "All")
    assert shown(findings) == 6


def test_a_choice_in_one_language_holds_in_the_other(findings):
    speak(findings, "en")
    choose(findings, "en", "Action", "Done")
    speak(findings, "vi")
    assert findings.locator("label[lang=vi] select[data-filter=state] option:checked").inner_text() == "Đã hoàn thành"
    assert shown(findings) == 2
    choose(findings, "vi", "Hành động", "Tất cả")


def test_reading_and_choosing_asks_for_no_script_and_starts_nothing(findings, server, started):
    home = server.split("?")[0]
    choose(findings, "vi", "Bước", "Chọn hàng")
    choose(findings, "vi", "Bước", "Tất cả")
    findings.wait_for_timeout(500)
    outside = [asked.url for asked in findings.asked if not asked.url.startswith("data:")]
    assert outside
    assert all(url.startswith(home) for url in outside)
    assert {asked.resource_type for asked in findings.asked if not asked.url.startswith("data:")} == {"document"}
    assert started(server) == []
    assert findings.failures == []


def test_every_choice_and_picture_has_a_name(chromium, server):
    from axe_playwright_python.sync_playwright import Axe

    context = chromium.new_context(viewport={"width": 1280, "height": 900}, bypass_csp=True)  # the checker is a script
    context.set_default_timeout(120_000)
    page = context.new_page()
    page.goto(server)
    for language in ("vi", "en"):
        speak(page, language)
        found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
        grave = [item for item in found if item["impact"] in ("serious", "critical")]
        assert [(item["id"], [node["html"][:120] for node in item["nodes"]]) for item in grave] == []
    context.close()


def test_a_phone_scrolls_nothing_sideways(findings):
    findings.set_viewport_size({"width": 390, "height": 844})
    try:
        for language in ("vi", "en"):
            speak(findings, language)
            assert findings.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        findings.evaluate("document.querySelectorAll('details').forEach(part => part.open = true)")
        assert findings.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    finally:
        findings.set_viewport_size({"width": 1280, "height": 900})


def test_the_link_leads_to_how_we_know_in_the_same_language(findings, server):
    speak(findings, "en")
    page = findings.context.new_page()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    address = findings.locator("a[data-keeps-language][href*=method]").first.evaluate("link => link.href")
    page.goto(address)
    page.wait_for_selector("footer")
    assert page.locator("h1").inner_text() == "How do we know?"
    assert page.evaluate("document.documentElement.lang") == "en"
    assert all(url.startswith((server.split("?")[0], "data:", "blob:")) for url in asked)
    page.close()
    speak(findings, "vi")


def test_with_scripts_off_everything_but_the_choices_is_there(visit, server, document):
    quiet = visit(java_script_enabled=False, viewport={"width": 1280, "height": 900})
    quiet.page.goto(server)
    assert quiet.page.locator(".cx-card:visible").count() == len(document.findings)
    assert quiet.page.locator("[data-filters]").is_hidden()  # nothing is promised that cannot come
    assert quiet.page.locator("h1").inner_text().startswith("Những yếu tố nào")
    assert quiet.page.locator("footer").is_visible()
    assert quiet.page.locator("figure img[lang=vi]").first.is_visible()
    assert quiet.page.locator("figure img[lang=en]").first.is_hidden()
