"""What the view notebooks show, and how little they load."""

from __future__ import annotations

import subprocess
import sys

import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

from cxlib.errors import ParamsError
from cxlib.views import show_findings, show_history, show_method
from cxlib.views.material import find_run

HEAVY = ("pandas", "numpy", "scipy", "matplotlib", "seaborn", "pingouin", "papermill", "voila", "jsonschema")


def shown(show, *args) -> list[dict]:
    InteractiveShell.instance()  # what a cell is shown to
    with capture_output() as captured:
        show(*args)
    return [output.data for output in captured.outputs]


def test_cards_are_plain_html_and_the_choices_are_widgets(run_folder, document):
    outputs = shown(show_findings, run_folder, "vi")
    html = "".join(output.get("text/html", "") for output in outputs)
    assert html.count('<article class="cx-card') == len(document.findings)
    assert sum("application/vnd.jupyter.widget-view+json" in output for output in outputs) == 2
    assert "<select data-filter" not in html


def test_the_method_page_is_shown(run_folder):
    html = "".join(output.get("text/html", "") for output in shown(show_method, run_folder, "en"))
    assert "All tests made" in html


def test_the_history_is_shown(run_folder):
    html = "".join(output.get("text/html", "") for output in shown(show_history, run_folder, "en"))
    assert "The log, entry by entry" in html


def test_a_live_page_brings_the_choices_of_the_published_file(run_folder, document, monkeypatch):
    monkeypatch.setenv("SERVER_SOFTWARE", "voila/0")
    (output,) = shown(show_findings, run_folder, "vi")
    assert output["text/html"].count('<article class="cx-card') == len(document.findings)
    assert output["text/html"].count("<select data-filter") == 6
    assert "<style" not in output["text/html"]  # the page has it


def test_a_dropdown_hides_the_other_cards(run_folder, monkeypatch):
    import ipywidgets

    made = {ipywidgets.Dropdown: [], ipywidgets.HTML: []}
    for kind, all_made in made.items():

        def remember(self, *args, original=kind.__init__, all_made=all_made, **kwargs):
            original(self, *args, **kwargs)
            all_made.append(self)

        monkeypatch.setattr(kind, "__init__", remember)
    shown(show_findings, run_folder, "en")
    style, told = made[ipywidgets.HTML]
    steps, outcomes, states = made[ipywidgets.Dropdown]
    assert (steps.description, outcomes.description) == ("Step", "Referral or loyalty")
    states.value = 4
    assert style.value == "<style>.cx-card:not(.state-4) { display: none; }</style>"
    assert told.value == "2 of 6 findings shown"
    states.value = -1
    assert style.value == "<style></style>"
    assert told.value == "6 of 6 findings shown"


def test_a_view_kernel_loads_no_table_and_no_drawing_library(run_folder):
    code = (
        "import sys, cxlib as cx\n"
        f"cx.show_findings({str(run_folder)!r}, 'vi')\n"
        f"print('LOADED', [name for name in {HEAVY!r} if name in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "LOADED []" in done.stdout


def test_a_missing_run_is_told_to_people(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CX_HOME", raising=False)
    (output,) = shown(show_findings, "outputs/<b>none", "vi")
    assert "There is no run with findings here." in output["text/html"]
    assert "<b>" not in output["text/html"]
    assert "Traceback" not in output["text/html"]


def test_the_run_is_found_below_home_upwards_or_around(run_folder, tmp_path, monkeypatch):
    home = run_folder.parents[2]
    monkeypatch.delenv("CX_HOME", raising=False)
    monkeypatch.chdir(run_folder / "views")
    assert find_run("outputs/sample/run") == run_folder.resolve()  # upwards
    assert find_run("outputs/moved/away") == run_folder.resolve()  # the run it lies in
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ParamsError):
        find_run("outputs/sample/run")
    monkeypatch.setenv("CX_HOME", str(home))
    assert find_run("outputs/sample/run") == run_folder.resolve()
    assert find_run(run_folder) == run_folder.resolve()
