"""The findings page through Voila, in a real browser."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.kernel


@pytest.fixture(scope="module")
def findings(chromium, server):
    """One visit to the findings page, its widgets ready; the tests below share it."""
    from playwright.sync_api import Error

    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    asked, failures = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: failures.append(str(error)))
    page.on("console", lambda message: failures.append(message.text) if "Security Policy" in message.text else None)
    try:
        page.goto(server, timeout=90_000)
        page.wait_for_selector(".cx-widgets .cx-choices select", timeout=60_000)
        page.wait_for_selector(".cx-widgets[role=status] span", state="attached", timeout=60_000)
        page.wait_for_selector("#cx-place[data-ready]", timeout=60_000)
    except Error as error:
        pytest.fail(f"{error}\n{failures}")
    page.asked, page.failures = asked, failures
    yield page
    context.close()


def speak(page, language: str) -> None:
    page.click(f"a[data-language={language}]")


def shown(page) -> int:
    return page.locator(".cx-card:visible").count()


def choose(page, language: str, name: str, label: str) -> None:
    """Choose in a dropdown by its visible label, as a reader does, and wait until the kernel has answered."""
    before = page.locator(".cx-widgets[role=status]").inner_text()
    select = (
        page.locator(f".cx-widgets .cx-only-{language}")
        .filter(has=page.locator("label", has_text=name))
        .locator("select")
    )
    option = select.locator("option").filter(has_text=label.replace(" ", "\u00a0"))
    now = select.evaluate("select => select.selectedIndex")
    wanted = option.evaluate("option => option.index")
    if now == wanted:
        return
    select.select_option(index=wanted)
    page.wait_for_function(
        "before => document.querySelector('.cx-widgets[role=status]').innerText !== before", arg=before, timeout=20_000
    )


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


@pytest.mark.parametrize(
    ("name", "label", "left"),
    [("Bước", "Chọn hàng", 2), ("Giới thiệu", "Quay lại mua", 3), ("Hành động", "Chưa có hành động", 2)],
)
def test_each_dropdown_changes_what_is_shown(findings, name, label, left):
    speak(findings, "vi")
    assert shown(findings) == 6
    choose(findings, "vi", name, label)
    assert shown(findings) == left
    assert findings.locator(".cx-widgets[role=status]").inner_text().strip() == f"Đang hiện {left} trên 6 phát hiện"
    choose(findings, "vi", name, "Tất cả")
    assert shown(findings) == 6


def test_a_choice_in_one_language_holds_in_the_other(findings):
    speak(findings, "en")
    choose(findings, "en", "Action", "Done")
    speak(findings, "vi")
    assert findings.locator(".cx-widgets .cx-only-vi select").nth(2).evaluate(
        "s => s.options[s.selectedIndex].text"
    ) == ("Đã\u00a0hoàn\u00a0thành")
    assert shown(findings) == 2
    choose(findings, "vi", "Hành động", "Tất cả")


def test_nothing_is_asked_of_another_server(findings, server):
    home = server.split("?")[0]
    assert len(findings.asked) > 10
    assert [url for url in findings.asked if not url.startswith((home, "data:", "blob:"))] == []
    assert findings.failures == []


def test_every_script_dropdown_and_picture_has_a_name(findings):
    from axe_playwright_python.sync_playwright import Axe

    for language in ("vi", "en"):
        speak(findings, language)
        found = Axe().run(findings, options={"resultTypes": ["violations"]}).response["violations"]
        grave = [item for item in found if item["impact"] in ("serious", "critical")]
        assert [(item["id"], [node["html"][:120] for node in item["nodes"]]) for item in grave] == []


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
    page.goto(address, timeout=90_000)
    page.wait_for_selector("footer")
    assert page.locator("h1").inner_text() == "How do we know?"
    assert page.evaluate("document.documentElement.lang") == "en"
    assert all(url.startswith((server.split("?")[0], "data:", "blob:")) for url in asked)
    page.close()
    speak(findings, "vi")


def test_with_scripts_off_everything_but_the_choices_is_there(visit, server, document):
    quiet = visit(java_script_enabled=False, viewport={"width": 1280, "height": 900})
    quiet.page.goto(server, timeout=90_000)
    assert quiet.page.locator(".cx-card:visible").count() == len(document.findings)
    assert quiet.page.locator("#cx-place").is_hidden()  # nothing is promised that cannot come
    assert quiet.page.locator("h1").inner_text().startswith("Những yếu tố nào")
    assert quiet.page.locator("footer").is_visible()
    assert quiet.page.locator("figure img[lang=vi]").first.is_visible()
    assert quiet.page.locator("figure img[lang=en]").first.is_hidden()


def test_the_text_is_there_before_the_kernel_and_does_not_move_when_it_comes(visit, server, document):
    reader = visit(viewport={"width": 1280, "height": 900})
    held = []
    reader.page.route("**/voila/choices/**", lambda route: held.append(route))
    reader.page.goto(server, timeout=90_000)
    assert reader.page.locator(".cx-card:visible").count() == len(document.findings)
    assert reader.page.locator("#cx-told").inner_text().startswith("Phần chọn sắp dùng được")
    assert reader.page.locator(".cx-coming select:visible").count() == 3
    before = [card.bounding_box()["y"] for card in reader.page.locator(".cx-card").all()]
    reader.page.wait_for_timeout(200)
    assert held, "the page has not asked for a kernel"
    held[0].continue_()
    reader.page.wait_for_selector("#cx-place[data-ready]", timeout=60_000)
    assert reader.page.locator(".cx-came select:visible").count() == 3
    assert reader.page.locator(".cx-coming select:visible").count() == 0
    after = [card.bounding_box()["y"] for card in reader.page.locator(".cx-card").all()]
    assert after == pytest.approx(before, abs=1)


@pytest.mark.parametrize("failure", ["gone", "empty"])
def test_without_a_kernel_the_page_stays_and_says_so(visit, server, document, failure):
    reader = visit(viewport={"width": 1280, "height": 900})
    if failure == "gone":
        reader.page.route("**/voila/choices/**", lambda route: route.abort())
    else:
        reader.page.route("**/voila/choices/**", lambda route: route.fulfill(body="<p class='cx-failed'>x</p>"))
    reader.page.goto(server, timeout=90_000)
    told = reader.page.locator("#cx-told")
    reader.page.wait_for_function("document.getElementById('cx-told').innerText.startsWith('Hiện chưa dùng được')")
    assert reader.page.locator(".cx-card:visible").count() == len(document.findings)
    reader.page.click("a[data-language=en]")
    assert told.inner_text().startswith("The choices cannot be used now.")
    assert reader.page.locator("#cx-place").get_attribute("data-ready") is None
    assert reader.failures == []
