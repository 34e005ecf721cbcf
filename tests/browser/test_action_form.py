"""The form of the action log in a real browser, through Voila; a long hostile text in the log, and a narrow screen."""

from __future__ import annotations

import csv
import os
import random
import re
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

pytestmark = pytest.mark.kernel

ROOT = Path(__file__).resolve().parents[2]
HOSTILE = "<script>document.title='run'</script><img src=x onerror=\"document.title='run'\">"
LONG = "khôngcódấucách" * 12
# Voila's own page draws a widget before it has heard of it, where the machine is busy: a reader loads the page again.
MISSED = "Error displaying widget"


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """The demo client without its survey, one action of it hostile."""
    home = tmp_path_factory.mktemp("form")
    target = home / "params" / "demo"
    shutil.copytree(ROOT / "params" / "demo", target, ignore=shutil.ignore_patterns("responses.csv", "*.jsonl"))
    log = target / "actions.csv"
    quoted = HOSTILE.replace('"', '""')
    text = log.read_text(encoding="utf-8").replace("Nhãn mất kết nối nhiều lần trong ngày", f"{quoted} {LONG}")
    assert quoted in text
    log.write_text(text.replace("Chưa thay đổi quy trình bảo hành", f'"{quoted}"'), encoding="utf-8")
    return target


@pytest.fixture(scope="module")
def served(folder):
    """The notebook as Voila serves it: its address, and the file of what Voila says meanwhile.

    Voila names the address itself: a port that was free when it was looked for may be somebody else's by the time that
    Voila comes to it, which then takes the next one.
    """
    notebooks = folder.parents[1] / "notebooks"
    notebooks.mkdir()
    shutil.copy(ROOT / "notebooks" / "actions.ipynb", notebooks)
    told = folder.parents[1] / "voila.txt"
    port = random.SystemRandom().randrange(20_000, 32_000)  # below those that systems give to whoever asks for any
    command = [sys.executable, "-m", "voila", str(notebooks / "actions.ipynb"), "--no-browser", f"--port={port}"]
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    with told.open("wb") as log:
        voila = subprocess.Popen(
            [*command, "--Voila.ip=127.0.0.1"], cwd=notebooks, env=environment, stdout=log, stderr=subprocess.STDOUT
        )
    try:
        end = time.monotonic() + 300
        while (at := re.search(r"http://127\.0\.0\.1:\d+/", told.read_text())) is None:
            assert voila.poll() is None, f"voila has ended:\n{told.read_text()}"
            assert time.monotonic() < end, f"voila does not answer:\n{told.read_text()}"
            time.sleep(0.2)
        yield at.group(), told
    finally:
        voila.terminate()
        try:
            voila.wait(120)
        finally:
            voila.kill()


@pytest.fixture(scope="module")
def form(chromium, served):
    """One visit; the tests below go on where the one before ended."""
    address, told = served
    context = chromium.new_context(viewport={"width": 390, "height": 844})
    context.set_default_timeout(120_000)
    page = context.new_page()
    page.failures, page.heard, page.told = [], [], told
    page.on("pageerror", lambda error: page.failures.append(str(error)))
    page.on("console", lambda message: page.heard.append(message.text))
    shown = "document.querySelector('.cx-form .cx-history')"
    with telling(page):
        for _ in range(5):
            page.goto(address)
            page.wait_for_function(f"{shown} || document.body.innerText.includes('{MISSED}')")
            if page.evaluate(f"Boolean({shown})"):
                break
            page.failures.clear()
        page.wait_for_selector(".cx-form .cx-history", state="attached")
    yield page
    context.close()


@contextmanager
def telling(page):
    """Whatever does not come, Voila and the page say more of it."""
    try:
        yield
    except Exception as error:
        seen = page.locator("body").inner_text()
        pytest.fail("\n".join([str(error), seen, *page.failures, *page.heard[-40:], page.told.read_text()[-9000:]]))


def until(page, condition: str) -> None:
    """Wait until something is so in the page."""
    with telling(page):
        page.wait_for_function(condition)


def choose(page, label: str, text: str) -> None:
    """Choose in a list by a part of what is read there."""
    select = page.get_by_label(label, exact=True)
    option = select.locator("option").filter(has_text=text.replace(" ", "\u00a0"))
    select.select_option(index=option.first.evaluate("option => option.index"))


def test_every_field_has_a_label_that_is_read_aloud(form):
    for label in ("Hành động", "Mã (bắt buộc)", "Làm gì, trong một câu (bắt buộc)", "Ngày bắt đầu (bắt buộc)"):
        assert form.get_by_label(label, exact=True).count() == 1, label
    assert form.get_by_label("được báo trước thời gian chờ").count() == 1
    unnamed = form.evaluate(
        """() => [...document.querySelectorAll('.cx-form :is(input, select, textarea)')]
                 .filter(item => item.offsetParent && !item.labels.length && !item.closest('label')).length"""
    )
    assert unnamed == 0


def test_hostile_text_of_the_log_is_shown_as_text(form):
    choose(form, "Hành động", "A4")
    until(form, "document.querySelector('.cx-history')?.innerText.includes('onerror')")
    assert form.locator(".cx-form script, .cx-form img").count() == 0
    assert form.locator("option").filter(has_text="onerror").count() == 1
    assert form.title() != "run"


def test_nothing_is_wider_than_a_phone(form):
    assert form.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    wide = form.evaluate(
        """() => [...document.querySelectorAll('.cx-form *')].filter(item => item.offsetParent)
                 .filter(item => item.getBoundingClientRect().right > window.innerWidth + 1).length"""
    )
    assert wide == 0


def test_what_is_wrong_is_said_below_the_field_while_typing(form):
    form.get_by_label("Vai trò phụ trách (bắt buộc)", exact=True).fill("Nguyễn Văn An")
    until(form, "document.querySelector('.cx-wrong')")
    until(form, "document.querySelector('[role=status]')?.innerText.includes('Còn 1 chỗ cần sửa')")
    field = form.locator(".cx-field").filter(has=form.get_by_label("Vai trò phụ trách (bắt buộc)", exact=True))
    assert "không ghi tên" in field.locator(".cx-wrong").inner_text()
    form.get_by_role("button", name="English").click()
    until(form, "document.querySelector('.cx-wrong').innerText.includes('role')")
    form.get_by_label("Role that answers for it (required)", exact=True).wait_for()
    form.get_by_role("button", name="Discard").click()
    until(form, "!document.querySelector('.cx-wrong')")


def test_a_line_is_written_by_hand_and_mouse(form, folder):
    choose(form, "Action", "A7")
    until(form, "document.querySelector('.cx-history').innerText.includes('6 July 2026')")
    choose(form, "How it stands (required)", "Under way")
    day = form.get_by_label("First day (required)", exact=True)
    day.fill("2026-08-10")
    day.blur()
    form.get_by_label("When to look at the result").fill("2027-01-11; 2027-04-05")
    until(form, "document.querySelector('[role=status]')?.innerText.includes('Ready')")
    form.get_by_role("button", name="Write into the log").click()
    until(form, "document.querySelector('[role=status]').innerText.includes('is recorded')")
    until(form, "document.querySelector('.cx-history').innerText.includes('How it stands: Planned → Under way')")
    with (folder / "actions.csv").open(encoding="utf-8-sig", newline="") as file:
        written = list(csv.DictReader(file))[-1]
    assert (written["id"], written["status"], written["start"]) == ("A7", "doing", "2026-08-10")
    assert written["look_on"] == "2027-01-11;2027-04-05"
    assert not form.failures


def test_the_form_can_be_used_by_everyone(form):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")
    found = axe.Axe().run(form, context=".cx-form")
    assert found.violations_count == 0, found.generate_report()
