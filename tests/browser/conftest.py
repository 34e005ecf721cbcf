"""A real browser; skipped with a reason where there is none."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
from pathlib import Path

import pytest

VIEWS = Path(__file__).resolve().parents[1] / "views" / "conftest.py"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def _views():
    name = "cx_tests_views_conftest"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, VIEWS)
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]


# The sample run and its server, and those to which somebody has added, as the tests of the views make them.
document, run_folder, server, make_run = _views().document, _views().run_folder, _views().server, _views().make_run
live_run, live_server, odd_name = _views().live_run, _views().live_server, _views().odd_name


@pytest.fixture
def started():
    """What the server at an address has started by now: numbers of processes."""

    def below(address: str) -> list[int]:
        psutil = pytest.importorskip("psutil", reason="psutil is not installed")
        return [child.pid for child in psutil.Process(_views().server_process[address]).children(recursive=True)]

    return below


def pytest_collection_modifyitems(items):
    for item in items:
        if Path(item.path).parent == Path(__file__).parent:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium():
    """Chromium, driven by playwright."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    names = ("chromium", "chromium-browser", "google-chrome")
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    if path is None:
        pytest.skip("no Chromium on this machine; name one in the environment variable CHROMIUM")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


PATIENCE = 120_000  # milliseconds for whatever a page does; a loaded machine needs more than playwright's 30 seconds


class Visit:
    """A page in the browser, and everything it asked for."""

    def __init__(self, browser, **options):
        self.context = browser.new_context(**options)
        self.context.set_default_timeout(PATIENCE)
        self.page = self.context.new_page()
        self.asked: list[str] = []
        self.failures: list[str] = []
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("pageerror", lambda error: self.failures.append(str(error)))
        self.page.on("console", self._heard)

    def _heard(self, message) -> None:
        if "Content Security Policy" in message.text or "Refused to" in message.text:
            self.failures.append(message.text)

    @property
    def language(self) -> str:
        return self.page.evaluate("document.documentElement.lang")

    def fits(self) -> bool:
        """Whether nothing has to be scrolled sideways."""
        return self.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@pytest.fixture
def visit(chromium):
    """Make visits; each in a browser that knows nothing of the others."""
    made = []

    def new(**options) -> Visit:
        made.append(Visit(chromium, **options))
        return made[-1]

    yield new
    for item in made:
        item.context.close()
