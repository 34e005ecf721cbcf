"""`cx lab` in a real browser: the launcher lists and opens, a stage notebook runs on a scratch copy of a run."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path

import pytest

pytestmark = [
    pytest.mark.kernel,
    pytest.mark.skipif(find_spec("jupyterlab") is None, reason="JupyterLab is not installed"),
]

ROOT = Path(__file__).resolve().parents[2]
SHOWN = ".jp-NotebookPanel:not(.lm-mod-hidden)"  # the notebook in front
START = """
import os, subprocess, sys
from pathlib import Path
from cxlib.runs.lab import lab_command, lab_environment

more = ["--no-browser", "--ServerApp.port=0", "--IdentityProvider.token=t", *sys.argv[1:]]
command = [*lab_command(Path.cwd()), *more]
os.execve(command[0], command, os.environ | lab_environment(Path("outputs")))
"""


def digests(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="module")
def project(demo_run, tmp_path_factory) -> Path:
    """A project of its own with a run of the made-up client."""
    home = tmp_path_factory.mktemp("lab") / "project"
    shutil.copytree(ROOT / "notebooks", home / "notebooks")
    shutil.copytree(ROOT / "params" / "demo", home / "params" / "demo")
    run = demo_run.latest.resolve()
    shutil.copytree(run, home / "outputs" / "demo" / run.name)
    (home / "outputs" / "demo" / "latest").symlink_to(run.name)
    manifest = home / "outputs" / "demo" / run.name / "manifest.json"
    told = manifest.read_text(encoding="utf-8")
    there = '"client_folder": "../../../params/demo"'
    manifest.write_text(re.sub(r'"client_folder": "[^"]*"', there, told), encoding="utf-8")
    return home


@pytest.fixture(scope="module")
def address(project, tmp_path_factory):
    """JupyterLab as `cx lab` starts it, but for the browser that it would open; answers its address."""
    own = tmp_path_factory.mktemp("jupyter")
    places = {
        "JUPYTER_CONFIG_DIR": own / "config",
        "JUPYTERLAB_SETTINGS_DIR": own / "settings",
        "JUPYTERLAB_WORKSPACES_DIR": own / "workspaces",
        "IPYTHONDIR": own / "ipython",
    }
    words = ["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    told = own / "told.txt"
    with told.open("wb") as log:  # a pipe that nobody reads on would fill up, and JupyterLab wait for ever
        served = subprocess.Popen(
            [sys.executable, "-c", START, *words],
            cwd=project,
            env=os.environ | {"OMP_NUM_THREADS": "1"} | {name: str(place) for name, place in places.items()},
            stdout=subprocess.DEVNULL,
            stderr=log,
        )
    try:
        end = time.monotonic() + 300
        while (found := re.search(r"(http://127\.0\.0\.1:\d+/)\S*token=", told.read_text())) is None:
            assert served.poll() is None, f"JupyterLab has ended:\n{told.read_text()}"
            assert time.monotonic() < end, f"JupyterLab does not answer:\n{told.read_text()}"
            time.sleep(0.2)
        yield found[1]
    finally:
        served.terminate()
        try:
            served.wait(120)
        finally:
            served.kill()


def until_idle(page, address: str, kernels: int) -> None:
    """Wait until so many kernels are there, connected, and have nothing to do."""
    end = time.monotonic() + 300
    while time.monotonic() < end:
        known = page.request.get(f"{address}api/kernels?token=t").json()
        if len(known) == kernels and all(one["execution_state"] == "idle" and one["connections"] for one in known):
            return
        page.wait_for_timeout(500)
    pytest.fail(f"{kernels} idle kernels were waited for: {known}\n{page.locator('body').inner_text()[-4000:]}")


def run_all(page, address: str, kernels: int) -> None:
    """Run all cells by the menu, and wait until each has ended."""
    until_idle(page, address, kernels)
    for _ in range(20):  # JupyterLab forgets what is run before it knows its kernel
        page.get_by_role("menubar").get_by_text("Run", exact=True).click()
        page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        page.wait_for_timeout(1500)
        if page.locator(f"{SHOWN} .jp-InputPrompt", has_text=re.compile(r"\[[*\d]+\]")).count():
            break
    until_idle(page, address, kernels)
    last = page.locator(f"{SHOWN} .jp-CodeCell").last
    last.scroll_into_view_if_needed()
    last.locator(".jp-InputPrompt", has_text=re.compile(r"\[\d+\]")).wait_for()


@pytest.fixture(scope="module")
def launcher(chromium, address):
    """The launcher, executed; the tests below share it."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(120_000)
    page = context.new_page()
    page.goto(f"{address}lab/tree/notebooks/lab.ipynb?token=t")
    page.wait_for_selector(".jp-NotebookPanel .jp-CodeCell")
    run_all(page, address, 1)
    page.wait_for_selector(f"{SHOWN} .jp-OutputArea a:has-text('4_findings.ipynb')")
    yield page
    context.close()


def test_it_lists_clients_and_runs(launcher, project):
    run = (project / "outputs" / "demo" / "latest").resolve().name
    clients, runs, stages = launcher.locator(".jp-OutputArea-executeResult .jp-RenderedHTMLCommon").all_inner_texts()
    assert "demo" in clients
    assert run in clients
    assert f"*{run}" in runs
    assert "done" in runs
    for notebook in ("1_clean.ipynb", "2_drivers.ipynb", "3_change.ipynb", "4_findings.ipynb"):
        assert notebook in stages
    assert launcher.locator(".jp-OutputArea [data-mime-type='application/vnd.jupyter.stderr']").count() == 0


def test_jupyterlab_asks_nobody_for_news_or_versions(launcher, address):
    told = launcher.evaluate("JSON.parse(document.getElementById('jupyter-config-data').textContent).news")
    assert told == {"disabled": True}
    assert launcher.request.get(f"{address}lab/api/update?token=t").json() == {"notification": None}


def test_a_stage_notebook_opens_on_a_scratch_copy_and_changes_nothing_in_the_run(launcher, address, project):
    run = (project / "outputs" / "demo" / "latest").resolve()
    before = digests(run)
    link = launcher.locator(f"{SHOWN} .jp-OutputArea a", has_text="1_clean.ipynb")
    assert f"outputs/demo/scratch/{run.name}/notebooks/1_clean.ipynb" in link.get_attribute("href")
    link.click()
    launcher.get_by_role("heading", name="Which answers can be used").wait_for()
    run_all(launcher, address, 2)
    assert launcher.locator(f"{SHOWN} [data-mime-type='application/vnd.jupyter.error']").count() == 0
    launcher.locator(f"{SHOWN} .jp-RenderedHTMLCommon table").first.wait_for()
    assert digests(run) == before
    scratch = project / "outputs" / "demo" / "scratch" / run.name
    for name in ("responses.parquet", "set_aside.parquet", "ledger.csv"):
        assert (scratch / name).read_bytes() == (run / name).read_bytes()


def test_a_view_notebook_shows_the_page_in_its_language_and_its_choices_work(launcher, address, project):
    page = launcher.context.new_page()
    page.goto(f"{address}lab/tree/notebooks/views/findings.ipynb")
    page.wait_for_selector(f"{SHOWN} .jp-CodeCell")
    run_all(page, address, 3)
    cards = page.locator(f"{SHOWN} .cx-card")
    page.wait_for_selector(f"{SHOWN} .cx-choices select")
    everything = cards.count()
    assert everything > 4
    assert cards.first.locator("h3").inner_text().startswith("Những khách")  # JupyterLab itself speaks English
    page.locator(f"{SHOWN} .cx-choices select").nth(1).select_option(index=1)
    page.wait_for_function(
        """([cards, all]) => {
            const seen = [...document.querySelectorAll(cards)].filter(card => card.getClientRects().length);
            return seen.length && seen.length < all;
        }""",
        arg=[f"{SHOWN} .cx-card", everything],
    )
    page.close()
