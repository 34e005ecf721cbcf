"""Every benchmark runs, with a tiny setting, and prints what it promises."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"


def run(script, *arguments):
    done = subprocess.run(
        [sys.executable, str(ROOT / "benchmarks" / script), *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        timeout=1800,  # against hanging
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def test_calibration_writes_its_tables_into_the_document(tmp_path):
    document = tmp_path / "calibration.md"
    document.write_text((DOCS / "calibration.md").read_text(encoding="utf-8"), encoding="utf-8")
    before = (DOCS / "calibration.md").read_bytes()
    printed = run("calibration.py", "--surveys", "8", "--document", str(document))
    text = document.read_text(encoding="utf-8")
    assert text.count("8 surveys, seed") == 4
    for line in printed.splitlines():
        assert line in text
    assert (DOCS / "calibration.md").read_bytes() == before


def test_calibration_is_the_same_again_with_other_processes(tmp_path):
    texts = []
    for processes in ("1", "2"):
        document = tmp_path / f"{processes}.md"
        document.write_text("<!-- leaders: begin -->\n<!-- leaders: end -->\n", encoding="utf-8")
        run("calibration.py", "--surveys", "8", "--only", "leaders", "--processes", processes, "--document", document)
        texts.append(document.read_text(encoding="utf-8"))
    assert texts[0] == texts[1]


def test_speed_prints_ratios_and_agrees_with_pingouin():
    printed = run("speed.py", "--largest", "1000", "--quick")
    rows = [line for line in printed.splitlines() if line.startswith("| 8 |")]
    assert len(rows) == 1
    assert float(rows[0].split("|")[-2]) < 1e-12
    assert "here / pingouin" in printed


def test_the_roles_of_the_made_up_client_are_counted():
    printed = run("demo_roles.py", "--seeds", "1", "--first", "20260101", "--processes", "1")
    assert "| matters for both | 3 of 3 |" in printed
    assert "| halo only | 5 of 5 |" in printed


@pytest.mark.parametrize("document", ["calibration.md", "speed.md"])
def test_the_documents_hold_results(document):
    text = (DOCS / document).read_text(encoding="utf-8")
    marks = [line for line in text.splitlines() if line.startswith("<!--")]
    assert marks
    for begin, end in zip(marks[::2], marks[1::2], strict=True):
        inside = text.split(begin)[1].split(end)[0]
        assert len(inside.strip()) > 50, begin


def test_calibration_of_change_goes_on_where_it_was(tmp_path):
    arguments = ("calibration.py", "change", "--surveys", "2", "--only", "worst", "wrong", "--kept", tmp_path)
    first = run(*arguments, "--processes", "1")
    cells = next(line for line in first.splitlines() if line.startswith("| the wave is the baseline |")).split(" | ")
    assert cells[2] == "0.0 %"  # E3 or E4: never with the wave they were chosen by
    kept = next(tmp_path.glob(".calibration-change-*.jsonl"))
    lines = kept.read_text(encoding="utf-8").splitlines()
    kept.write_text("\n".join(lines[:2]) + "\n" + lines[2][:40] + "\n", encoding="utf-8")
    assert run(*arguments, "--processes", "2") == first
    again = kept.read_text(encoding="utf-8").splitlines()
    assert again[:2] == lines[:2]
    assert lines[2] in again[3:]


def test_libraries_that_are_not_installed_are_left_out_politely():
    printed = run("change_libraries.py", "--surveys", "2", "--quick")
    assert "| statsmodels |" in printed
    assert "| own, clustered | -0.0398 |" in printed
